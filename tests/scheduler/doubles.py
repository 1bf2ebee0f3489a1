"""Stand-ins for what lies outside: a gateway that says what it is told, an engine and a mailer that remember."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from disputes import store
from disputes.clock import FixedClock
from disputes.database import refuse_inside_writer
from disputes.facts import Payment
from disputes.models import Connection, Dispute, Merchant, OutgoingMail, Round, ViewCount
from disputes.ports import Changes, DisputeSnapshot, GatewayError, Gathered, Mail, MailRefused, Page
from scheduler import pull
from scheduler.runtime import Runtime
from tests import builders


@dataclass(slots=True)
class Runs:
    """An engine that writes down what it was asked to start; a known id is not started again."""

    started: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def launch(self, *, polling_seconds: float = 0.2) -> None: ...
    def stop(self) -> None: ...

    def enqueue(self, session: Session, workflow: str, run_id: str, *arguments: str, queue: str = "work") -> None:
        self.started.setdefault(run_id, (workflow, *arguments))

    def status(self, run_id: str) -> str | None:
        return "ENQUEUED" if run_id in self.started else None

    def alive(self) -> bool:
        return True

    def of(self, workflow: str) -> list[tuple[str, ...]]:
        return [arguments for name, *arguments in self.started.values() if name == workflow]  # type: ignore[misc]


@dataclass(slots=True)
class Post:
    """A mailer that keeps what it is given, or refuses as it is told."""

    sent: list[Mail] = field(default_factory=list)
    refusals: list[MailRefused] = field(default_factory=list)

    def send(self, mail: Mail) -> str:
        refuse_inside_writer("the mailer")
        if self.refusals:
            raise self.refusals.pop(0)
        self.sent.append(mail)
        return "memory"


class StillGateway:
    """Says what lies in `disputes`, page by page; `errors` are raised first, one a call."""

    name, title = "stripe", "Stripe"

    def __init__(self, clock: FixedClock) -> None:
        self._clock = clock
        self.disputes_by_id: dict[str, DisputeSnapshot] = {}
        self.changed: list[str] = []
        self.page_size = 2
        self.errors: dict[str, list[GatewayError | None]] = {}
        self.expired = False
        self.calls: list[str] = []
        self.during: Callable[[str], None] = lambda _: None

    def says(self, **changes: Any) -> DisputeSnapshot:
        told = builders.snapshot(**changes)
        self.disputes_by_id[told.external_id] = told
        self.changed.append(told.external_id)
        return told

    def _asked(self, what: str) -> None:
        refuse_inside_writer("the gateway")
        self.calls.append(what)
        self.during(what)
        waiting = self.errors.get(what, [])
        if waiting and (error := waiting.pop(0)) is not None:
            raise error

    def disputes(self, *, cursor: str | None = None, since: datetime | None = None) -> Page:
        self._asked("disputes")
        rows = [one for one in self.disputes_by_id.values() if since is None or one.opened_at >= since]
        start = int(cursor or 0)
        end = start + self.page_size
        return Page(tuple(rows[start:end]), str(end) if end < len(rows) else None)

    def changes(self, cursor: str | None) -> Changes:
        self._asked("changes")
        if self.expired:
            return Changes((), "0", expired=True)
        start = int(cursor) if cursor is not None else len(self.changed)
        return Changes(tuple(dict.fromkeys(self.changed[start:])), str(len(self.changed)))

    def dispute(self, external_id: str) -> DisputeSnapshot:
        self._asked("dispute")
        return self.disputes_by_id[external_id]

    def payment(self, snapshot: DisputeSnapshot) -> tuple[Payment, bytes]:
        self._asked("payment")
        payment_id = snapshot.payment_id or "pi_1"
        paid = Payment(payment_id=payment_id, amount=snapshot.amount, paid_at=snapshot.opened_at)
        return paid, b'{"id": "payment"}'

    def records(self, snapshot: DisputeSnapshot) -> tuple[Gathered, ...]:
        return ()


@dataclass(slots=True)
class Desk:
    runtime: Runtime
    clock: FixedClock
    gateway: StillGateway
    runs: Runs
    post: Post
    merchant_id: str = ""
    connection_id: str = ""

    def __post_init__(self) -> None:
        with self.runtime.database.writing() as session:
            merchant = builders.merchant(session, at=self.clock.now())
            builders.owner(session, merchant, at=self.clock.now())
            self.merchant_id = merchant.id
            self.connection_id = builders.connection(session, merchant=merchant, at=self.clock.now()).id

    def sync(self) -> str:
        return pull.run(self.runtime, self.connection_id)

    def read(self, external_id: str) -> str:
        return pull.run(self.runtime, self.connection_id, only=external_id)

    def dispute(self, external_id: str = "du_1") -> Dispute:
        with self.runtime.database.reading() as session:
            return store.by_external_ids(session, self.connection_id, [external_id])[external_id]

    def disputes(self) -> list[Dispute]:
        with self.runtime.database.reading() as session:
            return list(session.exec(select(Dispute).order_by(col(Dispute.external_id))))

    def rounds(self, external_id: str = "du_1") -> list[Round]:
        with self.runtime.database.reading() as session:
            return list(store.rounds_of(session, self.dispute(external_id).id))

    def connection(self) -> Connection:
        with self.runtime.database.reading() as session:
            return session.get_one(Connection, self.connection_id)

    def merchant(self) -> Merchant:
        with self.runtime.database.reading() as session:
            return session.get_one(Merchant, self.merchant_id)

    def mails(self, kind: str | None = None) -> list[OutgoingMail]:
        with self.runtime.database.reading() as session:
            rows = session.exec(select(OutgoingMail).order_by(col(OutgoingMail.id))).all()
        return [row for row in rows if kind in (None, row.kind)]

    def set(self, model: type[Any], row_id: str, **columns: Any) -> None:
        with self.runtime.database.writing() as session:
            row = session.get_one(model, row_id)
            for name, value in columns.items():
                setattr(row, name, value)
            session.add(row)

    def counts(self) -> tuple[Mapping[tuple[bool, str], int], Mapping[tuple[bool, str], int]]:
        """(as the counters say, as counting says)."""
        with self.runtime.database.reading() as session:
            kept = {(row.live, row.view): row.count for row in session.exec(select(ViewCount)) if row.count}
            counted = session.exec(
                select(Dispute.live, Dispute.view, sa.func.count()).group_by(col(Dispute.live), col(Dispute.view))
            )
            return kept, {(live, view): number for live, view, number in counted}
