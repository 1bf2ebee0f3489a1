"""One write, journalled: intent before the call, read-back whenever the answer is missing, never a blind second try."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime, timedelta

from disputes import submission
from disputes.acts import CLOSING
from disputes.models import Attempt, JournalStep
from disputes.phrases import Phrase, phrase, said_by
from disputes.ports import Answer, GatewayError, GatewayFailure, Write, WriteClass
from scheduler.runtime import Runtime

MAX_TRIES = 4
KEY_LIVES = timedelta(hours=20)
_RETRY_LATER = timedelta(seconds=60)
NEW_KEY = "new key"


@dataclass(frozen=True, slots=True)
class Done:
    answer: Answer


@dataclass(frozen=True, slots=True)
class Rejected:
    words: Phrase


@dataclass(frozen=True, slots=True)
class Unclear:
    words: Phrase


@dataclass(frozen=True, slots=True)
class Wait:
    """Somebody else's intent, or a gateway that does not answer: look again at `until`."""

    until: datetime
    words: Phrase


Outcome = Done | Rejected | Unclear | Wait


def perform(runtime: Runtime, attempt: Attempt, write: Write, owner: str) -> Outcome:
    """Bring one write to its end, or say until when to wait. Safe to call again after a crash anywhere."""
    try:
        step = _latest(runtime, attempt, write.name)
        for _ in range(MAX_TRIES):
            outcome = _one(runtime, step, write, owner)
            if outcome is not None:
                return outcome
            step = _next_try(runtime, attempt, step)
    except GatewayError as error:
        if error.retryable:
            return Wait(runtime.clock.now() + _RETRY_LATER, said_by(error))
        return Rejected(said_by(error))
    return Wait(runtime.clock.now() + 10 * _RETRY_LATER, phrase("The gateway keeps failing; it is tried again later."))


def _latest(runtime: Runtime, attempt: Attempt, name: str) -> JournalStep:
    with runtime.database.writing() as session:
        return submission.last_try(session, attempt.id, name) or submission.plan(session, attempt, name)


def _next_try(runtime: Runtime, attempt: Attempt, step: JournalStep) -> JournalStep:
    with runtime.database.writing() as session:
        given_up = submission.end_step(session, step, "rejected", answer={"why": NEW_KEY}, now=runtime.clock.now())
        latest = submission.last_try(session, attempt.id, step.name) or step
        if given_up or latest.answer.get("why") == NEW_KEY:
            return submission.plan(session, attempt, step.name, tries=latest.tries + 1)
        # Somebody took over meanwhile: what they made of it counts, and no second key is spent.
        return latest


def _one(runtime: Runtime, step: JournalStep, write: Write, owner: str) -> Outcome | None:
    """One try under one key; None asks for a new key."""
    match step.state:
        case "done":
            return Done(step.answer)
        case "rejected":
            return None if step.answer.get("why") == NEW_KEY else Rejected(_words(step))
        case "unclear":
            return Unclear(_words(step))
        case "planned":
            return _first(runtime, step, write, owner)
    return _abandoned(runtime, step, write, owner)


def _words(step: JournalStep) -> Phrase:
    return Phrase.read(step.answer.get("words", ""))


def _first(runtime: Runtime, step: JournalStep, write: Write, owner: str) -> Outcome | None:
    before = write.before()
    now = runtime.clock.now()
    with runtime.database.writing() as session:
        mine = submission.intend(
            session, step, owner=owner, pre_image=before, send_by=now + runtime.timing.send_window, now=now
        )
        writes = submission.count_write(session) if mine is not None else 0
    if mine is None:
        return Wait(now + timedelta(seconds=5), phrase("Another process is at this step."))
    runtime.mark.raise_to(writes)
    return _send(runtime, mine, write)


