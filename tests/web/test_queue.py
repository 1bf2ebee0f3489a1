"""The queue: order, views, filters, search, and live apart from sandbox."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from disputes import links, store, store_queue
from disputes.database import Database, sqlite_url
from disputes.lifecycle import GatewayStatus, Kind
from disputes.migrate import migrate
from disputes.models import Dispute, Merchant
from disputes.money import Money
from disputes.store_queue import Wanted
from tests.web.desk import Browser, Desk, words


def listed(browser: Browser, merchant: Merchant, query: str = "") -> list[str]:
    return re.findall(r'class="case" href="[^"]+"[^>]*>([^<]+)<', browser.get(links.queue(merchant.slug) + query).text)


def shop(desk: Desk) -> tuple[Browser, Merchant]:
    person = desk.person()
    merchant = desk.shop(person)
    return desk.signed_in(person), merchant


def ready(desk: Desk, merchant: Merchant, name: str, **told: Any) -> Dispute:
    """A case of this name whose answer waits for approval."""
    return desk.case(merchant, order_ref=name, **told)


def change(desk: Desk, dispute: Dispute, **columns: Any) -> None:
    with desk.runtime.database.writing() as session:
        held = session.get_one(Dispute, dispute.id)
        for name, value in columns.items():
            setattr(held, name, value)
        store.save(session, held, desk.now)


class TestTheQueue:
    def test_shows_the_nearest_deadline_first_and_the_unknown_one_last(self, desk: Desk) -> None:
        browser, merchant = shop(desk)
        for name, due in (("B", desk.now + timedelta(days=5)), ("A", desk.now + timedelta(days=2)), ("C", None)):
            desk.case(merchant, order_ref=name, due_at=due)
        assert listed(browser, merchant, "?view=open") == ["A", "B", "C"]

    def test_pages_on_without_losing_or_repeating_a_case(self, desk: Desk) -> None:
        browser, merchant = shop(desk)
        due = desk.now + timedelta(days=4)
        for number in range(store_queue.PAGE + 7):
            desk.case(merchant, order_ref=f"N{number:03}", due_at=due)
        page = browser.get(links.queue(merchant.slug))
        following = re.search(r'href="([^"]+after=[^"]+)"', page.text)
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


class TestWhatNeedsAPerson:
    def test_is_shown_first_and_leaves_out_what_the_desk_still_works_on(self, desk: Desk) -> None:
        browser, merchant = shop(desk)
        change(desk, ready(desk, merchant, "approve"), work_state="awaiting_approval")
        change(desk, ready(desk, merchant, "evidence"), work_state="needs_evidence")
        change(desk, ready(desk, merchant, "gathering"), work_state="gathering")
        assert sorted(listed(browser, merchant)) == ["approve", "evidence"]
        assert sorted(listed(browser, merchant, "?view=open")) == ["approve", "evidence", "gathering"]
        assert "Needs you now 2" in words(browser.get(links.queue(merchant.slug)))

    def test_past_due_is_a_view_of_its_own_that_the_clock_fills(self, desk: Desk) -> None:
        browser, merchant = shop(desk)
        ready(desk, merchant, "late", due_at=desk.now - timedelta(hours=1))
        ready(desk, merchant, "early")
        assert listed(browser, merchant, "?view=past_due") == ["late"]
        assert "Past due 1" in words(browser.get(links.queue(merchant.slug) + "?view=open"))

    def test_among_equal_deadlines_the_larger_settlement_comes_first_within_its_currency(self, desk: Desk) -> None:
        browser, merchant = shop(desk)
        due = desk.now + timedelta(days=4)
        for name, settlement in (("small", Money(500, "EUR")), ("unknown", None), ("large", Money(90_000, "EUR"))):
            ready(desk, merchant, name, due_at=due, settlement=settlement)
        assert listed(browser, merchant, "?view=open") == ["large", "small", "unknown"]

    def test_money_at_stake_is_one_sum_a_currency(self, desk: Desk) -> None:
        browser, merchant = shop(desk)
        for amount in (Money(10_000, "EUR"), Money(5_050, "EUR"), Money(900, "JPY")):
            ready(desk, merchant, "x", amount=amount)
        assert "At stake in open cases: 150.50 EUR · 900 JPY" in words(browser.get(links.queue(merchant.slug)))


class TestFilters:
    def test_an_amount_means_nothing_without_its_currency(self, desk: Desk) -> None:
        browser, merchant = shop(desk)
        ready(desk, merchant, "euro", amount=Money(20_000, "EUR"))
        ready(desk, merchant, "little", amount=Money(2_000, "EUR"))
        ready(desk, merchant, "yen", amount=Money(20_000, "JPY"))
        assert listed(browser, merchant, "?currency=EUR&least=100") == ["euro"]
        assert listed(browser, merchant, "?currency=EUR&most=99,99") == ["little"]
        answer = browser.get(links.queue(merchant.slug) + "?least=100")
        assert (answer.status_code, "Choose a currency" in answer.text) == (422, True)

    def test_narrow_by_network_and_by_who_works_on_it(self, desk: Desk) -> None:
        browser, merchant = shop(desk)
        mine = ready(desk, merchant, "mine", network="visa")
        ready(desk, merchant, "nobody's", network="mastercard")
        browser.post(f"/m/{merchant.slug}/bulk/assign", case=mine.id, whom="me")
        assert listed(browser, merchant, "?who=me") == ["mine"]
        assert listed(browser, merchant, "?who=nobody") == ["nobody&#39;s"]
        assert listed(browser, merchant, "?network=visa") == ["mine"]


class TestSavedViews:
    def test_keep_the_filters_under_a_name_and_go_again(self, desk: Desk) -> None:
        browser, merchant = shop(desk)
        ready(desk, merchant, "ask", kind=Kind.INQUIRY)
        ready(desk, merchant, "other")
        browser.post(f"/m/{merchant.slug}/views", name="Questions", view="open", kind="inquiry")
        page = browser.get(links.queue(merchant.slug)).text
        address = re.search(r'href="([^"]+)"[^>]*>Questions<', page)
        assert address
        there = browser.get(address[1].replace("&amp;", "&")).text
        assert re.findall(r'class="case" href="[^"]+"[^>]*>([^<]+)<', there) == ["ask"]
        remove = re.search(r'action="(/m/[^"]+/remove)"', there)
        assert remove
        browser.post(remove[1])
        assert "Questions" not in browser.get(links.queue(merchant.slug)).text

    def test_somebody_elses_own_view_is_not_there(self, desk: Desk) -> None:
        person, other = desk.person(), desk.person()
        merchant = desk.shop(person, other)
        desk.case(merchant)
        desk.signed_in(person).post(f"/m/{merchant.slug}/views", name="Private", view="won")
        assert "Private" not in desk.signed_in(other).get(links.queue(merchant.slug)).text
        desk.signed_in(person).post(f"/m/{merchant.slug}/views", name="Common", view="won", shared="on")
        assert "Common" in desk.signed_in(other).get(links.queue(merchant.slug)).text


class TestSeveralAtOnce:
    def test_the_summary_says_what_will_be_filed_and_what_cannot_be(self, desk: Desk) -> None:
        browser, merchant = shop(desk)
        one, two = ready(desk, merchant, "one"), ready(desk, merchant, "two", amount=Money(7_000, "USD"))
        by_hand = ready(desk, merchant, "hand", by_hand=True)
        page = words(browser.post(f"/m/{merchant.slug}/bulk/approve", case=[one.id, two.id, by_hand.id]))
        assert "File 2 answers?" in page
        assert "Filing cannot be taken back" in page
        assert "Not among them hand" in page
        with desk.runtime.database.reading() as session:
            assert store.attempts_of(session, one.id) == []

    def test_approves_each_by_the_hash_that_was_shown_and_refuses_the_changed_one(self, own_desk: Desk) -> None:
        desk = own_desk
        browser, merchant = shop(desk)
        one, two = ready(desk, merchant, "one"), ready(desk, merchant, "two")
        form = {f"response:{one.id}": response_of(desk, one), f"response:{two.id}": "0" * 64}
        page = words(browser.post(f"/m/{merchant.slug}/bulk/approve/confirmed", case=[one.id, two.id], **form))
        assert "1 answer is approved" in page
        assert "changed after you looked at it" in page
        with desk.runtime.database.reading() as session:
            assert [each.state for each in store.attempts_of(session, one.id)] == ["scheduled"]
            assert store.attempts_of(session, two.id) == []
        assert [each[0] for each in desk.engine.asked] == ["respond"]

    def test_another_shops_case_is_not_there_and_nothing_happens_to_the_others(self, desk: Desk) -> None:
        browser, merchant = shop(desk)
        mine, foreign = ready(desk, merchant, "mine"), desk.case(desk.shop())
        answer = browser.post(f"/m/{merchant.slug}/bulk/assign", case=[mine.id, foreign.id], whom="me")
        assert answer.status_code == 422
        with desk.runtime.database.reading() as session:
            assert session.get_one(Dispute, mine.id).assigned_to is None

    def test_goes_to_a_colleague_and_only_to_one_who_works_here(self, desk: Desk) -> None:
        person, colleague, stranger = desk.person(), desk.person(), desk.person()
        merchant = desk.shop(person, colleague)
        case = desk.case(merchant)
        browser = desk.signed_in(person)
        browser.post(f"/m/{merchant.slug}/bulk/assign", case=case.id, whom=colleague.id)
        answer = browser.post(f"/m/{merchant.slug}/bulk/assign", case=case.id, whom=stranger.id)
        assert answer.status_code == 404
        with desk.runtime.database.reading() as session:
            assert session.get_one(Dispute, case.id).assigned_to == colleague.id

    def test_leads_back_to_the_queue_as_it_was_and_never_elsewhere(self, desk: Desk) -> None:
        browser, merchant = shop(desk)
        case, queue = desk.case(merchant), links.queue(merchant.slug)
        form = {"case": case.id, "whom": "me"}
        for said, led in ((f"{queue}?view=open", f"{queue}?view=open"), ("https://elsewhere.example/", queue)):
            where = browser.post(f"/m/{merchant.slug}/bulk/assign", back=said, **form).headers["location"]
            assert where.startswith(led)


def response_of(desk: Desk, dispute: Dispute) -> str:
    with desk.runtime.database.reading() as session:
        current = store.current_round(session, session.get_one(Dispute, dispute.id))
        assert current is not None
        assert current.response_sha256
        return current.response_sha256


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
