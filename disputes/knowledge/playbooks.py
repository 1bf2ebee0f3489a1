"""Playbooks: which evidence a kind of claim asks for, by weight and product type."""

from __future__ import annotations

from functools import cache
from typing import Literal

from disputes.facts import Fact, ProductType
from disputes.knowledge.data import cited, load

Weight = Literal["required", "strong", "helpful"]
WEIGHTS: tuple[Weight, ...] = ("required", "strong", "helpful")


class Playbook(Fact):
    """Item ids under "any" count for every product type."""

    key: str
    required: dict[str, tuple[str, ...]]
    strong: dict[str, tuple[str, ...]]
    helpful: dict[str, tuple[str, ...]]
    required_any_of: tuple[tuple[str, ...], ...]
    """Of each group at least one item must be present."""
    decisive: tuple[str, ...]
    """Each settles a case alone and is never demanded."""
    common_loss_reasons: tuple[str, ...]
    accept_when: tuple[str, ...]
    sources: tuple[str, ...]
    checked: str

    def items(self, weight: Weight, product_type: ProductType) -> tuple[str, ...]:
        """Item ids of one weight for this product type, in the order of the data."""
        table: dict[str, tuple[str, ...]] = getattr(self, weight)
        return tuple(dict.fromkeys((*table.get("any", ()), *table.get(product_type, ()))))

    def weights(self, product_type: ProductType) -> dict[str, Weight]:
        """Every item asked for from this product type, with its highest weight."""
        found: dict[str, Weight] = {}
        for weight in WEIGHTS:
            for item in self.items(weight, product_type):
                found.setdefault(item, weight)
        return found

    def groups(self, product_type: ProductType) -> tuple[tuple[str, ...], ...]:
        """The any-of groups without items that belong to other product types only."""
        own = self.weights(product_type)
        foreign = {
            item for table in (self.required, self.strong, self.helpful) for items in table.values() for item in items
        } - set(own)
        return tuple(tuple(item for item in group if item not in foreign) for group in self.required_any_of)


@cache
def playbook(key: str) -> Playbook:
    """One playbook by its key."""
    entry = dict(load("playbooks")["playbooks"][key])
    return Playbook(key=key, sources=cited(entry.pop("source")), **entry)
