"""APScheduler as the clock and nothing more: it ticks the sweep; what is due lies in columns."""

from __future__ import annotations

import logging

from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_MISSED, JobExecutionEvent
from apscheduler.schedulers.background import BackgroundScheduler

from disputes.clock import SystemClock
from scheduler.runtime import Runtime
from scheduler.sweep import sweep

log = logging.getLogger("counterproof.clock")

TICK_SECONDS = 20


class Ticker:
    """Any number of processes may tick at once: claims in the database let one act."""

    def __init__(self, runtime: Runtime, *, seconds: float = TICK_SECONDS) -> None:
        self._scheduler = BackgroundScheduler(
            timezone="UTC", job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": 1}
        )
        self._scheduler.add_job(
            sweep, "interval", seconds=seconds, args=[runtime], id="sweep", next_run_time=SystemClock().now()
        )
        self._scheduler.add_listener(_tell, EVENT_JOB_MISSED | EVENT_JOB_ERROR)

    def start(self) -> None:
        self._scheduler.start()

    def stop(self) -> None:
        if self._scheduler.running:
            self._scheduler.shutdown(wait=True)


def _tell(event: JobExecutionEvent) -> None:
    log.error("The clock's job %s was missed or failed: %s", event.job_id, getattr(event, "exception", None))
