"""Shopify's objects as the Admin API sends them, with the defaults of one open chargeback; and one approved answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from disputes.acts import GatewayAct
from disputes.ids import digest
from disputes.ports import Approved
from disputes.response import Response, ResponseFile

PDF = b"%PDF-1.4 proof of delivery"
LETTER = "The parcel was delivered on the day it was promised, to the address of the order."
GRAPHQL = "POST /admin/api/2026-10/graphql.json"


def dispute(**changes: Any) -> dict[str, Any]:
    base: dict[str, Any] = {
        "id": "gid://shopify/ShopifyPaymentsDispute/10519937081",
        "legacyResourceId": "10519937081",
        "type": "CHARGEBACK",
        "status": "NEEDS_RESPONSE",
        "amount": {"amount": "189.0", "currencyCode": "USD"},
        "reasonDetails": {"reason": "PRODUCT_NOT_RECEIVED", "networkReasonCode": "13.1"},
        "initiatedAt": "2026-11-10T08:00:00Z",
        "evidenceDueBy": "2026-11-28T23:00:00Z",
        "evidenceSentOn": None,
        "finalizedOn": None,
        "disputeEvidence": evidence(),
        "order": order(),
    }
    return base | changes


def evidence(**changes: Any) -> dict[str, Any]:
    return {
        "id": "gid://shopify/ShopifyPaymentsDisputeEvidence/11097276609", "submitted": False,
        "customerFirstName": "Ada", "customerLastName": "Marsh", "customerEmailAddress": "ada@example.com",
    } | changes  # fmt: skip


def upload(number: int = 8421998649, name: str = "packet.pdf", **changes: Any) -> dict[str, Any]:
    return {
        "id": f"gid://shopify/ShopifyPaymentsDisputeFileUpload/{number}", "originalFileName": name, "fileSize": 26,
        "fileType": "application/pdf", "disputeEvidenceType": "UNCATEGORIZED_FILE",
    } | changes  # fmt: skip


def order(**changes: Any) -> dict[str, Any]:
    return {
        "id": "gid://shopify/Order/5001", "legacyResourceId": "5001", "name": "#LL-7002", "test": False,
        "processedAt": "2026-10-20T10:00:00Z", "email": "ada@example.com", "clientIp": "203.0.113.24",
        "transactions": [transaction()], "refunds": [], "billingAddress": None, "shippingAddress": None,
    } | changes  # fmt: skip


def transaction(**changes: Any) -> dict[str, Any]:
    return {
        "id": "gid://shopify/OrderTransaction/7001", "kind": "SALE", "status": "SUCCESS",
        "gateway": "shopify_payments", "paymentId": "rABC123.1", "processedAt": "2026-10-20T10:00:00Z",
        "createdAt": "2026-10-20T10:00:00Z",
        "amountSet": {"presentmentMoney": {"amount": "189.0", "currencyCode": "USD"}},
        "paymentDetails": {"company": "Visa", "number": "•••• •••• •••• 4242", "name": None, "avsResultCode": "Y",
                           "cvvResultCode": "M"},
    } | changes  # fmt: skip


def packet(slot: str = "uncategorizedFile", data: bytes = PDF, **changes: Any) -> ResponseFile:
    name = f"packet-{digest(data)[:10]}.pdf"
    base: dict[str, Any] = {"slot": slot, "name": name, "sha256": digest(data), "size": len(data), "pages": 1}
    return ResponseFile(**base | changes)


def answer(
    external_id: str, *, texts: Mapping[str, str] | None = None, files: tuple[ResponseFile, ...] | None = None
) -> Response:
    """The letter and one packet, unless told otherwise."""
    fields = dict({"uncategorizedText": LETTER} if texts is None else texts)
    return Response(
        gateway="shopify_payments",
        dispute_id=external_id,
        round=1,
        fields=fields,
        files=(packet(),) if files is None else files,
    )


def approved(response: Response, **changes: Any) -> Approved:
    base: dict[str, Any] = {
        "external_id": response.dispute_id, "act": GatewayAct.SUBMIT, "response": response,
        "bytes_of": lambda _file: PDF,
    }  # fmt: skip
    return Approved(**base | changes)
