"""What each field of a body or query may be; anything else is refused as Square does, naming the field."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gateways.sandbox.square import times
from gateways.sandbox.square.errors import SquareError

Shape = Callable[[Any, str], Any]


def text(least: int = 0, most: int | None = None) -> Shape:
    def check(value: Any, field: str) -> str:
        if not isinstance(value, str):
            raise SquareError("EXPECTED_STRING", f"Expected a string value (found type `{_kind(value)}`).", field=field)
        if len(value) < least:
            raise SquareError("VALUE_TOO_SHORT", f"Field must not be less than {least} in length.", field=field)
        if most is not None and len(value) > most:
            raise SquareError("VALUE_TOO_LONG", f"Field must not be greater than {most} in length.", field=field)
        return value

    return check


def one_of(*words: str) -> Shape:
    def check(value: Any, field: str) -> str:
        if value not in words:
            raise SquareError("INVALID_ENUM_VALUE", f"`{value}` is not a valid enum value for `{field}`.", field=field)
        return str(value)

    return check


def boolean(value: Any, field: str) -> bool:
    if value in (True, "true"):
        return True
    if value in (False, "false"):
        return False
    raise SquareError("EXPECTED_BOOLEAN", f"Expected a boolean value (found type `{_kind(value)}`).", field=field)


def integer(least: int, most: int) -> Shape:
    def check(value: Any, field: str) -> int:
        if not str(value).isdigit():
            raise SquareError(
                "EXPECTED_INTEGER", f"Expected an integer value (found type `{_kind(value)}`).", field=field
            )
        if int(value) < least:
            raise SquareError("VALUE_TOO_LOW", f"`{field}` must be at least {least}.", field=field)
        if int(value) > most:
            raise SquareError("VALUE_TOO_HIGH", f"`{field}` must be at most {most}.", field=field)
        return int(value)

    return check


def instant(value: Any, field: str) -> int:
    try:
        return times.seconds(str(value))
    except ValueError:
        raise SquareError("INVALID_TIME", f"`{value}` is not a valid RFC 3339 timestamp.", field=field) from None


def list_of(shape: Shape) -> Shape:
    def check(value: Any, field: str) -> list[Any]:
        if not isinstance(value, list):
            raise SquareError("EXPECTED_ARRAY", f"Expected an array (found type `{_kind(value)}`).", field=field)
        return [shape(each, field) for each in value]

    return check


def body_of(*, required: tuple[str, ...] = (), **members: Shape) -> Shape:
    """A JSON object; null leaves an optional field out."""

    def check(value: Any, field: str) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise SquareError("EXPECTED_OBJECT", f"Expected an object (found type `{_kind(value)}`).", field=field)
        result = {}
        for name, inner in value.items():
            path = f"{field}.{name}" if field else name
            if name not in members:
                raise SquareError("UNKNOWN_BODY_PARAMETER", f"The field named '{path}' is unrecognized.", field=path)
            if inner is not None:
                result[name] = members[name](inner, path)
        for name in required:
            if name not in result:
                path = f"{field}.{name}" if field else name
                raise SquareError("MISSING_REQUIRED_PARAMETER", "Missing required parameter.", field=path)
        return result

    return check


def query_of(**members: Shape) -> Shape:
    """A query's pairs; a name that may be repeated is a list, of the others the last counts."""

    def check(pairs: Any, field: str) -> dict[str, Any]:
        given: dict[str, list[str]] = {}
        for name, value in pairs:
            if name not in members:
                raise SquareError("UNKNOWN_QUERY_PARAMETER", f"The parameter '{name}' is unrecognized.", field=name)
            given.setdefault(name, []).append(value)
        return {name: members[name](values, name) for name, values in given.items()}

    return check


def last(shape: Shape) -> Shape:
    return lambda values, field: shape(values[-1], field)


def _kind(value: Any) -> str:
    kinds = {dict: "object", list: "array", str: "string", bool: "boolean", int: "integer", float: "float"}
    return kinds.get(type(value), "null")
