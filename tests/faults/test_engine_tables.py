"""What the engine's tables hold after filings: ids, hashes and enum words, and nothing of a customer or a key."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from tests.faults.desk import KEY, Desk, wait_for

pytestmark = pytest.mark.slow
PRIVATE = ("emily.carter@private.example", "Emily Carter-Okonkwo", "delivered on the day", "LL-99812", KEY, "%PDF")


def everything(desk: Desk) -> str:
    """Each value of each table of the engine, as text."""
    engine = desk.runtime.database.engine
    ours = set(sa.inspect(engine).get_table_names()) if not desk.runtime.database.is_sqlite else set()
    inspector = sa.inspect(engine)
    found = []
    with engine.connect() as connection:
        schema = None if desk.runtime.database.is_sqlite else "dbos"
        from sqlmodel import SQLModel

        for table in inspector.get_table_names(schema=schema):
            if table in SQLModel.metadata.tables or table in ours or table.startswith(("dispute_search", "alembic")):
                continue
            name = f'"{schema}"."{table}"' if schema else f'"{table}"'
            rows = connection.exec_driver_sql(f"SELECT * FROM {name}").fetchall()
            found += [f"{table}: {tuple(row)!r}" for row in rows]
    return "\n".join(found)


def test_the_engines_tables_hold_no_customer_data_and_no_key(desk: Desk) -> None:
    customer = {"name": PRIVATE[1], "email": PRIVATE[0]}
    case = desk.case(customer=customer, order=PRIVATE[3])
    refused = desk.case(customer=customer)
    worker = desk.worker()
    wait_for(worker.ready, "the worker", said=worker.said)
    assert desk.wait_ended(desk.approve(case), worker=worker).state == "filed"
    desk.sandbox.controls.fault("status", status=400, method="POST", path=f"{refused.external_id}$", skip=1)
    attempt_id = desk.approve(refused)
    assert desk.wait_ended(attempt_id, worker=worker).state == "rejected"
    written = everything(desk)
    assert attempt_id in written, "an empty scan proves nothing"
    assert [word for word in PRIVATE if word in written] == []
    assert "told to refuse" not in written, "the gateway's words stay in our own tables"
