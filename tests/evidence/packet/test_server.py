from __future__ import annotations

import socket
import struct

import pytest

from evidence.packet import produce, server, wire
from evidence.packet.build import RenderFailed
from tests.evidence.packet.builders import build_context

JOBS = "tests.evidence.packet.jobs"


def answer(task: str, broken: str | None = None) -> dict[str, object]:
    """What the server's child says, with the limits left out that would end the test."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        wire.send(ours, {"task": f"{JOBS}:{task}", "arguments": {}, "seconds": 9, "cpu": 9, "bytes": 1}, [])
        server._work(theirs, broken)
        return wire.receive(ours)[0]


@pytest.fixture(autouse=True)
def _no_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "limit", lambda *_: None)


@pytest.mark.parametrize(
    ("task", "said"),
    [
        ("echo", {"done": {}}),
        ("refuse", {"refused": ["too many"]}),
        ("refuse_file", {"file": "a.pdf", "reason": {"say": "is damaged"}}),
        ("fail", {"failed": ["The renderer warned."]}),
        ("stumble", {"failed": ["KeyError: 'x'"]}),
        ("exhaust", {"exhausted": "memory"}),
    ],
)
def test_whatever_a_job_does_is_an_answer(task: str, said: dict[str, object]) -> None:
    assert answer(task) == said


def test_a_broken_installation_answers_every_job_with_what_is_missing() -> None:
    assert answer("echo", broken="Pango is missing.") == {"failed": ["Pango is missing."]}


def test_a_missing_font_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(produce.fonts, "FAMILY", "No Such Sans")
    assert "The font No Such Sans is not installed" in str(server._warm_up())


def test_the_warm_up_renders_a_good_packet() -> None:
    assert server._warm_up() is None


def test_problems_of_the_finished_packet_fail_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(produce, "examine", lambda *_: ["Page 2 is odd."])
    with pytest.raises(RenderFailed, match=r"Page 2 is odd\."):
        produce.produce(build_context(), {}, produce.PacketLimits())


def test_a_frame_larger_than_any_packet_is_not_read() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.sendall(struct.pack("!II", 2**31, 0))
        with pytest.raises(EOFError, match=r"larger than any packet"):
            wire.receive(theirs)
        ours.sendall(struct.pack("!II", 2, 1) + b"{}" + struct.pack("!Q", 2**40))
        with pytest.raises(EOFError, match=r"larger than any packet"):
            wire.receive(theirs)
