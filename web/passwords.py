"""Passwords: argon2id, two at a time (64 MiB each), and how often one may be tried."""

from __future__ import annotations

import threading

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from templates.language import say
from web.throttle import Limit

SHORTEST = 12
LONGEST = 200

_hasher = PasswordHasher()
_at_once = threading.Semaphore(2)
# Checked against when nobody has the address, so that the answer takes as long.
_NOBODY = _hasher.hash("nobody has this password")


def hash_password(password: str) -> str:
    with _at_once:
        return _hasher.hash(password)


def matches(password: str, stored: str | None) -> bool:
    if len(password) > LONGEST:
        return False
    with _at_once:
        try:
            return _hasher.verify(stored or _NOBODY, password) and stored is not None
        except (VerificationError, InvalidHashError):
            return False


def tries(email: str, address: str) -> tuple[Limit, ...]:
    """What failed sign-ins are counted under: this mail from here, all from here, this mail from anywhere."""
    return Limit(f"pair:{email} {address}", 5), Limit(f"from:{address}", 20), Limit(f"mail:{email}", 50)


def own_tries(person_id: str) -> tuple[Limit, ...]:
    """The present password, asked again of somebody who is signed in."""
    return (Limit(f"own:{person_id}", 10),)


def weak(password: str, *known: str) -> str | None:
    """Why a password is refused, or None."""
    if len(password) < SHORTEST:
        return say("The password needs at least %(count)s characters. A few words in a row are fine.") % {
            "count": SHORTEST
        }
    if len(password) > LONGEST:
        return say("The password has more than %(count)s characters.") % {"count": LONGEST}
    if len(set(password)) < 5 or any(word and password.casefold() == word.casefold() for word in known):
        return say("That password is too easy to guess. A few words in a row are fine.")
    return None
