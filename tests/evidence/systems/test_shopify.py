"""Shopify over real HTTP: the key, the pull, its limits and its errors, and the shop's policies."""

from __future__ import annotations

import json
from datetime import date
from typing import ClassVar

import pytest

from disputes.facts import Order, Policy, Shipment
from disputes.systems import SourceError, SourceFailure
from evidence.sandbox.app import Fault, Faults
from evidence.sandbox.shopify import SCOPES
from evidence.systems.shopify import KIND
from evidence.systems.shopify.kind import shop_address
from tests.evidence.systems.builders import NOW, order, outside, world
from tests.evidence.systems.shopify_shop import (
    SINCE,
    Thing,
    many,
    of_shopify,
    policy,
    pulled,
    records,
    refused,
    sent,
    shop,
    sold,
    sole,
)


class TestTheAddress:
    @pytest.mark.parametrize(
        "typed",
        [
            "lumen",
            "lumen.myshopify.com",
            " https://Lumen.myshopify.com/admin ",
            "https://admin.shopify.com/store/lumen",
        ],
    )
    def test_is_understood_as_people_copy_it(self, typed: str) -> None:
        assert shop_address(typed) == "https://lumen.myshopify.com"

    @pytest.mark.parametrize(
        "typed",
        [
            "", "lumen.example", "https://lumen.myshopify.com.evil.example", "https://a@lumen.myshopify.com",
            "http://127.0.0.1:8000/shopify", "lumen.myshopify.com:8443", "ftp://lumen.myshopify.com",
        ],
    )  # fmt: skip
    def test_is_refused_where_a_key_would_go_to_somebody_else(self, typed: str) -> None:
        with pytest.raises(SourceError) as refused_:
            shop_address(typed)
        assert refused_.value.failure is SourceFailure.REFUSED

    def test_is_on_this_machine_only_for_practice(self) -> None:
        assert shop_address("http://127.0.0.1:8000/shopify", loopback=True) == "http://127.0.0.1:8000/shopify"

    def test_needs_a_key_beside_it(self) -> None:
        with pytest.raises(SourceError, match="client id and the client secret") as refused_:
            KIND.open({"shop": "lumen", "client_id": "only half of it"}, outside())
        assert refused_.value.failure is SourceFailure.CREDENTIALS


class TestTheKey:
    def test_speaks_for_the_shop_it_was_given_out_by(self) -> None:
        with shop(world()) as system:
            account = system.account()
        assert (account.account_id, account.name) == ("61001", "Lumen Living")
        assert (account.rights_missing, account.rights_too_many, account.warnings) == ((), (), ())

    def test_that_is_wrong_is_said_without_showing_it(self) -> None:
        with shop(world(), settings={"token": "shpat_stolen"}) as system, pytest.raises(SourceError) as told:
            system.account()
        assert told.value.failure is SourceFailure.CREDENTIALS
        assert "shpat" not in str(told.value)

    def test_without_read_orders_has_nothing_to_connect(self) -> None:
        with shop(world(accounts={"shopify": {"scopes": ["read_all_orders", "read_returns"]}})) as system:
            assert [each.partition(":")[0] for each in system.account().rights_missing] == ["read_orders"]
            with pytest.raises(SourceError) as told:
                list(system.pull(None, since=SINCE))
        assert told.value.failure is SourceFailure.RIGHTS

    def test_without_read_all_orders_warns_of_the_60_days(self) -> None:
        scopes = [each for each in SCOPES if each != "read_all_orders"]
        with shop(world(accounts={"shopify": {"scopes": scopes}})) as system:
            [warning] = system.account().warnings
        assert "only the last 60 days" in warning
        assert "120 days" in warning

    def test_without_read_all_orders_sees_only_those_60_days(self) -> None:
        old, new = (
            order("LL-1", placed_at="2026-08-01T10:00:00+00:00"),
            order("LL-2", placed_at="2026-11-01T10:00:00+00:00"),
        )
        account = {"scopes": ["read_orders"], "now": NOW.isoformat()}
        found = records(pulled(world(orders=[old, new], accounts={"shopify": account})))
        assert [each.name for each in found] == ["Shopify order LL-2.json"]

    def test_names_every_right_to_write(self) -> None:
        with shop(world(accounts={"shopify": {"scopes": ["write_orders", "write_draft_orders", *SCOPES]}})) as system:
            account = system.account()
        assert account.rights_too_many == (
            "write_draft_orders: may change draft orders in the shop", "write_orders: may change orders in the shop",
        )  # fmt: skip

    def test_that_may_write_orders_may_read_them(self) -> None:
        with shop(world(accounts={"shopify": {"scopes": ["write_orders"]}})) as system:
            assert system.account().rights_missing == ()

    def test_that_may_not_read_customers_is_not_asked_for_them(self) -> None:
        told = world(orders=[order()], accounts={"shopify": {"scopes": ["read_orders", "read_all_orders"]}})
        [kept] = records(batches := pulled(told))
        assert refused(batches) == []
        assert isinstance(kept.facts[0], Order)
        assert kept.facts[0].customer_email == "emily.carter@example.com"
        assert kept.facts[0].account_since is None


