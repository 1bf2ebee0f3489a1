"""A ZIP archive of somebody else, read in memory: nothing is unpacked to a disk, nothing is believed of its sizes."""

from __future__ import annotations

import io
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from disputes.phrases import phrase

MAX_ENTRIES = 20_000
MAX_DIRECTORY = 4 * 2**20
"""Bytes of the list of contents, looked at before it is read: an entry of it takes some fifty."""
MAX_TOGETHER = 128 * 2**20
"""Bytes of everything read out of one archive."""
_END = b"PK\x05\x06"
_END_SIZE, _LONGEST_COMMENT = 22, 2**16
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_MALFORMED = (zipfile.BadZipFile, zlib.error, struct.error, ValueError, OSError, EOFError, RuntimeError)
"""What an archive that is not what it says makes the library raise."""


class ArchiveRefused(ValueError):
    """The archive cannot be taken; the message is a clause: "is protected with a password"."""


@dataclass(slots=True)
class Archive:
    """Files by name. The sum of what is read is bounded, however small the archive itself is."""

    _zip: zipfile.ZipFile
    _entries: dict[str, zipfile.ZipInfo]
    _room: int = MAX_TOGETHER

    @classmethod
    def of(cls, data: bytes) -> Archive:
        """Raises ArchiveRefused."""
        _look_at_the_end(data)
        try:
            opened = zipfile.ZipFile(io.BytesIO(data))
        except _MALFORMED as error:
            raise ArchiveRefused(phrase("is no ZIP archive that can be opened")) from error
        entries = opened.infolist()
        if len(entries) > MAX_ENTRIES:
            raise ArchiveRefused(
                phrase("holds {count} files, more than the {most} that are taken", count=len(entries), most=MAX_ENTRIES)
            )
        files = [entry for entry in entries if not entry.is_dir() and not _is_link(entry)]
        if any(entry.flag_bits & 0x1 for entry in files):
            raise ArchiveRefused(phrase("is protected with a password. Pack it without one"))
        if any(_leads_out(entry.filename) for entry in files):
            raise ArchiveRefused(
                phrase("holds a file whose path leads out of the archive; such an archive is not taken")
            )
        return cls(opened, {entry.filename: entry for entry in files})

    def names(self) -> Iterator[str]:
        yield from self._entries

    def read(self, name: str, most: int) -> bytes:
        """One file. Raises ArchiveRefused where it is larger than `most`, or damaged."""
        entry = self._entries[name]
        shown = PurePosixPath(name).name[-80:]
        if entry.compress_type not in _METHODS:
            raise ArchiveRefused(
                phrase("holds {shown} packed in a way that is not taken. Pack it anew as ZIP", shown=repr(shown))
            )
        limit = min(most, self._room)
        try:
            with self._zip.open(entry) as stream:
                data = stream.read(limit + 1)
        except _MALFORMED as error:
            raise ArchiveRefused(phrase("holds {shown}, which is damaged", shown=repr(shown))) from error
        self._room -= len(data)
        if len(data) > limit:
            raise ArchiveRefused(
                phrase(
                    "holds more than can be unpacked: {shown} alone has over {mb} MB",
                    shown=repr(shown),
                    mb=limit // 2**20,
                )
            )
        return data


def is_archive(data: bytes) -> bool:
    return data.startswith((b"PK\x03\x04", _END))


def _look_at_the_end(data: bytes) -> None:
    """How long the list of contents says it is, found as the library finds it, before the library reads the list."""
    end = len(data) - _END_SIZE
    if not (end >= 0 and data[end : end + 4] == _END and data.endswith(b"\0\0")):
        end = data.rfind(_END, max(0, len(data) - _END_SIZE - _LONGEST_COMMENT))
    if end < 0 or len(data) < end + _END_SIZE:
        raise ArchiveRefused(phrase("is no ZIP archive that can be opened"))
    if data[max(0, end - 20) : end].startswith(b"PK\x06\x07"):
        raise ArchiveRefused(phrase("is an archive of the kind for giant files (ZIP64). Pack fewer files"))
    if int.from_bytes(data[end + 12 : end + 16], "little") > MAX_DIRECTORY:
        raise ArchiveRefused(phrase("holds more files than the {most} that are taken", most=MAX_ENTRIES))


def _is_link(entry: zipfile.ZipInfo) -> bool:
    return stat.S_ISLNK(entry.external_attr >> 16)


def _leads_out(name: str) -> bool:
    parts = PurePosixPath(name.replace("\\", "/")).parts
    return ".." in parts or name.startswith(("/", "\\")) or (len(name) > 1 and name[1] == ":")
