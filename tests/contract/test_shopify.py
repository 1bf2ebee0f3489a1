"""Shopify's practice server and our questions, against the schema of the contract."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

import httpx
import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    build_schema,
    extend_schema,
    parse,
    validate,
)

from evidence.sandbox import shopify_cost
from evidence.sandbox.launch import in_thread
from evidence.sandbox.shopify import TOKEN
from evidence.sandbox.shopify_schema import ADMIN
from evidence.sandbox.shopify_shapes import POLICY_TYPES
from evidence.systems.shopify import queries
from evidence.systems.shopify.kind import KIND
from tests.evidence.systems.builders import order, world

CONTRACT = Path(__file__).resolve().parents[2].parent / "shared" / "contracts" / "sources" / "shopify.json"

pytestmark = pytest.mark.skipif(not CONTRACT.exists(), reason=f"no contract: {CONTRACT} is not on this machine")

# The contract's schema is a part that was cut out for one question. What we ask beyond it was looked up on 2026-11-22
# in the introspection the contract itself was cut from (Admin 2026-01, 2026-04, 2026-07 and 2026-10), where every
# question of ours validates. One list, so that nothing else is asked for unnoticed.
BEYOND_THE_CONTRACT = """
extend type QueryRoot { currentAppInstallation: AppInstallation! ordersCount(query: String, limit: Int): Count }
type AppInstallation { accessScopes: [AccessScope!]! }
type AccessScope { handle: String! }
type Count { count: Int! precision: CountPrecision! }
enum CountPrecision { AT_LEAST EXACT }
extend type Shop { id: ID! }
extend type ShopPolicy { id: ID! }
extend type OrderConnection { pageInfo: PageInfo! }
extend type Order {
  updatedAt: DateTime! edited: Boolean! taxesIncluded: Boolean! originalTotalPriceSet: MoneyBag!
  customAttributes: [Attribute!]!
}
type Attribute { key: String! value: String }
extend type Customer {
  state: CustomerState! defaultEmailAddress: CustomerEmailAddress defaultPhoneNumber: CustomerPhoneNumber
}
enum CustomerState { DECLINED DISABLED ENABLED INVITED }
type CustomerEmailAddress { emailAddress: String! }
type CustomerPhoneNumber { phoneNumber: String! }
extend type LineItem { isGiftCard: Boolean! product: Product image: Image }
type Product {
  id: ID! title: String! description: String! productType: String! updatedAt: DateTime! featuredMedia: Media
}
interface Media { id: ID! preview: MediaPreviewImage }
type MediaImage implements Media { id: ID! preview: MediaPreviewImage }
type MediaPreviewImage { image: Image }
type Image { id: ID altText: String url(transform: ImageTransformInput): URL! }
input ImageTransformInput { maxWidth: Int maxHeight: Int preferredContentType: ImageContentType }
enum ImageContentType { PNG JPG WEBP }
extend type Refund { transactions(first: Int, after: String): OrderTransactionConnection! }
type OrderTransactionConnection { nodes: [OrderTransaction!]! }
type RefundConnection { nodes: [Refund!]! pageInfo: PageInfo! }
extend type ReturnConnection { pageInfo: PageInfo! }
extend type Return {
  requestApprovedAt: DateTime closedAt: DateTime decline: ReturnDecline
  returnLineItems(first: Int, after: String): ReturnLineItemTypeConnection!
  refunds(first: Int, after: String): RefundConnection!
  reverseFulfillmentOrders(first: Int, after: String): ReverseFulfillmentOrderConnection!
}
type ReturnDecline { reason: ReturnDeclineReason! note: String }
enum ReturnDeclineReason { FINAL_SALE OTHER RETURN_PERIOD_ENDED }
type ReturnLineItemTypeConnection { nodes: [ReturnLineItemType!]! pageInfo: PageInfo! }
interface ReturnLineItemType {
  id: ID! quantity: Int! customerNote: String returnReasonDefinition: ReturnReasonDefinition
}
type ReturnLineItem implements ReturnLineItemType {
  id: ID! quantity: Int! customerNote: String returnReasonDefinition: ReturnReasonDefinition
  fulfillmentLineItem: FulfillmentLineItem!
}
type ReturnReasonDefinition { name: String! }
type ReverseFulfillmentOrderConnection { nodes: [ReverseFulfillmentOrder!]! }
type ReverseFulfillmentOrder { reverseDeliveries(first: Int, after: String): ReverseDeliveryConnection! }
type ReverseDeliveryConnection { nodes: [ReverseDelivery!]! }
type ReverseDelivery { deliverable: ReverseDeliveryDeliverable }
union ReverseDeliveryDeliverable = ReverseDeliveryShippingDeliverable
type ReverseDeliveryShippingDeliverable { label: ReverseDeliveryLabelV2 tracking: ReverseDeliveryTrackingV2 }
type ReverseDeliveryLabelV2 { createdAt: DateTime! }
type ReverseDeliveryTrackingV2 { carrierName: String number: String }
"""


@pytest.fixture(scope="module")
def contract() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(CONTRACT.read_text(encoding="utf-8"))
    return loaded


@pytest.fixture(scope="module")
def schema(contract: dict[str, Any]) -> GraphQLSchema:
    return extend_schema(build_schema(contract["sdl_subset_buildable"]), parse(BEYOND_THE_CONTRACT))


def questions() -> Iterator[tuple[str, str]]:
    yield from {
        "scope": queries.SCOPE, "policies": queries.POLICIES, "count": queries.COUNT, "returns": queries.RETURNS,
    }.items()  # fmt: skip
    optional = ("read_customers", "read_products")
    for scopes in (set(some) for size in range(3) for some in combinations(optional, size)):
        named = "+".join(sorted(scopes)) or "orders only"
        yield f"orders, {named}", queries.orders(scopes)
        yield f"order, {named}", queries.order(scopes)
        yield f"more lines, {named}", queries.more_lines(scopes)
    for name in queries.FURTHER:
        yield f"all {name}", queries.whole_list(name)


@pytest.mark.parametrize(("name", "question"), list(questions()), ids=[name for name, _ in questions()])
def test_every_question_is_one_the_contracts_schema_answers(name: str, question: str, schema: GraphQLSchema) -> None:
    assert [error.message for error in validate(schema, parse(question))] == []


@pytest.mark.parametrize(("name", "question"), list(questions()), ids=[name for name, _ in questions()])
def test_no_question_costs_more_than_a_single_one_may(name: str, question: str) -> None:
    assert shopify_cost.requested(parse(question), {"first": queries.ORDERS_AT_ONCE}) <= 1000


def test_nothing_beyond_the_contract_is_named_that_the_contract_has(contract: dict[str, Any]) -> None:
    """A schema refuses a field twice, so the list above cannot hide a difference."""
    known = build_schema(contract["sdl_subset_buildable"])
    assert extend_schema(known, parse(BEYOND_THE_CONTRACT)).type_map.keys() > known.type_map.keys()


def test_the_practice_schema_says_nothing_the_contract_does_not(schema: GraphQLSchema) -> None:
    ours, differences = build_schema(ADMIN), []
    for name, type_ in ours.type_map.items():
        theirs = schema.type_map.get(name)
        if theirs is None or type(theirs) is not type(type_):
            differences.append(f"{name} is no such type there")
        elif isinstance(type_, (GraphQLObjectType, GraphQLInterfaceType)):
            assert isinstance(theirs, (GraphQLObjectType, GraphQLInterfaceType))
            differences += _fields_that_differ(name, type_, theirs)
        elif isinstance(type_, GraphQLEnumType):
            assert isinstance(theirs, GraphQLEnumType)
            differences += [f"{name}.{value}" for value in type_.values.keys() - theirs.values.keys()]
        elif isinstance(type_, GraphQLUnionType):
            assert isinstance(theirs, GraphQLUnionType)
            differences += [
                f"{name} | {each.name}"
                for each in type_.types
                if each.name not in {other.name for other in theirs.types}
            ]
    assert differences == []


def _fields_that_differ(name: str, ours: Any, theirs: Any) -> Iterator[str]:
    for field, told in ours.fields.items():
        there = theirs.fields.get(field)
        if there is None or str(there.type) != str(told.type):
            yield f"{name}.{field}: {told.type} is {there and there.type} there"
            continue
        for argument, given in told.args.items():
            known = there.args.get(argument)
            if known is None or str(known.type) != str(given.type):
                yield f"{name}.{field}({argument}: {given.type}) is {known and known.type} there"


def test_the_key_the_address_and_the_right_names_are_the_contracts(contract: dict[str, Any]) -> None:
    assert contract["auth"]["header"] == "X-Shopify-Access-Token"
    assert (
        contract["endpoint"]
        .replace("{version}", queries.API_VERSION)
        .endswith(f"/admin/api/{queries.API_VERSION}/graphql.json")
    )
    assert queries.API_VERSION in contract["documents_validated_against"]
    for scope in (each.split()[0] for each in contract["scopes"]):
        assert scope in KIND.needs


def test_a_token_is_asked_for_and_given_as_the_contract_says(contract: dict[str, Any]) -> None:
    obtain = next(each for each in contract["auth"]["obtain"] if each["kind"] == "client_credentials")
    form = {"grant_type": "client_credentials", "client_id": "practice", "client_secret": "practice-secret"}
    with in_thread(world()) as base, httpx.Client(trust_env=False) as client:
        given = client.post(f"{base}/shopify/admin/oauth/access_token", data=form).json()
    assert all(name in obtain["request"] for name in form)
    assert given.keys() == obtain["response"].keys()
    assert given["expires_in"] == obtain["response"]["expires_in"]


def test_costs_are_told_where_the_contract_says(contract: dict[str, Any]) -> None:
    with in_thread(world(orders=[order()])) as base, httpx.Client(trust_env=False) as client:
        answer = client.post(
            f"{base}/shopify/admin/api/{queries.API_VERSION}/graphql.json",
            headers={"X-Shopify-Access-Token": TOKEN},
            json={"query": queries.SCOPE},
        ).json()
    assert contract["rate_limit"]["where"].startswith("extensions.cost.throttleStatus")
    status = answer["extensions"]["cost"]["throttleStatus"]
    assert all(name in contract["rate_limit"]["where"] for name in status)
    assert status["restoreRate"] == contract["rate_limit"]["points_per_second"]["Plus"]


def test_policies_are_of_the_contracts_kinds(contract: dict[str, Any]) -> None:
    assert all(each in contract["policies"] for each in POLICY_TYPES.values())
