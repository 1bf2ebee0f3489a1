"""What goes wrong at Shopify, in the house's words. No message carries a token.

The Admin API says most of it inside HTTP 200: errors of the whole question, and `userErrors` of a mutation.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from disputes.phrases import Phrase, joined, phrase, within
from disputes.ports import GatewayError, GatewayFailure

Raw = Mapping[str, Any]

_OWN_FAULTS = frozenset({"INTERNAL_SERVER_ERROR", "SERVICE_UNAVAILABLE", "TIMEOUT"})
_PAUSE_SECONDS = 2.0
_SAID = {
    "DISPUTE_EVIDENCE_NOT_FOUND": (GatewayFailure.NOT_FOUND, phrase("Shopify knows no evidence for this dispute.")),
    "EVIDENCE_ALREADY_ACCEPTED": (
        GatewayFailure.REJECTED,
        phrase("Shopify has an answer to this dispute already, and takes one only."),
    ),
    "EVIDENCE_PAST_DUE_DATE": (
        GatewayFailure.REJECTED,
        phrase("The due date has passed. Shopify takes nothing more; it sent by itself what lay there."),
    ),
    "FILES_SIZE_EXCEEDED_LIMIT": (
        GatewayFailure.REJECTED,
        phrase(
            "All files together are too large for Shopify, which takes 4 MB. Files that lie there already count too."
        ),
    ),
    "TOO_LARGE": (GatewayFailure.REJECTED, phrase("A file is too large for Shopify, which takes 2 MB each.")),
    "FILE_NOT_FOUND": (GatewayFailure.REJECTED, phrase("Shopify does not find a file that was uploaded to it.")),
}


class UserErrors(GatewayError):
    phrase("""A mutation that was refused. `codes` are Shopify's own, in its order.""")

    def __init__(self, failure: GatewayFailure, message: Phrase, codes: Sequence[str]) -> None:
        super().__init__(failure, message)
        self.codes = tuple(codes)


def refused_by_user_errors(errors: Sequence[Raw]) -> UserErrors:
    """`errors` is not empty. The words for a merchant come first, and then Shopify's own."""
    codes = [str(each.get("code") or "") for each in errors]
    failure, words = next(
        (_SAID[code] for code in codes if code in _SAID), (GatewayFailure.REJECTED, phrase("Shopify refused this."))
    )
    said = joined(_told(each) for each in errors[:3])
    return UserErrors(failure, phrase("{sentence} ({details})", sentence=words, details=said) if said else words, codes)


def _told(error: Raw) -> Phrase:
    where = ".".join(str(step) for step in error.get("field") or ())
    text = within(str(error.get("message") or ""), 200) or phrase("no further words")
    return joined((where, text), ": ") if where else text


def refused_by_errors(body: Raw, *, writing: bool) -> GatewayError:
    """Errors of a whole question inside HTTP 200."""
    errors = body.get("errors")
    listed = [each for each in errors if isinstance(each, Mapping)] if isinstance(errors, list) else []
    codes = {str((each.get("extensions") or {}).get("code") or "") for each in listed}
    told = listed[0].get("message") if listed else errors
    text = within(str(told), 300) if told or listed else phrase("no further words")
    if "THROTTLED" in codes:
        return busy(_until_restored(body))
    if "ACCESS_DENIED" in codes:
        return GatewayError(GatewayFailure.RIGHTS, phrase("The key lacks a right at Shopify: {text}", text=text))
    if codes & _OWN_FAULTS:
        words = phrase("Shopify answered with an error of its own.")
        return GatewayError(GatewayFailure.UNAVAILABLE, words, retryable=True, effect_possible=writing, answered=True)
    return GatewayError(GatewayFailure.REJECTED, phrase("Shopify refused: {text}", text=text))


