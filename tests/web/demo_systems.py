"""The demo shop told by its systems over loopback, and asked about a sale as the desk asks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from disputes.clock import FixedClock
from disputes.ports import Source, SourceReport, Wanted
from disputes.systems import Batch, Brings, Kept, Key, Outside, System
from evidence.sandbox.launch import in_thread
from evidence.sandbox.world import World
from evidence.sources.asking import enriched
from evidence.sources.folder import FolderBeside, FolderSource
from evidence.sources.kept import KeptRecord, KeptSource
from evidence.systems.kinds import kind_named
from web.demo.systems import WORLDS
from web.demo.systems.accounts import settings

ZONE = "Europe/Istanbul"
OWN = ("lale.example",)
Asked = Callable[[Wanted], SourceReport]


@contextmanager
def asking(folder: Path, worlds: dict[str, dict[str, Any]], now: datetime) -> Iterator[Asked]:
    """Every source in two waves; one report of all that they brought."""
    with ExitStack() as stack:
        first: list[Source] = [FolderSource(folder, zone=ZONE)]
        second: list[Any] = [FolderBeside(folder, zone=ZONE)]
        for world, systems in WORLDS.items():
            base = stack.enter_context(in_thread(World(**worlds[world])))
            for name in systems:
                system = opened(name, base, now)
                if Brings.ORDERS in system.kind.brings:
                    first.append(kept_from(system, now))
                else:
                    second.append(_Anew(name, base, now))

        def gather(wanted: Wanted) -> SourceReport:
            told = [source.gather(wanted) for source in first]
            wanted = enriched(wanted, told)
            told += [source.gather(wanted) for source in second]
            return SourceReport(
                tuple(item for report in told for item in report.items),
                tuple(dict.fromkeys(each for report in told for each in report.unavailable)),
                tuple(each for report in told for each in report.refused),
                tuple(each for report in told for each in report.nothing_of),
            )

        yield gather


def opened(name: str, base: str, now: datetime) -> System:
    outside = Outside(FixedClock(now), seconds=60, loopback=True, zone=ZONE, own_addresses=OWN)
    return kind_named(name).open(settings(name, base), outside)


class _Anew:
    """A system is opened for every case: its time runs from then on."""

    def __init__(self, *where: Any) -> None:
        self._where = where

    def gather(self, wanted: Wanted) -> SourceReport:
        return opened(*self._where).gather(wanted)


def kept_from(system: System, now: datetime) -> KeptSource:
    batches: list[Batch] = list(system.pull(None, since=now - timedelta(days=400)))
    assert not [said for batch in batches for said in batch.refused]
    kept = [record for batch in batches for record in batch.records]
    files = {sha256(each.data).hexdigest(): each.data for each in kept}

    def lookup(keys: tuple[Key, ...]) -> list[KeptRecord]:
        return [_record(each) for each in kept if set(each.keys) & set(keys)]

    return KeptSource(
        system.kind.name,
        system.kind.title,
        system.kind.adapter,
        lookup=lookup,
        policies=lambda: [_record(each) for each in kept if each.kind == "policy"],
        file=files.__getitem__,
        zone=ZONE,
    )


def _record(kept: Kept) -> KeptRecord:
    digest = sha256(kept.data).hexdigest()
    return KeptRecord(list(kept.facts), digest, kept.name, kept.media_type, kept.request, kept.at)
