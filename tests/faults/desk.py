"""One installation under fire: a data folder, a database of either kind, sandboxes, and worker processes on them."""

from __future__ import annotations

import re
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from dbos import DBOSClient
from sqlmodel import Session, col, select

from disputes import store, submission
from disputes.acts import ANSWERS, GatewayAct
from disputes.ids import new_id
from disputes.models import Attempt, Connection, Dispute, JournalStep, Merchant, Round
from disputes.ports import Gateway, Gathered
from gateways.sandbox.control import SandboxControl
from scheduler import asking, pull, respond
from scheduler.engine import Engine
from scheduler.runtime import Runtime
from tests import builders
from tests.faults.gateways import LINES, Way
from tests.faults.processes import Forge, Sandboxes, Worker, wait_for
from web.compose import compose
from web.settings import load

TIMING = {
    "COUNTERPROOF_SEND_WINDOW_SECONDS": "4.0",
    "COUNTERPROOF_CALL_TIMEOUT_SECONDS": "2.0",
    "COUNTERPROOF_SETTLE_SECONDS": "0.3",
}
HANG_SECONDS = 3.0
"""An answer that comes after this comes too late."""
SLOW_SECONDS = 15.0
"""After this long a filing that has nothing to say for itself is looked at again, as the sweep does after minutes."""


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
    """A dispute with something about it that can be approved: an answer, or an act with the words `given` for it."""

    gateway: str
    external_id: str
    dispute_id: str
    round_id: str
    response_sha256: str
    data: bytes
    """The packet."""
    files: Sequence[str]
    """The names of the answer's files."""
    act: GatewayAct = GatewayAct.SUBMIT
    given: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Post:
    """A connection of the desk, and the sandbox at its other end."""

    connection_id: str
    gateway: Gateway
    controls: SandboxControl
    control_url: str


