"""What the `respond` figures share: from a signed webhook to the filed answer, beside the same calls made bare."""

from __future__ import annotations

import itertools
import json
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any, ClassVar

import httpx
from sqlmodel import select

from disputes import links
from disputes.models import Connection, Dispute, Packet, Round
from evidence.packet.context import PacketContext
from gateways.sandbox.launch import Sandbox, launch
from scheduler.runtime import Runtime
from tests.benchmarks.bare_filing import Again, Filed, Logged, filed_bare
from tests.benchmarks.desk import desk
from tests.benchmarks.figure import Figure, in_turn
from tests.benchmarks.serving import serving
from web.first_data import DEMO_SLUG, demo_merchant
from web.practice import SANDBOX_WEBHOOK_SECRET, connect
from web.sources import IMPORTS

_GIVE_UP_SECONDS = 60.0


class Case(ABC):
    """What one gateway has of its own in it: a dispute of the demo's story that the rule may file."""

    gateway: ClassVar[str]
    order: ClassVar[str]
    payment: ClassVar[str]
    """The story's payment, as the shop's records name it before the first run."""
    effect: ClassVar[str]
    """What the sandbox counts when the answer is in."""

    def __init__(self, sandbox: Sandbox, folder: Path) -> None:
        """`folder` is the sandbox's own."""
        self.sandbox, self.folder, self.url = sandbox, folder, ""

    def hear(self, url: str) -> str:
        """The address webhooks go to is known from now on; the secret by which the desk will check them."""
        self.url = url
        return SANDBOX_WEBHOOK_SECRET

    @abstractmethod
    def names(self, dispute: dict[str, Any]) -> tuple[str, ...]:
        """Ids in the calls about a dispute: its own, its payment's, and others."""

    @abstractmethod
    def signed(self, number: int, dispute: dict[str, Any]) -> tuple[bytes, dict[str, str]]:
        """Body and headers of the webhook that tells of a new dispute; every number is an event of its own."""

    @abstractmethod
    def is_filing(self, row: Logged) -> bool:
        """Whether this call gave the answer to the gateway."""

    @abstractmethod
    def again(self) -> Again:
        """A bare client."""


def measure(name: str, case: type[Case], runs: int) -> list[Figure]:
    """The rule files after a hold of nothing; every run is a payment and a dispute of its own."""
    with (
        tempfile.TemporaryDirectory() as folder,
        launch(Path(folder) / "sandbox", gateway=case.gateway, empty=True) as sandbox,
        desk() as runtime,
    ):
        merchant_id = demo_merchant(runtime, hold_hours=0, rule="file_after_hold")
        connection_id = connect(runtime, merchant_id, {case.gateway: sandbox})[case.gateway]
        _set(runtime, connection_id, first_pull_done=True, next_poll_at=None)
        with serving(runtime) as address, httpx.Client(base_url=address) as client:
            told = case(sandbox, Path(folder) / "sandbox")
            secret = told.hear(address + links.webhook(connection_id))
            _set(runtime, connection_id, webhook_secret=runtime.vault.seal(secret))
            bench = _Bench(runtime, client, told)
            bench.ours()  # warm
            bench.bare()
            note = "from the POST of the webhook until the gateway has the answer, SQLite, no latency at the gateway"
            return [in_turn(name, bench.ours, bench.bare, note=note + bench.calls(), runs=runs)]


