"""The customer may be right: what the records say against the merchant, in words for the merchant."""

from __future__ import annotations

from evidence.credits import Credits
from evidence.sale import Sale

_RETURNS = frozenset({"credit_not_processed", "canceled", "not_as_described"})


def customer_is_right(sale: Sale, credits: Credits) -> tuple[str, ...]:
    """Grounds to propose acceptance. A case with a refund before the dispute is never proposed for it."""
    if credits.before:
        return ()
    return tuple(
        each for each in (_promised(sale, credits), _cancelled(sale), _goods_back(sale), _came_back(sale)) if each
    )


def _promised(sale: Sale, credits: Credits) -> str | None:
    for promise in credits.promised:
        if promise.partial:
            continue
        if promise.amount is None or promise.amount.minor >= sale.claim.amount.minor:
            return f'Your own mail of {promise.at:%Y-%m-%d} promises a refund, and none was made: "{promise.passage}"'
    return None


def _cancelled(sale: Sale) -> str | None:
    if sale.reason.category != "subscription_canceled" or sale.payment is None or not sale.cancellations:
        return None
    first = sale.cancellations[0]
    if first < sale.payment.paid_at:
        return (
            f"The subscription was cancelled on {first:%Y-%m-%d}, before the charge of {sale.payment.paid_at:%Y-%m-%d}."
        )
    return None


def _goods_back(sale: Sale) -> str | None:
    back = [each for each in sale.returns if each.delivered_at]
    if sale.reason.category in _RETURNS and back and back[0].delivered_at:
        return f"The goods came back on {back[0].delivered_at:%Y-%m-%d} ({back[0].carrier}), and no refund was made."
    return None


def _came_back(sale: Sale) -> str | None:
    if sale.reason.category != "not_received" or sale.delivered:
        return None
    for parcel in sale.shipments:
        if any(event.state == "returned" for event in parcel.events):
            return f"The parcel {parcel.tracking_number} was returned to you, and no refund was made."
    return None
