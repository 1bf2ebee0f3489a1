"""One order held against one payment: what agrees, what contradicts, and what nobody can tell."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from disputes.facts import Order
from disputes.money import Money
from disputes.phrases import Phrase, joined, listed, phrase
from evidence.matching import address_agreement, different_payments, same_person
from evidence.sources.clues import Clues, is_account, is_payment_id
from evidence.sources.keys import order_number, phone_number

Identity = Literal["payment", "number", "tracking", "perhaps", "none"]
Customer = Literal["same", "likely", "unknown", "other"]
Amount = Literal["same", "part", "unknown", "other"]
Time = Literal["moment", "near", "earlier", "unknown", "long before", "after"]

MOMENT, DAYS, LONG = timedelta(hours=1), timedelta(days=3), timedelta(days=60)
ZONES = timedelta(hours=26)
"""A local time taken for UTC, and a payment shortly before its order is written down."""
LEAST_PART, MOST_TIP = 20, 130
"""Percent of the order's total between which a payment may be a part of it, or the whole with a tip."""

_WEIGHTS = {
    "payment": 75, "number": 60, "tracking": 55, "perhaps": 35,
    "email": 20, "account": 15, "phone": 12, "alike": 8, "name": 8, "address": 8, "last4": 6,
    "amount": 14, "moment": 12, "near": 8,
    "other payment": -60, "after": -40, "other customer": -40, "other customer, same payment": -15,
    "other amount": -20, "long before": -20, "unlike payment": -10, "part": -6, "other name": -4, "other last4": -4,
    "other address": -3,
}  # fmt: skip
_MOST_OF_CUSTOMER = 40
_EMAIL, _NAME = phrase("e-mail address"), phrase("name")
_CUSTOMER = ("email", "account", "phone", "alike", "name", "address")


@dataclass(frozen=True, slots=True)
class Signals:
    order: Order
    identity: Identity
    customer: Customer
    amount: Amount
    time: Time
    other_payment: bool
    """Its payment id is another one of the same kind."""
    distinctive: bool
    """The number that agrees has letters and digits, as one shop writes its numbers."""
    contact: bool
    """E-mail address, phone number or account agree."""
    score: int
    """Not yet bounded."""
    found: tuple[str, ...]
    """What it was found by, in words: "order number in the payment's metadata"."""
    agree: tuple[str, ...]
    against: tuple[str, ...]

    def why(self) -> Phrase:
        same = phrase("same {things}", things=listed(self.agree)) if self.agree else ""
        but = phrase("but {things}", things=listed(self.against)) if self.against else ""
        return joined(filter(None, [*self.found, same, but]), "; ")


def signals(order: Order, clues: Clues, *, tracking: frozenset[str]) -> Signals:
    """`tracking`: numbers of the order's own parcels, bare."""
    names: set[str] = set()
    against: list[str] = []
    identity, distinctive, found = _identity(order, clues, tracking)
    other_payment = identity != "payment" and _payment(order, clues, names, against)
    customer, agree = _customer(order, clues, names, against)
    contact = bool(names & {"email", "account", "phone"})
    amount = _amount(order, clues, names, against)
    _card(order, clues, names, against)
    time = _time(order, clues, names, against)
    if customer == "other":
        names.add("other customer, same payment" if identity == "payment" else "other customer")
    words = {"amount": phrase("amount"), "last4": phrase("card"), "moment": phrase("hour"), "near": phrase("day")}
    agree += [word for name, word in words.items() if name in names]
    who = min(sum(_WEIGHTS[each] for each in names if each in _CUSTOMER), _MOST_OF_CUSTOMER)
    score = who + sum(_WEIGHTS[each] for each in names if each not in _CUSTOMER) + _WEIGHTS.get(identity, 0)
    return Signals(
        order, identity, customer, amount, time, other_payment, distinctive, contact, score, found, tuple(agree),
        tuple(against),
    )  # fmt: skip


def _identity(order: Order, clues: Clues, tracking: frozenset[str]) -> tuple[Identity, bool, tuple[str, ...]]:
    """The strongest thing that is one sale's only, whether the number could hardly be another shop's, and words."""
    kinds: list[Identity] = []
    found: list[str] = []
    ids = {each for each in (order.payment_id, *order.transaction_ids) if is_payment_id(each)}
    if ids & clues.payments:
        kinds.append("payment")
        found.append(phrase("payment number in the order"))
    numbers = {order_number(each) for each in (order.order_ref, *order.numbers)} - {""}
    named, perhaps = numbers & clues.numbers, numbers & clues.perhaps_numbers
    if named or perhaps:
        kinds.append("number" if named else "perhaps")
        said = sorted(named or perhaps)
        first = order_number(order.order_ref) in said
        one = phrase("order number in the payment's metadata")
        found.append(
            one
            if first
            else phrase("number {number} in the payment's metadata is one of this order's numbers", number=said[0])
        )
    if tracking & clues.tracking:
        kinds.append("tracking")
        found.append(phrase("tracking number in the payment's metadata"))
    distinctive = any(re.search(r"[^\W\d_]", each) and re.search(r"\d", each) for each in named)
    return (kinds[0] if kinds else "none"), distinctive, tuple(found)


