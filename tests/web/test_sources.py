"""Sources over a real server: connected after a check, watched, changed, erased; webhooks believed only when signed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from sqlmodel import select

from disputes import links, store_evidence, store_sources
from disputes.facts import Shipment
from disputes.models import AuditEntry, Dispute, Merchant, Round, SourceConnection
from disputes.ports import Gathered
from evidence.sandbox import easypost
from evidence.sandbox.launch import in_thread
from evidence.sandbox.world import World
from scheduler import sources
from tests.evidence.systems import builders as told
from tests.web.desk import Browser, Desk, words

TOKEN = "shpat_practice"
PROOF = "the webhook's secret"


@pytest.fixture
def world() -> World:
    return told.world(
        orders=[told.order(), told.order("LL-1002")],
        parcels=[told.parcel()],
    )


@pytest.fixture
def base(world: World) -> Iterator[str]:
    with in_thread(world) as address:
        yield address


class Shop:
    def __init__(self, desk: Desk, base: str) -> None:
        self.desk, self.base = desk, base
        person = desk.person()
        self.merchant: Merchant = desk.shop(person)
        self.browser: Browser = desk.signed_in(person)
        self.here = links.sources(self.merchant.slug)

    def connect(self, **changes: str) -> httpx.Response:
        form = {"system": "shopify", "shop": f"{self.base}/shopify", "token": TOKEN}
        return self.browser.post(self.here, **form | changes)

    def rows(self) -> list[SourceConnection]:
        with self.desk.runtime.database.reading() as session:
            query = select(SourceConnection).where(SourceConnection.merchant_id == self.merchant.id)
            return list(session.exec(query))

    @property
    def row(self) -> SourceConnection:
        (found,) = self.rows()
        return found

    def act(self, what: str, **form: str) -> httpx.Response:
        return self.browser.post(f"{self.here}/{self.row.id}/{what}", **form)

    def pulled(self) -> str:
        return sources.run(self.desk.runtime, self.row.id)


class TestConnecting:
    def test_asks_the_system_first_and_seals_its_key(self, desk: Desk, base: str) -> None:
        shop = Shop(desk, base)
        assert shop.connect().status_code == 303
        assert TOKEN not in shop.row.secret
        assert TOKEN not in str(shop.row.settings)
        page = shop.browser.get(shop.here)
        assert "Not read yet" in words(page)
        assert TOKEN not in page.text
        assert shop.pulled() == "read 2"
        assert "2 records" in words(shop.browser.get(shop.here))

    @pytest.mark.parametrize(
        ("changes", "said"),
        [
            ({"token": "shpat_wrong"}, "Shopify"),
            ({"shop": "http://169.254.169.254"}, "Nothing was"),
            ({"shop": ""}, "this is needed"),
            ({"system": "teapot"}, "does not know this system"),
        ],
    )
    def test_that_fails_says_why_and_stores_nothing(
        self, desk: Desk, base: str, changes: dict[str, str], said: str
    ) -> None:
        shop = Shop(desk, base)
        answer = shop.connect(**changes)
        assert answer.status_code == 422
        assert said in words(answer)
        assert TOKEN not in answer.text
        assert shop.rows() == []

    def test_one_account_is_connected_once_a_shop(self, desk: Desk, base: str) -> None:
        shop = Shop(desk, base)
        shop.connect()
        answer = shop.connect()
        assert answer.status_code == 422
        assert "is connected already" in words(answer)
        assert Shop(desk, base).connect().status_code == 303, "another merchant's is their own"

    def test_the_record_names_the_system_and_no_key(self, desk: Desk, base: str) -> None:
        shop = Shop(desk, base)
        shop.connect()
        with desk.runtime.database.reading() as session:
            query = select(AuditEntry).where(AuditEntry.subject == shop.row.id)
            (entry,) = session.exec(query)
        assert (entry.action, entry.details) == ("source_connected", {"system": "shopify"})


class TestOneSource:
    def test_a_new_key_is_checked_and_an_empty_one_stays(self, desk: Desk, base: str) -> None:
        shop = Shop(desk, base)
        shop.connect()
        before = shop.row.secret
        assert shop.act("key", shop=f"{base}/shopify", token="shpat_wrong").status_code == 422
        assert shop.row.secret == before
        assert shop.act("key", shop=f"{base}/shopify").status_code == 303
        assert shop.pulled() == "read 2"

    def test_a_key_that_is_refused_later_stands_on_the_page_in_words(self, desk: Desk, base: str, world: World) -> None:
        shop = Shop(desk, base)
        shop.connect()
        world.account("shopify")["token"] = "another"
        assert shop.pulled() == "credentials"
        page = words(shop.browser.get(shop.here))
        assert "The key is refused" in page
        assert TOKEN not in page

    def test_erasing_forgets_what_is_kept_with_its_bytes_and_pauses(self, desk: Desk, base: str) -> None:
        shop = Shop(desk, base)
        shop.connect()
        shop.pulled()
        with desk.runtime.database.reading() as session:
            hashes = [row.sha256 for row in store_sources.of_kind(session, shop.row.id, "order")]
        assert hashes
        assert shop.act("erase").status_code == 303
        assert not any(desk.runtime.files.has(shop.merchant.id, each) for each in hashes)
        assert shop.row.paused
        assert shop.pulled() == "busy", "a paused source is not read"

    def test_disconnecting_leaves_nothing_of_it(self, desk: Desk, base: str) -> None:
        shop = Shop(desk, base)
        shop.connect()
        shop.pulled()
        source_id = shop.row.id
        assert shop.act("disconnect").status_code == 303
        assert shop.rows() == []
        with desk.runtime.database.reading() as session:
            assert store_sources.count(session, source_id) == 0

    def test_reading_now_starts_one_run(self, desk: Desk, base: str) -> None:
        shop = Shop(desk, base)
        shop.connect()
        desk.engine.asked.clear()
        assert shop.act("read").status_code == 303
        assert [(name, arguments) for name, _, arguments in desk.engine.asked] == [("pull_source", (shop.row.id,))]

    def test_while_it_is_imported_the_page_asks_again(self, desk: Desk, base: str) -> None:
        shop = Shop(desk, base)
        shop.connect()
        with desk.runtime.database.writing() as session:
            store_sources.note(session, shop.row.id, state="importing", seen=120, total=400)
        part = shop.browser.get(f"{shop.here}/{shop.row.id}/state")
        assert "120 of 400 read" in words(part)
        assert "every 3s" in part.text

    def test_a_system_whose_adapter_is_gone_is_said_to_be_and_disconnected(self, desk: Desk, base: str) -> None:
        shop = Shop(desk, base)
        shop.connect()
        with desk.runtime.database.writing() as session:
            store_sources.note(session, shop.row.id, system="vanished")
        assert "is not installed any more" in words(shop.browser.get(shop.here))
        assert shop.pulled() == "not_found"
        assert shop.act("disconnect").status_code == 303


class TestOwnAddresses:
    def test_are_kept_one_a_line_and_known_at_once(self, desk: Desk, base: str) -> None:
        shop = Shop(desk, base)
        path = f"/m/{shop.merchant.slug}/own-addresses"
        assert (
            shop.browser.post(path, own="Help@Lumen.example\n@lumen.shop.example, second@x.example").status_code == 303
        )
        page = words(shop.browser.get(shop.here))
        assert "lumen.shop.example" in page
        assert "help@lumen.example" in page

    @pytest.mark.parametrize("own", ["no address", "localhost", "a b@c.example"])
    def test_that_are_none_are_refused(self, desk: Desk, base: str, own: str) -> None:
        shop = Shop(desk, base)
        answer = shop.browser.post(f"/m/{shop.merchant.slug}/own-addresses", own=own)
        assert answer.status_code == 422


class Carrier(Shop):
    """EasyPost with a webhook, and a case on which its parcel lies."""

    def __init__(self, desk: Desk, base: str) -> None:
        super().__init__(desk, base)
        answer = self.connect(system="easypost", api_key="EZAK-practice", address=f"{base}/easypost/v2")
        assert answer.status_code == 303, words(answer)
        assert self.act("webhook", secret=PROOF).status_code == 303
        self.case: Dispute = desk.case(self.merchant)
        parcel = Shipment(order_ref="1001", carrier="UPS", tracking_number="1Z999AA10123456784")
        item = Gathered(b"{}", "application/json", "parcel", "asked", parcel)
        with desk.runtime.database.writing() as session:
            row = session.get_one(Dispute, self.case.id)
            row.work_state = "needs_evidence"
            session.add(row)
            (waiting,) = session.exec(select(Round).where(Round.dispute_id == row.id))
            waiting.prepare_at = None
            session.add(waiting)
            store_evidence.upsert(session, row, item, source="x", source_title="Shop", sha256="0" * 64, now=desk.now)

    def deliver(self, body: bytes, headers: dict[str, str]) -> httpx.Response:
        return httpx.post(
            f"{self.desk.url}{links.source_webhook(self.row.id)}", content=body, headers=headers, timeout=30
        )

    def looked_at_again(self) -> bool:
        with self.desk.runtime.database.reading() as session:
            query = select(Round.prepare_at).where(Round.dispute_id == self.case.id)
            return session.exec(query).one() is not None


class TestWebhooks:
    def test_a_signed_one_has_its_case_gathered_again(self, desk: Desk, base: str, world: World) -> None:
        shop = Carrier(desk, base)
        told_by: Any = easypost.delivery(world, "1Z999AA10123456784", PROOF)
        assert shop.deliver(*told_by).status_code == 200
        assert shop.looked_at_again()
        assert shop.row.last_event_at is not None

    def test_an_unsigned_one_does_nothing(self, desk: Desk, base: str, world: World) -> None:
        shop = Carrier(desk, base)
        body, headers = easypost.delivery(world, "1Z999AA10123456784", "another secret")
        assert shop.deliver(body, headers).status_code == 400
        assert shop.deliver(body, {}).status_code == 400
        assert not shop.looked_at_again()

    def test_without_a_secret_there_is_no_address(self, desk: Desk, base: str, world: World) -> None:
        shop = Carrier(desk, base)
        shop.act("webhook", secret="")
        assert shop.deliver(*easypost.delivery(world, "1Z999AA10123456784", PROOF)).status_code == 404

    def test_a_shop_that_sends_none_has_no_place_for_one(self, desk: Desk, base: str) -> None:
        shop = Shop(desk, base)
        shop.connect()
        assert shop.act("webhook", secret=PROOF).status_code == 422
