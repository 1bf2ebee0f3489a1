"""The letter: the issuer's ground first, every sentence grounded, the merchant's own words marked as theirs."""

from __future__ import annotations

import json
import re

from pydantic import Field

from disputes.facts import CaseFile, Fact
from disputes.ids import digest
from disputes.lifecycle import Kind
from evidence.assessment import Assessment
from evidence.claim import Claim
from evidence.factbook import factbook
from evidence.items import claims_of
from evidence.packet.context import ClaimRow, Paragraph
from evidence.records import Ref
from evidence.sale import Sale
from evidence.sentences import Grounded, grounded

MOST_ROWS = 5


class LetterEdits(Fact):
    """What the merchant changed. Ids of sentences that no longer stand are ignored."""

    dropped: frozenset[str] = frozenset()
    replaced: dict[str, str] = Field(default_factory=dict)
    """Sentence id -> the merchant's own words in its place."""
    added: tuple[str, ...] = ()
    earlier: LetterEdits | None = None
    """What stood before the last change, so that it can be taken back."""

    @property
    def plain(self) -> LetterEdits:
        return self.model_copy(update={"earlier": None})

    @property
    def version(self) -> str:
        """Names this state: two people compare what they saw by it. The order in which edits were made is no part."""
        said = [sorted(self.dropped), sorted(self.replaced.items()), list(self.added)]
        return digest(json.dumps(said).encode())[:12]


class LetterSentence(Fact):
    id: str
    text: str
    exhibits: tuple[str, ...] = ()
    records: tuple[Ref, ...] = ()
    field: str | None = None
    by_merchant: bool = False


class Letter(Fact):
    ask: str
    ground: str
    """Empty: no record carries an answer, and no packet can be made."""
    ground_exhibits: tuple[str, ...] = ()
    rows: tuple[ClaimRow, ...] = ()
    sentences: tuple[LetterSentence, ...] = ()
    """In order; the first states the ground."""
    dropped: tuple[LetterSentence, ...] = ()
    """Standing sentences the merchant left out, so that they can be put back."""

    @property
    def paragraphs(self) -> tuple[Paragraph, ...]:
        return tuple(
            Paragraph(text=each.text, exhibits=each.exhibits, by_merchant=each.by_merchant) for each in self.sentences
        )

    @property
    def cited(self) -> tuple[str, ...]:
        """Keys of every exhibit the letter or its table points at."""
        keys = [key for each in self.sentences for key in each.exhibits]
        return tuple(dict.fromkeys([*keys, *(row.exhibit for row in self.rows)]))

    def texts(self, field: str) -> tuple[str, ...]:
        """The sentences that also fill this gateway field."""
        return tuple(each.text for each in self.sentences if each.field == field)


_UNFINISHED = re.compile(r"<[^<>\n]{1,60}>|\[[^\[\]\n]{1,60}\]|\{[^{}\n]{1,60}\}|_{3,}|\b(?:TODO|TBD|XXX+)\b")


def unfinished(text: str) -> str | None:
    """A placeholder left in a text ("<date>", "[name]"), or None."""
    found = _UNFINISHED.search(text)
    return found.group(0) if found else None


def _ask(claim: Claim, assessment: Assessment) -> str:
    credits = assessment.credits
    if claim.kind is Kind.INQUIRY:
        return f"Closing of the inquiry in the merchant's favour: {claim.amount}"
    if credits.covers == "part":
        return f"Reversal of the dispute for the part not refunded: {credits.contested}"
    return f"Reversal of the dispute in full: {claim.amount}"


def _told(standing: tuple[Grounded, ...]) -> list[Grounded]:
    """Grounds first, then what supports them, leaving out what would only say the same again."""
    told: list[Grounded] = []
    for role in ("ground", "support"):
        for each in standing:
            if each.role == role and not set(each.skip_after) & {before.id for before in told}:
                told.append(each)
    return _early(told)


def _early(told: list[Grounded]) -> list[Grounded]:
    """A refund in part stands right behind the ground: it changes what is asked."""
    part = [each for each in told if each.id == "credit.part"]
    rest = [each for each in told if each.id != "credit.part"]
    return rest[:1] + part + rest[1:] if part else told


def _rows(standing: tuple[Grounded, ...]) -> tuple[ClaimRow, ...]:
    return tuple(
        ClaimRow(claim=each.claim or "", shown=each.text[:1].upper() + each.text[1:], exhibit=each.exhibits[0])
        for each in standing
        if each.role == "row" and each.exhibits
    )[:MOST_ROWS]


def _edited(told: list[Grounded], edits: LetterEdits) -> list[LetterSentence]:
    """The ground is never replaced: the merchant's words for it follow right behind it."""
    written: list[LetterSentence] = []
    for each in told:
        own = edits.replaced.get(each.id)
        composed = LetterSentence(
            id=each.id, text=each.text, exhibits=each.exhibits, records=each.records, field=each.field
        )
        if own is None or not written:
            written.append(composed)
        if own is not None:
            written.append(
                LetterSentence(
                    id=f"{each.id}:own", text=own.strip(), exhibits=each.exhibits, field=each.field, by_merchant=True
                )
            )
    own_words = [text.strip() for text in edits.added if text.strip()]
    written += [
        LetterSentence(id=f"own:{number}", text=text, by_merchant=True) for number, text in enumerate(own_words, 1)
    ]
    return written


def compose(claim: Claim, case: CaseFile, assessment: Assessment, edits: LetterEdits | None = None) -> Letter:
    """The letter from the facts that stand, with the merchant's edits."""
    chosen = edits or LetterEdits()
    sale = Sale(claim, case, assessment.assessed_at)
    book = factbook(sale, assessment.credits, assessment.zone)
    standing = grounded(book, claims_of(sale), sale.product_type)
    told = [each for each in _told(standing) if each.id not in chosen.dropped]
    left_out = tuple(
        LetterSentence(id=each.id, text=each.text, exhibits=each.exhibits, records=each.records, field=each.field)
        for each in standing
        if each.role != "row" and each.id in chosen.dropped
    )
    ask = _ask(claim, assessment)
    if not told or told[0].role != "ground":
        return Letter(ask=ask, ground="", dropped=left_out)
    return Letter(
        ask=ask,
        ground=told[0].text,
        ground_exhibits=told[0].exhibits,
        rows=_rows(standing),
        sentences=tuple(_edited(told, chosen)),
        dropped=left_out,
    )
