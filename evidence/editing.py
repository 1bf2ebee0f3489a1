"""Two people at one letter: each sentence goes with what its writer saw, so nobody overwrites what they did not."""

from __future__ import annotations

from collections.abc import Iterable

from disputes.facts import Fact
from disputes.ids import digest
from evidence.letter import LetterEdits


class Said(Fact):
    """What one person wants of one sentence, or of the paragraphs they added."""

    kept: bool = True
    own: str = ""
    """Their words in its place; empty: the desk's."""

    @property
    def mark(self) -> str:
        """Names this state in a form, so that what was seen can be compared with what stands."""
        return digest(f"{int(self.kept)}:{self.own}".encode())[:12]


class Wish(Fact):
    """One sentence as a form sends it."""

    id: str
    seen: str
    """The mark of what the form showed."""
    said: Said


class Clash(Fact):
    """A sentence that two people changed at the same time, each in another way."""

    id: str
    mine: Said
    theirs: Said


ADDED = "added"
"""The paragraphs of one's own, as if they were one sentence."""


def standing(edits: LetterEdits, sentence: str) -> Said:
    if sentence == ADDED:
        return Said(own="\n\n".join(edits.added))
    return Said(kept=sentence not in edits.dropped, own=edits.replaced.get(sentence, ""))


def merge(now: LetterEdits, wishes: Iterable[Wish]) -> tuple[LetterEdits, tuple[Clash, ...]]:
    """The letter with what was wished; what somebody else changed meanwhile stays where the wish did not touch it.

    Where both changed one sentence differently, nothing at all is taken over, and each such sentence is given back.
    """
    dropped, replaced, added = set(now.dropped), dict(now.replaced), now.added
    clashes = []
    for wish in wishes:
        theirs = standing(now, wish.id)
        if wish.said == theirs or wish.said.mark == wish.seen:
            continue
        if theirs.mark != wish.seen:
            clashes.append(Clash(id=wish.id, mine=wish.said, theirs=theirs))
        elif wish.id == ADDED:
            added = paragraphs(wish.said.own)
        else:
            dropped = dropped - {wish.id} if wish.said.kept else dropped | {wish.id}
            replaced.pop(wish.id, None)
            if wish.said.own:
                replaced[wish.id] = wish.said.own
    changed = LetterEdits(dropped=frozenset(dropped), replaced=replaced, added=added)
    if clashes or changed == now.plain:
        return now, tuple(clashes)
    return changed.model_copy(update={"earlier": now.plain}), ()


def undone(now: LetterEdits) -> LetterEdits:
    """The last change taken back; doing it twice brings the change back."""
    if now.earlier is None:
        return now
    return now.earlier.model_copy(update={"earlier": now.plain})


def paragraphs(text: str) -> tuple[str, ...]:
    """An empty line begins another one."""
    return tuple(part.strip() for part in text.split("\n\n") if part.strip())
