"""Access tokens: static ones, and those an app gets for its client id and secret, good for a day."""

from __future__ import annotations

import secrets

from gateways.sandbox.shopify_payments.world import World
from gateways.sandbox.store import JSON

PREFIX = "shpat_sandbox_"
DESK = "shpat_sandbox_desk"
READER = "shpat_sandbox_read_only"
OWNER = "shpat_sandbox_everything"
APP = ("sandbox-app-of-the-desk", "shpss_sandbox_counterproof")
SECONDS = 86_399

READ_SCOPES = (
    "read_all_orders", "read_customers", "read_orders", "read_shopify_payments_accounts",
    "read_shopify_payments_dispute_evidences", "read_shopify_payments_disputes",
)  # fmt: skip
WRITE_SCOPES = ("write_shopify_payments_dispute_evidences", "write_shopify_payments_dispute_file_uploads")
DESK_SCOPES = (*READ_SCOPES, *WRITE_SCOPES)


def seed(world: World) -> None:
    world.store.set(
        "tokens",
        {
            DESK: {"rights": list(DESK_SCOPES), "bad": False},
            READER: {"rights": list(READ_SCOPES), "bad": False},
            OWNER: {"rights": [*DESK_SCOPES, "write_orders", "write_products", "write_themes"], "bad": False},
        },
    )
    world.store.set("apps", {APP[0]: {"secret": APP[1], "rights": list(DESK_SCOPES)}})


def add(world: World, token: str, rights: list[str], *, bad: bool = False) -> JSON:
    """Raises ValueError for a token that might be somebody's real one: this server must never learn one."""
    if not token.startswith(PREFIX):
        raise ValueError(f"a sandbox token starts with {PREFIX}")
    known = world.store.setting("tokens", {})
    known[token] = {"rights": rights, "bad": bad}
    world.store.set("tokens", known)
    return {"key": token, **known[token]}


def granted(world: World, form: JSON) -> JSON | None:
    """The answer to a request for a token, None for an app that is not installed or another secret."""
    app = world.store.setting("apps", {}).get(form.get("client_id"))
    if form.get("grant_type") != "client_credentials" or app is None or app["secret"] != form.get("client_secret"):
        return None
    token = f"{PREFIX}{secrets.token_hex(12)}"
    given = world.store.setting("given", {})
    given[token] = {"rights": app["rights"], "ends": world.clock.unix() + SECONDS}
    world.store.set("given", given)
    return {"access_token": token, "scope": ",".join(app["rights"]), "expires_in": SECONDS}


def forget_given(world: World) -> JSON:
    """As though the app had been installed anew: tokens that were fetched work no more."""
    world.store.set("given", {})
    return {"given": 0}


def rights_of(world: World, token: str | None) -> frozenset[str] | None:
    """The scopes behind a token, those to read that come with one to write among them; None for one nobody knows."""
    known = world.store.setting("tokens", {}).get(token)
    if known is not None:
        return None if known["bad"] else _with_reads(known["rights"])
    given = world.store.setting("given", {}).get(token)
    return _with_reads(given["rights"]) if given and world.clock.unix() < given["ends"] else None


def _with_reads(rights: list[str]) -> frozenset[str]:
    return frozenset(rights) | {f"read_{each[6:]}" for each in rights if each.startswith("write_")}
