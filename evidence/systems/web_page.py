"""Policies by their address: each page is looked at again and again, and kept when its words have changed."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import cast
from urllib.parse import urldefrag, urljoin, urlsplit

from disputes.addresses import BadAddress, checked
from disputes.clock import local_day
from disputes.facts import Policy, PolicyKind
from disputes.phrases import joined, phrase, said_by
from disputes.systems import (
    Batch,
    Brings,
    Kept,
    Outside,
    Setting,
    SourceError,
    SourceFailure,
    SystemAccount,
    SystemKind,
)
from evidence.mail.decoding import decode
from evidence.mail.parts import TooMuch
from evidence.redaction import mask
from evidence.sources.vocabulary import known
from evidence.systems.base import BaseSystem
from evidence.systems.http import MEGABYTE, Answer, Http, shown
from evidence.systems.mapping import words
from evidence.systems.page_text import page_text

TITLE = "Web page"
MAX_PAGES = 20
MAX_PAGE = 4 * MEGABYTE
MAX_MOVES = 3
_FEWEST_WORDS = 15
"""A page that says less is an error page or one that scripts fill; it is no policy."""
_ENTRY = re.compile(r"([^\s=,;]+)\s*=\s*([^\s,;]+)")
_NAMES = {
    "return": "Return policy", "refund": "Refund policy", "cancellation": "Cancellation policy",
    "shipping": "Shipping policy", "terms": "Terms", "renewal": "Renewal terms",
}  # fmt: skip
_CHARSET = re.compile(rb"charset\s*=\s*[\"']?\s*([\w.:-]{2,40})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Watched:
    kind: str
    url: str

    @property
    def name(self) -> str:
        return hashlib.sha256(f"{self.kind} {self.url}".encode()).hexdigest()[:8]

    @property
    def where(self) -> str:
        parts = urlsplit(self.url)
        return f"{parts.netloc}{parts.path}".rstrip("/")


@dataclass(frozen=True, slots=True)
class Seen:
    data: bytes
    text: str
    request: str

    @property
    def mark(self) -> str:
        """Of the words alone: a page whose markup changed says the same."""
        return hashlib.sha256(" ".join(self.text.split()).encode()).hexdigest()[:16]


class WebPages(BaseSystem):
    def __init__(self, settings: Mapping[str, str], outside: Outside) -> None:
        self.kind = KIND
        self._outside = outside
        self._site = settings["site"].strip().rstrip("/")
        self._pages, self._not_understood = _watched(settings.get("pages", ""), self._site)

    def account(self) -> SystemAccount:
        """Every page is read once; one that cannot be read is a warning, unless none can."""
        warnings = [_told(entry) for entry in self._not_understood]
        errors = []
        for page in self._pages:
            try:
                self._seen(page)
            except SourceError as error:
                errors.append(error)
                warnings.append(said_by(error))
        if not self._pages:
            raise SourceError(
                SourceFailure.REFUSED, joined(warnings) if warnings else phrase("No page is named; write kind = page.")
            )
        if len(errors) == len(self._pages):
            raise errors[0]
        host = urlsplit(self._site).netloc
        return SystemAccount(self._site.partition("//")[2].casefold(), host, warnings=tuple(warnings))

    def pull(self, cursor: str | None, *, since: datetime) -> Iterator[Batch]:
        """What was seen last is in the cursor, so that a page seen again as it was is not kept twice."""
        marks = _marks(cursor)
        refused = [_told(entry) for entry in self._not_understood]
        errors: list[SourceError] = []
        for page in self._pages:
            try:
                seen = self._seen(page)
            except SourceError as error:
                errors.append(error)
                refused.append(said_by(error))
                continue
            if marks.get(page.name) == seen.mark:
                continue
            marks[page.name] = seen.mark
            yield Batch((self._kept(page, seen),), _cursor(marks), len(self._pages))
        if errors and len(errors) == len(self._pages):
            raise errors[0]
        yield Batch((), _cursor(marks), len(self._pages), tuple(refused))

    def _kept(self, page: Watched, seen: Seen) -> Kept:
        """In force from the day it was first seen: since when it really holds, nobody has recorded."""
        today = local_day(self._outside.clock.now(), self._outside.zone)
        policy = Policy(
            kind=cast(PolicyKind, page.kind),
            title=f"{_NAMES[page.kind]} at {page.where}",
            text=seen.text,
            in_force_from=today,
        )
        return Kept(
            kind="policy",
            external_id=f"{page.name}:{today.isoformat()}:{seen.mark}",
            facts=(policy,),
            data=seen.data,
            name=f"{page.where.replace('/', ' ')} {today.isoformat()}.html",
            request=seen.request,
            media_type="text/html",
        )

    # ---- one page --------------------------------------------------------------------------------------------------

    def _seen(self, page: Watched) -> Seen:
        answer, url = self._fetched(page.url)
        kind, _, parameters = answer.headers.get("content-type", "text/html").partition(";")
        kind = kind.strip().casefold()
        if kind not in ("text/html", "application/xhtml+xml", "text/plain"):
            raise _no(page, phrase("is no web page but {kind}; save it and upload it instead", kind=kind[:60]))
        if len(answer.data) > MAX_PAGE:
            raise _no(page, phrase("is larger than {mb} MB", mb=MAX_PAGE // MEGABYTE))
        named = _CHARSET.search(parameters.encode()) or _CHARSET.search(answer.data[:2048])
        source, _ = decode(answer.data, named.group(1).decode("ascii", "replace") if named else None)
        try:
            text = words(source if kind == "text/plain" else page_text(source)) or ""
        except TooMuch:
            raise _no(page, phrase("is built too deep to be read; save it and upload it instead")) from None
        if len(text.split()) < _FEWEST_WORDS:
            raise _no(page, phrase("says next to nothing without scripts; save it and upload it instead"))
        masked = mask(source)
        data = masked.text.encode("utf-8", "replace") if masked.hits else answer.data
        return Seen(data, text, f"{TITLE}: GET {url}")

    def _fetched(self, url: str) -> tuple[Answer, str]:
        """The page, by a few redirections on its own machine; the address it was found at in the end."""
        first = urlsplit(url)
        for _ in range(MAX_MOVES + 1):
            parts = urlsplit(url)
            if parts.hostname != first.hostname or (parts.scheme, first.scheme) == ("http", "https"):
                raise _no_page(
                    first.geturl(),
                    phrase("points to another machine, {host}; name the page there", host=parts.hostname),
                )
            try:
                checked(url, loopback=self._outside.loopback)
            except BadAddress as error:
                raise SourceError(
                    SourceFailure.REFUSED, phrase("{url} is not fetched. {error}", url=url, error=said_by(error))
                ) from None
            origin = f"{parts.scheme}://{parts.netloc}"
            http = Http(
                phrase("The page {path}", path=parts.path or "/"),
                origin,
                self._outside,
                headers={"accept": "text/html, */*;q=0.5"},
            )
            answer = http.get(url, moved=True)
            http.close()
            if answer.status < 300:
                return answer, f"{origin}{shown(url)}"
            url = urldefrag(urljoin(url, answer.headers.get("location", url))).url
        raise _no_page(first.geturl(), phrase("is moved more than {most} times", most=MAX_MOVES))


def _watched(said: str, site: str) -> tuple[list[Watched], list[str]]:
    """ "return = /policies/returns, terms = https://..." ; and what of it is not understood."""
    found: list[Watched] = []
    for word, where in _ENTRY.findall(said):
        kind = known("policy_kinds", word)
        url = urldefrag(urljoin(f"{site}/", where if "//" in where else where.lstrip("/"))).url
        if kind:
            found.append(Watched(kind, url))
    rest = [entry.strip() for entry in re.split(r"[,;\n]", said) if entry.strip()]
    wrong = [each for each in rest if not (hit := _ENTRY.fullmatch(each)) or known("policy_kinds", hit[1]) is None]
    pages = list(dict.fromkeys(found))
    return pages[:MAX_PAGES], wrong + [each.url for each in pages[MAX_PAGES:]]


def _told(entry: str) -> str:
    return phrase(
        "{entry} is not watched: write kind = page, the kind being return, refund, "
        "cancellation, shipping, terms or renewal, {most} pages at most.",
        entry=repr(entry),
        most=MAX_PAGES,
    )


def _no(page: Watched, why: str) -> SourceError:
    return _no_page(page.url, why)


def _no_page(url: str, why: str) -> SourceError:
    return SourceError(SourceFailure.REFUSED, phrase("The page {shown} {why}.", shown=shown(url), why=why))


def _marks(cursor: str | None) -> dict[str, str]:
    try:
        content = json.loads(cursor or "{}")
    except ValueError:
        return {}
    return {str(name): str(mark) for name, mark in content.items()} if isinstance(content, dict) else {}


def _cursor(marks: Mapping[str, str]) -> str:
    return json.dumps(marks, sort_keys=True, separators=(",", ":"))


KIND = SystemKind(
    name="web_page",
    title=TITLE,
    version=1,
    brings=(Brings.POLICIES,),
    gives=phrase("Policies as they stand on your site: their words with the day each version was first seen."),
    needs=phrase(
        "Nothing but the pages' addresses. What was there before the first look is not known: upload older versions."
    ),
    settings=(
        Setting("site", phrase("Address of the site"), example="https://shop.example.com", address=True),
        Setting(
            "pages",
            phrase("Pages"),
            phrase(
                "What each page is, and where it lies: a path on the site or a whole address. Kinds are "
                "return, refund, "
                "cancellation, shipping, terms and renewal."
            ),
            example=phrase("return = /policies/refund-policy, terms = /policies/terms-of-service"),
        ),
    ),
    open=WebPages,
)
