"""Keyword-only builders of PayPal's objects, with the defaults of one open claim."""

from __future__ import annotations

import hashlib
from typing import Any

from disputes.acts import GatewayAct
from disputes.ports import Approved
from disputes.response import Response, ResponseFile

ID = "PP-R-TST-10000001"
PDF = b"%PDF-1.4 proof of delivery"
NAME = f"packet-{hashlib.sha256(PDF).hexdigest()[:10]}.pdf"
HOST = "https://api.paypal.com"


def link(rel: str, dispute_id: str = ID, method: str = "POST") -> dict[str, str]:
    tail = "" if rel == "self" else f"/{rel.replace('_', '-')}"
    return {
        "href": f"{HOST}/v1/customer/disputes/{dispute_id}{tail}",
        "rel": rel,
        "method": "GET" if rel == "self" else method,
    }


def amount(value: str = "100.00", currency: str = "USD") -> dict[str, str]:
    return {"currency_code": currency, "value": value}


def dispute(*rels: str, dispute_id: str = ID, without: tuple[str, ...] = (), **changes: Any) -> dict[str, Any]:
    """A claim that waits for the seller; `rels` replaces what it offers."""
    offered = rels or ("provide_evidence", "accept_claim")
    base: dict[str, Any] = {
        "dispute_id": dispute_id,
        "create_time": "2026-11-10T10:00:00.000Z",
        "update_time": "2026-11-20T11:00:00.000Z",
        "disputed_transactions": [transaction()],
        "reason": "MERCHANDISE_OR_SERVICE_NOT_RECEIVED",
        "status": "WAITING_FOR_SELLER_RESPONSE",
        "dispute_amount": amount(),
        "dispute_life_cycle_stage": "CHARGEBACK",
        "dispute_channel": "INTERNAL",
        "evidences": [asked("PROOF_OF_FULFILLMENT")],
        "seller_response_due_date": "2026-12-01T07:59:59.000Z",
        "links": [link("self", dispute_id), *(link(rel, dispute_id) for rel in offered)],
    }
    return {name: value for name, value in (base | changes).items() if name not in without}


def transaction(**changes: Any) -> dict[str, Any]:
    base: dict[str, Any] = {
        "buyer_transaction_id": "1BB11111BB111111B",
        "seller_transaction_id": "2SS22222SS222222S",
        "create_time": "2026-11-01T09:00:00.000Z",
        "transaction_status": "COMPLETED",
        "gross_amount": amount(),
        "invoice_number": "LL-4711",
        "custom": "4711",
        "buyer": {"name": "Ayşe Yılmaz"},
        "seller": {"email": "shop@lale.example", "merchant_id": "LALELIVING26A", "name": "Lale Living"},
        "items": [],
    }
    return base | changes


def asked(kind: str, date: str = "2026-11-10T10:00:00.000Z", stage: str = "CHARGEBACK") -> dict[str, Any]:
    return {"evidence_type": kind, "source": "REQUESTED_FROM_SELLER", "date": date, "dispute_life_cycle_stage": stage}


def given(
    kind: str = "PROOF_OF_FULFILLMENT",
    *,
    date: str = "2026-11-12T10:00:00.000Z",
    stage: str = "CHARGEBACK",
    documents: tuple[str, ...] = (),
    action: str | None = None,
    **more: Any,
) -> dict[str, Any]:
    """One entry of the seller's."""
    return {
        "evidence_type": kind,
        "source": "SUBMITTED_BY_SELLER",
        "date": date,
        "dispute_life_cycle_stage": stage,
        **({"documents": [{"name": name} for name in documents]} if documents else {}),
        **({"action_info": {"action": action}} if action else {}),
        **more,
    }


def line(raw: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """What the list tells of a dispute."""
    names = (
        "dispute_id",
        "create_time",
        "update_time",
        "reason",
        "status",
        "dispute_amount",
        "dispute_life_cycle_stage",
        "dispute_channel",
        "seller_response_due_date",
    )
    return {name: raw[name] for name in names if name in raw} | changes


DELIVERED = {
    "PROOF_OF_FULFILLMENT.tracking_info[0].carrier_name": "YURTICI_KARGO",
    "PROOF_OF_FULFILLMENT.tracking_info[0].tracking_number": "YK900100200",
    "PROOF_OF_FULFILLMENT.notes": "Delivered on 6 November to the address of the order.",
}


def file(name: str = NAME, data: bytes = PDF, slot: str = "documents") -> ResponseFile:
    return ResponseFile(slot=slot, name=name, sha256=hashlib.sha256(data).hexdigest(), size=len(data), pages=1)


def approved(
    act: GatewayAct = GatewayAct.SUBMIT,
    fields: dict[str, str] | None = None,
    *,
    files: tuple[ResponseFile, ...] | None = None,
    dispute_id: str = ID,
    data: bytes = PDF,
    sent: bool = False,
) -> Approved:
    """The packet and the tracking number by default; an act of its own fields otherwise."""
    given_files = files if files is not None else (file(),) if fields is None else ()
    response = Response(
        gateway="paypal",
        dispute_id=dispute_id,
        round=1,
        fields=DELIVERED if fields is None else fields,
        files=given_files,
        act=act,
    )
    return Approved(dispute_id, act, response, lambda _file: data, sent=sent)
