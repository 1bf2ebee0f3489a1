"""What a JSON body must look like; 400 with the field where it does not."""

from __future__ import annotations

from typing import Any

from gateways.sandbox.paypal.amounts import VALUE
from gateways.sandbox.paypal.errors import invalid, missing, unprocessable
from gateways.sandbox.store import JSON


def mapping(sent: Any, field: str) -> JSON:
    if not isinstance(sent, dict):
        raise invalid("INVALID_PARAMETER_SYNTAX", field or "/", "An object is expected.")
    return sent


def listed(sent: Any, name: str) -> list[Any]:
    return within(mapping(sent, ""), name, "")


def within(sent: JSON, name: str, field: str) -> list[Any]:
    """A list inside an object that may be absent."""
    found = sent.get(name)
    if found is not None and not isinstance(found, list):
        raise invalid("INVALID_PARAMETER_SYNTAX", f"{field}/{name}", "A list is expected.")
    return found or []


def address(sent: JSON, name: str) -> None:
    """A postal address has a country at least."""
    if name not in sent:
        raise missing(f"/{name}")
    text(mapping(sent[name], f"/{name}"), "country_code", 2, f"/{name}", required=True)


def text(sent: JSON, name: str, longest: int, field: str = "", *, required: bool = False) -> str | None:
    """One to `longest` characters, or nothing where that is allowed."""
    found = sent.get(name)
    if found is None and not required:
        return None
    if found is None or found == "":
        raise missing(f"{field}/{name}")
    if not isinstance(found, str) or len(found) > longest:
        raise invalid("INVALID_STRING_LENGTH", f"{field}/{name}", f"A string of at most {longest} characters.")
    return found


def amount(sent: JSON, name: str) -> JSON | None:
    """{currency_code, value} with a decimal string in it."""
    if (found := sent.get(name)) is None:
        return None
    money = mapping(found, f"/{name}")
    if len(text(money, "currency_code", 3, f"/{name}", required=True) or "") != 3:
        raise invalid("INVALID_STRING_LENGTH", f"/{name}/currency_code", "Three letters.")
    if not VALUE.match(text(money, "value", 32, f"/{name}", required=True) or ""):
        raise invalid("INVALID_PARAMETER_SYNTAX", f"/{name}/value", "A decimal number as a string.")
    return money


def one_of(sent: JSON, name: str, allowed: list[str]) -> str:
    """A value the dispute allows now; what may be sent at all and what may be sent here are one to the caller."""
    found = text(sent, name, 255, required=True) or ""
    if found not in allowed:
        raise unprocessable("INVALID_RESPONSE_OPTION", f"/{name}", f"Allowed are {', '.join(allowed)}.", value=found)
    return found
