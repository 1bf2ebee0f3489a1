"""What of the shop's policies a bank would be shown about a claim, and which words of each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from disputes.facts import Policy, PolicyKind, ProductType
from disputes.knowledge import playbook
from evidence.clauses import lines_of
from evidence.policies import in_force
from evidence.sale import Sale

CLAIMS = {
    "not_received": "not_received",
    "not_as_described": "not_as_described",
    "credit_not_processed": "credit_not_processed",
    "canceled": "canceled",
    "subscription_canceled": "subscription",
    "duplicate": "duplicate",
    "fraudulent": "fraud_cnp",
}
"""Claim -> its playbook, where nobody has named a network's code."""

_SHOW: dict[str, tuple[PolicyKind, ...]] = {
    "return_policy": ("return", "refund"),
    "refund_policy_disclosure": ("return", "refund"),
    "cancellation_policy": ("cancellation",),
    "cancellation_policy_disclosure": ("cancellation",),
    "shipping_policy": ("shipping",),
}
"""Evidence item -> the policies it is found in."""
_WHERE_SHOWN = frozenset({"refund_policy_disclosure", "cancellation_policy_disclosure"})


@dataclass(frozen=True, slots=True)
class Quoted:
    policy: Policy
    lines: tuple[tuple[str, bool], ...]
    """Its paragraphs, and whether each would be quoted."""
    items: tuple[str, ...]
    """Evidence items of the claim that it is shown for."""
    english: bool
    """A bank is shown no policy in another language."""
    tells_where: bool
    """False where an item asks for the place the customer saw it at, and nobody said it."""

    @property
    def shown(self) -> bool:
        return bool(self.items) and self.english


def quoted(policies: Iterable[Policy], *, claim: str, product_type: ProductType, day: date) -> tuple[Quoted, ...]:
    """Every policy in force on the day, those that the claim asks for first. `claim` is one of CLAIMS."""
    asked = playbook(CLAIMS[claim]).weights(product_type)
    found = [_quoted(policy, asked) for policy in in_force(list(policies), day)]
    return tuple(sorted(found, key=lambda each: (not each.shown, each.policy.kind, each.policy.title)))


def _quoted(policy: Policy, asked: Iterable[str]) -> Quoted:
    items = tuple(item for item in asked if policy.kind in _SHOW.get(item, ()))
    tells = bool(policy.shown_where) or not _WHERE_SHOWN & set(items)
    return Quoted(policy, lines_of(policy), items, Sale.readable_policy(policy), tells)
