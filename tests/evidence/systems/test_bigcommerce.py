"""BigCommerce over real HTTP, against a practice store written from the contract."""

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
from evidence.systems import changing
from evidence.systems.bigcommerce import KIND, BigCommerce
from tests.evidence.systems.builders import order, outside, world

CONTRACT = Path(__file__).resolve().parents[3].parent / "shared" / "contracts" / "sources" / "bigcommerce.json"
SINCE = datetime(2025, 11, 1, tzinfo=UTC)
UPS = "1Z999AA10123456784"
Thing = dict[str, Any]


def shop(address: str, *, path: str = "/v3/", seconds: float = 20.0, **settings: str) -> BigCommerce:
    told = {"address": f"{address}/bigcommerce/stores/ab12cd34ef{path}", "token": "bc_practice"} | settings
    return BigCommerce(told, outside(seconds=seconds))


@contextmanager
def store(*orders: Thing, faults: Faults | None = None, **account: Any) -> Iterator[tuple[World, str]]:
    told = world(orders=list(orders), accounts={"bigcommerce": account})
    with in_thread(told, faults) as address:
        yield told, address


def pulled(system: BigCommerce, cursor: str | None = None) -> list[Batch]:
    return list(system.pull(cursor, since=SINCE))


def only(told: Thing, **account: Any) -> Kept:
    with store(told, **account) as (_, address):
        (kept,) = (each for batch in pulled(shop(address)) for each in batch.records)
    return kept


def fact(kept: Kept, kind: type) -> Any:
    (found,) = (each for each in kept.facts if isinstance(each, kind))
    return found


def facts(kept: Kept, kind: type) -> list[Any]:
    return [each for each in kept.facts if isinstance(each, kind)]


def sent(**changes: Any) -> Thing:
    told = {"carrier": "UPS", "number": UPS, "shipped_at": "2026-09-02T08:00:00+00:00", "service": "Express Saver"}
    return order(parcels=[told | changes])


def wrote(kind: str, text: str = "Where is it?", **changes: Any) -> Thing:
    return {"type": kind, "subject": "Order 5001001", "text": text, "at": "2026-09-05T09:00:00+00:00"} | changes


class TestAccount:
    def test_it_is_the_store_by_its_hash_and_name(self) -> None:
        with store(order()) as (_, address):
            account = shop(address).account()
        assert (account.account_id, account.name) == ("ab12cd34ef", "Lumen Lamps (USD)")
        assert account.rights_missing == ()
        assert "does not tell which rights" in account.warnings[0]

    @pytest.mark.parametrize("path", ["/v2/", "/v3", "/", ""])
    def test_the_address_is_taken_as_bigcommerce_shows_it(self, path: str) -> None:
        with store(order()) as (_, address):
            assert shop(address, path=path).account().account_id == "ab12cd34ef"

    def test_a_wrong_token_is_refused_in_words_that_do_not_hold_it(self) -> None:
        with store(order()) as (_, address), pytest.raises(SourceError) as caught:
            shop(address, token="bc_other").account()
        assert caught.value.failure is SourceFailure.CREDENTIALS
        assert "bc_other" not in str(caught.value)

    def test_a_token_without_orders_connects_nothing(self) -> None:
        with store(order(), scopes=("transactions",)) as (_, address):
            account = shop(address).account()
        assert account.rights_missing[0].startswith("Read orders")

    def test_what_a_token_without_payments_will_miss_is_said(self) -> None:
        with store(order(), scopes=("orders",)) as (_, address):
            account = shop(address).account()
        assert "may not read payments" in account.warnings[1]
        assert account.name == "BigCommerce"

    def test_an_empty_store_is_no_fault(self) -> None:
        with store() as (told, address):
            account = shop(address).account()
        assert account.rights_missing == ()
        assert [each.status for each in told.asked("/v2/orders")] == [204]

    def test_another_store_is_not_found(self) -> None:
        with store(order()) as (_, address), pytest.raises(SourceError) as caught:
            BigCommerce(
                {"address": f"{address}/bigcommerce/stores/other/v3", "token": "bc_practice"}, outside()
            ).account()
        assert caught.value.failure is SourceFailure.NOT_FOUND


