"""Approving, cancelling, settling what is unclear; and what was approved beside what the gateway holds."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from fastapi import APIRouter
from starlette.responses import RedirectResponse
from starlette.responses import Response as Answer

from disputes import links, store, store_case, store_work, submission
from disputes.acts import ANSWERS
from disputes.knowledge import text_limits
from disputes.knowledge.acts import act_form
from disputes.models import Attempt, Round
from disputes.phrases import phrase
from disputes.response import Response
from disputes.roles import Right
from scheduler import respond
from templates.language import say
from web import case_packet, case_view, words
from web.approval import READ_FIRST, why_not
from web.case_view import Case
from web.filed import compare
from web.pages.case import BASE
from web.view import back_to, page
from web.visit import AtMerchant, Invalid, PostedForm, Reader, Visit, Writer, needs

router = APIRouter()


@router.get(BASE + "/approve")
def approve_page(dispute_id: str, visit: AtMerchant, session: Reader) -> Answer:
    """Exactly what will be sent, its limits, the deadline, and that it cannot be taken back."""
    case = case_view.read(session, visit, dispute_id)
    if case.by_hand:
        return RedirectResponse(f"{links.case(visit.merchant.slug, dispute_id)}/hand-over", status_code=303)
    texts = text_limits(case.dispute.gateway)
    return page(
        visit,
        "approve.html",
        nav="queue",
        case=case,
        head=case_view.headline(case),
        response=case.response,
        packet=case.packet,
        pane=case_packet.pane(case),
        here=links.case(visit.merchant.slug, dispute_id),
        limits=case.limits,
        filing=say(words.FILING.get(case.dispute.gateway, "")),
        appeal=case.dispute.answer_act == "appeal",
        field_name=words.field_name,
        text_limit=texts.of,
        text_total=texts.total,
        pages=sum(file.pages for file in case.response.files) if case.response else 0,
        total_size=sum(file.size for file in case.response.files) if case.response else 0,
        letters=sum(len(value) for value in case.response.fields.values()) if case.response else 0,
        why_not=why_not(case),
    )


@router.post(BASE + "/approve", dependencies=[needs(Right.APPROVE)])
def approve(dispute_id: str, visit: AtMerchant, form: PostedForm, session: Writer) -> Answer:
    """The form carries the hash of the answer that was looked at; a changed one is refused."""
    case = case_view.read(session, visit, dispute_id)
    if case.reads_first:
        raise submission.Refused(phrase(READ_FIRST))
    shown = form.line("response", 64)
    if not shown:
        raise Invalid(say("The form does not say which answer was looked at."))
    store_work.acted(session, case.dispute, visit.by, visit.now)
    attempt = respond.approve(
        visit.runtime, session, case.dispute, act=case.dispute.answer_act, response_sha256=shown, by=visit.by
    )
    return back_to(_attempt_path(visit, dispute_id, attempt), "approved")


@router.post(BASE + "/attempts/{attempt_id}/cancel", dependencies=[needs(Right.APPROVE)])
def cancel(dispute_id: str, attempt_id: str, visit: AtMerchant, form: PostedForm, session: Writer) -> Answer:
    dispute = store.dispute_of(session, visit.merchant.id, dispute_id)
    attempt = store_case.attempt_of(session, dispute, attempt_id)
    store_work.acted(session, dispute, visit.by, visit.now)
    why = phrase("Cancelled by a person before anything was sent.")
    submission.cancel(session, attempt, by=visit.by, why=why, now=visit.now)
    return back_to(links.case(visit.merchant.slug, dispute_id), "cancelled")


@router.post(BASE + "/attempts/{attempt_id}/settle", dependencies=[needs(Right.FILE)])
def settle(dispute_id: str, attempt_id: str, visit: AtMerchant, form: PostedForm, session: Writer) -> Answer:
    """A person looked at the gateway and says what is there."""
    dispute = store.dispute_of(session, visit.merchant.id, dispute_id)
    attempt = store_case.attempt_of(session, dispute, attempt_id)
    seen = form.line("seen", 10)
    if seen not in ("filed", "not_filed"):
        raise Invalid(say("Say what you saw at the gateway: the answer is filed there, or it is not."))
    store_work.acted(session, dispute, visit.by, visit.now)
    submission.settle_unclear(session, attempt, filed=seen == "filed", by=visit.by, now=visit.now)
    return back_to(links.case(visit.merchant.slug, dispute_id), "settled")


# ---- approved beside read back -------------------------------------------------------------------------------------


@router.get(BASE + "/attempts/{attempt_id}")
def attempt_page(dispute_id: str, attempt_id: str, visit: AtMerchant, session: Reader) -> Answer:
    case = case_view.read(session, visit, dispute_id)
    attempt = store_case.attempt_of(session, case.dispute, attempt_id)
    response = store_case.response_of(session, attempt.response_sha256)
    fields, files = compare(response, attempt)
    return page(
        visit,
        "attempt.html",
        nav="queue",
        case=case,
        attempt=attempt,
        round=session.get_one(Round, attempt.round_id),
        here=links.case(visit.merchant.slug, dispute_id),
        fields=fields,
        files=files,
        same=bool(attempt.read_back) and all(pair.same for pair in (*fields, *files)),
        approver=case.who(attempt.approved_by),
        status_words=words.status(case.shown.value, by_hand=case.by_hand),
        act=words.act(attempt.act),
        answers=attempt.act in ANSWERS,
        handed=_handed(attempt),
        response=response,
        sent=_sent(case, attempt, response),
        field_name=words.field_name,
    )


def _handed(attempt: Attempt) -> dict[str, Any] | None:
    """What a person said about filing it: the instant, the note, the proof; None where the desk filed."""
    told = attempt.read_back
    if not told.get("by_hand"):
        return None
    return {**told, "filed_at": datetime.fromisoformat(told["filed_at"])}


def _sent(case: Case, attempt: Attempt, response: Response | None) -> list[tuple[str, str]]:
    """Label and words of an act beside the answer, as it was put into the gateway's fields."""
    form = act_form(case.dispute.gateway, attempt.act)
    known = {field.name: field for field in form.fields} if form else {}
    given = dict(response.fields) if response else {}
    order = list(known)
    rows: list[tuple[str, str]] = []
    for name, value in sorted(given.items(), key=lambda each: _place(order, each[0])):
        money, _, part = name.rpartition(".")
        if part == "currency_code":
            continue
        field = known.get(money if part == "value" else name)
        label = field.label if field else words.field_name(name)
        if part == "value":
            value = f"{value} {given.get(f'{money}.currency_code', '')}".strip()
        rows.append((label, words.option(value) if field and field.kind == "choice" else value))
    return rows


def _place(order: list[str], name: str) -> int:
    """Where the form has the field; an amount stands under its first part."""
    first = name.partition(".")[0]
    return order.index(first) if first in order else len(order)


@router.get(BASE + "/attempts/{attempt_id}/progress")
def attempt_progress(dispute_id: str, attempt_id: str, visit: AtMerchant, session: Reader, mark: str = "") -> Answer:
    dispute = store.dispute_of(session, visit.merchant.id, dispute_id)
    if store_case.attempt_of(session, dispute, attempt_id).state == mark:
        return Answer(status_code=204)
    return Answer(status_code=200, headers={"HX-Refresh": "true"})


def _attempt_path(visit: Visit, dispute_id: str, attempt: Attempt) -> str:
    return f"{links.case(visit.merchant.slug, dispute_id)}/attempts/{attempt.id}"
