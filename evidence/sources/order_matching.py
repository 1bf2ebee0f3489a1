"""Which of a shop's orders a payment is for, how sure that is, and why.

Certain needs something only one sale has (a gateway's id, an order number, a parcel's number), a customer or an amount
that agrees with it, nothing that speaks against it, and no second order that might be meant. Everything else is shown
to a person, all candidates of it: two are never picked from in silence.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from disputes.facts import Order, Shipment
from disputes.phrases import Phrase, joined, phrase
from disputes.ports import Wanted
from evidence.matching import same_email
from evidence.redaction import bare
from evidence.sources.clues import Clues, is_account
from evidence.sources.keys import order_number, phone_number
from evidence.sources.signals import LONG, ZONES, Signals, signals

CERTAIN_FROM = 65
"""Below this score (0 to 100) a person confirms."""
SHOWN_FROM = 15
"""An order whose number agrees and everything else contradicts is another shop's, and not even a candidate."""
BY_THE_DOZEN = 12
"""Orders of one customer from which on a number that fits is no wonder."""
MAX_CANDIDATES = 20
MAX_FURTHER = 50
_AROUND = timedelta(days=400)
CERTAIN: Final = "certain"
LIKELY: Final = "likely"


@dataclass(frozen=True, slots=True)
class OrderMatch:
    order: Order
    confidence: Literal["certain", "likely"]
    why: str
    score: int
    """0 to 100; certain from CERTAIN_FROM on."""
    further: bool = False
    """Another order of the same customer, not the disputed one."""


def matched(orders: Sequence[Order], wanted: Wanted, *, parcels: Iterable[Shipment] = ()) -> list[OrderMatch]:
    """The disputed order, or every order it might be, the best first; once it is certain, the customer's further
    orders, the nearest in time first. `parcels`: what is known to have been sent for these orders."""
    clues = Clues.of(wanted)
    sent: dict[str, set[str]] = defaultdict(set)
    for parcel in parcels:
        sent[order_number(parcel.order_ref)].add(bare(parcel.tracking_number))
    looked_at = [
        signals(order, clues, tracking=frozenset(sent[order_number(order.order_ref)]))
        for order in orders
        if _touched(order, clues, sent)
    ]
    named = [each for each in looked_at if each.identity != "none"]
    fitting = [each for each in named if _fits(each)]
    alone = len(fitting) == 1 and not any(_rivals(each, fitting[0]) for each in looked_at if each is not fitting[0])
    if alone and not _one_of_a_row(fitting[0], orders):
        match = OrderMatch(fitting[0].order, CERTAIN, fitting[0].why(), min(100, fitting[0].score))
        return [match, *_further(orders, fitting[0], wanted)]
    return _candidates(named, looked_at)


def _touched(order: Order, clues: Clues, sent: dict[str, set[str]]) -> bool:
    """A quick look before all is compared: its numbers were asked for, or its customer and about that time."""
    numbers = clues.numbers | clues.perhaps_numbers
    named = (
        order.payment_id in clues.payments
        or order_number(order.order_ref) in numbers
        or any(order_number(each) in numbers for each in order.numbers)
        or any(each in clues.payments for each in order.transaction_ids)
        or bool(sent and clues.tracking & sent.get(order_number(order.order_ref), set()))
    )
    paid = clues.wanted.paid_at
    return named or ((paid is None or -ZONES <= paid - order.placed_at <= LONG) and _same_contact(order, clues))


def _same_contact(order: Order, clues: Clues) -> bool:
    return (
        (order.customer_email or "").strip().casefold() in clues.emails
        or bool(clues.accounts and order.account_id in clues.accounts)
        or bool(clues.phones and phone_number(order.customer_phone) in clues.phones)
    )


# ---- without a doubt -----------------------------------------------------------------------------------------------


def _fits(each: Signals) -> bool:
    """It may be taken without asking a person, as far as this order alone is looked at."""
    if each.score < CERTAIN_FROM:
        return False
    if each.identity == "payment":
        return each.customer != "other" or each.amount in ("same", "unknown")
    if each.other_payment or each.time == "after" or each.amount == "other":
        return False
    if each.time == "long before":
        # A renewal is paid months after its order. A bare number so old may be any other shop's or a database id.
        alike = each.identity == "number" and each.customer == "same" and each.amount == "same"
        return alike and (each.distinctive or _renews(each.order))
    near = each.time in ("moment", "near")
    if each.identity == "perhaps":
        return each.customer == "same" and each.amount == "same" and near
    match each.customer:
        case "same":
            return each.amount == "same" or near
        case "likely":
            return each.amount == "same"
        case "unknown":
            alone = each.distinctive and near and (each.amount == "same" or each.order.total is None)
            return alone or (each.amount == "same" and each.time == "moment")
        case "other":
            return False


