"""WooCommerce's orders with their notes and parcels, over real HTTP."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from disputes.facts import UNNAMED_CARRIER, Message, Order, Shipment
from disputes.money import Money
from disputes.systems import Key, KeyKind
from evidence.systems.as_sold import Goods
from evidence.systems.http import Http
from evidence.systems.woocommerce import orders
from tests.evidence.systems.builders import order, outside
from tests.evidence.systems.woocommerce_site import CONTRACT, fact, only, pulled, shop, site

# ---- the order -----------------------------------------------------------------------------------------------------


def test_an_order_is_read_with_its_money_people_and_places() -> None:
    told: Order = fact(only(order(customer_note="Ring twice, 4242 4242 4242 4242"), zone_hours=3), Order)
    assert (told.order_ref, told.total) == ("LL-1001", Money(18900, "USD"))
    assert told.amounts == {"subtotal": Money(17500, "USD"), "shipping": Money(1400, "USD")}
    assert told.placed_at == datetime(2026, 9, 1, 10, 15, tzinfo=UTC)  # the site's local time is three hours later
    assert (told.customer_name, told.customer_email) == ("Emily Carter", "emily.carter@example.com")
    assert (told.ip, told.user_agent) == ("203.0.113.24", "Mozilla/5.0")
    assert told.shipping is not None
    assert (told.shipping.name, told.shipping.line1, told.shipping.country) == ("Emily Carter", "12 Rose Lane", "US")
    assert told.account_id == "1701"
    assert told.account_since == datetime(2025, 2, 1, 8, 0, tzinfo=UTC)
    assert told.customer_note == "Ring twice, ************4242"


def test_goods_are_named_without_entities_and_with_what_was_chosen() -> None:
    line = {
        "sku": "BAR3", "title": "Ship – <Your> Idea & Co", "quantity": 2, "price": "6.00",
        "options": {"pa_color": "Black", "Size": "M"}, "supplier": "Yiwu Trading", "supplier_order": "8101",
    }  # fmt: skip
    (told,) = fact(only(order(lines=[line])), Order).lines
    assert told.description == "Ship – <Your> Idea & Co"
    assert (told.quantity, told.amount, told.chosen) == (2, Money(1200, "USD"), "color: Black; Size: M")
    assert (told.supplier, told.supplier_order) == ("Yiwu Trading", "8101")


@pytest.mark.parametrize("numbering", ["shown", "meta"])
def test_an_order_is_found_by_its_database_id_and_by_its_custom_number(numbering: str) -> None:
    kept = only(order(), numbering=numbering)
    told: Order = fact(kept, Order)
    assert (told.order_ref, told.numbers) == ("LL-1001", ("5001001",))
    assert {Key(KeyKind.ORDER, "ll-1001"), Key(KeyKind.ORDER, "5001001")} <= set(kept.keys)


def test_every_id_of_the_gateway_is_a_key() -> None:
    kept = only(order())
    told: Order = fact(kept, Order)
    assert (told.payment_id, told.transaction_ids) == ("ch_1001", ("pi_1001",))
    assert {Key(KeyKind.PAYMENT, "ch_1001"), Key(KeyKind.PAYMENT, "pi_1001")} <= set(kept.keys)


def test_paypals_order_and_capture_are_both_known() -> None:
    payment = {"gateway": "paypal", "transaction_id": "5KY21287UR815640M", "transaction_ids": ["26D99705JH087882R"]}
    told: Order = fact(only(order(payment=payment)), Order)
    assert (told.payment_id, told.transaction_ids) == ("5KY21287UR815640M", ("26D99705JH087882R",))


def test_a_guest_has_no_account() -> None:
    told: Order = fact(only(order(customer=order()["customer"] | {"id": None})), Order)
    assert (told.account_id, told.account_since) == (None, None)


def test_refunds_come_with_their_day_and_reason() -> None:
    refund = {"id": 9, "amount": "50.00", "at": "2026-09-20T09:00:00+00:00", "reason": "Broken"}
    (told,) = fact(only(order(refunds=[refund])), Order).refunds
    assert (told.amount, told.reason) == (Money(5000, "USD"), "Broken")
    assert told.created_at == datetime(2026, 9, 20, 9, 0, tzinfo=UTC)


def test_a_cancelled_order_has_the_time_of_the_note_that_says_so() -> None:
    told = order(cancelled_at="2026-09-02T08:00:00+00:00", updated_at="2026-10-30T08:00:00+00:00")
    assert fact(only(told), Order).cancelled_at == datetime(2026, 9, 2, 8, 0, tzinfo=UTC)


def test_a_cancelled_order_without_such_a_note_was_cancelled_by_its_last_change() -> None:
    told = order(status="cancelled", updated_at="2026-10-30T08:00:00+00:00")
    assert fact(only(told), Order).cancelled_at == datetime(2026, 10, 30, 8, 0, tzinfo=UTC)


@pytest.mark.parametrize(("currency", "total", "minor"), [("JPY", "1900", 1900), ("KWD", "19.500", 19500)])
def test_money_has_the_decimals_of_its_currency(currency: str, total: str, minor: int) -> None:
    told = order(currency=currency, total=total, lines=[], discount="0", shipping_cost="0", tax="0")
    assert fact(only(told), Order).total == Money(minor, currency)


def test_an_order_that_cannot_be_read_is_named_and_the_others_come() -> None:
    with site(order("LL-1", total="12,50"), order("LL-2")) as (_, address):
        batches = pulled(shop(address))
    assert [each.external_id for batch in batches for each in batch.records] == ["5000002"]
    (refusal,) = (each for batch in batches for each in batch.refused)
    assert refusal.startswith("WooCommerce order 5000001:")


def test_a_checkout_that_was_never_finished_is_no_order() -> None:
    with site(order(status="checkout-draft")) as (_, address):
        assert not any(batch.records for batch in pulled(shop(address)))


def example(**meta: str) -> Order:
    told = json.loads(CONTRACT.read_text(encoding="utf-8"))["example_order"]
    told["meta_data"] += [{"id": place, "key": key, "value": value} for place, (key, value) in enumerate(meta.items())]
    goods = Goods(Http("WooCommerce", "https://shop.example", outside()), outside(), "WooCommerce")
    [kept] = orders.kept(told, orders.Further(), "asked", "UTC", goods, [])
    return fact(kept, Order)  # type: ignore[no-any-return]


def test_the_contracts_own_order_is_read_and_its_parts_add_up() -> None:
    told = example()
    assert (told.order_ref, told.numbers, told.account_id) == ("727", (), None)
    assert told.total == Money(2935, "USD")
    assert sum(each.minor for each in told.amounts.values()) == 2935
    assert told.lines[1].description == "Ship Your Idea – Color: Black, Size: M Test"
    assert told.lines[1].chosen == "color: black; size: M Test"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("_stripe_charge_id", "ch_3Nabc"), ("_intent_id", "pi_3Nabc"), ("_paypal_capture_id", "5KY21287UR815640M"),
        ("_wc_braintree_credit_card_trans_id", "k3j9x2"), ("_wc_square_credit_card_trans_id", "hYy9pRFVxpDsO1FB"),
    ],
)  # fmt: skip
def test_ids_that_gateways_plug_ins_write_are_found(key: str, value: str) -> None:
    assert example(**{key: value}).payment_id == value


@pytest.mark.parametrize(
    ("key", "value", "number"),
    [
        ("_order_number_formatted", "#LL-2026-7", "LL-2026-7"), ("_alg_wc_full_custom_order_number", "10480", "10480"),
        ("_wcj_order_number", "A9", "A9"),
    ],
)  # fmt: skip
def test_numbers_of_plug_ins_are_the_ones_the_customer_knows(key: str, value: str, number: str) -> None:
    assert (example(**{key: value}).order_ref, example(**{key: value}).numbers) == (number, ("727",))


@pytest.mark.parametrize(("value", "last4"), [("4242", "4242"), ("visa", None)])
def test_the_cards_last_four_are_found_where_plug_ins_write_them(value: str, last4: str | None) -> None:
    assert example(_wc_square_credit_card_account_four=value).card_last4 == last4


# ---- notes ---------------------------------------------------------------------------------------------------------


def test_a_note_to_the_customer_is_a_message_and_a_private_one_never() -> None:
    notes = [
        {"at": "2026-09-03T08:00:00+00:00", "text": "Your lamp left <b>today</b>.", "customer_sees": True,
         "author": "Ayla"},
        {"at": "2026-09-03T09:00:00+00:00", "text": "Customer is a nuisance", "customer_sees": False,
         "author": "Ayla"},
    ]  # fmt: skip
    kept = only(order(notes=notes))
    message: Message = fact(kept, Message)
    assert (message.direction, message.channel, message.sender) == ("out", "order note", "Ayla")
    assert message.body == "Your lamp left today."
    assert message.recipients == ("emily.carter@example.com",)
    assert message.order_ref == "LL-1001"
    assert b"nuisance" not in kept.data


# ---- tracking ------------------------------------------------------------------------------------------------------

UPS = "1Z999AA10123456784"


def sent(lies_in: str, **changes: Any) -> dict[str, Any]:
    told = {"carrier": "UPS", "number": UPS, "shipped_at": "2026-09-02T08:00:00+00:00", "lies_in": lies_in}
    return order(parcels=[told | changes])


@pytest.mark.parametrize("place", ["meta", "extension", "ast", "fulfillments", "wot", "line"])
def test_a_tracking_number_is_found_wherever_it_lies(place: str) -> None:
    kept = only(sent(place))
    shipment: Shipment = fact(kept, Shipment)
    assert (shipment.carrier, shipment.tracking_number, shipment.order_ref) == ("UPS", UPS, "LL-1001")
    assert (shipment.delivered_at, shipment.signed_by) == (None, None)
    assert Key(KeyKind.TRACKING, UPS.casefold()) in kept.keys


def test_fulfilments_wrapped_in_an_object_are_read_too() -> None:
    assert fact(only(sent("fulfillments"), fulfillments="wrapped"), Shipment).tracking_number == UPS


def test_a_number_in_a_private_note_is_found_and_its_carrier_not_guessed() -> None:
    kept = only(sent("notes"))
    assert fact(kept, Shipment).carrier == UNNAMED_CARRIER
    assert json.loads(kept.data)["tracking_in_notes"] == [{"note": 500100101, "number": UPS}]
    assert b"Order shipped with" not in kept.data


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("Kargo takip no: 4012345678901", ["4012345678901"]),
        ("Your tracking number is JD0002233445566", ["JD0002233445566"]),
        ("Sent as RR123456785TR this morning", ["RR123456785TR"]),
        ("https://www.ups.com/track?tracknum=1Z999AA10123456784", [UPS]),
        ("Stripe charge complete (Charge ID: ch_3Nab12345678901)", []),
        ("Payment 4012345678901 received", []),
        ("Order 5001001 tracking: 5001001", []),
        ("Please track your order", []),
        ("Tracking number to follow", []),
    ],
)
def test_only_what_is_called_a_tracking_number_or_looks_like_no_other_is_one(text: str, numbers: list[str]) -> None:
    kept = only(order(notes=[{"at": "2026-09-03T08:00:00+00:00", "text": text, "customer_sees": False}]))
    assert [each.tracking_number for each in kept.facts if isinstance(each, Shipment)] == numbers


def test_routes_of_plug_ins_that_are_not_there_are_asked_once_a_pull_and_not_once_an_order() -> None:
    with site(order("LL-1"), order("LL-2"), order("LL-3")) as (told, address):
        pulled(shop(address))
    for route in ("shipment-trackings", "fulfillments"):
        assert {each.status for each in told.asked(route)} == {404}
    assert len(told.asked("wc-shipment-tracking")) == len(told.asked("fulfillments")) == 1


def test_a_parcel_sent_on_the_day_of_the_order_was_not_sent_before_it() -> None:
    """Shipment Tracking keeps the day alone, as midnight; taken to the letter it is hours before the order."""
    kept = only(sent("meta", shipped_at="2026-09-01T16:00:00+00:00"))
    assert fact(kept, Shipment).shipped_at == fact(kept, Order).placed_at


def test_a_day_alone_begins_where_the_merchant_is() -> None:
    assert fact(only(sent("meta")), Shipment).shipped_at == datetime(2026, 9, 1, 21, 0, tzinfo=UTC)
