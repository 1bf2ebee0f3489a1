"""What a dispute claims, in one plain sentence for the merchant: by code where it says more than its category."""

from __future__ import annotations

from functools import cache
from typing import Any

from disputes.facts import Fact
from disputes.knowledge.data import cited, load
from disputes.knowledge.reasons import Reason


class PlainClaim(Fact):
    words: str
    sources: tuple[str, ...]
    checked: str


@cache
def _told(table: str, *keys: str) -> dict[tuple[str, ...], dict[str, Any]]:
    return {tuple(entry[key] for key in keys): entry for entry in load("claims")[table]}


def plain_claim(reason: Reason, *, gateway: str = "", raw_reason: str = "") -> PlainClaim:
    """The narrowest sentence there is: what a person said the code stands for, the code, its kind, its category."""
    network, code = reason.network or "", reason.code or ""
    entry = (
        _told("conditions", "network", "code", "key").get((network, code, reason.sub_condition or ""))
        or (_told("codes", "network", "code").get((network, code)) if not reason.sub_condition else None)
        or (_told("codes", "network", "code").get((gateway, raw_reason)) if not code else None)
        or _told("playbooks_told", "key").get((reason.playbook.key,))
        or _told("categories", "category")[(reason.category,)]
    )
    return PlainClaim(words=entry["words"], sources=cited(entry["source"]), checked=entry["checked"])


def claim_sentences() -> list[str]:
    """Every sentence, for the catalogues."""
    tables = ("categories", "playbooks_told", "codes", "conditions")
    return list(dict.fromkeys(entry["words"] for table in tables for entry in load("claims")[table]))
