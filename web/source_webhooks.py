"""Webhooks of connected systems: verified, never believed; the cases they speak of are gathered again."""

from __future__ import annotations

import logging

from fastapi import APIRouter, Request
from sqlalchemy.exc import SQLAlchemyError
from starlette.responses import JSONResponse, Response

from disputes import store_sources
from disputes.models import SourceConnection
from disputes.ports import WebhookRefused
from disputes.vault import VaultLocked
from evidence.systems.kinds import kinds
from scheduler.sources import look_again
from web.visit import runtime_of
from web.webhooks import Body

log = logging.getLogger("counterproof.webhooks")
router = APIRouter()


@router.post("/webhooks/sources/{source_id}")
def receive(source_id: str, request: Request, body: Body) -> Response:
    """200 taken; 404 no such endpoint; 400 not signed by it; 503 cannot be checked now, send it again."""
    runtime = runtime_of(request)
    try:
        with runtime.database.reading() as session:
            source = session.get(SourceConnection, source_id)
        kind = kinds().get(source.system) if source else None
        if source is None or source.webhook_secret is None or kind is None or kind.webhook is None:
            return _say(404, "There is no webhook here.")
        headers = {name.casefold(): value for name, value in request.headers.items()}
        changed = kind.webhook.check(body, headers, runtime.vault.open(source.webhook_secret))
        with runtime.database.writing() as session:
            store_sources.note(session, source.id, last_event_at=runtime.clock.now())
            if not source.paused:
                look_again(runtime, session, source.merchant_id, changed)
    except WebhookRefused as error:
        return _say(400, str(error))
    except (VaultLocked, SQLAlchemyError):
        log.exception("A webhook of %s cannot be checked or stored now; it has to come again.", source_id)
        return _say(503, "This cannot be checked now. Send it again later.")
    return _say(200, "Taken.")


def _say(status: int, words: str) -> Response:
    return JSONResponse({"message": words}, status_code=status)
