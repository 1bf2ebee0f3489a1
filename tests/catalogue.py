"""Every text that people read, found in code, templates and data; and the catalogues brought up to date with them.

`python -m tests.catalogue` renews `templates/locale/<language>/counterproof.po`; the tests hold them complete.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po, write_po

from disputes.knowledge.data import load
from templates.language import DEFAULT, LANGUAGES

ROOT = Path(__file__).parents[1]
LOCALE = ROOT / "templates" / "locale"
_PACKAGES = ("disputes", "gateways", "evidence", "scheduler", "web")
_SAID: dict[str, Any] = {
    "say": None,
    "marked": None,
    "_": None,
    "say_many": (1, 2),
    "gettext": None,
    "ngettext": (1, 2),
}
_KEPT: dict[str, Any] = {"phrase": None, "FileRefused": (2,)}
"""Below the pages nobody speaks a language: what is for the merchant is kept as a phrase."""
_KNOWN = {
    "acts": ("acts.title", "acts.meaning", "acts.fields.label"),
    "categories": ("categories.name", "categories.issuer_looks_for"),
    "claims": ("categories.words", "playbooks_told.words", "codes.words", "conditions.words"),
    "compelling": ("elements.label", "actions.words"),
    "customer_rights": ("rights.title", "rights.rule", "rights.meaning"),
    "evidence_items": ("items.label",),
    "playbooks": ("playbooks.common_loss_reasons", "playbooks.accept_when"),
    "reason_codes": ("codes.name", "codes.issuer_looks_for"),
    "sub_conditions": ("codes.conditions.label",),
    "withdrawal": ("laws.name", "laws.short", "exceptions.label"),
}
"""File of `disputes.knowledge` -> where in it a text lies that a merchant reads. Of notes only `_notes` are shown."""
_JINJA = {"newstyle_gettext": "true", "trimmed": "false", "extensions": "jinja2.ext.i18n"}


def found() -> Catalog:
    """Every message with nothing but its forms: where it stands changes too often to be worth keeping."""
    catalogue = Catalog(project="Counterproof", charset="utf-8")
    for message in _messages():
        catalogue.add(message)
    return catalogue


def _messages() -> Iterator[str | tuple[str, ...]]:
    for package in _PACKAGES:
        keywords = _SAID | _KEPT if package in ("scheduler", "web") else _KEPT
        for path in sorted((ROOT / package).rglob("*.py")):
            yield from _from("python", path, keywords, {})
    yield from _known()
    for folder in ("web", "email"):
        for path in sorted((ROOT / "templates" / folder).rglob("*.*")):
            yield from _from("jinja2.ext:babel_extract", path, _SAID, _JINJA)


def _known() -> Iterator[str]:
    """Texts of the data: they are said where they are shown, or as parts of a phrase."""
    for name, places in _KNOWN.items():
        for place in places:
            yield from _at(load(name), place.split("."))
    yield from (each["notes"] for each in load("reason_codes")["codes"] if _notes(each))


def _at(told: Any, path: Sequence[str]) -> Iterator[str]:
    if isinstance(told, str) and told and not path:
        yield told
    elif isinstance(told, list):
        yield from (text for each in told for text in _at(each, path))
    elif isinstance(told, dict) and path and path[0] in told:
        yield from _at(told[path[0]], path[1:])
    elif isinstance(told, dict) and path:
        yield from (text for each in told.values() if isinstance(each, dict) for text in _at(each, path))


def _notes(code: dict[str, Any]) -> bool:
    """Shown where nothing can be answered, and only there."""
    return code.get("challengeable") is False and bool(code.get("notes"))


def _from(
    method: str, path: Path, keywords: dict[str, Any], options: dict[str, str]
) -> Iterator[str | tuple[str, ...]]:
    for _line, message, _comments, _context in extract_from_file(method, str(path), keywords=keywords, options=options):
        if message and _says_something(message):
            yield message


def _says_something(message: str | tuple[str, ...]) -> bool:
    """Not only places for values: "{carrier}: {number}" is the same in every language."""
    return bool(re.search(r"[^\W\d_]", re.sub(r"\{\w*\}|%\(\w+\)s", "", "".join(message))))


def kept(language: str) -> Catalog:
    path = LOCALE / language / "counterproof.po"
    if not path.is_file():
        return Catalog(locale=language, project="Counterproof", charset="utf-8")
    with path.open("rb") as file:
        return read_po(file, locale=language)


def renew(language: str) -> tuple[int, int]:
    """Add what is new, drop what is gone, keep every translation: (messages, of them untranslated)."""
    before, now = kept(language), Catalog(locale=language, project="Counterproof", charset="utf-8")
    for message in found():
        if message.id:
            old = before.get(message.id if isinstance(message.id, str) else message.id[0])
            now.add(message.id, old.string if old is not None and type(old.id) is type(message.id) else None)
    path = LOCALE / language / "counterproof.po"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_po(file, now, width=120, omit_header=True, sort_output=True)
    head = (
        f'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n"Plural-Forms: {now.plural_forms}\\n"\n\n'
    )
    path.write_text(head + path.read_text(encoding="utf-8"), encoding="utf-8")
    return len(now), sum(1 for each in now if each.id and not translated(each))


def translated(message: Any) -> bool:
    forms = [message.string] if isinstance(message.string, str) else list(message.string or ())
    return bool(forms) and all(forms) and not message.fuzzy


if __name__ == "__main__":
    for each in LANGUAGES:
        if each != DEFAULT:
            messages, left = renew(each)
            sys.stdout.write(f"{each}: {messages} messages, {left} untranslated\n")
