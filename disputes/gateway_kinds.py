"""Gateways that come through the door of plug-ins: what one has to say of itself, and who they are.

Stripe, PayPal, Square and cases by hand are built in, with their data in `disputes.knowledge`. Every other gateway is
one `GatewayKind`, found by its entry point in the group `counterproof.gateways`: the desk knows nothing else of it. A
plug-in is asked for its fields with an `AnswerView`, so that it needs nothing of how evidence is judged.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from disputes.facts import Order, Payment, ProductType, Refund, Shipment
from disputes.lifecycle import Kind
from disputes.ports import Gateway

log = logging.getLogger("counterproof.gateways")

GROUP = "counterproof.gateways"
BUILT_IN = ("stripe", "paypal", "square", "manual")
OURS = {"shopify_payments": "gateways.shopify_payments.kind:KIND"}
"""Our own plug-ins, as pyproject.toml names them: a desk that runs from its source tree has no metadata to find them
by. They come through the same door, after the built-in ones and before anybody else's."""

_NAME = re.compile(r"[a-z][a-z0-9_]{1,19}")
"""It stands in addresses, in the database and in file names."""


# ---- the form that connects it -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class KeyField:
    """One secret of the form. A `public` one is no secret by itself and is shown again after an error."""

    name: str
    label: str
    help: str
    public: bool = False
    required: bool = True


@dataclass(frozen=True, slots=True)
class OwnAddress:
    """For gateways that are reached at an address of the merchant's own (a shop's).

    `read` turns what was typed into the base address; it raises ValueError, in words for the merchant.
    """

    label: str
    help: str
    example: str
    read: Callable[[str], str]


@dataclass(frozen=True, slots=True)
class DeliveryProof:
    """`proof` is what the gateway calls the thing a webhook is checked by; `steps` say where to find it."""

    proof: str
    pattern: re.Pattern[str]
    example: str
    steps: str


@dataclass(frozen=True, slots=True)
class ConnectForm:
    keys: tuple[KeyField, ...]
    """In this order, with a colon between, they are the `key` that `GatewayKind.open` gets; an empty one is empty."""
    rights: str
    """Which rights the key needs, and what happens without each of them."""
    webhook: DeliveryProof | None = None
    environments: Mapping[str, str] = field(default_factory=dict)
    """"live" and "test" with their base addresses, "" for the live one; empty where the key itself tells it."""
    address: OwnAddress | None = None


# ---- its limits ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FileLimits:
    """What one answer's files may weigh; bytes and pages are inclusive."""

    total_bytes: int
    file_bytes: int
    total_pages: int
    source: str
    checked: str
    """The day, as "2026-11-22"."""
    pages_by_network: Mapping[str, int] = field(default_factory=dict)
    """Networks that take fewer pages. Where the network is not known, the fewest count."""

    def pages(self, network: str | None) -> int:
        if network is None:
            return min((self.total_pages, *self.pages_by_network.values()))
        return self.pages_by_network.get(network, self.total_pages)


@dataclass(frozen=True, slots=True)
class TextFigures:
    """Characters a text field may have, and all of them together."""

    field: int
    total: int
    source: str
    checked: str
    long_fields: frozenset[str] = frozenset()
    long: int = 0


@dataclass(frozen=True, slots=True)
class FileSlots:
    """Where each evidence item is filed. `front` takes page one, the letter and whatever has no slot of its own."""

    front: str
    by_item: Mapping[str, str] = field(default_factory=dict)
    """Evidence item (`disputes.knowledge.evidence_items`) -> slot."""
    only_for: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Slot -> the gateway's reasons with which it is looked at at all; for every other reason `front` is used."""

    def of(self, item: str, reason: str) -> str:
        slot = self.by_item.get(item, self.front)
        reasons = self.only_for.get(slot)
        return slot if reasons is None or reason in reasons else self.front


# ---- what its fields are made of -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ShownExhibit:
    """One exhibit of the packet. `letter` is the one it carries in print: "A"."""

    letter: str
    key: str
    title: str
    slot: str


