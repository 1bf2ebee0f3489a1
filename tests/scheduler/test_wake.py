"""The sleep of a queue's thread, cut short by a commit and by nothing else."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest
import sqlalchemy as sa
from sqlmodel import Session

from scheduler.wake import THREAD, Wakes

LONG = 30.0
"""No test waits that long: a sleep that ends was woken."""


class Sleeper:
    """A thread of the engine that sleeps on `event`, again and again, until the event is set."""

    def __init__(self, event: threading.Event, name: str, seconds: float = LONG) -> None:
        self.woke = threading.Semaphore(0)
        self._event, self._seconds = event, seconds
        self.thread = threading.Thread(target=self._run, name=name, daemon=True)
        self.thread.start()

    def _run(self) -> None:
        while not self._event.wait(timeout=self._seconds):
            self.woke.release()


@pytest.fixture
def event() -> Iterator[threading.Event]:
    made = threading.Event()
    yield made
    made.set()


@pytest.fixture
def session() -> Iterator[Session]:
    with Session(sa.create_engine("sqlite://")) as opened:
        yield opened


def shortened(event: threading.Event, settled: Callable[[str], bool] = lambda _: True) -> Wakes:
    wakes = Wakes(["work", "gateway"], settled)
    wakes.shorten(event)
    return wakes


def test_a_commit_wakes_the_thread_of_its_queue_and_no_other(event: threading.Event, session: Session) -> None:
    wakes = shortened(event)
    meant, other = Sleeper(event, THREAD.format("work")), Sleeper(event, THREAD.format("gateway"))
    wakes.at_commit(session, "work")
    assert not meant.woke.acquire(timeout=0.2), "nothing is there before the commit"
    session.commit()
    assert meant.woke.acquire(timeout=LONG)
    assert not other.woke.acquire(timeout=0.2)


def test_a_rollback_wakes_nobody(event: threading.Event, session: Session) -> None:
    wakes = shortened(event)
    sleeper = Sleeper(event, THREAD.format("work"))
    session.connection()
    wakes.at_commit(session, "work")
    session.rollback()
    assert not sleeper.woke.acquire(timeout=0.2)


def test_a_wake_that_comes_during_a_poll_is_not_lost(event: threading.Event, session: Session) -> None:
    wakes = shortened(event)
    wakes.at_commit(session, "work")
    session.commit()
    assert Sleeper(event, THREAD.format("work")).woke.acquire(timeout=LONG)


def test_without_a_wake_the_thread_polls_at_its_own_pace(event: threading.Event) -> None:
    shortened(event)
    sleeper = Sleeper(event, THREAD.format("work"), seconds=0.01)
    assert all(sleeper.woke.acquire(timeout=LONG) for _ in range(3))


def test_an_early_poll_waits_until_every_claimed_run_is_counted(event: threading.Event, session: Session) -> None:
    counted = threading.Event()
    wakes = shortened(event, lambda _: counted.is_set())
    sleeper = Sleeper(event, THREAD.format("work"))
    wakes.at_commit(session, "work")
    session.commit()
    assert not sleeper.woke.acquire(timeout=0.2)
    counted.set()
    assert sleeper.woke.acquire(timeout=LONG)


def test_a_run_that_never_begins_does_not_keep_the_poll_from_its_own_time(
    event: threading.Event, session: Session
) -> None:
    wakes = shortened(event, lambda _: False)
    sleeper = Sleeper(event, THREAD.format("work"), seconds=0.1)
    wakes.at_commit(session, "work")
    session.commit()
    assert all(sleeper.woke.acquire(timeout=LONG) for _ in range(2))


@pytest.mark.parametrize("name", [THREAD.format("work"), THREAD.format("mail"), "queue manager"])
def test_every_thread_ends_when_the_engine_says_so(event: threading.Event, name: str) -> None:
    wakes = shortened(event)
    sleeper = Sleeper(event, name)
    wakes.end()
    event.set()
    sleeper.thread.join(timeout=LONG)
    assert not sleeper.thread.is_alive()


def test_the_end_is_not_one_more_poll(event: threading.Event) -> None:
    wakes = shortened(event)
    sleeper = Sleeper(event, THREAD.format("work"))
    wakes.end()
    assert not sleeper.woke.acquire(timeout=0.2)


def test_a_queue_that_nobody_waits_for_is_left_to_its_polls(event: threading.Event, session: Session) -> None:
    wakes = shortened(event)
    sleeper = Sleeper(event, THREAD.format("mail"))
    wakes.at_commit(session, "mail")
    session.commit()
    assert not sleeper.woke.acquire(timeout=0.2)
