"""Orders out of the rows of an export. A platform that repeats the order on every line item is understood too."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TypeVar

from disputes.facts import Address, Order, OrderLine
from disputes.money import Money
from evidence.matching import normalise
from evidence.sources import values
from evidence.sources.tables import Row
from evidence.sources.values import Unreadable
from evidence.sources.vocabulary import known

T = TypeVar("T")
_ONCE = ("placed_at", "total", "currency", "payment_id", "customer_email")
_PARTS = ("subtotal", "shipping", "tax", "discount")


@dataclass(frozen=True, slots=True)
class OrderRecord:
    order: Order
    rows: tuple[Row, ...]
    tracking_numbers: tuple[str, ...] = ()
    guest: bool = False


def reference(text: str | None) -> str:
    """An order number as it is compared: without its mark, blanks and case."""
    return (text or "").strip().lstrip("#").strip().casefold()


def read_orders(rows: Sequence[Row], lines: Sequence[Row], zone: str) -> tuple[list[OrderRecord], list[str]]:
    """Orders with their lines, and a sentence for everything that could not be taken."""
    refused = [
        f"{row.place}: has no order number; the line was left out."
        for row in [*rows, *lines]
        if not row.get("order_ref")
    ]
    further = _by_reference(lines)
    orders: list[OrderRecord] = []
    for ref, group in _by_reference(rows).items():
        try:
            orders.append(_order(group, further.pop(ref, []), zone, refused))
        except Unreadable as error:
            refused.append(str(error))
    refused += [
        f"{group[0].place}: order {group[0].get('order_ref')} is in no order file." for group in further.values()
    ]
    return orders, refused


def _by_reference(rows: Iterable[Row]) -> dict[str, list[Row]]:
    named = sorted((row for row in rows if row.get("order_ref")), key=lambda row: reference(row.get("order_ref")))
    return {ref: list(group) for ref, group in groupby(named, key=lambda row: reference(row.get("order_ref")))}


def field(row: Row, name: str, read: Callable[[str], T]) -> T | None:
    """The field read, None when it is empty; what cannot be read is said with file, line and column."""
    text = row.get(name)
    if text is None:
        return None
    try:
        return read(text)
    except Unreadable as error:
        raise Unreadable(f"{row.place}, {name.replace('_', ' ')}: {error}.") from None


def _order(rows: list[Row], more: list[Row], zone: str, refused: list[str]) -> OrderRecord:
    head = rows[0]
    for name in _ONCE:
        said = {row.get(name) for row in rows} - {None}
        if len(said) > 1:
            raise Unreadable(
                f"{rows[-1].place}: order {head.get('order_ref')} is there more than once "
                f"with different {name.replace('_', ' ')}; none of them was taken."
            )
    first = {name: value for row in reversed(rows) for name, value in row.fields.items() if value}
    whole = Row(head.file, head.line, first, head.raw)
    placed = field(whole, "placed_at", lambda text: values.instant(text, zone))
    if placed is None:
        raise Unreadable(f"{head.place}: order {head.get('order_ref')} has no date; it was left out.")
    currency = whole.get("currency")

    def amount(name: str) -> Money | None:
        return field(whole, name, lambda text: values.money(text, currency))

    total = amount("total")
    amounts = {name: found for name in _PARTS if (found := amount(name)) is not None and found.minor}
    own = [row for row in rows if row.get("description")]
    unit = currency or (total.currency if total else None)
    goods = [line for row in [*own, *more] if (line := _line(row, unit, refused))]
    order = Order(
        order_ref=(whole.get("order_ref") or "").lstrip("#").strip(),
        placed_at=placed,
        total=total,
        payment_id=whole.get("payment_id"),
        customer_name=whole.get("customer_name") or whole.get("billing_name"),
        customer_email=whole.get("customer_email"),
        customer_phone=whole.get("customer_phone"),
        account_id=whole.get("account_id"),
        account_since=field(whole, "account_since", lambda text: values.instant(text, zone)),
        ip=whole.get("ip"),
        device_id=whole.get("device_id"),
        billing=address(whole, "billing"),
        shipping=address(whole, "shipping"),
        lines=tuple(goods),
        amounts=amounts,
        promised_by=field(whole, "promised_by", lambda text: values.calendar_day(text, zone)),
        terms_accepted_at=field(whole, "terms_accepted_at", lambda text: values.instant(text, zone)),
        cancelled_at=field(whole, "cancelled_at", lambda text: values.instant(text, zone)),
    )
    tracking = tuple(dict.fromkeys(number for row in rows if (number := row.get("tracking_number"))))
    return OrderRecord(order, (*rows, *more), tracking, bool(field(whole, "guest", values.yes)))


def address(row: Row, prefix: str) -> Address | None:
    parts = {
        part: row.get(f"{prefix}_{part}") for part in ("line1", "line2", "city", "region", "postal_code", "country")
    }
    if not any(parts.values()):
        return None
    return Address(name=row.get(f"{prefix}_name"), **parts)


def _line(row: Row, currency: str | None, refused: list[str]) -> OrderLine | None:
    description = row.get("description")
    if description is None:
        refused.append(f"{row.place}: names no goods; the line was left out.")
        return None
    try:
        quantity = field(row, "quantity", values.count) or 1
        amount = field(row, "amount", lambda text: values.money(text, row.get("currency") or currency))
    except Unreadable as error:
        refused.append(str(error))
        return None
    kind = known("product_types", row.get("product_type"))
    return OrderLine.model_validate(
        {
            "description": description,
            "quantity": quantity,
            "amount": amount,
            "sku": row.get("sku"),
            "product_type": kind,
        }
    )


def same_reference(one: str | None, other: str | None) -> bool:
    return bool(reference(one)) and reference(one) == reference(other)


def same_words(one: str | None, other: str | None) -> bool:
    return bool(one and other) and normalise(one or "") == normalise(other or "")
