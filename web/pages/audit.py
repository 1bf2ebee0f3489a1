"""The record: who did what and when, in sentences; checked on the page, and exported for a check without the desk."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query
from starlette.responses import Response, StreamingResponse

from disputes import links, store_audit, store_audit_read, store_digest
from disputes.audit import Examined, examine
from disputes.clock import local_day, utc
from disputes.models import AuditEntry
from disputes.roles import Right
from disputes.store_audit import record
from disputes.store_audit_read import PAGE, Wanted
from scheduler.runtime import Runtime
from templates.language import say, say_many, told
from web import audit_words
from web.view import page
from web.visit import AtMerchant, Invalid, PostedForm, Reader, Visit, Writer, needs

router = APIRouter()
BASE = "/m/{slug}/audit"
NAMES = ("who", "group", "case", "from", "to")
"""Filters by their names in the address."""
_HEAD = 64


@dataclass(frozen=True, slots=True)
class Chosen:
    """The filters as they stand in the address; empty where nothing is chosen."""

    slug: str
    said: Mapping[str, str] = field(default_factory=dict)

    def __getitem__(self, name: str) -> str:
        return self.said.get(name, "")

    @property
    def filtered(self) -> bool:
        return any(self[name] for name in NAMES)

    def path(self, **changed: str) -> str:
        said = {name: value for name, value in {**self.said, **changed}.items() if value}
        return links.audit(self.slug) + (f"?{urlencode(said)}" if said else "")


@dataclass(frozen=True, slots=True)
class Told:
    """One entry as the page tells it."""

    entry: AuditEntry
    sentence: str
    details: list[str]
    case: str
    """What its case goes by; empty where it is about no case."""
    link: str


@router.get(BASE)
def audit(visit: AtMerchant, session: Reader, before: Annotated[int | None, Query(ge=1)] = None) -> Response:
    query = visit.request.query_params
    said = {name: query.get(name, "").strip()[:120] for name in NAMES}
    chosen = Chosen(visit.merchant.slug, {name: text for name, text in said.items() if text and text.isprintable()})
    found = store_audit_read.page(session, visit.merchant.id, _wanted(visit, session, chosen), before=before)
    shown = found[:PAGE]
    return page(
        visit,
        "audit.html",
        nav="audit",
        here=links.audit(visit.merchant.slug),
        entries=_told(visit, session, shown),
        more=chosen.path(before=str(shown[-1].seq)) if len(found) > PAGE else None,
        first=before is None,
        chosen=chosen,
        length=store_audit_read.length(session, visit.merchant.id),
        people=store_audit_read.actors(session, visit.merchant.id),
        machines=audit_words.machines(),
        groups={name: say(title) for name, title in audit_words.GROUPS.items()},
    )


def _wanted(visit: Visit, session: Reader, chosen: Chosen) -> Wanted:
    group = chosen["group"]
    if group and group not in audit_words.GROUPS:
        raise Invalid(say("There is no such group of entries."))
    case = chosen["case"]
    return Wanted(
        actor=chosen["who"],
        actions=audit_words.of_group(group) if group else (),
        subjects=store_audit_read.cases_named(session, visit.merchant.id, case) if case else None,
        since=_begin(visit, chosen["from"]),
        until=_begin(visit, chosen["to"], days=1),
    )


def _begin(visit: Visit, typed: str, days: int = 0) -> datetime | None:
    """The beginning of a day in the merchant's zone."""
    if not typed:
        return None
    try:
        day = date.fromisoformat(typed) + timedelta(days=days)
        return utc(datetime.combine(day, time(), ZoneInfo(visit.merchant.zone)))
    except (ValueError, OverflowError):
        raise Invalid(say("That is no day. Choose one like 2026-11-22.")) from None


def _told(visit: Visit, session: Reader, entries: list[AuditEntry]) -> list[Told]:
    merchant_id = visit.merchant.id
    named = {each.actor for each in entries} | {each.subject for each in entries}
    named |= {
        value for each in entries for value in each.details.values() if isinstance(value, str) and len(value) < 41
    }
    names = store_audit_read.names(session, merchant_id, named)
    cases = store_audit_read.cases(session, merchant_id, {each.subject for each in entries})
    return [
        Told(
            entry=each,
            sentence=audit_words.sentence(each.action, audit_words.who(each.actor, names)),
            details=audit_words.Details(each, names).said(),
            case=cases.get(each.subject, ""),
            link=links.case(visit.merchant.slug, each.subject) if each.subject in cases else "",
        )
        for each in entries
    ]


# ---- checking ------------------------------------------------------------------------------------------------------


@router.get(BASE + "/check")
def check(visit: AtMerchant, session: Reader, head: Annotated[str, Query(max_length=200)] = "") -> Response:
    """Every entry's hash is computed anew; the head of the last digest, and one out of a mail, have to be in it."""
    head = "".join(head.split()).casefold()
    if head and (len(head) != _HEAD or set(head) - set("0123456789abcdef")):
        raise Invalid(say("A head is 64 signs of 0-9 and a-f, as the digest mail prints it."))
    digest = store_digest.last_digest(session, visit.merchant.id)
    named = digest.audit_head if digest else ""
    found = examine(
        store_audit_read.chain(session, visit.merchant.id), looked_for=[each for each in (named, head) if each]
    )
    length = store_audit_read.length(session, visit.merchant.id)
    return page(
        visit,
        "audit_check.html",
        nav="audit",
        here=links.audit(visit.merchant.slug),
        found=found,
        wrong=_wrong(found, length, store_audit.head_of(session, visit.merchant.id)),
        length=length,
        digest=digest,
        head=head,
    )


def _wrong(found: Examined, length: int, head: str) -> str:
    if found.wrong is not None:
        return told(found.wrong)
    if found.entries < length:
        missing = length - found.entries
        words = say_many("the last entry is missing", "the last %(n)s entries are missing", missing)
        return words % {"n": missing}
    return say("its last entry is not the one that was written last") if found.head != head else ""


# ---- export --------------------------------------------------------------------------------------------------------


@router.post(BASE + "/export", dependencies=[needs(Right.EXPORT)])
def export(visit: AtMerchant, form: PostedForm, session: Writer) -> Response:
    """The whole chain as JSON Lines; `counterproof verify` checks it anywhere."""
    visit.demand(session, Right.EXPORT)
    merchant = visit.merchant
    record(session, merchant.id, at=visit.now, actor=visit.by, action="audit_exported", subject=merchant.id)
    length = store_audit_read.length(session, merchant.id)
    name = f"audit-{merchant.slug}-{local_day(visit.now, merchant.zone).isoformat()}.jsonl"
    return StreamingResponse(
        _lines(visit.runtime, merchant.id, length),
        media_type="application/x-ndjson",
        headers={"content-disposition": f'attachment; filename="{name}"'},
    )


def _lines(runtime: Runtime, merchant_id: str, length: int) -> Iterator[bytes]:
    """After the request's own transaction, piece by piece, so that a slow reader holds none open."""
    step = 2000
    for start in range(0, length, step):
        with runtime.database.reading() as session:
            piece = list(store_audit_read.chain(session, merchant_id, after=start, until=min(start + step, length)))
        yield b"".join(line(each) for each in piece)


def line(entry: Mapping[str, Any]) -> bytes:
    return (json.dumps(entry, sort_keys=True) + "\n").encode()