def _payment(order: Order, clues: Clues, names: set[str], against: list[str]) -> bool:
    ids = [each for each in (order.payment_id, *order.transaction_ids) if each]
    own = [each for each in (clues.wanted.payment_id, *clues.wanted.payment_ids) if each]
    differ = [(one, other) for one in ids for other in own if different_payments(one, other)]
    if not differ:
        return False
    # Two ids with one prefix are two payments; two bare ids of one length may be two ids of one payment.
    sure = any(re.match(r"[a-z]+_", one) for one, _ in differ)
    names.add("other payment" if sure else "unlike payment")
    against.append(
        phrase("the order was paid by another payment") if sure else phrase("the order has another payment number")
    )
    return sure


def _customer(order: Order, clues: Clues, names: set[str], against: list[str]) -> tuple[Customer, list[str]]:
    agree: list[str] = []
    other: list[str] = []
    email = (order.customer_email or "").strip().casefold()
    phone = phone_number(order.customer_phone)
    _hold(email in clues.emails if email and clues.emails else None, "email", _EMAIL, names, agree, other)
    if "email" not in names and any(alike(email, each) for each in clues.emails):
        names.add("alike")
        other.remove(_EMAIL)
        against.append(phrase("the e-mail address is only alike"))
    _hold(
        phone in clues.phones if phone and clues.phones else None, "phone", phrase("phone number"), names, agree, other
    )
    known = is_account(order.account_id) and bool(clues.accounts)
    _hold(
        True if known and order.account_id in clues.accounts else None,
        "account",
        phrase("account"),
        names,
        agree,
        other,
    )
    name = [same_person(one, each) for one in _names(order) for each in clues.names]
    _hold(any(name) if name else None, "name", _NAME, names, agree, other)
    places = [address_agreement(place, clues.wanted.shipping) for place in (order.shipping, order.billing) if place]
    _hold(True if "same" in places else None, "address", phrase("address"), names, agree, other)
    if places and "same" not in places and "different" in places:
        names.add("other address")
        against.append(phrase("another shipping address"))
    if other:
        against.append(phrase("another {things}", things=listed(other)))
    if _NAME in other:
        names.add("other name")
    if names & {"email", "account", "phone"}:
        return "same", agree
    if names & {"alike", "name", "address"}:
        return "likely", agree
    return ("other" if other else "unknown"), agree


def _names(order: Order) -> list[str]:
    places = [place.name for place in (order.billing, order.shipping) if place]
    return list(dict.fromkeys(each for each in (order.customer_name, *places) if each))


def _hold(agrees: bool | None, name: str, word: str, names: set[str], agree: list[str], other: list[str]) -> None:
    """Note one comparison; None: one side does not say."""
    if agrees:
        names.add(name)
        agree.append(word)
    elif agrees is not None:
        other.append(word)


def _amount(order: Order, clues: Clues, names: set[str], against: list[str]) -> Amount:
    """An amount in another currency neither agrees nor contradicts; less may be a part, a little more a tip."""
    paid, total = clues.wanted.amount, order.total
    if total is None or total.currency != paid.currency:
        return "unknown"
    back = [refund.amount for refund in order.refunds if refund.amount.currency == total.currency]
    left = total - Money(sum(each.minor for each in back), total.currency)
    if paid in (total, left):
        names.add("amount")
        return "same"
    against.append(phrase("{paid} were paid and the order is {total}", paid=paid, total=total))
    if LEAST_PART * total.minor <= 100 * paid.minor <= MOST_TIP * total.minor:
        names.add("part")
        return "part"
    names.add("other amount")
    return "other"


def _card(order: Order, clues: Clues, names: set[str], against: list[str]) -> None:
    """A wallet has a card number of its own, so that other digits say little."""
    if order.card_last4 and clues.wanted.card_last4:
        same = order.card_last4 == clues.wanted.card_last4
        names.add("last4" if same else "other last4")
        if not same:
            against.append(phrase("another card"))


def _time(order: Order, clues: Clues, names: set[str], against: list[str]) -> Time:
    if clues.wanted.paid_at is None:
        return "unknown"
    later = clues.wanted.paid_at - order.placed_at
    if abs(later) <= MOMENT:
        names.add("moment")
        return "moment"
    if -ZONES <= later <= DAYS:
        names.add("near")
        return "near"
    if timedelta(0) < later <= LONG:
        return "earlier"
    name: Time = "after" if later < timedelta(0) else "long before"
    names.add(name)
    against.append(
        phrase("ordered {days} days after the payment", days=abs(later).days)
        if name == "after"
        else phrase("ordered {days} days before the payment", days=abs(later).days)
    )
    return name


def alike(one: str, other: str) -> bool:
    """One mailbox written twice (a tag behind a plus, dots), or one slip of a finger apart."""
    if not one or not other:
        return False
    return _mailbox(one) == _mailbox(other) or (min(len(one), len(other)) >= 8 and _one_slip(one, other))


def _mailbox(email: str) -> str:
    local, _, domain = email.partition("@")
    domain = {"googlemail.com": "gmail.com"}.get(domain, domain)
    local = local.partition("+")[0]
    return f"{local.replace('.', '') if domain == 'gmail.com' else local}@{domain}"


def _one_slip(one: str, other: str) -> bool:
    """One sign too many, too few, another one, or two neighbours swapped."""
    short, long = sorted((one, other), key=len)
    if len(long) - len(short) > 1:
        return False
    start = next((at for at, (left, right) in enumerate(zip(short, long, strict=False)) if left != right), len(short))
    rest, more = short[start:], long[start:]
    if len(rest) < len(more):
        return rest == more[1:]
    return rest[1:] == more[1:] or (rest[:2] == more[:2][::-1] and rest[2:] == more[2:])
