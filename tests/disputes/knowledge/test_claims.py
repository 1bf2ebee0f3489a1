"""What is claimed, in one plain sentence: by code where a code says more than its category."""

from __future__ import annotations

import pytest

from disputes.knowledge import claim_sentences, plain_claim, reason_for
from disputes.knowledge.data import load


@pytest.mark.parametrize("row", load("reason_codes")["codes"], ids=lambda row: f"{row['network']}-{row['code']}")
def test_every_code_has_a_sentence_with_its_source(row: dict[str, str]) -> None:
    said = plain_claim(reason_for(row["network"], row["code"], "stripe", None))
    assert said.words.endswith(".")
    assert said.sources


def test_every_category_has_a_sentence() -> None:
    told = {entry["category"] for entry in load("claims")["categories"]}
    assert told == {entry["category"] for entry in load("categories")["categories"]}


@pytest.mark.parametrize(
    ("network", "code", "part"),
    [
        ("visa", "13.1", "never arrived"),
        ("visa", "13.5", "misled"),
        ("visa", "13.4", "counterfeit"),
        ("visa", "12.3", "another currency"),
        ("amex", "F30", "at your terminal"),
        ("mastercard", "4853", "does not say"),
    ],
)
def test_the_narrowest_sentence_is_taken(network: str, code: str, part: str) -> None:
    assert part in plain_claim(reason_for(network, code, "stripe", None)).words


def test_what_a_person_said_the_code_stands_for_counts() -> None:
    reason = reason_for("mastercard", "4853", "stripe", None, sub_condition="not_provided")
    assert "never arrived" in plain_claim(reason).words


def test_a_gateway_without_codes_is_told_in_its_own_words() -> None:
    reason = reason_for(None, None, "paypal", "UNAUTHORISED")
    assert "The buyer" in plain_claim(reason, gateway="paypal", raw_reason="UNAUTHORISED").words


def test_every_named_code_and_condition_is_one_that_exists() -> None:
    known = {(row["network"], row["code"]) for row in load("reason_codes")["codes"]}
    assert {(row["network"], row["code"]) for row in load("claims")["codes"]} <= known
    conditions = {
        (row["network"], row["code"], each["key"])
        for row in load("sub_conditions")["codes"]
        for each in row["conditions"]
    }
    assert {(row["network"], row["code"], row["key"]) for row in load("claims")["conditions"]} <= conditions


def test_no_sentence_is_said_twice_to_the_translators() -> None:
    assert len(claim_sentences()) == len(set(claim_sentences()))
