"""A web page as the words a visitor reads in it: no navigation, no scripts, no banners, nothing hidden."""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser

import nh3

from evidence.mail.hypertext import MAX_NESTING, to_text

_KEPT = {
    "a", "address", "article", "b", "blockquote", "body", "br", "caption", "center", "code", "dd", "details", "div",
    "dl", "dt", "em", "figcaption", "font", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "li", "main", "mark", "ol",
    "p", "pre", "s", "section", "small", "span", "strong", "sub", "summary", "sup", "table", "tbody", "td", "tfoot",
    "th", "thead", "tr", "u", "ul",
}  # fmt: skip
_DROPPED = {
    "aside", "button", "dialog", "footer", "form", "header", "iframe", "nav", "noscript", "object", "script", "select",
    "style", "svg", "template", "textarea", "title",
}  # fmt: skip
_ATTRIBUTES = {"*": {"style", "class", "id", "hidden", "color", "bgcolor", "role"}, "font": {"size"}}
_ROLES = frozenset({"navigation", "banner", "contentinfo", "search", "dialog", "alertdialog", "complementary", "menu"})
_ASIDE = re.compile(r"(?:^|[\s_-])(?:cookie|consent|gdpr|breadcrumbs?|newsletter|popup|modal|skip-link)", re.IGNORECASE)
_VOID = frozenset({"br", "hr"})
_SHEET = re.compile(r"<style[\s>].{0,100000}?</style\s*>", re.IGNORECASE | re.DOTALL)
_FEWEST = 15


def page_text(source: str) -> str:
    """The words of the part marked as the main one, else of the whole page. Raises TooMuch for a page nested so deeply
    that nobody would read it."""
    sheets = "".join(_SHEET.findall(source)[:20])
    # A sheet's rules and the page are given apart: cleaning would drop the sheet and with it what it hides.
    tidy = nh3.clean(source, tags=_KEPT, clean_content_tags=_DROPPED, attributes=_ATTRIBUTES, link_rel=None)
    for only in ("main", "article", ""):
        part = _Part(only)
        part.feed(tidy)
        part.close()
        words, _ = to_text(sheets + "".join(part.pieces))
        if len(words.split()) >= _FEWEST or not only:
            return words
    return ""


class _Part(HTMLParser):
    """Copies what lies inside `only` ("" is everything) and outside of banners and navigation."""

    def __init__(self, only: str) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._only = only
        self._open: list[tuple[str, bool, bool]] = []  # tag, inside, shown

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        _, inside, shown = self._open[-1] if self._open else ("", not self._only, True)
        role = given.get("role", "").casefold()
        inside = inside or tag == self._only or (self._only == "main" and role == "main")
        marks = f"{given.get('class', '')} {given.get('id', '')}"
        shown = shown and role not in _ROLES and not _ASIDE.search(marks)
        if inside and shown:
            self.pieces.append(self.get_starttag_text() or "")
        if tag not in _VOID and len(self._open) <= MAX_NESTING:
            self._open.append((tag, inside, shown))

    def handle_endtag(self, tag: str) -> None:
        if tag in _VOID or not any(each == tag for each, *_ in self._open):
            return
        while self._open:
            name, inside, shown = self._open.pop()
            if inside and shown:
                self.pieces.append(f"</{name}>")
            if name == tag:
                return

    def handle_data(self, data: str) -> None:
        _, inside, shown = self._open[-1] if self._open else ("", not self._only, True)
        if inside and shown:
            self.pieces.append(html.escape(data, quote=False))
