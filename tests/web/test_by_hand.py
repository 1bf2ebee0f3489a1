"""Handing an answer over and marking it as filed, over a real server."""

from __future__ import annotations

import io
import zipfile
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pikepdf
import pytest
from PIL import Image
from sqlmodel import select

from disputes import links, store
from disputes.ids import digest
from disputes.lifecycle import WorkState
from disputes.models import Attempt, Dispute, Merchant, Round
from tests import builders
from tests.web.desk import PACKET, Browser, Desk, words

Shop = tuple[Browser, Merchant, Dispute]
FIELDS = {
    "stripe": {"uncategorized_text": "The parcel was delivered."},
    "paypal": {
        "PROOF_OF_FULFILLMENT.tracking_info[0].carrier_name": "PTT_POST",
        "PROOF_OF_FULFILLMENT.tracking_info[0].tracking_number": "RR123456789TR",
        "PROOF_OF_FULFILLMENT.notes": "The parcel was delivered.",
    },
    "square": {"REBUTTAL_EXPLANATION": "The parcel was delivered."},
    "manual": {"letter": "We ask for: the dispute to be closed.\n\nThe parcel was delivered."},
}
PLACE = {
    "stripe": "Stripe's Dashboard",
    "paypal": "PayPal's Resolution Center",
    "square": "Square's Dashboard",
    "manual": "Where the letter or panel says",
}
every_gateway = pytest.mark.parametrize("gateway", sorted(FIELDS))


def shop(desk: Desk, gateway: str = "paypal", **told: Any) -> Shop:
    person = desk.person()
    merchant = desk.shop(person)
    told = {"by_hand": True, "fields": FIELDS[gateway]} | told
    if gateway == "manual":
        told = {"raw": entered(desk)} | told
    return desk.signed_in(person), merchant, desk.case(merchant, gateway=gateway, **told)


def entered(desk: Desk) -> dict[str, Any]:
    return {
        "case_number": "IYZ-1", "category": "not_received", "amount": {"minor": 18900, "currency": "TRY"},
        "opened_at": (desk.now - timedelta(days=3)).isoformat(), "due_at": (desk.now + timedelta(days=9)).isoformat(),
        "paid_at": (desk.now - timedelta(days=30)).isoformat(),
    }  # fmt: skip


def here(merchant: Merchant, dispute: Dispute) -> str:
    return links.case(merchant.slug, dispute.id)


def version(desk: Desk, dispute: Dispute) -> str:
    with desk.runtime.database.reading() as session:
        found = session.exec(select(Round).where(Round.dispute_id == dispute.id)).one()
    assert found.response_sha256
    return found.response_sha256


def attempts(desk: Desk, dispute: Dispute) -> list[Attempt]:
    with desk.runtime.database.reading() as session:
        return list(session.exec(select(Attempt).where(Attempt.dispute_id == dispute.id)))


def mark(
    browser: Browser, desk: Desk, merchant: Merchant, dispute: Dispute, *, files: Any = None, **changes: str
) -> httpx.Response:
    at = (desk.now - timedelta(minutes=5)).astimezone(ZoneInfo(merchant.zone))
    form = {
        "response": version(desk, dispute), "filed_day": f"{at:%Y-%m-%d}", "filed_time": f"{at:%H:%M}",
        "note": "Confirmation 4711", "done": "yes",
    }  # fmt: skip
    return browser.post(f"{here(merchant, dispute)}/hand-over", files=files, **form | changes)


def pdf() -> bytes:
    out = io.BytesIO()
    with pikepdf.new() as document:
        document.add_blank_page()
        document.docinfo["/Author"] = "Somebody's machine"
        document.save(out)
    return out.getvalue()


def picture(kind: str) -> bytes:
    out = io.BytesIO()
    Image.effect_noise((80, 60), 60).convert("RGB").save(out, kind)
    return out.getvalue()


