"""Neighbouring cases: what ties them, whose they are, and that each question has an index."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import Session

from disputes.database import Database
from disputes.ids import new_id
from disputes.models import Connection, Dispute
from disputes.store_neighbours import MOST, Tie, neighbours
from tests import builders


def case(session: Session, connection: Connection, **columns: Any) -> Dispute:
    made = builders.seen(session, connection=connection, external_id=new_id("du"), live=columns.pop("live", False))
    for name, value in columns.items():
        setattr(made, name, value)
    session.add(made)
    session.flush()
    return made


EMILY = {"customer_name": "Emily Carter", "customer_email": "emily@example.com", "card_last4": "4242"}


class TestNeighbours:
    @pytest.mark.parametrize(
        ("shared", "tie"),
        [
            ({"order_ref": "LL-1"}, Tie.ORDER),
            ({"card_fingerprint": "fp_1"}, Tie.CARD),
            ({"customer_email": "emily@example.com"}, Tie.EMAIL),
            ({"customer_name": "Emily Carter", "card_last4": "4242"}, Tie.NAME),
        ],
    )
    def test_are_found_by_what_they_share(self, database: Database, shared: dict[str, str], tie: Tie) -> None:
        with database.writing() as session:
            connection = builders.connection(session, merchant=builders.merchant(session))
            ours, other = (case(session, connection, **shared) for _ in range(2))
            case(session, connection, order_ref="LL-9", customer_email="else@example.com")
            assert [(each.dispute.id, each.ties) for each in neighbours(session, ours)] == [(other.id, (tie,))]

    def test_say_every_tie_the_surest_first(self, database: Database) -> None:
        with database.writing() as session:
            connection = builders.connection(session, merchant=builders.merchant(session))
            ours, _ = (case(session, connection, order_ref="LL-1", card_fingerprint="fp_1", **EMILY) for _ in range(2))
            (found,) = neighbours(session, ours)
            assert found.ties == (Tie.ORDER, Tie.CARD, Tie.EMAIL, Tie.NAME)

    @pytest.mark.parametrize("alone", [{"customer_name": "Emily Carter"}, {"card_last4": "4242"}, {}])
    def test_are_not_tied_by_a_name_or_four_digits_alone(self, database: Database, alone: dict[str, str]) -> None:
        with database.writing() as session:
            connection = builders.connection(session, merchant=builders.merchant(session))
            ours, _ = (case(session, connection, **alone) for _ in range(2))
            assert neighbours(session, ours) == []

    def test_of_another_merchant_or_of_the_other_side_are_none(self, database: Database) -> None:
        with database.writing() as session:
            connection = builders.connection(session, merchant=builders.merchant(session))
            elsewhere = builders.connection(session, merchant=builders.merchant(session))
            ours = case(session, connection, **EMILY)
            case(session, elsewhere, **EMILY)
            case(session, connection, live=True, **EMILY)
            assert neighbours(session, ours) == []

    def test_are_no_more_than_are_shown(self, database: Database) -> None:
        with database.writing() as session:
            connection = builders.connection(session, merchant=builders.merchant(session))
            every = [case(session, connection, customer_email="emily@example.com") for _ in range(MOST + 3)]
            found = {each.dispute.id for each in neighbours(session, every[0])}
            assert found == {each.id for each in every[-MOST:]}

    def test_are_looked_up_by_index_in_every_question(self, database: Database) -> None:
        with database.writing() as session:
            connection = builders.connection(session, merchant=builders.merchant(session))
            ours = case(session, connection, order_ref="LL-1", card_fingerprint="fp_1", **EMILY)
            if database.engine.dialect.name == "sqlite":
                plans = "".join(_plans(session, ours))
                for index in ("ix_dispute_order", "ix_dispute_card", "ix_dispute_customer", "ix_dispute_named_card"):
                    assert index in plans
                assert "SCAN" not in plans
            else:
                names = {each["name"] for each in sa.inspect(session.connection()).get_indexes("dispute")}
                assert {"ix_dispute_order", "ix_dispute_card", "ix_dispute_customer", "ix_dispute_named_card"} <= names


def _plans(session: Session, dispute: Dispute) -> list[str]:
    """What SQLite would do for every statement of the look-up."""
    asked: list[tuple[str, Any]] = []
    connection = session.connection()

    def listen(_c: Any, _cursor: Any, statement: str, parameters: Any, _ctx: Any, _many: Any) -> None:
        asked.append((statement, parameters))

    sa.event.listen(connection.engine, "before_cursor_execute", listen)
    neighbours(session, dispute)
    sa.event.remove(connection.engine, "before_cursor_execute", listen)
    wanted = [(statement, parameters) for statement, parameters in asked if statement.startswith("SELECT")]
    return [
        str(row[-1])
        for statement, parameters in wanted
        for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
    ]
