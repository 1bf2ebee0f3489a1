"""The correspondence of a case: one thread, and each message as it was sent without anything that acts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from disputes import links, store_evidence
from disputes.facts import Message
from disputes.models import Dispute, EvidenceItem, Merchant
from disputes.ports import Gathered
from evidence.mail import Own, read_mail
from tests.evidence.mail.builders import mail
from tests.evidence.mail.hostile import PAGE
from tests.web.desk import Browser, Desk, words
from web.case_mail import LAST, MOST_SIGNS
from web.security import INERT

Shop = tuple[Browser, Merchant, Dispute]
SOLD = datetime(2026, 10, 1, 12, 0, tzinfo=UTC)
OWN = Own.of(["lale.example"])


@pytest.fixture
def shop(desk: Desk) -> Shop:
    person = desk.person()
    merchant = desk.shop(person)
    return desk.signed_in(person), merchant, desk.case(merchant, order_ref="LL-1009")


def here(shop: Shop) -> str:
    return links.case(shop[1].slug, shop[2].id)


def lay(desk: Desk, shop: Shop, gathered: Gathered, source: str = "imap") -> EvidenceItem:
    sha256 = desk.runtime.files.put(shop[1].id, gathered.data)
    with desk.runtime.database.writing() as session:
        return store_evidence.upsert(
            session, shop[2], gathered, source=source, source_title="Mailbox support", sha256=sha256, now=desk.now
        )


def message(number: int = 1, **changes: object) -> Gathered:
    told = {
        "message_id": f"<{number}@example.com>", "at": SOLD + timedelta(hours=number), "direction": "in",
        "sender": "Emily Carter <emily@example.com>", "subject": f"Question {number}", "body": f"Words of {number}.",
    } | changes  # fmt: skip
    fact = Message.model_validate(told)
    return Gathered(fact.model_dump_json().encode(), "application/json", f"{number}.json", "asked", fact, "certain", "")


def read(data: bytes) -> Gathered:
    letter = read_mail(data, OWN)
    assert letter is not None
    return Gathered(letter.data, "message/rfc822", "m.eml", "asked", letter.message, "certain", "; ".join(letter.notes))


class TestTheThread:
    def test_tells_who_wrote_by_which_channel_in_the_order_of_time(self, desk: Desk, shop: Shop) -> None:
        lay(desk, shop, message(3, channel="phone", subject=None))
        lay(desk, shop, message(1))
        lay(desk, shop, message(2, direction="out", sender="support@lale.example", channel="whatsapp", subject=None))
        told = words(shop[0].get(f"{here(shop)}/messages"))
        places = [told.find(each) for each in ("Words of 1.", "WhatsApp", "Words of 2.", "Phone call", "Words of 3.")]
        assert -1 not in places
        assert places == sorted(places)

    def test_folds_quoted_text(self, desk: Desk, shop: Shop) -> None:
        lay(desk, shop, message(1, body="No, it is not here.", quoted="> Is it there?"))
        page = shop[0].get(here(shop)).text
        folded = page[page.index('<details class="quoted">') :]
        assert "Is it there?" in folded[: folded.index("</details>")]
        assert "No, it is not here." not in folded[: folded.index("</details>")]

    def test_marks_machines_bounces_and_hidden_text(self, desk: Desk, shop: Shop) -> None:
        lay(desk, shop, message(1, automatic=True))
        lay(desk, shop, message(2, automatic=True, sender="Mailer <mailer-daemon@mx.example>"))
        page = '<p>Seen words</p><p style="display:none">Unseen words</p>'
        hidden = read(mail(body=page, content_type="text/html; charset=utf-8", message_id="<h@example.com>"))
        lay(desk, shop, hidden)
        told = words(shop[0].get(here(shop)))
        for mark in ("Automatic reply", "Could not be delivered", "Hidden text left out", "Seen words"):
            assert mark in told
        assert "Unseen words" not in told

    def test_stands_beside_a_translation_and_says_whose_it_is(self, desk: Desk, shop: Shop) -> None:
        item = lay(desk, shop, message(1, body="Paket gelmedi."))
        shop[0].post(f"{here(shop)}/evidence/{item.id}/words", translation="The parcel did not come.")
        told = words(shop[0].get(here(shop)))
        assert "Paket gelmedi." in told
        assert "The parcel did not come." in told

    def test_escapes_what_strangers_wrote(self, desk: Desk, shop: Shop) -> None:
        lay(desk, shop, message(1, body="<script>x()</script>", subject="<b>S</b>", sender="<i>E</i> e@x.example"))
        page = shop[0].get(here(shop)).text
        for raw in ("<script>x()", "<b>S</b>", "<i>E</i>"):
            assert raw not in page

    def test_shows_the_last_ones_and_leads_to_all_of_them_in_full(self, desk: Desk, shop: Shop) -> None:
        for number in range(1, LAST + 3):
            lay(desk, shop, message(number))
        lay(desk, shop, message(99, body="x" * (MOST_SIGNS + 10) + "THE END"))
        page = words(shop[0].get(here(shop)))
        assert "Words of 1." not in page
        assert "THE END" not in page
        everything = words(shop[0].get(f"{here(shop)}/messages"))
        assert "Words of 1." in everything
        assert "THE END" in everything

    def test_shows_a_message_of_two_systems_once(self, desk: Desk, shop: Shop) -> None:
        lay(desk, shop, message(1))
        lay(desk, shop, message(1), source="zendesk")
        assert words(shop[0].get(here(shop))).count("Words of 1.") == 1
        assert "1 copy of a message by another system" in words(shop[0].get(f"{here(shop)}/messages"))

    def test_asks_about_a_likely_one(self, desk: Desk, shop: Shop) -> None:
        found = message(1)
        lay(desk, shop, Gathered(found.data, found.media_type, "1", "asked", found.fact, "likely", "same name only"))
        told = words(shop[0].get(here(shop)))
        assert "It is no evidence until you say so." in told
        assert "same name only" in told


class TestTheOriginal:
    def test_is_served_under_a_policy_by_which_nothing_acts(self, desk: Desk, shop: Shop) -> None:
        item = lay(desk, shop, read(mail(body=PAGE, content_type="text/html; charset=utf-8")))
        answer = shop[0].get(f"{here(shop)}/messages/{item.id}/original")
        assert answer.headers["content-security-policy"] == INERT
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "Hello, this is Emily." in answer.text
        assert "evil.example" not in answer.text
        assert "hidden words" in answer.text

    def test_of_a_record_is_its_text(self, desk: Desk, shop: Shop) -> None:
        item = lay(desk, shop, message(1, body="<script>x()</script>"))
        answer = shop[0].get(f"{here(shop)}/messages/{item.id}/original")
        assert "&lt;script&gt;x()" in answer.text
        assert answer.headers["content-security-policy"] == INERT

    def test_is_for_members_only_and_for_messages_only(self, desk: Desk, shop: Shop) -> None:
        item = lay(desk, shop, message(1))
        path = f"{here(shop)}/messages/{item.id}/original"
        stranger = desk.person()
        other = desk.shop(stranger)
        browser = desk.signed_in(stranger)
        assert browser.get(path).status_code == 404
        assert browser.get(f"{links.case(other.slug, shop[2].id)}/messages/{item.id}/original").status_code == 404
        assert desk.browser().get(path).status_code == 303
        assert shop[0].get(f"{here(shop)}/messages/evi_00/original").status_code == 404

    def test_no_other_page_has_that_policy(self, shop: Shop) -> None:
        for path in (here(shop), f"{here(shop)}/messages"):
            assert shop[0].get(path).headers["content-security-policy"].startswith("default-src 'none'; script-src")
