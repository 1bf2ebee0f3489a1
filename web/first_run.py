"""The checklist of a new shop: what is done, what is next, and where."""

from __future__ import annotations

from dataclasses import dataclass

from sqlmodel import Session

from disputes import links, store_welcome
from disputes.models import Merchant
from disputes.roles import Right
from templates.language import say
from web.visit import Visit

ALL = "all"


@dataclass(frozen=True, slots=True)
class Step:
    name: str
    title: str
    why: str
    link: str
    act: str
    """What the link says."""
    done: bool
    skipped: bool = False

    @property
    def over(self) -> bool:
        return self.done or self.skipped


@dataclass(frozen=True, slots=True)
class Checklist:
    steps: list[Step]

    @property
    def done(self) -> int:
        return sum(step.over for step in self.steps)

    @property
    def next(self) -> Step | None:
        return next((step for step in self.steps if not step.over), None)


def checklist(visit: Visit, session: Session) -> Checklist | None:
    """None where there is nothing to set up: the demo shop, a list that was ended, somebody who may not do it."""
    merchant = visit.merchant
    if merchant.is_demo or ALL in merchant.welcome or Right.SETTINGS not in visit.rights:
        return None
    found = Checklist(_steps(visit, session))
    return found if found.next else None


def _steps(visit: Visit, session: Session) -> list[Step]:
    merchant, slug = visit.merchant, visit.merchant.slug
    reached = store_welcome.reached(session, merchant.id)
    person = visit.visitor.person
    told = [
        Step(
            "gateway",
            say("Connect a payment account"),
            say("Stripe, PayPal or Square, with a key that can do no more than it has to. Disputes are read; nothing "
                "is filed without your approval. To look around first, stay on the demo shop: it has no real money."),
            links.connections(slug),
            say("Connect an account"),
            reached.gateway,
        ),
        Step(
            "sources",
            say("Connect what proves the sale"),
            say("The shop, the carrier, the mailbox or the help desk. Without them the desk knows what the gateway "
                "knows, and you upload the rest."),
            links.sources(slug),
            say("Connect a source"),
            reached.source,
        ),
        Step(
            "letterhead",
            say("Complete the letterhead"),
            say("The bank reads it on every answer: legal name, address and somebody to reach."),
            links.settings(slug),
            say("Open the settings"),
            _letterhead(merchant),
        ),
        Step(
            "digest",
            say("Say who gets the daily mail"),
            say("Deadlines reach people by mail every morning, in the shop's own time."),
            links.settings(slug) + "#digest",
            say("Open the settings"),
            bool(merchant.digest_recipients) and bool(visit.settings.smtp_host),
        ),
        Step(
            "second_factor",
            say("Protect your own sign-in"),
            say("Who signs in as you can file in the shop's name. A second factor or a passkey keeps others out."),
            "/account",
            say("Open your account"),
            person.totp_on_at is not None,
        ),
        Step(
            "answered",
            say("File your first answer"),
            say("Open a case that waits for approval, read its packet page by page, and approve it."),
            links.queue(slug),
            say("Open the queue"),
            reached.answered,
        ),
    ]  # fmt: skip
    return [_with_skipped(step, merchant) for step in told]


def _with_skipped(step: Step, merchant: Merchant) -> Step:
    skipped = step.name in merchant.welcome and not step.done
    return Step(step.name, step.title, step.why, step.link, step.act, step.done, skipped)


def _letterhead(merchant: Merchant) -> bool:
    return bool((merchant.legal_name or merchant.name) and merchant.address and merchant.contact)
