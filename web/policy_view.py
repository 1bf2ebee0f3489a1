"""Every version of every policy the desk knows, wherever it came from, as page and preview need them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlmodel import Session

from disputes import store_policies, store_sources
from disputes.facts import Policy, PolicyKind
from disputes.ids import digest
from disputes.models import PolicyVersion, SourceConnection, SourceRecord
from disputes.store import NotFound
from evidence.language import language_of
from evidence.policy_files import too_little
from evidence.sources.policies import PolicyRecord, in_force, read_policy
from evidence.sources.reading import FileUnreadable, files_in
from evidence.systems.kinds import kinds
from templates.language import marked as _
from templates.language import say
from web.sources import IMPORTS
from web.visit import Visit

KINDS: dict[PolicyKind, str] = {
    "return": _("Returns"),
    "refund": _("Refunds"),
    "cancellation": _("Cancellation"),
    "shipping": _("Shipping and delivery"),
    "terms": _("Terms of sale"),
    "renewal": _("Renewal of subscriptions"),
}
TITLES: dict[PolicyKind, str] = {
    "return": "Return policy",
    "refund": "Refund policy",
    "cancellation": "Cancellation policy",
    "shipping": "Shipping policy",
    "terms": "Terms of sale",
    "renewal": "Renewal terms",
}
"""What a policy is called where nobody named it. The bank reads it, so it stays English."""


@dataclass(frozen=True, slots=True)
class Version:
    """One version of one policy. `until` is the last day it was in force on; None: it still is."""

    key: str
    """In addresses: the entered version's id, or of what another origin told its record's id and place."""
    origin: str
    """What groups versions of one source together."""
    policy: Policy
    came: str
    """Where it came from, in words."""
    sha256: str
    name: str = ""
    at: datetime | None = None
    """When it was entered, or last read."""
    by: str = ""
    withdrawn_at: datetime | None = None
    applies_to: frozenset[str] = frozenset()
    """Product types it is for; empty: all."""
    until: date | None = None

    @property
    def entered(self) -> bool:
        return self.origin == store_policies.SOURCE

    @property
    def english(self) -> bool:
        return language_of(self.policy.text) == "english"

    @property
    def empty(self) -> bool:
        return too_little(self.policy.text)

    @property
    def words(self) -> int:
        return len(self.policy.text.split())


def versions(visit: Visit, session: Session) -> list[Version]:
    """Newest first within each kind; withdrawn ones at the end of theirs."""
    merchant_id = visit.merchant.id
    found = [_entered(each) for each in store_policies.entered(session, merchant_id, withdrawn=True)]
    for source, record in store_policies.from_sources(session, merchant_id):
        found += _told(source, record)
    found += _folder(visit)
    ended = [replace(each, until=_until(each, found)) for each in found]
    order = list(KINDS)
    return sorted(
        ended,
        key=lambda each: (
            order.index(each.policy.kind), each.withdrawn_at is not None, -each.policy.in_force_from.toordinal(),
            each.policy.title,
        ),
    )  # fmt: skip


def version(visit: Visit, session: Session, key: str) -> Version:
    found = next((each for each in versions(visit, session) if each.key == key), None)
    if found is None:
        raise NotFound(f"no policy {key}")
    return found


def held_on(found: Iterable[Version], day: date, types: Sequence[str] = ()) -> list[Policy]:
    """What each origin would bring to a case of that day: each chooses its own version, as when it gathers."""
    origins: dict[str, list[Version]] = {}
    for each in found:
        if each.withdrawn_at is None:
            origins.setdefault(each.origin, []).append(each)
    held: list[Policy] = []
    for origin, theirs in origins.items():
        # A folder has one policy of a kind; elsewhere a title of its own is a policy of its own.
        records = [
            PolicyRecord(each.policy, b"", each.key, each.applies_to, "" if origin == IMPORTS else each.policy.title)
            for each in theirs
        ]
        held += [record.policy for record in in_force(records, day, types)]
    return held


def _entered(row: PolicyVersion) -> Version:
    return Version(
        key=row.id,
        origin=store_policies.SOURCE,
        policy=store_policies.fact_of(row),
        came=say("Entered here"),
        sha256=row.sha256,
        at=row.added_at,
        by=row.added_by,
        withdrawn_at=row.withdrawn_at,
    )


def _told(source: SourceConnection, record: SourceRecord) -> Iterator[Version]:
    kind = kinds().get(source.system)
    title = kind.title if kind else source.system
    for place, fact in enumerate(store_sources.facts_of(record)):
        if isinstance(fact, Policy):
            yield Version(
                key=f"{record.id}-{place}",
                origin=source.id,
                policy=fact,
                came=f"{title}: {source.account_name}" if source.account_name else title,
                sha256=record.sha256,
                name=record.name,
                at=record.taken_at,
            )


def _folder(visit: Visit) -> Iterator[Version]:
    """The policies of the import folder, without the rest of it."""
    folder = visit.runtime.data / IMPORTS / visit.merchant.slug
    try:
        files = list(files_in(folder, "policies")) if folder.is_dir() else []
    except FileUnreadable:
        return
    for file in files:
        if not file.name.casefold().endswith((".md", ".txt")):
            continue
        try:
            read = read_policy(file, visit.merchant.zone)
        except FileUnreadable:
            continue  # the case that asks the folder says what is wrong with it
        sha256 = digest(read.data)
        came = say("Import folder")
        key = f"folder-{sha256[:20]}"
        yield Version(key, IMPORTS, read.policy, came, sha256, name=file.name, applies_to=read.applies_to)


def _until(one: Version, found: Sequence[Version]) -> date | None:
    """The day before the next version of the same policy from the same place."""
    later = [
        each.policy.in_force_from
        for each in found
        if each.origin == one.origin
        and each.withdrawn_at is None
        and (each.policy.kind, each.policy.title) == (one.policy.kind, one.policy.title)
        and each.policy.in_force_from > one.policy.in_force_from
    ]
    return min(later) - timedelta(days=1) if later else None


def kind_of(word: str) -> PolicyKind | None:
    return next((kind for kind in KINDS if kind == word), None)