class TestTheCase:
    @every_gateway
    def test_is_handed_over_instead_of_approved(self, desk: Desk, gateway: str) -> None:
        browser, merchant, dispute = shop(desk, gateway)
        page = words(browser.get(here(merchant, dispute)))
        assert "Hand over …" in page
        assert "Approve and file" not in page
        approve = browser.get(f"{here(merchant, dispute)}/approve")
        assert approve.headers["location"] == f"{here(merchant, dispute)}/hand-over"
        refused = browser.post(f"{here(merchant, dispute)}/approve", response=version(desk, dispute))
        assert refused.status_code == 409
        assert attempts(desk, dispute) == []

    def test_that_the_desk_files_itself_is_not(self, desk: Desk) -> None:
        browser, merchant, dispute = shop(desk, by_hand=False)
        assert "Hand over" not in words(browser.get(here(merchant, dispute)))
        assert "Approve the answer instead" in words(browser.get(f"{here(merchant, dispute)}/hand-over"))
        assert mark(browser, desk, merchant, dispute).status_code == 409
        assert attempts(desk, dispute) == []


class TestThePage:
    @every_gateway
    def test_says_where_by_when_what_and_how_much_of_it(self, desk: Desk, gateway: str) -> None:
        browser, merchant, dispute = shop(desk, gateway)
        page = browser.get(f"{here(merchant, dispute)}/hand-over")
        said = words(page).replace("&#39;", "'")
        for part in (PLACE[gateway], dispute.external_id, "Answer due", version(desk, dispute), "pages in all", "MB"):
            assert part in said
        for text in FIELDS[gateway].values():
            assert f"{len(text)}" in said
            assert text.partition("\n")[0] in page.text

    def test_counts_against_the_gateways_own_limits(self, desk: Desk) -> None:
        browser, merchant, dispute = shop(desk, "square")
        page = words(browser.get(f"{here(merchant, dispute)}/hand-over"))
        assert "25 of 500 characters" in page
        assert "Rebuttal explanation" in page

    def test_keeps_to_what_the_receiver_said_that_it_takes(self, desk: Desk) -> None:
        browser, merchant, dispute = shop(
            desk, "manual", raw=entered(desk) | {"limit_kilobytes": 500, "limit_pages": 7}
        )
        page = words(browser.get(f"{here(merchant, dispute)}/hand-over"))
        assert "489 KB and 7 pages in all" in page

    def test_works_while_filing_is_stopped_because_it_sends_nothing(self, desk: Desk) -> None:
        browser, merchant, dispute = shop(desk)
        browser.post(f"{links.settings(merchant.slug)}/filing", to="stop")
        page = words(browser.get(f"{here(merchant, dispute)}/hand-over"))
        assert "Handing over sends nothing" in page
        assert mark(browser, desk, merchant, dispute).status_code == 303

    def test_escapes_what_others_wrote(self, desk: Desk) -> None:
        evil = "</textarea><script>alert(1)</script>"
        browser, merchant, dispute = shop(desk, fields={"OTHER.notes": evil}, order_ref=evil)
        for path in ("", "/hand-over"):
            assert "<script>alert" not in browser.get(here(merchant, dispute) + path).text


class TestWhatIsSaved:
    def test_are_the_bytes_that_were_built(self, desk: Desk) -> None:
        browser, merchant, dispute = shop(desk)
        there = f"{here(merchant, dispute)}/hand-over/{version(desk, dispute)}"
        answer = browser.get(f"{there}/files/1")
        assert answer.content == PACKET
        assert answer.headers["content-disposition"].startswith('attachment; filename="packet-')
        assert browser.get(f"{there}/files/2").status_code == 404
        assert browser.get(f"{there}/files/0").status_code == 404
        assert browser.get(f"{here(merchant, dispute)}/hand-over/{'0' * 64}/files/1").status_code == 404

    def test_is_one_archive_with_files_texts_and_a_checklist(self, desk: Desk) -> None:
        browser, merchant, dispute = shop(desk)
        there = f"{here(merchant, dispute)}/hand-over/{version(desk, dispute)}"
        answer = browser.get(f"{there}/all.zip")
        with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
            assert archive.testzip() is None
            held = {name: archive.read(name) for name in archive.namelist()}
        assert held.pop(f"files/packet-{digest(PACKET)[:10]}.pdf") == PACKET
        checklist = held.pop("checklist-for-you.txt").decode()
        assert {data.decode() for data in held.values()} == set(FIELDS["paypal"].values())
        for part in (
            dispute.external_id, "Resolution Center", digest(PACKET), version(desk, dispute), "of 2,000 characters",
            f"{here(merchant, dispute)}/hand-over", "Do not send it",
        ):  # fmt: skip
            assert part in checklist
        assert browser.get(f"{there}/all.zip").content == answer.content

    def test_of_another_shop_is_not_there(self, desk: Desk) -> None:
        browser, merchant, mine = shop(desk)
        _, _, theirs = shop(desk)
        for dispute, sha256 in ((theirs, version(desk, theirs)), (mine, version(desk, theirs))):
            there = f"{here(merchant, dispute)}/hand-over/{sha256}"
            assert browser.get(f"{there}/files/1").status_code == 404
            assert browser.get(f"{there}/all.zip").status_code == 404


