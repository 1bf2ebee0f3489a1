"""Everything a merchant has here as one zip, built in the background a piece at a time, removed after a day."""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from disputes import store_audit_read, store_export
from disputes.files import FileMissing
from disputes.models import ExportJob, Merchant
from scheduler.engine import workflow
from scheduler.runtime import Runtime, current

FOLDER = "exports"
KEPT = timedelta(days=1)
LONGEST = timedelta(days=2)
"""What was not finished by then is not worked on any more."""
_TOLD_EVERY = 200
_SUFFIX = {
    "application/pdf": ".pdf", "image/jpeg": ".jpg", "image/png": ".png", "message/rfc822": ".eml",
    "application/json": ".json", "text/plain": ".txt", "text/html": ".html",
}  # fmt: skip

README = """What this is
============
Everything that Counterproof holds of the shop "{shop}", taken {when} (UTC).

data/<table>.jsonl   One row a line, as JSON. Left out are secrets, passwords and their hashes, and:
{left_out}
audit.jsonl          The record of who did what. `counterproof verify audit.jsonl` checks it without the desk.
files/               Evidence, kept records and policies as they are stored, each under the SHA-256 of its bytes.
packets/             The packets that were built for the banks, likewise.
missing.txt          Files that a row names and that were not there, if there were any.

Instants are UTC in ISO 8601. Amounts are whole numbers of the currency's smallest unit ("minor").
It holds personal data of your customers: keep it as you keep your books.
"""


def path_of(runtime: Runtime, job: ExportJob) -> Path:
    return runtime.data / FOLDER / job.merchant_id / f"{job.id}.zip"


@workflow("export")
def export(job_id: str) -> str:
    """Build one export: "done", "gone" where it was ended meanwhile, or "failed: …"."""
    return run(current(), job_id)


def run(runtime: Runtime, job_id: str) -> str:
    with runtime.database.reading() as session:
        job = session.get(ExportJob, job_id)
        merchant = session.get(Merchant, job.merchant_id) if job else None
    if job is None or merchant is None or job.state not in store_export.LIVE:
        return "gone"
    path = path_of(runtime, job)
    part = path.with_suffix(".part")
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        descriptor = os.open(part, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600)
        with (
            os.fdopen(descriptor, "wb") as file,
            zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as out,
        ):
            writing = _Writing(runtime, job, merchant, out)
            writing.everything()
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        _note(runtime, job_id, state="failed", at="", ended_at=runtime.clock.now())
        raise
    _note(
        runtime, job_id, state="done", at="", done=writing.done, total=writing.done, left_out=len(writing.missing),
        size=path.stat().st_size, sha256=_hash(path), ended_at=runtime.clock.now(),
    )  # fmt: skip
    return "done"


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _note(runtime: Runtime, job_id: str, **changes: object) -> None:
    with runtime.database.writing() as session:
        store_export.note(session, job_id, **changes)


@dataclass(slots=True)
class _Writing:
    runtime: Runtime
    job: ExportJob
    merchant: Merchant
    out: zipfile.ZipFile
    done: int = 0
    missing: list[str] = field(default_factory=list)

    def everything(self) -> None:
        with self.runtime.database.reading() as session:
            rows = sum(store_export.count(session, name, self.merchant.id) for name in store_export.tables())
            entries = store_audit_read.length(session, self.merchant.id)
            files = store_export.count_files(session, self.merchant.id)
        total = rows + entries + files
        _note(self.runtime, self.job.id, state="running", total=total, done=0)
        self._readme()
        for name in store_export.tables():
            self._table(name)
        self._audit(entries)
        self._files()
        self._packets()
        if self.missing:
            self.out.writestr("missing.txt", "".join(f"{each}\n" for each in self.missing))

    def _readme(self) -> None:
        listed = "".join(f"{'':21}{name}: {why}\n" for name, why in sorted(store_export.LEFT_OUT.items()))
        when = f"{self.runtime.clock.now():%Y-%m-%d %H:%M}"
        self.out.writestr("README.txt", README.format(shop=self.merchant.name, when=when, left_out=listed))

    def _step(self, at: str) -> None:
        self.done += 1
        if self.done % _TOLD_EVERY == 0:
            _note(self.runtime, self.job.id, at=at, done=self.done)

    def _table(self, name: str) -> None:
        with self.out.open(f"data/{name}.jsonl", "w", force_zip64=True) as file:
            for row in store_export.lines(self.runtime.database.reading, name, self.merchant.id):
                file.write((json.dumps(row, ensure_ascii=False, sort_keys=True) + "\n").encode())
                self._step(name)

    def _audit(self, length: int) -> None:
        step = 2000
        with self.out.open("audit.jsonl", "w", force_zip64=True) as file:
            for start in range(0, length, step):
                until = min(start + step, length)
                with self.runtime.database.reading() as session:
                    entries = list(store_audit_read.chain(session, self.merchant.id, after=start, until=until))
                for entry in entries:
                    file.write((json.dumps(entry, sort_keys=True) + "\n").encode())
                    self._step("audit")

    def _files(self) -> None:
        for sha256, media_type in self._named():
            self._put(f"files/{sha256[:2]}/{sha256}{_SUFFIX.get(media_type, '')}", sha256)
            self._step("files")

    def _named(self) -> Iterator[tuple[str, str]]:
        last = ""
        while True:
            with self.runtime.database.reading() as session:
                found = store_export.files(session, self.merchant.id, last)
            yield from found
            if not found:
                return
            last = found[-1][0]

    def _packets(self) -> None:
        last, written = "", set[str]()
        while True:
            with self.runtime.database.reading() as session:
                found = store_export.packets(session, self.merchant.id, last)
            for packet_id, sha256, parts in found:
                for each in dict.fromkeys([sha256, *(str(part.get("sha256", "")) for part in parts)]):
                    if each and each not in written:
                        written.add(each)
                        self._put(f"packets/{each}.pdf", each)
                last = packet_id
            if not found:
                return

    def _put(self, name: str, sha256: str) -> None:
        """A file at a time; each is at most as large as an upload or a packet."""
        try:
            data = self.runtime.files.get(self.merchant.id, sha256)
        except FileMissing:
            self.missing.append(name)
            return
        self.out.writestr(name, data)


def remove_old(runtime: Runtime) -> int:
    """Finished exports go after a day; one that nobody works on any more is told to have failed."""
    now = runtime.clock.now()
    with runtime.database.reading() as session:
        over = store_export.old(session, now - KEPT, now - LONGEST)
    for job in over:
        path = path_of(runtime, job)
        for each in (path, path.with_suffix(".part")):
            each.unlink(missing_ok=True)
        state = "removed" if job.state in ("done", "failed") else "failed"
        _note(runtime, job.id, state=state, ended_at=job.ended_at or now)
    return len(over)
