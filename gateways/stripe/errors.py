"""The SDK's exceptions, told in the house's words. No message carries a key."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import stripe

from disputes.phrases import phrase
from disputes.ports import GatewayError, GatewayFailure

_BUSY = frozenset({"lock_timeout", "rate_limit", "idempotency_key_in_use"})


@contextmanager
def told(*, writing: bool) -> Iterator[None]:
    """Turn what the SDK raises into GatewayError. `writing` decides whether an effect is possible without an answer."""
    try:
        yield
    except stripe.StripeError as error:
        raise _told(error, writing=writing) from error
    except (KeyError, TypeError, AttributeError) as error:
        # JSON, but not the object that was asked for: a proxy's page, or half of one.
        words = phrase("Stripe's answer was not what was asked for; it was left as it was.")
        raise GatewayError(GatewayFailure.MALFORMED, words, retryable=True, effect_possible=writing) from error


def _told(error: stripe.StripeError, *, writing: bool) -> GatewayError:
    # `error.code` stays None on several classes; the body has it.
    body = getattr(error, "error", None)
    code = error.code or (getattr(body, "code", None) if body is not None else None)
    text = error.user_message or phrase("no further words")
    match error:
        case stripe.AuthenticationError():
            return GatewayError(
                GatewayFailure.CREDENTIALS,
                phrase("Stripe does not accept this key. It may have been rolled or deleted; connect again."),
            )
        case stripe.PermissionError():
            return GatewayError(GatewayFailure.RIGHTS, phrase("The key lacks a right at Stripe: {text}", text=text))
        case stripe.RateLimitError():
            return _busy(code)
        case stripe.IdempotencyError():
            return GatewayError(
                GatewayFailure.REJECTED, phrase("Stripe knows this request under other content: {text}", text=text)
            )
        case stripe.InvalidRequestError() if error.http_status == 404:
            return GatewayError(GatewayFailure.NOT_FOUND, phrase("Stripe does not know this: {text}", text=text))
        case stripe.InvalidRequestError():
            return GatewayError(GatewayFailure.REJECTED, phrase("Stripe refused: {text}", text=text))
        case stripe.APIConnectionError():
            return GatewayError(
                GatewayFailure.UNAVAILABLE,
                phrase("Stripe could not be reached or did not answer in time."),
                retryable=True,
                effect_possible=writing,
            )
    if code in _BUSY:
        return _busy(code)
    if error.http_status and error.http_status < 500:
        failure, words = GatewayFailure.MALFORMED, phrase("Stripe's answer was not readable (half a page, or no JSON).")
    else:
        failure, words = GatewayFailure.UNAVAILABLE, phrase("Stripe answered with an error of its own.")
    answered = bool(error.http_status and error.http_status >= 500)
    return GatewayError(failure, words, retryable=True, effect_possible=writing, answered=answered)


def _busy(code: str | None) -> GatewayError:
    words = (
        phrase("Stripe is working on this dispute at the moment.")
        if code == "lock_timeout"
        else phrase("Stripe asks for fewer requests at once.")
    )
    # A 429 is refused before anything happens, so a write may be tried again under the same key.
    return GatewayError(GatewayFailure.RATE_LIMITED, words, retryable=True, retry_after=2.0)
