"""Disputes of PayPal's as the house reads them."""

from __future__ import annotations

from typing import Any

from disputes.ports import DisputeSnapshot
from gateways.paypal import mapping
from tests.gateways.paypal.examples import dispute


def seen(*rels: str, **changes: Any) -> DisputeSnapshot:
    return mapping.snapshot(dispute(*rels, **changes), live=False)


def resolved(code: str | None, *rels: str, **changes: Any) -> DisputeSnapshot:
    outcome = {"dispute_outcome": {"outcome_code": code}} if code else {}
    return seen(*(rels or ("self_",)), status="RESOLVED", **{**outcome, **changes})


def decision(kind: str, reason: str | None, day: int = 20) -> dict[str, Any]:
    return {"type": kind, "reason": reason, "adjudication_time": f"2026-11-{day}T00:00:00Z"}
