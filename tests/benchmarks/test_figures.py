"""The bench itself works: every group once, as small as it goes. Nothing here asserts a time."""

from __future__ import annotations

import pytest

from tests.benchmarks import digest, figure, packet, queue, respond, sync, webhook
from tests.benchmarks.figure import Figure


def named(figures: list[Figure]) -> set[str]:
    assert all(one.ours > 0 and one.baseline > 0 and one.ratio > 0 and one.note for one in figures)
    return {one.name for one in figures}


def test_a_pull_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sync, "DISPUTES", 120)
    assert named(sync.measure(1)) == {"sync"}


def test_the_queue_and_its_search_are_measured() -> None:
    figures = queue.measure(1, total=2_000, requests=12, searches=8, postgresql=False)
    assert named(figures) == {"queue_sqlite", "search_sqlite"}


def test_a_webhook_is_measured_and_every_event_is_stored() -> None:
    assert named(webhook.measure(1, events=3)) == {"webhook"}


def test_a_filing_is_measured_from_webhook_to_gateway() -> None:
    assert named(respond.measure(1)) == {"respond"}


def test_the_digest_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(digest, "OPEN", 60)
    assert named(digest.measure(1)) == {"digest"}


@pytest.mark.chromium
def test_the_packet_is_measured_beside_chromium() -> None:
    assert named(packet.measure(1, mails=2, photos=1)) == {"packet_warm", "packet_cold"}


def test_a_figure_is_the_median_of_its_pairs() -> None:
    ours, theirs = iter([1.0, 9.0, 2.0]), iter([1.0, 1.0, 1.0])
    found = figure.in_turn("x", lambda: next(ours), lambda: next(theirs), note="n", runs=3)
    assert (found.ours, found.baseline, found.ratio) == (2.0, 1.0, 2.0)
