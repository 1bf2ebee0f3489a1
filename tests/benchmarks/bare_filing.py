"""The baseline of the `respond` figures: the calls of a filing made once more, bare, and one render of its HTML."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from weasyprint.text.fonts import FontConfiguration

from evidence.packet import layout
from evidence.packet.context import PacketContext, PacketLimits
from evidence.packet.sources import open_files
from evidence.packet.view import view
from tests.benchmarks.figure import timed

Logged = dict[str, Any]
"""One call as the sandbox's log has it: "method", "path", "params" and more."""
Again = Callable[[Logged], None]
"""Makes such a call with the gateway's SDK alone."""


@dataclass(frozen=True, slots=True)
class Filed:
    """What our side just did: how its dispute and payment are called, the gateway's log, the packet and its files."""

    names: tuple[str, ...]
    log: list[Logged]
    packet: tuple[PacketContext, dict[str, bytes]]


def filed_bare(done: Filed, names: tuple[str, ...], again: Again) -> float:
    """Seconds of the same calls on another dispute of the same shape, called `names`, and of one render."""
    context, files = done.packet
    values, _ = view(context, open_files(context, files, PacketLimits()), layout.SIZES[0])
    rows = [renamed(row, dict(zip(done.names, names, strict=True))) for row in done.log]

    def work() -> None:
        layout._document(values, context, FontConfiguration(), whole=True).write_pdf(pdf_version="1.6")
        for row in rows:
            again(row)

    return timed(work)


def renamed(value: Any, names: dict[str, str]) -> Any:
    """The same with every name in it, at any depth, replaced by the one it stands for."""
    if isinstance(value, dict):
        return {key: renamed(each, names) for key, each in value.items()}
    if isinstance(value, list):
        return [renamed(each, names) for each in value]
    if isinstance(value, str):
        return re.sub("|".join(map(re.escape, names)), lambda found: names[found[0]], value)
    return value


def stand_in(size: int) -> bytes:
    """A file of this many bytes that begins as a PDF does: no gateway reads further."""
    return b"%PDF-1.4\n".ljust(size, b"0")
