"""The queue: what needs a person, most urgent first; views, filters and search. Live and sandbox are two tabs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from disputes import links, store, store_connections, store_queue, store_views, store_work
from disputes.lifecycle import Kind
from disputes.models import Connection, Dispute, SavedView
from disputes.store_queue import NOBODY, PAGE
from disputes.titles import connection_title, gateway_title
from scheduler.digest import left_words
from templates.language import instant_words, marked, say
from web import first_run, queue_view, words
from web.queue_view import Chosen
from web.view import page
from web.visit import AtMerchant, Reader, Visit

router = APIRouter()

VIEWS = (
    "now", "open", "needs_evidence", "awaiting_approval", "scheduled", "submitting", "unclear", "past_due", "new",
    "gathering", "under_review", "answered_elsewhere", "cannot_contest", "alert", "unknown", "won", "lost", "accepted",
    "expired", "withdrawn", "prevented",
)  # fmt: skip
_IN_FRONT = (
    "now", "open", "needs_evidence", "awaiting_approval", "scheduled", "past_due", "under_review", "won", "lost",
    "cannot_contest",
)  # fmt: skip
"""Always there; the others only where they have cases, and behind one more step."""
_NAMES = {"now": marked("Needs you now"), "open": marked("All open")}
CATEGORIES = (
    "fraudulent", "unrecognized", "not_received", "not_as_described", "credit_not_processed", "canceled",
    "subscription_canceled", "duplicate", "paid_by_other_means", "incorrect_amount", "processing_error",
    "authorization", "compliance", "inquiry", "no_reply", "bank_debit", "general",
)  # fmt: skip
NETWORKS = (
    "visa", "mastercard", "amex", "discover", "diners", "jcb", "unionpay", "cash_app", "klarna", "paypal",
)  # fmt: skip

URGENT = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Row:
    dispute: Dispute
    status: str
    status_words: str
    due: str
    left: str
    urgent: bool
    link: str
    gateway: str
    """As people read it: a processor without an API by its own name."""
    who: str = ""


@router.get("/m/{slug}/")
def queue(
    visit: AtMerchant, session: Reader, after: Annotated[str, Query(max_length=160)] = "", view: str = ""
) -> Response:
    chosen = queue_view.from_query(visit.merchant.slug, visit.request.query_params)
    sides = store_queue.sides(session, visit.merchant.id)
    live = chosen["side"] == "live" if chosen["side"] in ("live", "sandbox") else bool(sides and sides[0])
    view = view if view in VIEWS else ("open" if chosen.filtered else queue_view.FIRST)
    chosen = Chosen(chosen.slug, {**chosen.said, "side": "live" if live else "sandbox", "view": view})
    wanted = queue_view.wanted(visit, chosen, live=live, view=view)
    found = store_queue.page(session, visit.merchant.id, wanted, queue_view.key(after))
    known = {each.id: each for each in store_connections.connections_of(session, visit.merchant.id)}
    people = store_work.workers(session, visit.merchant.id)
    names = dict(people)
    stakes = store_queue.at_stake(session, visit.merchant.id, live)
    return page(
        visit,
        "queue.html",
        nav="queue",
        rows=[row_of(visit, dispute, known[dispute.connection_id], names) for dispute in found[:PAGE]],
        more=chosen.path(after=queue_view.after(found[PAGE - 1])) if len(found) > PAGE else None,
        first=not after,
        chosen=chosen,
        sides=sides,
        live=live,
        stakes=stakes,
        views=_views(chosen, store_queue.counts(session, visit.merchant.id, live, visit.now)),
        checklist=first_run.checklist(visit, session) if not after else None,
        saved=[_saved(visit, each, chosen) for each in store_views.views_of(session, visit.merchant.id, visit.by)],
        several=len({connection_title(each) for each in known.values()}) > 1,
        people=people,
        filters=_filters(visit, session, chosen, people, [stake.currency for stake in stakes]),
        plain=words.plain,
        verdicts=words.VERDICT,
    )


def row_of(visit: Visit, dispute: Dispute, connection: Connection, names: Mapping[str, str]) -> Row:
    act = store.window_of(dispute, visit.now, visit.merchant.cut_off_hours)
    status = store.shown(dispute, visit.now)
    return Row(
        dispute=dispute,
        status=status.value,
        status_words=words.status(status.value, by_hand=connection.by_hand),
        due=instant_words(dispute.due_at, visit.merchant.zone) if dispute.due_at and act.person else "",
        left=left_words(act, visit.now),
        urgent=act.person and act.until is not None and act.until - visit.now < URGENT,
        link=links.case(visit.merchant.slug, dispute.id),
        gateway=connection_title(connection),
        who=names.get(dispute.assigned_to or "", ""),
    )


@dataclass(frozen=True, slots=True)
class View:
    name: str
    link: str
    here: bool
    count: int | None = None
    more: bool = False
    """There are more than were counted."""
    in_front: bool = True
    remove: str = ""
    """Where a saved view is taken away; empty for the desk's own."""


def _views(chosen: Chosen, counts: Mapping[str, int]) -> list[View]:
    return [
        View(
            name=say(_NAMES[view]) if view in _NAMES else words.status(view),
            link=chosen.path(**dict.fromkeys(queue_view.NAMES[2:], ""), view=view),
            here=view == chosen["view"] and not chosen.filtered,
            count=min(counts.get(view, 0), store_queue.COUNTED) if view == "past_due" else counts.get(view, 0),
            more=view == "past_due" and counts.get(view, 0) > store_queue.COUNTED,
            in_front=view in _IN_FRONT,
        )
        for view in VIEWS
        if view in _IN_FRONT or counts.get(view) or view == chosen["view"]
    ]


def _saved(visit: Visit, view: SavedView, chosen: Chosen) -> View:
    there = Chosen(chosen.slug, {**view.wanted, "side": view.wanted.get("side", chosen["side"])})
    here = {**there.kept, "view": there["view"] or queue_view.FIRST} == chosen.kept
    return View(view.name, there.path(), here, remove=f"{links.queue(visit.merchant.slug)}views/{view.id}/remove")


@dataclass(frozen=True, slots=True)
class Filter:
    name: str
    title: str
    options: list[tuple[str, str]]


def _filters(
    visit: Visit, session: Reader, chosen: Chosen, people: list[tuple[str, str]], currencies: list[str]
) -> list[Filter]:
    """What can be chosen, each only where there is a choice."""
    gateways = [(each, gateway_title(each)) for each in store_queue.gateways(session, visit.merchant.id)]
    others = [(each, name) for each, name in people if each != visit.by]
    listed = [
        Filter("gateway", say("Gateway"), gateways),
        Filter("network", say("Network"), [(each, words.plain(each)) for each in NETWORKS]),
        Filter("kind", say("Kind"), [(each.value, words.plain(each.value)) for each in Kind]),
        Filter("category", say("Reason"), [(each, words.plain(each)) for each in CATEGORIES]),
        Filter("verdict", say("Verdict"), [(value, say(name)) for value, name in words.VERDICT.items()]),
        Filter("who", say("Assigned to"), [("me", say("Me")), (NOBODY, say("Nobody")), *others]),
        Filter("currency", say("Currency"), [(each, each) for each in _with(currencies, chosen["currency"])]),
    ]
    return [each for each in listed if len(each.options) > 1 or chosen[each.name]]


def _with(listed: list[str], chosen: str) -> list[str]:
    return [*listed, chosen] if chosen and chosen not in listed else listed