def _abandoned(runtime: Runtime, step: JournalStep, write: Write, owner: str) -> Outcome | None:
    """An intent that was found: nobody touches it until nobody can still be sending, then the gateway decides."""
    assert step.send_by is not None
    assert step.intent_at is not None
    free_at = runtime.timing.abandoned_at(step.send_by)
    now = runtime.clock.now()
    if now < free_at:
        return Wait(
            free_at, phrase("A write is under way; its outcome is looked up when it can no longer be in flight.")
        )
    if (answer := write.seen(step.pre_image)) is not None:
        return _end(runtime, step, answer)
    if write.write_class is WriteClass.NONE:
        return _unclear(runtime, step)
    if write.name in CLOSING and write.before() != step.pre_image:
        # The gateway asks something else now than when this was approved, or has decided: a person looks.
        return _unclear(runtime, step)
    if now - step.intent_at > KEY_LIVES:
        return None
    with runtime.database.writing() as session:
        mine = submission.take_over(session, step, owner=owner, send_by=now + runtime.timing.send_window)
    if mine is None:
        return Wait(now + timedelta(seconds=5), phrase("Another process is at this step."))
    return _send(runtime, mine, write)


def _send(runtime: Runtime, step: JournalStep, write: Write) -> Outcome | None:
    """The call itself. A process that slept past `send_by` sends nothing: others may have taken over."""
    assert step.send_by is not None
    for pause in (1.0, 3.0, None):
        if runtime.clock.now() >= step.send_by:
            return Wait(
                runtime.timing.abandoned_at(step.send_by), phrase("This process was held up before it could send.")
            )
        try:
            return _end(runtime, step, write.send(step.write_key))
        except GatewayError as error:
            if error.failure is GatewayFailure.RATE_LIMITED and pause is not None:
                time.sleep(min(error.retry_after or pause, runtime.timing.send_window.total_seconds()))
                if runtime.clock.now() < step.send_by:
                    continue
            if error.effect_possible:
                return _after_silence(runtime, step, write, error)
            if error.retryable:
                return _put_back(runtime, step, error)
            return _reject(runtime, step, said_by(error))
    return None


def _after_silence(runtime: Runtime, step: JournalStep, write: Write, error: GatewayError) -> Outcome | None:
    """No answer came, or a server error: the effect may be there. Look before anything else."""
    assert step.send_by is not None
    if (answer := write.seen(step.pre_image)) is not None:
        return _end(runtime, step, answer)
    if write.write_class is WriteClass.NONE or not error.answered:
        # It may still arrive: the intent stays, and is judged when nothing can be in flight any more. A new key helps
        # only against a server's own error, which replays under the old one.
        return Wait(runtime.timing.abandoned_at(step.send_by), said_by(error))
    return None


def _put_back(runtime: Runtime, step: JournalStep, error: GatewayError) -> Outcome:
    """The gateway said that it did nothing (a 429), so the step is as it was before the intent."""
    with runtime.database.writing() as session:
        submission.put_back(session, step)
    return Wait(runtime.clock.now() + runtime.timing.settle, said_by(error))


def _end(runtime: Runtime, step: JournalStep, answer: Answer) -> Outcome:
    with runtime.database.writing() as session:
        submission.end_step(session, step, "done", answer=dict(answer), now=runtime.clock.now())
    return Done(answer)


def _reject(runtime: Runtime, step: JournalStep, words: Phrase) -> Outcome:
    now = runtime.clock.now()
    with runtime.database.writing() as session:
        ended = submission.end_step(session, step, "rejected", answer={"words": words.as_json()}, now=now)
    # A gateway refuses a second answer: whoever took over and sent the first one has the say.
    return Rejected(words) if ended else Wait(now + runtime.timing.settle, phrase("Another process ended this step."))


def _unclear(runtime: Runtime, step: JournalStep) -> Outcome:
    words = phrase("The gateway gave no answer and shows no effect. Look there before anything is tried again.")
    with runtime.database.writing() as session:
        submission.end_step(session, step, "unclear", answer={"words": words.as_json()}, now=runtime.clock.now())
    return Unclear(words)
