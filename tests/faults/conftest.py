"""One desk of each kind for the run; every case is a dispute of its own on it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from gateways.sandbox.launch import Sandbox, launch
from tests.faults.desk import Desk, Forge
from tests.postgres import Cluster


@pytest.fixture(scope="session")
def forge() -> Iterator[Forge]:
    made = Forge()
    yield made
    made.close()


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with launch(tmp_path_factory.mktemp("gateway"), empty=True) as running:
        yield running


@pytest.fixture(scope="session")
def on_sqlite(tmp_path_factory: pytest.TempPathFactory, sandbox: Sandbox, forge: Forge) -> Iterator[Desk]:
    desk = Desk(data=tmp_path_factory.mktemp("sqlite") / "data", url=None, sandbox=sandbox, forge=forge)
    yield desk
    desk.close()


@pytest.fixture(scope="session")
def on_postgresql(
    tmp_path_factory: pytest.TempPathFactory, sandbox: Sandbox, forge: Forge, postgres: Cluster
) -> Iterator[Desk]:
    folder: Path = tmp_path_factory.mktemp("postgresql") / "data"
    with postgres.database() as url:
        desk = Desk(data=folder, url=url, sandbox=sandbox, forge=forge)
        yield desk
        desk.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def desk(request: pytest.FixtureRequest) -> Iterator[Desk]:
    found: Desk = request.getfixturevalue(f"on_{request.param}")
    yield found
    found.sandbox.controls.clear_faults()
    for worker in found._workers:
        worker.kill()
    found._workers.clear()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Each kind of database on one test process: starting a desk takes longer than most cases."""
    for item in items:
        if "faults" in item.path.parts and "desk" in getattr(item, "fixturenames", ()):
            params = item.callspec.params if hasattr(item, "callspec") else {}
            kind = params.get("desk", "sqlite")
            item.add_marker(pytest.mark.xdist_group(f"faults-{kind}"))