class TestOrder:
    def test_an_order_is_read_with_its_money_people_and_places(self) -> None:
        told: Order = fact(only(order(customer_note="Ring twice, 4242 4242 4242 4242")), Order)
        assert (told.order_ref, told.numbers, told.total) == ("5001001", ("LL-1001",), Money(18900, "USD"))
        assert told.amounts == {"subtotal": Money(17500, "USD"), "shipping": Money(1400, "USD")}
        assert told.placed_at == datetime(2026, 9, 1, 10, 15, tzinfo=UTC)
        assert (told.customer_name, told.customer_email) == ("Emily Carter", "emily.carter@example.com")
        assert (told.ip, told.account_id, told.customer_phone) == ("203.0.113.24", "1701", "+15125550148")
        assert told.shipping is not None
        assert (told.shipping.name, told.shipping.line1, told.shipping.country) == (
            "Emily Carter",
            "12 Rose Lane",
            "US",
        )
        assert told.customer_note == "Ring twice, ************4242"

    def test_its_total_is_in_the_currency_that_was_paid_and_not_the_one_that_was_shown(self) -> None:
        told: Order = fact(only(order(currency="TRY", shown_currency="EUR")), Order)
        assert told.total == Money(18900, "TRY")

    def test_goods_come_with_what_was_chosen_and_without_what_they_cost_the_shop(self) -> None:
        line = {"sku": "BAR3", "title": "Towel &amp; Robe", "quantity": 2, "price": "6.00", "type": "digital",
                "options": {"Size": "S", "Gift": "Yes"}}  # fmt: skip
        kept = only(order(lines=[line]))
        (told,) = fact(kept, Order).lines
        assert (told.description, told.quantity, told.amount) == ("Towel & Robe", 2, Money(1200, "USD"))
        assert (told.chosen, told.product_type) == ("Size: S; Gift: Yes", "digital")
        assert b"50.0000" not in kept.data

    def test_an_amount_finer_than_the_currency_is_not_rounded_by_us(self) -> None:
        told: Order = fact(only(order(subtotal="62.6793")), Order)
        assert "subtotal" not in told.amounts
        assert told.total == Money(18900, "USD")

    def test_every_id_of_the_gateway_is_a_key_but_a_refunds(self) -> None:
        refund = {"id": 9, "amount": "50.00", "at": "2026-09-20T09:00:00+00:00", "reason": "Broken"}
        kept = only(order(refunds=[refund]))
        told: Order = fact(kept, Order)
        assert (told.payment_id, told.transaction_ids, told.card_last4) == ("pi_1001", ("ch_1001",), "4242")
        assert {Key(KeyKind.PAYMENT, "pi_1001"), Key(KeyKind.PAYMENT, "ch_1001")} <= set(kept.keys)
        assert {Key(KeyKind.ORDER, "5001001"), Key(KeyKind.ORDER, "ll-1001")} <= set(kept.keys)

    def test_refunds_come_with_their_time_and_reason(self) -> None:
        refund = {"id": 9, "amount": "37.89", "at": "2026-09-20T09:00:00+00:00", "reason": "Broken"}
        told = fact(only(order(refunds=[refund, refund | {"id": 10, "declined": True}])), Order).refunds
        assert [(each.amount, each.reason, each.status) for each in told] == [
            (Money(3789, "USD"), "Broken", "succeeded"), (Money(3789, "USD"), "Broken", "failed"),
        ]  # fmt: skip
        assert told[0].created_at == datetime(2026, 9, 20, 9, 0, tzinfo=UTC)

    def test_without_the_right_to_payments_the_order_comes_without_them(self) -> None:
        with store(order("LL-1"), order("LL-2"), scopes=("orders",)) as (told, address):
            records = [each for batch in pulled(shop(address)) for each in batch.records]
        assert [fact(each, Order).card_last4 for each in records] == [None, None]
        assert [each.status for each in told.asked("/transactions")] == [403]  # and asked no more

    def test_what_the_staff_wrote_for_themselves_is_not_even_stored(self) -> None:
        kept = only(sent(comments="Second try, nuisance") | {"staff_notes": "Likely a fraudster"})
        assert b"fraudster" not in kept.data
        assert b"nuisance" not in kept.data
        assert UPS.encode() in kept.data

    def test_a_guest_and_a_digital_order_have_no_account_and_no_address(self) -> None:
        with store(order(customer=order()["customer"] | {"id": None}, shipping=None)) as (told, address):
            ((kept,),) = (batch.records for batch in pulled(shop(address)) if batch.records)
        assert (fact(kept, Order).account_id, fact(kept, Order).shipping) == (None, None)
        assert told.asked("/shipping_addresses") == []

    def test_a_cancelled_order_was_cancelled_by_its_last_change(self) -> None:
        told = order(cancelled_at="2026-09-02T08:00:00+00:00", updated_at="2026-09-02T08:00:10+00:00")
        assert fact(only(told), Order).cancelled_at == datetime(2026, 9, 2, 8, 0, 10, tzinfo=UTC)

    def test_a_checkout_that_was_never_finished_is_no_order(self) -> None:
        with store(order(status_id=0)) as (_, address):
            assert not any(batch.records for batch in pulled(shop(address)))

    def test_payments_of_an_order_that_was_not_paid_are_not_asked_for(self) -> None:
        with store(order(status_id=7)) as (told, address):
            pulled(shop(address))
        assert told.asked("/transactions") == []

    def test_an_order_that_cannot_be_read_is_named_and_the_others_come(self) -> None:
        faults = Faults()
        body = json.dumps([{"name": "Lamp", "quantity": 1}])
        faults.waiting.append(Fault("/orders/5000001/products", 200, body=body))
        odd = order("LL-1", refunds=[{"id": 1, "amount": "1.00", "at": "", "reason": ""}])
        with store(odd, order("LL-2"), faults=faults) as (_, address):
            batches = pulled(shop(address))
        assert [each.external_id for batch in batches for each in batch.records] == ["5000002"]
        (refusal,) = (each for batch in batches for each in batch.refused)
        assert refusal == "BigCommerce order 5000001: a refund has no date or amount; it was left out."


