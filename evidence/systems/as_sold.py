"""Goods as a shop showed them when they were bought: their description and pictures.

A shop tells a product as it is now. What it was at the purchase is known where nothing of it was changed since, or
where it was read right after the purchase. So an order's first reading stays as it is, whatever becomes of the product
later; it names when it was made and when the product was last changed; and where neither of the two holds, nothing is
said of the description, and the pictures wait for a person.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Literal, cast
from urllib.parse import urlsplit

from disputes.clock import local_day, plain_day
from disputes.facts import Document, Order
from disputes.phrases import Phrase, clause, phrase, said_by
from disputes.systems import PICTURE, Kept, Outside, SourceError
from evidence.packet.clean import clean_upload
from evidence.packet.errors import FileRefused
from evidence.packet.images import sniff
from evidence.redaction import mask
from evidence.systems.http import Http

Thing = dict[str, Any]
ITEM = "product_description"
MAX_PICTURES = 4
"""Of one order."""
MAX_FETCHED = 500
"""New pictures a pull: the rest is fetched when their orders are read again, or not at all."""
MAX_SIZE = 8 * 2**20
_SPARE_SECONDS = 5.0
_OWN_STOCKTAKING = timedelta(minutes=2)
"""The sale itself takes the goods out of the stock, which a shop may count as a change of the product."""
_AT_ONCE = timedelta(hours=1)
"""A pull that sees a new order comes within minutes; an hour leaves room for a shop that did not answer."""
_ENDINGS = {"image/jpeg": "jpg", "image/png": "png"}


@dataclass(frozen=True, slots=True)
class Picture:
    url: str
    version: str = ""
    """Tells it from a later one at the same address."""

    @property
    def name(self) -> str:
        return sha256(f"{self.url} {self.version}".encode()).hexdigest()[:40]


@dataclass(frozen=True, slots=True)
class Product:
    """A product as its shop tells it now; title and description without markup, masked."""

    product_id: str
    title: str
    description: str | None = None
    changed_at: datetime | None = None
    pictures: tuple[Picture, ...] = ()


@dataclass(frozen=True, slots=True)
class Shown:
    """What one order's goods looked like."""

    listings: tuple[Thing, ...] = ()
    """As they are stored with the order: product_id, title, description, changed_at, read_at, pictures."""
    placed_at: datetime | None = None
    documents: tuple[Document, ...] = ()
    pictures: tuple[Kept, ...] = ()
    """Those that were fetched for this order; each is stored once."""
    refused: tuple[str, ...] = ()

    def described(self, order: Order, products: Sequence[Product | None]) -> Order:
        """The order with the descriptions as they stood when it was placed. `products`: of its lines, in order."""
        known = {each["product_id"]: each["description"] for each in self.listings if self._as_sold(each)}
        lines = [
            line.model_copy(update={"about": about}) if each and (about := known.get(each.product_id)) else line
            for line, each in zip(order.lines, products, strict=True)
        ]
        return order.model_copy(update={"lines": tuple(lines)})

    def _as_sold(self, listing: Thing) -> bool:
        return self.placed_at is not None and standing(listing, self.placed_at) is not None


