"""Ways into the desk: passwords and their resets, second factors, recovery codes, passkeys."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from disputes.models import Membership, Passkey, PasswordReset, Person, RecoveryCode
from disputes.store import NotFound
from disputes.store_audit import record
from disputes.store_people import end_other_sessions


def note(
    session: Session,
    person_id: str,
    action: str,
    now: datetime,
    *,
    by: str = "",
    details: Mapping[str, Any] | None = None,
) -> None:
    """What changed about somebody's way in, in the audit of every shop they work for."""
    # Always in the same order: two who take the same chains must not wait for each other for ever.
    shops = session.exec(
        select(Membership.merchant_id).where(Membership.person_id == person_id).order_by(col(Membership.merchant_id))
    ).all()
    for merchant_id in shops:
        record(session, merchant_id, at=now, actor=by or person_id, action=action, subject=person_id, details=details)


# ---- passwords -----------------------------------------------------------------------------------------------------


def set_password(session: Session, person_id: str, password_hash: str, now: datetime, *, keep: str = "") -> None:
    """A new password; every session but `keep` (a token's hash) ends, and links to a new password stop working."""
    session.execute(sa.update(Person).where(col(Person.id) == person_id).values(password_hash=password_hash))
    end_other_sessions(session, person_id, keep)
    _void_resets(session, person_id, now)
    note(session, person_id, "password_changed", now)


def ask_reset(session: Session, person_id: str, token_hash: str, now: datetime, expires_at: datetime) -> None:
    """A link to a new password; an earlier one stops working."""
    _void_resets(session, person_id, now)
    session.add(PasswordReset(token_hash=token_hash, person_id=person_id, created_at=now, expires_at=expires_at))
    note(session, person_id, "password_reset_asked", now, by="desk")


def reset_of(session: Session, token_hash: str, now: datetime) -> Person | None:
    """Whose password a link may set; None once it was used or is too old."""
    return session.exec(
        select(Person)
        .join(PasswordReset, col(PasswordReset.person_id) == col(Person.id))
        .where(
            PasswordReset.token_hash == token_hash,
            col(PasswordReset.used_at).is_(None),
            col(PasswordReset.expires_at) > now,
        )
    ).first()


def use_reset(session: Session, token_hash: str, now: datetime) -> bool:
    """Take the link by compare-and-set; False when it was used in the same moment or is too old."""
    used = session.execute(
        sa.update(PasswordReset)
        .where(
            col(PasswordReset.token_hash) == token_hash,
            col(PasswordReset.used_at).is_(None),
            col(PasswordReset.expires_at) > now,
        )
        .values(used_at=now)
    )
    return bool(used.rowcount == 1)  # type: ignore[attr-defined]


def _void_resets(session: Session, person_id: str, now: datetime) -> None:
    session.execute(
        sa.update(PasswordReset)
        .where(col(PasswordReset.person_id) == person_id, col(PasswordReset.used_at).is_(None))
        .values(used_at=now)
    )


# ---- second factor -------------------------------------------------------------------------------------------------


def begin_factor(session: Session, person_id: str, sealed_secret: str) -> bool:
    """Lay a secret down that counts once a code of it was shown; False where a second factor is on already."""
    begun = session.execute(
        sa.update(Person)
        .where(col(Person.id) == person_id, col(Person.totp_on_at).is_(None))
        .values(totp_secret=sealed_secret, totp_used=0)
    )
    return bool(begun.rowcount == 1)  # type: ignore[attr-defined]


def use_step(session: Session, person_id: str, step: int) -> bool:
    """Take a code's time step; False when a code of this step, or of a later one, was taken before."""
    used = session.execute(
        sa.update(Person).where(col(Person.id) == person_id, col(Person.totp_used) < step).values(totp_used=step)
    )
    return bool(used.rowcount == 1)  # type: ignore[attr-defined]


def factor_on(session: Session, person_id: str, code_hashes: Collection[str], now: datetime, *, keep: str) -> None:
    """From now on a password alone opens no session; those that it opened elsewhere end."""
    session.execute(sa.update(Person).where(col(Person.id) == person_id).values(totp_on_at=now))
    end_other_sessions(session, person_id, keep)
    _lay_codes(session, person_id, code_hashes, now)
    note(session, person_id, "second_factor_on", now)


