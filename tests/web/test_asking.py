"""Asking somebody outside: one mail, one link, one answer, and nothing of it counts before a person says so."""

from __future__ import annotations

import io
import re
from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest
from PIL import Image
from sqlmodel import col, select

from disputes import links, store_evidence, store_requests
from disputes.models import AuditEntry, Dispute, EvidenceItem, EvidenceRequest, Merchant, OutgoingMail
from scheduler import requests
from templates import asking
from tests.web.desk import Browser, Desk, words

SUPPLIER = "depo@supplier.example"


def photo(name: str = "signed.jpg") -> tuple[str, tuple[str, bytes, str]]:
    buffer = io.BytesIO()
    Image.new("RGB", (640, 480), "white").save(buffer, "JPEG")
    return "files", (name, buffer.getvalue(), "image/jpeg")


class Asked:
    """A shop with one case that lacks a signature, and the question to its supplier."""

    def __init__(self, desk: Desk, **form: str) -> None:
        self.desk = desk
        person = desk.person()
        self.merchant: Merchant = desk.shop(person)
        self.browser: Browser = desk.signed_in(person)
        self.case: Dispute = desk.case(self.merchant, order_ref="LL-1009", customer_email="emily@example.com")
        self.here = links.case(self.merchant.slug, self.case.id)
        until = (desk.now + timedelta(days=4)).date().isoformat()
        told = {
            "item": "delivery_signature", "role": "supplier", "language": "en", "recipient": SUPPLIER,
            "recipient_name": "Selin", "until_day": until, "words": "The parcel of last week, please.",
        }  # fmt: skip
        self.answer = self.browser.post(f"{self.here}/ask", **told | form)

    @property
    def row(self) -> EvidenceRequest:
        with self.desk.runtime.database.reading() as session:
            (found,) = store_requests.of_case(session, self.case.id)
            return found

    def mails(self) -> list[OutgoingMail]:
        with self.desk.runtime.database.reading() as session:
            query = select(OutgoingMail).where(OutgoingMail.dispute_id == self.case.id, OutgoingMail.kind == "asked")
            return list(session.exec(query.order_by(col(OutgoingMail.created_at), col(OutgoingMail.id))))

    @property
    def link(self) -> str:
        found = re.search(r"(/asked/\S+)", self.mails()[-1].text)
        assert found
        return found.group(1)

    def stranger(self) -> httpx.Client:
        return self.desk.browser()

    def items(self) -> list[EvidenceItem]:
        with self.desk.runtime.database.reading() as session:
            return [each for each in store_evidence.items_of(session, self.case.id) if each.source == requests.SOURCE]

    def move(self, **columns: object) -> None:
        with self.desk.runtime.database.writing() as session:
            row = session.get_one(EvidenceRequest, self.row.id)
            for name, value in columns.items():
                setattr(row, name, value)
            session.add(row)


