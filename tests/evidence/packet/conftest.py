from __future__ import annotations

import importlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from evidence.packet.build import build_packet
from evidence.packet.child import Bounds, Helper
from evidence.packet.context import BuiltPacket, PacketContext, PacketLimits
from tests.evidence.packet.rich import build_rich

Build = Callable[..., BuiltPacket]


@pytest.fixture(scope="session")
def rich(tmp_path_factory: pytest.TempPathFactory) -> tuple[BuiltPacket, Path]:
    """The rich packet, built once, and the folder it lies in."""
    out = tmp_path_factory.mktemp("rich")
    context, files = build_rich()
    return build_packet(context, files, PacketLimits(), out), out


class InProcess(Helper):
    """Runs the job here, where a debugger and the coverage of the tests can see it."""

    def call(
        self, task: str, arguments: dict[str, Any], blobs: list[bytes], bounds: Bounds | None = None
    ) -> tuple[dict[str, Any], list[bytes]]:
        module, _, name = task.partition(":")
        done, out = getattr(importlib.import_module(module), name)(json.loads(json.dumps(arguments)), blobs)
        return done, out


@pytest.fixture(scope="session")
def here() -> InProcess:
    return InProcess()


@pytest.fixture
def build(tmp_path: Path, here: InProcess) -> Build:
    """Build into the test's own folder, with limits by word."""

    def run(context: PacketContext, files: dict[str, bytes] | None = None, **limits: object) -> BuiltPacket:
        return build_packet(context, files or {}, PacketLimits(**limits), tmp_path, here)

    return run
