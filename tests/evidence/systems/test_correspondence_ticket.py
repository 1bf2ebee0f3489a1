"""The messages of one ticket: which tickets are read at all, and what a message that cannot be read does to others."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from evidence.sources.values import Unreadable
from evidence.systems.correspondence import Told, during, read_ticket
from tests.evidence.systems.builders import outside, wanted

PLACED = datetime(2026, 9, 1, 10, 15, tzinfo=UTC)


def days(number: int) -> Callable[[], datetime]:
    """So many days after the sale."""
    return lambda: PLACED + timedelta(days=number)


def broken() -> datetime:
    raise Unreadable("is no time")


def told(number: str, *, text: str = "LL-1001", doubt: str = "") -> Told:
    return Told(
        number=number, at=PLACED, name="Emily", address="emily.carter@example.com", by_shop=False, channel="chat",
        raw={"id": number}, request="Desk: GET /1", text=text, doubt=doubt,
    )  # fmt: skip


class TestDuring:
    @pytest.mark.parametrize(
        ("begun", "ended", "read"),
        [(-90, 1, True), (-90, -1, True), (-90, -3, False), (10, 20, True), (399, 800, True), (401, 402, False)],
    )
    def test_a_ticket_is_read_that_was_alive_after_the_sale(self, begun: int, ended: int, read: bool) -> None:
        assert during(wanted(), days(begun), days(ended)) is read

    def test_without_an_end_only_the_beginning_counts(self) -> None:
        assert during(wanted(), days(-90))
        assert not during(wanted(), days(401))

    def test_times_that_are_missing_or_broken_are_looked_at(self) -> None:
        assert during(wanted(), broken, broken)
        assert during(wanted(), lambda: None, lambda: None)

    def test_a_sale_without_a_day_takes_every_ticket(self) -> None:
        assert during(wanted(paid_at=None, orders=(), certain=False), days(-900), days(-800))


class TestReading:
    def test_each_message_knows_the_others_of_its_ticket(self) -> None:
        pieces = [lambda: told("1"), lambda: told("2")]
        found = read_ticket(pieces, wanted(), outside(), system="desk", called="A message", refused=[])
        assert [each.thread for each in found] == [("desk:2",), ("desk:1",)]

    def test_what_cannot_be_read_is_told_and_what_is_empty_is_nothing(self) -> None:
        def unreadable() -> Told:
            raise Unreadable("has no time")

        refused: list[str] = []
        pieces = [unreadable, lambda: told("1", text=""), lambda: told("2")]
        found = read_ticket(pieces, wanted(), outside(), system="desk", called="A message of ticket 5", refused=refused)
        assert [each.message.message_id for each in found] == ["desk:2"]
        assert refused == ["A message of ticket 5 has no time; it was left out."]

    def test_a_help_desks_own_doubt_stands_before_ours(self) -> None:
        pieces = [lambda: told("1", doubt="it is a call")]
        found = read_ticket(pieces, wanted(), outside(own=("example.com",)), system="desk", called="", refused=[])
        assert [each.doubt for each in found] == ["it is a call"]
