"""The queue: order, views, filters, search, and live apart from sandbox."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from disputes import links, store_queue
from disputes.database import Database, sqlite_url
from disputes.lifecycle import GatewayStatus, Kind
from disputes.migrate import migrate
from disputes.models import Merchant
from disputes.money import Money
from disputes.store_queue import Wanted
from tests.web.desk import Browser, Desk, words


def listed(browser: Browser, merchant: Merchant, query: str = "") -> list[str]:
    return re.findall(r'class="case" href="[^"]+">([^<]+)<', browser.get(links.queue(merchant.slug) + query).text)


def shop(desk: Desk) -> tuple[Browser, Merchant]:
    person = desk.person()
    merchant = desk.shop(person)
    return desk.signed_in(person), merchant


class TestTheQueue:
    def test_shows_the_nearest_deadline_first_and_the_unknown_one_last(self, desk: Desk) -> None:
        browser, merchant = shop(desk)
        for name, due in (("B", desk.now + timedelta(days=5)), ("A", desk.now + timedelta(days=2)), ("C", None)):
            desk.case(merchant, order_ref=name, due_at=due)
        assert listed(browser, merchant) == ["A", "B", "C"]

    def test_pages_on_without_losing_or_repeating_a_case(self, desk: Desk) -> None:
        browser, merchant = shop(desk)
        due = desk.now + timedelta(days=4)
        for number in range(store_queue.PAGE + 7):
            desk.case(merchant, order_ref=f"N{number:03}", due_at=due)
        page = browser.get(links.queue(merchant.slug))
        following = re.search(r'class="more" href="([^"]+)"', page.text)
        assert following
        second = browser.get(following[1].replace("&amp;", "&"))
        names = [re.findall(r">(N\d{3})<", each.text) for each in (page, second)]
        assert [len(each) for each in names] == [store_queue.PAGE, 7]
        assert len({*names[0], *names[1]}) == store_queue.PAGE + 7

    def test_never_mixes_live_and_sandbox(self, desk: Desk) -> None:
        browser, merchant = shop(desk)
        desk.case(merchant, order_ref="real", mode="live", amount=Money(77700, "EUR"))
        desk.case(merchant, order_ref="play", mode="sandbox", amount=Money(11100, "EUR"))
        assert listed(browser, merchant) == ["real"]
        assert listed(browser, merchant, "?side=sandbox") == ["play"]
        assert listed(browser, merchant, "?side=live&q=play") == []
        assert "Sandbox: no real money" in words(browser.get(links.queue(merchant.slug) + "?side=sandbox"))
        page = words(browser.get(links.connections(merchant.slug)))
        assert "777.00 EUR in 1 case" in page
        assert "888.00" not in page

    def test_finds_by_part_of_name_or_mail_and_by_short_exact_number(self, desk: Desk) -> None:
        browser, merchant = shop(desk)
        desk.case(merchant, order_ref="7", customer_name="Ayşe Yılmaz", customer_email="ayse@post.example")
        desk.case(merchant, order_ref="LL-2", customer_name='Tim "T%_" Oak')
        desk.case(desk.shop(), order_ref="7", customer_name="Ayse Yilmaz")
        for query in ("yilmaz", "YILMAZ", "yılm", "post.ex", "7"):
            assert listed(browser, merchant, f"?q={query}") == ["7"], query
        assert listed(browser, merchant, "?q=%22T%25_%22") == ["LL-2"]
        assert listed(browser, merchant, "?q=%25%25%25") == []

    def test_filters_and_views_narrow_it(self, desk: Desk) -> None:
        browser, merchant = shop(desk)
        desk.case(merchant, order_ref="open")
        desk.case(merchant, order_ref="ask", kind=Kind.INQUIRY)
        desk.case(merchant, order_ref="won", status=GatewayStatus.WON, due_at=None)
        assert listed(browser, merchant, "?kind=inquiry") == ["ask"]
        assert listed(browser, merchant, "?view=won") == ["won"]
        assert "Nothing matches" in words(browser.get(links.queue(merchant.slug) + "?kind=compliance"))
        assert "Won 1" in words(browser.get(links.queue(merchant.slug)))

    def test_of_a_shop_without_connection_says_what_to_do(self, desk: Desk) -> None:
        browser, merchant = shop(desk)
        assert "No account is connected yet" in words(browser.get(links.queue(merchant.slug)))

    def test_says_a_damaged_address_plainly(self, desk: Desk) -> None:
        browser, merchant = shop(desk)
        desk.case(merchant)
        assert browser.get(links.queue(merchant.slug) + "?after=nonsense").status_code == 422


def test_the_first_page_reads_the_partial_index(tmp_path: Path) -> None:
    """On SQLite, which uses a partial index only where the query repeats its condition to the letter."""
    seen: list[str] = []
    url = sqlite_url(tmp_path / "plan.db")
    migrate(url)
    engine = Database(url).engine
    with Session(engine) as session:

        def note(_connection: object, _cursor: object, statement: str, parameters: Any, *_: object) -> None:
            if "due_sort" in statement:
                plan = session.connection().connection.cursor()
                plan.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
                seen.extend(str(row[3]) for row in plan.fetchall())

        sa.event.listen(engine, "before_cursor_execute", note)
        store_queue.page(session, "mer_1", Wanted(live=True))
        sa.event.remove(engine, "before_cursor_execute", note)
    engine.dispose()
    assert any("ix_dispute_open_queue" in line for line in seen), seen
    assert not any("TEMP B-TREE" in line for line in seen), seen
