"""`packet_warm` and `packet_cold`: a packet of about 20 pages and 4 photos, beside Chromium printing the same HTML."""

from __future__ import annotations

import contextlib
import itertools
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pypdfium2
from playwright.sync_api import sync_playwright

from evidence.packet.build import PacketBuilder
from evidence.packet.context import PacketLimits
from tests.benchmarks.figure import Figure, in_turn, timed
from tests.benchmarks.packet_content import content, html_of

_SWITCHES = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]


def measure(runs: int, **size: Any) -> list[Figure]:
    """Both sides print the same packet in each pair, and another one in the next."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        return [_warm(runs, Path(folder), **size), _cold(runs, Path(folder), **size)]


def _warm(runs: int, folder: Path, **size: Any) -> Figure:
    builder = PacketBuilder()
    with contextlib.closing(builder), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=_SWITCHES)
        pair = _Pair(1_000, size)

        def ours() -> float:
            context, files = pair.next()
            return timed(lambda: builder.build(context, files, PacketLimits(), folder / "ours"))

        def theirs() -> float:
            html = html_of(*pair.last)
            return timed(lambda: _print(browser, html, folder / "theirs.pdf"))

        ours(), theirs()  # both are warm from here on
        figure = in_turn("packet_warm", ours, theirs, note="", runs=runs)
        browser.close()
    return _with_note(figure, folder, "a warm renderer against a warm headless Chromium, a new page each")


def _cold(runs: int, folder: Path, **size: Any) -> Figure:
    pair = _Pair(2_000, size)

    def ours() -> float:
        context, files = pair.next()
        with contextlib.closing(PacketBuilder()) as builder:
            return timed(lambda: builder.build(context, files, PacketLimits(), folder / "ours"))

    def theirs() -> float:
        source, target = folder / "packet.html", folder / "theirs.pdf"
        source.write_text(html_of(*pair.last), encoding="utf-8")
        target.unlink(missing_ok=True)
        return timed(_command_line(source, target))

    figure = in_turn("packet_cold", ours, theirs, note="", runs=runs)
    return _with_note(figure, folder, "from the start of the process to the written file, on both sides")


class _Pair:
    """What both sides of a pair print."""

    def __init__(self, first: int, size: dict[str, Any]) -> None:
        self._numbers, self._size = itertools.count(first), size

    def next(self) -> Any:
        self.last = content(next(self._numbers), **self._size)
        return self.last


def _print(browser: Any, html: str, target: Path) -> None:
    page = browser.new_page()
    page.set_content(html)
    page.pdf(path=target, prefer_css_page_size=True)
    page.close()


def _command_line(source: Path, target: Path) -> Callable[[], object]:
    command = [
        chromium(), "--headless", *_SWITCHES, "--no-pdf-header-footer", f"--print-to-pdf={target}", source.as_uri(),
    ]  # fmt: skip
    return lambda: subprocess.run(command, check=True, capture_output=True, timeout=120)


def chromium() -> str:
    found = shutil.which("chromium")
    if found is None:
        raise RuntimeError("Chromium is missing (Debian: apt install chromium).")
    return found


def _with_note(figure: Figure, folder: Path, words: str) -> Figure:
    ours, theirs = pages(folder / "ours" / "packet.pdf"), pages(folder / "theirs.pdf")
    note = f"{ours} pages ({theirs} in Chromium), checked and with its slot files; {words}; other content each run"
    return Figure(**{**figure.as_json(), "note": note + figure.note})


def pages(path: Path) -> int:
    with pypdfium2.PdfDocument(path) as document:
        return len(document)
