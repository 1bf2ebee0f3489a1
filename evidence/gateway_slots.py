"""Under which of the gateway's file slots each exhibit is filed: the same packet, cut as this gateway wants it."""

from __future__ import annotations

from collections.abc import Callable

from disputes.gateway_kinds import gateway_kind
from disputes.knowledge import StripeSlots, stripe_slots
from disputes.knowledge.slots import OTHER_FILE
from disputes.knowledge.square import square_type, square_types
from evidence.sale import Sale

PAYPAL_SLOT = "documents"
"""PayPal takes documents beside a list of evidence: one packet, whole."""
WHOLE_SLOT = "packet"
"""A processor without an API gets one file."""


def gateway_slots(sale: Sale) -> Callable[[str], str]:
    """Evidence item -> file slot, for the gateway of this claim."""
    match sale.claim.gateway:
        case "stripe":
            return _stripe(sale)
        case "paypal":
            return lambda _item: PAYPAL_SLOT
        case "square":
            return _square
    if (kind := gateway_kind(sale.claim.gateway)) is not None:
        slots, reason = kind.slots, sale.claim.raw_reason
        return lambda item: slots.of(item, reason)
    return lambda _item: WHOLE_SLOT


def front_slot(gateway: str) -> str:
    """Where page one, the letter and the index go."""
    if (kind := gateway_kind(gateway)) is not None:
        return kind.slots.front
    return {"stripe": OTHER_FILE, "paypal": PAYPAL_SLOT, "square": SQUARE_FRONT}.get(gateway, WHOLE_SLOT)


def allowed_fields(sale: Sale, slots: StripeSlots) -> frozenset[str]:
    """Fields asked for by the gateway's own reason and, where its mapping is lossy, by the claim's real category."""
    reasons = (sale.claim.raw_reason, sale.reason.gateway_reason)
    return slots.fields(reasons, sale.product_type)


def _stripe(sale: Sale) -> Callable[[str], str]:
    table = stripe_slots()
    allowed = allowed_fields(sale, table)

    def slot(item: str) -> str:
        wanted = table.file_slot(item)
        return wanted if wanted in allowed else OTHER_FILE

    return slot


SQUARE_FRONT = "GENERIC_EVIDENCE"
SQUARE_TEXTS = frozenset({"REBUTTAL_EXPLANATION", "TRACKING_NUMBER"})
"""Evidence types that we give as text; one upload a type, so no file goes under them."""


def _square(item: str) -> str:
    wanted = square_type(item)
    return wanted if wanted not in SQUARE_TEXTS and square_types()[wanted].file else SQUARE_FRONT
