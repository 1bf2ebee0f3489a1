"""Older API versions show less; webhook endpoints keep the version they were made with."""

from __future__ import annotations

import copy

from gateways.sandbox.store import JSON

CURRENT = "2026-10-28.endive"

# Since when a field is shown. The older dates are read off recordings, not off a changelog, and may be a release off.
_DISPUTE = {
    "intended_submission_method": "2026-10-28",
    "network_reason_code": "2026-10-28",
    "enhanced_eligibility_types": "2024-12-18",
    "payment_method_details": "2023-08-16",
}
_DETAILS = {"submission_method": "2026-10-28", "enhanced_eligibility": "2024-12-18"}
EMBEDDED_REFUNDS_UNTIL = "2022-11-15"


def at(body: JSON, version: str) -> JSON:
    """The object as that API version shows it; lists and events are walked into."""
    day = version[:10]
    match body.get("object"):
        case "list":
            return {**body, "data": [at(item, version) for item in body["data"]]}
        case "event":
            return {
                **body,
                "api_version": version,
                "data": {**body["data"], "object": at(body["data"]["object"], version)},
            }
        case "dispute":
            return _dispute(body, day)
        case _:
            return body


def _dispute(body: JSON, day: str) -> JSON:
    if day >= max(_DISPUTE.values()):
        return body
    older = {name: value for name, value in body.items() if day >= _DISPUTE.get(name, "")}
    details = body["evidence_details"]
    older["evidence_details"] = {name: value for name, value in details.items() if day >= _DETAILS.get(name, "")}
    if day < _DETAILS["enhanced_eligibility"]:
        older["evidence"] = {name: value for name, value in body["evidence"].items() if name != "enhanced_evidence"}
    if day < "2026-01-01" and "card" in older.get("payment_method_details", {}):
        older["payment_method_details"] = copy.deepcopy(older["payment_method_details"])
        older["payment_method_details"]["card"].pop("network", None)
    return older
