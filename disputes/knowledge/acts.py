"""What each act at a gateway means to a merchant, and what has to be typed for it."""

from __future__ import annotations

from functools import cache
from typing import Any, Literal

from disputes.facts import Fact
from disputes.knowledge.data import load


class ActField(Fact):
    name: str
    """The gateway's own name; money is sent as `<name>.currency_code` and `<name>.value`."""
    label: str
    kind: Literal["text", "choice", "money"]
    required: bool
    limit: int | None = None
    """Characters."""


class ActForm(Fact):
    gateway: str
    act: str
    title: str
    meaning: str
    irreversible: bool
    moves_money: bool
    fields: tuple[ActField, ...]
    checked: str


@cache
def _forms() -> dict[tuple[str, str], ActForm]:
    forms = (_form(entry) for entry in load("acts")["acts"])
    return {(form.gateway, form.act): form for form in forms}


def _form(entry: dict[str, Any]) -> ActForm:
    fields = tuple(ActField(name=name, **told) for name, told in entry["fields"].items())
    return ActForm.model_validate({**{name: entry[name] for name in entry if name != "source"}, "fields": fields})


def act_form(gateway: str, act: str) -> ActForm | None:
    """None where the act is not built here: then the gateway's own page is the place."""
    return _forms().get((gateway, act))
