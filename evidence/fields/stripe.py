"""Stripe's text fields."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from disputes.clock import local_day, plainly
from disputes.knowledge import stripe_slots, text_limits
from evidence.assessment import Assessment
from evidence.factbook import described
from evidence.fields.words import letter_text
from evidence.gateway_slots import allowed_fields
from evidence.letter import Letter
from evidence.packet.context import PacketContext
from evidence.sale import Sale


def fields(sale: Sale, assessment: Assessment, letter: Letter, ctx: PacketContext) -> dict[str, str]:
    """Stripe's text fields this reason and product type ask for."""
    slots = stripe_slots()
    allowed = allowed_fields(sale, slots) & frozenset(slots.text_fields)
    filled: dict[str, str] = {}
    for part in (_buyer(sale), _goods(sale, ctx), _parcel(sale, ctx), _other_charge(sale, ctx), _told(letter)):
        filled.update((name, value) for name, value in part if value and name in allowed)
    if assessment.compelling is not None and assessment.compelling.sent:
        filled.update(assessment.compelling.fields)
    filled["uncategorized_text"] = letter_text(ctx)
    return filled


Fields = Iterator[tuple[str, str | None]]


def _buyer(sale: Sale) -> Fields:
    payment, order = sale.payment, sale.order
    yield "customer_name", sale.customer_name
    yield (
        "customer_email_address",
        (order.customer_email if order else None) or (payment.customer_email if payment else None),
    )
    yield "billing_address", "\n".join(sale.billing.lines()) if sale.billing else None
    yield "customer_purchase_ip", sale.purchase_ip


def _goods(sale: Sale, ctx: PacketContext) -> Fields:
    if sale.order and sale.order.lines:
        yield "product_description", described(sale.order.lines)
    dated = [each for each in sale.documents("service_proof", "appointment_record", "service_date") if each.dated]
    if sale.product_type in ("service", "travel") and dated and dated[0].dated:
        yield "service_date", local_day(dated[0].dated, ctx.zone).isoformat()
    if sale.usage and any(each.key == "usage" for each in ctx.exhibits):
        yield "access_activity_log", activity_log(sale, ctx.zone)


def activity_log(sale: Sale, zone: str) -> str:
    """Every use on a line; a log too long for the field is told by the day instead, with nothing left out."""
    lines = [
        "  ".join(
            part for part in (plainly(each.at, zone), each.action, each.detail, each.ip and f"IP {each.ip}") if part
        )
        for each in sale.usage
    ]
    whole = "\n".join(lines)
    if len(whole) <= text_limits().of("access_activity_log"):
        return whole
    days = Counter((local_day(each.at, zone), each.action, each.ip or "") for each in sale.usage)
    return "\n".join(
        f"{day.isoformat()}  {action}: {number}" + (f"  IP {ip}" if ip else "")
        for (day, action, ip), number in days.items()
    )


def _parcel(sale: Sale, ctx: PacketContext) -> Fields:
    """No shipping claim on anything that was not shipped. The date is the dispatch, never the delivery."""
    if sale.product_type != "physical":
        return
    yield "shipping_address", "\n".join(sale.ordered_to.lines()) if sale.ordered_to else None
    for parcel in (sale.delivered or sale.scanned)[:1]:
        yield "shipping_carrier", parcel.carrier
        yield "shipping_tracking_number", parcel.tracking_number
        yield "shipping_date", local_day(parcel.shipped_at, ctx.zone).isoformat() if parcel.shipped_at else None


def _other_charge(sale: Sale, ctx: PacketContext) -> Fields:
    """Named only where the packet shows the other order; no other claim is about a second charge."""
    if all(each.key != "duplicate" for each in ctx.exhibits):
        return
    mine = sale.order.order_ref if sale.order else None
    others = [each for each in sale.other_orders if each.order_ref != mine and each.lines]
    yield "duplicate_charge_id", others[0].payment_id if others else None


def _told(letter: Letter) -> Fields:
    for field in (
        "refund_refusal_explanation",
        "refund_policy_disclosure",
        "cancellation_policy_disclosure",
        "cancellation_rebuttal",
        "duplicate_charge_explanation",
    ):
        yield field, "\n".join(letter.texts(field)) or None