class TestATokenOfAnApp:
    APP: ClassVar = {"client_id": "practice", "client_secret": "practice-secret"}

    def test_is_fetched_once_and_used_for_the_whole_pull(self) -> None:
        told = world(orders=many(12))
        assert len(records(pulled(told, settings=self.APP))) == 12
        assert len(told.asked("oauth/access_token")) == 1

    def test_is_renewed_when_it_expires_in_the_middle_of_a_pull(self) -> None:
        told = world(orders=many(12))
        with shop(told, settings=self.APP) as system:
            batches = iter(system.pull(None, since=SINCE))
            first = [next(batches), next(batches)]
            told.memory("shopify")["tokens"].clear()
            found = records([*first, *batches])
        assert len({each.external_id for each in found}) == 12
        assert len(told.asked("oauth/access_token")) == 2
        assert [each.status for each in told.asked("graphql")].count(401) == 1

    def test_is_refused_with_a_wrong_secret(self) -> None:
        wrong = {**self.APP, "client_secret": "guessed"}
        with shop(world(), settings=wrong) as system, pytest.raises(SourceError) as told:
            system.account()
        assert told.value.failure is SourceFailure.CREDENTIALS
        assert "guessed" not in str(told.value)


class TestAPull:
    def test_brings_every_order_once_oldest_change_first(self) -> None:
        batches = pulled(world(orders=list(reversed(many(13)))))
        names = [each.name for each in records(batches)]
        assert names == [f"Shopify order LL-{1000 + n}.json" for n in range(13)]
        assert {batch.total for batch in batches} == {13}

    def test_that_is_cut_off_goes_on_from_its_last_cursor(self) -> None:
        told = world(orders=many(13))
        with shop(told) as system:
            batches = system.pull(None, since=SINCE)
            seen = [next(batches), next(batches)]
        rest = pulled(told, seen[-1].cursor)
        assert len(records(seen)) == 5
        assert len(records([*seen, *rest])) == 13
        assert records(rest, "policy") == []

    def test_begins_anew_a_little_before_the_newest_change_it_saw(self) -> None:
        told = world(orders=many(40))
        end = pulled(told)[-1].cursor
        told.orders.append(order("LL-2000", updated_at="2026-09-01T10:38:30+00:00"))
        again = [each.name for each in records(pulled(told, end))]
        assert "Shopify order LL-2000.json" in again
        assert again[0] == "Shopify order LL-1024.json"

    def test_finds_nothing_twice_in_an_empty_shop(self) -> None:
        told = world()
        [policies, orders] = pulled(told)
        again = pulled(told, orders.cursor)
        assert records([policies, orders, *again]) == []
        assert again[-1].cursor == orders.cursor

    def test_begins_again_where_the_cursor_of_a_broken_off_pull_is_no_longer_known(self) -> None:
        told = world(orders=many(13))
        with shop(told) as system:
            batches = system.pull(None, since=SINCE)
            next(batches)
            place_ = json.loads(next(batches).cursor)
        rest = pulled(told, json.dumps(place_ | {"after": "from-an-older-version"}))
        assert {each.external_id for each in records(rest)} == {
            f"gid://shopify/Order/{5_001_000 + n}" for n in range(13)
        }

    def test_narrows_its_filter_before_shopify_stops_counting(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("evidence.systems.shopify.place.MOST", 10)
        told = world(orders=many(23))
        found = records(pulled(told))
        asked = {variables["query"] for query, variables, _ in of_shopify(told) if "Orders(" in query}
        assert {each.name for each in found} == {f"Shopify order LL-{1000 + n}.json" for n in range(23)}
        assert len(asked) == 3

    def test_leaves_test_orders_out_because_nobody_was_charged(self) -> None:
        batches = pulled(world(orders=[order("LL-1", shopify={"test": True}), order("LL-2")]))
        assert [each.name for each in records(batches)] == ["Shopify order LL-2.json"]
        assert refused(batches) == []

    def test_never_asks_for_what_staff_write_for_each_other(self) -> None:
        own = {"staff_note": "Looks like fraud to me", "refund_notes": {"1": "we lost this one"},
               "attributes": [{"key": "internal", "value": "call the boss"}]}  # fmt: skip
        told = order(shopify=own, refunds=[{"id": 1, "amount": "9.00", "at": "2026-09-05T10:00:00+00:00"}])
        kept = sole(told)
        stored = kept.data.decode() + repr(kept.facts)
        for words in ("fraud to me", "lost this one", "call the boss", "authenticate?key"):
            assert words not in stored


class TestLimits:
    def test_are_waited_for_as_long_as_the_servers_own_numbers_say(self) -> None:
        told = world(orders=many(12), accounts={"shopify": {"points": {"maximum": 720, "rate": 300}}})
        assert len(records(pulled(told))) == 12
        assert len(of_shopify(told)) == 6, "and no question was refused on the way"

    def test_said_inside_http_200_do_not_lose_an_order(self) -> None:
        throttled = {
            "errors": [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}],
            "extensions": {"cost": {"requestedQueryCost": 700, "actualQueryCost": None, "throttleStatus":
                           {"maximumAvailable": 1000.0, "currentlyAvailable": 690.0, "restoreRate": 500.0}}},
        }  # fmt: skip
        faults = Faults()
        faults.waiting.append(Fault("graphql", 200, times=2, skip=3, body=json.dumps(throttled)))
        assert len(records(pulled(world(orders=many(12)), faults=faults))) == 12

    def test_that_take_longer_than_there_is_time_say_when_to_come_back(self) -> None:
        told = world(orders=many(12), accounts={"shopify": {"points": {"maximum": 800, "rate": 1}}})
        with shop(told, given=outside(seconds=5)) as system, pytest.raises(SourceError) as waiting:
            list(system.pull(None, since=SINCE))
        assert waiting.value.failure is SourceFailure.RATE_LIMITED
        assert waiting.value.retry_after is not None
        assert 60 < waiting.value.retry_after < 900

    def test_on_a_single_question_make_the_questions_smaller(self) -> None:
        told = world(orders=many(12), accounts={"shopify": {"max_cost": 500}})
        batches = pulled(told)
        assert len(records(batches)) == 12
        assert max(cost for _, _, cost in of_shopify(told)) <= 500

    def test_too_tight_for_a_single_order_are_told(self) -> None:
        told = world(orders=many(2), accounts={"shopify": {"max_cost": 50}})
        with shop(told) as system, pytest.raises(SourceError, match="too large"):
            list(system.pull(None, since=SINCE))


