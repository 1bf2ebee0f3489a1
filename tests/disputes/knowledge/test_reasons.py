"""Looking a reason up: by code, by alias, by the gateway's word, and never failing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from disputes.knowledge import evidence_item, evidence_items, playbook, reason_for, stripe_slots
from disputes.knowledge.data import load
from disputes.lifecycle import Kind

CODES = [(row["network"], row["code"]) for row in load("reason_codes")["codes"]]


class TestLookup:
    def test_a_code_is_found_as_it_stands(self) -> None:
        reason = reason_for("visa", "13.1", "stripe", "product_not_received")
        assert (reason.category, reason.found_by, reason.name) == (
            "not_received",
            "code",
            "Merchandise/services not received",
        )

    @pytest.mark.parametrize(
        ("network", "alias", "code"),
        [
            ("visa", "1040", "10.4"),
            ("visa", "1310", "13.1"),
            ("mastercard", "53", "4853"),
            ("discover", "7030", "UA02"),
        ],
    )
    def test_an_alias_is_found(self, network: str, alias: str, code: str) -> None:
        assert reason_for(network, alias, "stripe", None).name == reason_for(network, code, "stripe", None).name
        assert reason_for(network, alias, "stripe", None).found_by == "alias"

    def test_case_and_blanks_are_no_difference(self) -> None:
        assert reason_for("Amex", " c08 ", "stripe", None).category == "not_received"

    def test_an_unknown_code_falls_to_the_gateways_reason(self) -> None:
        reason = reason_for("visa", "99.9", "stripe", "product_not_received")
        assert (reason.category, reason.found_by) == ("not_received", "gateway_reason")

    def test_unknown_code_and_unknown_reason_are_general_and_a_person_decides(self) -> None:
        reason = reason_for("visa", "99.9", "stripe", "item_teleported")
        assert (reason.category, reason.found_by, reason.person_decides) == ("general", "general", True)

    def test_diners_speaks_discovers_codes(self) -> None:
        assert reason_for("diners", "RG", "stripe", None).category == "not_received"

    @given(
        st.none() | st.text(max_size=12),
        st.none() | st.text(max_size=12),
        st.text(max_size=8),
        st.none() | st.text(max_size=20),
    )
    def test_it_never_fails(self, network: str | None, code: str | None, gateway: str, raw: str | None) -> None:
        assert reason_for(network, code, gateway, raw).category

    @pytest.mark.parametrize(("network", "code"), CODES)
    def test_every_known_code_has_a_playbook_of_known_items(self, network: str, code: str) -> None:
        reason = reason_for(network, code, "stripe", None)
        asked = reason.playbook.weights("physical") | reason.playbook.weights("subscription")
        assert set(asked) <= set(evidence_items())
        assert {item for group in reason.playbook.required_any_of for item in group} <= set(evidence_items())


class TestRules:
    def test_visa_10_5_cannot_be_contested(self) -> None:
        assert not reason_for("visa", "10.5", "stripe", "fraudulent").challengeable

    def test_cartes_bancaires_cannot_be_contested(self) -> None:
        assert not reason_for("cartes_bancaires", None, "stripe", "fraudulent").challengeable

    def test_bank_debits_cannot_be_contested(self) -> None:
        assert not reason_for(None, None, "stripe", "debit_not_authorized").challengeable

    def test_compliance_always_waits_for_a_person(self) -> None:
        assert reason_for("visa", "C028", "stripe", "noncompliant").person_decides
        assert reason_for("visa", "13.1", "stripe", None, kind=Kind.COMPLIANCE).person_decides

    def test_a_request_for_information_keeps_the_claim_it_names(self) -> None:
        reason = reason_for("mastercard", "6321", "stripe", "unrecognized")
        assert (reason.category, reason.claim) == ("inquiry", "unrecognized")

    @pytest.mark.parametrize("key", sorted(load("playbooks")["playbooks"]))
    def test_decisive_items_are_never_required(self, key: str) -> None:
        book = playbook(key)
        required = {item for items in book.required.values() for item in items}
        assert not required & set(book.decisive)

    def test_a_code_without_a_group_waits_for_a_person(self) -> None:
        for network, code in CODES:
            reason = reason_for(network, code, "stripe", None)
            assert reason.person_decides or reason.playbook.required_any_of


class TestSubConditions:
    @pytest.mark.parametrize("code", ["4853", "4834", "53", "34"])
    def test_a_lossy_code_says_that_a_choice_is_needed(self, code: str) -> None:
        assert reason_for("mastercard", code, "stripe", "product_unacceptable").lossy

    @pytest.mark.parametrize(
        ("code", "key", "category"),
        [
            ("4853", "not_provided", "not_received"),
            ("4853", "recurring", "subscription_canceled"),
            ("4853", "credit_not_processed", "credit_not_processed"),
            ("4834", "amount", "incorrect_amount"),
            ("4834", "paid_by_other_means", "paid_by_other_means"),
        ],
    )
    def test_the_choice_picks_the_playbook(self, code: str, key: str, category: str) -> None:
        reason = reason_for("mastercard", code, "stripe", None, sub_condition=key)
        assert (reason.category, reason.lossy) == (category, False)

    def test_a_choice_nobody_knows_leaves_the_question_open(self) -> None:
        assert reason_for("mastercard", "4853", "stripe", None, sub_condition="moon").lossy


class TestStripe:
    def test_our_table_of_reasons_agrees_with_stripes(self) -> None:
        for key, reason in stripe_slots().network_reasons.items():
            network, code = key.split(":")
            found = reason_for(network, code, "stripe", reason)
            assert (
                found.found_by in ("code", "alias")
                or reason_for(None, None, "stripe", reason).category == found.category
            ), key

    def test_every_item_has_a_file_slot_stripe_knows(self) -> None:
        assert {item.file_slot for item in evidence_items().values()} <= set(stripe_slots().file_slots)

    def test_an_item_nobody_knows_is_shown_by_itself(self) -> None:
        assert evidence_item("moon_dust").label == "Moon dust"


class TestGatewayRows:
    """PayPal and Square name no network code; their reasons have rows of their own."""

    def test_paypals_reason_has_a_name_of_its_own(self) -> None:
        found = reason_for(None, None, "paypal", "MERCHANDISE_OR_SERVICE_NOT_RECEIVED")
        assert (found.category, found.code, found.found_by) == ("not_received", None, "gateway_reason")
        assert found.name == "Item or service not received (INR)"

    def test_a_liability_shift_at_square_cannot_be_contested(self) -> None:
        assert not reason_for("visa", None, "square", "EMV_LIABILITY_SHIFT").challengeable

    def test_a_card_networks_code_behind_paypal_beats_it(self) -> None:
        assert (
            reason_for("visa", "13.3", "paypal", "MERCHANDISE_OR_SERVICE_NOT_RECEIVED").category == "not_as_described"
        )
