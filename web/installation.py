"""Which installation this is. A database whose id is not the one beside the data folder is a copy, and one that knows
fewer writes than the file beside it was restored from a backup: filing goes off."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from disputes.database import Database
from disputes.ids import new_id
from disputes.mark import Mark, Told
from disputes.models import Installation


def check_installation(database: Database, data: Path, now: datetime) -> None:
    """First start: both are written. Later: they must agree, else filing is off until a person switches it on."""
    mark = Mark.beside(data)
    beside = mark.read()
    with database.writing() as session:
        row = session.get(Installation, 1)
        if row is None:
            told = beside or Told(new_id("ins"), 0)
            # An empty database holds no answer that could go out twice; it goes on counting where the file is.
            session.add(Installation(installation_id=told.identity, writes=told.writes, created_at=now))
        elif row.filing_on and (beside is None or beside.identity != row.installation_id or row.writes < beside.writes):
            row.filing_on = False
            session.add(row)
    if beside is None and row is None:
        mark.write(told)


def adopt(database: Database, data: Path) -> None:
    """A person says that this copy is the one that files from now on."""
    with database.writing() as session:
        row = session.get_one(Installation, 1)
        row.installation_id, row.filing_on = new_id("ins"), True
        session.add(row)
        told = Told(row.installation_id, row.writes)
    Mark.beside(data).write(told)
