"""API keys and what each may do."""

from __future__ import annotations

from gateways.sandbox.store import JSON, Store
from gateways.sandbox.stripe.errors import StripeError

FULL_KEY = "sk_test_sandbox_full"
RESTRICTED_KEY = "rk_test_sandbox_disputes"
ALL = "*"
NEEDED = (
    "dispute_read", "dispute_write", "file_read", "file_write", "charge_read", "payment_intent_read", "refund_read",
    "balance_transaction_read", "event_read", "early_fraud_warning_read", "account_read",
)  # fmt: skip


def seed(store: Store) -> None:
    store.set(
        "keys", {FULL_KEY: {"rights": [ALL], "bad": False}, RESTRICTED_KEY: {"rights": list(NEEDED), "bad": False}}
    )


def add(store: Store, key: str, rights: list[str], *, bad: bool = False) -> JSON:
    """Raises ValueError for a key that looks live: this server must never learn one."""
    if not key.startswith(("sk_test_", "rk_test_")):
        raise ValueError("a sandbox key starts with sk_test_ or rk_test_")
    keys = store.setting("keys", {})
    keys[key] = {"rights": rights, "bad": bad}
    store.set("keys", keys)
    return {"key": key, **keys[key]}


def rights_of(store: Store, key: str | None) -> list[str]:
    """The rights of a good key; 401 as Stripe answers it otherwise."""
    challenge = {"WWW-Authenticate": 'Basic realm="Stripe"'}
    if not key:
        raise StripeError(
            "You did not provide an API key. You need to provide your API key in the Authorization header, "
            "using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY'). See "
            "https://stripe.com/docs/api#authentication for details, or we can help at https://support.stripe.com/.",
            401,
            headers=challenge,
        )
    if key.startswith(("sk_live_", "rk_live_")):
        raise StripeError(
            "Live API keys are not accepted by this sandbox. Use a test mode key.", 401, headers=challenge
        )
    known = store.setting("keys", {}).get(key)
    if known is None:
        raise StripeError(f"Invalid API Key provided: {masked(key)}", 401, headers=challenge)
    if known["bad"]:
        raise StripeError(f"Expired API Key provided: {masked(key)}", 401, code="api_key_expired", headers=challenge)
    return list(known["rights"])


def require(rights: list[str], right: str, key: str, account: str) -> None:
    if ALL not in rights and right not in rights:
        raise StripeError(
            f"The provided key '{masked(key)}' does not have the required permissions for this endpoint on account "
            f"'{account}'. Having the 'rak_{right}' permission would allow this request to continue.",
            403,
        )


def masked(key: str) -> str:
    """As Stripe shows a key back: its kind and its last four characters."""
    return f"{key[:8]}{'*' * max(len(key) - 12, 3)}{key[-4:]}" if len(key) > 12 else f"{key[:8]}***"
