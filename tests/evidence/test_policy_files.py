"""A policy's file read into its words: paragraphs whole, what only draws gone, nothing of a card kept."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from disputes.facts import Policy
from evidence.clauses import clause, lines_of
from evidence.packet.errors import FileRefused
from evidence.policy_files import MAX_POLICY, MAX_WORDS, read_policy_file, read_policy_text

WRAPPED = """Returns

You may return an unused lamp within thirty days of its delivery, and
we refund what you paid for it.
Goods made to order are final:
- lamps cut to size by us for the height of a certain room of yours
- shades in a colour of your own choice
"""


def test_lines_broken_by_the_page_are_one_paragraph_again() -> None:
    assert read_policy_text(WRAPPED).text.split("\n") == [
        "Returns",
        "",
        "You may return an unused lamp within thirty days of its delivery, and we refund what you paid for it.",
        "Goods made to order are final:",
        "- lamps cut to size by us for the height of a certain room of yours",
        "- shades in a colour of your own choice",
    ]


@pytest.mark.parametrize("data", [b"\xff\xfe" + WRAPPED.encode("utf-16-le"), WRAPPED.encode("utf-8-sig")])
def test_the_marks_of_an_editor_are_no_words(data: bytes) -> None:
    assert read_policy_file(data, "returns.txt").text.startswith("Returns")


def test_a_saved_page_under_another_name_is_read_as_a_page() -> None:
    page = b"<!DOCTYPE html><html><body><script>x()</script><main><p>You may return goods within 30 days.</p></main>"
    read = read_policy_file(page, "returns.txt")
    assert (read.media_type, read.text) == ("text/html", "You may return goods within 30 days.")


@pytest.mark.parametrize(
    ("data", "name", "told"),
    [
        (b"a" * (MAX_POLICY + 1), "big.txt", "larger than 5 MB"),
        (b"word " * (MAX_WORDS + 1), "long.txt", "words"),
        (b"%PDF-1.7 broken", "returns.pdf", "returns.pdf"),
        (b"plain words that are no pdf at all", "returns.pdf", "is no text, Markdown, web page or PDF"),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_reason(data: bytes, name: str, told: str) -> None:
    with pytest.raises(FileRefused, match=told) as refused:
        read_policy_file(data, name)
    assert refused.value.reason


@given(st.text(max_size=400))
def test_reading_twice_changes_nothing_more(text: str) -> None:
    once = read_policy_text(text).text
    assert read_policy_text(once).text.split() == once.split()


@given(st.lists(st.text(st.characters(codec="ascii", exclude_characters="\n\r"), max_size=120), max_size=8))
def test_the_marked_paragraphs_are_the_words_that_are_quoted(lines: list[str]) -> None:
    import datetime

    told = "\n".join([*lines, "You may return goods within 30 days.", "Careers: " + "we are hiring people " * 80])
    policy = Policy(kind="return", title="Returns", text=told, in_force_from=datetime.date(2026, 1, 1))
    kept = [line for line, shown in lines_of(policy) if shown]
    quoted = [line for line in clause(policy).split("\n") if line.strip() and line != "[...]"]
    assert [" ".join(line.split()) for line in kept] == [" ".join(line.split()) for line in quoted]
