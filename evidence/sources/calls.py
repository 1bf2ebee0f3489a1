"""The telephone's own log, line by line: who called whom, when, and what the shop wrote down about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Literal

from disputes.facts import Message
from disputes.phrases import phrase, said_by
from evidence.matching import normalise
from evidence.sources import values
from evidence.sources.orders import field
from evidence.sources.tables import Row
from evidence.sources.values import Unreadable

CHANNEL = "phone"
Way = Literal["in", "out"]
_IN = "in,incoming,inbound,received,answered,missed,voicemail,gelen,gelen arama,cevapsiz,cevapsiz arama,alinan"
_OUT = "out,outgoing,outbound,dialed,dialled,placed,called,giden,giden arama,aranan"
_WAYS: dict[str, Way] = {
    **dict.fromkeys(_IN.split(","), "in"),
    **dict.fromkeys(_OUT.split(","), "out"),
}
_TOLD = (("duration", "Duration"), ("result", "Result"), ("note", "Note of the shop"))


@dataclass(frozen=True, slots=True)
class CallRecord:
    message: Message
    order_ref: str | None
    """The order the log itself names."""
    row: Row


def read_calls(rows: Sequence[Row], zone: str) -> tuple[list[CallRecord], list[str]]:
    """Calls, and a sentence for every line that could not be taken."""
    found: dict[str, CallRecord] = {}
    refused: list[str] = []
    for row in rows:
        try:
            call = _call(row, zone)
            found.setdefault(call.message.message_id, call)
        except Unreadable as error:
            refused.append(said_by(error))
    return list(found.values()), refused


def _call(row: Row, zone: str) -> CallRecord:
    at = field(row, "at", lambda text: values.instant(text, zone))
    who = row.get("number") or row.get("name")
    if at is None or who is None:
        raise Unreadable(
            phrase(
                "{place}: needs a time and the number or name of the other side; the line was left out.",
                place=row.place,
            )
        )
    way = field(row, "direction", _way)
    if way is None:
        raise Unreadable(
            phrase("{place}: does not say who called (in or out); the line was left out.", place=row.place)
        )
    told = [f"{label}: {row.get(name)}" for name, label in _TOLD if row.get(name)]
    body = "\n".join([f"Telephone call as recorded by the shop, {'received' if way == 'in' else 'made'}.", *told])
    named = " ".join(filter(None, (row.get("name"), row.get("number"))))
    digest = sha256("\x1f".join((at.isoformat(), way, named, body)).encode("utf-8", "replace")).hexdigest()
    identity = row.get("call_id") or digest[:40]
    message = Message(
        message_id=f"{CHANNEL}:{identity}"[:200],
        at=at,
        direction=way,
        channel=CHANNEL,
        sender=named if way == "in" else "The shop",
        recipients=() if way == "in" else (named,),
        body=body,
    )
    return CallRecord(message, (row.get("order_ref") or "").lstrip("#").strip() or None, row)


def _way(text: str) -> Way:
    way = _WAYS.get(normalise(text.replace("_", " ").replace("-", " ")))
    if way is None:
        raise Unreadable(phrase("{text} does not say who called; write in or out", text=repr(text)))
    return way
