"""Policies with the day they came into force. Which version counts is decided by the day of the order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import cast

from disputes.facts import Policy, PolicyKind
from disputes.phrases import phrase, said_by
from evidence.redaction import mask
from evidence.sources.reading import MEGABYTE, FileSeen, FileUnreadable, read
from evidence.sources.tables import decoded
from evidence.sources.values import Unreadable, calendar_day
from evidence.sources.vocabulary import known

MAX_POLICY = 2 * MEGABYTE


@dataclass(frozen=True, slots=True)
class PolicyRecord:
    policy: Policy
    data: bytes
    name: str
    applies_to: frozenset[str] = frozenset()
    """Product types it is for; empty: all."""
    series: str = ""
    """What it is a version of, where several of a kind stand side by side: a page's address."""


def read_policy(file: FileSeen, zone: str) -> PolicyRecord:
    """A text with a few "Name: value" lines before the first blank line. Raises FileUnreadable."""
    text = mask(decoded(file.name, read(file, MAX_POLICY)).replace("\r\n", "\n")).text
    head, words = _parted(text)
    kind = known("policy_kinds", head.get("kind"))
    if kind is None:
        raise FileUnreadable(
            phrase(
                "{name}: its first lines need 'Kind:': return, refund, cancellation, shipping, terms or renewal.",
                name=file.name,
            )
        )
    if "in_force_from" not in head:
        raise FileUnreadable(
            phrase(
                "{name}: its first lines need 'In force from:' with the day; without it nobody knows what held.",
                name=file.name,
            )
        )
    if not words:
        raise FileUnreadable(phrase("{name}: has no text below its first lines.", name=file.name))
    try:
        start = calendar_day(head["in_force_from"], zone)
    except Unreadable as error:
        raise FileUnreadable(phrase("{name}, in force from: {why}.", name=file.name, why=said_by(error))) from None
    policy = Policy(
        kind=cast(PolicyKind, kind),
        title=head.get("title") or f"{kind.capitalize()} policy",
        text=words,
        in_force_from=start,
        shown_where=head.get("shown_where"),
    )
    types = {known("product_types", word) for word in head.get("applies_to", "").split(",") if word.strip()}
    return PolicyRecord(policy, text.encode(), file.name, frozenset(each for each in types if each))


def _parted(text: str) -> tuple[dict[str, str], str]:
    head: dict[str, str] = {}
    lines = text.strip().removeprefix("---").lstrip("\n").split("\n")
    for number, line in enumerate(lines):
        name, colon, value = line.partition(":")
        field = known("policy_headers", name) if colon else None
        if field is None:
            rest = lines[number + 1 :] if line.strip() == "---" else lines[number:]
            return head, "\n".join(rest).strip()
        head[field] = value.strip()
    return head, ""


def in_force(records: Iterable[PolicyRecord], day: date | None, types: Sequence[str]) -> list[PolicyRecord]:
    """Of every kind the version in force on that day; an older or a later one is never shown to the bank."""
    if day is None:
        return []
    newest: dict[tuple[str, frozenset[str], str], PolicyRecord] = {}
    for record in records:
        if record.policy.in_force_from > day or (record.applies_to and types and not record.applies_to & set(types)):
            continue
        key = (record.policy.kind, record.applies_to, record.series)
        if key not in newest or newest[key].policy.in_force_from < record.policy.in_force_from:
            newest[key] = record
    return sorted(newest.values(), key=lambda record: (record.policy.kind, record.name))
