"""Shopify's Admin API: POST /admin/oauth/access_token and POST /admin/api/{version}/graphql.json.

An account: `token` (a static one), `client_id` and `client_secret`, `expires_in` (seconds a fetched token lasts),
`scopes`, `id`, `name`, `domain`, `zone`, `points` {maximum, rate}, `now` (ISO 8601; else the machine's), `max_cost`.
"""

from __future__ import annotations

import base64
import json
import re
import secrets
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from disputes.clock import SystemClock
from evidence.sandbox import shopify_cost as cost
from evidence.sandbox.pictures import served
from evidence.sandbox.shopify_schema import ADMIN
from evidence.sandbox.shopify_shapes import Told, connection, gid, policy
from evidence.sandbox.world import Thing, World

TOKEN = "shpat_practice"  # noqa: S105
SCOPES = (
    "read_orders", "read_all_orders", "read_customers", "read_returns", "read_legal_policies", "read_products",
)  # fmt: skip
_VISIBLE = timedelta(days=60)
_NEEDED = {
    ("QueryRoot", "orders"): "read_orders", ("QueryRoot", "order"): "read_orders",
    ("QueryRoot", "ordersCount"): "read_orders", ("Order", "customer"): "read_customers",
    ("Order", "returns"): "read_returns", ("Shop", "shopPolicies"): "read_legal_policies",
    ("LineItem", "product"): "read_products",
}  # fmt: skip
_REFUSED = {"errors": "[API] Invalid API key or access token (unrecognized login or wrong password)"}
_TERM = re.compile(r"(\w+):(>=|<=|>|<)?(?:'([^']*)'|(\S+))")


def routes(world: World) -> list[BaseRoute]:
    shop = Shop(world)
    return [
        Route("/admin/oauth/access_token", shop.token, methods=["POST"]),
        Route("/admin/api/{version}/graphql.json", shop.graphql, methods=["POST"]),
        served(world),
    ]


class Shop:
    def __init__(self, world: World) -> None:
        self.world = world
        self.base = ""

    @property
    def account(self) -> Thing:
        return self.world.account("shopify")

    @property
    def scopes(self) -> set[str]:
        """Who may write may read."""
        given = set(self.account.get("scopes", SCOPES))
        return given | {f"read_{each[6:]}" for each in given if each.startswith("write_")}

    async def token(self, request: Request) -> Response:
        form = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
        mine = (self.account.get("client_id", "practice"), self.account.get("client_secret", "practice-secret"))
        if form.get("grant_type") != "client_credentials" or (form.get("client_id"), form.get("client_secret")) != mine:
            return JSONResponse({"error": "invalid_client"}, 400)
        lasts = float(self.account.get("expires_in", 86399))
        token = f"shpat_{secrets.token_hex(16)}"
        self._given()[token] = time.monotonic() + lasts
        scope = ",".join(self.account.get("scopes", SCOPES))
        return JSONResponse({"access_token": token, "scope": scope, "expires_in": int(lasts)})

    def _given(self) -> dict[str, float]:
        tokens: dict[str, float] = self.world.memory("shopify").setdefault("tokens", {})
        return tokens

    def _known(self, token: str) -> bool:
        return token == self.account.get("token", TOKEN) or time.monotonic() < self._given().get(token, 0.0)

    async def graphql(self, request: Request) -> Response:
        if not self._known(request.headers.get("x-shopify-access-token", "")):
            return JSONResponse(_REFUSED, 401)
        asked = json.loads(await request.body())
        self.base = f"{request.url.scheme}://{request.url.netloc}{request.scope.get('root_path', '')}"
        with self.world.lock:
            content = self._answer(asked["query"], asked.get("variables") or {})
        return JSONResponse(content, headers={"X-Shopify-API-Version": request.path_params["version"]})

    def _answer(self, query: str, variables: Mapping[str, Any]) -> Thing:
        # Only here: the server needs it, the product does not.
        from graphql import GraphQLError, execute_sync, parse, validate

        try:
            document = parse(query)
        except GraphQLError as error:
            return {"errors": [_formatted(error)]}
        if errors := validate(_schema(), document):
            return {"errors": [_formatted(each) for each in errors]}
        bucket, asked_for = self._bucket(), cost.requested(document, variables)
        most = int(self.account.get("max_cost", cost.MOST))
        if asked_for > most:
            words = f"Query cost is {asked_for}, which exceeds the single query max cost limit ({most})."
            return {"errors": [_error(words, "MAX_COST_EXCEEDED", cost=asked_for, maxCost=most)]}
        self.world.memory("shopify").setdefault("asked", []).append([query, dict(variables), asked_for])
        if not bucket.take(asked_for):
            return {"errors": [_error("Throttled", "THROTTLED")], "extensions": _cost(asked_for, None, bucket)}
        told = execute_sync(
            _schema(), document, self._root(), variable_values=dict(variables), field_resolver=self._resolve,
            type_resolver=lambda value, *_: value.get("__typename"),
        )  # fmt: skip
        used = cost.returned(told.data)
        bucket.take(used - asked_for)
        content: Thing = {"data": told.data, "extensions": _cost(asked_for, used, bucket)}
        if told.errors:
            content["errors"] = [_formatted(each) for each in told.errors]
        return content

    def _bucket(self) -> cost.Bucket:
        points = self.account.get("points") or {}
        memory = self.world.memory("shopify")
        if "bucket" not in memory:
            memory["bucket"] = cost.Bucket(points.get("maximum", 20_000), points.get("rate", 1_000))
        bucket: cost.Bucket = memory["bucket"]
        return bucket

    def _resolve(self, source: Any, info: Any, **arguments: Any) -> Any:
        from graphql import GraphQLError

        place = (info.parent_type.name, info.field_name)
        if (needed := _NEEDED.get(place)) and needed not in self.scopes:
            words = f"Access denied for {info.field_name} field. Required access: `{needed}` access scope."
            extensions = {"code": "ACCESS_DENIED", "requiredAccess": f"`{needed}` access scope."}
            raise GraphQLError(words, extensions=extensions)
        broken = source.get("__broken", ())
        if info.field_name in broken:
            broken[info.field_name] -= 1
            if broken[info.field_name] >= 0:
                raise GraphQLError("Internal error.", extensions={"code": "INTERNAL_SERVER_ERROR"})
        value = source.get(info.field_name)
        return value(info, **arguments) if callable(value) else value

    # ---- what there is ----------------------------------------------------------------------------------------------

    def _root(self) -> Thing:
        return {
            "shop": self._shop(),
            "currentAppInstallation": {
                "accessScopes": [{"handle": each} for each in self.account.get("scopes", SCOPES)]
            },
            "orders": self._orders,
            "order": self._order,
            "ordersCount": lambda _info, query="", **_: {"count": len(self._found(query)), "precision": "EXACT"},
        }

    def _shop(self) -> Thing:
        account = self.account
        domain = account.get("domain", "lumen.myshopify.com")
        return {
            "id": gid("Shop", account.get("id", 61001)), "name": account.get("name", "Lumen Living"),
            "myshopifyDomain": domain, "primaryDomain": {"url": f"https://{domain}"},
            "ianaTimezone": account.get("zone", "Europe/Istanbul"),
            "shopPolicies": [policy(each) for each in self.world.policies],
        }  # fmt: skip

    def _order(self, _info: Any, id: str) -> Thing | None:
        return next((self._told(each) for each in self._visible() if gid("Order", each["id"]) == id), None)

    def _orders(self, info: Any, first: int = 0, after: str | None = None, query: str = "", **_: Any) -> Thing:
        from graphql import GraphQLError

        found = [self._told(each) for each in self._found(query)]
        start = 0
        if after:
            places = [place for place, each in enumerate(found, 1) if _cursor(each) == after]
            last = _read(after)
            if last is None:
                raise GraphQLError("Invalid cursor for current pagination sort.")
            start = places[0] if places else sum(1 for each in found if _sorted(each) <= last)
        page: Thing = connection(found)(info, first, str(start))
        page["pageInfo"]["endCursor"] = _cursor(page["nodes"][-1]) if page["nodes"] else None
        return page

    def _found(self, query: str) -> list[Thing]:
        terms = [(name, sign or "=", quoted or bare) for name, sign, quoted, bare in _TERM.findall(query)]
        found = [each for each in self._visible() if all(_matches(each, *term) for term in terms)]
        return sorted(found, key=lambda each: (_moment(each["updated_at"]), each["id"]))

    def _visible(self) -> list[Thing]:
        if "read_all_orders" in self.scopes:
            return self.world.orders
        now = self.account.get("now")
        oldest = (_moment(now) if now else SystemClock().now()) - _VISIBLE
        return [each for each in self.world.orders if _moment(each["placed_at"]) >= oldest]

    def _told(self, order: Thing) -> Thing:
        broken = (order.get("shopify") or {}).get("broken")
        return Told(order, self._delivered(), self.base).told() | ({"__broken": broken} if broken else {})

    def _delivered(self) -> set[str]:
        return {
            each["number"] for each in self.world.parcels if any(one["state"] == "delivered" for one in each["events"])
        }


