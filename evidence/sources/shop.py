"""shop.json: who the shop is. Without its own addresses nobody can tell who wrote a mail."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from disputes.phrases import phrase
from evidence.mail import Own
from evidence.sources.conversation import DateOrder, name_key
from evidence.sources.reading import MEGABYTE, FileSeen, FileUnreadable, read


@dataclass(frozen=True, slots=True)
class Shop:
    zone: str
    name: str = ""
    own: Own = field(default_factory=Own)
    chat_names: frozenset[str] = frozenset()
    """The shop's names in WhatsApp, Instagram and Messenger, as `name_key` spells them, its own name among them."""
    whatsapp_dates: DateOrder | None = None
    """Which number is the day, where an export leaves it open."""


def read_shop(file: FileSeen, zone: str) -> Shop:
    """`zone` is the merchant's; the export may state its own."""
    try:
        content = json.loads(read(file, MEGABYTE).decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise FileUnreadable(phrase("{name} is no JSON that can be read.", name=file.name)) from None
    if not isinstance(content, dict):
        raise FileUnreadable(phrase("{name} should be one object.", name=file.name))
    stated = content.get("zone")
    if stated is not None and not _is_zone(stated):
        raise FileUnreadable(
            phrase(
                "{name}: {zone} is no time zone; write one like Europe/Istanbul.",
                name=file.name,
                zone=repr(str(stated)[:60]),
            )
        )
    words = [
        each for each in _listed(content.get("addresses")) + _listed(content.get("domains")) if isinstance(each, str)
    ]
    name = str(content.get("name") or "")
    names = _listed(content.get("chat_names")) + _listed(content.get("whatsapp_names")) + [name]
    dates = content.get("whatsapp_dates")
    if dates not in (None, "day_first", "month_first"):
        raise FileUnreadable(phrase('{name}: whatsapp_dates should be "day_first" or "month_first".', name=file.name))
    return Shop(
        str(stated) if stated else zone,
        name,
        Own.of(words),
        frozenset(key for key in (name_key(each) for each in names if isinstance(each, str)) if key),
        dates,
    )


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value] if value else []


def _is_zone(name: Any) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, TypeError, OSError):
        return False
    return True
