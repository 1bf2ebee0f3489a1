"""Reading disputes, payments and what Square booked: against the sandbox, or a loopback where that is too good."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from disputes.lifecycle import GatewayStatus, Kind
from disputes.money import Money
from disputes.ports import DisputeSnapshot, GatewayError, GatewayFailure
from gateways.sandbox.launch import launch
from gateways.sandbox.square.control import SquareControl
from gateways.square.adapter import SquareGateway
from gateways.square.contract import CLOSED_STATES, OPEN_STATES
from tests import builders as house
from tests.gateways.square.builders import dispute, payment
from tests.gateways.square.conftest import DESK
from tests.gateways.square.loopback import Asked, Loopback, refused


def opened(control: SquareControl, **spec: Any) -> str:
    return str(control.dispute(**spec)["id"])


def walked(gateway: SquareGateway, **more: Any) -> Iterator[tuple[DisputeSnapshot, ...]]:
    cursor = None
    while True:
        page = gateway.disputes(cursor=cursor, **more)
        yield page.disputes
        cursor = page.cursor
        if cursor is None:
            return


class Shop:
    """A loopback's list of disputes that answers by state, a page of two at a time."""

    def __init__(self, loopback: Loopback, disputes: list[dict[str, Any]], *, unfiltered: str = "all") -> None:
        self.disputes, self.unfiltered, self.size = disputes, unfiltered, 2
        self.loopback = loopback
        loopback.on("GET /v2/disputes", self.answer)

    def answer(self, asked: Asked) -> dict[str, Any]:
        state = asked.query.get("states", [None])[0]
        found = [one for one in self.disputes if state in (None, one["state"])]
        if state is None and self.unfiltered == "open":
            found = [one for one in found if one["state"] not in CLOSED_STATES]
        start = int(asked.query.get("cursor", ["0"])[0])
        more = {"cursor": str(start + self.size)} if start + self.size < len(found) else {}
        return {"disputes": found[start : start + self.size], **more}

    def requests(self) -> list[str | None]:
        asked = [one.query.get("states", [None])[0] for one in self.loopback.asked]
        self.loopback.asked.clear()
        return asked


def one(number: int, state: str = "EVIDENCE_REQUIRED", *, day: int = 1, touched: str = "") -> dict[str, Any]:
    at = f"2026-03-{day:02}T10:00:00.000Z"
    return dispute(id=f"SYN{number}", state=state, created_at=at, updated_at=touched or at, reported_at=at)


class TestPages:
    @pytest.mark.parametrize("unfiltered", ["all", "open"])
    def test_every_dispute_is_read_once_whatever_a_list_without_a_filter_holds(
        self, loopback: Loopback, at_loopback: SquareGateway, unfiltered: str
    ) -> None:
        """Square's older pages say that such a list leaves closed disputes out, its newer ones that it does not."""
        states = [*OPEN_STATES, *CLOSED_STATES]
        shop = Shop(loopback, [one(n, states[n % len(states)]) for n in range(30)], unfiltered=unfiltered)
        found = [each.external_id for page in walked(at_loopback) for each in page]
        assert sorted(found) == sorted(each["id"] for each in shop.disputes)

    def test_the_sandboxes_pages_are_walked_to_their_end(self, tmp_path: Path) -> None:
        with launch(tmp_path / "many", gateway="square", empty=True) as sandbox:
            sandbox.controls.settings(page_size=10)
            sandbox.controls.bulk(35)
            pages = list(walked(SquareGateway(DESK, addresses={"api": sandbox.api})))
        found = [each.external_id for page in pages for each in page]
        assert len(found) == len(set(found)) == 36, "35 copies and their pattern"
        assert len(pages) > 4

    def test_since_bounds_them_by_the_day_they_were_opened(
        self, gateway: SquareGateway, control: SquareControl
    ) -> None:
        old, new = opened(control, opened_days=30), opened(control, opened_days=1)
        since = gateway.dispute(new).opened_at - timedelta(hours=1)
        found = {one.external_id for page in walked(gateway, since=since) for one in page}
        assert new in found
        assert old not in found

    def test_a_state_nobody_knows_is_read_with_the_rest(self, loopback: Loopback, at_loopback: SquareGateway) -> None:
        strange = dispute(state="UNDER_ARBITRATION")
        loopback.on("GET /v2/disputes", lambda asked: {} if "states" in asked.query else {"disputes": [strange]})
        (found,) = (each for page in walked(at_loopback) for each in page)
        assert (found.status, found.unknown) == (GatewayStatus.UNKNOWN, ("state UNDER_ARBITRATION",))

    def test_one_state_is_asked_for_at_a_time(self, loopback: Loopback, at_loopback: SquareGateway) -> None:
        """The spec says one value; what the server makes of several is not written."""
        loopback.on("GET /v2/disputes", {})
        list(walked(at_loopback))
        assert [asked.query.get("states") for asked in loopback.asked] == [None, *([state] for state in CLOSED_STATES)]

    def test_a_place_in_the_list_that_nobody_knows_is_told(self, gateway: SquareGateway) -> None:
        with pytest.raises(GatewayError, match="start the reading anew"):
            gateway.disputes(cursor="NOWHERE:abc")


