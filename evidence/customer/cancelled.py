"""The customer cancelled before we shipped, or before we charged."""

from __future__ import annotations

import re
from datetime import datetime

from disputes.facts import UsageEvent
from disputes.phrases import phrase
from evidence.credits import Credits
from evidence.customer.rule import Found, Rule, content, moved_at, quoted, taken_back
from evidence.matching import normalise
from evidence.passages import Passage, passage, when
from evidence.sale import Sale
from evidence.words import says_withdraws

_JOINED_AGAIN = re.compile(r"\b(?:sign ?up|signed up|subscribed|resubscribed|reactivat\w*|resumed|yeniden abone)\b")


def _recorded(sale: Sale, before: datetime) -> tuple[datetime, Passage] | None:
    """The first cancellation that the shop's own records hold."""
    if sale.cancellations and sale.cancellations[0] < before:
        at = sale.cancellations[0]
        logs = [log for log in sale.case.usage if log.events]
        return at, passage(phrase("Cancelled {at} by the shop's own record", at=when(at)), *logs, sale.order)
    return None


def _written(sale: Sale, before: datetime) -> tuple[datetime, Passage] | None:
    for message in sale.incoming:
        early = sale.started is not None and message.at < sale.started
        words = quoted(message, says_withdraws)
        if words and message.at < before and not early:
            return message.at, words
    return None


def _first(sale: Sale, before: datetime) -> tuple[datetime, Passage] | None:
    found = [each for each in (_recorded(sale, before), _written(sale, before)) if each]
    return min(found, key=lambda each: each[0], default=None)


def _before_shipping(sale: Sale, credits: Credits) -> Found | None:
    if sale.product_type != "physical":
        return None
    left = min((at for each in sale.shipments if (at := moved_at(each))), default=None)
    limit = min(left, sale.claim.opened_at) if left else sale.claim.opened_at
    found = _first(sale, limit)
    if found is None:
        return None
    shipped = (
        passage(phrase("Shipped {at}", at=when(left)), *sale.shipments)
        if left
        else passage(phrase("Nothing was shipped"), sale.order)
    )
    return Found((found[1], shipped), answer=taken_back(sale, found[0]) or content(sale, found[0]))


def _before_charge(sale: Sale, credits: Credits) -> Found | None:
    payment = sale.payment
    if payment is None or "subscription" not in (sale.product_type, sale.reason.category.split("_")[0]):
        return None
    written = _written(sale, payment.paid_at) if sale.order else None
    found = min((each for each in (_recorded(sale, payment.paid_at), written) if each), default=None, key=_at)
    if found is None:
        return None
    charged = passage(phrase("Charged {at}", at=when(payment.paid_at)), payment)
    return Found((found[1], charged), answer=_went_on(sale, found[0], payment.paid_at))


def _at(found: tuple[datetime, Passage]) -> datetime:
    return found[0]


def _went_on(sale: Sale, cancelled: datetime, charged: datetime) -> Passage | None:
    """Signed up anew before the charge, or used after it."""
    events = [event for log in sale.case.usage for event in log.events if event.at > cancelled]
    again = [event for event in events if event.at <= charged and _JOINED_AGAIN.search(normalise(event.action))]
    used = [event for event in sale.usage if event.at > max(cancelled, charged)]
    found: list[UsageEvent] = [*again, *used]
    if found:
        return passage(phrase("Log: {action} {at}", action=found[0].action, at=when(found[0].at)), *sale.case.usage)
    return taken_back(sale, cancelled)


RULES = (
    Rule("cancelled_before_shipping", _before_shipping, silences=("no_cancellation", "return_required")),
    Rule("cancelled_before_charge", _before_charge, silences=("no_cancellation",)),
)