@cache
def _schema() -> Any:
    from graphql import build_schema

    schema = build_schema(ADMIN)
    schema.type_map["DateTime"].serialize = _instant  # type: ignore[attr-defined]
    return schema


def _instant(written: str) -> str:
    """As Shopify writes it: "2026-09-01T10:15:00Z"."""
    return _moment(written).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _moment(written: str) -> datetime:
    return datetime.fromisoformat(written)


def _matches(order: Thing, name: str, sign: str, value: str) -> bool:
    if name in ("updated_at", "created_at"):
        mine, given = _moment(order["updated_at" if name == "updated_at" else "placed_at"]), _moment(value)
        return {">=": mine >= given, "<=": mine <= given, ">": mine > given, "<": mine < given, "=": mine == given}[
            sign
        ]
    mine_by_name = {
        "name": f"#{order['number']}", "email": order["customer"]["email"], "id": str(order["id"]),
        "confirmation_number": f"C{order['id']}X",
    }  # fmt: skip
    return str(mine_by_name.get(name) or "").lstrip("#").casefold() == value.lstrip("#").casefold()


def _sorted(told: Thing) -> tuple[datetime, int]:
    return _moment(told["updatedAt"]), int(told["legacyResourceId"])


def _cursor(told: Thing) -> str:
    content = {"last_id": int(told["legacyResourceId"]), "last_value": told["updatedAt"]}
    return base64.b64encode(json.dumps(content).encode()).decode()


def _read(cursor: str) -> tuple[datetime, int] | None:
    try:
        content = json.loads(base64.b64decode(cursor))
        return _moment(content["last_value"]), int(content["last_id"])
    except (ValueError, KeyError, TypeError):
        return None


def _error(words: str, code: str, **more: Any) -> Thing:
    return {"message": words, "extensions": {"code": code, **more}}


def _formatted(error: Any) -> Thing:
    return dict(error.formatted)


def _cost(asked_for: int, used: int | None, bucket: cost.Bucket) -> Thing:
    return {
        "cost": {"requestedQueryCost": asked_for, "actualQueryCost": used, "throttleStatus": bucket.status()},
    }
