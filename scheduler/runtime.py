"""What the workflows work with. `web.compose` builds one, before the engine is launched."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from disputes.clock import Clock
from disputes.database import Database
from disputes.mark import Mark
from disputes.models import Connection, Merchant, SourceConnection
from disputes.ports import FileStore, Gateway, Mailer, Source
from disputes.submission import Timing
from disputes.systems import System
from disputes.vault import Vault
from evidence.calibration import Tally
from evidence.packet.build import PacketBuilder
from scheduler.engine import Engine


@dataclass(slots=True)
class Runtime:
    """Everything that touches the outside, in one place; nothing in the house reaches for a global of its own."""

    data: Path
    database: Database
    clock: Clock
    vault: Vault
    files: FileStore
    mailer: Mailer
    engine: Engine
    packets: PacketBuilder
    gateway_for: Callable[[Connection], Gateway]
    sources_for: Callable[[Merchant], Sequence[Source]]
    """What is asked about a case: the import folder, and every connected system. A source's name is its id."""
    system_for: Callable[[SourceConnection], System]
    """A connected system, to be pulled. Raises SourceError where its adapter or its key is gone."""
    owner: str
    """This process, as journal and leases name it; no two processes share it."""
    public_url: str
    mark: Mark
    timing: Timing = field(default_factory=Timing)
    ping_url: str | None = None
    experience: dict[tuple[str, bool], tuple[float, tuple[Tally, ...]]] = field(default_factory=dict)
    """Counts of decided cases by (merchant, live) and when they were taken, in seconds of the monotonic clock."""
    gather_seconds: float = 60.0
    """How long all sources together may take for one case; what did not answer is listed on the case."""

    def close(self) -> None:
        """End what runs and let go of every connection; safe where the engine was never launched."""
        self.engine.stop()
        self.packets.close()
        self.database.dispose()


_current: list[Runtime] = []


def use(runtime: Runtime) -> None:
    """Workflows run in the engine's threads and get only strings; they find the runtime here."""
    _current[:] = [runtime]


def current() -> Runtime:
    if not _current:
        raise RuntimeError("no runtime was composed; start through web.compose")
    return _current[0]
