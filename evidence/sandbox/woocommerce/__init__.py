"""A WordPress site with WooCommerce, as its REST API v3 and WordPress' own pages show the world.

What it asks of `accounts["woocommerce"]`: key, secret; permission (read, write, read_write), manager (the key's user
is one), name, zone_hours (the site's offset), version, permalinks (pretty, index or plain), tracking (where numbers
lie: meta, extension, ast, fulfillments, wot, line, notes or nowhere; a parcel may say its own under "lies_in"),
fulfillments (the feature is on), catalogue (the key may read products), numbering (shown, or meta only). An order may
have a "status" and "meta" {key: value} of its own, a line "options" {name: value}, a "variation_id" and its description
as "html", a note an "author".
"""

from __future__ import annotations

import base64
import binascii
import html
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Route

from evidence.sandbox.pictures import address as address_of
from evidence.sandbox.pictures import served
from evidence.sandbox.woocommerce import catalogue
from evidence.sandbox.woocommerce.shapes import address, meta_item, payment_of, route_item, slug, status_of
from evidence.sandbox.world import Thing, World

NOT_FOUND = "<!doctype html><title>Page not found</title><h1>Oops! That page can't be found.</h1>"
_NO_ROUTE = ("rest_no_route", "No route was found matching the URL and request method.", 404)
_ORDERINGS = {"date": "date_created_gmt", "id": "id", "modified": "date_modified_gmt"}


class Refused(Exception):
    def __init__(self, code: str, message: str, status: int) -> None:
        super().__init__(code)
        self.answer = JSONResponse({"code": code, "message": message, "data": {"status": status}}, status)


def routes(world: World) -> list[BaseRoute]:
    site = _Site(world)

    def form(name: str) -> Callable[[Request], Response]:
        def answer(request: Request) -> Response:
            return site.answer(request, name)

        return answer

    return [
        Route("/wp-json/{route:path}", form("pretty"), methods=["GET", "POST", "PUT", "DELETE"]),
        Route("/index.php/wp-json/{route:path}", form("index"), methods=["GET"]),
        Route("/", form("plain"), methods=["GET"]),
        served(world),
    ]


