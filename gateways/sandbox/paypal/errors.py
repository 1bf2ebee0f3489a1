"""PayPal's error bodies.

The names and messages are the contract's. Of the issue codes, PayPal's own pages have
ACTION_NOT_ALLOWED_IN_CURRENT_DISPUTE_STATE, MISSING_EVIDENCE_INFO, AMOUNT_SHOULD_NOT_BE_PASSED,
SHIPPING_ADDRESS_SHOULD_NOT_BE_PASSED, MISSING_REQUIRED_PARAMETER, DATE_CAN_NOT_BE_IN_FUTURE, INVALID_PAGE_SIZE,
INVALID_START_TIME_FORMAT, INVALID_START_TIME_RANGE and WEBHOOK_URL_ALREADY_EXISTS. There is no public list of the
others: those used here are made up in their manner, and nobody should read meaning into them.
"""

from __future__ import annotations

from gateways.sandbox.paypal import ids
from gateways.sandbox.store import JSON

MESSAGES = {
    400: ("INVALID_REQUEST", "Request is not well-formed, syntactically incorrect, or violates schema."),
    401: (
        "AUTHENTICATION_FAILURE",
        "Authentication failed due to missing authorization header, or invalid authentication credentials.",
    ),
    403: ("NOT_AUTHORIZED", "Authorization failed due to insufficient permissions."),
    404: ("RESOURCE_NOT_FOUND", "The specified resource does not exist."),
    409: ("RESOURCE_CONFLICT", "The server has detected a conflict while processing this request."),
    415: ("UNSUPPORTED_MEDIA_TYPE", "The server does not support the request payload's media type."),
    422: (
        "UNPROCESSABLE_ENTITY",
        "The requested action could not be performed, semantically incorrect, or failed business validation.",
    ),
    429: ("RATE_LIMIT_REACHED", "Too many requests. Blocked due to rate limiting."),
    500: ("INTERNAL_SERVER_ERROR", "An internal server error occurred."),
    503: ("SERVICE_UNAVAILABLE", "Service Unavailable."),
}


class PayPalError(Exception):
    def __init__(
        self, status: int, details: list[JSON] | None = None, *, name: str | None = None, message: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:  # fmt: skip
        usual = MESSAGES.get(status, MESSAGES[500])
        self.status, self.details = status, details or []
        self.name, self.message = name or usual[0], message or usual[1]
        self.headers = headers or {}
        super().__init__(f"{self.name}: {[detail['issue'] for detail in self.details] or self.message}")

    def body(self) -> JSON:
        body: JSON = {"name": self.name, "message": self.message, "debug_id": ids.debug()}
        if self.status == 415:
            return body | {"information_link": "https://developer.paypal.com/docs/api/customer-disputes/#errors"}
        if self.status in (400, 401, 403, 404, 409, 422):
            body |= {"details": self.details, "links": []}
        return body


class OAuthError(PayPalError):
    """The token endpoint speaks OAuth's own words."""

    def __init__(self, status: int, error: str, description: str) -> None:
        super().__init__(status, name=error, message=description)

    def body(self) -> JSON:
        return {"error": self.name, "error_description": self.message}


def detail(issue: str, field: str, description: str, location: str = "body", value: str | None = None) -> JSON:
    shown = {"field": field, "location": location, "issue": issue, "description": description}
    return shown if value is None else {**shown, "value": value}


def invalid(issue: str, field: str, description: str, location: str = "body", value: str | None = None) -> PayPalError:
    return PayPalError(400, [detail(issue, field, description, location, value)])


def missing(field: str) -> PayPalError:
    return invalid("MISSING_REQUIRED_PARAMETER", field, "A required parameter is missing.")


def unprocessable(issue: str, field: str, description: str, value: str | None = None) -> PayPalError:
    return PayPalError(422, [detail(issue, field, description, value=value)])


def not_allowed(id: str) -> PayPalError:
    """No link, no action."""
    return PayPalError(
        422,
        [
            {
                "field": "dispute_id",
                "value": id,
                "location": "path",
                "issue": "ACTION_NOT_ALLOWED_IN_CURRENT_DISPUTE_STATE",
                "description": "You cannot complete this action for this dispute ID.",
            }
        ],
    )


def not_found(id: str) -> PayPalError:
    return PayPalError(
        404, [detail("INVALID_RESOURCE_ID", "id", "The requested resource was not found.", "path", value=id)]
    )


def rate_limited(seconds: float = 1) -> PayPalError:
    return PayPalError(429, headers={"Retry-After": str(int(seconds) or 1)})
