"""Whose account it is: the token, and what it says of its owner."""

from __future__ import annotations

import json
from urllib.parse import parse_qs

from gateways.sandbox.paypal import tokens
from gateways.sandbox.paypal.call import Call
from gateways.sandbox.paypal.errors import OAuthError, PayPalError
from gateways.sandbox.paypal.world import MERCHANT_EMAIL, MERCHANT_ID, MERCHANT_NAME, World
from gateways.sandbox.store import JSON
from gateways.sandbox.wire import Answer


def token(world: World, call: Call) -> Answer:
    if call.content_type.partition(";")[0].strip() != "application/x-www-form-urlencoded":
        raise PayPalError(415)
    sent = parse_qs(call.raw.decode("utf-8", "replace"))
    given = tokens.grant(world, call.authorization, sent.get("grant_type", [""])[0])
    return Answer(200, json.dumps(given).encode(), {"content-type": "application/json", "cache-control": "no-store"})


def userinfo(world: World, call: Call) -> JSON:
    """PayPal's own schema and not OpenID's, which has no payer_id. The payer_id of a business is its merchant id."""
    if call.asked("schema") != "paypalv1.1":
        raise OAuthError(400, "invalid_request", "schema is paypalv1.1")
    return {
        "user_id": "https://www.paypal.com/webapps/auth/identity/user/lale-living-sandbox",
        "name": MERCHANT_NAME,
        "payer_id": MERCHANT_ID,
        "address": {"street_address": "Bağdat Caddesi 1", "locality": "İstanbul", "postal_code": "34728",
                    "country": "TR"},
        "verified_account": "true",
        "emails": [{"value": MERCHANT_EMAIL, "primary": True, "confirmed": True}],
    }  # fmt: skip
