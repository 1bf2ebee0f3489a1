"""The customer may be right: named rules, checked first and shown first, each with its source and what it found.

A finding holds the case for a person, unless all of the money had gone back before the dispute: then the customer got
what they were right about. Where nothing in the records answers it, the verdict is to accept; never after a refund.
"""

from __future__ import annotations

from disputes.facts import Fact
from disputes.knowledge import customer_rules
from disputes.phrases import Phrase, joined, phrase
from evidence.credits import Credits
from evidence.customer import cancelled, charges, parcels, promised, returns, withdrawal
from evidence.customer.rule import Found, Rule
from evidence.passages import Passage, passage
from evidence.sale import Sale

RULES: tuple[Rule, ...] = (
    *promised.RULES,
    *returns.RULES,
    *parcels.RULES,
    *cancelled.RULES,
    *charges.RULES,
    *withdrawal.RULES,
)


class CustomerRight(Fact):
    """One thing the customer may be right about."""

    id: str
    title: str
    rule: str
    """The network's rule or the law it rests on."""
    sources: tuple[str, ...]
    checked: str
    meaning: str
    passages: tuple[Passage, ...]
    answer: Passage | None = None
    """What in the records answers it."""
    holds: bool = True
    accept: bool
    """Nothing answers it and it covers what is disputed: the verdict is to accept."""

    @property
    def words(self) -> Phrase:
        """Title, what was found and what answers it, in one line for the merchant."""
        found = joined((each.words for each in self.passages), "; ")
        told = joined((phrase(self.title), found), ": ")
        if not found.endswith((".", "!")):
            told = phrase("{sentence}.", sentence=told)
        return (
            phrase("{finding} Answered by: {answer}", finding=told, answer=self.answer.words) if self.answer else told
        )


def rule_ids() -> tuple[str, ...]:
    return tuple(each.id for each in RULES)


def customer_rights(sale: Sale, credits: Credits) -> tuple[CustomerRight, ...]:
    """Every finding, in the order of the rules."""
    return tuple(
        _finding(sale, credits, rule, found) for rule in RULES if (found := rule.find(sale, credits)) is not None
    )


def silenced(sale: Sale, credits: Credits) -> frozenset[str]:
    """Facts no sentence may use: a finding says otherwise."""
    facts: set[str] = set()
    for rule in RULES:
        found = rule.find(sale, credits)
        if found is not None:
            facts.update(rule.silences if found.answer else (*rule.silences, *rule.silences_open))
    return frozenset(facts)


def _finding(sale: Sale, credits: Credits, rule: Rule, found: Found) -> CustomerRight:
    known = customer_rules()[rule.id]
    answer = found.answer or _settled(sale, credits)
    concerned = rule.claims is None or sale.reason.claim in rule.claims or sale.reason.category in rule.claims
    return CustomerRight(
        id=rule.id,
        title=known.title,
        rule=found.law or known.rule,
        sources=found.sources or known.sources,
        checked=known.checked,
        meaning=known.meaning,
        passages=found.passages,
        answer=answer,
        holds=credits.covers != "all",
        accept=answer is None and found.whole and concerned and not credits.before,
    )


def _settled(sale: Sale, credits: Credits) -> Passage | None:
    """What answers everything: the money is back or on its way back, or the cardholder has withdrawn the dispute.

    Whoever accepts beside a refund pays twice, so a refund of any day and state keeps the verdict from accepting.
    """
    given = credits.before if credits.covers == "all" else (*credits.after, *credits.uncertain)
    if given:
        made = given[-1]
        named = {"amount": made.amount, "day": f"{made.created_at:%Y-%m-%d}", "refund": made.refund_id}
        if made.status == "succeeded":
            return passage(phrase("Refund of {amount} made on {day} ({refund})", **named), made)
        words = phrase("Refund of {amount} begun on {day}, {status} ({refund})", status=made.status, **named)
        return passage(words, made)
    letters = sale.documents("dispute_withdrawal_letter")
    return passage(phrase("The bank's letter: {title}", title=letters[0].title), letters[0]) if letters else None


__all__ = ["RULES", "CustomerRight", "customer_rights", "rule_ids", "silenced"]
