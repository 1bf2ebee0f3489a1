"""Stripe's objects as the house's."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from disputes.lifecycle import GatewayStatus, Kind
from disputes.money import Money
from disputes.ports import GatewayError
from gateways.stripe import mapping
from gateways.stripe.contract import FIELDS, REASONS, STATUSES


def raw(**changes: Any) -> dict[str, Any]:
    """A dispute as the API sends it today."""
    base: dict[str, Any] = {
        "id": "du_1",
        "object": "dispute",
        "amount": 6000,
        "charge": "ch_1",
        "created": 1_763_000_000,
        "currency": "usd",
        "evidence": {},
        "evidence_details": {"due_by": 1_764_000_000, "submission_count": 0, "has_evidence": False},
        "livemode": False,
        "reason": "fraudulent",
        "status": "needs_response",
        "payment_method_details": {
            "type": "card",
            "card": {"brand": "visa", "case_type": "chargeback", "network_reason_code": "10.4"},
        },
    }
    return base | changes


class TestMapping:
    @given(
        status=st.text(max_size=30),
        reason=st.none() | st.text(max_size=30),
        name=st.text(st.characters(categories=["Ll"]), min_size=1, max_size=20),
        case=st.none() | st.text(max_size=20),
    )
    def test_an_unknown_status_reason_field_or_kind_is_kept_and_never_fatal(
        self, status: str, reason: str | None, name: str, case: str | None
    ) -> None:
        body = raw(status=status, reason=reason, **{f"x_{name}": 1})
        body["payment_method_details"]["card"]["case_type"] = case
        snapshot = mapping.snapshot(body)
        assert snapshot.raw_status == status
        assert snapshot.raw == body
        assert f"field x_{name}" in snapshot.unknown
        if status not in STATUSES:
            assert snapshot.status is GatewayStatus.UNKNOWN
            assert f"status {status}" in snapshot.unknown

    def test_todays_shape_holds_nothing_unknown(self) -> None:
        assert mapping.snapshot(raw()).unknown == ()
        assert set(raw()) <= FIELDS
        assert raw()["reason"] in REASONS

    def test_the_shape_of_2020_is_read_too(self) -> None:
        """Webhooks come in the version of the endpoint; a fixture from 2020 has no case type and no method details."""
        body = raw(status="warning_needs_response", balance_transaction=None, is_charge_refundable=True)
        del body["payment_method_details"]
        body["evidence_details"] = {"due_by": 1_764_000_000, "submission_count": 0}
        snapshot = mapping.snapshot(body)
        assert (snapshot.kind, snapshot.status) == (Kind.INQUIRY, GatewayStatus.NEEDS_RESPONSE)
        assert snapshot.reason_code is None

    @pytest.mark.parametrize("due_by", [0, None])
    def test_no_due_date_means_that_no_answer_is_taken(self, due_by: int | None) -> None:
        body = raw()
        body["evidence_details"]["due_by"] = due_by
        snapshot = mapping.snapshot(body)
        assert snapshot.due_at is None
        assert not snapshot.capabilities.submit

    @pytest.mark.parametrize(
        ("minor", "currency", "meant"),
        [
            (6000, "usd", Money(6000, "USD")),
            (500, "jpy", Money(500, "JPY")),
            (100, "isk", Money(1, "ISK")),
            (700, "ugx", Money(7, "UGX")),
            (1230, "kwd", Money(1230, "KWD")),
        ],
    )
    def test_minor_units_are_stripes_own(self, minor: int, currency: str, meant: Money) -> None:
        assert mapping.snapshot(raw(amount=minor, currency=currency)).amount == meant

    def test_an_amount_that_would_lose_a_fraction_is_refused(self) -> None:
        with pytest.raises(GatewayError, match="garbles"):
            mapping.snapshot(raw(amount=150, currency="isk"))

    def test_visa_10_5_and_cartes_bancaires_cannot_be_contested(self) -> None:
        no_evidence, cartes = raw(), raw()
        no_evidence["payment_method_details"]["card"]["network_reason_code"] = "10.5"
        cartes["payment_method_details"]["card"]["brand"] = "cartes_bancaires"
        assert not mapping.snapshot(no_evidence).capabilities.submit
        assert not mapping.snapshot(cartes).capabilities.submit

    def test_accepting_an_inquiry_is_not_offered(self) -> None:
        body = raw(status="warning_needs_response")
        assert not mapping.snapshot(body).capabilities.accept
        assert mapping.snapshot(raw()).capabilities.accept

    def test_money_comes_from_the_ledger_and_not_from_a_rule(self) -> None:
        """The withdrawal is in the settlement currency; the fee is its own line, and is returned or is not."""
        withdrawal = {
            "id": "txn_1", "amount": -8391, "currency": "cad", "created": 1, "fee": 1500, "type": "adjustment",
            "reporting_category": "dispute",
        }  # fmt: skip
        reversal = withdrawal | {"id": "txn_2", "amount": 8391, "fee": -1500, "reporting_category": "dispute_reversal"}
        lines = mapping.snapshot(raw(balance_transactions=[withdrawal, reversal])).movements
        assert [(line.kind, line.amount.minor, line.amount.currency) for line in lines] == [
            ("withdrawal", -8391, "CAD"),
            ("fee", -1500, "CAD"),
            ("reversal", 8391, "CAD"),
            ("fee_returned", 1500, "CAD"),
        ]
        assert mapping.snapshot(raw(balance_transactions=[withdrawal])).settlement == Money(8391, "CAD")

    def test_a_round_is_told_by_kind_and_count(self) -> None:
        inquiry = raw(status="warning_needs_response")
        assert mapping.snapshot(inquiry).round_facts == "inquiry:0"
        assert mapping.snapshot(raw()).round_facts == "chargeback:0"
