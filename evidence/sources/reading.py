"""Files of an import folder, read within limits: no link is followed, nothing outside the folder, nothing too large."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from disputes.phrases import phrase

MAX_DEPTH = 4
MAX_FILES = 50_000
MEGABYTE = 2**20


class FileUnreadable(Exception):
    """One file cannot be taken; the message names it and says why."""


@dataclass(frozen=True, slots=True)
class FileSeen:
    """A regular file and what tells whether it changed. `name` is its path inside the folder."""

    path: Path
    name: str
    size: int
    stamp: tuple[int, int, int]


def files_in(folder: Path, below: str = "") -> Iterator[FileSeen]:
    """Regular files of one folder, in the order of their names; links, devices and hidden files are passed over."""
    root = folder / below if below else folder
    for seen, found in enumerate(_walk(root, MAX_DEPTH if below else 0), 1):
        if seen > MAX_FILES:
            raise FileUnreadable(
                phrase(
                    "{folder} holds more than {most} files; split it by year.",
                    folder=below or phrase("The import folder"),
                    most=MAX_FILES,
                )
            )
        facts = found.stat(follow_symlinks=False)
        # Names in another encoding, or with line breaks, are shown with a mark; the path itself stays as it is.
        name = os.fsencode(os.path.relpath(found.path, folder)).decode("utf-8", "replace")
        name = "".join(sign if sign.isprintable() else "\ufffd" for sign in name)
        yield FileSeen(Path(found.path), name, facts.st_size, (facts.st_mtime_ns, facts.st_size, facts.st_ino))


def _walk(root: Path, depth: int) -> Iterator[os.DirEntry[str]]:
    if root.is_symlink() and depth:
        return
    try:
        with os.scandir(root) as listing:
            entries = sorted(listing, key=lambda entry: entry.name)
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return
    for entry in entries:
        if entry.name.startswith("."):
            continue
        if entry.is_file(follow_symlinks=False):
            yield entry
        elif depth and entry.is_dir(follow_symlinks=False):
            yield from _walk(Path(entry.path), depth - 1)


def read(file: FileSeen, most: int) -> bytes:
    """All bytes of the file, or a refusal: the size is looked at before a byte is read, and again while reading."""
    too_large = FileUnreadable(
        phrase("{name} is larger than {mb} MB and was not read.", name=file.name, mb=most // MEGABYTE)
    )
    if file.size > most:
        raise too_large
    try:
        descriptor = os.open(file.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise FileUnreadable(
            phrase("{name} could not be opened: {why}.", name=file.name, why=error.strerror)
        ) from error
    with os.fdopen(descriptor, "rb") as handle:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise FileUnreadable(phrase("{name} is no ordinary file.", name=file.name))
        data = handle.read(most + 1)
    if len(data) > most:
        raise too_large
    return data
