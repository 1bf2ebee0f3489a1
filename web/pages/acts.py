"""What a gateway offers beside the answer: accept, write, offer, escalate ... Each by a person, with a confirm."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import APIRouter
from starlette.responses import Response

from disputes import links, store, store_work
from disputes.acts import ANSWERS, Offered, lane_of
from disputes.knowledge.acts import ActField, ActForm, act_form
from disputes.phrases import phrase, said_by
from disputes.roles import Right
from disputes.store import NotFound
from disputes.submission import Refused
from scheduler import asking
from templates.language import say, told
from web import case_view, words
from web.case_view import Case
from web.pages.case import BASE
from web.view import back_to, page
from web.visit import AtMerchant, Invalid, Posted, PostedForm, Reader, Visit, needs

router = APIRouter()


@router.get(BASE + "/acts/{act}", dependencies=[needs(Right.ACCEPT)])
def act_page(dispute_id: str, act: str, visit: AtMerchant, session: Reader) -> Response:
    return _page(case_view.read(session, visit, dispute_id), act)


@router.get(BASE + "/accept", dependencies=[needs(Right.ACCEPT)])
def accept_page(dispute_id: str, visit: AtMerchant, session: Reader) -> Response:
    return act_page(dispute_id, "accept", visit, session)


def _page(
    case: Case, act: str, *, wrong: str = "", typed: Callable[[str], str] = lambda _name: "", status: int = 200
) -> Response:
    offer, form = _offered(case, act)
    if form is None and offer is None:
        raise NotFound(f"no act {act}")
    return page(
        case.visit,
        "act.html",
        status=status,
        nav="queue",
        case=case,
        head=case_view.headline(case),
        here=links.case(case.visit.merchant.slug, case.dispute.id),
        act=act,
        form=form,
        title=told(form.title) if form else words.plain(act),
        options=lambda field: [(value, words.option(value)) for value in _allowed(offer, field)],
        why_not=_why_not(case, act, offer, form),
        wrong=wrong,
        typed=typed,
    )


def _offered(case: Case, act: str) -> tuple[Offered | None, ActForm | None]:
    """What the gateway offers now and what is known of it; the answer itself has a page of its own."""
    offer = next((each for each in asking.offered(case.dispute) if each.act == act), None)
    return (None, None) if act in ANSWERS else (offer, act_form(case.dispute.gateway, act))


def _allowed(offer: Offered | None, field: ActField) -> tuple[str, ...]:
    return offer.options.get(field.name, ()) if offer else ()


def _why_not(case: Case, act: str, offer: Offered | None, form: ActForm | None) -> list[str]:
    """Why it cannot be done here now; the asking transaction decides again."""
    there = {"gateway": case.gateway_title}
    if offer is None:
        return [say("%(gateway)s does not offer this for the case now.") % there]
    if form is None or case.by_hand:
        return [say("The desk cannot do this over this connection. Do it on %(gateway)s's own page.") % there]
    found = list(case.holds)
    if (case.live if lane_of(act) == "answer" else case.beside) is not None:
        found.append(say("This case is being filed, was filed, or another act on it has not ended yet."))
    if case.current is None:
        found.append(
            say("%(gateway)s has asked for no answer in this case, so the desk keeps no round for it.") % there
        )
    empty = [field.label for field in form.fields if field.kind == "choice" and field.required]
    if any(not _allowed(offer, field) for field in form.fields if field.label in empty):
        found.append(say("%(gateway)s offers no choice here now. Do it on %(gateway)s's own page.") % there)
    return found


@router.post(BASE + "/acts/{act}", dependencies=[needs(Right.ACCEPT)])
def take_act(dispute_id: str, act: str, visit: AtMerchant, form: PostedForm) -> Response:
    """Asked for in a transaction of its own, so that a refusal leaves nothing behind and shows the form again."""
    try:
        attempt_id = _ask(visit, dispute_id, act, form)
    except (Invalid, Refused) as error:
        with visit.runtime.database.reading() as session:
            case = case_view.read(session, visit, dispute_id)
            status = 422 if isinstance(error, Invalid) else 409
            return _page(case, act, wrong=told(said_by(error)), typed=form.again, status=status)
    path = f"{links.case(visit.merchant.slug, dispute_id)}/attempts/{attempt_id}"
    return back_to(path, "accept_asked" if act == "accept" else "act_asked")


@router.post(BASE + "/accept", dependencies=[needs(Right.ACCEPT)])
def accept(dispute_id: str, visit: AtMerchant, form: PostedForm) -> Response:
    return take_act(dispute_id, "accept", visit, form)


def _ask(visit: Visit, dispute_id: str, act: str, form: Posted) -> str:
    with visit.runtime.database.writing() as session:
        dispute = store.dispute_of(session, visit.merchant.id, dispute_id)
        known = act_form(dispute.gateway, act)
        if known is None or act in ANSWERS:
            raise Refused(phrase("The desk cannot do this at this gateway. Do it on the gateway's own page."))
        given = {field.name: _given(form, field) for field in known.fields}
        if not form.ticked("understood"):
            raise Invalid(phrase("Tick that you have read what this does."))
        store_work.acted(session, dispute, visit.by, visit.now)
        attempt = asking.ask(visit.runtime, session, dispute, act=act, given=given, by=visit.by)
        return attempt.id


def _given(form: Posted, field: ActField) -> str:
    return form.text(field.name) if field.kind == "text" else form.line(field.name, 60)