def refused_by_status(status: int, body: Any, *, retry_after: str = "", writing: bool) -> GatewayError:
    """An answer that is no success. `body` is its JSON, or None where it was none."""
    if status == 429:
        return busy(float(retry_after) if retry_after.replace(".", "", 1).isdecimal() else _PAUSE_SECONDS)
    if status >= 500:
        words = phrase("Shopify answered with an error of its own.")
        return GatewayError(GatewayFailure.UNAVAILABLE, words, retryable=True, effect_possible=writing, answered=True)
    if 300 <= status < 400:
        words = phrase(
            "Shopify sent this on to another address. Connect the shop under its own .myshopify.com address."
        )
        return GatewayError(GatewayFailure.MALFORMED, words)
    if not isinstance(body, Mapping):
        return unreadable(writing=writing)
    text = _rest_words(body)
    match status:
        case 401:
            words = phrase(
                "Shopify does not accept this key. The app may have been removed from the shop; connect again."
            )
            return GatewayError(GatewayFailure.CREDENTIALS, words)
        case 402 | 423:
            return GatewayError(
                GatewayFailure.CREDENTIALS, phrase("Shopify has closed this shop to apps: {text}", text=text)
            )
        case 403:
            return GatewayError(GatewayFailure.RIGHTS, phrase("The key lacks a right at Shopify: {text}", text=text))
        case 404:
            return GatewayError(GatewayFailure.NOT_FOUND, phrase("Shopify does not know this: {text}", text=text))
        case 408:
            words = phrase("Shopify gave up on this request.")
            return GatewayError(GatewayFailure.UNAVAILABLE, words, retryable=True, effect_possible=writing)
    return GatewayError(GatewayFailure.REJECTED, phrase("Shopify refused: {text}", text=text))


def refused_token(status: int, body: Any) -> GatewayError:
    """The app's client id and secret got no token."""
    if status in (429,) or status >= 500:
        return refused_by_status(status, body, writing=False)
    if not isinstance(body, Mapping):
        return unreadable(writing=False)
    text = within(str(body.get("error_description") or body.get("error") or ""), 200) or phrase("no further words")
    words = phrase(
        "Shopify gives the app no access: {text}. Is the app installed in this shop, and the secret its own?", text=text
    )
    return GatewayError(GatewayFailure.CREDENTIALS, words)


def unreadable(*, writing: bool) -> GatewayError:
    words = phrase("Shopify's answer was not readable (half a page, or no JSON).")
    return GatewayError(GatewayFailure.MALFORMED, words, retryable=True, effect_possible=writing)


def unexpected(*, writing: bool) -> GatewayError:
    words = phrase("Shopify's answer was not what was asked for; it was left as it was.")
    return GatewayError(GatewayFailure.MALFORMED, words, retryable=True, effect_possible=writing)


def unreachable(*, writing: bool) -> GatewayError:
    words = phrase("Shopify could not be reached or did not answer in time.")
    return GatewayError(GatewayFailure.UNAVAILABLE, words, retryable=True, effect_possible=writing)


def busy(seconds: float) -> GatewayError:
    # Refused before anything happened, so a write may be tried again.
    words = phrase("Shopify asks for fewer requests at once.")
    return GatewayError(GatewayFailure.RATE_LIMITED, words, retryable=True, retry_after=seconds)


def _until_restored(body: Raw) -> float:
    """Seconds until the points are there that the question asked for, by Shopify's own numbers."""
    try:
        cost = body["extensions"]["cost"]
        status = cost["throttleStatus"]
        missing = float(cost["requestedQueryCost"]) - float(status["currentlyAvailable"])
        return float(max(1, math.ceil(missing / float(status["restoreRate"]))))
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return _PAUSE_SECONDS


def _rest_words(body: Raw) -> Phrase:
    """REST tells errors as a text, a list, or lists by field."""
    errors = body.get("errors") or body.get("error")
    if not errors:
        return phrase("no further words")
    if isinstance(errors, Mapping):
        said = (f"{name} {text}" for name, texts in errors.items() for text in _as_list(texts))
        return within("; ".join(said), 300)
    return within("; ".join(str(each) for each in _as_list(errors)), 300)


def _as_list(value: object) -> list[Any]:
    return value if isinstance(value, list) else [value]
