"""An import folder as records in memory: a file is read again only when it changed, however many disputes ask."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from disputes.phrases import joined, phrase, said_by
from evidence.mail import Letter, MailRefused, Own, read_mail, split_mbox
from evidence.mail.letter import MAX_MAIL
from evidence.mail.mbox import TooManyMessages
from evidence.redaction import worth_allowing
from evidence.sources.calls import CallRecord, read_calls
from evidence.sources.chats import may_be_export, read_export
from evidence.sources.conversation import Asked, Chat, ChatRefused, DatesUnclear, OwnNameUnclear
from evidence.sources.orders import OrderRecord, read_orders
from evidence.sources.policies import PolicyRecord, read_policy
from evidence.sources.reading import MEGABYTE, FileSeen, FileUnreadable, files_in, read
from evidence.sources.returns import ReturnRecord, read_returns
from evidence.sources.shipments import ShipmentRecord, read_shipments
from evidence.sources.shop import Shop, read_shop
from evidence.sources.tables import Row, read_table
from evidence.sources.usage import UsageRecord, read_usage

TABLES = ("orders", "order_lines", "shipments", "tracking", "returns", "usage", "calls")
MAX_MAILBOX = 256 * MEGABYTE
MAX_EXPORT = 128 * MEGABYTE
"""Of a conversation with its pictures."""
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class MailRecord:
    letter: Letter
    file: str


@dataclass(frozen=True, slots=True)
class ChatRecord:
    chat: Chat
    file: FileSeen


@dataclass(frozen=True, slots=True)
class Library:
    """Everything the folder says now."""

    shop: Shop
    orders: tuple[OrderRecord, ...] = ()
    shipments: tuple[ShipmentRecord, ...] = ()
    returns: tuple[ReturnRecord, ...] = ()
    usage: tuple[UsageRecord, ...] = ()
    policies: tuple[PolicyRecord, ...] = ()
    mails: tuple[MailRecord, ...] = ()
    chats: tuple[ChatRecord, ...] = ()
    calls: tuple[CallRecord, ...] = ()
    documents: tuple[FileSeen, ...] = ()
    sidecars: dict[str, FileSeen] = field(default_factory=dict)
    allowed: frozenset[str] = frozenset()
    """Numbers of the shop's own that must not be taken for card numbers."""
    refused: tuple[str, ...] = ()


class Shelf:
    """The folder's files as last read. One lock: of two disputes that ask at once the second finds it done."""

    def __init__(self, folder: Path, zone: str) -> None:
        self._folder = folder
        self._zone = zone
        self._read: dict[tuple[Any, ...], Any] = {}
        self._used: set[tuple[Any, ...]] = set()
        self._seen: tuple[Any, ...] | None = None
        self._library: Library | None = None
        self._lock = threading.Lock()

    def library(self) -> Library:
        with self._lock:
            refused: list[str] = []
            files = self._files(refused)
            seen = tuple((file.name, file.stamp) for file in files), tuple(refused)
            if self._library is None or seen != self._seen:
                self._used = set()
                self._library = self._open(files, refused)
                self._seen = seen
                self._read = {key: value for key, value in self._read.items() if key in self._used}
            return self._library

    def _files(self, refused: list[str]) -> list[FileSeen]:
        files: list[FileSeen] = []
        for below in ("", "mail", "chats", "policies", "documents"):
            try:
                files += files_in(self._folder, below)
            except FileUnreadable as error:
                refused.append(said_by(error))
        return files

    def _once(self, key: tuple[Any, ...], make: Callable[[], T], refused: list[str], default: T) -> T:
        """What `make` gave for this very file before, or now; a refusal is remembered like an answer."""
        self._used.add(key)
        if key not in self._read:
            try:
                self._read[key] = make()
            except FileUnreadable as error:
                self._read[key] = error
        found = self._read[key]
        if isinstance(found, FileUnreadable):
            refused.append(said_by(found))
            return default
        kept: T = found
        return kept

    def _open(self, files: list[FileSeen], refused: list[str]) -> Library:
        top = [file for file in files if "/" not in file.name]
        shop = Shop(self._zone)
        for file in top:
            if file.name == "shop.json":
                shop = self._once((file.name, file.stamp), partial(read_shop, file, self._zone), refused, shop)
        tables = {table: self._table(top, table, refused) for table in TABLES}
        orders, said = read_orders(tables["orders"], tables["order_lines"], shop.zone)
        shipments, more = read_shipments(tables["shipments"], tables["tracking"], orders, shop.zone)
        returns, wrong = read_returns(tables["returns"], orders, shop.zone)
        usage, rest = read_usage(tables["usage"], shop.zone)
        calls, unsaid = read_calls(tables["calls"], shop.zone)
        refused += [*said, *more, *wrong, *rest, *unsaid]
        allowed = frozenset(filter(worth_allowing, _identifiers(orders, shipments, returns)))
        documents = [file for file in files if file.name.startswith("documents/")]
        return Library(
            shop=shop,
            orders=tuple(orders),
            shipments=tuple(shipments),
            returns=tuple(returns),
            usage=tuple(usage),
            policies=tuple(self._policies(files, shop.zone, refused)),
            mails=tuple(self._mails(files, shop.own, allowed, refused)),
            chats=tuple(self._chats(files, shop, allowed, refused)),
            calls=tuple(calls),
            documents=tuple(file for file in documents if not file.name.endswith(".json")),
            sidecars={file.name: file for file in documents if file.name.endswith(".json")},
            allowed=allowed,
            refused=tuple(refused),
        )

    def _table(self, files: list[FileSeen], table: str, refused: list[str]) -> list[Row]:
        rows: list[Row] = []
        empty: tuple[list[Row], list[str]] = ([], [])
        for file in files:
            if file.name.casefold() in (f"{table}.csv", f"{table}.json"):
                found, said = self._once(
                    (table, file.name, file.stamp), partial(read_table, file, table), refused, empty
                )
                rows += found
                refused += said
        return rows

    def _policies(self, files: list[FileSeen], zone: str, refused: list[str]) -> Iterable[PolicyRecord]:
        for file in files:
            if file.name.startswith("policies/") and file.name.casefold().endswith((".md", ".txt")):
                found: PolicyRecord | None = self._once(
                    (zone, file.name, file.stamp),
                    partial(read_policy, file, zone),
                    refused,
                    None,
                )
                if found:
                    yield found

    def _mails(self, files: list[FileSeen], own: Own, allowed: frozenset[str], refused: list[str]) -> list[MailRecord]:
        """Each message once, by its Message-ID, wherever it lies."""
        mine = [
            file for file in files if file.name.startswith("mail/") and file.name.casefold().endswith((".eml", ".mbox"))
        ]
        if mine and not own:
            refused.append(
                phrase("shop.json names no address of the shop's own, so nobody can tell who wrote; no mail was read.")
            )
            return []
        found: dict[str, MailRecord] = {}
        empty: tuple[list[Letter], list[str]] = ([], [])
        for file in mine:
            letters, said = self._once(
                (own, allowed, file.name, file.stamp),
                partial(_letters, file, own, allowed),
                refused,
                empty,
            )
            refused += said
            for letter in letters:
                found.setdefault(letter.message.message_id, MailRecord(letter, file.name))
        return list(found.values())

    def _chats(
        self, files: list[FileSeen], shop: Shop, allowed: frozenset[str], refused: list[str]
    ) -> Iterable[ChatRecord]:
        asked = Asked(shop.zone, shop.chat_names, shop.whatsapp_dates, allowed=allowed)
        for file in files:
            if file.name.startswith("chats/") and may_be_export(file.name):
                found: list[Chat] = self._once(
                    (asked, file.name, file.stamp), partial(_chats, file, asked), refused, []
                )
                yield from (ChatRecord(chat, file) for chat in found)


