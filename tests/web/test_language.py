"""The languages: every text has its translation, every page says its texts through them, and people may choose."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from html.parser import HTMLParser
from typing import Any

import pytest
import sqlalchemy as sa
from babel.messages.catalog import Message
from sqlmodel import SQLModel

from disputes import links
from disputes.models import Merchant
from evidence.systems.kinds import kinds
from templates import language
from tests import catalogue
from tests.web.desk import Browser, Desk

OTHERS = [each for each in language.LANGUAGES if each != language.DEFAULT]
_PLACE = re.compile(r"%\((\w+)\)s|\{(\w+)\}|(</?\w+[^>]*>)")


def messages() -> list[Message]:
    return [each for each in catalogue.found() if each.id]


def places(text: str) -> set[str]:
    return {next(part for part in found if part) for found in _PLACE.findall(text)}


class TestACatalogue:
    @pytest.mark.parametrize("name", OTHERS)
    def test_holds_every_text_and_no_other(self, name: str) -> None:
        """Renewed by `python -m tests.catalogue`."""
        wanted = {each.id for each in messages()}
        kept = {each.id for each in catalogue.kept(name) if each.id}
        assert {"missing": wanted - kept, "gone": kept - wanted} == {"missing": set(), "gone": set()}

    @pytest.mark.parametrize("name", OTHERS)
    def test_translates_every_text(self, name: str) -> None:
        assert [each.id for each in catalogue.kept(name) if each.id and not catalogue.translated(each)] == []

    @pytest.mark.parametrize("name", OTHERS)
    def test_keeps_the_places_that_values_go_into(self, name: str) -> None:
        wrong = []
        for each in catalogue.kept(name):
            ids, forms = ((each.id,), (each.string,)) if isinstance(each.id, str) else (each.id, tuple(each.string))
            if each.id and any(not places(form) <= places(" ".join(ids)) for form in forms if form):
                wrong.append(each.id)
            if each.id and isinstance(each.id, str) and each.string and places(each.string) != places(each.id):
                wrong.append(each.id)
        assert wrong == []


# ---- no text past the catalogue ------------------------------------------------------------------------------------


class _Marking(dict[str, tuple[str, ...]]):
    """A catalogue that has everything, and shows what came through it."""

    def get(self, key: str, default: Any = None) -> Any:
        return (f"⟦{key}⟧",) if re.search(r"\w", key) else default


class _Texts(HTMLParser):
    """What people read of a page: text, and the attributes that are spoken or shown."""

    _SILENT = frozenset({"script", "style", "code", "kbd", "time"})
    _SPOKEN = ("aria-label", "placeholder", "title", "alt", "data-says")

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self._silent: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        if tag in self._SILENT or (told.get("translate") == "no" and tag not in ("input", "img", "br")):
            self._silent.append(tag)
        if told.get("translate") != "no":
            self.said += [value for name, value in attrs if name in self._SPOKEN and value]

    def handle_endtag(self, tag: str) -> None:
        if self._silent and self._silent[-1] == tag:
            self._silent.pop()

    def handle_data(self, data: str) -> None:
        if not self._silent and data.strip():
            self.said.append(data.strip())


_WRITTEN = re.compile(
    r"\d{1,2} [A-Z][a-z]{2} \d{4}(, \d\d:\d\d (UTC[+-]?[\d:]*|[A-Z]+))?"  # dates, in the form of the language
    r"|−?[\d.,]+ [A-Z]{3}\b"  # money
    r"|\b[A-Z]\w+(/[\w+-]+)+"  # time zones
    r"|[\w.-]+@[\w.]+|https?://\S+|\S+\.(com|org)\S*|\S+…|\S+\.\.\.|\b[A-Z]{2,}-[\d-]+"  # examples
    r"|\bSHA-256\b|\d+ [KM]B"
)


def past_the_catalogue(page: str, data: str) -> list[str]:
    """Texts with a word in them that neither came through a catalogue nor stand in the data."""
    reader = _Texts()
    reader.feed(page)
    # A link may stand within a sentence that came through: what a mark encloses is looked at across the tags.
    left = "\n".join(reader.said)
    while (inner := re.sub(r"⟦[^⟦⟧]*⟧", " ", left)) != left:
        left = inner
    found = []
    for part in re.split(r"\s*[·,;:()–\n=]\s*|\s{2,}", _WRITTEN.sub("  ", left)):
        word = part.strip(" .…“”→+/-0123456789")
        if re.search(r"[^\W\d_]{2}", word) and unescape(word).casefold() not in data:
            found.append(part)
    return found


_NAMES = (
    "stripe paypal square shopify counterproof english türkçe visa mastercard json csv pdf utc gmt url api kb mb id "
    "https:// jan feb mar apr may jun jul aug sep oct nov dec eur try amex discover diners jcb unionpay klarna "
    "iyzico paytr cash app american express mastercard"
)


_EXAMPLES = (
    "Ayşe Yılmaz", "Shopify Payments", "Cash app", "Uncategorized text",
    "refund_returns terms-and-conditions", "/policies/refund-policy /policies/terms-of-service",
)  # fmt: skip


def held(desk: Desk) -> str:
    """Everything the database knows, as one text."""
    told = [*_NAMES.split(), *(each.title for each in kinds().values()), *_EXAMPLES]
    with desk.runtime.database.reading() as session:
        for table in SQLModel.metadata.sorted_tables:
            for row in session.execute(sa.select(table)):
                told += [str(value) for value in row if isinstance(value, (str, dict, list))]
    return "\n".join(told).casefold()


@pytest.fixture
def marked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(language, "_catalogue", lambda _name: language._Catalogue(_Marking(), lambda _number: 0))
    return


def shop(desk: Desk) -> tuple[Browser, Merchant]:
    person = desk.person()
    merchant = desk.shop(person)
    return desk.signed_in(person), merchant


def reached(browser: Browser, start: str, most: int = 60) -> Iterator[tuple[str, str]]:
    """Pages found by following links, one of each kind of address."""
    waiting, seen = [start], set[str]()
    while waiting and len(seen) < most:
        path = waiting.pop(0)
        shape = re.sub(r"/[a-z]{3}_[^/?]+|/\d+", "/…", path.partition("?")[0])
        if shape in seen:
            continue
        seen.add(shape)
        answer = browser.get(path)
        if answer.status_code != 200 or "text/html" not in answer.headers["content-type"]:
            continue
        yield path, answer.text
        waiting += [unescape(link) for link in re.findall(r'href="(/[^"#]*)', answer.text) if "/static/" not in link]


def test_no_page_says_a_text_past_the_catalogue(own_desk: Desk, marked: None) -> None:
    browser, merchant = shop(own_desk)
    own_desk.case(merchant)
    own_desk.case(merchant, by_hand=True)
    data = held(own_desk)
    wrong = {
        path: texts
        for path, page in reached(browser, links.queue(merchant.slug))
        if (texts := past_the_catalogue(page, data))
    }
    assert wrong == {}


class TestChoosing:
    def test_a_browser_is_answered_as_it_asks(self, desk: Desk) -> None:
        with desk.browser(headers={"accept-language": "tr-TR,tr;q=0.9,en;q=0.5"}) as client:
            assert '<html lang="tr">' in client.get("/sign-in").text
        with desk.browser(headers={"accept-language": "fr"}) as client:
            assert '<html lang="en">' in client.get("/sign-in").text

    def test_a_choice_holds_and_leads_back(self, desk: Desk) -> None:
        browser, merchant = shop(desk)
        queue = links.queue(merchant.slug)
        answer = browser.post("/language", language="tr", back=queue)
        assert answer.headers["location"] == queue
        assert '<html lang="tr">' in browser.get(queue).text

    def test_it_never_leads_to_another_site(self, desk: Desk) -> None:
        with desk.browser() as client:
            for back in ("https://elsewhere.example/", "//elsewhere.example", "/\\elsewhere.example"):
                answer = client.post("/language", data={"language": "tr", "back": back})
                assert answer.headers["location"] == "/"

    def test_an_unknown_language_is_refused(self, desk: Desk) -> None:
        with desk.browser() as client:
            assert client.post("/language", data={"language": "xx", "back": "/"}).status_code == 422


def test_money_dates_and_shares_are_written_as_the_language_does() -> None:
    from datetime import UTC, datetime

    from disputes.money import Money

    at = datetime(2026, 11, 5, 14, 32, tzinfo=UTC)
    with language.speaking("en"):
        assert language.money_words(Money(123450, "EUR")) == "1,234.50 EUR"
        assert language.instant_words(at, "Europe/Istanbul") == "5 Nov 2026, 17:32 UTC+3"
        assert language.share_words(0.5) == "50%"
    with language.speaking("tr"):
        assert language.money_words(Money(-123450, "TRY")) == "−1.234,50 TRY"
        assert language.instant_words(at, "UTC") == "5 Kas 2026, 14:32 UTC"
        assert language.share_words(0.5) == "%50"