def _renews(order: Order) -> bool:
    return any(line.product_type == "subscription" for line in order.lines)


def _rivals(other: Signals, fitting: Signals) -> bool:
    """The other order might be meant as well."""
    if other.other_payment or other.time in ("after", "long before"):
        return False
    if other.identity == "none":
        # The number may be another shop's: of this customer's orders only amount and day then tell which is meant.
        near = other.contact and other.time in ("moment", "near")
        better = other.amount == "same" and fitting.time not in ("moment", "near")
        return near and fitting.identity != "payment" and (fitting.amount != "same" or better)
    if fitting.identity == "payment" or fitting.customer in ("same", "likely") or fitting.amount == "same":
        return "other" not in (other.customer, other.amount)
    return True


def _one_of_a_row(fitting: Signals, orders: Sequence[Order]) -> bool:
    """A bare number names an order of a customer who buys again and again, for this amount or by the dozen, and amount
    and hour do not both say that it is this one: it may be another shop's number, and nothing would show it."""
    same = fitting.amount == "same"
    if fitting.identity == "payment" or fitting.distinctive or (same and fitting.time == "moment"):
        return False
    order = fitting.order
    theirs = [
        other
        for other in orders
        if other is not order
        and (same_email(other.customer_email, order.customer_email) or _same_account(other, order))
    ]
    return any(other.total == order.total for other in theirs) if same else len(theirs) >= BY_THE_DOZEN


def _same_account(one: Order, other: Order) -> bool:
    return is_account(one.account_id) and one.account_id == other.account_id


# ---- for a person --------------------------------------------------------------------------------------------------


def _candidates(named: list[Signals], looked_at: list[Signals]) -> list[OrderMatch]:
    by_customer = [each for each in looked_at if each.identity == "none" and each.contact and not each.other_payment]
    near = [each for each in by_customer if each.time in ("moment", "near")]
    alike = [each for each in near if each.amount == "same"]
    found = [*(each for each in named if each.score >= SHOWN_FROM), *alike]
    if not found:
        earlier = [each for each in by_customer if each.amount == "same" and each.time in ("earlier", "unknown")]
        found = [each for each in near if each.amount in ("unknown", "part")] or earlier
    found.sort(key=lambda each: (-each.score, each.order.order_ref))
    kept = found[:MAX_CANDIDATES]
    return [
        OrderMatch(each.order, LIKELY, _why(each, len(found)), max(0, min(CERTAIN_FROM - 1, each.score)))
        for each in kept
    ]


def _why(each: Signals, candidates: int) -> Phrase:
    lacks = [phrase("the order number is not in the payment")] if each.identity == "none" else []
    why = joined([each.why(), *lacks], "; ")
    return phrase("one of {count} orders it may be: {why}", count=candidates, why=why) if candidates > 1 else why


# ---- the customer's further orders ---------------------------------------------------------------------------------


def _further(orders: Sequence[Order], found: Signals, wanted: Wanted) -> list[OrderMatch]:
    """Of the account or the address the order was placed with; a card lent in the family makes no customer of its
    holder, so that the payer's address counts only where the order has none and the names agree."""
    disputed = found.order
    payer = wanted.customer_email if "name" in found.agree else None
    account = disputed.account_id if is_account(disputed.account_id) else None
    return _of_customer(orders, disputed, wanted, disputed.customer_email or payer, account)


def further_elsewhere(orders: Sequence[Order], disputed: Order, wanted: Wanted) -> list[OrderMatch]:
    """Orders of the same address in a shop that does not know the disputed one; accounts are each shop's own."""
    return _of_customer(orders, disputed, wanted, disputed.customer_email, None)


def _of_customer(
    orders: Sequence[Order], disputed: Order, wanted: Wanted, address: str | None, account: str | None
) -> list[OrderMatch]:
    email = (address or "").strip().casefold()
    started: datetime = wanted.paid_at or disputed.placed_at
    theirs = [
        order
        for order in orders
        if order is not disputed
        and order_number(order.order_ref) != order_number(disputed.order_ref)
        and (
            (email and (order.customer_email or "").strip().casefold() == email)
            or (account and order.account_id == account)
        )
        and abs(order.placed_at - started) <= _AROUND
    ]
    theirs.sort(key=lambda order: (abs(order.placed_at - started), order.order_ref))
    why = phrase("further order of the same customer")
    return [OrderMatch(order, CERTAIN, why, 100, further=True) for order in theirs[:MAX_FURTHER]]
