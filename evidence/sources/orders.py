"""Orders out of the rows of an export. A platform that repeats the order on every line item is understood too."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TypeVar

from disputes.facts import Address, Order, OrderLine, Refund
from disputes.money import Money
from disputes.phrases import phrase, said_by
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
    refused: list[str] = [
        phrase("{place}: has no order number; the line was left out.", place=row.place)
        for row in [*rows, *lines]
        if not row.get("order_ref")
    ]
    further = _by_reference(lines)
    orders: list[OrderRecord] = []
    for ref, group in _by_reference(rows).items():
        try:
            orders.append(_order(group, _lines_of(group, ref, further), zone, refused))
        except Unreadable as error:
            refused.append(said_by(error))
    refused += [
        phrase("{place}: order {ref} is in no order file.", place=group[0].place, ref=group[0].get("order_ref"))
        for group in further.values()
    ]
    return orders, refused


def _lines_of(group: Sequence[Row], ref: str, further: dict[str, list[Row]]) -> list[Row]:
    """Goods that lie in a file of their own, under whichever of the order's numbers."""
    named = [ref, *(reference(number) for number in _several(group, "other_numbers", {None}))]
    return [row for name in dict.fromkeys(named) for row in further.pop(name, [])]


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
        raise Unreadable(
            phrase("{place}, {name}: {why}.", place=row.place, name=name.replace("_", " "), why=said_by(error))
        ) from None


def _order(rows: list[Row], more: list[Row], zone: str, refused: list[str]) -> OrderRecord:
    head = rows[0]
    for name in _ONCE:
        said = {row.get(name) for row in rows} - {None}
        if len(said) > 1:
            raise Unreadable(
                phrase(
                    "{place}: order {ref} is there more than once with different {name}; none of them was taken.",
                    place=rows[-1].place,
                    ref=head.get("order_ref"),
                    name=name.replace("_", " "),
                )
            )
    first = {name: value for row in reversed(rows) for name, value in row.fields.items() if value}
    whole = Row(head.file, head.line, first, head.raw)
    placed = field(whole, "placed_at", lambda text: values.instant(text, zone))
    if placed is None:
        raise Unreadable(
            phrase("{place}: order {ref} has no date; it was left out.", place=head.place, ref=head.get("order_ref"))
        )
    currency = whole.get("currency")

    def amount(name: str) -> Money | None:
        return field(whole, name, lambda text: values.money(text, currency))

    total = amount("total")
    amounts = {name: found for name in _PARTS if (found := amount(name)) is not None and found.minor}
    own = [row for row in rows if row.get("description")]
    unit = currency or (total.currency if total else None)
    goods = [line for row in [*own, *_packed(rows), *more] if (line := _line(row, unit, refused))]
    ref = (whole.get("order_ref") or "").lstrip("#").strip()
    order = Order(
        order_ref=ref,
        numbers=_several(rows, "other_numbers", {ref}),
        placed_at=placed,
        total=total,
        payment_id=whole.get("payment_id"),
        transaction_ids=_several(rows, "transaction_ids", {whole.get("payment_id")}),
        card_last4=_last4(whole.get("card_last4")),
        customer_name=whole.get("customer_name") or name_of(whole, "billing"),
        customer_email=whole.get("customer_email"),
        customer_phone=whole.get("customer_phone"),
        account_id=whole.get("account_id"),
        account_since=field(whole, "account_since", lambda text: values.instant(text, zone)),
        ip=whole.get("ip"),
        device_id=whole.get("device_id"),
        user_agent=whole.get("user_agent"),
        customer_note=whole.get("customer_note"),
        billing=address(whole, "billing"),
        shipping=address(whole, "shipping"),
        lines=tuple(goods),
        amounts=amounts,
        promised_by=field(whole, "promised_by", lambda text: values.calendar_day(text, zone)),
        terms_accepted_at=field(whole, "terms_accepted_at", lambda text: values.instant(text, zone)),
        cancelled_at=field(whole, "cancelled_at", lambda text: values.instant(text, zone)),
        refunds=_refunds(whole, amount("refund_amount"), zone),
    )
    tracking = tuple(dict.fromkeys(number for row in rows if (number := row.get("tracking_number"))))
    return OrderRecord(order, (*rows, *more), tracking, bool(field(whole, "guest", values.yes)))


