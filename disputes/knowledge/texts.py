"""How many characters each gateway takes in its text fields."""

from __future__ import annotations

from functools import cache
from typing import Any

from disputes.facts import Fact
from disputes.gateway_kinds import gateway_kind
from disputes.knowledge.data import load


class TextLimits(Fact):
    """Characters, by field."""

    long_fields: frozenset[str] = frozenset()
    long: int
    other: int
    total: int

    def of(self, field: str) -> int:
        """PayPal's notes stand under their evidence type: "OTHER.notes"."""
        return self.long if field in self.long_fields or field.rpartition(".")[2] in self.long_fields else self.other


@cache
def text_limits(gateway: str = "stripe") -> TextLimits:
    """Of a processor without an API nothing is known; its text is handed over and read by people."""
    match gateway:
        case "paypal":
            notes = _figure("paypal", "notes_chars")
            return TextLimits(
                long_fields=frozenset({"notes", "note", "message"}), long=notes, other=255, total=40 * notes
            )
        case "square":
            each = _figure("square", "text_chars")
            return TextLimits(long=each, other=each, total=15 * each)
        case _ if (kind := gateway_kind(gateway)) is not None:
            texts = kind.texts
            return TextLimits(long_fields=texts.long_fields, long=texts.long, other=texts.field, total=texts.total)
        case _:
            return _stripe()


def _stripe() -> TextLimits:
    entries = {entry["limit"]: entry for entry in load("stripe_limits")["entries"]}
    return TextLimits(
        long_fields=frozenset(entries["text_field_long"]["fields"]),
        long=entries["text_field_long"]["value"],
        other=entries["text_field"]["value"],
        total=entries["text_total"]["value"],
    )


def _figure(who: str, name: str) -> int:
    found: dict[str, Any] = next(entry for entry in load("packet_limits")["limits"] if entry["who"] == who)
    return int(found[name])
