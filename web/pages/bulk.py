"""Several cases at once: giving them to a person, and approving them after a summary of what will be filed."""

from __future__ import annotations

from dataclasses import dataclass, field

from fastapi import APIRouter
from starlette.responses import Response

from disputes import links, store_queue, store_work, submission
from disputes.models import Dispute
from disputes.money import Money, totals
from disputes.phrases import said_by
from disputes.roles import Right
from disputes.store_queue import NOBODY, PAGE
from scheduler import respond
from templates.language import say, told
from web import case_view
from web.approval import why_not
from web.case_view import Case
from web.view import back_to, page
from web.visit import AtMerchant, Invalid, Posted, PostedForm, Reader, Visit, Writer, needs

router = APIRouter()
BASE = "/m/{slug}/bulk"


def _chosen(visit: Visit, session: Reader, form: Posted) -> list[Dispute]:
    ids = list(dict.fromkeys(form.all("case")))
    if not ids:
        raise Invalid(say("No case is ticked. Tick the cases that you mean."))
    if len(ids) > PAGE:
        raise Invalid(say("At most %(n)s cases at once.") % {"n": PAGE})
    found = store_queue.chosen(session, visit.merchant.id, ids)
    if len(found) != len(ids):
        raise Invalid(say("One of the ticked cases is not there. Load the queue again and tick anew."))
    return found


def _back(visit: Visit, form: Posted) -> str:
    """To the queue as it was looked at; only an address of this shop's queue is followed."""
    queue, said = links.queue(visit.merchant.slug), form.line("back", 600)
    return said if said == queue or said.startswith(queue + "?") else queue


@router.post(BASE + "/assign", dependencies=[needs(Right.WORK)])
def assign(visit: AtMerchant, form: PostedForm, session: Writer) -> Response:
    whom = form.line("whom", 40)
    if not whom:
        raise Invalid(say("Choose who the cases go to."))
    person = {"me": visit.by, NOBODY: None}.get(whom, whom)
    ids = [dispute.id for dispute in _chosen(visit, session, form)]
    store_work.assign(session, visit.merchant.id, ids, person, by=visit.by, now=visit.now)
    path = _back(visit, form)
    return back_to(path, "given_back" if person is None else "assigned_many")


# ---- approving -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Ready:
    """One case as the summary shows it."""

    case: Case
    link: str
    sha256: str
    fields: int
    files: int
    pages: int
    size: int
    """Bytes of all files."""
    appeal: bool


@dataclass(slots=True)
class Summary:
    ready: list[Ready] = field(default_factory=list)
    not_ready: list[tuple[Case, str, list[str]]] = field(default_factory=list)
    """The case, its page, and why it cannot be approved now."""

    @property
    def amounts(self) -> list[Money]:
        return totals(each.case.dispute.amount for each in self.ready)


def summary_of(visit: Visit, session: Reader, disputes: list[Dispute]) -> Summary:
    found = Summary()
    for dispute in disputes:
        case = case_view.read(session, visit, dispute.id)
        link = links.case(visit.merchant.slug, dispute.id)
        response = case.response
        if response is None or case.current is None or not case.approvable:
            found.not_ready.append((case, link, why_not(case) or [_by_hand()]))
            continue
        found.ready.append(
            Ready(
                case=case,
                link=link,
                sha256=case.current.response_sha256 or "",
                fields=len(response.fields),
                files=len(response.files),
                pages=sum(file.pages for file in response.files),
                size=sum(file.size for file in response.files),
                appeal=dispute.answer_act == "appeal",
            )
        )
    return found


def _by_hand() -> str:
    return say("The desk cannot file here: the answer is handed over as files and text.")


@router.post(BASE + "/approve", dependencies=[needs(Right.APPROVE)])
def summary(visit: AtMerchant, form: PostedForm, session: Reader) -> Response:
    """Nothing is changed by this: it shows what approving would file."""
    found = summary_of(visit, session, _chosen(visit, session, form))
    return page(visit, "bulk_approve.html", nav="queue", summary=found, back=_back(visit, form))


@dataclass(slots=True)
class Result:
    approved: list[tuple[Dispute, str]] = field(default_factory=list)
    refused: list[tuple[Dispute, str, str]] = field(default_factory=list)
    """The case, its page, and why."""


@router.post(BASE + "/approve/confirmed", dependencies=[needs(Right.APPROVE)])
def approve(visit: AtMerchant, form: PostedForm, session: Writer) -> Response:
    """Each with the hash that the summary showed; one that changed is refused, the others are approved."""
    result = Result()
    for dispute in _chosen(visit, session, form):
        link = links.case(visit.merchant.slug, dispute.id)
        case = case_view.read(session, visit, dispute.id)
        if reasons := why_not(case):
            result.refused.append((dispute, link, " ".join(reasons)))
            continue
        try:
            with session.begin_nested():
                store_work.acted(session, dispute, visit.by, visit.now)
                respond.approve(
                    visit.runtime,
                    session,
                    dispute,
                    act=dispute.answer_act,
                    response_sha256=form.line(f"response:{dispute.id}", 64) or "-",
                    by=visit.by,
                )
        except submission.Refused as refused:
            result.refused.append((dispute, link, told(said_by(refused))))
        else:
            result.approved.append((dispute, link))
    return page(visit, "bulk_approved.html", nav="queue", result=result, back=_back(visit, form))
