"""What each parameter may be; anything else is refused as Stripe does, naming the parameter."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gateways.sandbox.stripe.errors import StripeError, unknown_parameter

Shape = Callable[[Any, str], Any]


def text(limit: int = 5000) -> Shape:
    def check(value: Any, param: str) -> str:
        if not isinstance(value, str):
            raise StripeError(f"Invalid string: {value}", param=param)
        if len(value) > limit:
            short = f"{value[:4]}...{value[-4:]}"
            raise StripeError(f"Invalid string: {short}; must be at most {limit} characters", param=param)
        return value

    return check


def integer(least: int | None = None, most: int | None = None) -> Shape:
    def check(value: Any, param: str) -> int:
        try:
            number = int(value)
        except (TypeError, ValueError):
            raise StripeError(f"Invalid integer: {value}", code="parameter_invalid_integer", param=param) from None
        if least is not None and number < least:
            raise StripeError(
                f"This value must be greater than or equal to {least} (it currently is '{number}').",
                code="parameter_invalid_integer",
                param=param,
            )
        if most is not None and number > most:
            raise StripeError(
                f"This value must be less than or equal to {most} (it currently is '{number}').",
                code="parameter_invalid_integer",
                param=param,
            )
        return number

    return check


def boolean(value: Any, param: str) -> bool:
    if value not in ("true", "false"):
        raise StripeError(f"Invalid boolean: {value}", param=param)
    return bool(value == "true")


def one_of(*words: str) -> Shape:
    def check(value: Any, param: str) -> str:
        if value not in words:
            raise StripeError(f"Invalid {param}: must be one of {', '.join(words[:-1])}, or {words[-1]}", param=param)
        return str(value)

    return check


def hash_of(**members: Shape) -> Shape:
    def check(value: Any, param: str) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise StripeError("Invalid hash", param=param)
        result = {}
        for name, inner in value.items():
            path = f"{param}[{name}]" if param else name
            if name not in members:
                raise unknown_parameter(path)
            result[name] = members[name](inner, path)
        return result

    return check


def list_of(shape: Shape, most: int | None = None) -> Shape:
    def check(value: Any, param: str) -> list[Any]:
        if not isinstance(value, dict) or not all(key.isdigit() for key in value):
            raise StripeError("Invalid array", param=param)
        if most is not None and len(value) > most:
            raise StripeError(f"Array {param} exceeded maximum {most} allowed elements.", param=param)
        return [shape(value[key], f"{param}[{key}]") for key in sorted(value, key=int)]

    return check


def clearable(shape: Shape) -> Shape:
    """An empty string clears what the shape would set."""
    return lambda value, param: "" if value == "" else shape(value, param)


def moment_or_range(value: Any, param: str) -> dict[str, int]:
    if isinstance(value, dict):
        return dict(hash_of(gt=integer(), gte=integer(), lt=integer(), lte=integer())(value, param))
    return {"gte": integer()(value, param), "lte": integer()(value, param)}


def metadata(value: Any, param: str) -> dict[str, str] | str:
    if value == "":
        return ""
    if not isinstance(value, dict):
        raise StripeError("Invalid hash", param=param)
    for name, inner in value.items():
        if len(name) > 40:
            raise StripeError(f"Metadata keys can have up to 40 characters ({name[:40]}...)", param=param)
        text(500)(inner, f"{param}[{name}]")
    return {str(name): str(inner) for name, inner in value.items()}


EXPAND = list_of(text())
PAGE: dict[str, Shape] = {
    "limit": integer(1, 100), "starting_after": text(), "ending_before": text(), "expand": EXPAND,
}  # fmt: skip
CREATED: dict[str, Shape] = {"created": moment_or_range}
