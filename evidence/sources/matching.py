"""Which records of the folder belong to one dispute, how sure that is, and why."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from disputes.ports import Wanted
from evidence.matching import same_email
from evidence.sources.library import Library, MailRecord
from evidence.sources.orders import OrderRecord, reference, same_reference

_NEAR = timedelta(days=3)
_BEFORE, _AFTER = timedelta(days=400), timedelta(days=400)
MAX_FURTHER = 50
CERTAIN, LIKELY = "certain", "likely"


@dataclass(frozen=True, slots=True)
class Match:
    record: OrderRecord
    confidence: str
    why: str
    further: bool = False
    """Another order of the same customer, not the disputed one."""

    @property
    def ref(self) -> str:
        return self.record.order.order_ref


@dataclass(frozen=True, slots=True)
class MailMatch:
    mail: MailRecord
    order_ref: str
    confidence: str
    why: str


def matched_orders(library: Library, wanted: Wanted) -> list[Match]:
    """The disputed order, or every order it might be; then the customer's further orders."""
    found = _disputed(library.orders, wanted)
    certain = [each for each in found if each.confidence == CERTAIN]
    emails = {wanted.customer_email, *(each.record.order.customer_email for each in certain)}
    accounts = {each.record.order.account_id for each in certain} - {None}
    mine = {each.ref for each in found}
    started = wanted.paid_at or next((each.record.order.placed_at for each in certain), None)
    further = [
        record
        for record in library.orders
        if record.order.order_ref not in mine
        and (
            record.order.account_id in accounts or any(same_email(record.order.customer_email, each) for each in emails)
        )
        and (started is None or started - _BEFORE <= record.order.placed_at <= started + _AFTER)
    ]
    further.sort(key=lambda record: abs((record.order.placed_at - (started or record.order.placed_at)).total_seconds()))
    if not certain:
        return found
    why = "further order of the same customer"
    return [*found, *(Match(record, CERTAIN, why, further=True) for record in further[:MAX_FURTHER])]


def _disputed(orders: Sequence[OrderRecord], wanted: Wanted) -> list[Match]:
    by_ref = [record for record in orders if same_reference(record.order.order_ref, wanted.order_ref)]
    if by_ref:
        return [Match(record, CERTAIN, "order number in the payment's metadata") for record in by_ref]
    by_payment = [record for record in orders if wanted.payment_id and record.order.payment_id == wanted.payment_id]
    if by_payment:
        return [Match(record, CERTAIN, "payment number in the order") for record in by_payment]
    if not wanted.customer_email or wanted.paid_at is None:
        return []
    at = wanted.paid_at
    alike = [
        record
        for record in orders
        if same_email(record.order.customer_email, wanted.customer_email)
        and record.order.total == wanted.amount
        and abs(record.order.placed_at - at) <= _NEAR
        and (not record.order.payment_id or not wanted.payment_id or record.order.payment_id == wanted.payment_id)
    ]
    why = "same e-mail address, amount and day; the order number is not in the payment"
    if len(alike) > 1:
        why = f"one of {len(alike)} orders with the same e-mail address, amount and day"
    return [Match(record, LIKELY, why) for record in alike]


def matched_mails(library: Library, matches: Sequence[Match], wanted: Wanted) -> list[MailMatch]:
    """Mail that names the order or its parcel, answers such a mail, or was exchanged with the customer after it."""
    found: dict[str, MailMatch] = {}
    for match in matches:
        if not match.further:
            for each in _mails_of(library, match, wanted, matches):
                found.setdefault(each.mail.letter.message.message_id, each)
    return sorted(found.values(), key=lambda each: (each.mail.letter.message.at, each.mail.letter.message.message_id))


def _mails_of(library: Library, match: Match, wanted: Wanted, matches: Sequence[Match]) -> Iterable[MailMatch]:
    order = match.record.order
    people = {address.strip().casefold() for address in (order.customer_email, wanted.customer_email) if address}
    numbers = _tracking_numbers(library, match)
    names = _pattern([order.order_ref, *numbers])
    others = _pattern(
        [
            record.order.order_ref
            for record in library.orders
            if not same_reference(record.order.order_ref, order.order_ref)
        ]
    )
    threads: set[str] = set()
    for mail in sorted(library.mails, key=lambda mail: mail.letter.message.at):
        letter, message = mail.letter, mail.letter.message
        own_words = f"{message.subject or ''}\n{message.body}"
        customer = bool(letter.people & people)
        named = bool(names and names.search(own_words))
        elsewhere = bool(others and others.search(own_words))
        if named and customer:
            confidence, why = CERTAIN, f"names order {order.order_ref} or its parcel, with the customer's address"
        elif customer and not elsewhere and threads & set(letter.answers):
            confidence, why = CERTAIN, f"answers a mail about order {order.order_ref}"
        elif named:
            confidence, why = LIKELY, f"names order {order.order_ref}, but the address is not the customer's"
        elif customer and not elsewhere and message.at >= order.placed_at - timedelta(days=1):
            confidence, why = LIKELY, "with the customer's address, after the order; names no order"
        else:
            continue
        if confidence == CERTAIN:
            threads.add(message.message_id)
            confidence = match.confidence
        yield MailMatch(mail, order.order_ref, confidence, why)


def _tracking_numbers(library: Library, match: Match) -> list[str]:
    of_parcels = [
        each.shipment.tracking_number
        for each in library.shipments
        if same_reference(each.shipment.order_ref, match.ref) and not each.shares_number
    ]
    return list(dict.fromkeys([*match.record.tracking_numbers, *of_parcels]))


def _pattern(identifiers: Iterable[str]) -> re.Pattern[str] | None:
    """The identifiers as whole words. A bare short number only counts beside a word for "order" or a number sign."""
    words = []
    for identifier in identifiers:
        plain = reference(identifier)
        if len(plain) < 3:
            continue
        word = re.escape(plain).replace(r"\-", "[-\u2010-\u2013]")
        if plain.isdigit() and len(plain) < 8:
            word = rf"(?:#\s?|order\s(?:no\.?\s|number\s)?#?|sipari[sş]\s(?:no\.?:?\s|numarası:?\s)?#?){word}"
        words.append(word)
    return re.compile(rf"(?<![\w-])(?:{'|'.join(words)})(?![\w]|-\d)", re.IGNORECASE) if words else None
