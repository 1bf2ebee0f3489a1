"""Events that the merchant's own application sends in: stored once each, named where they cannot be read, and found
again for the sale they belong to."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlmodel import select

from disputes import links, store_sources
from disputes.facts import Order, UsageLog
from disputes.models import Merchant, SourceConnection
from disputes.money import Money
from disputes.ports import Wanted
from evidence.systems import kinds
from evidence.systems.push import KIND, MOST_EVENTS
from tests.web.desk import Browser, Desk, words
from web.sources import Wiring


@pytest.fixture(autouse=True)
def _only_this_system(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(kinds, "OURS", ("push",))
    kinds.kinds.cache_clear()
    yield
    kinds.kinds.cache_clear()


class Shop:
    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        person = desk.person()
        self.merchant: Merchant = desk.shop(person)
        self.browser: Browser = desk.signed_in(person)
        self.here = links.sources(self.merchant.slug)
        assert self.browser.post(self.here, system="push").status_code == 303
        self.token = self.new_token()

    @property
    def source(self) -> SourceConnection:
        with self.desk.runtime.database.reading() as session:
            query = select(SourceConnection).where(SourceConnection.merchant_id == self.merchant.id)
            return session.exec(query).one()

    def new_token(self) -> str:
        answer = self.browser.post(f"{self.here}/{self.source.id}/token")
        found = re.search(r'class="hash">([^<]+)<', answer.text)
        assert found
        return found.group(1)

    def send(self, *events: Any, token: str | None = None, body: bytes | None = None) -> httpx.Response:
        headers = {"authorization": f"Bearer {self.token if token is None else token}"}
        content = json.dumps({"events": list(events)}).encode() if body is None else body
        return httpx.post(f"{self.desk.url}/api/v1/events", content=content, headers=headers, timeout=30)

    def held(self) -> int:
        with self.desk.runtime.database.reading() as session:
            return store_sources.count(session, self.source.id)

    def gathered(self, wanted: Wanted) -> list[tuple[UsageLog, str]]:
        runtime = self.desk.runtime
        wiring = Wiring(runtime.data, runtime.database, runtime.vault, runtime.files, runtime.clock)
        (source,) = wiring.sources_for(self.merchant)
        items = source.gather(wanted).items
        assert {each.adapter for each in items} <= {KIND.adapter}
        return [(each.fact, each.confidence) for each in items if isinstance(each.fact, UsageLog)]


def event(number: int = 1, **changes: Any) -> dict[str, Any]:
    told = {
        "id": f"evt-{number}", "at": f"2026-11-05T14:{number:02d}:00Z", "action": "downloaded", "detail": "Plans, PDF",
        "account_id": "A-77", "order": "#LL-1001", "ip": "203.0.113.24",
    }  # fmt: skip
    return {name: value for name, value in (told | changes).items() if value is not None}


def wanted(desk: Desk, **changes: Any) -> Wanted:
    order = Order(order_ref="LL-1001", placed_at=desk.now - timedelta(days=30), account_id="A-77")
    told: dict[str, Any] = {
        "payment_id": "pi_1", "order_ref": "LL-1001", "customer_email": "emily@example.com", "customer_name": None,
        "paid_at": order.placed_at, "amount": Money(100, "USD"), "orders": (order,), "certain": True,
    }  # fmt: skip
    return Wanted(**(told | changes))


class TestEvents:
    def test_are_kept_once_each_and_make_one_log_for_their_sale(self, desk: Desk) -> None:
        shop = Shop(desk)
        assert shop.send(event(2), event(1)).json() == {"stored": 2, "known": 0, "refused": []}
        assert shop.send(event(2), event(3, account_id="B-1", order="LL-9999")).json()["known"] == 1
        ((log, confidence),) = shop.gathered(wanted(desk))
        assert [(each.action, each.account_id, each.order_ref) for each in log.events] == [
            ("download", "A-77", "LL-1001"),
            ("download", "A-77", "LL-1001"),
        ]
        assert log.events[0].at < log.events[1].at
        assert confidence == "certain"

    def test_known_by_the_address_alone_wait_for_a_person(self, desk: Desk) -> None:
        shop = Shop(desk)
        shop.send(event(1, account_id=None, order=None, email="Emily@Example.com"))
        ((_, confidence),) = shop.gathered(wanted(desk))
        assert confidence == "likely"

    def test_of_an_order_that_is_not_certain_wait_too(self, desk: Desk) -> None:
        shop = Shop(desk)
        shop.send(event(1))
        ((_, confidence),) = shop.gathered(wanted(desk, certain=False))
        assert confidence == "likely"

    @pytest.mark.parametrize(
        ("spoilt", "why"),
        [
            ({"at": "2026-11-05T14:01:00"}, "no offset"),
            ({"at": "last Tuesday"}, "no date"),
            ({"action": None}, "at and action are needed"),
            ({"id": None}, "id is needed"),
            ({"account_id": None, "order": None}, "whose it is"),
            ({"email": "nobody"}, "no address"),
            ({"card": "4242424242424242"}, "not known: card"),
        ],
    )
    def test_that_cannot_be_read_are_named_and_the_others_kept(
        self, desk: Desk, spoilt: dict[str, Any], why: str
    ) -> None:
        shop = Shop(desk)
        told = shop.send(event(1, **spoilt), event(2)).json()
        assert told["stored"] == 1
        ((named),) = told["refused"]
        assert named["event"] == 0
        assert why in named["why"]
        assert shop.held() == 1

    @pytest.mark.parametrize(
        "body", [b"", b"{", b"[]", b'{"events": []}', b'{"events": 7}', b"[" * 5000, b'{"events": [7]}']
    )
    def test_a_body_without_any_is_refused_whole(self, desk: Desk, body: bytes) -> None:
        shop = Shop(desk)
        assert shop.send(body=body).status_code == 422
        assert shop.held() == 0

    def test_more_than_fit_are_refused_whole(self, desk: Desk) -> None:
        shop = Shop(desk)
        many = [
            {"id": f"e{number}", "at": "2026-11-05T14:00:00Z", "action": "x", "order": "1"}
            for number in range(MOST_EVENTS + 1)
        ]
        answer = shop.send(*many)
        assert answer.status_code == 422
        assert shop.held() == 0

    def test_a_card_number_in_them_is_masked_before_it_is_stored(self, desk: Desk) -> None:
        shop = Shop(desk)
        shop.send(event(1, detail="paid with 4242 4242 4242 4242"))
        ((log, _),) = shop.gathered(wanted(desk))
        assert "4242 4242 4242" not in (log.events[0].detail or "")


class TestTheToken:
    def test_that_is_wrong_old_or_another_shops_stores_nothing(self, desk: Desk) -> None:
        shop, other = Shop(desk), Shop(desk)
        old = shop.token
        shop.token = shop.new_token()
        forged = f"{shop.source.id}.{'x' * 43}"
        crossed = f"{shop.source.id}.{other.token.partition('.')[2]}"
        for token in (old, forged, crossed, ".", "x", f"{shop.source.id}."):
            answer = shop.send(event(), token=token)
            assert answer.status_code == 401
        assert shop.held() == 0
        assert shop.send(event()).status_code == 200

    def test_is_shown_once_and_never_stored(self, desk: Desk) -> None:
        shop = Shop(desk)
        assert shop.token not in shop.browser.get(shop.here).text
        held = desk.runtime.vault.open(shop.source.webhook_secret or "")
        assert shop.token.partition(".")[2] not in held

    def test_of_a_paused_source_is_told_to_come_again(self, desk: Desk) -> None:
        shop = Shop(desk)
        shop.browser.post(f"{shop.here}/{shop.source.id}/pause")
        assert shop.send(event()).status_code == 503
        assert shop.held() == 0


class TestThePage:
    def test_counts_what_is_kept_and_erases_it(self, desk: Desk) -> None:
        shop = Shop(desk)
        shop.send(event(1), event(2))
        assert "2 records" in words(shop.browser.get(shop.here))
        assert shop.browser.post(f"{shop.here}/{shop.source.id}/erase").status_code == 303
        assert shop.held() == 0
        assert shop.source.paused

    def test_of_another_shop_reaches_nothing_here(self, desk: Desk) -> None:
        shop, other = Shop(desk), Shop(desk)
        shop.send(event(1))
        for act in ("erase", "disconnect", "pause", "token", "read", "key", "webhook"):
            assert other.browser.post(f"{other.here}/{shop.source.id}/{act}").status_code == 404
        assert shop.held() == 1
