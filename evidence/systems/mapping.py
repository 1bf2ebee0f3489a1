"""Reading a system's objects by paths: a mapping is a table of fields, where each lies, and how it is read."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from disputes.clock import from_unix
from disputes.facts import Address
from disputes.money import Money
from disputes.phrases import phrase, said_by
from disputes.systems import SourceError, SourceFailure
from evidence.redaction import mask
from evidence.sources.values import Unreadable
from evidence.sources.values import instant as written_instant

_STEP = re.compile(r"([^.\[\]]+)|\[(\d+)\]")
Read = Callable[[Any], Any]
Table = Mapping[str, str | tuple[str, Read]]
"""Field -> path, or path and how its value is read. A path may name alternatives: "email | billing.email"."""


def at(content: Any, path: str) -> Any:
    """What lies at "a.b[0].c"; None where anything on the way is missing, null or of another shape. Of alternatives
    ("a | b") the first that is neither missing nor empty."""
    for each in path.split(" | "):
        found = _at(content, each.strip())
        if found not in (None, "", [], {}):
            return found
    return None


def _at(content: Any, path: str) -> Any:
    for name, place in _STEP.findall(path):
        if place:
            content = content[int(place)] if isinstance(content, list) and int(place) < len(content) else None
        else:
            content = content.get(name) if isinstance(content, dict) else None
        if content is None:
            return None
    return content


def listed(content: Any, path: str = "") -> list[dict[str, Any]]:
    """The objects of a list at the path; whatever else lies in it is left out."""
    found = at(content, path) if path else content
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def fields(content: Any, table: Table) -> dict[str, Any]:
    """The table's fields that are there. A value that cannot be read names its field and refuses the whole object."""
    found: dict[str, Any] = {}
    for name, entry in table.items():
        path, read = (entry, text) if isinstance(entry, str) else entry
        value = at(content, path)
        if value is None:
            continue
        try:
            value = read(value)
        except (ValueError, TypeError, ArithmeticError, OverflowError) as error:
            raise Unreadable(phrase("{field}: {why}", field=name.replace("_", " "), why=said_by(error))) from None
        if value is not None:
            found[name] = value
    return found


# ---- how values are read -------------------------------------------------------------------------------------------


def text(value: Any) -> str | None:
    """Words on one line, masked, without control characters; numbers as they are written."""
    if isinstance(value, (bool, dict, list)):
        raise ValueError(phrase("is no text"))
    plain = "".join(sign if sign.isprintable() else " " for sign in str(value))
    return mask(" ".join(plain.split())).text or None


def identifier(value: Any) -> str | None:
    """A system's own id: kept to the letter, because a long number may look like a card's."""
    if isinstance(value, (bool, dict, list)):
        raise ValueError(phrase("is no id"))
    plain = str(value).strip()
    return plain if plain and plain.isprintable() and len(plain) <= 200 else None


def words(value: Any) -> str | None:
    """Text of several lines, masked."""
    if not isinstance(value, str):
        raise ValueError(phrase("is no text"))
    plain = "".join(sign if sign.isprintable() or sign in "\n\t" else " " for sign in value.replace("\r\n", "\n"))
    return mask(plain).text.strip() or None


def utc(value: Any) -> datetime:
    """ISO 8601; without an offset it is UTC, as the system's documentation says of this field."""
    return written_instant(str(value), "UTC")


def local(zone: str) -> Read:
    """ISO 8601; without an offset it is meant in `zone`."""
    return lambda value: written_instant(str(value), zone)


def rfc2822(value: Any) -> datetime:
    """ "Wed, 13 Mar 2019 16:35:37 +0000"; the offset "-0000" means UTC too."""
    moment = parsedate_to_datetime(str(value))
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)


def unix(value: Any) -> datetime | None:
    """Seconds since 1970."""
    return from_unix(int(value))


def day(value: Any) -> date:
    return written_instant(str(value), "UTC").astimezone(UTC).date()


def amount(currency: str | None) -> Read:
    """A decimal string or whole number in major units, as APIs write money."""

    def read(value: Any) -> Money:
        if not currency or isinstance(value, (bool, float, dict, list)):
            raise ValueError(phrase("{amount} is no amount", amount=repr(str(value)[:40])))
        return Money.parse(_trimmed(str(value)), currency.upper())

    return read


def _trimmed(amount: str) -> str:
    """Without zeros behind the decimals: "19.9000" is 19.90 in every currency."""
    return amount.rstrip("0").rstrip(".") if "." in amount else amount


def address(content: Any, table: Table) -> Address | None:
    """An address, or None where nothing of it is there but perhaps a name."""
    found = fields(content, table)
    return Address(**found) if set(found) - {"name", "country"} else None


def required(content: Any, path: str, title: str) -> Any:
    """What an answer cannot do without."""
    found = at(content, path)
    if found is None:
        raise SourceError(SourceFailure.MALFORMED, phrase("{title} answered without {path}.", title=title, path=path))
    return found
