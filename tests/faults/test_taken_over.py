"""Two processes at one filing: one is held up, one takes over, and one answer goes out."""

from __future__ import annotations

import signal
import time

import pytest

from tests.faults.desk import Desk, wait_for


@pytest.mark.slow
@pytest.mark.parametrize("write", ["upload", "stage", "submit"])
def test_a_process_that_slept_through_its_window_sends_nothing_when_it_wakes(desk: Desk, write: str) -> None:
    case = desk.case()
    attempt_id = desk.approve(case)
    sleeper = desk.worker(at="after_intent", write=write, act="stop")
    wait_for(sleeper.stopped, "the first worker to be stopped", said=sleeper.said)
    successor = desk.worker()
    wait_for(successor.ready, "the second worker", said=successor.said)
    # Its lease is not free, since it is not dead: the sweep finds the filing when it is due again.
    desk.due_now(attempt_id)
    attempt = desk.wait_ended(attempt_id, worker=successor)
    assert attempt.state == "filed", attempt.result
    seen = len(desk.sandbox.controls.log())
    sleeper.signal(signal.SIGCONT)
    time.sleep(1.2)
    later = [row for row in desk.sandbox.controls.log()[seen:] if row["method"] == "POST"]
    assert [row for row in later if row["route"] != "/v1/files" or not row["replayed"]] == []
    assert desk.sandbox.controls.effects(case.external_id)["submitted"] == 1
    assert desk.attempt(attempt_id).state == "filed"
    assert desk.attempt(attempt_id).result == attempt.result


@pytest.mark.slow
def test_an_acceptance_that_slept_through_its_window_is_unclear_and_never_sent(desk: Desk) -> None:
    case = desk.case()
    attempt_id = desk.approve(case, act="accept")
    sleeper = desk.worker(at="after_intent", write="accept", act="stop")
    wait_for(sleeper.stopped, "the first worker to be stopped", said=sleeper.said)
    successor = desk.worker()
    wait_for(successor.ready, "the second worker", said=successor.said)
    desk.due_now(attempt_id)
    attempt = desk.wait_ended(attempt_id, worker=successor)
    assert attempt.state == "unclear"
    assert "Look there" in attempt.result
    sleeper.signal(signal.SIGCONT)
    time.sleep(1.2)
    assert desk.sandbox.controls.effects(case.external_id)["closed"] == 0
    assert desk.attempt(attempt_id).state == "unclear"


@pytest.mark.slow
def test_two_workers_at_once_file_each_of_many_cases_once(desk: Desk) -> None:
    cases = [desk.case() for _ in range(6)]
    workers = [desk.worker(), desk.worker()]
    for worker in workers:
        wait_for(worker.ready, "a worker", said=worker.said)
    attempts = [desk.approve(case) for case in cases]
    # Every filing is handed out once more while it is under way.
    for attempt_id in attempts:
        desk.due_now(attempt_id)
    ended = [desk.wait_ended(attempt_id, worker=workers[0]) for attempt_id in attempts]
    assert [attempt.state for attempt in ended] == ["filed"] * 6
    assert [desk.sandbox.controls.effects(case.external_id)["submitted"] for case in cases] == [1] * 6
    assert [desk.uploads(case) for case in cases] == [1] * 6
