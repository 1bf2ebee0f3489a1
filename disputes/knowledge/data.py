"""Reads the package's own JSON once. Every entry names its source and the day it was checked."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any

DATA = (
    "reason_codes",
    "sub_conditions",
    "playbooks",
    "categories",
    "evidence_items",
    "packet_limits",
    "fees",
    "priors",
    "withdrawal",
    "customer_rights",
    "compelling",
    "stripe_slots",
    "stripe_limits",
    "paypal_evidence",
    "paypal_carriers",
    "acts",
    "square_slots",
    "claims",
)
"""Every file that holds entries; `sources` holds the table they point into."""


@cache
def load(name: str) -> dict[str, Any]:
    """One data file as it lies in the package."""
    text = files("disputes.knowledge").joinpath(f"{name}.json").read_text(encoding="utf-8")
    document: dict[str, Any] = json.loads(text)
    return document


@cache
def sources() -> dict[str, str]:
    """Source id -> what was read."""
    return {entry["id"]: entry["text"] for entry in load("sources")["sources"]}


def cited(ids: list[str]) -> tuple[str, ...]:
    """The sources behind a list of ids, in words."""
    table = sources()
    return tuple(table[each] for each in ids)


def version() -> str:
    """Version of the whole set; the files carry the same one."""
    return str(load("reason_codes")["version"])
