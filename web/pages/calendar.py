"""The deadlines as a calendar feed behind a secret address."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from fastapi import APIRouter, Request
from icalendar import Alarm, Calendar, Event
from starlette.responses import Response

from disputes import links, store, store_connections
from disputes.models import Dispute, Merchant
from disputes.store import NotFound
from scheduler.runtime import Runtime
from web.first_data import token_hash
from web.visit import runtime_of

router = APIRouter()


@router.get("/calendar/{token}.ics")
def calendar(token: str, request: Request) -> Response:
    """Open cases with a deadline and nothing else; who has the address sees order numbers and amounts, no names."""
    runtime = runtime_of(request)
    with runtime.database.reading() as session:
        merchant = store_connections.merchant_by_calendar(session, token_hash(token))
        if merchant is None:
            raise NotFound("no calendar")
        disputes = store_connections.with_deadline(session, merchant.id)
    return Response(_feed(runtime, merchant, disputes).to_ical(), media_type="text/calendar")


def _feed(runtime: Runtime, merchant: Merchant, disputes: Sequence[Dispute]) -> Calendar:
    feed = Calendar()
    feed.add("prodid", "-//Counterproof//Deadlines//EN")
    feed.add("version", "2.0")
    feed.add("x-wr-calname", f"Dispute deadlines: {merchant.name}")
    now = runtime.clock.now()
    for dispute in disputes:
        if store.window_of(dispute, now, merchant.cut_off_hours).person:
            feed.add_component(_event(runtime, merchant, dispute))
    return feed


def _event(runtime: Runtime, merchant: Merchant, dispute: Dispute) -> Event:
    event = Event()
    sandbox = "" if dispute.live else "[sandbox] "
    event.add("uid", f"{dispute.id}-{dispute.round_ordinal}@counterproof")
    event.add("dtstamp", dispute.changed_at)
    event.add("sequence", dispute.version)
    event.add("dtstart", dispute.due_at)
    event.add("duration", timedelta(0))
    event.add("summary", f"{sandbox}Dispute answer due: {dispute.order_ref or dispute.external_id}, {dispute.amount}")
    event.add("url", runtime.public_url + links.case(merchant.slug, dispute.id))
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", "A dispute answer is due in 24 hours")
    alarm.add("trigger", timedelta(hours=-24))
    event.add_component(alarm)
    return event
