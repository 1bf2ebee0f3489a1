"""The money at stake is what the open cases add up to, whatever is done to them and by whom."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import Session, col, select

from disputes import store_digest, store_queue, triggers
from disputes.database import Database
from disputes.lifecycle import GatewayStatus
from disputes.migrate import migrate
from disputes.models import Connection, Dispute, OpenStake
from disputes.money import Money
from tests import builders
from tests.builders import NOW


def shop(session: Session) -> Connection:
    return builders.connection(session, merchant=builders.merchant(session))


def case(session: Session, connection: Connection, number: int, minor: int = 1_000, **told: Any) -> Dispute:
    told = {"amount": Money(minor, "EUR"), "due_at": NOW + timedelta(days=9)} | told
    return builders.seen(session, connection=connection, external_id=f"du_{number}", **told)


def kept(session: Session) -> dict[tuple[str, bool, str], tuple[int, int]]:
    session.flush()
    rows = session.execute(
        sa.select(
            col(OpenStake.merchant_id), col(OpenStake.live), col(OpenStake.currency), col(OpenStake.minor),
            col(OpenStake.cases),
        ).where(col(OpenStake.cases) > 0)
    )  # fmt: skip
    return {(merchant, live, currency): (minor, cases) for merchant, live, currency, minor, cases in rows}


def counted(session: Session) -> dict[tuple[str, bool, str], tuple[int, int]]:
    session.flush()
    rows = session.execute(
        sa.select(
            col(Dispute.merchant_id), col(Dispute.live), col(Dispute.currency), sa.func.sum(col(Dispute.amount_minor)),
            sa.func.count(),
        )
        .where(col(Dispute.is_open))
        .group_by(col(Dispute.merchant_id), col(Dispute.live), col(Dispute.currency))
    )  # fmt: skip
    return {(merchant, live, currency): (int(minor), cases) for merchant, live, currency, minor, cases in rows}


def test_open_cases_are_added_up_by_currency_and_side(database: Database) -> None:
    with database.writing() as session:
        connection = shop(session)
        case(session, connection, 1, 1_000)
        case(session, connection, 2, 2_500)
        case(session, connection, 3, 900, amount=Money(900, "JPY"))
        assert kept(session) == counted(session)
        assert store_queue.at_stake(session, connection.merchant_id, False) == [Money(3_500, "EUR"), Money(900, "JPY")]
        told = store_digest.at_stake(session, connection.merchant_id)
        assert [(each.amount, each.cases) for each in told] == [(Money(3_500, "EUR"), 2), (Money(900, "JPY"), 1)]


@pytest.mark.parametrize(
    "changes",
    [
        {"status": GatewayStatus.LOST},
        {"status": GatewayStatus.WON, "submission_count": 1},
        {"amount": Money(400, "EUR")},
        {"amount": Money(400, "USD")},
    ],
)
def test_it_follows_what_the_gateway_says_next(database: Database, changes: dict[str, Any]) -> None:
    with database.writing() as session:
        connection = shop(session)
        case(session, connection, 1)
        case(session, connection, 2, 2_000)
        before = kept(session)
        case(session, connection, 1, **changes)
        assert kept(session) == counted(session) != before


def test_a_case_that_is_opened_again_counts_again(database: Database) -> None:
    with database.writing() as session:
        connection = shop(session)
        case(session, connection, 1, status=GatewayStatus.LOST)
        assert kept(session) == {}
        case(session, connection, 1)
        assert kept(session) == counted(session) != {}


def test_rows_that_are_taken_out_or_changed_past_the_desk_are_followed_too(database: Database) -> None:
    with database.writing() as session:
        connection = shop(session)
        first, second = case(session, connection, 1), case(session, connection, 2, 2_000)
        session.flush()
        session.execute(sa.update(Dispute).where(col(Dispute.id) == second.id).values(amount_minor=2_222))
        assert kept(session) == counted(session)
        session.execute(sa.update(Dispute).where(col(Dispute.id) == first.id).values(is_open=False))
        assert kept(session) == counted(session)


def test_making_the_triggers_again_changes_nothing(database: Database) -> None:
    with database.writing() as session:
        case(session, shop(session), 1)
        before = kept(session)
    migrate(database.url)
    with database.writing() as session:
        (row,) = session.exec(select(OpenStake)).all()
        assert kept(session) == before
        case(session, session.exec(select(Connection)).one(), 2, 50)
        session.refresh(row)
        assert (row.minor, row.cases) == (1_050, 2)


def test_a_database_that_is_as_it_should_be_is_left_alone(database: Database) -> None:
    """Making a trigger locks its table: every process that starts would stop, or kill, those that are at work."""
    with database.engine.connect() as connection:
        assert triggers.statements(connection) == []


@pytest.mark.parametrize("name", ["open_stake_update", "open_stake_insert"])
def test_a_trigger_that_is_missing_is_made_again(database: Database, name: str) -> None:
    table = "" if database.is_sqlite else " ON dispute"
    with database.writing() as session:
        session.execute(sa.text(f"DROP TRIGGER {name}{table}"))
    migrate(database.url)
    with database.engine.connect() as connection:
        assert triggers.statements(connection) == []
    with database.writing() as session:
        connection_row = shop(session)
        case(session, connection_row, 1)
        case(session, connection_row, 1, amount=Money(400, "EUR"))
        assert kept(session) == counted(session)
