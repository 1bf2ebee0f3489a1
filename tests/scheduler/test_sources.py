"""Connected systems: pulled page by page, never twice at once, told when they fail, and never in the way of a case."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest

from disputes import store_evidence, store_sources
from disputes.facts import Message, Order, Shipment, TrackingEvent
from disputes.ids import new_id
from disputes.models import Dispute, EvidenceItem, Merchant, Round, SourceConnection
from disputes.money import Money
from disputes.ports import Gathered, Source, SourceReport, Wanted
from disputes.systems import (
    PICTURE,
    Batch,
    Brings,
    Kept,
    Key,
    KeyKind,
    SourceError,
    SourceFailure,
    SystemAccount,
    SystemKind,
)
from evidence.sources.keys import keys_of
from scheduler import gather, sources, sweep
from tests import builders
from tests.scheduler.doubles import Desk

KIND = SystemKind(
    name="shop", title="The Shop", version=1, brings=(Brings.ORDERS,), gives="Orders.", needs="A key.", settings=(),
    open=lambda _settings, _outside: Shop(),
)  # fmt: skip


def kept(number: str, *, total: int = 18900, email: str = "emily@example.com", payment: str | None = None) -> Kept:
    order = Order(
        order_ref=number, placed_at=builders.NOW, total=Money(total, "USD"), customer_email=email, payment_id=payment
    )
    data = json.dumps({"number": number, "total": total, "email": email}).encode()
    return Kept("order", number, (order,), data, f"order {number}.json", f"The Shop: order {number}", keys_of(order))


@dataclass
class Shop:
    """Hands out its pages; a page that is an error is raised."""

    pages: list[Batch | SourceError] = field(default_factory=list)
    asked: list[tuple[str | None, datetime]] = field(default_factory=list)
    warnings: tuple[str, ...] = ()
    kind: SystemKind = KIND
    during: Callable[[], None] = lambda: None

    def account(self) -> SystemAccount:
        return SystemAccount("shop_1", "The Shop", warnings=self.warnings)

    def pull(self, cursor: str | None, *, since: datetime) -> Iterator[Batch]:
        self.asked.append((cursor, since))
        for page in self.pages:
            self.during()
            if isinstance(page, SourceError):
                raise page
            yield page

    def gather(self, wanted: Wanted) -> SourceReport:
        return SourceReport(())


def connected(desk: Desk, shop: Shop, **changes: Any) -> str:
    desk.runtime.system_for = lambda _: shop
    row: dict[str, Any] = {
        "id": new_id("src"), "merchant_id": desk.merchant_id, "system": "shop", "account_id": "shop_1",
        "account_name": "The Shop", "secret": "sealed", "next_poll_at": desk.clock.now(),
        "created_at": desk.clock.now(),
    }  # fmt: skip
    source = SourceConnection(**(row | changes))
    with desk.runtime.database.writing() as session:
        session.add(source)
    return source.id


def source_of(desk: Desk, source_id: str) -> SourceConnection:
    with desk.runtime.database.reading() as session:
        return session.get_one(SourceConnection, source_id)


def held(desk: Desk, source_id: str, *keys: Key) -> list[str]:
    with desk.runtime.database.reading() as session:
        return [row.external_id for row in store_sources.found(session, source_id, keys)]


def waiting_case(desk: Desk, **changes: Any) -> str:
    """A case that lacks evidence, and nothing prepares it."""
    desk.gateway.says(external_id="du_1", **changes)
    desk.sync()
    dispute = desk.dispute()
    desk.set(Dispute, dispute.id, work_state="needs_evidence")
    desk.set(Round, desk.rounds()[0].id, prepare_at=None)
    return dispute.id


def is_looked_at_again(desk: Desk) -> bool:
    return desk.rounds()[0].prepare_at is not None


EMILY = Key(KeyKind.EMAIL, "emily@example.com")


class TestPulling:
    def test_every_page_is_kept_with_its_bytes_and_found_by_its_keys(self, desk: Desk) -> None:
        shop = Shop([Batch((kept("1001"), kept("1002", email="ada@example.com")), "c1"), Batch((kept("1003"),), "c2")])
        source_id = connected(desk, shop)
        assert sources.run(desk.runtime, source_id) == "read 3"
        assert sorted(held(desk, source_id, EMILY)) == ["1001", "1003"]
        assert held(desk, source_id, Key(KeyKind.ORDER, "1002")) == ["1002"]
        row = source_of(desk, source_id)
        assert (row.state, row.cursor, row.first_import_done, row.seen) == ("ok", "c2", True, 3)
        with desk.runtime.database.reading() as session:
            (record,) = store_sources.found(session, source_id, [Key(KeyKind.ORDER, "1002")])
            assert record.adapter == "shop/1"
        assert json.loads(desk.runtime.files.get(desk.merchant_id, record.sha256))["number"] == "1002"

    def test_a_pull_that_breaks_off_keeps_what_it_read_and_goes_on_from_there(self, desk: Desk) -> None:
        late = SourceError(SourceFailure.RATE_LIMITED, "The Shop asks to be called less often.", retry_after=1200)
        shop = Shop([Batch((kept("1001"),), "c1"), late])
        source_id = connected(desk, shop)
        assert sources.run(desk.runtime, source_id) == "rate_limited"
        row = source_of(desk, source_id)
        assert (row.state, row.cursor, row.first_import_done) == ("rate_limited", "c1", False)
        assert row.next_poll_at == desk.clock.now() + timedelta(seconds=1200), "as long as the server says"
        assert held(desk, source_id, EMILY) == ["1001"]
        shop.pages = [Batch((kept("1002"),), "c2")]
        assert sources.run(desk.runtime, source_id) == "read 1"
        assert shop.asked[1][0] == "c1"
        assert sorted(held(desk, source_id, EMILY)) == ["1001", "1002"]

    def test_pictures_are_kept_and_are_no_orders_that_were_read(self, desk: Desk) -> None:
        shown = Kept(PICTURE, "p1", (), b"a picture", "lamp.jpg", "The Shop: GET /lamp.jpg", media_type="image/jpeg")
        source_id = connected(desk, Shop([Batch((shown, kept("1001")), "c1", total=1)]))
        assert sources.run(desk.runtime, source_id) == "read 1"
        with desk.runtime.database.reading() as session:
            sha256 = store_sources.kept_sha256(session, source_id, PICTURE, "p1")
            assert store_sources.kept_sha256(session, "another", PICTURE, "p1") is None
        assert sha256
        assert desk.runtime.files.get(desk.merchant_id, sha256) == b"a picture"

    def test_a_record_that_changed_is_found_by_its_new_keys_only(self, desk: Desk) -> None:
        shop = Shop([Batch((kept("1001", email="old@example.com"),), "c1")])
        source_id = connected(desk, shop)
        sources.run(desk.runtime, source_id)
        shop.pages = [Batch((kept("1001", email="emily@example.com"),), "c2")]
        sources.run(desk.runtime, source_id)
        assert held(desk, source_id, EMILY) == ["1001"]
        assert held(desk, source_id, Key(KeyKind.EMAIL, "old@example.com")) == []

    def test_two_pulls_of_one_source_never_run_at_once(self, desk: Desk) -> None:
        shop = Shop([Batch((kept("1001"),), "c1")])
        source_id = connected(desk, shop)
        said: list[str] = []
        shop.during = lambda: said.append(sources.run(desk.runtime, source_id))
        assert sources.run(desk.runtime, source_id) == "read 1"
        assert said == ["busy"]

    def test_a_pull_whose_source_was_disconnected_in_the_meantime_stores_nothing(self, desk: Desk) -> None:
        shop = Shop([Batch((kept("1001"),), "c1")])
        source_id = connected(desk, shop)

        def disconnect() -> None:
            with desk.runtime.database.writing() as session:
                store_sources.remove(session, source_id)

        shop.during = disconnect
        assert sources.run(desk.runtime, source_id) == "busy"
        with desk.runtime.database.reading() as session:
            assert store_sources.count(session, source_id) == 0

    def test_what_could_not_be_read_is_named_and_the_rest_is_kept(self, desk: Desk) -> None:
        refused = tuple(f"Order {number} has no date; it was left out." for number in range(5))
        source_id = connected(desk, Shop([Batch((kept("1001"),), "c1", refused=refused)]))
        assert sources.run(desk.runtime, source_id) == "read 1"
        row = source_of(desk, source_id)
        assert row.state == "ok"
        assert "Order 0 has no date" in row.state_detail
        assert row.state_detail.endswith("And 2 more.")

    def test_a_system_that_is_only_asked_is_asked_how_it_is(self, desk: Desk) -> None:
        carrier = SystemKind(
            name="carrier", title="The Carrier", version=1, brings=(Brings.TRACKING,), gives="", needs="", settings=(),
            open=lambda _settings, _outside: Shop(),
        )  # fmt: skip
        shop = Shop(kind=carrier, warnings=("Only the last 90 days are visible.",))
        source_id = connected(desk, shop)
        assert sources.run(desk.runtime, source_id) == "read 0"
        row = source_of(desk, source_id)
        assert (row.state, row.warnings, shop.asked) == ("ok", ["Only the last 90 days are visible."], [])

    def test_the_sweep_starts_one_pull_for_each_source_that_is_due(self, desk: Desk) -> None:
        source_id = connected(desk, Shop())
        connected(desk, Shop(), account_id="paused", paused=True)
        connected(desk, Shop(), account_id="later", next_poll_at=desk.clock.now() + timedelta(hours=1))
        assert sweep.start_pulls(desk.runtime) == 1
        assert sweep.start_pulls(desk.runtime) == 0
        assert [list(each) for each in desk.runs.of("pull_source")] == [[source_id]]


class TestCasesThatWait:
    def test_after_a_first_import_they_are_gathered_again(self, desk: Desk) -> None:
        waiting_case(desk)
        source_id = connected(desk, Shop([Batch((kept("1001", email="somebody@example.com"),), "c1")]))
        sources.run(desk.runtime, source_id)
        assert is_looked_at_again(desk)

    @pytest.mark.parametrize(("payment", "again"), [("pi_of_the_case", True), ("pi_of_another", False)])
    def test_afterwards_only_those_the_new_record_speaks_of(self, desk: Desk, payment: str, again: bool) -> None:
        waiting_case(desk, payment_id="pi_of_the_case")
        shop = Shop([Batch((kept("1001", email="x@example.com", payment=payment),), "c2")])
        source_id = connected(desk, shop, first_import_done=True)
        sources.run(desk.runtime, source_id)
        assert is_looked_at_again(desk) is again

    def test_what_a_person_is_about_to_approve_is_left_alone(self, desk: Desk) -> None:
        dispute_id = waiting_case(desk, payment_id="pi_of_the_case")
        desk.set(Dispute, dispute_id, work_state="awaiting_approval")
        shop = Shop([Batch((kept("1001", payment="pi_of_the_case"),), "c2")])
        source_id = connected(desk, shop, first_import_done=True)
        sources.run(desk.runtime, source_id)
        assert not is_looked_at_again(desk)

    def test_a_carriers_word_about_a_parcel_reaches_the_case_it_lies_on(self, desk: Desk) -> None:
        waiting_case(desk)
        parcel = Shipment(order_ref="1001", carrier="UPS", tracking_number="1Z 999-AA1")
        item = Gathered(b"{}", "application/json", "parcel", "asked", parcel)
        with desk.runtime.database.writing() as session:
            store_evidence.upsert(
                session, desk.dispute(), item, source="src", source_title="UPS", sha256="0" * 64, now=desk.clock.now()
            )
        for number, cases in (("1z999aa1", 1), ("1z999aa2", 0)):
            with desk.runtime.database.writing() as session:
                key = Key(KeyKind.TRACKING, number)
                assert sources.look_again(desk.runtime, session, desk.merchant_id, [key]) == cases


class TestErasing:
    def test_what_is_kept_can_be_counted_and_erased_and_another_sources_stays(self, desk: Desk) -> None:
        shared = kept("1001")
        first = connected(desk, Shop([Batch((shared, kept("1002")), "c1")]))
        sources.run(desk.runtime, first)
        second = connected(desk, Shop([Batch((shared,), "c1")]), account_id="shop_2")
        sources.run(desk.runtime, second)
        with desk.runtime.database.writing() as session:
            assert store_sources.count(session, first) == 2
            unnamed = store_sources.erase_records(session, first)
            assert store_sources.count(session, first) == 0
        assert len(unnamed) == 1, "the bytes that another source still names stay"
        assert held(desk, first, EMILY) == []
        assert held(desk, second, EMILY) == ["1001"]
        assert source_of(desk, first).cursor is None

    def test_evidence_on_a_case_keeps_its_bytes(self, desk: Desk) -> None:
        waiting_case(desk)
        record = kept("1001")
        source_id = connected(desk, Shop([Batch((record,), "c1")]))
        sources.run(desk.runtime, source_id)
        sha256 = desk.runtime.files.put(desk.merchant_id, record.data)
        item = Gathered(record.data, "application/json", "order", "asked", record.facts[0])
        with desk.runtime.database.writing() as session:
            store_evidence.upsert(
                session,
                desk.dispute(),
                item,
                source=source_id,
                source_title="Shop",
                sha256=sha256,
                now=desk.clock.now(),
            )
            assert store_sources.remove(session, source_id) == []

    def test_one_merchant_never_reaches_anothers_source(self, desk: Desk) -> None:
        source_id = connected(desk, Shop([Batch((kept("1001"),), "c1")]))
        with desk.runtime.database.writing() as session:
            other = builders.merchant(session)
            with pytest.raises(Exception, match="no source"):
                store_sources.source_of(session, other.id, source_id)


@dataclass
class Asked:
    """A source of a case, as the runtime hands them out."""

    name: str
    asks_first: bool = False
    report: SourceReport | Exception = field(default_factory=lambda: SourceReport(()))
    wanted: list[Wanted] = field(default_factory=list)
    title: str = "The Source"
    asks_again: bool = False

    def gather(self, wanted: Wanted) -> SourceReport:
        self.wanted.append(wanted)
        if isinstance(self.report, Exception):
            raise self.report
        return self.report


def gathered(desk: Desk, *asked: Source) -> str:
    """Gather for one case; the notes that stand on it."""
    desk.runtime.sources_for = lambda _: asked
    with desk.runtime.database.reading() as session:
        merchant = session.get_one(Merchant, desk.merchant_id)
    return gather.gather(desk.runtime, desk.dispute(), desk.connection(), merchant).words()


def items(desk: Desk) -> list[EvidenceItem]:
    with desk.runtime.database.reading() as session:
        return list(store_evidence.items_of(session, desk.dispute().id))


class TestGathering:
    @pytest.fixture(autouse=True)
    def _case(self, desk: Desk) -> None:
        waiting_case(desk, order_ref="1001")

    def test_carriers_and_mailboxes_are_asked_about_what_the_shop_named(self, desk: Desk) -> None:
        order = Order(order_ref="1001", placed_at=builders.NOW, customer_email="second@example.com")
        parcel = Shipment(order_ref="1001", carrier="UPS", tracking_number="1Z999")
        found = [Gathered(b"{}", "application/json", "x", "asked", fact, adapter="shop/1") for fact in (order, parcel)]
        shop = Asked("src_shop", asks_first=True, report=SourceReport(tuple(found)))
        carrier = Asked("src_carrier")
        gathered(desk, carrier, shop)
        (wanted,) = carrier.wanted
        assert shop.wanted[0].orders == ()
        assert [each.order_ref for each in wanted.orders] == ["1001"]
        assert "second@example.com" in wanted.emails
        assert [each.number for each in wanted.parcels] == ["1Z999"]
        assert {each.adapter for each in items(desk) if each.source == "src_shop"} == {"shop/1"}

    def test_a_chat_is_asked_with_the_telephone_the_shop_knows(self, desk: Desk) -> None:
        order = Order(order_ref="1001", placed_at=builders.NOW, customer_phone="+1 512 555 0148")
        found = Gathered(b"{}", "application/json", "x", "asked", order)
        chats = Asked("src_chats")
        gathered(desk, Asked("src_shop", asks_first=True, report=SourceReport((found,))), chats)
        assert chats.wanted[0].phone == "+1 512 555 0148"

    def test_a_shop_that_does_not_have_the_order_is_asked_for_others_of_the_customer(self, desk: Desk) -> None:
        order = Order(order_ref="1001", placed_at=builders.NOW, customer_email="emily@example.com")
        found = Gathered(b"{}", "application/json", "x", "asked", order)
        knows = Asked("src_shop", asks_first=True, report=SourceReport((found,)))
        other = Asked("src_other", asks_first=True)
        knows.asks_again = other.asks_again = True
        gathered(desk, knows, other)
        assert [each.certain for each in knows.wanted] == [False]
        assert [[order.order_ref for order in each.orders] for each in other.wanted] == [[], ["1001"]]

    def test_the_order_found_is_the_disputed_one_however_old_the_others_are(self, desk: Desk) -> None:
        desk.set(Dispute, desk.dispute().id, order_ref=None)
        mine = Order(order_ref="1001", placed_at=builders.NOW, customer_email="emily@example.com")
        older = mine.model_copy(update={"order_ref": "0900", "placed_at": builders.NOW - timedelta(days=90)})
        found = [Gathered(b"{}", "application/json", "x", "asked", mine),
                 Gathered(b"[]", "application/json", "y", "asked", older, further=True)]  # fmt: skip
        gathered(desk, Asked("src_shop", asks_first=True, report=SourceReport(tuple(found))))
        dispute = desk.dispute()
        case = store_evidence.case_file(items(desk), dispute.order_ref)
        assert [each.order_ref for each in case.orders] == ["1001", "0900"]

    def test_an_order_is_known_by_any_of_its_numbers(self, desk: Desk) -> None:
        mine = Order(order_ref="LL-1001", numbers=("5001001",), placed_at=builders.NOW)
        older = Order(order_ref="LL-0900", placed_at=builders.NOW - timedelta(days=90))
        found = [
            Gathered(b"{}", "application/json", "x", "asked", each, further=each is older) for each in (mine, older)
        ]
        gathered(desk, Asked("src_shop", asks_first=True, report=SourceReport(tuple(found))))
        for number in ("5001001", "#LL-1001"):
            case = store_evidence.case_file(items(desk), number)
            assert case.order is not None
            assert case.order.order_ref == "LL-1001"

    def test_a_source_that_fails_is_named_and_the_others_are_used(self, desk: Desk) -> None:
        source_id = connected(desk, Shop())
        error = SourceError(SourceFailure.CREDENTIALS, "The Shop refuses the key. Connect it again with a new one.")
        message = Message(message_id="<a@b>", at=builders.NOW, direction="in", sender="e@example.com", body="Hello.")
        mail = Asked("src_mail", report=SourceReport((Gathered(b"x", "message/rfc822", "m", "asked", message),)))
        assert "The Shop refuses the key" in gathered(desk, Asked(source_id, report=error), mail)
        assert source_of(desk, source_id).state == "credentials"
        assert [each.source for each in items(desk) if each.fact_type == "message"] == ["src_mail"]

    def test_that_a_carrier_has_nothing_is_no_news_once_another_has_scans(self, desk: Desk) -> None:
        said = "EasyPost: parcel 1Z 999 is not watched."
        nothing = Asked("src_a", report=SourceReport((), (), (said, "A file was left out."), (("1Z 999", said),)))
        scan = TrackingEvent(at=builders.NOW, state="in_transit", text="Departed")
        for events, left in (((), f"{said} A file was left out."), ((scan,), "A file was left out.")):
            parcel = Shipment(order_ref="1001", carrier="UPS", tracking_number="1z999", events=events)
            found = Gathered(b"{}", "application/json", "x", "asked", parcel)
            assert gathered(desk, nothing, Asked("src_b", report=SourceReport((found,)))) == left

    def test_a_source_without_manners_does_no_harm_either(self, desk: Desk) -> None:
        assert "could not be read" in gathered(desk, Asked("src", report=ZeroDivisionError()))

    def test_a_source_that_answers_is_well_again(self, desk: Desk) -> None:
        source_id = connected(desk, Shop(), state="unavailable", state_detail="It did not answer.")
        gathered(desk, Asked(source_id))
        row = source_of(desk, source_id)
        assert (row.state, row.state_detail, row.last_asked_at) == ("ok", "", desk.clock.now())

    def test_a_question_in_between_does_not_end_a_first_import(self, desk: Desk) -> None:
        source_id = connected(desk, Shop(), state="importing")
        gathered(desk, Asked(source_id))
        assert source_of(desk, source_id).state == "importing"

    def test_what_did_not_answer_in_time_is_listed_and_the_case_goes_on(self, desk: Desk) -> None:
        release = threading.Event()

        class Slow(Asked):
            def gather(self, wanted: Wanted) -> SourceReport:
                release.wait(20)
                return SourceReport(())

        desk.runtime.gather_seconds = 0.2
        try:
            said = gathered(desk, Slow("src_slow", asks_first=True, title="The Slow Shop"), Asked("src"))
        finally:
            release.set()
        assert "The Slow Shop did not answer in time" in said
