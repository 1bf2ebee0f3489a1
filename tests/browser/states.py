"""One desk with a case in every state and a page of every kind, made by builders and the store's own functions."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pikepdf
from sqlmodel import Session

from disputes import links, store, store_erase, store_evidence, submission
from disputes.acts import GatewayAct
from disputes.lifecycle import GatewayStatus, Kind, WorkState
from disputes.models import Attempt, Connection, Dispute, Merchant, Round
from disputes.money import Money
from disputes.phrases import Phrase, phrase
from disputes.ports import Capabilities, Gathered
from disputes.response import Response
from evidence.assessment import assess
from evidence.what_if import what_if
from scheduler.prepare import claim_of
from tests import builders
from tests.evidence import builders as sale
from tests.web.decided import a_year, line
from tests.web.desk import Desk
from tests.web.people import member

CLOSED = Capabilities(False, False, reason=phrase("The network takes no evidence for this reason."))


def packet() -> bytes:
    """Two pages that can be drawn."""
    out = io.BytesIO()
    with pikepdf.new() as made:
        for _ in range(2):
            made.add_blank_page(page_size=(595, 842))
        made.save(out, deterministic_id=True)
    return out.getvalue()


PACKET = packet()


class States:
    """`cases`: the address of a case by the name of its state; `people`: a session's token by role."""

    def __init__(self, folder: Path) -> None:
        self.desk = Desk(folder)
        self.owner = self.desk.person("ada@shop.example")
        self.shop: Merchant = self.desk.shop(self.owner, name="Moll & Daughters")
        self.fresh: Merchant = self.desk.shop(self.owner, name="Nothing yet")
        self.year: Merchant = self.desk.shop(self.owner, name="A year of it")
        self.people = {role: self._session(member(self.desk, self.shop, role)) for role in ("viewer", "agent")}
        self.people["owner"] = self._session(self.owner)
        self.ids: dict[str, str] = {}
        self.attempts: dict[str, str] = {}
        a_year(self.desk, self.year, self.owner.id, cases=40)
        self.desk.runtime.files.put(self.shop.id, PACKET)
        with self.desk.runtime.database.writing() as session:
            self.stripe, self.papers = self._connection(session), self._connection(session, "manual", by_hand=True)
            for name, make in MAKERS.items():
                dispute = make(self, session, name)
                session.flush()
                self.ids[name] = dispute.id
                found = store.attempts_of(session, dispute.id)
                if found:
                    self.attempts[name] = found[-1].id

    def _session(self, person: Any) -> str:
        return self.desk.signed_in(person).client.cookies["counterproof"]

    def _connection(self, session: Session, gateway: str = "stripe", **more: Any) -> Connection:
        secret = self.desk.runtime.vault.seal("rk_test_of_the_desk")
        more = {"rights_missing": [], "rights_too_many": []} | more
        return builders.connection(
            session, merchant=self.shop, at=self.desk.now, secret=secret, gateway=gateway, **more
        )

    def case(self, name: str, more: str = "") -> str:
        return links.case(self.shop.slug, self.ids[name]) + more

    def attempt(self, name: str) -> str:
        return self.case(name, f"/attempts/{self.attempts[name]}")

    # ---- one case ---------------------------------------------------------------------------------------------------

    def seen(self, session: Session, name: str, **told: Any) -> Dispute:
        """What the gateway says of it now; said again, it is news of the same case."""
        connection = told.pop("connection", self.stripe)
        told = {
            "external_id": f"du_{name}",
            "gateway": connection.gateway,
            "opened_at": self.desk.now - timedelta(days=1),
            "due_at": self.desk.now + timedelta(days=9),
            "order_ref": f"LL-{name}",
            "customer_name": "Jane Doe",
            "customer_email": f"{name}@example.com",
        } | told
        dispute = builders.seen(session, connection=connection, at=self.desk.now, **told)
        session.flush()
        return dispute

    def ready(self, session: Session, name: str, *, poor: bool = False, **told: Any) -> Dispute:
        """With records, a judgement of them, and a packet that waits for approval."""
        dispute = self.seen(session, name, **told)
        facts = (sale.payment(),) if poor else (sale.payment(), sale.order(), sale.shipment(), sale.message())
        for number, fact in enumerate(facts):
            gathered = Gathered(
                fact=fact, data=b"record", media_type="application/json", name=f"record {number}", request="GET"
            )
            store_evidence.upsert(
                session, dispute, gathered, source="shop", source_title="Shop", sha256=f"{number}" * 64,
                now=self.desk.now,
            )  # fmt: skip
        judged = self._judged(session, dispute)
        answer = _answer(dispute)
        builders.prepared(session, dispute=dispute, response=answer, at=self.desk.now, assessment=judged)
        if poor:
            current = self.round(session, dispute)
            current.packet_id, current.response_sha256 = None, None
            dispute.verdict = "needs_evidence"
            store.set_work(session, dispute, WorkState.NEEDS_EVIDENCE, self.desk.now)
        return dispute

    def _judged(self, session: Session, dispute: Dispute) -> dict[str, Any]:
        file = store_evidence.case_file(store_evidence.items_of(session, dispute.id), dispute.order_ref)
        claim = claim_of(dispute, self.shop, unavailable=frozenset(), waived=frozenset(), gateway_title="Stripe")
        judged = assess(claim, file, self.desk.now)
        return judged.model_copy(update={"gains": what_if(claim, file, judged)}).model_dump(mode="json")

    def round(self, session: Session, dispute: Dispute) -> Round:
        current = store.current_round(session, dispute)
        assert current is not None
        return current

    def approved(self, session: Session, dispute: Dispute, *, by: str | None = None, hours: int = 0) -> Attempt:
        current, now = self.round(session, dispute), self.desk.now
        return submission.open_attempt(
            session, dispute, current, act=GatewayAct.SUBMIT, response_sha256=current.response_sha256,
            approved_by=by or self.owner.id, rule_version=1 if by == "rule" else None,
            act_at=now + timedelta(hours=hours), now=now,
        )  # fmt: skip

    def came(
        self, session: Session, dispute: Dispute, state: str, result: Phrase, back: Mapping[str, Any] | None = None
    ) -> Dispute:
        """What came of approving it."""
        attempt = self.approved(session, dispute)
        assert submission.begin(session, attempt, self.desk.now)
        submission.finish(session, attempt, state, result=result, read_back=dict(back or {}), now=self.desk.now)
        return dispute

    def filed(self, session: Session, name: str, *, then: str = "under_review", **told: Any) -> Dispute:
        dispute = self.ready(session, name, **told)
        answer = _answer(dispute)
        back = {
            "fields": dict(answer.fields), "files": {file.slot: file.name for file in answer.files},
            "status": "under_review", "submission_count": 1,
        }  # fmt: skip
        self.came(session, dispute, "filed", phrase("Filed; the gateway says under_review."), back)
        booked = (line("withdrawal", -18900, "EUR", f"w_{name}"), line("fee", -1500, "EUR", f"f_{name}"))
        return self.seen(
            session, name, status=GatewayStatus(then), submission_count=1, due_at=None, movements=booked, **told
        )


