"""Every system the desk can connect: ours, and those of plug-ins (entry points of the group `counterproof.sources`)."""

from __future__ import annotations

import importlib
import logging
from functools import cache
from importlib.metadata import entry_points
from importlib.util import find_spec

from disputes.phrases import phrase
from disputes.systems import SystemKind

log = logging.getLogger("counterproof.systems")

GROUP = "counterproof.sources"
OURS = (
    "shopify",
    "woocommerce",
    "bigcommerce",
    "magento",
    "web_page",
    "easypost",
    "aftership",
    "seventeentrack",
    "shippo",
    "imap",
    "zendesk",
    "gorgias",
    "freshdesk",
    "helpscout",
    "hubspot",
    "intercom",
    "push",
)
"""Modules of this package, each with its KIND, in the order people see them."""
OPTIONAL = {"karrio_carriers": "karrio"}
"""Modules that are offered only where the package they rest on is installed."""


@cache
def kinds() -> dict[str, SystemKind]:
    """By name. A plug-in cannot take the place of one of ours; one that does not load is told in the log, and
    everything else works."""
    here = (*OURS, *(name for name, package in OPTIONAL.items() if find_spec(package)))
    found = {kind.name: kind for kind in map(_ours, here)}
    for point in entry_points(group=GROUP):
        try:
            kind = point.load()
        except Exception:
            log.exception("The plug-in %s could not be loaded; its system cannot be read.", point.name)
            continue
        if not isinstance(kind, SystemKind) or kind.name in found:
            log.error("The plug-in %s offers no new SystemKind; it was left out.", point.name)
            continue
        found[kind.name] = kind
    return found


def kind_named(name: str) -> SystemKind:
    """Raises LookupError, for a plug-in that is no longer installed."""
    kind = kinds().get(name)
    if kind is None:
        raise LookupError(phrase("The adapter for {name} is not installed any more.", name=name))
    return kind


def _ours(name: str) -> SystemKind:
    kind: SystemKind = importlib.import_module(f"evidence.systems.{name}").KIND
    return kind
