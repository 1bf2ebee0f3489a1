"""Taking a customer's data out: of closed cases, of records kept from sources, of the outbox. What no row names any
more is told, so that its bytes go too."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from disputes.erasing import OF_CUSTOMER, STAYS_OF_READ_BACK, is_code, may_go
from disputes.lifecycle import ENDED
from disputes.models import (
    Attempt,
    CaseNote,
    Dispute,
    EvidenceItem,
    EvidenceRequest,
    ItemMark,
    JournalStep,
    Merchant,
    OutgoingMail,
    Packet,
    PolicyVersion,
    Round,
    SourceKey,
    SourceRecord,
    StoredResponse,
)
from disputes.phrases import Phrase
from disputes.store_audit import take_turn
from disputes.systems import Key, KeyKind

_UNDER_WAY = ("scheduled", "submitting", "unclear")
_AT_ONCE = 400
MOST = 500
"""Cases of one customer."""


# ---- whose time has come -------------------------------------------------------------------------------------------


def kept_long_enough(session: Session, merchant_id: str, before: datetime, limit: int) -> Sequence[str]:
    """Ids of decided cases that ended before the instant and still hold the customer's data."""
    query = _ended(select(Dispute.id), merchant_id, before).order_by(col(Dispute.id)).limit(limit)
    return list(session.exec(query))


def count_kept_long_enough(session: Session, merchant_id: str, before: datetime) -> int:
    return int(session.exec(_ended(select(sa.func.count()), merchant_id, before)).one())


def _ended(query: Any, merchant_id: str, before: datetime) -> Any:
    """A case ended with its last outcome; one that was over when it was first read, when it last changed."""
    outcome_at = select(sa.func.max(col(Round.outcome_at))).where(Round.dispute_id == Dispute.id).scalar_subquery()
    ended_at = sa.func.coalesce(outcome_at, col(Dispute.changed_at), type_=Dispute.__table__.c.changed_at.type)  # type: ignore[attr-defined]
    return query.select_from(Dispute).where(
        Dispute.merchant_id == merchant_id,
        col(Dispute.view).in_(sorted(status.value for status in ENDED)),
        col(Dispute.erased_at).is_(None),
        col(Dispute.opened_at) < before,
        sa.not_(_something_open()),
        ended_at < before,
    )


def _something_open() -> sa.ColumnElement[bool]:
    under_way = sa.exists().where(col(Attempt.dispute_id) == col(Dispute.id), col(Attempt.state).in_(_UNDER_WAY))
    asked = sa.exists().where(col(EvidenceRequest.dispute_id) == col(Dispute.id), col(EvidenceRequest.state) == "asked")
    return sa.or_(col(Dispute.is_open), under_way, asked)


# ---- one customer --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Held:
    """What is held about one customer."""

    cases: Sequence[Dispute]
    open_cases: Sequence[Dispute]
    """Those of them that something is open of: nothing is erased while there is one."""
    records: Sequence[str]
    """Ids of what is kept from sources."""
    items: int = 0
    mails: int = 0
    erased: int = 0
    """Cases that were erased before; nothing of the customer is in them."""
    keys: frozenset[Key] = frozenset()
    """By what sources would tell of them again."""

    @property
    def nothing(self) -> bool:
        return not (self.cases or self.records or self.mails)


def customers(session: Session, merchant_id: str, text: str, limit: int = 50) -> Sequence[Dispute]:
    """Cases by exact e-mail address, name or number, whatever the case of its letters."""
    wanted = text.strip().casefold()
    if not wanted:
        return []
    return session.exec(
        select(Dispute)
        .where(
            Dispute.merchant_id == merchant_id,
            sa.or_(
                sa.func.lower(col(Dispute.customer_email)) == wanted,
                sa.func.lower(col(Dispute.customer_name)) == wanted,
                sa.func.lower(col(Dispute.order_ref)) == wanted,
                sa.func.lower(col(Dispute.external_id)) == wanted,
            ),
        )
        .order_by(col(Dispute.opened_at).desc(), col(Dispute.id))
        .limit(limit)
    ).all()