def _answer(dispute: Dispute) -> Response:
    return builders.answer(external_id=dispute.external_id, data=PACKET).model_copy(update={"gateway": dispute.gateway})


# ---- the states -----------------------------------------------------------------------------------------------------

Maker = Callable[[States, Session, str], Dispute]


def _ready(**told: Any) -> Maker:
    return lambda made, session, name: made.ready(session, name, **told)


def _seen(**told: Any) -> Maker:
    return lambda made, session, name: made.seen(session, name, **told)


def _due(**ahead: float) -> Maker:
    return lambda made, session, name: made.ready(session, name, due_at=made.desk.now + timedelta(**ahead))


def _filed(then: str) -> Maker:
    return lambda made, session, name: made.filed(session, name, then=then)


def _ended(status: str) -> Maker:
    def make(made: States, session: Session, name: str) -> Dispute:
        made.ready(session, name)
        return made.seen(session, name, status=GatewayStatus(status), due_at=None)

    return make


def _scheduled(made: States, session: Session, name: str) -> Dispute:
    dispute = made.ready(session, name)
    made.approved(session, dispute, by="rule", hours=20)
    return dispute


def _unclear(made: States, session: Session, name: str) -> Dispute:
    words = phrase("The connection broke while the answer was being sent.")
    return made.came(session, made.ready(session, name), "unclear", words)


