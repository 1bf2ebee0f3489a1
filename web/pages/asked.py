"""The page behind a link for somebody outside: what is needed, and a place to send it. No account, works once.

It shows the shop's name, the document asked for and numbers the receiver knows; nothing of the customer.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from sqlmodel import Session
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.responses import Response

from disputes import store, store_evidence
from disputes.clock import plainly
from disputes.models import Dispute, EvidenceRequest, Merchant
from disputes.phrases import phrase
from disputes.ports import Gathered
from evidence.packet.errors import FileRefused
from evidence.uploads import read_capped, read_upload
from scheduler import requests
from scheduler.runtime import Runtime
from templates import asking
from web.view import bare
from web.visit import Invalid, Posted, read_form, runtime_of

router = APIRouter()
_QUIET = {"cache-control": "no-store", "x-robots-tag": "noindex"}


@router.get("/asked/{token}")
def show(token: str, request: Request) -> Response:
    runtime = runtime_of(request)
    with runtime.database.reading() as session:
        found = requests.opened(runtime, session, token)
        about = _about(session, found) if found else []
    if found is None:
        return gone(request)
    if found[0].opened_at is None:
        with runtime.database.writing() as session:
            asked = session.get_one(EvidenceRequest, found[0].id)
            asked.opened_at = runtime.clock.now()
            session.add(asked)
    return _form(request, found, about)


class LinkDead(Exception):
    """Before a byte of the form is read."""


async def living(token: str, request: Request) -> None:
    runtime = runtime_of(request)

    def look() -> bool:
        with runtime.database.reading() as session:
            return requests.opened(runtime, session, token) is not None

    if not await run_in_threadpool(look):
        raise LinkDead


async def read_answer(request: Request, _living: Annotated[None, Depends(living)]) -> AsyncIterator[FormData]:
    async with asynccontextmanager(read_form)(request) as form:
        yield form


@router.post("/asked/{token}")
def send(token: str, request: Request, raw: Annotated[FormData, Depends(read_answer)]) -> Response:
    """Read and clean, store the bytes, then the rows; the link ends with the rows, so a failure leaves it alive."""
    runtime, form = runtime_of(request), Posted(raw)
    with runtime.database.reading() as session:
        found = requests.opened(runtime, session, token)
        if found is None:
            return gone(request)
        about, numbers = _about(session, found), _numbers(session, found[1])
    asked, dispute, merchant = found
    w = asking.words(asked.language)
    none = form.ticked("none")
    try:
        files = [] if none else form.files("files")
        if not files and not none:
            raise Invalid(w["no_file"])
        note = form.text("note", 1000)
        gathered = [_gathered(runtime, asked, dispute, merchant, file, numbers) for file in files]
    except (Invalid, FileRefused) as error:
        return _form(request, found, about, wrong=f"{error} {w['nothing']}", status=422)
    stored = [(each, runtime.files.put(merchant.id, each.data)) for each in gathered]
    with runtime.database.writing() as session:
        dispute = store.dispute_of(session, merchant.id, dispute.id)
        if not requests.receive(runtime, session, asked, dispute, stored, note=note):
            return gone(request)
    return _said(request, w, w["page_title"].format(shop=merchant.name), _thanks(w, merchant, none=none))


def _gathered(
    runtime: Runtime, asked: EvidenceRequest, dispute: Dispute, merchant: Merchant, file: UploadFile, numbers: set[str]
) -> Gathered:
    name, now = file.filename or "", runtime.clock.now()
    read = read_upload(
        read_capped(file.file, name),
        name,
        item=asked.item,
        zone=merchant.zone,
        own=merchant.own_addresses,
        now=now,
        order_ref=dispute.order_ref,
        allowed=numbers,
    )
    sender = requests.sender(asked)
    return Gathered(
        read.data,
        read.media_type,
        read.name,
        request=f"Sent in by {sender} <{asked.recipient}> through the link {asked.id}, {plainly(now, merchant.zone)}",
        fact=read.fact,
        confidence="likely",
        why=phrase("{sender} was asked for it and sent it in", sender=sender),
        adapter="asked/1",
    )


def _about(session: Session, found: tuple[EvidenceRequest, Dispute, Merchant]) -> list[str]:
    asked, dispute, _ = found
    case = store_evidence.case_file(store_evidence.items_of(session, dispute.id), dispute.order_ref)
    return requests.about(case, dispute.order_ref, asked.language) or [dispute.external_id]


def _numbers(session: Session, dispute: Dispute) -> set[str]:
    case = store_evidence.case_file(store_evidence.items_of(session, dispute.id), dispute.order_ref)
    return {each.order_ref for each in case.orders} | {each.tracking_number for each in case.shipments}


def _thanks(w: Any, merchant: Merchant, *, none: bool) -> str:
    return str(w["declined"] if none else w["thanks"].format(shop=merchant.name))


def _form(
    request: Request,
    found: tuple[EvidenceRequest, Dispute, Merchant],
    about: list[str],
    *,
    wrong: str = "",
    status: int = 200,
) -> Response:
    asked, _, merchant = found
    w = asking.words(asked.language)
    context = {
        "w": w, "language": asked.language, "merchant_name": merchant.name, "needed": w["items"][asked.item],
        "said": asked.words, "about": about, "by": plainly(asked.due_at, merchant.zone), "wrong": wrong,
    }  # fmt: skip
    return _quiet(bare(request, "asked.html", status=status, **context))


def _said(request: Request, w: Any, title: str, words: str, status: int = 200) -> Response:
    return _quiet(bare(request, "asked_over.html", status=status, title=title, words=words, w=w))


def gone(request: Request, _error: Exception | None = None) -> Response:
    """The same answer for a link that never was: nothing is told to whoever guesses."""
    w = asking.words("tr" if request.headers.get("accept-language", "").casefold().startswith("tr") else "en")
    return _said(request, w, w["gone_title"], w["gone"], status=404)


def _quiet(response: Response) -> Response:
    response.headers.update(_QUIET)
    return response
