"""The digest: once a merchant and local day, whatever restarts, clocks and other processes do."""

from __future__ import annotations

import html
import re
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from disputes import store, store_digest
from disputes.clock import local_day
from disputes.lifecycle import WorkState
from disputes.models import Dispute, Merchant, OutgoingMail, SourceConnection
from disputes.money import Money
from scheduler import digest, sweep
from tests import builders
from tests.scheduler.doubles import Desk

NEW_YORK = "America/New_York"


def at(desk: Desk, instant: datetime) -> None:
    desk.clock.advance(instant - desk.clock.now())


def days(desk: Desk) -> list[str]:
    return [mail.dedupe.split(":")[2] for mail in desk.mails("digest")]


def tick(desk: Desk) -> None:
    """A sweep, and the runs it started, as the engine would do them."""
    sweep.start_digests(desk.runtime)
    for merchant_id, day in desk.runs.of("digest"):
        digest.run(desk.runtime, merchant_id, date.fromisoformat(day))


def plan(desk: Desk, *, zone: str = "UTC", hour: int = 8) -> None:
    merchant = Merchant(id="x", slug="x", name="x", zone=zone, digest_hour=hour, created_at=desk.clock.now())
    first = digest.plan_first(merchant, desk.clock.now())
    desk.set(Merchant, desk.merchant_id, zone=zone, digest_hour=hour, next_digest_at=first)


def test_it_is_built_once_a_day_however_often_the_sweep_looks(desk: Desk) -> None:
    plan(desk)
    for _ in range(3 * 24 * 2):
        desk.clock.advance(timedelta(minutes=30))
        tick(desk)
    assert days(desk) == ["2026-11-23", "2026-11-24", "2026-11-25"]


def test_two_processes_build_one(desk: Desk) -> None:
    plan(desk)
    day = date(2026, 11, 23)
    at(desk, datetime(2026, 11, 23, 8, 1, tzinfo=UTC))
    assert [digest.run(desk.runtime, desk.merchant_id, day) for _ in range(2)] == ["built", "built before"]
    assert days(desk) == ["2026-11-23"]


def test_after_an_outage_the_next_one_is_late_and_names_the_missed_days(desk: Desk) -> None:
    plan(desk)
    at(desk, datetime(2026, 11, 23, 8, 0, tzinfo=UTC))
    tick(desk)
    at(desk, datetime(2026, 11, 26, 14, 0, tzinfo=UTC))
    tick(desk)
    with desk.runtime.database.reading() as session:
        last = store_digest.last_digest(session, desk.merchant_id)
    assert last is not None
    assert (last.day, last.late, last.missed_days) == (date(2026, 11, 26), True, ["2026-11-24", "2026-11-25"])
    assert days(desk) == ["2026-11-23", "2026-11-26"]
    text = desk.mails("digest")[-1].text
    assert "24" in text
    assert "25" in text


def test_a_missed_day_does_not_bring_a_digest_in_the_middle_of_the_night(desk: Desk) -> None:
    plan(desk)
    at(desk, datetime(2026, 11, 24, 2, 0, tzinfo=UTC))
    tick(desk)
    assert days(desk) == []
    at(desk, datetime(2026, 11, 24, 8, 0, tzinfo=UTC))
    tick(desk)
    assert days(desk) == ["2026-11-24"]


@pytest.mark.parametrize(
    ("day", "hour", "meant"),
    [
        (date(2026, 3, 8), 2, datetime(2026, 3, 8, 7, 0, tzinfo=UTC)),
        (date(2026, 11, 1), 1, datetime(2026, 11, 1, 5, 0, tzinfo=UTC)),
        (date(2026, 7, 1), 8, datetime(2026, 7, 1, 12, 0, tzinfo=UTC)),
    ],
    ids=["the hour that is skipped", "the hour that comes twice", "summer"],
)
def test_an_hour_that_a_clock_change_skips_or_doubles_is_one_instant(day: date, hour: int, meant: datetime) -> None:
    assert digest.instant_of(day, hour, NEW_YORK) == meant


@pytest.mark.parametrize(("first", "hour"), [(date(2026, 3, 6), 2), (date(2026, 10, 30), 1)])
def test_the_days_around_a_clock_change_get_one_each(desk: Desk, first: date, hour: int) -> None:
    at(desk, datetime(first.year, first.month, first.day, 12, 0, tzinfo=UTC))
    plan(desk, zone=NEW_YORK, hour=hour)
    for _ in range(4 * 24 * 2):
        desk.clock.advance(timedelta(minutes=30))
        tick(desk)
    assert days(desk) == [(first + timedelta(days=n)).isoformat() for n in range(1, 5)]


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC)),  # noqa: DTZ001
    st.integers(0, 23),
    st.sampled_from([NEW_YORK, "Europe/Istanbul", "Europe/London", "Pacific/Apia", "Australia/Lord_Howe"]),
)
def test_the_next_one_is_always_ahead_and_on_its_own_day(now: datetime, hour: int, zone: str) -> None:
    merchant = Merchant(id="x", slug="x", name="x", zone=zone, digest_hour=hour, created_at=now)
    following = digest.plan_first(merchant, now)
    assert now < following <= now + timedelta(hours=26)
    day = local_day(following, zone)
    assert digest.next_after(merchant, day) - following >= timedelta(hours=22)


