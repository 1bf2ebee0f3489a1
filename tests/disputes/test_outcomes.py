"""What came of a case: who answered, how close to the deadline, what was missed; and what is kept of it by sync."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import Session, SQLModel, col, select

from disputes import store_outcomes, sync
from disputes.database import Database
from disputes.lifecycle import GatewayStatus, Kind
from disputes.migrate import migrate
from disputes.models import CaseAttention, CaseMoneyRow, Connection, EvidenceSet, Merchant, Person, RoundResult
from disputes.money import Money
from disputes.outcomes import Answered, CaseFacts, Cell, RoundFacts, evidence_of, evidence_text, told_of
from disputes.store_outcomes import Scope, Wanted
from tests import builders
from tests.builders import NOW
from tests.disputes.test_kept import another_database_url, copied  # noqa: F401 - a fixture
from tests.web.decided import decided, filed, line

CASE = CaseFacts(status="lost", decided_at=NOW, answered_elsewhere=False, told_answers=None)


def asked(**changes: Any) -> RoundFacts:
    base = RoundFacts(
        id="rnd_1",
        ordinal=1,
        kind="chargeback",
        opened_at=NOW - timedelta(days=20),
        due_at=NOW - timedelta(days=10),
        answered_at=None,
        outcome=None,
    )
    return replace(base, **changes)


def answered(**changes: Any) -> RoundFacts:
    return asked(
        **{"answered_at": NOW - timedelta(days=12, minutes=30), "act": "submit", "approved_by": "per_1"} | changes
    )


class TestWhoAnswered:
    @pytest.mark.parametrize(
        ("one", "who"),
        [
            (answered(), Answered.PERSON),
            (answered(approved_by="rule"), Answered.RULE),
            (answered(act="accept"), Answered.ACCEPTED),
            (asked(), Answered.MISSED),
        ],
    )
    def test_a_round_was_answered_by_whom_the_journal_says(self, one: RoundFacts, who: Answered) -> None:
        assert [each.answered for each in told_of(CASE, [one])] == [who]

    def test_a_gateway_that_counts_answers_is_believed_over_what_was_noticed(self) -> None:
        noticed = replace(CASE, answered_elsewhere=True)
        assert told_of(noticed, [asked()])[0].answered is Answered.ELSEWHERE
        assert told_of(replace(noticed, told_answers=0), [asked()])[0].answered is Answered.MISSED

    def test_our_own_answer_to_an_earlier_round_is_nobody_elses_to_this_one(self) -> None:
        rounds = [answered(), asked(id="rnd_2", ordinal=2)]
        assert told_of(replace(CASE, told_answers=1), rounds)[-1].answered is Answered.MISSED
        assert told_of(replace(CASE, told_answers=2), rounds)[-1].answered is Answered.ELSEWHERE

    def test_a_case_that_never_asked_us_is_a_case_all_the_same(self) -> None:
        (one,) = told_of(replace(CASE, told_answers=1), [])
        assert (one.answered, one.contested, one.margin_hours) == (Answered.ELSEWHERE, True, None)

    def test_what_takes_no_evidence_was_not_missed(self) -> None:
        assert told_of(replace(CASE, contestable=False), [asked()])[0].answered is Answered.NO

    def test_a_case_that_ended_before_its_deadline_was_not_missed(self) -> None:
        assert told_of(CASE, [asked(due_at=NOW + timedelta(days=1))])[0].answered is Answered.NO

    def test_a_round_without_a_decision_went_on(self) -> None:
        rounds = [answered(kind="inquiry"), answered(id="rnd_2", ordinal=2)]
        assert [each.result for each in told_of(replace(CASE, status="won"), rounds)] == ["went_on", "won"]
        lost = [answered(outcome="lost"), answered(id="rnd_2", ordinal=2)]
        assert [each.result for each in told_of(replace(CASE, status="won"), lost)] == ["lost", "won"]

    def test_the_margin_is_in_whole_hours_and_falls_below_zero_after_the_deadline(self) -> None:
        assert told_of(CASE, [answered()])[0].margin_hours == 48
        late = answered(answered_at=NOW - timedelta(days=10) + timedelta(minutes=1))
        assert told_of(CASE, [late])[0].margin_hours == -1
        assert told_of(CASE, [answered(due_at=None)])[0].margin_hours is None
        assert told_of(CASE, [answered(act="accept")])[0].margin_hours is None


class TestCells:
    @given(st.lists(st.text("abc_|é ", max_size=8), min_size=8, max_size=8))
    def test_come_back_from_their_text_without_the_bar(self, parts: list[str]) -> None:
        cell = Cell(*parts, "last")
        again = Cell.parse(str(cell))
        assert str(again) == str(cell)
        assert again.category == parts[2].replace("|", "/")

    @given(st.dictionaries(st.sampled_from(["a_b", "c", "usage_log"]), st.booleans()))
    def test_evidence_comes_back_from_its_text(self, held: dict[str, bool]) -> None:
        assert evidence_of(evidence_text(held)) == held


def shop(session: Session) -> tuple[Merchant, Connection]:
    merchant = builders.merchant(session)
    return merchant, builders.connection(session, merchant=merchant)


def results(session: Session, merchant: Merchant) -> list[RoundResult]:
    query = select(RoundResult).where(RoundResult.merchant_id == merchant.id)
    return list(session.exec(query.order_by(col(RoundResult.dispute_id), col(RoundResult.ordinal))))


def wide(merchant: Merchant, **changes: Any) -> Scope:
    return Scope(**{"merchant_id": merchant.id, "live": False, **changes})


class TestKeeping:
    def test_a_decision_is_noted_with_all_the_page_counts_by(self, database: Database) -> None:
        with database.writing() as session:
            merchant, connection = shop(session)
            decided(session, connection, status="won", by="rule")
            (row,) = results(session, merchant)
        assert (row.result, row.answered, row.margin_hours, row.is_last) == ("won", "rule", 72, True)
        assert (row.network, row.category, row.product_type) == ("visa", "not_received", "physical")
        assert row.day == 20261120, "in the shop's zone"

    def test_an_open_case_has_none_and_one_that_is_opened_again_loses_it(self, database: Database) -> None:
        with database.writing() as session:
            merchant, connection = shop(session)
            dispute = decided(session, connection, status="lost")
            assert len(results(session, merchant)) == 1
            builders.seen(
                session,
                connection=connection,
                external_id=dispute.external_id,
                status=GatewayStatus.NEEDS_RESPONSE,
                kind=Kind.PRE_ARBITRATION,
                submission_count=1,
            )
            assert results(session, merchant) == []

    def test_a_lost_case_that_becomes_won_is_won(self, database: Database) -> None:
        with database.writing() as session:
            merchant, connection = shop(session)
            dispute = decided(session, connection, status="lost", at=NOW - timedelta(days=5))
            builders.seen(
                session, connection=connection, external_id=dispute.external_id, status="won", submission_count=1
            )
            (row,) = results(session, merchant)
        assert (row.result, row.decided_at) == ("won", NOW)

    def test_money_that_is_booked_after_the_end_is_counted_on_the_day_of_the_decision(self, database: Database) -> None:
        with database.writing() as session:
            merchant, connection = shop(session)
            gone = [line("withdrawal", -18900, "EUR", "m1"), line("fee", -1500, "EUR", "m2")]
            dispute = decided(session, connection, movements=gone, at=NOW - timedelta(days=5))
            back = [*gone, line("reversal", 18900, "EUR", "m3")]
            builders.seen(
                session,
                connection=connection,
                external_id=dispute.external_id,
                status="won",
                submission_count=1,
                movements=tuple(back),
            )
            (money,) = session.exec(select(CaseMoneyRow)).all()
            assert (money.withdrawn, money.returned, money.fees, money.day) == (18900, 18900, 1500, 20261117)
            (month,) = store_outcomes.money(session, wide(merchant))
        assert month.money.net == Money(-1500, "EUR")

    def test_history_and_alerts_are_never_counted(self, database: Database) -> None:
        with database.writing() as session:
            merchant, connection = shop(session)
            told = builders.snapshot(external_id="du_old", status="lost")
            sync.apply_page(session, connection, [told], NOW, first_pull=True)
            builders.seen(session, connection=connection, external_id="du_alert", kind=Kind.ALERT)
            builders.seen(session, connection=connection, external_id="du_alert", kind=Kind.ALERT, status="prevented")
            assert results(session, merchant) == []

    def test_each_round_of_an_appealed_case_has_its_row_and_the_case_counts_once(self, database: Database) -> None:
        with database.writing() as session:
            merchant, connection = shop(session)
            dispute = decided(session, connection, status="lost", at=NOW - timedelta(days=9))
            again = {"kind": Kind.PRE_ARBITRATION, "submission_count": 1, "due_at": NOW + timedelta(days=3)}
            builders.seen(session, connection=connection, external_id=dispute.external_id, **again)
            filed(session, dispute, at=NOW)
            builders.seen(
                session,
                connection=connection,
                external_id=dispute.external_id,
                status="won",
                kind=Kind.PRE_ARBITRATION,
                submission_count=2,
            )
            rows = results(session, merchant)
            found = store_outcomes.cases(session, Wanted(wide(merchant)))
            answers = store_outcomes.cases(session, Wanted(wide(merchant), which="answers"))
        assert [(each.result, each.is_last) for each in rows] == [("lost", False), ("won", True)]
        assert [each.result for each, _ in found] == ["won"]
        assert len(answers) == 2

    def test_the_work_on_it_is_kept_with_it(self, database: Database) -> None:
        with database.writing() as session:
            merchant, connection = shop(session)
            dispute = builders.seen(session, connection=connection)
            person = person_of(session)
            session.add(
                CaseAttention(
                    dispute_id=dispute.id, person_id=person, merchant_id=merchant.id, first_at=NOW, seen_at=NOW,
                    seconds=95, acts=3,
                )
            )  # fmt: skip
            filed(session, dispute, at=NOW)
            builders.seen(session, connection=connection, status="won", submission_count=1)
            (cell,) = store_outcomes.cells(session, wide(merchant))
        assert (cell.attended, cell.seconds, cell.acts) == (1, 95, 3)


def person_of(session: Session) -> str:
    session.add(Person(id="per_9", email="nine@shop.example", name="Nine", password_hash="-", created_at=NOW))
    session.flush()
    return "per_9"


class TestFigures:
    def test_every_figure_is_of_one_side_one_shop_and_the_days_asked_for(self, database: Database) -> None:
        with database.writing() as session:
            merchant, connection = shop(session)
            live = builders.connection(session, merchant=merchant, mode="live")
            other = builders.connection(session, merchant=builders.merchant(session))
            decided(session, connection, external_id="du_1")
            decided(session, connection, external_id="du_2", at=NOW - timedelta(days=60))
            decided(session, live, external_id="du_3")
            decided(session, other, external_id="du_4")
            shown = store_outcomes.cases(session, Wanted(wide(merchant, first=20261101, last=20261122)))
            assert [dispute.external_id for _, dispute in shown] == ["du_1"]
            everything = store_outcomes.cases(session, Wanted(wide(merchant)))
            assert [dispute.external_id for _, dispute in everything] == ["du_1", "du_2"]
            assert sum(each.number for each in store_outcomes.cells(session, wide(merchant, live=True))) == 1

    def test_the_list_behind_a_figure_holds_as_many_as_the_figure_says(self, database: Database) -> None:
        with database.writing() as session:
            merchant, connection = shop(session)
            for number, (status, by, act) in enumerate(
                [("won", "rule", None), ("lost", "per_1", None), ("lost", None, None), ("lost", "per_1", "accept"),
                 ("withdrawn", "per_1", None)]
            ):  # fmt: skip
                decided(session, connection, external_id=f"du_{number}", status=status, by=by, act=act)
            cells = store_outcomes.cells(session, wide(merchant))
            listed = {
                which: len(store_outcomes.cases(session, Wanted(wide(merchant), which=which)))
                for which in store_outcomes.WHICH
            }
        assert sum(each.number for each in cells) == 5
        assert listed == {
            "decided": 5, "contested": 3, "not_contested": 2, "judged": 2, "won": 1, "lost": 1, "unjudged": 1,
            "answers": 3, "by_rule": 1, "by_person": 2, "elsewhere": 0, "accepted": 1, "missed": 1, "attended": 0,
            "booked": 0,
        }  # fmt: skip

    def test_a_list_narrows_by_evidence_band_month_and_what_is_not_known(self, database: Database) -> None:
        with database.writing() as session:
            merchant, connection = shop(session)
            decided(session, connection, external_id="du_1", network=None)
            decided(session, connection, external_id="du_2", answered_at=NOW - timedelta(days=20, hours=2))

            def named(**narrowed: Any) -> list[str]:
                found = store_outcomes.cases(session, Wanted(wide(merchant), **narrowed))
                return sorted(dispute.external_id for _, dispute in found)

            assert named(network="unknown") == ["du_1"]
            assert named(band="under_6h") == ["du_2"]
            assert named(band="nothing") == []
            assert named(held="delivery_confirmation") == ["du_1", "du_2"]
            assert named(lacked="customer_communication", network="visa") == ["du_2"]
            assert named(held="customer_communication") == []
            assert named(held="delivery%confirmation") == []
            assert named(month=202611) == ["du_1", "du_2"]
            assert named(month=202610) == []
            assert store_outcomes.margins(session, wide(merchant)) == {2: 1, 72: 1}
            assert store_outcomes.proofs(session, wide(merchant)) == [
                ("+delivery_confirmation -customer_communication", True, 2)
            ]

    def test_pages_on_without_losing_or_repeating_a_case(self, database: Database) -> None:
        with database.writing() as session:
            merchant, connection = shop(session)
            for number in range(7):
                decided(session, connection, external_id=f"du_{number}")
            wanted, after, seen = Wanted(wide(merchant)), None, list[str]()
            while found := store_outcomes.cases(session, wanted, after, most=3):
                seen += [dispute.external_id for _, dispute in found]
                after = (found[-1][0].decided_at, found[-1][0].id)
        assert sorted(seen) == [f"du_{number}" for number in range(7)]


class TestUpgrading:
    @pytest.mark.parametrize("revision", ["0001", "0003"])
    def test_notes_of_every_decided_case_what_would_be_noted_today(
        self, database: Database, request: pytest.FixtureRequest, revision: str
    ) -> None:
        url: str = request.getfixturevalue("another_database_url")
        with database.writing() as session:
            merchant, connection = shop(session)
            square = builders.connection(session, merchant=merchant, gateway="square")
            booked = (
                line("withdrawal", -18900, "EUR", "m1"),
                line("fee", -1500, "USD", "m2"),
                line("odd", 7, "EUR", "m3"),
            )
            decided(session, connection, external_id="du_1", movements=booked, by="rule")
            decided(session, connection, external_id="du_2", status="lost", by="per_1", act="accept")
            decided(session, connection, external_id="du_3", status="lost", by=None)
            decided(session, connection, external_id="du_4", status="expired", by=None, network=None)
            builders.seen(session, connection=square, external_id="sq_1", status="won", submission_count=1)
            builders.seen(session, connection=connection, external_id="du_5")
            again = decided(session, connection, external_id="du_6", status="lost", at=NOW - timedelta(days=9))
            asked = {"external_id": "du_6", "kind": Kind.PRE_ARBITRATION}
            builders.seen(session, connection=connection, **asked, submission_count=1)
            filed(session, again, at=NOW)
            builders.seen(session, connection=connection, **asked, status="won", submission_count=2)
        migrate(url, revision)
        copied(database, url)
        migrate(url)
        upgraded = Database(url)
        for model in (RoundResult, CaseMoneyRow, EvidenceSet):
            assert every_row(upgraded, model) == every_row(database, model) != []
        upgraded.dispose()


def every_row(database: Database, model: type[SQLModel]) -> list[dict[str, Any]]:
    with database.reading() as session:
        return sorted((row.model_dump(mode="json") for row in session.exec(select(model))), key=str)
