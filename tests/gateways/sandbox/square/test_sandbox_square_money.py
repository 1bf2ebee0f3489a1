"""What each dispute does to the seller's balance, read as an application reads it: payouts and their entries."""

from __future__ import annotations

from typing import Any

import pytest
from square import Square

from gateways.sandbox.square.control import SquareControl


def entries(client: Square, dispute: dict[str, Any]) -> list[tuple[str, int]]:
    """(type, net) of every movement of the dispute, oldest first."""
    found = []
    for payout in client.payouts.list(location_id=dispute["location_id"], sort_order="ASC"):
        for entry in client.payouts.list_entries(payout.id, sort_order="ASC"):
            about = entry.type_open_dispute_details or entry.type_dispute_details
            if about and about.dispute_id == dispute["id"] and entry.net_amount_money:
                found.append((str(entry.type), entry.net_amount_money.amount or 0))
    return found


def test_a_dispute_takes_the_money_and_a_won_one_brings_it_back(client: Square, control: SquareControl) -> None:
    dispute = control.dispute(amount="75.00", disputed_amount="50.00")
    assert entries(client, dispute) == [("OPEN_DISPUTE", -5000)]
    control.outcome(dispute["id"], "WON")
    assert entries(client, dispute) == [("OPEN_DISPUTE", -5000), ("DISPUTE", 5000)]


@pytest.mark.parametrize("ending", ["LOST", "ACCEPTED"])
def test_a_lost_or_accepted_one_keeps_it(client: Square, control: SquareControl, desk: Any, ending: str) -> None:
    dispute = control.dispute(amount=900)
    desk.accept(dispute["id"]) if ending == "ACCEPTED" else control.outcome(dispute["id"], ending)
    assert entries(client, dispute) == [("OPEN_DISPUTE", -900)]


def test_an_inquiry_costs_nothing_until_it_is_a_dispute(client: Square, control: SquareControl, desk: Any) -> None:
    dispute, accepted = (control.dispute(kind="inquiry", amount=900) for _ in range(2))
    assert entries(client, dispute) == []
    control.escalate(dispute["id"])
    desk.accept(accepted["id"])
    assert entries(client, dispute) == entries(client, accepted) == [("OPEN_DISPUTE", -900)]


def test_a_won_case_that_comes_back_is_withheld_again(client: Square, control: SquareControl) -> None:
    dispute = control.dispute(amount=900)
    control.outcome(dispute["id"], "WON")
    control.reopen(dispute["id"])
    assert [net for _, net in entries(client, dispute)] == [-900, 900, -900]


def test_a_payout_is_the_sum_of_its_entries(client: Square, control: SquareControl) -> None:
    payment = control.payment(currency="JPY", amount="12800", refunds=[{"amount": "800", "days": 20}])
    control.dispute(payment=payment["id"])
    seen = set()
    for payout in client.payouts.list(location_id="LLALEJPN00001"):
        net = [entry.net_amount_money for entry in client.payouts.list_entries(payout.id)]
        assert payout.amount_money is not None
        assert sum(money.amount or 0 for money in net if money) == payout.amount_money.amount
        assert {money.currency for money in net if money} == {"JPY"}
        seen |= {entry.type for entry in client.payouts.list_entries(payout.id)}
    assert seen == {"CHARGE", "REFUND", "OPEN_DISPUTE"}


def test_a_currency_belongs_to_a_location(control: SquareControl) -> None:
    from gateways.sandbox.control import ControlRefused

    with pytest.raises(ControlRefused, match="no location sells in TRY"):
        control.dispute(currency="TRY")