LATER = "2026-04-01T10:00:00.000Z"
NEWEST = one(99, touched="2026-03-31T10:00:00.000Z")
"""The last change before the cursor; what is as new as the cursor is read once more each time."""


def long_won(count: int, *, falling: bool) -> list[dict[str, Any]]:
    """Won two years ago, sorted newest first or oldest first."""
    days = range(1, count + 1)
    return [
        dispute(
            id=f"OLD{day}",
            state="WON",
            created_at=f"2024-01-{day:02}T00:00:00Z",
            updated_at="2024-06-01T00:00:00Z",
        )
        for day in (reversed(days) if falling else days)
    ]


class TestChanges:
    def ids(self, gateway: SquareGateway, cursor: str) -> list[str]:
        changes = gateway.changes(cursor)
        assert changes.external_ids == ()
        return sorted(one.external_id for one in changes.snapshots if one.external_id != NEWEST["id"])

    def test_the_first_question_brings_a_cursor_and_no_news(
        self, loopback: Loopback, at_loopback: SquareGateway
    ) -> None:
        Shop(loopback, [one(1)])
        changes = at_loopback.changes(None)
        assert (changes.snapshots, changes.external_ids, changes.expired) == ((), (), False)
        assert 0 < len(changes.cursor) <= 120, "the column takes no more"

    def test_what_was_touched_since_comes_whole(self, gateway: SquareGateway, control: SquareControl) -> None:
        cursor = gateway.changes(None).cursor
        new = opened(control)
        (found,) = (one for one in gateway.changes(cursor).snapshots if one.external_id == new)
        assert found.status is GatewayStatus.NEEDS_RESPONSE
        control.outcome(new, "LOST")
        assert gateway.changes(gateway.changes(cursor).cursor).snapshots[0].raw_status == "LOST"

    def test_a_little_is_read_twice_so_that_nothing_falls_between_two_polls(
        self, loopback: Loopback, at_loopback: SquareGateway
    ) -> None:
        Shop(loopback, [one(1), one(2, day=3)])
        cursor = at_loopback.changes(None).cursor
        assert self.ids(at_loopback, cursor) == ["SYN2"]

    def test_where_all_fits_on_a_page_one_request_is_enough(
        self, loopback: Loopback, at_loopback: SquareGateway
    ) -> None:
        shop = Shop(loopback, [one(1), one(2, "LOST", day=2)])
        cursor = at_loopback.changes(None).cursor
        shop.disputes[1] = one(2, "WON", day=2, touched=LATER)
        shop.requests()
        assert self.ids(at_loopback, cursor) == ["SYN2"]
        assert shop.requests() == [None]

    @pytest.mark.parametrize("unfiltered", ["all", "open"])
    def test_a_dispute_that_closed_is_found_though_it_is_open_no_more(
        self, loopback: Loopback, at_loopback: SquareGateway, unfiltered: str
    ) -> None:
        rest = [one(number, day=number) for number in range(2, 6)]
        shop = Shop(loopback, [NEWEST, *rest, one(1)], unfiltered=unfiltered)
        cursor = at_loopback.changes(None).cursor
        shop.disputes[-1] = one(1, "LOST", touched=LATER)
        assert self.ids(at_loopback, cursor) == ["SYN1"]

    @pytest.mark.parametrize("unfiltered", ["all", "open"])
    def test_where_nothing_closed_the_closed_ones_are_not_read(
        self, loopback: Loopback, at_loopback: SquareGateway, unfiltered: str
    ) -> None:
        history = [one(number, "WON", day=1) for number in range(10, 30)]
        shop = Shop(loopback, [one(1), NEWEST, one(3), *history], unfiltered=unfiltered)
        cursor = at_loopback.changes(None).cursor
        shop.requests()
        shop.disputes[0] = one(1, touched=LATER)
        assert self.ids(at_loopback, cursor) == ["SYN1"]
        assert set(shop.requests()) == {None, *OPEN_STATES}

    def test_a_new_dispute_is_no_reason_to_read_the_closed_ones(
        self, loopback: Loopback, at_loopback: SquareGateway
    ) -> None:
        shop = Shop(loopback, [one(1), NEWEST, one(3)])
        cursor = at_loopback.changes(None).cursor
        shop.requests()
        shop.disputes.append(one(4) | {"created_at": LATER, "updated_at": LATER})
        assert self.ids(at_loopback, cursor) == ["SYN4"]
        assert set(shop.requests()) == {None, *OPEN_STATES}

    def test_old_closed_ones_are_left_unread_where_the_list_is_sorted_by_age(
        self, loopback: Loopback, at_loopback: SquareGateway
    ) -> None:
        shop = Shop(loopback, [one(5), NEWEST, one(1), *long_won(10, falling=True)])
        cursor = at_loopback.changes(None).cursor
        shop.disputes[2] = one(1, "WON", touched=LATER)
        shop.requests()
        assert self.ids(at_loopback, cursor) == ["SYN1"]
        assert shop.requests().count("WON") == 1

    def test_an_unsorted_list_is_read_to_its_end(self, loopback: Loopback, at_loopback: SquareGateway) -> None:
        shop = Shop(loopback, [one(5), NEWEST, *long_won(4, falling=False), one(1)])
        cursor = at_loopback.changes(None).cursor
        shop.disputes[-1] = one(1, "WON", touched=LATER)
        assert self.ids(at_loopback, cursor) == ["SYN1"]

    def test_a_cursor_of_another_kind_is_expired_and_a_new_one_is_given(
        self, loopback: Loopback, at_loopback: SquareGateway
    ) -> None:
        Shop(loopback, [one(1)])
        changes = at_loopback.changes("evt_123")
        assert changes.expired
        assert not at_loopback.changes(changes.cursor).expired

    def test_no_clock_but_squares_own_is_asked(self, loopback: Loopback, at_loopback: SquareGateway) -> None:
        """A Date header, or this machine's clock, that is years off loses no change."""
        loopback.date = "Thu, 01 Jan 2099 00:00:00 GMT"
        shop = Shop(loopback, [one(1)])
        cursor = at_loopback.changes(None).cursor
        shop.disputes[0] = one(1, "PROCESSING", touched=LATER)
        assert self.ids(at_loopback, cursor) == ["SYN1"]

    def test_a_shop_without_disputes_learns_of_its_first(self, loopback: Loopback, at_loopback: SquareGateway) -> None:
        shop = Shop(loopback, [])
        cursor = at_loopback.changes(None).cursor
        shop.disputes.append(one(1))
        assert self.ids(at_loopback, cursor) == ["SYN1"]

    def test_a_garbled_id_is_malformed_and_no_crash(self, loopback: Loopback, at_loopback: SquareGateway) -> None:
        Shop(loopback, [one(1) | {"id": "../x"}])
        with pytest.raises(GatewayError) as told:
            at_loopback.changes(None)
        assert told.value.failure is GatewayFailure.MALFORMED


