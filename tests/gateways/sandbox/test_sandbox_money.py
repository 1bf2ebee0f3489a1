from __future__ import annotations

import pytest
import stripe

from gateways.sandbox.control import ControlRefused, SandboxControl


def test_the_money_goes_in_the_settlement_currency_with_a_fee(
    client: stripe.StripeClient, control: SandboxControl
) -> None:
    id = control.dispute(amount="60.00", currency="usd")["id"]
    (gone,) = client.v1.disputes.retrieve(id).balance_transactions
    assert (gone.amount, gone.currency, gone.fee, gone.net) == (-5520, "eur", 1500, -7020)
    assert (gone.type, gone.reporting_category, gone.exchange_rate) == ("adjustment", "dispute", 0.92)
    assert client.v1.balance_transactions.retrieve(gone.id).source == id


@pytest.mark.parametrize(
    ("amount", "currency", "sent", "settled"),
    [("12800", "jpy", 12_800, -7808), ("100.00", "isk", 10_000, -67), ("100.000", "kwd", 100_000, -30_000)],
)
def test_amounts_are_counted_as_stripe_counts_them(
    control: SandboxControl, amount: str, currency: str, sent: int, settled: int
) -> None:
    dispute = control.dispute(amount=amount, currency=currency)
    assert dispute["amount"] == sent
    assert dispute["balance_transactions"][0]["amount"] == settled


def test_winning_brings_the_amount_back_and_keeps_the_fee(client: stripe.StripeClient, control: SandboxControl) -> None:
    id = control.dispute(currency="eur", amount=8_500)["id"]
    gone, back = control.outcome(id, "won")["balance_transactions"]
    assert (back["amount"], back["fee"], back["reporting_category"]) == (-gone["amount"], 0, "dispute_reversal")


def test_an_older_account_got_its_fee_back(control: SandboxControl) -> None:
    id = control.dispute()["id"]
    control.settings(fee_returned_on_win=True)
    won = control.outcome(id, "won")
    control.settings(fee_returned_on_win=False)
    assert won["balance_transactions"][1]["fee"] == -1500


def test_lost_can_become_won_later_but_not_the_other_way(control: SandboxControl) -> None:
    id = control.dispute()["id"]
    assert len(control.outcome(id, "lost")["balance_transactions"]) == 1
    assert len(control.outcome(id, "won")["balance_transactions"]) == 2
    with pytest.raises(ControlRefused, match="cannot become lost"):
        control.outcome(id, "lost")


def test_an_inquiry_takes_no_money(control: SandboxControl) -> None:
    dispute = control.dispute(kind="inquiry")
    assert dispute["balance_transactions"] == []
    with pytest.raises(ControlRefused, match="cannot become won"):
        control.outcome(dispute["id"], "won")


def test_a_charged_back_charge_cannot_be_refunded(control: SandboxControl) -> None:
    with pytest.raises(ControlRefused, match="charge_disputed"):
        control.refund(control.dispute()["charge"])


def test_refunds_cannot_exceed_the_charge(client: stripe.StripeClient, control: SandboxControl) -> None:
    charge = control.charge(amount=1_000)["id"]
    control.refund(charge, 600)
    with pytest.raises(ControlRefused, match="greater than unrefunded amount"):
        control.refund(charge, 500)
    control.refund(charge)
    assert client.v1.charges.retrieve(charge).refunded is True


def test_part_of_a_charge_can_be_disputed(control: SandboxControl) -> None:
    assert control.dispute(amount=10_000, disputed_amount=2_500)["amount"] == 2_500
