"""The file store in a folder: bytes by (merchant, SHA-256), written once, readable by the owner alone."""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path

from disputes.database import refuse_inside_writer
from disputes.ids import digest

_NAME = re.compile(r"[0-9a-f]{64}")
_MERCHANT = re.compile(r"[a-z]{3}_[0-9a-f]+")


class FileMissing(LookupError):
    """The store has no such bytes for this merchant, or they no longer have the hash they are named by."""


class FolderStore:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def _path(self, merchant_id: str, sha256: str) -> Path:
        if not _NAME.fullmatch(sha256) or not _MERCHANT.fullmatch(merchant_id):
            raise FileMissing(f"no file {sha256[:12]} for {merchant_id}")
        return self._folder / merchant_id / sha256[:2] / sha256

    def put(self, merchant_id: str, data: bytes) -> str:
        refuse_inside_writer("the file store")
        sha256 = digest(data)
        path = self._path(merchant_id, sha256)
        if path.exists():
            return sha256
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        # Renamed into place, so that a crash leaves no half file under a whole file's name.
        descriptor, temporary = tempfile.mkstemp(dir=path.parent)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
        return sha256

    def get(self, merchant_id: str, sha256: str) -> bytes:
        refuse_inside_writer("the file store")
        try:
            data = self._path(merchant_id, sha256).read_bytes()
        except FileNotFoundError:
            raise FileMissing(f"no file {sha256[:12]} for {merchant_id}") from None
        if digest(data) != sha256:
            raise FileMissing(f"the file {sha256[:12]} was changed on disk and is not used")
        return data

    def forget(self, merchant_id: str, sha256: str) -> None:
        """Erase the bytes. The caller has seen that no row names them any more."""
        refuse_inside_writer("the file store")
        self._path(merchant_id, sha256).unlink(missing_ok=True)

    def has(self, merchant_id: str, sha256: str) -> bool:
        return self._path(merchant_id, sha256).exists()
