"""A real desk in a process of its own, with the sandbox gateway, and a real Chromium in front of it."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

START_SECONDS = 90
# The demo prepares its cases meanwhile: on a busy machine a page may take its time, and none of this measures it.
expect.set_options(timeout=30_000)


@dataclass(frozen=True)
class Served:
    url: str
    setup: str


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """`serve --sandbox` as a user starts it."""
    folder = tmp_path_factory.mktemp("served")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "web", "serve", "--sandbox", "--data", str(folder / "data"), "--port", str(port)]
    said = folder / "serve.log"
    with said.open("wb") as out:
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT, env={**os.environ, "COLUMNS": "300"})
    try:
        yield _await(process, said, f"http://127.0.0.1:{port}")
        assert process.poll() is None, f"the desk ended by itself with {process.returncode}: {said.read_text()}"
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(10)


def _await(process: subprocess.Popen[bytes], said: Path, url: str) -> Served:
    ends = time.monotonic() + START_SECONDS
    while time.monotonic() < ends:
        words = said.read_text()
        found = re.search(r"(http://\S+/setup/\S+)", words)
        if found and "Ctrl-C" in words:
            return Served(url, found[1])
        assert process.poll() is None, words
        time.sleep(0.2)
    raise AssertionError(f"the desk did not start: {said.read_text()}")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    path = os.environ.get("COUNTERPROOF_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        pytest.fail("Chromium is missing: install it (apt-get install chromium) or set COUNTERPROOF_CHROMIUM.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--headless=new"])
        yield browser
        browser.close()


def _matters(message: ConsoleMessage) -> bool:
    """Chromium also reports a page that answers 404, which a test may ask for on purpose."""
    return message.type in ("error", "warning") and "404 (Not Found)" not in message.text


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A fresh browser whose console stays silent: a word there is a broken policy or a broken script."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(30_000)
    opened, heard = context.new_page(), list[str]()
    opened.on("console", lambda message: heard.append(message.text) if _matters(message) else None)
    opened.on("pageerror", lambda error: heard.append(str(error)))
    yield opened
    context.close()
    assert heard == []
