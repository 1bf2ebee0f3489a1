"""Messages that were found for a sale: which belong to it, and what a person and the packet get of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from disputes.facts import Message
from disputes.phrases import joined, phrase
from disputes.ports import Gathered, SourceReport, Wanted
from disputes.systems import Outside
from evidence.mail import Own
from evidence.sources.message_identity import without_copies
from evidence.sources.message_matching import LIKELY, judged
from evidence.systems.correspondence.attached import Attached, Files

_SHORTEST = 4
"""Letters and digits: a shorter number is in every other mail."""
SPARE_SECONDS = 5.0
"""Of the time given, kept for what was read by then: a part of a mailbox is better than none of it."""


@dataclass(frozen=True, slots=True)
class Found:
    """One message of a mailbox or a help desk, read, with its masked bytes."""

    message: Message
    data: bytes
    media_type: str
    name: str
    request: str
    thread: tuple[str, ...] = ()
    """Message-IDs it answers, or that share its ticket."""
    notes: tuple[str, ...] = ()
    """What a person should know: hidden text dropped, numbers masked."""
    files: tuple[Attached, ...] = ()
    doubt: str = ""
    """Why a person has to look at it, however well it fits."""


def allowed_numbers(wanted: Wanted) -> tuple[str, ...]:
    """The case's own identifiers, which must not be taken for card numbers."""
    parcels = (parcel.number for parcel in wanted.parcels)
    said = (*wanted.order_numbers, *parcels, *wanted.payment_ids, wanted.payment_id)
    return tuple(dict.fromkeys(each for each in said if each))


def numbers_to_look_for(wanted: Wanted, most: int) -> list[str]:
    """Numbers of the order and its parcels, as they may stand between quotation marks in a help desk's search. Whose
    message it is that names one is judged afterwards: the address of a stranger leaves it to a person."""
    said = (*wanted.order_numbers, *(parcel.number for parcel in wanted.parcels))
    plain = dict.fromkeys(each.strip().lstrip("#").strip() for each in said)
    return [each for each in plain if len(each) >= _SHORTEST and _sayable(each)][:most]


def _sayable(number: str) -> bool:
    return '"' not in number and "\\" not in number and number.isprintable() and len(number) <= 100


def together(found: Sequence[Found]) -> list[Found]:
    """The messages of one ticket, each with the ids of the others: one conversation."""
    ids = [each.message.message_id for each in found]
    return [replace(each, thread=tuple(one for one in ids if one != each.message.message_id)) for each in found]


def report(
    found: Sequence[Found],
    wanted: Wanted,
    outside: Outside,
    *,
    adapter: str,
    people: Iterable[str] = (),
    refused: Iterable[str] = (),
) -> SourceReport:
    """The messages that belong to the sale, oldest first, each followed by its files.

    `adapter`: what read them, with its version. `people`: what the system knows the customer by beside the addresses
    of `wanted`.
    """
    once = without_copies(found, lambda each: each.message)
    by_id: dict[str, Found] = {}
    said = list(refused)
    for each in once:
        if by_id.setdefault(each.message.message_id, each) is not each:
            said.append(
                phrase("{name} has the Message-ID of another message and other words; it was left out.", name=each.name)
            )
    own = Own.of(outside.own_addresses)
    customer = frozenset(each.casefold() for each in (*wanted.emails, *people) if not own.has(each))
    threads = _threads(by_id.values())
    files = Files(outside)
    items: list[Gathered] = []
    messages = [each.message for each in by_id.values()]
    for message, sure, why in judged(messages, wanted, people=customer, answers=threads):
        mine = by_id[message.message_id]
        confidence = LIKELY if mine.doubt else sure
        reasons = joined(filter(None, (why, mine.doubt, *mine.notes)), "; ")
        items.append(Gathered(mine.data, mine.media_type, mine.name, mine.request, message, confidence, reasons))
        items += files.of(message, mine.files, request=mine.request, why=why)
    return SourceReport(
        tuple(replace(item, adapter=adapter) for item in items), (), tuple(dict.fromkeys([*said, *files.said()]))
    )


def _threads(found: Iterable[Found]) -> Mapping[str, tuple[str, ...]]:
    return {each.message.message_id: each.thread for each in found if each.thread}
