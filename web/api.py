"""The API for the merchant's own application: events in, one token a source, nothing out."""

from __future__ import annotations

import hmac
import json
import secrets

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from disputes import store_sources
from disputes.ids import digest
from disputes.models import SourceConnection
from disputes.systems import Kept
from evidence.systems.push import KIND, EventsRefused, read_events
from scheduler.forgotten import without_erased
from scheduler.runtime import Runtime
from scheduler.sources import look_again
from web.visit import runtime_of
from web.webhooks import Body

router = APIRouter()
EVENTS = "/api/v1/events"


def new_token(source_id: str) -> tuple[str, str]:
    """A token as it is shown once, and its hash as it is stored."""
    token = f"{source_id}.{secrets.token_urlsafe(32)}"
    return token, digest(token.encode())


@router.post(EVENTS)
def events(request: Request, body: Body) -> Response:
    """200 with what was stored, known already and refused; 401 no such token; 422 nothing in it could be read."""
    runtime = runtime_of(request)
    source = _source(runtime, request.headers.get("authorization", ""))
    if source is None:
        return _say(401, {"message": "This token is not known. Send it as “Authorization: Bearer <token>”."})
    if source.paused:
        return _say(503, {"message": "This source is paused. Send the events again later."})
    try:
        read = read_events(body)
    except EventsRefused as error:
        return _say(422, {"message": f"{error} Nothing was stored."})
    stored = _keep(runtime, source, list(read.taken))
    told = {
        "stored": stored,
        "known": len(read.taken) - stored,
        "refused": [{"event": place, "why": why} for place, why in read.refused],
    }
    return _say(200 if read.taken else 422, told)


def _source(runtime: Runtime, authorization: str) -> SourceConnection | None:
    scheme, _, token = authorization.partition(" ")
    source_id = token.strip().partition(".")[0]
    if scheme.casefold() != "bearer" or not source_id:
        return None
    with runtime.database.reading() as session:
        source = session.get(SourceConnection, source_id)
    if source is None or source.system != KIND.name or not source.webhook_secret:
        return None
    held = json.loads(runtime.vault.open(source.webhook_secret))["token_hash"]
    return source if hmac.compare_digest(held, digest(token.strip().encode())) else None


def _keep(runtime: Runtime, source: SourceConnection, taken: list[Kept]) -> int:
    """Bytes first, rows after, then the cases they speak of. The same event again changes nothing."""
    allowed = without_erased(runtime, source.merchant_id, taken)
    files = [(kept, runtime.files.put(source.merchant_id, kept.data)) for kept in allowed]
    now = runtime.clock.now()
    with runtime.database.writing() as session:
        changed = store_sources.keep(session, source, files, KIND.adapter, now)
        store_sources.note(session, source.id, last_event_at=now, last_read_at=now, state="ok", state_detail="")
        if changed:
            look_again(runtime, session, source.merchant_id, [key for kept in changed for key in kept.keys])
    return len(changed)


def _say(status: int, content: dict[str, object]) -> Response:
    headers = {"www-authenticate": "Bearer"} if status == 401 else {}
    return JSONResponse(content, status_code=status, headers=headers)
