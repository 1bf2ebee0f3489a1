"""The merchant's own application: it sends in what its customers did, event by event; the desk calls it never.

One event: {"id", "at" (ISO 8601 with an offset), "action" (login, download, view, play, renewal, cancellation ... or
a word of its own), "detail", "account_id", "email", "order", "ip", "device_id", "system"}. `id`, `at`, `action` and one
of account_id, email and order are needed.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from disputes.clock import utc as aware
from disputes.facts import UsageEvent, UsageLog
from disputes.phrases import phrase
from disputes.systems import Brings, Kept, Key, KeyKind, Outside, SystemAccount, SystemKind
from evidence.sources.keys import order_number
from evidence.sources.values import Unreadable
from evidence.sources.vocabulary import known
from evidence.systems.base import BaseSystem
from evidence.systems.mapping import fields, identifier, text, utc
from evidence.systems.raw import part

MOST_EVENTS = 1000
USAGE = "usage"
DEFAULT_SYSTEM = "Application log"
_TABLE = {
    "at": ("at", utc),
    "action": ("action", text),
    "detail": ("detail", text),
    "ip": ("ip", identifier),
    "device_id": ("device_id", identifier),
    "account_id": ("account_id", identifier),
    "order_ref": ("order", identifier),
}
_NAMES = frozenset({"id", "at", "action", "detail", "ip", "device_id", "account_id", "order", "email", "system"})


class EventsRefused(ValueError):
    """The body as a whole cannot be taken; the message says why."""


@dataclass(frozen=True, slots=True)
class Events:
    """What one body brought: events to keep, and for each that cannot be read its place and why."""

    taken: tuple[Kept, ...]
    refused: tuple[tuple[int, str], ...]


def read_events(body: bytes) -> Events:
    """The events of {"events": [...]}."""
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        raise EventsRefused(phrase("The body is no JSON.")) from None
    events = content.get("events") if isinstance(content, dict) else None
    if not isinstance(events, list) or not events:
        raise EventsRefused(phrase('The body should be {"events": [...]} with at least one event.'))
    if len(events) > MOST_EVENTS:
        raise EventsRefused(
            phrase(
                "At most {most_events} events at once; these were {count}.", most_events=MOST_EVENTS, count=len(events)
            )
        )
    taken: dict[str, Kept] = {}
    refused: list[tuple[int, str]] = []
    for place, event in enumerate(events):
        try:
            kept = _event(event)
            taken[kept.external_id] = kept
        except Unreadable as error:
            refused.append((place, str(error)))
    return Events(tuple(taken.values()), tuple(refused))


def _event(event: Any) -> Kept:
    if not isinstance(event, dict):
        raise Unreadable(phrase("is no object"))
    if unknown := sorted(set(event) - _NAMES):
        raise Unreadable(phrase("has fields that are not known: {names}", names=", ".join(unknown[:5])))
    event_id, email = event.get("id"), event.get("email")
    if not isinstance(event_id, str) or not event_id.strip() or len(event_id) > 120:
        raise Unreadable(phrase("id is needed, a text of at most 120 characters"))
    if email is not None and (not isinstance(email, str) or "@" not in email):
        raise Unreadable(phrase("email is no address"))
    found = fields(event, _TABLE)
    if "at" not in found or "action" not in found:
        raise Unreadable(phrase("at and action are needed"))
    if not _has_offset(str(event["at"])):
        raise Unreadable(phrase("at has no offset; write it like 2026-11-05T14:32:00Z"))
    if not (email or found.get("account_id") or found.get("order_ref")):
        raise Unreadable(phrase("one of account_id, email and order is needed, else nobody can tell whose it is"))
    found["action"] = known("actions", found["action"]) or found["action"]
    found["at"] = aware(found["at"])
    if found.get("order_ref"):
        found["order_ref"] = found["order_ref"].lstrip("#").strip()
    system = text(event["system"]) if event.get("system") else None
    log = UsageLog(system=(system or DEFAULT_SYSTEM)[:60], events=(UsageEvent(**found),))
    return Kept(
        kind=USAGE,
        external_id=event_id.strip(),
        facts=(log,),
        data=part(event, _own_numbers(event)),
        name=f"event {event_id.strip()}.json",
        request=f"Sent in by the shop's own application, event {event_id.strip()}",
        keys=_keys(log.events[0], email),
        at=log.events[0].at,
    )


def _has_offset(written: str) -> bool:
    tail = written.strip()[10:]
    return tail.endswith(("Z", "z")) or "+" in tail or "-" in tail


def _own_numbers(event: Mapping[str, Any]) -> Iterable[str]:
    return (str(event[name]) for name in ("id", "account_id", "order", "device_id") if event.get(name))


def _keys(event: UsageEvent, email: str | None) -> tuple[Key, ...]:
    found = (
        (KeyKind.ACCOUNT, event.account_id),
        (KeyKind.ORDER, order_number(event.order_ref)),
        (KeyKind.EMAIL, (email or "").strip().casefold()),
    )
    return tuple(Key(kind, value) for kind, value in found if value)


class Push(BaseSystem):
    def __init__(self) -> None:
        self.kind = KIND

    def account(self) -> SystemAccount:
        return SystemAccount("push", "events sent in")


def _open(_settings: Mapping[str, str], _outside: Outside) -> Push:
    return Push()


KIND = SystemKind(
    name="push",
    title=phrase("Your own application"),
    version=1,
    brings=(Brings.USAGE,),
    gives=phrase("Logins, downloads, use, renewals and cancellations of digital goods, services and subscriptions."),
    needs=phrase(
        "Nothing of yours is needed: connect it, make a token, and let your application send its events "
        "to the "
        "address shown, as they happen or once a night."
    ),
    settings=(),
    open=_open,
    pushed=True,
)
