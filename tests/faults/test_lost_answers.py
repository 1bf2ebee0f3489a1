"""The gateway answers late, wrongly or never: what was done counts, and nothing is done twice."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.faults.desk import Desk, Worker, wait_for

DISPUTE, FILES, CLOSE = "/v1/disputes/[^/]+$", "/v1/files$", "/close$"
SUBMIT: dict[str, Any] = {"method": "POST", "path": DISPUTE, "skip": 1}
STAGE: dict[str, Any] = {"method": "POST", "path": DISPUTE}
UPLOAD: dict[str, Any] = {"method": "POST", "path": FILES}

FAULTS: dict[str, dict[str, Any]] = {
    "the connection breaks after the effect": {"kind": "drop_after"},
    "the connection breaks before the effect": {"kind": "drop_before"},
    "an error of its own after the effect": {"kind": "status", "status": 500, "after": True},
    "an error of its own instead of the effect": {"kind": "status", "status": 500},
    "half an answer": {"kind": "truncate"},
    "a page of HTML after the effect": {"kind": "html", "status": 502, "after": True},
    "a page of HTML instead": {"kind": "html", "status": 502},
    "no answer in time": {"kind": "hang", "seconds": 4, "after": True},
    "too many requests": {"kind": "status", "status": 429},
    "the object is locked": {"kind": "status", "status": 429, "code": "lock_timeout"},
}
NOTHING_HAPPENED = {"too many requests", "the object is locked"}


@pytest.fixture(scope="module")
def worker(on_sqlite: Desk) -> Iterator[Worker]:
    """One for all: nobody is killed here."""
    running = on_sqlite.worker()
    wait_for(running.ready, "the worker", said=running.said)
    yield running
    running.kill()


@pytest.fixture
def desk(on_sqlite: Desk) -> Iterator[Desk]:
    yield on_sqlite
    on_sqlite.sandbox.controls.clear_faults()


@pytest.mark.slow
@pytest.mark.parametrize("write", [UPLOAD, STAGE, SUBMIT], ids=["upload", "stage", "submit"])
@pytest.mark.parametrize("fault", FAULTS)
def test_a_filing_whose_answer_is_lost_is_filed_exactly_once(
    desk: Desk, worker: Worker, fault: str, write: dict[str, Any]
) -> None:
    case = desk.case()
    desk.sandbox.controls.fault(**FAULTS[fault], **write)
    attempt = desk.wait_ended(desk.approve(case), worker=worker)
    assert attempt.state == "filed", attempt.result
    assert desk.sandbox.controls.effects(case.external_id)["submitted"] == 1
    # A server's own error on an upload leaves the file there although the answer says otherwise.
    assert desk.uploads(case) <= 1 + (fault == "a page of HTML after the effect")


@pytest.mark.slow
@pytest.mark.parametrize("fault", FAULTS)
def test_an_acceptance_whose_answer_is_lost_happens_at_most_once(desk: Desk, worker: Worker, fault: str) -> None:
    case = desk.case()
    desk.sandbox.controls.fault(**FAULTS[fault], method="POST", path=CLOSE)
    attempt = desk.wait_ended(desk.approve(case, act="accept"), worker=worker)
    closed = desk.sandbox.controls.effects(case.external_id)["closed"]
    assert (attempt.state, closed) in (("filed", 1), ("unclear", 0))
    if fault in NOTHING_HAPPENED:
        assert attempt.state == "filed", "a gateway that says it did nothing may be asked again"


@pytest.mark.slow
def test_a_gateway_that_keeps_failing_is_tried_again_after_a_while(desk: Desk, worker: Worker) -> None:
    """Ten minutes later, not never: the tries are counted anew in each run."""
    case = desk.case()
    desk.sandbox.controls.fault("status", status=500, times=100, method="POST", path=FILES)
    attempt_id = desk.approve(case)
    wait_for(lambda: "keeps failing" in desk.attempt(attempt_id).result, "the tries to be used up", said=worker.said)
    desk.sandbox.controls.clear_faults()
    desk.due_now(attempt_id)
    attempt = desk.wait_ended(attempt_id, worker=worker)
    assert attempt.state == "filed", attempt.result
    assert desk.sandbox.controls.effects(case.external_id)["submitted"] == 1


@pytest.mark.slow
def test_a_read_that_fails_after_the_submission_does_not_lose_the_filing(desk: Desk, worker: Worker) -> None:
    case = desk.case()
    # The reads of look, stage, compare and pre-image pass; the one after the submission fails.
    desk.sandbox.controls.fault("status", status=403, method="GET", path=DISPUTE, skip=4)
    attempt_id = desk.approve(case)
    wait_for(lambda: "lacks a right" in desk.attempt(attempt_id).result, "the failed read", said=worker.said)
    assert desk.attempt(attempt_id).state == "submitting"
    assert desk.sandbox.controls.effects(case.external_id)["submitted"] == 1
    attempt = desk.wait_ended(attempt_id, worker=worker)
    assert attempt.state == "filed"
    assert desk.sandbox.controls.effects(case.external_id)["submitted"] == 1