def held(session: Session, merchant_id: str, who: str) -> Held:
    """Everything about the customer with this e-mail address, or about the sale with this order number."""
    wanted = who.strip().casefold()
    by = col(Dispute.customer_email) if "@" in wanted else col(Dispute.order_ref)
    cases = session.exec(
        select(Dispute)
        .where(Dispute.merchant_id == merchant_id, sa.func.lower(by) == wanted)
        .order_by(col(Dispute.opened_at).desc(), col(Dispute.id))
        .limit(MOST)
    ).all()
    ids = [each.id for each in cases]
    still = set()
    for part in _parts(ids):
        still |= set(session.exec(select(Dispute.id).where(col(Dispute.id).in_(part), _something_open())))
    open_cases = [
        each
        for each in cases
        if not may_go(status=each.status, is_open=each.is_open, under_way=each.id in still, asked=False)
    ]
    keys = {Key(KeyKind.EMAIL, wanted) if "@" in wanted else Key(KeyKind.ORDER, _order(wanted))}
    keys |= {Key(KeyKind.ORDER, _order(each.order_ref)) for each in cases if each.order_ref}
    return Held(
        cases=cases,
        open_cases=open_cases,
        records=_records(session, merchant_id, keys),
        items=sum(_count_items(session, part) for part in _parts(ids)),
        mails=len(_mails(session, merchant_id, ids, _marks(wanted, cases))),
        keys=frozenset(keys),
    )


def addresses_of(session: Session, merchant_id: str, keys: Collection[Key]) -> list[str]:
    """E-mail addresses in kept records that carry one of these telephone or account numbers."""
    found: set[str] = set()
    for part in _parts(_records(session, merchant_id, keys)):
        found |= set(
            session.exec(
                select(SourceKey.value).where(col(SourceKey.record_id).in_(part), SourceKey.kind == KeyKind.EMAIL.value)
            )
        )
    return sorted(found)


def _order(number: str) -> str:
    """As the keys of kept records spell it."""
    return number.strip().lstrip("#").strip().casefold()


def _records(session: Session, merchant_id: str, keys: Collection[Key]) -> list[str]:
    found: set[str] = set()
    for kind in {key.kind for key in keys}:
        for part in _parts(sorted(key.value for key in keys if key.kind is kind)):
            found |= set(
                session.exec(
                    select(SourceRecord.id)
                    .join(SourceKey, col(SourceKey.record_id) == col(SourceRecord.id))
                    .where(
                        SourceRecord.merchant_id == merchant_id,
                        SourceKey.kind == kind.value,
                        sa.func.lower(col(SourceKey.value)).in_(part),
                    )
                )
            )
    return sorted(found)


def _count_items(session: Session, ids: Sequence[str]) -> int:
    return session.exec(select(sa.func.count()).where(col(EvidenceItem.dispute_id).in_(ids))).one()


def _marks(who: str, cases: Sequence[Dispute]) -> list[str]:
    """What a mail about this customer holds: their address, their order's and case's numbers."""
    return [who, *(each.order_ref for each in cases if each.order_ref), *(each.external_id for each in cases)]


def _mails(session: Session, merchant_id: str, ids: Sequence[str], marks: Sequence[str]) -> list[str]:
    """Of their cases, and any other (a digest) that names them."""
    found: set[str] = set()
    for part in _parts(ids):
        found |= set(session.exec(select(OutgoingMail.id).where(col(OutgoingMail.dispute_id).in_(part))))
    for mark in dict.fromkeys(marks):
        named = col(OutgoingMail.text).contains(mark, autoescape=True)
        whole = sa.or_(sa.func.lower(col(OutgoingMail.recipient)) == mark.casefold(), named)
        found |= set(session.exec(select(OutgoingMail.id).where(OutgoingMail.merchant_id == merchant_id, whole)))
    return sorted(found)


