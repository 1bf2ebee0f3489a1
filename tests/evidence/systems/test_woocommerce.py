"""WooCommerce over real HTTP, against a practice site written from the contract."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from disputes.facts import UNNAMED_CARRIER, Message, Order, Policy, Shipment
from disputes.money import Money
from disputes.systems import Batch, Kept, Key, KeyKind, SourceError, SourceFailure
from evidence.sandbox.app import Fault, Faults
from evidence.sandbox.launch import in_thread
from evidence.sandbox.world import World
from evidence.systems.as_sold import Goods
from evidence.systems.changing import Place
from evidence.systems.http import Http
from evidence.systems.woocommerce import KIND, WooCommerce, orders
from tests.evidence.systems.builders import order, outside, parcel, world

CONTRACT = Path(__file__).resolve().parents[3].parent / "shared" / "contracts" / "sources" / "woocommerce.json"
SINCE = datetime(2025, 11, 1, tzinfo=UTC)
POLICY = {
    "id": 1, "kind": "return", "title": "Refund and Returns Policy", "url": "https://lumen.example/refund_returns/",
    "html": "<p>Send it back within 30 days.</p><p style='display:none'>Or never.</p>",
    "created_at": "2025-01-01T09:00:00+00:00", "updated_at": "2026-03-05T22:30:00+00:00",
}  # fmt: skip


def shop(address: str, **settings: str) -> WooCommerce:
    told = {"address": f"{address}/woocommerce", "key": "ck_practice", "secret": "cs_practice"} | settings
    return WooCommerce(told, outside())


@contextmanager
def site(*told_orders: dict[str, Any], faults: Faults | None = None, **account: Any) -> Iterator[tuple[World, str]]:
    told = world(orders=list(told_orders), accounts={"woocommerce": account})
    with in_thread(told, faults) as address:
        yield told, address


def pulled(system: WooCommerce, cursor: str | None = None) -> list[Batch]:
    return list(system.pull(cursor, since=SINCE))


def only(told: dict[str, Any], **account: Any) -> Kept:
    with site(told, **account) as (_, address):
        (kept,) = (each for batch in pulled(shop(address)) for each in batch.records)
    return kept


def fact(kept: Kept, kind: type) -> Any:
    (found,) = (each for each in kept.facts if isinstance(each, kind))
    return found


# ---- the key -------------------------------------------------------------------------------------------------------


def test_the_account_is_the_shop_with_its_currency_and_versions() -> None:
    with site(order(), name="Lumen &amp; Lamps", currency="TRY") as (_, address):
        account = shop(address).account()
    assert account.name == "Lumen & Lamps (TRY, WooCommerce 10.3.4, WordPress 6.9)"
    assert account.account_id == f"{address.removeprefix('http://')}/woocommerce"
    assert account.rights_missing == ()


def test_that_a_key_may_also_write_cannot_be_told_and_is_said() -> None:
    with site(order(), permission="read_write") as (told, address):
        (warning,) = shop(address).account().warnings
    assert "may also write cannot be seen" in warning
    assert {each.method for each in told.log} == {"GET"}


@pytest.mark.parametrize("changed", [{"key": "ck_other"}, {"secret": "cs_other"}])
def test_a_wrong_key_is_refused_in_words_that_do_not_hold_it(changed: dict[str, str]) -> None:
    with site(order()) as (_, address), pytest.raises(SourceError, match="refuses the key") as error:
        shop(address, **changed).account()
    assert error.value.failure is SourceFailure.CREDENTIALS
    assert "ck_" not in str(error.value)


def test_a_key_that_may_only_write_is_refused() -> None:
    with site(order(), permission="write") as (_, address), pytest.raises(SourceError, match="permission Read"):
        shop(address).account()


def test_a_key_of_somebody_who_manages_no_shop_lacks_a_right() -> None:
    with site(order(), manager=False) as (_, address):
        account = shop(address).account()
    assert account.rights_missing[0].startswith("Read orders")


def test_a_shop_too_old_to_tell_changes_is_refused() -> None:
    with site(order(), version="5.7.2") as (_, address), pytest.raises(SourceError, match=r"5\.8 or newer"):
        shop(address).account()


def test_the_key_never_stands_in_an_address_and_goes_to_woocommerce_only() -> None:
    with site(order(), fulfillments=True) as (told, address):
        told.policies.append(POLICY)
        pulled(shop(address))
    assert not any("consumer" in name for each in told.log for name in each.query)
    assert {each.status for each in told.asked("/wp/v2/pages")} == {200}  # with the key WordPress would answer 401


def test_permalinks_below_index_php_are_found() -> None:
    with site(order(), permalinks="index") as (_, address):
        assert pulled(shop(address))[0].records


def test_plain_permalinks_are_told_to_be_the_reason() -> None:
    with site(order(), permalinks="plain") as (_, address), pytest.raises(SourceError, match="plain permalinks"):
        shop(address).account()


def test_an_address_without_a_wordpress_is_told() -> None:
    with site(order()) as (_, address), pytest.raises(SourceError, match="no WordPress"):
        WooCommerce({"address": f"{address}/nothing", "key": "a", "secret": "b"}, outside()).account()


def test_an_address_with_the_api_in_it_is_the_shops_address() -> None:
    with site(order()) as (_, address):
        settings = {"address": f"{address}/woocommerce/wp-json/wc/v3/", "key": "ck_practice", "secret": "cs_practice"}
        assert WooCommerce(settings, outside()).account().name.startswith("Lumen Lamps")


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


# ---- pulling -------------------------------------------------------------------------------------------------------


def many(count: int, *, seconds: int = 60) -> list[dict[str, Any]]:
    start = datetime(2026, 9, 1, tzinfo=UTC)
    return [
        order(f"LL-{n}", updated_at=(start + timedelta(seconds=seconds * n)).isoformat()) for n in range(1, count + 1)
    ]


def ids(batches: list[Batch]) -> list[int]:
    return [int(each.external_id) - 5_000_000 for batch in batches for each in batch.records]


def test_all_pages_are_read_oldest_change_first_each_order_once() -> None:
    with site(*reversed(many(130)), zone_hours=3) as (told, address):
        batches = pulled(shop(address))
    assert ids(batches) == list(range(1, 131))
    assert batches[0].total == 130
    assert {each.query["per_page"] for each in told.asked("/orders") if "page" in each.query} == {"100"}


@pytest.mark.parametrize("count", [100, 101, 250])
def test_orders_that_all_changed_in_one_second_are_all_read(count: int) -> None:
    with site(*many(count, seconds=0)) as (_, address):
        assert sorted(ids(pulled(shop(address)))) == list(range(1, count + 1))


def test_an_order_that_changes_during_the_pull_costs_no_other_its_place() -> None:
    with site(*many(150)) as (told, address):
        batches: list[Batch] = []
        for batch in shop(address).pull(None, since=SINCE):
            if not batches:
                told.orders[2]["updated_at"] = "2026-11-20T00:00:00+00:00"
            batches.append(batch)
    assert set(ids(batches)) == set(range(1, 151))
    assert ids(batches)[-1] == 3


def test_the_next_pull_begins_with_an_overlap_and_brings_what_changed() -> None:
    with site(*many(30), zone_hours=5) as (told, address):
        cursor = pulled(shop(address))[-1].cursor
        told.orders[0]["updated_at"] = "2026-10-01T00:00:00+00:00"
        again = pulled(shop(address), cursor)
    assert ids(again) == [*range(21, 31), 1]  # ten minutes of overlap, at one order a minute
    assert again[-1].cursor == "2026-10-01T00:00:00"


def test_a_quiet_shop_leaves_the_cursor_where_it_is() -> None:
    with site(*many(3)) as (_, address):
        first = pulled(shop(address))[-1].cursor
        assert pulled(shop(address), first)[-1].cursor == first == "2026-09-01T00:03:00"


def test_a_pull_that_is_cut_off_goes_on_where_it_was_even_within_one_second() -> None:
    with site(*many(45, seconds=0)) as (_, address):
        pull = shop(address).pull(None, since=SINCE)
        first = [next(pull), next(pull)]
        rest = pulled(shop(address), first[-1].cursor)
    assert len(ids(first)) == 40
    assert sorted(ids(first) + ids(rest)) == list(range(1, 46))


def test_a_cursor_stays_within_what_a_row_holds() -> None:
    place = Place(SINCE, frozenset(range(9_000_000_000, 9_000_000_400)))
    assert len(place.cursor) < 2000


def test_a_shop_that_is_asked_too_often_is_waited_for() -> None:
    faults = Faults()
    faults.waiting.append(Fault("/wc/v3/orders", status=429, headers={"Retry-After": "0"}))
    with site(order(), faults=faults) as (told, address):
        assert ids(pulled(shop(address))) == [1001]
    assert [each.status for each in told.asked("/wc/v3/orders")][:2] == [429, 200]


def test_a_shop_that_is_down_raises_and_loses_nothing() -> None:
    faults = Faults()
    faults.waiting.append(Fault("/notes", status=503, times=9, headers={"Retry-After": "0"}))
    with site(order(), faults=faults) as (_, address), pytest.raises(SourceError) as error:
        pulled(shop(address))
    assert error.value.failure is SourceFailure.UNAVAILABLE


# ---- policies ------------------------------------------------------------------------------------------------------


def policies(told: World, address: str, **settings: str) -> list[tuple[str, Policy]]:
    last = pulled(shop(address, **settings))[-1]
    return [(each.external_id, fact(each, Policy)) for each in last.records]


def test_a_page_with_a_usual_name_is_a_policy_since_it_was_last_saved() -> None:
    with site() as (told, address):
        told.policies += [POLICY, POLICY | {"id": 2, "title": "About shipping us", "url": "https://x.example/about"}]
        ((name, policy),) = policies(told, address)
    assert (policy.kind, policy.title, policy.text) == (
        "return",
        "Refund and Returns Policy",
        "Send it back within 30 days.",
    )
    assert policy.in_force_from == date(2026, 3, 6)  # the merchant's day
    assert name == "page:400:2026-03-05T22:30:00"


def test_a_changed_page_is_a_new_version_beside_the_old_one() -> None:
    with site() as (told, address):
        told.policies.append(dict(POLICY))
        ((first, _),) = policies(told, address)
        told.policies[0] |= {"html": "<p>14 days.</p>", "updated_at": "2026-10-01T00:00:00+00:00"}
        ((second, policy),) = policies(told, address)
    assert first != second
    assert (policy.text, policy.in_force_from) == ("14 days.", date(2026, 10, 1))


def test_named_pages_are_taken_by_slug_or_title_and_no_others() -> None:
    with site() as (told, address):
        told.policies += [POLICY, POLICY | {"id": 2, "title": "Kurallar", "url": "https://x.example/rules"}]
        ((_, policy),) = policies(told, address, pages="terms = Kurallar")
        assert policy.kind == "terms"
        assert "'nonsense = x' is not understood" in shop(address, pages="nonsense = x").account().warnings[1]


def test_more_pages_than_one_answer_holds_are_read_to_the_last() -> None:
    others = [POLICY | {"id": n, "title": f"Page {n}", "url": f"https://x.example/p{n}"} for n in range(199)]
    with site() as (told, address):
        told.policies += [*others, POLICY]
        assert [policy.kind for _, policy in policies(told, address)] == ["return"]
        assert {each.status for each in told.asked("/pages")} == {200}


# ---- the practice site against the contract ------------------------------------------------------------------------


def test_the_practice_site_writes_orders_as_the_contract_does() -> None:
    example = json.loads(CONTRACT.read_text(encoding="utf-8"))["example_order"]
    with site(order(refunds=[{"id": 1, "amount": "1.00", "at": "2026-09-20T09:00:00+00:00", "reason": ""}])) as (
        _,
        address,
    ):
        found = httpx.get(f"{address}/woocommerce/wp-json/wc/v3/orders", auth=("ck_practice", "cs_practice"))
    (told,) = found.json()
    assert set(told) == set(example)
    for part in ("billing", "shipping"):
        assert set(told[part]) == set(example[part])
    assert set(told["line_items"][0]) == set(example["line_items"][0])
    assert set(told["shipping_lines"][0]) == set(example["shipping_lines"][0])
    same = {
        name for name in example if isinstance(told[name], type(example[name])) or None in (told[name], example[name])
    }
    assert same == set(example)
    assert found.headers["x-wp-total"] == found.headers["x-wp-totalpages"] == "1"


def test_the_practice_site_refuses_as_the_contract_does() -> None:
    with site(order()) as (_, address):
        base = f"{address}/woocommerce/wp-json/wc/v3"
        unknown = httpx.get(f"{base}/orders/5001001/fulfillments", auth=("ck_practice", "cs_practice"))
        nobody = httpx.get(f"{base}/orders")
    assert unknown.status_code == 404
    assert unknown.json()["code"] == "rest_no_route"
    assert unknown.json()["data"] == {"status": 404}
    assert nobody.json()["code"] == "woocommerce_rest_cannot_view"


def test_what_the_desk_says_of_it_is_complete() -> None:
    assert [each.name for each in KIND.settings if each.secret] == ["key", "secret"]
    assert KIND.adapter == "woocommerce/1"
    assert parcel()["number"] == UPS
