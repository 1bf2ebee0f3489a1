"""Pages read in a language that marks what came through the catalogue: what is left bare is data, or a leftover."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from html import unescape
from html.parser import HTMLParser
from typing import Any

import sqlalchemy as sa
from sqlmodel import SQLModel

from disputes.models.sentence import SentenceList, SentenceText
from evidence.systems.kinds import kinds
from scheduler.runtime import Runtime
from templates import language
from tests import catalogue
from tests.web.desk import Browser

_PLACE = re.compile(r"(%\(\w+\)[sd]|\{\w+\})")


class Marking(dict[str, tuple[str, ...]]):
    """Encloses a message's own words, ⟦Due ⟧{day}⟦ at the latest⟧: what is put in stays outside, for itself."""

    def get(self, key: str, default: Any = None) -> Any:
        return (_PLACE.sub(r"⟧\1⟦", f"⟦{key}⟧"),) if key in known() else default


@cache
def known() -> frozenset[str]:
    messages = (each.id for each in catalogue.kept("tr") if each.id)
    return frozenset(each if isinstance(each, str) else each[0] for each in messages)


def catalogue_of(_language: str) -> language._Catalogue:
    return language._Catalogue(Marking(), lambda _number: 0)


# ---- what a page says ----------------------------------------------------------------------------------------------


class _Texts(HTMLParser):
    """What people read of a page: text, and the attributes that are spoken or shown."""

    _SILENT = frozenset({"script", "style", "code", "kbd", "time", "iframe"})
    _SPOKEN = ("aria-label", "placeholder", "title", "alt", "data-says", "aria-description", "label")
    _EMPTY = frozenset({"input", "img", "br", "hr", "meta", "link", "source", "wbr", "col", "area"})

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self._silent: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        silent = tag in self._SILENT or told.get("translate") == "no"
        if (silent or self._silent) and tag not in self._EMPTY:
            self._silent.append(tag)
        if not silent and not self._silent:
            self.said += [value for name, value in attrs if name in self._SPOKEN and value]

    def handle_endtag(self, tag: str) -> None:
        if tag in self._silent:
            while self._silent.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        if not self._silent and data.strip():
            self.said.append(data.strip())


_WRITTEN = re.compile(
    r"\d{1,2} [A-Z][a-z]{2} \d{4}(, \d\d:\d\d (UTC[+-]?[\d:]*|[A-Z]+))?"  # dates, in the form of the language
    r"|−?[\d.,]+[KM%]? [A-Z]{3}\b"  # money
    r"|\b[A-Z]\w+(/[\w+-]+)+"  # time zones
    r"|[\w.-]+@[\w.]+|https?://\S+|\S+\.(com|org)\S*|\S+…|\S+\.\.\.|\b[A-Z]{2,}-[\d-]+"  # examples
    r"|\bSHA-256\b|\d+ [KM]B"
)
_NAMES = (
    "stripe paypal square shopify counterproof english türkçe visa mastercard json csv pdf utc gmt url api kb mb id "
    "https:// jan feb mar apr may jun jul aug sep oct nov dec eur try amex discover diners jcb unionpay klarna "
    "iyzico paytr cash app american express mastercard google microsoft"
)
_EXAMPLES = (
    "Ayşe Yılmaz", "Shopify Payments", "Cash app", "Uncategorized text",
    "refund_returns terms-and-conditions", "/policies/refund-policy /policies/terms-of-service",
)  # fmt: skip


def past_the_catalogue(page: str, data: str) -> list[str]:
    """Texts with a word in them that neither came through a catalogue nor stand in the data."""
    reader = _Texts()
    reader.feed(page)
    return bare("\n".join(reader.said), data)


def bare(text: str, data: str) -> list[str]:
    # A link may stand within a sentence that came through: what a mark encloses is looked at across the tags.
    while (inner := re.sub(r"⟦[^⟦⟧]*⟧", "\n", text)) != text:
        text = inner
    found = []
    for part in re.split(r"\s*[·,;:()–\n=]\s*|\s{2,}", _WRITTEN.sub("  ", text)):
        word = part.strip(" .…“”→+/-0123456789")
        if re.search(r"[^\W\d_]{2}", word) and not _is_data(unescape(word), unescape(part), data):
            found.append(part)
    return found


