"""Acts beside the answer: only what the gateway offers now, only what it allows, and never in the answer's way."""

from __future__ import annotations

from typing import Any

import pytest
from sqlmodel import Session, select

from disputes import store, submission
from disputes.acts import GatewayAct, Offered
from disputes.lifecycle import GatewayStatus, WorkState
from disputes.models import Attempt, Connection, Dispute, Round, StoredResponse
from disputes.ports import Capabilities
from disputes.response import Response
from disputes.submission import Refused
from scheduler import asking
from tests import builders
from tests.scheduler.doubles import Desk

OFFERS = (
    Offered("message"),
    Offered("offer", {"offer_type": ("REFUND",)}),
    Offered("accept", {"accept_claim_type": ("REFUND", "PARTIAL_REFUND")}),
    Offered("escalate"),
)


@pytest.fixture
def inquiry(desk: Desk) -> Desk:
    """An inquiry at PayPal that offers more than one act."""
    with desk.runtime.database.writing() as session:
        session.get_one(Connection, desk.connection_id).gateway = "paypal"
    desk.gateway.says(gateway="paypal", kind="inquiry", capabilities=Capabilities(True, True, offers=OFFERS))
    desk.sync()
    return desk


def ask(desk: Desk, act: str, by: str = "per_1", **given: str) -> Attempt:
    with desk.runtime.database.writing() as session:
        dispute = session.get_one(Dispute, desk.dispute().id)
        return asking.ask(desk.runtime, session, dispute, act=act, given=given, by=by)


def response(desk: Desk, attempt: Attempt) -> Response:
    with desk.runtime.database.reading() as session:
        stored = session.get_one(StoredResponse, attempt.response_sha256)
    return Response.model_validate_json(stored.canonical)


def approved(session: Session, desk: Desk, dispute: Dispute, current: Round) -> Attempt:
    now = desk.clock.now()
    return submission.open_attempt(
        session, dispute, current, act="submit", response_sha256=current.response_sha256, approved_by="per_1",
        rule_version=None, act_at=now, now=now,
    )  # fmt: skip


def end(desk: Desk, attempt: Attempt, state: str) -> Attempt:
    with desk.runtime.database.writing() as session:
        row = session.get_one(Attempt, attempt.id)
        submission.begin(session, row, desk.clock.now())
        submission.finish(session, row, state, result="", read_back=None, now=desk.clock.now())
        return row


def test_a_message_is_what_was_typed_and_is_handed_to_the_engine(inquiry: Desk) -> None:
    attempt = ask(inquiry, "message", message="It was shipped on Monday.")
    said = response(inquiry, attempt)
    assert (said.act, said.fields) == (GatewayAct.MESSAGE, {"message": "It was shipped on Monday."})
    assert (attempt.lane, attempt.approved_by) == ("side", "per_1")
    assert inquiry.runs.of("respond") == [[attempt.id]]


def test_beside_it_the_answer_goes_on_as_if_nothing_was(inquiry: Desk) -> None:
    ask(inquiry, "message", message="Hello")
    assert inquiry.dispute().work is WorkState.NEW
    with inquiry.runtime.database.writing() as session:
        dispute = session.get_one(Dispute, inquiry.dispute().id)
        current = builders.prepared(session, dispute=dispute)
        approved(session, inquiry, dispute, current)
    assert inquiry.dispute().work is WorkState.SCHEDULED


def test_two_acts_at_once_are_refused_and_one_after_the_other_are_not(inquiry: Desk) -> None:
    first = ask(inquiry, "message", message="Hello")
    with pytest.raises(Refused, match="under way"):
        ask(inquiry, "message", message="Hello again")
    end(inquiry, first, "filed")
    assert ask(inquiry, "message", message="Hello again").ordinal == 2


def test_an_unclear_act_holds_its_lane_until_a_person_has_looked(inquiry: Desk) -> None:
    first = end(inquiry, ask(inquiry, "offer", offer_type="REFUND", offer_amount="50.00", note="Half"), "unclear")
    with pytest.raises(Refused, match="under way"):
        ask(inquiry, "message", message="Hello")
    with inquiry.runtime.database.writing() as session:
        row = session.get_one(Attempt, first.id)
        submission.settle_unclear(session, row, filed=True, by="per_1", now=inquiry.clock.now())
    ask(inquiry, "message", message="Hello")
    assert inquiry.dispute().work is WorkState.NEW, "an offer that was made is no answer to the bank"


def test_money_goes_as_the_gateway_writes_it(inquiry: Desk) -> None:
    said = response(inquiry, ask(inquiry, "offer", offer_type="REFUND", offer_amount="50", note="Half"))
    assert said.fields["offer_amount.value"] == "50.00"
    assert said.fields["offer_amount.currency_code"] == "EUR"


