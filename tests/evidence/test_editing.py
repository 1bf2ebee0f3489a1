"""Two people at one letter: what one did not touch stays as the other left it, and nothing is overwritten unseen."""

from __future__ import annotations

from evidence.editing import ADDED, Said, Wish, merge, standing, undone
from evidence.letter import LetterEdits

AS_WRITTEN = Said().mark


def wish(id: str, *, seen: str = AS_WRITTEN, kept: bool = True, own: str = "") -> Wish:
    return Wish(id=id, seen=seen, said=Said(kept=kept, own=own))


class TestMerging:
    def test_takes_over_what_was_wished(self) -> None:
        wishes = [wish("a", kept=False), wish("b", own="Ours."), wish(ADDED, own="One.\n\nTwo.")]
        merged, clashes = merge(LetterEdits(), wishes)
        assert clashes == ()
        assert merged.plain == LetterEdits(dropped=frozenset({"a"}), replaced={"b": "Ours."}, added=("One.", "Two."))

    def test_leaves_alone_what_somebody_else_changed_and_this_form_did_not(self) -> None:
        theirs = LetterEdits(dropped=frozenset({"a"}), added=("Theirs.",))
        merged, clashes = merge(theirs, [wish("a"), wish("b", own="Ours."), wish(ADDED)])
        assert clashes == ()
        assert merged.plain == theirs.model_copy(update={"replaced": {"b": "Ours."}})

    def test_of_one_sentence_changed_twice_takes_nothing_and_gives_both(self) -> None:
        theirs = LetterEdits(replaced={"a": "Theirs."})
        merged, (clash,) = merge(theirs, [wish("a", own="Mine."), wish("b", kept=False)])
        assert merged == theirs
        assert (clash.id, clash.mine.own, clash.theirs.own) == ("a", "Mine.", "Theirs.")

    def test_of_the_same_wish_of_both_is_no_clash(self) -> None:
        theirs = LetterEdits(dropped=frozenset({"a"}))
        assert merge(theirs, [wish("a", kept=False)]) == (theirs, ())

    def test_of_what_was_seen_may_replace_it(self) -> None:
        theirs = LetterEdits(replaced={"a": "Theirs."})
        seen = standing(theirs, "a").mark
        merged, clashes = merge(theirs, [wish("a", seen=seen, own="Mine.")])
        assert (merged.replaced, clashes) == ({"a": "Mine."}, ())

    def test_brings_the_sentence_of_the_desk_back_where_the_own_words_are_emptied(self) -> None:
        now = LetterEdits(replaced={"a": "Mine."})
        merged, _ = merge(now, [wish("a", seen=standing(now, "a").mark)])
        assert merged.replaced == {}

    def test_keeps_edits_of_sentences_that_no_form_showed(self) -> None:
        now = LetterEdits(dropped=frozenset({"gone"}))
        assert merge(now, [wish("a", kept=False)])[0].dropped == {"gone", "a"}


class TestTakingBack:
    def test_brings_what_stood_before_and_once_more_the_change(self) -> None:
        before = LetterEdits(replaced={"a": "First."})
        changed, _ = merge(before, [wish("b", kept=False)])
        back = undone(changed)
        assert back.plain == before
        assert undone(back).plain == changed.plain

    def test_of_nothing_changes_nothing(self) -> None:
        assert undone(LetterEdits()) == LetterEdits()

    def test_reaches_one_change_back_and_no_further(self) -> None:
        edits = LetterEdits()
        for id in ("a", "b", "c"):
            edits, _ = merge(edits, [wish(id, kept=False)])
        assert edits.earlier is not None
        assert edits.earlier.earlier is None
        assert undone(edits).dropped == {"a", "b"}


def test_the_version_names_what_stands_and_not_how_it_came_about() -> None:
    one, _ = merge(LetterEdits(), [wish("a", kept=False)])
    two, _ = merge(one, [wish("b", kept=False)])
    assert two.version == LetterEdits(dropped=frozenset({"b", "a"})).version
    assert undone(two).version == one.version != two.version
