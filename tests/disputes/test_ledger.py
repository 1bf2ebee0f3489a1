"""The gateway's books: summed by currency, and only ever added to."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DatabaseError

from disputes.database import Database
from disputes.ids import new_id
from disputes.ledger import balance
from disputes.models import LedgerEntry
from disputes.money import Money
from tests import builders


@dataclass(frozen=True)
class Booked:
    kind: str
    minor: int
    currency: str = "EUR"


class TestBalance:
    def test_a_lost_case_cost_what_was_withdrawn_and_the_fee(self) -> None:
        (money,) = balance([Booked("withdrawal", -18900), Booked("fee", -1500)])
        assert money.net == Money(-20400, "EUR")
        assert money.rows() == [("Taken back by the bank", Money(-18900, "EUR")), ("Fees", Money(-1500, "EUR"))]
        assert money.difference is None

    def test_a_won_case_brought_it_back(self) -> None:
        lines = [
            Booked("withdrawal", -18900),
            Booked("fee", -1500),
            Booked("reversal", 18900),
            Booked("fee_returned", 1500),
        ]
        (money,) = balance(lines)
        assert money.net == Money(0, "EUR")
        assert money.difference is None

    def test_what_the_exchange_of_currencies_took_is_said(self) -> None:
        (money,) = balance([Booked("withdrawal", -18900), Booked("reversal", 18731)])
        assert money.difference == Money(-169, "EUR")

    def test_currencies_are_never_added(self) -> None:
        assert [each.net for each in balance([Booked("withdrawal", -100), Booked("fee", -1500, "USD")])] == [
            Money(-100, "EUR"),
            Money(-1500, "USD"),
        ]

    def test_a_correction_that_goes_the_other_way_lowers_the_sum(self) -> None:
        (money,) = balance([Booked("withdrawal", -18900), Booked("withdrawal", 900)])
        assert money.withdrawn == 18000

    def test_a_kind_nobody_knows_is_counted_and_shown(self) -> None:
        (money,) = balance([Booked("levy", -250)])
        assert money.rows() == [("Other", Money(-250, "EUR"))]
        assert money.net == Money(-250, "EUR")


class TestAppendOnly:
    @pytest.mark.parametrize("statement", ["UPDATE ledger_entry SET minor = 0", "DELETE FROM ledger_entry"])
    def test_the_database_itself_refuses_to_change_a_line(self, database: Database, statement: str) -> None:
        with database.writing() as session:
            connection = builders.connection(session, merchant=builders.merchant(session))
            dispute = builders.seen(session, connection=connection)
            session.add(
                LedgerEntry(
                    id=new_id("led"), connection_id=connection.id, dispute_id=dispute.id, movement_id="txn_1",
                    kind="withdrawal", minor=-18900, currency="EUR", at=builders.NOW,
                )
            )  # fmt: skip
        with pytest.raises(DatabaseError, match="append-only"), database.writing() as session:
            session.execute(sa.text(statement))
        with database.reading() as session:
            assert session.execute(sa.text("SELECT minor FROM ledger_entry")).scalars().all() == [-18900]
