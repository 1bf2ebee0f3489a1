"""Conversations in the import folder and on a case: Instagram, Facebook, WhatsApp, their pictures, and calls."""

from __future__ import annotations

import contextlib
import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from disputes.facts import Document, Message
from disputes.ports import Gathered
from evidence.sources import meta_messages
from evidence.sources.chats import read_export
from evidence.sources.conversation import Asked, ChatRefused, name_key
from tests.evidence.packet.builders import build_photo
from tests.evidence.sources import builders
from tests.evidence.sources.builders import ORDERS, facts, wanted
from tests.evidence.sources.exports import SHOP, WHATSAPP, download, packed, said

SHOP_JSON = json.dumps({"name": SHOP, "domains": ["lale.example"], "zone": "Europe/Istanbul"})
FILES: dict[str, str | bytes] = {"shop.json": SHOP_JSON, "orders.csv": ORDERS}


def gather(root: Path, files: dict[str, str | bytes], **about: str | None) -> tuple[list[Gathered], tuple[str, ...]]:
    """Messages and documents found for the order LL-1 of Emily Carter, and what was refused."""
    asked = replace(wanted(), **about) if about else wanted()
    report = builders.gather(root, FILES | files, asked)
    return [item for item in report.items if isinstance(item.fact, Message | Document)], report.refused


def bodies(items: list[Gathered]) -> list[str]:
    return [item.fact.body for item in items if isinstance(item.fact, Message)]


class TestMeta:
    def read(self, content: str, name: str = "inbox/emily_1/message_1.json") -> list[Message]:
        asked = Asked("Europe/Istanbul", frozenset({name_key(SHOP)}))
        (chat,) = read_export(content.encode(), name, asked)
        return [each.message for each in chat.said]

    def test_broken_letters_are_mended_in_words_and_names(self) -> None:
        other = "Ayşe Yılmaz"
        first, second = self.read(download(said(other, "Kargom nerede? 😊"), said(SHOP, "Yolda", day=11), other=other))
        assert (first.sender, first.body, first.direction) == ("Ayşe Yılmaz", "Kargom nerede? 😊", "in")
        assert (second.direction, second.recipients) == ("out", ("Ayşe Yılmaz",))

    def test_text_that_was_never_broken_stays(self) -> None:
        assert meta_messages.mended("Ayşe") == "Ayşe"
        assert meta_messages.mended("déjà") == "déjà"

    def test_messages_stand_in_the_order_of_time(self) -> None:
        found = self.read(download(*(said("Emily Carter", str(day), day=day) for day in (12, 10, 11))))
        assert [each.body for each in found] == ["10", "11", "12"]

    def test_what_was_taken_back_is_no_evidence(self) -> None:
        assert len(self.read(download(said("Emily Carter", "No!", is_unsent=True), said("Emily Carter", "Yes")))) == 1

    def test_pictures_and_links_are_named(self) -> None:
        photo = said("Emily Carter", None, photos=[{"uri": "your_instagram_activity/messages/inbox/e/photos/1.jpg"}])
        link = said("Emily Carter", None, day=11, share={"link": "https://lale.example/p/1"})
        first, second = self.read(download(photo, link))
        assert first.body.startswith("[File ")
        assert second.body == "https://lale.example/p/1"

    @pytest.mark.parametrize(
        ("name", "channel"),
        [
            ("your_instagram_activity/messages/inbox/e/message_1.json", "instagram"),
            ("your_facebook_activity/messages/inbox/e/message_1.json", "facebook"),
            ("message_1.json", "chat"),
        ],
    )
    def test_the_channel_is_told_by_the_download(self, name: str, channel: str) -> None:
        assert self.read(download(said("Emily Carter", "Hello")), name)[0].channel == channel

    @pytest.mark.parametrize("content", ["{", "[]", "{}", '{"messages": 1, "participants": []}', '{"messages": []}'])
    def test_another_file_is_refused(self, content: str) -> None:
        with pytest.raises(ChatRefused, match=r"no JSON|no conversation|no WhatsApp"):
            self.read(content)

    def test_card_numbers_are_masked_in_words_and_stored_bytes(self, tmp_path: Path) -> None:
        content = download(said("Emily Carter", "My card 4242 4242 4242 4242"), said(SHOP, "No!", day=11))
        items, _ = gather(tmp_path, {"chats/message_1.json": content})
        assert bodies(items) == ["My card ************4242", "No!"]
        assert b"4242 4242" not in items[0].data

    @settings(max_examples=60, deadline=None)
    @given(
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(
                    st.sampled_from(["sender_name", "timestamp_ms", "content", "photos", "uri", "share"]), inner
                )
            ),
            max_leaves=12,
        )
    )
    def test_any_json_is_read_or_refused(self, messages: object) -> None:
        content = json.dumps({"participants": [], "messages": [messages, said("Emily Carter", "Hello")]})
        with contextlib.suppress(ChatRefused):
            assert any(each.body == "Hello" for each in self.read(content))


