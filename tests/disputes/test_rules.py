"""The pure rules, with whatever values can occur."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from disputes.audit import START, broken_at, entry_hash
from disputes.clock import FixedClock, from_unix, local_day, plainly, utc
from disputes.deadlines import CUT_OFF, Window, act_window, current_flag, flags, next_flag
from disputes.guardrails import NEAR_CUT_OFF, hold_until, person_holds
from disputes.ids import write_key
from disputes.lifecycle import ENDED, GatewayStatus, Shown, WorkState, shown_status
from disputes.money import CurrencyMismatch, Money, exponent, totals

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
instants = st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
currencies = st.sampled_from(["EUR", "USD", "JPY", "KWD", "ISK", "TRY"])
amounts = st.integers(-(10**15), 10**15)
DUE = st.none() | st.integers(-20 * 86_400, 20 * 86_400).map(lambda seconds: NOW + timedelta(seconds=seconds))


class TestMoney:
    @given(amounts, currencies)
    def test_what_is_printed_is_read_back_the_same(self, minor: int, currency: str) -> None:
        money = Money(minor, currency)
        assert Money.parse(money.amount, currency) == money
        assert str(money).endswith(currency)

    @given(amounts, currencies)
    def test_a_gateways_exponent_comes_and_goes_without_loss(self, minor: int, currency: str) -> None:
        wider = exponent(currency) + 1
        assert Money.from_gateway(Money(minor, currency).to_gateway(wider), currency, wider) == Money(minor, currency)

    @pytest.mark.parametrize("act", ["__add__", "__sub__", "__lt__", "__le__"])
    def test_different_currencies_are_never_combined(self, act: str) -> None:
        with pytest.raises(CurrencyMismatch):
            getattr(Money(1, "EUR"), act)(Money(1, "USD"))

    @given(st.lists(st.tuples(amounts, currencies)))
    def test_totals_are_per_currency(self, rows: list[tuple[int, str]]) -> None:
        found = {money.currency: money.minor for money in totals(Money(*row) for row in rows)}
        assert found == {code: sum(m for m, c in rows if c == code) for code in {c for _, c in rows}}

    @pytest.mark.parametrize("wrong", [1.0, "1", True, None])
    def test_only_an_integer_is_an_amount(self, wrong: object) -> None:
        with pytest.raises(TypeError):
            Money(wrong, "EUR")  # type: ignore[arg-type]

    @pytest.mark.parametrize("code", ["eur", "EURO", "E", "ÄÖÜ"])
    def test_only_a_code_is_a_currency(self, code: str) -> None:
        with pytest.raises(ValueError, match="currency code"):
            Money(1, code)

    @pytest.mark.parametrize("text", ["1.001", "abc", "NaN", "Infinity"])
    def test_what_is_no_amount_is_refused(self, text: str) -> None:
        with pytest.raises(ValueError, match=r"amount|decimal"):
            Money.parse(text, "EUR")


class TestClock:
    @given(instants, st.sampled_from(["Europe/Istanbul", "America/New_York", "Pacific/Apia", "UTC"]))
    def test_the_day_is_the_merchants(self, instant: datetime, zone: str) -> None:
        """peers 10: a UTC deadline was shown as a local day, one day too late."""
        assert local_day(instant, zone) == instant.astimezone(ZoneInfo(zone)).date()

    def test_an_end_of_day_in_utc_is_said_with_its_zone(self) -> None:
        due = datetime(2026, 11, 30, 23, 59, 59, tzinfo=UTC)
        assert plainly(due, "Europe/Istanbul") == "01 Dec 2026, 02:59 UTC+03:00"
        assert plainly(due, "America/New_York") == "30 Nov 2026, 18:59 EST"
        assert plainly(due, "UTC") == "30 Nov 2026, 23:59 UTC"

    def test_an_instant_without_a_zone_is_refused(self) -> None:
        with pytest.raises(ValueError, match="no zone"):
            utc(datetime(2026, 1, 1))  # noqa: DTZ001
        with pytest.raises(ValueError, match="no zone"):
            FixedClock(datetime(2026, 1, 1))  # noqa: DTZ001

    def test_no_seconds_is_no_instant(self) -> None:
        assert (from_unix(0), from_unix(None)) == (None, None)


class TestDeadlines:
    @given(DUE, st.sampled_from(GatewayStatus), st.booleans(), st.booleans())
    def test_a_machine_files_only_in_the_open_window_and_a_person_wherever_a_machine_may(
        self, due: datetime | None, status: GatewayStatus, can_submit: bool, answered: bool
    ) -> None:
        act = act_window(status=status, due_at=due, can_submit=can_submit, answered=answered, now=NOW)
        assert act.machine == (act.window is Window.OPEN)
        assert act.person or not act.machine
        if act.machine:
            assert due is not None
            assert due - NOW > CUT_OFF
        if answered or status is not GatewayStatus.NEEDS_RESPONSE or not can_submit:
            assert (act.window, act.person, act.left(NOW)) == (Window.CLOSED, False, None)
        if due is None:
            assert act.left(NOW) is None
        assert act.reason

    @given(DUE, st.integers(0, 48))
    def test_a_hold_ends_before_the_cut_off(self, due: datetime | None, hours: int) -> None:
        act = act_window(status=GatewayStatus.NEEDS_RESPONSE, due_at=due, can_submit=True, answered=False, now=NOW)
        at = hold_until(NOW, timedelta(hours=hours), act)
        assert at >= NOW
        if act.window is Window.OPEN:
            assert act.machine_until is not None
            assert at <= max(NOW, act.machine_until) or at <= (act.until or NOW) - NEAR_CUT_OFF

    @given(DUE, st.lists(st.integers(60, 5 * 86_400), min_size=1, max_size=40))
    def test_every_threshold_comes_once_however_irregular_the_looks(
        self, due: datetime | None, steps: list[int]
    ) -> None:
        now, told = NOW, []
        following = next_flag(due, now)
        for step in steps:
            now += timedelta(seconds=step)
            if following and following[1] <= now:
                told.append(current_flag(due, now))
                following = next_flag(due, now)
        assert None not in told
        order = [name for name, _ in flags(NOW)]
        assert told == sorted(set(told), key=order.index)  # type: ignore[arg-type]

    def test_a_cut_off_longer_than_a_day_is_told_in_its_turn(self) -> None:
        assert [name for name, _ in flags(NOW, timedelta(hours=30))] == ["7d", "72h", "cut_off", "24h", "missed"]

    def test_a_person_may_file_late_while_the_gateway_offers_it(self) -> None:
        late = act_window(
            status=GatewayStatus.NEEDS_RESPONSE,
            due_at=NOW - timedelta(hours=1),
            can_submit=True,
            answered=False,
            now=NOW,
        )
        assert person_holds(late, filing_on=True, paused=False) == []
        assert len(person_holds(late, filing_on=False, paused=True)) == 2


class TestLifecycle:
    @given(
        st.sampled_from(GatewayStatus), st.sampled_from(WorkState), st.booleans(), st.booleans(), st.booleans(),
        st.booleans(),
    )  # fmt: skip
    def test_something_is_always_shown_and_an_end_is_shown_as_it_is(
        self, status: GatewayStatus, work: WorkState, past_due: bool, can: bool, elsewhere: bool, alert: bool
    ) -> None:
        shown = shown_status(
            status, work, past_due=past_due, contestable=can, answered_elsewhere=elsewhere, alert=alert
        )
        assert isinstance(shown, Shown)
        if status in ENDED and work is not WorkState.UNCLEAR:
            assert shown == status.value
        if work is WorkState.UNCLEAR and not alert:
            assert shown is Shown.UNCLEAR


class TestKeys:
    @given(st.text(max_size=40), st.text(max_size=40), st.text(max_size=80), st.integers(1, 99))
    def test_a_key_is_the_same_everywhere_and_fits_every_gateway(
        self, connection: str, attempt: str, step: str, tries: int
    ) -> None:
        key = write_key(connection, attempt, step, tries)
        assert key == write_key(connection, attempt, step, tries)
        assert len(key) <= 45
        assert key != write_key(connection, attempt, step, tries + 1)


def chain(length: int) -> list[dict[str, object]]:
    entries: list[dict[str, object]] = []
    previous = START
    for seq in range(1, length + 1):
        fields: dict[str, object] = {
            "merchant_id": "mer_1",
            "seq": seq,
            "actor": "desk",
            "action": "prepared",
            "subject": f"dsp_{seq}",
            "details": {"n": seq},
            "previous": previous,
        }
        previous = entry_hash(at=NOW, **fields)  # type: ignore[arg-type]
        entries.append({**fields, "at": NOW.isoformat(timespec="microseconds"), "hash": previous})
    return entries


class TestAudit:
    @given(st.integers(0, 12))
    def test_an_untouched_chain_holds(self, length: int) -> None:
        entries = chain(length)
        assert broken_at(entries, head=str(entries[-1]["hash"]) if entries else START) is None

    @given(st.data(), st.integers(1, 10))
    def test_any_change_any_gap_and_any_swap_shows(self, data: st.DataObject, length: int) -> None:
        entries = chain(length)
        head = str(entries[-1]["hash"])
        at = data.draw(st.integers(0, length - 1))
        how = data.draw(st.sampled_from(["actor", "details", "at", "gone", "previous"]))
        if how == "gone":
            del entries[at]
        elif how == "details":
            entries[at] = entries[at] | {"details": {"n": -1}}
        elif how == "at":
            entries[at] = entries[at] | {"at": (NOW + timedelta(seconds=1)).isoformat(timespec="microseconds")}
        else:
            entries[at] = entries[at] | {how: "somebody"}
        assert broken_at(entries, head=head) is not None
