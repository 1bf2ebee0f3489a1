"""Refused, cancelled, escalated, changed: each answer is filed once, and only the one that was approved."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlmodel import Session

from disputes import store, submission
from disputes.acts import GatewayAct
from disputes.models import Attempt, Merchant
from gateways.sandbox.control import SandboxControl
from gateways.sandbox.paypal.client import PayPalControl
from gateways.sandbox.square.control import SquareControl
from tests.faults.desk import Case, Desk
from tests.faults.gateways import LINES
from tests.faults.processes import wait_for

pytestmark = pytest.mark.slow

# Everything on SQLite; on PostgreSQL what goes through new rounds and new attempts.
EVERY_GATEWAY = [(kind, gateway) for kind in ("sqlite", "postgresql") for gateway in LINES]


def refuse(desk: Desk, case: Case) -> None:
    """The gateway will not take the next submission of this case."""
    route = LINES[case.gateway].ways["submit"].route(case.external_id)
    desk.at(case.gateway).controls.fault("status", status=400, **route)


def file(desk: Desk, case: Case) -> Attempt:
    return desk.wait_ended(desk.approve(case), worker=desk.steady())


@pytest.mark.parametrize(("desk", "gateway"), EVERY_GATEWAY, indirect=["desk"])
def test_a_refused_answer_is_mended_and_filed_once_under_a_new_attempt(desk: Desk, gateway: str) -> None:
    case = desk.case(gateway)
    refuse(desk, case)
    first = file(desk, case)
    assert first.state == "rejected"
    assert "told to refuse" in first.result
    assert desk.dispute(case).work_state == "awaiting_approval"
    assert desk.effects(case) == 0

    mended = desk.prepare(gateway, case.external_id)
    assert mended.response_sha256 != case.response_sha256
    second = file(desk, mended)
    assert (second.state, second.ordinal) == ("filed", 2), second.result
    assert desk.effects(case) == 1
    assert desk.lying(mended) == desk.approved(mended)
    steps = [step for attempt in (first, second) for step in desk.journal(attempt.id)]
    assert len({step.write_key for step in steps}) == len(steps), "every attempt has keys of its own"


@pytest.mark.parametrize(("desk", "gateway"), EVERY_GATEWAY, indirect=["desk"])
def test_a_cancelled_hold_leaves_the_case_free_to_be_filed_again(desk: Desk, gateway: str) -> None:
    case = desk.case(gateway)
    held = desk.attempt(desk.hold(case))
    desk.change(
        lambda session: submission.cancel(
            session, session.get_one(Attempt, held.id), by="per_1", why="Not yet.", now=desk.runtime.clock.now()
        )
    )
    assert desk.dispute(case).work_state == "awaiting_approval"
    attempt = file(desk, case)
    assert (attempt.state, attempt.ordinal) == ("filed", 2), attempt.result
    assert desk.effects(case) == 1


# ---- rounds --------------------------------------------------------------------------------------------------------


def escalates(controls: SandboxControl, external_id: str) -> None:
    controls.escalate(external_id)


def asks_for_more(controls: SandboxControl, external_id: str) -> None:
    assert isinstance(controls, PayPalControl)
    controls.require_evidence(external_id)


def loses_it(controls: SandboxControl, external_id: str) -> None:
    assert isinstance(controls, PayPalControl)
    controls.outcome(external_id, "lost", appealable=True)


def comes_back(controls: SandboxControl, external_id: str) -> None:
    assert isinstance(controls, SquareControl)
    controls.reopen(external_id)


Happens = Callable[[SandboxControl, str], None]
# Gateway, how the dispute begins, what happens after the answer, the kinds of its rounds, how the second is answered.
ROUNDS: list[tuple[str, dict[str, str], Happens, tuple[str, str], GatewayAct]] = [
    ("stripe", {"kind": "inquiry"}, escalates, ("inquiry", "chargeback"), GatewayAct.SUBMIT),
    ("paypal", {"stage": "INQUIRY"}, escalates, ("inquiry", "chargeback"), GatewayAct.SUBMIT),
    ("paypal", {}, asks_for_more, ("chargeback", "chargeback"), GatewayAct.SUBMIT),
    ("paypal", {}, loses_it, ("chargeback", "pre_arbitration"), GatewayAct.APPEAL),
    ("square", {"kind": "inquiry"}, escalates, ("inquiry", "chargeback"), GatewayAct.SUBMIT),
    ("square", {}, comes_back, ("chargeback", "chargeback"), GatewayAct.SUBMIT),
]


@pytest.mark.parametrize(
    ("gateway", "begins", "happens", "kinds", "answered_by"), ROUNDS, ids=lambda value: getattr(value, "__name__", None)
)
def test_a_dispute_that_comes_back_is_answered_once_in_each_round(
    desk: Desk, gateway: str, begins: dict[str, str], happens: Happens, kinds: tuple[str, str], answered_by: GatewayAct
) -> None:
    first = desk.case(gateway, **begins)
    filed = file(desk, first)
    assert filed.state == "filed", filed.result

    happens(desk.at(gateway).controls, first.external_id)
    second = desk.prepare(gateway, first.external_id)
    assert second.round_id != first.round_id
    assert second.act == answered_by
    assert desk.dispute(first).answered_elsewhere is None
    filed = file(desk, second)
    assert filed.state == "filed", filed.result
    counted = {answered_by, GatewayAct.SUBMIT}
    assert sum(desk.effects(first, LINES[gateway].ways[act].word) for act in counted) == 2
    assert desk.lying(second) == desk.approved(second)
    rounds = [(row.ordinal, row.kind, row.answered_at is not None) for row in desk.rounds(first)]
    assert rounds == [(1, kinds[0], True), (2, kinds[1], True)]


@pytest.mark.parametrize("desk", ["sqlite"], indirect=True)
def test_the_same_answer_again_in_a_new_round_is_found_as_the_new_one(desk: Desk) -> None:
    """PayPal keeps the documents of earlier rounds under their names: the ones from before prove nothing."""
    case = desk.case("paypal")
    assert file(desk, case).state == "filed"
    asks_for_more(desk.at("paypal").controls, case.external_id)
    again = desk.prepare("paypal", case.external_id, like=case)
    assert again.files == case.files
    route = LINES["paypal"].ways["submit"].route(case.external_id)
    desk.at("paypal").controls.fault("drop_before", **route)
    assert file(desk, again).state == "unclear"
    assert desk.effects(case) == 1


def test_a_chargeback_can_be_answered_although_somebody_else_answered_its_inquiry(desk: Desk) -> None:
    inquiry = desk.case("stripe", kind="inquiry")
    desk.at("stripe").controls.submit_foreign(inquiry.external_id)
    desk.at("stripe").controls.escalate(inquiry.external_id)
    chargeback = desk.prepare("stripe", inquiry.external_id)
    again = desk.prepare("stripe", inquiry.external_id)
    assert again.round_id == chargeback.round_id
    assert desk.dispute(inquiry).answered_elsewhere is None
    filed = file(desk, again)
    assert filed.state == "filed", filed.result
    assert desk.effects(inquiry) == 1


@pytest.mark.parametrize("desk", ["sqlite"], indirect=True)
def test_what_somebody_else_sent_with_an_earlier_round_at_square_is_a_persons_to_judge(desk: Desk) -> None:
    """Square tells no round of a piece, so that it might be waiting to go to the bank with ours."""
    inquiry = desk.case("square", kind="inquiry")
    desk.at("square").controls.submit_foreign(inquiry.external_id)
    desk.at("square").controls.escalate(inquiry.external_id)
    chargeback = desk.prepare("square", inquiry.external_id)
    assert desk.dispute(inquiry).answered_elsewhere is None
    attempt = file(desk, chargeback)
    assert (attempt.state, "not ours lies at Square" in attempt.result) == ("rejected", True), attempt.result
    assert desk.effects(inquiry) == 0


# ---- what changed meanwhile ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("gateway", "begins", "amount"), [("stripe", {"kind": "inquiry"}, 500), ("paypal", {"stage": "INQUIRY"}, "5.00")]
)
def test_a_refund_after_the_preparation_stops_the_filing_and_asks_for_a_new_answer(
    desk: Desk, gateway: str, begins: dict[str, str], amount: int
) -> None:
    """Square refunds no payment that is disputed."""
    desk.steady()
    case = desk.case(gateway, **begins)
    payment = desk.dispute(case).payment_id
    assert payment is not None
    desk.at(gateway).controls.refund(payment, amount)
    attempt = file(desk, case)
    assert attempt.state == "rejected"
    assert "refunds of this payment" in attempt.result
    words = {way.word for way in LINES[gateway].ways.values() if way.word}
    assert {desk.effects(case, word) for word in words} == {0}
    wait_for(lambda: desk.rounds(case)[-1].response_sha256 != case.response_sha256, "the new preparation", seconds=90)


FOREIGN: list[tuple[str, str]] = [
    ("stripe", "staged"),
    ("stripe", "submitted"),
    ("square", "staged"),
    ("square", "submitted"),
    ("paypal", "submitted"),
    ("paypal", "submitted, and PayPal still asks"),
]


def by_somebody_else(desk: Desk, case: Case, how: str) -> None:
    controls = desk.at(case.gateway).controls
    if isinstance(controls, PayPalControl):
        controls.settings(review_begins_seconds=600 if "still asks" in how else 0)
        controls.evidence_foreign(case.external_id)
        controls.settings(review_begins_seconds=0)
        return
    act = controls.stage_foreign if how == "staged" else controls.submit_foreign
    act(case.external_id, **({"uncategorized_text": "A colleague's words."} if case.gateway == "stripe" else {}))


@pytest.mark.parametrize(("gateway", "how"), FOREIGN)
def test_what_somebody_else_wrote_meanwhile_is_neither_sent_over_nor_overwritten(
    desk: Desk, gateway: str, how: str
) -> None:
    case = desk.case(gateway)
    by_somebody_else(desk, case, how)
    attempt = file(desk, case)
    assert attempt.state == "rejected"
    words = "not ours lies at Square" if (gateway, how) == ("square", "staged") else "at the gateway itself"
    assert words in attempt.result
    counted = {way.word for way in LINES[gateway].ways.values() if way.word}
    assert {desk.effects(case, word) for word in counted} == {0}
    if gateway != "square":
        assert desk.lying(case) == []
    if (gateway, how) != ("square", "staged"):
        assert store.shown(desk.dispute(case), desk.runtime.clock.now()) == "answered_elsewhere"
        assert not store.window_of(desk.dispute(case), desk.runtime.clock.now(), 6).person


@pytest.mark.parametrize("desk", ["sqlite"], indirect=True)
def test_words_that_somebody_else_staged_at_stripe_stay_as_they_are(desk: Desk) -> None:
    case = desk.case("stripe")
    by_somebody_else(desk, case, "staged")
    assert file(desk, case).state == "rejected"
    there = desk.at("stripe").gateway.read_back(case.external_id)
    assert there.fields["uncategorized_text"] == "A colleague's words."


@pytest.mark.parametrize(("desk", "gateway"), EVERY_GATEWAY, indirect=["desk"])
def test_the_kill_switch_stops_an_answer_that_was_approved_before(desk: Desk, gateway: str) -> None:
    case = desk.case(gateway)

    def paused(to: bool) -> None:
        def change(session: Session) -> None:
            session.get_one(Merchant, desk.merchant_id).filing_paused = to

        desk.change(change)

    desk.dismiss()
    attempt_id = desk.approve(case)
    paused(True)
    try:
        attempt = desk.wait_ended(attempt_id, worker=desk.steady())
    finally:
        paused(False)
    assert attempt.state == "cancelled"
    assert "paused" in attempt.result
    assert desk.effects(case) == 0
    assert file(desk, case).state == "filed"
    assert desk.effects(case) == 1
