"""Access tokens and the scopes each was given."""

from __future__ import annotations

from gateways.sandbox.square.errors import expired, insufficient, malformed_header, unauthorized
from gateways.sandbox.store import JSON, Store

PERSONAL = "EAAAsandbox_personal"
DESK = "EAAAsandbox_desk"
READER = "EAAAsandbox_read_only"
PREFIX = "EAAAsandbox_"
APPLICATION = "sandbox-sq0idb-LaleLivingDesk00000000"

ALL = "*"
"""A personal access token: everything, and the application's own settings too."""
APPLICATION_SETTINGS = "APPLICATION"
READ_SCOPES = (
    "CUSTOMERS_READ", "DISPUTES_READ", "MERCHANT_PROFILE_READ", "ORDERS_READ", "PAYMENTS_READ", "PAYOUTS_READ",
)  # fmt: skip
DESK_SCOPES = (*READ_SCOPES, "DISPUTES_WRITE")
OAUTH_DAYS = 30


def seed(store: Store) -> None:
    store.set(
        "tokens",
        {
            PERSONAL: {"rights": [ALL], "bad": False},
            DESK: {"rights": list(DESK_SCOPES), "bad": False},
            READER: {"rights": list(READ_SCOPES), "bad": False},
        },
    )


def add(store: Store, token: str, rights: list[str], *, bad: bool = False) -> JSON:
    """Raises ValueError for a token that might be somebody's real one: this server must never learn one."""
    if not token.startswith(PREFIX):
        raise ValueError(f"a sandbox token starts with {PREFIX}")
    known = store.setting("tokens", {})
    known[token] = {"rights": rights, "bad": bad}
    store.set("tokens", known)
    return {"key": token, **known[token]}


def rights_of(store: Store, header: str | None) -> list[str]:
    """The scopes behind an Authorization header; 401 as Square answers it otherwise."""
    scheme, _, token = (header or "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise malformed_header()
    known = store.setting("tokens", {}).get(token.strip())
    if known is None:
        raise unauthorized()
    if known["bad"]:
        raise expired()
    return list(known["rights"])


def require(rights: list[str], scope: str | None) -> None:
    if scope is not None and ALL not in rights and scope not in rights:
        raise insufficient(scope)
