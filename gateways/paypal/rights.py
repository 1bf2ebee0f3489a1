"""What an application may do, by the scopes that PayPal tells with its token."""

from __future__ import annotations

from collections.abc import Iterator, Set

from disputes.phrases import Phrase, phrase

_SERVICES = "https://uri.paypal.com/services/"
READ_DISPUTES = f"{_SERVICES}disputes/read-seller"
FILE = f"{_SERVICES}disputes/update-seller"
SEARCH = f"{_SERVICES}reporting/search/read"
BALANCES = f"{_SERVICES}reporting/balances/read"

USED = frozenset(
    [
        READ_DISPUTES,
        FILE,
        SEARCH,
        BALANCES,
        "openid",
        "profile",
        "email",
        f"{_SERVICES}paypalattributes",
        f"{_SERVICES}disputes/read",
        f"{_SERVICES}payments/payment",
        f"{_SERVICES}payments/payment/authcapture",
        f"{_SERVICES}payments/orders/read",
    ]
)
"""What reading disputes, their payments and the account's id asks for. Payments are read by the rights that also take
them; PayPal has no narrower ones."""

FILE_WARNING = phrase(
    "Disputes: update (update-seller). PayPal has no narrower right for filing evidence: whoever holds it can also "
    "accept a claim or make an offer, which pays the buyer. Leave it out, and everything works up to filing."
)
MOVES_MONEY = {
    f"{_SERVICES}payments/refund": phrase("Refunds: the application could pay money back; nothing here ever does."),
    f"{_SERVICES}payments/payouts": phrase("Payouts: the application could send money; nothing here ever does."),
    "https://uri.paypal.com/payments/payouts": phrase(
        "Payouts: the application could send money; nothing here ever does."
    ),
    f"{_SERVICES}payments": phrase(
        "Payments, all of them: the application could take and send money; nothing here ever does."
    ),
    "https://api.paypal.com/v1/payments/.*": (
        phrase(
            "Payments of the older API, all of them: the application could take, send and refund money; nothing here "
            "ever does."
        )
    ),
    f"{_SERVICES}disputes/update-buyer": phrase(
        "Disputes as a buyer (update-buyer): could open and change cases you brought."
    ),
    f"{_SERVICES}disputes/create": phrase("Disputes: create. The application could open disputes."),
}


_IN_WORDS = {
    READ_DISPUTES: phrase("Disputes: read (read-seller)"),
    f"{_SERVICES}disputes/read": phrase("Disputes: read"),
    FILE: phrase("Disputes: update (update-seller)"),
    f"{_SERVICES}payments/payment": phrase("Payments: read, by the right that also takes them"),
    f"{_SERVICES}payments/orders/read": phrase("Orders: read"),
    SEARCH: phrase("Transactions: search"),
    BALANCES: phrase("Balances: read"),
}


def found_rights(scopes: Set[str], *, reads: bool) -> Iterator[Phrase]:
    """Rights that the application has and the desk uses. `reads`: PayPal showed it disputes when asked."""
    held = scopes if reads else scopes - {READ_DISPUTES, f"{_SERVICES}disputes/read"}
    return (words for scope, words in _IN_WORDS.items() if scope in held)


def missing_rights(scopes: Set[str]) -> Iterator[Phrase]:
    """Rights that reading needs and the application lacks."""
    if READ_DISPUTES not in scopes and f"{_SERVICES}disputes/read" not in scopes:
        yield phrase("Disputes: read (read-seller). Switch on Disputes among the application's features at PayPal.")


def excess_rights(scopes: Set[str]) -> Iterator[Phrase]:
    """Rights that reach further than needed, each in words; those that move money one by one, the rest in one line."""
    if FILE in scopes:
        yield FILE_WARNING
    yield from dict.fromkeys(words for scope, words in MOVES_MONEY.items() if scope in scopes)
    rest = sorted(_short(scope) for scope in scopes - USED - MOVES_MONEY.keys())
    if rest:
        yield phrase("Rights that are never used here: {rights}.", rights=", ".join(rest))


def may_file(scopes: Set[str]) -> bool:
    return FILE in scopes


def _short(scope: str) -> str:
    return scope.removeprefix(_SERVICES).removeprefix("https://uri.paypal.com/").removeprefix("https://")
