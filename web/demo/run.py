"""`demo`: the main job once, in the terminal, on a folder, ports and a gateway of its own; never a live account."""

from __future__ import annotations

import json
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from sqlmodel import Session, col, select

from disputes import store
from disputes.clock import local_day, plainly
from disputes.lifecycle import GatewayStatus
from disputes.models import Attempt, Connection, Dispute, Merchant, OutgoingMail, Packet, Round
from disputes.money import Money
from disputes.titles import connection_title, gateway_title
from evidence.systems.kinds import kind_named
from scheduler import digest, pull
from scheduler.mail import send_due
from scheduler.runtime import Runtime
from scheduler.sweep import start_filings, start_preparations
from web import practice, practice_systems
from web.compose import compose
from web.demo.by_hand import enter_by_hand
from web.first_data import demo_merchant, packets_folder
from web.settings import Settings

GIVE_UP_SECONDS = 600


class DemoFailed(RuntimeError):
    """The demo did not come to its end in time; says what was still open."""


@dataclass(frozen=True, slots=True)
class Result:
    disputes: list[dict[str, Any]]
    digest: dict[str, str]


def run_demo(console: Console, json_path: Path | None, data: Path | None) -> Result:
    """Read the shop's systems, pull, gather, assess, build, file what the demo's rule allows, write the digest; show
    it and end."""
    folder = data or Path(tempfile.mkdtemp(prefix="counterproof-demo-")) / "data"
    if folder.exists() and any(folder.iterdir()):
        raise DemoFailed(f"{folder} is not empty. The demo wants an empty folder, so that nothing of yours is touched.")
    settings = Settings(data=folder, database_url=None, smtp_host=None, public_url=None, ping_url=None)
    with practice.launched(folder) as sandboxes:
        runtime = compose(settings)
        try:
            # No hold in the demo: what its rule may file is filed at once.
            merchant_id = demo_merchant(runtime, hold_hours=0, rule="file_after_hold", in_systems=True)
            connections = practice.connect(runtime, merchant_id, sandboxes)
            enter_by_hand(runtime, merchant_id)
            with practice_systems.launched(runtime.data) as systems:
                connected = practice_systems.connect(runtime, merchant_id, systems)
                runtime.engine.launch()
                _work(console, runtime, connections, connected)
                result = _collect(runtime, merchant_id)
        finally:
            runtime.close()
    _show(console, result, folder)
    if json_path is not None:
        json_path.write_text(json.dumps({"disputes": result.disputes, "digest": result.digest}, indent=2) + "\n")
    return result


