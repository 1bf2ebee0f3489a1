"""Square's error bodies: {"errors": [{"category", "code", "detail", "field"}]}."""

from __future__ import annotations

from gateways.sandbox.store import JSON

INVALID = "INVALID_REQUEST_ERROR"
AUTHENTICATION = "AUTHENTICATION_ERROR"


class SquareError(Exception):
    def __init__(self, code: str, detail: str, status: int = 400, category: str = INVALID, *,
                 field: str | None = None) -> None:  # fmt: skip
        super().__init__(detail)
        self.code, self.detail, self.status, self.category, self.field = code, detail, status, category, field

    def body(self) -> JSON:
        error: JSON = {"category": self.category, "code": self.code, "detail": self.detail}
        return {"errors": [error | ({"field": self.field} if self.field else {})]}


def refused(detail: str, field: str | None = None) -> SquareError:
    """What the dispute's state turns down; no list of Square's own codes for it is public."""
    return SquareError("BAD_REQUEST", detail, field=field)


def not_found(noun: str, field: str) -> SquareError:
    return SquareError("NOT_FOUND", f"Could not find {noun}", 404, field=field)


def no_endpoint(method: str, path: str) -> SquareError:
    return SquareError("NOT_FOUND", f"API endpoint for URL path `{path}` and HTTP method `{method}` is not found.", 404)


def malformed_header() -> SquareError:
    return SquareError(
        "UNAUTHORIZED",
        "The `Authorization` http header of your request was malformed. The header value is expected to be of the "
        'format "Bearer TOKEN" (without quotation marks), where TOKEN is to be replaced with your access token '
        '(e.g. "Bearer ABC123def456GHI789jkl0"). For more information, see '
        "https://docs.connect.squareup.com/api/connect/v2/#requestandresponseheaders. If you are seeing this error "
        "message while using one of our officially supported SDKs, please report this to developers@squareup.com.",
        401,
        AUTHENTICATION,
    )


def unauthorized() -> SquareError:
    return SquareError("UNAUTHORIZED", "This request could not be authorized.", 401, AUTHENTICATION)


def expired() -> SquareError:
    return SquareError("ACCESS_TOKEN_EXPIRED", "The provided access token has expired.", 401, AUTHENTICATION)


def insufficient(scope: str) -> SquareError:
    return SquareError(
        "INSUFFICIENT_SCOPES",
        "The merchant has not given your application sufficient permissions to do that. The merchant must authorize "
        f"your application for the following scopes: {scope}",
        403,
        AUTHENTICATION,
    )


def rate_limited() -> SquareError:
    return SquareError("RATE_LIMITED", "Too many requests; try again later.", 429, "RATE_LIMIT_ERROR")


def conflict() -> SquareError:
    return SquareError("CONFLICT", "Another request with this idempotency key is still being processed.", 409)


def server_error(status: int = 500) -> SquareError:
    codes = {501: "NOT_IMPLEMENTED", 502: "BAD_GATEWAY", 503: "SERVICE_UNAVAILABLE", 504: "GATEWAY_TIMEOUT"}
    return SquareError(
        codes.get(status, "INTERNAL_SERVER_ERROR"), "An internal error has occurred.", status, "API_ERROR"
    )
