"""What an order at Shopify says, over real HTTP: its money, its buyer, its goods, and what came after."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest

from disputes.facts import UNNAMED_CARRIER, Order, Return, Shipment
from disputes.money import Money
from disputes.systems import Key, KeyKind
from tests.evidence.systems.builders import order, parcel, place, world
from tests.evidence.systems.shopify_shop import (
    Thing,
    of_shopify,
    pulled,
    records,
    refused,
    sent,
    sold,
    sole,
)


class TestAnOrder:
    def test_says_who_bought_what_when_and_from_where(self) -> None:
        found = sold(order())
        assert found.order_ref == "LL-1001"
        assert found.placed_at == datetime(2026, 9, 1, 10, 15, tzinfo=UTC)
        assert found.total == Money(18900, "USD")
        assert found.amounts == {"subtotal": Money(17500, "USD"), "shipping": Money(1400, "USD")}
        assert (found.customer_name, found.customer_email) == ("Emily Carter", "emily.carter@example.com")
        assert (found.customer_phone, found.ip, found.card_last4) == ("+15125550148", "203.0.113.24", "4242")
        assert found.shipping is not None
        assert (found.shipping.line1, found.shipping.region, found.shipping.country) == ("12 Rose Lane", "TX", "US")
        [line] = found.lines
        assert (line.description, line.sku, line.amount) == ("Walnut desk lamp", "LAMP-7", Money(17500, "USD"))
        assert line.product_type == "physical"

    def test_is_found_again_by_all_its_numbers_and_payment_ids(self) -> None:
        kept = sole(order(parcels=[sent("1Z999AA10123456784")]))
        assert set(kept.keys) >= {
            Key(KeyKind.ORDER, "ll-1001"), Key(KeyKind.ORDER, "5001001"), Key(KeyKind.ORDER, "c5001001x"),
            Key(KeyKind.PAYMENT, "pi_1001"), Key(KeyKind.PAYMENT, "ch_1001"), Key(KeyKind.PAYMENT, "c5001001.1"),
            Key(KeyKind.ORDER, "c5001001.1"),
            Key(KeyKind.EMAIL, "emily.carter@example.com"), Key(KeyKind.TRACKING, "1z999aa10123456784"),
        }  # fmt: skip

    def test_paid_with_a_card_carries_the_ids_stripe_gives_it(self) -> None:
        found = sold(order())
        assert found.payment_id == "pi_1001"
        assert found.transaction_ids == ("pi_1001", "ch_1001", "c5001001.1")

    def test_paid_with_paypal_carries_paypals_transaction(self) -> None:
        paid: Thing = {"gateway": "paypal", "transaction_id": "4WN12345AB678901C", "transaction_ids": [], "last4": None}
        found = sold(order(payment=paid))
        assert (found.payment_id, found.card_last4) == ("4WN12345AB678901C", None)

    def test_whose_receipt_says_nothing_has_no_payment_id_of_a_gateway(self) -> None:
        paid: Thing = {"gateway": "manual", "transaction_id": "cash", "transaction_ids": [], "last4": None}
        found = sold(order(payment=paid))
        assert (found.payment_id, found.transaction_ids) == (None, ("c5001001.1",))

    def test_does_not_take_the_ids_of_a_payment_that_failed(self) -> None:
        failed = {
            "id": "gid://shopify/OrderTransaction/1", "kind": "SALE", "status": "FAILURE", "paymentId": "c1.0",
            "receiptJson": json.dumps({"id": "ch_declined", "payment_intent": "pi_declined"}),
            "amountSet": {"presentmentMoney": {"amount": "189.0", "currencyCode": "USD"}},
        }  # fmt: skip
        assert "pi_declined" not in sold(order(shopify={"transactions": [failed]})).transaction_ids

    def test_in_another_currency_has_the_amounts_the_customer_was_charged(self) -> None:
        kept = sole(order(shopify={"shop_currency": "EUR", "shop_rate": "0.91"}))
        found = kept.facts[0]
        assert isinstance(found, Order)
        assert found.total == Money(18900, "USD")
        assert {each.amount.currency for each in found.lines if each.amount} == {"USD"}
        stored = json.loads(kept.data)["totalPriceSet"]["shopMoney"]
        assert stored == {"amount": "171.99", "currencyCode": "EUR"}

    def test_in_a_currency_without_decimals_is_read_to_the_unit(self) -> None:
        lines = [{"sku": "L", "title": "Lamp", "quantity": 1, "price": "18000"}]
        found = sold(order(currency="JPY", total="18900", subtotal="18000", shipping_cost="900", lines=lines))
        assert found.total == Money(18900, "JPY")

    def test_that_was_changed_later_is_shown_with_the_total_that_was_bought(self) -> None:
        found = sold(order(total="230.00", shopify={"edited": True, "original_total": "189.00"}))
        assert found.total == Money(18900, "USD")
        assert found.amounts == {}

    def test_with_a_discount_on_the_goods_adds_up(self) -> None:
        found = sold(order(subtotal="195.00", discount="20.00"))
        parts = {word: part.amount for word, part in found.amounts.items()}
        assert parts == {"subtotal": "195.00", "shipping": "14.00", "discount": "20.00"}

    def test_with_tax_inside_its_prices_does_not_count_it_twice(self) -> None:
        found = sold(order(tax="29.17", shopify={"taxes_included": True}))
        assert "tax" not in found.amounts
        assert sum(each.minor for each in found.amounts.values()) == 18900

    def test_whose_parts_do_not_add_up_names_none(self) -> None:
        assert sold(order(shipping_cost="99.00")).amounts == {}

    def test_of_a_guest_is_from_no_account(self) -> None:
        found = sold(order(shopify={"guest": True}))
        assert (found.account_id, found.account_since) == (None, None)
        assert found.customer_email == "emily.carter@example.com"

    def test_of_a_customer_with_an_account_says_since_when(self) -> None:
        found = sold(order())
        assert found.account_id == "1701"
        assert found.account_since == datetime(2025, 2, 1, 8, tzinfo=UTC)

    def test_of_a_deleted_customer_is_still_an_order(self) -> None:
        found = sold(order(shopify={"customer_deleted": True}, billing=place(name="E. Carter")))
        assert (found.customer_name, found.account_id) == ("E. Carter", None)

    @pytest.mark.parametrize("shown", ["emily.carter@example.com", "+15125550148"])
    def test_of_a_nameless_customer_takes_the_name_on_the_address(self, shown: str) -> None:
        told = order()
        told["customer"]["name"] = shown
        assert sold(told).customer_name == "Emily Carter"

    def test_brought_over_from_another_shop_has_its_own_day(self) -> None:
        found = sold(order(shopify={"imported_at": "2026-10-01T00:00:00+00:00"}))
        assert found.placed_at.date() == date(2026, 9, 1)

    def test_that_was_cancelled_says_when(self) -> None:
        found = sold(order(cancelled_at="2026-09-02T09:00:00+00:00", cancel_reason="customer"))
        assert found.cancelled_at == datetime(2026, 9, 2, 9, tzinfo=UTC)

    def test_whose_amount_cannot_be_read_is_named_and_left_out(self) -> None:
        batches = pulled(world(orders=[order("LL-1", total="189.001"), order("LL-2")]))
        assert [each.name for each in records(batches)] == ["Shopify order LL-2.json"]
        [said] = refused(batches)
        assert said.startswith("Order #LL-1: total")

    def test_in_money_nobody_knows_is_named_and_left_out(self) -> None:
        batches = pulled(world(orders=[order("LL-1", subtotal="175.001"), order("LL-2")]))
        assert [each.name for each in records(batches)] == ["Shopify order LL-2.json"]
        assert [each.partition(":")[0] for each in refused(batches)] == ["Order #LL-1"]

    def test_is_stored_without_a_card_number_anybody_typed(self) -> None:
        kept = sole(order(shipping=place(line2="card 4242 4242 4242 4242")))
        assert b"4242 4242 4242" not in kept.data
        assert isinstance(kept.facts[0], Order)
        assert kept.facts[0].shipping is not None
        assert "4242 4242" not in (kept.facts[0].shipping.line2 or "")

    def test_keeps_its_own_long_numbers_to_the_digit(self) -> None:
        kept = sole(order(id=4_111_111_111_111_111, parcels=[sent("4242424242424242")]))
        assert json.loads(kept.data)["legacyResourceId"] == "4111111111111111"
        assert isinstance(kept.facts[1], Shipment)
        assert kept.facts[1].tracking_number == "4242424242424242"


class TestGoods:
    @pytest.mark.parametrize(
        ("kind", "expected"),
        [("physical", "physical"), ("digital", "digital"), ("service", "service"), ("gift_card", "digital")],
    )
    def test_are_of_the_kind_the_shop_says(self, kind: str, expected: str) -> None:
        [line] = sold(order(lines=[{"sku": "X", "title": "X", "quantity": 1, "price": "1.00", "type": kind}])).lines
        assert line.product_type == expected

    def test_that_need_no_shipping_are_not_taken_for_downloads(self) -> None:
        lines = [{"sku": "X", "title": "X", "quantity": 1, "price": "1.00", "type": "travel"}]
        assert sold(order(lines=lines)).lines[0].product_type is None

    def test_are_described_as_they_were_sold(self) -> None:
        assert sold(order()).lines[0].about == "A lamp of walnut."

    def test_that_were_changed_since_have_no_description(self) -> None:
        changed = {"product_changed_at": "2026-10-01T00:00:00+00:00"}
        assert sold(order(shopify=changed)).lines[0].about is None


class TestTerms:
    def test_ticked_in_the_cart_were_accepted_with_the_order(self) -> None:
        found = sold(order(shopify={"attributes": [{"key": "I accept the terms", "value": "Yes"}]}))
        assert found.terms_accepted_at == found.placed_at

    @pytest.mark.parametrize(
        "attribute",
        [{"key": "terms_accepted", "value": "no"}, {"key": "terms", "value": None}, {"key": "gift", "value": "yes"}],
    )
    def test_that_nobody_ticked_were_not(self, attribute: Thing) -> None:
        assert sold(order(shopify={"attributes": [attribute]})).terms_accepted_at is None


class TestMoneyGivenBack:
    def refund(self, **changes: Any) -> Thing:
        return {"id": 31, "amount": "50.00", "at": "2026-09-10T12:00:00+00:00", "reason": "goodwill"} | changes

    def test_is_told_with_its_day(self) -> None:
        [found] = sold(order(refunds=[self.refund()])).refunds
        assert (found.refund_id, found.amount, found.status) == ("31", Money(5000, "USD"), "succeeded")
        assert found.created_at == datetime(2026, 9, 10, 12, tzinfo=UTC)

    @pytest.mark.parametrize(
        ("said", "status"), [("PENDING", "pending"), ("FAILURE", "failed"), ("UNKNOWN", "unknown")]
    )
    def test_is_not_given_back_before_it_is(self, said: str, status: str) -> None:
        [found] = sold(order(refunds=[self.refund(status=said)])).refunds
        assert found.status == status

    def test_is_none_where_goods_only_went_back_into_the_stock(self) -> None:
        assert sold(order(refunds=[self.refund(amount="0.00")])).refunds == ()


class TestParcels:
    def test_are_not_delivered_because_the_shop_shows_them_so(self) -> None:
        told = world(orders=[order(parcels=[sent("1Z999AA10123456784")])], parcels=[parcel()])
        [kept] = records(pulled(told))
        [found] = [each for each in kept.facts if isinstance(each, Shipment)]
        assert (found.carrier, found.shipped_at) == ("UPS", datetime(2026, 9, 2, 8, tzinfo=UTC))
        assert (found.delivered_at, found.signed_by, found.events) == (None, None, ())

    def test_that_were_called_off_are_none(self) -> None:
        assert len(sole(order(parcels=[sent("1Z1", status="CANCELLED")])).facts) == 1

    def test_without_a_number_or_a_carrier_are_named_for_what_they_are(self) -> None:
        facts = sole(order(parcels=[sent(""), sent("RR123", carrier=None)])).facts
        [found] = [each for each in facts if isinstance(each, Shipment)]
        assert (found.carrier, found.tracking_number) == (UNNAMED_CARRIER, "RR123")


class TestReturns:
    def told(self, **changes: Any) -> Thing:
        return {
            "id": 1, "requested_at": "2026-09-08T09:00:00+00:00", "reason": "The shade is cracked.",
            "label_sent_at": "2026-09-08T12:00:00+00:00", "tracking_number": "1ZBACK", "received_at": None,
            "inspection": None, "refused_at": None, "refusal": None, "refunded_at": None, "amount": None,
        } | changes  # fmt: skip

    def found(self, **changes: Any) -> Return:
        [fact] = [each for each in sole(order(returns=[self.told(**changes)])).facts if isinstance(each, Return)]
        return fact

    def test_say_what_was_requested_and_what_wassent(self) -> None:
        found = self.found()
        assert (found.return_id, found.order_ref) == ("#LL-1001-R1", "LL-1001")
        assert found.requested_at == datetime(2026, 9, 8, 9, tzinfo=UTC)
        assert (found.reason, found.goods) == ("The shade is cracked.", ("Walnut desk lamp",))
        assert (found.tracking_number, found.label_sent_at) == ("1ZBACK", datetime(2026, 9, 8, 12, tzinfo=UTC))
        assert (found.received_at, found.refunded_at, found.refused_at) == (None, None, None)

    def test_say_what_was_given_back_and_when(self) -> None:
        found = self.found(refunded_at="2026-09-20T09:00:00+00:00", amount="175.00")
        assert (found.amount, found.refunded_at) == (Money(17500, "USD"), datetime(2026, 9, 20, 9, tzinfo=UTC))

    def test_that_were_refused_say_what_the_customer_was_told(self) -> None:
        found = self.found(refused_at="2026-09-09T09:00:00+00:00", refusal="The lamp was used.")
        assert found.refusal == "The lamp was used."

    def test_that_were_called_off_are_none(self) -> None:
        kept = sole(order(returns=[self.told(status="CANCELED")]))
        assert [each for each in kept.facts if isinstance(each, Return)] == []

    def test_are_asked_for_only_where_there_is_one_and_the_key_may(self) -> None:
        told = world(orders=[order("LL-1"), order("LL-2", returns=[self.told(), self.told(id=2)])])
        [_, kept] = records(pulled(told))
        assert len([each for each in kept.facts if isinstance(each, Return)]) == 2
        assert len([query for query, _, _ in of_shopify(told) if "Returns(" in query]) == 2
        scopes = {"scopes": ["read_orders", "read_all_orders"]}
        told = world(orders=[order("LL-2", returns=[self.told()])], accounts={"shopify": scopes})
        assert refused(pulled(told)) == []
