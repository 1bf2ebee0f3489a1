"""What every test may ask for: a database of either kind, a clock that stands still, a sandbox gateway."""

from __future__ import annotations

import functools
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from argon2 import PasswordHasher

from disputes.clock import FixedClock
from disputes.database import Database, sqlite_url
from disputes.migrate import migrate
from tests.postgres import Cluster, cluster
from web import passwords

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="session", autouse=True)
def _certificates_are_read_once() -> Iterator[None]:
    """Each HTTP client reads all certificates anew, which takes longer than most tests; what they ask is loopback."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("httpx._transports.default.create_ssl_context", functools.cache(httpx.create_ssl_context))
        yield


@pytest.fixture(scope="session", autouse=True)
def _passwords_cost_next_to_nothing() -> Iterator[None]:
    """The same argon2id with the least of memory and passes; `tests/web/test_passwords.py` looks at the real ones."""
    cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_hasher", cheap)
        patch.setattr(passwords, "_NOBODY", cheap.hash("nobody has this password"))
        yield


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    with cluster() as server:
        yield server


@pytest.fixture(scope="session")
def _migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Migrating takes longer than most tests; each one gets a copy."""
    path = tmp_path_factory.mktemp("migrated") / "empty.db"
    migrate(sqlite_url(path))
    return path


@pytest.fixture(scope="session")
def _migrated_postgresql(postgres: Cluster) -> Iterator[str]:
    with postgres.database() as url:
        migrate(url)
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path, _migrated_sqlite: Path) -> Iterator[str]:
    """The URL of a migrated, empty database: every test that touches data runs on both kinds."""
    if request.param == "sqlite":
        path = tmp_path / "counterproof.db"
        shutil.copy(_migrated_sqlite, path)
        yield sqlite_url(path)
        return
    template: str = request.getfixturevalue("_migrated_postgresql")
    with request.getfixturevalue("postgres").database(template) as url:
        yield url


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = Database(database_url)
    yield opened
    opened.dispose()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> object | None:
    from tests.spread import Spread

    return Spread(config, log) if config.option.dist == "loadgroup" else None


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep a group's tests on one test process, as its mark asks.

    pytest-xdist 3.8 writes the group into an attribute of the test's id that pytest 9.2 no longer reads (its issue
    1386), and spreads the tests as if there were no mark.
    """
    if not getattr(config.option, "loadgroup", False):
        return
    for item in items:
        names = sorted({str(mark.args[0]) for mark in item.iter_markers("xdist_group")})
        suffix = f"@{'_'.join(names)}"
        if names and not item.nodeid.endswith(suffix):
            item._id = type(item.id).parse(item.nodeid + suffix)