class _Site:
    def __init__(self, world: World) -> None:
        self.world = world
        self._home = ""

    @property
    def account(self) -> Thing:
        return self.world.account("woocommerce")

    def answer(self, request: Request, form: str) -> Response:
        lies = self.account.get("permalinks", "pretty")
        if form == "plain":
            if "rest_route" not in request.query_params:
                return HTMLResponse(f"<!doctype html><title>{html.escape(self._title())}</title>")
            route = request.query_params["rest_route"].strip("/")
        else:
            if form != lies:
                return HTMLResponse(NOT_FOUND, 404)
            route = request.path_params["route"].strip("/")
        self._home = _home(request)
        try:
            self._let_in(request, route, keyed=form != "plain")
            return self._routed(request, route)
        except Refused as refused:
            return refused.answer

    def _title(self) -> str:
        return str(self.account.get("name", "Lumen Lamps"))

    def _let_in(self, request: Request, route: str, *, keyed: bool) -> None:
        """WooCommerce looks at keys on its own routes only; elsewhere WordPress takes them for a user's password."""
        given = _basic(request.headers.get("authorization", ""))
        ours = route.startswith(("wc/", "wc-"))
        if not ours or not keyed:
            if given is not None:
                raise Refused("invalid_username", "Unknown username. Check again or try your email address.", 401)
            if ours:
                raise Refused("woocommerce_rest_cannot_view", "Sorry, you cannot list resources.", 401)
            return
        if given is None:
            raise Refused("woocommerce_rest_cannot_view", "Sorry, you cannot list resources.", 401)
        if given[0] != self.account.get("key", "ck_practice"):
            raise Refused("woocommerce_rest_authentication_error", "Consumer key is invalid.", 401)
        if given[1] != self.account.get("secret", "cs_practice"):
            raise Refused("woocommerce_rest_authentication_error", "Consumer secret is invalid.", 401)
        needed = "read" if request.method == "GET" else "write"
        if needed not in self.account.get("permission", "read"):
            words = f"The API key provided does not have {needed} permissions."
            raise Refused("woocommerce_rest_authentication_error", words, 401)
        if not self.account.get("manager", True):
            raise Refused("woocommerce_rest_cannot_view", "Sorry, you cannot list resources.", 403)

    def _routed(self, request: Request, route: str) -> Response:
        if request.method != "GET":
            raise Refused(*_NO_ROUTE)
        order = re.fullmatch(
            r"(wc/v3|wc-shipment-tracking/v3|wc-ast/v3)/orders/(\d+)(?:/([\w-]+))?", route
        )  # fmt: skip
        if order:
            content = self._of_order(order[1], int(order[2]), order[3] or "")
            return JSONResponse(content)
        match route:
            case "":
                return JSONResponse(self._index(request))
            case "wc/v3/orders":
                return self._orders(request)
            case "wc/v3/products":
                return self._products(request)
            case "wc/v3/customers":
                return self._customers(request)
            case "wc/v3/system_status":
                return JSONResponse(self._status(request))
            case "wp/v2/pages":
                return self._pages(request)
        raise Refused(*_NO_ROUTE)

    # ---- the site itself -------------------------------------------------------------------------------------------

    def _index(self, request: Request) -> Thing:
        spaces = ["oembed/1.0", "wc/v3", "wp/v2"]
        spaces += ["wc-shipment-tracking/v3"] if self._tracked("extension") else []
        return {
            "name": self._title(), "description": "", "url": _home(request), "home": _home(request),
            "gmt_offset": str(self.account.get("zone_hours", 0)), "timezone_string": "", "namespaces": spaces,
        }  # fmt: skip

    def _status(self, request: Request) -> Thing:
        version = self.account.get("version", "10.3.4")
        return {
            "environment": {"home_url": _home(request), "site_url": _home(request), "version": version,
                            "wp_version": "6.9"},
            "settings": {"api_enabled": False, "force_ssl": True, "currency": self.account.get("currency", "USD")},
        }  # fmt: skip

    def _tracked(self, place: str) -> bool:
        default = self.account.get("tracking", "meta")
        return default == place or any(
            each.get("lies_in") == place for order in self.world.orders for each in order["parcels"]
        )

    # ---- orders ----------------------------------------------------------------------------------------------------

    def _orders(self, request: Request) -> Response:
        query = request.query_params
        found = [self._order(order) for order in self.world.orders]
        local = query.get("dates_are_gmt", "false") != "true"
        for name, column, later in (
            ("modified_after", "date_modified", True), ("after", "date_created", True),
            ("modified_before", "date_modified", False), ("before", "date_created", False),
        ):  # fmt: skip
            if name in query:
                bound = self._bound(name, query[name])
                column = column if local else f"{column}_gmt"
                found = [each for each in found if (each[column] > bound if later else each[column] < bound)]
        if "status" in query:
            found = [each for each in found if each["status"] in query["status"].split(",")]
        ordering = query.get("orderby", "date")
        if ordering not in _ORDERINGS:
            raise _invalid("orderby")
        found.sort(key=lambda each: (each[_ORDERINGS[ordering]], each["id"]), reverse=query.get("order") != "asc")
        return _paged(request, found)

    def _bound(self, name: str, said: str) -> str:
        """As WordPress reads it: without an offset it is taken as it stands, with one it becomes the site's time."""
        try:
            moment = datetime.fromisoformat(said.replace("Z", "+00:00"))
        except ValueError:
            raise _invalid(name) from None
        if moment.tzinfo is not None:
            moment = moment.astimezone(self._zone())
        return moment.strftime("%Y-%m-%dT%H:%M:%S")

    def _zone(self) -> timezone:
        return timezone(timedelta(hours=self.account.get("zone_hours", 0)))

    def _dates(self, name: str, moment: str | None) -> Thing:
        if moment is None:
            return {name: None, f"{name}_gmt": None}
        at = datetime.fromisoformat(moment)
        return {
            name: at.astimezone(self._zone()).strftime("%Y-%m-%dT%H:%M:%S"),
            f"{name}_gmt": at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S"),
        }

    def _order(self, order: Thing) -> Thing:
        number, payment = str(order["number"]), order["payment"]
        shown = number if self.account.get("numbering", "shown") == "shown" else str(order["id"])
        charge, meta = payment_of(payment)
        if number != str(order["id"]):
            meta.append({"id": order["id"] * 10, "key": "_order_number_formatted", "value": number})
        meta += [
            {"id": place, "key": key, "value": said} for place, (key, said) in enumerate(order.get("meta", {}).items())
        ]
        status = status_of(order)
        paid = order["placed_at"] if status not in ("pending", "failed") else None
        shipped = max((each["shipped_at"] for each in order["parcels"] if each.get("shipped_at")), default=None)
        return {
            "id": order["id"], "parent_id": 0, "number": shown, "order_key": f"wc_order_{order['id']}",
            "created_via": "checkout", "version": "10.3.4", "status": status, "currency": order["currency"],
            **self._dates("date_created", order["placed_at"]), **self._dates("date_modified", order["updated_at"]),
            "discount_total": order["discount"], "discount_tax": "0.00", "shipping_total": order["shipping_cost"],
            "shipping_tax": "0.00", "cart_tax": order["tax"], "total": order["total"], "total_tax": order["tax"],
            "prices_include_tax": False, "customer_id": order["customer"].get("id") or 0,
            "customer_ip_address": order["ip"] or "", "customer_user_agent": order["user_agent"] or "",
            "customer_note": order["customer_note"] or "",
            "billing": {**address(order["billing"]), "email": order["customer"]["email"] or "",
                        "phone": order["customer"]["phone"] or ""},
            "shipping": address(order["shipping"]), "payment_method": payment["gateway"],
            "payment_method_title": "Credit / Debit Card", "transaction_id": charge,
            **self._dates("date_paid", paid), **self._dates("date_completed", shipped), "cart_hash": "",
            "meta_data": meta + self._tracking_meta(order), "line_items": self._lines(order),
            "tax_lines": [],
            "shipping_lines": [{"id": order["id"] * 10 + 9, "method_title": order["shipping_method"],
                                "method_id": "flat_rate", "total": order["shipping_cost"], "total_tax": "0.00",
                                "taxes": [], "meta_data": []}],
            "fee_lines": [], "coupon_lines": [],
            "refunds": [{"id": each["id"], "reason": each["reason"], "total": f"-{each['amount']}"}
                        for each in self._refunds(order)],
            "_links": {"self": [{"href": f"https://shop.example/wp-json/wc/v3/orders/{order['id']}"}]},
        }  # fmt: skip

    def _lines(self, order: Thing) -> list[Thing]:
        lines = []
        for place, line in enumerate(order["lines"], 1):
            total = str(Decimal(line["price"]) * line["quantity"])
            said = [("Supplier", line.get("supplier")), ("Supplier order", line.get("supplier_order"))]
            said += list(line.get("options", {}).items())
            meta = [
                {"id": place * 10 + n, "key": key, "value": value, "display_key": key, "display_value": value}
                for n, (key, value) in enumerate(said)
                if value
            ]
            if place == 1:
                meta += self._line_meta(order)
            lines.append(
                {
                    "id": order["id"] * 100 + place, "name": html.escape(line["title"]).replace("–", "&ndash;"),
                    "product_id": catalogue.number(line, place), "variation_id": line.get("variation_id") or 0,
                    "quantity": line["quantity"], "tax_class": "",
                    "subtotal": total, "subtotal_tax": "0.00", "total": total, "total_tax": "0.00", "taxes": [],
                    "meta_data": meta, "sku": line["sku"] or "", "price": int(Decimal(line["price"])),
                }
            )  # fmt: skip
            if picture := address_of(self._home, line.get("variant_picture")):
                lines[-1]["image"] = {"id": 1, "src": picture}
        return lines

    def _of_order(self, space: str, number: int, part: str) -> Any:
        order = next((each for each in self.world.orders if each["id"] == number), None)
        known = {"wc/v3": "", "wc-shipment-tracking/v3": "extension", "wc-ast/v3": "ast"}[space]
        if known and not self._tracked(known):
            raise Refused(*_NO_ROUTE)
        if part == "fulfillments" and not (self.account.get("fulfillments") or self._tracked("fulfillments")):
            raise Refused(*_NO_ROUTE)
        if order is None:
            raise Refused("woocommerce_rest_shop_order_invalid_id", "Invalid ID.", 404)
        match space, part:
            case "wc/v3", "":
                return self._order(order)
            case "wc/v3", "notes":
                return self._notes(order)
            case "wc/v3", "refunds":
                return self._refunds(order)
            case "wc/v3", "fulfillments":
                return self._fulfilments(order)
            case _, "shipment-trackings":
                return [route_item(each) for each in self._parcels(order, known)]
        raise Refused(*_NO_ROUTE)

    def _refunds(self, order: Thing) -> list[Thing]:
        return [
            {
                "id": order["id"] * 10 + place, **self._dates("date_created", each["at"]), "amount": each["amount"],
                "reason": each["reason"] or "", "refunded_by": 1, "refunded_payment": True, "meta_data": [],
                "line_items": [],
            }
            for place, each in enumerate(order["refunds"], 1)
        ]  # fmt: skip

    def _notes(self, order: Thing) -> list[Thing]:
        said = [(each["at"], each["text"], each["customer_sees"], each.get("author")) for each in order["notes"]]
        if order["cancelled_at"]:
            said.append((order["cancelled_at"], "Order status changed from Processing to Cancelled.", False, None))
        for each in self._parcels(order, "notes"):
            words = f"Order shipped with {each['carrier']}. Tracking number: {each['number']}"
            said.append((each["shipped_at"] or order["updated_at"], words, False, None))
        notes = [
            {
                "id": order["id"] * 100 + place, "author": author or "system", **self._dates("date_created", at),
                "note": text, "customer_note": sees,
            }
            for place, (at, text, sees, author) in enumerate(said, 1)
        ]  # fmt: skip
        return sorted(notes, key=lambda note: note["id"], reverse=True)

    # ---- where tracking numbers lie ---------------------------------------------------------------------------------

    def _parcels(self, order: Thing, place: str) -> list[Thing]:
        default = self.account.get("tracking", "meta")
        return [each for each in order["parcels"] if each.get("lies_in", default) == place]

    def _tracking_meta(self, order: Thing) -> list[Thing]:
        meta: list[Thing] = []
        if found := self._parcels(order, "meta"):
            meta.append({"key": "_wc_shipment_tracking_items", "value": [meta_item(each) for each in found]})
        for each in self._parcels(order, "wot")[:1]:
            meta.append({"key": "_wot_tracking_number", "value": each["number"]})
            meta.append({"key": "_wot_tracking_carrier", "value": slug(each["carrier"])})
            meta.append({"key": "_wot_tracking_status", "value": "delivered"})
        return [{"id": order["id"] * 10 + place, **each} for place, each in enumerate(meta, 2)]

    def _line_meta(self, order: Thing) -> list[Thing]:
        found = [
            {"tracking_number": each["number"], "carrier_slug": slug(each["carrier"]), "carrier_name": each["carrier"]}
            for each in self._parcels(order, "line")
        ]
        return [{"id": 7, "key": "_vi_wot_order_item_tracking_data", "value": found}] if found else []

    def _fulfilments(self, order: Thing) -> Any:
        found = [
            {
                "id": place, "entity_type": "WC_Order", "entity_id": str(order["id"]), "status": "fulfilled",
                "is_fulfilled": True, "date_updated": each["shipped_at"], "date_deleted": None,
                "date_fulfilled": each["shipped_at"],
                "meta_data": [{"id": 1, "key": "_tracking_number", "value": each["number"]},
                              {"id": 2, "key": "_shipment_provider", "value": slug(each["carrier"])},
                              {"id": 3, "key": "_items", "value": []}],
            }
            for place, each in enumerate(self._parcels(order, "fulfillments"), 1)
        ]  # fmt: skip
        return found if self.account.get("fulfillments", "list") == "list" else {"fulfillments": found}

    # ---- goods -----------------------------------------------------------------------------------------------------

    def _products(self, request: Request) -> Response:
        if not self.account.get("catalogue", True):
            raise Refused("woocommerce_rest_cannot_view", "Sorry, you cannot list resources.", 403)
        wanted = {int(each) for each in request.query_params.get("include", "").split(",") if each}
        return _paged(request, catalogue.products(self.world, wanted, self._home, self._dates))

    # ---- people and pages ------------------------------------------------------------------------------------------

    def _customers(self, request: Request) -> Response:
        wanted = {int(each) for each in request.query_params.get("include", "").split(",") if each}
        people = {each["customer"]["id"]: each["customer"] for each in self.world.orders if each["customer"].get("id")}
        found = [
            {"id": number, **self._dates("date_created", person["since"]), "email": person["email"],
             "role": "customer", "username": person["email"]}
            for number, person in sorted(people.items())
            if not wanted or number in wanted
        ]  # fmt: skip
        return _paged(request, found)

    def _pages(self, request: Request) -> Response:
        found = [
            {
                "id": 400 + place, **self._dates("date", each["created_at"]),
                **self._dates("modified", each["updated_at"]),
                "slug": each["url"].rstrip("/").rpartition("/")[2] or slug(each["title"]), "status": "publish",
                "type": "page", "link": each["url"], "title": {"rendered": html.escape(each["title"])},
                "content": {"rendered": each["html"], "protected": False},
            }
            for place, each in enumerate(self.world.policies)
        ]  # fmt: skip
        return _paged(request, found, beyond="rest_post_invalid_page_number")