def shown(mail: OutgoingMail) -> str:
    """What a reader of the HTML part sees."""
    body = mail.html.partition("<body")[2].partition(">")[2]
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())


def told(mail: OutgoingMail) -> list[str]:
    """What the text part says, line by line, without what is only drawn and without its addresses."""
    drawn = [re.sub(r":? https://\S+$", "", line.strip().removeprefix("! ")) for line in mail.text.split("\n")]
    return [line for line in drawn if line and set(line) != {"-"} and not line.startswith("https://")]


def links_of(text: str) -> set[str]:
    return set(re.findall(r"https://desk\.example[^\s\"<>]*", html.unescape(text)))


class TestBothParts:
    def mail(self, desk: Desk, language: str = "en") -> OutgoingMail:
        """A day with a bit of everything."""
        now = desk.clock.now()
        desk.gateway.says(external_id="du_first", order_ref="LL-1 & co", due_at=now + timedelta(hours=50))
        desk.gateway.says(external_id="du_second", amount=Money(5000, "TRY"), live=True)
        desk.gateway.says(external_id="du_third", order_ref="<b>LL-3</b>", status="won", submission_count=1)
        desk.sync()
        with desk.runtime.database.writing() as session:
            dispute = session.get_one(Dispute, desk.dispute("du_first").id)
            builders.prepared(session, dispute=dispute, at=now)
            store.set_work(session, dispute, WorkState.AWAITING_APPROVAL, now)
            session.add(
                SourceConnection(
                    id="src_x", merchant_id=desk.merchant_id, system="shopify", account_id="x", account_name="Lumen",
                    secret="", state="credentials", state_detail="Shopify refuses the key.", created_at=now,
                )
            )  # fmt: skip
        desk.set(Merchant, desk.merchant_id, language=language, filing_paused=True)
        plan(desk)
        at(desk, datetime(2026, 11, 24, 9, 30, tzinfo=UTC))
        tick(desk)
        (mail,) = desk.mails("digest")
        return mail

    def test_say_the_same(self, desk: Desk) -> None:
        mail = self.mail(desk)
        seen = shown(mail)
        for line in told(mail):
            assert " ".join(line.split()) in seen, line
        for fact in ("LL-1 & co", "du_second", "189.00 EUR", "50.00 TRY", "Shopify refuses the key.", "late"):
            assert fact in mail.text, fact
            assert fact in seen, fact
        words = re.sub(r"https://\S+", "", mail.text)
        left_out = set(seen.split()) - set(words.replace(":", " ").split()) - set(words.split())
        assert left_out == set(), "the HTML part says more than the text"

    def test_lead_to_the_same_places(self, desk: Desk) -> None:
        mail = self.mail(desk)
        assert links_of(mail.text)
        assert links_of(mail.text) == links_of(mail.html)

    def test_name_the_head_of_the_record(self, desk: Desk) -> None:
        mail = self.mail(desk)
        with desk.runtime.database.reading() as session:
            last = store_digest.last_digest(session, desk.merchant_id)
        assert last is not None
        assert last.audit_head in mail.text
        assert last.audit_head in shown(mail)

    def test_put_what_needs_a_person_first(self, desk: Desk) -> None:
        mail = self.mail(desk)
        assert mail.text.index("LL-1 & co") < mail.text.index("du_second")
        assert "1 to approve" in mail.subject

    def test_never_let_what_comes_from_outside_become_markup(self, desk: Desk) -> None:
        assert "<b>LL-3" not in self.mail(desk).html

    def test_are_written_in_the_merchants_language(self, desk: Desk) -> None:
        mail = self.mail(desk, "tr")
        assert '<html lang="tr"' in mail.html
        assert "24 Kas 2026" in mail.text
        assert "24 Kas 2026" in shown(mail)


def test_one_merchant_never_reads_of_another(desk: Desk) -> None:
    with desk.runtime.database.writing() as session:
        other = builders.merchant(session, name="Another shop")
        connection = builders.connection(session, merchant=other)
        builders.seen(session, connection=connection, external_id="du_theirs")
    plan(desk)
    at(desk, datetime(2026, 11, 23, 8, 0, tzinfo=UTC))
    tick(desk)
    (mail,) = desk.mails("digest")
    assert "du_theirs" not in mail.text
    assert "Another shop" not in mail.text


def test_a_source_that_does_not_answer_is_named_with_its_reason(desk: Desk) -> None:
    failing: dict[str, object] = {"state": "credentials", "state_detail": "Shopify refuses the key."}
    rows: dict[str, dict[str, object]] = {
        "Lumen": failing,
        "Asleep": {**failing, "paused": True},
        "Well": {"state": "ok"},
    }
    told = {"merchant_id": desk.merchant_id, "system": "shopify", "secret": "", "created_at": desk.clock.now()}
    with desk.runtime.database.writing() as session:
        for name, state in rows.items():
            named = {"id": f"src_{name}", "account_id": name, "account_name": name}
            session.add(SourceConnection.model_validate({**told, **named, **state}))
    plan(desk)
    at(desk, datetime(2026, 11, 23, 8, 0, tzinfo=UTC))
    tick(desk)
    (mail,) = desk.mails("digest")
    for part in (mail.text, html.unescape(mail.html)):
        assert "Lumen" in part
        assert "Shopify refuses the key." in part
        assert "Asleep" not in part
        assert "Well" not in part
