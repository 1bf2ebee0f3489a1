"""Which messages of a mailbox or a help desk belong to one dispute, how sure that is, and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from disputes.facts import Message
from disputes.phrases import Phrase, phrase
from disputes.ports import Wanted
from evidence.matching import address_in
from evidence.sources.keys import order_number, phone_number
from evidence.sources.naming import Numbers, folded

CERTAIN, LIKELY = "certain", "likely"
_BEFORE = timedelta(days=1)


_ADDRESS = phrase("with the customer's address")


def judged(
    messages: Sequence[Message],
    wanted: Wanted,
    *,
    people: frozenset[str],
    answers: Mapping[str, tuple[str, ...]],
    others: Iterable[str] = (),
    clue: Phrase = _ADDRESS,
) -> list[tuple[Message, str, Phrase]]:
    """The messages that belong to the sale, oldest first, each with its order, "certain" or "likely", and why.

    `people`: the customer's addresses in lower case, beside those of `wanted`. `answers`: by Message-ID the ids it
    answers, or shares a thread or ticket with. `others`: numbers known to be of other orders; without them a number
    that is only written like the disputed one's counts as another order's. Nothing is certain unless the order is, or
    nobody knows the order and the payment itself names it. `clue`: by what the customer was known.
    """
    sale = _Sale.of(wanted, people, others, clue)
    once = {message.message_id: message for message in reversed(messages)}
    ordered = sorted(once.values(), key=lambda each: (each.at, each.message_id))
    said = [(message, sale.heard(message)) for message in ordered]
    about = {message.message_id for message, words in said if words.customer and words.names}
    elsewhere = {message.message_id for message, words in said if words.elsewhere and not words.names}
    found = []
    for message, words in said:
        linked = set(answers.get(message.message_id, ())) - {message.message_id}
        told = sale.judgement(message, words, in_thread=bool(linked & about), mixed=bool(linked & elsewhere))
        if told is None:
            continue
        confidence, why = told
        if confidence == CERTAIN:
            about.add(message.message_id)
            confidence = CERTAIN if sale.certain else LIKELY
        found.append((message.model_copy(update={"order_ref": words.names or sale.only}), confidence, why))
    return found


@dataclass(frozen=True, slots=True)
class _Heard:
    """What one message says by itself."""

    customer: bool
    names: str | None
    """The disputed order, or the first candidate, that it or its parcel's number is named by."""
    elsewhere: bool


@dataclass(frozen=True, slots=True)
class _Sale:
    """The disputed sale as messages may name it."""

    candidates: tuple[tuple[str, Numbers], ...]
    numbers: Numbers
    others: frozenset[str]
    people: frozenset[str]
    phones: frozenset[str]
    started: datetime | None
    known: bool
    """The order is known with all its numbers; else the payment's number may be one no customer ever saw."""
    certain: bool
    clue: Phrase

    @classmethod
    def of(cls, wanted: Wanted, people: frozenset[str], others: Iterable[str], clue: Phrase) -> _Sale:
        lone = [wanted.order_ref] if wanted.order_ref and len(wanted.orders) < 2 else []
        named = [(order.order_ref, [order.order_ref, *order.numbers, *lone]) for order in wanted.orders]
        if not named and wanted.order_ref:
            named = [(order_number(wanted.order_ref), lone)]
        parcels = {ref: [each.number for each in wanted.parcels if _same(each.order_ref, ref)] for ref, _ in named}
        return cls(
            tuple((ref, Numbers.of(numbers, parcels[ref])) for ref, numbers in named),
            Numbers.of([number for _, numbers in named for number in numbers]),
            frozenset(folded(order_number(each)) for each in others),
            people | frozenset(wanted.emails),
            frozenset(
                filter(None, map(phone_number, (wanted.phone, *(order.customer_phone for order in wanted.orders))))
            ),
            wanted.placed_at,
            bool(wanted.orders),
            wanted.certain or not wanted.orders,
            clue,
        )

    @property
    def only(self) -> str | None:
        return self.candidates[0][0] if len(self.candidates) == 1 else None

    def heard(self, message: Message) -> _Heard:
        text = folded(f"{message.subject or ''}\n{message.body}")
        names = next((ref for ref, numbers in self.candidates if numbers.named_in(text)), None)
        return _Heard(
            any(self._is_customer(each) for each in (message.sender, *message.recipients)),
            names,
            self.numbers.another_named_in(text, self.others),
        )

    def _is_customer(self, written: str) -> bool:
        address = address_in(written)
        return address in self.people or ("@" not in address and phone_number(address) in self.phones)

    def judgement(self, message: Message, said: _Heard, *, in_thread: bool, mixed: bool) -> tuple[str, Phrase] | None:
        title = phrase("order {ref}", ref=said.names or self.only) if said.names or self.only else phrase("the order")
        if said.names and said.customer:
            return CERTAIN, phrase("names {title} or its parcel, {clue}", title=title, clue=self.clue)
        if said.customer and not said.elsewhere and in_thread and not mixed:
            return CERTAIN, phrase("answers a message about {title}", title=title)
        if said.customer and not said.elsewhere and in_thread:
            return LIKELY, phrase(
                "in one conversation with messages about {title} and about another order", title=title
            )
        if said.names:
            return LIKELY, phrase("names {title}, but the address is not the customer's", title=title)
        if said.customer and self._in_time(message):
            if not said.elsewhere:
                return LIKELY, phrase("{clue}, after the order; names no order", clue=self.clue)
            if not self.known:
                return LIKELY, phrase(
                    "{clue}, after the payment; names another number than the payment", clue=self.clue
                )
        return None

    def _in_time(self, message: Message) -> bool:
        return self.started is None or message.at >= self.started - _BEFORE


def _same(one: str, other: str) -> bool:
    return bool(order_number(one)) and order_number(one) == order_number(other)