class TestParcels:
    def test_a_parcel_has_its_number_carrier_and_service_and_no_delivery(self) -> None:
        kept = only(sent())
        parcel: Shipment = fact(kept, Shipment)
        assert (parcel.carrier, parcel.tracking_number, parcel.service) == ("UPS", UPS, "Express Saver")
        assert parcel.shipped_at == datetime(2026, 9, 2, 8, 0, tzinfo=UTC)
        assert (parcel.delivered_at, parcel.signed_by, parcel.order_ref) == (None, None, "5001001")
        assert Key(KeyKind.TRACKING, UPS.casefold()) in kept.keys

    @pytest.mark.parametrize(
        ("told", "carrier"),
        [
            ({"carrier": "Yurtiçi", "provider": "", "slug": "yurtici-kargo"}, "Yurtici Kargo"),
            ({"carrier": "Aras Kargo", "provider": "carrier_77"}, "Aras Kargo"),
            ({"carrier": "UPS®", "provider": "upsready"}, "UPS"),
            ({"carrier": "Other", "provider": "custom"}, UNNAMED_CARRIER),
            ({"carrier": "", "provider": ""}, UNNAMED_CARRIER),
        ],
    )
    def test_the_carrier_is_named_as_well_as_the_shop_knows_it(self, told: Thing, carrier: str) -> None:
        assert fact(only(sent(**told)), Shipment).carrier == carrier

    def test_a_shipment_without_a_number_is_no_parcel(self) -> None:
        assert facts(only(sent(number="")), Shipment) == []

    def test_shipments_are_asked_for_only_where_something_was_shipped(self) -> None:
        with store(order()) as (told, address):
            pulled(shop(address))
        assert told.asked("/shipments") == []


