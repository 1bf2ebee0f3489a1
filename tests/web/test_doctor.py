"""`counterproof doctor` on every gateway: what it says of rights, clock and contract, and that it writes nothing."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from rich.console import Console

from disputes.models import Connection
from gateways.sandbox.launch import Sandbox, launch
from scheduler.runtime import Runtime
from web import practice
from web.compose import compose
from web.doctor import examine
from web.first_data import demo_merchant
from web.settings import load

pytestmark = pytest.mark.xdist_group("doctor")
WRITES = ("POST", "PATCH", "DELETE")
GATEWAYS = ("stripe", "paypal", "square")


@dataclass(frozen=True)
class Surgery:
    runtime: Runtime
    sandboxes: dict[str, Sandbox]
    connections: dict[str, str]

    def examine(self, gateway: str, secret: str | None = None) -> tuple[bool, str]:
        """What the doctor says of one gateway, under another key if one is given."""
        kept = None
        if secret is not None:
            kept = self._change(gateway, self.runtime.vault.seal(secret))
        said = io.StringIO()
        try:
            healthy = examine(self.runtime, Console(file=said, width=200), self.connections[gateway])
        finally:
            if kept is not None:
                self._change(gateway, kept)
        return healthy, said.getvalue()

    def _change(self, gateway: str, sealed: str) -> str:
        with self.runtime.database.writing() as session:
            row = session.get_one(Connection, self.connections[gateway])
            before, row.secret = row.secret, sealed
            session.add(row)
        return before


@pytest.fixture(scope="module")
def surgery(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Surgery]:
    folder: Path = tmp_path_factory.mktemp("doctor")
    settings = load(folder / "data")
    with ExitStack() as stack:
        sandboxes = {name: stack.enter_context(launch(folder / name, gateway=name)) for name in GATEWAYS}
        runtime = compose(settings, client_only=True)
        stack.callback(runtime.close)
        merchant = demo_merchant(runtime)
        yield Surgery(runtime, sandboxes, practice.connect(runtime, merchant, sandboxes))


@pytest.mark.parametrize("gateway", GATEWAYS)
def test_a_sound_connection_is_called_sound_and_nothing_is_written(surgery: Surgery, gateway: str) -> None:
    healthy, said = surgery.examine(gateway)
    assert healthy, said
    assert "reachable: account" in said
    assert "disputes read and understood" in said
    assert "unknown to the contract" not in said or gateway == "stripe", said
    written = [
        row for row in surgery.sandboxes[gateway].controls.log()
        if row["method"] in WRITES and not row["path"].endswith(("/oauth2/token", "/oauth2/token/status"))
    ]  # fmt: skip
    assert written == []


@pytest.mark.parametrize(
    ("gateway", "secret"),
    [
        ("stripe", "rk_test_nobody_knows_this_key"),
        ("paypal", "sandbox-full:not-its-secret"),
        ("square", "EAAAnobody_knows_this_token"),
    ],
)
def test_a_key_that_is_refused_is_said_and_never_shown(surgery: Surgery, gateway: str, secret: str) -> None:
    healthy, said = surgery.examine(gateway, secret)
    assert not healthy
    assert secret.rpartition(":")[2] not in said


def test_paypals_right_to_file_is_told_to_move_money_too(surgery: Surgery) -> None:
    _, said = surgery.examine("paypal")
    words = " ".join(said.split())
    assert "update-seller" in words
    assert "offer" in words


@pytest.mark.parametrize(
    ("gateway", "secret"),
    [("paypal", "sandbox-read:sandbox-read-secret"), ("square", "EAAAsandbox_read_only")],
)
def test_a_key_that_may_only_read_is_enough_up_to_filing(surgery: Surgery, gateway: str, secret: str) -> None:
    healthy, said = surgery.examine(gateway, secret)
    assert healthy, said
    assert "handed over" in said
