"""Visa Compelling Evidence 3.0: two earlier orders of the same card that share their marks with the disputed one.

Only for Visa 10.4. The choice is deterministic: of all pairs in the window the one that shares most, then the newest.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from disputes.facts import Fact
from disputes.knowledge import action_words, compelling_rule
from disputes.lifecycle import Kind
from disputes.phrases import Phrase, joined, phrase
from evidence.compelling.choice import Pair, candidates, chosen, not_shared
from evidence.compelling.fields import gateway_fields
from evidence.compelling.transaction import Transaction, disputed_transaction
from evidence.passages import Passage
from evidence.sale import Sale

Status = Literal["qualified", "requires_action", "not_qualified"]


class Lacking(Fact):
    """One thing that keeps it from qualifying."""

    action: str
    """Stripe's word for it."""
    words: Phrase


class Match(Fact):
    """A mark that all three payments share."""

    element: str
    label: str
    main: bool


class Earlier(Fact):
    """One of the two earlier payments."""

    payment_id: str
    order_ref: str | None = None
    days_before: int
    description: str | None = None
    shown: Passage


class CompellingEvidence(Fact):
    status: Status
    words: Phrase
    prior: tuple[Earlier, ...] = ()
    matches: tuple[Match, ...] = ()
    lacking: tuple[Lacking, ...] = ()
    description: str | None = None
    """What was sold in the disputed payment."""
    in_window: int = 0
    """Earlier payments of the card that lie in the window and were never contested."""
    gateway_status: str | None = None
    """What the gateway itself says, by its own word."""
    gateway_asks: tuple[Lacking, ...] = ()
    fields: dict[str, str] = Field(default_factory=dict)
    """Stripe's structure under flat names; empty unless qualified, and at gateways without such a structure."""

    @property
    def qualified(self) -> bool:
        return self.status == "qualified"

    @property
    def sent(self) -> bool:
        """It goes to the network as such, not only as part of the packet."""
        return bool(self.fields)


def compelling_evidence(sale: Sale) -> CompellingEvidence | None:
    """None where the network has no such thing for this reason."""
    rule, claim = compelling_rule(), sale.claim
    applies = sale.reason.visa_ce3 and claim.kind is not Kind.ALERT and sale.payment is not None
    if not applies or sale.reason.network != rule.network:
        return None
    found = candidates(sale)
    pair = chosen(sale, found)
    asks = _lacking(*claim.compelling_actions)
    told = CompellingEvidence(
        status="not_qualified",
        words=Phrase(""),
        in_window=len(found),
        gateway_status=claim.compelling_status,
        gateway_asks=asks,
    )
    if pair is None:
        words = phrase(
            "Visa's rule for returning customers asks for two earlier payments of the same card, {first_day} to "
            "{last_day} days before this one and never disputed. On record: {number}.",
            first_day=rule.first_day,
            last_day=rule.last_day,
            number=len(found),
        )
        lacks = _lacking("missing_prior_undisputed_transactions")
        return told.model_copy(update={"words": words, "lacking": lacks})
    return told.model_copy(update=_judged(sale, pair))


def _lacking(*actions: str) -> tuple[Lacking, ...]:
    return tuple(Lacking(action=each, words=action_words(each)) for each in actions)


def _judged(sale: Sale, pair: Pair) -> dict[str, object]:
    disputed, at_stripe = disputed_transaction(sale), sale.claim.gateway == "stripe"
    different = not_shared(disputed, pair.prior)
    lacks = []
    if not pair.enough:
        lacks.append("missing_customer_identifiers")
    if not disputed.described:
        lacks.append("missing_disputed_transaction_description")
    if not all(each.described for each in pair.prior):
        lacks.append("missing_prior_undisputed_transaction_description")
    status: Status = "requires_action" if lacks else "qualified"
    if not pair.enough and different.hopeless:
        status = "not_qualified"
    labels = dict.fromkeys(each.label for each in pair.matched)
    shared = joined(map(phrase, labels), ", ") if labels else phrase("nothing")
    words = {
        "qualified": phrase(
            "Two earlier undisputed orders share with this one: {shared}. By Visa's rule that answers a claim of "
            "fraud, so it counts more than any other proof.",
            shared=shared,
        ),
        "requires_action": phrase(
            "Two earlier undisputed orders lie in the window and share with this one: {shared}. Something is still "
            "missing.",
            shared=shared,
        ),
        "not_qualified": phrase(
            "Two earlier undisputed orders lie in the window, but they were made with other marks ({different}); they "
            "share with this one: {shared}.",
            different=different.words,
            shared=shared,
        ),
    }[status]
    return {
        "status": status,
        "words": words,
        "prior": tuple(_earlier(disputed, each) for each in pair.prior),
        "matches": tuple(Match(element=each.element, label=each.label, main=each.main) for each in pair.matched),
        "lacking": _lacking(*lacks),
        "description": disputed.description,
        "fields": gateway_fields(sale, disputed, pair) if status == "qualified" and at_stripe else {},
    }


def _earlier(disputed: Transaction, prior: Transaction) -> Earlier:
    return Earlier(
        payment_id=prior.payment_id,
        order_ref=prior.order_ref,
        days_before=(disputed.at - prior.at).days,
        description=prior.description,
        shown=prior.shown,
    )


__all__ = ["CompellingEvidence", "Earlier", "Lacking", "Match", "compelling_evidence"]
