"""Our own mail promised something that was not done."""

from __future__ import annotations

from datetime import datetime

from disputes.facts import Message
from disputes.phrases import phrase
from evidence.credits import Credits
from evidence.customer.rule import GOODS, Found, Rule, content, moved_at, quoted, spoken
from evidence.own_words import promises_replacement
from evidence.passages import passage, shortened, when
from evidence.sale import SLACK, Sale
from evidence.words import offers_return


def _refund(sale: Sale, credits: Credits) -> Found | None:
    """A promise of a part, or of a smaller sum, gives up no more than that part."""
    open_promises = sorted(credits.promised, key=lambda each: not _whole(sale, each.partial, each.amount))
    for promise in open_promises:
        mail = next((each for each in sale.outgoing if each.message_id == promise.message_id), None)
        words = phrase('You wrote on {day}: "{words}"', day=f"{promise.at:%Y-%m-%d}", words=shortened(promise.passage))
        return Found((passage(words, mail),), whole=_whole(sale, promise.partial, promise.amount))
    for each in sale.return_cases:
        if each.refund_promised_at and not each.refunded_at and not _made_since(credits, each.refund_promised_at):
            words = phrase(
                "Return {case}: a refund was promised {at}", case=each.return_id, at=when(each.refund_promised_at)
            )
            return Found((passage(words, each),), whole=_whole(sale, partial=False, amount=each.amount))
    return None


def _made_since(credits: Credits, promised: datetime) -> bool:
    given = (*credits.before, *credits.after, *credits.uncertain)
    return any(refund.created_at.date() >= promised.date() for refund in given)


def _whole(sale: Sale, partial: bool, amount: object) -> bool:
    disputed = sale.claim.amount
    if partial:
        return False
    return amount is None or getattr(amount, "minor", 0) >= disputed.minor


def _replacement(sale: Sale, credits: Credits) -> Found | None:
    for message in sale.outgoing:
        if spoken(offers_return, message):
            continue  # the goods are asked back first: a condition in two sentences
        promise = quoted(message, promises_replacement)
        if promise and not _kept(sale, credits, message):
            return Found((promise,), answer=content(sale, message.at))
    return None


def _kept(sale: Sale, credits: Credits, message: Message) -> bool:
    """A parcel left after the promise, a paper shows it, the money went back instead, or a further order carries it."""
    since = message.at - SLACK
    if any(_after(moved_at(each), since) for each in sale.shipments):
        return True
    if sale.documents("replacement_proof"):
        return True
    if any(each.created_at >= since for each in (*credits.before, *credits.uncertain)):
        return True
    free = {each.order_ref for each in sale.case.orders[1:] if each.placed_at >= since and not each.payment_id}
    return any(each.order_ref in free and _after(moved_at(each), since) for each in sale.case.shipments)


def _after(at: datetime | None, since: datetime) -> bool:
    return at is not None and at >= since


RULES = (
    Rule("promised_refund", _refund, silences=("return_required",)),
    Rule("promised_replacement", _replacement, claims=GOODS, silences=("return_required",)),
)
