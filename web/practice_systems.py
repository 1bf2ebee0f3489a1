"""The practice systems beside the desk: shops, carriers and help desks that hold a part of the demo shop's story."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from sqlmodel import select

from disputes.ids import new_id
from disputes.models import SourceConnection
from disputes.systems import SystemKind
from evidence.sandbox.launch import launch
from evidence.systems.kinds import kind_named
from scheduler import sources
from scheduler.runtime import Runtime
from web.demo.systems import WORLDS
from web.demo.systems.accounts import settings


def lay(data: Path, worlds: Mapping[str, dict[str, Any]]) -> None:
    """Write down what the systems hold; it stays as it is however often they are started."""
    for name, world in worlds.items():
        seed = _seed(data, name)
        seed.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        seed.write_text(json.dumps(world, ensure_ascii=False), encoding="utf-8")


def _seed(data: Path, world: str) -> Path:
    return data / f"sandbox-{world}" / "world.json"


@contextlib.contextmanager
def launched(data: Path) -> Iterator[dict[str, str]]:
    """System -> address of the process that plays it; they end with the block. None where nothing was laid out: a demo
    shop of an older version has all its records in its import folder. A child dies with the thread that started it."""
    with contextlib.ExitStack() as stack:
        found: dict[str, str] = {}
        for world, systems in WORLDS.items():
            if (seed := _seed(data, world)).exists():
                running = launch(seed)
                stack.callback(running.stop)
                found |= dict.fromkeys(systems, running.address)
        yield found


def connect(runtime: Runtime, merchant_id: str, addresses: Mapping[str, str]) -> dict[str, str]:
    """System -> source id on the demo merchant; after a restart only the addresses are brought up to date."""
    return {system: _connect(runtime, merchant_id, kind_named(system), base) for system, base in addresses.items()}


def _connect(runtime: Runtime, merchant_id: str, kind: SystemKind, base: str) -> str:
    now = runtime.clock.now()
    typed = settings(kind.name, base)
    secret = {each.name: typed.pop(each.name) for each in kind.settings if each.secret and each.name in typed}
    account_id = f"sandbox-{merchant_id}"
    with runtime.database.writing() as session:
        source = session.exec(
            select(SourceConnection).where(
                SourceConnection.merchant_id == merchant_id,
                SourceConnection.system == kind.name,
                SourceConnection.account_id == account_id,
            )
        ).first()
        if source is None:
            source = SourceConnection(
                id=new_id("src"),
                merchant_id=merchant_id,
                system=kind.name,
                account_id=account_id,
                account_name=f"{kind.title} sandbox",
                secret=runtime.vault.seal(json.dumps(secret)),
                next_poll_at=now,
                created_at=now,
            )
        source.settings = typed
        session.add(source)
    return source.id


def read(runtime: Runtime, connected: Mapping[str, str]) -> dict[str, str]:
    """Read for the first time what has never been read, so that the first cases find it. System -> what went wrong."""
    failed = {}
    for system, source_id in connected.items():
        with runtime.database.reading() as session:
            fresh = session.get_one(SourceConnection, source_id).state == "never_read"
        if fresh and not (said := sources.run(runtime, source_id)).startswith("read "):
            failed[system] = said
    return failed
