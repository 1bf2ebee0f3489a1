"""A desk for the page tests, on either database: one a file, and one of its own where a test spoils it."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from dbos import DBOS

from disputes.database import sqlite_url
from disputes.migrate import migrate
from scheduler.engine import system_url
from tests.web.desk import Desk

KINDS = ["sqlite", "postgresql"]


def _laid_out(url: str) -> str:
    """All tables, the engine's too, as `compose` finds them at every start but the first."""
    migrate(url)
    DBOS.migrate(system_url(url))
    return url


@pytest.fixture(scope="session")
def _desk_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("desk") / "empty.db"
    _laid_out(sqlite_url(path))
    return path


@pytest.fixture(scope="session")
def _desk_postgresql(request: pytest.FixtureRequest) -> Iterator[str]:
    with request.getfixturevalue("postgres").database() as url:
        yield _laid_out(url)


@contextlib.contextmanager
def _desk(request: pytest.FixtureRequest, folder: Path) -> Iterator[Desk]:
    with contextlib.ExitStack() as stack:
        url = None
        if request.param == "postgresql":
            template = request.getfixturevalue("_desk_postgresql")
            url = stack.enter_context(request.getfixturevalue("postgres").database(template))
        else:
            (folder / "data").mkdir(mode=0o700)
            shutil.copy(request.getfixturevalue("_desk_sqlite"), folder / "data" / "counterproof.db")
        made = Desk(folder, url)
        stack.callback(made.stop)
        yield made


@pytest.fixture(scope="module", params=KINDS)
def desk(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with _desk(request, tmp_path_factory.mktemp("desk")) as made:
        yield made


@pytest.fixture(params=KINDS)
def own_desk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Desk]:
    with _desk(request, tmp_path) as made:
        yield made
