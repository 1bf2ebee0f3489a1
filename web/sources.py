"""The sources of one merchant: the import folder and every connected system, opened with its key."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from disputes import store_policies, store_sources
from disputes.clock import Clock, plainly
from disputes.database import Database
from disputes.files import FileMissing
from disputes.models import Merchant, SourceConnection, SourceRecord
from disputes.ports import FileStore, Source, SourceReport, Wanted
from disputes.systems import Brings, Key, Outside, SourceError, SourceFailure, System, SystemKind
from disputes.vault import Vault
from evidence.sources.entered import EnteredPolicy, EnteredSource
from evidence.sources.folder import FolderBeside, FolderSource
from evidence.sources.kept import KeptRecord, KeptSource
from evidence.sources.pushed import MOST, PushedSource
from evidence.systems.kinds import kind_named
from web.security import is_loopback

IMPORTS = "imports"
"""Folder beside the data into which a merchant's export is laid: imports/<slug>/."""
ASKED = frozenset({Brings.TRACKING, Brings.CORRESPONDENCE})
PULL_SECONDS = 1800.0


@dataclass(frozen=True, slots=True)
class Wiring:
    """What opening a system takes."""

    data: Path
    database: Database
    vault: Vault
    files: FileStore
    clock: Clock
    gather_seconds: float = 60.0

    def sources_for(self, merchant: Merchant) -> Sequence[Source]:
        """What is asked about a case. A paused source is not asked, what was kept from it still is."""
        found: list[Source] = []
        folder = self.data / IMPORTS / merchant.slug
        if folder.is_dir():
            found += [FolderSource(folder, zone=merchant.zone), FolderBeside(folder, zone=merchant.zone)]
        with self.database.reading() as session:
            rows = store_sources.of_merchant(session, merchant.id)
            entered = bool(store_policies.entered(session, merchant.id))
        for row in rows:
            found += self._sources(row, merchant)
        if entered:
            versions, file = partial(self._entered, merchant), partial(self.files.get, merchant.id)
            found.append(EnteredSource(store_policies.SOURCE, versions, file, merchant.zone))
        return found

    def _entered(self, merchant: Merchant) -> list[EnteredPolicy]:
        with self.database.reading() as session:
            versions = store_policies.entered(session, merchant.id)
        return [
            EnteredPolicy(
                store_policies.fact_of(each),
                each.sha256,
                each.media_type,
                f"Entered by a person, {plainly(each.added_at, merchant.zone)}",
            )
            for each in versions
        ]

    def system_for(self, row: SourceConnection) -> System:
        """To be pulled, with the time that a first import takes."""
        with self.database.reading() as session:
            merchant = session.get_one(Merchant, row.merchant_id)
        return self.opened(row, merchant, seconds=PULL_SECONDS)

    def opened(self, row: SourceConnection, merchant: Merchant, *, seconds: float) -> System:
        try:
            kind = kind_named(row.system)
        except LookupError as error:
            raise SourceError(SourceFailure.NOT_FOUND, str(error)) from None
        secrets: dict[str, str] = json.loads(self.vault.open(row.secret))
        outside = self.outside(merchant, seconds=seconds, loopback=on_this_machine(kind, row.settings))
        outside.kept, outside.renewed = partial(self._bytes, row), partial(self._renewed, row.id)
        return kind.open({**row.settings, **secrets}, outside)

    def _bytes(self, row: SourceConnection, kind: str, external_id: str) -> bytes | None:
        """What is kept of the system already."""
        with self.database.reading() as session:
            sha256 = store_sources.kept_sha256(session, row.id, kind, external_id)
        try:
            return self.files.get(row.merchant_id, sha256) if sha256 else None
        except FileMissing:
            return None

    def _renewed(self, source_id: str, name: str, given: str, fresh: str) -> str:
        """A secret the system replaced goes into the vault, unless somebody was faster; the one now in force."""
        while True:
            with self.database.reading() as session:
                row = session.get(SourceConnection, source_id)
            if row is None:
                return fresh  # disconnected meanwhile
            secrets: dict[str, str] = json.loads(self.vault.open(row.secret))
            held = secrets.get(name, "")
            if held != given or fresh == given:
                return held or fresh
            sealed = self.vault.seal(json.dumps(secrets | {name: fresh}))
            with self.database.writing() as session:
                if store_sources.replace_secret(session, source_id, row.secret, sealed):
                    return fresh

    def outside(self, merchant: Merchant, *, seconds: float, loopback: bool) -> Outside:
        return Outside(
            self.clock, seconds=seconds, loopback=loopback, zone=merchant.zone, own_addresses=merchant.own_addresses
        )

    def _sources(self, row: SourceConnection, merchant: Merchant) -> Sequence[Source]:
        try:
            kind = kind_named(row.system)
        except LookupError:
            return []
        brings = frozenset(kind.brings)
        found: list[Source] = []
        if kind.pushed:
            found.append(
                PushedSource(
                    row.id,
                    kind.title,
                    kind.adapter,
                    lookup=partial(self._found, row.id, limit=MOST),
                    file=partial(self.files.get, row.merchant_id),
                )
            )
        elif brings - ASKED:
            found.append(
                KeptSource(
                    row.id,
                    kind.title,
                    kind.adapter,
                    lookup=partial(self._found, row.id),
                    policies=partial(self._policies, row.id),
                    file=partial(self.files.get, row.merchant_id),
                    zone=merchant.zone,
                )
            )
        if brings & ASKED and not row.paused:
            opened = partial(self.opened, row, merchant, seconds=self.gather_seconds)
            found.append(AskedSource(row.id, kind.title, opened))
        return found

    def _found(self, source_id: str, keys: tuple[Key, ...], limit: int = store_sources.MAX_FOUND) -> list[KeptRecord]:
        with self.database.reading() as session:
            return [_kept(row) for row in store_sources.found(session, source_id, keys, limit=limit)]

    def _policies(self, source_id: str) -> list[KeptRecord]:
        with self.database.reading() as session:
            return [_kept(row) for row in store_sources.of_kind(session, source_id, "policy")]


def _kept(row: SourceRecord) -> KeptRecord:
    return KeptRecord(
        facts=store_sources.facts_of(row),
        sha256=row.sha256,
        name=row.name,
        media_type=row.media_type,
        request=row.request,
        at=row.at,
    )


def on_this_machine(kind: SystemKind, settings: Mapping[str, str]) -> bool:
    """A practice system: only one that was connected at an address of this machine may reach others here."""
    addresses = [settings.get(each.name, "") for each in kind.settings if each.address or each.host]
    return any(is_loopback(urlsplit(each if "//" in each else f"//{each}").hostname) for each in addresses if each)


class AskedSource:
    """A system that is asked about one sale; opened when it is asked, so that a bad key spoils nothing else."""

    asks_first = False

    def __init__(self, name: str, title: str, opened: Callable[[], System]) -> None:
        self.name, self.title = name, title
        self._opened = opened

    def gather(self, wanted: Wanted) -> SourceReport:
        return self._opened().gather(wanted)
