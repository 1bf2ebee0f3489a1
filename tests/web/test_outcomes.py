"""The outcomes page: its figures, the cases behind each, its table, and what stands on a closed case."""

from __future__ import annotations

import csv
import html
import io
import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlmodel import Session, select

from disputes import links, store_people
from disputes.models import Connection, Dispute, Membership, Merchant, Person
from disputes.money import Money
from disputes.roles import Right
from evidence.assessment import Assessment
from templates import render
from tests import builders
from tests.evidence.test_hindsight import assessment, check
from tests.web.decided import decided, line
from tests.web.desk import Browser, Desk, words
from web import case_view
from web.outcomes_csv import COLUMNS, safe
from web.remarks import Said, remarks
from web.visit import Visit, Visitor


def shop(desk: Desk, **changes: Any) -> tuple[Browser, Merchant]:
    person = desk.person()
    merchant = desk.shop(person, zone="UTC", **changes)
    return desk.signed_in(person), merchant


def account(session: Session, merchant: Merchant, mode: str = "live", **changes: Any) -> Connection:
    return builders.connection(session, merchant=merchant, mode=mode, **changes)


def closed(desk: Desk, session: Session, connection: Connection, name: str, **told: Any) -> Dispute:
    """Decided ten days ago, after an answer three days before its deadline."""
    now = desk.now
    times = {
        "opened_at": now - timedelta(days=40),
        "due_at": now - timedelta(days=26),
        "answered_at": now - timedelta(days=29),
        "at": now - timedelta(days=10),
    }
    return decided(session, connection, **{**times, "external_id": f"du_{name}", "order_ref": name, **told})


def many(desk: Desk, merchant: Merchant, told: Iterable[dict[str, Any]], **connection: Any) -> None:
    with desk.runtime.database.writing() as session:
        made = account(session, merchant, **connection)
        for number, each in enumerate(told):
            closed(desk, session, made, f"N{number:03}", **each)


def listed(answer: httpx.Response) -> list[str]:
    return re.findall(r'class="case" href="[^"]+"[^>]*>([^<]+)<', answer.text)


def link_of(answer: httpx.Response, pattern: str) -> str:
    found = re.search(pattern, answer.text)
    assert found, pattern
    return html.unescape(found[1])


def rows_of(browser: Browser, merchant: Merchant) -> list[dict[str, str]]:
    answer = browser.get(links.outcomes(merchant.slug) + ".csv")
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