# ---- the files -----------------------------------------------------------------------------------------------------


def files_of_cases(session: Session, merchant_id: str, ids: Sequence[str], records: Sequence[str] = ()) -> list[str]:
    """SHA-256 of every file that only these cases and kept records name; erased ones among the cases count too."""
    found: set[str] = set()
    for part in _parts(ids):
        found |= set(session.exec(select(EvidenceItem.sha256).where(col(EvidenceItem.dispute_id).in_(part))))
        packets = session.exec(
            select(Packet.sha256, Packet.files)
            .join(Round, col(Round.id) == col(Packet.round_id))
            .where(col(Round.dispute_id).in_(part))
        )
        for sha256, files in packets:
            found |= {sha256, *(str(each["sha256"]) for each in files if "sha256" in each)}
    for part in _parts(records):
        found |= set(session.exec(select(SourceRecord.sha256).where(col(SourceRecord.id).in_(part))))
    return sorted(sha256 for sha256 in found if not _named_elsewhere(session, merchant_id, sha256, ids, records))


def _named_elsewhere(
    session: Session, merchant_id: str, sha256: str, ids: Sequence[str], records: Sequence[str]
) -> bool:
    items = session.exec(
        select(EvidenceItem.dispute_id)
        .join(Dispute, col(Dispute.id) == col(EvidenceItem.dispute_id))
        .where(
            EvidenceItem.merchant_id == merchant_id,
            EvidenceItem.sha256 == sha256,
            col(Dispute.erased_at).is_(None),
        )
        .distinct()
    )
    if set(items) - set(ids):
        return True
    kept = session.exec(
        select(SourceRecord.id).where(SourceRecord.merchant_id == merchant_id, SourceRecord.sha256 == sha256)
    )
    if set(kept) - set(records):
        return True
    policy = select(PolicyVersion.id).where(PolicyVersion.merchant_id == merchant_id, PolicyVersion.sha256 == sha256)
    return session.exec(policy.limit(1)).first() is not None


# ---- erasing -------------------------------------------------------------------------------------------------------


def erase_case(session: Session, merchant_id: str, dispute_id: str, now: datetime) -> bool:
    """Take the customer's data out of one closed case; False where something of it is open, or it is erased already."""
    take_turn(session, merchant_id)
    gone = session.execute(
        sa.update(Dispute)
        .where(
            col(Dispute.id) == dispute_id,
            col(Dispute.merchant_id) == merchant_id,
            col(Dispute.view).in_(sorted(status.value for status in ENDED)),
            col(Dispute.erased_at).is_(None),
            sa.not_(_something_open()),
        )
        .values(**OF_CUSTOMER, erased_at=now, version=col(Dispute.version) + 1)
        .execution_options(synchronize_session=False)
    )
    if gone.rowcount != 1:  # type: ignore[attr-defined]
        return False
    _blank_evidence(session, dispute_id, now)
    _blank_rounds(session, dispute_id)
    _blank_mails(session, list(session.exec(select(OutgoingMail.id).where(OutgoingMail.dispute_id == dispute_id))))
    return True


def _blank_evidence(session: Session, dispute_id: str, now: datetime) -> None:
    """What was there, from where and with which hash stays; what it said goes."""
    session.execute(
        sa.update(EvidenceItem)
        .where(col(EvidenceItem.dispute_id) == dispute_id)
        .values(
            fact={}, name="", request="", why="", fact_key=sa.literal("erased:") + col(EvidenceItem.id), caption=None,
            translation=None, original_hmac=None, withdrawn_at=sa.func.coalesce(col(EvidenceItem.withdrawn_at), now),
        )
        .execution_options(synchronize_session=False)
    )  # fmt: skip
    session.execute(sa.update(ItemMark).where(col(ItemMark.dispute_id) == dispute_id).values(note=""))
    session.execute(sa.delete(CaseNote).where(col(CaseNote.dispute_id) == dispute_id))
    session.execute(
        sa.update(EvidenceRequest)
        .where(col(EvidenceRequest.dispute_id) == dispute_id)
        .values(recipient="", recipient_name="", words="", token="", answer="")
    )


