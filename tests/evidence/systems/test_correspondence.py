"""What mailboxes and help desks share: who wrote, by which channel, how much of it, and which files."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from disputes.facts import Document, Message
from disputes.ports import SourceReport
from disputes.systems import SourceError, SourceFailure
from evidence.mail import Own
from evidence.mail.parts import MAX_TEXT
from evidence.sources.values import Unreadable
from evidence.systems.correspondence import (
    Attached,
    Found,
    Told,
    allowed_numbers,
    channel_of,
    found_of,
    person,
    report,
    together,
)
from evidence.systems.correspondence import attached as files
from tests.evidence.systems.builders import outside, parcel_asked, wanted
from tests.evidence.systems.desk_shapes import picture

OWN = Own.of(["lumen.example"])
AT = datetime(2026, 9, 5, 9, 0, tzinfo=UTC)


def told(**changes: Any) -> Told:
    shown: dict[str, Any] = {
        "number": "1", "at": AT, "name": "Emily Carter", "address": "emily.carter@example.com", "by_shop": False,
        "channel": "email", "raw": {"id": 1}, "request": "Desk: GET /1", "text": "LL-1001 came.",
    }  # fmt: skip
    return Told(**(shown | changes))


def found(allowed: tuple[str, ...] = (), **changes: Any) -> Found:
    read = found_of(told(**changes), OWN, "desk", allowed)
    assert read is not None
    return read


def reported(*each: Found, **changes: Any) -> SourceReport:
    return report(each, wanted(), outside(), adapter="desk/1", **changes)


def file(name: str = "shade.png", seed: int = 1, **changes: Any) -> Attached:
    shown: dict[str, Any] = {
        "media_type": "image/png", "size": 2000, "read": lambda: base64.b64decode(picture(seed)),
    }  # fmt: skip
    return Attached(name, **(shown | changes))


def documents(shown: SourceReport) -> list[str]:
    return [item.name for item in shown.items if isinstance(item.fact, Document)]


class TestWhoWrote:
    @pytest.mark.parametrize(
        ("by_shop", "address", "direction"),
        [
            (True, "mia@lumen.example", "out"),
            (True, "mia@agency.example", "out"),
            (False, "emily.carter@example.com", "in"),
            (None, "help@lumen.example", "out"),
            (None, "emily.carter@example.com", "in"),
            (None, "+15125550148", "in"),
        ],
    )
    def test_the_help_desk_says_it_and_else_the_shops_own_addresses(
        self, by_shop: bool | None, address: str, direction: str
    ) -> None:
        shown = found(by_shop=by_shop, address=address)
        assert (shown.message.direction, shown.doubt) == (direction, "")

    def test_a_customer_at_the_shops_own_address_is_doubted(self) -> None:
        shown = found(by_shop=False, address="form@lumen.example")
        assert (shown.message.direction, bool(shown.doubt)) == ("in", True)

    def test_nobody_is_guessed(self) -> None:
        with pytest.raises(Unreadable, match="does not say who wrote"):
            found(by_shop=None, address="")

    @pytest.mark.parametrize(
        ("name", "address", "written"),
        [
            ("Emily", "emily@example.com", "Emily <emily@example.com>"),
            ("", "emily@example.com", "emily@example.com"),
            ("Emily", "", "Emily"),
            (None, None, ""),
            ("emily@example.com", "emily@example.com", "emily example.com <emily@example.com>"),
            ("Lumen <help@lumen.example>", "evil@example.org", "Lumen help lumen.example <evil@example.org>"),
            ("A\r\nB\u202e", "a@b.example\n", "A B <a@b.example>"),
        ],
    )
    def test_a_name_cannot_pose_as_an_address(self, name: str | None, address: str | None, written: str) -> None:
        assert person(name, address) == written


class TestWords:
    @pytest.mark.parametrize(
        ("word", "channel"),
        [("email", "e-mail"), ("EMAIL", "e-mail"), ("instagram_dm", "instagram"), ("facebook-messenger", "facebook"),
         ("native_messaging", "chat"), ("voice", "phone"), ("", "help desk"), (None, "help desk"), ("fax", "fax")],
    )  # fmt: skip
    def test_channels_are_one_word(self, word: str | None, channel: str) -> None:
        assert channel_of(word) == channel

    def test_a_message_without_words_and_files_is_none(self) -> None:
        assert found_of(told(text=" \n"), OWN, "desk", ()) is None
        assert found_of(told(text="", files=(file(),)), OWN, "desk", ()) is not None

    def test_words_that_were_hidden_do_not_come_back_from_the_plain_text(self) -> None:
        assert found_of(told(text="We refund it", html="<p hidden>We refund it</p>"), OWN, "desk", ()) is None

    def test_a_giant_is_refused(self) -> None:
        with pytest.raises(Unreadable, match="more than 1 MB"):
            found(text="x" * (MAX_TEXT + 1))

    def test_the_cases_own_numbers_are_no_cards(self) -> None:
        number = "4000000000000002"
        assert found((number,), text=f"Order {number}").message.body == f"Order {number}"
        assert found(text=f"Order {number}").message.body == "Order ************0002"
        asked = wanted(parcels=(parcel_asked("9400111899223100001"),), payment_ids=("pi_1",))
        assert allowed_numbers(asked) == ("LL-1001", "9400111899223100001", "pi_1", "pi_1001")

    def test_two_people_in_one_message_are_for_a_person(self) -> None:
        assert found(text="10:01 Emily: Hello\n10:02 Mia: Hello").doubt
        assert not found(text="10:01 Emily: Hello\n10:02 Emily: Anybody?").doubt
        assert not found(text="It came at 10:01: broken").doubt


class TestReport:
    def test_doubt_makes_the_surest_match_likely_and_says_why(self) -> None:
        sure, doubted = reported(found()).items[0], reported(replace(found(), doubt="it is odd")).items[0]
        assert (sure.confidence, doubted.confidence) == ("certain", "likely")
        assert doubted.why.endswith("; it is odd")

    def test_one_message_told_twice_is_one(self) -> None:
        assert (
            len(reported(found(message_id="<a@b.example>"), found(message_id="<a@b.example>", number="2")).items) == 1
        )

    def test_messages_of_one_ticket_know_each_other(self) -> None:
        first, second = together([found(number="1"), found(number="2")])
        assert (first.thread, second.thread) == (("desk:2",), ("desk:1",))

    def test_people_the_help_desk_knows_the_customer_by_count(self) -> None:
        shown = found(address="emily.c", channel="instagram")
        assert reported(shown).items[0].confidence == "likely"
        assert reported(shown, people=["Emily.C"]).items[0].confidence == "certain"

    def test_everything_says_what_read_it(self) -> None:
        shown = reported(found(files=(file(),)), refused=("One line could not be read.",))
        assert [item.adapter for item in shown.items] == ["desk/1", "desk/1"]
        assert shown.refused == ("One line could not be read.",)


class TestFiles:
    @pytest.mark.parametrize(
        ("name", "media_type", "taken"),
        [
            ("a.png", "image/png", True),
            ("a.JPG", "application/octet-stream", True),
            ("a", "image/jpeg; name=a", True),
            ("a.heic", "", True),
            ("invite.ics", "text/calendar", False),
            ("film.mp4", "video/mp4", False),
            ("winmail.dat", "application/ms-tnef", False),
        ],
    )
    def test_pictures_and_pdfs_are_taken(self, name: str, media_type: str, taken: bool) -> None:
        assert file(name, media_type=media_type).taken is taken

    def test_the_same_picture_is_one_document_however_often_it_is_sent(self) -> None:
        shown = reported(found(files=(file("a.png"), file("b.png"), file("c.png", 2))))
        assert documents(shown) == ["a.png", "c.png"]

    @pytest.mark.parametrize(("limit", "most"), [("MAX_FILES", 2), ("MAX_TOGETHER", 1)])
    def test_more_than_a_case_takes_is_told(self, limit: str, most: int, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(files, limit, most)
        shown = reported(found(files=tuple(file(f"{seed}.png", seed) for seed in range(1, 5))))
        assert documents(shown) == [f"{seed}.png" for seed in range(1, most + 1)]
        assert f"{4 - most} further attachments were not fetched" in shown.refused[0]
        assert "4.png" in shown.refused[0]

    def test_when_the_time_is_over_files_are_named_and_messages_kept(self) -> None:
        late = replace(outside(), seconds=0.5)
        shown = report([found(files=(file(),))], wanted(), late, adapter="desk/1")
        assert [type(item.fact) for item in shown.items] == [Message]
        assert "shade.png" in shown.refused[0]

    def test_a_file_that_is_larger_than_it_was_said_to_be_is_refused(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(files, "MAX_SIZE", 100)
        shown = reported(found(files=(file(size=None),)))
        assert documents(shown) == []
        assert "is larger than" in shown.refused[0]

    def test_a_file_that_cannot_be_fetched_spoils_nothing(self) -> None:
        def gone() -> bytes:
            raise SourceError(SourceFailure.NOT_FOUND, "It is gone.")

        read: Callable[[], bytes] = gone
        shown = reported(found(files=(file(read=read),)))
        assert len(shown.items) == 1
        assert shown.refused[0].endswith("could not be fetched: It is gone.")

    def test_a_name_with_a_path_or_a_card_number_is_shown_without(self) -> None:
        shown = reported(found(files=(file(r"C:\Users\Emily\card 4242424242424242.png"),)))
        assert documents(shown) == ["card ************4242.png"]

    def test_what_the_shop_sent_is_said_to_be_the_shops(self) -> None:
        shown = reported(found(by_shop=True, address="help@lumen.example", files=(file(),), text="Label for LL-1001",
                               recipients=("emily.carter@example.com",)))  # fmt: skip
        paper = shown.items[1].fact
        assert isinstance(paper, Document)
        assert paper.title == "shade, sent by the shop on 05 Sep 2026, 12:00 UTC+03:00"
