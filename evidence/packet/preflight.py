"""The finished packet, opened again and examined as the bank would get it; any doubt fails it."""

from __future__ import annotations

from pathlib import Path

from disputes.phrases import Phrase
from evidence.packet import child
from evidence.packet.context import PacketContext, PacketLimits
from evidence.packet.examine import examine

__all__ = ["examine", "preflight"]


def preflight(
    pdf: Path | bytes, context: PacketContext, limits: PacketLimits, helper: child.Helper | None = None
) -> list[Phrase]:
    """Problems found, empty when the packet is good. Runs in a limited child: the pages hold files of others."""
    data = pdf if isinstance(pdf, bytes) else pdf.read_bytes()
    arguments = {"context": context.model_dump_json(), "limits": limits.model_dump_json()}
    done, _ = (helper or child.default()).call("evidence.packet.produce:preflight_job", arguments, [data])
    return [Phrase.read(each) for each in done["problems"]]