class TestTheQuestion:
    def test_goes_out_by_mail_with_what_is_needed_by_when_and_nothing_of_the_customer(self, desk: Desk) -> None:
        asked = Asked(desk)
        assert asked.answer.status_code == 303
        (mail,) = asked.mails()
        assert mail.recipient == SUPPLIER
        for part in (mail.text, mail.html):
            assert "The signature, or the signed delivery note." in part
            assert "The parcel of last week, please." in part
            assert "LL-1009" in part
            assert asked.link in part
            assert "emily" not in part
        assert asked.link.rpartition("/")[2] not in asked.row.token, "the link's secret lies sealed"

    def test_is_written_in_their_language(self, desk: Desk) -> None:
        asked = Asked(desk, language="tr")
        (mail,) = asked.mails()
        assert "Merhaba Selin" in mail.text
        assert "imzalı teslim fişi" in mail.text
        page = asked.stranger().get(asked.link)
        assert "imzalı teslim fişi" in words(page)
        assert 'lang="tr"' in page.text

    def test_ends_at_the_cases_cut_off_however_long_was_wished(self, desk: Desk) -> None:
        far = (desk.now + timedelta(days=60)).date().isoformat()
        asked = Asked(desk, until_day=far)
        assert asked.case.due_at is not None
        assert asked.row.due_at == asked.case.due_at - timedelta(hours=asked.merchant.cut_off_hours)

    @pytest.mark.parametrize(
        ("form", "said"),
        [
            ({"recipient": "no address"}, "no e-mail address"),
            ({"recipient": "a@b.example\nBcc: c@d.example"}, "line break"),
            ({"item": "rebuttal_letter"}, "Choose what is needed"),
            ({"language": "xx"}, "Choose who is asked"),
            ({"until_day": "2020-01-01"}, "Nobody was asked"),
        ],
    )
    def test_that_cannot_be_asked_is_refused_and_nobody_is_mailed(
        self, desk: Desk, form: dict[str, str], said: str
    ) -> None:
        asked = Asked(desk, **form)
        assert asked.answer.status_code == 422
        assert said in words(asked.answer)
        assert asked.mails() == []

    def test_can_be_withdrawn_and_its_link_is_dead(self, desk: Desk) -> None:
        asked = Asked(desk)
        assert asked.browser.post(f"{asked.here}/ask/{asked.row.id}/cancel").status_code == 303
        assert asked.stranger().get(asked.link).status_code == 404
        assert asked.browser.post(f"{asked.here}/ask/{asked.row.id}/cancel").status_code == 422

    def test_of_another_shop_is_not_there(self, desk: Desk) -> None:
        asked, other = Asked(desk), Asked(desk)
        assert other.browser.post(f"{other.here}/ask/{asked.row.id}/cancel").status_code == 422
        assert asked.row.state == "asked"

    def test_stands_on_the_case_with_what_became_of_it(self, desk: Desk) -> None:
        asked = Asked(desk)
        assert "The link was not opened yet" in words(asked.browser.get(asked.here))
        asked.stranger().get(asked.link)
        assert "The link was opened" in words(asked.browser.get(asked.here))


