"""One installation under fire: a data folder, a database of either kind, the sandbox, and worker processes on them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlmodel import Session, col, select

from disputes import store
from disputes.ids import new_id
from disputes.models import Attempt, Connection, Dispute, JournalStep, Round
from disputes.ports import Gathered
from gateways.sandbox.launch import Sandbox
from scheduler import pull, respond
from scheduler.engine import Engine
from scheduler.runtime import Runtime
from tests import builders
from web.compose import compose
from web.settings import load

ROOT = Path(__file__).resolve().parents[2]
KEY = "rk_test_sandbox_disputes"
TIMING = {
    "COUNTERPROOF_SEND_WINDOW_SECONDS": "1.0",
    "COUNTERPROOF_CALL_TIMEOUT_SECONDS": "1.5",
    "COUNTERPROOF_SETTLE_SECONDS": "0.3",
}


class Forge:
    """The parent of all workers of one test run (see `tests.faults.worker`)."""

    def __init__(self) -> None:
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.worker"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, text=True, cwd=ROOT,
        )  # fmt: skip

    def fork(self, order: dict[str, Any]) -> int:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())

    def close(self) -> None:
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
        self._process.wait(10)


class Worker:
    """A running desk process."""

    def __init__(self, pid: int, ready: Path, said: Path) -> None:
        self.pid, self._ready, self._said = pid, ready, said

    def alive(self) -> bool:
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return False
        return True

    def stopped(self) -> bool:
        """Whether SIGSTOP holds it."""
        try:
            return Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()[0] in "tT"
        except FileNotFoundError:
            return False

    def ready(self) -> bool:
        return self._ready.exists()

    def signal(self, number: signal.Signals) -> None:
        os.kill(self.pid, number)

    def kill(self) -> None:
        if self.alive():
            os.kill(self.pid, signal.SIGKILL)
            wait_for(lambda: not self.alive(), "the worker to die")

    def said(self) -> str:
        return self._said.read_text() if self._said.exists() else ""


class OnlyFilings:
    """An engine client that starts filings alone: these tests bring their own answers, nothing is prepared."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def enqueue(self, session: Session, workflow: str, run_id: str, *arguments: str, queue: str = "work") -> None:
        if workflow == "respond":
            self._engine.enqueue(session, workflow, run_id, *arguments, queue=queue)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._engine, name)


@dataclass(slots=True)
class Case:
    """A dispute with an answer that can be approved."""

    external_id: str
    dispute_id: str
    round_id: str
    response_sha256: str
    data: bytes