def test_a_currency_without_decimals_there_goes_without_and_a_fraction_is_refused(desk: Desk) -> None:
    from disputes.money import Money

    with desk.runtime.database.writing() as session:
        session.get_one(Connection, desk.connection_id).gateway = "paypal"
    desk.gateway.says(
        gateway="paypal", amount=Money(4590000, "HUF"), capabilities=Capabilities(True, True, offers=OFFERS)
    )
    desk.sync()
    with pytest.raises(Refused, match="without decimal places"):
        ask(desk, "offer", offer_type="REFUND", offer_amount="100.50", note="Half")
    said = response(desk, ask(desk, "offer", offer_type="REFUND", offer_amount="20000", note="Half"))
    assert said.fields["offer_amount.value"] == "20000"


@pytest.mark.parametrize(
    ("act", "given", "words"),
    [
        ("message", {}, "is empty"),
        ("message", {"message": "x" * 2001}, "2,000 characters"),
        ("offer", {"offer_type": "REPLACEMENT_WITHOUT_REFUND", "note": "x"}, "the gateway allows REFUND"),
        ("offer", {"offer_type": "REFUND", "offer_amount": "500.00", "note": "x"}, "at most 189.00 EUR"),
        ("offer", {"offer_type": "REFUND", "offer_amount": "-1", "note": "x"}, "Type it like"),
        ("offer", {"offer_type": "REFUND", "offer_amount": "0", "note": "x"}, "above zero"),
        ("offer", {"offer_type": "REFUND", "offer_amount": "1.250", "note": "x"}, "signs for thousands"),
        ("accept", {"accept_claim_type": "PARTIAL_REFUND"}, "Name an amount"),
        ("accept", {"accept_claim_type": "REFUND", "refund_amount": "1.00"}, "only for that"),
        ("acknowledge_return", {"acknowledgement_type": "ITEM_RECEIVED"}, "does not offer this"),
        ("fly", {}, "does not offer this"),
    ],
)
def test_what_the_gateway_does_not_offer_or_take_is_refused(
    inquiry: Desk, act: str, given: dict[str, str], words: str
) -> None:
    with pytest.raises(Refused, match=words):
        ask(inquiry, act, **given)
    assert inquiry.runs.of("respond") == []


def test_an_act_that_is_not_built_is_known_by_the_gateways_own_word() -> None:
    assert not Offered("reveal_secret").built
    assert Offered("escalate").built


def test_accepting_takes_the_round_and_an_answer_can_no_longer_be_approved(inquiry: Desk) -> None:
    attempt = ask(inquiry, "accept", accept_claim_type="REFUND", note="Sorry")
    assert attempt.lane == "answer"
    with inquiry.runtime.database.writing() as session:
        dispute = session.get_one(Dispute, inquiry.dispute().id)
        current = store.current_round(session, dispute)
        assert current is not None
        with pytest.raises(Refused, match="already being filed"):
            submission.open_attempt(
                session, dispute, current, act="submit", response_sha256=None, approved_by="per_1",
                rule_version=None, act_at=inquiry.clock.now(), now=inquiry.clock.now(),
            )  # fmt: skip


def test_only_one_attempt_lives_in_a_lane_even_if_the_code_forgot(inquiry: Desk) -> None:
    ask(inquiry, "message", message="Hello")
    with inquiry.runtime.database.reading() as session:
        (attempt,) = session.exec(select(Attempt)).all()
    from sqlalchemy.exc import IntegrityError

    twin: dict[str, Any] = {**attempt.model_dump(), "id": "att_twin", "ordinal": 2}
    with pytest.raises(IntegrityError), inquiry.runtime.database.writing() as session:
        session.add(Attempt(**twin))


def test_the_appeal_of_a_lost_case_is_a_round_and_the_loss_is_told(desk: Desk) -> None:
    desk.gateway.says()
    desk.sync()
    with desk.runtime.database.writing() as session:
        dispute = session.get_one(Dispute, desk.dispute().id)
        current = builders.prepared(session, dispute=dispute)
        attempt = approved(session, desk, dispute, current)
        submission.begin(session, attempt, desk.clock.now())
        submission.finish(session, attempt, "filed", result="", read_back=None, now=desk.clock.now())
    desk.gateway.says(
        kind="pre_arbitration", submission_count=1, previous_outcome=GatewayStatus.LOST, outcome_reason="NO_PROOF",
        capabilities=Capabilities(True, True, answer_act=GatewayAct.APPEAL),
    )  # fmt: skip
    desk.sync()
    first, second = desk.rounds()
    assert (first.outcome, first.outcome_reason, second.outcome) == ("lost", "NO_PROOF", None)
    assert desk.dispute().answer_act == "appeal"
    assert "decided against you, and it can be appealed" in desk.mails()[-1].subject


def test_an_acceptance_is_not_undone_by_a_preparation_that_ends_after_it(inquiry: Desk) -> None:
    attempt = ask(inquiry, "accept", accept_claim_type="REFUND", note="Sorry")
    with inquiry.runtime.database.writing() as session:
        dispute = session.get_one(Dispute, inquiry.dispute().id)
        current = builders.prepared(session, dispute=dispute)
        live = store.live_attempt(session, current.id)
        assert live is not None
        assert (live.id, live.act, live.state) == (attempt.id, "accept", "scheduled")
