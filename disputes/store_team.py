"""A merchant's team: who is in it, as what, and who was invited.

Changes take the merchant's turn first, so that two owners who demote each other at once cannot leave none.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from disputes.models import Invitation, Membership, Merchant, Passkey, Person
from disputes.roles import GRANTED, Refusal, Right, Role, rights_of, why_not
from disputes.store import NotFound
from disputes.store_audit import record, take_turn
from disputes.store_people import demand, end_other_sessions, join, person_by_email


class TeamRefused(Exception):
    """The change would leave the shop without an owner, or raise who asks for it; nothing was changed."""

    def __init__(self, reason: Refusal) -> None:
        super().__init__(reason.value)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Member:
    person: Person
    membership: Membership
    passkeys: int

    @property
    def rights(self) -> frozenset[Right]:
        return rights_of(self.membership.role, self.membership.rights)

    @property
    def guarded(self) -> bool:
        """Whether a password alone is not enough to be them."""
        return self.person.totp_on_at is not None


def members(session: Session, merchant_id: str) -> Sequence[Member]:
    """By role, owners first, then by name."""
    rows = session.exec(
        select(Person, Membership)
        .join(Membership, col(Membership.person_id) == col(Person.id))
        .where(Membership.merchant_id == merchant_id)
        .execution_options(populate_existing=True)
    ).all()
    keys = _passkeys(session, [person.id for person, _ in rows])
    found = [Member(person, membership, keys.get(person.id, 0)) for person, membership in rows]
    order = [role.value for role in Role]
    return sorted(found, key=lambda each: (_place(order, each.membership.role), each.person.name.casefold()))


def _place(order: Sequence[str], role: str) -> int:
    return order.index(role) if role in order else len(order)


def _passkeys(session: Session, ids: Collection[str]) -> dict[str, int]:
    rows = session.exec(
        select(Passkey.person_id, sa.func.count())
        .where(col(Passkey.person_id).in_(ids))
        .group_by(col(Passkey.person_id))
    )
    return dict(rows.all())


# ---- changes -------------------------------------------------------------------------------------------------------


def change(
    session: Session, merchant_id: str, person_id: str, role: Role, granted: Collection[str], *, by: str, now: datetime
) -> None:
    """Give a member a role, and single rights beyond it. Raises Denied, NotFound or TeamRefused."""
    found = _to_change(session, merchant_id, person_id, role.value, by=by)
    before = (found.role, list(found.rights))
    beyond = rights_of(role, granted) - rights_of(role)
    rights = [right.value for right in GRANTED if right in beyond]
    if before == (role.value, rights):
        return
    found.role, found.rights = role.value, rights
    session.add(found)
    details = {"role": role.value, "rights": rights, "role_before": before[0], "rights_before": before[1]}
    record(session, merchant_id, at=now, actor=by, action="member_changed", subject=person_id, details=details)


def remove(session: Session, merchant_id: str, person_id: str, *, by: str, now: datetime) -> None:
    """Take a member out; who belongs to no shop any more is signed out everywhere."""
    found = _to_change(session, merchant_id, person_id, None, by=by)
    session.delete(found)
    session.flush()
    if session.exec(select(Membership.id).where(Membership.person_id == person_id)).first() is None:
        end_other_sessions(session, person_id)
    details = {"role_before": found.role, "rights_before": list(found.rights)}
    record(session, merchant_id, at=now, actor=by, action="member_removed", subject=person_id, details=details)


def _to_change(session: Session, merchant_id: str, person_id: str, role: str | None, *, by: str) -> Membership:
    take_turn(session, merchant_id)
    demand(session, merchant_id, by, Right.TEAM)
    rows = session.exec(
        select(Membership).where(Membership.merchant_id == merchant_id).execution_options(populate_existing=True)
    ).all()
    found = next((each for each in rows if each.person_id == person_id), None)
    if found is None:
        raise NotFound(f"no member {person_id}")
    owners = sum(each.role == Role.OWNER for each in rows)
    reason = why_not(found.role, role, own=person_id == by, owners=owners)
    if reason is not None:
        raise TeamRefused(reason)
    return found


# ---- invitations ---------------------------------------------------------------------------------------------------


def invite(
    session: Session,
    merchant_id: str,
    *,
    email: str,
    role: Role,
    token_hash: str,
    by: str,
    now: datetime,
    expires_at: datetime,
) -> Invitation:
    """Ask somebody in; an earlier invitation of the same address stops working."""
    demand(session, merchant_id, by, Right.TEAM)
    session.execute(
        sa.update(Invitation)
        .where(
            col(Invitation.merchant_id) == merchant_id,
            col(Invitation.email) == email,
            col(Invitation.ended_at).is_(None),
        )
        .values(ended_at=now)
    )
    made = Invitation(
        token_hash=token_hash,
        merchant_id=merchant_id,
        email=email,
        role=role.value,
        invited_by=by,
        created_at=now,
        expires_at=expires_at,
    )
    session.add(made)
    details = {"role": role.value, "invitation": token_hash[:16]}
    record(session, merchant_id, at=now, actor=by, action="invited", subject=merchant_id, details=details)
    return made


def invitations(session: Session, merchant_id: str) -> Sequence[Invitation]:
    """Those neither taken nor withdrawn; an expired one still stands here, to be sent again."""
    return session.exec(
        select(Invitation)
        .where(Invitation.merchant_id == merchant_id, col(Invitation.ended_at).is_(None))
        .order_by(col(Invitation.created_at).desc())
    ).all()


def invitation_of(session: Session, merchant_id: str, starts: str) -> Invitation:
    """The open invitation whose hash starts so. Raises NotFound."""
    found = next((each for each in invitations(session, merchant_id) if each.token_hash[:16] == starts), None)
    if found is None:
        raise NotFound("no such invitation")
    return found


def withdraw(session: Session, invitation: Invitation, *, by: str, now: datetime) -> None:
    demand(session, invitation.merchant_id, by, Right.TEAM)
    if _end(session, invitation, now):
        details = {"invitation": invitation.token_hash[:16]}
        record(
            session, invitation.merchant_id, at=now, actor=by, action="invitation_withdrawn",
            subject=invitation.merchant_id, details=details,
        )  # fmt: skip


def opened(session: Session, token_hash: str, now: datetime) -> tuple[Invitation, Merchant, Person | None] | None:
    """The invitation behind a link, and the account its address has already; None once it is good for nothing."""
    found = session.exec(
        select(Invitation, Merchant)
        .join(Merchant, col(Merchant.id) == col(Invitation.merchant_id))
        .where(
            Invitation.token_hash == token_hash, col(Invitation.ended_at).is_(None), col(Invitation.expires_at) > now
        )
    ).first()
    return (found[0], found[1], person_by_email(session, found[0].email)) if found else None


def take(session: Session, invitation: Invitation, person: Person, now: datetime) -> bool:
    """Let the person in; False when the link was used in the same moment. Who is in already keeps their role.

    Raises Denied where the one who invited may not any more.
    """
    take_turn(session, invitation.merchant_id)
    demand(session, invitation.merchant_id, invitation.invited_by, Right.TEAM)
    if not _end(session, invitation, now, taken_by=person.id):
        return False
    session.add(person)
    session.flush()
    inside = session.exec(
        select(Membership.id).where(Membership.merchant_id == invitation.merchant_id, Membership.person_id == person.id)
    ).first()
    if inside is None:
        join(session, invitation.merchant_id, person.id, invitation.role, at=now)
    details = {"role": invitation.role, "invited_by": invitation.invited_by}
    record(
        session, invitation.merchant_id, at=now, actor=person.id, action="joined", subject=person.id, details=details
    )
    return True


def _end(session: Session, invitation: Invitation, now: datetime, *, taken_by: str | None = None) -> bool:
    ended = session.execute(
        sa.update(Invitation)
        .where(col(Invitation.token_hash) == invitation.token_hash, col(Invitation.ended_at).is_(None))
        .values(ended_at=now, taken_by=taken_by)
    )
    return bool(ended.rowcount == 1)  # type: ignore[attr-defined]