class TestFolder:
    def test_a_conversation_is_found_by_the_customers_name_and_is_likely_only(self, tmp_path: Path) -> None:
        items, refused = gather(tmp_path, {"chats/WhatsApp Chat with Emily Carter.txt": WHATSAPP})
        assert bodies(items) == [
            "Hello, where is my parcel?",
            "It was delivered today.",
            "[File IMG-1.jpg]\nThank you, it came!",
        ]
        assert {item.confidence for item in items} == {"likely"}
        assert {item.fact.order_ref for item in items} == {"LL-1"}  # type: ignore[union-attr]
        assert "the customer's name" in items[0].why
        assert refused == ()

    def test_a_conversation_is_found_by_the_customers_number(self, tmp_path: Path) -> None:
        text = WHATSAPP.replace("Emily Carter", "+90 532 111 22 33")
        items, _ = gather(tmp_path, {"chats/a.txt": text}, phone="0532 111 2233")
        assert len(bodies(items)) == 3
        assert "the customer's telephone number" in items[0].why

    def test_a_conversation_under_any_name_is_found_by_the_order_it_names(self, tmp_path: Path) -> None:
        text = WHATSAPP.replace("Emily Carter", "Red cushions").replace("my parcel", "LL-1")
        items, _ = gather(tmp_path, {"chats/a.txt": text})
        assert len(bodies(items)) == 3
        assert {item.confidence for item in items} == {"likely"}
        assert "names order LL-1 or its parcel, in a conversation that also names the order" in items[0].why

    @pytest.mark.parametrize("name", ["Emily", "Emily Jones", "Red cushions"])
    def test_a_stranger_or_a_first_name_is_nobody(self, tmp_path: Path, name: str) -> None:
        items, _ = gather(tmp_path, {"chats/a.txt": WHATSAPP.replace("Emily Carter", name)})
        assert items == []

    def test_what_was_said_before_the_order_or_about_another_one_stays_out(self, tmp_path: Path) -> None:
        text = (
            "31/10/2026, 09:00 - Emily Carter: Is the blue one in stock?\n"
            "13/11/2026, 09:00 - Emily Carter: And my order LL-2?\n"
            "13/11/2026, 09:01 - Emily Carter: Is it there?"
        )
        orders = ORDERS + "LL-2,2026-11-06 10:00,ch_2,10.00,USD,emily@example.com\n"
        items, _ = gather(tmp_path, {"chats/a.txt": text, "orders.csv": orders})
        assert bodies(items) == ["Is it there?"]

    def test_the_same_conversation_exported_twice_is_one(self, tmp_path: Path) -> None:
        later = f"{WHATSAPP}\n14/11/2026, 09:00 - {SHOP}: You are welcome."
        items, _ = gather(tmp_path, {"chats/a.txt": WHATSAPP, "chats/b.txt": later})
        assert len(bodies(items)) == 4
        assert len({item.fact.message_id for item in items if isinstance(item.fact, Message)}) == 4

    def test_pictures_in_the_archive_are_shown_to_a_person(self, tmp_path: Path) -> None:
        archive = packed({"_chat.txt": WHATSAPP, "IMG-1.jpg": build_photo(400, 300)})
        items, refused = gather(tmp_path, {"chats/WhatsApp Chat - Emily Carter.zip": archive})
        (paper,) = [item for item in items if isinstance(item.fact, Document)]
        assert isinstance(paper.fact, Document)
        assert (paper.confidence, paper.fact.item) == ("likely", "customer_communication")
        assert paper.fact.title.startswith(
            "Picture in the whatsapp conversation with Emily Carter, sent by the customer"
        )
        assert "cannot be searched for card numbers" in paper.why
        assert refused == ()

    def test_a_picture_that_is_none_is_named_and_the_words_stay(self, tmp_path: Path) -> None:
        archive = packed({"_chat.txt": WHATSAPP, "IMG-1.jpg": b"MZ rubbish"})
        items, refused = gather(tmp_path, {"chats/a.zip": archive})
        assert len(items) == 3
        assert any("IMG-1.jpg is no PDF, JPEG, PNG or HEIC file" in each for each in refused)

    def test_a_whole_download_is_read_conversation_by_conversation(self, tmp_path: Path) -> None:
        inbox = "your_instagram_activity/messages/inbox"
        archive = packed(
            {
                f"{inbox}/emily_1/message_1.json": download(
                    said("Emily Carter", "Where is it?"), said(SHOP, "On its way")
                ),
                f"{inbox}/other_2/message_1.json": download(
                    said("Ann Other", "Hi"), said(SHOP, "Hi"), other="Ann Other"
                ),
                "your_instagram_activity/media/index.html": "<p>x</p>",
            }
        )
        items, refused = gather(tmp_path, {"chats/instagram.zip": archive})
        assert bodies(items) == ["Where is it?", "On its way"]
        assert {item.fact.channel for item in items if isinstance(item.fact, Message)} == {"instagram"}
        assert refused == ()

    def test_a_day_that_can_be_read_in_two_ways_is_asked_with_the_answer_to_give(self, tmp_path: Path) -> None:
        text = f"10/11/2026, 09:05 - Emily Carter: Hello\n10/11/2026, 09:06 - {SHOP}: Hi"
        items, refused = gather(tmp_path / "a", {"chats/a.txt": text})
        assert items == []
        assert any("chats/a.txt has days" in each and '"whatsapp_dates"' in each for each in refused)
        settled = json.dumps(json.loads(SHOP_JSON) | {"whatsapp_dates": "day_first"})
        items, refused = gather(tmp_path / "b", {"chats/a.txt": text, "shop.json": settled})
        assert len(items) == 2
        assert refused == ()

    def test_a_name_nobody_knows_is_asked_with_the_answer_to_give(self, tmp_path: Path) -> None:
        text = WHATSAPP.replace(SHOP, "Selin")
        items, refused = gather(tmp_path / "a", {"chats/a.txt": text})
        assert items == []
        assert any("'Emily Carter', 'Selin'" in each and '"chat_names"' in each for each in refused)
        settled = json.dumps(json.loads(SHOP_JSON) | {"chat_names": ["Selin"]})
        items, _ = gather(tmp_path / "b", {"chats/a.txt": text, "shop.json": settled})
        assert [item.fact.direction for item in items] == ["in", "out", "in"]  # type: ignore[union-attr]

    def test_a_wrong_word_for_the_days_is_refused(self, tmp_path: Path) -> None:
        _, refused = gather(tmp_path, {"shop.json": json.dumps(json.loads(SHOP_JSON) | {"whatsapp_dates": "us"})})
        assert any('whatsapp_dates should be "day_first" or "month_first"' in each for each in refused)

    @pytest.mark.parametrize(
        ("files", "words"),
        [
            ({"chats/a.txt": "Dear shop"}, "is no WhatsApp export"),
            ({"chats/a.zip": packed({"a.pdf": "x"})}, "holds no WhatsApp export"),
            ({"chats/a.zip": packed({"../a.txt": "x"})}, "leads out"),
        ],
    )
    def test_a_file_that_is_no_conversation_is_named(
        self, tmp_path: Path, files: dict[str, str | bytes], words: str
    ) -> None:
        _, refused = gather(tmp_path, files)
        assert any(words in each for each in refused)


