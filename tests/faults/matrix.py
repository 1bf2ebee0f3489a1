"""A whole matrix at once: each case has a fault of its own, and the tests look at the cases one by one.

Processes die (or are stopped) one by one, each in its own filing; then others take over all of them together. Done one
after the other this would take an hour, most of it waiting until nobody can be sending any more.
"""

from __future__ import annotations

import signal
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.faults.arranging import arranged
from tests.faults.desk import HANG_SECONDS, Case, Desk
from tests.faults.gateways import LINES, counted
from tests.faults.processes import Worker, wait_for

CREW = 4
"""Doomed processes that are starting up while another dies."""
TRIES_MORE = 2
HELD_UP = "This process was held up before it could send."
"""The machine is busy, which is not what is tested here: the same is tried with another case."""


@dataclass(slots=True, eq=False)
class Struck:
    """A case, its attempt, and what was to happen to it. `trouble`: why that did not happen."""

    case: Case
    attempt_id: str
    write: str
    what: str
    """The point of a kill, or the fault of a call."""
    worker: Worker | None = None
    fault: int | None = None
    trouble: str = ""
    result: str = ""
    """The attempt's words at a moment that a test remembers."""


NEVER_MET = "its fault was never met"

Wanted = Sequence[tuple[str, ...]]
"""(gateway, point or fault, write) each."""
Fought = dict[tuple[str, str, str], Struck]
"""What became of each of them."""


def siblings(request: pytest.FixtureRequest, *names: str, same: Sequence[str] = ("desk",)) -> list[tuple[str, ...]]:
    """These parameters of all tests of this function that are run, of those with the `same` ones as this test."""
    mine = request.node.callspec.params
    found = []
    for item in request.session.items:
        params = item.callspec.params if isinstance(item, pytest.Function) and hasattr(item, "callspec") else {}
        alike = isinstance(item, pytest.Function) and item.originalname == request.node.originalname
        if alike and item.path == request.node.path and all(params[name] == mine[name] for name in same):
            found.append(tuple(str(params[name]) for name in names))
    return found


# ---- processes that die --------------------------------------------------------------------------------------------


def killed(desk: Desk, wanted: Wanted) -> Fought:
    """Each write with a process that is killed there; afterwards everything has come to its end."""
    struck = struck_down(desk, wanted)
    desk.steady()
    finish(desk, struck)
    return by_name(struck)


def by_name(struck: Sequence[Struck]) -> Fought:
    return {(one.case.gateway, one.what, one.write): one for one in struck}


def struck_down(desk: Desk, wanted: Wanted, *, act: str = "kill") -> list[Struck]:
    """Each write with a process that is killed there, or stopped until it is woken."""
    desk.dismiss()
    cases = [(arranged(desk, gateway, write), at, write) for gateway, at, write in wanted]
    struck = [Struck(case, "", write, at) for case, at, write in cases]
    _begin_and_strike(desk, struck, act)
    for _ in range(TRIES_MORE):
        slow = [one for one in struck if one.trouble == HELD_UP]
        for one in slow:
            one.case, one.trouble = arranged(desk, one.case.gateway, one.write), ""
        _begin_and_strike(desk, slow, act)
    return struck


def _begin_and_strike(desk: Desk, struck: Sequence[Struck], act: str) -> None:
    # An answer that is held back from a call that names no dispute would be another's: those are struck alone.
    alone = [one for one in struck if _alone(one)]
    for group in [*([one] for one in alone), [one for one in struck if one not in alone]]:
        for one in group:
            one.attempt_id = desk.approve(one.case)
            if one.what == "without_answer":
                hold_answer(desk, one)
        _strike(desk, group, act)
        for gateway in {one.case.gateway for one in group}:
            desk.at(gateway).controls.clear_faults()


def _alone(one: Struck) -> bool:
    return one.what == "without_answer" and "{id}" not in LINES[one.case.gateway].ways[one.write].path


def wake(desk: Desk, slept: Sequence[Struck]) -> None:
    """Let stopped processes go on, until each is through with the run in which it was stopped."""
    for one in slept:
        assert one.worker is not None
        one.worker.signal(signal.SIGCONT)
    for one in slept:
        wait_for(partial(_has_run, desk, one), f"{one.attempt_id} to be left alone")


def _has_run(desk: Desk, one: Struck) -> bool:
    return desk.runtime.engine.status(f"respond:{one.attempt_id}") == "SUCCESS"


def hold_answer(desk: Desk, one: Struck) -> None:
    """The gateway does what it is asked and keeps the answer to itself."""
    way, controls = LINES[one.case.gateway].ways[one.write], desk.at(one.case.gateway).controls
    controls.fault("hang", seconds=HANG_SECONDS, after=True, **way.route(one.case.external_id))


