"""Parcels of an order: tracking numbers lie in at least four places, none of them part of WooCommerce's own order."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from disputes.clock import from_unix
from disputes.facts import UNNAMED_CARRIER, Shipment
from evidence.redaction import bare
from evidence.sources.values import Unreadable, started_on
from evidence.systems.mapping import at, identifier, listed, text, utc
from evidence.systems.woocommerce.site import Site

Thing = dict[str, Any]
_ITEMS = "_wc_shipment_tracking_items"
_LINE_ITEM = "_vi_wot_order_item_tracking_data"
_PLUGINS = (
    ("_wot_tracking_number", "_wot_tracking_carrier"),
    ("_aftership_tracking_number", "_aftership_tracking_provider_name"),
    ("ywot_tracking_code", "ywot_carrier_name"),
    ("_tracking_number", "_tracking_provider"),
    ("tracking_code", "tracking_company"),
)
"""Where other plug-ins write a number and its carrier on the order."""
_NEED_CARRIER = frozenset({"tracking_code"})
"""Too common a name to be a parcel's unless a carrier stands beside it."""
_CARRIERS = {
    "fedex": "FedEx", "dhl-express": "DHL Express", "royal-mail": "Royal Mail", "ontrac": "OnTrac",
    "yurtici-kargo": "Yurtiçi Kargo", "yurtici": "Yurtiçi Kargo", "aras-kargo": "Aras Kargo", "aras": "Aras Kargo",
    "mng-kargo": "MNG Kargo", "mng": "MNG Kargo", "ptt-kargo": "PTT Kargo", "surat-kargo": "Sürat Kargo",
}  # fmt: skip
_FORMATS = r"1Z[0-9A-Z]{16}|[A-Z]{2}\d{9}[A-Z]{2}"
_WORD = r"(?:tracking|track|takip|awb|waybill|consignment|sendungsnummer)"
_IN_TEXT = re.compile(
    rf"(?<![\w-])(?:{_FORMATS})(?![\w-])"
    rf"|(?i:\b{_WORD}\b(?: +(?:number|no|nr|code|id|numaras[ıi]|numaran[ıi]z|kodu))? {{0,2}}[.:#]? {{0,2}}(?:is +)?)"
    r"(?<![\w-])(?=[A-Z]*\d[A-Z0-9]*\d[A-Z0-9]*\d[A-Z0-9]*\d)([A-Z0-9]{8,30})(?![\w-])"
)


def parcels(site: Site, order: Thing, notes: Iterable[Thing]) -> tuple[list[tuple[str, Thing]], dict[str, Any]]:
    """What was found, each with the place it was found in, and the answers of the further routes that were asked.

    The places in their order: the meta of Shipment Tracking (and AST), its own route, WooCommerce's fulfilments,
    other plug-ins' meta, and last the words of notes. The next is asked only when the one before had nothing.
    """
    number = order.get("id")
    asked: dict[str, Any] = {}
    if found := _meta_items(order):
        return [("meta", each) for each in found], asked
    for namespace in ("wc-shipment-tracking/v3", "wc-ast/v3"):
        if found := site.optional(namespace, f"{namespace}/orders/{number}/shipment-trackings"):
            asked["shipment_trackings"] = found
            return [("route", each) for each in found], asked
    if found := site.optional("fulfillments", f"wc/v3/orders/{number}/fulfillments", "fulfillments"):
        asked["fulfillments"] = found
        if numbered := [each for each in found if _meta(each).get("_tracking_number") and not each.get("date_deleted")]:
            return [("fulfilment", each) for each in numbered], asked
    if found := [*_line_items(order), *_plugins(order)]:
        return [("plug-in", each) for each in found], asked
    return [("note", each) for each in _in_notes(notes, order)], asked


def shipments(found: Iterable[tuple[str, Thing]], order_ref: str, placed_at: datetime, zone: str) -> list[Shipment]:
    """One parcel a number. The shop's own "delivered" is not the carrier's word and is not taken."""
    by_number: dict[str, Shipment] = {}
    for place, each in found:
        number, carrier, shipped = _READ[place](each)
        number = identifier(number) if number else None
        if number is None or not re.search(r"\d", number):
            continue
        shipment = Shipment(
            order_ref=order_ref,
            carrier=_carrier(carrier),
            tracking_number=number,
            shipped_at=_shipped(shipped, placed_at, zone),
        )
        by_number.setdefault(bare(number), shipment)
    return list(by_number.values())


