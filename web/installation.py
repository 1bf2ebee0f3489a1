"""Which installation this is. A database whose id is not the one beside the data folder is a copy: filing goes off.

The file lies beside the folder, not in it, so that a copy of the whole folder is known as a copy too.
"""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path

from disputes.database import Database
from disputes.ids import new_id
from disputes.models import Installation


def identity_file(data: Path) -> Path:
    return data.with_name(f"{data.name}.installation")


def check_installation(database: Database, data: Path, now: datetime) -> None:
    """First start: both are written. Later: they must agree, else filing is off until a person switches it on."""
    path = identity_file(data)
    beside = path.read_text().strip() if path.exists() else None
    with database.writing() as session:
        row = session.get(Installation, 1)
        if row is None:
            beside = beside or new_id("ins")
            session.add(Installation(installation_id=beside, filing_on=True, created_at=now))
        elif row.installation_id != beside and row.filing_on:
            row.filing_on = False
            session.add(row)
    if not path.exists() and row is None and beside:
        _write(path, beside)


def adopt(database: Database, data: Path) -> None:
    """A person says that this copy is the one that files from now on."""
    with database.writing() as session:
        row = session.get_one(Installation, 1)
        row.installation_id, row.filing_on = new_id("ins"), True
        session.add(row)
        identity = row.installation_id
    _write(identity_file(data), identity)


def _write(path: Path, identity: str) -> None:
    temporary = path.with_suffix(".new")
    descriptor = os.open(temporary, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(identity)
    temporary.replace(path)
