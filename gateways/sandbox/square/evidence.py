"""Evidence: its types, its files and texts, and the endpoints that keep them."""

from __future__ import annotations

import hashlib

from gateways.sandbox.square import ids, lifecycle, times
from gateways.sandbox.square.call import Call, Part
from gateways.sandbox.square.errors import SquareError, not_found
from gateways.sandbox.square.paging import page
from gateways.sandbox.square.rows import row
from gateways.sandbox.square.shapes import body_of, one_of, text
from gateways.sandbox.square.world import World
from gateways.sandbox.store import JSON, Row

GENERIC = "GENERIC_EVIDENCE"
TYPES = (
    GENERIC, "ONLINE_OR_APP_ACCESS_LOG", "AUTHORIZATION_DOCUMENTATION", "CANCELLATION_OR_REFUND_DOCUMENTATION",
    "CARDHOLDER_COMMUNICATION", "CARDHOLDER_INFORMATION", "PURCHASE_ACKNOWLEDGEMENT", "DUPLICATE_CHARGE_DOCUMENTATION",
    "PRODUCT_OR_SERVICE_DESCRIPTION", "RECEIPT", "SERVICE_RECEIVED_DOCUMENTATION", "PROOF_OF_DELIVERY_DOCUMENTATION",
    "RELATED_TRANSACTION_DOCUMENTATION", "REBUTTAL_EXPLANATION", "TRACKING_NUMBER",
)  # fmt: skip
FILES_ONLY = ("AUTHORIZATION_DOCUMENTATION", "CARDHOLDER_COMMUNICATION", "DUPLICATE_CHARGE_DOCUMENTATION")
TEXT_ONLY = ("TRACKING_NUMBER",)
TEXT_MAX = 500
KEY_MAX = 45
FILENAME_MAX = 40
CONTENT_TYPES = ("image/heic", "image/heif", "image/jpeg", "application/pdf", "image/png", "image/tiff")

_KEY = text(1, KEY_MAX)
FILE_REQUEST = body_of(
    required=("idempotency_key",), idempotency_key=_KEY, evidence_type=one_of(*TYPES), content_type=text(1, 40)
)
TEXT_REQUEST = body_of(
    required=("idempotency_key", "evidence_text"), idempotency_key=_KEY, evidence_type=one_of(*TYPES),
    evidence_text=text(1, TEXT_MAX),
)  # fmt: skip


def list_evidence(world: World, call: Call) -> JSON:
    """Of every round, oldest first."""
    world.need("dispute", call.id)
    rows, more = page(world, call, "evidence", [("parent = ?", [call.id])], oldest=True)
    return {"evidence": [each.body for each in rows], **more}


def get_evidence(world: World, call: Call) -> JSON:
    return {"evidence": find(world, call).body}


def delete_evidence(world: World, call: Call) -> JSON:
    lifecycle.remove_evidence(world, world.need("dispute", call.id), find(world, call), call.now)
    return {}


def create_text(world: World, call: Call) -> JSON:
    dispute, kind = world.need("dispute", call.id), call.body.get("evidence_type", GENERIC)
    if kind in FILES_ONLY and world.setting("strict_evidence_types"):
        raise SquareError("INVALID_VALUE", f"{kind} must be uploaded as a file.", field="evidence_type")
    made = build(dispute.id, kind, call.now, evidence_text=call.body["evidence_text"])
    lifecycle.add_evidence(world, dispute, made, call.now, "evidence_text")
    return {"evidence": made.body}


def create_file(world: World, call: Call) -> JSON:
    dispute, kind = world.need("dispute", call.id), call.body.get("evidence_type", GENERIC)
    if kind in TEXT_ONLY and world.setting("strict_evidence_types"):
        raise SquareError("INVALID_VALUE", f"{kind} must be uploaded as text.", field="evidence_type")
    part = call.parts["image_file"]
    shown = {"filename": part.filename, "filetype": _media_type(part.content_type)}
    made = build(dispute.id, kind, call.now, evidence_file={k: v for k, v in shown.items() if v})
    made.hidden |= {"size": len(part.content), "sha256": hashlib.sha256(part.content).hexdigest()}
    lifecycle.add_evidence(world, dispute, made, call.now, "evidence_file")
    return {"evidence": made.body}


def check_file(world: World, call: Call) -> None:
    """What is wrong with the file itself, before anybody looks at the dispute."""
    part = call.parts.get("image_file")
    if part is None:
        raise SquareError("MISSING_REQUIRED_PARAMETER", "Missing required parameter.", field="image_file")
    if not part.content:
        raise SquareError("VALUE_EMPTY", "The file is empty.", field="image_file")
    if (most := world.setting("file_bytes_max")) and len(part.content) > most:
        raise SquareError("REQUEST_ENTITY_TOO_LARGE", f"The file is larger than {most} bytes.", 413, field="image_file")
    if part.filename and len(part.filename) > FILENAME_MAX:
        raise SquareError(
            "VALUE_TOO_LONG", f"Field must not be greater than {FILENAME_MAX} in length.", field="image_file"
        )
    _check_type(part, call.body.get("content_type"))


def _check_type(part: Part, declared: str | None) -> None:
    """The part, the request and the first bytes must not contradict one another."""
    given, real = _media_type(part.content_type), kind_of(part.content)
    for named, field in ((given, "image_file"), (declared, "content_type")):
        if named is None:
            continue
        if named not in CONTENT_TYPES:
            raise SquareError("INVALID_CONTENT_TYPE", f"`{named}` is not a supported file type.", field=field)
        if named != real and {named, real} != {"image/heic", "image/heif"}:
            raise SquareError("INVALID_CONTENT_TYPE", f"The content of the file is not {named}.", field=field)
    if real is None:
        raise SquareError("INVALID_CONTENT_TYPE", "The file type is not supported.", field="image_file")


def kind_of(content: bytes) -> str | None:
    """The media type by its first bytes."""
    starts = {b"%PDF-": "application/pdf", b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png",
              b"II*\x00": "image/tiff", b"MM\x00*": "image/tiff"}  # fmt: skip
    for start, kind in starts.items():
        if content.startswith(start):
            return kind
    brand = content[8:12] if content[4:8] == b"ftyp" else b""
    if brand in (b"heic", b"heix", b"hevc", b"hevx"):
        return "image/heic"
    return "image/heif" if brand in (b"mif1", b"msf1") else None


def build(dispute_id: str, kind: str, now: int, **shown: object) -> Row:
    body = {
        "id": ids.evidence(), "dispute_id": dispute_id, **shown, "evidence_type": kind,
        "uploaded_at": times.text(now),
    }  # fmt: skip
    return row(body, created=now, parent=dispute_id, label=kind)


def find(world: World, call: Call) -> Row:
    found = world.store.get("evidence", str(call.ids["evidence_id"]))
    if found is None or found.body["dispute_id"] != call.id:
        raise not_found("evidence", "evidence_id")
    return found


def _media_type(header: str) -> str | None:
    return header.partition(";")[0].strip().lower() or None
