"""An answer at a gateway, made from a claim and its records as the desk makes it."""

from __future__ import annotations

from typing import Any

from disputes.facts import CaseFile
from evidence.answer import packet_context
from evidence.claim import Claim
from evidence.fields import response_fields
from evidence.letter import compose
from evidence.packet.context import PacketContext
from tests.evidence.builders import LETTERHEAD, NOW, SIGNATORY, claim, judged


def paypal(**changes: Any) -> Claim:
    base = {
        "external_id": "PP-D-1", "gateway": "paypal", "gateway_title": "PayPal", "network": None, "reason_code": None,
        "raw_reason": "MERCHANDISE_OR_SERVICE_NOT_RECEIVED",
    }  # fmt: skip
    return claim(**base | changes)


def square(**changes: Any) -> Claim:
    base = {
        "external_id": "LaleSq01", "gateway": "square", "gateway_title": "Square", "network": "visa",
        "reason_code": None, "raw_reason": "NOT_RECEIVED",
    }  # fmt: skip
    return claim(**base | changes)


def by_hand(**changes: Any) -> Claim:
    base = {
        "external_id": "IYZ-1", "gateway": "manual", "gateway_title": "iyzico", "network": None, "reason_code": None,
        "raw_reason": "not_received",
    }  # fmt: skip
    return claim(**base | changes)


def answer(the_claim: Claim, the_case: CaseFile) -> tuple[PacketContext, dict[str, str]]:
    assessment = judged(the_claim, the_case)
    letter = compose(the_claim, the_case, assessment)
    ctx = packet_context(the_claim, the_case, assessment, letter, LETTERHEAD, SIGNATORY, NOW, "UTC")
    return ctx, response_fields(the_claim, the_case, assessment, letter, ctx)
