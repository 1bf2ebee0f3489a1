"""Links that let somebody in, by mail: an invitation to a team, a new password."""

from __future__ import annotations

from datetime import timedelta

from sqlmodel import Session

from disputes import links, store_access, store_mail, store_people, store_team
from disputes.clock import Clock
from disputes.models import Invitation, Merchant, Person
from disputes.roles import Role
from disputes.signed_token import new_token
from scheduler.runtime import Runtime
from templates import render
from templates.language import instant_words, say, speaking

INVITED, RESET = "invitation", "password reset"
INVITATION_LASTS = timedelta(days=7)
RESET_LASTS = timedelta(hours=1)


def invite(runtime: Runtime, session: Session, merchant: Merchant, *, email: str, role: Role, by: Person) -> str:
    """Ask somebody in, and mail them. Gives the link. Raises Denied."""
    now = runtime.clock.now()
    token, hashed = new_token(runtime.vault, INVITED)
    made = store_team.invite(
        session, merchant.id, email=email, role=role, token_hash=hashed, by=by.id, now=now,
        expires_at=now + INVITATION_LASTS,
    )  # fmt: skip
    link = runtime.public_url + links.invited(token)
    with speaking(merchant.language):
        _mail_invitation(runtime, session, merchant, made, by, link)
    return link


def _mail_invitation(
    runtime: Runtime, session: Session, merchant: Merchant, made: Invitation, by: Person, link: str
) -> None:
    names = {"name": by.name, "shop": merchant.name, "until": instant_words(made.expires_at, merchant.zone)}
    _mail(
        session,
        merchant.id,
        kind="invited",
        dedupe=f"invited:{made.token_hash[:32]}",
        recipient=made.email,
        title=say("%(name)s invites you to %(shop)s") % names,
        lines=[
            say("%(name)s invites you to work on the payment disputes of %(shop)s, in Counterproof.") % names,
            say("The link works once, until %(until)s.") % names,
        ],
        link=link,
        label=say("Join"),
        foot=say("If you do not know %(name)s or %(shop)s, do nothing: without this link nobody joins.") % names,
        clock=runtime.clock,
    )


def reset_link(runtime: Runtime, session: Session, person: Person) -> str:
    """A link to a new password, good for an hour; an earlier one stops working."""
    now = runtime.clock.now()
    token, hashed = new_token(runtime.vault, RESET)
    store_access.ask_reset(session, person.id, hashed, now, now + RESET_LASTS)
    return runtime.public_url + links.reset(token)


def mail_reset(runtime: Runtime, session: Session, person: Person, language: str) -> None:
    """Mail the link; `language` where the person chose none. Who belongs to no shop has nothing to sign in for."""
    merchants = store_people.merchants_of(session, person.id)
    if not merchants:
        return
    link = reset_link(runtime, session, person)
    with speaking(person.language or language):
        _mail(
            session,
            merchants[0].id,
            kind="reset",
            dedupe=f"reset:{link.rpartition('.')[2]}",
            recipient=person.email,
            title=say("A new password for Counterproof"),
            lines=[
                say("Somebody, probably you, asked for a new password for %(email)s.") % {"email": person.email},
                say("The link works once, for an hour. Your second factor stays as it is."),
            ],
            link=link,
            label=say("Choose a new password"),
            foot=say("If it was not you, do nothing: your password stays as it is."),
            clock=runtime.clock,
        )


def _mail(
    session: Session, merchant_id: str, *, kind: str, dedupe: str, recipient: str, title: str, lines: list[str],
    link: str, label: str, foot: str, clock: Clock,
) -> None:  # fmt: skip
    title = " ".join(title.split())
    context = {"title": title, "lines": lines, "link": link, "label": label, "foot": foot}
    store_mail.put(
        session,
        merchant_id=merchant_id,
        kind=kind,
        dedupe=dedupe,
        recipient=recipient,
        subject=title,
        text=render.text("email/access.txt", **context),
        html=render.html("email/access.html", **context),
        now=clock.now(),
    )
