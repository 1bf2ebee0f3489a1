"""Settings of a shop: the stop switch, rules, deadlines, mails, letterhead, the calendar's secret address."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from disputes import links, store_connections
from disputes.erasing import LEAST_DAYS
from disputes.models import Installation, Merchant
from disputes.money import Money
from disputes.phrases import said_by
from disputes.roles import Right
from disputes.store_audit import record
from scheduler import digest
from scheduler.digest import plan_first
from scheduler.sheet import post
from templates.language import LANGUAGES, say, speaking, told
from web import words
from web.first_data import token_hash
from web.pages.accounts import ACCOUNTS
from web.pages.letterhead import PRODUCT_TYPES, letterhead, recipients
from web.pages.setup import zones
from web.security import INERT
from web.view import back_to, page
from web.visit import AtMerchant, Invalid, Posted, PostedForm, Reader, Visit, Writer, needs

router = APIRouter()
BASE = "/m/{slug}/settings"
PARTS = ("filing", "rules", "deadlines", "mails", "shop", "calendar", "data")
"""Sections by their anchors, in the order of the page."""
MOST_HOURS = 720
MOST_REMINDERS = 6


@router.get(BASE)
def settings(visit: AtMerchant, session: Reader) -> Response:
    return _page(visit, session)


def _page(visit: Visit, session: Reader, **more: Any) -> Response:
    return page(
        visit,
        "settings.html",
        **{
            "nav": "settings",
            "here": links.settings(visit.merchant.slug),
            "zones": zones(),
            "rules": store_connections.rules_of(session, visit.merchant.id),
            "gateways": {name: account.title for name, account in ACCOUNTS.items()},
            "product_types": PRODUCT_TYPES,
            "words": words,
            "filing_on": session.get_one(Installation, 1).filing_on,
            "language_names": LANGUAGES,
            "least_days": LEAST_DAYS,
            "by_hand": _by_hand(session, visit.merchant.id),
            "labour": Money(visit.merchant.labour_minor, visit.merchant.labour_currency).amount,
            "calendar": None,
            "may_change": visit.may(Right.SETTINGS),
            "mails_go_out": visit.settings.smtp_host is not None,
            "shop_value": lambda name: _shown(visit.merchant, name),
            **more,
        },
    )


def _by_hand(session: Reader, merchant_id: str) -> set[str]:
    """Gateways of which every connection may only read: a rule has nothing to file there."""
    found = store_connections.connections_of(session, merchant_id)
    files = {each.gateway for each in found if not each.by_hand}
    return {each.gateway for each in found} - files


def _shown(merchant: Merchant, name: str) -> str:
    value = getattr(merchant, name)
    return "\n".join(value) if isinstance(value, list) else str(value)


# ---- what is typed -------------------------------------------------------------------------------------------------


@router.post(BASE, dependencies=[needs(Right.SETTINGS)])
def save(visit: AtMerchant, form: PostedForm, session: Writer) -> Response:
    """Each section is a form of its own: what is not in it stays as it is."""
    merchant = session.get_one(Merchant, visit.merchant.id)
    given = set(form.names())
    changed: dict[str, Any] = {}
    for first, read in _SECTIONS.items():
        if first in given:
            changed |= read(form)
    for name, value in changed.items():
        setattr(merchant, name, value)
    merchant.next_digest_at = plan_first(merchant, visit.now)
    session.add(merchant)
    _note(visit, session, "settings_saved", {"settings": sorted(changed)})
    part = form.line("part", 20)
    return back_to(links.settings(merchant.slug), "settings_saved", part if part in PARTS else "")


def _filing(form: Posted) -> dict[str, Any]:
    currency = form.line("labour_currency", 3).upper()
    try:
        labour = Money.parse(form.line("labour", 12) or "0", currency)
    except ValueError as error:
        raise Invalid(
            say("The cost of an hour's work is no amount: %(why)s.") % {"why": told(said_by(error))}
        ) from error
    if not 0 <= labour.minor < 10**9:
        raise Invalid(say("The cost of work must be zero or more."))
    return {
        "hold_hours": form.number("hold_hours", 0, 240),
        "cut_off_hours": form.number("cut_off_hours", 1, 72),
        "labour_minor": labour.minor,
        "labour_currency": labour.currency,
    }


def _mails(form: Posted) -> dict[str, Any]:
    return {"digest_hour": form.number("digest_hour", 0, 23), "digest_recipients": recipients(form)}


def _language(form: Posted) -> dict[str, Any]:
    language = form.line("language", 8)
    if language not in LANGUAGES:
        raise Invalid(say("The desk does not speak this language."))
    return {"language": language}


def _reminders(form: Posted) -> dict[str, Any]:
    words = form.line("reminder_hours", 60).replace(",", " ").replace(";", " ").split()
    wrong = [each for each in words if not (each.isascii() and each.isdigit() and 1 <= int(each) <= MOST_HOURS)]
    if wrong:
        raise Invalid(
            say("“%(typed)s” is no number of hours from 1 to %(most)s.") % {"typed": wrong[0], "most": MOST_HOURS}
        )
    hours = sorted({int(each) for each in words}, reverse=True)
    if len(hours) > MOST_REMINDERS:
        raise Invalid(say("At most %(n)s reminders a case.") % {"n": MOST_REMINDERS})
    return {"reminder_hours": hours}


_SECTIONS: dict[str, Callable[[Posted], dict[str, Any]]] = {
    "name": letterhead,
    "digest_hour": _mails,
    "language": _language,
    "reminder_hours": _reminders,
    "hold_hours": _filing,
}
"""The field that tells that a section was sent, and how it is read."""


# ---- the digest as it is now ---------------------------------------------------------------------------------------


@router.get(BASE + "/digest")
def digest_preview(visit: AtMerchant, session: Reader, part: str = "html") -> Response:
    """The mail of this moment, as a mail client shows it: a page of its own in which nothing runs or loads."""
    sheet = digest.preview(visit.runtime, session, visit.merchant)
    if part == "text":
        told = f"{say('Subject')}: {sheet.subject}\n\n{sheet.text}"
        return Response(told, media_type="text/plain; charset=utf-8", headers={"content-security-policy": INERT})
    return Response(sheet.html, media_type="text/html; charset=utf-8", headers={"content-security-policy": INERT})


@router.post(BASE + "/digest", dependencies=[needs(Right.SETTINGS)])
def send_digest(visit: AtMerchant, form: PostedForm, session: Writer) -> Response:
    """A test send: to oneself, and to nobody else."""
    visit.demand(session, Right.SETTINGS)
    with speaking(visit.merchant.language):
        test = say("Test")
    sheet = digest.preview(visit.runtime, session, visit.merchant)
    post(
        session,
        replace(sheet, subject=f"[{test}] {sheet.subject}"),
        merchant_id=visit.merchant.id,
        recipients=[visit.visitor.person.email],
        kind="test",
        dedupe=f"test:{visit.merchant.id}:{visit.now.isoformat()}",
        now=visit.now,
    )
    return back_to(links.settings(visit.merchant.slug), "digest_sent", "mails")


# ---- stop switch ---------------------------------------------------------------------------------------------------


@router.post(BASE + "/filing", dependencies=[needs(Right.SETTINGS)])
def switch_filing(visit: AtMerchant, form: PostedForm, session: Writer) -> Response:
    """The stop switch: it stops at once and without questions, and says plainly that it did."""
    merchant = session.get_one(Merchant, visit.merchant.id)
    merchant.filing_paused = form.line("to", 10) == "stop"
    session.add(merchant)
    _note(visit, session, "filing_stopped" if merchant.filing_paused else "filing_resumed", {})
    return back_to(links.settings(merchant.slug), "paused" if merchant.filing_paused else "resumed")


# ---- rules ---------------------------------------------------------------------------------------------------------


@router.post(BASE + "/rules/{gateway}", dependencies=[needs(Right.SETTINGS)])
def switch_rule(gateway: str, visit: AtMerchant, form: PostedForm, session: Writer) -> Response:
    """Automatic filing is switched on only by somebody who was told what it means and ticked it."""
    mode = form.line("mode", 20)
    if gateway not in ACCOUNTS or mode not in words.RULE:
        raise Invalid(say("There is no such rule."))
    if mode == "file_after_hold" and not form.ticked("understood"):
        rule = store_connections.rules_of(session, visit.merchant.id).get(gateway)
        return page(
            visit, "rule.html", nav="settings", gateway=gateway, title=ACCOUNTS[gateway].title, rule=rule,
            filing=words.FILING[gateway], here=links.settings(visit.merchant.slug),
        )  # fmt: skip
    rule = store_connections.switch_rule(session, visit.merchant.id, gateway, mode, by=visit.by, now=visit.now)
    _note(visit, session, "rule_switched", {"gateway": gateway, "mode": mode, "version": rule.version})
    return back_to(links.settings(visit.merchant.slug), "rule_switched", "rules")


# ---- calendar ------------------------------------------------------------------------------------------------------


@router.post(BASE + "/calendar", dependencies=[needs(Right.SETTINGS)])
def make_calendar(visit: AtMerchant, form: PostedForm, session: Writer) -> Response:
    """A new secret address, shown this once; only its hash is kept, and the one before stops working."""
    merchant = session.get_one(Merchant, visit.merchant.id)
    if form.line("to", 10) == "off":
        merchant.calendar_token_hash = None
        session.add(merchant)
        _note(visit, session, "calendar_off", {})
        return back_to(links.settings(merchant.slug), "settings_saved", "calendar")
    token = secrets.token_urlsafe(32)
    merchant.calendar_token_hash = token_hash(token)
    session.add(merchant)
    _note(visit, session, "calendar_made", {})
    return _page(visit, session, calendar=visit.settings.url + links.calendar(token))


def _note(visit: Visit, session: Writer, action: str, details: dict[str, object]) -> None:
    visit.demand(session, Right.SETTINGS)
    shop = visit.merchant.id
    record(session, shop, at=visit.now, actor=visit.by, action=action, subject=shop, details=details)
