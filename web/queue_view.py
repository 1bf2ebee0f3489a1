"""What of the queue an address asks for, and the address of what is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from disputes import links
from disputes.models import Dispute
from disputes.money import Money
from disputes.phrases import said_by
from disputes.store_queue import NOBODY, Key, Wanted
from templates.language import say
from web.visit import Invalid, Visit

NAMES = ("side", "view", "gateway", "network", "kind", "category", "verdict", "who", "currency", "least", "most", "q")
"""Filters by their names in the address, in its order."""
_NARROWING = NAMES[2:]
FIRST = "now"
"""The view of who asks for none: what needs a person."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """The filters as they stand in the address; empty where nothing is chosen."""

    slug: str
    said: Mapping[str, str] = field(default_factory=dict)

    def __getitem__(self, name: str) -> str:
        return self.said.get(name, "")

    @property
    def filtered(self) -> bool:
        return any(self[name] for name in _NARROWING)

    def path(self, **changed: str) -> str:
        """The queue's address with these filters and some changed; a page in the middle is left."""
        said = {**self.said, **changed}
        ordered = {name: said[name] for name in (*NAMES, "after") if said.get(name)}
        if ordered.get("view") == FIRST:
            del ordered["view"]
        return links.queue(self.slug) + (f"?{urlencode(ordered)}" if ordered else "")

    @property
    def kept(self) -> dict[str, str]:
        """What a saved view keeps: the filters, not which page of it was seen."""
        return {name: self[name] for name in NAMES if self[name]}


def wanted(visit: Visit, chosen: Chosen, *, live: bool, view: str) -> Wanted:
    """Raises Invalid for an amount that is none, or has no currency."""
    currency = chosen["currency"].upper() or None
    least, most = (_minor(chosen[name], currency) for name in ("least", "most"))
    who = chosen["who"]
    return Wanted(
        live=live,
        view=view,
        gateway=chosen["gateway"] or None,
        network=chosen["network"] or None,
        kind=chosen["kind"] or None,
        category=chosen["category"] or None,
        verdict=chosen["verdict"] or None,
        assigned_to={"": None, "me": visit.by, NOBODY: NOBODY}.get(who, who),
        currency=currency,
        least=least,
        most=most,
        text=chosen["q"],
        now=visit.now,
    )


def _minor(typed: str, currency: str | None) -> int | None:
    if not typed:
        return None
    if currency is None:
        raise Invalid(say("Choose a currency for the amount: amounts of different currencies are not compared."))
    try:
        return Money.typed(typed, currency).minor
    except ValueError as error:
        raise Invalid(said_by(error)) from error


def after(last: Dispute) -> str:
    return f"{last.due_sort.isoformat()}~{last.queue_rank}~{last.id}"


def key(said: str) -> Key | None:
    """Where a page ended, as `after` wrote it; Invalid where it was damaged on the way."""
    if not said:
        return None
    damaged = Invalid(say("This address of a page in the middle of the queue is damaged. Start from the first page."))
    parts = said.split("~")
    try:
        instant = datetime.fromisoformat(parts[0])
    except ValueError:
        raise damaged from None
    if instant.tzinfo is None or len(parts) != 3 or not all(parts):
        raise damaged
    return instant, parts[1], parts[2]


def from_query(slug: str, query: Mapping[str, Any]) -> Chosen:
    """Bounded, one line each: an address is foreign text."""
    said = {}
    for name in NAMES:
        text = str(query.get(name, "")).strip()[: 200 if name == "q" else 60]
        if text and text.isprintable():
            said[name] = text
    return Chosen(slug, said)