class Desk:
    def __init__(self, *, data: Path, url: str | None, sandbox: Sandbox, forge: Forge) -> None:
        self.data, self._url, self.sandbox, self._forge = data, url, sandbox, forge
        self._environment = {**TIMING, **({"COUNTERPROOF_DATABASE_URL": url} if url else {})}
        self._workers: list[Worker] = []
        data.mkdir(parents=True, mode=0o700)
        # The tables of the engine are made by the first process that launches it.
        first = self.worker()
        wait_for(first.ready, "the first worker to start", said=first.said)
        first.kill()
        self.runtime = self._compose()
        self.runtime.engine = OnlyFilings(self.runtime.engine)  # type: ignore[assignment]
        self._connect()

    def _compose(self) -> Runtime:
        settings = load(self.data).model_copy(update={"database_url": self._url})
        return compose(settings, client_only=True)

    def _connect(self) -> None:
        runtime = self.runtime
        with runtime.database.writing() as session:
            merchant = builders.merchant(session, at=runtime.clock.now(), slug="lale")
            connection = builders.connection(
                session,
                merchant=merchant,
                mode="sandbox",
                secret=runtime.vault.seal(KEY),
                addresses={"api": self.sandbox.api, "files": self.sandbox.files},
                first_pull_done=True,
                at=runtime.clock.now(),
            )
        self.merchant_id, self.connection_id = merchant.id, connection.id
        self.gateway = runtime.gateway_for(connection)

    def close(self) -> None:
        for worker in self._workers:
            worker.kill()
        self.runtime.engine.stop()
        self.runtime.packets.close()
        self.runtime.database.dispose()

    # ---- processes -----------------------------------------------------------------------------------------------

    def worker(self, *, at: str = "", write: str = "", act: str = "kill", shift: float = 0) -> Worker:
        """A desk process; with `at` and `write` one that dies (or stops) there."""
        name = new_id("run")
        order: dict[str, Any] = {
            "data": str(self.data),
            "env": self._environment,
            "ready": str(self.data / f"{name}.ready"),
            "said": str(self.data / f"{name}.log"),
            "marker": str(self.data / f"{name}.struck"),
            "shift": shift,
        }
        if at:
            order["point"] = {"at": at, "write": write, "act": act}
        worker = Worker(self._forge.fork(order), Path(order["ready"]), Path(order["said"]))
        self._workers.append(worker)
        return worker

    def command(self, *arguments: str, typed: str = "") -> subprocess.CompletedProcess[str]:
        """One command of the product's CLI on this folder."""
        environment = {**os.environ, **self._environment, "PYTHONPATH": str(ROOT), "COUNTERPROOF_DATA": str(self.data)}
        return subprocess.run(
            [sys.executable, "-m", "web", *arguments],
            env=environment, input=typed, capture_output=True, text=True, timeout=90, cwd=self.data,
        )  # fmt: skip

    # ---- cases ---------------------------------------------------------------------------------------------------

    def case(self, **spec: Any) -> Case:
        """A new dispute at the sandbox, read, and with an answer prepared."""
        external_id = str(self.sandbox.controls.dispute(**spec)["id"])
        return self.prepare(external_id)

    def prepare(self, external_id: str) -> Case:
        """The answer to the dispute's current round, as a preparation leaves it."""
        runtime = self.runtime
        assert pull.run(runtime, self.connection_id, only=external_id) == "read 1"
        payment, raw = self.gateway.payment(self.gateway.dispute(external_id))
        data = b"%PDF-1.4 " + new_id("pdf").encode()
        runtime.files.put(self.merchant_id, data)
        runtime.files.put(self.merchant_id, raw)
        with runtime.database.writing() as session:
            dispute = store.by_external_ids(session, self.connection_id, [external_id])[external_id]
            response = builders.answer(external_id=external_id, ordinal=dispute.round_ordinal, data=data)
            current = builders.prepared(
                session,
                dispute=dispute,
                response=response,
                payment=Gathered(raw, "application/json", "payment.json", "Stripe", payment),
                at=runtime.clock.now(),
            )
        return Case(external_id, dispute.id, current.id, response.sha256, data)

    def approve(self, case: Case, *, act: str = "submit") -> str:
        """A person approves; gives the attempt's id."""
        with self.runtime.database.writing() as session:
            dispute = session.get_one(Dispute, case.dispute_id)
            sha256 = case.response_sha256 if act == "submit" else None
            attempt = respond.approve(self.runtime, session, dispute, act=act, response_sha256=sha256, by="per_1")
        return attempt.id

    def attempt(self, attempt_id: str) -> Attempt:
        with self.runtime.database.reading() as session:
            return session.get_one(Attempt, attempt_id)

    def dispute(self, case: Case) -> Dispute:
        with self.runtime.database.reading() as session:
            return session.get_one(Dispute, case.dispute_id)

    def rounds(self, case: Case) -> list[Round]:
        with self.runtime.database.reading() as session:
            return list(store.rounds_of(session, case.dispute_id))

    def journal(self, attempt_id: str) -> list[JournalStep]:
        with self.runtime.database.reading() as session:
            return list(
                session.exec(
                    select(JournalStep).where(JournalStep.attempt_id == attempt_id).order_by(col(JournalStep.id))
                )
            )

    def change(self, change: Callable[[Session], None]) -> None:
        with self.runtime.database.writing() as session:
            change(session)

    def due_now(self, attempt_id: str) -> None:
        """As if the two minutes after which the sweep looks at a filing again had passed."""

        def change(session: Session) -> None:
            session.get_one(Attempt, attempt_id).act_at = self.runtime.clock.now()

        self.change(change)

    def connection(self) -> Connection:
        with self.runtime.database.reading() as session:
            return session.get_one(Connection, self.connection_id)

    def wait_ended(self, attempt_id: str, *, seconds: float = 60, worker: Worker | None = None) -> Attempt:
        nudged = time.monotonic()

        def ended() -> bool:
            nonlocal nudged
            attempt = self.attempt(attempt_id)
            waits = attempt.act_at - self.runtime.clock.now() > timedelta(seconds=5)
            if attempt.result and waits and time.monotonic() - nudged > 2:
                # It waits a minute or more for the gateway; the tests do not.
                self.due_now(attempt_id)
                nudged = time.monotonic()
            return attempt.state not in ("scheduled", "submitting")

        said = worker.said if worker else lambda: ""

        def stuck() -> str:
            if worker is not None and worker.alive():
                worker.signal(signal.SIGUSR1)
                time.sleep(0.3)
            return f"{self.attempt(attempt_id)}\n{self.journal(attempt_id)}\n{said()}"

        wait_for(ended, f"{attempt_id} to end", seconds=seconds, said=stuck)
        return self.attempt(attempt_id)

    # ---- what came of it -----------------------------------------------------------------------------------------

    def uploads(self, case: Case) -> int:
        """Files with this case's packet that lie at the gateway."""
        name = f"packet-{builders.digest(case.data)[:10]}.pdf"
        sent = [row for row in self.sandbox.controls.log(method="POST", path="/v1/files") if not row["replayed"]]
        return sum(1 for row in sent if row["params"].get("file", {}).get("filename") == name and row["status"] == 200)


def wait_for(
    happened: Callable[[], bool], what: str, *, seconds: float = 60, said: Callable[[], str] = lambda: ""
) -> None:
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        if happened():
            return
        time.sleep(0.05)
    raise AssertionError(f"waited {seconds:.0f} s in vain for {what}\n{said()[-6000:]}")
