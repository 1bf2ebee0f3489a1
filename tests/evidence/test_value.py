"""What contesting is worth, in whole minor units and one currency at a time."""

from __future__ import annotations

from typing import Any

import pytest

from disputes.lifecycle import Kind
from disputes.money import Money
from evidence.assessment import AssessmentSettings
from evidence.calibration import Tally
from evidence.value import Effort, ExpectedValue, expected_value
from tests.evidence.builders import case, claim, eur, judged, order, payment, shipment, usd


def value(
    contested: Money,
    effort: Effort | None = None,
    *,
    fraud: bool = False,
    tied: bool = False,
    ready: bool = True,
    compelling: bool = False,
    **changes: Any,
) -> ExpectedValue:
    return expected_value(
        claim(**changes),
        contested,
        effort or Effort(country="US"),
        fraud=fraud,
        tied=tied,
        ready=ready,
        compelling=compelling,
    )


class TestChance:
    def test_the_prior_follows_the_country(self) -> None:
        assert value(usd(10000)).win_permille == 540
        assert value(usd(10000), Effort()).win_permille == 300

    def test_fraud_with_nothing_tied_is_nearly_lost(self) -> None:
        assert value(usd(10000), fraud=True).win_permille == 93
        assert value(usd(10000), fraud=True, tied=True).win_permille == 438

    def test_a_case_with_gaps_counts_half(self) -> None:
        assert value(usd(10000), ready=False).win_permille == 270

    def test_it_is_an_interval(self) -> None:
        found = value(usd(10000))
        assert found.low_permille < found.win_permille < found.high_permille
        assert (found.gain_low, found.gain_high) == (usd(found.low_permille * 10), usd(found.high_permille * 10))
        assert found.net_low
        assert found.net
        assert found.net_high
        assert found.net_low < found.net < found.net_high
        assert "between" in found.words

    def test_compelling_evidence_doubles_it_and_is_never_certain(self) -> None:
        assert value(usd(10000), fraud=True, tied=True, compelling=True).win_permille == 876
        assert value(usd(10000), Effort(win_permille=900), compelling=True).win_permille == 950

    def test_own_outcomes_beat_the_prior(self) -> None:
        found = value(usd(10000), Effort(win_permille=700))
        assert (found.win_permille, found.basis) == (700, "your own outcomes of this kind")

    def test_own_closed_cases_are_learnt_from_when_there_are_ten(self) -> None:
        few = Tally(category="not_received", gateway="stripe", won=9, lost=0)
        enough = Tally(category="not_received", gateway="stripe", won=9, lost=3)
        assert "published" in value(usd(10000), Effort(tallies=(few,))).basis
        assert "9 won of 12" in value(usd(10000), Effort(tallies=(enough,))).basis


class TestMoney:
    def test_the_counter_fee_is_lost_only_when_the_case_is(self) -> None:
        found = value(usd(10000))
        assert (found.gain, found.net) == (usd(5400), usd(5400 - 690))

    def test_small_amounts_are_not_worth_it(self) -> None:
        assert value(usd(1000), Effort(labour=usd(2000))).worth_it is False

    def test_what_costs_more_than_it_can_bring_says_the_sum(self) -> None:
        found = value(usd(1000), Effort(country="US", labour=usd(2000)))
        assert found.hopeless
        assert found.words.startswith("Contesting costs more than it can bring: 24.50 USD")
        assert "of fees and work against 7.00 USD won back at best" in found.words

    def test_what_only_may_cost_more_says_so_too(self) -> None:
        found = value(usd(2000), Effort(country="US", labour=usd(500)))
        assert (found.worth_it, found.hopeless) == (False, False)
        assert "likely to cost more" in found.words

    def test_fees_in_another_currency_are_not_deducted(self) -> None:
        found = value(eur(10000))
        assert found.net is None
        assert "another currency" in found.words

    def test_work_in_another_currency_is_not_deducted(self) -> None:
        assert value(usd(10000), Effort(labour=eur(500))).net is None

    def test_an_account_in_the_economic_area_pays_in_euros(self) -> None:
        found = value(eur(10000), Effort(country="IE"))
        assert (found.counter_fee, found.net is not None) == (eur(2000), True)

    def test_a_gateway_without_fees_costs_only_the_work(self) -> None:
        assert value(eur(10000), Effort(labour=eur(500)), gateway="manual").net == eur(3000 - 500)

    def test_yen_have_no_decimals(self) -> None:
        found = value(Money(12800, "JPY"), Effort(country="JP", labour=Money(500, "JPY")), gateway="manual")
        assert (str(found.gain), str(found.net)) == ("3840 JPY", "3340 JPY")

    @pytest.mark.parametrize(("gateway", "fee"), [("stripe", usd(1500)), ("paypal", usd(0)), ("square", usd(0))])
    def test_each_gateway_takes_its_own_fee_for_answering(self, gateway: str, fee: Money) -> None:
        found = value(usd(10000), gateway=gateway)
        assert found.counter_fee == fee
        assert "read 2026-" in found.fees_from


class TestPayPal:
    """Its fee is charged only when the case is lost: winning saves it."""

    def paypal(self, contested: Money, **changes: Any) -> ExpectedValue:
        base = {"network": None, "reason_code": None, "raw_reason": "MERCHANDISE_OR_SERVICE_NOT_RECEIVED"}
        return value(contested, gateway="paypal", **base | changes)

    def test_winning_saves_the_fee(self) -> None:
        found = self.paypal(usd(10000))
        assert (found.saved_fee, found.net) == (usd(1500), usd(5400 + 810))

    def test_not_for_a_claim_below_twice_the_fee(self) -> None:
        assert self.paypal(usd(2999)).saved_fee is None

    def test_not_for_an_unauthorised_payment(self) -> None:
        assert self.paypal(usd(10000), raw_reason="UNAUTHORISED").saved_fee is None

    def test_not_for_an_inquiry(self) -> None:
        assert self.paypal(usd(10000), kind=Kind.INQUIRY).saved_fee is None


def test_a_hopeless_case_is_not_filed_by_the_machine() -> None:
    small = usd(500)
    the_case = case(payment=payment(amount=small), orders=(order(total=small),), shipments=(shipment(),))
    effort = AssessmentSettings(effort=Effort(country="US", labour=usd(2000)))
    assessment = judged(claim(amount=small), the_case, settings=effort)
    assert any("costs more than it can bring" in why for why in assessment.person_required)
    assert any("costs more than it can bring" in reason for reason in assessment.reasons)
