"""One file a person lays on a case."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import pytest
from PIL import Image

from disputes.facts import Document, Message
from disputes.ports import Gathered
from evidence.packet.errors import FileRefused
from evidence.uploads import MAX_UPLOAD, read_capped, read_upload, shown_name
from tests.evidence.mail.builders import mail

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
