"""The SDK's exceptions, told in the house's words. No message carries a token."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import httpx
from square.core.api_error import ApiError

from disputes.phrases import Phrase, joined, phrase
from disputes.ports import GatewayError, GatewayFailure

_REVOKED = phrase("Square does not accept this access token. It may have been revoked or replaced; connect again.")
_TOKENS = {
    "ACCESS_TOKEN_EXPIRED": phrase(
        "The Square access token has expired (they live 30 days); connect again with a new one."
    ),
    "ACCESS_TOKEN_REVOKED": phrase("The Square access token was revoked; connect again with a new one."),
}
_BUSY = frozenset({409, 429})
_PAUSE_SECONDS = 2.0


@contextmanager
def told(*, writing: bool) -> Iterator[None]:
    """Turn what the SDK raises into GatewayError. `writing` decides whether an effect is possible without an answer."""
    try:
        yield
    except ApiError as error:
        raise _told(error, writing=writing) from error
    except httpx.HTTPError as error:
        # Time-outs and broken connections come as httpx's own errors, never as the SDK's.
        words = phrase("Square could not be reached or did not answer in time.")
        raise GatewayError(GatewayFailure.UNAVAILABLE, words, retryable=True, effect_possible=writing) from error
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        # JSON, but not the object that was asked for: a proxy's page, or half of one.
        words = phrase("Square's answer was not what was asked for; it was left as it was.")
        raise GatewayError(GatewayFailure.MALFORMED, words, retryable=True, effect_possible=writing) from error


def _told(error: ApiError, *, writing: bool) -> GatewayError:
    status = error.status_code or 0
    if status < 500 and status not in _BUSY and not isinstance(error.body, dict):
        # Square refuses in JSON; a page in its place is a proxy's, and says nothing about the request.
        words = phrase("Square's answer was not readable (half a page, or no JSON).")
        return GatewayError(GatewayFailure.MALFORMED, words, retryable=True, effect_possible=writing)
    code, text = _said(error)
    match status:
        case 401:
            return GatewayError(GatewayFailure.CREDENTIALS, _TOKENS.get(code, _REVOKED))
        case 403:
            return GatewayError(GatewayFailure.RIGHTS, phrase("The token lacks a right at Square: {text}", text=text))
        case 404:
            return GatewayError(GatewayFailure.NOT_FOUND, phrase("Square does not know this: {text}", text=text))
        case 408:
            words = phrase("Square gave up on this request.")
            return GatewayError(GatewayFailure.UNAVAILABLE, words, retryable=True, effect_possible=writing)
        case _ if status in _BUSY:
            return _busy(status, error.headers or {})
        case _ if status >= 500:
            words = phrase("Square answered with an error of its own.")
            return GatewayError(
                GatewayFailure.UNAVAILABLE, words, retryable=True, effect_possible=writing, answered=True
            )
    return GatewayError(GatewayFailure.REJECTED, phrase("Square refused: {text}", text=text))


def _said(error: ApiError) -> tuple[str, Phrase]:
    """The first error's code and words; the field is named, because a merchant may know what stands in it."""
    body = error.body if isinstance(error.body, dict) else {}
    found = body.get("errors")
    first = found[0] if isinstance(found, list) and found and isinstance(found[0], Mapping) else {}
    code = str(first.get("code") or "")
    told = first.get("detail") or code
    text = Phrase(str(told)[:300]) if told else phrase("no further words")
    return code, joined((text, f"({first['field']})")) if first.get("field") else text


def _busy(status: int, headers: Mapping[str, str]) -> GatewayError:
    words = (
        phrase("Square asks for fewer requests at once.")
        if status == 429
        else phrase("Square is working on this at the moment.")
    )
    pause = next((value for name, value in headers.items() if name.lower() == "retry-after"), "")
    # Refused before anything happened, so a write may be tried again under the same key.
    return GatewayError(
        GatewayFailure.RATE_LIMITED,
        words,
        retryable=True,
        retry_after=int(pause) if pause.isdecimal() else _PAUSE_SECONDS,
    )
