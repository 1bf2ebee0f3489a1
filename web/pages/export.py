"""Everything this shop has here, as one zip: asked for, built while one does something else, fetched within a day."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import FileResponse, Response

from disputes import links, store_export
from disputes.clock import local_day
from disputes.roles import Right
from disputes.store import NotFound
from disputes.store_audit import record
from scheduler.exporting import KEPT, path_of
from web.view import back_to, page
from web.visit import AtMerchant, PostedForm, Reader, Visit, Writer, needs

router = APIRouter()
BASE = "/m/{slug}/settings/export"


@router.get(BASE, dependencies=[needs(Right.EXPORT)])
def export(visit: AtMerchant, session: Reader) -> Response:
    return _page(visit, session, "export.html")


@router.get(BASE + "/state", dependencies=[needs(Right.EXPORT)])
def state(visit: AtMerchant, session: Reader) -> Response:
    """The part of the page that changes while it is built."""
    return _page(visit, session, "export_state.html")


def _page(visit: Visit, session: Reader, template: str) -> Response:
    job = store_export.latest(session, visit.merchant.id)
    return page(
        visit,
        template,
        nav="settings",
        here=links.export(visit.merchant.slug),
        job=job,
        under_way=job is not None and job.state in store_export.LIVE,
        gone_at=job.ended_at + KEPT if job and job.ended_at else None,
    )


@router.post(BASE, dependencies=[needs(Right.EXPORT)])
def ask(visit: AtMerchant, form: PostedForm, session: Writer) -> Response:
    here = links.export(visit.merchant.slug)
    job = store_export.ask(session, visit.merchant.id, by=visit.by, now=visit.now)
    if job is None:
        return back_to(here, "export_under_way")
    visit.runtime.engine.enqueue(session, "export", f"export:{job.id}", job.id, queue="sources")
    return back_to(here, "export_asked")


@router.get(BASE + "/{job_id}", dependencies=[needs(Right.EXPORT)])
def download(job_id: str, visit: AtMerchant) -> Response:
    """As an attachment, streamed; who took it stands in the record."""
    with visit.runtime.database.reading() as session:
        job = store_export.job_of(session, visit.merchant.id, job_id)
    path = path_of(visit.runtime, job)
    if job.state != "done" or not path.is_file():
        raise NotFound("The export is not there any more.")
    with visit.runtime.database.writing() as session:
        visit.demand(session, Right.EXPORT)
        details = {"job": job.id, "sha256": job.sha256}
        record(
            session, visit.merchant.id, at=visit.now, actor=visit.by, action="export_downloaded",
            subject=visit.merchant.id, details=details,
        )  # fmt: skip
    name = f"counterproof-{visit.merchant.slug}-{local_day(job.asked_at, visit.merchant.zone).isoformat()}.zip"
    return FileResponse(path, media_type="application/zip", filename=name)
