"""BigCommerce's Orders V2 and the payments of V3, as the API account of one store sees them. Written from the contract.

Its account: hash, token, name, scopes (of orders, transactions, information; all three where nothing is said),
per_window (calls in a window of a second; 0 is no limit). An order may have a "status_id" of its own, "messages"
[{type (customer, admin or another), subject, text, at}], and "staff_notes"; a parcel a "provider" and a "slug" (of
AfterShip's list) where they are not the carrier's own.
"""

from __future__ import annotations

import time
from datetime import datetime
from decimal import Decimal
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from disputes.clock import utc
from evidence.sandbox.wire import ExactJSON
from evidence.sandbox.world import Thing, World

_PROVIDERS = {"UPS": "ups", "USPS": "usps", "FedEx": "fedex", "Royal Mail": "royalmail"}
_STATUSES = {
    0: "Incomplete", 1: "Pending", 2: "Shipped", 3: "Partially Shipped", 4: "Refunded", 5: "Cancelled", 6: "Declined",
    7: "Awaiting Payment", 9: "Awaiting Shipment", 10: "Completed", 11: "Awaiting Fulfillment",
    14: "Partially Refunded",
}  # fmt: skip
_SORTS = ("id", "customer_id", "date_created", "date_modified", "status_id", "channel_id", "external_id")


class _Refused(Exception):
    def __init__(self, answer: Response) -> None:
        super().__init__()
        self.answer = answer


def routes(world: World) -> list[BaseRoute]:
    store = _Store(world)
    paths = {
        "/v2/store": store.information,
        "/v2/orders": store.orders,
        "/v2/orders/{id:int}": store.order,
        "/v2/orders/{id:int}/{part}": store.part,
        "/v3/orders/{id:int}/transactions": store.transactions,
        "/v3/orders/{id:int}/payment_actions/refunds": store.refunds,
    }

    def guarded(answer: Any, version: int) -> Any:
        def route(request: Request) -> Response:
            try:
                with world.lock:
                    store.let_in(request, version)
                    found: Response = answer(request)
            except _Refused as refused:
                found = refused.answer
            found.headers.update(store.limits())
            return found

        return route

    return [Route(f"/stores/{{hash}}{path}", guarded(answer, int(path[2]))) for path, answer in paths.items()]


