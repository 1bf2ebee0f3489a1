"""A packet of about 20 pages with four photos, other words and other photos for every number."""

from __future__ import annotations

import base64
import random
from datetime import timedelta

import templates
from evidence.packet.context import PacketContext, PacketLimits, Table
from evidence.packet.layout import SIZES
from evidence.packet.sources import open_files
from evidence.packet.view import view
from tests.evidence.packet.builders import (
    WRITTEN,
    build_context,
    build_exhibit,
    build_message,
    build_part,
    build_photo,
    digest,
)

_WORDS = [
    "parcel",
    "order",
    "walnut",
    "table",
    "delivery",
    "courier",
    "neighbour",
    "address",
    "refund",
    "tracking",
    "carton",
    "label",
    "invoice",
    "weight",
    "receipt",
    "morning",
    "evening",
    "Monday",
    "Friday",
    "street",
    "door",
    "bell",
    "signature",
    "driver",
    "depot",
    "van",
    "customs",
    "number",
    "payment",
    "card",
    "bank",
    "statement",
    "please",
    "thank",
    "you",
    "could",
    "would",
    "found",
    "missing",
    "waiting",
    "asked",
    "told",
    "answered",
    "wrote",
    "called",
    "again",
    "tomorrow",
    "the",
    "a",
    "of",
    "and",
    "to",
    "in",
]
_MAILS = 30


def content(number: int, *, mails: int = _MAILS, photos: int = 4) -> tuple[PacketContext, dict[str, bytes]]:
    dice = random.Random(number)
    pictures = [build_photo(seed=dice.randrange(1 << 30)) for _ in range(photos)]
    exhibits = [
        build_exhibit("tracking", tables=(_tracking(dice),)),
        build_exhibit(
            "mail",
            title="Correspondence with the customer",
            slot="customer_communication",
            messages=tuple(_mail(dice, at) for at in range(mails)),
        ),
    ]
    if pictures:
        parts = tuple(build_part(data, f"photo{at}.jpg") for at, data in enumerate(pictures))
        exhibits.append(build_exhibit("photos", title="Photographs", slot="service_documentation", files=parts))
    context = build_context(case_id=f"du_bench{number:012d}", exhibits=tuple(exhibits))
    return context, {digest(data): data for data in pictures}


def _tracking(dice: random.Random) -> Table:
    rows = tuple(
        (f"{day + 1:02d} Oct 2026, 10:{dice.randrange(60):02d} UTC", _say(dice, 3), _say(dice, 6)) for day in range(20)
    )
    return Table(columns=("Time", "Place", "Event"), rows=rows)


def _mail(dice: random.Random, at: int) -> object:
    body = "\n\n".join(_say(dice, dice.randrange(50, 150)) for _ in range(2))
    moment = WRITTEN - timedelta(days=28) + timedelta(hours=9 * at)
    return build_message(
        body, message_id=f"m{at}", at=moment, direction="in" if at % 2 else "out", subject=_say(dice, 4)
    )


def _say(dice: random.Random, words: int) -> str:
    return " ".join(dice.choices(_WORDS, k=words)).capitalize() + "."


def html_of(context: PacketContext, files: dict[str, bytes]) -> str:
    """The same HTML and style sheet for a browser: its pictures inlined, as they are stored."""
    values, boxes = view(context, open_files(context, files, PacketLimits()), SIZES[0])
    html = templates.environment().get_template("packet/packet.html").render(**values, whole=True)
    parts = [part for exhibit in context.exhibits for part in exhibit.files]
    for box, part in zip(boxes, parts, strict=True):
        inlined = f"data:{part.media_type};base64,{base64.b64encode(files[part.sha256]).decode()}"
        html = html.replace(f'"{box.url}"', f'"{inlined}"')
    css = templates.text_of("packet/packet.css") + f"\n@page {{ size: {context.page_size} portrait; }}"
    return html.replace("</head>", f"<style>{css}</style></head>")