class TestThePage:
    def test_says_what_will_stand_there_before_anything_was_decided(self, desk: Desk) -> None:
        browser, merchant = shop(desk)
        desk.case(merchant)
        page = browser.get(links.outcomes(merchant.slug))
        assert "Nothing has been decided yet" in words(page)
        assert "1 case is open" in words(page)
        assert "CSV" not in words(page)

    def test_tells_shares_with_number_and_interval_and_says_too_few_below_ten(self, desk: Desk) -> None:
        browser, merchant = shop(desk)
        won = [{"status": "won", "raw_reason": "fraudulent", "reason_code": "10.4"}] * 6
        lost = [{"status": "lost", "raw_reason": "fraudulent", "reason_code": "10.4"}] * 6
        few = [{"status": "won"}] * 3
        many(desk, merchant, [*won, *lost, *few])
        page = browser.get(links.outcomes(merchant.slug))
        told = html.unescape(words(page))
        assert "Won, of contested 60% 9 of 15 won or lost 36% to 80%" in told
        assert "Fraudulent 12 100% 76% to 100% n = 12 50% 25% to 75% n = 12" in told
        assert "Not received 3 too few n = 3" in told
        assert "Carrier 'delivered' record: date and full address 60% 36% to 80% n = 15" in told
        assert "Half of the answers were filed 3 days 0 h or more before the deadline" in told
        assert "No deadline passed without an answer" in told

    def test_opens_every_figure_to_exactly_its_cases(self, desk: Desk) -> None:
        browser, merchant = shop(desk)
        many(
            desk,
            merchant,
            [
                *[{"status": "won", "by": "rule"}] * 11,
                {"status": "lost", "network": "amex", "reason_code": "C08"},
                {"status": "lost", "by": None},
            ],
        )
        page = browser.get(links.outcomes(merchant.slug))
        addresses = {html.unescape(each) for each in re.findall(r'href="([^"]+/outcomes/cases[^"]+)"', page.text)}
        assert len(addresses) > 20
        shown = {address: listed(browser.get(address)) for address in addresses}
        of = {address.partition("?")[2]: names for address, names in shown.items()}
        assert len(of["which=contested"]) == 12
        assert len(of["which=won"]) == 11
        assert of["which=missed"] == ["N012"]
        assert of["which=judged&network=amex"] == ["N011"]
        assert len(of["which=by_rule"]) == 11
        assert all(shown.values()), "no figure leads to an empty list"

    def test_never_mixes_live_and_sandbox_nor_shops(self, desk: Desk) -> None:
        browser, merchant = shop(desk)
        other_browser, other = shop(desk)
        many(desk, merchant, [{"order_ref": "real", "external_id": "du_real"}])
        many(desk, merchant, [{"order_ref": "play", "external_id": "du_play"}], mode="sandbox")
        many(desk, other, [{"order_ref": "theirs", "external_id": "du_theirs"}])
        base = links.outcomes(merchant.slug)
        assert listed(browser.get(base + "/cases?which=decided")) == ["real"]
        assert listed(browser.get(base + "/cases?which=decided&side=sandbox")) == ["play"]
        assert "Sandbox: no real money" in words(browser.get(base + "?side=sandbox"))
        assert listed(other_browser.get(links.outcomes(other.slug) + "/cases")) == ["theirs"]
        for path in ("", "/cases", ".csv"):
            assert browser.get(links.outcomes(other.slug) + path).status_code == 404

    def test_looks_at_the_days_and_the_gateway_that_were_chosen(self, desk: Desk) -> None:
        browser, merchant = shop(desk)
        many(desk, merchant, [{"at": desk.now - timedelta(days=10)}, {"at": desk.now - timedelta(days=100)}])
        many(desk, merchant, [{"order_ref": "pp", "external_id": "PP-D-1"}], gateway="paypal")
        base = links.outcomes(merchant.slug)
        assert sorted(listed(browser.get(base + "/cases?period=30"))) == ["N000", "pp"]
        assert listed(browser.get(base + "/cases?period=30&gateway=paypal")) == ["pp"]
        first = (desk.now - timedelta(days=101)).date().isoformat()
        last = (desk.now - timedelta(days=99)).date().isoformat()
        assert listed(browser.get(f"{base}/cases?period=custom&from={first}&to={last}")) == ["N001"]
        assert "Nothing was decided in this period" in words(browser.get(f"{base}?from={first}&to={first}"))
        wrong = browser.get(f"{base}?from={last}&to={first}")
        assert wrong.status_code == 422
        assert "the other way round" in words(wrong)
        assert browser.get(f"{base}?from=yesterday").status_code == 422

    def test_adds_money_within_a_currency_only(self, desk: Desk) -> None:
        browser, merchant = shop(desk)
        lost = (line("withdrawal", -18900, "EUR", "a1"), line("fee", -1500, "EUR", "a2"))
        won = (line("withdrawal", -5000, "JPY", "b1"), line("reversal", 5000, "JPY", "b2"))
        many(desk, merchant, [{"status": "lost", "movements": lost}, {"movements": won, "amount": Money(5000, "JPY")}])
        told = words(browser.get(links.outcomes(merchant.slug)))
        assert "EUR 1 −189.00 EUR 0.00 EUR −15.00 EUR 0.00 EUR −204.00 EUR" in told
        assert "JPY 1 −5,000 JPY 5,000 JPY 0 JPY 0 JPY 0 JPY" in told

    def test_pages_its_lists(self, desk: Desk) -> None:
        browser, merchant = shop(desk)
        many(desk, merchant, [{"status": "lost", "by": None}] * 53)
        first = browser.get(links.outcomes(merchant.slug) + "/cases?which=missed")
        second = browser.get(link_of(first, r'class="more" href="([^"]+)"'))
        assert len(listed(first)) == 50
        assert len({*listed(first), *listed(second)}) == 53
        assert browser.get(links.outcomes(merchant.slug) + "/cases?after=nothing").status_code == 422
        assert browser.get(links.outcomes(merchant.slug) + "/cases?which=nothing").status_code == 422

    def test_draws_charts_that_a_screen_reader_can_tell_without_style_or_script(self, desk: Desk) -> None:
        browser, merchant = shop(desk)
        money = [(line("withdrawal", -18900, "EUR", f"w{at}"),) for at in range(12)]
        many(desk, merchant, [{"movements": each} for each in money])
        page = browser.get(links.outcomes(merchant.slug))
        charts = re.findall(r'<svg class="chart".*?</svg>', page.text, re.S)
        assert len(charts) == 3
        for chart in charts:
            assert 'role="img"' in chart
            assert re.search(r"<desc[^>]*>[^<]+</desc>", chart)
            assert "style=" not in chart
        assert "Not received: 100% (76% to 100%)" in charts[0]