def _basic(header: str) -> tuple[str, str] | None:
    kind, _, value = header.partition(" ")
    if kind.casefold() != "basic":
        return None
    try:
        key, _, secret = base64.b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return key, secret


def _paged(request: Request, found: list[Thing], beyond: str = "") -> Response:
    try:
        size, page = (int(request.query_params.get(name, preset)) for name, preset in (("per_page", 10), ("page", 1)))
    except ValueError:
        raise _invalid("page") from None
    if not 1 <= size <= 100 or page < 1:
        raise _invalid("per_page")
    pages = -(-len(found) // size)
    if beyond and page > max(1, pages):
        raise Refused(beyond, "The page number requested is larger than the number of pages available.", 400)
    headers = {"X-WP-Total": str(len(found)), "X-WP-TotalPages": str(pages)}
    if page < pages:
        following = request.url.include_query_params(page=page + 1)
        headers["Link"] = f'<{following}>; rel="next"'
    return JSONResponse(found[(page - 1) * size : page * size], headers=headers)


def _invalid(name: str) -> Refused:
    return Refused("rest_invalid_param", f"Invalid parameter(s): {name}", 400)


def _home(request: Request) -> str:
    return f"{request.url.scheme}://{request.url.netloc}{request.scope.get('root_path', '')}"
