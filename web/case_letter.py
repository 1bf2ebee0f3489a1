"""The letter as its editor shows it: every sentence, what can be done to it, and what somebody else did meanwhile."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from evidence.editing import ADDED, Clash, Said, Wish, standing
from evidence.letter import Letter, LetterEdits, LetterSentence, compose
from evidence.packet.context import Exhibit
from evidence.packet.sources import letter_of
from web.case_view import Case


@dataclass(frozen=True, slots=True)
class Row:
    """One sentence of the desk and what the merchant made of it."""

    id: str
    text: str
    said: Said
    """As the form shows it: what stands, or what was typed and clashed."""
    mark: str
    """Of what stands."""
    exhibits: tuple[str, ...]
    """Letters of the exhibits it cites."""
    leads: bool
    """It states the ground: own words follow it and never replace it."""
    theirs: Said | None


@dataclass(frozen=True, slots=True)
class Editor:
    ask: str
    rows: tuple[Row, ...]
    added: Row
    stands: bool
    """There is a ground, so that a letter can be written at all."""
    version: str
    undo: bool
    clashes: int


def editor(
    case: Case, letter: Letter, shown: Sequence[Exhibit], wishes: Iterable[Wish] = (), clashes: Iterable[Clash] = ()
) -> Editor:
    """`wishes` and `clashes`: of a form that could not be taken, so that nothing typed is lost."""
    edits = case.edits
    typed = {wish.id: wish.said for wish in wishes}
    theirs = {clash.id: clash.theirs for clash in clashes}
    letters = {exhibit.key: letter_of(index) for index, exhibit in enumerate(shown)}

    def row(id: str, text: str, cited: Iterable[str] = (), *, leads: bool = False) -> Row:
        stands = standing(edits, id)
        said = typed.get(id, stands)
        cites = tuple(letters[key] for key in cited if key in letters)
        return Row(id, text, said, stands.mark, cites, leads, theirs.get(id))

    plain = _without_own_words(case, letter)
    first = plain.sentences[0].id if plain.sentences else ""
    rows = tuple(row(each.id, each.text, each.exhibits, leads=each.id == first) for each in _in_place(case, plain))
    return Editor(
        ask=letter.ask,
        rows=rows,
        added=row(ADDED, ""),
        stands=bool(letter.ground),
        version=edits.version,
        undo=edits.earlier is not None,
        clashes=len(theirs),
    )


def _without_own_words(case: Case, letter: Letter) -> Letter:
    """The same letter in the desk's sentences alone."""
    edits = case.edits
    if case.assessment is None or not (edits.replaced or edits.added):
        return letter
    return compose(case.claim, case.file, case.assessment, LetterEdits(dropped=edits.dropped))


def _in_place(case: Case, plain: Letter) -> list[LetterSentence]:
    """What was left out stands where it would stand, so that it is found again."""
    if not plain.dropped or case.assessment is None:
        return list(plain.sentences)
    whole = [each.id for each in compose(case.claim, case.file, case.assessment).sentences]
    place = {id: number for number, id in enumerate(whole)}
    found = list(plain.sentences)
    for each in plain.dropped:
        after = (n for n, there in enumerate(found) if place.get(there.id, -1) > place.get(each.id, len(place)))
        found.insert(next(after, len(found)), each)
    return found