# ---- the places ----------------------------------------------------------------------------------------------------


def _meta(thing: Thing) -> dict[str, Any]:
    return {str(each.get("key")): each.get("value") for each in listed(thing, "meta_data") if each.get("value")}


def _meta_items(order: Thing) -> list[Thing]:
    return [each for each in _list(_meta(order).get(_ITEMS)) if each.get("tracking_number")]


def _line_items(order: Thing) -> Iterator[Thing]:
    for line in listed(order, "line_items"):
        for each in _list(_meta(line).get(_LINE_ITEM)):
            yield {"number": each.get("tracking_number"), "carrier": each.get("carrier_name")}


def _plugins(order: Thing) -> Iterator[Thing]:
    meta = _meta(order)
    for number, carrier in _PLUGINS:
        if number in _NEED_CARRIER and not meta.get(carrier):
            continue
        if isinstance(meta.get(number), (str, int)):
            for each in re.split(r"[,;\s]+", str(meta[number]).strip()):
                yield {"number": each, "carrier": meta.get(carrier)}


def _in_notes(notes: Iterable[Thing], order: Thing) -> Iterator[Thing]:
    known = {bare(str(order.get(name))) for name in ("id", "number", "transaction_id", "order_key")}
    for note in notes:
        for hit in _IN_TEXT.finditer(str(note.get("words") or "")):
            number = hit.group(1) or hit.group(0)
            if bare(number) not in known:
                yield {"number": number, "note": note.get("id")}


def _list(value: Any) -> list[Thing]:
    """A list as it is, or as JSON in a text."""
    if isinstance(value, str):
        try:
            value = json.loads(value, parse_float=str)
        except (ValueError, RecursionError):
            return []
    return listed(list(value.values()) if isinstance(value, dict) else value)


# ---- number, carrier and when it left, as each place writes them ---------------------------------------------------

Said = tuple[Any, Any, Any]


def _of_item(item: Thing) -> Said:
    carrier = at(item, "custom_tracking_provider | formatted_tracking_provider | tracking_provider")
    return item.get("tracking_number"), carrier, item.get("date_shipped")


def _of_fulfilment(item: Thing) -> Said:
    meta = _meta(item)
    carrier = meta.get("_provider_name") or meta.get("_shipment_provider")
    shipped = item.get("date_fulfilled") or meta.get("_date_fulfilled")
    return meta.get("_tracking_number"), carrier, shipped if item.get("is_fulfilled") else None


def _of_plugin(item: Thing) -> Said:
    return item.get("number"), item.get("carrier"), None


_READ: dict[str, Callable[[Thing], Said]] = {
    "meta": _of_item, "route": _of_item, "fulfilment": _of_fulfilment, "plug-in": _of_plugin, "note": _of_plugin,
}  # fmt: skip


def _carrier(said: Any) -> str:
    if not isinstance(said, str) or not (name := text(said)):
        return UNNAMED_CARRIER
    slug = name.casefold()
    if slug in _CARRIERS:
        return _CARRIERS[slug]
    if name != slug:
        return name
    words = slug.replace("_", "-").split("-")
    return " ".join(word.upper() if len(word) <= 4 else word.capitalize() for word in words if word) or UNNAMED_CARRIER


def _shipped(said: Any, placed_at: datetime, zone: str) -> datetime | None:
    """Shipment Tracking knows a day only, as a date or as midnight UTC of it in seconds."""
    written = str(said or "").strip()
    try:
        if written.isdigit():
            moment = from_unix(int(written))
            if moment is None or moment != moment.replace(hour=0, minute=0, second=0):
                return moment
            written = moment.astimezone(UTC).date().isoformat()
        if not written:
            return None
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", written):
            return started_on(datetime.fromisoformat(written).date(), zone, not_before=placed_at)
        return utc(written)
    except (Unreadable, ValueError, OverflowError):
        return None