class TestTheAnswer:
    def test_lies_on_the_case_with_sender_and_time_and_waits_for_a_person(self, desk: Desk) -> None:
        asked = Asked(desk)
        answer = asked.stranger().post(asked.link, files=[photo()], data={"note": "Signed by the neighbour."})
        assert answer.status_code == 200
        assert "Thank you" in words(answer)
        (item,) = asked.items()
        assert item.fact["item"] == "delivery_signature"
        assert (item.confidence, item.confirmed_by, item.source_title) == ("likely", None, "Supplier: Selin")
        assert SUPPLIER in item.request
        assert not store_evidence.counts(item)
        assert (asked.row.state, asked.row.answer) == ("answered", "Signed by the neighbour.")
        page = words(asked.browser.get(asked.here))
        assert "It counts once you say above that it belongs here" in page
        assert asked.browser.post(f"{asked.here}/evidence/{item.id}/confirm").status_code == 303
        assert store_evidence.counts(asked.items()[0])

    def test_is_taken_once(self, desk: Desk) -> None:
        asked = Asked(desk)
        stranger = asked.stranger()
        stranger.post(asked.link, files=[photo()])
        assert stranger.get(asked.link).status_code == 404
        assert stranger.post(asked.link, files=[photo("second.jpg")]).status_code == 404
        assert len(asked.items()) == 1

    def test_that_cannot_be_taken_says_why_and_the_link_lives_on(self, desk: Desk) -> None:
        asked = Asked(desk)
        program = ("files", ("invoice.pdf", b"MZ\x90\x00 not a document", "application/pdf"))
        for files in ([program], [photo(), program], []):
            answer = asked.stranger().post(asked.link, files=files or None, data={"note": "x"})
            assert answer.status_code == 422
            assert "Nothing was stored" in words(answer)
        assert asked.items() == []
        assert asked.stranger().post(asked.link, files=[photo()]).status_code == 200

    def test_may_be_as_large_as_any_upload(self, desk: Desk) -> None:
        asked = Asked(desk)
        noise = Image.effect_noise((1800, 1800), 90)
        buffer = io.BytesIO()
        noise.save(buffer, "PNG")
        assert buffer.tell() > 2 * 2**20
        large = ("files", ("large.png", buffer.getvalue(), "image/png"))
        assert asked.stranger().post(asked.link, files=[large]).status_code == 200

    def test_through_a_dead_link_is_not_even_read(self, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
        async def unread(_request: object) -> AsyncIterator[None]:
            raise AssertionError("the form of a dead link was read")
            yield

        monkeypatch.setattr("web.pages.asked.read_form", unread)
        answer = desk.browser().post("/asked/" + "a" * 43, files=[photo()])
        assert answer.status_code == 404

    def test_may_be_that_there_is_none(self, desk: Desk) -> None:
        asked = Asked(desk)
        answer = asked.stranger().post(asked.link, data={"none": "yes", "note": "Shredded."})
        assert "Thank you for saying so" in words(answer)
        assert asked.row.state == "declined"
        assert "They say that they have none" in words(asked.browser.get(asked.here))

    def test_the_page_tells_nothing_of_the_customer_and_is_kept_by_nobody(self, desk: Desk) -> None:
        asked = Asked(desk)
        page = asked.stranger().get(asked.link)
        assert "emily" not in page.text
        assert page.headers["cache-control"] == "no-store"
        assert "Sign out" not in page.text

    def test_a_guessed_link_is_told_nothing(self, desk: Desk) -> None:
        answer = desk.browser().get("/asked/" + "a" * 43)
        assert answer.status_code == 404
        assert "does not work any more" in words(answer)

    def test_the_record_names_the_request_and_no_person(self, desk: Desk) -> None:
        asked = Asked(desk)
        asked.stranger().post(asked.link, files=[photo()])
        with desk.runtime.database.reading() as session:
            query = select(AuditEntry).where(AuditEntry.subject == asked.case.id)
            entries = {each.action: each for each in session.exec(query)}
        assert {"evidence_asked", "evidence_received"} <= set(entries)
        assert SUPPLIER not in str([(each.actor, each.details) for each in entries.values()])


class TestTheClock:
    def test_they_are_reminded_twice_and_then_it_is_over(self, desk: Desk) -> None:
        asked = Asked(desk)
        start, end = asked.row.asked_at, asked.row.due_at
        assert asked.row.next_act_at == end - (end - start) / 2
        for reminders, then in ((1, end - (end - start) / 4), (2, end)):
            asked.move(next_act_at=desk.now)
            requests.remind(desk.runtime)
            assert asked.row.reminders == reminders
            assert asked.row.next_act_at == then
        assert len(asked.mails()) == 3
        assert "Reminder" in asked.mails()[-1].subject
        asked.move(due_at=desk.now, next_act_at=desk.now)
        requests.remind(desk.runtime)
        assert asked.row.state == "expired"
        assert len(asked.mails()) == 3
        assert asked.stranger().get(asked.link).status_code == 404

    def test_a_deadline_that_moved_nearer_kills_the_link_at_once(self, desk: Desk) -> None:
        asked = Asked(desk)
        with desk.runtime.database.writing() as session:
            row = session.get_one(Dispute, asked.case.id)
            row.due_at = desk.now + timedelta(hours=1)
            session.add(row)
        assert asked.stranger().get(asked.link).status_code == 404


class TestTheWords:
    def test_every_language_has_every_sentence_and_every_item(self) -> None:
        english = asking.words("en")
        for language in asking.languages():
            other = asking.words(language)
            assert set(other) == set(english)
            assert set(other["items"]) == set(english["items"])
            assert all(other[name].count("{") == english[name].count("{") for name in english if name != "items")
