"""The context as the templates see it: strings ready to print and boxes with a size, nothing left to decide."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Literal

from disputes.clock import plainly
from disputes.facts import Message
from evidence.packet.context import Credit, Exhibit, Letterhead, PacketContext, Table
from evidence.packet.sources import Piece, Pieces, letter_of
from evidence.packet.words import foreign, letter_body, own

PAPER = {"A4": (210.0, 297.0), "Letter": (215.9, 279.4)}
"""Millimetres, upright."""
_SIDES, _TOP_AND_BOTTOM = 32.0, 37.5
_HEADING, _BELOW = 22.0, 9.0
_LINE, _CHARACTERS = 6.0, 62
"""Millimetres a line of type takes, and how many characters stand in one."""
_HALF_LINE = 26


@dataclass(frozen=True, slots=True)
class Box:
    """A place on the paper where a picture or a page of another document will stand."""

    url: str
    width: float
    height: float
    piece: Piece
    kind: Literal["picture", "paper"]
    alt: str
    below: str | None = None
    caption: str | None = None
    translation: str | None = None


def view(context: PacketContext, pieces: Pieces, size: str, *, dense: bool = False) -> tuple[dict[str, Any], list[Box]]:
    letters = {exhibit.key: letter_of(index) for index, exhibit in enumerate(context.exhibits)}
    exhibits: list[dict[str, Any]] = []
    boxes: list[Box] = []
    for before, exhibit in zip((None, *context.exhibits), context.exhibits, strict=False):
        shown = _exhibit(exhibit, letters[exhibit.key], context, pieces, len(boxes), dense)
        shown["follows"] = before is not None and before.slot == exhibit.slot and not (before.files or exhibit.files)
        exhibits.append(shown)
        boxes += shown["boxes"]
    head = context.letterhead
    return {
        "c": _Printed(context),
        "title": own(f"Response to dispute {context.case_id}"),
        "body_class": size,
        "sender": _sender(head),
        "facts": _pairs(facts(context)),
        "rows": [
            {"claim": foreign(row.claim), "shown": foreign(row.shown), "letter": letters[row.exhibit]}
            for row in context.rows
        ],
        "addresses": [
            {"title": foreign(column.title), "lines": [foreign(line) for line in column.lines]}
            for column in context.addresses
        ],
        "credits": [_credit(credit, context.zone) for credit in context.credits],
        "written": plainly(context.written_at, context.zone),
        "letter": [
            {
                "text": foreign(paragraph.text),
                "by_merchant": paragraph.by_merchant,
                "exhibits": [letters[key] for key in paragraph.exhibits],
            }
            for paragraph in context.letter
        ],
        "exhibits": exhibits,
    }, boxes


class _Printed:
    """The context's own plain strings, made printable as they are read."""

    def __init__(self, source: object) -> None:
        self._source = source

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._source, name)
        return foreign(value) if isinstance(value, str) else _Printed(value) if value is not None else None


def facts(context: PacketContext) -> list[tuple[str, str]]:
    """Page one's facts in reading order; what is unknown is absent."""
    reason = ", ".join(part for part in (context.reason_code, context.reason_name) if part)
    network = " · ".join(part for part in (context.network, reason and f"reason {reason}") if part)
    ending = context.card_last4 and f"ending {context.card_last4}"
    card = " ".join(part for part in (context.card_brand, ending) if part)
    known = (
        ("Network", network),
        ("Charged", context.amount_charged and str(context.amount_charged)),
        ("Disputed", str(context.amount_disputed)),
        ("Paid", context.paid_at and plainly(context.paid_at, context.zone)),
        ("Card", card),
        ("Authorisation", context.authorization_code),
        ("ARN", context.arn),
        ("Descriptor", context.statement_descriptor),
        ("Order", context.order_ref),
        (f"{context.gateway_name} id", context.gateway_id),
    )
    return [(foreign(label), foreign(value)) for label, value in known if value]


def _sender(head: Letterhead) -> list[str]:
    place = " · ".join(own(line) for line in (*head.address, head.country) if line)
    reach = " · ".join(own(line) for line in (head.contact, head.registration) if line)
    return [line for line in (place, reach) if line]


def _pairs(known: list[tuple[str, str]]) -> list[tuple[tuple[str, str], tuple[str, str] | None]]:
    """Two facts a line; network and reason, and after the others each long value, have a line of their own."""
    first = [fact for fact in known if fact[0] == "Network"]
    short = [fact for fact in known if len(fact[1]) <= _HALF_LINE and fact not in first]
    long = [fact for fact in known if len(fact[1]) > _HALF_LINE and fact not in first]
    pairs = [(left, short[at + 1] if at + 1 < len(short) else None) for at, left in enumerate(short) if at % 2 == 0]
    return [*((fact, None) for fact in first), *pairs, *((fact, None) for fact in long)]


def plain_date(day: date) -> str:
    return plainly(datetime(day.year, day.month, day.day, tzinfo=UTC), "UTC").partition(",")[0]


