"""A desk for the page tests, on either database: one a file, and one of its own where a test spoils it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.web.desk import Desk

KINDS = ["sqlite", "postgresql"]


@contextlib.contextmanager
def _desk(request: pytest.FixtureRequest, folder: Path) -> Iterator[Desk]:
    with contextlib.ExitStack() as stack:
        url = None
        if request.param == "postgresql":
            url = stack.enter_context(request.getfixturevalue("postgres").database())
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
