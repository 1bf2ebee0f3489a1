"""What came after the sale: parcels under way, and returns step by step."""

from __future__ import annotations

from typing import Any

from disputes.facts import UNNAMED_CARRIER, Return, Shipment
from disputes.money import Money
from disputes.phrases import phrase
from evidence.sources.values import Unreadable
from evidence.systems.mapping import Table, at, fields, identifier, listed, text, utc
from evidence.systems.shopify.mapping import money, reference

Content = dict[str, Any]
_NO_PARCEL = frozenset({"CANCELLED", "ERROR", "FAILURE"})


def shipments(content: Content) -> tuple[Shipment, ...]:
    """One for each tracking number. That it came is the carrier's to say, whatever the shop shows."""
    found: dict[str, Shipment] = {}
    for each in listed(content, "fulfillments"):
        if each.get("status") in _NO_PARCEL:
            continue
        for parcel in listed(each, "trackingInfo"):
            number = identifier(parcel.get("number") or "")
            if number and number not in found:
                found[number] = Shipment(
                    order_ref=reference(content),
                    carrier=text(parcel.get("company") or "") or UNNAMED_CARRIER,
                    tracking_number=number,
                    shipped_at=utc(each["createdAt"]) if each.get("createdAt") else None,
                )
    return tuple(found.values())


def returns(content: Content) -> tuple[Return, ...]:
    """What was requested and what came of it; a return that was called off is none."""
    return tuple(_return(each, content) for each in listed(content, "returns") if each.get("status") != "CANCELED")


_RETURN: Table = {
    "requested_at": ("createdAt", utc),
    "refusal": "decline.note | decline.reason",
}
_REASONS = {"FINAL_SALE": "Final sale", "RETURN_PERIOD_ENDED": "The time for returns is over", "OTHER": "Other"}


def _return(content: Content, of: Content) -> Return:
    goods = listed(content, "returnLineItems.nodes")
    moved = [(utc(each["createdAt"]), money(each.get("totalRefundedSet"))) for each in _dated_refunds(content)]
    paid = [(made_at, amount) for made_at, amount in moved if amount and amount.minor]
    found = fields(content, _RETURN)
    if "refusal" in found:
        found["refusal"] = _REASONS.get(found["refusal"], found["refusal"])
    said = [
        text(each.get("customerNote") or "") or text(at(each, "returnReasonDefinition.name") or "") for each in goods
    ]
    names = [text(at(each, "fulfillmentLineItem.lineItem.name") or "") for each in goods]
    way = [
        deliverable
        for one in listed(content, "reverseFulfillmentOrders.nodes")
        for each in listed(one, "reverseDeliveries.nodes")
        if isinstance(deliverable := each.get("deliverable"), dict)
    ]
    return Return(
        return_id=text(content.get("name") or content.get("id") or "") or "",
        order_ref=reference(of),
        reason="; ".join(dict.fromkeys(each for each in said if each)) or None,
        goods=tuple(each for each in names if each),
        label_sent_at=next((utc(sent) for each in way if (sent := at(each, "label.createdAt"))), None),
        tracking_number=next((identifier(number) for each in way if (number := at(each, "tracking.number"))), None),
        refunded_at=max((made_at for made_at, _ in paid), default=None),
        amount=_sum([amount for _, amount in paid]),
        **found,
    )


def _dated_refunds(content: Content) -> list[Content]:
    return [each for each in listed(content, "refunds.nodes") if each.get("createdAt")]


def _sum(amounts: list[Money]) -> Money | None:
    if not amounts:
        return None
    total = amounts[0]
    for each in amounts[1:]:
        if each.currency != total.currency:
            raise Unreadable(phrase("a return was paid back in two currencies"))
        total = total + each
    return total
