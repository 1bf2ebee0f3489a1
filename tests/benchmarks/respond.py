"""`respond`: from a webhook to the filed answer, beside the same gateway calls made bare and one bare render."""

from __future__ import annotations

import itertools
import json
import tempfile
import time
from importlib.resources import files
from pathlib import Path
from typing import Any

import httpx
from sqlmodel import select

from disputes import links
from disputes.models import Connection, Dispute, Packet, Round
from evidence.packet.context import PacketContext
from gateways.sandbox.launch import Sandbox, launch
from scheduler.runtime import Runtime
from tests.benchmarks.bare_filing import Filed, filed_bare
from tests.benchmarks.desk import desk
from tests.benchmarks.figure import Figure, in_turn
from tests.benchmarks.serving import serving
from tests.benchmarks.webhook import signed
from web.compose import IMPORTS
from web.first_data import DEMO_SLUG, demo_merchant
from web.practice import connect

ORDER, _STORY_PAYMENT = "LL-1001", "ch_3Lale010000000000000000"
_GIVE_UP_SECONDS = 60.0


def measure(runs: int) -> list[Figure]:
    """The rule files after a hold of nothing; every run is a payment and a dispute of its own."""
    with (
        tempfile.TemporaryDirectory() as folder,
        launch(Path(folder) / "sandbox", empty=True) as sandbox,
        desk() as runtime,
    ):
        merchant_id = demo_merchant(runtime, hold_hours=0, rule="file_after_hold")
        connection_id = connect(runtime, merchant_id, {"stripe": sandbox})["stripe"]
        with runtime.database.writing() as session:
            connection = session.get_one(Connection, connection_id)
            connection.first_pull_done, connection.next_poll_at = True, None
        with serving(runtime) as address, httpx.Client(base_url=address) as client:
            bench = _Bench(runtime, sandbox, client, connection_id)
            bench.ours()  # warm
            bench.bare()
            note = "from the POST of the webhook until the gateway has the answer, SQLite, no latency at the gateway"
            return [in_turn("respond", bench.ours, bench.bare, note=note + bench.calls(), runs=runs)]


class _Bench:
    def __init__(self, runtime: Runtime, sandbox: Sandbox, client: httpx.Client, connection_id: str) -> None:
        self._runtime, self._sandbox, self._client = runtime, sandbox, client
        self._path = links.webhook(connection_id)
        self._numbers = itertools.count(1)
        self._last: Filed | None = None
        self._payment = _STORY_PAYMENT

    def ours(self) -> float:
        dispute = self._sandbox.controls.dispute(**_spec())
        self._name_payment(str(dispute["charge"]))
        before = self._sandbox.controls.log()
        body, headers = signed(f"evt_respond{next(self._numbers):06d}", str(dispute["id"]), "charge.dispute.created")
        started = time.perf_counter()
        self._client.post(self._path, content=body, headers=headers).raise_for_status()
        self._wait_filed(str(dispute["id"]), started)
        taken = time.perf_counter() - started
        self._wait_ended(str(dispute["id"]))
        log = self._sandbox.controls.log(since=before[-1]["seq"] if before else 0)
        self._last = Filed(dispute, _until_submitted(log), self._packet(str(dispute["id"])))
        return taken

    def bare(self) -> float:
        """What was just filed, once more on another new dispute."""
        assert self._last is not None
        return filed_bare(self._sandbox, self._sandbox.controls.dispute(**_spec()), self._last)

    def calls(self) -> str:
        assert self._last is not None
        return f"; {len(self._last.log)} gateway calls"

    def _name_payment(self, charge: str) -> None:
        """The shop's records must name the payment that is disputed, or the desk rightly asks a person."""
        for path in (self._runtime.data / IMPORTS / DEMO_SLUG).glob("*.*"):
            text = path.read_text(encoding="utf-8")
            if self._payment in text:
                path.write_text(text.replace(self._payment, charge), encoding="utf-8")
        self._payment = charge

    def _wait_filed(self, external_id: str, started: float) -> None:
        while self._sandbox.controls.effects(external_id)["submitted"] != 1:
            if time.perf_counter() - started > _GIVE_UP_SECONDS:
                raise RuntimeError(f"{external_id} was not filed: {self._state(external_id)}")
            time.sleep(0.01)

    def _wait_ended(self, external_id: str) -> None:
        """The last look at the gateway comes after the submission and must not reach into the next run."""
        ends = time.perf_counter() + _GIVE_UP_SECONDS
        while self._state(external_id)[0] != "filed" and time.perf_counter() < ends:
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


def _until_submitted(log: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The calls that were timed; the last looks come after the answer is there."""
    end = next(at for at, row in enumerate(log) if row["params"].get("submit") == "true")
    return log[: end + 1]


def _spec() -> dict[str, Any]:
    """The story's first dispute, as the sandbox lays it out."""
    rows = json.loads((files("gateways.sandbox.stripe") / "seed.json").read_text(encoding="utf-8"))
    story = next(row for row in _entries(rows) if row.get("order") == ORDER)
    return {**{name: value for name, value in story.items() if name not in ("nn", "dispute")}, **story["dispute"]}


def _entries(rows: Any) -> list[dict[str, Any]]:
    if isinstance(rows, list):
        return rows
    return [row for group in rows.values() if isinstance(group, list) for row in group if isinstance(row, dict)]
