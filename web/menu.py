"""The pages of a shop in the order of its menu; what the visitor may not see is not in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from disputes import links
from disputes.roles import Right
from templates.language import marked as _
from templates.language import say
from web.visit import Visit


@dataclass(frozen=True, slots=True)
class Entry:
    name: str
    title: str
    link: str
    apart: str = ""
    """The heading of a group that begins here."""


_PAGES = (
    ("queue", _("Disputes"), Right.SEE, ""),
    ("outcomes", _("Outcomes"), Right.SEE, ""),
    ("connections", _("Connections"), Right.SEE, _("Set-up")),
    ("sources", _("Sources"), Right.SEE, ""),
    ("policies", _("Policies"), Right.SEE, ""),
    ("team", _("Team"), Right.SEE, ""),
    ("settings", _("Settings"), Right.SEE, ""),
    ("audit", _("Audit"), Right.SEE, _("Record")),
)


def menu(visit: Visit) -> Iterator[Entry]:
    for name, title, right, apart in _PAGES:
        path = getattr(links, name, None)
        if path is not None and right in visit.rights:
            yield Entry(name, say(title), path(visit.merchant.slug), say(apart) if apart else "")
