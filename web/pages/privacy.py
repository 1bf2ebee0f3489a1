"""How long customers' data is kept, and erasing one customer's: what is held is shown first; nothing goes unasked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from disputes import links, store_erase
from disputes.erasing import LEAST_DAYS, MOST_DAYS
from disputes.models import Dispute, Merchant
from disputes.roles import Right
from disputes.store_audit import record
from disputes.systems import Key, KeyKind
from evidence.sources.keys import phone_number
from scheduler import retention
from templates.language import say
from web.view import back_to, page
from web.visit import AtMerchant, Invalid, Posted, PostedForm, Reader, Visit, needs

router = APIRouter()
SETTINGS = "/m/{slug}/settings"
ERASE = SETTINGS + "/erase"


# ---- retention -----------------------------------------------------------------------------------------------------


@router.post(SETTINGS + "/retention", dependencies=[needs(Right.ERASE)])
def set_retention(visit: AtMerchant, form: PostedForm) -> Response:
    """Switched on only by somebody who saw how many cases it erases at once and ticked it."""
    days = _days(form)
    if days is not None and not form.ticked("understood"):
        number = retention.would_erase(visit.runtime, visit.merchant.id, days)
        return page(
            visit, "erase_retention.html", nav="settings", here=links.settings(visit.merchant.slug),
            days=days, number=number,
        )  # fmt: skip
    with visit.runtime.database.writing() as session:
        visit.demand(session, Right.ERASE)
        merchant = session.get_one(Merchant, visit.merchant.id)
        merchant.retention_days = days
        session.add(merchant)
        record(
            session, merchant.id, at=visit.now, actor=visit.by, action="retention_set", subject=merchant.id,
            details={"days": days},
        )  # fmt: skip
    return back_to(links.settings(visit.merchant.slug), "retention_set" if days else "retention_off", "data")


def _days(form: Posted) -> int | None:
    return form.number("days", LEAST_DAYS, MOST_DAYS) if form.line("days", 5) else None


# ---- one customer --------------------------------------------------------------------------------------------------


@router.get(ERASE, dependencies=[needs(Right.ERASE)])
def search(visit: AtMerchant, session: Reader, q: Annotated[str, Query(max_length=200)] = "") -> Response:
    """By e-mail address, name or number. Several people may have one name: the address says who is meant."""
    found = list(store_erase.customers(session, visit.merchant.id, q)) if q.strip() else []
    named = [q.strip()] if "@" in q else _addresses(visit, session, q)
    for address in named:
        found += [case for case in store_erase.customers(session, visit.merchant.id, address) if case not in found]
    kept = {each.casefold() for each in named if not store_erase.held(session, visit.merchant.id, each).nothing}
    people = _people(found)
    return page(
        visit,
        "erase.html",
        nav="settings",
        here=links.erase(visit.merchant.slug),
        q=q.strip(),
        people=people,
        only_kept=sorted(kept - people.keys()),
    )


def _addresses(visit: Visit, session: Reader, typed: str) -> list[str]:
    """Whose telephone or customer number at a connected system this is; at most ten."""
    keys = [Key(KeyKind.PHONE, phone_number(typed)), Key(KeyKind.ACCOUNT, typed.strip())]
    return store_erase.addresses_of(session, visit.merchant.id, [key for key in keys if key.value])[:10]


def _people(cases: Sequence[Dispute]) -> dict[str, list[Dispute]]:
    """Address, or order number where no address is known -> their cases."""
    people: dict[str, list[Dispute]] = {}
    for case in cases:
        people.setdefault((case.customer_email or case.order_ref or "").casefold(), []).append(case)
    people.pop("", None)
    return people


@router.get(ERASE + "/of", dependencies=[needs(Right.ERASE)])
def held(visit: AtMerchant, session: Reader, who: Annotated[str, Query(min_length=1, max_length=254)]) -> Response:
    return _held(visit, session, who)


def _held(visit: Visit, session: Reader, who: str, *, wrong: str = "", status: int = 200) -> Response:
    return page(
        visit,
        "erase_held.html",
        status=status,
        nav="settings",
        here=links.erase(visit.merchant.slug),
        who=who.strip(),
        held=store_erase.held(session, visit.merchant.id, who),
        wrong=wrong,
    )


@router.post(ERASE, dependencies=[needs(Right.ERASE)])
def erase(visit: AtMerchant, form: PostedForm) -> Response:
    who, again = form.line("who", 254), form.line("again", 254)
    if not who:
        raise Invalid(say("Say whose data is meant."))
    if again.casefold() != who.casefold():
        wrong = say("What you typed is not the same. Nothing was erased.")
        with visit.runtime.database.reading() as session:
            return _held(visit, session, who, wrong=wrong, status=422)
    try:
        found = retention.erase_customer(visit.runtime, visit.merchant.id, who, by=visit.by)
    except retention.StillOpen:
        wrong = say("Something of a case of theirs is open. Nothing was erased.")
        with visit.runtime.database.reading() as session:
            return _held(visit, session, who, wrong=wrong, status=409)
    return page(
        visit, "erase_done.html", nav="settings", here=links.settings(visit.merchant.slug), held=found,
    )  # fmt: skip
