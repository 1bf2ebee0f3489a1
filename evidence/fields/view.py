"""One finished answer as a gateway that came by plug-in sees it: what the letter says and what the packet shows."""

from __future__ import annotations

from disputes.gateway_kinds import AnswerView, ShownExhibit
from evidence.assessment import Assessment
from evidence.factbook import described
from evidence.fields.stripe import activity_log
from evidence.fields.words import exhibit_letter, fitting, letter_text
from evidence.letter import Letter
from evidence.packet.context import PacketContext
from evidence.sale import Sale

ARGUMENTS = (
    "refund_refusal_explanation",
    "refund_policy_disclosure",
    "cancellation_policy_disclosure",
    "cancellation_rebuttal",
    "duplicate_charge_explanation",
)


def answer_view(sale: Sale, assessment: Assessment, letter: Letter, ctx: PacketContext) -> AnswerView:
    payment, order, claim = sale.payment, sale.order, sale.claim
    said = {name: "\n".join(letter.texts(name)) for name in ARGUMENTS}
    shows_use = any(each.key == "usage" for each in ctx.exhibits)
    return AnswerView(
        dispute_id=claim.external_id,
        kind=claim.kind,
        reason=claim.raw_reason,
        category=claim.reason.category,
        requested=tuple(claim.requested),
        product_type=sale.product_type,
        letter=letter_text(ctx),
        fitting=lambda room: fitting(ctx, room),
        said={name: text for name, text in said.items() if text},
        customer_name=sale.customer_name,
        customer_email=(order.customer_email if order else None) or (payment.customer_email if payment else None),
        purchase_ip=sale.purchase_ip,
        goods=described(order.lines) if order and order.lines else "",
        activity=activity_log(sale, ctx.zone) if sale.usage and shows_use else "",
        payment=payment,
        order=order,
        parcels=tuple(sale.delivered or sale.scanned) if sale.product_type == "physical" else (),
        refunds=tuple(assessment.credits.before),
        exhibits=tuple(
            ShownExhibit(exhibit_letter(number), each.key, each.title, each.slot)
            for number, each in enumerate(ctx.exhibits)
        ),
        zone=ctx.zone,
        written_at=ctx.written_at,
    )
