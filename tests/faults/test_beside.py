"""Commands and reads beside a filing in flight, and a copy of the data folder: still exactly one answer."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from sqlmodel import Session

from disputes.models import Connection, Installation
from tests.faults.desk import Case, Desk, wait_for
from web.compose import compose
from web.settings import load

DISPUTE = "/v1/disputes/[^/]+$"

pytestmark = pytest.mark.slow


def in_flight(desk: Desk) -> tuple[Case, str]:
    """A filing whose submission is on the wire: the gateway keeps it waiting for seconds."""
    case = desk.case()
    worker = desk.worker()
    wait_for(worker.ready, "the worker", said=worker.said)
    desk.sandbox.controls.fault("latency", seconds=1.3, method="POST", path=DISPUTE, skip=1)
    attempt_id = desk.approve(case)
    wait_for(lambda: any(step.name == "submit" and step.state == "intent" for step in desk.journal(attempt_id)), "it")
    return case, attempt_id


COMMANDS = [
    ("sqlite", ("doctor",), ""),
    ("sqlite", ("setup-link",), ""),
    ("sqlite", ("filing-on",), "y\n"),
    ("postgresql", ("doctor",), ""),
]


@pytest.mark.parametrize(("desk", "command", "typed"), COMMANDS, indirect=["desk"])
def test_a_command_beside_a_filing_changes_nothing_about_it(desk: Desk, command: tuple[str, ...], typed: str) -> None:
    case, attempt_id = in_flight(desk)
    said = desk.command(*command, typed=typed)
    assert said.returncode == 0, said.stdout + said.stderr
    attempt = desk.wait_ended(attempt_id)
    assert attempt.state == "filed", attempt.result
    assert desk.sandbox.controls.effects(case.external_id)["submitted"] == 1


@pytest.mark.parametrize("desk", ["sqlite"], indirect=True)
def test_the_audit_chain_exported_beside_a_filing_verifies_offline(desk: Desk, tmp_path: Path) -> None:
    case, attempt_id = in_flight(desk)
    exported = tmp_path / "chain.jsonl"
    exported.write_text(desk.command("audit-export", "lale").stdout)
    verified = desk.command("verify", str(exported))
    assert (verified.returncode, "in order" in verified.stdout) == (0, True), verified.stdout + verified.stderr
    assert desk.wait_ended(attempt_id).state == "filed"
    assert desk.sandbox.controls.effects(case.external_id)["submitted"] == 1


def test_a_poll_beside_a_filing_does_not_take_it_for_somebody_elses(desk: Desk) -> None:
    case, attempt_id = in_flight(desk)

    def poll(session: Session) -> None:
        row = session.get_one(Connection, desk.connection_id)
        row.event_cursor, row.next_poll_at = str(desk.sandbox.controls.now() - 60), desk.runtime.clock.now()

    desk.change(poll)
    wait_for(lambda: desk.connection().last_read_at is not None, "the poll")
    attempt = desk.wait_ended(attempt_id)
    assert attempt.state == "filed", attempt.result
    assert desk.dispute(case).answered_elsewhere is None
    desk.change(lambda session: setattr(session.get_one(Connection, desk.connection_id), "next_poll_at", None))


def test_a_copied_data_folder_files_nothing_until_a_person_switches_it_on(on_sqlite: Desk, tmp_path: Path) -> None:
    """Neither what waits for its hold nor what was being filed when the copy was made."""
    desk = on_sqlite
    waiting, begun = desk.case(), desk.case()
    attempts = {}
    for case in (waiting, begun):
        attempts[case.external_id] = desk.approve(case)
    doomed = desk.worker(at="after_intent", write="stage")
    wait_for(lambda: not doomed.alive(), "the worker to die", said=doomed.said)

    copied = tmp_path / "copy" / "data"
    copied.parent.mkdir()
    # By another process: closing a copied file here would drop this process's own locks on the database.
    subprocess.run(["cp", "-a", desk.data, copied], check=True, timeout=20)
    copy = object.__new__(Desk)
    copy.data, copy.sandbox, copy._forge, copy._workers = copied, desk.sandbox, desk._forge, []
    copy._url, copy._environment = None, desk._environment
    copy.runtime = compose(load(copied), client_only=True)
    copy.merchant_id, copy.connection_id = desk.merchant_id, desk.connection_id
    try:
        with copy.runtime.database.reading() as session:
            assert not session.get_one(Installation, 1).filing_on
        worker = copy.worker()
        wait_for(worker.ready, "the copy's worker", said=worker.said)
        for attempt_id in attempts.values():
            wait_for(
                lambda at=attempt_id: "copied database" in copy.attempt(at).result, "the refusal", said=worker.said
            )
        for case in (waiting, begun):
            assert desk.sandbox.controls.effects(case.external_id)["submitted"] == 0

        assert copy.command("filing-on", typed="y\n").returncode == 0
        going_on = [at for at in attempts.values() if copy.attempt(at).state == "submitting"]
        assert going_on
        for attempt_id in going_on:
            copy.due_now(attempt_id)
            assert copy.wait_ended(attempt_id, worker=worker).state == "filed"
    finally:
        for running in copy._workers:
            running.kill()
        copy.runtime.database.dispose()
    # The folder it was copied from finds the answer lying there and does not send a second one.
    successor = desk.worker()
    for attempt_id in attempts.values():
        desk.due_now(attempt_id)
        ended = desk.wait_ended(attempt_id, worker=successor)
        assert ended.state == "filed" or "at the gateway itself" in ended.result, ended.result
    submitted = [desk.sandbox.controls.effects(case.external_id)["submitted"] for case in (waiting, begun)]
    assert submitted == [1, 1]
    successor.kill()
