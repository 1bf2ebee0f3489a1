"""Limits, fees and priors: the strictest applies, and each says where it is from."""

from __future__ import annotations

import pytest

from disputes.knowledge import fees, packet_limits, stripe_slots, text_limits, win_prior
from disputes.money import Money


def test_stripe_takes_49_pages_and_mastercard_19() -> None:
    assert packet_limits("stripe", "visa").total_pages == 49
    assert packet_limits("stripe", "mastercard").total_pages == 19
    assert packet_limits("stripe", None).total_bytes == 4_500_000


def test_an_unknown_gateway_gets_the_strictest_profile() -> None:
    assert packet_limits("moonpay", None).total_pages == 19


def test_long_texts_are_long_and_others_are_short() -> None:
    limits = text_limits()
    assert (limits.of("uncategorized_text"), limits.of("customer_name"), limits.total) == (20_000, 5_000, 150_000)
    assert limits.long_fields <= set(stripe_slots().text_fields)


def test_the_counter_fee_is_not_booked_in_japan() -> None:
    assert fees("stripe", "JP") is not None
    assert [fee.countered for fee in (fees("stripe", "US"), fees("stripe", "JP")) if fee] == [
        Money(1500, "USD"),
        Money(0, "USD"),
    ]


def test_the_economic_area_pays_in_euros_whatever_the_country_is_called() -> None:
    for country in ("IE", "Deutschland"):
        table = fees("stripe", country)
        assert table is not None
        assert (table.received, table.countered) == (Money(2000, "EUR"), Money(2000, "EUR"))


def test_paypal_charges_only_who_loses_and_not_for_everything() -> None:
    table = fees("paypal")
    assert table is not None
    assert (table.received_returned_on_win, table.free_below_fees) == (True, 2)
    assert (table.free_categories, table.free_kinds) == (("fraudulent",), ("inquiry",))


def test_fees_are_dated_where_the_source_says_since_when() -> None:
    assert [table.since for table in (fees("stripe"), fees("square")) if table] == ["2025-06-17", None]


def test_a_prior_is_worth_a_handful_of_cases() -> None:
    assert {win_prior(key).weight for key in ("contested", "fraud", "friendly_fraud")} == {10}


def test_a_gateway_without_published_fees_has_none() -> None:
    assert fees("moonpay") is None


def test_a_prior_names_its_source() -> None:
    assert win_prior("contested", "US").permille == 540
    assert win_prior("contested", "TR").permille == 300
    assert win_prior("fraud").source
    with pytest.raises(KeyError):
        win_prior("moon")


def test_stripes_form_depends_on_reason_and_product() -> None:
    slots = stripe_slots()
    physical = slots.fields(("product_not_received",), "physical")
    digital = slots.fields(("product_not_received",), "digital")
    assert "shipping_tracking_number" in physical
    assert "shipping_tracking_number" not in digital
    assert "access_activity_log" in digital
    assert "service_date" in slots.fields(("product_not_received",), "service")
    assert "customer_name" in slots.fields(("moon",), "physical")
