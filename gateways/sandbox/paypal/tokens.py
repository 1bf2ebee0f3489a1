"""REST apps, what each may do, and the access tokens they got."""

from __future__ import annotations

import base64
import binascii

from gateways.sandbox.paypal import ids
from gateways.sandbox.paypal.errors import OAuthError, PayPalError
from gateways.sandbox.paypal.times import stamp
from gateways.sandbox.paypal.world import World
from gateways.sandbox.store import JSON, Row, Store

READ = "https://uri.paypal.com/services/disputes/read-seller"
UPDATE = "https://uri.paypal.com/services/disputes/update-seller"
UPDATE_BUYER = "https://uri.paypal.com/services/disputes/update-buyer"
PAYMENTS = "https://api.paypal.com/v1/payments/.*"
REFUND = "https://uri.paypal.com/services/payments/refund"
WEBHOOKS = "https://uri.paypal.com/services/applications/webhooks"
REPORTING = "https://uri.paypal.com/services/reporting/search/read"
IDENTITY = "openid"

FULL = ("sandbox-full", "sandbox-full-secret")
READ_ONLY = ("sandbox-read", "sandbox-read-secret")
BARE = ("sandbox-bare", "sandbox-bare-secret")
"""Client id and secret: everything the desk can use; all but `update-seller`; disputes only, nothing to look up."""

APPS = {
    FULL: (READ, UPDATE, PAYMENTS, WEBHOOKS, REPORTING, IDENTITY),
    READ_ONLY: (READ, PAYMENTS, WEBHOOKS, REPORTING, IDENTITY),
    BARE: (READ, UPDATE),
}
SHORT = {"read-seller": READ, "update-seller": UPDATE, "payments": PAYMENTS, "refund": REFUND, "webhooks": WEBHOOKS,
         "reporting": REPORTING, "openid": IDENTITY, "update-buyer": UPDATE_BUYER}  # fmt: skip


def seed(store: Store) -> None:
    for (client, secret), scopes in APPS.items():
        add(store, client, secret, list(scopes))


def add(store: Store, client: str, secret: str, scopes: list[str]) -> JSON:
    """A REST app; scopes in full or by their last word ("read-seller"). Raises ValueError for a word unknown."""
    full = [SHORT.get(scope, scope) for scope in scopes]
    if unknown := set(full) - set(SHORT.values()):
        raise ValueError(f"no scope {', '.join(sorted(unknown))}; there are {', '.join(SHORT)}")
    apps = store.setting("apps", {})
    apps[client] = {"secret": secret, "scopes": full}
    store.set("apps", apps)
    return {"client_id": client, "scopes": full}


def grant(world: World, authorization: str, grant_type: str) -> JSON:
    """A new access token for a client that proves itself by Basic."""
    app = world.store.setting("apps", {})
    client, secret = _basic(authorization)
    if client not in app or app[client]["secret"] != secret:
        raise OAuthError(401, "invalid_client", "Client Authentication failed")
    if grant_type != "client_credentials":
        raise OAuthError(400, "unsupported_grant_type", "Grant Type is not supported")
    now, token = world.clock.unix(), ids.token()
    lasts = int(world.setting("token_seconds"))
    body = {"client": client, "expires": now + lasts, "scopes": app[client]["scopes"]}
    world.store.put("token", Row(body, {"columns": {"id": token, "created": now}}))
    return {
        "scope": " ".join(app[client]["scopes"]),
        "access_token": token,
        "token_type": "Bearer",
        "app_id": "APP-80W284485P519543T",
        "expires_in": lasts,
        "nonce": stamp(now).replace(".000Z", "Z") + ids.transaction(),
    }


def scopes_of(world: World, authorization: str) -> list[str]:
    """What the token may do; 401 for none, a wrong, an expired or a revoked one."""
    scheme, _, token = authorization.partition(" ")
    row = world.store.get("token", token.strip()) if scheme.lower() == "bearer" else None
    if row is None or row.body["expires"] <= world.clock.unix():
        raise PayPalError(401)
    return list(row.body["scopes"])


def revoke_all(world: World) -> int:
    (count,) = world.store.run("SELECT count(*) FROM object WHERE kind = 'token'")[0]
    world.store.run("DELETE FROM object WHERE kind = 'token'")
    return int(count)


def _basic(authorization: str) -> tuple[str, str]:
    scheme, _, value = authorization.partition(" ")
    if scheme.lower() != "basic":
        return "", ""
    try:
        client, _, secret = base64.b64decode(value, validate=True).decode("utf-8", "replace").partition(":")
    except binascii.Error:
        return "", ""
    return client, secret
