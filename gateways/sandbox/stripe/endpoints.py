"""Stripe's endpoints, one line each, and the small functions behind them."""

from __future__ import annotations

from typing import Any

from gateways.sandbox.ledger import UPLOADED
from gateways.sandbox.store import JSON
from gateways.sandbox.stripe import disputes, events, files
from gateways.sandbox.stripe.call import Call, Endpoint, Handler
from gateways.sandbox.stripe.errors import StripeError, missing
from gateways.sandbox.stripe.paging import filters, listing, page
from gateways.sandbox.stripe.shapes import CREATED, EXPAND, PAGE, Shape, boolean, hash_of, list_of, text
from gateways.sandbox.stripe.world import ACCOUNT, World
from gateways.sandbox.wire import Answer

ONE = hash_of(expand=EXPAND)


def query(*names: str, **more: Shape) -> Shape:
    return hash_of(**PAGE, **CREATED, **{name: text() for name in names}, **more)


def one(kind: str, param: str) -> Handler:
    def answer(world: World, call: Call) -> JSON:
        return world.need(kind, call.id, param).body

    return answer


def list_events(world: World, call: Call) -> JSON:
    """Newest first and 30 days back; `type` may end in a star, `types` is a list."""
    params = {name: value for name, value in call.params.items() if name != "type"}
    wanted: list[tuple[str, list[Any]]] = [("created >= ?", [call.now - events.KEPT_SECONDS]), *filters(params)]
    if "type" in call.params and "types" in call.params:
        raise StripeError("You may only specify one of these parameters: type, types.")
    if "type" in call.params:
        wanted.append(("label GLOB ?", [call.params["type"]]))
    if types := call.params.get("types"):
        wanted.append((f"label IN ({', '.join('?' * len(types))})", types))
    return page(world, "event", "/v1/events", params, wanted)


def get_event(world: World, call: Call) -> JSON:
    body = world.need("event", call.id, "id").body
    if body["created"] < call.now - events.KEPT_SECONDS:
        raise missing("event", call.id, "id")
    return body


def upload_file(world: World, call: Call) -> JSON:
    if call.upload is None:
        raise StripeError("Missing required param: file.", code="parameter_missing", param="file")
    if "purpose" not in call.params:
        raise StripeError("Missing required param: purpose.", code="parameter_missing", param="purpose")
    filename, content = call.upload
    body = files.upload(world, content, filename, call.params["purpose"], call.now)
    world.ledger.effect(call.now, body["id"], UPLOADED)
    return body


def file_contents(world: World, call: Call) -> Answer:
    row = world.need("file", call.id, "file")
    return Answer(200, world.store.bytes_of(row.id), {"content-type": files.CONTENT_TYPES[row.body["type"]]})


def get_account(world: World, call: Call) -> JSON:
    """The account a key belongs to; another's is as invisible as at Stripe."""
    if call.ids.get("id", ACCOUNT) != ACCOUNT:
        raise StripeError(
            f"The provided key does not have access to account '{call.id}' (or that account does not exist).",
            403,
            code="account_invalid",
        )
    profile = {
        "mcc": "5719",
        "name": "Lale Living",
        "support_email": "support@lale.example",
        "url": "https://lale.example",
    }
    return {
        "id": ACCOUNT, "object": "account", "business_profile": profile, "business_type": "company",
        "capabilities": {"card_payments": "active"},
        "charges_enabled": True, "country": "IE", "created": 1_600_000_000,
        "default_currency": world.setting("settlement_currency"),
        "details_submitted": True, "email": "accounts@lale.example", "metadata": {}, "payouts_enabled": True,
        "settings": {"dashboard": {"display_name": "Lale Living", "timezone": "Europe/Istanbul"}}, "type": "standard",
    }  # fmt: skip


def get_balance(world: World, call: Call) -> JSON:
    currency = world.setting("settlement_currency")
    (net,) = world.store.run(
        "SELECT coalesce(sum(json_extract(body, '$.net')), 0) FROM object WHERE kind = 'balance_transaction'"
    )[0]
    entry = {"amount": net, "currency": currency, "source_types": {"card": net}}
    pending = {"amount": 0, "currency": currency, "source_types": {"card": 0}}
    return {"object": "balance", "available": [entry], "livemode": False, "pending": [pending]}


ENDPOINTS = (
    Endpoint("GET /v1/disputes", "dispute_read", listing("dispute", "/v1/disputes"), query("charge", "payment_intent")),
    Endpoint("GET /v1/disputes/{id}", "dispute_read", one("dispute", "dispute"), ONE),
    Endpoint("POST /v1/disputes/{id}", "dispute_write", disputes.update, disputes.UPDATE),
    Endpoint("POST /v1/disputes/{id}/close", "dispute_write", disputes.close, ONE),
    Endpoint("GET /v1/charges", "charge_read", listing("charge", "/v1/charges"), query("customer", "payment_intent")),
    Endpoint("GET /v1/charges/{id}", "charge_read", one("charge", "id"), ONE),
    Endpoint("GET /v1/charges/{id}/dispute", "dispute_read", disputes.of_charge, ONE),
    Endpoint("GET /v1/payment_intents", "payment_intent_read", listing("payment_intent", "/v1/payment_intents"),
    query("customer")),
    Endpoint("GET /v1/payment_intents/{id}", "payment_intent_read", one("payment_intent", "intent"), ONE),
    Endpoint("GET /v1/refunds", "refund_read", listing("refund", "/v1/refunds"), query("charge", "payment_intent")),
    Endpoint("GET /v1/refunds/{id}", "refund_read", one("refund", "id"), ONE),
    Endpoint(
        "GET /v1/balance_transactions", "balance_transaction_read", listing("balance_transaction",
        "/v1/balance_transactions"),
        query("currency", "payout", "source", "type"),
    ),
    Endpoint("GET /v1/balance_transactions/{id}", "balance_transaction_read", one("balance_transaction", "id"), ONE),
    Endpoint("GET /v1/events", "event_read", list_events, query("type", types=list_of(text(), 20),
    delivery_success=boolean)),
    Endpoint("GET /v1/events/{id}", "event_read", get_event, ONE),
    Endpoint(
        "GET /v1/radar/early_fraud_warnings", "early_fraud_warning_read",
        listing("radar.early_fraud_warning", "/v1/radar/early_fraud_warnings"), query("charge", "payment_intent"),
    ),
    Endpoint(
        "GET /v1/radar/early_fraud_warnings/{id}", "early_fraud_warning_read",
        one("radar.early_fraud_warning", "early_fraud_warning"), ONE,
    ),
    Endpoint("GET /v1/files", "file_read", listing("file", "/v1/files"), query("purpose")),
    Endpoint("GET /v1/files/{id}", "file_read", one("file", "file"), ONE),
    Endpoint("POST /v1/files", "file_write", upload_file, files.SHAPE, host="files"),
    Endpoint("GET /v1/files/{id}/contents", "file_read", file_contents, host="files"),
    Endpoint("GET /v1/account", "account_read", get_account, ONE),
    Endpoint("GET /v1/accounts/{id}", "account_read", get_account, ONE),
    Endpoint("GET /v1/customers", "customer_read", listing("customer", "/v1/customers"), query("email")),
    Endpoint("GET /v1/balance", "balance_read", get_balance, ONE),
    Endpoint("GET /v1/payouts", "payout_read", listing("payout", "/v1/payouts"), query("status", "destination")),
)  # fmt: skip