class TestMarking:
    @every_gateway
    def test_ends_the_round_with_day_and_note(self, desk: Desk, gateway: str) -> None:
        browser, merchant, dispute = shop(desk, gateway)
        answer = mark(browser, desk, merchant, dispute)
        assert answer.status_code == 303
        (attempt,) = attempts(desk, dispute)
        assert (attempt.state, attempt.act, attempt.response_sha256) == ("filed", "submit", version(desk, dispute))
        assert "note=marked_filed" in answer.headers["location"]
        page = words(browser.get(answer.headers["location"]))
        for part in ("Filed by hand", "Confirmation 4711", "none was kept", "Marked as filed"):
            assert part in page
        case = words(browser.get(here(merchant, dispute)))
        assert "Under review" in case
        assert "Filed by hand by Ada Moll" in case
        assert "Hand over …" not in case
        with desk.runtime.database.reading() as session:
            row = store.dispute_of(session, merchant.id, dispute.id)
            (filed,) = session.exec(select(Round).where(Round.dispute_id == dispute.id)).all()
        assert row.work is WorkState.FILED
        assert filed.answered_at is not None
        assert timedelta(minutes=4) < desk.now - filed.answered_at < timedelta(minutes=8)

    def test_reads_the_hour_in_the_shops_zone(self, desk: Desk) -> None:
        person = desk.person()
        merchant = desk.shop(person, zone="Asia/Tokyo")
        browser, dispute = desk.signed_in(person), desk.case(merchant, by_hand=True)
        at = (desk.now - timedelta(hours=1)).astimezone(ZoneInfo("Asia/Tokyo"))
        mark(browser, desk, merchant, dispute, filed_day=f"{at:%Y-%m-%d}", filed_time=f"{at:%H:%M}")
        (attempt,) = attempts(desk, dispute)
        assert datetime.fromisoformat(attempt.read_back["filed_at"]) == at.replace(second=0, microsecond=0)

    @pytest.mark.parametrize(
        ("name", "data"), [("mail.pdf", pdf()), ("page.png", picture("PNG")), ("page.jpg", picture("JPEG"))]
    )
    def test_keeps_the_proof_cleaned(self, desk: Desk, name: str, data: bytes) -> None:
        browser, merchant, dispute = shop(desk)
        answer = mark(browser, desk, merchant, dispute, files={"proof": (name, data, "application/octet-stream")})
        assert answer.status_code == 303
        (attempt,) = attempts(desk, dispute)
        assert attempt.read_back["proof_name"] == name
        kept = browser.get(f"{here(merchant, dispute)}/attempts/{attempt.id}/proof")
        assert digest(kept.content) == attempt.read_back["proof_sha256"]
        assert b"Somebody's machine" not in kept.content
        assert kept.headers["content-disposition"].startswith(f'attachment; filename="{name}"')
        assert name in words(browser.get(f"{here(merchant, dispute)}/attempts/{attempt.id}"))

    @pytest.mark.parametrize(
        ("name", "data", "said"),
        [
            ("notes.txt", b"It was filed.", "is no PDF, JPEG or PNG file"),
            ("page.heic", b"\x00\x00\x00\x18ftypheic" + b"\x00" * 32, "is no PDF, JPEG or PNG file"),
            ("broken.pdf", b"%PDF-1.4 nothing", "Nothing was stored and nothing was marked"),
            ("empty.pdf", b"", "is empty"),
            ("large.pdf", b"%PDF-" + b"x" * (20 * 2**20), "larger than 20 MB"),
        ],
    )
    def test_takes_no_other_file_for_the_proof(self, desk: Desk, name: str, data: bytes, said: str) -> None:
        browser, merchant, dispute = shop(desk)
        answer = mark(browser, desk, merchant, dispute, files={"proof": (name, data, "application/pdf")})
        assert answer.status_code == 422
        assert said in words(answer)
        assert 'value="Confirmation 4711"' in answer.text
        assert attempts(desk, dispute) == []

    @pytest.mark.parametrize(
        ("wrong", "status", "said"),
        [
            ({"filed_day": "2099-01-01"}, 409, "lies in the future"),
            ({"filed_day": "2020-01-01"}, 409, "before the dispute was opened"),
            ({"filed_day": "yesterday"}, 422, "is no day"),
            ({"filed_day": "0001-01-01"}, 422, "cannot be right"),
            ({"filed_day": ""}, 422, "the day is missing"),
            ({"filed_time": "25:00"}, 422, "is no hour"),
            ({"filed_time": ""}, 422, "the hour is missing"),
            ({"done": ""}, 422, "Tick that the answer was filed"),
            ({"note": "x" * 601}, 422, "longer than 600"),
            ({"response": "0" * 64}, 409, "changed after you looked at it"),
            ({"response": ""}, 409, "changed after you looked at it"),
        ],
    )
    def test_what_cannot_be_is_refused_and_what_was_typed_is_kept(
        self, desk: Desk, wrong: dict[str, str], status: int, said: str
    ) -> None:
        browser, merchant, dispute = shop(desk)
        answer = mark(browser, desk, merchant, dispute, **wrong)
        assert answer.status_code == status
        assert said in words(answer)
        assert "Nothing was marked" in words(answer)
        assert wrong.get("note", "Confirmation 4711") in answer.text
        assert attempts(desk, dispute) == []

    def test_twice_is_refused(self, desk: Desk) -> None:
        browser, merchant, dispute = shop(desk)
        assert mark(browser, desk, merchant, dispute).status_code == 303
        again = mark(browser, desk, merchant, dispute)
        assert again.status_code == 409
        assert "marked as filed" in words(again)
        assert len(attempts(desk, dispute)) == 1

    def test_after_the_gateway_noticed_the_answer_makes_it_ours(self, desk: Desk) -> None:
        """A person files on the gateway's page, the next sync sees it, and only then it is marked here."""
        browser, merchant, dispute = shop(desk, "stripe")
        with desk.runtime.database.writing() as session:
            row = store.dispute_of(session, merchant.id, dispute.id)
            row.answered_elsewhere = "Somebody answered at the gateway itself (its dashboard or another service)"
            store.save(session, row, desk.now)
        case = words(browser.get(here(merchant, dispute)))
        assert "If it was you, mark it as filed below" in case
        assert "Mark as filed …" in case
        assert mark(browser, desk, merchant, dispute).status_code == 303
        with desk.runtime.database.reading() as session:
            assert store.dispute_of(session, merchant.id, dispute.id).answered_elsewhere is None

    def test_leaves_what_was_handed_over_where_it_can_be_saved(self, desk: Desk) -> None:
        browser, merchant, dispute = shop(desk)
        filed = version(desk, dispute)
        mark(browser, desk, merchant, dispute)
        with desk.runtime.database.writing() as session:
            row = store.dispute_of(session, merchant.id, dispute.id)
            builders.prepared(
                session,
                dispute=row,
                response=builders.answer(external_id=dispute.external_id, data=b"%PDF-1.4 a later one"),
                at=desk.now,
            )
        assert version(desk, dispute) != filed
        answer = browser.get(f"{here(merchant, dispute)}/hand-over/{filed}/files/1")
        assert answer.content == PACKET

    def test_of_another_shops_case_finds_nothing(self, desk: Desk) -> None:
        browser, merchant, _ = shop(desk)
        _, _, theirs = shop(desk)
        assert mark(browser, desk, merchant, theirs).status_code == 404
        assert attempts(desk, theirs) == []

    def test_gets_room_for_one_file_and_strangers_none(self, desk: Desk) -> None:
        browser, merchant, dispute = shop(desk)
        path = f"{here(merchant, dispute)}/hand-over"
        data = b"%PDF-" + b"x" * (22 * 2**20)
        answer = browser.post(path, files={"proof": ("large.pdf", data, "application/pdf")})
        assert answer.status_code == 413
        assert "at most one file of 20 MB" in answer.text
        with desk.browser() as client:
            assert client.post(path, content=b"x" * (2 * 2**20)).status_code == 413
