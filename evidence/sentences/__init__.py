"""The sentences of the letter as data: whom they answer, which facts they need, and their words.

A sentence stands only when every fact it needs is in the factbook and none of its `unless` is. Ids are append-only:
merchants' edits point at them.
"""

from __future__ import annotations

import json
import string
from functools import cache
from importlib.resources import files
from typing import Literal

from disputes.facts import Fact, ProductType
from evidence.factbook import Book
from evidence.records import Ref


class Sentence(Fact):
    id: str
    role: Literal["ground", "support", "row"]
    claims: tuple[str, ...]
    """Categories it answers, or "any"."""
    types: tuple[ProductType, ...] = ()
    """Empty: every product type."""
    needs: tuple[str, ...]
    unless: tuple[str, ...] = ()
    skip_after: tuple[str, ...] = ()
    """Says nothing new once one of these has been said."""
    rank: int | None = None
    field: str | None = None
    """A gateway text field the same words fill."""
    claim: str | None = None
    """Rows only: what is claimed."""
    text: str

    @property
    def placeholders(self) -> frozenset[str]:
        return frozenset(name for _, name, _, _ in string.Formatter().parse(self.text) if name)


class Grounded(Fact):
    """A sentence with its facts filled in."""

    id: str
    role: Literal["ground", "support", "row"]
    text: str
    exhibits: tuple[str, ...]
    records: tuple[Ref, ...]
    skip_after: tuple[str, ...] = ()
    field: str | None = None
    claim: str | None = None


@cache
def sentences() -> tuple[Sentence, ...]:
    text = files("evidence.sentences").joinpath("sentences.json").read_text(encoding="utf-8")
    return tuple(Sentence(**entry) for entry in json.loads(text)["sentences"])


def _fits(sentence: Sentence, claims: tuple[str, ...], product_type: ProductType) -> bool:
    answers = "any" in sentence.claims or any(claim in sentence.claims for claim in claims)
    return answers and (not sentence.types or product_type in sentence.types)


def _rank(sentence: Sentence, claims: tuple[str, ...]) -> int:
    """What decides a case alone comes first, then what answers this claim, then the rest."""
    if sentence.rank is not None:
        return sentence.rank
    if sentence.claims == ("any",):
        return 0 if sentence.role == "ground" else len(claims) + 1
    return 1 + min(claims.index(claim) for claim in claims if claim in sentence.claims)


def grounded(book: Book, claims: tuple[str, ...], product_type: ProductType) -> tuple[Grounded, ...]:
    """Every sentence the facts carry, in the order a reviewer should meet them within its role."""
    standing = [
        sentence
        for sentence in sentences()
        if _fits(sentence, claims, product_type)
        and all(name in book for name in sentence.needs)
        and not any(name in book for name in sentence.unless)
    ]
    standing.sort(key=lambda sentence: _rank(sentence, claims))
    return tuple(_fill(sentence, book) for sentence in standing)


def _fill(sentence: Sentence, book: Book) -> Grounded:
    used = [book[name] for name in sentence.needs]
    return Grounded(
        id=sentence.id,
        role=sentence.role,
        text=sentence.text.format_map({name: book[name].text for name in sentence.placeholders}),
        exhibits=tuple(dict.fromkeys(key for fact in used for key in fact.exhibits)),
        records=tuple(dict.fromkeys(record for fact in used for record in fact.records)),
        skip_after=sentence.skip_after,
        field=sentence.field,
        claim=sentence.claim,
    )
