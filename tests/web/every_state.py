"""One shop with a case in every state that a person may find it in: for the tests that read every page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlmodel import Session

from disputes import store, submission
from disputes.acts import GatewayAct, Offered
from disputes.lifecycle import GatewayStatus, Kind, WorkState
from disputes.models import Attempt, Dispute, Merchant
from disputes.phrases import phrase
from disputes.ports import Capabilities
from tests import builders
from tests.web.decided import decided, line
from tests.web.desk import Desk

OFFERS = (
    Offered(GatewayAct.ACCEPT, {"accept_claim_type": ("REFUND", "PARTIAL_REFUND")}),
    Offered(GatewayAct.MESSAGE),
    Offered(GatewayAct.OFFER, {"offer_type": ("REFUND",)}),
    Offered(GatewayAct.ESCALATE),
    Offered("deny_offer"),
)
_ALL = Capabilities(submit=True, accept=True, offers=OFFERS)
_NOTHING = Capabilities(submit=False, accept=False)


def every_state(desk: Desk, merchant: Merchant) -> list[Dispute]:
    """Open ones of every gateway and kind, filings under way and ended, and every outcome."""
    made = [_open(desk, merchant, **told) for told in _open_ones(desk)]
    made += [_filed(desk, merchant, end) for end in _FILINGS]
    with desk.runtime.database.writing() as session:
        connection = builders.connection(session, merchant=session.merge(merchant), mode="live", at=desk.now)
        for number, (status, by) in enumerate(_OUTCOMES):
            made.append(
                decided(
                    session, connection, status=status, by=by, external_id=f"du_ended_{number}",
                    order_ref=f"LL-20{number}", opened_at=desk.now - timedelta(days=30),
                    due_at=desk.now - timedelta(days=20), answered_at=desk.now - timedelta(days=22),
                    at=desk.now - timedelta(days=2),
                    movements=(line("withdrawal", -18900, "EUR", f"w{number}", desk.now - timedelta(days=30)),),
                )
            )  # fmt: skip
        made[-1].erased_at = desk.now
        session.add(made[-1])
    return made


_OUTCOMES = tuple(
    (str(status), by)
    for status in (*(each for each in GatewayStatus if each is not GatewayStatus.NEEDS_RESPONSE), GatewayStatus.LOST)
    for by in ("per_ada", "rule", None)
)


def _open_ones(desk: Desk) -> list[dict[str, Any]]:
    hours = timedelta(hours=1)
    return [
        {"order_ref": "LL-1001", "customer_email": "emily@example.com", "customer_name": "Emily Carter"},
        {"by_hand": True},
        {"due_at": None},
        {"due_at": desk.now + 2 * hours},
        {"due_at": desk.now - 5 * hours},
        {"due_at": desk.now - 5 * hours, "capabilities": _NOTHING, "status": "needs_response"},
        {"capabilities": _NOTHING},
        {"raw_reason": "a_new_reason", "reason_code": None, "network": None, "unknown": ("field news",)},
        {"kind": Kind.INQUIRY},
        {"kind": Kind.PRE_ARBITRATION},
        {"kind": Kind.ARBITRATION},
        {"kind": Kind.COMPLIANCE},
        {"kind": Kind.ALERT, "capabilities": _NOTHING},
        {"gateway": "paypal", "capabilities": _ALL, "fields": {"OTHER.notes": "It was delivered."}},
        {"gateway": "paypal", "by_hand": True, "fields": {"OTHER.notes": "It was delivered."}},
        {"gateway": "square"},
        {"mode": "live"},
    ]


def _open(desk: Desk, merchant: Merchant, **told: Any) -> Dispute:
    return desk.case(merchant, **told)


# ---- filings -------------------------------------------------------------------------------------------------------


def _scheduled(_session: Session, _attempt: Attempt, _desk: Desk) -> None: ...


def _submitting(session: Session, attempt: Attempt, desk: Desk) -> None:
    assert submission.begin(session, attempt, desk.now)


def _ended(state: str) -> Callable[[Session, Attempt, Desk], None]:
    def end(session: Session, attempt: Attempt, desk: Desk) -> None:
        assert submission.begin(session, attempt, desk.now)
        words = phrase("Filed by hand; no proof was kept.")
        submission.finish(session, attempt, state, result=words, read_back=None, now=desk.now)

    return end


def _cancelled(session: Session, attempt: Attempt, desk: Desk) -> None:
    submission.cancel(
        session, attempt, by="desk", why=phrase("The answer changed; it needs a new approval."), now=desk.now
    )


_FILINGS = (_scheduled, _submitting, _ended("filed"), _ended("unclear"), _ended("rejected"), _cancelled)


def _filed(desk: Desk, merchant: Merchant, end: Callable[[Session, Attempt, Desk], None]) -> Dispute:
    dispute = desk.case(merchant, mode="live")
    with desk.runtime.database.writing() as session:
        dispute = store.dispute_of(session, merchant.id, dispute.id)
        current = store.current_round(session, dispute)
        assert current is not None
        attempt = submission.open_attempt(
            session, dispute, current, act=GatewayAct.SUBMIT, response_sha256=current.response_sha256,
            approved_by="rule" if end is _scheduled else "per_ada", rule_version=1 if end is _scheduled else None,
            act_at=desk.now + timedelta(hours=20), now=desk.now,
        )  # fmt: skip
        end(session, attempt, desk)
    return dispute


__all__ = ["OFFERS", "WorkState", "every_state"]
