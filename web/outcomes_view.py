"""Which decided cases the outcomes page looks at, as its address says, and the addresses that lead on from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from urllib.parse import urlencode

from disputes import links
from disputes.clock import local_day
from disputes.store_outcomes import WHICH, Key, Scope, Wanted
from templates.language import marked as _
from templates.language import say
from web.visit import Invalid, Visit

PERIODS = {
    "30": _("The last 30 days"),
    "90": _("The last 90 days"),
    "365": _("The last 365 days"),
    "all": _("All"),
    "custom": _("From … to …"),
}
DEFAULT = "365"
_OF_PAGE = ("side", "period", "from", "to", "gateway")
_OF_LIST = (
    "which", "network", "category", "kind", "product_type", "currency", "held", "lacked", "band", "month",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Chosen:
    """What stands in the address; empty where nothing is said."""

    slug: str
    said: Mapping[str, str] = field(default_factory=dict)

    def __getitem__(self, name: str) -> str:
        return self.said.get(name, "")

    def page(self, **changed: str) -> str:
        """The page itself, for the same cases."""
        return self._address("", {**self.said, **changed}, _OF_PAGE)

    def csv(self) -> str:
        return self._address(".csv", self.said, _OF_PAGE)

    def cases(self, which: str, **narrowed: str) -> str:
        """The list of exactly the cases behind one figure of the page."""
        only_page = {name: self[name] for name in _OF_PAGE}
        return self._address("/cases", {**only_page, "which": which, **narrowed}, (*_OF_PAGE, *_OF_LIST))

    def more(self, after: Key) -> str:
        key = {"after": f"{after[0].isoformat()}~{after[1]}"}
        return self._address("/cases", {**self.said, **key}, (*_OF_PAGE, *_OF_LIST, "after"))

    def first(self) -> str:
        return self._address("/cases", self.said, (*_OF_PAGE, *_OF_LIST))

    def _address(self, end: str, said: Mapping[str, str], names: tuple[str, ...]) -> str:
        ordered = {name: said[name] for name in names if said.get(name)}
        if ordered.get("period") == DEFAULT:
            del ordered["period"]
        return links.outcomes(self.slug) + end + (f"?{urlencode(ordered)}" if ordered else "")


def chosen_of(visit: Visit) -> Chosen:
    said = {name: value for name, value in visit.request.query_params.items() if value and len(value) <= 60}
    known = {name: said[name] for name in (*_OF_PAGE, *_OF_LIST) if name in said}
    period = known.get("period", DEFAULT)
    if "from" in known or "to" in known:
        # Days that were typed mean that they are wanted, whatever the choice beside them says.
        period = "custom" if period in (DEFAULT, "custom") else period
    known["period"] = period if period in PERIODS else DEFAULT
    if known["period"] != "custom":
        known.pop("from", None), known.pop("to", None)
    return Chosen(visit.merchant.slug, known)


def scope_of(visit: Visit, chosen: Chosen, *, live: bool) -> Scope:
    """Raises Invalid for days that are none, or the wrong way round."""
    first, last = days_of(visit, chosen)
    return Scope(
        merchant_id=visit.merchant.id,
        live=live,
        first=_number(first) if first else None,
        last=_number(last) if last else None,
        gateway=chosen["gateway"] if chosen["gateway"].replace("_", "").isalnum() else "",
    )


def days_of(visit: Visit, chosen: Chosen) -> tuple[date | None, date | None]:
    """First and last day of the period in the shop's zone; None where it is open."""
    period = chosen["period"]
    if period == "all":
        return None, None
    if period != "custom":
        today = local_day(visit.now, visit.merchant.zone)
        return today - timedelta(days=int(period) - 1), today
    first, last = _day(chosen["from"]), _day(chosen["to"])
    if first and last and first > last:
        raise Invalid(say("The first day of the period lies after its last. Choose them the other way round."))
    return first, last


def wanted_of(chosen: Chosen, scope: Scope) -> Wanted:
    month = chosen["month"]
    which = chosen["which"] or "decided"
    if which not in WHICH or (month and not (month.isascii() and month.isdigit() and len(month) == 6)):
        raise Invalid(say("This address of a list of cases is damaged. Start from the outcomes page."))
    parts = ("network", "category", "kind", "product_type", "currency", "held", "lacked", "band")
    return Wanted(scope, which, month=int(month) if month else None, **{name: chosen[name] for name in parts})


def key_of(after: str) -> Key | None:
    if not after:
        return None
    at, _between, result_id = after.partition("~")
    damaged = Invalid(say("This address of a page in the middle of a list is damaged. Start from its first page."))
    try:
        instant = datetime.fromisoformat(at)
    except ValueError:
        raise damaged from None
    if instant.tzinfo is None or not result_id:
        raise damaged
    return instant, result_id


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Invalid(say("“%(text)s” is no day. Choose it like 2026-11-22.") % {"text": text}) from None


def _number(day: date) -> int:
    return day.year * 10_000 + day.month * 100 + day.day
