"""One file a person lays on a case."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import Any

import pytest
from PIL import Image

from disputes.facts import Document, Message
from disputes.ports import Gathered
from evidence.packet.errors import FileRefused
from evidence.sources.conversation import DateOrder
from evidence.uploads import MAX_UPLOAD, Telling, read_capped, read_upload, read_uploads, shown_name
from tests.evidence.mail.builders import mail
from tests.evidence.sources.exports import SHOP, WHATSAPP, download, packed, said

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def picture(kind: str = "JPEG") -> bytes:
    out = io.BytesIO()
    Image.effect_noise((64, 64), 60).convert("RGB").save(out, kind)
    return out.getvalue()


def upload(
    data: bytes, name: str, *, own: tuple[str, ...] = ("lale.example",), item: str = "delivery_photo"
) -> Gathered:
    return read_upload(data, name, item=item, zone="Europe/Istanbul", own=own, now=NOW, order_ref="LL-1")


@pytest.mark.parametrize(
    ("kind", "name", "media"),
    [("JPEG", "door.jpg", "image/jpeg"), ("PNG", "door.png", "image/png"), ("PDF", "door.pdf", "application/pdf")],
)
def test_pictures_and_pdfs_become_documents(kind: str, name: str, media: str) -> None:
    found = upload(picture(kind), f"C:\\Users\\x\\{name}")
    assert isinstance(found.fact, Document)
    assert (found.fact.item, found.fact.title, found.fact.media_type, found.fact.order_ref) == (
        "delivery_photo",
        "door",
        media,
        "LL-1",
    )
    assert found.fact.size == len(found.data)
    assert "15:00 UTC+03:00" in found.request
    assert found.name == name


def test_a_mail_becomes_a_message_with_masked_bytes() -> None:
    found = upload(mail(body="Card 4242 4242 4242 4242"), "thanks.eml", item="customer_communication")
    assert isinstance(found.fact, Message)
    assert found.fact.body == "Card ************4242"
    assert b"4242 4242" not in found.data
    assert found.media_type == "message/rfc822"


@pytest.mark.parametrize(
    ("data", "name", "words"),
    [
        (b"", "a.pdf", "is empty"),
        (b"MZ\x90", "setup.exe", "a .exe file"),
        (b"hello", "notes", "without a known type"),
        (b"a,b", "usage.csv", "import folder"),
        (b"{}", "tracking.json", "import folder"),
        (b"hello", "photo.jpg", "no JPG file inside"),
        (picture()[:300], "photo.jpg", "damaged"),
        (b"<svg/>", "x.svg", "a .svg file"),
        (b"rubbish", "x.eml", "names no sender"),
        (mail(extra="X-Draft: yes\n"), "x.eml", "draft"),
    ],
)
def test_what_cannot_be_taken_is_refused_by_name(data: bytes, name: str, words: str) -> None:
    with pytest.raises(FileRefused, match=words) as refused:
        upload(data, name)
    assert refused.value.name == name


def test_mail_needs_the_shops_own_addresses() -> None:
    with pytest.raises(FileRefused, match="own mail addresses"):
        upload(mail(), "a.eml", own=())


def test_too_much_is_refused_before_it_is_all_read() -> None:
    class Endless(io.RawIOBase):
        def read(self, size: int = -1) -> bytes:
            assert size == MAX_UPLOAD + 1
            return bytes(size)

    with pytest.raises(FileRefused, match="larger than 20 MB"):
        read_capped(Endless(), "big.pdf")  # type: ignore[arg-type]
    with pytest.raises(FileRefused, match="larger than 20 MB"):
        upload(bytes(MAX_UPLOAD + 1), "big.pdf")


def test_an_unknown_evidence_item_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="no evidence item"):
        upload(picture(), "a.jpg", item="selfie")


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd", "passwd"),
        ("a\r\nb.pdf", "a b.pdf"),
        ("", "file without a name"),
        ("4242424242424242.pdf", "************4242.pdf"),
    ],
)
def test_names_are_shown_without_paths_and_numbers(name: str, shown: str) -> None:
    assert shown_name(name) == shown


def laid(
    data: bytes | str, name: str, *, own: tuple[str, ...] = (SHOP,), dates: DateOrder | None = None, **about: Any
) -> tuple[Gathered, ...]:
    """A file that may be an exported conversation, laid on the case of Emily Carter's order of 5 November."""
    placed = datetime(2026, 11, 5, 7, 0, tzinfo=UTC)
    return read_uploads(
        data if isinstance(data, bytes) else data.encode(),
        name,
        item="customer_communication",
        zone="Europe/Istanbul",
        own=("lale.example",),
        now=NOW,
        telling=Telling(own, dates, about.get("customer", "Emily Carter"), about.get("placed_at", placed)),
        order_ref="LL-1",
    )


