"""The case: facts, deadline, verdict with its reasons, checklist, evidence, letter, packet, and what can be done."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from disputes import links, store, store_case, store_evidence, store_work
from disputes.knowledge import evidence_items, sub_conditions
from disputes.models import Dispute, Round
from disputes.roles import Right
from disputes.store_audit import record
from evidence.assessment import Assessment
from scheduler.prepare import ask_for
from templates.language import say
from web import case_page, case_view, changes
from web.pages.letterhead import product_type
from web.view import back_to
from web.visit import AtMerchant, Invalid, PostedForm, Reader, Visit, Writer, needs

router = APIRouter()
BASE = "/m/{slug}/cases/{dispute_id}"


@router.get(BASE)
def case(dispute_id: str, visit: AtMerchant, session: Reader) -> Response:
    return case_page.show(session, case_view.read(session, visit, dispute_id))


@router.get(BASE + "/progress")
def progress(
    dispute_id: str,
    visit: AtMerchant,
    session: Reader,
    mark: str = "",
    seq: int | None = None,
    shape: str = "",
) -> Response:
    """Asked by the page now and then: nothing new, the parts that changed, or "load yourself again".

    `seq`: how far the page has seen the record of the case; without it the page only wants to be loaded again.
    """
    found = case_view.read(session, visit, dispute_id)
    same = found.state_mark == mark
    if seq is None:
        if same and found.moving:
            return Response(status_code=204)
        return Response(status_code=200, headers={"HX-Refresh": "true"})
    if same and changes.last_seq(found) == seq:
        return Response(status_code=204)
    if shape != case_page.shape(found):
        return Response(status_code=200, headers={"HX-Refresh": "true"})
    return case_page.follow(found, seq)


def change(visit: Visit, session: Writer, dispute_id: str) -> tuple[Dispute, Round]:
    """The case and its round, for a change of what the answer rests on; refused once it is being filed."""
    dispute = store.dispute_of(session, visit.merchant.id, dispute_id)
    current = store.current_round(session, dispute)
    if current is None or not case_view.editable(dispute, current):
        raise Invalid(
            say("This case is being filed, was filed or asks for no answer: its answer can no longer be changed.")
        )
    store_work.acted(session, dispute, visit.by, visit.now)
    return dispute, current


def rebuild(visit: Visit, session: Writer, dispute: Dispute, current: Round, *, fetch: bool = False) -> None:
    """Void what stood and have it built anew; both commit together."""
    store_case.void_response(session, dispute, current, visit.now, visit.merchant.cut_off_hours)
    ask_for(visit.runtime, session, current, fetch=fetch)


@router.post(BASE + "/gather", dependencies=[needs(Right.WORK)])
def gather_again(dispute_id: str, visit: AtMerchant, form: PostedForm, session: Writer) -> Response:
    dispute, current = change(visit, session, dispute_id)
    rebuild(visit, session, dispute, current, fetch=True)
    return back_to(links.case(visit.merchant.slug, dispute_id), "gathering")


@router.post(BASE + "/claim", dependencies=[needs(Right.WORK)])
def say_claim(dispute_id: str, visit: AtMerchant, form: PostedForm, session: Writer) -> Response:
    """What a lossy code stands for here, and what kind of product it was."""
    dispute, current = change(visit, session, dispute_id)
    condition = form.line("sub_condition", 60) or None
    known = {each.key for each in sub_conditions(dispute.network, dispute.reason_code)}
    if condition is not None and condition not in known:
        raise Invalid(say("That claim does not belong to this reason code."))
    dispute.sub_condition, dispute.product_type = condition, product_type(form.line("product_type", 20))
    note(visit, session, dispute, "claim_said", {"sub_condition": condition, "product_type": dispute.product_type})
    rebuild(visit, session, dispute, current)
    return back_to(links.case(visit.merchant.slug, dispute_id), "claim_saved")


@router.post(BASE + "/checklist/{item}/waive", dependencies=[needs(Right.WORK)])
def waive(dispute_id: str, item: str, visit: AtMerchant, form: PostedForm, session: Writer) -> Response:
    dispute, current = change(visit, session, dispute_id)
    _known(item)
    why = form.line("why", 500)
    store_evidence.mark(session, dispute, item, "waived", said_by=visit.by, now=visit.now, note=why)
    note(visit, session, dispute, "waived", {"item": item})
    rebuild(visit, session, dispute, current)
    return back_to(links.case(visit.merchant.slug, dispute_id), "waived", "checklist")


@router.post(BASE + "/checklist/{item}/unwaive", dependencies=[needs(Right.WORK)])
def unwaive(dispute_id: str, item: str, visit: AtMerchant, form: PostedForm, session: Writer) -> Response:
    dispute, current = change(visit, session, dispute_id)
    _known(item)
    store_evidence.unmark(session, dispute, item)
    note(visit, session, dispute, "unwaived", {"item": item})
    rebuild(visit, session, dispute, current)
    return back_to(links.case(visit.merchant.slug, dispute_id), "unwaived", "checklist")


@router.post(BASE + "/contradictions", dependencies=[needs(Right.WORK)])
def read_contradictions(dispute_id: str, visit: AtMerchant, form: PostedForm, session: Writer) -> Response:
    dispute, current = change(visit, session, dispute_id)
    found = Assessment.model_validate(current.assessment).contradictions if current.assessment else ()
    dispute.contradictions_read = sorted({each.id for each in found})
    note(visit, session, dispute, "contradictions_read", {"ids": dispute.contradictions_read})
    store.save(session, dispute, visit.now, visit.merchant.cut_off_hours)
    rebuild(visit, session, dispute, current)
    return back_to(links.case(visit.merchant.slug, dispute_id), "read", "verdict")


def _known(item: str) -> None:
    if item not in evidence_items():
        raise Invalid(say("The checklist has no such item."))


def note(visit: Visit, session: Writer, dispute: Dispute, action: str, details: dict[str, object]) -> None:
    """Into the audit chain: ids and hashes only."""
    record(session, visit.merchant.id, at=visit.now, actor=visit.by, action=action, subject=dispute.id, details=details)
