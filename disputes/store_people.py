"""Who works here and what they may do; their sessions, what is throttled, and the one-time set-up link."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col, select

from disputes.ids import new_id
from disputes.models import Membership, Merchant, Person, SetupLink, SignInTry, WebSession
from disputes.roles import Right, rights_of

MACHINES = frozenset({"rule", "desk", "sync", "set-up", "guardrails"})
"""Actors that are nobody's account: what they may do is decided by rules, not by roles."""
_TRIES_KEPT = timedelta(days=1)


class Denied(Exception):
    """This person's role does not carry the right; nothing was changed."""

    def __init__(self, right: Right) -> None:
        super().__init__(right.value)
        self.right = right


def demand(session: Session, merchant_id: str, person_id: str, right: Right) -> None:
    """Raise Denied unless the person has the right at this merchant now; asked in the transaction that acts."""
    if person_id in MACHINES:
        return
    found = session.exec(
        select(Membership.role, Membership.rights).where(
            Membership.merchant_id == merchant_id, Membership.person_id == person_id
        )
    ).first()
    if found is None or right not in rights_of(found[0], found[1]):
        raise Denied(right)


def person_by_email(session: Session, email: str) -> Person | None:
    return session.exec(select(Person).where(Person.email == email)).first()


def anybody(session: Session) -> bool:
    return session.exec(select(Person.id).limit(1)).first() is not None


def merchants_of(session: Session, person_id: str) -> Sequence[Merchant]:
    return session.exec(
        select(Merchant)
        .join(Membership, col(Membership.merchant_id) == col(Merchant.id))
        .where(Membership.person_id == person_id)
        .order_by(col(Merchant.is_demo), col(Merchant.name))
    ).all()


def membership(session: Session, person_id: str, slug: str) -> tuple[Merchant, Membership] | None:
    """The merchant behind a slug and the person's membership there; None where the person is no member."""
    return session.exec(
        select(Merchant, Membership)
        .join(Membership, col(Membership.merchant_id) == col(Merchant.id))
        .where(Merchant.slug == slug, Membership.person_id == person_id)
    ).first()


def speak(session: Session, person_id: str, language: str) -> None:
    """From now on pages and mails reach this person in it."""
    session.execute(sa.update(Person).where(col(Person.id) == person_id).values(language=language))


def join(
    session: Session,
    merchant_id: str,
    person_id: str,
    role: str,
    *,
    rights: Sequence[str] = (),
    at: datetime | None = None,
) -> None:
    session.add(
        Membership(
            id=new_id("mem"), merchant_id=merchant_id, person_id=person_id, role=role, rights=list(rights), joined_at=at
        )
    )


def names_of(session: Session, ids: set[str]) -> dict[str, str]:
    """People's names by id, for "approved by"."""
    rows = session.exec(select(Person.id, Person.name).where(col(Person.id).in_(ids)))
    return dict(rows.all())


def free_slug(session: Session, wanted: str) -> str:
    """The wanted name in addresses, with a number behind it where another merchant has it."""
    slug, number = wanted, 2
    while session.exec(select(Merchant.id).where(Merchant.slug == slug)).first() is not None:
        slug, number = f"{wanted}-{number}", number + 1
    return slug


def merchants_without_people(session: Session) -> Sequence[str]:
    return session.exec(
        select(Merchant.id).where(col(Merchant.id).not_in(select(Membership.merchant_id))).order_by(col(Merchant.id))
    ).all()


# ---- set-up link ---------------------------------------------------------------------------------------------------


def setup_link_works(session: Session, token_hash: str, now: datetime) -> bool:
    link = session.get(SetupLink, token_hash)
    return link is not None and link.used_at is None and link.expires_at > now and not anybody(session)


