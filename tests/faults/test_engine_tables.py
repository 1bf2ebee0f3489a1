"""What the engine's tables hold after filings: ids, hashes and enum words, and nothing of a customer or a key."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlmodel import SQLModel

from disputes.acts import GatewayAct
from tests.faults.desk import Case, Desk
from tests.faults.gateways import LINES

pytestmark = pytest.mark.slow

CUSTOMER = {"name": "Emily Carter-Okonkwo", "email": "emily.carter@private.example"}
ORDER = "LL-99812"
MESSAGE = "Dear Emily, your parcel waits at the post office."
KEYS = [part for line in LINES.values() for part in line.secret.split(":")]
ANSWERED = ("delivered on the day", "AK7001234567", "%PDF")
PRIVATE = (*CUSTOMER.values(), "Emily", ORDER, *ANSWERED, *KEYS)


def everything(desk: Desk) -> str:
    """Each value of each table of the engine, as text."""
    database = desk.runtime.database
    inspector = sa.inspect(database.engine)
    schema = None if database.is_sqlite else "dbos"
    found = []
    with database.engine.connect() as connection:
        for table in inspector.get_table_names(schema=schema):
            if table in SQLModel.metadata.tables or table.startswith(("dispute_search", "alembic")):
                continue
            name = f'"{schema}"."{table}"' if schema else f'"{table}"'
            rows = connection.exec_driver_sql(f"SELECT * FROM {name}").fetchall()
            found += [f"{table}: {tuple(row)!r}" for row in rows]
    return "\n".join(found)


def refused(desk: Desk, case: Case) -> str:
    route = LINES[case.gateway].ways["submit"].route(case.external_id)
    desk.at(case.gateway).controls.fault("status", status=400, **route)
    return desk.approve(case)


def test_the_engines_tables_hold_no_customer_data_and_no_key(desk: Desk) -> None:
    worker = desk.steady()
    spec = {"customer": CUSTOMER, "order": ORDER}
    filed = [desk.approve(desk.case(gateway, **spec)) for gateway in LINES]
    rejected = [refused(desk, desk.case(gateway, **spec)) for gateway in LINES]
    written_to = desk.case("paypal", stage="INQUIRY", **spec)
    written_to.act, written_to.given = GatewayAct.MESSAGE, {"message": MESSAGE}
    filed.append(desk.approve(written_to))
    for attempt_ids, state in ((filed, "filed"), (rejected, "rejected")):
        ended = [desk.wait_ended(attempt_id, worker=worker) for attempt_id in attempt_ids]
        assert {attempt.state for attempt in ended} == {state}, [attempt.result for attempt in ended]
    written = everything(desk)
    assert [each for each in [*filed, *rejected] if each not in written] == [], "an empty scan proves nothing"
    assert [word for word in PRIVATE if word in written] == []
    assert "told to refuse" not in written, "the gateway's words stay in our own tables"
