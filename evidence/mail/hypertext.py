"""HTML mail as the text a reader would see. What is hidden from the eye is left out and said."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import nh3

from disputes.phrases import phrase
from evidence.mail.parts import TooMuch

_BLOCKS = frozenset(
    """address article aside blockquote br center dd div dl dt footer form h1 h2 h3 h4 h5 h6 header hr li main nav ol p
    pre section table td th tr ul""".split()  # noqa: SIM905 - thirty words read better than thirty strings
)
_VOID = frozenset("area base br col embed hr img input link meta source track wbr".split())  # noqa: SIM905
_KEPT = {"*": {"style", "class", "id", "hidden", "color", "bgcolor"}, "font": {"size"}}
_INLINE = frozenset("a b body em font i img small span strong tbody thead tfoot u s sub sup html".split())  # noqa: SIM905
_SILENT = {"script", "style", "title", "template", "noscript"}
_SELF_CLOSING = frozenset("p li dt dd tr td th thead tbody tfoot option colgroup body html head".split())  # noqa: SIM905
MAX_NESTING = 400
MAX_SHEETS = 20
MAX_SHEET = 100_000
_NONE = r"0*(?:\.0+)?(?:px|pt|em|rem|ex|vh|vw|%)?(?:;|!|$)"
_HIDDEN_STYLE = re.compile(
    r"(?:^|;)(?:"
    r"display:none|visibility:(?:hidden|collapse)|mso-hide:all"
    rf"|font-size:(?:{_NONE}|0*(?:\.\d+|1)p[xt](?:;|!|$))|font:[^;]{{0,60}}?(?<![\d./])0(?:px|pt|em)?[/a-z]"
    rf"|opacity:0*(?:\.0\d*)?(?:%|;|!|$)|(?:max-)?height:{_NONE}"
    r"|(?:text-indent|left|top|right|bottom|margin-left|margin-top):-\d{3,}(?:\.\d+)?(?:px|pt|em|rem|%|;|!|$)"
    r"|clip:rect\(0|clip:rect\(1px,1px|clip-path:(?:inset\((?:50|100)%|circle\(0|polygon\(0(?:px)?0)"
    r"|transform:[^;]{0,60}?(?:scale[xy]?\(0(?:\.0+)?[,)]|translate[xy]?\(-\d{4,})"
    r")"
)
_NO_WIDTH = re.compile(rf"(?:^|;)(?:max-)?width:{_NONE}")
_CLIPPED = re.compile(r"(?:^|;)overflow(?:-[xy])?:(?:hidden|clip)")
"""A box without width shows its words beside itself, unless what does not fit is cut off."""
_CONDITION = re.compile(r"@[^{;]{0,500}\{(?:[^{}]{0,2000}\{[^{}]{0,2000}\}){0,500}[^{}]{0,2000}\}")
_COLOUR = re.compile(r"(?:^|;)color:([^;!]+)")
_BACKGROUND = re.compile(r"(?:^|;)background(?:-color)?:([^;!]+)")
_PAINTED = re.compile(r"#[0-9a-f]{3,8}|rgba?\([\d.,]+\)|hsla?\([\d.,%]+\)")
_CLEAR = frozenset({"transparent", "inherit", "initial", "none", "unset", "rgba(0,0,0,0)"})
_NAMED = {
    "white": "#ffffff", "snow": "#fffafa", "ivory": "#fffff0", "ghostwhite": "#f8f8ff", "whitesmoke": "#f5f5f5",
    "black": "#000000", "silver": "#c0c0c0", "gray": "#808080", "grey": "#808080", "red": "#ff0000",
    "maroon": "#800000", "yellow": "#ffff00", "olive": "#808000", "lime": "#00ff00", "green": "#008000",
    "aqua": "#00ffff", "teal": "#008080", "blue": "#0000ff", "navy": "#000080", "fuchsia": "#ff00ff",
    "purple": "#800080", "orange": "#ffa500",
}  # fmt: skip
_ALIKE = 12
"""Of 255: two colours closer than this are one to the eye."""


def to_text(source: str) -> tuple[str, bool]:
    """The visible text with quotations marked "> ", and whether hidden text was dropped."""
    if _depth(source) > MAX_NESTING:
        raise TooMuch(phrase("has a page nested too deeply"))
    rules = _hiding_rules(source)
    # The sanitiser closes what was left open, so that the small parser below can count.
    tidy = nh3.clean(source, tags=set(_BLOCKS | _INLINE), attributes=_KEPT, clean_content_tags=_SILENT, link_rel=None)
    reader = _Reader(rules)
    reader.feed(tidy)
    reader.close()
    return reader.text(), reader.dropped


def _hiding_rules(source: str) -> frozenset[str]:
    """Classes and ids a style sheet hides, outside conditions such as @media."""
    names: set[str] = set()
    for opened in re.split(r"<style(?=[\s>])", source, maxsplit=MAX_SHEETS, flags=re.IGNORECASE)[1:]:
        sheet = re.split(r"</style", opened, maxsplit=1, flags=re.IGNORECASE)[0].partition(">")[2][:MAX_SHEET]
        plain = _CONDITION.sub("", re.sub(r"/\*.*?\*/", "", sheet, flags=re.DOTALL))
        for selectors, body in re.findall(r"([^{}]{1,500})\{([^{}]{0,2000})\}", plain):
            if _hides(_flat(body)):
                names.update(found.casefold() for found in re.findall(r"[.#]([\w-]+)\s*(?:,|$)", selectors.strip()))
    return frozenset(names)


def _depth(source: str) -> int:
    """How deep tags lie in each other at most, roughly; those that HTML closes by itself are not counted."""
    depth = deepest = 0
    for closing, tag in re.findall(r"<(/?)([a-zA-Z][a-zA-Z0-9]{0,20})", source):
        if tag.casefold() in _VOID or tag.casefold() in _SELF_CLOSING:
            continue
        depth = max(0, depth - 1) if closing else depth + 1
        deepest = max(deepest, depth)
    return deepest


def _flat(style: str) -> str:
    return re.sub(r"\s+", "", style).casefold()


def _hides(style: str) -> bool:
    if _HIDDEN_STYLE.search(style):
        return True
    return bool(_NO_WIDTH.search(style) and _CLIPPED.search(style))


class _Reader(HTMLParser):
    def __init__(self, rules: frozenset[str]) -> None:
        super().__init__(convert_charrefs=True)
        self.rules = rules
        self.dropped = False
        self._stack: list[tuple[str, bool, str, str]] = []  # tag, hidden, colour, background
        self._quotes = 0
        self._lines: list[tuple[int, str]] = [(0, "")]

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        if tag in _BLOCKS:
            self._break()
        if tag in _VOID:
            return
        _, hidden, colour, background = self._stack[-1] if self._stack else ("", False, "#000", "#fff")
        style = _flat(given.get("style", ""))
        words = {*given.get("class", "").casefold().split(), given.get("id", "").casefold()}
        colour = (_COLOUR.search(style) or [None, _flat(given.get("color", ""))])[1] or colour
        own = (_BACKGROUND.search(style) or [None, _flat(given.get("bgcolor", ""))])[1]
        background = _ground(own) if own and own not in _CLEAR else background
        hidden = hidden or "hidden" in given or _hides(style) or bool(words & self.rules)
        self._stack.append((tag, hidden, colour, background))
        if tag == "blockquote" or "gmail_quote" in words:
            self._quotes += 1
            self._break()

    def handle_endtag(self, tag: str) -> None:
        if tag in _BLOCKS:
            self._break()
        if tag in _VOID or not any(open_tag == tag for open_tag, *_ in self._stack):
            return
        while self._stack:
            if self._stack.pop()[0] == tag:
                break
        if tag == "blockquote":
            self._quotes = max(0, self._quotes - 1)

    def handle_data(self, data: str) -> None:
        if not data.strip():
            self._say(" ")
            return
        _, hidden, colour, background = self._stack[-1] if self._stack else ("", False, "#000", "#fff")
        if hidden or _unseen(colour, background):
            # Preview spacers are hidden everywhere and say nothing.
            self.dropped = self.dropped or bool(re.search(r"\w{2}", data))
            return
        self._say(data)

    def _say(self, words: str) -> None:
        depth, line = self._lines[-1]
        self._lines[-1] = (depth, line + re.sub(r"\s+", " ", words))

    def _break(self) -> None:
        if self._lines[-1][1].strip():
            self._lines.append((self._quotes, ""))
        else:
            self._lines[-1] = (self._quotes, "")

    def text(self) -> str:
        return "\n".join("> " * depth + line.strip() for depth, line in self._lines if line.strip())


def _unseen(colour: str, background: str) -> bool:
    """Any colour on the same, or nearly the same, and ink that is clear."""
    ink, paper = _rgb(colour), _rgb(background)
    if ink is None or paper is None:
        return colour in ("transparent", "rgba(0,0,0,0)") or colour == background
    if ink[3] < 0.1:
        return True
    return all(abs(one - other) <= _ALIKE for one, other in zip(ink[:3], paper[:3], strict=True))


def _ground(written: str) -> str:
    """The colour in "#fffurl(a.png)"; with a picture and no colour, the word itself, on which all is seen."""
    found = _PAINTED.search(written)
    return found[0] if found else written


def _rgb(colour: str) -> tuple[int, int, int, float] | None:
    """Red, green, blue of 255 and how opaque; None for what is no plain colour, as a picture."""
    colour = _NAMED.get(colour, colour)
    if found := re.fullmatch(r"#([0-9a-f]{3,8})", colour):
        digits = found[1] if len(found[1]) >= 6 else "".join(sign * 2 for sign in found[1])
        if len(digits) not in (6, 8):
            return None
        red, green, blue, *rest = (int(digits[at : at + 2], 16) for at in range(0, len(digits), 2))
        return red, green, blue, rest[0] / 255 if rest else 1.0
    if found := re.fullmatch(r"rgba?\((\d{1,3}),(\d{1,3}),(\d{1,3})(?:,(\d{0,3}(?:\.\d{1,6})?))?\)", colour):
        return int(found[1]), int(found[2]), int(found[3]), float(found[4]) if found[4] else 1.0
    if re.fullmatch(r"hsla?\(\d{1,3},\d{1,3}%,100%(?:,1)?\)", colour):
        return 255, 255, 255, 1.0
    return None
