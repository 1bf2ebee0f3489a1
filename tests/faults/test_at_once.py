"""Two transactions side by side, which only PostgreSQL allows: neither may cost the other."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from disputes import submission, sync
from disputes.models import Attempt
from disputes.store_audit import record
from tests.faults.desk import Desk

pytestmark = pytest.mark.slow


class Moment:
    """Both have begun to write before either goes on; where one has to wait for the other's end, it does not."""

    def __init__(self) -> None:
        self._barrier = threading.Barrier(2)

    def meet(self) -> None:
        with suppress(threading.BrokenBarrierError):
            self._barrier.wait(3)


def at_once(*acts: Callable[[], object]) -> list[Exception]:
    """What went wrong in any of them."""
    failed: list[Exception] = []

    def run(act: Callable[[], object]) -> None:
        try:
            act()
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return failed


@pytest.fixture
def in_the_same_moment(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[Exception]]:
    """Runs both, a read and a person's act, with the moment at which the read has written its case and not its audit
    entry yet, and the person's act its entry and not its case."""

    def run(*acts: Callable[[], object]) -> list[Exception]:
        moment = Moment()

        def of_the_read(*given: Any, **more: Any) -> Any:
            moment.meet()
            return record(*given, **more)

        def of_the_person(*given: Any, **more: Any) -> Any:
            entry = record(*given, **more)
            moment.meet()
            return entry

        monkeypatch.setattr(sync, "record", of_the_read)
        monkeypatch.setattr(submission, "record", of_the_person)
        return at_once(*acts)

    return run


@pytest.mark.parametrize("desk", ["postgresql"], indirect=True)
def test_an_approval_and_a_read_of_another_case_in_the_same_moment_both_happen(
    desk: Desk, in_the_same_moment: Callable[..., list[Exception]]
) -> None:
    approved, answered = desk.case("stripe"), desk.case("stripe")
    desk.at("stripe").controls.submit_foreign(answered.external_id)
    attempts: list[str] = []
    failed = in_the_same_moment(
        lambda: attempts.append(desk.approve(approved)), lambda: desk.pull("stripe", answered.external_id)
    )
    assert failed == []
    assert desk.attempt(attempts[0]).state == "scheduled"
    assert desk.dispute(answered).answered_elsewhere is not None


@pytest.mark.parametrize("desk", ["postgresql"], indirect=True)
def test_a_cancelled_hold_and_a_read_of_another_case_in_the_same_moment_both_happen(
    desk: Desk, in_the_same_moment: Callable[..., list[Exception]]
) -> None:
    held, answered = desk.case("stripe"), desk.case("stripe")
    attempt_id = desk.hold(held)
    desk.at("stripe").controls.submit_foreign(answered.external_id)

    def cancel() -> None:
        now = desk.runtime.clock.now()
        desk.change(
            lambda session: submission.cancel(
                session, session.get_one(Attempt, attempt_id), by="per_1", why="Not yet.", now=now
            )
        )

    assert in_the_same_moment(cancel, lambda: desk.pull("stripe", answered.external_id)) == []
    assert desk.attempt(attempt_id).state == "cancelled"
    assert desk.dispute(answered).answered_elsewhere is not None