def _chats(file: FileSeen, asked: Asked) -> list[Chat]:
    try:
        return read_export(read(file, MAX_EXPORT), file.name, asked)
    except DatesUnclear as refusal:
        how = phrase('Say in shop.json which number is the day: "whatsapp_dates": "day_first" or "month_first".')
        why = phrase("{file} {clause}.", file=file.name, clause=said_by(refusal))
        raise FileUnreadable(joined((why, how))) from None
    except OwnNameUnclear as refusal:
        raise FileUnreadable(
            phrase(
                '{name} {why}. Write it into shop.json: "chat_names": ["..."].', name=file.name, why=said_by(refusal)
            )
        ) from None
    except ChatRefused as refusal:
        raise FileUnreadable(phrase("{file} {clause}.", file=file.name, clause=said_by(refusal))) from None


def _identifiers(
    orders: Iterable[OrderRecord], shipments: Iterable[ShipmentRecord], returns: Iterable[ReturnRecord]
) -> Iterable[str]:
    for record in orders:
        order = record.order
        own = (order.order_ref, *order.numbers, order.payment_id, *order.transaction_ids, *record.tracking_numbers)
        yield from filter(None, own)
    for parcel in shipments:
        yield parcel.shipment.tracking_number
    for each in returns:
        yield from filter(None, (each.returned.return_id, each.returned.tracking_number))


def _letters(file: FileSeen, own: Own, allowed: frozenset[str]) -> tuple[list[Letter], list[str]]:
    single = file.name.casefold().endswith(".eml")
    data = read(file, MAX_MAIL if single else MAX_MAILBOX)
    letters: list[Letter] = []
    said: list[str] = []
    try:
        for number, each in enumerate([data] if single else split_mbox(data), 1):
            place = file.name if single else phrase("{file}, message {number}", file=file.name, number=number)
            try:
                letter = read_mail(each, own, folder=file.name.removeprefix("mail/"), allowed=allowed)
            except MailRefused as refusal:
                said.append(phrase("{place} {why}; it was left out.", place=place, why=said_by(refusal)))
                continue
            if letter:
                letters.append(letter)
    except TooManyMessages as error:
        raise FileUnreadable(phrase("{file} {clause}.", file=file.name, clause=said_by(error))) from None
    return letters, said


_SHELVES: dict[tuple[Path, str], Shelf] = {}
_GUARD = threading.Lock()


def shelf(folder: Path, zone: str) -> Shelf:
    """One shelf a folder in the whole process: sources are made anew for every dispute."""
    with _GUARD:
        return _SHELVES.setdefault((folder.absolute(), zone), Shelf(folder.absolute(), zone))