class TestPayment:
    def test_the_payment_and_not_the_dispute_tells_the_sale(
        self, gateway: SquareGateway, control: SquareControl
    ) -> None:
        made = opened(
            control,
            order="LL-3001",
            customer={"name": "Hannah Brooks", "email": "hannah@example.com"},
            refunds=[{"amount": 500, "days": 2, "reason": "Chipped"}],
        )
        snapshot = gateway.dispute(made)
        told, raw = gateway.payment(snapshot)
        assert told.payment_id == snapshot.payment_id
        assert (told.customer_name, told.customer_email) == ("Hannah Brooks", "hannah@example.com")
        assert told.metadata["order_id"] == "LL-3001"
        assert [(one.amount.minor, one.status) for one in told.refunds] == [(500, "succeeded")]
        assert json.loads(raw)["payment"]["id"] == snapshot.payment_id

    def test_the_order_number_is_found_at_the_order_where_the_payment_has_none(
        self, gateway: SquareGateway, control: SquareControl
    ) -> None:
        made = opened(control, order="LL-3013", payment_reference=False)
        told, raw = gateway.payment(gateway.dispute(made))
        assert "reference_id" not in json.loads(raw)["payment"]
        assert told.metadata["order_id"] == "LL-3013"

    def test_without_the_right_to_orders_and_customers_the_payment_is_told_all_the_same(
        self, gateway_with: Callable[..., SquareGateway], control: SquareControl
    ) -> None:
        control.key("EAAAsandbox_narrow", ["DISPUTES_READ", "PAYMENTS_READ"])
        narrow = gateway_with("EAAAsandbox_narrow")
        made = opened(control, customer={"name": "Hannah Brooks", "email": "hannah@example.com"})
        told, raw = narrow.payment(narrow.dispute(made))
        assert (json.loads(raw)["order"], json.loads(raw)["customer"]) == (None, None)
        assert told.customer_email == "hannah@example.com"

    def test_without_the_right_to_payments_it_is_told_and_nothing_is_guessed(
        self, gateway_with: Callable[..., SquareGateway], control: SquareControl
    ) -> None:
        control.key("EAAAsandbox_no_payments", ["DISPUTES_READ"])
        narrow = gateway_with("EAAAsandbox_no_payments")
        with pytest.raises(GatewayError) as told:
            narrow.payment(narrow.dispute(opened(control)))
        assert told.value.failure is GatewayFailure.RIGHTS

    def test_an_order_that_cannot_be_read_now_is_no_missing_order(
        self, loopback: Loopback, at_loopback: SquareGateway
    ) -> None:
        loopback.on("GET /v2/payments/P", {"payment": payment(id="P", order_id="O", card_details=...)})
        loopback.on("GET /v2/orders/O", refused(400, "BAD_REQUEST", "Not today."))
        with pytest.raises(GatewayError, match="Not today"):
            at_loopback.payment(house.snapshot(payment_id="P"))

    def test_a_dispute_without_a_payment_is_told(self, gateway: SquareGateway) -> None:
        with pytest.raises(GatewayError, match="names no payment"):
            gateway.payment(house.snapshot(payment_id=None))

    def test_a_refund_that_the_payment_does_not_list_is_searched_for(
        self, loopback: Loopback, at_loopback: SquareGateway
    ) -> None:
        paid = payment(id="P", refunded_money={"amount": 500, "currency": "USD"}, card_details=...)
        refund = {
            "id": "R1",
            "payment_id": "P",
            "status": "COMPLETED",
            "amount_money": {"amount": 500, "currency": "USD"},
        }
        other = refund | {"id": "R2", "payment_id": "Q"}
        loopback.on("GET /v2/payments/P", {"payment": paid})
        listed = [row | {"created_at": "2026-02-20T10:00:00Z"} for row in (other, refund)]
        loopback.on("GET /v2/refunds", {"refunds": listed})
        told, _ = at_loopback.payment(house.snapshot(payment_id="P"))
        assert [one.refund_id for one in told.refunds] == ["R1"]

    def test_money_that_went_back_without_a_refund_to_show_stops_the_case(
        self, loopback: Loopback, at_loopback: SquareGateway
    ) -> None:
        """An answer that says nothing was refunded would be untrue."""
        paid = payment(id="P", refunded_money={"amount": 500, "currency": "USD"}, card_details=...)
        loopback.on("GET /v2/payments/P", {"payment": paid})
        loopback.on("GET /v2/refunds", {})
        with pytest.raises(GatewayError, match="went back"):
            at_loopback.payment(house.snapshot(payment_id="P"))

    def test_square_holds_no_correspondence(self, gateway: SquareGateway) -> None:
        assert gateway.records(house.snapshot()) == ()


