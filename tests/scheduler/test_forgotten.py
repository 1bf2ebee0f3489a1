"""A customer who was erased is not brought back by what a source still has of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from disputes import store_erased
from disputes.systems import PICTURE, Batch, Kept, Key, KeyKind
from scheduler import sources
from scheduler.forgotten import marks, without_erased
from tests import builders
from tests.builders import NOW
from tests.scheduler.doubles import Desk
from tests.scheduler.test_sources import EMILY, Shop, connected, held, kept


def erase(desk: Desk, *keys: Key, merchant_id: str = "", at: datetime = NOW) -> None:
    with desk.runtime.database.writing() as session:
        found = marks(desk.runtime.vault, keys).values()
        store_erased.remember(session, merchant_id or desk.merchant_id, set(found), at)


def order(number: str, *, at: datetime | None, email: str = "emily@example.com") -> Kept:
    return replace(kept(number, email=email), at=at)


def left(desk: Desk, *records: Kept) -> list[str]:
    return [each.external_id for each in without_erased(desk.runtime, desk.merchant_id, records)]


def test_an_order_from_before_is_not_kept_again_and_one_from_after_is(desk: Desk) -> None:
    erase(desk, EMILY)
    before, after = order("1001", at=NOW - timedelta(days=9)), order("1002", at=NOW + timedelta(days=1))
    assert left(desk, before, after, order("1003", at=NOW, email="somebody@example.com")) == ["1002", "1003"]


def test_one_of_no_known_time_counts_as_from_before(desk: Desk) -> None:
    erase(desk, EMILY)
    assert left(desk, order("1001", at=None)) == []


def test_a_sale_is_known_by_its_number_too(desk: Desk) -> None:
    erase(desk, Key(KeyKind.ORDER, "1001"))
    assert left(desk, order("#1001", at=NOW, email="other@example.com"), order("1002", at=NOW)) == ["1002"]


def test_the_shops_own_pictures_stay(desk: Desk) -> None:
    erase(desk, EMILY)
    lamp = Kept(PICTURE, "p1", (), b"a picture", "lamp.jpg", "The Shop: GET /lamp.jpg", media_type="image/jpeg")
    assert left(desk, lamp) == ["p1"]


def test_another_shops_customer_of_the_same_address_is_another_matter(desk: Desk) -> None:
    with desk.runtime.database.writing() as session:
        other = builders.merchant(session).id
    erase(desk, EMILY, merchant_id=other)
    assert left(desk, order("1001", at=NOW)) == ["1001"]


def test_who_is_erased_twice_is_erased_up_to_the_second_time(desk: Desk) -> None:
    erase(desk, EMILY, at=NOW - timedelta(days=30))
    erase(desk, EMILY, at=NOW)
    assert left(desk, order("1001", at=NOW - timedelta(days=9))) == []


def test_what_is_remembered_tells_nothing_about_who_it_was(desk: Desk) -> None:
    (mark,) = marks(desk.runtime.vault, [EMILY]).values()
    assert len(mark) == 64
    assert "emily" not in mark


def test_the_next_pull_leaves_them_where_they_are(desk: Desk) -> None:
    erase(desk, EMILY)
    records = (order("1001", at=NOW - timedelta(days=9)), order("1002", at=NOW, email="somebody@example.com"))
    source_id = connected(desk, Shop(pages=[Batch(records, "c1")]))
    assert sources.run(desk.runtime, source_id) == "read 2"
    assert held(desk, source_id, EMILY) == []
    assert held(desk, source_id, Key(KeyKind.EMAIL, "somebody@example.com")) == ["1002"]
