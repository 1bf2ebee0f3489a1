"""Shopify Payments as it comes through the door: its form, its limits, its slots, its fields."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from disputes import gateway_kinds
from disputes.knowledge import evidence_items, packet_limits, text_limits
from disputes.knowledge.reasons import categories, reason_for
from disputes.titles import gateway_title
from gateways.shopify_payments.contract import DOCUMENT_TYPES, MERCHANTS_OWN, REASONS, TEXT_FIELDS
from gateways.shopify_payments.kind import KIND, shop_address

ROOT = Path(__file__).resolve().parents[3]


def test_it_is_found_under_the_name_of_its_entry_point() -> None:
    assert gateway_kinds.gateway_kinds()["shopify_payments"] is KIND
    assert gateway_title("shopify_payments") == "Shopify Payments"


def test_the_source_tree_and_the_distribution_name_the_same_plug_ins() -> None:
    """A desk that runs from its source tree has no metadata to find them by."""
    told = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["entry-points"]
    assert told[gateway_kinds.GROUP] == gateway_kinds.OURS


@pytest.mark.parametrize(
    "typed",
    [
        "lumen",
        "Lumen.myshopify.com",
        "https://lumen.myshopify.com/admin",
        "https://admin.shopify.com/store/lumen/orders",
    ],
)
def test_the_shops_address_is_read_as_people_have_it(typed: str) -> None:
    assert shop_address(typed) == "https://lumen.myshopify.com"


@pytest.mark.parametrize(
    "typed", ["", "lumen.example", "http://127.0.0.1:8000", "lumen.myshopify.com.evil.example", "ftp://lumen", "a b",
              "https://user:key@lumen.myshopify.com"],
)  # fmt: skip
def test_no_other_address_gets_the_key(typed: str) -> None:
    with pytest.raises(ValueError, match=r"\.myshopify\.com"):
        shop_address(typed)


def test_the_packet_has_the_published_limits_and_fewer_pages_at_mastercard() -> None:
    limits = packet_limits("shopify_payments", "visa")
    assert (limits.file_bytes, limits.total_pages) == (1_999_999, 49)
    assert limits.total_bytes < 4_000_000
    assert limits.source
    assert packet_limits("shopify_payments", "mastercard").total_pages == 19
    assert packet_limits("shopify_payments", None).total_pages == 19, "the network is not known"


def test_texts_have_a_bound() -> None:
    assert text_limits("shopify_payments").of("uncategorizedText") == 20_000


def test_every_reason_leads_to_a_category_of_ours() -> None:
    assert set(REASONS.values()) <= set(categories())
    assert reason_for(None, None, "shopify_payments", "PRODUCT_NOT_RECEIVED").category == "not_received"
    assert reason_for("visa", "10.4", "shopify_payments", "FRAUDULENT").category == "fraudulent"
    assert reason_for(None, None, "shopify_payments", "A_NEW_ONE").category == "general"


def test_every_item_is_filed_in_a_slot_that_shopify_has() -> None:
    for reason in REASONS:
        slots = {KIND.slots.of(item, reason) for item in evidence_items()}
        assert slots <= set(DOCUMENT_TYPES)


def test_a_policy_goes_where_the_claim_is_about_it_and_else_to_the_front() -> None:
    """Shopify's own page does not show the other slots for a fraud claim: nobody would look there."""
    assert KIND.slots.of("return_policy", "CREDIT_NOT_PROCESSED") == "refundPolicyFile"
    assert KIND.slots.of("return_policy", "FRAUDULENT") == "uncategorizedFile"
    assert KIND.slots.of("delivery_confirmation", "FRAUDULENT") == "shippingDocumentationFile"


def test_what_a_person_may_write_there_is_a_field_of_the_answer() -> None:
    assert set(TEXT_FIELDS) | set(DOCUMENT_TYPES) >= MERCHANTS_OWN


def test_before_a_person_approves_it_says_that_shopify_files_by_itself() -> None:
    assert "by itself on the due date" in KIND.filing
    assert "due date" in KIND.files_itself
