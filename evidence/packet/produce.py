"""The whole way from context to files, as it runs in the limited child."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from disputes.money import Money
from disputes.phrases import Phrase, phrase
from evidence.packet import fit, fonts
from evidence.packet.check_words import check_words
from evidence.packet.context import Exhibit, Letterhead, PacketContext, PacketLimits, Table
from evidence.packet.errors import PacketRefused, RenderFailed
from evidence.packet.layout import Layout, lay_out
from evidence.packet.preflight import examine
from evidence.packet.sources import open_files


def job(arguments: dict[str, Any], blobs: list[bytes]) -> tuple[dict[str, Any], list[bytes]]:
    """Blobs in: the files, in the order of `arguments["sha256"]`. Blobs out: the packet, then one file per slot."""
    context = PacketContext.model_validate_json(arguments["context"])
    limits = PacketLimits.model_validate_json(arguments["limits"])
    fitted, layout = produce(context, dict(zip(arguments["sha256"], blobs, strict=True)), limits)
    return {
        "pages": layout.pages,
        "reductions": [each.as_json() for each in fitted.reductions],
        "files": [file.model_dump(mode="json") for file, _ in fitted.files],
    }, [fitted.packet, *(data for _, data in fitted.files)]


def produce(context: PacketContext, files: dict[str, bytes], limits: PacketLimits) -> tuple[fit.Fitted, Layout]:
    """Raises PacketRefused where the merchant must act and RenderFailed where the paper came out wrong."""
    if fonts.FAMILY not in fonts.coverage().families:
        raise RenderFailed(
            [phrase("The font {family} is not installed (Debian: apt install fonts-dejavu-core).", family=fonts.FAMILY)]
        )
    reasons = check_words(context)
    if reasons:
        raise PacketRefused(reasons)
    pieces = open_files(context, files, limits)
    fit.check_files(context, pieces, limits)
    layout = lay_out(context, pieces)
    if layout.pages > limits.total_pages and layout.boxes:
        layout = lay_out(context, pieces, dense=True)
    fit.check_pages(layout, context, limits)
    fitted = fit.fit(layout, context, limits)
    problems = examine(fitted.packet, context, limits)
    if problems:
        raise RenderFailed(problems)
    return fitted, layout


def preflight_job(arguments: dict[str, Any], blobs: list[bytes]) -> tuple[dict[str, Any], list[bytes]]:
    context = PacketContext.model_validate_json(arguments["context"])
    limits = PacketLimits.model_validate_json(arguments["limits"])
    return {"problems": [Phrase.of(each).as_json() for each in examine(blobs[0], context, limits)]}, []


def warm_up() -> None:
    """Render a small packet once, so that every forked child starts with fonts and style sheets at hand."""
    written = datetime(2026, 1, 1, tzinfo=UTC)
    table = Table(columns=("Date", "Event"), rows=(("01 Jan 2026", "Delivered"),))
    exhibit = Exhibit(key="a", title="Shipment", source="Carrier", taken_at=written, slot="a", tables=(table,))
    context = PacketContext(
        letterhead=Letterhead(legal_name="Warm"),
        written_at=written,
        zone="UTC",
        gateway_name="Warm",
        case_id="warm",
        amount_disputed=Money(1, "EUR"),
        ask="Reversal",
        ground="Delivered.",
        exhibits=(exhibit,),
    )
    produce(context, {}, PacketLimits())
