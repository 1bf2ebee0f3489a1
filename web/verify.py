"""Checking, offline and without the database, that a packet or an audit export is what it was."""

from __future__ import annotations

import json
from pathlib import Path

from disputes.audit import broken_at
from disputes.ids import digest


def verify_packet(path: Path, manifest: Path | None) -> str | None:
    """What is wrong, or None. Without a manifest the hash in the file's own name is checked."""
    data = path.read_bytes()
    actual = digest(data)
    if manifest is None:
        claimed = path.stem.rpartition("-")[2]
        if len(claimed) != 10 or not actual.startswith(claimed):
            return f"its content has the hash {actual[:10]}, its name says {claimed}"
        return None
    listed = json.loads(manifest.read_text())
    hashes = {listed["packet"]["sha256"], *(file["sha256"] for file in listed["response"]["files"])}
    return None if actual in hashes else "the manifest does not know a file with this content"


def verify_audit(path: Path, head: str | None) -> str | None:
    entries = [json.loads(line) for line in path.read_text().splitlines() if line.strip()]
    return broken_at(entries, head=head)
