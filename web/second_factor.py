"""Second factors: codes of an authenticator app (TOTP), and recovery codes for the day the phone is gone."""

from __future__ import annotations

import hmac
import secrets
from datetime import datetime

import pyotp
import segno
from sqlmodel import Session

from disputes import store_access
from disputes.models import Person
from disputes.vault import Vault
from web.throttle import Limit

CODES = 10
_STEP = 30
_LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"
"""Without those that are read for one another."""


def tries(person_id: str, address: str) -> tuple[Limit, ...]:
    return Limit(f"factor:{person_id} {address}", 5), Limit(f"factor:{person_id}", 20)


def new_secret() -> str:
    return pyotp.random_base32()


def address(secret: str, person: Person, desk: str) -> str:
    """The otpauth:// address that apps read from the picture. `desk`: the name of the machine it is for."""
    return pyotp.TOTP(secret).provisioning_uri(name=person.email, issuer_name=f"Counterproof ({desk})")


def picture(text: str) -> str:
    """A QR code as SVG, black on white in dark pages too: scanners need it so."""
    drawn: str = segno.make(text, error="m").svg_inline(scale=5, border=3, dark="#000", light="#fff", omitsize=True)
    return drawn


def spaced(secret: str) -> str:
    """In groups of four, to be typed off."""
    return " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))


def shown(session: Session, vault: Vault, person: Person, typed: str, now: datetime) -> bool:
    """Whether a code of the app or a recovery code was typed; either is then used up."""
    code = "".join(typed.split()).replace("-", "").casefold()
    if code.isascii() and code.isdigit() and len(code) == 6:
        return app_code(session, vault, person, code, now)
    return store_access.use_code(session, person.id, code_hash(vault, person.id, code), now)


def app_code(session: Session, vault: Vault, person: Person, code: str, now: datetime) -> bool:
    """Whether this is the app's code now, or of the step before or after: clocks differ. No code works twice."""
    if person.totp_secret is None:
        return False
    totp, step = pyotp.TOTP(vault.open(person.totp_secret)), int(now.timestamp()) // _STEP
    fits = [at for at in (step - 1, step, step + 1) if hmac.compare_digest(totp.generate_otp(at), code)]
    return bool(fits) and store_access.use_step(session, person.id, max(fits))


# ---- recovery codes ------------------------------------------------------------------------------------------------


def new_codes() -> list[str]:
    """Ten of fifty bits each, as "abcde-fghjk"."""
    return [f"{_five()}-{_five()}" for _ in range(CODES)]


def _five() -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(5))


def code_hash(vault: Vault, person_id: str, code: str) -> str:
    """Under the installation's key: a stolen database alone does not even allow guessing."""
    return vault.sign("recovery code", f"{person_id} {code.replace('-', '').casefold()}")