class TestTheTable:
    def test_has_one_row_a_case_with_exact_amounts(self, desk: Desk) -> None:
        browser, merchant = shop(desk)
        booked = (
            line("withdrawal", -18905, "EUR", "a1"),
            line("fee", -1500, "EUR", "a2"),
            line("reversal", 7, "EUR", "a3"),
        )
        many(desk, merchant, [{"status": "lost", "movements": booked, "payment_id": "ch_9"}])
        answer = browser.get(links.outcomes(merchant.slug) + ".csv")
        assert answer.headers["content-disposition"].startswith('attachment; filename="outcomes-')
        assert answer.headers["content-type"] == "text/csv; charset=utf-8"
        assert answer.content.startswith(b"\xef\xbb\xbf")
        (row,) = csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))
        assert tuple(row) == COLUMNS
        told = {name: row[name] for name in ("order", "dispute_id", "outcome", "contested", "answered_by")}
        assert told == {
            "order": "N000", "dispute_id": "du_N000", "outcome": "lost", "contested": "yes", "answered_by": "person",
        }  # fmt: skip
        money = [row[name] for name in ("disputed_amount", "withdrawn", "returned", "fees", "net")]
        assert money == ["189.00", "189.05", "0.07", "15.00", "-203.98"]
        assert row["decided_at"].endswith("+00:00")

    def test_holds_no_formula_of_a_stranger(self, desk: Desk) -> None:
        browser, merchant = shop(desk)
        many(desk, merchant, [{"order_ref": '=HYPERLINK("http://x")', "network": "@visa"}])
        (row,) = rows_of(browser, merchant)
        assert row["order"] == '\'=HYPERLINK("http://x")'
        assert row["network"] == "'@visa"

    @pytest.mark.parametrize("text", ["=1", "+1", "-1", "@x", "\tx", "\rx"])
    def test_takes_the_beginning_of_a_formula_for_text(self, text: str) -> None:
        assert safe(text) == f"'{text}"
        assert safe(f"x{text}") == f"x{text}"

    def test_is_read_in_pieces_without_losing_a_case(self, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("web.outcomes_csv._CHUNK", 3)
        browser, merchant = shop(desk)
        many(desk, merchant, [{}] * 8)
        rows = rows_of(browser, merchant)
        assert sorted(row["dispute_id"] for row in rows) == [f"du_N{number:03}" for number in range(8)]

    def test_is_for_who_may_take_things_out_of_the_house(self, desk: Desk) -> None:
        _, merchant = shop(desk)
        viewer = desk.person()
        with desk.runtime.database.writing() as session:
            store_people.join(session, merchant.id, viewer.id, "viewer")
        many(desk, merchant, [{}])
        browser = desk.signed_in(viewer)
        assert "CSV" not in words(browser.get(links.outcomes(merchant.slug)))
        assert browser.get(links.outcomes(merchant.slug) + ".csv").status_code == 403


def visit(desk: Desk, merchant: Merchant) -> Visit:
    """Somebody who looks; of the request nothing is read."""
    with desk.runtime.database.reading() as session:
        person = session.get_one(Person, session.exec(select(Membership.person_id)).first())
    visitor = Visitor(person, "csrf", "hash", [merchant])
    nothing: Any = None
    return Visit(nothing, desk.runtime, desk.settings, visitor, merchant, "owner", frozenset(Right), desk.now)


class TestRemarks:
    def said(self, desk: Desk, judged: Assessment | None = None, **told: Any) -> tuple[list[Said], str]:
        """The remarks on a closed case, and what the page prints of them."""
        _, merchant = shop(desk)
        with desk.runtime.database.writing() as session:
            dispute = closed(desk, session, account(session, merchant), "one", **told)
        with desk.runtime.database.reading() as session:
            case = case_view.read(session, visit(desk, merchant), dispute.id)
        found = remarks(replace(case, assessment=judged))
        return found, html.unescape(re.sub(r"<[^>]+>", "", render.html("web/case/remarks.html", remarks=found)))

    def test_stand_on_a_lost_case_with_the_gateways_reason_and_what_was_missing(self, desk: Desk) -> None:
        judged = assessment(check("delivery_confirmation", "required", there=False))
        found, page = self.said(desk, judged, status="lost", outcome_reason="NO_PROOF_OF_DELIVERY")
        assert [each.about for each in found] == ["gateway_reason", "lacked_required"]
        assert "The gateway gave a reason: “NO_PROOF_OF_DELIVERY”" in page
        assert "Carrier 'delivered' record: date and full address." in page
        assert "may" in page

    def test_say_how_close_or_late_an_incomplete_answer_was(self, desk: Desk) -> None:
        judged, now = assessment(check("delivery_photo", "strong", there=False)), desk.now
        due = {"due_at": now - timedelta(days=26)}
        _, close = self.said(desk, judged, status="lost", **due, answered_at=due["due_at"] - timedelta(hours=3))
        assert "filed 3 hours before the deadline while evidence was missing" in close
        _, late = self.said(desk, judged, status="lost", **due, answered_at=due["due_at"] + timedelta(hours=1))
        assert "filed 1 hour after it while evidence was missing" not in late
        assert "filed 1 hour after the deadline while evidence was missing" in late

    def test_tell_of_a_deadline_that_passed(self, desk: Desk) -> None:
        found, page = self.said(desk, status="lost", by=None)
        assert [each.about for each in found] == ["missed"]
        assert "The deadline passed without an answer" in page

    def test_are_absent_where_nothing_is_known_and_while_the_case_is_open(self, desk: Desk) -> None:
        assert self.said(desk, status="withdrawn") == ([], "")
        _, merchant = shop(desk)
        dispute = desk.case(merchant)
        with desk.runtime.database.reading() as session:
            assert remarks(case_view.read(session, visit(desk, merchant), dispute.id)) == []