def address(row: Row, prefix: str) -> Address | None:
    parts = {
        part: row.get(f"{prefix}_{part}") for part in ("line1", "line2", "city", "region", "postal_code", "country")
    }
    if not any(parts.values()):
        return None
    return Address(name=name_of(row, prefix), **parts)


def name_of(row: Row, prefix: str) -> str | None:
    """The name in one column, or first and last name in two."""
    parts = (row.get(f"{prefix}_first_name"), row.get(f"{prefix}_last_name"))
    return row.get(f"{prefix}_name") or " ".join(filter(None, parts)) or None


def _several(rows: Iterable[Row], name: str, but: set[str | None]) -> tuple[str, ...]:
    """Every value of a column, or of several columns, that holds more than one."""
    said = (each for row in rows for each in re.split(r"[;,|+]", row.get(name) or ""))
    found = dict.fromkeys(each.strip().lstrip("#").strip() for each in said)
    return tuple(each for each in found if each and each not in but)


def _last4(text: str | None) -> str | None:
    found = re.search(r"(?<!\d)(\d{4})$", (text or "").strip())
    return found[1] if found else None


def _refunds(row: Row, amount: Money | None, zone: str) -> tuple[Refund, ...]:
    """What the shop booked as given back; without its day nobody can tell whether it was before the dispute."""
    at = field(row, "refunded_at", lambda text: values.instant(text, zone))
    if at is None or amount is None or amount.minor == 0:
        return ()
    amount = Money(abs(amount.minor), amount.currency)
    return (Refund(refund_id=f"{row.get('order_ref')} refund", amount=amount, created_at=at, status="succeeded"),)


def _packed(rows: Sequence[Row]) -> Iterator[Row]:
    """Goods in columns of their own, "line_item_1": "name:Mug|quantity:2|total:12.00", as an export plug-in of
    WooCommerce writes them."""
    for heading, cell in rows[0].raw.items() if rows else ():
        if not re.fullmatch(r"line[ _]item[ _]\d+", heading.strip(), re.IGNORECASE) or "|" not in cell:
            continue
        said = {
            name.strip().casefold(): value.strip() for name, _, value in (p.partition(":") for p in cell.split("|"))
        }
        fields = {
            "description": said.get("name", ""), "quantity": said.get("quantity", ""), "sku": said.get("sku", ""),
            "amount": said.get("sub_total") or said.get("total", ""),
        }  # fmt: skip
        yield Row(rows[0].file, rows[0].line, {name: value for name, value in fields.items() if value}, {})


def _line(row: Row, currency: str | None, refused: list[str]) -> OrderLine | None:
    description = row.get("description")
    if description is None:
        refused.append(phrase("{place}: names no goods; the line was left out.", place=row.place))
        return None
    unit = row.get("currency") or currency
    try:
        quantity = field(row, "quantity", values.count) or 1
        amount = field(row, "amount", lambda text: values.money(text, unit))
        if amount is None and (price := field(row, "unit_price", lambda text: values.money(text, unit))) is not None:
            amount = Money(price.minor * quantity, price.currency)
        shipped = field(row, "requires_shipping", values.yes)
    except Unreadable as error:
        refused.append(said_by(error))
        return None
    return OrderLine.model_validate(
        {
            "description": description,
            "quantity": quantity,
            "amount": amount,
            "sku": row.get("sku"),
            "product_type": known("product_types", row.get("product_type")) or ("physical" if shipped else None),
            "supplier": row.get("supplier"),
            "supplier_order": row.get("supplier_order"),
            "about": row.get("about"),
        }
    )


def same_reference(one: str | None, other: str | None) -> bool:
    return bool(reference(one)) and reference(one) == reference(other)


def same_words(one: str | None, other: str | None) -> bool:
    return bool(one and other) and normalise(one or "") == normalise(other or "")
