"""`counterproof doctor`: a connection examined by reading alone."""

from __future__ import annotations

from itertools import islice

from rich.console import Console
from sqlmodel import select

from disputes.gateway_kinds import gateway_kind
from disputes.models import Connection, SourceConnection
from disputes.ports import AccountFacts, Gateway, GatewayError
from disputes.systems import SourceError
from disputes.titles import connection_title
from scheduler.runtime import Runtime

NEWEST = 50
SKEW_SECONDS = 60.0


def examine(runtime: Runtime, console: Console, only: str | None) -> bool:
    """Every connection (or one by id): True when nothing is wrong."""
    with runtime.database.reading() as session:
        query = select(Connection)
        found = [row for row in session.exec(query) if only in (None, row.id)]
        sources = [row for row in session.exec(select(SourceConnection)) if only in (None, row.id)]
    if not found and not sources:
        console.print("There is no connection to examine.")
        return only is None
    healthy = [_one(runtime, console, connection) for connection in found]
    healthy += [_source(runtime, console, source) for source in sources]
    return all(healthy)


def _source(runtime: Runtime, console: Console, source: SourceConnection) -> bool:
    """A connected system is asked who its key speaks for, and nothing of a customer."""
    console.print(f"[bold]{source.system}[/bold] {source.account_name} (source, {source.id})")
    try:
        account = runtime.system_for(source).account()
    except SourceError as error:
        console.print(f"  [red]{error}[/red]")
        return False
    console.print(f"  reachable: {account.name or account.account_id}")
    for right in account.rights_missing:
        console.print(f"  [red]right missing:[/red] {right}")
    for words in (*account.rights_too_many, *account.warnings):
        console.print(f"  [yellow]{words}[/yellow]")
    return not account.rights_missing


def _one(runtime: Runtime, console: Console, connection: Connection) -> bool:
    console.print(
        f"[bold]{connection_title(connection)}[/bold] {connection.account_name} ({connection.mode}, {connection.id})"
    )
    try:
        gateway = runtime.gateway_for(connection)
        account = gateway.account()
        console.print(f"  reachable: account {account.account_id}, {'live' if account.live else 'test'} mode")
        return _rights(console, connection, account) and _contract(console, gateway)
    except GatewayError as error:
        console.print(f"  [red]{error}[/red]")
        return False


def _rights(console: Console, connection: Connection, account: AccountFacts) -> bool:
    for right in account.rights_missing:
        console.print(f"  [red]right missing:[/red] {right}")
    for right in account.rights_too_many:
        console.print(f"  [yellow]more rights than needed:[/yellow] {right}")
    skewed = abs(account.clock_skew_seconds) > SKEW_SECONDS
    if skewed:
        console.print(f"  [red]this machine's clock is off by {account.clock_skew_seconds:.0f} s[/red]")
    if not account.rights_missing:
        console.print("  rights for reading: complete")
        console.print(f"  may file: {_filing(connection, account)}")
    return not account.rights_missing and not skewed


def _filing(connection: Connection, account: AccountFacts) -> str:
    if connection.by_hand or not account.may_file:
        return "no: answers are handed over as files and text"
    # Stripe has no call that lists a key's rights, and trying the right would be a write.
    if connection.gateway == "stripe":
        return "shows at the first staging, before anything is submitted"
    kind = gateway_kind(connection.gateway)
    return kind.rights_seen if kind else "yes"


def _contract(console: Console, gateway: Gateway) -> bool:
    """The newest disputes against what the contract knows. Unknown things are listed; they are no failure."""
    page = gateway.disputes()
    newest = list(islice(page.disputes, NEWEST))
    unknown: dict[str, int] = {}
    for dispute in newest:
        for name in dispute.unknown:
            unknown[name] = unknown.get(name, 0) + 1
    console.print(f"  newest {len(newest)} disputes read and understood")
    for name, number in sorted(unknown.items()):
        console.print(f"  [yellow]unknown to the contract:[/yellow] {name} (in {number})")
    return True
