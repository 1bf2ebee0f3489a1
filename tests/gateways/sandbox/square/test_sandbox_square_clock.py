"""Everything here advances the clock of a sandbox of its own; each test makes its disputes after earlier advances."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from square import Square

from gateways.sandbox.launch import Sandbox
from gateways.sandbox.square.control import SquareControl

Refusal = Callable[..., dict[str, Any]]


@pytest.fixture
def control(moving: Sandbox) -> Iterator[SquareControl]:
    controls = moving.controls
    assert isinstance(controls, SquareControl)
    before = controls.settings()
    yield controls
    controls.settings(**before)


@pytest.fixture
def client(client_for: Callable[..., Square], moving: Sandbox) -> Square:
    return client_for(moving)


def test_silence_loses_a_dispute_some_days_after_its_due_date(
    control: SquareControl, desk: Any, refusal: Refusal
) -> None:
    id = control.dispute(due={"hours": 9})["id"]
    desk.text(id)
    control.advance(hours=10)
    assert desk.get(id).state == "EVIDENCE_REQUIRED"
    assert "has passed" in refusal(desk.submit, id)["detail"]
    control.advance(days=3)
    assert desk.get(id).state == "LOST"
    assert control.effects(id)["submitted"] == 0


def test_silence_can_lose_at_once(control: SquareControl, desk: Any) -> None:
    control.settings(lapse_days=0)
    id = control.dispute(due={"hours": 1})["id"]
    control.advance(hours=2)
    assert desk.get(id).state == "LOST"


@pytest.mark.parametrize(("escalates", "state"), [(False, "INQUIRY_CLOSED"), (True, "EVIDENCE_REQUIRED")])
def test_an_unanswered_inquiry_closes_or_goes_on(
    control: SquareControl, desk: Any, escalates: bool, state: str
) -> None:
    id = control.dispute(kind="inquiry", due={"hours": 1}, escalates=escalates)["id"]
    control.advance(days=4)
    assert desk.get(id).state == state


def test_a_deadline_that_moved_is_not_missed_at_the_old_date(control: SquareControl, desk: Any) -> None:
    id = control.dispute(due={"hours": 9})["id"]
    moved = control.due_by(id, {"days": 20})["due_at"]
    assert moved.endswith("T00:00:00.000Z")
    control.advance(days=5)
    found = desk.get(id)
    assert (found.state, found.due_at) == ("EVIDENCE_REQUIRED", moved)


def test_square_may_send_by_itself_what_was_never_submitted(control: SquareControl, desk: Any) -> None:
    control.settings(submit_staged_at_due=True)
    staged, bare = (control.dispute(due={"hours": 1})["id"] for _ in range(2))
    desk.text(staged)
    control.advance(hours=2)
    assert (desk.get(staged).state, desk.get(bare).state) == ("PROCESSING", "EVIDENCE_REQUIRED")
    effects = control.effects(staged)
    assert (effects["submitted"], effects["elsewhere"]) == (0, {"submitted": 1})


def test_the_bank_decides_after_two_months_as_the_scenario_says(control: SquareControl, desk: Any) -> None:
    won, lost = (control.dispute(outcome=outcome)["id"] for outcome in ("WON", "LOST"))
    for id in (won, lost):
        desk.text(id)
        desk.submit(id)
    control.advance(days=59)
    assert desk.get(won).state == "PROCESSING"
    control.advance(days=2)
    assert (desk.get(won).state, desk.get(lost).state) == ("WON", "LOST")


@pytest.mark.parametrize(
    ("kind", "name", "state"),
    [
        ("dispute", "evidence_won.pdf", "WON"),
        ("dispute", "evidence_lost.pdf", "LOST"),
        ("inquiry", "evidence_won.pdf", "INQUIRY_CLOSED"),
    ],
)
def test_squares_test_file_names_decide_soon(
    control: SquareControl, desk: Any, kind: str, name: str, state: str
) -> None:
    id = control.dispute(kind=kind)["id"]
    desk.text(id)
    desk.file(id, name=name)
    desk.submit(id)
    control.advance(10)
    assert desk.get(id).state == state


def test_an_answered_inquiry_escalates_into_a_second_round(control: SquareControl, desk: Any) -> None:
    id = control.dispute(kind="inquiry", escalates=True)["id"]
    desk.text(id)
    first = desk.submit(id)
    control.advance(days=2, hours=1)
    second = desk.get(id)
    assert (second.state, second.id) == ("EVIDENCE_REQUIRED", id)
    assert second.due_at > first.due_at
    desk.text(id)
    desk.submit(id)
    control.advance(days=61)
    assert desk.get(id).state == "WON"


def test_an_answered_dispute_may_come_back_once(control: SquareControl, desk: Any) -> None:
    id = control.dispute(again=True)["id"]
    desk.text(id)
    desk.submit(id)
    control.advance(days=2, hours=1)
    assert desk.get(id).state == "EVIDENCE_REQUIRED"
    desk.text(id)
    desk.submit(id)
    control.advance(days=5)
    assert desk.get(id).state == "PROCESSING"


def test_a_key_is_kept_for_a_day(control: SquareControl, desk: Any) -> None:
    id = control.dispute()["id"]
    first = desk.text(id, key=f"day-{id}")
    control.advance(hours=23)
    assert desk.text(id, key=f"day-{id}").id == first.id
    control.advance(hours=2)
    assert desk.text(id, key=f"day-{id}").id != first.id
