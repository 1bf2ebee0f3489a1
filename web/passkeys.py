"""Passkeys: what is asked of a browser and how its answer is checked (WebAuthn, by the `webauthn` library).

The challenge travels in a short-lived cookie that we signed, for one purpose and one person; a challenge that was
answered rightly once is remembered until that cookie is too old.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from hmac import compare_digest
from urllib.parse import urlsplit

import webauthn
from fastapi import Request
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session
from starlette.responses import JSONResponse, Response
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url, options_to_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from disputes import store_access, store_people
from disputes.ids import digest, new_id
from disputes.models import Passkey, Person
from disputes.vault import Vault
from templates.language import say
from web.security import is_loopback
from web.throttle import Limit
from web.visit import Invalid, runtime_of, settings_of

ADDING, SIGNING_IN = "add a passkey", "sign in by passkey"
MOST = 20
_LASTS = timedelta(minutes=5)
_UNFIT = (WebAuthnException, ValueError, TypeError, KeyError)
"""The library's own, and what it lets through of answers that are no answers."""


@dataclass(frozen=True, slots=True)
class Ways:
    """For which site a passkey is made. Browsers make none for a bare IP address, or over plain HTTP from afar."""

    site: str
    origin: str

    @property
    def works(self) -> bool:
        host, secure = self.site, self.origin.startswith("https://")
        is_name = not host.replace(".", "").isdigit() and ":" not in host
        return is_name and (secure or is_loopback(host))


def ways(request: Request) -> Ways:
    parts = urlsplit(settings_of(request).public_url or str(request.base_url))
    return Ways(parts.hostname or "", f"{parts.scheme}://{parts.netloc}")


def tries(address: str) -> tuple[Limit, ...]:
    return (Limit(f"passkey:{address}", 20),)


# ---- asking --------------------------------------------------------------------------------------------------------


def ask_new(request: Request, person: Person, known: list[Passkey]) -> Response:
    """What the browser is asked to make: a key it can find by itself, opened by finger, face or PIN."""
    options = webauthn.generate_registration_options(
        rp_id=ways(request).site,
        rp_name="Counterproof",
        user_id=person.id.encode(),
        user_name=person.email,
        user_display_name=person.name,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
        exclude_credentials=[
            PublicKeyCredentialDescriptor(id=base64url_to_bytes(each.credential_id)) for each in known
        ],
    )
    return _asked(request, options_to_json(options), options.challenge, ADDING, person.id)


def ask_known(request: Request) -> Response:
    options = webauthn.generate_authentication_options(
        rp_id=ways(request).site, user_verification=UserVerificationRequirement.REQUIRED
    )
    return _asked(request, options_to_json(options), options.challenge, SIGNING_IN, "")


def _asked(request: Request, options: str, challenge: bytes, purpose: str, person_id: str) -> Response:
    response = JSONResponse(json.loads(options))
    runtime, https = runtime_of(request), request.url.scheme == "https"
    ends = int((runtime.clock.now() + _LASTS).timestamp())
    value = _signed(runtime.vault, f"{bytes_to_base64url(challenge)}.{ends}", purpose, person_id)
    seconds = int(_LASTS.total_seconds())
    response.set_cookie(
        _cookie(request), value, max_age=seconds, path="/", secure=https, httponly=True, samesite="strict"
    )
    return response


def _cookie(request: Request) -> str:
    return "__Host-passkey" if request.url.scheme == "https" else "passkey"


def _signed(vault: Vault, text: str, purpose: str, person_id: str) -> str:
    return f"{text}.{vault.sign(purpose, f'{person_id} {text}')}"


def _challenge(request: Request, purpose: str, person_id: str) -> bytes:
    """The challenge that was given out for this. Raises Invalid for a foreign, another's or an old one."""
    runtime, value = runtime_of(request), request.cookies.get(_cookie(request), "")
    text = value.rpartition(".")[0]
    challenge, _, ends = text.partition(".")
    ours = compare_digest(value.encode(), _signed(runtime.vault, text, purpose, person_id).encode())
    if not ours or int(ends) < runtime.clock.now().timestamp():
        raise Invalid(say("That took too long, or it was begun in another window. Nothing was changed. Begin anew."))
    return base64url_to_bytes(challenge)


def _spend(session: Session, challenge: bytes, now: datetime) -> None:
    """A challenge is answered once; a second answer collides with the row of the first."""
    try:
        store_people.note_once(session, f"used_{digest(challenge)[:35]}", now)
    except IntegrityError as error:
        raise Invalid(say("That answer was used already. Nothing was changed. Begin anew.")) from error


# ---- answers -------------------------------------------------------------------------------------------------------


def add(session: Session, request: Request, person: Person, answer: str, name: str) -> Passkey:
    """Keep the public half of a new key. Raises Invalid."""
    now, at = runtime_of(request).clock.now(), ways(request)
    challenge = _challenge(request, ADDING, person.id)
    try:
        made = webauthn.verify_registration_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=at.site,
            expected_origin=at.origin,
            require_user_verification=True,
        )
    except _UNFIT as error:
        raise Invalid(say("The browser's answer does not fit what was asked. No passkey was kept.")) from error
    _spend(session, challenge, now)
    credential_id = bytes_to_base64url(made.credential_id)
    if store_access.passkey_by_credential(session, credential_id) is not None:
        raise Invalid(say("This passkey is here already."))
    if len(store_access.passkeys_of(session, person.id)) >= MOST:
        raise Invalid(say("At most %(count)s passkeys. Remove one that is not used any more.") % {"count": MOST})
    passkey = Passkey(
        id=new_id("pkey"),
        person_id=person.id,
        credential_id=credential_id,
        public_key=made.credential_public_key,
        sign_count=made.sign_count,
        name=name or say("Passkey"),
        created_at=now,
    )
    store_access.add_passkey(session, passkey)
    return passkey


def whose(session: Session, request: Request, answer: str) -> Person | None:
    """Whose passkey signed the challenge; None where nobody's did, whatever the reason."""
    now, at = runtime_of(request).clock.now(), ways(request)
    challenge = _challenge(request, SIGNING_IN, "")
    try:
        told = json.loads(answer)
        credential_id = str(told["id"]) if isinstance(told, dict) else ""
    except (ValueError, KeyError):
        return None
    found = store_access.passkey_by_credential(session, credential_id)
    if found is None:
        return None
    passkey, person = found
    try:
        shown = webauthn.verify_authentication_response(
            credential=told,
            expected_challenge=challenge,
            expected_rp_id=at.site,
            expected_origin=at.origin,
            credential_public_key=passkey.public_key,
            credential_current_sign_count=passkey.sign_count,
            require_user_verification=True,
        )
    except _UNFIT:
        return None
    _spend(session, challenge, now)
    return person if store_access.use_passkey(session, passkey, shown.new_sign_count, now) else None
