"""Parcels of the import folder as a carrier's system tells them: towns, never streets."""

from __future__ import annotations

import base64
from datetime import UTC
from pathlib import Path
from typing import Any

from disputes.facts import Shipment
from evidence.sources.library import Library

Thing = dict[str, Any]
_MEDIA = {".jpg": "image/jpeg", ".png": "image/png", ".pdf": "application/pdf"}


def sent(library: Library, ref: str) -> list[Shipment]:
    """Every parcel to the customer of the order."""
    shipments = (each.shipment for each in library.shipments)
    return [each for each in shipments if each.order_ref == ref and not each.is_return]


def parcels(library: Library, folder: Path, ref: str, plan: Thing) -> list[Thing]:
    """`plan`: the carrier system's part of systems.json, which parcels have proof files and which a first mile."""
    return [_parcel(each, library, folder, plan) for each in sent(library, ref)]


def papers(folder: Path, ref: str, plan: Thing) -> list[Path]:
    """The proof file of the parcel in the folder, and the note beside it."""
    item = plan.get("proofs", {}).get(ref)
    return sorted((folder / "documents" / ref).glob(f"{item}__*")) if item else []


def _parcel(told: Shipment, library: Library, folder: Path, plan: Thing) -> Thing:
    first = plan.get("first_miles", {}).get(told.order_ref)
    events = [_event(each, told) for each in told.events]
    if first:
        events = [each | {"carrier": first["carrier"]} for each in events[: first["scans"]]] + events[first["scans"] :]
    proof = [each for each in papers(folder, told.order_ref, plan) if each.suffix in _MEDIA]
    return {
        "number": told.tracking_number, "carrier": told.carrier, "service": None, "signed_by": told.signed_by,
        "signature_required": None, "destination": _destination(library, told.order_ref),
        "proof": _proof(proof[0]) if proof else None,
        "first_mile": {name: first[name] for name in ("carrier", "number")} if first else None, "events": events,
    }  # fmt: skip


def _event(event: Any, of: Shipment) -> Thing:
    to = of.delivered_to if event.state == "delivered" and event.at == of.delivered_at else None
    place = {name: getattr(to, name) for name in ("city", "region", "postal_code", "country")} if to else {}
    return {"at": event.at.astimezone(UTC).isoformat(), "state": event.state, "text": event.text,
            "city": event.place, "region": None, "postal_code": None, "country": None} | place  # fmt: skip


def _destination(library: Library, ref: str) -> Thing | None:
    order = next((each.order for each in library.orders if each.order.order_ref == ref), None)
    if order is None or order.shipping is None:
        return None
    return {name: getattr(order.shipping, name) for name in ("city", "region", "postal_code", "country")}


def _proof(path: Path) -> Thing:
    data = base64.b64encode(path.read_bytes()).decode()
    return {
        "name": f"{path.name.partition(chr(95) * 2)[0]}{path.suffix}",
        "media_type": _MEDIA[path.suffix],
        "base64": data,
    }
