"""An mbox as its messages. A body line that starts with "From " ends none, which the stdlib's reader thinks."""

from __future__ import annotations

import re
from collections.abc import Iterator

from disputes.phrases import phrase

_SEPARATOR = re.compile(rb"^From \S+.*\d{4}", re.DOTALL)
_HEADER = re.compile(rb"^[!-9;-~]+:")
_ESCAPED = re.compile(rb"^>+From ")
MAX_MESSAGES = 50_000


class TooManyMessages(ValueError):
    """More messages than one mailbox file may hold here."""


def split_mbox(data: bytes) -> Iterator[bytes]:
    """Each message without its separator line."""
    lines = data.splitlines(keepends=True)
    current: list[bytes] | None = None
    count = 0
    for number, line in enumerate(lines):
        if _starts(lines, number):
            if current:
                yield b"".join(current)
            current = []
            count += 1
            if count > MAX_MESSAGES:
                raise TooManyMessages(phrase("holds more than {most} messages; split it by year", most=MAX_MESSAGES))
        elif current is not None:
            current.append(line[1:] if _ESCAPED.match(line) else line)
    if current:
        yield b"".join(current)


def _starts(lines: list[bytes], number: int) -> bool:
    """A separator stands after a blank line, names a date, and a header follows it."""
    if not lines[number].startswith(b"From ") or not _SEPARATOR.match(lines[number]):
        return False
    if number and lines[number - 1].strip():
        return False
    return number + 1 < len(lines) and bool(_HEADER.match(lines[number + 1]) or _ESCAPED.match(lines[number + 1]))
