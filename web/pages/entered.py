"""What a processor without an API says about a case later: a deadline moved, another question, how it ended."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time

from fastapi import APIRouter
from starlette.responses import Response

from disputes import links, store
from disputes.lifecycle import GatewayStatus
from disputes.models import Dispute
from disputes.phrases import phrase
from disputes.roles import Right
from disputes.store import NotFound
from disputes.submission import Refused
from scheduler import entering
from templates.language import marked as _
from templates.language import say, told
from web import case_view, words
from web.case_view import Case
from web.pages.case import BASE
from web.pages.moments import day_and_hour, moment
from web.view import back_to, page
from web.visit import AtMerchant, Invalid, Posted, PostedForm, Reader, Visit, Writer, needs

router = APIRouter()
OUTCOMES = {
    GatewayStatus.WON: _("Won: the money stays or comes back"),
    GatewayStatus.LOST: _("Lost: the customer keeps the money"),
    GatewayStatus.ACCEPTED: _("Accepted: you gave it up"),
    GatewayStatus.WITHDRAWN: _("Withdrawn: the customer or the bank took it back"),
    GatewayStatus.EXPIRED: _("Expired: nothing was sent in time"),
    GatewayStatus.UNDER_REVIEW: _("Under review: answered, and not decided yet"),
}
_REASON = 500


@router.get(BASE + "/entered", dependencies=[needs(Right.WORK)])
def entered(dispute_id: str, visit: AtMerchant, session: Reader) -> Response:
    return _page(_manual_case(session, visit, dispute_id))


def _manual_case(session: Reader, visit: Visit, dispute_id: str) -> Case:
    case = case_view.read(session, visit, dispute_id)
    if not case.manual:
        raise NotFound("what this gateway says is read from it")
    return case


def _page(
    case: Case, *, wrong: str = "", at: str = "", typed: Callable[[str], str] = lambda _name: "", status: int = 200
) -> Response:
    """`at`: which of the forms (deadline, again, outcome) is shown again with what was `typed`."""
    asks = case.dispute.status is GatewayStatus.NEEDS_RESPONSE
    due = case.dispute.due_at if asks else None
    day, hour = day_and_hour(due, case.visit.merchant.zone) if due else ("", "")
    return page(
        case.visit, "entered.html", status=status, nav="queue", case=case, head=case_view.headline(case),
        here=links.case(case.visit.merchant.slug, case.dispute.id), asks=asks, due_day=day, due_time=hour,
        outcomes=[(state.value, say(name)) for state, name in OUTCOMES.items()], wrong=wrong, at=at, typed=typed,
        said=words.status(case.dispute.gateway_status), why=case.dispute.raw.get("outcome_reason", ""),
    )  # fmt: skip


@router.post(BASE + "/entered/deadline", dependencies=[needs(Right.WORK)])
def move_deadline(dispute_id: str, visit: AtMerchant, form: PostedForm) -> Response:
    def change(session: Writer, dispute: Dispute) -> None:
        if dispute.status is not GatewayStatus.NEEDS_RESPONSE:
            raise Invalid(phrase("No answer is asked for now, so there is no deadline to move."))
        entering.move_deadline(visit.runtime, session, dispute, due_at=_due(form, visit, dispute), by=visit.by)

    return _changed(visit, dispute_id, form, "deadline", change)


@router.post(BASE + "/entered/again", dependencies=[needs(Right.WORK)])
def asks_again(dispute_id: str, visit: AtMerchant, form: PostedForm) -> Response:
    """A new round with a deadline of its own; a question that is still open has only a deadline to move."""

    def change(session: Writer, dispute: Dispute) -> None:
        if dispute.status is GatewayStatus.NEEDS_RESPONSE:
            raise Invalid(phrase("An answer is asked for already. Move its deadline, or mark it as filed first."))
        entering.ask_again(visit.runtime, session, dispute, due_at=_due(form, visit, dispute), by=visit.by)

    return _changed(visit, dispute_id, form, "again", change)


@router.post(BASE + "/entered/outcome", dependencies=[needs(Right.WORK)])
def outcome(dispute_id: str, visit: AtMerchant, form: PostedForm) -> Response:
    def change(session: Writer, dispute: Dispute) -> None:
        state, reason = form.line("state", 20), form.line("reason", _REASON)
        if state not in [each.value for each in OUTCOMES]:
            raise Invalid(phrase("Say how it stands or ended."))
        entering.outcome(visit.runtime, session, dispute, state=GatewayStatus(state), reason=reason, by=visit.by)

    return _changed(visit, dispute_id, form, "outcome", change)


def _due(form: Posted, visit: Visit, dispute: Dispute) -> datetime:
    due = moment(form, "due", phrase("Deadline"), visit.merchant.zone, at=time(23, 59))
    if due <= dispute.opened_at:
        raise Invalid(phrase("The deadline lies before the day on which the dispute was opened."))
    return due


def _changed(
    visit: Visit, dispute_id: str, form: Posted, at: str, change: Callable[[Writer, Dispute], None]
) -> Response:
    """In a transaction of its own, so that a refusal leaves nothing behind and shows the form again."""
    with visit.runtime.database.reading() as session:
        _manual_case(session, visit, dispute_id)
    try:
        with visit.runtime.database.writing() as session:
            change(session, store.dispute_of(session, visit.merchant.id, dispute_id))
    except (Invalid, Refused) as error:
        with visit.runtime.database.reading() as session:
            case = _manual_case(session, visit, dispute_id)
            return _page(case, wrong=told(error.args[0]), at=at, typed=form.again, status=422)
    return back_to(links.case(visit.merchant.slug, dispute_id), f"entered_{at}")
