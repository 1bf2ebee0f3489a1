"""What a token may do: Square tells it for every token, and where it does not, reading finds it out."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from disputes.phrases import Phrase, phrase
from disputes.ports import GatewayError, GatewayFailure
from gateways.square.wire import Call, Wire

NEEDED: Mapping[str, Phrase] = {
    "DISPUTES_READ": phrase("Disputes: read (DISPUTES_READ)"),
    # Without the payment there is no sale to prove, and no answer may be filed without looking at its refunds.
    "PAYMENTS_READ": phrase("Payments: read (PAYMENTS_READ)"),
}
WANTED: Mapping[str, Phrase] = {
    "ORDERS_READ": phrase("Orders: read (ORDERS_READ)"),
    "CUSTOMERS_READ": phrase("Customers: read (CUSTOMERS_READ)"),
    "MERCHANT_PROFILE_READ": phrase("Merchant profile: read (MERCHANT_PROFILE_READ)"),
    "PAYOUTS_READ": phrase("Payouts: read (PAYOUTS_READ)"),
}
"""Used where they are given, done without where they are not."""
FILES = "DISPUTES_WRITE"

FILING_MOVES_MONEY = phrase(
    "Disputes: write (DISPUTES_WRITE). The right that files evidence can also accept a dispute, which pays the "
    "customer. Counterproof accepts only where a person confirms it."
)
EVERYTHING = phrase(
    "Everything: this is a personal access token, which can also charge cards, refund and read bank accounts. Use an "
    "OAuth token with DISPUTES_READ, DISPUTES_WRITE, PAYMENTS_READ, ORDERS_READ, CUSTOMERS_READ, "
    "MERCHANT_PROFILE_READ and PAYOUTS_READ."
)
UNTOLD = phrase("Square did not say what this token may do; look at its permissions there.")

_IN_WORDS: Mapping[str, Phrase] = {
    "PAYMENTS_WRITE": phrase("can charge cards and refund payments"),
    "PAYMENTS_WRITE_ADDITIONAL_RECIPIENTS": phrase("can pay parts of a payment to others"),
    "PAYMENTS_WRITE_IN_PERSON": phrase("can charge cards at a terminal"),
    "PAYMENTS_WRITE_SHARED_ONFILE": phrase("can charge cards on file of other sellers"),
    "BANK_ACCOUNTS_READ": phrase("can read bank accounts"),
    "BANK_ACCOUNTS_WRITE": phrase("can change bank accounts"),
    "ORDERS_WRITE": phrase("can change orders"),
    "CUSTOMERS_WRITE": phrase("can change customers"),
    "GIFTCARDS_WRITE": phrase("can load gift cards"),
    "INVOICES_WRITE": phrase("can send invoices"),
    "SUBSCRIPTIONS_WRITE": phrase("can start and end subscriptions"),
}

_PROBES: Mapping[str, Call] = {
    "DISPUTES_READ": lambda sdk, options: sdk.disputes.list(request_options=options),
    "PAYMENTS_READ": lambda sdk, options: sdk.payments.list(limit=1, request_options=options),
}


@dataclass(frozen=True, slots=True)
class Granted:
    """What Square says about a token. `scopes` is None where it does not say."""

    merchant_id: str | None
    scopes: frozenset[str] | None
    never_expires: bool


def granted(wire: Wire) -> Granted:
    """Asked of Square; a host that does not know the question leaves it to the probes."""
    try:
        raw = wire.read_whole(lambda sdk, options: sdk.o_auth.retrieve_token_status(request_options=options))
    except GatewayError as error:
        if error.failure not in (GatewayFailure.NOT_FOUND, GatewayFailure.REJECTED, GatewayFailure.RIGHTS):
            raise
        return Granted(None, None, never_expires=False)
    scopes = raw.get("scopes")
    told = frozenset(str(each) for each in scopes) if isinstance(scopes, list) else None
    merchant_id = raw.get("merchant_id")
    return Granted(str(merchant_id) if merchant_id else None, told, never_expires=not raw.get("expires_at"))


def missing_rights(wire: Wire, token: Granted) -> Iterator[Phrase]:
    """Rights that reading needs and the token lacks, in words."""
    for scope, words in NEEDED.items():
        if not (scope in token.scopes if token.scopes is not None else _allowed(wire, _PROBES[scope])):
            yield words


def found_rights(token: Granted, missing: Collection[Phrase]) -> Iterator[Phrase]:
    """Rights that the token has and the desk uses; where Square does not tell them, those that reading found out."""
    if token.scopes is None:
        yield from (words for words in NEEDED.values() if words not in missing)
        return
    used = {**NEEDED, **WANTED, FILES: phrase("Disputes: write (DISPUTES_WRITE)")}
    yield from (words for scope, words in used.items() if scope in token.scopes)


def may_file(token: Granted) -> bool:
    """Where Square does not say it, the right shows at the first upload."""
    return token.scopes is None or FILES in token.scopes


def excess_rights(token: Granted) -> Iterator[Phrase]:
    """Rights that Counterproof never uses, those that move money first; the filing right is one of them."""
    if token.scopes is None:
        yield UNTOLD
        return
    beyond = sorted(token.scopes - set(NEEDED) - set(WANTED) - {FILES})
    if token.never_expires and "PAYMENTS_WRITE" in beyond:
        yield EVERYTHING
        return
    yield from (
        phrase("{right}: {what}.", right=scope, what=_IN_WORDS[scope]) for scope in beyond if scope in _IN_WORDS
    )
    if others := [scope for scope in beyond if scope not in _IN_WORDS]:
        yield phrase("Rights that are never used: {rights}.", rights=", ".join(others))
    if FILES in token.scopes:
        yield FILING_MOVES_MONEY


def _allowed(wire: Wire, probe: Call) -> bool:
    try:
        wire.read_whole(probe)
    except GatewayError as error:
        if error.failure is GatewayFailure.RIGHTS:
            return False
        raise
    return True
