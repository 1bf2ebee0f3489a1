"""WooCommerce over real HTTP, against a practice site written from the contract."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx
import pytest

from disputes.facts import Policy
from disputes.systems import Batch, SourceError, SourceFailure
from evidence.sandbox.app import Fault, Faults
from evidence.sandbox.world import World
from evidence.systems.changing import Place
from evidence.systems.woocommerce import KIND, WooCommerce
from tests.evidence.systems.builders import order, outside, parcel
from tests.evidence.systems.test_woocommerce_orders import UPS
from tests.evidence.systems.woocommerce_site import CONTRACT, SINCE, fact, pulled, shop, site

POLICY = {
    "id": 1, "kind": "return", "title": "Refund and Returns Policy", "url": "https://lumen.example/refund_returns/",
    "html": "<p>Send it back within 30 days.</p><p style='display:none'>Or never.</p>",
    "created_at": "2025-01-01T09:00:00+00:00", "updated_at": "2026-03-05T22:30:00+00:00",
}  # fmt: skip


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
