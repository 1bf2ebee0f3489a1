"""WordPress pages as policies: the text of a page has been what it is since the page was last saved."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, cast

from disputes.clock import local_day
from disputes.facts import Policy, PolicyKind
from disputes.phrases import phrase, said_by
from disputes.systems import Kept
from evidence.mail.hypertext import to_text
from evidence.mail.parts import TooMuch
from evidence.matching import normalise
from evidence.sources.values import Unreadable
from evidence.sources.vocabulary import known
from evidence.systems import raw
from evidence.systems.mapping import at, listed, text, utc, words
from evidence.systems.pager import MAX_PAGES
from evidence.systems.woocommerce.site import Site

_SIZE = 100
_FIELDS = "id,slug,link,title,content,date_gmt,modified_gmt"


class Wanted:
    """Which pages are policies: "return = refund-returns, terms = Terms and conditions", by slug or title. Where
    nothing is said, those whose slug or title is one that policies usually have."""

    def __init__(self, said: str) -> None:
        self.unknown: list[str] = []
        self._kinds: dict[str, str] = {}
        for entry in re.split(r"[,;\n]", said):
            word, equals, page = entry.partition("=")
            if not entry.strip():
                continue
            name = normalise(page if equals else word)
            kind = known("policy_kinds", word) if equals else known("policy_pages", name)
            if kind and name:
                self._kinds[name] = kind
            else:
                self.unknown.append(entry.strip())

    def kind_of(self, page: dict[str, Any]) -> str | None:
        names = [normalise(str(at(page, path) or "")) for path in ("slug", "title.rendered")]
        if self._kinds:
            return next((self._kinds[name] for name in names if name in self._kinds), None)
        return next((kind for name in names if (kind := known("policy_pages", name))), None)


def pages(site: Site, wanted: Wanted, zone: str, refused: list[str]) -> Iterator[Kept]:
    for number in range(1, MAX_PAGES):
        answer = site.public(
            "wp/v2/pages",
            {"per_page": _SIZE, "page": number, "orderby": "id", "order": "asc", "_fields": _FIELDS},
        )
        found = listed(answer.json)
        for page in found:
            kind = wanted.kind_of(page)
            if kind is None:
                continue
            try:
                yield _kept(page, kind, answer.request, zone)
            except (Unreadable, TooMuch) as error:
                refused.append(
                    phrase("The page {at}: {why}; it was left out.", at=at(page, "slug"), why=said_by(error))
                )
        # A page after the last is an error in WordPress, not an empty list.
        if len(found) < _SIZE or answer.headers.get("x-wp-totalpages") == str(number):
            return


def _kept(page: dict[str, Any], kind: str, request: str, zone: str) -> Kept:
    changed = utc(at(page, "modified_gmt"))
    plain, _ = to_text(str(at(page, "content.rendered") or ""))
    body = words(plain)
    if not body:
        raise Unreadable(phrase("has no text"))
    title, _ = to_text(str(at(page, "title.rendered") or ""))
    policy = Policy(
        kind=cast(PolicyKind, kind),
        title=text(title) or f"{kind.capitalize()} policy",
        text=body,
        in_force_from=local_day(changed, zone),
    )
    content = {name: value for name, value in page.items() if name != "_links"}
    return Kept(
        kind="policy",
        external_id=f"page:{page.get('id')}:{changed:%Y-%m-%dT%H:%M:%S}",
        facts=(policy,),
        data=raw.part(content),
        name=f"WordPress page {at(page, 'slug')}.json",
        request=f"{request}, page {page.get('id')}",
    )
