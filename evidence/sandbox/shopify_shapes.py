"""The world's orders and policies in Shopify's shape.

An order may say more of itself under "shopify": `test`, `edited` and `original_total`, `guest`, `customer_deleted`,
`shop_currency` and `shop_rate` (how many units of the shop's currency one of the charged one is), `attributes`
[{key, value}], `staff_note`, `refund_notes`, `product_changed_at`, `taxes_included`, `imported_at`, `transactions`
[extra ones, in the API's own shape], `broken` {field: how many times reading it fails}.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from evidence.sandbox.pictures import address

Thing = dict[str, Any]

POLICY_TYPES = {
    "return": "REFUND_POLICY", "refund": "REFUND_POLICY", "cancellation": "SUBSCRIPTION_POLICY",
    "shipping": "SHIPPING_POLICY", "terms": "TERMS_OF_SERVICE", "renewal": "SUBSCRIPTION_POLICY",
}  # fmt: skip


def gid(kind: str, number: Any) -> str:
    return f"gid://shopify/{kind}/{number}"


def connection(items: list[Any]) -> Callable[..., Thing]:
    """A list with pages; its cursor is the number of the last item that was shown."""

    def resolve(_info: Any, first: int = 50, after: str | None = None, **_: Any) -> Thing:
        start = int(after or 0)
        end = start + first
        return {"nodes": items[start:end], "pageInfo": {"hasNextPage": end < len(items), "endCursor": str(end)}}

    return resolve


def plain(items: list[Any]) -> Callable[..., list[Any]]:
    """A list without pages: cut where the question says, without a word."""
    return lambda _info, first=None, **_: items[:first]


class Told:
    """One order of the world as Shopify tells it."""

    def __init__(self, order: Thing, delivered: set[str], base: str) -> None:
        self.order, self.delivered, self.base = order, delivered, base
        self.own: Thing = order.get("shopify") or {}
        self.lines = [self._line(number, each) for number, each in enumerate(order["lines"], 1)]

    def money(self, amount: Any) -> Thing:
        charged = Decimal(str(amount or 0))
        shop = (charged * Decimal(str(self.own.get("shop_rate", 1)))).quantize(Decimal("0.01"))
        currency = self.order["currency"]
        return {
            "presentmentMoney": {"amount": _written(charged), "currencyCode": currency},
            "shopMoney": {"amount": _written(shop), "currencyCode": self.own.get("shop_currency", currency)},
        }

    def told(self) -> Thing:
        order, own = self.order, self.own
        refunds = [self._refund(each) for each in order["refunds"]]
        discount = Decimal(order.get("discount") or 0)
        physical = any(each.get("type") in (None, "physical") for each in order["lines"])
        customer = order["customer"]
        return {
            "id": gid("Order", order["id"]), "legacyResourceId": str(order["id"]), "name": f"#{order['number']}",
            "confirmationNumber": f"C{order['id']}X", "createdAt": own.get("imported_at") or order["placed_at"],
            "processedAt": order["placed_at"], "updatedAt": order["updated_at"], "cancelledAt": order["cancelled_at"],
            "cancelReason": (order["cancel_reason"] or "other").upper() if order["cancelled_at"] else None,
            "test": bool(own.get("test")), "edited": bool(own.get("edited")), "email": customer["email"],
            "phone": customer.get("phone"), "clientIp": order.get("ip"), "customerLocale": "en", "sourceName": "web",
            "note": own.get("staff_note") or order.get("customer_note") or None,
            "statusPageUrl": f"https://lumen.example/orders/{order['id']}/authenticate?key=practice",
            "displayFinancialStatus": "PARTIALLY_REFUNDED" if refunds else "PAID",
            "displayFulfillmentStatus": "FULFILLED" if order["parcels"] else "UNFULFILLED",
            "returnStatus": "IN_PROGRESS" if order["returns"] else "NO_RETURN",
            "requiresShipping": physical, "taxesIncluded": bool(own.get("taxes_included")),
            "customAttributes": own.get("attributes") or [],
            "billingAddress": _address(order["billing"]), "shippingAddress": _address(order["shipping"]),
            "customer": self._customer(),
            "totalPriceSet": self.money(order["total"]),
            "originalTotalPriceSet": self.money(own.get("original_total", order["total"])),
            "subtotalPriceSet": self.money(Decimal(order["subtotal"]) - discount),
            "totalShippingPriceSet": self.money(order["shipping_cost"]), "totalTaxSet": self.money(order["tax"]),
            "totalDiscountsSet": self.money(discount),
            "totalRefundedSet": self.money(sum(Decimal(each["amount"]) for each in order["refunds"])),
            "paymentGatewayNames": [order["payment"]["gateway"]],
            "shippingLine": {"title": order["shipping_method"], "code": order["shipping_method"]}
            if order["shipping_method"] else None,
            "lineItems": connection(self.lines), "transactions": plain(self._transactions()),
            "fulfillments": plain([self._fulfilment(n, each) for n, each in enumerate(order["parcels"], 1)]),
            "refunds": plain(refunds), "returns": connection([self._return(each) for each in order["returns"]]),
        }  # fmt: skip

    def _customer(self) -> Thing | None:
        told = self.order["customer"]
        if self.own.get("customer_deleted"):
            return None
        return {
            "id": gid("Customer", told["id"]), "displayName": told["name"], "createdAt": told["since"],
            "numberOfOrders": str(told["orders"]), "verifiedEmail": True,
            "state": "DISABLED" if self.own.get("guest") else "ENABLED",
            "defaultEmailAddress": {"emailAddress": told["email"]} if told["email"] else None,
            "defaultPhoneNumber": {"phoneNumber": told["phone"]} if told.get("phone") else None,
        }  # fmt: skip

    def _line(self, number: int, line: Thing) -> Thing:
        total = Decimal(line["price"]) * line["quantity"]
        kind = line.get("type") or "physical"
        return {
            "id": gid("LineItem", f"{self.order['id']}{number:03d}"), "name": line["title"], "title": line["title"],
            "sku": line.get("sku"), "quantity": line["quantity"], "currentQuantity": line["quantity"],
            "vendor": "Lumen", "requiresShipping": kind == "physical", "isGiftCard": kind == "gift_card",
            "originalUnitPriceSet": self.money(line["price"]), "discountedTotalSet": self.money(total),
            "image": self._image(line.get("variant_picture")),
            "product": {
                "id": gid("Product", line.get("product_id") or f"9{number}"), "title": line["title"],
                "description": line.get("about") or "",
                "productType": {"digital": "Digital download", "service": "Service"}.get(kind, "Goods"),
                "updatedAt": line.get("product_changed_at") or self.own.get("product_changed_at")
                or self.order["placed_at"],
                "featuredMedia": {
                    "__typename": "MediaImage", "id": gid("MediaImage", f"3{number}"),
                    "preview": {"image": self._image(line["picture"])},
                } if line.get("picture") else None,
            },
        }  # fmt: skip

    def _image(self, picture: str | None) -> Thing | None:
        url = address(self.base, picture)
        return {"id": gid("ProductImage", 1), "altText": None, "url": lambda _info, **_: url} if url else None

    def _transactions(self) -> list[Thing]:
        paid = self.order["payment"]
        common = {
            "gateway": paid["gateway"], "formattedGateway": paid["gateway"].title(), "test": bool(self.own.get("test")),
            "createdAt": self.order["placed_at"], "processedAt": self.order["placed_at"], "status": "SUCCESS",
        }  # fmt: skip
        card = {
            "company": (paid.get("brand") or "").title(), "number": f"•••• •••• •••• {paid.get('last4')}",
            "avsResultCode": paid.get("avs"), "cvvResultCode": paid.get("cvv"), "wallet": None,
        }  # fmt: skip
        sale = common | {
            "id": gid("OrderTransaction", f"{self.order['id']}1"), "kind": "SALE",
            "paymentId": f"c{self.order['id']}.1",
            "amountSet": self.money(self.own.get("original_total", self.order["total"])),
            "accountNumber": card["number"] if paid.get("last4") else None,
            "paymentDetails": {"__typename": "CardPaymentDetails"} | card if paid.get("last4") else None,
            "receiptJson": json.dumps(_receipt(paid)),
        }  # fmt: skip
        return [sale, *(common | each for each in self.own.get("transactions") or [])]

    def _refund(self, refund: Thing) -> Thing:
        number = refund["id"]
        notes = self.own.get("refund_notes") or {}
        move = {"id": gid("OrderTransaction", f"8{number}"), "kind": "REFUND", "test": False, "createdAt": refund["at"],
                "processedAt": refund["at"], "status": refund.get("status", "SUCCESS"),
                "gateway": self.order["payment"]["gateway"], "amountSet": self.money(refund["amount"])}  # fmt: skip
        return {
            "id": gid("Refund", number), "createdAt": refund["at"], "note": notes.get(str(number)),
            "totalRefundedSet": self.money(refund["amount"]), "transactions": connection([move]),
        }  # fmt: skip

    def _fulfilment(self, number: int, parcel: Thing) -> Thing:
        there = parcel["number"] in self.delivered
        numbers = [parcel["number"], *parcel.get("more_numbers", ())]
        return {
            "id": gid("Fulfillment", f"{self.order['id']}{number}"), "name": f"#{self.order['number']}-F{number}",
            "status": parcel.get("status", "SUCCESS"), "displayStatus": "DELIVERED" if there else "IN_TRANSIT",
            "createdAt": parcel["shipped_at"], "inTransitAt": parcel["shipped_at"],
            "deliveredAt": parcel["shipped_at"] if there else None,
            "trackingInfo": plain([{"company": parcel["carrier"], "number": each} for each in numbers if each]),
        }  # fmt: skip

    def _return(self, told: Thing) -> Thing:
        declined = told.get("refused_at") is not None
        goods = [
            {"__typename": "ReturnLineItem", "id": gid("ReturnLineItem", f"{told['id']}{number}"), "quantity": 1,
             "customerNote": told.get("reason"), "returnReasonDefinition": {"name": "Other"},
             "fulfillmentLineItem": {"quantity": 1, "lineItem": line}}
            for number, line in enumerate(self.lines, 1)
        ]  # fmt: skip
        paid = [
            {"id": gid("Refund", f"7{told['id']}"), "createdAt": told["refunded_at"],
             "totalRefundedSet": self.money(told["amount"]), "transactions": connection([])}
        ] if told.get("refunded_at") else []  # fmt: skip
        way = {
            "__typename": "ReverseDeliveryShippingDeliverable",
            "label": {"createdAt": told["label_sent_at"]} if told.get("label_sent_at") else None,
            "tracking": {"carrierName": "UPS", "number": told["tracking_number"]}
            if told.get("tracking_number") else None,
        }  # fmt: skip
        state = "DECLINED" if declined else "CLOSED" if told.get("refunded_at") else "OPEN"
        return {
            "id": gid("Return", told["id"]), "name": f"#{self.order['number']}-R{told['id']}",
            "status": told.get("status", state), "createdAt": told["requested_at"],
            "requestApprovedAt": None if declined else told["requested_at"], "closedAt": told.get("refunded_at"),
            "totalQuantity": len(goods),
            "decline": {"reason": "OTHER", "note": told.get("refusal")} if declined else None,
            "returnLineItems": connection(goods), "refunds": connection(paid),
            "reverseFulfillmentOrders": connection([{"reverseDeliveries": connection([{"deliverable": way}])}]),
        }  # fmt: skip


def policy(told: Thing) -> Thing:
    return {
        "id": gid("ShopPolicy", told["id"]), "type": told.get("shopify_type") or POLICY_TYPES[told["kind"]],
        "title": told["title"], "body": told["html"], "url": told["url"], "createdAt": told["created_at"],
        "updatedAt": told["updated_at"],
    }  # fmt: skip


def _address(told: Thing | None) -> Thing | None:
    if not told:
        return None
    return {
        "name": told["name"], "address1": told["line1"], "address2": told["line2"] or None, "city": told["city"],
        "provinceCode": told["region"], "zip": told["postal_code"], "countryCodeV2": told["country"],
    }  # fmt: skip


def _receipt(paid: Thing) -> Thing:
    """What the gateway left: a card's charge as Stripe tells it, or PayPal's own words."""
    if paid["gateway"] == "paypal":
        return {"ack": "Success", "payer_id": "PRACTICEBUYER", "transaction_id": paid["transaction_id"]}
    charge = next((each for each in paid.get("transaction_ids") or () if str(each).startswith(("ch_", "py_"))), None)
    return {"id": charge or paid["transaction_id"], "object": "charge", "payment_intent": paid["transaction_id"]}


def _written(amount: Decimal) -> str:
    """With one decimal place where it has no more: "189.0"."""
    plain_ = f"{amount.normalize():f}"
    return plain_ if "." in plain_ else f"{plain_}.0"
