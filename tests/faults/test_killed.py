"""SIGKILL at every point of every write: another process takes over, and exactly one answer is filed."""

from __future__ import annotations

import pytest

from tests.faults.desk import Case, Desk, wait_for

POINTS = (
    "before_intent",
    "torn_intent",
    "after_intent",
    "without_answer",
    "after_answer",
    "torn_record",
    "after_record",
)
ROUTES = {
    "upload": ("POST", "/v1/files$"),
    "stage": ("POST", "/v1/disputes/[^/]+$"),
    "submit": ("POST", "/v1/disputes/[^/]+$"),
    "accept": ("POST", "/close$"),
}


def hold_answer(desk: Desk, write: str) -> None:
    """The gateway does what it is asked and keeps the answer to itself."""
    method, path = ROUTES[write]
    desk.sandbox.controls.fault("hang", method=method, path=path, seconds=3, after=True, skip=int(write == "submit"))


def killed(desk: Desk, case: Case, *, at: str, write: str, act: str = "submit") -> str:
    """Approve, and let a worker die on the way; gives the attempt's id."""
    if at == "without_answer":
        hold_answer(desk, write)
    attempt_id = desk.approve(case, act=act)
    doomed = desk.worker(at=at, write=write)
    wait_for(lambda: not doomed.alive(), f"the worker to die {at} of {write}", said=doomed.said)
    desk.sandbox.controls.clear_faults()
    assert desk.attempt(attempt_id).state == "submitting"
    return attempt_id


# Everything on SQLite; on PostgreSQL the submission at every point, the writes before it at every second.
FILINGS = [("sqlite", at, write) for at in POINTS for write in ("upload", "stage", "submit")]
FILINGS += [("postgresql", at, "submit") for at in POINTS]
FILINGS += [("postgresql", at, ("upload", "stage")[n % 2]) for n, at in enumerate(POINTS[1:-1])]
ACCEPTANCES = [("sqlite", at) for at in POINTS] + [("postgresql", at) for at in POINTS[2:5]]


@pytest.mark.slow
@pytest.mark.parametrize(("desk", "at", "write"), FILINGS, indirect=["desk"])
def test_a_filing_whose_process_is_killed_is_filed_exactly_once(desk: Desk, at: str, write: str) -> None:
    case = desk.case()
    attempt_id = killed(desk, case, at=at, write=write)
    successor = desk.worker()
    attempt = desk.wait_ended(attempt_id, worker=successor)
    assert attempt.state == "filed", attempt.result
    assert desk.sandbox.controls.effects(case.external_id)["submitted"] == 1
    assert desk.uploads(case) == 1
    assert desk.dispute(case).work_state == "filed"
    assert desk.dispute(case).answered_elsewhere is None
    assert {step.state for step in desk.journal(attempt_id)} == {"done"}


@pytest.mark.slow
@pytest.mark.parametrize(("desk", "at"), ACCEPTANCES, indirect=["desk"])
def test_an_acceptance_whose_process_is_killed_happens_once_or_is_called_unclear(desk: Desk, at: str) -> None:
    """Nothing guards a second acceptance, so the machine never sends one: what it cannot see it hands to a person."""
    case = desk.case()
    attempt_id = killed(desk, case, at=at, write="accept", act="accept")
    attempt = desk.wait_ended(attempt_id, worker=desk.worker())
    closed = desk.sandbox.controls.effects(case.external_id)["closed"]
    sent = list(desk.sandbox.controls.log(method="POST", path=f"{case.external_id}/close"))
    assert len(sent) <= 1
    if at == "after_intent":
        assert (attempt.state, closed) == ("unclear", 0)
    else:
        assert (attempt.state, closed) == ("filed", 1)
