"""The REST endpoint that takes files for a dispute, and lets go of them."""

from __future__ import annotations

import base64
import binascii
import hashlib

from gateways.sandbox.shopify_payments.lifecycle import FILES, Refused, must_take_evidence
from gateways.sandbox.shopify_payments.world import World
from gateways.sandbox.store import JSON, Row

SCOPE = "write_shopify_payments_dispute_file_uploads"
DOCUMENT_TYPES = tuple(kind.lower() for kind in FILES.values())
MEDIA_TYPES = ("image/jpg", "image/jpeg", "image/png", "application/pdf")
_STARTS = {b"%PDF-": "application/pdf", b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png"}


class RestRefused(Exception):
    def __init__(self, status: int, errors: object) -> None:
        super().__init__(str(errors))
        self.status, self.errors = status, errors

    def body(self) -> JSON:
        return {"errors": self.errors}


def create(world: World, number: str, sent: JSON, now: int) -> JSON:
    dispute, content = _dispute(world, number), sent.get("dispute_file_upload")
    if not isinstance(content, dict):
        raise RestRefused(400, {"dispute_file_upload": "Required parameter missing or invalid"})
    data = _checked(world, dispute, content)
    _must_be_open(world, dispute, now)
    made = world.add_upload(
        dispute,
        {"type": content["document_type"].upper(), "filename": content["filename"], "size": len(data),
         "mimetype": content["mimetype"], "sha256": hashlib.sha256(data).hexdigest(), "who": "api"},
        now,
    )  # fmt: skip
    world.ledger.effect(now, dispute.id, "file_uploaded")
    return {
        "dispute_file_upload": {
            "id": int(made.id),
            "dispute_evidence_id": int(dispute.body["evidence"]["number"]),
            "dispute_evidence_type": content["document_type"],
            "file_size": len(data),
            "file_type": content["mimetype"],
            "original_filename": content["filename"],
            "shop_id": 71000001,
            "url": f"{world.address}/files/{made.id}",
        }
    }


def delete(world: World, number: str, file: str, now: int) -> JSON:
    dispute = _dispute(world, number)
    _must_be_open(world, dispute, now)
    if not world.remove_upload(dispute, file):
        raise RestRefused(404, "Not Found")
    world.ledger.effect(now, dispute.id, "file_removed")
    return {}


def _dispute(world: World, number: str) -> Row:
    found = world.find("dispute", number)
    if found is None:
        raise RestRefused(404, "Not Found")
    return found


def _must_be_open(world: World, dispute: Row, now: int) -> None:
    try:
        must_take_evidence(world, dispute, now)
    except Refused as refused:
        raise RestRefused(422, {"base": [refused.message]}) from refused


def _checked(world: World, dispute: Row, content: JSON) -> bytes:
    """Small words only for the type; the content is looked at, and what it is not is told by the media type."""
    if content.get("document_type") not in DOCUMENT_TYPES:
        raise RestRefused(422, {"document_type": [f"must be one of {', '.join(DOCUMENT_TYPES)}"]})
    if not content.get("filename"):
        raise RestRefused(422, {"filename": ["can't be blank"]})
    try:
        data = base64.b64decode(str(content.get("data") or ""), validate=True)
    except (binascii.Error, ValueError):
        raise RestRefused(422, {"data": ["is not valid"]}) from None
    real = next((kind for start, kind in _STARTS.items() if data.startswith(start)), None)
    if real is None or content.get("mimetype") not in MEDIA_TYPES:
        raise RestRefused(422, {"mimetype": [f"must be one of {', '.join(MEDIA_TYPES)}"]})
    used = sum(row.body["size"] for row in world.uploads(dispute))
    if used + len(data) > (most := world.setting("total_bytes_max")):
        words = "You can upload up to 4MB and your last file uploaded surpassed this limit. "
        raise RestRefused(422, {"base": [f"{words}Please upload a file smaller than {most - used} bytes."]})
    return data
