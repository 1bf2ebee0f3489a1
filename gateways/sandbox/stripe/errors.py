"""Stripe's error bodies."""

from __future__ import annotations

from gateways.sandbox.store import JSON

DOC = "https://stripe.com/docs/error-codes/"


class StripeError(Exception):
    """`kept`: the endpoint had begun, so the answer goes under the idempotency key; validation errors do not."""

    def __init__(self, message: str, status: int = 400, type: str = "invalid_request_error", *, code: str | None = None,
                 param: str | None = None, kept: bool = False, headers: dict[str,
                 str] | None = None) -> None:  # fmt: skip
        super().__init__(message)
        self.message, self.status, self.type = message, status, type
        self.code, self.param, self.kept = code, param, kept
        self.headers = headers or {}

    def body(self) -> JSON:
        error: JSON = {"message": self.message, "type": self.type}
        if self.code:
            error |= {"code": self.code, "doc_url": DOC + self.code.replace("_", "-")}
        if self.param:
            error["param"] = self.param
        return {"error": dict(sorted(error.items()))}


def refused(message: str, param: str | None = None) -> StripeError:
    """What the endpoint itself turns down, as opposed to a request that was badly formed."""
    return StripeError(message, param=param, kept=True)


def already_closed() -> StripeError:
    return refused("This dispute is already closed")


def missing(noun: str, id: str, param: str, status: int = 404) -> StripeError:
    return StripeError(f"No such {noun}: '{id}'", status, code="resource_missing", param=param)


def unknown_parameter(param: str) -> StripeError:
    return StripeError(f"Received unknown parameter: {param}", code="parameter_unknown", param=param)


def unrecognized_url(method: str, path: str) -> StripeError:
    return StripeError(
        f"Unrecognized request URL ({method}: {path}). If you are trying to list objects, remove the trailing slash. "
        "If you are trying to retrieve an object, make sure you passed a valid (non-empty) identifier in your code.",
        404,
    )


def rate_limited() -> StripeError:
    return StripeError(
        "Request rate limit exceeded. Learn more about rate limits here https://stripe.com/docs/rate-limits.",
        429,
        code="rate_limit",
    )


def lock_timeout() -> StripeError:
    return StripeError(
        "This object cannot be accessed right now because another API request or Stripe process is currently accessing "
        "it. If you see this error intermittently, retry the request. If you see this error frequently and are making "
        "multiple concurrent requests to a single object, make your requests serially or at a lower rate.",
        429,
        code="lock_timeout",
        headers={"Stripe-Should-Retry": "true"},
    )


def server_error(status: int = 500) -> StripeError:
    return StripeError("An unknown error occurred", status, "api_error", kept=True)