CARD = {"brand": "VISA", "last_4": "4018"}
BUYER = {"name": "Olivia Martin", "email": "olivia@example.org"}


class TestTheSameCard:
    def test_earlier_payments_of_the_card_are_told_and_the_disputed_ones_among_them(
        self, gateway: SquareGateway, control: SquareControl
    ) -> None:
        same = {"card": CARD, "customer": BUYER}
        kept = control.payment(paid_days=150, order="LL-2890", **same)["id"]
        fought = control.dispute(paid_days=200, opened_days=170, order="LL-2840", **same)["disputed_payment"]
        control.payment(paid_days=150, card={"brand": "VISA", "last_4": "9999"}, customer=BUYER)
        told, _ = gateway.payment(gateway.dispute(opened(control, paid_days=10, opened_days=2, **same)))
        found = {one.payment_id: one.disputed for one in told.prior_payments}
        assert found == {kept: False, fought["payment_id"]: True}

    def test_more_than_a_year_is_asked_for_because_square_looks_back_one_by_itself(
        self, loopback: Loopback, at_loopback: SquareGateway
    ) -> None:
        loopback.on("GET /v2/payments/P", {"payment": payment(id="P")})
        loopback.on("GET /v2/payments", {})
        at_loopback.payment(house.snapshot(payment_id="P"))
        (asked,) = (one.query for one in loopback.asked if one.path == "/v2/payments")
        assert asked["begin_time"][0] < "2025-02-01"
        assert (asked["last_4"], asked["card_brand"]) == (["4242"], ["MASTERCARD"])

    def test_another_card_with_the_same_last_digits_is_another_card(
        self, loopback: Loopback, at_loopback: SquareGateway
    ) -> None:
        other = payment(id="O", created_at="2025-09-10T10:00:00Z")
        other["card_details"]["card"]["fingerprint"] = "sq-1-other"
        loopback.on("GET /v2/payments/P", {"payment": payment(id="P")})
        loopback.on("GET /v2/payments", {"payments": [other]})
        told, _ = at_loopback.payment(house.snapshot(payment_id="P"))
        assert (told.prior_payments, told.same_order) == ((), ())

    def test_a_card_without_a_fingerprint_has_no_history(self, loopback: Loopback, at_loopback: SquareGateway) -> None:
        bare = payment(id="P")
        del bare["card_details"]["card"]["fingerprint"]
        loopback.on("GET /v2/payments/P", {"payment": bare})
        told, _ = at_loopback.payment(house.snapshot(payment_id="P"))
        assert told.prior_payments == ()
        assert loopback.count("GET /v2/payments") == 0

    def test_more_disputes_than_are_looked_through_leave_nothing_called_undisputed(
        self, loopback: Loopback, at_loopback: SquareGateway
    ) -> None:
        loopback.on("GET /v2/payments/P", {"payment": payment(id="P")})
        loopback.on("GET /v2/payments", {"payments": [payment(id="O", created_at="2025-09-10T10:00:00Z")]})
        endless = lambda asked: {"cursor": str(int(asked.query.get("cursor", ["0"])[0]) + 1)}  # noqa: E731
        loopback.on("GET /v2/disputes", endless)
        told, raw = at_loopback.payment(house.snapshot(payment_id="P"))
        assert told.prior_payments == ()
        assert json.loads(raw)["disputed"] is None


