"""What was approved beside what lies at the gateway."""

from __future__ import annotations

from disputes.phrases import Phrase, phrase
from disputes.ports import ReadBack
from disputes.response import Response


def differences(response: Response, back: ReadBack) -> list[Phrase]:
    """Where the gateway does not hold what was approved: fields by value, files by the name that carries their hash."""
    wrong = [Phrase(name) for name, value in sorted(response.fields.items()) if back.fields.get(name) != value]
    for file in response.files:
        there = back.files.get(file.slot)
        if there is None or there.name != file.name or there.size not in (file.size, None):
            wrong.append(phrase("file {name}", name=file.name))
    return wrong
