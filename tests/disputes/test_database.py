"""The database port: aware instants, one writer, no foreign call inside it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
import sqlalchemy as sa

from disputes.database import Database, WriterOpen, refuse_inside_writer
from disputes.models import Heartbeat
from tests.conftest import NOW

ISTANBUL = timezone(timedelta(hours=3))


def test_an_instant_comes_back_as_the_same_instant_in_utc(database: Database) -> None:
    with database.writing() as session:
        session.add(Heartbeat(name="x", at=datetime(2026, 11, 22, 12, 0, tzinfo=ISTANBUL)))
    with database.reading() as session:
        assert session.get_one(Heartbeat, "x").at == datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def test_a_naive_instant_is_refused(database: Database) -> None:
    with pytest.raises(sa.exc.StatementError, match="no zone"), database.writing() as session:
        session.add(Heartbeat(name="x", at=datetime(2026, 11, 22, 12, 0)))  # noqa: DTZ001


def test_an_exception_leaves_nothing_behind(database: Database) -> None:
    def fail() -> None:
        with database.writing() as session:
            session.add(Heartbeat(name="x", at=NOW))
            session.flush()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with database.reading() as session:
        assert session.get(Heartbeat, "x") is None


def test_a_port_refuses_to_be_called_while_a_writer_is_open(database: Database) -> None:
    with database.writing(), pytest.raises(WriterOpen, match="the mailer"):
        refuse_inside_writer("the mailer")
    refuse_inside_writer("the mailer")
    with database.reading():
        refuse_inside_writer("the mailer")
