"""Names of things: short, sortable by time of birth, unguessable enough for a URL that is still checked for rights."""

from __future__ import annotations

import hashlib
import secrets
import time
import uuid

_NAMESPACE = uuid.UUID("5f1d1b9e-62c8-5c1a-9f5e-0c3b7f0c9a41")


def new_id(prefix: str) -> str:
    """ "dsp_018f2c…": prefix, milliseconds in hex, random tail."""
    return f"{prefix}_{time.time_ns() // 1_000_000:011x}{secrets.token_hex(6)}"


def write_key(connection_id: str, attempt_id: str, step: str, tries: int) -> str:
    """The idempotency key of one try of one step: the same on every machine, 36 characters (Square takes 45)."""
    return str(uuid.uuid5(_NAMESPACE, f"{connection_id}/{attempt_id}/{step}/{tries}"))


def digest(data: bytes) -> str:
    """SHA-256 in hex, the name under which bytes are stored and approved."""
    return hashlib.sha256(data).hexdigest()