def _work(console: Console, runtime: Runtime, connections: dict[str, str], systems: dict[str, str]) -> None:
    columns = (
        TextColumn("{task.description:<28}"),
        BarColumn(),
        TextColumn("{task.completed}/{task.total}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console) as progress:
        reading = progress.add_task("read the shop's systems", total=len(systems))
        for system, source_id in systems.items():
            if failed := practice_systems.read(runtime, {system: source_id}):
                raise DemoFailed(f"The practice {kind_named(system).title} could not be read: {failed[system]}.")
            progress.advance(reading)
        pulling = progress.add_task("pull from the gateways", total=None)
        read = 0
        for gateway, connection_id in connections.items():
            said = pull.run(runtime, connection_id)
            if not said.startswith("read "):
                raise DemoFailed(f"The {gateway_title(gateway)} sandbox could not be read: {said}.")
            read += int(said.removeprefix("read "))
        progress.update(pulling, total=read, completed=read)
        building = progress.add_task("gather, assess, build", total=None)
        filing = progress.add_task("file what the rule allows", total=None)
        ends = time.monotonic() + GIVE_UP_SECONDS
        while time.monotonic() < ends:
            start_preparations(runtime)
            start_filings(runtime)
            rounds, prepared, attempts, ended = _progress(runtime)
            progress.update(building, total=rounds, completed=prepared)
            progress.update(filing, total=attempts, completed=ended)
            if prepared == rounds and ended == attempts:
                break
            time.sleep(0.3)
        else:
            raise DemoFailed(
                f"{rounds - prepared} cases were not prepared and {attempts - ended} filings not ended in time."
            )


def _progress(runtime: Runtime) -> tuple[int, int, int, int]:
    with runtime.database.reading() as session:
        rounds = session.exec(select(Round.id, Round.prepared_at)).all()
        states = session.exec(select(Attempt.state)).all()
    prepared = sum(1 for _, at in rounds if at is not None)
    return len(rounds), prepared, len(states), sum(1 for state in states if state not in ("scheduled", "submitting"))


def _collect(runtime: Runtime, merchant_id: str) -> Result:
    now = runtime.clock.now()
    with runtime.database.reading() as session:
        merchant = session.get_one(Merchant, merchant_id)
        day = local_day(now, merchant.zone)
    digest.run(runtime, merchant_id, day)
    while send_due(runtime):
        pass
    with runtime.database.reading() as session:
        found = session.exec(
            select(Dispute)
            .where(Dispute.merchant_id == merchant_id)
            .order_by(col(Dispute.is_open).desc(), col(Dispute.due_sort), col(Dispute.id))
        ).all()
        rows = [_row(runtime, session, merchant, dispute) for dispute in found]
        mail = session.exec(
            select(OutgoingMail).where(OutgoingMail.merchant_id == merchant_id, OutgoingMail.kind == "digest")
        ).one()
    return Result(rows, {"path": mail.went_to, "to": mail.recipient, "date": day.isoformat()})


def _row(runtime: Runtime, session: Session, merchant: Merchant, dispute: Dispute) -> dict[str, Any]:
    current = store.current_round(session, dispute)
    packet = session.get(Packet, current.packet_id) if current and current.packet_id else None
    attempts = store.attempts_of(session, dispute.id)
    return {
        "id": dispute.external_id,
        "gateway": dispute.gateway,
        "kind": dispute.kind,
        "status": store.shown(dispute, runtime.clock.now()).value,
        "category": dispute.category,
        "amount_minor": dispute.amount_minor,
        "currency": dispute.currency,
        "due_at": dispute.due_at.isoformat() if dispute.due_at else None,
        "verdict": dispute.verdict,
        "packet": _packet(runtime, dispute, packet) if packet else None,
        "response_sha256": current.response_sha256 if current else None,
        "submission": ({"state": attempts[-1].state, "gateway_status": dispute.raw_status} if attempts else None),
        "_gateway": connection_title(session.get_one(Connection, dispute.connection_id)),
        "_order": dispute.order_ref or "",
        "_due": _due(dispute, merchant.zone),
    }


def _came_of(row: dict[str, Any]) -> str:
    """One cell a case: what was done, or whose turn it is."""
    status, verdict = str(row["status"]), str(row["verdict"] or "")
    if row["submission"] and row["submission"]["state"] == "filed":
        return "filed"
    if status == "awaiting_approval":
        return {"fight": "to approve", "accept": "accept?"}.get(verdict, "to decide")
    return {"cannot_contest": "no contest", "answered_elsewhere": "elsewhere"}.get(status, status.replace("_", " "))


def _due(dispute: Dispute, zone: str) -> str:
    """Day and hour alone: a terminal is narrow, and the JSON has the instant. Nothing where nothing is to be filed."""
    if dispute.status is not GatewayStatus.NEEDS_RESPONSE:
        return ""
    if dispute.due_at is None:
        return "none known"
    day, month, _, hour, *_ = plainly(dispute.due_at, zone).split()
    return f"{day} {month} {hour}"


def _packet(runtime: Runtime, dispute: Dispute, packet: Packet) -> dict[str, Any]:
    """The packet under a name that people can find it by."""
    folder = packets_folder(runtime.data)
    folder.mkdir(exist_ok=True, mode=0o700)
    path = folder / f"{dispute.external_id}-{packet.sha256[:10]}.pdf"
    path.write_bytes(runtime.files.get(dispute.merchant_id, packet.sha256))
    return {"path": str(path), "sha256": packet.sha256, "pages": packet.pages, "bytes": packet.size}


def _show(console: Console, result: Result, folder: Path) -> None:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1))
    for heading in ("case", "claim", "amount", "due", "state"):
        table.add_column(heading, justify="right" if heading == "amount" else "left", no_wrap=heading != "claim")
    for row in result.disputes:
        claim = row["category"] if row["kind"] == "chargeback" else f"{row['category']} ({row['kind']})"
        table.add_row(
            f"{row.pop('_gateway')} {row.pop('_order')}",
            claim.replace("_", " "),
            str(Money(row["amount_minor"], row["currency"])),
            row.pop("_due"),
            _came_of(row),
        )
    console.print(table)
    filed = Counter(
        gateway_title(row["gateway"])
        for row in result.disputes
        if row["submission"] and row["submission"]["state"] == "filed"
    )
    by_gateway = ", ".join(f"{number} at {gateway}" for gateway, number in filed.items())
    console.print(
        f"{len(result.disputes)} disputes; {filed.total()} filed by the demo's rule and read back from the gateway "
        f"({by_gateway}).",
        soft_wrap=True,
    )
    console.print(f"Packets: {packets_folder(folder)}", soft_wrap=True)
    console.print(f"Digest:  {result.digest['path']}", soft_wrap=True)
