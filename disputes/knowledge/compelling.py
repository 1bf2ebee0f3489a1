"""Visa Compelling Evidence 3.0 as data: the window, the elements that may match, and Stripe's words for what lacks."""

from __future__ import annotations

from functools import cache

from disputes.facts import Fact, ProductType
from disputes.knowledge.data import cited, load
from disputes.phrases import Phrase, phrase


class CompellingRule(Fact):
    network: str
    code: str
    first_day: int
    last_day: int
    """Whole days between an earlier payment and the disputed one, both inclusive."""
    payments: int
    text_limit: int
    """Characters of one field."""
    sources: tuple[str, ...]
    checked: str


class CompellingElement(Fact):
    element: str
    """Stripe's field name."""
    label: str
    main: bool
    at_least: int
    """Characters."""


@cache
def compelling_rule() -> CompellingRule:
    entry = load("compelling")["rules"][0]
    named = ("network", "code", "first_day", "last_day", "payments", "text_limit", "checked")
    return CompellingRule(**{name: entry[name] for name in named}, sources=cited(entry["source"]))


@cache
def compelling_elements() -> tuple[CompellingElement, ...]:
    """Main elements first; device id and fingerprint carry the same label, for they count once."""
    return tuple(
        CompellingElement(**{name: entry[name] for name in CompellingElement.model_fields})
        for entry in load("compelling")["elements"]
    )


def sold_as(product_type: ProductType) -> str:
    """ "merchandise" or "services"."""
    entries = load("compelling")["sold"]
    return next(str(entry["sold"]) for entry in entries if entry["product_type"] == product_type)


def action_words(action: str) -> Phrase:
    """Stripe's required action in plain words; one nobody knows is shown as it is."""
    entries = load("compelling")["actions"]
    known = (str(entry["words"]) for entry in entries if entry["action"] == action)
    told = next(known, None)
    return phrase(told) if told else phrase("Stripe asks for: {action}.", action=action.replace("_", " "))