class Desk:
    def __init__(self, *, data: Path, url: str | None, sandboxes: Sandboxes, forge: Forge) -> None:
        self.data, self._url, self._sandboxes, self._forge = data, url, sandboxes, forge
        self._environment = {**TIMING, **({"COUNTERPROOF_DATABASE_URL": url} if url else {})}
        self._workers: list[Worker] = []
        self._steady: Worker | None = None
        self._posts: dict[str, Post] = {}
        self.fought: dict[Any, Any] = {}
        """What `tests.faults.matrix` has done already, for the tests that look at it one by one."""
        data.mkdir(parents=True, mode=0o700)
        # The tables of the engine are made by the first process that launches it.
        first = self.worker()
        wait_for(first.ready, "the first worker to start", said=first.said)
        first.kill()
        self.open()
        with self.runtime.database.writing() as session:
            merchant = builders.merchant(session, at=self.runtime.clock.now(), slug="lale")
            builders.owner(session, merchant, at=self.runtime.clock.now())
            self.merchant_id = merchant.id

    def open(self) -> None:
        """This process's own view of the folder, in which nothing runs."""
        settings = load(self.data).model_copy(update={"database_url": self._url})
        self.runtime: Runtime = compose(settings, client_only=True)
        self.runtime.engine = OnlyFilings(self.runtime.engine)

    def shut(self) -> None:
        """Kill every process, and let go of database and files."""
        self.dismiss()
        self.runtime.close()

    def copied_to(self, data: Path) -> Desk:
        """The same installation in a copy of its folder, as a backup tool makes one."""
        data.parent.mkdir()
        # By another process: closing a copied file here would drop this process's own locks on the database.
        subprocess.run(["cp", "-a", self.data, data], check=True, timeout=20)
        copy = object.__new__(Desk)
        copy.data, copy._url, copy._sandboxes, copy._forge = data, None, self._sandboxes, self._forge
        copy._environment, copy._workers, copy._steady = self._environment, [], None
        copy._posts, copy.merchant_id, copy.fought = self._posts, self.merchant_id, {}
        copy.open()
        return copy

    # ---- processes -----------------------------------------------------------------------------------------------

    def worker(
        self,
        *,
        at: str = "",
        write: str = "",
        act: str = "kill",
        points: Sequence[Mapping[str, Any]] = (),
        doomed: bool = False,
        shift: float = 0,
    ) -> Worker:
        """A desk process; with `at` and `write` one that dies (or stops) there in whatever filing comes first."""
        name = new_id("run")
        order: dict[str, Any] = {
            "data": str(self.data),
            "env": self._environment,
            "ready": str(self.data / f"{name}.ready"),
            "said": str(self.data / f"{name}.log"),
            "points": list(points),
            "doomed": doomed,
            "shift": shift,
        }
        if at:
            order["points"] += [{"at": at, "write": write, "act": act, "marker": str(self.data / f"{name}.struck")}]
        worker = Worker(self._forge.fork(order), Path(order["ready"]), Path(order["said"]))
        self._workers.append(worker)
        return worker

    def one_filing_a_process(self) -> None:
        """Until the next worker that is not doomed registers its queues as usual."""
        client: DBOSClient = getattr(self.runtime.engine, "_client")  # noqa: B009 - the port has no such thing
        for turn in range(10):
            try:
                client.register_queue(
                    "gateway", worker_concurrency=1, polling_interval_sec=0.1, on_conflict="always_update"
                )
                return
            except sa.exc.OperationalError:  # a worker that was just stopped may have stopped in the middle of a write
                if turn == 9:
                    raise
                time.sleep(0.5)

    def steady(self) -> Worker:
        """A worker that nothing happens to; the same one for all who ask until everybody is dismissed."""
        if self._steady is None or not self._steady.alive():
            self._steady = self.worker()
            wait_for(self._steady.ready, "the worker", said=self._steady.said)
        return self._steady

    def dismiss(self, *, but_the_steady: bool = False) -> None:
        kept = [self._steady] if but_the_steady and self._steady is not None else []
        for worker in self._workers:
            if worker not in kept:
                worker.kill()
        self._workers, self._steady = [*kept], kept[0] if kept else None

    def command(self, *arguments: str, typed: str = "") -> subprocess.CompletedProcess[str]:
        """One command of the product's CLI on this folder, in a process of its own."""
        name = self.data / new_id("cmd")
        worker = self.begin(name, *arguments, typed=typed)
        wait_for(lambda: not worker.alive(), f"the command {arguments[0]}", seconds=120, said=worker.said)
        said, errors, code = (name.with_suffix(suffix).read_text() for suffix in (".said", ".errors", ".code"))
        return subprocess.CompletedProcess(arguments, int(code), said, errors)

    def begin(self, name: Path, *arguments: str, typed: str = "") -> Worker:
        """A command of the product's CLI that is not waited for; what it says lies beside `name`."""
        said, errors, code = (name.with_suffix(suffix) for suffix in (".said", ".errors", ".code"))
        name.write_text(typed)
        environment = {**self._environment, "COUNTERPROOF_DATA": str(self.data)}
        order = {"data": str(self.data), "env": environment, "command": list(arguments), "typed": str(name)}
        order |= {"said": str(said), "errors": str(errors), "code": str(code)}
        worker = Worker(self._forge.fork(order), code, said)
        self._workers.append(worker)
        return worker

    # ---- cases ---------------------------------------------------------------------------------------------------

    def at(self, gateway: str) -> Post:
        """The connection to this gateway, made when it is asked for first."""
        if gateway not in self._posts:
            sandbox, runtime = self._sandboxes[gateway], self.runtime
            with runtime.database.writing() as session:
                connection = builders.connection(
                    session,
                    merchant=session.get_one(Merchant, self.merchant_id),
                    gateway=gateway,
                    mode="sandbox",
                    secret=runtime.vault.seal(LINES[gateway].secret),
                    addresses={"api": sandbox.api, "files": sandbox.files},
                    first_pull_done=True,
                    at=runtime.clock.now(),
                )
            self._posts[gateway] = Post(
                connection.id, runtime.gateway_for(connection), sandbox.controls, sandbox.control
            )
        return self._posts[gateway]

    def case(self, gateway: str = "stripe", **spec: Any) -> Case:
        """A new dispute at the sandbox, read, and with an answer prepared."""
        return self.prepare(gateway, self.dispute_at(gateway, **spec))

    def dispute_at(self, gateway: str, **spec: Any) -> str:
        made = self.at(gateway).controls.dispute(**spec)
        return str(made.get("dispute_id") or made["id"])

    def pull(self, gateway: str, external_id: str) -> None:
        assert pull.run(self.runtime, self.at(gateway).connection_id, only=external_id) == "read 1"

    def prepare(self, gateway: str, external_id: str, *, like: Case | None = None) -> Case:
        """The answer to the dispute's current round, as a preparation leaves it; `like`: with that one's files."""
        self.pull(gateway, external_id)
        runtime, post = self.runtime, self.at(gateway)
        payment, raw = post.gateway.payment(post.gateway.dispute(external_id))
        data = like.data if like else b"%PDF-1.4 " + new_id("pdf").encode()
        for each in (data, data + b" of delivery", raw):
            runtime.files.put(self.merchant_id, each)
        with runtime.database.writing() as session:
            dispute = store.by_external_ids(session, post.connection_id, [external_id])[external_id]
            act = {"act": GatewayAct.APPEAL} if dispute.answer_act == GatewayAct.APPEAL else {}
            answer = LINES[gateway].answer(external_id=external_id, ordinal=dispute.round_ordinal, data=data, **act)
            current = builders.prepared(
                session,
                dispute=dispute,
                response=answer,
                payment=Gathered(raw, "application/json", "payment.json", gateway, payment),
                at=runtime.clock.now(),
            )
        files = [file.name for file in answer.files]
        return Case(gateway, external_id, dispute.id, current.id, answer.sha256, data, files, answer.act)

    def approve(self, case: Case, *, act: GatewayAct | None = None) -> str:
        """A person approves the answer, or asks for the act beside it; gives the attempt's id."""
        act = act or case.act
        with self.runtime.database.writing() as session:
            dispute = session.get_one(Dispute, case.dispute_id)
            if act in ANSWERS:
                sha256 = case.response_sha256
                return respond.approve(self.runtime, session, dispute, act=act, response_sha256=sha256, by="per_1").id
            return asking.ask(self.runtime, session, dispute, act=act, given=case.given or {}, by="per_1").id

    def hold(self, case: Case) -> str:
        """A rule files it in a year, which nobody here waits for."""

        now = self.runtime.clock.now()
        with self.runtime.database.writing() as session:
            return submission.open_attempt(
                session,
                session.get_one(Dispute, case.dispute_id),
                session.get_one(Round, case.round_id),
                act=case.act,
                response_sha256=case.response_sha256,
                approved_by="rule",
                rule_version=1,
                act_at=now + timedelta(days=365),
                now=now,
            ).id

    def carry_out_here(self, attempt_id: str) -> str:
        """Without any worker, where the way there is not what is tested."""
        return respond.run(self.runtime, attempt_id)

    def attempt(self, attempt_id: str) -> Attempt:
        with self.runtime.database.reading() as session:
            return session.get_one(Attempt, attempt_id)

    def attempts(self, attempt_ids: Sequence[str]) -> list[Attempt]:
        with self.runtime.database.reading() as session:
            return list(session.exec(select(Attempt).where(col(Attempt.id).in_(attempt_ids))).all())

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

    def due_now(self, *attempt_ids: str) -> None:
        """As if the two minutes after which the sweep looks at a filing again had passed."""

        def change(session: Session) -> None:
            for attempt_id in attempt_ids:
                session.get_one(Attempt, attempt_id).act_at = self.runtime.clock.now()

        self.change(change)

    def connection(self, gateway: str = "stripe") -> Connection:
        with self.runtime.database.reading() as session:
            return session.get_one(Connection, self.at(gateway).connection_id)

    def wait_ended(self, attempt_id: str, *, seconds: float = 60, worker: Worker | None = None) -> Attempt:
        """The attempt at its end, or what kept it from it."""

        def stuck() -> str:
            if worker is not None and worker.alive():
                worker.signal(signal.SIGUSR1)
                time.sleep(0.3)
            told = worker.said() if worker else ""
            return f"{self.attempt(attempt_id)}\n{self.journal(attempt_id)}\n{told}"

        if self.wait_all_ended([attempt_id], seconds=seconds):
            raise AssertionError(f"waited {seconds:.0f} s in vain for {attempt_id} to end\n{stuck()[-6000:]}")
        return self.attempt(attempt_id)

    def wait_all_ended(self, attempt_ids: Sequence[str], *, seconds: float) -> list[str]:
        """Those that had not ended when the time was up."""
        started = nudged = time.monotonic()
        ends = started + seconds
        going_on = list(attempt_ids)
        while going_on and time.monotonic() < ends:
            time.sleep(0.05)
            left = [row for row in self.attempts(going_on) if row.state in ("scheduled", "submitting")]
            going_on = [row.id for row in left]
            soon = self.runtime.clock.now() + timedelta(seconds=5)
            slow = time.monotonic() - started > SLOW_SECONDS
            waiting = [row.id for row in left if row.act_at > soon and (row.result or slow)]
            if waiting and time.monotonic() - nudged > 1.5:
                # They wait a minute or more for the gateway; the tests do not.
                self.due_now(*waiting)
                nudged = time.monotonic() + (SLOW_SECONDS if slow else 0)
        return going_on

    # ---- what came of it -----------------------------------------------------------------------------------------

    def effects(self, case: Case, word: str | None = None) -> int:
        """How often it happened at the gateway over the API; without a word: how often the round was answered."""
        word = word or LINES[case.gateway].ways["submit"].word
        assert word is not None
        return int(self.at(case.gateway).controls.effects(case.external_id)[word])

    def sent(self, case: Case, way: Way) -> list[dict[str, Any]]:
        """Calls of this write for this dispute that reached the gateway and were not turned away for haste."""
        path = re.compile(way.path.format(id=case.external_id))
        rows = self.at(case.gateway).controls.log(method=way.method, path=path.pattern.rstrip("$"))
        return [row for row in rows if path.search(row["path"]) and row["status"] not in (409, 429)]

    def lying(self, case: Case) -> list[tuple[str, str]]:
        """What lies at the gateway of this case's round: files as ("packet", its name), texts as (type, "text")."""
        controls = self.at(case.gateway).controls
        match case.gateway:
            case "stripe":
                sent = [row for row in controls.log(method="POST", path="/v1/files") if not row["replayed"]]
                names = [row["params"].get("file", {}).get("filename") for row in sent if row["status"] == 200]
                return [("packet", name) for name in names if name in case.files]
            case "paypal":
                there = controls.ask(f"/disputes/{case.external_id}/documents")["documents"]
                return [("packet", each["name"]) for each in there if each["name"] in case.files]
        pieces = controls.ask(f"/disputes/{case.external_id}/evidence")["evidence"]
        current = max((piece["round"] for piece in pieces), default=1)
        return sorted(
            (piece["evidence_type"], piece.get("evidence_file", {}).get("filename", "text"))
            for piece in pieces
            if piece["round"] == current
        )

    def approved(self, case: Case) -> list[tuple[str, str]]:
        """What has to lie there, each once."""
        if case.gateway != "square":
            return [("packet", name) for name in case.files]
        packet, delivery = case.files
        return [
            ("GENERIC_EVIDENCE", packet),
            ("PROOF_OF_DELIVERY_DOCUMENTATION", delivery),
            ("REBUTTAL_EXPLANATION", "text"),
            ("TRACKING_NUMBER", "text"),
        ]
