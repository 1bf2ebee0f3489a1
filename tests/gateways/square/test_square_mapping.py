"""Square's disputes as the house's, by builders: each known trap is one test."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from disputes.acts import GatewayAct
from disputes.lifecycle import GatewayStatus, Kind
from disputes.money import Money
from disputes.ports import GatewayError, GatewayFailure
from gateways.square import mapping
from gateways.square.contract import FIELDS, NETWORKS, REASONS, STATES
from tests.gateways.square.builders import dispute


def mapped(**changes: Any) -> Any:
    return mapping.snapshot(dispute(**changes), live=False)


class TestStates:
    @pytest.mark.parametrize(
        ("state", "kind", "status"),
        [
            ("INQUIRY_EVIDENCE_REQUIRED", Kind.INQUIRY, GatewayStatus.NEEDS_RESPONSE),
            ("INQUIRY_PROCESSING", Kind.INQUIRY, GatewayStatus.UNDER_REVIEW),
            ("INQUIRY_CLOSED", Kind.INQUIRY, GatewayStatus.WITHDRAWN),
            ("EVIDENCE_REQUIRED", Kind.CHARGEBACK, GatewayStatus.NEEDS_RESPONSE),
            ("PROCESSING", Kind.CHARGEBACK, GatewayStatus.UNDER_REVIEW),
            ("WON", Kind.CHARGEBACK, GatewayStatus.WON),
            ("LOST", Kind.CHARGEBACK, GatewayStatus.LOST),
            ("ACCEPTED", Kind.CHARGEBACK, GatewayStatus.ACCEPTED),
        ],
    )
    def test_the_state_tells_the_kind_and_the_status(self, state: str, kind: Kind, status: GatewayStatus) -> None:
        one = mapped(state=state)
        assert (one.kind, one.status, one.raw_status) == (kind, status, state)

    @given(
        state=st.text(max_size=30),
        reason=st.none() | st.text(max_size=30),
        brand=st.none() | st.text(min_size=1, max_size=20),
        name=st.text(st.characters(categories=["Ll"]), min_size=1, max_size=20),
    )
    def test_an_unknown_state_reason_brand_or_field_is_kept_and_never_fatal(
        self, state: str, reason: str | None, brand: str | None, name: str
    ) -> None:
        body = dispute(state=state, reason=reason, card_brand=brand, **{f"x_{name}": 1})
        one = mapping.snapshot(body, live=False)
        assert one.raw_status == state
        assert one.raw == body
        assert f"field x_{name}" in one.unknown
        if state not in STATES:
            assert one.status is GatewayStatus.UNKNOWN
            assert f"state {state}" in one.unknown
        if reason is not None and reason not in REASONS:
            assert f"reason {reason}" in one.unknown
        if brand is not None and brand not in NETWORKS:
            assert f"card brand {brand}" in one.unknown

    def test_todays_shape_holds_nothing_unknown(self) -> None:
        assert mapped().unknown == ()
        assert set(dispute()) <= FIELDS

    @pytest.mark.parametrize("deprecated", [{"dispute_id": "SYNdispute0000000000A"}, {"evidence_ids": ["one"]}])
    def test_deprecated_duplicates_are_known(self, deprecated: dict[str, Any]) -> None:
        assert mapped(**deprecated, reported_date="2026-03-01").unknown == ()

    def test_an_old_answer_with_the_deprecated_id_alone_is_read(self) -> None:
        assert mapped(id=..., dispute_id="SYNdispute0000000000B").external_id == "SYNdispute0000000000B"

    @pytest.mark.parametrize("nullable", ["reason", "card_brand", "brand_dispute_id", "due_at", "location_id"])
    @pytest.mark.parametrize("absent", [None, ...])
    def test_what_may_be_null_or_absent_may_be(self, nullable: str, absent: Any) -> None:
        one = mapped(**{nullable: absent})
        assert one.status is GatewayStatus.NEEDS_RESPONSE
        assert one.unknown == ()

    def test_a_dispute_without_a_state_is_unknown_and_flagged(self) -> None:
        one = mapped(state=None)
        assert (one.status, one.unknown) == (GatewayStatus.UNKNOWN, ("state None",))
        assert not one.capabilities.submit


class TestDeadline:
    def test_due_at_is_the_instant_and_not_the_end_of_its_day(self) -> None:
        """Whether the named day still counts is written nowhere: the last safe day is the one before."""
        assert mapped().due_at == datetime(2026, 3, 15, tzinfo=UTC)

    def test_a_bare_day_is_its_first_instant(self) -> None:
        assert mapped(due_at="2026-03-15").due_at == datetime(2026, 3, 15, tzinfo=UTC)

    def test_an_offset_is_turned_into_utc(self) -> None:
        assert mapped(due_at="2026-03-15T02:00:00+02:00").due_at == datetime(2026, 3, 15, tzinfo=UTC)

    def test_nanoseconds_are_read(self) -> None:
        assert mapped(created_at="2026-03-01T10:00:00.037339943Z").opened_at.second == 0

    def test_a_date_nobody_can_read_is_no_deadline_and_is_shown(self) -> None:
        one = mapped(due_at="soon")
        assert one.due_at is None
        assert one.unknown == ("due_at soon",)

    def test_no_due_date_is_none_and_nothing_strange(self) -> None:
        one = mapped(due_at=...)
        assert (one.due_at, one.unknown) == (None, ())
        assert one.capabilities.submit


class TestMoney:
    @pytest.mark.parametrize(
        ("minor", "currency", "meant"),
        [
            (124990, "USD", Money(124990, "USD")),
            (15400, "JPY", Money(15400, "JPY")),
            (18900, "TRY", Money(18900, "TRY")),
            (2**53 + 1, "USD", Money(2**53 + 1, "USD")),
        ],
    )
    def test_amounts_are_whole_smallest_units(self, minor: int, currency: str, meant: Money) -> None:
        assert mapped(amount_money={"amount": minor, "currency": currency}).amount == meant

    @pytest.mark.parametrize("garbled", [1.5, "1250", True, None])
    def test_an_amount_that_is_no_whole_number_is_refused_and_never_rounded(self, garbled: Any) -> None:
        """The SDK's own models make 1 of 1.5."""
        with pytest.raises(GatewayError, match="garbles"):
            mapped(amount_money={"amount": garbled, "currency": "USD"})

    @pytest.mark.parametrize("lacking", ["id", "amount_money"])
    def test_a_dispute_that_lacks_what_it_must_have_is_refused_in_words(self, lacking: str) -> None:
        with pytest.raises(GatewayError, match="lacks or garbles") as told:
            mapped(**{lacking: ...})
        assert told.value.failure is GatewayFailure.MALFORMED

    def test_a_dispute_without_any_date_is_refused_and_the_report_date_does_for_the_opening(self) -> None:
        assert mapped(created_at=...).opened_at == datetime(2026, 3, 1, tzinfo=UTC)
        with pytest.raises(GatewayError, match="created_at"):
            mapped(created_at=..., reported_at=...)


