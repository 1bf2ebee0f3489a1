"""Finding cases by words: exact numbers, and parts of number, name or e-mail through the trigram index."""

from __future__ import annotations

import sqlalchemy as sa
from sqlmodel import Session, col, select

from disputes.models import Connection, Dispute
from disputes.search import normal_form

CANDIDATES = 1000
_LOOKED_AT = 20_000
"""Hits of the whole installation that one search looks through to find a merchant's own."""


def matches(session: Session, merchant_id: str, text: str, *, live: bool) -> list[str]:
    """Ids of at most CANDIDATES cases: exact numbers first, then the words anywhere in number, name or e-mail."""
    # Two questions, each with an index of its own; with "or" between them every row of the merchant is read.
    by_order = select(Dispute.id).where(Dispute.merchant_id == merchant_id, Dispute.order_ref == text)
    by_number = (
        select(Dispute.id)
        .join(Connection, col(Connection.id) == col(Dispute.connection_id))
        .where(Connection.merchant_id == merchant_id, Dispute.external_id == text)
    )
    found = [*session.exec(by_number.limit(CANDIDATES)), *session.exec(by_order.limit(CANDIDATES))]
    words = normal_form(text)
    if len(words) >= 3:
        sqlite = session.get_bind().dialect.name == "sqlite"
        found += (_by_trigrams if sqlite else _by_like)(session, merchant_id, live, words)
    return list(dict.fromkeys(found))[:CANDIDATES]


def _by_trigrams(session: Session, merchant_id: str, live: bool, words: str) -> list[str]:
    phrase = '"' + words.replace('"', '""') + '"'
    rows = session.execute(
        sa.text(
            "SELECT dispute.id FROM "
            "(SELECT rowid AS hit FROM dispute_search WHERE dispute_search MATCH :phrase LIMIT :looked_at) "
            "CROSS JOIN dispute ON dispute.search_key = hit "
            "WHERE dispute.merchant_id = :merchant AND dispute.live = :live LIMIT :most"
        ),
        {"phrase": phrase, "merchant": merchant_id, "live": live, "looked_at": _LOOKED_AT, "most": CANDIDATES},
    )
    return [str(row[0]) for row in rows]


def _by_like(session: Session, merchant_id: str, live: bool, words: str) -> list[str]:
    escaped = words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return list(
        session.exec(
            select(Dispute.id)
            .where(
                Dispute.merchant_id == merchant_id,
                Dispute.live == live,
                col(Dispute.search_text).like(f"%{escaped}%", escape="\\"),
            )
            .limit(CANDIDATES)
        )
    )
