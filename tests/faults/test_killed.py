"""SIGKILL at every point of every write: another process takes over, and exactly one answer is filed."""

from __future__ import annotations

import pytest

from gateways.sandbox.paypal.client import PayPalControl
from tests.faults import matrix
from tests.faults.desk import Desk
from tests.faults.gateways import LINES
from tests.faults.matrix import Struck

POINTS = (
    "before_intent",
    "torn_intent",
    "after_intent",
    "without_answer",
    "after_answer",
    "torn_record",
    "after_record",
)
BETWEEN = ("before_intent", "after_intent", "without_answer", "after_answer")
"""The points outside of any transaction, and not of one that is torn, which the database alone undoes."""
NOTHING_LEFT = "after_intent"
"""The one point after which nobody can tell whether it was sent: it was not, and that shows nowhere."""

GUARDED = {"stripe": ("upload", "stage", "submit"), "square": ("upload", "text", "delete", "submit")}
UNGUARDED = {"stripe": ("accept",), "square": ("accept",), "paypal": tuple(LINES["paypal"].ways)}

# Everything on SQLite; on PostgreSQL submissions, acceptances and Stripe's other writes between the transactions.
FILINGS = [("sqlite", name, at, write) for name, writes in GUARDED.items() for write in writes for at in POINTS]
FILINGS += [("postgresql", name, at, "submit") for name in GUARDED for at in BETWEEN]
FILINGS += [("postgresql", "stripe", at, ("upload", "stage")[n % 2]) for n, at in enumerate(BETWEEN)]
ACTS = [("sqlite", name, at, write) for name, writes in UNGUARDED.items() for write in writes for at in POINTS]
ACTS += [("postgresql", name, at, "accept") for name in UNGUARDED for at in BETWEEN[1:]]
ACTS += [("postgresql", "paypal", at, "submit") for at in BETWEEN]
STILL_ASKED = [("sqlite", "paypal", at, "submit") for at in POINTS]

pytestmark = pytest.mark.slow


@pytest.fixture
def struck(request: pytest.FixtureRequest, desk: Desk, gateway: str, at: str, write: str) -> Struck:
    """The case of this test, of all of its function, whose processes are killed together."""
    fought = request.node.originalname
    if fought not in desk.fought:
        desk.fought[fought] = matrix.killed(desk, matrix.siblings(request, "gateway", "at", "write"))
    one: Struck = desk.fought[fought][gateway, at, write]
    assert not one.trouble, one.trouble
    return one


@pytest.mark.parametrize(("desk", "gateway", "at", "write"), FILINGS, indirect=["desk"])
def test_a_filing_whose_process_is_killed_is_filed_exactly_once(
    desk: Desk, struck: Struck, gateway: str, at: str, write: str
) -> None:
    attempt = desk.attempt(struck.attempt_id)
    assert attempt.state == "filed", attempt.result
    assert desk.effects(struck.case) == 1
    assert desk.lying(struck.case) == desk.approved(struck.case)
    dispute = desk.dispute(struck.case)
    assert (dispute.work_state, dispute.answered_elsewhere) == ("filed", None)
    journal = desk.journal(attempt.id)
    assert {step.state for step in journal if not step.name.startswith("delete")} == {"done"}
    # A piece that is gone needs no further step: a deletion nobody noted keeps its intent, and only a deletion may.
    assert {step.state for step in journal} <= ({"done", "intent"} if write == "delete" else {"done"})


@pytest.mark.parametrize(("desk", "gateway", "at", "write"), ACTS, indirect=["desk"])
def test_an_act_whose_process_is_killed_happens_once_or_is_called_unclear(
    desk: Desk, struck: Struck, gateway: str, at: str, write: str
) -> None:
    """Nothing guards a second one, so the machine never sends it: what it cannot see it hands to a person."""
    way, attempt = LINES[gateway].ways[write], desk.attempt(struck.attempt_id)
    assert len(desk.sent(struck.case, way)) <= 1
    happened = desk.effects(struck.case, way.word)
    if at == NOTHING_LEFT:
        assert (attempt.state, happened) == ("unclear", 0), attempt.result
        assert "Look there" in attempt.result
    else:
        assert (attempt.state, happened) == ("filed", 1), attempt.result
    if attempt.lane == "answer":
        assert desk.dispute(struck.case).work_state == attempt.state


@pytest.fixture
def while_paypal_still_asks(request: pytest.FixtureRequest, desk: Desk, at: str) -> Struck:
    """PayPal reads an answer a while later and asks on until then: a second one would be a second one."""
    if "still asks" not in desk.fought:
        controls = desk.at("paypal").controls
        assert isinstance(controls, PayPalControl)
        controls.settings(review_begins_seconds=600)
        try:
            desk.fought["still asks"] = matrix.killed(desk, matrix.siblings(request, "gateway", "at", "write"))
        finally:
            controls.settings(review_begins_seconds=0)
    one: Struck = desk.fought["still asks"]["paypal", at, "submit"]
    assert not one.trouble, one.trouble
    return one


@pytest.mark.parametrize(("desk", "gateway", "at", "write"), STILL_ASKED, indirect=["desk"])
def test_an_answer_that_paypal_has_not_looked_at_yet_is_not_given_twice(
    desk: Desk, while_paypal_still_asks: Struck, gateway: str, at: str, write: str
) -> None:
    case = while_paypal_still_asks.case
    attempt = desk.attempt(while_paypal_still_asks.attempt_id)
    assert len(desk.sent(case, LINES["paypal"].ways["submit"])) == desk.effects(case) == int(at != NOTHING_LEFT)
    assert (attempt.state, desk.dispute(case).work_state) == ("unclear", "unclear"), attempt.result
    assert "Look there" in attempt.result
    assert desk.lying(case) == (desk.approved(case) if at != NOTHING_LEFT else [])
