"""Plans for Square as the journal carries them out, write by write."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from disputes.ports import Answer, Approved, Write
from gateways.sandbox.square.control import SquareControl
from gateways.square.adapter import SquareGateway
from tests.gateways.square.builders import Journal

UPLOAD = "upload:GENERIC_EVIDENCE"
TEXT = "text:REBUTTAL_EXPLANATION"
OTHER_PDF = b"%PDF-1.4 another packet"


def opened(control: SquareControl, **spec: Any) -> str:
    return str(control.dispute(**spec)["id"])


def journal(gateway: SquareGateway, answers: list[Answer] | None = None) -> Journal:
    return Journal(gateway, answers)


def writes_of(gateway: SquareGateway, wanted: Approved) -> Iterator[Write]:
    """The plan's writes one after the other; each is sent when the next is asked for."""
    plan = gateway.plan(wanted)
    try:
        write = next(plan)
        while True:
            yield write
            write = plan.send(write.send(f"{wanted.external_id[:8]}-{write.name}"[:45]))
    except StopIteration:
        return
    finally:
        plan.close()


def write_named(gateway: SquareGateway, wanted: Approved, name: str) -> Write:
    """The write of this name, those before it sent."""
    return next(write for write in writes_of(gateway, wanted) if write.name == name)


def list_of(gateway: SquareGateway, wanted: Approved) -> list[Write]:
    plan = gateway.plan(wanted)
    first = next(plan)
    plan.close()
    return [first]
