"""Settings of a shop: letterhead, digest, hold, the stop switch, rules, the calendar's secret address, the password."""

from __future__ import annotations

import secrets
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from disputes import links, store_connections, store_people
from disputes.models import Installation, Merchant, Person
from disputes.money import Money
from disputes.store_audit import record
from scheduler.digest import plan_first
from web import passwords, words
from web.first_data import token_hash
from web.pages.accounts import ACCOUNTS
from web.pages.letterhead import PRODUCT_TYPES, email_address, letterhead
from web.pages.setup import zones
from web.view import back_to, page
from web.visit import AtMerchant, Invalid, Posted, PostedForm, Reader, Visit, Writer

router = APIRouter()
BASE = "/m/{slug}/settings"


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
            "by_hand": _by_hand(session, visit.merchant.id),
            "labour": Money(visit.merchant.labour_minor, visit.merchant.labour_currency).amount,
            "calendar": None,
            "shop_value": lambda name: _shown(visit.merchant, name),
            "shortest": passwords.SHORTEST,
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


@router.post(BASE)
def save(visit: AtMerchant, form: PostedForm, session: Writer) -> Response:
    merchant = session.get_one(Merchant, visit.merchant.id)
    for name, value in {**letterhead(form), **_desk(form)}.items():
        setattr(merchant, name, value)
    merchant.next_digest_at = plan_first(merchant, visit.now)
    session.add(merchant)
    _note(visit, session, "settings_saved", {})
    return back_to(links.settings(merchant.slug), "settings_saved")


def _desk(form: Posted) -> dict[str, Any]:
    typed = form.text("digest_recipients", 2000).split("\n")
    recipients = [email_address(line.strip()) for line in typed if line.strip()]
    if len(recipients) > 20:
        raise Invalid("At most 20 recipients.")
    currency = form.line("labour_currency", 3).upper()
    try:
        labour = Money.parse(form.line("labour", 12) or "0", currency)
    except ValueError as error:
        raise Invalid(f"The cost of an hour's work is no amount: {error}.") from error
    if not 0 <= labour.minor < 10**9:
        raise Invalid("The cost of work must be zero or more.")
    return {
        "digest_hour": form.number("digest_hour", 0, 23),
        "digest_recipients": list(dict.fromkeys(recipients)),
        "hold_hours": form.number("hold_hours", 0, 240),
        "cut_off_hours": form.number("cut_off_hours", 1, 72),
        "labour_minor": labour.minor,
        "labour_currency": labour.currency,
    }


@router.post(BASE + "/filing")
def switch_filing(visit: AtMerchant, form: PostedForm, session: Writer) -> Response:
    """The stop switch: it stops at once and without questions, and says plainly that it did."""
    merchant = session.get_one(Merchant, visit.merchant.id)
    merchant.filing_paused = form.line("to", 10) == "stop"
    session.add(merchant)
    _note(visit, session, "filing_stopped" if merchant.filing_paused else "filing_resumed", {})
    return back_to(links.settings(merchant.slug), "paused" if merchant.filing_paused else "resumed")


# ---- rules ---------------------------------------------------------------------------------------------------------


@router.post(BASE + "/rules/{gateway}")
def switch_rule(gateway: str, visit: AtMerchant, form: PostedForm, session: Writer) -> Response:
    """Automatic filing is switched on only by somebody who was told what it means and ticked it."""
    mode = form.line("mode", 20)
    if gateway not in ACCOUNTS or mode not in words.RULE:
        raise Invalid("There is no such rule.")
    if mode == "file_after_hold" and not form.ticked("understood"):
        rule = store_connections.rules_of(session, visit.merchant.id).get(gateway)
        return page(
            visit, "rule.html", nav="settings", gateway=gateway, title=ACCOUNTS[gateway].title, rule=rule,
            filing=words.FILING[gateway], here=links.settings(visit.merchant.slug),
        )  # fmt: skip
    rule = store_connections.switch_rule(session, visit.merchant.id, gateway, mode, by=visit.by, now=visit.now)
    _note(visit, session, "rule_switched", {"gateway": gateway, "mode": mode, "version": rule.version})
    return back_to(links.settings(visit.merchant.slug), "rule_switched", "rules")


# ---- calendar and password -----------------------------------------------------------------------------------------


@router.post(BASE + "/calendar")
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


@router.post(BASE + "/password")
def change_password(visit: AtMerchant, form: PostedForm) -> Response:
    person = visit.visitor.person
    before, after = form.text("before", 500), form.text("after", 500)
    if not passwords.matches(before, person.password_hash):
        raise Invalid("The present password is not right.")
    why = passwords.weak(after, person.name, person.email)
    if why:
        raise Invalid(why)
    hashed = passwords.hash_password(after)
    with visit.runtime.database.writing() as session:
        row = session.get_one(Person, person.id)
        row.password_hash = hashed
        session.add(row)
        store_people.end_other_sessions(session, person.id, visit.visitor.token_hash)
        _note(visit, session, "password_changed", {})
    return back_to(links.settings(visit.merchant.slug), "password_changed", "password")


def _note(visit: Visit, session: Writer, action: str, details: dict[str, object]) -> None:
    shop = visit.merchant.id
    record(session, shop, at=visit.now, actor=visit.by, action=action, subject=shop, details=details)
