"""What came of an answer that left: what was sent, when, by whom, and what the gateway holds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from disputes.acts import ANSWERS
from disputes.models import Attempt
from disputes.response import Response
from templates.language import told
from web import words
from web.case_view import Case


@dataclass(frozen=True, slots=True)
class Pair:
    """One field or file: what was approved beside what the gateway reads back."""

    name: str
    approved: str
    there: str

    @property
    def same(self) -> bool:
        return self.approved == self.there


def compare(response: Response | None, attempt: Attempt) -> tuple[list[Pair], list[Pair]]:
    """Fields by value and files by the name that carries their hash: what was approved, what the gateway reads back."""
    back = attempt.read_back or {}
    there_fields, there_files = dict(back.get("fields", {})), dict(back.get("files", {}))
    approved = dict(response.fields) if response else {}
    files = {file.slot: file.name for file in response.files} if response else {}
    # What the gateway itself put beside ours (its own name for the customer, say) is no difference of the answer.
    fields = [Pair(name, value, there_fields.get(name, "")) for name, value in sorted(approved.items())]
    return fields, [Pair(slot, name, there_files.get(slot, "")) for slot, name in sorted(files.items())]


@dataclass(frozen=True, slots=True)
class Filed:
    """The last answer that left the house, as the case tells it."""

    attempt_id: str
    title: str
    at: datetime
    approver: str
    by_hand: bool
    answer: bool
    result: str
    gateway_status: str
    """The gateway's own word when it was read back; empty where nothing was."""
    same: bool | None
    """None: nothing was read back."""
    files: tuple[tuple[str, int, int], ...]
    """Name, pages, bytes."""
    letters: int
    """Characters in the text fields."""
    response_sha256: str


def filed(case: Case) -> Filed | None:
    attempt = next(_ended(case), None)
    if attempt is None:
        return None
    response = case.filed_response
    fields, files = compare(response, attempt)
    back = attempt.read_back
    by_hand = bool(back.get("by_hand"))
    at = datetime.fromisoformat(back["filed_at"]) if by_hand else attempt.ended_at or attempt.approved_at
    return Filed(
        attempt_id=attempt.id,
        title=words.act(attempt.act).title("filed"),
        at=at,
        approver=case.who(attempt.approved_by),
        by_hand=by_hand,
        answer=attempt.act in ANSWERS,
        result=told(attempt.result),
        gateway_status=str(back.get("status", "")),
        same=all(pair.same for pair in (*fields, *files)) if back and not by_hand else None,
        files=tuple((file.name, file.pages, file.size) for file in response.files) if response else (),
        letters=sum(map(len, response.fields.values())) if response else 0,
        response_sha256=attempt.response_sha256 or "",
    )


def _ended(case: Case) -> Iterator[Attempt]:
    """The newest first."""
    return (each for each in reversed(case.attempts) if each.state == "filed" and each.lane == "answer")
