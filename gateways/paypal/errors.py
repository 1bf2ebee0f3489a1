"""What the transport raises, told in the house's words. No message carries a key."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import requests
from paypalrestsdk import exceptions

from disputes.phrases import Phrase, joined, phrase
from disputes.ports import GatewayError, GatewayFailure
from gateways.paypal.contract import part, rows
from gateways.paypal.transport import NotSent, retry_after, status_of

_ISSUES = {
    "AMOUNT_SHOULD_NOT_BE_PASSED": phrase(
        "for an item that did not arrive the whole sum goes back; leave the amount out"
    ),
    "SHIPPING_ADDRESS_SHOULD_NOT_BE_PASSED": phrase("the address for the return has to be given with this offer"),
}
"""Issue codes whose own text misleads (the second says the opposite of its name)."""

_PAUSE = 2.0


@contextmanager
def told(*, writing: bool) -> Iterator[None]:
    """Turn what the transport raises into GatewayError. `writing`: an effect is possible where no answer came."""
    try:
        yield
    except NotSent as error:
        raise _not_sent(error, writing=writing) from error
    except (requests.RequestException, exceptions.ConnectionError) as error:
        raise _told(error, writing=writing) from error
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        # JSON, but not the object that was asked for: a proxy's page, or half of one.
        words = phrase("PayPal's answer was not what was asked for; it was left as it was.")
        raise GatewayError(GatewayFailure.MALFORMED, words, retryable=True, effect_possible=writing) from error


def _not_sent(error: NotSent, *, writing: bool) -> GatewayError:
    """Certain to have had no effect: the token was refused or out of reach, or the connection ended too early."""
    cause = error.__cause__
    if isinstance(cause, exceptions.ClientError) and status_of(cause) in (400, 401, 403):
        return _credentials()
    if isinstance(cause, requests.RequestException | exceptions.ConnectionError):
        told = _told(cause, writing=False)
        if writing and told.failure is GatewayFailure.UNAVAILABLE:
            words = phrase("PayPal could not be reached, or sending took too long. Nothing was sent.")
            return GatewayError(told.failure, words, retryable=True)
        return told
    words = phrase("PayPal gave no usable access token; it is asked again.")
    return GatewayError(GatewayFailure.UNAVAILABLE, words, retryable=True)


def _told(error: requests.RequestException | exceptions.ConnectionError, *, writing: bool) -> GatewayError:
    if isinstance(error, requests.RequestException):
        words = phrase("PayPal could not be reached or did not answer in time.")
        return GatewayError(GatewayFailure.UNAVAILABLE, words, retryable=True, effect_possible=writing)
    status = status_of(error)
    match status:
        case 401:
            return _credentials()
        case 403:
            return GatewayError(
                GatewayFailure.RIGHTS, phrase("The application lacks a right at PayPal: {words}", words=said(error))
            )
        case 404:
            return GatewayError(
                GatewayFailure.NOT_FOUND, phrase("PayPal does not know this: {words}", words=said(error))
            )
        case 429:
            # Refused before anything happens, so a write may be tried again.
            wait = retry_after(error)
            return GatewayError(
                GatewayFailure.RATE_LIMITED,
                phrase("PayPal asks for fewer requests at once."),
                retryable=True,
                retry_after=_PAUSE if wait is None else wait,
            )
        case 408:
            words = phrase("PayPal gave up waiting for the request.")
            return GatewayError(GatewayFailure.UNAVAILABLE, words, retryable=True, effect_possible=writing)
    if 400 <= status < 500:
        return GatewayError(GatewayFailure.REJECTED, phrase("PayPal refused: {words}", words=said(error)))
    if status >= 500:
        words = phrase("PayPal answered with an error of its own.")
        return GatewayError(GatewayFailure.UNAVAILABLE, words, retryable=True, effect_possible=writing, answered=True)
    words = phrase("PayPal's address led somewhere else; that was not followed.")
    return GatewayError(GatewayFailure.MALFORMED, words, retryable=True, effect_possible=writing)


def _credentials() -> GatewayError:
    return GatewayError(
        GatewayFailure.CREDENTIALS,
        phrase(
            "PayPal does not accept this application's client id and secret. They may have been replaced; connect "
            "again."
        ),
    )


def said(error: exceptions.ConnectionError) -> Phrase:
    """PayPal's own words for a refusal, its issues in ours, and its number for its support."""
    try:
        body = part(json.loads(error.content or ""))
    except ValueError:
        return phrase("no further words (status {status})", status=status_of(error))
    issues = [_issue(each) for each in rows(body.get("details"))[:3]]
    told = _text(body.get("message")) or _text(body.get("name"))
    words = joined(filter(None, issues), "; ") or (Phrase(told) if told else phrase("no further words"))
    number = _text(body.get("debug_id"))
    if not number:
        return words
    return phrase("{words} (PayPal's number for this: {number})", words=words, number=number)


def _issue(detail: Mapping[str, Any]) -> str:
    issue, field = _text(detail.get("issue")), _text(detail.get("field"))
    words = _ISSUES.get(issue) or _text(detail.get("description")) or issue.replace("_", " ").lower()
    return joined((words, f"[{field}]")) if field and words else words


def _text(value: Any) -> str:
    return value.strip().rstrip(".")[:300] if isinstance(value, str) else ""