def use_setup_link(session: Session, token_hash: str, now: datetime) -> bool:
    """Take the link by compare-and-set; False when it was used, has expired or somebody owns the desk already."""
    if anybody(session):
        return False
    table = SetupLink.__table__  # type: ignore[attr-defined]
    used = session.execute(
        sa.update(table)
        .where(table.c.token_hash == token_hash, table.c.used_at.is_(None), table.c.expires_at > now)
        .values(used_at=now)
    )
    return bool(used.rowcount == 1)  # type: ignore[attr-defined]


# ---- sessions ------------------------------------------------------------------------------------------------------


def session_of(session: Session, token_hash: str, now: datetime) -> tuple[WebSession, Person] | None:
    return session.exec(
        select(WebSession, Person)
        .join(Person, col(Person.id) == col(WebSession.person_id))
        .where(WebSession.token_hash == token_hash, col(WebSession.expires_at) > now)
    ).first()


def open_session(
    session: Session,
    person_id: str,
    *,
    token_hash: str,
    csrf: str,
    now: datetime,
    expires_at: datetime,
    browser: str = "",
    needs_factor: bool = False,
) -> None:
    session.execute(sa.delete(WebSession).where(col(WebSession.expires_at) <= now))
    session.add(
        WebSession(
            token_hash=token_hash,
            person_id=person_id,
            csrf=csrf,
            needs_factor=needs_factor,
            browser=browser[:200],
            seen_at=now,
            created_at=now,
            expires_at=expires_at,
        )
    )
    if not needs_factor:
        _seen(session, person_id, now)


def sessions_of(session: Session, person_id: str, now: datetime) -> Sequence[WebSession]:
    """Where somebody is signed in, the latest used first."""
    return session.exec(
        select(WebSession)
        .where(
            WebSession.person_id == person_id,
            col(WebSession.expires_at) > now,
            col(WebSession.needs_factor).is_(False),
        )
        .order_by(col(WebSession.seen_at).desc(), col(WebSession.created_at).desc())
    ).all()


def note_seen(session: Session, token_hash: str, person_id: str, now: datetime) -> None:
    session.execute(sa.update(WebSession).where(col(WebSession.token_hash) == token_hash).values(seen_at=now))
    _seen(session, person_id, now)


def _seen(session: Session, person_id: str, now: datetime) -> None:
    session.execute(sa.update(Person).where(col(Person.id) == person_id).values(seen_at=now))


def end_session(session: Session, token_hash: str) -> None:
    session.execute(sa.delete(WebSession).where(col(WebSession.token_hash) == token_hash))


def end_one_of(session: Session, person_id: str, starts: str) -> bool:
    """End the session of this person whose hash starts so; False where there is none."""
    ended = session.execute(
        sa.delete(WebSession).where(
            col(WebSession.person_id) == person_id, col(WebSession.token_hash).startswith(starts, autoescape=True)
        )
    )
    return bool(ended.rowcount)  # type: ignore[attr-defined]


def end_other_sessions(session: Session, person_id: str, but: str = "") -> None:
    session.execute(
        sa.delete(WebSession).where(col(WebSession.person_id) == person_id, col(WebSession.token_hash) != but)
    )


# ---- what is throttled ----------------------------------------------------------------------------------------------


def tries_since(session: Session, subject: str, since: datetime) -> int:
    return session.exec(
        select(sa.func.count()).select_from(SignInTry).where(SignInTry.subject == subject, col(SignInTry.at) > since)
    ).one()


def note_try(session: Session, subjects: Sequence[str], now: datetime) -> None:
    session.execute(sa.delete(SignInTry).where(col(SignInTry.at) < now - _TRIES_KEPT))
    for subject in subjects:
        session.add(SignInTry(id=new_id("try"), subject=subject[:254], at=now))


def note_once(session: Session, name: str, now: datetime) -> None:
    """Raises IntegrityError where this was noted before, by whichever process. `name`: at most 40 characters."""
    session.add(SignInTry(id=name, subject="once", at=now))
    session.flush()


def clear_tries(session: Session, subject: str) -> None:
    session.execute(sa.delete(SignInTry).where(col(SignInTry.subject) == subject[:254]))
