"""Set-up by the one-time link: the owner, the merchant, its zone and its letterhead."""

from __future__ import annotations

import re
import unicodedata
from typing import Any
from zoneinfo import available_timezones

from fastapi import APIRouter, Request
from sqlmodel import Session
from starlette.responses import Response

from disputes import links, store_connections, store_people
from disputes.ids import new_id
from disputes.models import Merchant, Person
from disputes.search import normal_form
from disputes.store_audit import record
from scheduler.digest import plan_first
from templates.language import LANGUAGES, say, spoken
from web import passwords, speech
from web.first_data import token_hash
from web.pages.letterhead import email_address, letterhead, recipients
from web.security import sends_in_the_clear
from web.view import back_to, bare, problem
from web.visit import Forbidden, Invalid, Posted, RawForm, runtime_of

router = APIRouter()


@router.get("/setup/{token}")
def setup_page(token: str, request: Request) -> Response:
    runtime = runtime_of(request)
    with runtime.database.reading() as session:
        works = store_people.setup_link_works(session, token_hash(token), runtime.clock.now())
    return _form(request, token) if works else _used(request)


@router.post("/setup/{token}")
def set_up(token: str, request: Request, raw: RawForm) -> Response:
    if sends_in_the_clear(request):
        raise Forbidden(say("This page came over plain HTTP from another machine, so no password is taken here."))
    form, runtime = Posted(raw), runtime_of(request)
    now, password = runtime.clock.now(), str(raw.get("password", ""))
    try:
        name, email = _owner(form, password)
        merchant = Merchant(id=new_id("mer"), slug="", created_at=now, **letterhead(form), **_mails(form, email))
    except Invalid as error:
        return _form(request, token, typed=form, wrong=str(error))
    with runtime.database.reading() as session:
        if not store_people.setup_link_works(session, token_hash(token), now):
            return _used(request)
    hashed = passwords.hash_password(password)
    language = _language(form)
    person = Person(id=new_id("per"), email=email, name=name, password_hash=hashed, language=language, created_at=now)
    merchant.language = language
    merchant.next_digest_at = plan_first(merchant, now)
    with runtime.database.writing() as session:
        if not store_people.use_setup_link(session, token_hash(token), now):
            return _used(request)
        _make(session, person, merchant)
    response = back_to(links.sign_in(), "owner_made")
    speech.remember(response, request, language)
    return response


def _mails(form: Posted, owner: str) -> dict[str, Any]:
    """When the daily mail comes and to whom, the owner first; and the currency that work is counted in."""
    currency = form.line("labour_currency", 3).upper() or "EUR"
    if len(currency) != 3 or not (currency.isascii() and currency.isalpha()):
        raise Invalid(say("The currency is three letters, like EUR or TRY."))
    return {
        "digest_hour": form.number("digest_hour", 0, 23) if form.line("digest_hour", 2) else 8,
        "digest_recipients": recipients(form, owner),
        "labour_currency": currency,
    }


def _language(form: Posted) -> str:
    """Of the owner's pages, and of the shop's mails; both are changed later, each by itself."""
    wanted = form.line("language", 8)
    return wanted if wanted in LANGUAGES else spoken()


def _owner(form: Posted, password: str) -> tuple[str, str]:
    name, email = form.line("owner_name", 120), email_address(form.line("email", 254))
    if not name:
        raise Invalid(say("Your name is missing; approvals are recorded under it."))
    why = passwords.weak(password, name, email)
    if why:
        raise Invalid(why)
    return name, email


def _make(session: Session, person: Person, merchant: Merchant) -> None:
    now = merchant.created_at
    session.add(person)
    merchant.slug = store_people.free_slug(session, slug_of(merchant.name))
    session.add(merchant)
    session.flush()
    store_connections.switch_rule(session, merchant.id, "stripe", "prepare", by=person.id, now=now)
    record(session, merchant.id, at=now, actor=person.id, action="merchant_made", subject=merchant.id)
    # The first owner also looks after what was there before them: the demo shop.
    for merchant_id in store_people.merchants_without_people(session):
        store_people.join(session, merchant_id, person.id, "owner", at=now)


def slug_of(name: str) -> str:
    """The shop's name as it stands in addresses."""
    plain = unicodedata.normalize("NFKD", normal_form(name)).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:40] or "shop"


def zones() -> list[str]:
    """Places, not abbreviations."""
    places = (zone for zone in available_timezones() if "/" in zone and not zone.startswith("Etc/"))
    return [*sorted(places), "UTC"]


def _form(request: Request, token: str, *, typed: Posted | None = None, wrong: str = "") -> Response:
    context: dict[str, Any] = {
        "token": token,
        "zones": zones(),
        "wrong": wrong,
        "typed": (lambda name: typed.text(name)) if typed else (lambda _name: ""),
        "shortest": passwords.SHORTEST,
        "in_the_clear": sends_in_the_clear(request),
    }
    return bare(request, "setup.html", status=422 if wrong else 200, **context)


def _used(request: Request) -> Response:
    return problem(
        request,
        404,
        say("This link does not work any more"),
        say("A set-up link works once and for seven days. This one was used, has expired, or the desk has an owner."),
        kept=say("Nothing was changed."),
        following=say(
            "If you set the desk up, sign in. If nobody owns it, “counterproof setup-link” prints a new link."
        ),
        back=links.sign_in(),
    )