class TestConversations:
    def test_every_message_is_an_item_of_its_own(self) -> None:
        found = laid(WHATSAPP, "WhatsApp Chat with Emily Carter.txt")
        assert [item.fact.direction for item in found if isinstance(item.fact, Message)] == ["in", "out", "in"]
        assert {item.confidence for item in found} == {"certain"}
        assert all("laid on the case by a person" in item.why for item in found)
        assert b"".join(item.data for item in found).count(b"09:05") == 1

    def test_messages_long_before_the_sale_stay_out_and_that_is_said(self) -> None:
        found = laid(f"01/01/2026, 09:00 - Emily Carter: Happy new year\n{WHATSAPP}", "a.txt")
        assert len(found) == 3
        assert "1 older messages were left out" in found[0].why

    def test_pictures_wait_for_a_persons_yes(self) -> None:
        found = laid(packed({"_chat.txt": WHATSAPP, "IMG-1.jpg": picture()}), "WhatsApp Chat - Emily Carter.zip")
        assert [item.confidence for item in found] == ["certain"] * 3 + ["likely"]

    def test_a_picture_that_cannot_be_read_does_not_keep_the_words_out(self) -> None:
        found = laid(packed({"_chat.txt": WHATSAPP, "IMG-1.jpg": picture()[:200]}), "a.zip")
        assert len(found) == 3
        assert "1 of its pictures left out" in found[0].why

    @pytest.mark.parametrize(
        ("data", "name", "own", "words"),
        [
            ("03/04/2026, 10:00 - Emily Carter: a", "a.txt", (SHOP,), "Choose below which number is the day"),
            (WHATSAPP, "a.txt", ("Selin",), "Your name in it"),
            ("Dear shop", "a.txt", (SHOP,), "is no WhatsApp export"),
            (b"PK\x03\x04", "a.zip", (SHOP,), "no ZIP archive"),
            (WHATSAPP.replace("/11/2026", "/01/2026"), "a.txt", (SHOP,), "has no message since"),
            (bytes(MAX_UPLOAD + 1), "a.zip", (SHOP,), "without its media"),
        ],
    )
    def test_what_stays_open_is_refused_with_what_to_do(
        self, data: bytes | str, name: str, own: tuple[str, ...], words: str
    ) -> None:
        with pytest.raises(FileRefused, match=words) as refused:
            laid(data, name, own=own)
        assert refused.value.name == name

    def test_the_answer_given_on_the_case_is_used(self) -> None:
        (found,) = laid("10/11/2026, 10:00 - Emily Carter: a", "a.txt", dates="day_first")
        assert isinstance(found.fact, Message)
        assert found.fact.at == datetime(2026, 11, 10, 7, 0, tzinfo=UTC)

    def test_of_a_whole_download_only_the_customers_conversation_is_taken(self) -> None:
        two = {
            "inbox/a/message_1.json": download(said("Emily Carter", "Hi"), said(SHOP, "Hello", day=11)),
            "inbox/b/message_1.json": download(said("Ann Other", "Hi"), said(SHOP, "Hello"), other="Ann Other"),
        }
        assert len(laid(packed(two), "instagram.zip")) == 2
        with pytest.raises(FileRefused, match="several conversations"):
            laid(packed(two), "instagram.zip", customer="Somebody Else")

    def test_more_messages_than_anybody_reads_are_refused(self) -> None:
        lines = [f"{day}/11/2026, 10:{minute:02} - Emily Carter: x" for day in range(10, 17) for minute in range(60)]
        with pytest.raises(FileRefused, match="Cut it to the days that matter"):
            laid("\n".join(lines), "a.txt")

    def test_every_other_file_is_read_as_ever(self) -> None:
        (found,) = laid(picture("PNG"), "shot.png")
        assert isinstance(found.fact, Document)
        assert found.fact.title == "Screenshot: shot"
        assert "cannot be searched for card numbers" in found.why