class TestMessages:
    def test_both_sides_words_are_messages(self) -> None:
        kept = only(order(messages=[wrote("customer"), wrote("admin", "On its way &amp; fine.")]))
        mine: list[Message] = facts(kept, Message)
        assert [(each.direction, each.body) for each in mine] == [("in", "Where is it?"), ("out", "On its way & fine.")]
        assert (mine[0].sender, mine[1].sender) == ("emily.carter@example.com", "Shop")
        assert mine[1].recipients == ("emily.carter@example.com",)
        assert (mine[0].message_id, mine[0].order_ref) == ("bigcommerce:50010011", "5001001")
        assert mine[0].at == datetime(2026, 9, 5, 9, 0, tzinfo=UTC)

    def test_any_other_kind_is_the_shops_own_business_and_not_stored(self) -> None:
        kept = only(order(messages=[wrote("internal", "He looks like trouble")]))
        assert facts(kept, Message) == []
        assert b"trouble" not in kept.data

    def test_card_numbers_in_them_are_masked(self) -> None:
        kept = only(order(messages=[wrote("customer", "My card is 5555 5555 5555 4444")]))
        assert fact(kept, Message).body == "My card is ************4444"
        assert b"5555 5555" not in kept.data


def many(count: int, *, seconds: int = 60) -> list[Thing]:
    start = datetime(2026, 9, 1, tzinfo=UTC)
    bare: Thing = {"lines": [], "shipping": None, "status_id": 7}
    return [
        order(f"LL-{n}", updated_at=(start + timedelta(seconds=seconds * n)).isoformat(), **bare)
        for n in range(1, count + 1)
    ]


def ids(batches: list[Batch]) -> list[int]:
    return [int(each.external_id) - 5_000_000 for batch in batches for each in batch.records]


