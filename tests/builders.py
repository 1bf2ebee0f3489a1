"""Keyword-only builders of what the tests about filing and reading need, with the defaults of one open chargeback."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlmodel import Session, select

from disputes import store, store_evidence, store_people, sync
from disputes.acts import GatewayAct
from disputes.ids import digest, new_id
from disputes.lifecycle import GatewayStatus, Kind, WorkState
from disputes.models import (
    Connection,
    Dispute,
    Installation,
    Merchant,
    Packet,
    Person,
    Round,
    Rule,
    StoredResponse,
)
from disputes.money import Money
from disputes.ports import Capabilities, DisputeSnapshot, Gathered
from disputes.response import Response, ResponseFile

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
SLOT = "uncategorized_file"


def merchant(session: Session, *, at: datetime = NOW, **changes: Any) -> Merchant:
    """A merchant in an installation that files."""
    if session.get(Installation, 1) is None:
        session.add(Installation(installation_id="ins_test", filing_on=True, created_at=at))
    base: dict[str, Any] = {
        "id": new_id("mer"),
        "slug": new_id("shop"),
        "name": "Lale Living",
        "zone": "Europe/Istanbul",
        "digest_recipients": ["desk@lale.example"],
        "created_at": at,
    }
    made = Merchant(**base | changes)
    session.add(made)
    session.flush()
    return made


def owner(session: Session, merchant: Merchant, *, at: datetime = NOW, person_id: str = "per_1") -> Person:
    """Somebody who may do everything at this merchant."""
    made = session.get(Person, person_id)
    if made is None:
        made = Person(
            id=person_id, email=f"{person_id}@lale.example", name="Derya", password_hash="none", created_at=at
        )
        session.add(made)
        session.flush()
    store_people.join(session, merchant.id, made.id, "owner", at=at)
    session.flush()
    return made


def connection(session: Session, *, merchant: Merchant, at: datetime = NOW, **changes: Any) -> Connection:
    base: dict[str, Any] = {
        "id": new_id("con"),
        "merchant_id": merchant.id,
        "gateway": "stripe",
        "mode": "test",
        "account_id": new_id("acct"),
        "account_name": "Lale Living",
        "secret": "sealed",
        "created_at": at,
    }
    made = Connection(**base | changes)
    session.add(made)
    session.flush()
    return made


def rule(session: Session, *, merchant: Merchant, mode: str = "file_after_hold", at: datetime = NOW) -> Rule:
    made = Rule(id=new_id("rul"), merchant_id=merchant.id, gateway="stripe", mode=mode, switched_at=at)
    session.add(made)
    session.flush()
    return made


def snapshot(**changes: Any) -> DisputeSnapshot:
    """What a gateway says about an open chargeback that is due in nine days."""
    count = int(changes.get("submission_count", 0))
    kind = Kind(changes.get("kind", Kind.CHARGEBACK))
    status = GatewayStatus(changes.get("status", GatewayStatus.NEEDS_RESPONSE))
    base: dict[str, Any] = {
        "gateway": "stripe",
        "external_id": "du_1",
        "kind": kind,
        "status": status,
        "raw_status": str(status),
        "raw_reason": "product_not_received",
        "amount": Money(18900, "EUR"),
        "opened_at": NOW - timedelta(days=1),
        "due_at": NOW + timedelta(days=9),
        "live": False,
        "capabilities": Capabilities(status is GatewayStatus.NEEDS_RESPONSE, status is GatewayStatus.NEEDS_RESPONSE),
        "submission_count": count,
        "round_facts": f"{kind}:{count}",
        "network": "visa",
        "reason_code": "13.1",
        "payment_id": "ch_1",
        "raw": {"id": changes.get("external_id", "du_1"), "status": str(status)},
    }
    return DisputeSnapshot(**{**base, **changes, "kind": kind, "status": status})


def seen(session: Session, *, connection: Connection, at: datetime = NOW, **changes: Any) -> Dispute:
    """A dispute as the first sync of it leaves it."""
    told = snapshot(**changes)
    sync.apply_page(session, connection, [told], at)
    return store.by_external_ids(session, connection.id, [told.external_id])[told.external_id]


def answer(*, external_id: str, ordinal: int = 1, data: bytes = b"%PDF-1.4 proof", **fields: str) -> Response:
    """One text field and one file, as every answer has."""
    file = ResponseFile(slot=SLOT, name=f"packet-{digest(data)[:10]}.pdf", sha256=digest(data), size=len(data), pages=1)
    words = {"uncategorized_text": "The parcel was delivered on the day it was promised."}
    return Response(gateway="stripe", dispute_id=external_id, round=ordinal, fields=words | fields, files=(file,))


def paypal_answer(
    *, external_id: str, ordinal: int = 1, data: bytes = b"%PDF-1.4 proof", act: GatewayAct = GatewayAct.SUBMIT
) -> Response:
    """Proof of fulfilment with one document."""
    fields = {
        "PROOF_OF_FULFILLMENT.tracking_info[0].carrier_name": "OTHER",
        "PROOF_OF_FULFILLMENT.tracking_info[0].carrier_name_other": "Aras Kargo",
        "PROOF_OF_FULFILLMENT.tracking_info[0].tracking_number": "AK7001234567",
        "PROOF_OF_FULFILLMENT.notes": "The parcel was delivered on the day it was promised.",
    }
    files = (_pdf("documents", "packet", data),)
    return Response(gateway="paypal", dispute_id=external_id, round=ordinal, fields=fields, files=files, act=act)


def square_answer(*, external_id: str, ordinal: int = 1, data: bytes = b"%PDF-1.4 proof") -> Response:
    """Two texts and two files, each of a type of its own."""
    fields = {
        "REBUTTAL_EXPLANATION": "The parcel was delivered on the day it was promised.",
        "TRACKING_NUMBER": "AK7001234567",
    }
    files = (
        _pdf("GENERIC_EVIDENCE", "packet", data),
        _pdf("PROOF_OF_DELIVERY_DOCUMENTATION", "delivery", data + b" of delivery"),
    )
    return Response(gateway="square", dispute_id=external_id, round=ordinal, fields=fields, files=files)


def _pdf(slot: str, what: str, data: bytes) -> ResponseFile:
    return ResponseFile(slot=slot, name=f"{what}-{digest(data)[:10]}.pdf", sha256=digest(data), size=len(data), pages=1)


def prepared(
    session: Session,
    *,
    dispute: Dispute,
    response: Response | None = None,
    payment: Gathered | None = None,
    at: datetime = NOW,
    assessment: Mapping[str, Any] | None = None,
) -> Round:
    """The dispute's round with an answer that waits for approval."""
    current = store.current_round(session, dispute)
    assert current is not None, "the gateway asks for no answer"
    response = response or answer(external_id=dispute.external_id, ordinal=current.ordinal)
    file = response.files[0]
    packet = Packet(
        id=new_id("pkt"),
        merchant_id=dispute.merchant_id,
        round_id=current.id,
        sha256=file.sha256,
        size=file.size,
        pages=1,
        built_at=at,
    )
    session.add(packet)
    session.flush()
    if session.get(StoredResponse, response.sha256) is None:
        session.add(
            StoredResponse(
                sha256=response.sha256,
                round_id=current.id,
                packet_id=packet.id,
                canonical=response.canonical().decode(),
                built_at=at,
            )
        )
    current.packet_id, current.response_sha256, current.prepared_at = packet.id, response.sha256, at
    current.assessment = dict(assessment or {"verdict": "fight", "ready": True, "person_required": []})
    session.add(current)
    if payment is not None:
        store_evidence.upsert(
            session,
            dispute,
            payment,
            source=response.gateway,
            source_title=response.gateway,
            sha256=digest(payment.data),
            now=at,
        )
    dispute.verdict = "fight"
    store.set_work(session, dispute, WorkState.AWAITING_APPROVAL, at)
    return current


def merchant_named(session: Session, *, slug: str) -> Merchant:
    return session.exec(select(Merchant).where(Merchant.slug == slug)).one()
