"""Of a long policy the clause that matters is quoted, and what is left out is marked."""

from __future__ import annotations

from datetime import date

from disputes.facts import Policy
from evidence.clauses import LONG, OMITTED, clause

PRIVACY = "We keep your address as long as the law asks us to and tell it to nobody who has no need of it. " * 8
TEXT = "\n".join(
    [
        "Our house", PRIVACY.strip(),
        "Coming to see us", PRIVACY.strip(),
        "Sending things back", "You have thirty days from the day the parcel came.",
        "Goods come to us at your cost:", "- unused", "- in a box that protects them",
        "What we do then", "We refund the price to the card you paid with.",
        "Newsletter", PRIVACY.strip(),
    ]
)  # fmt: skip


def policy(text: str = TEXT, kind: str = "return") -> Policy:
    return Policy.model_validate({"kind": kind, "title": "Returns", "text": text, "in_force_from": date(2026, 1, 1)})


def test_the_clause_is_quoted_under_its_heading_and_the_rest_is_marked() -> None:
    assert clause(policy()).split("\n") == [
        OMITTED,
        "Sending things back",
        "You have thirty days from the day the parcel came.",
        "Goods come to us at your cost:",
        "- unused",
        "- in a box that protects them",
        "What we do then",
        "We refund the price to the card you paid with.",
        OMITTED,
    ]


def test_an_exception_to_the_rule_is_never_left_out() -> None:
    said = f"{TEXT}\n{PRIVACY}\nPersonalised pieces are not part of this."
    assert clause(policy(said)).endswith("Personalised pieces are not part of this.")


def test_terms_in_general_are_quoted_whole() -> None:
    assert clause(policy(kind="terms")) == TEXT


def test_a_short_policy_is_quoted_whole() -> None:
    text = "Opening hours\nNine to five.\nReturns\nThirty days."
    assert clause(policy(text)) == text


def test_a_long_policy_that_never_speaks_of_its_subject_is_quoted_whole() -> None:
    text = "\n".join([PRIVACY.strip()] * 3)
    assert len(text.split()) > LONG
    assert clause(policy(text)) == text