class _Bench:
    def __init__(self, runtime: Runtime, client: httpx.Client, case: Case) -> None:
        self._runtime, self._client, self._case = runtime, client, case
        self._controls = case.sandbox.controls
        self._again = case.again()
        self._numbers = itertools.count(1)
        self._payment = case.payment
        self._last: Filed | None = None

    def ours(self) -> float:
        dispute = self._new_dispute()
        external_id, payment, *_ = names = self._case.names(dispute)
        self._name_payment(payment)
        before = self._controls.log()
        body, headers = self._case.signed(next(self._numbers), dispute)
        started = time.perf_counter()
        self._client.post(self._case.url, content=body, headers=headers).raise_for_status()
        self._wait_filed(external_id, started)
        taken = time.perf_counter() - started
        self._wait_ended(external_id)
        log = self._controls.log(since=before[-1]["seq"] if before else 0)
        self._last = Filed(names, until(log, self._case.is_filing), self._packet(external_id))
        return taken

    def bare(self) -> float:
        """What was just filed, once more on another new dispute."""
        assert self._last is not None
        names = self._case.names(self._new_dispute())
        seconds = filed_bare(self._last, names, self._again)
        if self._filed(names[0]) != 1:
            raise RuntimeError("the bare calls filed nothing")
        return seconds

    def calls(self) -> str:
        assert self._last is not None
        return f"; {len(self._last.log)} gateway calls"

    def _new_dispute(self) -> dict[str, Any]:
        return self._controls.dispute(**spec(self._case.gateway, self._case.order))

    def _filed(self, external_id: str) -> int:
        return int(self._controls.effects(external_id)[self._case.effect])

    def _name_payment(self, payment: str) -> None:
        """The shop's records must name the payment that is disputed, or the desk rightly asks a person."""
        for path in (self._runtime.data / IMPORTS / DEMO_SLUG).glob("*.*"):
            text = path.read_text(encoding="utf-8")
            if self._payment in text:
                path.write_text(text.replace(self._payment, payment), encoding="utf-8")
        self._payment = payment

    def _wait_filed(self, external_id: str, started: float) -> None:
        while self._filed(external_id) != 1:
            if time.perf_counter() - started > _GIVE_UP_SECONDS:
                raise RuntimeError(f"{external_id} was not filed: {self._state(external_id)}")
            time.sleep(0.01)

    def _wait_ended(self, external_id: str) -> None:
        """The last look at the gateway comes after the submission and must not reach into the next run."""
        ends = time.perf_counter() + _GIVE_UP_SECONDS
        while (state := self._state(external_id))[0] != "filed":
            if time.perf_counter() > ends:
                raise RuntimeError(f"{external_id} was filed and its case does not say so: {state}")
            time.sleep(0.02)

    def _state(self, external_id: str) -> tuple[str, Any]:
        with self._runtime.database.reading() as session:
            found = session.exec(select(Dispute).where(Dispute.external_id == external_id)).first()
            if found is None:
                return "not read", None
            current = session.exec(select(Round).where(Round.dispute_id == found.id)).first()
            return found.work_state, current and (current.prepare_note, current.assessment.get("person_required"))

    def _packet(self, external_id: str) -> tuple[PacketContext, dict[str, bytes]]:
        with self._runtime.database.reading() as session:
            packet = session.exec(
                select(Packet)
                .join(Round, Round.packet_id == Packet.id)  # type: ignore[arg-type]
                .join(Dispute, Dispute.id == Round.dispute_id)  # type: ignore[arg-type]
                .where(Dispute.external_id == external_id)
            ).one()
        context = PacketContext.model_validate(packet.context)
        wanted = {part.sha256 for exhibit in context.exhibits for part in exhibit.files}
        return context, {sha256: self._runtime.files.get(packet.merchant_id, sha256) for sha256 in wanted}


def until(log: list[Logged], is_filing: Callable[[Logged], bool]) -> list[Logged]:
    """The calls that were timed, up to the one that filed; the last looks come after it."""
    end = next(at for at, row in enumerate(log) if is_filing(row))
    return log[: end + 1]


def spec(gateway: str, order: str) -> dict[str, Any]:
    """The words for the order's dispute, as the sandbox lays out the story."""
    told = (files(f"gateways.sandbox.{gateway}") / "seed.json").read_text(encoding="utf-8")
    row: dict[str, Any] = next(
        row for row in json.loads(told)["rows"] if row.get("order") == order and "dispute" in row
    )
    dispute: dict[str, Any] = row["dispute"]
    return {name: value for name, value in row.items() if name not in ("nn", "dispute")} | dispute


def _set(runtime: Runtime, connection_id: str, **columns: Any) -> None:
    with runtime.database.writing() as session:
        connection = session.get_one(Connection, connection_id)
        for name, value in columns.items():
            setattr(connection, name, value)
