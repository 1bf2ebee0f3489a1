"""Asking the Admin API: paced by the server's own numbers, with the errors that come inside HTTP 200 told apart."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from disputes.phrases import phrase
from disputes.systems import Outside, SourceError, SourceFailure
from evidence.systems.http import Http
from evidence.systems.mapping import at, listed, text

TITLE = "Shopify"
_PATIENCE = (0.5, 2.0)
"""Seconds before a question is asked again that failed by a fault of the server's own."""
_SHORTEST, _OFTEN = 0.05, 20
_OWN_FAULTS = frozenset({"INTERNAL_SERVER_ERROR", "TIMEOUT", "SERVICE_UNAVAILABLE"})


class TooCostly(SourceError):
    """The question would cost more than any single one may: it has to be asked in smaller pieces."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """One error beside data that came nevertheless. `path`: where in the answer something is missing."""

    path: tuple[str | int, ...]
    code: str
    words: str

    @property
    def denied(self) -> bool:
        """A right is missing: it will be missing the next time too."""
        return self.code == "ACCESS_DENIED"


@dataclass(frozen=True, slots=True)
class Told:
    """What was answered, perhaps with pieces missing."""

    data: dict[str, Any]
    troubles: tuple[Trouble, ...]
    request: str


class Graph:
    """One shop's GraphQL endpoint; it remembers how many points are left there and what a question asked for."""

    def __init__(self, http: Http, path: str, outside: Outside) -> None:
        self._http, self._path, self._outside = http, path, outside
        self._left: tuple[float, float, float] | None = None
        self._asked_for: dict[str, float] = {}

    def ask(self, document: str, variables: Mapping[str, Any] | None = None) -> Told:
        """Raises SourceError where there is no data at all."""
        key = f"{document}{(variables or {}).get('first', '')}"
        own_faults = 0
        for _ in range(_OFTEN):
            self._wait(self._missing(self._asked_for.get(key, 0.0)))
            answer = self._http.post(self._path, {"query": document, "variables": dict(variables or {})})
            content = answer.json
            requested = self._remember(content, key)
            troubles = _troubles(content)
            codes = {each.code for each in troubles}
            if "THROTTLED" in codes:
                self._wait(max(_SHORTEST, self._missing(requested or 1.0)))
                continue
            data = at(content, "data")
            if isinstance(data, dict) and any(value is not None for value in data.values()):
                return Told(data, troubles, answer.request)
            if codes & _OWN_FAULTS and own_faults < len(_PATIENCE):
                self._wait(_PATIENCE[own_faults])
                own_faults += 1
                continue
            raise _failed(troubles)
        raise SourceError(
            SourceFailure.RATE_LIMITED,
            phrase("{title} asks to be called less often.", title=TITLE),
            retry_after=self._missing(1000.0),
        )

    def _missing(self, points: float) -> float:
        """Seconds until so many points are there, as the server's last numbers say."""
        if self._left is None or not points:
            return 0.0
        available, rate, told_at = self._left
        by_now = available + rate * (time.monotonic() - told_at)
        return max(0.0, (points - by_now) / rate)

    def _wait(self, seconds: float) -> None:
        if seconds <= 0:
            return
        if seconds > self._outside.left():
            raise SourceError(
                SourceFailure.RATE_LIMITED,
                phrase("{title} asks to be called less often.", title=TITLE),
                retry_after=math.ceil(seconds),
            )
        time.sleep(seconds)

    def _remember(self, content: Any, key: str) -> float:
        """The points the question asked for, 0 where the server does not say."""
        try:
            cost = at(content, "extensions.cost")
            requested = float(at(cost, "requestedQueryCost") or 0)
            status = at(cost, "throttleStatus")
            available, rate = float(status["currentlyAvailable"]), float(status["restoreRate"])
        except (KeyError, TypeError, ValueError):
            return 0.0
        if rate > 0:
            self._left = available, rate, time.monotonic()
        self._asked_for[key] = requested
        return requested


def _troubles(content: Any) -> tuple[Trouble, ...]:
    errors = at(content, "errors")
    if isinstance(errors, str):
        errors = [{"message": errors}]
    return tuple(
        Trouble(
            tuple(step for step in each.get("path") or () if isinstance(step, (str, int))),
            str(at(each, "extensions.code") or ""),
            (text(str(each.get("message") or phrase("no reason given"))) or "")[:300],
        )
        for each in listed(errors)
    )


def _failed(troubles: tuple[Trouble, ...]) -> SourceError:
    said = next((each.words for each in troubles), phrase("it sent no data"))
    codes = {each.code for each in troubles}
    if "ACCESS_DENIED" in codes:
        return SourceError(
            SourceFailure.RIGHTS, phrase("{title} refuses this key what was asked: {said}", title=TITLE, said=said)
        )
    if "MAX_COST_EXCEEDED" in codes:
        return TooCostly(
            SourceFailure.REFUSED, phrase("{title} finds the question too large: {said}", title=TITLE, said=said)
        )
    if codes & _OWN_FAULTS:
        return SourceError(
            SourceFailure.UNAVAILABLE, phrase("{title} has a fault of its own: {said}", title=TITLE, said=said)
        )
    if not troubles:
        return SourceError(SourceFailure.MALFORMED, phrase("{title} answered without data.", title=TITLE))
    return SourceError(SourceFailure.REFUSED, phrase("{title} refused the question: {said}", title=TITLE, said=said))