@dataclass(slots=True)
class Goods:
    """Reads the goods of orders for one pull of one shop."""

    http: Http
    outside: Outside
    title: str
    _known: dict[str, Thing | None] = field(default_factory=dict)
    _room: int = MAX_FETCHED

    def shown(self, order: Order, external_id: str, products: Iterable[Product]) -> Shown:
        """`external_id`: by which the order is kept. Never raises for a picture that cannot be had."""
        earlier = self._earlier(external_id)
        listings: list[Thing] = []
        fetched: list[Kept] = []
        refused: list[str] = []
        room = MAX_PICTURES
        for product in _once(products):
            listing = earlier.pop(product.product_id, None) or self._reading(product)
            if not listing["pictures"] and listing["changed_at"] == _written(product.changed_at):
                found = (self._picture(each, product, fetched, refused) for each in product.pictures[:room])
                listing["pictures"] = [each for each in found if each]
            room = max(0, room - len(listing["pictures"]))
            listings.append(listing)
        listings += earlier.values()
        told = {each.sha256: each for listing in listings for each in self._documents(listing, order)}
        return Shown(
            tuple(listings), order.placed_at, tuple(told.values())[:MAX_PICTURES], tuple(fetched), tuple(refused)
        )

    def _earlier(self, external_id: str) -> dict[str, Thing]:
        data = self.outside.kept("order", external_id)
        try:
            content = json.loads(data) if data else {}
            return {str(each["product_id"]): each for each in content.get("listings") or ()}
        except (ValueError, KeyError, TypeError, AttributeError):
            return {}

    def _reading(self, product: Product) -> Thing:
        return {
            "product_id": product.product_id, "title": product.title, "description": product.description,
            "changed_at": _written(product.changed_at), "read_at": _written(self.outside.clock.now()), "pictures": [],
        }  # fmt: skip

    def _documents(self, listing: Thing, order: Order) -> Iterable[Document]:
        words, doubt = self._words(listing, order.placed_at)
        for each in listing["pictures"]:
            yield Document(
                item=ITEM,
                title=mask(f"{listing['title']}: {words}").text,
                media_type=cast('Literal["image/jpeg", "image/png"]', each["media_type"]),
                sha256=each["sha256"],
                size=each["size"],
                dated=_read(listing["read_at"]),
                order_ref=order.order_ref,
                doubt=doubt,
            )

    def _words(self, listing: Thing, placed_at: datetime) -> tuple[str, Phrase | None]:
        """What is said of a picture, and why it may not show what was sold."""
        how, changed = standing(listing, placed_at), _read(listing["changed_at"])
        day = self._day(_read(listing["read_at"]))
        if how == "unchanged" and changed:
            return f"picture in the shop, unchanged since {self._day(changed)}", None
        if how == "at_once":
            minutes = _minutes(listing, placed_at)
            return f"picture in the shop {minutes} minute{'' if minutes == 1 else 's'} after the order", None
        days = {"read": day, "bought": self._day(placed_at)}
        doubt = (
            phrase(
                "the product was last changed on {changed} and was read on {read}, the purchase was on {bought}: look "
                "whether it is the picture the customer saw",
                changed=self._day(changed),
                **days,
            )
            if changed
            else phrase(
                "the product has no day of its last change and was read on {read}, the purchase was on {bought}: look "
                "whether it is the picture the customer saw",
                **days,
            )
        )
        return f"picture in the shop on {day}", doubt

    def _day(self, at: datetime | None) -> str:
        return plain_day(local_day(at, self.outside.zone)) if at else "a day nobody knows"

    # ---- pictures ---------------------------------------------------------------------------------------------------

    def _picture(self, picture: Picture, product: Product, fetched: list[Kept], refused: list[str]) -> Thing | None:
        """The picture as the order names it: one that was fetched before, now or in another pull, is not again."""
        if picture.name not in self._known:
            data = self.outside.kept(PICTURE, picture.name)
            told = _told(data, picture) if data else None
            if told is None and self._room > 0 and self.outside.left() > _SPARE_SECONDS:
                self._room -= 1
                if kept := self._fetched(picture, product, refused):
                    fetched.append(kept)
                    told = _told(kept.data, picture)
            self._known[picture.name] = told
        return self._known[picture.name]

    def _fetched(self, picture: Picture, product: Product, refused: list[str]) -> Kept | None:
        name = phrase("Picture of {title}", title=product.title)
        try:
            data = self.http.download(picture.url, limit=MAX_SIZE)
            if (sniff(data) or "").partition("/")[0] != "image":
                raise FileRefused(name, "is no JPEG, PNG or HEIC picture")
            clean = clean_upload(data, name)
        except SourceError as error:
            refused.append(phrase("{name} could not be fetched: {why}", name=name, why=said_by(error)))
            return None
        except FileRefused as refusal:
            refused.append(phrase("{file} {clause}.", file=name, clause=clause(refusal.reason)))
            return None
        where = urlsplit(picture.url)
        return Kept(
            kind=PICTURE,
            external_id=picture.name,
            facts=(),
            data=clean.data,
            name=f"{name}.{_ENDINGS.get(clean.media_type, 'jpg')}",
            request=f"{self.title}: GET {where.netloc}{where.path}",
            media_type=clean.media_type,
        )


def standing(listing: Mapping[str, Any], placed_at: datetime) -> Literal["unchanged", "at_once"] | None:
    """How it is known that the goods were shown so at the purchase; None where it is not."""
    changed, read = _read(listing["changed_at"]), _read(listing["read_at"])
    if read is None:
        return None
    if changed is not None and changed <= placed_at + _OWN_STOCKTAKING and read >= placed_at:
        return "unchanged"
    return "at_once" if abs(read - placed_at) <= _AT_ONCE else None


def _minutes(listing: Mapping[str, Any], placed_at: datetime) -> int:
    read = _read(listing["read_at"]) or placed_at
    return max(1, round(max(timedelta(0), read - placed_at) / timedelta(minutes=1)))


def _once(products: Iterable[Product]) -> list[Product]:
    """One of each, with the pictures of all its variants."""
    found: dict[str, Product] = {}
    for each in products:
        known = found.get(each.product_id)
        pictures = dict.fromkeys((*(known.pictures if known else ()), *each.pictures))
        first = known or each
        found[each.product_id] = Product(
            first.product_id, first.title, first.description, first.changed_at, tuple(pictures)
        )
    return list(found.values())


def _told(data: bytes, picture: Picture) -> Thing | None:
    media_type = sniff(data)
    if media_type not in _ENDINGS:
        return None
    where = urlsplit(picture.url)
    return {
        "url": f"{where.scheme}://{where.netloc}{where.path}", "sha256": sha256(data).hexdigest(),
        "media_type": media_type, "size": len(data),
    }  # fmt: skip


def _written(at: datetime | None) -> str | None:
    return at.isoformat(timespec="seconds") if at else None


def _read(written: Any) -> datetime | None:
    try:
        return datetime.fromisoformat(written) if isinstance(written, str) else None
    except ValueError:
        return None
