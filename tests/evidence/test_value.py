"""What contesting is worth, in whole minor units and one currency at a time."""

from __future__ import annotations

from disputes.money import Money
from evidence.value import Effort, ExpectedValue, expected_value
from tests.evidence.builders import claim, eur, usd


def value(
    contested: Money, effort: Effort | None = None, *, fraud: bool = False, tied: bool = False, ready: bool = True
) -> ExpectedValue:
    return expected_value(claim(), contested, effort or Effort(country="US"), fraud=fraud, tied=tied, ready=ready)


def test_the_prior_follows_the_country() -> None:
    assert value(usd(10000)).win_permille == 540
    assert value(usd(10000), Effort()).win_permille == 300


def test_fraud_with_nothing_tied_is_nearly_lost() -> None:
    assert value(usd(10000), fraud=True).win_permille == 93
    assert value(usd(10000), fraud=True, tied=True).win_permille == 438


def test_the_counter_fee_is_lost_only_when_the_case_is() -> None:
    found = value(usd(10000))
    assert (found.gain, found.net) == (usd(5400), usd(5400 - 690))


def test_small_amounts_are_not_worth_it() -> None:
    assert value(usd(1000), Effort(labour=usd(2000))).worth_it is False


def test_fees_in_another_currency_are_not_deducted() -> None:
    found = value(eur(10000))
    assert found.net is None
    assert "another currency" in found.words


def test_own_outcomes_beat_the_prior() -> None:
    found = value(usd(10000), Effort(win_permille=700))
    assert (found.win_permille, found.basis) == (700, "your own outcomes of this kind")


def test_a_case_with_gaps_counts_half() -> None:
    assert value(usd(10000), ready=False).win_permille == 270


def test_a_gateway_without_fees_costs_only_the_work() -> None:
    found = expected_value(
        claim(gateway="manual"), eur(10000), Effort(labour=eur(500)), fraud=False, tied=False, ready=True
    )
    assert found.net == eur(3000 - 500)