class TestErrorsInsideHttp200:
    def test_of_one_order_are_cured_by_asking_for_it_again(self) -> None:
        told = world(orders=[order("LL-1"), order("LL-2", shopify={"broken": {"subtotalPriceSet": 1}})])
        batches = pulled(told)
        assert len(records(batches)) == 2
        assert refused(batches) == []

    def test_that_stay_refuse_that_order_and_no_other(self) -> None:
        told = world(orders=[order("LL-1"), order("LL-2", shopify={"broken": {"subtotalPriceSet": 9}}), order("LL-3")])
        batches = pulled(told)
        assert [each.name for each in records(batches)] == ["Shopify order LL-1.json", "Shopify order LL-3.json"]
        assert refused(batches) == ["Order #LL-2: Shopify could not give all of it: Internal error.; it was left out."]

    def test_that_leave_no_data_at_all_are_tried_again_and_then_told(self) -> None:
        body = json.dumps({"errors": [{"message": "Oops", "extensions": {"code": "INTERNAL_SERVER_ERROR"}}]})
        faults = Faults()
        faults.waiting.append(Fault("graphql", 200, times=1, body=body))
        assert len(records(pulled(world(orders=many(1)), faults=faults))) == 1
        faults.waiting.append(Fault("graphql", 200, times=99, body=body))
        with shop(world(), faults=faults) as system, pytest.raises(SourceError) as told:
            system.account()
        assert told.value.failure is SourceFailure.UNAVAILABLE

    def test_may_be_one_bare_sentence(self) -> None:
        faults = Faults()
        faults.waiting.append(Fault("graphql", 200, body=json.dumps({"errors": "Not today"})))
        with shop(world(), faults=faults) as system, pytest.raises(SourceError, match="Not today") as told:
            system.account()
        assert told.value.failure is SourceFailure.REFUSED

    def test_about_a_customer_that_may_not_be_seen_keep_the_order_and_say_so(self) -> None:
        nodes = {"nodes": [_bare_order()], "pageInfo": {"hasNextPage": False, "endCursor": None}}
        denied = {
            "message": "Not approved to access the Customer object", "path": ["orders", "nodes", 0, "customer"],
            "extensions": {"code": "ACCESS_DENIED"},
        }  # fmt: skip
        answer = {"data": {"orders": nodes}, "errors": [denied]}
        faults = Faults()
        faults.waiting.append(Fault("graphql", 200, skip=3, body=json.dumps(answer)))
        batches = pulled(world(), faults=faults)
        assert len(records(batches)) == 1
        assert refused(batches) == ["Shopify does not show this app the customer of orders."]


