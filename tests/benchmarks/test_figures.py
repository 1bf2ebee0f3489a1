"""The bench itself works: every group once, as small as it goes. Nothing here asserts a time."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import ModuleType

import pytest
import typer

from tests.benchmarks import (
    digest,
    figure,
    packet,
    queue,
    respond,
    respond_paypal,
    respond_square,
    run,
    sync,
    sync_paypal,
    sync_square,
    webhook,
)
from tests.benchmarks.figure import Figure


def named(figures: list[Figure]) -> set[str]:
    assert all(one.ours > 0 and one.baseline > 0 and one.ratio > 0 and one.note for one in figures)
    return {one.name for one in figures}


@pytest.mark.parametrize(
    ("group", "name"), [(sync, "sync"), (sync_paypal, "sync_paypal"), (sync_square, "sync_square")]
)
def test_a_pull_is_measured(monkeypatch: pytest.MonkeyPatch, group: ModuleType, name: str) -> None:
    monkeypatch.setattr(group, "DISPUTES", 120)
    assert named(group.measure(1)) == {name}


def apart(work: Callable[[], list[Figure]]) -> list[Figure]:
    """In a thread of its own: the browser tests may have left their loop in this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(work).result()


def test_the_queue_and_its_search_are_measured() -> None:
    figures = apart(lambda: queue.measure(1, total=2_000, requests=12, searches=8, postgresql=False))
    assert named(figures) == {"queue_sqlite", "search_sqlite", "case_sqlite", "weight_queue", "weight_case"}


def test_a_webhook_is_measured_and_every_event_is_stored() -> None:
    assert named(webhook.measure(1, events=3)) == {"webhook"}


@pytest.mark.parametrize(
    ("group", "name"),
    [(respond, "respond"), (respond_paypal, "respond_paypal"), (respond_square, "respond_square")],
)
def test_a_filing_is_measured_from_webhook_to_gateway(group: ModuleType, name: str) -> None:
    assert named(group.measure(1)) == {name}


def test_the_digest_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(digest, "OPEN", 60)
    assert named(digest.measure(1)) == {"digest"}


@pytest.mark.chromium
def test_the_packet_is_measured_beside_chromium() -> None:
    assert named(apart(lambda: packet.measure(1, mails=2, photos=1))) == {"packet_warm", "packet_cold"}


# ---- arithmetic ----------------------------------------------------------------------------------------------------


def paired(ours: list[float], theirs: list[float]) -> Figure:
    mine, bare = iter(ours), iter(theirs)
    return figure.in_turn("x", lambda: next(mine), lambda: next(bare), note="n", runs=len(ours))


def test_a_figure_is_the_median_of_its_pairs() -> None:
    found = paired([1.0, 9.0, 2.0], [1.0, 1.0, 1.0])
    assert (found.ours, found.baseline, found.ratio) == (2.0, 1.0, 2.0)


def test_its_ratio_is_the_median_of_the_ratios_and_not_the_ratio_of_the_medians() -> None:
    found = paired([1.0, 4.0, 9.0], [1.0, 1.0, 10.0])
    assert (found.ours, found.baseline, found.ratio) == (4.0, 1.0, 1.0)


def test_its_note_says_how_far_the_pairs_lie_apart() -> None:
    assert paired([1.0, 3.0, 2.0], [2.0, 2.0, 2.0]).note == "n; 3 pairs, ratio 0.50 to 1.50"


def test_ours_and_the_baseline_are_run_in_turn() -> None:
    order: list[str] = []

    def side(name: str) -> float:
        order.append(name)
        return 1.0

    figure.in_turn("x", lambda: side("ours"), lambda: side("bare"), note="n", runs=2)
    assert order == ["ours", "bare", "ours", "bare"]


def test_a_percentile_is_one_of_the_values() -> None:
    values = [float(number) for number in range(100, 0, -1)]
    assert figure.percentile(values, 0.98) == 99.0
    assert figure.percentile(values, 0.5) == 51.0
    assert figure.percentile([7.0], 0.99) == 7.0


# ---- choosing ------------------------------------------------------------------------------------------------------


def test_only_the_groups_that_were_named_are_measured(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for group in (sync, sync_square, respond_paypal):
        name = group.__name__.rpartition(".")[2]
        monkeypatch.setattr(
            group, "measure", lambda runs, name=name: [Figure(name, 1.0, 2.0, 0.5, "s", f"{runs} runs")]
        )
    run.main(tmp_path / "out.json", ["respond_paypal", "sync_square"], runs=3)
    told = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    assert told == [
        {"name": name, "ours": 1.0, "baseline": 2.0, "ratio": 0.5, "unit": "s", "note": "3 runs"}
        for name in ("sync_square", "respond_paypal")
    ]


def test_a_group_that_is_not_there_is_an_error_and_not_an_empty_table() -> None:
    with pytest.raises(typer.BadParameter, match="no group sync_adyen"):
        run.main(None, ["sync", "sync_adyen"])
