"""The messages of one ticket, read one after the other: what cannot be read is told and spoils nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from disputes.phrases import phrase, said_by
from disputes.ports import Wanted
from disputes.systems import Outside
from evidence.mail import Own
from evidence.sources.values import Unreadable
from evidence.systems.correspondence.report import Found, allowed_numbers, together
from evidence.systems.correspondence.told import Told, found_of

BEFORE = timedelta(days=2)
_AFTER = timedelta(days=400)


def during(
    wanted: Wanted, begun: Callable[[], datetime | None], ended: Callable[[], datetime | None] | None = None
) -> bool:
    """Whether a ticket was alive after the sale; one whose times are not there or cannot be read is looked at. Without
    `ended` the system itself left out those that ended before."""
    if wanted.placed_at is None:
        return True
    try:
        first, last = begun(), ended() if ended else None
        over = last is not None and last < wanted.placed_at - BEFORE
        return not over and (first is None or first <= wanted.placed_at + _AFTER)
    except (Unreadable, ValueError, TypeError):
        return True


def read_ticket(
    pieces: Iterable[Callable[[], Told]],
    wanted: Wanted,
    outside: Outside,
    *,
    system: str,
    called: str,
    refused: list[str],
) -> list[Found]:
    """`pieces`: how each message is told; may raise Unreadable. `called`: "A message of ticket 5"."""
    own, allowed = Own.of(outside.own_addresses), allowed_numbers(wanted)
    read: list[Found] = []
    for piece in pieces:
        try:
            found = found_of(piece(), own, system, allowed)
        except (Unreadable, ValueError, TypeError) as error:
            refused.append(phrase("{called} {why}; it was left out.", called=called, why=said_by(error)))
            continue
        if found:
            read.append(found)
    return together(read)
