"""Which conversations and calls belong to a sale. A name or a telephone number is never certain: a person confirms."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from disputes.facts import Message
from disputes.phrases import NOTHING, Phrase, joined, phrase
from disputes.ports import Wanted
from evidence.matching import address_in, normalise, same_person
from evidence.sources.chats import ChatItem
from evidence.sources.conversation import Chat
from evidence.sources.keys import phone_number
from evidence.sources.message_matching import CERTAIN, LIKELY, judged

MAX_MESSAGES = 300
"""Of one conversation; nobody reads more for one sale."""
_PHONE_OR_NAME = phrase("with the customer's telephone number or name")


@dataclass(frozen=True, slots=True)
class _Known:
    """Who in a conversation is taken for the customer, and by what."""

    people: frozenset[str]
    clue: Phrase


def matched_chat(chat: Chat, wanted: Wanted, others: Iterable[str]) -> tuple[list[ChatItem], int]:
    """Its messages that belong to the sale, oldest first, all of them likely; and how many more there were.

    `wanted` with the disputed order and its parcels; `others`: numbers of other orders.
    """
    others = tuple(others)
    messages = [each.message for each in chat.said]
    known = _known(chat.others, wanted)
    if known is None:
        named = [message for message, _, _ in _judged(messages, wanted, frozenset(), others)]
        if not named:
            return [], 0
        # Somebody saved under a name of the shop's own who wrote about this order, or was written to about it.
        people = frozenset(map(_shown, chat.others))
        known = _Known(people, phrase("in a conversation that also names the order"))
    said = {each.message.message_id: each for each in chat.said}
    found = [
        ChatItem(said[message.message_id], message.order_ref, LIKELY, joined((chat.words, why), ": "))
        for message, _, why in _judged(messages, wanted, known.people, others, known.clue)
    ]
    return found[:MAX_MESSAGES], max(0, len(found) - MAX_MESSAGES)


def matched_calls(
    calls: Sequence[Message], wanted: Wanted, others: Iterable[str], named: Mapping[str, str]
) -> list[tuple[Message, str, str]]:
    """The calls of the sale, oldest first: each with its order, "certain" or "likely", and why.

    `named`: by message id the disputed order that the log itself names.
    """
    rest = [message for message in calls if message.message_id not in named]
    people = frozenset(
        _shown(each) for message in rest for each in (message.sender, *message.recipients) if _is_named(each, wanted)
    )
    found = [(message, LIKELY, why) for message, _, why in _judged(rest, wanted, people, others, _PHONE_OR_NAME)]
    for message in calls:
        if ref := named.get(message.message_id):
            sure = CERTAIN if wanted.certain else LIKELY
            found.append(
                (message.model_copy(update={"order_ref": ref}), sure, phrase("the log names order {ref}", ref=ref))
            )
    return sorted(found, key=lambda each: (each[0].at, each[0].message_id))


def _judged(
    messages: Sequence[Message], wanted: Wanted, people: frozenset[str], others: Iterable[str], clue: Phrase = NOTHING
) -> list[tuple[Message, str, Phrase]]:
    return judged(messages, wanted, people=people, answers={}, others=others, clue=clue)


def _known(names: Sequence[str], wanted: Wanted) -> _Known | None:
    phones = {phone_number(each) for each in (wanted.phone, *(order.customer_phone for order in wanted.orders))} - {""}
    called = frozenset(_shown(name) for name in names if phone_number(name) in phones)
    if called:
        return _Known(called, phrase("with the customer's telephone number"))
    named = frozenset(_shown(name) for name in names if _is_named(name, wanted))
    return _Known(named, phrase("with the customer's name")) if named else None


def _is_named(written: str, wanted: Wanted) -> bool:
    """A first name alone is anybody's."""
    names = [wanted.customer_name, *(order.customer_name for order in wanted.orders)]
    names += [place.name for order in wanted.orders for place in (order.billing, order.shipping) if place]
    whole = [name for name in names if name and len(normalise(name).split()) > 1]
    return len(normalise(written).split()) > 1 and any(same_person(written, name) for name in whole)


def _shown(name: str) -> str:
    """As the judge reads a sender."""
    return address_in(name)