def _strike(desk: Desk, struck: Sequence[Struck], act: str) -> None:
    """Processes, until each case has had one that died or stopped in it."""
    desk.one_filing_a_process()
    points = [_point(desk, one, act) for one in struck]
    open_now = dict(zip((point["attempt"] for point in points), struck, strict=True))
    everyone: list[Worker] = []
    ends = time.monotonic() + 240 + 6 * len(struck)
    while open_now and time.monotonic() < ends:
        for point in points:
            if point["attempt"] in open_now and (told := _told(point)):
                open_now.pop(point["attempt"]).worker = next(each for each in everyone if each.pid == told)
        at_work = sum(worker.alive() and not worker.stopped() for worker in everyone)
        everyone += [desk.worker(points=points, doomed=True) for _ in range(at_work, min(CREW, len(open_now)))]
        _give_up_ended(desk, open_now)
        time.sleep(0.05)
    for one in open_now.values():
        one.trouble = f"no process came to that point: {desk.attempt(one.attempt_id)}"
    for worker in everyone:
        if worker.alive() and not worker.stopped():
            worker.kill()


def _told(point: Mapping[str, Any]) -> int:
    """The process that came to the point; 0 while none has."""
    marker = Path(point["marker"])
    return int(marker.read_text() or 0) if marker.exists() else 0


def _give_up_ended(desk: Desk, open_now: dict[str, Struck]) -> None:
    for attempt in desk.attempts(list(open_now)):
        if HELD_UP in attempt.result:
            open_now.pop(attempt.id).trouble = HELD_UP
        elif attempt.state not in ("scheduled", "submitting"):
            open_now.pop(attempt.id).trouble = f"it ended before that point: {attempt}"


def _point(desk: Desk, one: Struck, act: str) -> dict[str, Any]:
    way, post = LINES[one.case.gateway].ways[one.write], desk.at(one.case.gateway)
    point: dict[str, Any] = {"attempt": one.attempt_id, "at": one.what, "write": one.write, "act": act}
    point["marker"] = str(desk.data / f"{one.attempt_id}.struck")
    point["counted"] = {"control": post.control_url, "dispute": one.case.external_id, "word": way.word}
    point["counted"]["before"] = counted(post.controls, one.case.external_id, way.word)
    return point


# ---- answers that are lost -----------------------------------------------------------------------------------------


def lost(desk: Desk, wanted: Wanted, faults: Mapping[str, Mapping[str, Any]]) -> Fought:
    """Each write with a fault of its own; afterwards everything has come to its end."""
    struck = by_name(_lost(desk, wanted, faults))
    for _ in range(TRIES_MORE):
        if missed := [each for each, one in struck.items() if one.trouble == NEVER_MET]:
            struck |= by_name(_lost(desk, missed, faults))
    return struck


def _lost(desk: Desk, wanted: Wanted, faults: Mapping[str, Mapping[str, Any]]) -> list[Struck]:
    desk.dismiss()
    # Calls that name no dispute cannot be told apart: those are met one after the other, and first.
    in_turn = sorted(wanted, key=lambda each: "{id}" in LINES[each[0]].ways[each[2]].path)
    struck = [Struck(arranged(desk, gateway, write), "", write, fault) for gateway, fault, write in in_turn]
    desk.steady()
    for one in struck:
        way, controls = LINES[one.case.gateway].ways[one.write], desk.at(one.case.gateway).controls
        one.fault = controls.fault(**faults[one.what], **way.route(one.case.external_id))["id"]
        one.attempt_id = desk.approve(one.case)
        if "{id}" not in way.path:
            wait_for(partial(_is_over, desk, one), f"the {one.write} with {one.what}")
    finish(desk, struck)
    gateways = {one.case.gateway for one in struck}
    waiting = {(name, each["id"]) for name in gateways for each in desk.at(name).controls.faults()}
    for one in struck:
        if (one.case.gateway, one.fault) in waiting and not one.trouble:
            one.trouble = NEVER_MET
    for name in gateways:
        desk.at(name).controls.clear_faults()
    return struck


def _is_over(desk: Desk, one: Struck) -> bool:
    named = [step for step in desk.journal(one.attempt_id) if step.name.partition(":")[0] == one.write]
    return bool(named) and named[-1].state in ("done", "unclear")


def finish(desk: Desk, struck: Sequence[Struck]) -> None:
    left = desk.wait_all_ended([one.attempt_id for one in struck], seconds=60 + 3 * len(struck))
    for one in struck:
        if one.attempt_id in left:
            said = desk.steady().said()[-2000:]
            one.trouble = one.trouble or f"it never ended: {desk.attempt(one.attempt_id)}\n{said}"
