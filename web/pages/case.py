"""The case: facts, deadline, verdict with its reasons, checklist, evidence, letter, packet, and what can be done."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from disputes import links, store, store_case, store_evidence
from disputes.knowledge import evidence_items, sub_conditions
from disputes.ledger import balance
from disputes.lifecycle import GatewayStatus
from disputes.models import Dispute, Round
from disputes.money import Money
from disputes.store_audit import record
from evidence.assessment import Assessment
from scheduler.prepare import ask_for
from scheduler.requests import ROLES
from templates import asking
from web import case_view, words
from web.beside import others
from web.case_view import Case
from web.pages.letterhead import PRODUCT_TYPES, product_type
from web.pages.moments import day_and_hour
from web.timeline import timeline
from web.view import back_to, page
from web.visit import AtMerchant, Invalid, PostedForm, Reader, Visit, Writer

router = APIRouter()
BASE = "/m/{slug}/cases/{dispute_id}"
ANSWER_WITHIN = timedelta(days=4)
"""What somebody outside is given by default."""


@router.get(BASE)
def case(dispute_id: str, visit: AtMerchant, session: Reader) -> Response:
    found = case_view.read(session, visit, dispute_id)
    letter, edits = found.letter, found.edits
    return page(
        visit,
        "case.html",
        nav="queue",
        case=found,
        head=case_view.headline(found),
        facts=case_view.facts(found),
        timeline=timeline(found),
        others=others(found),
        due=found.dispute.due_at if found.dispute.status is GatewayStatus.NEEDS_RESPONSE else None,
        balance=balance(found.ledger),
        letter=letter,
        own=lambda sentence: edits.replaced.get(sentence, ""),
        replaced=sorted(edits.replaced.items()),
        standing={each.id for each in letter.sentences} if letter else set(),
        added="\n\n".join(edits.added),
        untranslated=found.untranslated,
        money=lambda minor, currency: str(Money(minor, currency)),
        here=links.case(visit.merchant.slug, dispute_id),
        words=words,
        product_types=PRODUCT_TYPES,
        all_items=sorted(evidence_items().values(), key=lambda info: info.label),
        conditions=sub_conditions(found.dispute.network, found.dispute.reason_code),
        **_asking(found),
    )


def _asking(found: Case) -> dict[str, Any]:
    """What the form needs by which somebody outside is asked; what is missing in this case comes first."""
    labels = {name: info.label for name, info in evidence_items().items()}
    missing = [line.item for line in found.assessment.missing] if found.assessment else []
    order = [*missing, *sorted(labels, key=lambda name: labels[name])]
    askable = [each for each in dict.fromkeys(order) if each in asking.askable()]
    soon = found.visit.now + ANSWER_WITHIN
    end = min(soon, found.act.machine_until) if found.act.machine_until else soon
    return {
        "askable_items": [("", "Choose …"), *((name, labels[name]) for name in askable)],
        "item_label": lambda name: labels.get(name, name),
        "roles": ROLES,
        "languages": asking.languages(),
        "ask_by": day_and_hour(end, found.visit.merchant.zone)[0],
    }


@router.get(BASE + "/progress")
def progress(dispute_id: str, visit: AtMerchant, session: Reader, mark: str = "") -> Response:
    """Asked by the page every second while something is under way: nothing new, or "load yourself again"."""
    found = case_view.read(session, visit, dispute_id)
    if found.state_mark == mark and found.moving:
        return Response(status_code=204)
    return Response(status_code=200, headers={"HX-Refresh": "true"})


def change(visit: Visit, session: Writer, dispute_id: str) -> tuple[Dispute, Round]:
    """The case and its round, for a change of what the answer rests on; refused once it is being filed."""
    dispute = store.dispute_of(session, visit.merchant.id, dispute_id)
    current = store.current_round(session, dispute)
    if current is None or not case_view.editable(dispute, current):
        raise Invalid("This case is being filed, was filed or asks for no answer: its answer can no longer be changed.")
    return dispute, current


def rebuild(visit: Visit, session: Writer, dispute: Dispute, current: Round, *, fetch: bool = False) -> None:
    """Void what stood and have it built anew; both commit together."""
    store_case.void_response(session, dispute, current, visit.now, visit.merchant.cut_off_hours)
    ask_for(visit.runtime, session, current, fetch=fetch)


@router.post(BASE + "/gather")
def gather_again(dispute_id: str, visit: AtMerchant, form: PostedForm, session: Writer) -> Response:
    dispute, current = change(visit, session, dispute_id)
    rebuild(visit, session, dispute, current, fetch=True)
    return back_to(links.case(visit.merchant.slug, dispute_id), "gathering")


@router.post(BASE + "/claim")
def say_claim(dispute_id: str, visit: AtMerchant, form: PostedForm, session: Writer) -> Response:
    """What a lossy code stands for here, and what kind of product it was."""
    dispute, current = change(visit, session, dispute_id)
    condition = form.line("sub_condition", 60) or None
    known = {each.key for each in sub_conditions(dispute.network, dispute.reason_code)}
    if condition is not None and condition not in known:
        raise Invalid("That claim does not belong to this reason code.")
    dispute.sub_condition, dispute.product_type = condition, product_type(form.line("product_type", 20))
    _note(visit, session, dispute, "claim_said", {"sub_condition": condition, "product_type": dispute.product_type})
    rebuild(visit, session, dispute, current)
    return back_to(links.case(visit.merchant.slug, dispute_id), "claim_saved")


@router.post(BASE + "/checklist/{item}/waive")
def waive(dispute_id: str, item: str, visit: AtMerchant, form: PostedForm, session: Writer) -> Response:
    dispute, current = change(visit, session, dispute_id)
    _known(item)
    note = form.line("why", 500)
    store_evidence.mark(session, dispute, item, "waived", said_by=visit.by, now=visit.now, note=note)
    _note(visit, session, dispute, "waived", {"item": item})
    rebuild(visit, session, dispute, current)
    return back_to(links.case(visit.merchant.slug, dispute_id), "waived", "checklist")


@router.post(BASE + "/checklist/{item}/unwaive")
def unwaive(dispute_id: str, item: str, visit: AtMerchant, form: PostedForm, session: Writer) -> Response:
    dispute, current = change(visit, session, dispute_id)
    _known(item)
    store_evidence.unmark(session, dispute, item)
    _note(visit, session, dispute, "unwaived", {"item": item})
    rebuild(visit, session, dispute, current)
    return back_to(links.case(visit.merchant.slug, dispute_id), "unwaived", "checklist")


@router.post(BASE + "/contradictions")
def read_contradictions(dispute_id: str, visit: AtMerchant, form: PostedForm, session: Writer) -> Response:
    dispute, current = change(visit, session, dispute_id)
    found = Assessment.model_validate(current.assessment).contradictions if current.assessment else ()
    dispute.contradictions_read = sorted({each.id for each in found})
    _note(visit, session, dispute, "contradictions_read", {"ids": dispute.contradictions_read})
    store.save(session, dispute, visit.now, visit.merchant.cut_off_hours)
    rebuild(visit, session, dispute, current)
    return back_to(links.case(visit.merchant.slug, dispute_id), "read", "verdict")


def _known(item: str) -> None:
    if item not in evidence_items():
        raise Invalid("The checklist has no such item.")


def _note(visit: Visit, session: Writer, dispute: Dispute, action: str, details: dict[str, object]) -> None:
    record(session, visit.merchant.id, at=visit.now, actor=visit.by, action=action, subject=dispute.id, details=details)
