"""The evidence hash: its fields, their limits, and what is checked before a submission."""

from __future__ import annotations

from typing import Any

from gateways.sandbox.store import JSON, Store
from gateways.sandbox.stripe.errors import StripeError, refused
from gateways.sandbox.stripe.shapes import Shape, boolean, clearable, hash_of, list_of, one_of, text

LONG = (
    "access_activity_log", "cancellation_policy_disclosure", "cancellation_rebuttal", "duplicate_charge_explanation",
    "product_description", "refund_policy_disclosure", "refund_refusal_explanation", "uncategorized_text",
)  # fmt: skip
SHORT = (
    "billing_address", "customer_email_address", "customer_name", "customer_purchase_ip", "duplicate_charge_id",
    "service_date", "shipping_address", "shipping_carrier", "shipping_date", "shipping_tracking_number",
)  # fmt: skip
FILES = (
    "cancellation_policy", "customer_communication", "customer_signature", "duplicate_charge_documentation", "receipt",
    "refund_policy", "service_documentation", "shipping_documentation", "uncategorized_file",
)  # fmt: skip
FIELDS = tuple(sorted(LONG + SHORT + FILES))

COMBINED_TEXT = 150_000
COMBINED_BYTES = 4_500_000
PAGES_BELOW = 50
MASTERCARD_PAGES = 19

_LINE = clearable(text())
_ADDRESS = hash_of(city=_LINE, country=_LINE, line1=_LINE, line2=_LINE, postal_code=_LINE, state=_LINE)
_TRANSACTION: dict[str, Shape] = {
    "customer_account_id": _LINE, "customer_device_fingerprint": _LINE, "customer_device_id": _LINE,
    "customer_email_address": _LINE, "customer_purchase_ip": _LINE, "product_description": _LINE,
    "shipping_address": _ADDRESS,
}  # fmt: skip
_ENHANCED = hash_of(
    visa_compelling_evidence_3=hash_of(
        disputed_transaction=hash_of(merchandise_or_services=one_of("merchandise", "services"), **_TRANSACTION),
        prior_undisputed_transactions=list_of(hash_of(charge=text(), **_TRANSACTION)),
    ),
    visa_compliance=hash_of(fee_acknowledged=boolean),
)
SHAPE = hash_of(
    **{name: text(20_000) for name in LONG}, **{name: text(5_000) for name in SHORT + FILES},
    enhanced_evidence=clearable(_ENHANCED)
)  # fmt: skip


def blank() -> JSON:
    return {**dict.fromkeys(FIELDS), "enhanced_evidence": {}}


def merged(store: Store, evidence: JSON, sent: JSON) -> JSON:
    """The dispute's evidence with what was sent laid over it; an empty value clears."""
    result = {**evidence}
    for name, value in sent.items():
        if name == "enhanced_evidence":
            result[name] = {**evidence["enhanced_evidence"], **value} if value else {}
            continue
        if name in FILES and value:
            _must_be_evidence(store, value, f"evidence[{name}]")
        result[name] = value or None
    total = sum(len(result[name] or "") for name in LONG + SHORT)
    if total > COMBINED_TEXT:
        raise StripeError(
            f"The combined character count of all evidence fields is limited to {COMBINED_TEXT} ({total} given).",
            param="evidence",
        )
    return result


def _must_be_evidence(store: Store, file: str, param: str) -> None:
    row = store.get("file", file)
    if row is None:
        raise StripeError(f"No such file upload: '{file}'", code="resource_missing", param=param)
    if row.body["purpose"] != "dispute_evidence":
        raise StripeError(
            f"The file upload {file} has the purpose '{row.body['purpose']}', but it must be 'dispute_evidence'.",
            param=param,
        )


def check_files(store: Store, evidence: JSON, brand: str | None) -> None:
    """The limits over all files together, which Stripe applies when the evidence goes to the bank."""
    rows = [row for name in FILES if evidence[name] and (row := store.get("file", evidence[name]))]
    size = sum(int(row.body["size"]) for row in rows)
    pages = sum(int(row.hidden.get("pages", 1)) for row in rows)
    if size > COMBINED_BYTES:
        raise refused(
            f"The combined size of all evidence files must not exceed 4.5 MB (it currently is {size} bytes).",
            "evidence",
        )
    if pages >= PAGES_BELOW:
        raise refused(
            f"The combined evidence must have fewer than {PAGES_BELOW} pages (it currently has {pages}).", "evidence"
        )
    if brand == "mastercard" and pages > MASTERCARD_PAGES:
        raise refused(
            f"Evidence for Mastercard disputes must not exceed {MASTERCARD_PAGES} pages (it currently has {pages}).",
            "evidence",
        )


def is_staged(evidence: JSON, prefilled: JSON) -> bool:
    """Whether anything is there beyond what Stripe itself filled in."""
    given: Any = {name: value for name, value in evidence.items() if value}
    return any(prefilled.get(name) != value for name, value in given.items())
