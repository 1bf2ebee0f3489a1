"""Filling a template by name: pages and HTML mails are escaped, text mails are not."""

from __future__ import annotations

from functools import cache
from typing import Any

from jinja2 import Environment

from templates import environment


@cache
def _plain() -> Environment:
    return environment().overlay(autoescape=False)


def html(name: str, **context: Any) -> str:
    return environment().get_template(name).render(context)


def text(name: str, **context: Any) -> str:
    return _plain().get_template(name).render(context)
