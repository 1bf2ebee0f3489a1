"""The merchant's own decided cases: counted by category and gateway, and only those that were answered."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from disputes import store
from disputes.acts import GatewayAct
from disputes.models import Dispute, Merchant
from evidence.calibration import Tally
from scheduler import experience
from tests import builders
from tests.builders import NOW
from tests.scheduler.doubles import Desk
from tests.web.decided import decided as decided_before


def tallies(desk: Desk, *, live: bool = False) -> tuple[Tally, ...]:
    desk.runtime.experience.clear()
    return experience.tallies(desk.runtime, desk.merchant_id, live=live)


def decided(desk: Desk, external_id: str, status: str, *, answered: bool = True, **changes: Any) -> None:
    told = {"external_id": external_id, "status": status, "submission_count": int(answered), "due_at": None, **changes}
    desk.gateway.says(**told)


def test_answered_cases_that_were_won_or_lost_are_counted_by_category(desk: Desk) -> None:
    for number in range(3):
        decided(desk, f"du_w{number}", "won")
    decided(desk, "du_l", "lost")
    decided(desk, "du_f", "won", raw_reason="fraudulent", reason_code="10.4")
    desk.sync()
    assert tallies(desk) == (
        Tally(category="fraudulent", gateway="stripe", won=1, lost=0),
        Tally(category="not_received", gateway="stripe", won=3, lost=1),
    )


def test_what_was_never_answered_accepted_or_withdrawn_teaches_nothing(desk: Desk) -> None:
    decided(desk, "du_1", "lost", answered=False)
    decided(desk, "du_2", "accepted")
    decided(desk, "du_3", "withdrawn")
    desk.sync()
    assert tallies(desk) == ()


def test_real_money_and_sandbox_money_do_not_teach_each_other(desk: Desk) -> None:
    decided(desk, "du_1", "won", live=True)
    desk.sync()
    assert tallies(desk) == ()
    assert tallies(desk, live=True)[0].won == 1


def test_cases_of_long_ago_are_left_out(desk: Desk) -> None:
    decided(desk, "du_1", "won", opened_at=NOW - timedelta(days=800))
    desk.sync()
    assert tallies(desk) == ()


def test_an_answer_of_ours_counts_where_the_gateway_does_not_say_that_there_was_one(desk: Desk) -> None:
    decided(desk, "sq_1", "needs_response", answered=False, gateway="square", due_at=NOW + timedelta(days=9))
    desk.sync()
    with desk.runtime.database.writing() as session:
        row = session.get_one(Dispute, desk.dispute("sq_1").id)
        row.gateway = "square"
        current = store.current_round(session, row)
        assert current is not None
        current.answered_at = NOW
        session.add_all([row, current])
    decided(desk, "sq_1", "lost", answered=False, gateway="square")
    desk.sync()
    assert [(each.gateway, each.lost) for each in tallies(desk)] == [("square", 1)]


def test_another_merchants_cases_are_never_counted(desk: Desk) -> None:
    with desk.runtime.database.writing() as session:
        other = builders.merchant(session)
        builders.seen(
            session, connection=builders.connection(session, merchant=other), status="won", submission_count=1
        )
    assert tallies(desk) == ()


def test_the_count_is_taken_again_only_after_a_while(desk: Desk) -> None:
    assert tallies(desk) == ()
    decided(desk, "du_1", "won")
    desk.sync()
    assert experience.tallies(desk.runtime, desk.merchant_id, live=False) == ()
    assert tallies(desk)[0].won == 1


def test_a_case_accepted_through_the_desk_was_not_contested_though_stripe_calls_it_lost(desk: Desk) -> None:
    with desk.runtime.database.writing() as session:
        merchant = session.get_one(Merchant, desk.merchant_id)
        connection = builders.connection(session, merchant=merchant)
        decided_before(session, connection, external_id="du_accepted", status="lost", act=GatewayAct.ACCEPT)
        decided_before(session, connection, external_id="du_contested", status="lost")
    assert [(each.won, each.lost) for each in tallies(desk)] == [(0, 1)]
