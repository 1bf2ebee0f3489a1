"""Webhooks in: verified, stored under their event id, then acted on by re-reading the object; never believed."""

from __future__ import annotations

import logging
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from sqlalchemy.exc import SQLAlchemyError
from starlette.responses import JSONResponse, Response

from disputes import links, store_connections
from disputes.models import Connection
from disputes.phrases import said_by
from disputes.ports import VerifiedEvent, WebhookRefused, WebhookUnverifiable
from disputes.vault import VaultLocked
from scheduler.runtime import Runtime
from web.visit import runtime_of

log = logging.getLogger("counterproof.webhooks")
router = APIRouter()


async def read_body(request: Request) -> bytes:
    return await request.body()


Body = Annotated[bytes, Depends(read_body)]


@router.post("/webhooks/{connection_id}")
def receive(connection_id: str, request: Request, body: Body) -> Response:
    """200 stored or known; 404 no such endpoint; 400 not signed by it; 503 cannot be checked now, send it again."""
    runtime = runtime_of(request)
    try:
        with runtime.database.reading() as session:
            connection = store_connections.endpoint(session, connection_id)
        if connection is None or connection.webhook_secret is None:
            return _say(404, "There is no webhook here.")
        secret = runtime.vault.open(connection.webhook_secret)
        if not secret:
            return _say(404, "There is no webhook here.")
        # The configured public address, not the one seen behind a proxy: Square signs it.
        url = runtime.public_url + links.webhook(connection.id)
        event = runtime.gateway_for(connection).verify_webhook(body, request.headers, secret=secret, url=url)
        return _take(runtime, connection, event)
    except WebhookRefused as error:
        return _refuse(runtime, connection_id, said_by(error))
    except WebhookUnverifiable as error:
        return _later(runtime, connection_id, said_by(error))
    except (VaultLocked, SQLAlchemyError):
        log.exception("A webhook of %s cannot be checked or stored now; it has to come again.", connection_id)
        return _say(503, "This cannot be checked now. Send it again later.")


def _take(runtime: Runtime, connection: Connection, event: VerifiedEvent) -> Response:
    """The row and the run that re-reads the object commit together, so that neither is there without the other."""
    with runtime.database.writing() as session:
        row_id = store_connections.store_event(session, connection.id, event, runtime.clock.now())
        if row_id is None:
            return _say(200, "Known already.")
        if event.external_id is None or connection.paused:
            # Nothing of ours; or paused, and then the next read after the pause finds what changed.
            store_connections.end_event(session, row_id, "done")
        else:
            runtime.engine.enqueue(
                session, "reread", f"reread:{row_id}", connection.id, event.external_id, row_id, "1", queue="gateway"
            )
    return _say(200, "Stored.")


def _refuse(runtime: Runtime, connection_id: str, why: str) -> Response:
    with runtime.database.writing() as session:
        store_connections.count_failure(session, connection_id, why, runtime.clock.now())
    return _say(400, why)


def _later(runtime: Runtime, connection_id: str, why: str) -> Response:
    with runtime.database.writing() as session:
        store_connections.count_failure(session, connection_id, why, runtime.clock.now())
    return _say(503, "This cannot be checked now. Send it again later.")


def _say(status: int, words: str) -> Response:
    return JSONResponse({"message": words}, status_code=status)
