"""The case over a real server: changing it, approving it, and what is refused."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from html import unescape

import httpx
import pytest
from sqlmodel import select

from disputes import links, store
from disputes.ids import new_id
from disputes.lifecycle import WorkState
from disputes.models import Attempt, Dispute, LedgerEntry, Merchant, Round
from tests import builders
from tests.web.desk import Browser, Desk, words


@pytest.fixture
def shop(desk: Desk) -> tuple[Browser, Merchant, Dispute]:
    person = desk.person()
    merchant = desk.shop(person)
    return desk.signed_in(person), merchant, desk.case(merchant)


Shop = tuple[Browser, Merchant, Dispute]


def attempts(desk: Desk, dispute: Dispute) -> list[Attempt]:
    with desk.runtime.database.reading() as session:
        return list(session.exec(select(Attempt).where(Attempt.dispute_id == dispute.id)))


def asked_by(page: httpx.Response) -> str:
    """Where the page asks whether something changed."""
    return unescape(page.text.partition('data-ask="')[2].partition('"')[0])


def round_of(desk: Desk, dispute: Dispute) -> Round:
    with desk.runtime.database.reading() as session:
        return session.exec(select(Round).where(Round.dispute_id == dispute.id)).one()


class TestApproving:
    def test_shows_exactly_what_will_be_sent(self, desk: Desk, shop: Shop) -> None:
        browser, merchant, dispute = shop
        page = browser.get(f"{links.case(merchant.slug, dispute.id)}/approve")
        answer = builders.answer(external_id=dispute.external_id)
        for part in (answer.sha256, answer.files[0].name, answer.fields["uncategorized_text"], "cannot be taken back"):
            assert part in page.text

    def test_is_committed_before_the_answer(self, desk: Desk, shop: Shop) -> None:
        browser, merchant, dispute = shop
        answer = browser.post(
            f"{links.case(merchant.slug, dispute.id)}/approve", response=round_of(desk, dispute).response_sha256
        )
        # Another connection to the database sees it at the instant the answer is here.
        (attempt,) = attempts(desk, dispute)
        assert answer.status_code == 303
        assert attempt.approved_by != "rule"
        assert answer.headers["location"].partition("?")[0].endswith(attempt.id)
        assert [given for name, _, given in desk.engine.asked if name == "respond"][-1] == (attempt.id,)

    def test_of_an_answer_that_changed_is_refused(self, desk: Desk, shop: Shop) -> None:
        browser, merchant, dispute = shop
        answer = browser.post(f"{links.case(merchant.slug, dispute.id)}/approve", response="0" * 64)
        assert answer.status_code == 409
        assert "changed after you looked at it" in words(answer)
        assert "nothing was changed" in words(answer)
        assert attempts(desk, dispute) == []

    def test_is_impossible_while_an_edit_is_being_worked_in(self, desk: Desk, shop: Shop) -> None:
        browser, merchant, dispute = shop
        here, before = links.case(merchant.slug, dispute.id), round_of(desk, dispute).response_sha256
        assert browser.post(f"{here}/letter", added="We are sorry for the trouble.").status_code == 303
        assert desk.engine.asked[-1][0] == "rebuild"
        assert "Approve and file" not in words(browser.get(here))
        assert browser.post(f"{here}/approve", response=before).status_code == 409
        asks = asked_by(browser.get(here))
        assert browser.get(asks).status_code == 204
        with desk.runtime.database.writing() as session:
            row = store.dispute_of(session, merchant.id, dispute.id)
            builders.prepared(session, dispute=row, at=desk.now)
        assert "Approve and file" in words(browser.get(asks))
        assert "Approve and file" in words(browser.get(here))

    def test_is_stopped_by_the_stop_switch(self, desk: Desk, shop: Shop) -> None:
        browser, merchant, dispute = shop
        browser.post(f"{links.settings(merchant.slug)}/filing", to="stop")
        form = {"response": round_of(desk, dispute).response_sha256}
        assert "Filing is stopped" in words(browser.get(links.case(merchant.slug, dispute.id)))
        assert browser.post(f"{links.case(merchant.slug, dispute.id)}/approve", **form).status_code == 409
        browser.post(f"{links.settings(merchant.slug)}/filing", to="go")
        assert browser.post(f"{links.case(merchant.slug, dispute.id)}/approve", **form).status_code == 303

    def test_can_be_taken_back_until_it_is_sent(self, desk: Desk, shop: Shop) -> None:
        browser, merchant, dispute = shop
        here = links.case(merchant.slug, dispute.id)
        browser.post(f"{here}/approve", response=round_of(desk, dispute).response_sha256)
        (attempt,) = attempts(desk, dispute)
        assert browser.post(f"{here}/attempts/{attempt.id}/cancel").status_code == 303
        assert [each.state for each in attempts(desk, dispute)] == ["cancelled"]


class TestAccepting:
    def test_needs_the_tick_that_it_cannot_be_undone(self, desk: Desk, shop: Shop) -> None:
        browser, merchant, dispute = shop
        here = links.case(merchant.slug, dispute.id)
        assert "cannot be undone" in words(browser.get(f"{here}/accept"))
        assert browser.post(f"{here}/accept").status_code == 422
        assert attempts(desk, dispute) == []
        assert browser.post(f"{here}/accept", understood="yes").status_code == 303
        assert [each.act for each in attempts(desk, dispute)] == ["accept"]


class TestUnclear:
    @pytest.mark.parametrize(("seen", "state"), [("filed", "filed"), ("not_filed", "rejected")])
    def test_is_settled_by_a_person_who_looked(self, desk: Desk, shop: Shop, seen: str, state: str) -> None:
        browser, merchant, dispute = shop
        here = links.case(merchant.slug, dispute.id)
        browser.post(f"{here}/approve", response=round_of(desk, dispute).response_sha256)
        with desk.runtime.database.writing() as session:
            attempt = session.exec(select(Attempt).where(Attempt.dispute_id == dispute.id)).one()
            attempt.state = "unclear"
            session.add(attempt)
            store.set_work(session, store.dispute_of(session, merchant.id, dispute.id), WorkState.UNCLEAR, desk.now)
        assert "Look at the gateway" in words(browser.get(here))
        assert "It is filed there" in words(browser.get(f"{here}/attempts/{attempt.id}"))
        assert browser.post(f"{here}/attempts/{attempt.id}/settle", seen=seen).status_code == 303
        assert [each.state for each in attempts(desk, dispute)] == [state]


class TestTheComparison:
    def test_marks_what_the_gateway_holds_otherwise(self, desk: Desk, shop: Shop) -> None:
        browser, merchant, dispute = shop
        here = links.case(merchant.slug, dispute.id)
        browser.post(f"{here}/approve", response=round_of(desk, dispute).response_sha256)
        answer = builders.answer(external_id=dispute.external_id)
        held = {"fields": dict(answer.fields), "files": {builders.SLOT: answer.files[0].name}, "status": "under_review"}
        page = self._page(desk, browser, here, dispute, held)
        assert "Everything the gateway holds is what was approved" in words(page)
        page = self._page(desk, browser, here, dispute, held | {"files": {builders.SLOT: "other.pdf"}})
        assert "Something differs" in words(page)
        assert 'class="differs"' in page.text

    def _page(
        self, desk: Desk, browser: Browser, here: str, dispute: Dispute, held: Mapping[str, object]
    ) -> httpx.Response:
        with desk.runtime.database.writing() as session:
            attempt = session.exec(select(Attempt).where(Attempt.dispute_id == dispute.id)).one()
            attempt.state, attempt.read_back = "filed", dict(held)
            session.add(attempt)
        return browser.get(f"{here}/attempts/{attempt.id}")


class TestUploading:
    def test_an_empty_or_foreign_file_is_refused_by_name_and_nothing_is_stored(self, desk: Desk, shop: Shop) -> None:
        browser, merchant, dispute = shop
        here = links.case(merchant.slug, dispute.id)
        for name, data in (("notes.exe", b"MZ"), ("scan.pdf", b"")):
            files = {"files": (name, data, "application/pdf")}
            answer = browser.post(f"{here}/evidence", files=files, item="tracking_events")
            assert answer.status_code == 422
            assert name in words(answer)
            assert "Nothing was stored" in words(answer)

    def test_too_large_a_file_is_refused(self, desk: Desk, shop: Shop) -> None:
        browser, merchant, dispute = shop
        files = {"files": ("scan.pdf", b"%PDF-" + b"x" * (20 * 2**20), "application/pdf")}
        answer = browser.post(f"{links.case(merchant.slug, dispute.id)}/evidence", files=files, item="tracking_events")
        assert answer.status_code == 422
        assert "larger than 20 MB" in words(answer)

    def test_strangers_get_no_room_at_all(self, desk: Desk, shop: Shop) -> None:
        _, merchant, dispute = shop
        with desk.browser() as client:
            answer = client.post(f"{links.case(merchant.slug, dispute.id)}/evidence", content=b"x" * (2 * 2**20))
        assert answer.status_code == 413


class TestTheMoney:
    def test_is_summed_by_currency_and_never_over_two(self, desk: Desk, shop: Shop) -> None:
        browser, merchant, dispute = shop
        with desk.runtime.database.writing() as session:
            for kind, minor, currency in (("withdrawal", -18900, "EUR"), ("fee", -2000, "EUR"), ("fee", -500, "USD")):
                session.add(
                    LedgerEntry(
                        id=new_id("led"), connection_id=dispute.connection_id, dispute_id=dispute.id,
                        movement_id=new_id("mov"), kind=kind, minor=minor, currency=currency, at=desk.now,
                    )
                )  # fmt: skip
        page = words(browser.get(links.case(merchant.slug, dispute.id)))
        assert "Together −209.00 EUR" in page
        assert "Together −5.00 USD" in page


class TestDeadlines:
    def test_an_answered_case_shows_who_answered_and_no_countdown(self, desk: Desk) -> None:
        person = desk.person()
        merchant = desk.shop(person)
        browser, dispute = desk.signed_in(person), desk.case(merchant)
        assert "9 days left" in words(browser.get(links.case(merchant.slug, dispute.id))) or "8 days left" in words(
            browser.get(links.case(merchant.slug, dispute.id))
        )
        with desk.runtime.database.writing() as session:
            row = store.dispute_of(session, merchant.id, dispute.id)
            row.answered_elsewhere = "Somebody answered at the gateway itself"
            store.save(session, row, desk.now)
        page = words(browser.get(links.case(merchant.slug, dispute.id)))
        assert "Somebody answered at the gateway itself" in page
        assert "days left" not in page

    def test_foreign_text_is_escaped(self, desk: Desk) -> None:
        person = desk.person()
        merchant = desk.shop(person)
        evil = '<script>alert("x")</script>'
        dispute = desk.case(merchant, order_ref=evil, customer_name=evil, due_at=desk.now + timedelta(hours=5))
        browser, queue = desk.signed_in(person), links.queue(merchant.slug)
        for path in (links.case(merchant.slug, dispute.id), queue, f"{queue}?q={evil}"):
            assert "<script>alert" not in browser.get(path).text
