"""Magento 2's REST API (orders, shipments, credit memos, store configuration) as an integration's token sees it.
Written from the contract; where that has no recorded answer, from the public OpenAPI page's field names.

Its account: token, resources (of orders, shipments, creditmemos, store; all where nothing is said). A page after the
last is answered with the last one again. An order may have a "state" of its own, "comments" [{text, at, visible,
status}], "child_lines" (what a configurable product consists of), "proxy" (the address it came through) and
"payment_info" {key: value}; a line may have "product_type".
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from disputes.clock import utc
from evidence.sandbox.wire import ExactJSON
from evidence.sandbox.world import Thing, World

_CONDITIONS: dict[str, Callable[[str, str], bool]] = {
    "eq": lambda have, want: have == want,
    "neq": lambda have, want: have != want,
    "gt": lambda have, want: have > want,
    "gteq": lambda have, want: have >= want,
    "lt": lambda have, want: have < want,
    "lteq": lambda have, want: have <= want,
    "in": lambda have, want: have in want.split(","),
}
_FILTER = re.compile(
    r"searchCriteria\[(?:filterGroups|filter_groups)\]\[(\d+)\]\[filters\]\[(\d+)\]\[(field|value|conditionType)\]"
)
_RESOURCES = {
    "orders": "Magento_Sales::actions_view",
    "shipments": "Magento_Sales::shipment",
    "creditmemos": "Magento_Sales::sales_creditmemo",
    "store": "Magento_Backend::store",
}


def routes(world: World) -> list[BaseRoute]:
    def search(name: str, made: Callable[[Thing], list[Thing]]) -> Callable[[Request], Response]:
        def answer(request: Request) -> Response:
            refused = _refused(world, request, name)
            if refused is not None:
                return refused
            with world.lock:
                return _searched(request, [each for order in world.orders for each in made(order)])

        return answer

    def configured(request: Request) -> Response:
        refused = _refused(world, request, "store")
        store = {"id": 1, "code": "default", "website_id": 1, "locale": "en_US", "base_currency_code": "USD",
                 "timezone": "UTC", "base_url": "https://shop.example/"}  # fmt: skip
        return refused or ExactJSON([store])

    def nothing(_request: Request) -> Response:
        return _error(404, "Request does not match any route.")

    return [
        Route("/rest/V1/orders", search("orders", lambda order: [_order(order)])),
        Route("/rest/V1/shipments", search("shipments", _shipments)),
        Route("/rest/V1/creditmemos", search("creditmemos", _memos)),
        Route("/rest/V1/store/storeConfigs", configured),
        Route("/rest/{rest:path}", nothing),
    ]


# ---- answers -------------------------------------------------------------------------------------------------------


def _error(status: int, message: str, parameters: Any = None) -> Response:
    return ExactJSON({"message": message} | ({"parameters": parameters} if parameters else {}), status)


def _refused(world: World, request: Request, name: str) -> Response | None:
    account = world.account("magento")
    given = request.headers.get("authorization", "")
    allowed = name in account.get("resources", tuple(_RESOURCES))
    if given == f"Bearer {account.get('token', 'mg_practice')}" and allowed:
        return None
    # A missing right and a wrong token have the same number.
    words = "The consumer isn't authorized to access %resources."
    return _error(401, words, {"resources": _RESOURCES[name]})


def _searched(request: Request, found: list[Thing]) -> Response:
    query = request.query_params
    if not any(name.startswith("searchCriteria") for name in query):
        return _error(400, '"%fieldName" is required. Enter and try again.', {"fieldName": "searchCriteria"})
    filters: dict[tuple[str, str], dict[str, str]] = {}
    for name, value in query.items():
        if hit := _FILTER.fullmatch(name):
            filters.setdefault((hit[1], hit[2]), {})[hit[3]] = value
    for each in filters.values():
        meets = _CONDITIONS[each.get("conditionType", "eq")]
        found = [entry for entry in found if meets(str(entry[each["field"]]), each["value"])]
    sorts = [
        query[name] for name in sorted(query) if re.fullmatch(r"searchCriteria\[sortOrders\]\[\d\]\[field\]", name)
    ]
    found.sort(key=lambda entry: [entry[name] for name in sorts])
    size = int(query.get("searchCriteria[pageSize]", 0)) or max(1, len(found))
    last = max(1, -(-len(found) // size))
    page = min(int(query.get("searchCriteria[currentPage]", 1)), last)
    return ExactJSON(
        {"items": found[(page - 1) * size : page * size], "search_criteria": {}, "total_count": len(found)}
    )


# ---- shapes --------------------------------------------------------------------------------------------------------


def _moment(said: str) -> str:
    return utc(datetime.fromisoformat(said)).strftime("%Y-%m-%d %H:%M:%S")


def _number(said: str) -> Any:
    """As PHP writes a decimal: 189 for "189.00"."""
    number = Decimal(said)
    return int(number) if number == int(number) else number.normalize()


def _address(place: Thing | None, kind: str, customer: Thing) -> Thing:
    place = place or {}
    first, _, last = (place.get("name") or "").partition(" ")
    return {
        "address_type": kind, "firstname": first, "lastname": last,
        "street": [each for each in (place.get("line1"), place.get("line2")) if each], "city": place.get("city"),
        "region": place.get("region"), "region_code": place.get("region"), "postcode": place.get("postal_code"),
        "country_id": place.get("country"), "telephone": customer["phone"], "email": customer["email"],
    }  # fmt: skip


def _order(order: Thing) -> Thing:
    customer, payment = order["customer"], order["payment"]
    first, _, last = (customer["name"] or "").partition(" ")
    state = order.get("state") or (
        "canceled" if order["cancelled_at"] else "complete" if order["parcels"] else "processing"
    )
    proxy = order.get("proxy")
    shipping = {"method": "flatrate_flatrate", "total": {}}
    if order["shipping"]:
        shipping["address"] = _address(order["shipping"], "shipping", customer)
    return {
        "entity_id": order["id"], "increment_id": order["number"], "state": state, "status": state,
        "created_at": _moment(order["placed_at"]), "updated_at": _moment(order["updated_at"]),
        "customer_email": customer["email"], "customer_firstname": first, "customer_lastname": last,
        "customer_id": customer.get("id"), "customer_is_guest": 0 if customer.get("id") else 1,
        "customer_note": order["customer_note"] or None, "remote_ip": proxy or order["ip"],
        "x_forwarded_for": f"{order['ip']}, {proxy}" if proxy else None,
        "order_currency_code": order["currency"], "base_currency_code": order["currency"],
        "grand_total": _number(order["total"]), "subtotal": _number(order["subtotal"]),
        "shipping_amount": _number(order["shipping_cost"]), "tax_amount": _number(order["tax"]),
        "discount_amount": -_number(order["discount"]), "shipping_description": order["shipping_method"],
        "billing_address": _address(order["billing"], "billing", customer), "items": _items(order),
        "payment": {
            "method": payment["gateway"], "cc_last4": payment.get("last4"), "cc_type": payment.get("brand"),
            "cc_number_enc": "0:3:encrypted-card-number", "cc_exp_month": "12", "cc_exp_year": "2029",
            "last_trans_id": f"{payment['transaction_id']}-capture" if payment.get("transaction_id") else None,
            "additional_information": [*(payment.get("transaction_ids") or []), "Credit Card", "true"],
            "amount_ordered": _number(order["total"]),
        },
        "status_histories": [
            {
                "entity_id": order["id"] * 100 + place, "parent_id": order["id"], "entity_name": "order",
                "created_at": _moment(each["at"]), "status": each.get("status", state), "comment": each["text"],
                "is_customer_notified": 1 if each["visible"] else 0, "is_visible_on_front": 1 if each["visible"] else 0,
            }
            for place, each in enumerate(order.get("comments", []), 1)
        ],
        "extension_attributes": {
            "shipping_assignments": [{"shipping": shipping, "items": []}],
            "payment_additional_info": [
                {"key": key, "value": value}
                for key, value in ({"method_title": "Card"} | order.get("payment_info", {})).items()
            ],
        },
    }  # fmt: skip


def _items(order: Thing) -> list[Thing]:
    lines = []
    for place, line in enumerate(order["lines"], 1):
        item = {
            "item_id": order["id"] * 100 + place, "order_id": order["id"], "name": line["title"], "sku": line["sku"],
            "product_type": line.get("product_type", "simple"), "qty_ordered": line["quantity"],
            "price": _number(line["price"]), "row_total": _number(line["price"]) * line["quantity"],
        }  # fmt: skip
        lines.append(item)
    child = {"item_id": 1, "parent_item_id": order["id"] * 100 + 1, "price": 0, "row_total": 0, "qty_ordered": 1}
    lines += [child | {"name": each, "sku": each, "product_type": "simple"} for each in order.get("child_lines", [])]
    return lines


def _shipments(order: Thing) -> list[Thing]:
    if not order["parcels"]:
        return []
    return [
        {
            "entity_id": order["id"] * 10, "order_id": order["id"], "increment_id": f"S{order['id']}",
            "created_at": _moment(order["updated_at"]), "shipping_label": "JVBERi0xLjQ=",
            "comments": [{"entity_id": 1, "comment": each["comment"], "is_visible_on_front": 0, "parent_id": 1}
                         for each in order["parcels"] if each.get("comment")],
            "tracks": [
                {
                    "entity_id": order["id"] * 10 + place, "parent_id": order["id"] * 10, "order_id": order["id"],
                    "track_number": each["number"], "carrier_code": each.get("code", each["carrier"].casefold()),
                    "title": each.get("title", each["carrier"]), "description": None,
                    "created_at": _moment(each["shipped_at"]) if each.get("shipped_at") else None,
                }
                for place, each in enumerate(order["parcels"], 1)
            ],
        }
    ]  # fmt: skip


def _memos(order: Thing) -> list[Thing]:
    return [
        {
            "entity_id": order["id"] * 10 + place, "increment_id": f"R{each['id']}", "order_id": order["id"],
            "created_at": _moment(each["at"]), "grand_total": _number(each["amount"]),
            "order_currency_code": order["currency"], "state": each.get("state", 2), "items": [],
            "comments": [
                {"entity_id": 1, "comment": each["reason"], "is_visible_on_front": 1, "parent_id": 1},
                {"entity_id": 2, "comment": "gave in, he shouts", "is_visible_on_front": 0, "parent_id": 1},
            ] if each["reason"] else [],
        }
        for place, each in enumerate(order["refunds"], 1)
    ]  # fmt: skip