class TestLedger:
    def test_what_square_withdrew_and_gave_back_comes_from_its_payouts(
        self, gateway: SquareGateway, control: SquareControl
    ) -> None:
        made = opened(control, amount="77.00", currency="USD", opened_days=9)
        control.outcome(made, "WON")
        control.advance(days=3)
        told = gateway.dispute(made)
        assert [(line.kind, line.amount) for line in told.movements] == [
            ("withdrawal", Money(-7700, "USD")),
            ("reversal", Money(7700, "USD")),
        ]
        assert told.settlement == Money(7700, "USD")

    def test_an_inquiry_moves_no_money_and_no_payout_is_read(
        self, gateway: SquareGateway, control: SquareControl
    ) -> None:
        made = opened(control, kind="inquiry")
        before = len(control.log(path="/v2/payouts"))
        told = gateway.dispute(made)
        assert (told.kind, told.movements, told.settlement) == (Kind.INQUIRY, (), None)
        assert len(control.log(path="/v2/payouts")) == before

    def payouts(self, loopback: Loopback, *entries: dict[str, Any]) -> None:
        loopback.on("GET /v2/disputes/SYN", {"dispute": dispute(id="SYN")})
        loopback.on("GET /v2/payouts", {"payouts": [{"id": "po_1"}]})
        loopback.on("GET /v2/payouts/po_1/payout-entries", {"payout_entries": list(entries)})

    def entry(self, **changes: Any) -> dict[str, Any]:
        return {
            "id": "poe_1",
            "payout_id": "po_1",
            "effective_at": "2026-03-02T03:07:09Z",
            "type": "OPEN_DISPUTE",
            "gross_amount_money": {"amount": -124990, "currency": "USD"},
            "type_open_dispute_details": {"dispute_id": "SYN"},
        } | changes

    def test_without_a_location_no_payout_is_looked_for(self, loopback: Loopback, at_loopback: SquareGateway) -> None:
        loopback.on("GET /v2/disputes/SYN", {"dispute": dispute(id="SYN", location_id=...)})
        assert at_loopback.dispute("SYN").movements == ()
        assert loopback.count("GET /v2/payouts") == 0

    def test_an_entry_of_nothing_but_a_fee_is_its_fee_and_a_returned_one_says_so(
        self, loopback: Loopback, at_loopback: SquareGateway
    ) -> None:
        nothing, back = {"amount": 0, "currency": "USD"}, {"amount": -1500, "currency": "USD"}
        self.payouts(loopback, self.entry(gross_amount_money=nothing, fee_amount_money=back))
        told = at_loopback.dispute("SYN").movements
        assert [(line.kind, line.amount) for line in told] == [("fee_returned", Money(1500, "USD"))]

    def test_only_entries_of_this_dispute_count(self, loopback: Loopback, at_loopback: SquareGateway) -> None:
        self.payouts(
            loopback,
            self.entry(type_open_dispute_details={"dispute_id": "OTHER"}),
            self.entry(type="CHARGE", type_charge_details={"payment_id": "P"}),
            self.entry(type="A_NEW_TYPE"),
            {},
        )
        assert at_loopback.dispute("SYN").movements == ()

    def test_squares_fee_is_a_line_of_its_own(self, loopback: Loopback, at_loopback: SquareGateway) -> None:
        self.payouts(loopback, self.entry(fee_amount_money={"amount": 1500, "currency": "USD"}))
        told = at_loopback.dispute("SYN").movements
        assert [(line.movement_id, line.kind, line.amount.minor) for line in told] == [
            ("poe_1", "withdrawal", -124990),
            ("poe_1:fee", "fee", -1500),
        ]

    def test_without_the_right_to_payouts_there_is_no_ledger_and_no_invention(
        self, loopback: Loopback, at_loopback: SquareGateway
    ) -> None:
        self.payouts(loopback)
        loopback.on("GET /v2/payouts", refused(403, "INSUFFICIENT_SCOPES", "No."))
        told = at_loopback.dispute("SYN")
        assert (told.movements, told.settlement, told.unknown) == ((), None, ())

    def test_payouts_that_cannot_be_read_now_are_told_and_stop_nothing(
        self, loopback: Loopback, at_loopback: SquareGateway
    ) -> None:
        self.payouts(loopback)
        loopback.on("GET /v2/payouts", refused(404, "NOT_FOUND", "No such place."))
        told = at_loopback.dispute("SYN")
        assert told.movements == ()
        assert told.unknown == ("payouts: Square does not know this: No such place.",)

    @pytest.mark.parametrize("lacking", ["effective_at", "gross_amount_money"])
    def test_an_entry_that_lacks_what_it_must_have_is_told_and_not_guessed(
        self, loopback: Loopback, at_loopback: SquareGateway, lacking: str
    ) -> None:
        entry = self.entry()
        del entry[lacking]
        self.payouts(loopback, entry)
        told = at_loopback.dispute("SYN")
        assert told.movements == ()
        assert "lacks or garbles" in told.unknown[0]
