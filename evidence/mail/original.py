"""A stored message as it was sent, made inert: nothing in it can run, load, send or lead anywhere."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape, unescape

import nh3

from disputes.phrases import phrase
from evidence.mail.decoding import header
from evidence.mail.parts import TooMuch, leaves, parse

_TAGS = frozenset(
    """abbr address article aside b blockquote br caption center cite code col colgroup dd del dfn div dl dt em
    figcaption figure font footer h1 h2 h3 h4 h5 h6 header hr i img ins kbd li main mark ol p pre q s samp section
    small span strike strong sub sup table tbody td tfoot th thead time tr tt u ul var""".split()  # noqa: SIM905
)
_ATTRIBUTES = {
    "img": {"src", "alt", "width", "height"},
    "td": {"colspan", "rowspan", "align", "valign"},
    "th": {"colspan", "rowspan", "align", "valign"},
    "ol": {"start"},
}
"""No style, class or link: what was hidden by a style can be seen, and nothing leads anywhere."""
_PICTURE = re.compile(r"data:image/(?:png|jpe?g|gif|webp);base64,[A-Za-z0-9+/=\s]{1,4000000}")
_SILENT = {"script", "style", "title", "template", "noscript", "svg", "math", "object", "iframe", "textarea", "select"}
HEADERS = ("From", "Sender", "Reply-To", "To", "Cc", "Date", "Subject", "Message-ID")


@dataclass(frozen=True, slots=True)
class Part:
    """One text of a message: `html` is sanitised, or `text` is plain."""

    html: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Original:
    headers: tuple[tuple[str, str], ...]
    parts: tuple[Part, ...]
    not_loaded: int = 0
    """Pictures that lie on somebody's server: they stay there."""
    not_kept: tuple[str, ...] = ()
    """Attachments by name."""


def original(data: bytes) -> Original:
    """Raises TooMuch for what no honest mail is. Where a message has both, the page is shown, not its plain twin."""
    message = parse(data)
    try:
        found = leaves(message)
    except RecursionError:
        raise TooMuch(phrase("is nested too deeply")) from None
    told = [(name, header(message, name)) for name in HEADERS]
    words = [leaf for leaf in found if leaf.words and not leaf.attached]
    pages = [leaf for leaf in words if leaf.kind == "text/html"]
    parts, not_loaded = [], 0
    for leaf in words:
        if leaf.kind == "text/html":
            html, left = inert(leaf.text)
            parts.append(Part(html=html))
            not_loaded += left
        elif leaf.forwarded or not pages:
            parts.append(Part(text=leaf.text))
    return Original(
        tuple((name, value) for name, value in told if value),
        tuple(parts),
        not_loaded,
        tuple(leaf.name or leaf.kind for leaf in found if leaf.attached),
    )


def inert(source: str) -> tuple[str, int]:
    """The page without anything but text, tables and pictures it carries itself; and how many it would have loaded."""
    left = 0

    def kept(tag: str, attribute: str, value: str) -> str | None:
        nonlocal left
        if (tag, attribute) != ("img", "src"):
            return value
        if _PICTURE.fullmatch(value):
            return value
        left += 1
        return None

    html = nh3.clean(
        source,
        tags=set(_TAGS),
        attributes={tag: set(names) for tag, names in _ATTRIBUTES.items()},
        attribute_filter=kept,
        clean_content_tags=_SILENT,
        url_schemes={"data", "http", "https", "cid"},
        link_rel=None,
    )
    return _WRITTEN.sub(_pictured, html), left


_WRITTEN = re.compile(r'<img((?: [a-z]+="[^"]*")*)>')
"""A picture as the sanitiser writes it."""


def _pictured(found: re.Match[str]) -> str:
    """A picture that stays has a text beside it; of one that does not, the text stays."""
    told = dict(re.findall(r' ([a-z]+)="([^"]*)"', found[1]))
    if "src" in told:
        return found[0] if "alt" in told else f'<img alt=""{found[1]}>'
    words = escape(unescape(told.get("alt", "")).strip())
    return f"[{words}]" if words else ""
