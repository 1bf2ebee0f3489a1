"""The team of a shop: who is in it as what, and who is invited."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter
from sqlmodel import Session
from starlette.responses import Response

from disputes import links, store_team
from disputes.roles import GRANTED, Right, Role, rights_of
from disputes.store_team import TeamRefused
from scheduler import access
from templates.language import say
from web import role_words, throttle
from web.pages.letterhead import email_address
from web.throttle import Limit
from web.view import back_to, page
from web.visit import AtMerchant, Forbidden, Invalid, Posted, PostedForm, Reader, Visit, Writer, needs

router = APIRouter()
BASE = "/m/{slug}/team"


@router.get(BASE, dependencies=[needs(Right.SEE)])
def team(visit: AtMerchant, session: Reader) -> Response:
    return _page(visit, session)


def _page(
    visit: Visit,
    session: Session,
    *,
    wrong: str = "",
    typed: Callable[[str], str] = lambda _name: "",
    status: int = 200,
    **more: Any,
) -> Response:
    return page(
        visit,
        "team.html",
        status=status,
        **{
            "nav": "team",
            "here": links.team(visit.merchant.slug),
            "members": store_team.members(session, visit.merchant.id),
            "invitations": store_team.invitations(session, visit.merchant.id) if visit.may(Right.TEAM) else [],
            "roles": [(role, say(title), say(says)) for role, (title, says) in role_words.ROLES.items()],
            "role_title": _title,
            "rights": [(say(words), [right in rights_of(role) for role in Role]) for right, words in _rights()],
            "granted": [(right.value, say(role_words.GRANTED[right])) for right in GRANTED],
            "by_role": rights_of,
            "mails": visit.settings.smtp_host is not None,
            "link": "",
            "link_for": "",
            "wrong": wrong,
            "typed": typed,
            **more,
        },
    )


def _rights() -> list[tuple[Right, str]]:
    return [(right, role_words.RIGHTS[right]) for right in Right]


def _title(role: str) -> str:
    return say(role_words.ROLES[Role(role)][0]) if role in set(Role) else role


# ---- invitations ---------------------------------------------------------------------------------------------------


@router.post(BASE + "/invitations", dependencies=[needs(Right.TEAM)])
def invite(visit: AtMerchant, form: PostedForm) -> Response:
    try:
        email, role = email_address(form.line("email", 254)), _role(form)
        return _ask(visit, email, role)
    except Invalid as error:
        with visit.runtime.database.reading() as session:
            return _page(visit, session, wrong=str(error), typed=form.again, status=422)


def _role(form: Posted) -> Role:
    wanted = form.line("role", 20)
    if wanted not in set(Role):
        raise Invalid(say("Choose a role."))
    return Role(wanted)


def _ask(visit: Visit, email: str, role: Role) -> Response:
    """Mailed; where no mail server is set, the link is shown once, to be handed over."""
    with visit.runtime.database.writing() as session:
        if not throttle.take(session, _invitations(visit, email), visit.now):
            raise Invalid(say("Too many invitations today. Nothing was sent. Try again tomorrow."))
        if any(each.person.email == email for each in store_team.members(session, visit.merchant.id)):
            raise Invalid(say("%(email)s is in the team already. Nothing was sent.") % {"email": email})
        link = access.invite(visit.runtime, session, visit.merchant, email=email, role=role, by=visit.visitor.person)
    if visit.settings.smtp_host is not None:
        return back_to(links.team(visit.merchant.slug), "invited", "invited")
    with visit.runtime.database.reading() as session:
        return _page(visit, session, link=link, link_for=email)


def _invitations(visit: Visit, email: str) -> tuple[Limit, ...]:
    shop = visit.merchant.id
    return Limit(f"invite:{shop}", 50, throttle.DAY), Limit(f"invite:{shop} {email}", 5, throttle.DAY)


@router.post(BASE + "/invitations/{invitation}/resend", dependencies=[needs(Right.TEAM)])
def resend(invitation: str, visit: AtMerchant, form: PostedForm) -> Response:
    """A new link to the same address; the one before stops working."""
    with visit.runtime.database.reading() as session:
        found = store_team.invitation_of(session, visit.merchant.id, invitation)
    return _ask(visit, found.email, Role(found.role))


@router.post(BASE + "/invitations/{invitation}/withdraw", dependencies=[needs(Right.TEAM)])
def withdraw(invitation: str, visit: AtMerchant, form: PostedForm, session: Writer) -> Response:
    found = store_team.invitation_of(session, visit.merchant.id, invitation)
    store_team.withdraw(session, found, by=visit.by, now=visit.now)
    return back_to(links.team(visit.merchant.slug), "invitation_withdrawn", "invited")


# ---- members -------------------------------------------------------------------------------------------------------


@router.post(BASE + "/{person_id}", dependencies=[needs(Right.TEAM)])
def change(person_id: str, visit: AtMerchant, form: PostedForm, session: Writer) -> Response:
    try:
        store_team.change(
            session, visit.merchant.id, person_id, _role(form), form.all("right"), by=visit.by, now=visit.now
        )
    except TeamRefused as error:
        raise Forbidden(say(role_words.REFUSED[error.reason])) from error
    return back_to(links.team(visit.merchant.slug), "member_changed", person_id)


@router.get(BASE + "/{person_id}/remove", dependencies=[needs(Right.TEAM)])
def remove_page(person_id: str, visit: AtMerchant, session: Reader) -> Response:
    """Said plainly before it is done."""
    found = next((each for each in store_team.members(session, visit.merchant.id) if each.person.id == person_id), None)
    if found is None:
        raise Invalid(say("This person is not in the team any more."))
    here = links.team(visit.merchant.slug)
    return page(visit, "team_remove.html", nav="team", here=here, member=found, role=_title(found.membership.role))


@router.post(BASE + "/{person_id}/remove", dependencies=[needs(Right.TEAM)])
def remove(person_id: str, visit: AtMerchant, form: PostedForm, session: Writer) -> Response:
    try:
        store_team.remove(session, visit.merchant.id, person_id, by=visit.by, now=visit.now)
    except TeamRefused as error:
        raise Forbidden(say(role_words.REFUSED[error.reason])) from error
    if person_id == visit.by:
        return back_to("/", "left_team")
    return back_to(links.team(visit.merchant.slug), "member_removed")
