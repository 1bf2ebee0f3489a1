"""Files: taken by their signature, kept for nine months, read back byte for byte."""

from __future__ import annotations

import io

import pikepdf

from gateways.sandbox.store import JSON, Row
from gateways.sandbox.stripe import events, ids
from gateways.sandbox.stripe.errors import StripeError
from gateways.sandbox.stripe.shapes import EXPAND, boolean, hash_of, integer, metadata, one_of
from gateways.sandbox.stripe.world import World

MAX_BYTES = 5_000_000
KEPT_SECONDS = 270 * 86_400
PURPOSES = (
    "account_requirement", "additional_verification", "business_icon", "business_logo", "customer_signature",
    "dispute_evidence",
    "identity_document", "issuing_regulatory_reporting", "pci_document", "platform_terms_of_service",
    "tax_document_user_upload",
    "terminal_android_apk", "terminal_reader_splashscreen", "terminal_wifi_certificate", "terminal_wifi_private_key",
)  # fmt: skip
SHAPE = hash_of(
    purpose=one_of(*PURPOSES),
    expand=EXPAND,
    file_link_data=hash_of(create=boolean, expires_at=integer(), metadata=metadata),
)
_SIGNATURES = {b"%PDF-": "pdf", b"\xff\xd8\xff": "jpg", b"\x89PNG\r\n\x1a\n": "png"}
CONTENT_TYPES = {"pdf": "application/pdf", "jpg": "image/jpeg", "png": "image/png"}


def kind_of(content: bytes) -> str | None:
    return next((kind for start, kind in _SIGNATURES.items() if content.startswith(start)), None)


def upload(world: World, content: bytes, filename: str | None, purpose: str, now: int) -> JSON:
    if not content:
        raise StripeError(
            "The file you uploaded is empty. Please try again with a file that has content.", param="file"
        )
    if len(content) > MAX_BYTES:
        raise StripeError("The file you uploaded is too large. The maximum size is 5 MB.", param="file")
    kind = kind_of(content)
    if kind is None:
        raise StripeError(
            "Invalid file: we don't support this type of file. Please upload a PDF, JPEG or PNG.", param="file"
        )
    return keep(world, content, filename, purpose, kind, now)


def keep(world: World, content: bytes, filename: str | None, purpose: str, kind: str, now: int) -> JSON:
    id = ids.new("file_1")
    body: JSON = {
        "id": id,
        "object": "file",
        "created": now,
        "expires_at": now + KEPT_SECONDS,
        "filename": filename,
        "links": {"object": "list", "data": [], "has_more": False, "url": f"/v1/file_links?file={id}"},
        "purpose": purpose,
        "size": len(content),
        "title": None,
        "type": kind,
        "url": f"{world.files_url}/v1/files/{id}/contents",
    }
    world.store.put("file", Row(body, {"pages": _pages(content) if kind == "pdf" else 1}))
    world.store.keep_bytes(id, content)
    events.emit(world, "file.created", body, now)
    return body


def make_receipt(world: World, charge: JSON, now: int) -> str:
    """The receipt Stripe puts into live disputes by itself."""
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        pdf.docinfo["/Title"] = f"Receipt for {charge['id']}"
        out = io.BytesIO()
        pdf.save(out, static_id=True)
    return str(keep(world, out.getvalue(), "receipt.pdf", "dispute_evidence", "pdf", now)["id"])


def _pages(content: bytes) -> int:
    try:
        with pikepdf.open(io.BytesIO(content)) as pdf:
            return len(pdf.pages)
    except pikepdf.PdfError:
        return 1
