"""One desk of each kind for the run; every case is a dispute of its own on it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.desk import Desk
from tests.faults.processes import Forge, Sandboxes
from tests.postgres import Cluster


@pytest.fixture(scope="session")
def forge() -> Iterator[Forge]:
    made = Forge()
    yield made
    made.close()


@pytest.fixture(scope="session")
def sandboxes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandboxes]:
    started = Sandboxes(tmp_path_factory.mktemp("gateways"))
    yield started
    started.close()


@pytest.fixture(scope="session")
def desks() -> list[Desk]:
    return []


@pytest.fixture(scope="session")
def on_sqlite(
    tmp_path_factory: pytest.TempPathFactory, sandboxes: Sandboxes, forge: Forge, desks: list[Desk]
) -> Iterator[Desk]:
    desk = Desk(data=tmp_path_factory.mktemp("sqlite") / "data", url=None, sandboxes=sandboxes, forge=forge)
    desks.append(desk)
    yield desk
    desk.shut()


@pytest.fixture(scope="session")
def on_postgresql(
    tmp_path_factory: pytest.TempPathFactory, sandboxes: Sandboxes, forge: Forge, desks: list[Desk], postgres: Cluster
) -> Iterator[Desk]:
    folder: Path = tmp_path_factory.mktemp("postgresql") / "data"
    with postgres.database() as url:
        desk = Desk(data=folder, url=url, sandboxes=sandboxes, forge=forge)
        desks.append(desk)
        yield desk
        desk.shut()


@pytest.fixture(params=["sqlite", "postgresql"])
def desk(request: pytest.FixtureRequest, sandboxes: Sandboxes) -> Iterator[Desk]:
    found: Desk = request.getfixturevalue(f"on_{request.param}")
    yield found
    sandboxes.clear_faults()
    found.dismiss(but_the_steady=True)


@pytest.fixture(scope="module", autouse=True)
def _nobody_works_on(desks: list[Desk]) -> Iterator[None]:
    """The next module finds desks without workers."""
    yield
    for desk in desks:
        desk.dismiss()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What shares a desk and its workers stays on one test process: starting them takes longer than most cases."""
    for item in items:
        if "faults" in item.path.parts and isinstance(item, pytest.Function):
            params = item.callspec.params if hasattr(item, "callspec") else {}
            item.add_marker(pytest.mark.xdist_group(f"{params.get('desk', 'sqlite')}-{item.path.stem}"))
