"""Paths of pages, because mails need them; checked against the routes by a test."""

from __future__ import annotations


def queue(slug: str) -> str:
    return f"/m/{slug}/"


def welcome(slug: str) -> str:
    return f"/m/{slug}/welcome"


def case(slug: str, dispute_id: str) -> str:
    return f"/m/{slug}/cases/{dispute_id}"


def outcomes(slug: str) -> str:
    return f"/m/{slug}/outcomes"


def connections(slug: str) -> str:
    return f"/m/{slug}/connections"


def sources(slug: str) -> str:
    return f"/m/{slug}/sources"


def settings(slug: str) -> str:
    return f"/m/{slug}/settings"


def calendar(token: str) -> str:
    return f"/calendar/{token}.ics"


def webhook(connection_id: str) -> str:
    return f"/webhooks/{connection_id}"


def source_webhook(source_id: str) -> str:
    return f"/webhooks/sources/{source_id}"


def asked(token: str) -> str:
    return f"/asked/{token}"


def setup(token: str) -> str:
    return f"/setup/{token}"


def sign_in() -> str:
    return "/sign-in"


def second_factor() -> str:
    return "/sign-in/second"


def team(slug: str) -> str:
    return f"/m/{slug}/team"


def account() -> str:
    return "/account"


def invited(token: str) -> str:
    return f"/invited/{token}"


def forgotten() -> str:
    return "/forgotten"


def reset(token: str) -> str:
    return f"/reset/{token}"


def audit(slug: str) -> str:
    return f"/m/{slug}/audit"


def policies(slug: str) -> str:
    return f"/m/{slug}/policies"


def export(slug: str) -> str:
    return f"/m/{slug}/settings/export"


def erase(slug: str) -> str:
    return f"/m/{slug}/settings/erase"