class TestWhatIsOffered:
    def test_an_open_chargeback_can_be_answered_or_accepted(self) -> None:
        offered = mapped().capabilities
        assert (offered.submit, offered.accept, offered.answer_act) == (True, True, GatewayAct.SUBMIT)
        assert [one.act for one in offered.offers] == ["accept"]

    def test_an_inquiry_is_answered_and_accepting_it_is_not_offered(self) -> None:
        offered = mapped(state="INQUIRY_EVIDENCE_REQUIRED").capabilities
        assert (offered.submit, offered.accept, offered.offers) == (True, False, ())

    def test_an_emv_liability_shift_cannot_be_contested_but_accepted(self) -> None:
        offered = mapped(reason="EMV_LIABILITY_SHIFT").capabilities
        assert (offered.submit, offered.accept) == (False, True)
        assert "chip" in offered.reason

    @pytest.mark.parametrize("state", ["PROCESSING", "INQUIRY_PROCESSING", "WON", "LOST", "ACCEPTED", "INQUIRY_CLOSED"])
    def test_nothing_is_offered_where_square_asks_for_nothing(self, state: str) -> None:
        offered = mapped(state=state).capabilities
        assert (offered.submit, offered.accept, offered.offers) == (False, False, ())
        assert offered.reason == "Square asks for no answer."

    def test_nothing_is_staged_that_anybody_could_read(self) -> None:
        assert mapped().staged == {}


class TestRounds:
    def test_a_round_is_told_by_kind_due_date_and_whether_it_was_answered(self) -> None:
        assert mapped().round_facts == "chargeback:2026-03-15T00:00:00.000Z:0"
        assert mapped(state="PROCESSING").round_facts == "chargeback:2026-03-15T00:00:00.000Z:1"
        assert mapped(state="INQUIRY_EVIDENCE_REQUIRED", due_at=None).round_facts == "inquiry::0"

    @pytest.mark.parametrize(
        ("state", "count"), [("PROCESSING", 1), ("INQUIRY_PROCESSING", 1), ("LOST", 0), ("WON", 0)]
    )
    def test_an_answer_is_counted_only_while_the_bank_works_on_it(self, state: str, count: int) -> None:
        """A case that was lost in silence must not look as if somebody had answered it."""
        assert mapped(state=state).submission_count == count


class TestNames:
    @pytest.mark.parametrize(
        ("brand", "network"),
        [("VISA", "visa"), ("AMERICAN_EXPRESS", "amex"), ("DISCOVER_DINERS", "diners"), ("A_NEW_ONE", "a_new_one")],
    )
    def test_the_network_is_told_in_the_houses_word(self, brand: str, network: str) -> None:
        assert mapped(card_brand=brand).network == network

    def test_square_tells_no_reason_code_of_the_network(self) -> None:
        assert mapped().reason_code is None
        assert mapped().raw_reason == "NOT_RECEIVED"

    def test_the_payment_is_the_only_way_to_the_sale(self) -> None:
        assert mapped().payment_id == "SYNpayment000000000000000ZY"
        assert mapped(disputed_payment=None).payment_id is None
        assert mapped().order_ref is None
