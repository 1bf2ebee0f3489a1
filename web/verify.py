"""Checking, offline and without the database, that a packet or an audit export is what it was."""

from __future__ import annotations

import json
from pathlib import Path

from disputes.audit import broken_at
from disputes.ids import digest


class Unreadable(Exception):
    """The file to check is not there or is not what it should be; the message names it."""


def read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise Unreadable(f"{path} cannot be read: {error.strerror}.") from error


def verify_packet(path: Path, manifest: Path | None) -> str | None:
    """What is wrong, or None. Without a manifest the hash in the file's own name is checked."""
    data = read(path)
    actual = digest(data)
    if manifest is None:
        claimed = path.stem.rpartition("-")[2]
        if len(claimed) != 10 or not actual.startswith(claimed):
            return f"its content has the hash {actual[:10]}, its name says {claimed}"
        return None
    try:
        listed = json.loads(read(manifest))
        hashes = {listed["packet"]["sha256"], *(file["sha256"] for file in listed["response"]["files"])}
    except (ValueError, KeyError, TypeError) as error:
        raise Unreadable(f"{manifest} is no manifest of a packet. Save it anew from the case's packet page.") from error
    return None if actual in hashes else "the manifest does not know a file with this content"


def verify_audit(path: Path, head: str | None) -> str | None:
    """Line by line, so that a chain of years fits into memory."""
    try:
        with path.open("rb") as lines:
            return broken_at((json.loads(line) for line in lines if line.strip()), head=head)
    except OSError as error:
        raise Unreadable(f"{path} cannot be read: {error.strerror}.") from error
    except (ValueError, KeyError, TypeError) as error:
        raise Unreadable(f"{path} is no audit export, or it was cut or edited. Export it anew.") from error
