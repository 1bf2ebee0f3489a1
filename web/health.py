"""/health: does the clock tick, does the engine run, does the database answer, do mails leave."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from fastapi import APIRouter, Request
from sqlalchemy.exc import SQLAlchemyError
from starlette.responses import JSONResponse, Response

from disputes import store_due, store_mail
from scheduler.runtime import Runtime
from web.settings import Settings
from web.visit import runtime_of, settings_of

router = APIRouter()


@router.get("/health")
def health(request: Request) -> Response:
    """200 when the desk works (mail trouble is told but stops nothing), 503 when clock, engine or database do not."""
    checks = examine(runtime_of(request), settings_of(request))
    broken = [name for name in ("database", "clock", "engine") if not checks[name]["ok"]]
    status = "broken" if broken else "ok" if checks["mail"]["ok"] else "degraded"
    return JSONResponse({"status": status, "checks": checks}, status_code=503 if broken else 200)


def examine(runtime: Runtime, settings: Settings) -> dict[str, dict[str, Any]]:
    now = runtime.clock.now()
    try:
        with runtime.database.reading() as session:
            session.execute(sa.text("SELECT 1"))
            sweep = store_due.beats(session).get("sweep")
            stuck = store_mail.failed_count(session)
    except SQLAlchemyError:
        unknown = {"ok": False, "detail": "not known without the database"}
        silent = {"ok": False, "detail": "does not answer"}
        return {"database": silent, "clock": unknown, "engine": unknown, "mail": unknown}
    late = timedelta(seconds=3 * settings.tick_seconds + 60)
    age = now - sweep.at if sweep else None
    return {
        "database": {"ok": True, "detail": "answers"},
        "clock": {
            "ok": age is not None and age <= late,
            "detail": f"last tick {int(age.total_seconds())} s ago" if age is not None else "has not ticked yet",
            "last_tick": sweep.at.isoformat() if sweep else None,
        },
        "engine": {"ok": runtime.engine.alive(), "detail": "runs" if runtime.engine.alive() else "stands still"},
        "mail": {"ok": stuck == 0, "detail": "all mails leave" if stuck == 0 else f"{stuck} mails do not leave"},
    }
