"""Passwords: argon2id, two at a time (64 MiB each), and a throttle in the database that every process sees."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlmodel import Session

from disputes import store_people

SHORTEST = 12
LONGEST = 200
WINDOW = timedelta(minutes=15)
_MOST = {"pair": 5, "from": 20, "mail": 50}

_hasher = PasswordHasher()
_at_once = threading.Semaphore(2)
# Checked against when nobody has the address, so that the answer takes as long.
_NOBODY = _hasher.hash("nobody has this password")


def hash_password(password: str) -> str:
    with _at_once:
        return _hasher.hash(password)


def matches(password: str, stored: str | None) -> bool:
    with _at_once:
        try:
            return _hasher.verify(stored or _NOBODY, password) and stored is not None
        except (VerificationError, InvalidHashError):
            return False


def subjects(email: str, address: str) -> dict[str, str]:
    """What failed sign-ins are counted under: this mail from here, all from here, this mail from anywhere."""
    return {"pair": f"pair:{email} {address}"[:254], "from": f"from:{address}", "mail": f"mail:{email}"[:254]}


def note_or_refuse(session: Session, email: str, address: str, now: datetime) -> bool:
    """Count this try before it is checked, so that tries at the same time do not slip through; False: too many."""
    counted = subjects(email, address)
    since = now - WINDOW
    if any(store_people.tries_since(session, counted[name], since) >= most for name, most in _MOST.items()):
        return False
    store_people.note_try(session, list(counted.values()), now, since)
    return True


def weak(password: str, *known: str) -> str | None:
    """Why a password is refused, or None."""
    if len(password) < SHORTEST:
        return f"The password needs at least {SHORTEST} characters. A few words in a row are fine."
    if len(password) > LONGEST:
        return f"The password has more than {LONGEST} characters."
    if len(set(password)) < 5 or any(word and password.casefold() == word.casefold() for word in known):
        return "That password is too easy to guess. A few words in a row are fine."
    return None
