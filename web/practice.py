"""The sandbox gateways beside the desk: started as processes of their own, connected to the demo shop."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlmodel import select

from disputes import links
from disputes.ids import new_id
from disputes.models import Connection
from disputes.titles import gateway_title
from gateways.sandbox.launch import Sandbox, launch
from gateways.sandbox.paypal.client import PayPalControl
from scheduler.runtime import Runtime


@dataclass(frozen=True, slots=True)
class Practice:
    """One gateway to practise on. The secret opens the sandbox and nothing else."""

    gateway: str
    folder: str
    secret: str
    currency: str


SANDBOX_KEY = "rk_test_sandbox_disputes"
SANDBOX_WEBHOOK_SECRET = "whsec_sandbox_counterproof"  # noqa: S105  (the sandboxes'; it signs nothing real)
PRACTICE = (
    Practice("stripe", "sandbox", SANDBOX_KEY, "EUR"),
    Practice("paypal", "sandbox-paypal", "sandbox-full:sandbox-full-secret", "EUR"),
    Practice("square", "sandbox-square", "EAAAsandbox_desk", "USD"),
)


@contextlib.contextmanager
def launched(data: Path) -> Iterator[dict[str, Sandbox]]:
    """Every sandbox; they end with the block. Started one by one: a child dies with the thread that started it."""
    with contextlib.ExitStack() as stack:
        yield {each.gateway: stack.enter_context(launch(data / each.folder, gateway=each.gateway)) for each in PRACTICE}


def connect(runtime: Runtime, merchant_id: str, sandboxes: dict[str, Sandbox]) -> dict[str, str]:
    """Gateway -> connection id on the demo merchant; after a restart only the addresses are brought up to date."""
    return {
        practice.gateway: _connect(runtime, merchant_id, practice, sandboxes[practice.gateway])
        for practice in PRACTICE
        if practice.gateway in sandboxes
    }


def _connect(runtime: Runtime, merchant_id: str, practice: Practice, sandbox: Sandbox) -> str:
    now = runtime.clock.now()
    addresses = _addresses(practice, sandbox)
    with runtime.database.writing() as session:
        connection = session.exec(
            select(Connection).where(
                Connection.merchant_id == merchant_id,
                Connection.mode == "sandbox",
                Connection.gateway == practice.gateway,
            )
        ).first()
        if connection is None:
            connection = Connection(
                id=new_id("con"),
                merchant_id=merchant_id,
                gateway=practice.gateway,
                mode="sandbox",
                account_id=f"sandbox-{merchant_id}",
                account_name=f"{gateway_title(practice.gateway)} sandbox",
                account_currency=practice.currency,
                secret=runtime.vault.seal(practice.secret),
                webhook_secret=runtime.vault.seal(SANDBOX_WEBHOOK_SECRET),
                next_poll_at=now,
                created_at=now,
            )
        connection.addresses = addresses
        session.add(connection)
    return connection.id


def _addresses(practice: Practice, sandbox: Sandbox) -> dict[str, str]:
    if practice.gateway == "stripe":
        return {"api": sandbox.api, "files": sandbox.files}
    if isinstance(sandbox.controls, PayPalControl):
        # Its certificates come from a root of its own, which a live connection refuses.
        return {"api": sandbox.api, "webhook_root": sandbox.controls.trust()["root_pem"]}
    return {"api": sandbox.api}


def hear(runtime: Runtime, connections: dict[str, str], sandboxes: dict[str, Sandbox], public_url: str) -> None:
    """Webhooks make the sandboxes quick, as a public address does for a live account."""
    for gateway, connection_id in connections.items():
        controls, url = sandboxes[gateway].controls, public_url + links.webhook(connection_id)
        if gateway == "paypal":
            secret = str(controls.webhook_endpoint(url)["id"])
        else:
            secret = SANDBOX_WEBHOOK_SECRET
            controls.webhook_endpoint(url, secret=secret)
        with runtime.database.writing() as session:
            row = session.get_one(Connection, connection_id)
            row.webhook_secret = runtime.vault.seal(secret)
            session.add(row)
