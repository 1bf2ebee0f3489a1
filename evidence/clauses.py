"""The clause of a policy that matters: a bank reads twenty lines, not twenty pages. What is left out is marked."""

from __future__ import annotations

import re

from disputes.facts import Policy
from evidence.matching import normalise

LONG = 250
"""Words up to which a policy is quoted whole."""
OMITTED = "[...]"
_MATTERS = {
    "return": r"return|refund|exchange|send|sent|money back|credit|restocking|withdraw|original packag",
    "refund": r"refund|return|money back|credit|reimburs|withdraw",
    "cancellation": r"cancel|terminat|refund|notice|end of the (?:month|year|period|term)|renew",
    "shipping": r"ship|deliver|dispatch|carrier|courier|track|customs|parcel|handed over|postage",
    "renewal": r"renew|cancel|remind|charg|recurring|subscription",
}
_EXCEPTIONS = r"except|exclu|final|personal(?:is|iz)ed|perish|made to order|sale (?:item|good)"
"""A rule quoted without its exceptions would be another rule."""
_HEADING_WORDS = 9


def clause(policy: Policy) -> str:
    """The paragraphs that speak of the policy's own subject, each under its heading, or the whole text where it is
    short, has no such part, or is of terms in general. Nothing is cut within a paragraph."""
    told = lines_of(policy)
    if all(kept for _, kept in told):
        return policy.text
    return "\n".join(_quoted([line for line, _ in told], [kept for _, kept in told]))


def lines_of(policy: Policy) -> tuple[tuple[str, bool], ...]:
    """Its paragraphs, and whether each is quoted."""
    lines = [line.strip() for line in policy.text.split("\n") if line.strip()]
    matters = _MATTERS.get(policy.kind)
    if matters is None or len(policy.text.split()) <= LONG:
        return tuple((line, True) for line in lines)
    kept = _kept(lines, re.compile(rf"\b(?:{matters}|{_EXCEPTIONS})"))
    return tuple((line, hit or not any(kept)) for line, hit in zip(lines, kept, strict=True))


def _kept(lines: list[str], matters: re.Pattern[str]) -> list[bool]:
    said = [bool(matters.search(normalise(line))) for line in lines]
    kept = [hit and not _heading(line) for line, hit in zip(lines, said, strict=True)]
    heading: int | None = None
    for place, line in enumerate(lines):
        if _heading(line):
            heading = place
            continue
        # A paragraph belongs to its heading's subject, and points of a list to the sentence that opens it.
        opened = place > 0 and kept[place - 1] and (lines[place - 1].endswith(":") or _point(lines[place - 1]))
        under = heading is not None and said[heading]
        kept[place] = kept[place] or under or (opened and _point(line))
        if kept[place] and heading is not None:
            kept[heading] = True
    return kept


def _heading(line: str) -> bool:
    return (
        len(line.split()) <= _HEADING_WORDS and not line.endswith((".", ":", ";", ",", "!", "?")) and not _point(line)
    )


def _point(line: str) -> bool:
    return bool(re.match(r"[-*•–]\s|\(?[a-z]\)\s|[ivx]+\)\s", line))


def _quoted(lines: list[str], kept: list[bool]) -> list[str]:
    found: list[str] = []
    for line, keep in zip(lines, kept, strict=True):
        if keep:
            found.append(line)
        elif not found or found[-1] != OMITTED:
            found.append(OMITTED)
    return found