class TestPulling:
    def test_all_pages_are_read_oldest_change_first_each_order_once(self) -> None:
        with store(*reversed(many(130))) as (_, address):
            assert ids(pulled(shop(address))) == list(range(1, 131))

    def test_a_page_that_is_full_to_the_last_order_is_followed_by_one_without_a_body(self) -> None:
        with store(*many(100, seconds=0)) as (told, address):
            assert sorted(ids(pulled(shop(address)))) == list(range(1, 101))
        assert 204 in {each.status for each in told.asked("/v2/orders") if "sort" in each.query}

    def test_orders_that_all_changed_in_one_second_are_all_read(self) -> None:
        with store(*many(150, seconds=0)) as (_, address):
            assert sorted(ids(pulled(shop(address)))) == list(range(1, 151))

    def test_an_order_that_changes_during_the_pull_costs_no_other_its_place(self) -> None:
        with store(*many(150)) as (told, address):
            batches: list[Batch] = []
            for batch in shop(address).pull(None, since=SINCE):
                if not batches:
                    told.orders[2]["updated_at"] = "2026-11-20T00:00:00+00:00"
                batches.append(batch)
        assert set(ids(batches)) == set(range(1, 151))
        assert ids(batches)[-1] == 3

    def test_the_next_pull_begins_with_an_overlap_and_brings_what_changed(self) -> None:
        with store(*many(30)) as (told, address):
            cursor = pulled(shop(address))[-1].cursor
            told.orders[0]["updated_at"] = "2026-10-01T00:00:00+00:00"
            again = pulled(shop(address), cursor)
        assert ids(again) == [*range(20, 31), 1]  # ten minutes of overlap, at one order a minute
        assert again[-1].cursor == "2026-10-01T00:00:00"

    def test_a_pull_that_is_cut_off_goes_on_where_it_was_even_within_one_second(self) -> None:
        with store(*many(45, seconds=0)) as (_, address):
            pull = shop(address).pull(None, since=SINCE)
            first = [next(pull), next(pull)]
            rest = pulled(shop(address), first[-1].cursor)
        assert len(ids(first)) == 40
        assert sorted(ids(first) + ids(rest)) == list(range(1, 46))

    def test_a_cursor_stays_within_what_a_row_holds_and_a_broken_one_begins_anew(self) -> None:
        place = changing.Place(SINCE, frozenset(range(9_000_000_000, 9_000_000_400)))
        assert len(place.cursor) < 2000
        assert changing.Place.read("nonsense", SINCE) == changing.Place(SINCE)

    def test_a_store_that_is_asked_too_often_is_waited_for_as_long_as_it_says(self) -> None:
        faults = Faults()
        faults.waiting.append(Fault("/v2/orders$", status=429, headers={"X-Rate-Limit-Time-Reset-Ms": "15"}))
        with store(order(), faults=faults) as (told, address):
            assert ids(pulled(shop(address))) == [1001]
        assert [each.status for each in told.asked("/v2/orders")][:2] == [429, 200]

    def test_a_wait_that_is_too_long_is_told_and_not_waited(self) -> None:
        faults = Faults()
        faults.waiting.append(Fault("/v2/orders$", status=429, headers={"X-Rate-Limit-Time-Reset-Ms": "90000"}))
        with store(order(), faults=faults) as (_, address), pytest.raises(SourceError) as caught:
            pulled(shop(address))
        assert (caught.value.failure, caught.value.retry_after) == (SourceFailure.RATE_LIMITED, 90.0)

    def test_a_store_that_is_down_raises_and_loses_nothing(self) -> None:
        faults = Faults()
        faults.waiting.append(Fault("/products", status=503, times=9, headers={"Retry-After": "0"}))
        with store(order(), faults=faults) as (_, address), pytest.raises(SourceError) as caught:
            pulled(shop(address))
        assert caught.value.failure is SourceFailure.UNAVAILABLE

    def test_it_only_reads(self) -> None:
        with store(sent()) as (told, address):
            shop(address).account()
            pulled(shop(address))
        assert {each.method for each in told.log} == {"GET"}


@pytest.mark.skipif(not CONTRACT.exists(), reason=f"no contract: {CONTRACT} is not on this machine")
class TestContract:
    def test_the_practice_store_writes_shipments_as_the_contract_does(self) -> None:
        example = json.loads(CONTRACT.read_text(encoding="utf-8"))["example_shipment"]
        with store(sent()) as (_, address):
            base = f"{address}/bigcommerce/stores/ab12cd34ef"
            (made,) = httpx.get(f"{base}/v2/orders/5001001/shipments", headers={"X-Auth-Token": "bc_practice"}).json()
        assert set(made) == set(example)
        assert {name for name in example if type(made[name]) is not type(example[name])} == set()
        assert set(made["billing_address"]) == set(example["billing_address"])
        assert set(made["items"][0]) == set(example["items"][0])

    def test_the_contracts_shipment_is_read(self) -> None:
        contract = json.loads(CONTRACT.read_text(encoding="utf-8"))
        faults = Faults()
        faults.waiting.append(Fault("/shipments", 200, body=json.dumps([contract["example_shipment"]])))
        with store(sent(), faults=faults) as (_, address):
            ((kept,),) = (batch.records for batch in pulled(shop(address)) if batch.records)
        parcel: Shipment = fact(kept, Shipment)
        assert (parcel.carrier, parcel.tracking_number, parcel.service) == ("USPS", "EJ958083578US", None)
        assert parcel.shipped_at == datetime(2019, 3, 13, 16, 35, 37, tzinfo=UTC)


def test_what_the_desk_says_of_it_is_complete() -> None:
    assert [each.name for each in KIND.settings if each.secret] == ["token"]
    assert KIND.adapter == "bigcommerce/1"