def _is_data(word: str, part: str, data: str) -> bool:
    """As it stands there, or with a number of its own behind it: a parcel's behind its carrier, a code's."""
    before, _, last = part.strip().casefold().rpartition(" ")
    return word.casefold() in data or (before in data and last in data and re.search(r"\d", last) is not None)


# ---- what is data --------------------------------------------------------------------------------------------------


def held(runtime: Runtime, without: tuple[str, ...] = ("outgoing_mail",)) -> str:
    """Everything the database knows, as one text. Of a sentence of our own only what was put into it is data."""
    told = [*_NAMES.split(), *(str(each.title) for each in kinds().values()), *_EXAMPLES]
    with runtime.database.reading() as session:
        for table in SQLModel.metadata.sorted_tables:
            if table.name in without:
                continue
            columns = [column for column in table.columns if not isinstance(column.type, (SentenceText, SentenceList))]
            sentences = [column for column in table.columns if column not in columns]
            for row in session.execute(sa.select(*columns)):
                told += [text for value in row for text in _data(value)]
            for row in session.execute(sa.select(*sentences)) if sentences else ():
                held = (each for value in row for each in (value if isinstance(value, list) else [value]) if each)
                told += [text for each in held for text in _put_in(each.as_json())]
    return "\n".join(told).casefold()


def _data(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
        if value[:1] in "{[":
            # Rows hold canonical JSON too.
            try:
                yield from _data(json.loads(value))
            except ValueError:
                return
    elif isinstance(value, Mapping):
        if isinstance(value.get("say"), str):
            yield from _put_in(value)
        else:
            yield from (text for name, each in value.items() for text in (name, *_data(each)))
    elif isinstance(value, (list, tuple)):
        yield from (text for each in value for text in _data(each))


def _put_in(sentence: Any) -> Iterator[str]:
    if isinstance(sentence, Mapping):
        for each in sentence.get("with", {}).values():
            yield from (_put_in(each) if isinstance(each, Mapping) else [str(each)])


# ---- walking -------------------------------------------------------------------------------------------------------


def links_of(page: str) -> list[str]:
    found = (
        unescape(link).translate({ord("⟦"): None, ord("⟧"): None}) for link in re.findall(r'href="(/[^"#]*)', page)
    )
    return [link for link in found if "/static/" not in link and "sign-out" not in link]


def kind_of(path: str) -> str:
    """One of each kind of address is read."""
    return re.sub(r"/[a-z]{3}_[^/?]+|/\d+|/[0-9a-f]{64}", "/…", path.partition("?")[0])


def reached(browser: Browser, *starts: str, most: int = 200) -> Iterator[tuple[str, str]]:
    """Pages found by following links from these: each start, then one of each kind of address."""
    waiting, seen = list(starts), {kind_of(each) for each in starts}
    while waiting and most:
        path, most = waiting.pop(0), most - 1
        answer = browser.get(path)
        if answer.status_code != 200 or "text/html" not in answer.headers["content-type"]:
            continue
        yield path, answer.text
        for link in links_of(answer.text):
            if kind_of(link) not in seen:
                seen.add(kind_of(link))
                waiting.append(link)


class _Forms(HTMLParser):
    """Forms that are posted: where to, what can be typed, and what they hold already."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, list[str], dict[str, str]]] = []
        self._open = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._open = told.get("method") == "post"
            if self._open:
                self.found.append((told.get("action", ""), [], {}))
        elif self._open and (name := told.get("name")) and name != "csrf":
            _, typed, held = self.found[-1]
            if tag == "input" and told.get("type") == "hidden":
                held[name] = told.get("value", "")
            elif tag in ("input", "textarea", "select") and told.get("type") != "file":
                typed.append(name)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = False


_LEAVES = ("/sign-out", "/language", "/sessions/end-others", "/end", "/off")
"""What would end the session, or change its language."""


def forms_of(page: str) -> Iterator[tuple[str, tuple[str, ...], dict[str, str]]]:
    reader = _Forms()
    reader.feed(page)
    for action, names, held in reader.found:
        path = unescape(action).translate({ord("⟦"): None, ord("⟧"): None})
        if path.startswith("/") and not path.endswith(_LEAVES):
            yield path, tuple(names), held
