"""The digest: once a merchant and local day, whatever restarts, clocks and other processes do."""

from __future__ import annotations

import html
import re
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from disputes import store_audit
from disputes.clock import local_day
from disputes.models import Merchant, SourceConnection
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
        from disputes import store_digest

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


def test_text_and_html_say_the_same(desk: Desk) -> None:
    desk.gateway.says(external_id="du_first", order_ref="LL-1 & co", due_at=desk.clock.now() + timedelta(hours=50))
    desk.gateway.says(external_id="du_second")
    desk.sync()
    plan(desk)
    at(desk, datetime(2026, 11, 23, 8, 0, tzinfo=UTC))
    tick(desk)
    (mail,) = desk.mails("digest")
    shown = html.unescape(re.sub(r"<[^>]+>", " ", mail.html))
    for fact in ("LL-1 & co", "du_second", "189.00 EUR", "27 h"):
        assert fact in mail.text, fact
        assert fact in shown, fact
    with desk.runtime.database.reading() as session:
        head = store_audit.head_of(session, desk.merchant_id)
    assert head in mail.text
    assert head in shown
    links = set(re.findall(r"https://desk\.example[^\s\"<>]*", mail.text))
    assert links
    assert links == set(re.findall(r"https://desk\.example[^\s\"<>]*", html.unescape(mail.html)))


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
        assert "Lumen: Shopify refuses the key." in part
        assert "Asleep" not in part
        assert "Well" not in part
