"""Early polls: what this process enqueued is looked for at its commit and not only at the next poll.

The engine polls each queue in a thread of its own, which sleeps on an event between two polls. Here that sleep can be
cut short and nothing else: the poll, its limits and its pace when nobody wakes it stay the engine's.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable

import sqlalchemy as sa
from sqlmodel import Session

THREAD = "queue-worker-{}"
"""How the engine names the thread of a queue."""
_LINGER_SECONDS = 0.01
"""The answer to whoever enqueued goes out first, and a burst of enqueued runs becomes one poll."""


class Wakes:
    """`settled(queue)`: every run that was claimed from it has begun, so that the next poll counts them all."""

    def __init__(self, queues: Iterable[str], settled: Callable[[str], bool]) -> None:
        self._queues = {THREAD.format(queue): queue for queue in queues}
        self._woken = {queue: threading.Event() for queue in self._queues.values()}
        self._settled = settled
        self._ended = False

    def at_commit(self, session: Session, queue: str) -> None:
        """Ask for a poll when the session's transaction is through; a poll that finds nothing does no harm."""
        if (woken := self._woken.get(queue)) is not None:
            sa.event.listen(session, "after_commit", lambda _session: woken.set(), once=True)

    def shorten(self, event: threading.Event) -> None:
        """A queue's thread that sleeps on this event wakes when its queue does; other threads sleep as before."""
        sleep = event.wait

        def wait(timeout: float | None = None) -> bool:
            queue = self._queues.get(threading.current_thread().name)
            if queue is None or timeout is None or self._ended:
                return sleep(timeout)
            ends = time.monotonic() + timeout
            woken = self._woken[queue].wait(timeout)
            if self._ended:
                return sleep(max(0.0, ends - time.monotonic()))
            if woken:
                sleep(min(_LINGER_SECONDS, timeout))
                self._woken[queue].clear()
                self._await_settled(queue, sleep, ends)
            return event.is_set()

        event.wait = wait  # type: ignore[method-assign]

    def _await_settled(self, queue: str, sleep: Callable[[float], bool], ends: float) -> None:
        """A claimed run that has not begun is not counted yet, and an early poll would take one too many."""
        while not self._settled(queue) and (left := ends - time.monotonic()) > 0:
            if sleep(min(_LINGER_SECONDS, left)):
                return

    def end(self) -> None:
        """From here on every thread sleeps as the engine knows it, and ends when the engine says so."""
        self._ended = True
        for woken in self._woken.values():
            woken.set()
