"""What was typed to connect a system, checked before anything is called."""

from __future__ import annotations

from collections.abc import Mapping

from disputes.addresses import BadAddress, checked
from disputes.phrases import phrase, said_by
from disputes.systems import Setting, SystemKind
from web.visit import Invalid, Posted

NOTHING = phrase("Nothing was stored.")
LONGEST_SECRET = 4000
"""A refresh token of a mailbox is long."""


def read_settings(
    form: Posted, kind: SystemKind, *, local: bool, known: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Every setting by its name. An empty secret keeps the `known` one, so that changing an address asks for no key."""
    found: dict[str, str] = {}
    for setting in kind.settings:
        value = form.text(setting.name, 4000) if _long(setting) else form.line(setting.name, LONGEST_SECRET)
        if not value and setting.secret and known:
            value = known.get(setting.name, "")
        if not value and setting.required:
            raise Invalid(
                phrase(
                    "{title}, {label}: this is needed. {nothing}",
                    title=kind.title,
                    label=setting.label,
                    nothing=NOTHING,
                )
            )
        if value:
            found[setting.name] = _checked(kind, setting, value, local=local)
    return found


def _long(setting: Setting) -> bool:
    """Several lines are taken where the example has several."""
    return "\n" in setting.example


def _checked(kind: SystemKind, setting: Setting, value: str, *, local: bool) -> str:
    if setting.choices and value not in dict(setting.choices):
        raise Invalid(
            phrase(
                "{title}, {label}: choose one of the list. {nothing}",
                title=kind.title,
                label=setting.label,
                nothing=NOTHING,
            )
        )
    if setting.secret and not value.isprintable():
        raise Invalid(
            phrase(
                "{title}, {label}: that is none. Paste it as {title} shows it. {nothing}",
                title=kind.title,
                label=setting.label,
                nothing=NOTHING,
            )
        )
    if not setting.address:
        return value
    address = value if "//" in value else f"https://{value}"
    try:
        return checked(address, loopback=local)
    except BadAddress as error:
        raise Invalid(
            phrase(
                "{title}, {label}: {error} {nothing} Nothing was called.",
                title=kind.title,
                label=setting.label,
                error=said_by(error),
                nothing=NOTHING,
            )
        ) from error


def split(kind: SystemKind, settings: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """What may be shown again, and what is sealed."""
    secret = {each.name for each in kind.settings if each.secret}
    shown = {name: value for name, value in settings.items() if name not in secret}
    return shown, {name: value for name, value in settings.items() if name in secret}
