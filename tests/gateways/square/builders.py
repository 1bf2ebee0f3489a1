"""Square's objects as its API sends them, with the defaults of one open chargeback; and one approved answer."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from disputes.acts import GatewayAct
from disputes.ids import digest
from disputes.ports import Answer, Approved
from disputes.response import Response, ResponseFile

PDF = b"%PDF-1.4 proof of delivery"
REBUTTAL = "The parcel was delivered on the day it was promised, to the address of the order."


def dispute(**changes: Any) -> dict[str, Any]:
    base: dict[str, Any] = {
        "id": "SYNdispute0000000000A",
        "amount_money": {"amount": 124990, "currency": "USD"},
        "reason": "NOT_RECEIVED",
        "state": "EVIDENCE_REQUIRED",
        "due_at": "2026-03-15T00:00:00.000Z",
        "disputed_payment": {"payment_id": "SYNpayment000000000000000ZY"},
        "card_brand": "MASTERCARD",
        "created_at": "2026-03-01T10:00:00.000Z",
        "updated_at": "2026-03-01T10:00:00.000Z",
        "brand_dispute_id": "100000000001",
        "reported_at": "2026-03-01T00:00:00.000Z",
        "version": 1,
        "location_id": "LSYN00000001",
    }
    return {name: value for name, value in (base | changes).items() if value is not ...}


def payment(**changes: Any) -> dict[str, Any]:
    base: dict[str, Any] = {
        "id": "SYNpayment000000000000000ZY",
        "created_at": "2026-02-10T10:00:00.000Z",
        "amount_money": {"amount": 120000, "currency": "USD"},
        "tip_money": {"amount": 4990, "currency": "USD"},
        "total_money": {"amount": 124990, "currency": "USD"},
        "status": "COMPLETED",
        "source_type": "CARD",
        "card_details": {
            "status": "CAPTURED",
            "card": {"card_brand": "MASTERCARD", "last_4": "4242", "fingerprint": "sq-1-abc"},
            "entry_method": "KEYED",
            "cvv_status": "CVV_ACCEPTED",
            "avs_status": "AVS_ACCEPTED",
            "auth_result_code": "nsAyY2",
            "statement_description": "SQ *LALE LIVING",
        },
        "location_id": "LSYN00000001",
        "reference_id": "LL-3001",
        "receipt_number": "jOXk",
        "buyer_email_address": "hannah@example.com",
    }
    return {name: value for name, value in (base | changes).items() if value is not ...}


def packet(slot: str = "GENERIC_EVIDENCE", data: bytes = PDF, **changes: Any) -> ResponseFile:
    name = f"packet-{digest(data)[:10]}.pdf"
    base: dict[str, Any] = {"slot": slot, "name": name, "sha256": digest(data), "size": len(data), "pages": 1}
    return ResponseFile(**base | changes)


def answer(
    external_id: str, *, ordinal: int = 1, texts: Mapping[str, str] | None = None, files: tuple[ResponseFile, ...] = ()
) -> Response:
    """A rebuttal and one packet, unless told otherwise."""
    return Response(
        gateway="square",
        dispute_id=external_id,
        round=ordinal,
        fields=dict({"REBUTTAL_EXPLANATION": REBUTTAL} if texts is None else texts),
        files=files or (packet(),),
    )


def approved(response: Response, **changes: Any) -> Approved:
    base: dict[str, Any] = {
        "external_id": response.dispute_id,
        "act": GatewayAct.SUBMIT,
        "response": response,
        "bytes_of": lambda _file: PDF,
    }
    return Approved(**base | changes)


def accepting(external_id: str) -> Approved:
    return Approved(external_id, GatewayAct.ACCEPT, None, lambda _file: b"")


class Journal:
    """What the scheduler's journal does, as far as a plan can tell: each write once, its answer kept.

    `attempts` share what Square answered; the steps belong to one attempt.
    """

    def __init__(self, gateway: Any, answers: list[Answer] | None = None) -> None:
        self.gateway = gateway
        self.answers: list[Answer] = [] if answers is None else answers
        self.done: dict[str, Answer] = {}
        self.keys = 0
        self.name = uuid.uuid4().hex[:12]

    def run(self, wanted: Approved, *, until: str | None = None) -> list[str]:
        """The names of the writes that were sent in this run. `until`: stop as a crash would, right before it."""
        given = Approved(
            wanted.external_id,
            wanted.act,
            wanted.response,
            wanted.bytes_of,
            sent=wanted.sent,
            answers=tuple(self.answers),
        )
        sent: list[str] = []
        plan = self.gateway.plan(given)
        try:
            write = next(plan)
            while True:
                if write.name == until:
                    return sent
                if write.name not in self.done:
                    write.before()
                    self.keys += 1
                    self.done[write.name] = write.send(f"{self.name}-{self.keys}-{write.name}"[:45])
                    self.answers.append(self.done[write.name])
                    sent.append(write.name)
                write = plan.send(self.done[write.name])
        except StopIteration:
            return sent
        finally:
            plan.close()
