"""The money of a dispute at PayPal, and what was written about it."""

from __future__ import annotations

from typing import Any

import pytest

from disputes.money import Money
from gateways.paypal.values import paypal_value
from tests.gateways.paypal.examples import amount
from tests.gateways.paypal.snapshots import seen


class TestMoney:
    @pytest.mark.parametrize(
        ("value", "currency", "minor"),
        [
            ("100.00", "USD", 10000),
            ("1500", "HUF", 150000),
            ("990", "TWD", 99000),
            ("980", "JPY", 980),
            (".5", "TRY", 50),
        ],
    )
    def test_amounts_are_read_by_iso_whatever_paypal_leaves_out(self, value: str, currency: str, minor: int) -> None:
        assert seen(dispute_amount=amount(value, currency)).amount == Money(minor, currency)

    @pytest.mark.parametrize(
        ("value", "currency", "sent"),
        [("100", "USD", "100.00"), ("1500.00", "HUF", "1500"), ("990", "TWD", "990"), ("980", "JPY", "980")],
    )
    def test_amounts_go_out_with_the_places_that_paypal_takes(self, value: str, currency: str, sent: str) -> None:
        assert paypal_value(value, currency) == sent

    def test_what_a_currency_cannot_express_is_refused(self) -> None:
        with pytest.raises(ValueError, match="without decimal places"):
            paypal_value("10.50", "HUF")

    def test_a_filtered_currency_keeps_the_sum_the_deadline_and_a_flag(self) -> None:
        """Recorded payloads carry "[FILTERED]": the dispute and its deadline must not be lost over it."""
        one = seen(dispute_amount=amount("12.50", "[FILTERED]"))
        assert one.amount == Money(1250, "XXX")
        assert one.due_at is not None
        assert one.unknown == ("the amount '12.50' '[FILTERED]'",)

    @pytest.mark.parametrize("value", ["NaN", "1e9", "", None, "12,50", "9" * 30])
    def test_what_is_no_amount_is_none_and_told(self, value: Any) -> None:
        one = seen(dispute_amount={"currency_code": "USD", "value": value})
        assert one.amount.currency == "XXX"
        assert len(one.unknown) == 1

    def test_the_sellers_lines_are_signed_and_named(self) -> None:
        moved = [
            _moved("DISPUTE_SETTLEMENT", "DEBIT", "100.00"),
            _moved("CHARGEBACK_FEE", "DEBIT", "20.00"),
            _moved("DISPUTE_SETTLEMENT", "CREDIT", "100.00"),
            _moved("DISPUTE_FEE", "CREDIT", "20.00"),
            _moved("GOODWILL", "CREDIT", "5.00"),
            _moved("DISPUTE_SETTLEMENT", "CREDIT", "100.00") | {"affected_party": "BUYER"},
        ]
        one = seen(money_movements=moved)
        assert [(each.kind, each.amount) for each in one.movements] == [
            ("withdrawal", Money(-10000, "USD")),
            ("fee", Money(-2000, "USD")),
            ("reversal", Money(10000, "USD")),
            ("fee_returned", Money(2000, "USD")),
            ("goodwill", Money(500, "USD")),
        ]
        assert one.settlement == Money(10000, "USD")

    def test_a_line_has_the_same_id_whenever_it_is_read_and_its_twin_another(self) -> None:
        fee = _moved("CHARGEBACK_FEE", "DEBIT", "20.00")
        first = seen(money_movements=[fee])
        later = seen(money_movements=[fee | {"initiated_time": "2026-11-19T00:00:00Z"}, dict(fee)])
        ids = [each.movement_id for each in later.movements]
        assert ids[0] == first.movements[0].movement_id
        assert len(set(ids)) == 2
        assert all(len(each) <= 120 for each in ids)

    def test_a_line_that_cannot_be_read_is_told_and_no_other_is_lost(self) -> None:
        good, bad = _moved("DISPUTE_FEE", "DEBIT", "1.00"), _moved("DISPUTE_FEE", "DEBIT", "?")
        one = seen(money_movements=[bad, good])
        assert len(one.movements) == 1
        assert one.unknown == ("money movement DISPUTE_FEE without an amount or a time",)


def _moved(reason: str, way: str, value: str) -> dict[str, Any]:
    return {
        "affected_party": "SELLER",
        "type": way,
        "reason": reason,
        "amount": amount(value),
        "initiated_time": "2026-11-18T00:00:00Z",
    }
