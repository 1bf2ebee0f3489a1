"""The packet beside the case: its pages, how much of the gateway's room it takes, and the order of its exhibits."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from disputes.ids import digest
from disputes.models import Packet
from evidence.exhibits import exhibits
from evidence.letter import Letter
from evidence.packet.context import Exhibit
from evidence.packet.sources import letter_of
from evidence.packet.view import PAPER
from web.case_view import Case

SMALL = 720
"""Pixels across a page beside the case."""


@dataclass(frozen=True, slots=True)
class Meter:
    used: int
    most: int

    @property
    def share(self) -> int:
        """Of a hundred, for the meter's own scale."""
        return min(100, 100 * self.used // max(1, self.most))

    @property
    def high(self) -> bool:
        return self.share >= 90


@dataclass(frozen=True, slots=True)
class Pane:
    """`earlier`: what is shown is the packet before the change that is being worked in."""

    packet: Packet | None
    earlier: bool
    building: bool
    pages: Meter | None
    bytes: Meter | None
    width: int
    height: int

    @property
    def mark(self) -> str:
        """Changes whenever the pane would show something else."""
        return f"{self.packet.sha256[:16] if self.packet else 'none'}{'.earlier' * self.earlier}{'.b' * self.building}"


def pane(case: Case) -> Pane:
    shown = case.packet or case.before
    files = case.response.files if case.response else ()
    size = sum(file.size for file in files) or (shown.size if shown else 0)
    limits = case.limits
    return Pane(
        packet=shown,
        earlier=case.packet is None and shown is not None,
        building=case.building,
        pages=Meter(shown.pages, limits.total_pages) if shown else None,
        bytes=Meter(size, limits.total_bytes) if shown else None,
        width=SMALL,
        height=page_height(shown, SMALL),
    )


def page_height(packet: Packet | None, width: int) -> int:
    """Pixels, so that a page has its place before its picture is there."""
    wide, high = PAPER[str(packet.context.get("page_size", "A4")) if packet else "A4"]
    return round(width * high / wide)


# ---- the order of the exhibits -------------------------------------------------------------------------------------


def shown_exhibits(case: Case, letter: Letter | None) -> tuple[Exhibit, ...]:
    """As the next packet will have them; none where no letter can be written."""
    if case.assessment is None or case.current is None or letter is None or not letter.ground:
        return ()
    return exhibits(case.claim, case.file, case.assessment, letter, order=case.current.exhibit_order)


@dataclass(frozen=True, slots=True)
class Place:
    key: str
    letter: str
    title: str
    source: str
    what: str


@dataclass(frozen=True, slots=True)
class Order:
    places: tuple[Place, ...]
    mark: str
    """Names the order that was seen."""
    own: bool
    """A person put it in order; it can be given back to the desk."""


def order_of(case: Case, shown: Sequence[Exhibit]) -> Order:
    places = tuple(
        Place(each.key, letter_of(index), each.title, each.source, each.explanation or "")
        for index, each in enumerate(shown)
    )
    own = bool(case.current and case.current.exhibit_order)
    return Order(places, order_mark([each.key for each in shown]), own)


def order_mark(keys: Sequence[str]) -> str:
    return digest(json.dumps(list(keys)).encode())[:12]


def moved(keys: Sequence[str], key: str, step: int) -> list[str]:
    """One exhibit one place up (-1) or down (1); at an end it stays."""
    order = list(keys)
    at = order.index(key)
    to = min(len(order) - 1, max(0, at + step))
    order.insert(to, order.pop(at))
    return order
