"""Magento over real HTTP, against a practice shop written from the contract's fields (no recorded answer exists)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from disputes.facts import UNNAMED_CARRIER, Message, Order, Shipment
from disputes.money import Money
from disputes.systems import Batch, Kept, Key, KeyKind, SourceError, SourceFailure
from evidence.sandbox.app import Fault, Faults
from evidence.sandbox.launch import in_thread
from evidence.sandbox.world import World
from evidence.systems.magento import KIND, Magento
from tests.evidence.systems.builders import order, outside, world

CONTRACT = Path(__file__).resolve().parents[3].parent / "shared" / "contracts" / "sources" / "magento.json"
SINCE = datetime(2025, 11, 1, tzinfo=UTC)
UPS = "1Z999AA10123456784"
Thing = dict[str, Any]


def shop(address: str, **settings: str) -> Magento:
    return Magento({"address": f"{address}/magento", "token": "mg_practice"} | settings, outside())


@contextmanager
def site(*orders: Thing, faults: Faults | None = None, **account: Any) -> Iterator[tuple[World, str]]:
    told = world(orders=list(orders), accounts={"magento": account})
    with in_thread(told, faults) as address:
        yield told, address


def pulled(system: Magento, cursor: str | None = None) -> list[Batch]:
    return list(system.pull(cursor, since=SINCE))


def only(told: Thing, **account: Any) -> Kept:
    with site(told, **account) as (_, address):
        (kept,) = (each for batch in pulled(shop(address)) for each in batch.records)
    return kept


def fact(kept: Kept, kind: type) -> Any:
    (found,) = facts(kept, kind)
    return found


def facts(kept: Kept, kind: type) -> list[Any]:
    return [each for each in kept.facts if isinstance(each, kind)]


def sent(**changes: Any) -> Thing:
    told = {"carrier": "UPS", "number": UPS, "shipped_at": "2026-09-02T08:00:00+00:00"}
    return order(parcels=[told | changes])


def comment(text: str, *, visible: bool, **changes: Any) -> Thing:
    return {"text": text, "at": "2026-09-05T09:00:00+00:00", "visible": visible} | changes


class TestAccount:
    @pytest.mark.parametrize("path", ["/magento", "/magento/", "/magento/rest/V1"])
    def test_it_is_the_shop_by_its_address_and_currency(self, path: str) -> None:
        with site(order()) as (_, address):
            account = Magento({"address": f"{address}{path}", "token": "mg_practice"}, outside()).account()
        host = address.removeprefix("http://")
        assert (account.account_id, account.name) == (f"{host}/magento", f"{host}/magento (USD)")
        assert account.rights_missing == ()
        assert len(account.warnings) == 1

    def test_a_refused_token_is_told_with_the_setting_that_usually_is_the_reason(self) -> None:
        with site(order()) as (_, address), pytest.raises(SourceError, match="standalone Bearer tokens") as caught:
            shop(address, token="mg_other").account()
        assert caught.value.failure is SourceFailure.CREDENTIALS
        assert "mg_other" not in str(caught.value)

    def test_a_right_to_orders_that_is_said_to_be_missing_connects_nothing(self) -> None:
        faults = Faults()
        faults.waiting.append(Fault("/orders", 403))
        with site(order(), faults=faults) as (_, address):
            assert shop(address).account().rights_missing[0].startswith("Read orders")

    def test_what_will_be_missing_without_the_other_rights_is_said(self) -> None:
        with site(order(), resources=("orders",)) as (_, address):
            account = shop(address).account()
        assert [each.partition(":")[0] for each in account.warnings[1:]] == [
            "The token may not read shipments", "The token may not read credit memos",
        ]  # fmt: skip
        assert account.name == account.account_id

    def test_an_address_without_a_magento_is_told(self) -> None:
        with site(order()) as (_, address), pytest.raises(SourceError) as caught:
            Magento({"address": f"{address}/nothing", "token": "mg_practice"}, outside()).account()
        assert caught.value.failure is SourceFailure.NOT_FOUND


class TestOrder:
    def test_an_order_is_read_with_its_money_people_and_places(self) -> None:
        told: Order = fact(only(order(discount="3.50", customer_note="Ring twice, 4242 4242 4242 4242")), Order)
        assert (told.order_ref, told.numbers, told.total) == ("LL-1001", ("5001001",), Money(18900, "USD"))
        assert told.amounts == {
            "subtotal": Money(17500, "USD"), "shipping": Money(1400, "USD"), "discount": Money(350, "USD"),
        }  # fmt: skip
        assert told.placed_at == datetime(2026, 9, 1, 10, 15, tzinfo=UTC)
        assert (told.customer_name, told.customer_email) == ("Emily Carter", "emily.carter@example.com")
        assert (told.ip, told.account_id, told.customer_phone) == ("203.0.113.24", "1701", "+15125550148")
        assert told.shipping is not None
        assert (told.shipping.name, told.shipping.line1, told.shipping.region) == ("Emily Carter", "12 Rose Lane", "TX")
        assert told.customer_note == "Ring twice, ************4242"

    def test_it_is_found_by_both_its_numbers_and_by_every_id_of_the_gateway(self) -> None:
        kept = only(order(payment_info={"payment_intent": "pi_3Nabcdef9", "cardholder": "EMILY9CARTER"}))
        told: Order = fact(kept, Order)
        assert told.payment_id == "pi_1001"  # without the ending Magento hangs on it
        assert told.transaction_ids == ("pi_3Nabcdef9",)
        assert {Key(KeyKind.ORDER, "ll-1001"), Key(KeyKind.ORDER, "5001001")} <= set(kept.keys)
        assert {Key(KeyKind.PAYMENT, "pi_1001"), Key(KeyKind.PAYMENT, "pi_3Nabcdef9")} <= set(kept.keys)

    @pytest.mark.parametrize(
        ("said", "known"), [("5KY21287UR815640M", True), ("ch_3Nabcdefgh", True), ("Emily9", False)]
    )
    def test_of_strings_without_a_key_only_what_looks_like_a_gateways_id_is_one(
        self, said: str, *, known: bool
    ) -> None:
        payment = {"gateway": "x", "transaction_id": "pi_1001", "transaction_ids": [said], "last4": "4242"}
        assert fact(only(order(payment=payment)), Order).transaction_ids == ((said,) if known else ())

    def test_the_last_four_digits_are_kept_and_the_encrypted_card_is_not(self) -> None:
        kept = only(order())
        assert fact(kept, Order).card_last4 == "4242"
        assert b"encrypted" not in kept.data
        assert b"cc_exp" not in kept.data

    def test_behind_a_proxy_of_the_shops_own_the_customers_address_is_the_forwarded_one(self) -> None:
        assert fact(only(order(proxy="10.0.0.7")), Order).ip == "203.0.113.24"
        assert fact(only(order(proxy="198.51.100.9")), Order).ip == "198.51.100.9"

    def test_what_a_product_consists_of_is_no_line_of_its_own(self) -> None:
        line = {"sku": "BAR3", "title": "Towel &amp; Robe", "quantity": 2, "price": "6.25",
                "product_type": "configurable"}  # fmt: skip
        (told,) = fact(only(order(lines=[line], child_lines=["Towel-S"])), Order).lines
        assert (told.description, told.quantity, told.amount) == ("Towel & Robe", 2, Money(1250, "USD"))
        assert told.product_type == "physical"

    def test_a_credit_memo_is_a_refund_with_the_reason_the_customer_was_told(self) -> None:
        refund = {"id": 9, "amount": "37.89", "at": "2026-09-20T09:00:00+00:00", "reason": "Broken"}
        kept = only(order(refunds=[refund, refund | {"id": 10, "state": 3}]))
        (told,) = fact(kept, Order).refunds  # the cancelled one gave nothing back
        assert (told.refund_id, told.amount, told.reason) == ("R9", Money(3789, "USD"), "Broken")
        assert told.created_at == datetime(2026, 9, 20, 9, 0, tzinfo=UTC)
        assert b"he shouts" not in kept.data

    def test_a_cancelled_order_has_the_time_its_history_says(self) -> None:
        told = order(
            cancelled_at="2026-09-02T08:00:00+00:00", updated_at="2026-10-30T08:00:00+00:00",
            comments=[comment("", visible=False, at="2026-09-02T08:00:00+00:00", status="canceled")],
        )  # fmt: skip
        assert fact(only(told), Order).cancelled_at == datetime(2026, 9, 2, 8, 0, tzinfo=UTC)

    def test_one_without_such_a_history_was_cancelled_by_its_last_change(self) -> None:
        told = order(state="canceled", updated_at="2026-10-30T08:00:00+00:00")
        assert fact(only(told), Order).cancelled_at == datetime(2026, 10, 30, 8, 0, tzinfo=UTC)

    def test_a_guest_and_a_virtual_order_have_no_account_and_no_address(self) -> None:
        told: Order = fact(only(order(customer=order()["customer"] | {"id": None}, shipping=None)), Order)
        assert (told.account_id, told.shipping) == (None, None)

    @pytest.mark.parametrize(("currency", "total", "minor"), [("JPY", "1900", 1900), ("KWD", "19.505", 19505)])
    def test_money_has_the_decimals_of_its_currency(self, currency: str, total: str, minor: int) -> None:
        told = order(currency=currency, total=total, lines=[], discount="0", shipping_cost="0", tax="0", subtotal="0")
        assert fact(only(told), Order).total == Money(minor, currency)

    def test_an_order_that_cannot_be_read_is_named_and_the_others_come(self) -> None:
        with site(order("LL-1", total="12.505"), order("LL-2")) as (_, address):
            batches = pulled(shop(address))
        assert [each.external_id for batch in batches for each in batch.records] == ["5000002"]
        (refusal,) = (each for batch in batches for each in batch.refused)
        assert refusal.startswith("Magento order LL-1:")


class TestParcels:
    def test_a_parcel_has_its_number_and_carrier_and_no_delivery(self) -> None:
        kept = only(sent(comment="careful, nuisance"))
        parcel: Shipment = fact(kept, Shipment)
        assert (parcel.carrier, parcel.tracking_number, parcel.order_ref) == ("UPS", UPS, "LL-1001")
        assert parcel.shipped_at == datetime(2026, 9, 2, 8, 0, tzinfo=UTC)
        assert (parcel.delivered_at, parcel.signed_by) == (None, None)
        assert Key(KeyKind.TRACKING, UPS.casefold()) in kept.keys
        assert b"nuisance" not in kept.data
        assert b"shipping_label" not in kept.data

    @pytest.mark.parametrize(
        ("code", "title", "carrier"),
        [
            ("custom", "Yurtiçi Kargo", "Yurtiçi Kargo"), ("custom", "Custom Value", UNNAMED_CARRIER),
            ("fedex", "Federal Express", "FedEx"), ("royal_mail", "", "Royal Mail"), ("", "", UNNAMED_CARRIER),
        ],
    )  # fmt: skip
    def test_the_carrier_is_named_as_well_as_the_shop_knows_it(self, code: str, title: str, carrier: str) -> None:
        assert fact(only(sent(code=code, title=title)), Shipment).carrier == carrier

    def test_each_order_gets_its_own_parcels_from_one_search_for_all(self) -> None:
        parcel = sent()["parcels"][0]
        several = [order(f"LL-{n}", parcels=[parcel | {"number": f"TRACK{n:08d}"}]) for n in range(1, 6)]
        with site(*several) as (told, address):
            records = [each for batch in pulled(shop(address)) for each in batch.records]
        assert {each.external_id: fact(each, Shipment).tracking_number for each in records} == {
            str(5_000_000 + n): f"TRACK{n:08d}" for n in range(1, 6)
        }
        assert len(told.asked("/shipments")) == 1

    def test_without_the_right_to_them_the_orders_come_alone(self) -> None:
        with site(sent(), resources=("orders",)) as (told, address):
            ((kept,),) = (batch.records for batch in pulled(shop(address)) if batch.records)
        assert facts(kept, Shipment) == []
        assert [each.status for each in told.asked("/shipments")] == [401]


class TestComments:
    def test_one_the_customer_sees_is_a_message_and_any_other_is_not_even_stored(self) -> None:
        seen = comment("Your lamp left <b>today</b>.<br>Card 5555 5555 5555 4444", visible=True)
        kept = only(order(comments=[seen, comment("He looks like trouble", visible=False)]))
        message: Message = fact(kept, Message)
        assert (message.direction, message.channel, message.order_ref) == ("out", "order comment", "LL-1001")
        assert message.body == "Your lamp left today.\nCard ************4444"
        assert message.recipients == ("emily.carter@example.com",)
        assert message.message_id == "magento:500100101"
        assert b"trouble" not in kept.data
        assert b"5555 5555" not in kept.data

    def test_a_change_of_status_without_a_word_is_no_message(self) -> None:
        assert facts(only(order(comments=[comment("", visible=True)])), Message) == []


def many(count: int, *, seconds: int = 60) -> list[Thing]:
    start = datetime(2026, 9, 1, tzinfo=UTC)
    return [
        order(f"LL-{n}", updated_at=(start + timedelta(seconds=seconds * n)).isoformat()) for n in range(1, count + 1)
    ]


def ids(batches: list[Batch]) -> list[int]:
    return [int(each.external_id) - 5_000_000 for batch in batches for each in batch.records]


class TestPulling:
    def test_all_pages_are_read_oldest_change_first_each_order_once(self) -> None:
        with site(*reversed(many(130))) as (_, address):
            batches = pulled(shop(address))
        assert ids(batches) == list(range(1, 131))
        assert batches[0].total == 130

    @pytest.mark.parametrize("count", [100, 200, 250])
    def test_a_last_page_that_is_answered_again_ends_the_list(self, count: int) -> None:
        with site(*many(count, seconds=0)) as (_, address):
            assert sorted(ids(pulled(shop(address)))) == list(range(1, count + 1))

    def test_an_order_that_changes_during_the_pull_costs_no_other_its_place(self) -> None:
        with site(*many(150)) as (told, address):
            batches: list[Batch] = []
            for batch in shop(address).pull(None, since=SINCE):
                if not batches:
                    told.orders[2]["updated_at"] = "2026-11-20T00:00:00+00:00"
                batches.append(batch)
        assert set(ids(batches)) == set(range(1, 151))
        assert ids(batches)[-1] == 3

    def test_the_next_pull_begins_with_an_overlap_and_brings_what_changed(self) -> None:
        with site(*many(30)) as (told, address):
            cursor = pulled(shop(address))[-1].cursor
            told.orders[0]["updated_at"] = "2026-10-01T03:00:00+03:00"
            again = pulled(shop(address), cursor)
        assert ids(again) == [*range(20, 31), 1]
        assert again[-1].cursor == "2026-10-01T00:00:00"

    def test_a_pull_that_is_cut_off_goes_on_where_it_was_even_within_one_second(self) -> None:
        with site(*many(70, seconds=0)) as (_, address):
            first = next(shop(address).pull(None, since=SINCE))
            rest = pulled(shop(address), first.cursor)
        assert len(first.records) == 50
        assert sorted(ids([first, *rest])) == list(range(1, 71))

    def test_a_shop_that_is_down_raises_and_loses_nothing(self) -> None:
        faults = Faults()
        faults.waiting.append(Fault("/shipments", status=503, times=9, headers={"Retry-After": "0"}))
        with site(order(), faults=faults) as (_, address), pytest.raises(SourceError) as caught:
            pulled(shop(address))
        assert caught.value.failure is SourceFailure.UNAVAILABLE

    def test_it_only_reads(self) -> None:
        with site(sent()) as (told, address):
            shop(address).account()
            pulled(shop(address))
        assert {each.method for each in told.log} == {"GET"}


@pytest.mark.skipif(not CONTRACT.exists(), reason=f"no contract: {CONTRACT} is not on this machine")
def test_the_practice_shop_writes_the_fields_the_contract_names() -> None:
    named = [each.split(" ")[0].rstrip(":") for each in json.loads(CONTRACT.read_text(encoding="utf-8"))["fields"]]
    with site(sent()) as (_, address):
        query = {"searchCriteria[pageSize]": 1}
        headers = {"authorization": "Bearer mg_practice"}
        (made,) = httpx.get(f"{address}/magento/rest/V1/orders", params=query, headers=headers).json()["items"]
    # "shipments" are asked for by themselves, and the card's last four digits are spelled as the OpenAPI page has them.
    tops = {each.partition(".")[0].partition("[")[0] for each in named} - {"shipments"}
    assert tops <= set(made)
    assert {"last_trans_id", "additional_information", "cc_last4"} <= set(made["payment"])
    assert "address" in made["extension_attributes"]["shipping_assignments"][0]["shipping"]


def test_what_the_desk_says_of_it_is_complete() -> None:
    assert [each.name for each in KIND.settings if each.secret] == ["token"]
    assert KIND.adapter == "magento/1"
