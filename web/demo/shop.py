"""The demo shop's export, laid out around the present moment: what a shop would put into its import folder."""

from __future__ import annotations

from datetime import datetime
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from web.demo.exhibits import lay_documents
from web.demo.tokens import render


def lay_out(folder: Path, now: datetime) -> None:
    """Write the import folder of the story's shop; its dates fit the sandbox's when both are set up on one day."""
    folder.mkdir(parents=True, exist_ok=True)
    origin = files("web.demo") / "shop"
    for entry in origin.iterdir():
        if entry.name in ("papers", "documents.json", "systems.json"):
            continue
        _lay(entry, folder / entry.name, now)
    lay_documents(folder / "documents", now)


def _lay(entry: Traversable, target: Path, now: datetime) -> None:
    if entry.is_dir():
        target.mkdir(exist_ok=True)
        for below in entry.iterdir():
            _lay(below, target / below.name, now)
        return
    text = render(entry.read_text(encoding="utf-8"), now)
    # Older mail programs: the bytes are Windows Turkish whatever the header says.
    encoding = "cp1254" if target.name.endswith(".cp1254.eml") else "utf-8"
    target.write_bytes(text.encode(encoding))
