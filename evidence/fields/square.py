"""Square's text evidence: five hundred characters a type, and the tracking number where a parcel was delivered."""

from __future__ import annotations

from disputes.knowledge import text_limits
from evidence.fields.words import fitting
from evidence.packet.context import PacketContext
from evidence.sale import Sale

REBUTTAL, TRACKING = "REBUTTAL_EXPLANATION", "TRACKING_NUMBER"


def fields(sale: Sale, ctx: PacketContext) -> dict[str, str]:
    """By evidence type; the packet, cut by type, goes beside it."""
    filled = {REBUTTAL: fitting(ctx, text_limits("square").of(REBUTTAL))}
    if sale.product_type == "physical":
        numbers = [each.tracking_number for each in (sale.delivered or sale.scanned) if each.tracking_number]
        if numbers:
            filled[TRACKING] = numbers[0]  # one a type; further parcels stand in the packet
    return filled
