"""What Square booked for a dispute, read from its payouts: the dispute itself carries no ledger."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from disputes.phrases import phrase
from disputes.ports import GatewayError, GatewayFailure, MoneyMovement
from gateways.square.mapping import identity, instant, money
from gateways.square.wire import Wire, checked

Raw = Mapping[str, Any]

_LOOK = timedelta(days=10)
"""A payout holds what was booked some working days before it."""
_BEFORE = timedelta(days=1)
_PAYOUTS, _PAGES = 12, 5
"""At most so many payouts a window and pages of entries a payout: a shop is paid once a working day."""

_KINDS = {"OPEN_DISPUTE": "type_open_dispute_details", "DISPUTE": "type_dispute_details"}


def movements_of(wire: Wire, raw: Raw) -> list[MoneyMovement]:
    """Entries about this dispute around its opening, the bank's report and its last change.

    Only what Square wrote into an entry is told; where it wrote none in these days, nothing is.
    """
    location = raw.get("location_id")
    if not location:
        return []
    starts = _apart(instant(raw.get(name)) for name in ("created_at", "reported_at", "updated_at"))
    found: dict[str, MoneyMovement] = {}
    for payout_id in _payouts(wire, checked(location, phrase("a location")), starts):
        for entry in _entries(wire, payout_id):
            if _is_about(entry, identity(raw)):
                found |= {line.movement_id: line for line in lines_of(entry)}
    return sorted(found.values(), key=lambda line: (line.at, line.movement_id))


def _apart(times: Iterable[datetime | None]) -> list[datetime]:
    """The beginnings of windows that reach all of these times."""
    starts: list[datetime] = []
    for at in sorted(at for at in times if at is not None):
        if not starts or at - starts[-1] > _LOOK - _BEFORE:
            starts.append(at)
    return starts


def _payouts(wire: Wire, location: str, starts: list[datetime]) -> list[str]:
    found: dict[str, None] = {}
    for start in starts:
        begin, end = (start - _BEFORE).isoformat(), (start + _LOOK).isoformat()
        listed, _ = wire.page(
            lambda sdk, cursor, options, begin=begin, end=end: sdk.payouts.list(  # type: ignore[misc]
                location_id=location,
                begin_time=begin,
                end_time=end,
                sort_order="ASC",
                limit=_PAYOUTS,
                cursor=cursor,
                request_options=options,
            ),
            None,
            "payouts",
        )
        found |= {checked(each.get("id"), "a payout"): None for each in listed}
    return list(found)


def _entries(wire: Wire, payout_id: str) -> Iterator[Raw]:
    pages = wire.pages(
        lambda sdk, cursor, options: sdk.payouts.list_entries(
            payout_id, limit=100, cursor=cursor, request_options=options
        ),
        "payout_entries",
        most=_PAGES,
    )
    return (entry for page in pages for entry in page)


def _is_about(entry: Raw, dispute_id: str) -> bool:
    details = entry.get(_KINDS.get(entry.get("type") or "", "")) or {}
    return bool(details.get("dispute_id") == dispute_id)


def lines_of(entry: Raw) -> list[MoneyMovement]:
    """One entry as lines of the ledger: the amount, and Square's fee (or its return) apart."""
    try:
        at, entry_id = instant(entry.get("effective_at")), str(entry["id"])
        gross = money(entry["gross_amount_money"])
        fee = money(entry["fee_amount_money"]) if entry.get("fee_amount_money") else None
        if at is None:
            raise ValueError("effective_at")
    except (KeyError, TypeError, ValueError) as error:
        words = phrase("An entry of a payout from Square lacks or garbles {field}; it was left as it was.", field=error)
        raise GatewayError(GatewayFailure.MALFORMED, words) from error
    lines = []
    if gross.minor:
        kind = "withdrawal" if gross.minor < 0 else "reversal"
        lines.append(MoneyMovement(movement_id=entry_id, at=at, kind=kind, amount=gross))
    if fee is not None and fee.minor:
        # Square writes what it took as a positive fee.
        kind = "fee" if fee.minor > 0 else "fee_returned"
        lines.append(MoneyMovement(movement_id=f"{entry_id}:fee", at=at, kind=kind, amount=-fee))
    return lines
