"""Two processes at one filing: one is held up, one takes over, and one answer goes out."""

from __future__ import annotations

import pytest

from disputes.acts import GatewayAct
from tests.faults import matrix
from tests.faults.desk import Desk
from tests.faults.gateways import LINES
from tests.faults.matrix import Fought, Struck, Wanted
from tests.faults.processes import wait_for

FILINGS = [("sqlite", "stripe", "upload"), ("sqlite", "stripe", "stage")]
FILINGS += [("sqlite", "square", "upload"), ("sqlite", "square", "text"), ("sqlite", "square", "delete")]
FILINGS += [(kind, name, "submit") for kind in ("sqlite", "postgresql") for name in ("stripe", "square")]
ACTS = [(kind, name, "accept") for kind in ("sqlite", "postgresql") for name in ("stripe", "square")]
ACTS += [("sqlite", "paypal", write) for write in LINES["paypal"].ways]
ACTS += [("postgresql", "paypal", "submit")]

pytestmark = pytest.mark.slow


@pytest.fixture
def woken(request: pytest.FixtureRequest, desk: Desk, gateway: str, write: str) -> Struck:
    """A process slept right before this write; another one took over and ended the filing; then it was woken."""
    done = request.node.originalname
    if done not in desk.fought:
        desk.fought[done] = sleep_and_wake(desk, matrix.siblings(request, "gateway", "write"))
    one: Struck = desk.fought[done][gateway, "after_intent", write]
    assert not one.trouble, one.trouble
    return one


def sleep_and_wake(desk: Desk, wanted: Wanted) -> Fought:
    struck = matrix.struck_down(desk, [(gateway, "after_intent", write) for gateway, write in wanted], act="stop")
    slept = [one for one in struck if not one.trouble]
    desk.steady()
    # Their leases are not free, since they are not dead: the sweep finds the filings when they are due again.
    desk.due_now(*(one.attempt_id for one in slept))
    matrix.finish(desk, slept)
    for one in slept:
        one.result = desk.attempt(one.attempt_id).result
    matrix.wake(desk, slept)
    return matrix.by_name(struck)


@pytest.mark.parametrize(("desk", "gateway", "write"), FILINGS, indirect=["desk"])
def test_a_process_that_slept_through_its_window_sends_nothing_when_it_wakes(
    desk: Desk, woken: Struck, gateway: str, write: str
) -> None:
    attempt = desk.attempt(woken.attempt_id)
    assert (attempt.state, attempt.result) == ("filed", woken.result)
    assert desk.effects(woken.case) == 1
    submission = LINES[gateway].ways["submit"]
    refused_before = int(write == "delete")
    assert len(desk.sent(woken.case, submission)) == 1 + submission.skip + refused_before
    assert desk.lying(woken.case) == desk.approved(woken.case)


@pytest.mark.parametrize(("desk", "gateway", "write"), ACTS, indirect=["desk"])
def test_an_act_that_slept_through_its_window_is_unclear_and_never_sent(
    desk: Desk, woken: Struck, gateway: str, write: str
) -> None:
    attempt, way = desk.attempt(woken.attempt_id), LINES[gateway].ways[write]
    assert (attempt.state, attempt.result) == ("unclear", woken.result)
    assert "Look there" in attempt.result
    assert desk.effects(woken.case, way.word) == 0
    assert desk.sent(woken.case, way) == []


def test_two_workers_at_once_file_each_of_many_cases_once(desk: Desk) -> None:
    cases = [desk.case(gateway) for gateway in LINES for _ in range(2)]
    cases += [desk.case("stripe"), desk.case("square")]
    cases[-1].act = cases[-2].act = GatewayAct.ACCEPT
    workers = [desk.worker(), desk.worker()]
    for worker in workers:
        wait_for(worker.ready, "a worker", said=worker.said)
    attempts = [desk.approve(case) for case in cases]
    # Every filing is handed out once more while it is under way.
    desk.due_now(*attempts)
    ended = [desk.wait_ended(attempt_id, worker=workers[0]) for attempt_id in attempts]
    assert [attempt.state for attempt in ended] == ["filed"] * len(cases), [attempt.result for attempt in ended]
    answered, accepted = cases[:-2], cases[-2:]
    assert [desk.effects(case) for case in answered] == [1] * len(answered)
    assert [desk.lying(case) for case in answered] == [desk.approved(case) for case in answered]
    words = [LINES[case.gateway].ways["accept"].word for case in accepted]
    assert [desk.effects(case, word) for case, word in zip(accepted, words, strict=True)] == [1, 1]