class _Store:
    def __init__(self, world: World) -> None:
        self.world = world

    @property
    def account(self) -> Thing:
        return self.world.account("bigcommerce")

    # ---- who may ask -----------------------------------------------------------------------------------------------

    def let_in(self, request: Request, version: int) -> None:
        if request.path_params["hash"] != self.account.get("hash", "ab12cd34ef"):
            raise _Refused(_error(version, 404, "The requested resource was not found."))
        if request.headers.get("x-auth-token") != self.account.get("token", "bc_practice"):
            raise _Refused(_error(version, 401, "X-Auth-Token header is required"))
        memory, second = self.world.memory("bigcommerce"), int(time.monotonic())
        memory.update(second=second, count=memory.get("count", 0) + 1 if memory.get("second") == second else 1)
        limit = self.account.get("per_window", 0)
        if limit and memory["count"] > limit:
            raise _Refused(ExactJSON({"status": 429, "title": "Too Many Requests", "type": "about:blank"}, 429))

    def limits(self) -> dict[str, str]:
        limit = self.account.get("per_window", 0) or 150
        left = max(0, limit - self.world.memory("bigcommerce").get("count", 0))
        return {
            "X-Rate-Limit-Time-Window-Ms": "1000", "X-Rate-Limit-Time-Reset-Ms": "1000",
            "X-Rate-Limit-Requests-Quota": str(limit), "X-Rate-Limit-Requests-Left": str(left),
        }  # fmt: skip

    def _scope(self, name: str, version: int) -> None:
        if name not in self.account.get("scopes", ("orders", "transactions", "information")):
            raise _Refused(_error(version, 403, "You don't have a required scope to access the endpoint"))

    # ---- V2 --------------------------------------------------------------------------------------------------------

    def information(self, _request: Request) -> Response:
        self._scope("information", 2)
        return ExactJSON(
            {
                "id": self.account.get("hash", "ab12cd34ef"), "account_uuid": "9e1d5f36-0000-4000-8000-000000000000",
                "domain": "lumen.example", "name": self.account.get("name", "Lumen Lamps"), "currency": "USD",
                "timezone": {"name": "America/Chicago"}, "language": "en",
            }
        )  # fmt: skip

    def orders(self, request: Request) -> Response:
        self._scope("orders", 2)
        query = request.query_params
        found = list(self.world.orders)
        if "min_date_modified" in query:
            bound = _moment(query["min_date_modified"])
            found = [each for each in found if _at(each["updated_at"]) >= bound]
        if "email" in query:
            found = [each for each in found if each["customer"]["email"] == query["email"]]
        column, _, direction = query.get("sort", "id").partition(":")
        if column not in _SORTS:
            raise _Refused(_error(2, 400, "The field 'sort' is invalid."))
        world_name = {"date_modified": "updated_at", "date_created": "placed_at"}.get(column, "id")
        found.sort(key=lambda each: (each[world_name], each["id"]), reverse=direction == "desc")
        return _v2([_order(each) for each in _cut(found, query)])

    def order(self, request: Request) -> Response:
        self._scope("orders", 2)
        return ExactJSON(_order(self._named(request, 2)))

    def part(self, request: Request) -> Response:
        self._scope("orders", 2)
        order = self._named(request, 2)
        match request.path_params["part"]:
            case "products":
                found = _products(order)
            case "shipping_addresses":
                found = [_shipping(order)] if order["shipping"] else []
            case "shipments":
                found = [_shipment(order, each, place) for place, each in enumerate(order["parcels"], 1)]
            case "messages":
                found = [_message(order, each, place) for place, each in enumerate(order.get("messages", []), 1)]
            case _:
                raise _Refused(_error(2, 404, "The requested resource was not found."))
        return _v2(_cut(found, request.query_params))

    def _named(self, request: Request, version: int) -> Thing:
        number = request.path_params["id"]
        order = next((each for each in self.world.orders if each["id"] == number), None)
        if order is None:
            raise _Refused(_error(version, 404, "The requested resource was not found."))
        return order

    # ---- V3 --------------------------------------------------------------------------------------------------------

    def transactions(self, request: Request) -> Response:
        self._scope("transactions", 3)
        order = self._named(request, 3)
        payment = order["payment"]
        ids = [payment.get("transaction_id"), *(payment.get("transaction_ids") or [])]
        events = ["authorization", "capture", *["settled"] * len(ids)]
        found = [
            _transaction(order, place, events[place], each, Decimal(order["total"]))
            for place, each in enumerate(each for each in ids if each)
        ]
        found += [
            _transaction(order, 50 + place, "refund", f"re_{order['id']}{place}", Decimal(each["amount"]))
            for place, each in enumerate(order["refunds"])
        ]
        return _v3(found)

    def refunds(self, request: Request) -> Response:
        self._scope("transactions", 3)
        order = self._named(request, 3)
        return _v3(
            [
                {
                    "id": int(each["id"]), "order_id": order["id"], "user_id": 1, "created": each["at"],
                    "reason": each["reason"], "total_amount": Decimal(each["amount"]), "total_tax": 0,
                    "uses_merchant_override_values": False, "items": [],
                    "payments": [{"id": 1, "provider_id": "stripe", "amount": Decimal(each["amount"]), "offline": False,
                                  "is_declined": bool(each.get("declined")), "declined_message": ""}],
                }
                for each in order["refunds"]
            ]
        )  # fmt: skip


# ---- answers -------------------------------------------------------------------------------------------------------


def _error(version: int, status: int, message: str) -> Response:
    if version == 2:
        return ExactJSON([{"status": status, "message": message}], status)
    return ExactJSON({"status": status, "title": message, "type": "about:blank", "errors": {}}, status)


def _v2(found: list[Thing]) -> Response:
    return ExactJSON(found) if found else Response(status_code=204)


def _v3(found: list[Thing]) -> Response:
    pagination = {"total": len(found), "count": len(found), "per_page": 50, "current_page": 1, "total_pages": 1}
    return ExactJSON({"data": found, "meta": {"pagination": pagination}})


