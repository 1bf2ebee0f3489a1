"""The gateway's own fields, filled from the same facts that the packet prints."""

from __future__ import annotations

from disputes.facts import CaseFile
from disputes.gateway_kinds import gateway_kind
from disputes.knowledge import text_limits
from disputes.phrases import said_by
from evidence.answer import AnswerRefused, TooLong
from evidence.assessment import Assessment
from evidence.claim import Claim
from evidence.fields import paypal, square, stripe
from evidence.fields.view import answer_view
from evidence.fields.words import letter_text
from evidence.letter import Letter
from evidence.packet.context import PacketContext
from evidence.sale import Sale

LETTER = "letter"
"""The one field of a processor without an API: the letter as text, to be pasted where it asks for words."""


def response_fields(
    claim: Claim, case: CaseFile, assessment: Assessment, letter: Letter, ctx: PacketContext
) -> dict[str, str]:
    """Every fact that has a field at this gateway. Raises an `AnswerRefused` that says what to change."""
    sale = Sale(claim, case)
    match claim.gateway:
        case "paypal":
            fields = paypal.fields(sale, assessment, ctx)
        case "square":
            fields = square.fields(sale, ctx)
        case "stripe":
            fields = stripe.fields(sale, assessment, letter, ctx)
        case other if (kind := gateway_kind(other)) is not None:
            try:
                fields = dict(kind.fields(answer_view(sale, assessment, letter, ctx)))
            except ValueError as error:
                raise AnswerRefused(said_by(error)) from error
        case _:
            fields = {LETTER: letter_text(ctx)}
    _within_limits(claim.gateway, fields)
    return fields


def _within_limits(gateway: str, fields: dict[str, str]) -> None:
    limits = text_limits(gateway)
    for field, text in fields.items():
        if len(text) > limits.of(field):
            raise TooLong(field, len(text), limits.of(field))
    total = sum(map(len, fields.values()))
    if total > limits.total:
        raise TooLong("*", total, limits.total)


__all__ = ["letter_text", "response_fields"]
