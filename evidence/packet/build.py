"""The packet's front door: context and files in, one PDF and its slot files out, all made in a limited child."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from disputes.phrases import Phrase
from evidence.packet import child
from evidence.packet.context import BuiltFile, BuiltPacket, PacketContext, PacketLimits
from evidence.packet.errors import FileRefused, PacketRefused, RenderFailed

__all__ = ["FileRefused", "PacketBuilder", "PacketRefused", "RenderFailed", "build_packet"]


class PacketBuilder:
    """A renderer kept warm, with bounds of its own; safe from several threads."""

    def __init__(self, max_seconds: float = 60.0, max_bytes: int = 1536 * 2**20) -> None:
        self._helper = child.Helper(child.Bounds(seconds=max_seconds, cpu=max_seconds, bytes=max_bytes))

    def build(self, context: PacketContext, files: Mapping[str, bytes], limits: PacketLimits, out: Path) -> BuiltPacket:
        return _build(self._helper, context, files, limits, out)

    def warm(self) -> None:
        self._helper.warm()

    def close(self) -> None:
        self._helper.close()


def build_packet(
    context: PacketContext,
    files: Mapping[str, bytes],
    limits: PacketLimits,
    out: Path,
    helper: child.Helper | None = None,
) -> BuiltPacket:
    """Write `out/packet.pdf` and one file per slot; `files` are the stored bytes by SHA-256."""
    return _build(helper or child.default(), context, files, limits, out)


def _build(
    helper: child.Helper, context: PacketContext, files: Mapping[str, bytes], limits: PacketLimits, out: Path
) -> BuiltPacket:
    wanted = {part.sha256 for exhibit in context.exhibits for part in exhibit.files}
    order = sorted(wanted & files.keys())
    arguments = {"context": context.model_dump_json(), "limits": limits.model_dump_json(), "sha256": order}
    done, blobs = helper.call("evidence.packet.produce:job", arguments, [files[key] for key in order])
    built = [BuiltFile.model_validate(file) for file in done["files"]]
    packet, *parts = blobs
    out.mkdir(parents=True, exist_ok=True)
    (out / "packet.pdf").write_bytes(packet)
    for file, data in zip(built, parts, strict=True):
        (out / file.name).write_bytes(data)
    return BuiltPacket(
        sha256=sha256(packet).hexdigest(),
        size=len(packet),
        pages=done["pages"],
        files=tuple(built),
        reductions=tuple(Phrase.read(each) for each in done["reductions"]),
    )
