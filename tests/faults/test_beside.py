"""Commands and reads beside a filing in flight: still exactly one answer."""

from __future__ import annotations

import signal
from functools import partial
from pathlib import Path

import pytest
from sqlmodel import Session

from disputes.ids import new_id
from disputes.models import Connection
from tests.faults.desk import Case, Desk
from tests.faults.gateways import LINES
from tests.faults.processes import wait_for

pytestmark = pytest.mark.slow

InFlight = list[tuple[Case, str]]
"""Cases with the ids of their attempts."""


def in_flight(desk: Desk, *gateways: str) -> InFlight:
    """Filings whose submission is on the wire: the gateway keeps it waiting for more than a second."""
    desk.steady()
    cases = [desk.case(gateway) for gateway in gateways]
    for case in cases:
        route = LINES[case.gateway].ways["submit"].route(case.external_id)
        desk.at(case.gateway).controls.fault("latency", seconds=1.3, **route)
    begun = [(case, desk.approve(case)) for case in cases]
    for case, attempt_id in begun:
        wait_for(partial(_is_on_the_wire, desk, attempt_id), f"the submission at {case.gateway}")
    return begun


def _is_on_the_wire(desk: Desk, attempt_id: str) -> bool:
    return any(step.name == "submit" and step.state != "planned" for step in desk.journal(attempt_id))


def are_filed_once(desk: Desk, begun: InFlight) -> None:
    for case, attempt_id in begun:
        attempt = desk.wait_ended(attempt_id, worker=desk.steady())
        assert attempt.state == "filed", attempt.result
        assert desk.effects(case) == 1
        assert desk.lying(case) == desk.approved(case)


def unfolded(said: str) -> str:
    """Without the line breaks that a long path brings about."""
    return " ".join(said.split())


COMMANDS = [
    ("sqlite", ("doctor",), ""),
    ("sqlite", ("setup-link",), ""),
    ("sqlite", ("filing-on",), "y\n"),
    ("postgresql", ("doctor",), ""),
]


@pytest.mark.parametrize(("desk", "command", "typed"), COMMANDS, indirect=["desk"])
def test_a_command_beside_a_filing_changes_nothing_about_it(desk: Desk, command: tuple[str, ...], typed: str) -> None:
    begun = in_flight(desk, *LINES)
    said = desk.command(*command, typed=typed)
    assert said.returncode == 0, said.stdout + said.stderr
    are_filed_once(desk, begun)


@pytest.mark.parametrize("desk", ["sqlite"], indirect=True)
def test_the_audit_chain_exported_beside_a_filing_verifies_offline(desk: Desk, tmp_path: Path) -> None:
    begun = in_flight(desk, *LINES)
    exported = tmp_path / "chain.jsonl"
    exported.write_text(desk.command("audit-export", "lale").stdout)
    verified = desk.command("verify", str(exported))
    assert (verified.returncode, "in order" in unfolded(verified.stdout)) == (0, True), verified
    are_filed_once(desk, begun)


@pytest.mark.parametrize("desk", ["sqlite"], indirect=True)
def test_the_demo_stays_away_from_a_folder_in_which_a_filing_is_under_way(desk: Desk) -> None:
    begun = in_flight(desk, *LINES)
    said = desk.command("demo", "--data", str(desk.data))
    assert (said.returncode, "is not empty" in unfolded(said.stderr)) == (1, True), said
    are_filed_once(desk, begun)


@pytest.mark.parametrize("command", [("worker",), ("serve", "--port", "0")], ids=lambda command: command[0])
@pytest.mark.parametrize("desk", ["sqlite"], indirect=True)
def test_a_second_desk_on_the_folder_takes_over_nothing_that_is_under_way(desk: Desk, command: tuple[str, ...]) -> None:
    desk.steady()
    leases = desk.data / "leases"
    before = set(leases.iterdir())
    second = desk.begin(desk.data / new_id("cmd"), *command)
    wait_for(lambda: bool(set(leases.iterdir()) - before), "its lease", said=second.said)
    begun = in_flight(desk, *LINES)
    # Each is handed out once more while it is under way.
    desk.due_now(*(attempt_id for _, attempt_id in begun))
    are_filed_once(desk, begun)
    assert second.alive(), second.said()
    second.signal(signal.SIGTERM)
    wait_for(lambda: not second.alive(), f"{command[0]} to end", said=second.said)


@pytest.mark.parametrize("gateway", LINES)
def test_a_poll_beside_a_filing_does_not_take_it_for_somebody_elses(desk: Desk, gateway: str) -> None:
    since = desk.at(gateway).gateway.changes(None).cursor
    begun = in_flight(desk, gateway)
    ((case, _),) = begun

    def poll(session: Session) -> None:
        row = session.get_one(Connection, desk.at(gateway).connection_id)
        row.event_cursor, row.next_poll_at, row.last_read_at = since, desk.runtime.clock.now(), None
        row.next_daily_at = row.next_weekly_at = desk.runtime.clock.now().replace(year=2100)

    desk.change(poll)
    wait_for(lambda: desk.connection(gateway).last_read_at is not None, "the poll")
    are_filed_once(desk, begun)
    assert desk.dispute(case).answered_elsewhere is None
    assert desk.connection(gateway).state == "ok"
    desk.change(
        lambda session: setattr(session.get_one(Connection, desk.at(gateway).connection_id), "next_poll_at", None)
    )