def _cut(found: list[Thing], query: Any) -> list[Thing]:
    try:
        page, limit = int(query.get("page", 1)), min(250, int(query.get("limit", 50)))
    except ValueError:
        raise _Refused(_error(2, 400, "The field 'page' is invalid.")) from None
    return found[(page - 1) * limit : page * limit]


def _at(moment: str) -> datetime:
    return datetime.fromisoformat(moment)


def _moment(said: str) -> datetime:
    try:
        found = datetime.fromisoformat(said)
    except ValueError:
        try:
            found = parsedate_to_datetime(said)
        except ValueError:
            raise _Refused(_error(2, 400, "The field 'min_date_modified' is invalid.")) from None
    return utc(found)


def _date(moment: str | None) -> str:
    return format_datetime(utc(_at(moment))) if moment else ""


def _money(said: str | Decimal) -> str:
    return f"{Decimal(said):.4f}"


# ---- shapes --------------------------------------------------------------------------------------------------------


def _status(order: Thing) -> int:
    if "status_id" in order:
        return int(order["status_id"])
    if order["cancelled_at"]:
        return 5
    given_back = sum((Decimal(each["amount"]) for each in order["refunds"]), Decimal(0))
    if given_back:
        return 4 if given_back >= Decimal(order["total"]) else 14
    return 2 if order["parcels"] else 11


def _order(order: Thing) -> Thing:
    status = _status(order)
    given_back = sum((Decimal(each["amount"]) for each in order["refunds"]), Decimal(0))
    before_tax = Decimal(order["total"]) - Decimal(order["tax"])
    shipped = max((each["shipped_at"] for each in order["parcels"] if each.get("shipped_at")), default=None)
    count = sum(each["quantity"] for each in order["lines"])
    here = f"https://api.bigcommerce.com/stores/ab12cd34ef/v2/orders/{order['id']}"
    return {
        "id": order["id"], "customer_id": order["customer"].get("id") or 0,
        "date_created": _date(order["placed_at"]), "date_modified": _date(order["updated_at"]),
        "date_shipped": _date(shipped), "status_id": status, "status": _STATUSES[status], "custom_status": "",
        "subtotal_ex_tax": _money(order["subtotal"]), "subtotal_inc_tax": _money(order["subtotal"]),
        "subtotal_tax": "0.0000", "shipping_cost_ex_tax": _money(order["shipping_cost"]),
        "shipping_cost_inc_tax": _money(order["shipping_cost"]), "shipping_cost_tax": "0.0000",
        "handling_cost_ex_tax": "0.0000", "wrapping_cost_ex_tax": "0.0000",
        "total_ex_tax": _money(before_tax), "total_inc_tax": _money(order["total"]), "total_tax": _money(order["tax"]),
        "items_total": count, "items_shipped": count if order["parcels"] else 0, "payment_method": "Credit Card",
        "payment_provider_id": order["payment"].get("transaction_id") or "", "payment_status": "captured",
        "refunded_amount": _money(given_back), "order_is_digital": not order["shipping"],
        "store_credit_amount": "0.0000", "gift_certificate_amount": "0.0000", "ip_address": order["ip"] or "",
        "ip_address_v6": "", "currency_code": order.get("shown_currency", order["currency"]),
        "default_currency_code": order["currency"], "staff_notes": order.get("staff_notes", ""),
        "customer_message": order["customer_note"] or "", "discount_amount": _money(order["discount"]),
        "coupon_discount": "0.0000", "shipping_address_count": 1 if order["shipping"] else 0, "ebay_order_id": "0",
        "billing_address": {**_address(order["billing"]), "email": order["customer"]["email"] or "",
                            "phone": order["customer"]["phone"] or "", "form_fields": []},
        "external_id": None, "external_order_id": order["number"], "is_deleted": False,
        "products": {"url": f"{here}/products", "resource": f"/orders/{order['id']}/products"},
    }  # fmt: skip


