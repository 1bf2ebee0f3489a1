"""A runtime with everything outside replaced by something that remembers."""

from __future__ import annotations

from pathlib import Path
from typing import NoReturn

import pytest
from cryptography.fernet import Fernet

from disputes.clock import FixedClock
from disputes.database import Database
from disputes.files import FolderStore
from disputes.mark import Mark
from disputes.vault import Vault
from scheduler.runtime import Runtime
from tests.scheduler.doubles import Desk, Post, Runs, StillGateway


def no_system(_source: object) -> NoReturn:
    raise AssertionError("no system is connected here")


@pytest.fixture
def desk(database: Database, clock: FixedClock, tmp_path: Path) -> Desk:
    """One merchant with one connection on a gateway of the test's making."""
    gateway, runs, post = StillGateway(clock), Runs(), Post()
    runtime = Runtime(
        data=tmp_path,
        database=database,
        clock=clock,
        vault=Vault(Fernet.generate_key()),
        files=FolderStore(tmp_path / "files"),
        mailer=post,
        engine=runs,
        packets=None,  # type: ignore[arg-type]  # nothing is rendered here
        gateway_for=lambda _: gateway,  # type: ignore[arg-type,return-value]
        sources_for=lambda _: [],
        system_for=no_system,
        owner="exe_test",
        public_url="https://desk.example",
        mark=Mark(tmp_path / "beside.installation"),
    )
    return Desk(runtime=runtime, clock=clock, gateway=gateway, runs=runs, post=post)