def factor_off(session: Session, person_id: str, now: datetime, *, by: str = "") -> None:
    session.execute(
        sa.update(Person).where(col(Person.id) == person_id).values(totp_secret=None, totp_on_at=None, totp_used=0)
    )
    session.execute(sa.delete(RecoveryCode).where(col(RecoveryCode.person_id) == person_id))
    note(session, person_id, "second_factor_off", now, by=by)


def new_codes(session: Session, person_id: str, code_hashes: Collection[str], now: datetime) -> None:
    """Other recovery codes in place of those before."""
    _lay_codes(session, person_id, code_hashes, now)
    note(session, person_id, "recovery_codes_made", now)


def _lay_codes(session: Session, person_id: str, code_hashes: Collection[str], now: datetime) -> None:
    session.execute(sa.delete(RecoveryCode).where(col(RecoveryCode.person_id) == person_id))
    session.add_all(RecoveryCode(code_hash=each, person_id=person_id, created_at=now) for each in code_hashes)


def use_code(session: Session, person_id: str, code_hash: str, now: datetime) -> bool:
    """Take a recovery code by compare-and-set; False for a wrong or a used one."""
    used = session.execute(
        sa.update(RecoveryCode)
        .where(
            col(RecoveryCode.code_hash) == code_hash,
            col(RecoveryCode.person_id) == person_id,
            col(RecoveryCode.used_at).is_(None),
        )
        .values(used_at=now)
    )
    if used.rowcount != 1:  # type: ignore[attr-defined]
        return False
    note(session, person_id, "recovery_code_used", now)
    return True


def codes_left(session: Session, person_id: str) -> int:
    return session.exec(
        select(sa.func.count())
        .select_from(RecoveryCode)
        .where(RecoveryCode.person_id == person_id, col(RecoveryCode.used_at).is_(None))
    ).one()


def are_codes_of(session: Session, person_id: str, code_hashes: Collection[str]) -> bool:
    """Whether these are codes of this person, every one of them still good."""
    found = session.exec(
        select(sa.func.count())
        .select_from(RecoveryCode)
        .where(
            RecoveryCode.person_id == person_id,
            col(RecoveryCode.used_at).is_(None),
            col(RecoveryCode.code_hash).in_(code_hashes),
        )
    ).one()
    return bool(code_hashes) and found == len(set(code_hashes))


# ---- passkeys ------------------------------------------------------------------------------------------------------


def passkeys_of(session: Session, person_id: str) -> Sequence[Passkey]:
    return session.exec(
        select(Passkey).where(Passkey.person_id == person_id).order_by(col(Passkey.created_at), col(Passkey.id))
    ).all()


def passkey_by_credential(session: Session, credential_id: str) -> tuple[Passkey, Person] | None:
    return session.exec(
        select(Passkey, Person)
        .join(Person, col(Person.id) == col(Passkey.person_id))
        .where(Passkey.credential_id == credential_id)
    ).first()


def passkey_of(session: Session, person_id: str, passkey_id: str) -> Passkey:
    found = session.get(Passkey, passkey_id)
    if found is None or found.person_id != person_id:
        raise NotFound(f"no passkey {passkey_id}")
    return found


def add_passkey(session: Session, passkey: Passkey) -> None:
    session.add(passkey)
    session.flush()
    note(session, passkey.person_id, "passkey_added", passkey.created_at, details={"passkey": passkey.id})


def use_passkey(session: Session, passkey: Passkey, sign_count: int, now: datetime) -> bool:
    """Note that it signed; False when its count did not grow past what is known: a copy may be in use."""
    # Keys that are kept in several devices do not count and always say zero.
    known = col(Passkey.sign_count)
    used = session.execute(
        sa.update(Passkey)
        .where(col(Passkey.id) == passkey.id, known < sign_count if sign_count else known == 0)
        .values(sign_count=sign_count, last_used_at=now)
    )
    return bool(used.rowcount == 1)  # type: ignore[attr-defined]


def remove_passkey(session: Session, passkey: Passkey, now: datetime) -> None:
    session.delete(passkey)
    note(session, passkey.person_id, "passkey_removed", now, details={"passkey": passkey.id})
