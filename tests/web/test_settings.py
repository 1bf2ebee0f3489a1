"""Settings by section: what is in a form is saved, what is not stays; the digest as it is now, and to oneself."""

from __future__ import annotations

from typing import Any

import pytest
from sqlmodel import select

from disputes import links, store_people
from disputes.models import Digest, Merchant, OutgoingMail
from tests.web.desk import Browser, Desk, words
from web.security import INERT


def shop(desk: Desk, **changes: Any) -> tuple[Browser, Merchant]:
    person = desk.person()
    merchant = desk.shop(person, **changes)
    return desk.signed_in(person), merchant


def row(desk: Desk, merchant: Merchant) -> Merchant:
    with desk.runtime.database.reading() as session:
        return session.get_one(Merchant, merchant.id)


MAILS = {
    "part": "mails",
    "digest_hour": "6",
    "digest_recipients": "a@b.example",
    "language": "tr",
    "reminder_hours": "24, 96; 24",
}
DEADLINES = {"part": "deadlines", "hold_hours": "12", "cut_off_hours": "9", "labour": "4", "labour_currency": "EUR"}


class TestSections:
    def test_mails_are_saved_and_nothing_else_is_touched(self, desk: Desk) -> None:
        browser, merchant = shop(desk, hold_hours=30)
        answer = browser.post(links.settings(merchant.slug), **MAILS)
        assert answer.headers["location"].endswith("#mails")
        now = row(desk, merchant)
        assert (now.digest_hour, now.language, now.reminder_hours) == (6, "tr", [96, 24])
        assert (now.hold_hours, now.zone, now.name) == (30, merchant.zone, merchant.name)

    def test_deadlines_are_saved_and_nothing_else_is_touched(self, desk: Desk) -> None:
        browser, merchant = shop(desk)
        assert browser.post(links.settings(merchant.slug), **DEADLINES).status_code == 303
        now = row(desk, merchant)
        assert (now.hold_hours, now.cut_off_hours, now.labour_minor) == (12, 9, 400)
        assert now.digest_recipients == merchant.digest_recipients

    def test_no_reminder_can_be_wanted(self, desk: Desk) -> None:
        browser, merchant = shop(desk)
        browser.post(links.settings(merchant.slug), **MAILS | {"reminder_hours": ""})
        assert row(desk, merchant).reminder_hours == []

    @pytest.mark.parametrize(
        "wrong",
        [
            {"language": "xx"},
            {"reminder_hours": "soon"},
            {"reminder_hours": "0"},
            {"reminder_hours": "1 2 3 4 5 6 7"},
            {"reminder_hours": "9999"},
            {"digest_recipients": "a@b.example, c@d.example"},
        ],
    )
    def test_what_cannot_be_used_is_refused_whole(self, desk: Desk, wrong: dict[str, str]) -> None:
        browser, merchant = shop(desk)
        assert browser.post(links.settings(merchant.slug), **MAILS | wrong).status_code == 422
        assert row(desk, merchant).digest_hour == merchant.digest_hour

    def test_who_may_not_change_them_reads_them(self, desk: Desk) -> None:
        person = desk.person()
        merchant = desk.shop()
        with desk.runtime.database.writing() as session:
            store_people.join(session, merchant.id, person.id, "agent")
        browser = desk.signed_in(person)
        page = browser.get(links.settings(merchant.slug))
        assert "does not change them" in words(page)
        assert "Stop all filing" not in page.text
        assert ">Save<" not in page.text
        for path in ("", "/filing", "/digest"):
            assert browser.post(links.settings(merchant.slug) + path, **MAILS).status_code == 403, path


class TestDigest:
    def test_is_seen_as_a_mail_client_shows_it(self, desk: Desk) -> None:
        browser, merchant = shop(desk, language="tr")
        desk.case(merchant, order_ref="LL-1 <script>")
        page = browser.get(f"{links.settings(merchant.slug)}/digest")
        assert page.headers["content-security-policy"] == INERT
        assert '<html lang="tr"' in page.text
        assert "LL-1 &lt;script&gt;" in page.text
        text = browser.get(f"{links.settings(merchant.slug)}/digest", params={"part": "text"})
        assert text.headers["content-type"].startswith("text/plain")
        assert "LL-1 <script>" in text.text

    def test_is_sent_to_oneself_alone_and_counts_as_no_digest(self, desk: Desk) -> None:
        person = desk.person("me@shop.example")
        merchant = desk.shop(person)
        browser = desk.signed_in(person)
        assert browser.post(f"{links.settings(merchant.slug)}/digest").status_code == 303
        with desk.runtime.database.reading() as session:
            (mail,) = session.exec(select(OutgoingMail).where(OutgoingMail.merchant_id == merchant.id)).all()
            assert session.exec(select(Digest).where(Digest.merchant_id == merchant.id)).first() is None
        assert (mail.kind, mail.recipient) == ("test", "me@shop.example")
        assert mail.subject.startswith("[Test] ")

    def test_of_another_shop_is_not_there(self, desk: Desk) -> None:
        browser, _merchant = shop(desk)
        _theirs, other = shop(desk)
        assert browser.get(f"{links.settings(other.slug)}/digest").status_code == 404
