"""Credits first: what was already given back, when, and what is left to contest."""

from __future__ import annotations

from typing import Literal

from disputes.facts import Fact, Refund
from disputes.money import Money
from evidence.promises import Promise, promises
from evidence.sale import Sale

_DEAD = frozenset({"failed", "canceled", "cancelled"})


class Credits(Fact):
    before: tuple[Refund, ...] = ()
    """Made before the dispute was opened: the ground."""
    after: tuple[Refund, ...] = ()
    """Made or pending after it: the merchant may pay twice."""
    uncertain: tuple[Refund, ...] = ()
    """Begun before the dispute and not finished, or with a status or currency nobody can add up."""
    refunded_before: Money | None = None
    contested: Money
    """What is left to contest."""
    covers: Literal["nothing", "part", "all"] = "nothing"
    promised: tuple[Promise, ...] = ()
    """Promised in our own mail and not made."""

    @property
    def double_loss(self) -> bool:
        return bool(self.after)


def _made(refund: Refund) -> bool:
    return refund.status == "succeeded"


def _unkept(found: tuple[Promise, ...], refunds: tuple[Refund, ...]) -> tuple[Promise, ...]:
    """A promise is kept once a refund lives that is not older than the promise's own day, or covers it."""
    return tuple(
        each
        for each in found
        if not any(refund.status not in _DEAD and refund.created_at.date() >= each.at.date() for refund in refunds)
    )


def credits_of(sale: Sale) -> Credits:
    """Every refund of the payment, sorted by what it means for this dispute."""
    claim = sale.claim
    refunds = tuple(sorted(sale.payment.refunds, key=lambda each: each.created_at)) if sale.payment else ()
    live = [each for each in refunds if each.status not in _DEAD and each.amount.minor > 0]
    addable = [each for each in live if each.amount.currency == claim.amount.currency]
    before = tuple(each for each in addable if _made(each) and each.created_at < claim.opened_at)
    after = tuple(each for each in live if each.created_at >= claim.opened_at)
    uncertain = tuple(each for each in live if each not in before and each not in after)
    refunded = Money(sum(each.amount.minor for each in before), claim.amount.currency)
    contested = _left(sale, refunded)
    covers: Literal["nothing", "part", "all"] = "nothing"
    if before:
        covers = "all" if contested.minor == 0 else "part"
    return Credits(
        before=before,
        after=after,
        uncertain=uncertain,
        refunded_before=refunded if before else None,
        contested=contested,
        covers=covers,
        promised=_unkept(promises(sale.outgoing, claim.amount.currency), refunds),
    )


def _left(sale: Sale, refunded: Money) -> Money:
    """The disputed amount, but never more than the payment less what went back before."""
    disputed = sale.claim.amount
    paid = (sale.payment.captured or sale.payment.amount) if sale.payment else disputed
    if paid.currency != disputed.currency:
        paid = disputed
    rest = min(disputed.minor, paid.minor - refunded.minor)
    return Money(max(rest, 0), disputed.currency)
