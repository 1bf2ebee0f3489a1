"""Policies that were entered at the desk: of each the version that held when the customer bought."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from disputes.facts import Policy
from disputes.files import FileMissing
from disputes.phrases import phrase
from disputes.ports import Gathered, SourceReport, Wanted
from evidence.sources.policies import PolicyRecord, in_force

TITLE = phrase("Shop policies")


@dataclass(frozen=True, slots=True)
class EnteredPolicy:
    policy: Policy
    sha256: str
    media_type: str
    request: str
    """Who entered it and when."""


@dataclass(slots=True)
class EnteredSource:
    """Asked once the shops have said which order it is, because the order's day decides. Asks nobody outside."""

    name: str
    versions: Callable[[], Sequence[EnteredPolicy]]
    """Every version that was not withdrawn."""
    file: Callable[[str], bytes]
    """Stored bytes by their SHA-256. Raises FileMissing."""
    zone: str
    """The merchant's: which day an order was placed on."""
    title: str = TITLE
    asks_first: bool = False

    def gather(self, wanted: Wanted) -> SourceReport:
        started = wanted.placed_at
        if started is None:
            return SourceReport(())
        day = started.astimezone(ZoneInfo(self.zone)).date()
        known = list(self.versions())
        # The title is what makes two texts of a kind versions of one policy, or two policies side by side.
        records = [
            PolicyRecord(each.policy, b"", str(place), series=each.policy.title) for place, each in enumerate(known)
        ]
        items, refused = [], []
        for chosen in in_force(records, day, []):
            entered = known[int(chosen.name)]
            try:
                data = self.file(entered.sha256)
            except FileMissing:
                names = {"title": self.title, "name": entered.policy.title}
                refused.append(phrase("{title}: the stored file of {name} is missing; it was left out.", **names))
                continue
            why = phrase("in force on {day}, the day of the order", day=day.isoformat())
            title, request = entered.policy.title, entered.request
            items.append(Gathered(data, entered.media_type, title, request, entered.policy, "certain", why))
        return SourceReport(tuple(items), (), tuple(refused))
