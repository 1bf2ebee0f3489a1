"""Laws of withdrawal, the customer's rights and compelling evidence as data, each entry with its source."""

from __future__ import annotations

import pytest

from disputes.knowledge import (
    action_words,
    compelling_elements,
    compelling_rule,
    country_code,
    customer_rules,
    sold_as,
    withdrawal_law,
)
from disputes.knowledge.withdrawal import in_eea

MEMBERS = (
    *("AT", "BE", "BG", "HR", "CY", "CZ", "DK", "EE", "FI", "FR", "DE", "GR", "HU", "IE", "IT", "LV", "LT", "LU"),
    *("MT", "NL", "PL", "PT", "RO", "SK", "SI", "ES", "SE"),
)


class TestWithdrawal:
    @pytest.mark.parametrize("country", [*MEMBERS, "IS", "LI", "NO"])
    def test_every_member_of_the_union_and_the_area_has_the_directive(self, country: str) -> None:
        law = withdrawal_law(country)
        assert law is not None
        assert law.law == "eu"

    def test_there_are_27_members_and_three_more(self) -> None:
        assert len(MEMBERS) == 27
        assert in_eea("Norge")
        assert not in_eea("TR")
        assert not in_eea("CH")

    @pytest.mark.parametrize(
        ("words", "code"),
        [
            ("türkiye", "TR"),
            ("Turkey", "TR"),
            ("ÖSTERREICH", "AT"),
            ("Almanya", "DE"),
            ("el", "GR"),
            ("Atlantis", None),
        ],
    )
    def test_a_country_is_known_by_its_names(self, words: str, code: str | None) -> None:
        assert country_code(words) == code

    @pytest.mark.parametrize("country", ["TR", "DE"])
    def test_each_law_names_its_days_its_source_and_its_exceptions(self, country: str) -> None:
        law = withdrawal_law(country)
        assert law is not None
        assert law.days == 14
        assert law.sources
        assert law.checked
        assert {each.exception for each in law.exceptions} == {
            *("personalised", "perishable", "sealed_hygiene", "sealed_media", "press", "dated_service"),
            *("digital_begun", "service_begun", "price_tied"),
        }
        assert all(each.article for each in law.exceptions)


def test_every_right_has_its_rule_and_its_meaning() -> None:
    assert len(customer_rules()) == 12
    for each in customer_rules().values():
        assert each.rule.endswith(".")
        assert each.meaning.endswith(".")
        assert each.sources


def test_compelling_evidence_is_for_one_code_of_one_network() -> None:
    rule = compelling_rule()
    assert (rule.network, rule.code, rule.text_limit) == ("visa", "10.4", 5000)
    assert [each.at_least for each in compelling_elements()] == [1, 15, 20, 1, 1, 1]
    assert (sold_as("physical"), sold_as("travel")) == ("merchandise", "services")
    assert action_words("missing_merchandise_or_services").startswith("Say whether")