def _credit(credit: Credit, zone: str) -> str:
    arn = f", ARN {credit.arn}" if credit.arn else ""
    return foreign(f"{credit.amount} on {plainly(credit.at, zone)}, reference {credit.reference}{arn}")


def _exhibit(
    exhibit: Exhibit, letter: str, context: PacketContext, pieces: Pieces, start: int, dense: bool
) -> dict[str, Any]:
    return {
        "letter": letter,
        "title": foreign(exhibit.title),
        "source": foreign(exhibit.source),
        "taken": plainly(exhibit.taken_at, context.zone),
        "explanation": exhibit.explanation and foreign(exhibit.explanation),
        "tables": [_table(table) for table in exhibit.tables],
        "quotes": [
            {
                "title": foreign(quote.title),
                "in_force": plain_date(quote.in_force_from),
                "text": letter_body(quote.text),
                "shown_where": quote.shown_where and foreign(quote.shown_where),
                "translation": quote.translation and own(quote.translation),
            }
            for quote in exhibit.quotes
        ],
        "messages": [
            _message(message, context.zone) for message in sorted(exhibit.messages, key=lambda message: message.at)
        ],
        "boxes": _boxes(exhibit, letter, context.page_size, pieces, start, dense),
    }


def _message(message: Message, zone: str) -> dict[str, str | None]:
    side = "from the customer" if message.direction == "in" else "to the customer"
    side = f"{side} (sent automatically)" if message.automatic else side
    return {
        "when": plainly(message.at, zone),
        "kind": foreign(f"{message.channel} {side}"),
        "sender": foreign(message.sender),
        "recipients": foreign(", ".join(message.recipients)),
        "subject": message.subject and foreign(message.subject),
        "body": letter_body(message.body),
        "quoted": message.quoted.strip(),
        "translation": message.translation and letter_body(own(message.translation)),
    }


def _table(table: Table) -> dict[str, Any]:
    rows = [[foreign(cell) for cell in row] for row in table.rows]
    columns = [foreign(column) for column in table.columns]
    return {"columns": columns, "rows": rows, "widths": _widths([columns, *rows] if columns else rows)}


def _widths(rows: list[list[str]]) -> list[float]:
    """Column widths in per cent by what stands in them: the longest word must fit, long prose gets the room."""
    wants = []
    for column in zip(*rows, strict=True):
        word = max((len(part) for cell in column for part in cell.split()), default=1)
        longest = max((len(cell) for cell in column), default=1)
        wants.append(max(min(word, 24) + 2, min(longest + 2, 44), 6))
    return [round(100 * want / sum(wants), 2) for want in wants]


def _boxes(exhibit: Exhibit, letter: str, page_size: str, pieces: Pieces, start: int, dense: bool) -> list[Box]:
    boxes: list[Box] = []
    for number, part in enumerate(exhibit.files, 1):
        shown = pieces[part.sha256]
        for index, piece in enumerate(shown):
            first, last = index == 0, index == len(shown) - 1
            above = _HEADING + _lines(exhibit.explanation) if not boxes else 0.0
            below = _BELOW + (_lines(part.caption) if first else 0.0) + (_lines(part.translation) if last else 0.0)
            width, height = _fit(piece, page_size, above, below, dense=dense)
            boxes.append(
                Box(
                    url=f"packet:box/{start + len(boxes)}",
                    width=width,
                    height=height,
                    piece=piece,
                    kind="paper" if piece.picture is None else "picture",
                    alt=f"Exhibit {letter}, file {number}, page {index + 1}",
                    below=f"Page {index + 1} of {len(shown)} of the attached document" if len(shown) > 1 else None,
                    caption=_own(part.caption) if first else None,
                    translation=_own(part.translation) if last else None,
                )
            )
    return boxes


def _own(text: str | None) -> str | None:
    return own(text) if text else None


def _lines(text: str | None) -> float:
    """Millimetres a text needs, roughly; a line for its label and the space around it with it."""
    return _LINE * (1.5 + len(text) // _CHARACTERS + text.count("\n")) if text else 0.0


def _fit(piece: Piece, page_size: str, above: float, below: float, *, dense: bool) -> tuple[float, float]:
    """Millimetres on the paper: both sides by one factor, so nothing is stretched.

    Lying pictures stand two a page; in a dense packet all pictures and lying pages do.
    """
    wide, high = PAPER[page_size][0] - _SIDES, PAPER[page_size][1] - _TOP_AND_BOTTOM
    room = max(high - above - below, high / 2)
    lying = piece.width > piece.height
    if (lying and piece.picture is not None) or (dense and (lying or piece.picture is not None)):
        room = min(room, (high - _HEADING - _LINE) / 2 - _BELOW)
    factor = min(wide / piece.width, room / piece.height, 1.0 if piece.picture is not None else 1.25)
    return round(piece.width * factor, 2), round(piece.height * factor, 2)
