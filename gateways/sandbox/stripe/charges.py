"""Charges with what hangs on them: payment intent, customer, balance transaction, refunds."""

from __future__ import annotations

from decimal import Decimal

from gateways.sandbox.store import JSON, Row
from gateways.sandbox.stripe import balance, cards, events, ids
from gateways.sandbox.stripe.cards import digest
from gateways.sandbox.stripe.world import World

DEFAULT_CUSTOMER: JSON = {
    "name": "Jenny Rosen",
    "email": "jenny.rosen@example.com",
    "phone": "+1 555 555 0100",
    "ip": "198.51.100.9",
    "billing": {
        "line1": "510 Townsend Street", "line2": None, "city": "San Francisco", "state": "CA", "postal_code": "94103",
        "country": "US",
    },
}  # fmt: skip


def minor(value: int | str, currency: str) -> int:
    """Minor units from an int as it is, or from "189.00" in major units."""
    return value if isinstance(value, int) else int(Decimal(value).scaleb(balance.places(currency)))


def make(world: World, spec: JSON, now: int) -> Row:
    """One succeeded charge. Every key of the spec may be absent."""
    tag, currency = spec.get("tag"), str(spec.get("currency", "usd")).lower()
    amount = minor(spec.get("amount", 10_000), currency)
    customer = {**DEFAULT_CUSTOMER, **spec.get("customer", {})}
    id = f"ch_3{tag}" if tag else ids.new("ch_3")
    intent = f"pi_3{tag}" if tag else ids.new("pi_3")
    address = {"line2": None, "state": None, **customer["billing"]}
    order = spec.get("order")
    body: JSON = {
        "id": id,
        "object": "charge",
        "amount": amount,
        "amount_captured": amount,
        "amount_refunded": 0,
        "application": None,
        "application_fee": None,
        "application_fee_amount": None,
        "balance_transaction": f"txn_3{tag}" if tag else ids.new("txn_3"),
        "billing_details": {
            "address": address,
            "email": customer["email"],
            "name": customer["name"],
            "phone": customer["phone"],
            "tax_id": None,
        },
        "calculated_statement_descriptor": f"LALE LIVING* {order}" if order else "LALE LIVING",
        "captured": True,
        "created": now,
        "currency": currency,
        "customer": None if spec.get("guest") else _customer(world, customer, now),
        "description": spec.get("description", "Order at Lale Living"),
        "dispute": None,
        "disputed": False,
        "failure_balance_transaction": None,
        "failure_code": None,
        "failure_message": None,
        "fraud_details": {},
        "livemode": False,
        "metadata": spec.get("metadata", {"order_id": order} if order else {}),
        "on_behalf_of": None,
        "outcome": _outcome(spec),
        "paid": True,
        "payment_intent": intent,
        "payment_method": f"pm_1{tag}" if tag else ids.new("pm_1"),
        "payment_method_details": cards.details(spec, customer, id, amount),
        "receipt_email": customer["email"],
        "receipt_number": None,
        "receipt_url": None,
        "refunded": False,
        "review": None,
        "shipping": _shipping(spec, customer, address),
        "source": None,
        "source_transfer": None,
        "statement_descriptor": None,
        "statement_descriptor_suffix": order,
        "status": "succeeded",
        "transfer_data": None,
        "transfer_group": None,
    }
    balance.book(
        world, now=now, amount=amount, currency=currency, type="charge", category="charge", source=id,
        description=body["description"], fee=25 + amount * 15 // 1000, id=body["balance_transaction"],
    )  # fmt: skip
    world.store.put("payment_intent", Row(_intent(body, intent)))
    row = Row(body, {"ip": customer["ip"]})
    world.store.put("charge", row)
    events.emit(world, "charge.succeeded", body, now)
    return row


def _outcome(spec: JSON) -> JSON:
    score = spec.get("risk_score", 12)
    return {
        "advice_code": None, "network_advice_code": None, "network_decline_code": None,
        "network_status": "approved_by_network", "reason": None, "risk_level": "normal" if score < 65 else "elevated",
        "risk_score": score, "seller_message": "Payment complete.", "type": "authorized",
    }  # fmt: skip


def _shipping(spec: JSON, customer: JSON, billing: JSON) -> JSON | None:
    wanted = spec.get("shipping", "same")
    if wanted is None:
        return None
    address = billing if wanted == "same" else {"line2": None, "state": None, **wanted}
    return {
        "address": address,
        "carrier": None,
        "name": customer["name"],
        "phone": customer["phone"],
        "tracking_number": None,
    }


def _customer(world: World, customer: JSON, now: int) -> str:
    """The same person is the same customer."""
    id = f"cus_{digest(customer['email'], 14)}"
    if world.store.get("customer", id) is None:
        body = {
            "id": id,
            "object": "customer",
            "address": customer["billing"],
            "balance": 0,
            "created": now,
            "currency": None,
            "default_source": None,
            "delinquent": False,
            "description": None,
            "email": customer["email"],
            "invoice_prefix": id[4:12].upper(),
            "livemode": False,
            "metadata": {},
            "name": customer["name"],
            "phone": customer["phone"],
            "preferred_locales": [],
            "shipping": None,
            "tax_exempt": "none",
            "test_clock": None,
        }
        world.store.put("customer", Row(body))
    return id


def _intent(charge: JSON, id: str) -> JSON:
    return {
        "id": id, "object": "payment_intent", "amount": charge["amount"], "amount_capturable": 0,
        "amount_received": charge["amount"], "automatic_payment_methods": None, "canceled_at": None,
        "cancellation_reason": None,
        "capture_method": "automatic_async", "client_secret": f"{id}_secret_{digest(id, 24)}",
        "confirmation_method": "automatic", "created": charge["created"], "currency": charge["currency"],
        "customer": charge["customer"], "description": charge["description"], "last_payment_error": None,
        "latest_charge": charge["id"], "livemode": False, "metadata": charge["metadata"], "next_action": None,
        "payment_method": charge["payment_method"], "payment_method_types": [charge["payment_method_details"]["type"]],
        "receipt_email": charge["receipt_email"], "setup_future_usage": None, "shipping": charge["shipping"],
        "statement_descriptor": None, "statement_descriptor_suffix": charge["statement_descriptor_suffix"],
        "status": "succeeded",
    }  # fmt: skip
