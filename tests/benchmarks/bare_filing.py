"""The baseline of `respond`: the calls of a filing replayed with the SDK alone, and one render of its HTML."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from typing import Any

import stripe
from weasyprint.text.fonts import FontConfiguration

from evidence.packet import layout
from evidence.packet.context import PacketContext, PacketLimits
from evidence.packet.sources import open_files
from evidence.packet.view import view
from gateways.sandbox.launch import Sandbox
from tests.benchmarks.figure import timed
from web.practice import SANDBOX_KEY


@dataclass(frozen=True, slots=True)
class Filed:
    """What our side just did: the dispute, the gateway's log of it, the packet's context and files."""

    dispute: dict[str, Any]
    log: list[dict[str, Any]]
    packet: tuple[PacketContext, dict[str, bytes]]


def filed_bare(sandbox: Sandbox, dispute: dict[str, Any], done: Filed) -> float:
    """Seconds of the same calls on another dispute of the same shape, and of one render."""
    client = stripe.StripeClient(SANDBOX_KEY, base_addresses={"api": sandbox.api, "files": sandbox.files})
    context, files = done.packet
    values, _ = view(context, open_files(context, files, PacketLimits()), layout.SIZES[0])
    renamed = {str(done.dispute["id"]): str(dispute["id"]), str(done.dispute["charge"]): str(dispute["charge"])}

    def work() -> None:
        layout._document(values, context, FontConfiguration(), whole=True).write_pdf(pdf_version="1.6")
        for row in done.log:
            _again(client, row, renamed)

    seconds = timed(work)
    if sandbox.controls.effects(str(dispute["id"]))["submitted"] != 1:
        raise RuntimeError("the bare calls filed nothing")
    return seconds


def _again(client: stripe.StripeClient, row: dict[str, Any], renamed: dict[str, str]) -> None:
    if row["method"] == "POST" and row["path"] == "/v1/files":
        stream = io.BytesIO(b"%PDF-1.4\n" + b"0" * (row["params"]["file"]["size"] - 9))
        stream.name = row["params"]["file"]["filename"]
        client.v1.files.create({"purpose": "dispute_evidence", "file": stream})
        return
    path = _renamed(row["path"], renamed)
    answer = client.raw_request(row["method"].lower(), path, **_renamed(row["params"], renamed))
    client.deserialize(answer, api_mode="V1")


def _renamed(value: Any, names: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _renamed(each, names) for key, each in value.items()}
    if isinstance(value, list):
        return [_renamed(each, names) for each in value]
    return (
        re.sub("|".join(map(re.escape, names)), lambda found: names[found[0]], value)
        if isinstance(value, str)
        else value
    )
