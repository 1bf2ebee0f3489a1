"""The merchant as a form gives it: name, zone, and what stands at the head and foot of every answer."""

from __future__ import annotations

import re
from typing import Any
from zoneinfo import available_timezones

from templates.language import marked as _
from templates.language import say
from web.visit import Invalid, Posted

_EMAIL = re.compile(r"[^\s@<>,;:\"()\[\]\\]+@[^\s@<>,;:\"()\[\]\\]+\.[^\s@<>,;:\"()\[\]\\]+")
PRODUCT_TYPES = {
    "physical": _("Goods that are sent"),
    "digital": _("Digital goods"),
    "service": _("Services"),
    "subscription": _("Subscriptions"),
    "travel": _("Travel and events"),
}

MOST_RECIPIENTS = 20


def email_address(text: str) -> str:
    """One plain address; nothing that could become a second recipient or header."""
    if not _EMAIL.fullmatch(text) or not text.isprintable():
        raise Invalid(say("“%(typed)s” is no e-mail address like name@shop.example.") % {"typed": text[:80]})
    return text.casefold()


def recipients(form: Posted, *always: str) -> list[str]:
    """Who the daily mail goes to, one address a line; those of `always` come first."""
    typed = [line.strip() for line in form.text("digest_recipients", 2000).split("\n")]
    found = list(dict.fromkeys([*always, *(email_address(line) for line in typed if line)]))
    if len(found) > MOST_RECIPIENTS:
        raise Invalid(say("At most %(n)s recipients.") % {"n": MOST_RECIPIENTS})
    return found


def letterhead(form: Posted) -> dict[str, Any]:
    """Columns of Merchant from the set-up and the settings form."""
    name, zone = form.line("name", 200), form.line("zone", 60)
    if not name:
        raise Invalid(say("The shop's name is missing."))
    if zone not in available_timezones():
        words = say("“%(zone)s” is no time zone. Choose one like Europe/Berlin: deadlines are shown in it.")
        raise Invalid(words % {"zone": zone})
    return {
        "name": name,
        "zone": zone,
        "legal_name": form.line("legal_name", 200) or name,
        "address": _lines(form.text("address", 600)),
        "country": form.line("country", 60),
        "contact": form.line("contact", 200),
        "registration": form.line("registration", 120),
        "signatory_name": form.line("signatory_name", 120),
        "signatory_role": form.line("signatory_role", 120),
        "page_size": "Letter" if form.line("page_size", 10) == "Letter" else "A4",
        "default_product_type": product_type(form.line("default_product_type", 20)) or "physical",
    }


def product_type(text: str) -> str | None:
    if text and text not in PRODUCT_TYPES:
        raise Invalid(say("That is no kind of product the desk knows."))
    return text or None


def _lines(text: str) -> list[str]:
    lines = [" ".join(line.split()) for line in text.split("\n") if line.strip()]
    if len(lines) > 6:
        raise Invalid(say("The address has more than six lines."))
    return lines
