"""PayPal's endpoints, one line each, and the sandbox-only ones that PayPal's own sandbox has too."""

from __future__ import annotations

from gateways.sandbox.paypal import (
    answers,
    events,
    identity,
    lifecycle,
    listing,
    payments,
    reporting,
    settling,
    shown,
    tokens,
    webhooks,
)
from gateways.sandbox.paypal.call import Call, Endpoint
from gateways.sandbox.paypal.certificates import PATH as CERTIFICATES
from gateways.sandbox.paypal.errors import PayPalError, invalid, not_allowed
from gateways.sandbox.paypal.shapes import mapping, text
from gateways.sandbox.paypal.world import World
from gateways.sandbox.store import JSON, Row

ONE = f"{shown.PATH}/{{id}}"


def get_dispute(world: World, call: Call) -> JSON:
    return shown.detail(world, world.need("dispute", call.id))


def adjudicate(world: World, call: Call) -> JSON:
    row = _under_review(world, call)
    wanted = text(mapping(call.body, ""), "adjudication_outcome", 255, required=True) or ""
    outcomes = {"BUYER_FAVOR": "lost", "SELLER_FAVOR": "won"}
    if wanted not in outcomes:
        raise invalid("INVALID_PARAMETER_VALUE", "/adjudication_outcome", "BUYER_FAVOR or SELLER_FAVOR.", value=wanted)
    lifecycle.decide(world, row, outcomes[wanted], call.now)
    return shown.only_links(world, row)


def require_evidence(world: World, call: Call) -> JSON:
    row = _under_review(world, call)
    wanted = text(mapping(call.body, ""), "action", 255, required=True) or ""
    if wanted not in ("SELLER_EVIDENCE", "BUYER_EVIDENCE"):
        raise invalid("INVALID_PARAMETER_VALUE", "/action", "SELLER_EVIDENCE or BUYER_EVIDENCE.", value=wanted)
    if wanted == "SELLER_EVIDENCE":
        ask_again(world, row, call.now)
    else:
        lifecycle.wait_for_buyer(world, row, call.now)
    return shown.only_links(world, row)


def ask_again(world: World, row: Row, now: int, due: int | None = None, types: list[str] | None = None) -> None:
    """PayPal wants more of the seller: a new round beside what was sent."""
    lifecycle.ask(world, row, now, due or lifecycle.claim_due(world, now), types)
    events.save(world, row, now)


def no_refunds(world: World, call: Call) -> JSON:
    """No app of this sandbox may refund, unless the control API made one that may; then it still cannot here."""
    raise PayPalError(403)


def _under_review(world: World, call: Call) -> Row:
    row = world.need("dispute", call.id)
    if row.body["status"] != lifecycle.REVIEW:
        raise not_allowed(row.id)
    return row


ENDPOINTS = (
    Endpoint("POST /v1/oauth2/token", "", identity.token),
    Endpoint("GET /v1/identity/oauth2/userinfo", tokens.IDENTITY, identity.userinfo),
    Endpoint(f"GET {shown.PATH}", tokens.READ, listing.disputes),
    Endpoint(f"GET {ONE}", tokens.READ, get_dispute),
    Endpoint(f"PATCH {ONE}", tokens.UPDATE, settling.patch, "json"),
    Endpoint(f"POST {ONE}/provide-evidence", tokens.UPDATE, answers.provide_evidence, "multipart"),
    Endpoint(f"POST {ONE}/appeal", tokens.UPDATE, answers.appeal, "multipart"),
    Endpoint(f"POST {ONE}/accept-claim", tokens.UPDATE, settling.accept_claim, "either"),
    Endpoint(f"POST {ONE}/make-offer", tokens.UPDATE, settling.make_offer, "either"),
    Endpoint(f"POST {ONE}/send-message", tokens.UPDATE, settling.send_message, "either"),
    Endpoint(f"POST {ONE}/escalate", tokens.UPDATE, settling.escalate, "either"),
    Endpoint(f"POST {ONE}/provide-supporting-info", tokens.UPDATE, answers.provide_supporting_info, "either"),
    Endpoint(f"POST {ONE}/acknowledge-return-item", tokens.UPDATE, settling.acknowledge_return_item, "either"),
    Endpoint(f"POST {ONE}/accept-offer", tokens.UPDATE_BUYER, settling.buyers_side, "json"),
    Endpoint(f"POST {ONE}/deny-offer", tokens.UPDATE_BUYER, settling.buyers_side, "json"),
    Endpoint(f"POST {ONE}/adjudicate", tokens.UPDATE, adjudicate, "either"),
    Endpoint(f"POST {ONE}/require-evidence", tokens.UPDATE, require_evidence, "either"),
    Endpoint(f"GET {payments.CAPTURES}/{{id}}", tokens.PAYMENTS, payments.get_capture),
    Endpoint(f"POST {payments.CAPTURES}/{{id}}/refund", tokens.REFUND, no_refunds),
    Endpoint(f"GET {payments.REFUNDS}/{{id}}", tokens.PAYMENTS, payments.get_refund),
    Endpoint(f"GET {payments.ORDERS}/{{id}}", tokens.PAYMENTS, payments.get_order),
    Endpoint(f"GET {reporting.PATH}", tokens.REPORTING, reporting.transactions),
    Endpoint(f"POST {webhooks.WEBHOOKS}", tokens.WEBHOOKS, webhooks.register, "json"),
    Endpoint(f"GET {webhooks.WEBHOOKS}", tokens.WEBHOOKS, webhooks.all_of_them),
    Endpoint(f"GET {webhooks.WEBHOOKS}/{{id}}", tokens.WEBHOOKS, webhooks.one),
    Endpoint(f"DELETE {webhooks.WEBHOOKS}/{{id}}", tokens.WEBHOOKS, webhooks.remove),
    Endpoint("POST /v1/notifications/verify-webhook-signature", tokens.WEBHOOKS, webhooks.verify, "json"),
    Endpoint(f"GET {CERTIFICATES}{{id}}", "", webhooks.certificate),
)
