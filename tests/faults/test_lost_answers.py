"""The gateway answers late, wrongly or never: what was done counts, and nothing is done twice."""

from __future__ import annotations

from typing import Any

import pytest

from tests.faults import matrix
from tests.faults.arranging import arranged
from tests.faults.desk import HANG_SECONDS, Desk
from tests.faults.gateways import LINES
from tests.faults.matrix import Struck
from tests.faults.processes import wait_for

DONE: dict[str, dict[str, Any]] = {
    "the connection breaks after the effect": {"kind": "drop_after"},
    "an error of its own after the effect": {"kind": "status", "status": 500, "after": True},
    "half an answer": {"kind": "truncate"},
    "a page of HTML after the effect": {"kind": "html", "status": 502, "after": True},
    "no answer in time": {"kind": "hang", "seconds": HANG_SECONDS, "after": True},
}
NOT_DONE: dict[str, dict[str, Any]] = {
    "the connection breaks before the effect": {"kind": "drop_before"},
    "an error of its own instead of the effect": {"kind": "status", "status": 500},
    "a page of HTML instead": {"kind": "html", "status": 502},
}
REFUSED_IN_HASTE: dict[str, dict[str, Any]] = {"too many requests": {"kind": "status", "status": 429}}
"""The gateway says that it did nothing, so it may be asked again."""
LOCKED: dict[str, dict[str, Any]] = {
    "stripe": {"the object is locked": {"kind": "status", "status": 429, "code": "lock_timeout"}},
    "square": {"the object is locked": {"kind": "status", "status": 409}},
    "paypal": {},
}

GUARDED = {"stripe": ("upload", "stage", "submit"), "square": ("upload", "text", "delete", "submit")}
UNGUARDED = {"stripe": ("accept",), "square": ("accept",), "paypal": tuple(LINES["paypal"].ways)}


def faults_of(gateway: str) -> dict[str, dict[str, Any]]:
    return DONE | NOT_DONE | REFUSED_IN_HASTE | LOCKED[gateway]


# Everything on SQLite; on PostgreSQL the submissions, with every second fault.
FILINGS = [("sqlite", name, fault, write) for name in GUARDED for write in GUARDED[name] for fault in faults_of(name)]
FILINGS += [("postgresql", name, fault, "submit") for name in GUARDED for fault in [*faults_of(name)][::2]]
ACTS = [("sqlite", name, fault, write) for name in UNGUARDED for write in UNGUARDED[name] for fault in faults_of(name)]
ACTS += [("postgresql", "paypal", fault, "submit") for fault in [*faults_of("paypal")][::2]]

pytestmark = pytest.mark.slow


@pytest.fixture
def struck(request: pytest.FixtureRequest, desk: Desk, gateway: str, fault: str, write: str) -> Struck:
    """The case of this test, of all of its function at the gateway, whose answers are lost together."""
    done = (request.node.originalname, gateway)
    if done not in desk.fought:
        wanted = matrix.siblings(request, "gateway", "fault", "write", same=("desk", "gateway"))
        desk.fought[done] = matrix.lost(desk, wanted, faults_of(gateway))
    one: Struck = desk.fought[done][gateway, fault, write]
    assert not one.trouble, one.trouble
    return one


@pytest.mark.parametrize(("desk", "gateway", "fault", "write"), FILINGS, indirect=["desk"])
def test_a_filing_whose_answer_is_lost_is_filed_exactly_once(
    desk: Desk, struck: Struck, gateway: str, fault: str, write: str
) -> None:
    attempt = desk.attempt(struck.attempt_id)
    assert attempt.state == "filed", attempt.result
    assert desk.effects(struck.case) == 1
    if gateway == "stripe":
        # An upload that ended in an error leaves a file there that no dispute names; what is sent is compared above.
        assert len(desk.lying(struck.case)) <= 1 + (fault == "a page of HTML after the effect")
    else:
        assert desk.lying(struck.case) == desk.approved(struck.case)


@pytest.mark.parametrize(("desk", "gateway", "fault", "write"), ACTS, indirect=["desk"])
def test_an_act_whose_answer_is_lost_happens_at_most_once(
    desk: Desk, struck: Struck, gateway: str, fault: str, write: str
) -> None:
    way, attempt = LINES[gateway].ways[write], desk.attempt(struck.attempt_id)
    assert len(desk.sent(struck.case, way)) == 1
    happened = desk.effects(struck.case, way.word)
    if fault in NOT_DONE:
        assert (attempt.state, happened) == ("unclear", 0), attempt.result
        assert "Look there" in attempt.result
    else:
        assert (attempt.state, happened) == ("filed", 1), attempt.result


@pytest.mark.parametrize(("desk", "gateway"), [("sqlite", name) for name in GUARDED], indirect=["desk"])
def test_a_gateway_that_keeps_failing_is_tried_again_after_a_while(desk: Desk, gateway: str) -> None:
    """Ten minutes later, not never: the tries are counted anew in each run."""
    worker, case = desk.steady(), desk.case(gateway)
    path = LINES[gateway].ways["upload"].path.format(id=case.external_id)
    desk.at(gateway).controls.fault("status", status=500, times=100, method="POST", path=path)
    attempt_id = desk.approve(case)
    wait_for(lambda: "keeps failing" in desk.attempt(attempt_id).result, "the tries to be used up", said=worker.said)
    desk.at(gateway).controls.clear_faults()
    desk.due_now(attempt_id)
    attempt = desk.wait_ended(attempt_id, worker=worker)
    assert attempt.state == "filed", attempt.result
    assert desk.effects(case) == 1
    assert desk.lying(case) == desk.approved(case)


# The reads of look, plan and pre-image pass; the one after the submission fails.
READS = {
    "stripe": ("/v1/disputes/{id}$", 4),
    "paypal": ("/v1/customer/disputes/{id}$", 3),
    "square": ("/v2/disputes/{id}$", 3),
}


@pytest.mark.parametrize(("desk", "gateway"), [("sqlite", name) for name in READS], indirect=["desk"])
def test_a_read_that_fails_after_the_submission_does_not_lose_the_filing(desk: Desk, gateway: str) -> None:
    worker, case = desk.steady(), desk.case(gateway)
    path, reads = READS[gateway]
    controls = desk.at(gateway).controls
    controls.fault("status", status=403, method="GET", path=path.format(id=case.external_id), skip=reads)
    attempt_id = desk.approve(case)
    wait_for(lambda: "lacks a right" in desk.attempt(attempt_id).result, "the failed read", said=worker.said)
    assert desk.attempt(attempt_id).state == "submitting"
    assert desk.effects(case) == 1
    attempt = desk.wait_ended(attempt_id, worker=worker)
    assert attempt.state == "filed", attempt.result
    assert desk.effects(case) == 1


@pytest.mark.parametrize("desk", ["sqlite"], indirect=True)
def test_a_return_said_to_be_received_whose_answer_is_lost_is_known_by_its_refund(desk: Desk) -> None:
    worker, case = desk.steady(), arranged(desk, "paypal", "acknowledge_return")
    case.given = {"acknowledgement_type": "ITEM_RECEIVED"}
    way = LINES["paypal"].ways["acknowledge_return"]
    desk.at("paypal").controls.fault("drop_after", **way.route(case.external_id))
    attempt = desk.wait_ended(desk.approve(case), worker=worker)
    assert (attempt.state, desk.effects(case, way.word)) == ("filed", 1), attempt.result
    assert len(desk.sent(case, way)) == 1
