"""Evidence as it lies at Square: what is there, whose it is, and what of it stands for one answer.

Square keeps evidence of earlier rounds in the same list and says nothing about rounds. A piece is known by its id,
which the journal holds; names and words alone prove nothing about this round.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from disputes.phrases import Phrase, phrase
from disputes.ports import Answer, StagedFile
from disputes.response import Response
from gateways.square.contract import DISPUTE_ID_CHARS
from gateways.square.mapping import instant
from gateways.square.wire import Wire, checked

Raw = Mapping[str, Any]

GENERIC = "GENERIC_EVIDENCE"
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece of evidence: a file by its name, or a text."""

    evidence_id: str
    type: str
    text: str | None
    file_name: str | None
    uploaded_at: datetime

    @property
    def content(self) -> tuple[str, str | None, str | None]:
        return self.type, self.text, self.file_name

    @property
    def words(self) -> Phrase:
        """For a person who has to find it: "RECEIPT (receipt.pdf)"."""
        if self.file_name:
            return Phrase(f"{self.type} ({self.file_name})")
        return phrase("{type} (text)", type=self.type)


def lying(wire: Wire, dispute_id: str) -> list[Piece]:
    """Everything in the list. A piece that the list tells half of is read on its own."""
    safe = checked(dispute_id, phrase("a dispute"), chars=DISPUTE_ID_CHARS)
    pages = wire.pages(
        lambda sdk, cursor, options: sdk.disputes.evidence.list(safe, cursor=cursor, request_options=options),
        "evidence",
    )
    return [_piece(_whole(wire, safe, raw)) for page in pages for raw in page]


def _whole(wire: Wire, dispute_id: str, raw: Raw) -> Raw:
    if raw.get("evidence_type") and (raw.get("evidence_text") or raw.get("evidence_file")):
        return raw
    evidence_id = checked(_id_of(raw), phrase("a piece of evidence"))
    alone = wire.read(
        lambda sdk, options: sdk.disputes.evidence.get(dispute_id, evidence_id, request_options=options), "evidence"
    )
    return {**raw, **alone}


def _id_of(raw: Raw) -> object:
    return raw.get("id") or raw.get("evidence_id")


def _piece(raw: Raw) -> Piece:
    return Piece(
        evidence_id=checked(_id_of(raw), phrase("a piece of evidence")),
        type=raw.get("evidence_type") or GENERIC,
        text=raw.get("evidence_text"),
        file_name=(raw.get("evidence_file") or {}).get("filename"),
        uploaded_at=instant(raw.get("uploaded_at")) or _NEVER,
    )


# ---- slots ---------------------------------------------------------------------------------------------------------


def type_of(slot: str) -> str:
    """A slot is an evidence type; several pieces of one type are "TRACKING_NUMBER", "TRACKING_NUMBER[1]"..."""
    return slot.partition("[")[0]


def in_turn(slots: Iterable[str]) -> list[str]:
    """The order in which they are sent: the highest number first, so that the newest piece of a type is the first."""
    return sorted(slots, key=lambda slot: (type_of(slot), -_number(slot)))


def _number(slot: str) -> int:
    number = slot.partition("[")[2].rstrip("]")
    return int(number) if number.isdecimal() else 0


def fields_of(pieces: Sequence[Piece]) -> dict[str, str]:
    """Texts by slot, the newest piece of a type first."""
    return {slot: piece.text or "" for slot, piece in _slotted(pieces, text=True)}


def files_of(pieces: Sequence[Piece]) -> dict[str, StagedFile]:
    """Files by slot; Square tells no size, but the name carries the hash."""
    return {
        slot: StagedFile(piece.evidence_id, piece.file_name or "", None) for slot, piece in _slotted(pieces, text=False)
    }


def _slotted(pieces: Sequence[Piece], *, text: bool) -> Iterator[tuple[str, Piece]]:
    counts: dict[str, int] = {}
    newest_first = sorted(enumerate(pieces), key=lambda each: (each[1].uploaded_at, each[0]), reverse=True)
    for _, piece in newest_first:
        if (piece.text is not None) is text:
            number = counts[piece.type] = counts.get(piece.type, -1) + 1
            yield (f"{piece.type}[{number}]" if number else piece.type), piece


# ---- whose it is ---------------------------------------------------------------------------------------------------


def ours(answers: Sequence[Answer]) -> set[str]:
    """Ids of pieces that our journal uploaded, in all rounds."""
    return {str(each["evidence_id"]) for each in answers if each.get("evidence_id")}


def for_this(answers: Sequence[Answer], response: Response) -> set[str]:
    """Ids of pieces uploaded for this very answer; its hash names the round too."""
    return ours([each for each in answers if each.get("response") == response.sha256])


def of_round(answers: Sequence[Answer], ordinal: int) -> set[str]:
    return ours([each for each in answers if each.get("round") == ordinal])


def sent_before(answers: Sequence[Answer]) -> set[str]:
    """Ids that went to the bank with an earlier submission of ours; they stay, and prove nothing about this round."""
    return {str(one) for each in answers if each.get("sent") for one in each.get("evidence_ids") or ()}


def wanted(response: Response) -> dict[str, tuple[str, str | None, str | None]]:
    """What has to lie there, by the name of its write: (type, text, file name)."""
    files = {f"upload:{file.slot}": (type_of(file.slot), None, file.name) for file in response.files}
    texts = {f"text:{slot}": (type_of(slot), text, None) for slot, text in response.fields.items()}
    return {**files, **texts}


def adopted(pieces: Sequence[Piece], response: Response, answers: Sequence[Answer]) -> dict[str, str]:
    """Pieces that lie there for this very answer already, by the name of the write that would bring them."""
    there = for_this(answers, response) - sent_before(answers)
    left = {piece.evidence_id: piece for piece in pieces if piece.evidence_id in there}
    found: dict[str, str] = {}
    for name, content in wanted(response).items():
        match = next((one for one, piece in left.items() if piece.content == content), None)
        if match is not None:
            del left[match]
            found[name] = match
    return found


def foreign(pieces: Sequence[Piece], response: Response, answers: Sequence[Answer]) -> list[Piece]:
    """What neither our journal nor this answer explains: an upload may have arrived though its answer did not."""
    known = ours(answers) | sent_before(answers)
    contents = set(wanted(response).values())
    return [piece for piece in pieces if piece.evidence_id not in known and piece.content not in contents]


def strays(pieces: Sequence[Piece], keep: Collection[str], answers: Sequence[Answer]) -> list[Piece]:
    """Ours by the journal, beside what is kept, and not sent to the bank yet."""
    left = ours(answers) - set(keep) - sent_before(answers)
    return [piece for piece in pieces if piece.evidence_id in left]


def beside(pieces: Sequence[Piece], now: Collection[str], answers: Sequence[Answer]) -> list[Piece]:
    """Everything that would go to the bank with this answer and is no part of it."""
    kept = set(now) | sent_before(answers)
    return [piece for piece in pieces if piece.evidence_id not in kept]
