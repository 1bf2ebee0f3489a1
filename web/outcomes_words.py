"""What the outcomes page calls things."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from babel import dates, numbers

from disputes.knowledge import evidence_items
from disputes.money import Money
from disputes.titles import gateway_title
from templates.language import locale, number_words, say, say_many, share_words
from templates.language import marked as _
from web import words
from web.pages.letterhead import PRODUCT_TYPES

BAND = {
    "late": _("After the deadline"),
    "under_6h": _("Less than 6 hours before"),
    "under_1d": _("6 to 24 hours before"),
    "under_3d": _("1 to 3 days before"),
    "under_7d": _("3 to 7 days before"),
    "over_7d": _("7 days or more before"),
}
WHICH = {
    "decided": _("Decided cases"),
    "contested": _("Contested cases"),
    "not_contested": _("Cases that were not contested"),
    "judged": _("Contested cases that were won or lost"),
    "won": _("Contested and won"),
    "lost": _("Contested and lost"),
    "unjudged": _("Contested, then withdrawn or ended without a judgement"),
    "answers": _("Answers that were given"),
    "by_rule": _("Answers a rule approved"),
    "by_person": _("Answers a person approved"),
    "elsewhere": _("Answers that were given elsewhere"),
    "accepted": _("Cases that were accepted here"),
    "missed": _("Deadlines that passed without an answer"),
    "attended": _("Cases somebody worked on at the desk"),
    "booked": _("Cases the gateway booked money for"),
}
ANSWERED = {
    "rule": _("Approved by a rule"),
    "person": _("Approved by a person"),
    "elsewhere": _("Answered elsewhere"),
    "accepted": _("Accepted here"),
    "missed": _("Deadline passed"),
    "no": _("Not answered"),
}


def value(dimension: str, name: str) -> str:
    """A value of one of the page's dimensions as people read it."""
    if name in ("", "unknown"):
        return say("Not known")
    match dimension:
        case "gateway":
            return say(gateway_title(name))
        case "network":
            return words.network(name)
        case "product_type":
            return say(PRODUCT_TYPES[name]) if name in PRODUCT_TYPES else words.plain(name)
        case "evidence":
            return evidence(name)
        case _:
            return words.plain(name)


def evidence(item: str) -> str:
    known = evidence_items().get(item)
    return say(known.label) if known else words.plain(item)


def result(name: str) -> str:
    return say("Went on") if name == "went_on" else words.status(name)


def between(interval: tuple[float, float] | None) -> str:
    """ "49% to 72%"; empty where nothing can be said."""
    if interval is None:
        return ""
    return say("%(low)s to %(high)s") % {"low": share_words(interval[0]), "high": share_words(interval[1])}


def hours(number: int) -> str:
    """A distance from the deadline; `number` is not below zero."""
    if number < 48:
        return say_many("%(n)s hour", "%(n)s hours", number) % {"n": number_words(number)}
    days, rest = divmod(number, 24)
    return say("%(days)s days %(hours)s h") % {"days": number_words(days), "hours": rest}


def seconds(number: int) -> str:
    minutes, rest = divmod(number, 60)
    return say("%(minutes)s min %(seconds)s s") % {"minutes": number_words(minutes), "seconds": rest}


def month(number: int, *, short: bool = False) -> str:
    """ "Nov 2026" of 202611, or "Nov" alone."""
    return dates.format_date(date(number // 100, number % 100, 1), "LLL" if short else "LLL y", locale=locale())


def compact(money: Money) -> str:
    """For the side of a chart: "12K EUR"."""
    return f"{numbers.format_compact_decimal(money.amount, locale=locale())} {money.currency}"


def tenths(number: int) -> str:
    """ "4.1" of 41 tenths."""
    return number_words(Decimal(number).scaleb(-1))
