"""Disputes out of a few words: every key of the specification may be absent."""

from __future__ import annotations

from decimal import Decimal

from gateways.sandbox.shopify_payments import events, lifecycle, shown
from gateways.sandbox.shopify_payments.times import ago, due_at, row_columns, text
from gateways.sandbox.shopify_payments.world import World
from gateways.sandbox.store import JSON, Row

KEYS = {
    "order", "customer", "amount", "currency", "disputed_amount", "reason", "code", "type", "paid_days", "opened_days",
    "due", "outcome", "escalates", "answered_by", "answered_days", "closed_days", "card", "shipping", "ip", "goods",
    "parcels", "refunds", "test", "prefill", "lags",
}  # fmt: skip
ADDRESS: JSON = {"name": "Ada Marsh", "address1": "12 Rope Walk", "address2": None, "city": "Bristol",
                 "provinceCode": None, "zip": "BS1 6ZZ", "countryCodeV2": "GB"}  # fmt: skip
CARD: JSON = {"company": "Visa", "last4": "4242", "avs": "Y", "cvv": "M"}
_ZERO_DECIMAL = ("JPY",)


def open_dispute(world: World, spec: JSON, now: int) -> Row:
    """Raises ValueError for words it does not know. `type`: CHARGEBACK or INQUIRY; `outcome` when the bank decides;
    `answered_by`: dashboard (a person in the admin) or gateway (Shopify itself) had it submitted; `lags`:
    Shopify does not send it on the due date by itself, as though it were late with it."""
    if unknown := set(spec) - KEYS:
        raise ValueError(f"the builder knows no {', '.join(sorted(unknown))}; it knows {', '.join(sorted(KEYS))}")
    opened = ago(now, spec.get("opened_days", 0))
    order = _order(world, spec, now)
    number = world.next_number()
    given = {"due": {"days": world.setting("response_days") - spec.get("opened_days", 0)}, **spec}["due"]
    currency = str(spec.get("currency", "EUR"))
    body: JSON = {
        "number": number,
        "type": spec.get("type", "CHARGEBACK"),
        "status": "NEEDS_RESPONSE",
        "reason": spec.get("reason", "PRODUCT_NOT_RECEIVED"),
        "code": spec.get("code", "13.1"),
        "amount": _amount(str(spec.get("disputed_amount", spec.get("amount", "189.00"))), currency),
        "currency": currency,
        "opened": opened,
        "due": due_at(given, now),
        "sent": None,
        "final": None,
        "order": order.id,
        "evidence": {
            "number": world.next_number(),
            "submitted": False,
            "texts": _prefill(order, spec),
            "slots": {},
        },
    }
    hidden = {name: spec.get(name) for name in ("outcome", "escalates")}
    made = Row(body, {"columns": row_columns(str(number), opened, parent=order.id, label=body["status"]), **hidden})
    world.store.put("dispute", made)
    events.tell(world, "disputes/create", made, opened)
    if "answered_by" in spec:
        lifecycle.submit(world, made, ago(now, spec.get("answered_days", 1)), spec["answered_by"])
    elif not spec.get("lags"):
        lifecycle.watch_deadline(world, made)
    if "closed_days" in spec:
        lifecycle.decide(world, made, spec["outcome"], ago(now, spec["closed_days"]))
    return world.need(made.id)


def _prefill(order: Row, spec: JSON) -> JSON:
    """What Shopify writes into the evidence by itself, from the order."""
    first, _, last = order.body["customer"]["name"].partition(" ")
    known = {
        "customerFirstName": first,
        "customerLastName": last,
        "customerEmailAddress": order.body["customer"]["email"],
        "customerPurchaseIp": order.body["shown"]["clientIp"],
        "productDescription": spec.get("goods", "Walnut desk lamp"),
        **spec.get("prefill", {}),
    }
    return {name: value for name, value in known.items() if value}


def _order(world: World, spec: JSON, now: int) -> Row:
    number, placed = str(world.next_number()), ago(now, spec.get("paid_days", 20))
    customer = {"name": "Ada Marsh", "email": "ada.marsh@example.com", **spec.get("customer", {})}
    currency = spec.get("currency", "EUR")
    amount = _amount(spec.get("amount", "189.00"), currency)
    address = {**ADDRESS, "name": customer["name"], **spec.get("shipping", {})}
    card = {**CARD, **spec.get("card", {})}
    shown_: JSON = {
        "id": shown.gid("Order", number),
        "legacyResourceId": number,
        "name": f"#{spec.get('order', 'LL-7001')}",
        "processedAt": text(placed),
        "createdAt": text(placed),
        "email": customer["email"],
        "clientIp": spec.get("ip", "203.0.113.24"),
        "test": bool(spec.get("test", False)),
        "totalPriceSet": _bag(amount, currency),
        "billingAddress": address,
        "shippingAddress": address,
        "transactions": [_sale(world, number, placed, amount, currency, card)],
        "refunds": [_refund(world, each, now, currency) for each in spec.get("refunds", [])],
    }
    body = {"shown": shown_, "placed": placed, "customer": customer, "parcels": spec.get("parcels", []),
            "billingAddress": address, "shippingAddress": address}  # fmt: skip
    made = Row(body, {"columns": row_columns(number, placed, label=shown_["name"])})
    world.store.put("order", made)
    return made


def _sale(world: World, order: str, at: int, amount: str, currency: str, card: JSON) -> JSON:
    details = {
        "company": card["company"],
        "number": f"•••• •••• •••• {card['last4']}",
        "name": card.get("name"),
        "avsResultCode": card["avs"],
        "cvvResultCode": card["cvv"],
    }
    return {
        **_transaction(world, "SALE", "SUCCESS", at, amount, currency),
        "paymentId": f"r{order}.1",
        "paymentDetails": details,
    }


def _transaction(world: World, kind: str, status: str, at: int, amount: str, currency: str) -> JSON:
    return {
        "id": shown.gid("OrderTransaction", world.next_number()),
        "kind": kind,
        "status": status,
        "gateway": "shopify_payments",
        "paymentId": None,
        "processedAt": text(at),
        "createdAt": text(at),
        "test": False,
        "amountSet": _bag(amount, currency),
        "paymentDetails": None,
    }


def _refund(world: World, wanted: JSON, now: int, currency: str) -> JSON:
    at = ago(now, wanted.get("days", 0))
    given = _transaction(
        world, "REFUND", wanted.get("status", "SUCCESS"), at, _amount(wanted["amount"], currency), currency
    )
    return {"id": shown.gid("Refund", world.next_number()), "note": wanted.get("reason"), "createdAt": text(at),
            "transactions": [given]}  # fmt: skip


def refund(world: World, dispute: Row, wanted: JSON, now: int) -> JSON:
    """Somebody gives money back in the admin, while the dispute is open."""
    order = world.find("order", dispute.body["order"])
    assert order is not None
    made = _refund(world, wanted, now, dispute.body["currency"])
    order.body["shown"]["refunds"].append(made)
    world.store.put("order", order)
    return made


def _bag(amount: str, currency: str) -> JSON:
    money = {"amount": amount, "currencyCode": currency}
    return {"shopMoney": money, "presentmentMoney": money}


def _amount(written: str, currency: str) -> str:
    """As Shopify writes decimals: "189.0", and "15400" where a currency has no smaller unit."""
    if currency in _ZERO_DECIMAL:
        return written
    text_ = f"{Decimal(written).normalize():f}"
    return text_ if "." in text_ else f"{text_}.0"
