"""Shop records out of an import folder: orders, parcels, usage, mail, policies and documents as exported."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

from disputes.facts import Order, UsageLog
from disputes.phrases import joined, phrase, said_by
from disputes.ports import AnyFactModel, Gathered, SourceReport, Wanted
from evidence.sources import documents
from evidence.sources.folder_chats import chats_and_calls
from evidence.sources.library import Library, shelf
from evidence.sources.matching import CERTAIN, LIKELY, Match, matched_mails, matched_orders
from evidence.sources.orders import OrderRecord, reference, same_reference
from evidence.sources.policies import in_force
from evidence.sources.reading import FileUnreadable
from evidence.sources.tables import Row


class FolderSource:
    """Reads; never writes into the folder. Safe from any thread."""

    name = "folder"
    title: str = phrase("Shop records")
    asks_first = True

    def __init__(self, folder: Path, *, zone: str) -> None:
        self._shelf = shelf(folder, zone)

    def gather(self, wanted: Wanted) -> SourceReport:
        library = self._shelf.library()
        matches = matched_orders(library, wanted)
        refused = list(library.refused)
        items = [
            *(
                _rows(match.record.order, match.record.rows, match.ref, match.confidence, match.why, match.further)
                for match in matches
            ),
            *_parcels(library, matches),
            *_returns(library, matches),
            *_mails(library, matches, wanted),
            *chats_and_calls(library, matches, wanted, refused),
            *_usage(library, matches),
            *_documents(library, matches, refused),
        ]
        disputed = [match for match in matches if not match.further]
        if disputed:
            items += _policies(library, matches, wanted)
        guest = bool(disputed) and all(match.record.guest and match.confidence == CERTAIN for match in disputed)
        return SourceReport(tuple(items), ("customer_account_id",) if guest else (), tuple(dict.fromkeys(refused)))


class FolderBeside:
    """What the folder has about a sale whose order another system told of: papers, mail, parcels, use, and the
    policies of its day. Asked once the shops have said which order it is. Reads; never writes. Safe from any thread."""

    name = "folder"
    title: str = phrase("Shop records")
    asks_first = False

    def __init__(self, folder: Path, *, zone: str) -> None:
        self._shelf = shelf(folder, zone)

    def gather(self, wanted: Wanted) -> SourceReport:
        library = self._shelf.library()
        matches = [_told_elsewhere(order, wanted) for order in wanted.orders if not _has(library, order)]
        refused: list[str] = []
        items = [
            *_parcels(library, matches),
            *_returns(library, matches),
            *_mails(library, matches, wanted),
            *chats_and_calls(library, matches, wanted, refused),
            *_usage(library, matches),
            *_documents(library, matches, refused),
        ]
        if all(match.further for match in matched_orders(library, wanted)):
            items += _policies(library, matches, wanted)
        return SourceReport(tuple(items), (), tuple(refused))


def _has(library: Library, order: Order) -> bool:
    """The folder has an order of this number itself, and has told of it."""
    numbers = (order.order_ref, *order.numbers)
    return any(same_reference(record.order.order_ref, each) for record in library.orders for each in numbers)


def _told_elsewhere(order: Order, wanted: Wanted) -> Match:
    numbers = tuple(each.number for each in wanted.parcels if same_reference(each.order_ref, order.order_ref))
    return Match(
        OrderRecord(order, (), numbers), CERTAIN if wanted.certain else LIKELY, phrase("order of another system")
    )


def _rows(
    fact: AnyFactModel, rows: Sequence[Row], name: str, confidence: str, why: str, further: bool = False
) -> Gathered:
    """A fact of one or several lines; what is stored is those lines as they stood."""
    listed = [{"file": row.file, "line": row.line, "values": dict(row.raw)} for row in rows]
    data = json.dumps(listed, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    files = ", ".join(dict.fromkeys(row.file for row in rows))
    kind = type(fact).__name__.casefold()
    request = f"Import folder, {files}, {name}"
    return Gathered(data, "application/json", f"{kind} {name}.json", request, fact, confidence, why, further=further)


def _parcels(library: Library, matches: Sequence[Match]) -> Iterable[Gathered]:
    for match in matches:
        for record in library.shipments:
            if same_reference(record.shipment.order_ref, match.ref):
                number = record.shipment.tracking_number
                why = phrase("parcel of order {ref}", ref=match.ref)
                if record.shares_number:
                    why = joined((why, phrase("its number is recorded for another order too")), "; ")
                yield _rows(record.shipment, record.rows, number, match.confidence, why, match.further)


def _returns(library: Library, matches: Sequence[Match]) -> Iterable[Gathered]:
    for match in matches:
        for record in library.returns:
            if same_reference(record.returned.order_ref, match.ref):
                why = phrase("return of order {ref}", ref=match.ref)
                name = record.returned.return_id
                yield _rows(record.returned, record.rows, name, match.confidence, why, match.further)


def _mails(library: Library, matches: Sequence[Match], wanted: Wanted) -> Iterable[Gathered]:
    for found in matched_mails(library, matches, wanted):
        letter = found.mail.letter
        fact = letter.message.model_copy(update={"order_ref": found.order_ref})
        why = joined([found.why, *letter.notes], "; ")
        yield Gathered(
            letter.data,
            "message/rfc822",
            found.mail.file,
            f"Import folder, {found.mail.file}",
            fact,
            found.confidence,
            why,
        )


def _usage(library: Library, matches: Sequence[Match]) -> Iterable[Gathered]:
    """One log a system: everything of the order, and of the account it was placed with."""
    for match in matches:
        if match.further:
            continue
        account = match.record.order.account_id
        logs = defaultdict(list)
        for record in library.usage:
            event = record.event
            if same_reference(event.order_ref, match.ref) or (account and event.account_id == account):
                logs[record.system].append(record)
        for system, records in sorted(logs.items()):
            records.sort(key=lambda record: record.event.at)
            log = UsageLog(system=system, events=tuple(record.event for record in records))
            why = (
                phrase("account {account} of order {ref}", account=account, ref=match.ref)
                if account
                else phrase("names order {ref}", ref=match.ref)
            )
            yield _rows(log, [record.row for record in records], f"{system} {match.ref}", match.confidence, why)


def _policies(library: Library, matches: Sequence[Match], wanted: Wanted) -> Iterable[Gathered]:
    order = next((match.record.order for match in matches if not match.further), None)
    started = order.placed_at if order else wanted.paid_at
    if started is None:
        return
    day = started.astimezone(ZoneInfo(library.shop.zone)).date()
    types = [line.product_type for line in order.lines if line.product_type] if order else []
    for record in in_force(library.policies, day, types):
        why = phrase("in force on {day}, the day of the order", day=day.isoformat())
        yield Gathered(
            record.data, "text/plain", record.name, f"Import folder, {record.name}", record.policy, CERTAIN, why
        )


def _documents(library: Library, matches: Sequence[Match], refused: list[str]) -> Iterable[Gathered]:
    for match in matches:
        if match.further:
            continue
        for file in library.documents:
            if reference(documents.order_of(file)) != reference(match.ref):
                continue
            beside = library.sidecars.get(file.name.rpartition(".")[0] + ".json")
            try:
                why = phrase("lies with order {ref}", ref=match.ref)
                yield documents.gathered(
                    file, beside, match.ref, library.shop.zone, match.confidence, why, library.allowed
                )
            except FileUnreadable as error:
                refused.append(said_by(error))
