from __future__ import annotations

import os
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import stripe

from gateways.sandbox.launch import Sandbox, SandboxFailed, launch

Build = Callable[..., stripe.StripeClient]


def test_a_restart_on_the_same_folder_keeps_everything(client_for: Build, tmp_path: Path) -> None:
    with launch(tmp_path, empty=True) as first:
        id = first.controls.dispute()["id"]
        options: stripe.RequestOptions = {"idempotency_key": "before-the-restart"}
        client_for(first).v1.disputes.update(id, {"submit": True}, options)
        first.controls.advance(hours=5)
        ports = [int(url.rpartition(":")[2]) for url in (first.api, first.files)]
    with launch(tmp_path, api_port=ports[0], files_port=ports[1]) as second:
        assert (second.api, second.files) == (first.api, first.files)
        client = client_for(second)
        assert [dispute.id for dispute in client.v1.disputes.list().data] == [id]
        assert client.v1.disputes.update(id, {"submit": True}, options).status == "under_review"
        assert second.controls.effects(id)["submitted"] == 1
        assert second.controls.now() - time.time() == pytest.approx(5 * 3600, abs=5)


def test_what_was_answered_survives_a_kill(client_for: Build, tmp_path: Path) -> None:
    first = launch(tmp_path, empty=True)
    id = first.controls.dispute()["id"]
    client_for(first).v1.disputes.update(id, {"submit": True})
    first.kill()
    with launch(tmp_path) as second:
        assert client_for(second).v1.disputes.retrieve(id).status == "under_review"


def test_it_ends_cleanly_even_while_a_request_hangs(client_for: Build, tmp_path: Path) -> None:
    running = launch(tmp_path / "new", empty=True)
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o700
    running.controls.fault("hang", path="/v1/disputes")
    asking = subprocess.Popen(
        [sys.executable, "-c", f"import urllib.request as u; u.urlopen('{running.api}/v1/disputes')"],
        stderr=subprocess.DEVNULL,
    )
    while running.controls.faults():
        time.sleep(0.02)
    started = time.monotonic()
    assert running.stop() == 0
    assert time.monotonic() - started < 3
    assert asking.wait(5) != 0


def test_a_taken_port_is_named(sandbox: Sandbox, tmp_path: Path) -> None:
    port = int(sandbox.api.rpartition(":")[2])
    with pytest.raises(SandboxFailed, match=f"cannot listen on 127.0.0.1:{port}: Address already in use"):
        launch(tmp_path, api_port=port)


def test_a_folder_in_use_is_left_alone(tmp_path: Path) -> None:
    with launch(tmp_path, empty=True):
        said = run("--data", str(tmp_path))
    assert said.returncode == 1
    assert f"another sandbox is using {tmp_path}" in said.stderr


def test_a_folder_it_cannot_use_is_named(tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("not a folder")
    said = run("--data", str(in_the_way))
    assert said.returncode == 1
    assert f"cannot use {in_the_way} as the data folder" in said.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [((), "--data"), (("--data", "x", "--api-port", "70000"), "'70000' is no port"), (("--data", "x", "-z"), "-z")],
)
def test_bad_arguments_are_explained(arguments: tuple[str, ...], message: str) -> None:
    said = run(*arguments)
    assert said.returncode == 2
    assert message in said.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="prctl is Linux's")
def test_it_dies_with_its_parent(tmp_path: Path) -> None:
    script = (
        "import os, signal; from pathlib import Path; from gateways.sandbox.launch import launch\n"
        f"print(launch(Path({str(tmp_path)!r}), empty=True).pid, flush=True); os.kill(os.getpid(), signal.SIGKILL)"
    )
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=30, env=environment())
    pid = int(said.stdout)
    deadline = time.monotonic() + 5
    while Path(f"/proc/{pid}/stat").exists() and time.monotonic() < deadline:
        if Path(f"/proc/{pid}/stat").read_text().split()[2] == "Z":
            return  # dead, and nobody is left to collect it
        time.sleep(0.02)
    assert not Path(f"/proc/{pid}").exists()


def test_it_imports_nothing_of_ours_but_money_and_clock() -> None:
    house = Path(__file__).resolve().parents[3]
    allowed = ("disputes.money", "disputes.clock", "gateways.sandbox")
    for file in (house / "gateways" / "sandbox").rglob("*.py"):
        for line in file.read_text(encoding="utf-8").splitlines():
            words = line.split()
            ours = words[:1] in (["from"], ["import"]) and words[1].partition(".")[0] in OURS
            assert not ours or words[1].startswith(allowed), f"{file}: {line}"


OURS = ("disputes", "gateways", "evidence", "scheduler", "web", "templates")


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "gateways.sandbox", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=30, env=environment())


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[3])}
