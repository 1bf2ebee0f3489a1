"""What the customer may be right about: each rule's title, where it is from, and what it means for the merchant."""

from __future__ import annotations

from functools import cache

from disputes.facts import Fact
from disputes.knowledge.data import cited, load


class CustomerRule(Fact):
    right: str
    title: str
    rule: str
    """The network's rule or the law, in one line."""
    meaning: str
    sources: tuple[str, ...]
    checked: str


@cache
def customer_rules() -> dict[str, CustomerRule]:
    """All rules by id, in the order they are shown."""
    return {
        entry["right"]: CustomerRule(
            **{name: entry[name] for name in ("right", "title", "rule", "meaning", "checked")},
            sources=cited(entry["source"]),
        )
        for entry in load("customer_rights")["rights"]
    }
