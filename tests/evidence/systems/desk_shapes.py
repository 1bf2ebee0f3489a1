"""Shapes of the contracts ("str", "int", "NoneType" ...) against what a practice system answers, and what a help desk
told and gave back."""

from __future__ import annotations

import base64
import io
import json
from pathlib import Path
from typing import Any

from PIL import Image

from disputes.facts import Message
from disputes.ports import SourceReport
from evidence.sandbox.app import Fault, Faults
from tests.evidence.systems.builders import message

CONTRACTS = Path(__file__).resolve().parents[3].parent / "shared" / "contracts" / "sources"
_TYPES: dict[str, tuple[type, ...]] = {
    "str": (str,), "int": (int,), "bool": (bool,), "float": (float, int), "NoneType": (type(None),),
}  # fmt: skip


def contract(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((CONTRACTS / f"{name}.json").read_text(encoding="utf-8"))
    return found


def differences(answer: Any, shape: Any, path: str = "") -> list[str]:
    """What of the shape the answer lacks or has of another type. Null is allowed everywhere: the recordings had it in
    other places than other accounts do."""
    if answer is None:
        return []
    if isinstance(shape, dict):
        if not isinstance(answer, dict):
            return [f"{path} is no object"]
        lacking = [f"{path}.{name} is missing" for name in shape if answer and name not in answer]
        inner = [differences(answer[name], each, f"{path}.{name}") for name, each in shape.items() if name in answer]
        return [*lacking, *(each for one in inner for each in one)]
    if isinstance(shape, list):
        if not isinstance(answer, list):
            return [f"{path} is no list"]
        return [each for one in answer for shown in shape[:1] for each in differences(one, shown, f"{path}[]")]
    if shape == "NoneType":
        return []
    fits = isinstance(answer, _TYPES[shape]) and not (shape == "int" and isinstance(answer, bool))
    return [] if fits else [f"{path} is {type(answer).__name__}, not {shape}"]


def picture(seed: int = 1, size: int = 60) -> str:
    """A photograph's bytes, base64; another seed, another picture."""
    out = io.BytesIO()
    Image.new("RGB", (size + seed, size), (seed * 40 % 255, 90, 120)).save(out, "PNG")
    return base64.b64encode(out.getvalue()).decode()


def attached(name: str = "broken_shade.png", media_type: str = "image/png", **changes: Any) -> dict[str, Any]:
    return {"name": name, "media_type": media_type, "base64": picture()} | changes


def shop_wrote(number: int = 2, text: str = "It is on its way.", **changes: Any) -> dict[str, Any]:
    """An answer of the shop to the customer."""
    told = {"from": "agent", "name": "Mia", "email": "help@lumen.example", "to": ["emily.carter@example.com"]}
    return message(number, text=text, **(told | changes))


def moment(number: int) -> str:
    return f"2026-09-05T09:{number // 60:02d}:{number % 60:02d}+00:00"


def many(count: int) -> list[dict[str, Any]]:
    """So many messages of the customer, each of another second and with a Message-ID of its own."""
    return [
        message(number, message_id=f"<{number}@x.example>", at=moment(number), text=f"LL-1001, {number}")
        for number in range(1, count + 1)
    ]


def ordered(*waiting: Fault) -> Faults:
    found = Faults()
    found.waiting += waiting
    return found


def messages(report: SourceReport) -> list[Message]:
    return [item.fact for item in report.items if isinstance(item.fact, Message)]


def bodies(report: SourceReport) -> list[str]:
    return [each.body for each in messages(report)]


def said(report: SourceReport) -> list[tuple[str, str, str]]:
    """Of each message the direction, how sure it belongs to the sale, and its words."""
    return [
        (item.fact.direction, item.confidence, item.fact.body)
        for item in report.items
        if isinstance(item.fact, Message)
    ]


def kept(report: SourceReport) -> str:
    """Everything that is stored of it."""
    return "".join(item.data.decode(errors="replace") for item in report.items if isinstance(item.fact, Message))
