"""Paths of pages, because mails need them; checked against the routes by a test."""

from __future__ import annotations


def queue(slug: str) -> str:
    return f"/m/{slug}/"


def case(slug: str, dispute_id: str) -> str:
    return f"/m/{slug}/cases/{dispute_id}"


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
