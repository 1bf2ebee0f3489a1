"""Settings, rules, the calendar and /health over a real server."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from icalendar import Calendar
from sqlmodel import select

from disputes import links, store_audit, store_due
from disputes.lifecycle import GatewayStatus
from disputes.models import Merchant, Rule
from tests.web.desk import Browser, Desk, words


def shop(desk: Desk) -> tuple[Browser, Merchant]:
    person = desk.person()
    merchant = desk.shop(person)
    return desk.signed_in(person), merchant


class TestRules:
    def test_automatic_filing_is_switched_on_only_after_a_tick_and_audited(self, desk: Desk) -> None:
        browser, merchant = shop(desk)
        path = f"{links.settings(merchant.slug)}/rules/stripe"
        asked = browser.post(path, mode="file_after_hold")
        assert "Nothing is switched yet" in words(asked)
        assert self._rule(desk, merchant) is None
        assert browser.post(path, mode="file_after_hold", understood="yes").status_code == 303
        browser.post(path, mode="off")
        rule = self._rule(desk, merchant)
        assert rule is not None
        assert (rule.mode, rule.version) == ("off", 2)
        with desk.runtime.database.reading() as session:
            entries = store_audit.entries_of(session, merchant.id)
            found = [entry.details for entry in entries if entry.action == "rule_switched"]
        assert [each["mode"] for each in found] == ["file_after_hold", "off"]

    @pytest.mark.parametrize(
        ("gateway", "told"),
        [("stripe", "takes one answer"), ("paypal", "keeps no draft"), ("square", "away from your Square Dashboard")],
    )
    def test_stand_for_each_gateway_with_its_own_warning(self, desk: Desk, gateway: str, told: str) -> None:
        browser, merchant = shop(desk)
        path = f"{links.settings(merchant.slug)}/rules/{gateway}"
        assert told in words(browser.post(path, mode="file_after_hold"))
        assert browser.post(path, mode="file_after_hold", understood="yes").status_code == 303
        rule = self._rule(desk, merchant)
        assert rule is not None
        assert (rule.gateway, rule.mode) == (gateway, "file_after_hold")

    def test_of_cases_entered_by_hand_do_not_exist(self, desk: Desk) -> None:
        browser, merchant = shop(desk)
        page = words(browser.get(links.settings(merchant.slug)))
        assert "Cases that are entered by hand have no rule" in page
        path = f"{links.settings(merchant.slug)}/rules/manual"
        assert browser.post(path, mode="file_after_hold", understood="yes").status_code == 422
        assert self._rule(desk, merchant) is None

    def test_say_where_the_key_may_only_read(self, desk: Desk) -> None:
        browser, merchant = shop(desk)
        desk.case(merchant, gateway="paypal", by_hand=True)
        page = words(browser.get(links.settings(merchant.slug)))
        assert page.count("may only read, so nothing is filed here by the desk") == 1

    def _rule(self, desk: Desk, merchant: Merchant) -> Rule | None:
        with desk.runtime.database.reading() as session:
            return session.exec(select(Rule).where(Rule.merchant_id == merchant.id)).first()


class TestSettings:
    def form(self, **changes: str) -> dict[str, str]:
        base = {
            "name": "Moll", "zone": "Asia/Tokyo", "digest_hour": "7", "digest_recipients": "a@b.example",
            "hold_hours": "12", "cut_off_hours": "8", "labour": "12.50", "labour_currency": "eur", "page_size": "A4",
        }  # fmt: skip
        return base | changes

    def test_are_saved(self, desk: Desk) -> None:
        browser, merchant = shop(desk)
        assert browser.post(links.settings(merchant.slug), **self.form()).status_code == 303
        with desk.runtime.database.reading() as session:
            row = session.get_one(Merchant, merchant.id)
        assert (row.zone, row.digest_hour, row.labour_minor, row.labour_currency) == ("Asia/Tokyo", 7, 1250, "EUR")

    @pytest.mark.parametrize(
        "wrong",
        [
            {"digest_recipients": "a@b.example\nBcc: c@d.example"},
            {"digest_hour": "24"},
            {"zone": "Mars"},
            {"name": "Moll\r\nX-Header: 1"},
            {"cut_off_hours": "0"},
            {"labour": "1e99"},
        ],
    )
    def test_that_cannot_be_used_are_refused_whole(self, desk: Desk, wrong: dict[str, str]) -> None:
        browser, merchant = shop(desk)
        assert browser.post(links.settings(merchant.slug), **self.form(**wrong)).status_code == 422
        with desk.runtime.database.reading() as session:
            assert session.get_one(Merchant, merchant.id).zone == merchant.zone


class TestTheCalendar:
    def test_holds_the_deadlines_that_still_count_behind_a_secret_address(self, desk: Desk) -> None:
        browser, merchant = shop(desk)
        due = (desk.now + timedelta(days=5)).replace(microsecond=0)
        desk.case(merchant, order_ref="open", due_at=due)
        desk.case(merchant, order_ref="won", status=GatewayStatus.WON)
        desk.case(merchant, order_ref="no date", due_at=None)
        path = f"{links.settings(merchant.slug)}/calendar"
        address = self._address(browser.post(path, to="new").text)
        with desk.browser() as client:
            feed = Calendar.from_ical(client.get(address).content)
            (event,) = feed.walk("VEVENT")
            assert event.decoded("dtstart") == due
            assert "open" in str(event["summary"])
            again = self._address(browser.post(path, to="new").text)
            assert client.get(address).status_code == 404
            assert client.get(again).status_code == 200
            browser.post(path, to="off")
            assert client.get(again).status_code == 404
        assert again not in browser.get(links.settings(merchant.slug)).text

    def _address(self, page: str) -> str:
        found = re.search(r"http://[^<]*(/calendar/[\w-]+\.ics)", page)
        assert found
        return found[1]


class TestHealth:
    def test_says_what_works_and_what_does_not(self, own_desk: Desk) -> None:
        with own_desk.browser() as client:
            before = client.get("/health")
            assert before.status_code == 503
            assert before.json()["checks"]["clock"]["detail"] == "has not ticked yet"
            with own_desk.runtime.database.writing() as session:
                store_due.beat(session, "sweep", own_desk.now)
            assert client.get("/health").json()["status"] == "ok"
            own_desk.engine.broken = True
            assert client.get("/health").status_code == 503
            own_desk.engine.broken = False
            with own_desk.runtime.database.writing() as session:
                store_due.beat(session, "sweep", own_desk.now - timedelta(hours=1))
            assert client.get("/health").json()["checks"]["clock"]["ok"] is False