class TestCalls:
    head = "date;type;phone number;name;duration;notes;order no\n"

    def calls(self, root: Path, *lines: str, **about: str | None) -> tuple[list[Gathered], tuple[str, ...]]:
        return gather(root, {"calls.csv": self.head + "\n".join(lines)}, **about)

    def test_a_call_is_what_the_log_says_and_no_word_of_the_customer(self, tmp_path: Path) -> None:
        line = "10.11.2026 14:20;Incoming;0532 111 22 33;Emily Carter;00:04:12;Asked for the parcel;"
        ((call,), refused) = self.calls(tmp_path, line)
        message = call.fact
        assert isinstance(message, Message)
        assert (message.channel, message.direction, message.sender) == ("phone", "in", "Emily Carter 0532 111 22 33")
        assert message.body.split("\n") == [
            "Telephone call as recorded by the shop, received.",
            "Duration: 00:04:12",
            "Note of the shop: Asked for the parcel",
        ]
        assert (call.confidence, refused) == ("likely", ())

    def test_a_call_is_found_by_the_number(self, tmp_path: Path) -> None:
        items, _ = self.calls(tmp_path, "10.11.2026 14:20;giden;+90 532 111 22 33;;;;", phone="05321112233")
        assert [item.fact.direction for item in items] == ["out"]  # type: ignore[union-attr]

    def test_an_order_the_log_names_is_as_sure_as_the_order(self, tmp_path: Path) -> None:
        items, _ = self.calls(
            tmp_path, "10.11.2026 14:20;in;0532 9999999;;;;#LL-1", "10.11.2026 14:20;in;;Emily Carter;;;LL-7"
        )
        assert [(item.confidence, item.why) for item in items] == [("certain", "the log names order LL-1")]

    @pytest.mark.parametrize(
        ("line", "words"),
        [
            ("10.11.2026 14:20;sideways;0532;;;;", "does not say who called"),
            ("10.11.2026 14:20;;0532;;;;", "does not say who called"),
            (";in;0532;;;;", "needs a time"),
            ("10.11.2026 14:20;in;;;;;", "needs a time and the number or name"),
        ],
    )
    def test_a_line_that_says_too_little_is_named(self, tmp_path: Path, line: str, words: str) -> None:
        items, refused = self.calls(tmp_path, line)
        assert items == []
        assert any(words in each and "calls.csv, line 2" in each for each in refused)


def test_a_picture_that_stands_for_correspondence_says_that_it_is_a_screenshot(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "documents/LL-1/customer_communication__Chat of May.png": build_photo(400, 300, format="PNG"),
        "documents/LL-1/delivery_photo__Door.jpg": build_photo(400, 300),
    }
    report = builders.gather(tmp_path, FILES | files)
    assert sorted(fact.title for fact in facts(report, Document)) == ["Door", "Screenshot: Chat of May"]
    assert all("cannot be searched" in item.why for item in report.items if isinstance(item.fact, Document))