def _blank_rounds(session: Session, dispute_id: str) -> None:
    rounds = list(session.exec(select(Round).where(Round.dispute_id == dispute_id)))
    for each in rounds:
        each.assessment, each.letter_edits, each.exhibit_order = {}, {}, []
        each.prepare_note, each.prepare_at, each.packet_id = Phrase(""), None, None
        each.outcome_reason = each.outcome_reason if is_code(each.outcome_reason) else ""
        session.add(each)
    session.flush()
    ids = [each.id for each in rounds]
    session.execute(sa.delete(StoredResponse).where(col(StoredResponse.round_id).in_(ids)))
    session.execute(sa.update(Packet).where(col(Packet.round_id).in_(ids)).values(context={}, files=[], reductions=[]))
    attempts = list(session.exec(select(Attempt).where(Attempt.dispute_id == dispute_id)))
    for attempt in attempts:
        stays = {name: attempt.read_back[name] for name in STAYS_OF_READ_BACK if name in attempt.read_back}
        attempt.read_back = stays
        session.add(attempt)
    session.flush()
    session.execute(
        sa.update(JournalStep)
        .where(col(JournalStep.attempt_id).in_([each.id for each in attempts]))
        .values(pre_image={}, answer={})
    )


def _blank_mails(session: Session, ids: Sequence[str]) -> None:
    """A mail that is still to go out is not sent any more; of the others only that they were sent is kept."""
    for part in _parts(ids):
        waiting = sa.and_(col(OutgoingMail.id).in_(part), col(OutgoingMail.state) == "pending")
        session.execute(sa.delete(OutgoingMail).where(waiting))
        session.execute(
            sa.update(OutgoingMail).where(col(OutgoingMail.id).in_(part)).values(subject="", text="", html="")
        )


def erase_rest(session: Session, merchant_id: str, who: str, found: Held) -> None:
    """What is held of a customer outside of their cases."""
    for part in _parts(found.records):
        session.execute(sa.delete(SourceKey).where(col(SourceKey.record_id).in_(part)))
        session.execute(
            sa.delete(SourceRecord).where(col(SourceRecord.id).in_(part), col(SourceRecord.merchant_id) == merchant_id)
        )
    marks = _marks(who.strip().casefold(), found.cases)
    _blank_mails(session, _mails(session, merchant_id, [each.id for each in found.cases], marks))


def forget_sent(session: Session, merchant_id: str, before: datetime) -> int:
    """The words of mails that went out before the instant; digests name cases too."""
    gone = session.execute(
        sa.update(OutgoingMail)
        .where(
            col(OutgoingMail.merchant_id) == merchant_id,
            col(OutgoingMail.created_at) < before,
            col(OutgoingMail.state) != "pending",
            col(OutgoingMail.text) != "",
        )
        .values(subject="", text="", html="")
    )
    return int(gone.rowcount)  # type: ignore[attr-defined]


def with_retention(session: Session) -> Sequence[Merchant]:
    """Merchants who said how long customers' data is kept."""
    return session.exec(select(Merchant).where(col(Merchant.retention_days).is_not(None))).all()


def erased_since(session: Session, merchant_id: str, since: datetime) -> Sequence[str]:
    """Cases erased lately: a crash may have left a file of theirs behind."""
    return session.exec(
        select(Dispute.id).where(Dispute.merchant_id == merchant_id, col(Dispute.erased_at) >= since)
    ).all()


def _parts(values: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(values), _AT_ONCE):
        yield values[start : start + _AT_ONCE]
