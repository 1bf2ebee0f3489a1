"""One server for all gateways: which one it plays is said at the start and remembered by the folder."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from gateways.sandbox.launch import SandboxFailed, launch
from gateways.sandbox.play import GATEWAYS, play_of


@pytest.mark.parametrize("name", GATEWAYS)
def test_every_gateway_brings_what_is_needed_to_be_played(name: str) -> None:
    play = play_of(name)
    assert play.name == name
    assert play.hosts[0] == "api"
    assert play.effects


def test_a_gateway_nobody_knows_is_named() -> None:
    with pytest.raises(ValueError, match="no gateway 'adyen'; there are stripe, paypal, square"):
        play_of("adyen")


def test_a_folder_belongs_to_the_gateway_it_was_laid_out_for(tmp_path: Path) -> None:
    with launch(tmp_path, gateway="paypal", empty=True) as running:
        assert running.files == running.api
    with pytest.raises(SandboxFailed, match="was laid out for paypal, not for stripe"):
        launch(tmp_path)


def test_only_stripe_has_a_files_host(tmp_path: Path) -> None:
    with pytest.raises(SandboxFailed, match="paypal has no files host"):
        launch(tmp_path, gateway="paypal", files_port=1)


def test_a_folder_from_before_there_were_others_is_stripes_and_opens(tmp_path: Path) -> None:
    with launch(tmp_path, empty=True) as running:
        id = running.controls.dispute()["id"]
    with sqlite3.connect(tmp_path / "sandbox.sqlite") as old:
        old.execute("ALTER TABLE object DROP COLUMN updated")
        old.execute("DELETE FROM setting WHERE name = 'gateway'")
    old.close()
    with launch(tmp_path) as running:
        assert running.controls.outcome(id, "lost")["status"] == "lost"
