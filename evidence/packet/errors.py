"""What can go wrong with a packet or an upload, in words for the merchant."""

from __future__ import annotations

from collections.abc import Sequence

from disputes.phrases import Phrase, joined, phrase


class PacketRefused(Exception):
    """This packet is not made as it stands; each reason names the culprit and what to do."""

    def __init__(self, reasons: Sequence[str]) -> None:
        super().__init__(joined(reasons))
        self.reasons = [Phrase.of(each) for each in reasons]


class RenderFailed(PacketRefused):
    """The machinery failed or warned; nothing the merchant typed is known to be wrong."""


class FileRefused(Exception):
    """One file cannot be taken; `reason` is a clause for people: "is damaged"."""

    def __init__(self, name: str, reason: str) -> None:
        clause = reason if isinstance(reason, Phrase) else phrase(reason)
        super().__init__(phrase("{file} {clause}", file=repr(name), clause=clause))
        self.name = name
        self.reason = clause
