"""Returns as the shop booked them, step by step; a step without a day did not happen, as far as anybody knows."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from disputes.facts import Order, Return
from disputes.phrases import phrase, said_by
from evidence.sources import values
from evidence.sources.orders import OrderRecord, field, reference
from evidence.sources.tables import Row
from evidence.sources.values import Unreadable


@dataclass(frozen=True, slots=True)
class ReturnRecord:
    returned: Return
    rows: tuple[Row, ...]


def read_returns(rows: Sequence[Row], orders: Sequence[OrderRecord], zone: str) -> tuple[list[ReturnRecord], list[str]]:
    """`orders` give a currency to amounts that have none. A line each; further goods of one return are lines too."""
    by_ref = {reference(ref): each.order for each in orders for ref in (each.order.order_ref, *each.order.numbers)}
    found: dict[tuple[str, str], ReturnRecord] = {}
    refused: list[str] = []
    for row in rows:
        try:
            told = _return(row, by_ref.get(reference(row.get("order_ref"))), zone)
        except Unreadable as error:
            refused.append(said_by(error))
            continue
        key = (reference(told.order_ref), told.return_id)
        before = found.get(key)
        if before is None:
            found[key] = ReturnRecord(told, (row,))
        elif _steps(before.returned) == _steps(told):
            goods = tuple(dict.fromkeys((*before.returned.goods, *told.goods)))
            found[key] = ReturnRecord(before.returned.model_copy(update={"goods": goods}), (*before.rows, row))
        else:
            refused.append(
                phrase(
                    "{place}: return {return_id} is there before with other steps; it was left out.",
                    place=row.place,
                    return_id=told.return_id,
                )
            )
    return list(found.values()), refused


def _steps(returned: Return) -> Return:
    return returned.model_copy(update={"goods": ()})


def _return(row: Row, order: Order | None, zone: str) -> Return:
    ref = order.order_ref if order else (row.get("order_ref") or "").lstrip("#").strip()
    if not ref:
        raise Unreadable(phrase("{place}: the return names no order; the line was left out.", place=row.place))

    def moment(name: str) -> datetime | None:
        return field(row, name, lambda text: values.instant(text, zone))

    unit = row.get("currency") or (order.total.currency if order and order.total else None)
    return Return(
        return_id=row.get("return_id") or f"{ref} return",
        order_ref=ref,
        requested_at=moment("requested_at"),
        reason=row.get("reason"),
        goods=tuple(each.strip() for each in re.split(r"[;\n|]", row.get("goods") or "") if each.strip()),
        label_sent_at=moment("label_sent_at"),
        tracking_number=row.get("tracking_number"),
        received_at=moment("received_at"),
        inspection=row.get("inspection"),
        refused_at=moment("refused_at"),
        refusal=row.get("refusal"),
        refund_promised_at=moment("refund_promised_at"),
        refunded_at=moment("refunded_at"),
        amount=field(row, "amount", lambda text: values.money(text, unit)),
    )
