"""A desk in a throw-away folder for the figures, on either database."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path

from disputes.ids import new_id
from disputes.models import Connection, Merchant
from gateways.sandbox.launch import Sandbox
from scheduler.runtime import Runtime
from web.compose import compose
from web.practice import PRACTICE, SANDBOX_WEBHOOK_SECRET
from web.settings import Settings


@contextlib.contextmanager
def desk(*, database_url: str | None = None) -> Iterator[Runtime]:
    """A composed runtime; its engine is not launched."""
    with tempfile.TemporaryDirectory(prefix="counterproof-bench-", ignore_cleanup_errors=True) as folder:
        settings = Settings(data=Path(folder) / "data", database_url=database_url)
        runtime = compose(settings)
        try:
            yield runtime
        finally:
            runtime.engine.stop()
            runtime.packets.close()
            runtime.database.dispose()


def add_merchant(runtime: Runtime, slug: str = "shop") -> str:
    merchant = Merchant(
        id=new_id("mer"),
        slug=slug,
        name="Bench",
        digest_recipients=["desk@example.org"],
        created_at=runtime.clock.now(),
    )
    with runtime.database.writing() as session:
        session.add(merchant)
    return merchant.id


def add_connection(
    runtime: Runtime, merchant_id: str, sandbox: Sandbox | None, *, gateway: str = "stripe", polled: bool = True
) -> str:
    """`polled=False`: a serving process leaves its gateway alone."""
    (secret,) = (practice.secret for practice in PRACTICE if practice.gateway == gateway)
    connection = Connection(
        id=new_id("con"),
        merchant_id=merchant_id,
        gateway=gateway,
        mode="sandbox",
        account_id=new_id("acc"),
        addresses={"api": sandbox.api, "files": sandbox.files} if sandbox else {},
        secret=runtime.vault.seal(secret),
        webhook_secret=runtime.vault.seal(SANDBOX_WEBHOOK_SECRET),
        paused=not polled,
        created_at=runtime.clock.now(),
    )
    with runtime.database.writing() as session:
        session.add(connection)
    return connection.id