def _rejected(made: States, session: Session, name: str) -> Dispute:
    return made.came(session, made.ready(session, name), "rejected", phrase("The gateway refused the file."))


def _accepted(made: States, session: Session, name: str) -> Dispute:
    dispute = made.ready(session, name)
    current, now = made.round(session, dispute), made.desk.now
    attempt = submission.open_attempt(
        session, dispute, current, act=GatewayAct.ACCEPT, response_sha256=None, approved_by=made.owner.id,
        rule_version=None, act_at=now, now=now,
    )  # fmt: skip
    assert submission.begin(session, attempt, now)
    words = phrase("Accepted at the gateway; the gateway says lost.")
    submission.finish(session, attempt, "filed", result=words, read_back={"status": "lost"}, now=now)
    return made.seen(session, name, status=GatewayStatus.LOST, due_at=None)


def _by_hand(made: States, session: Session, name: str) -> Dispute:
    raw = {
        "case_number": name, "category": "not_received", "amount": {"minor": 18900, "currency": "TRY"},
        "opened_at": (made.desk.now - timedelta(days=3)).isoformat(),
        "paid_at": (made.desk.now - timedelta(days=30)).isoformat(),
        "due_at": (made.desk.now + timedelta(days=9)).isoformat(),
    }  # fmt: skip
    return made.ready(session, name, connection=made.papers, amount=Money(18900, "TRY"), raw=raw)


def _handed(made: States, session: Session, name: str) -> Dispute:
    dispute = _by_hand(made, session, name)
    back = {"by_hand": True, "filed_at": made.desk.now.isoformat(), "note": "Number 4711"}
    return made.came(session, dispute, "filed", phrase("Filed by hand."), back)


def _building(made: States, session: Session, name: str) -> Dispute:
    dispute = made.ready(session, name)
    current = made.round(session, dispute)
    current.prepared_at, current.packet_id, current.response_sha256 = None, None, None
    store.set_work(session, dispute, WorkState.GATHERING, made.desk.now)
    return dispute


def _erased(made: States, session: Session, name: str) -> Dispute:
    dispute = made.filed(session, name, then="won")
    session.flush()
    assert store_erase.erase_case(session, made.shop.id, dispute.id, made.desk.now)
    session.refresh(dispute)
    return dispute


MAKERS: dict[str, Maker] = {
    "ready": _ready(network="visa", reason_code="13.1"),
    "needs_evidence": _ready(poor=True),
    "building": _building,
    "scheduled": _scheduled,
    "unclear": _unclear,
    "rejected": _rejected,
    "filed": _filed("under_review"),
    "won": _filed("won"),
    "lost": _filed("lost"),
    "accepted": _accepted,
    "expired": _ended("expired"),
    "withdrawn": _ended("withdrawn"),
    "unknown": _ended("unknown"),
    "erased": _erased,
    "past_due": _due(days=-1),
    "past_cut_off": _due(hours=2),
    "no_deadline": lambda made, session, name: made.ready(session, name, due_at=None),
    "by_hand": _by_hand,
    "handed_over": _handed,
    "inquiry": _ready(kind=Kind.INQUIRY),
    "alert": _seen(kind=Kind.ALERT, capabilities=CLOSED, due_at=None, reason_code=None, raw_reason=""),
    "cannot_be_contested": _seen(capabilities=CLOSED, due_at=None),
    "answered_elsewhere": _seen(status=GatewayStatus.UNDER_REVIEW, submission_count=1, due_at=None),
    "old_and_lost": _seen(status=GatewayStatus.LOST, due_at=None, order_ref=None),
    "prevented": _seen(status=GatewayStatus.PREVENTED, due_at=None),
}
