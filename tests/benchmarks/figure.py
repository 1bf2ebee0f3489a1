"""One figure: ours and its baseline, run in turn, so that a machine that slows down slows both."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

RUNS = 7


@dataclass(frozen=True, slots=True)
class Figure:
    name: str
    ours: float
    baseline: float
    ratio: float
    unit: str
    note: str

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def timed(work: Callable[[], object]) -> float:
    """Seconds of one call, the collector kept out of it."""
    gc.collect()
    return 0.001 * lap(work)


def lap(work: Callable[[], object]) -> float:
    """Milliseconds of one short call out of many."""
    started = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - started)


def in_turn(
    name: str, ours: Callable[[], float], baseline: Callable[[], float], *, note: str, runs: int = RUNS, unit: str = "s"
) -> Figure:
    """Medians of pairs A B A B ...; both callables do their own set-up and return what they measured, in `unit`."""
    pairs = [(ours(), baseline()) for _ in range(runs)]
    mine, theirs = [a for a, _ in pairs], [b for _, b in pairs]
    ratios = sorted(a / b for a, b in pairs)
    spread = f"{runs} pairs, ratio {ratios[0]:.2f} to {ratios[-1]:.2f}"
    return Figure(
        name,
        round(statistics.median(mine), 4),
        round(statistics.median(theirs), 4),
        round(statistics.median(ratios), 3),
        unit,
        f"{note}; {spread}",
    )


def percentile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
