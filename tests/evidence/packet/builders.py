"""Builders of packets and of the files that go into them."""

from __future__ import annotations

import io
import random
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import pikepdf
import pypdfium2
from PIL import Image, ImageDraw

from disputes.facts import Message
from disputes.money import Money
from evidence.packet.context import (
    ClaimRow,
    Exhibit,
    FilePart,
    Letterhead,
    PacketContext,
    Paragraph,
    Signatory,
    Table,
)

WRITTEN = datetime(2026, 11, 5, 14, 32, tzinfo=UTC)


def digest(data: bytes) -> str:
    return sha256(data).hexdigest()


def build_photo(width: int = 1600, height: int = 1200, *, seed: int = 1, format: str = "JPEG", **options: Any) -> bytes:
    """A noisy gradient with shapes: about as hard to compress as a photograph of a parcel."""
    dice = random.Random(seed)
    noise = Image.frombytes("L", (width // 4, height // 4), dice.randbytes((width // 4) * (height // 4))).resize(
        (width, height)
    )
    base = Image.merge(
        "RGB", (Image.linear_gradient("L").resize((width, height)), noise, Image.new("L", (width, height), 90))
    )
    draw = ImageDraw.Draw(base)
    for _ in range(12):
        x, y = dice.randrange(width), dice.randrange(height)
        draw.rectangle((x, y, x + width // 6, y + height // 8), fill=tuple(dice.randbytes(3)), outline="white")
    out = io.BytesIO()
    base.save(out, format, **options)
    return out.getvalue()


def build_pdf(
    pages: int = 1, *, size: tuple[int, int] = (595, 842), text: str = "Proof of delivery", rotate: int = 0
) -> bytes:
    """A PDF as a carrier's system writes one: standard fonts, not embedded."""
    with pikepdf.new() as pdf:
        for number in range(1, pages + 1):
            page = pdf.add_blank_page(page_size=size)
            font = pikepdf.Dictionary(
                Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica
            )
            page.obj.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font))
            top = size[1] - 60
            words = f"BT /F1 20 Tf 50 {top} Td ({text} page {number}) Tj ET 40 40 {size[0] - 80} {size[1] - 80} re S"
            page.obj.Contents = pikepdf.Stream(pdf, words.encode())
            if rotate:
                page.rotation = rotate
        out = io.BytesIO()
        pdf.save(out)
        return out.getvalue()


def build_drawn_pdf(pages: int = 1, *, size: tuple[int, int] = (595, 842), rotate: int = 0) -> bytes:
    """A PDF without any font: lines only, so that it stays a vector drawing."""
    with pikepdf.new() as pdf:
        for number in range(1, pages + 1):
            page = pdf.add_blank_page(page_size=size)
            marks = " ".join(f"{60 + 20 * mark} 100 10 {size[1] - 200} re f" for mark in range(number))
            page.obj.Contents = pikepdf.Stream(pdf, f"40 40 {size[0] - 80} {size[1] - 80} re S {marks}".encode())
            if rotate:
                page.rotation = rotate
        out = io.BytesIO()
        pdf.save(out)
        return out.getvalue()


def build_scan(pages: int = 1) -> bytes:
    """A PDF as a scanner writes one: a page-filling JPEG on each page."""
    with pikepdf.new() as pdf:
        for number in range(pages):
            page = pdf.add_blank_page(page_size=(595, 842))
            picture = pikepdf.Stream(pdf, build_photo(1240, 1754, seed=number, quality=90))
            picture.stream_dict = pikepdf.Dictionary(
                Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Image, Width=1240, Height=1754, BitsPerComponent=8,
                ColorSpace=pikepdf.Name.DeviceRGB, Filter=pikepdf.Name.DCTDecode,
            )  # fmt: skip
            page.obj.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Scan=picture))
            page.obj.Contents = pikepdf.Stream(pdf, b"q 595 0 0 842 0 0 cm /Scan Do Q")
        out = io.BytesIO()
        pdf.save(out)
        return out.getvalue()


def page_texts(pdf: bytes) -> list[str]:
    with pypdfium2.PdfDocument(pdf) as document:
        texts = [page.get_textpage().get_text_range() for page in document]
    return [" ".join(text.split()) for text in texts]


def build_message(body: str = "Where is my parcel?", **over: Any) -> Message:
    values: dict[str, Any] = {
        "message_id": "m1",
        "at": WRITTEN - timedelta(days=20),
        "direction": "in",
        "sender": "ayse.yilmaz@example.com",
        "recipients": ("destek@cinarhome.example",),
        "subject": "My order",
        "body": body,
    }
    return Message(**{**values, **over})


def build_exhibit(key: str = "tracking", **over: Any) -> Exhibit:
    values: dict[str, Any] = {
        "key": key,
        "title": "Shipment timeline",
        "source": "DHL tracking record",
        "taken_at": WRITTEN - timedelta(days=1),
        "slot": "shipping_documentation",
    }
    values |= over
    if not any(values.get(kind) for kind in ("tables", "messages", "quotes", "files")):
        values["tables"] = (Table(columns=("Time", "Event"), rows=(("20 Oct 2026, 11:05 UTC", "Delivered"),)),)
    return Exhibit(**values)


def build_part(data: bytes, name: str, **over: Any) -> FilePart:
    media = "application/pdf" if data[:5] == b"%PDF-" else "image/png" if data[:4] == b"\x89PNG" else "image/jpeg"
    return FilePart(sha256=digest(data), media_type=media, name=name, **over)


def build_context(**over: Any) -> PacketContext:
    values: dict[str, Any] = {
        "letterhead": Letterhead(
            legal_name="Çınar Ev Eşyaları Ticaret Ltd. Şti.",
            address=("Bağdat Caddesi 214/3", "34728 Kadıköy, İstanbul"),
            country="Türkiye",
            contact="disputes@cinarhome.example, +90 216 555 01 40",
        ),
        "signatory": Signatory(name="Gülşen Öztürk", role="Head of Customer Care"),
        "written_at": WRITTEN,
        "zone": "UTC",
        "gateway_name": "Stripe",
        "case_id": "dp_1SQx7ZKf0aBcDeFgHiJkLmNo",
        "network": "Visa",
        "reason_code": "13.1",
        "reason_name": "Merchandise not received",
        "paid_at": WRITTEN - timedelta(days=30),
        "amount_charged": Money(18900, "USD"),
        "amount_disputed": Money(18900, "USD"),
        "card_brand": "Visa",
        "card_last4": "4242",
        "authorization_code": "083114",
        "arn": "74537606285006285123456",
        "statement_descriptor": "CINAR HOME ISTANBUL",
        "order_ref": "CH-20418",
        "ask": "Reversal of the dispute in full: 189.00 USD.",
        "ground": "The goods were delivered to the cardholder's address on 20 Oct 2026, two days before time.",
        "rows": (
            ClaimRow(
                claim="The goods did not arrive.",
                shown="The carrier recorded delivery on 20 Oct 2026, 11:05 UTC.",
                exhibit="tracking",
            ),
        ),
        "letter": (
            Paragraph(text="The order was placed on 06 Oct 2026 and paid by card the same minute.", exhibits=()),
            Paragraph(text="The carrier's own record shows delivery.", exhibits=("tracking",)),
        ),
        "exhibits": (build_exhibit(),),
    }
    return PacketContext(**{**values, **over})