def _address(place: Thing | None) -> Thing:
    place = place or {}
    first, _, last = (place.get("name") or "").partition(" ")
    return {
        "first_name": first, "last_name": last, "company": "", "street_1": place.get("line1") or "",
        "street_2": place.get("line2") or "", "city": place.get("city") or "", "state": place.get("region") or "",
        "zip": place.get("postal_code") or "", "country": {"US": "United States"}.get(place.get("country") or "", ""),
        "country_iso2": place.get("country") or "", "phone": "", "email": "",
    }  # fmt: skip


def _shipping(order: Thing) -> Thing:
    return {
        "id": order["id"] * 10, "order_id": order["id"], **_address(order["shipping"]), "items_total": 1,
        "items_shipped": 0, "shipping_method": order["shipping_method"], "base_cost": _money(order["shipping_cost"]),
    }  # fmt: skip


def _products(order: Thing) -> list[Thing]:
    return [
        {
            "id": order["id"] * 100 + place, "order_id": order["id"], "product_id": 90 + place, "name": line["title"],
            "name_customer": line["title"], "name_merchant": line["title"], "sku": line["sku"] or "",
            "type": line.get("type") or "physical", "base_price": _money(line["price"]),
            "price_ex_tax": _money(line["price"]),
            "total_ex_tax": _money(Decimal(line["price"]) * line["quantity"]), "quantity": line["quantity"],
            "base_cost_price": "50.0000", "cost_price_inc_tax": "50.0000", "is_refunded": False,
            "product_options": [
                {"id": n, "display_name": name, "display_value": value}
                for n, (name, value) in enumerate(line.get("options", {}).items())
            ],
        }
        for place, line in enumerate(order["lines"], 1)
    ]  # fmt: skip


def _shipment(order: Thing, parcel: Thing, place: int) -> Thing:
    provider = parcel.get("provider", _PROVIDERS.get(parcel["carrier"], ""))
    return {
        "id": order["id"] * 10 + place, "order_id": order["id"], "customer_id": order["customer"].get("id") or 0,
        "order_address_id": order["id"] * 10, "date_created": _date(parcel.get("shipped_at") or order["updated_at"]),
        "tracking_number": parcel["number"], "merchant_shipping_cost": "4.2000",
        "shipping_method": parcel.get("service") or "None", "comments": parcel.get("comments", ""),
        "shipping_provider": provider, "tracking_carrier": parcel.get("slug", ""), "tracking_link": "",
        "billing_address": _address(order["billing"]), "shipping_address": _address(order["shipping"]),
        "items": [{"order_product_id": order["id"] * 100 + 1, "product_id": 91, "quantity": 1}],
        "shipping_provider_display_name": parcel["carrier"] if provider else "",
        "generated_tracking_link": f"https://track.example/{parcel['number']}",
    }  # fmt: skip


def _message(order: Thing, message: Thing, place: int) -> Thing:
    by_staff = message["type"] != "customer"
    return {
        "id": order["id"] * 10 + place, "order_id": order["id"], "staff_id": 1 if by_staff else None,
        "customer_id": order["customer"].get("id") or 0, "type": message["type"],
        "subject": message.get("subject", ""), "message": message["text"], "status": "read", "is_flagged": False,
        "date_created": _date(message["at"]), "customer": {},
    }  # fmt: skip


def _transaction(order: Thing, place: int, event: str, gateway_id: str, amount: Decimal) -> Thing:
    payment = order["payment"]
    return {
        "id": order["id"] * 100 + place, "order_id": str(order["id"]), "event": event, "method": "credit_card",
        "amount": amount, "currency": order["currency"], "gateway": payment["gateway"],
        "gateway_transaction_id": gateway_id, "date_created": order["placed_at"], "test": False, "status": "ok",
        "fraud_review": False, "reference_transaction_id": None, "payment_method_id": f"{payment['gateway']}.card",
        "avs_result": {"code": payment.get("avs") or "", "message": "", "street_match": "", "postal_match": ""},
        "cvv_result": {"code": payment.get("cvv") or "", "message": ""},
        "credit_card": {"card_type": payment.get("brand"), "card_iin": "424242", "card_last4": payment.get("last4"),
                        "card_expiry_month": 12, "card_expiry_year": 2029},
    }  # fmt: skip
