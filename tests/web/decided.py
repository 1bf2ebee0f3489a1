"""Cases that were decided, as filing and sync leave them: for the outcomes page and what stands on a closed case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session

from disputes import store, submission
from disputes.acts import GatewayAct
from disputes.lifecycle import GatewayStatus
from disputes.models import Connection, Dispute, Merchant, Round
from disputes.money import Money
from disputes.ports import MoneyMovement
from tests import builders
from tests.builders import NOW
from tests.web.desk import Desk

PROOF = {"delivery_confirmation": True, "customer_communication": False}


def checklist(held: Mapping[str, bool], weight: str = "required") -> list[dict[str, Any]]:
    return [
        {"item": item, "label": item, "weight": weight, "state": "present" if there else "missing", "why": ""}
        for item, there in held.items()
    ]


def line(kind: str, minor: int, currency: str, name: str, at: datetime = NOW) -> MoneyMovement:
    return MoneyMovement(movement_id=name, kind=kind, amount=Money(minor, currency), at=at)


def filed(
    session: Session, dispute: Dispute, *, at: datetime, by: str = "per_ada", act: str | None = None, **judged: Any
) -> Round:
    """The round as it stands once the gateway took the answer."""
    assessment = {"verdict": "fight", "ready": True, "person_required": [], "product_type": "physical"}
    current = builders.prepared(
        session, dispute=dispute, at=at, assessment={**assessment, "checklist": checklist(PROOF), **judged}
    )
    attempt = submission.open_attempt(
        session, dispute, current, act=act or GatewayAct.SUBMIT, response_sha256=current.response_sha256,
        approved_by=by, rule_version=1 if by == "rule" else None, act_at=at, now=at,
    )  # fmt: skip
    assert submission.begin(session, attempt, at)
    submission.finish(session, attempt, "filed", result="Filed.", read_back=None, now=at)
    return current


def decided(
    session: Session,
    connection: Connection,
    *,
    status: str = "won",
    by: str | None = "per_ada",
    act: str | None = None,
    opened_at: datetime = NOW - timedelta(days=30),
    due_at: datetime | None = NOW - timedelta(days=20),
    answered_at: datetime = NOW - timedelta(days=23),
    at: datetime = NOW - timedelta(days=2),
    movements: Sequence[MoneyMovement] = (),
    judged: Mapping[str, Any] | None = None,
    **told: Any,
) -> Dispute:
    """Seen open, answered (`by` a person's id, "rule", or None for nobody), then decided and seen again."""
    told = {"gateway": connection.gateway, "live": connection.mode == "live", "opened_at": opened_at} | told
    dispute = builders.seen(session, connection=connection, at=opened_at, due_at=due_at, **told)
    if by is not None:
        filed(session, dispute, at=answered_at, by=by, act=act, **(judged or {}))
    ours = int(by is not None and act is None)
    after = {"submission_count": ours, "movements": tuple(movements), **told, "status": GatewayStatus(status)}
    session.flush()
    builders.seen(session, connection=connection, at=at, due_at=None, **after)
    return store.dispute_of(session, dispute.merchant_id, dispute.id)


def a_year(desk: Desk, shop: Merchant, person_id: str, cases: int = 26) -> None:
    """Cases all over the year before now, decided this way and that."""
    reasons = (("fraudulent", "10.4"), ("product_not_received", "13.1"))
    with desk.runtime.database.writing() as session:
        connection = builders.connection(session, merchant=shop)
        for number in range(cases):
            raw_reason, code = reasons[number % 2]
            at = desk.now - timedelta(days=5 + 9 * number % 350)
            decided(
                session,
                connection,
                external_id=f"du_{number:02}",
                order_ref=f"LL-{number:02}",
                status=("won", "lost", "won", "lost", "lost")[number % 5],
                by=None if number == 8 else "rule" if number % 3 else person_id,
                raw_reason=raw_reason,
                reason_code=code,
                opened_at=at - timedelta(days=30),
                due_at=at - timedelta(days=16),
                answered_at=at - timedelta(days=16, hours=3 + 11 * (number % 26)),
                at=at,
                movements=(line("withdrawal", -18900, "EUR", f"w{number}"), line("fee", -1500, "EUR", f"f{number}")),
            )
