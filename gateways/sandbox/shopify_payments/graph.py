"""The questions and the mutation, carried out on the played schema by a GraphQL library."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from graphql import (
    GraphQLError,
    GraphQLSchema,
    build_schema,
    default_field_resolver,
    execute_sync,
    parse,
    validate,
)

from gateways.sandbox.shopify_payments import lifecycle, shown, times
from gateways.sandbox.shopify_payments.schema import ADMIN
from gateways.sandbox.shopify_payments.world import SHOP, World
from gateways.sandbox.store import JSON, Row

NEEDED: Mapping[str, tuple[str, ...]] = {
    "ShopifyPaymentsDispute": ("read_shopify_payments_disputes",),
    "ShopifyPaymentsDisputeEvidence": ("read_shopify_payments_dispute_evidences",),
    "ShopifyPaymentsDisputeFileUpload": ("read_shopify_payments_dispute_evidences",),
    "ShopifyPaymentsAccount": ("read_shopify_payments", "read_shopify_payments_accounts"),
    "Order": ("read_orders",),
    "Mutation.disputeEvidenceUpdate": ("write_shopify_payments_dispute_evidences",),
}
"""Any one of these scopes for a field of this type, or for this field."""
_COST: JSON = {
    "requestedQueryCost": 52,
    "actualQueryCost": 24,
    "throttleStatus": {"maximumAvailable": 2000.0, "currentlyAvailable": 1948, "restoreRate": 100.0},
}
_TERM = re.compile(r"(\w+):(>=|<=|>|<)?(?:'([^']*)'|([^\s()]+))")


@cache
def schema() -> GraphQLSchema:
    return build_schema(ADMIN)


def answer(world: World, asked: JSON, rights: frozenset[str]) -> JSON:
    """The body of the answer, errors inside it as Shopify sends them: with HTTP 200."""
    try:
        document = parse(str(asked.get("query") or ""))
    except GraphQLError as error:
        return {"errors": [_formatted(error)]}
    if wrong := validate(schema(), document):
        return {"errors": [_formatted(each) for each in wrong]}
    told = execute_sync(
        schema(),
        document,
        _root(world, rights),
        variable_values=dict(asked.get("variables") or {}),
        field_resolver=_guarded(rights),
        type_resolver=lambda _value, *_: "CardPaymentDetails",
    )
    body: JSON = {"data": told.data, "extensions": {"cost": _COST}}
    if told.errors:
        body["errors"] = [_formatted(each) for each in told.errors]
    return body


def throttled() -> JSON:
    status = {**_COST["throttleStatus"], "currentlyAvailable": 2}
    cost = {**_COST, "actualQueryCost": None, "throttleStatus": status}
    errors = [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}]
    return {"errors": errors, "extensions": {"cost": cost}}


def own_fault() -> JSON:
    words = "Internal error. Looks like something went wrong on our end."
    return {"errors": [{"message": words, "extensions": {"code": "INTERNAL_SERVER_ERROR"}}]}


def _formatted(error: GraphQLError) -> JSON:
    return dict(error.formatted)


def _guarded(rights: frozenset[str]) -> Callable[..., Any]:
    def resolve(source: Any, info: Any, **arguments: Any) -> Any:
        named = str(info.return_type).strip("[]!")
        for place in (named, f"{info.parent_type.name}.{info.field_name}"):
            needed = NEEDED.get(place)
            if needed and not rights & set(needed):
                access = " or ".join(f"`{scope}`" for scope in needed) + " access scope."
                words = f"Access denied for {info.field_name} field. Required access: {access}"
                raise GraphQLError(words, extensions={"code": "ACCESS_DENIED", "requiredAccess": access})
        return default_field_resolver(source, info, **arguments)

    return resolve


def _root(world: World, rights: frozenset[str]) -> JSON:
    old = "read_all_orders" in rights

    def one(_info: Any, id: str) -> JSON | None:
        row = world.find("dispute", _number(id, "ShopifyPaymentsDispute"))
        return shown.dispute(world, row, old_orders=old) if row else None

    def evidence(_info: Any, id: str) -> JSON | None:
        row = world.of_evidence(_number(id, "ShopifyPaymentsDisputeEvidence"))
        return shown.evidence(world, row, old_orders=old) if row else None

    def listed(_info: Any, **arguments: Any) -> JSON:
        return _connection(world, old_orders=old, **arguments)

    def update(_info: Any, id: str, input: JSON) -> JSON:
        return _update(world, id, input, old_orders=old)

    account = {"id": shown.gid("ShopifyPaymentsAccount", 1), "activated": True,
               "defaultCurrency": SHOP["currency"], "disputes": listed}  # fmt: skip
    return {
        "shop": {
            "id": shown.gid("Shop", SHOP["number"]),
            "name": SHOP["name"],
            "myshopifyDomain": SHOP["domain"],
            "currencyCode": SHOP["currency"],
            "plan": {"partnerDevelopment": world.setting("development")},
        },
        "currentAppInstallation": {"accessScopes": [{"handle": each} for each in _told(rights)]},
        "shopifyPaymentsAccount": account if world.setting("payments") else None,
        "dispute": one,
        "disputeEvidence": evidence,
        "disputes": listed,
        "disputeEvidenceUpdate": update,
    }


def _told(rights: frozenset[str]) -> list[str]:
    """A right to write stands for the one to read that comes with it."""
    return sorted(each for each in rights if f"write_{each.removeprefix('read_')}" not in rights or "write_" in each)


def _number(id: str, kind: str) -> str:
    prefix, _, number = id.rpartition("/")
    if prefix != f"gid://shopify/{kind}":
        raise GraphQLError(f"Invalid global id '{id}'", extensions={"code": "argumentLiteralsIncompatible"})
    return number


def _update(world: World, id: str, wanted: JSON, *, old_orders: bool) -> JSON:
    row = world.of_evidence(_number(id, "ShopifyPaymentsDisputeEvidence"))
    try:
        if row is None:
            raise lifecycle.Refused("DISPUTE_EVIDENCE_NOT_FOUND", "Dispute evidence could not be found.", ["id"])
        with world.store.transaction():
            lifecycle.update(world, row, wanted, world.clock.unix())
    except lifecycle.Refused as refused:
        return {"disputeEvidence": None, "userErrors": [refused.shown()]}
    fresh = world.find("dispute", row.id)
    assert fresh is not None
    return {"disputeEvidence": shown.evidence(world, fresh, old_orders=old_orders), "userErrors": []}


# ---- lists ---------------------------------------------------------------------------------------------------------


def _connection(world: World, *, old_orders: bool, first: int | None = None, after: str | None = None,
                query: str | None = None, reverse: bool = False) -> JSON:  # fmt: skip
    if first is None or not 1 <= first <= world.setting("page_size_max"):
        raise GraphQLError("you must provide one of first or last")
    rows = sorted((row for row in world.disputes() if _fits(row, query)), key=_place, reverse=reverse)
    if after is not None:
        at = tuple(json.loads(base64.b64decode(after)))
        rows = [row for row in rows if (_place(row) < at if reverse else _place(row) > at)]
    page, more = rows[:first], len(rows) > first
    end = base64.b64encode(json.dumps(_place(page[-1])).encode()).decode() if page else None
    nodes = [shown.dispute(world, row, old_orders=old_orders) for row in page]
    return {"nodes": nodes, "pageInfo": {"hasNextPage": more, "endCursor": end}}


def _place(row: Row) -> tuple[int, int]:
    return int(row.body["opened"]), int(row.body["number"])


def _fits(row: Row, query: str | None) -> bool:
    """Terms of one field are alternatives, terms of several all have to fit: what is asked for in practice."""
    wanted: dict[str, list[bool]] = {}
    for name, sign, quoted, plain in _TERM.findall(query or ""):
        value = quoted or plain
        if name == "status":
            wanted.setdefault(name, []).append(row.body["status"] == value.upper())
        elif name == "initiated_at":
            at, than = int(row.body["opened"]), times.seconds(value)
            fits = {">=": at >= than, ">": at > than, "<=": at <= than, "<": at < than, "": at == than}[sign]
            wanted.setdefault(name, []).append(fits)
    return all(any(found) for found in wanted.values())