@dataclass(frozen=True, slots=True)
class AnswerView:
    """One finished answer, as a gateway's fields are made of it. Nothing in here is doubtful or internal."""

    dispute_id: str
    kind: Kind
    reason: str
    """The gateway's own."""
    category: str
    requested: tuple[str, ...]
    """Evidence that the gateway asked for, by its own codes."""
    product_type: ProductType
    letter: str
    """The whole letter as plain text, with its exhibit letters."""
    fitting: Callable[[int], str]
    """The fullest of several ways to say it that has no more characters than this; the shortest if none fits."""
    said: Mapping[str, str]
    """Single arguments of the letter, where it makes them: refund_refusal_explanation, refund_policy_disclosure,
    cancellation_policy_disclosure, cancellation_rebuttal, duplicate_charge_explanation."""
    customer_name: str | None
    customer_email: str | None
    purchase_ip: str | None
    goods: str
    """What was bought, in words; "" where no order tells it."""
    activity: str
    """Use of the product, a line each; "" where the packet shows none."""
    payment: Payment | None
    order: Order | None
    parcels: tuple[Shipment, ...]
    """Parcels of the order that a carrier has a record of, delivered ones alone where there are any."""
    refunds: tuple[Refund, ...]
    """Paid back before the dispute."""
    exhibits: tuple[ShownExhibit, ...]
    zone: str
    """IANA zone in which people's days are told."""
    written_at: datetime


# ---- the kind ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class GatewayKind:
    """One gateway as the desk offers it."""

    name: str
    """"shopify_payments"; the adapter's own name too."""
    title: str
    form: ConnectForm
    open: Callable[[str, Mapping[str, str], float], Gateway]
    """(key, addresses {"api": base}, seconds a call may take) -> the adapter. Calls nothing yet."""
    files: FileLimits
    texts: TextFigures
    slots: FileSlots
    fields: Callable[[AnswerView], Mapping[str, str]]
    """The gateway's own field names -> texts. Raises ValueError where it cannot be filed like this, in words."""
    categories: Mapping[str, str]
    """The gateway's reasons -> ours (`disputes.knowledge.reasons.categories`); one that is missing is "general"."""
    filing: str
    """What cannot be taken back about an answer there, before a person approves one."""
    place: str
    """Where on its own pages a person answers."""
    files_itself: str = ""
    """When and what it files by itself, beside our plan; "" where it does not."""
    tells_answers: bool = False
    """A decided dispute says by itself whether the merchant had answered it."""
    rights_seen: str = "yes"
    """`counterproof doctor`, where the key may file: "yes", or when it shows."""


# ---- who they are --------------------------------------------------------------------------------------------------


@cache
def gateway_kinds() -> dict[str, GatewayKind]:
    """Every plug-in by name, in the order people see them.

    It cannot take the place of a built-in gateway or of one before it. One that does not load is told in the log, and
    everything else works.
    """
    points = [EntryPoint(name, value, GROUP) for name, value in OURS.items()]
    found: dict[str, GatewayKind] = {}
    for point in [*points, *(each for each in entry_points(group=GROUP) if each.value not in OURS.values())]:
        try:
            kind = point.load()
        except Exception:
            log.exception("The plug-in %s could not be loaded; its gateway is not offered.", point.name)
            continue
        if (wrong := _wrong(kind, found)) is not None:
            log.error("The plug-in %s was left out: %s", point.name, wrong)
            continue
        found[kind.name] = kind
    return found


def _wrong(kind: Any, found: Mapping[str, GatewayKind]) -> str | None:
    if not isinstance(kind, GatewayKind):
        return "it is no GatewayKind."
    if not _NAME.fullmatch(kind.name):
        return f"{kind.name!r} is no name for a gateway (2 to 20 small letters, digits and underscores)."
    if kind.name in BUILT_IN or kind.name in found:
        return f"there is a gateway {kind.name} already, and none takes another's place."
    return None


def gateway_kind(name: str) -> GatewayKind | None:
    """None for a built-in gateway, and for a plug-in that is no longer installed."""
    return None if name in BUILT_IN else gateway_kinds().get(name)