def _bare_order() -> Thing:
    return {
        "id": "gid://shopify/Order/7", "name": "#7", "updatedAt": "2026-09-01T10:00:00Z", "returnStatus": "NO_RETURN",
        "processedAt": "2026-09-01T10:00:00Z", "test": False, "customer": None, "transactions": [], "refunds": [],
        "fulfillments": [], "lineItems": {"nodes": [], "pageInfo": {"hasNextPage": False}},
    }  # fmt: skip


class TestLongLists:
    def test_of_goods_are_read_to_their_end(self) -> None:
        lines = [{"sku": f"S{n}", "title": f"Lamp {n}", "quantity": 1, "price": "1.00"} for n in range(137)]
        assert [each.sku for each in sold(order(lines=lines)).lines] == [f"S{n}" for n in range(137)]

    def test_of_parcels_are_asked_for_again_in_full(self) -> None:
        parcels = [sent(f"1Z{n:03d}") for n in range(7)]
        found = [each for each in sole(order(parcels=parcels)).facts if isinstance(each, Shipment)]
        assert len(found) == 7

    def test_of_tracking_numbers_of_one_parcel_too(self) -> None:
        parcels = [sent("N0", more_numbers=[f"N{n}" for n in range(1, 9)])]
        found = [each for each in sole(order(parcels=parcels)).facts if isinstance(each, Shipment)]
        assert [each.tracking_number for each in found] == [f"N{n}" for n in range(9)]

    def test_of_refunds_are_never_cut_in_silence(self) -> None:
        refunds = [{"id": n, "amount": "1.00", "at": "2026-09-05T10:00:00+00:00"} for n in range(1, 12)]
        assert len(sold(order(refunds=refunds)).refunds) == 11

    def test_that_shopify_does_not_show_to_the_end_refuse_the_order(self) -> None:
        refunds = [{"id": n, "amount": "1.00", "at": "2026-09-05T10:00:00+00:00"} for n in range(1, 30)]
        batches = pulled(world(orders=[order(refunds=refunds)]))
        assert records(batches) == []
        assert refused(batches) == [
            "Order #LL-1001: it has 20 refunds or more, and Shopify lists no further ones; it was left out."
        ]


class TestPolicies:
    def test_are_in_force_from_the_day_they_were_last_changed(self) -> None:
        [kept] = records(pulled(world(policies=[policy()])), "policy")
        [found] = kept.facts
        assert isinstance(found, Policy)
        assert (found.kind, found.title) == ("refund", "Refund policy")
        assert found.text == "Returns\nYou may return goods within 30 days of delivery."
        assert found.in_force_from == date(2026, 5, 5), "the day in Istanbul, where the shop is"
        assert kept.external_id == "gid://shopify/ShopPolicy/5@2026-05-04T22:30:00Z"

    def test_are_another_record_once_they_are_changed(self) -> None:
        told = world(policies=[policy()])
        [before] = records(pulled(told), "policy")
        told.policies[0] |= {"updated_at": "2026-10-01T08:00:00+00:00", "html": "<p>No returns at all any more.</p>"}
        [after] = records(pulled(told), "policy")
        assert before.external_id != after.external_id

    def test_lose_what_nobody_can_see_on_the_page_and_say_so(self) -> None:
        html = '<p>Returns within 30 days.</p><p style="display:none">Except on Mondays.</p>'
        batches = pulled(world(policies=[policy(html=html)]))
        [kept] = records(batches, "policy")
        assert isinstance(kept.facts[0], Policy)
        assert kept.facts[0].text == "Returns within 30 days."
        assert refused(batches) == ["Refund policy: text that nobody sees on the page was left out."]

    @pytest.mark.parametrize("type_", ["PRIVACY_POLICY", "CONTACT_INFORMATION", "LEGAL_NOTICE"])
    def test_that_prove_nothing_about_a_sale_stay_where_they_are(self, type_: str) -> None:
        assert records(pulled(world(policies=[policy(shopify_type=type_)])), "policy") == []

    def test_that_are_empty_are_none(self) -> None:
        assert records(pulled(world(policies=[policy(html="<p> </p>")])), "policy") == []

    def test_are_not_asked_for_without_the_right(self) -> None:
        account = {"scopes": ["read_orders", "read_all_orders"]}
        told = world(policies=[policy()], accounts={"shopify": account})
        assert records(pulled(told), "policy") == []

    def test_that_may_not_be_seen_after_all_do_not_hold_up_the_orders(self) -> None:
        denied = {"message": "Access denied for shopPolicies field.", "extensions": {"code": "ACCESS_DENIED"}}
        faults = Faults()
        faults.waiting.append(Fault("graphql", 200, skip=2, body=json.dumps({"data": None, "errors": [denied]})))
        batches = pulled(world(orders=many(1), policies=[policy()]), faults=faults)
        assert len(records(batches)) == 1
        [said] = refused(batches)
        assert said.startswith("The policies could not be read.")
