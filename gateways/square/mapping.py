"""Square's disputes as the house's: pure functions over plain dictionaries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from disputes.acts import GatewayAct, Offered
from disputes.lifecycle import GatewayStatus, Kind
from disputes.money import Money, exponent
from disputes.phrases import phrase
from disputes.ports import Capabilities, DisputeSnapshot, GatewayError, GatewayFailure, MoneyMovement
from gateways.square.contract import (
    ANSWERED,
    CANNOT_BE_CHALLENGED,
    DISPUTE_ID_CHARS,
    EXPONENTS,
    INQUIRY,
    NETWORKS,
    STATES,
    is_id,
    unknown_in,
)

Raw = Mapping[str, Any]


def money(raw: Raw) -> Money:
    """{"amount": 1250, "currency": "USD"}: an integer in the currency's smallest unit, or it is refused."""
    code, minor = str(raw["currency"]).upper(), raw["amount"]
    if type(minor) is not int:
        raise TypeError(f"amount {minor!r}")
    return Money.from_gateway(minor, code, EXPONENTS.get(code, exponent(code)))


def instant(text: object) -> datetime | None:
    """An RFC 3339 time, or a bare day as its first instant in UTC; None for anything else."""
    try:
        at = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None
    if at is None:
        return None
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def opened_at(raw: Raw) -> datetime | None:
    return instant(raw.get("created_at")) or instant(raw.get("reported_at"))


def identity(raw: Raw) -> str:
    """The dispute's id; old answers and events carry it under its deprecated name alone."""
    found = raw.get("id") or raw.get("dispute_id")
    if not is_id(found, chars=DISPUTE_ID_CHARS):
        raise ValueError(f"id {found!r}")
    return str(found)


def network(brand: object) -> str | None:
    """The card brand in the house's word; an unknown one in its own."""
    return NETWORKS.get(str(brand), str(brand).lower()) if brand else None


def status_of(raw: Raw) -> GatewayStatus:
    return STATES.get(raw.get("state") or "", GatewayStatus.UNKNOWN)


def kind_of(raw: Raw) -> Kind:
    """The state alone tells an inquiry, the stage before a chargeback."""
    return Kind.INQUIRY if str(raw.get("state")).startswith(INQUIRY) else Kind.CHARGEBACK


def answered(raw: Raw) -> int:
    """1 while the bank works on an answer. Of a closed dispute Square does not tell whether it was answered."""
    return int(raw.get("state") in ANSWERED)


def snapshot(raw: Raw, *, live: bool, movements: Sequence[MoneyMovement] = (), unread: str = "") -> DisputeSnapshot:
    """A dispute as read from the API. `movements` are Square's own ledger lines, `unread` why there are none."""
    try:
        return _snapshot(raw, live=live, movements=tuple(movements), unread=unread)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise GatewayError(
            GatewayFailure.MALFORMED,
            phrase("A dispute from Square lacks or garbles {field}; it was left as it was.", field=error),
        ) from error


def _snapshot(raw: Raw, *, live: bool, movements: tuple[MoneyMovement, ...], unread: str) -> DisputeSnapshot:
    status, kind = status_of(raw), kind_of(raw)
    opened = opened_at(raw)
    if opened is None:
        raise ValueError("created_at")
    due_at = instant(raw.get("due_at"))
    withdrawn = [line.amount for line in movements if line.kind == "withdrawal"]
    return DisputeSnapshot(
        gateway="square",
        external_id=identity(raw),
        kind=kind,
        status=status,
        raw_status=raw.get("state") or "",
        raw_reason=raw.get("reason") or "",
        amount=money(raw["amount_money"]),
        opened_at=opened,
        due_at=due_at,
        live=live,
        capabilities=capabilities(raw),
        submission_count=answered(raw),
        round_facts=f"{kind}:{raw.get('due_at') or ''}:{answered(raw)}",
        network=network(raw.get("card_brand")),
        payment_id=(raw.get("disputed_payment") or {}).get("payment_id"),
        settlement=-withdrawn[0] if withdrawn else None,
        movements=movements,
        unknown=tuple(_strange(raw, due_at, unread)),
        raw=raw,
    )


def _strange(raw: Raw, due_at: datetime | None, unread: str) -> list[str]:
    found = list(unknown_in(raw))
    if raw.get("due_at") and due_at is None:
        # A date nobody can read is no deadline that anybody may rely on: it is shown, and a person looks.
        found.append(f"due_at {raw['due_at']}")
    if unread:
        found.append(phrase("payouts: {why}", why=unread))
    return found


def capabilities(raw: Raw) -> Capabilities:
    """What Square offers for this dispute now.

    Whether an inquiry can be accepted is written nowhere, and no money was taken for one: it is not offered.
    """
    if status_of(raw) is not GatewayStatus.NEEDS_RESPONSE:
        return Capabilities(False, False, phrase("Square asks for no answer."))
    accept = kind_of(raw) is not Kind.INQUIRY
    offers = (Offered(GatewayAct.ACCEPT.value),) if accept else ()
    if raw.get("reason") == CANNOT_BE_CHALLENGED:
        words = phrase(
            "Square takes no evidence for this reason: a chip card was not read by its chip (EMV liability shift)."
        )
        return Capabilities(False, accept, words, offers=offers)
    return Capabilities(True, accept, offers=offers)
