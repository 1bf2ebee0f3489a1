"""The composition root, the only place that knows every concrete class: serve, worker, CLI, tests, bench start here."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from disputes.clock import Clock, ShiftedClock
from disputes.database import Database, sqlite_url
from disputes.files import FolderStore
from disputes.gateway_kinds import gateway_kind
from disputes.ids import new_id
from disputes.mark import Mark
from disputes.migrate import migrate
from disputes.models import Connection, SourceConnection
from disputes.ports import Gateway, Mailer
from disputes.submission import Timing
from disputes.vault import Vault
from evidence.packet.build import PacketBuilder
from gateways.manual.adapter import ManualGateway
from gateways.paypal.adapter import PayPalGateway
from gateways.square.adapter import SquareGateway
from gateways.stripe.adapter import StripeGateway
from scheduler import entering, runtime
from scheduler.engine import DbosEngine
from scheduler.lease import AdvisoryLeases, FileLeases, Leases
from scheduler.mail import FolderMailer, SmtpMailer
from scheduler.runtime import Runtime
from web.installation import check_installation
from web.settings import Settings
from web.sources import Wiring


def compose(settings: Settings, *, clock: Clock | None = None, client_only: bool = False) -> Runtime:
    """Open (and bring up to date) the data folder and wire everything. Nothing runs until `engine.launch()`."""
    data = settings.data.resolve()
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    url = settings.database_url or sqlite_url(data / "counterproof.db")
    migrate(url)
    database = Database(url)
    chosen = clock or ShiftedClock(timedelta(seconds=float(os.environ.get("COUNTERPROOF_CLOCK_SHIFT", "0"))))
    vault = Vault.at(data / "key", create=not _has_secrets(database))
    check_installation(database, data, chosen.now())
    owner = new_id("exe")
    leases: Leases = FileLeases(data / "leases") if database.is_sqlite else AdvisoryLeases(url)
    files = FolderStore(data / "files")
    wiring = Wiring(data, database, vault, files, chosen)
    composed = Runtime(
        data=data,
        database=database,
        clock=chosen,
        vault=vault,
        files=files,
        mailer=_mailer(settings, data, chosen),
        engine=DbosEngine(url, leases, owner, client_only=client_only),
        packets=PacketBuilder(),
        gateway_for=lambda connection: _gateway(connection, vault, settings, database),
        sources_for=wiring.sources_for,
        system_for=wiring.system_for,
        owner=owner,
        public_url=settings.url,
        mark=Mark.beside(data),
        timing=Timing(
            timedelta(seconds=settings.send_window_seconds),
            timedelta(seconds=settings.call_timeout_seconds),
            timedelta(seconds=settings.settle_seconds),
        ),
        ping_url=settings.ping_url,
    )
    runtime.use(composed)
    return composed


def _has_secrets(database: Database) -> bool:
    """A new key file is written only for a database that holds nothing sealed with an older one."""
    from sqlmodel import select

    with database.reading() as session:
        sealed = (select(Connection.id), select(SourceConnection.id))
        return any(session.exec(statement).first() is not None for statement in sealed)


def _gateway(connection: Connection, vault: Vault, settings: Settings, database: Database) -> Gateway:
    if connection.gateway == "manual":
        live = connection.mode == "live"
        return ManualGateway(connection.account_name, _entered(database, connection.id), live=live)
    return gateway_named(connection.gateway, vault.open(connection.secret), connection.addresses, settings)


def _entered(database: Database, connection_id: str) -> Callable[[str], dict[str, object] | None]:
    def read(case_number: str) -> dict[str, object] | None:
        with database.reading() as session:
            return entering.lookup(session, connection_id, case_number)

    return read


def gateway_named(name: str, key: str, addresses: dict[str, str], settings: Settings) -> Gateway:
    """A gateway by its name, a plug-in's too; `key` is its secret as one text (PayPal: "client id:secret")."""
    timeout = settings.call_timeout_seconds
    match name:
        case "stripe":
            return StripeGateway(key, addresses=addresses, timeout=timeout)
        case "paypal":
            client_id, _, secret = key.partition(":")
            return PayPalGateway(client_id, secret, addresses=addresses, timeout=timeout)
        case "square":
            return SquareGateway(key, addresses=addresses, timeout=timeout)
    if (kind := gateway_kind(name)) is not None:
        return kind.open(key, addresses, timeout)
    raise LookupError(f"There is no adapter for the gateway {name}. Was its plug-in removed?")


def _mailer(settings: Settings, data: Path, clock: Clock) -> Mailer:
    if settings.smtp_host is None:
        return FolderMailer(data / "mail", settings.mail_from, clock)
    return SmtpMailer(
        host=settings.smtp_host,
        port=settings.smtp_port,
        sender=settings.mail_from,
        clock=clock,
        user=settings.smtp_user,
        password=settings.smtp_password.get_secret_value() if settings.smtp_password else None,
        starttls=settings.smtp_starttls,
    )
