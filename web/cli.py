"""The command line. Only `serve`, `worker` and `demo` run the engine; every other command merely asks it."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from disputes.migrate import DatabaseDamaged
from disputes.store import NotFound
from disputes.vault import VaultLocked
from web.settings import Settings, load
from web.verify import Unreadable

app = typer.Typer(
    no_args_is_help=True, add_completion=False, help="Counterproof: answers payment disputes before the deadline."
)
console = Console()

Data = Annotated[Path | None, typer.Option("--data", help="Data folder (default: data, or COUNTERPROOF_DATA).")]


@app.command()
def serve(
    data: Data = None,
    sandbox: Annotated[bool, typer.Option("--sandbox", help="Also run the sandbox gateway and the demo shop.")] = False,
    host: str | None = None,
    port: int | None = None,
) -> None:
    """Serve the desk: pages, webhooks, clock and engine in one process."""
    from web.server import serve as run

    run(_settings(data, host=host, port=port), sandbox=sandbox, console=console)


@app.command()
def worker(data: Data = None) -> None:
    """Run clock and engine without pages, beside a `serve` on the same PostgreSQL database."""
    from web.server import work

    work(_settings(data))


@app.command()
def demo(
    json_path: Annotated[Path | None, typer.Option("--json", help="Also write the result as JSON.")] = None,
    data: Data = None,
) -> None:
    """Do the main job once on the sandbox, in an empty folder of its own, and show what came of it."""
    from web.demo.run import DemoFailed, run_demo

    try:
        run_demo(console, json_path, data)
    except DemoFailed as error:
        _fail(str(error))


@app.command()
def doctor(connection: str | None = None, data: Data = None) -> None:
    """Check connections without writing anything: rights, clock, reachability, newest disputes against the contract."""
    from web.compose import compose
    from web.doctor import examine

    runtime = compose(_settings(data), client_only=True)
    healthy = examine(runtime, console, connection)
    runtime.close()
    raise typer.Exit(0 if healthy else 1)


@app.command()
def verify(
    path: Path,
    manifest: Annotated[Path | None, typer.Option(help="The packet's manifest (JSON from the case page).")] = None,
    head: Annotated[str | None, typer.Option(help="The audit head as a digest printed it.")] = None,
) -> None:
    """Check a packet against its manifest, or an audit export (.jsonl), offline."""
    from web.verify import verify_audit, verify_packet

    wrong = verify_audit(path, head) if path.suffix == ".jsonl" else verify_packet(path, manifest)
    if wrong:
        _fail(f"{path}: {wrong}")
    console.print(f"{path}: in order.")


@app.command("setup-link")
def setup_link(data: Data = None) -> None:
    """Print a fresh one-time set-up link; earlier ones stop working."""
    from disputes import links
    from web.compose import compose
    from web.first_data import setup_token

    settings = _settings(data)
    runtime = compose(settings, client_only=True)
    token = setup_token(runtime)
    runtime.close()
    console.print(settings.url + links.setup(token) if token else "This desk has an owner already; sign in there.")


@app.command("reset-link")
def reset_link(
    email: str,
    data: Data = None,
    without_second_factor: Annotated[
        bool,
        typer.Option("--without-second-factor", help="Also switch their second factor off: phone and codes are gone."),
    ] = False,
) -> None:
    """Print a one-time link to a new password for somebody; good for an hour."""
    from disputes import store_access, store_people
    from scheduler import access
    from web.compose import compose

    runtime = compose(_settings(data), client_only=True)
    with runtime.database.writing() as session:
        person = store_people.person_by_email(session, email.strip().casefold())
        link = access.reset_link(runtime, session, person) if person else None
        if person and without_second_factor:
            store_access.factor_off(session, person.id, runtime.clock.now(), by="desk")
    runtime.close()
    if link is None:
        _fail(f"Nobody has an account with the address {email} here.")
    console.print(link, soft_wrap=True, highlight=False)


@app.command("filing-on")
def filing_on(data: Data = None) -> None:
    """Say that this database, restored or copied, is the one that files from now on."""
    from web.compose import compose
    from web.installation import adopt

    settings = _settings(data)
    runtime = compose(settings, client_only=True)
    typer.confirm("Is no other copy of this database filing for these accounts?", abort=True)
    adopt(runtime.database, settings.data.resolve())
    runtime.close()
    console.print("Filing is on. This is now the installation that files.")


@app.command("audit-export")
def audit_export(merchant: str, data: Data = None) -> None:
    """Write a merchant's audit chain to standard output, one JSON entry a line."""
    from disputes import store, store_audit
    from web.compose import compose

    runtime = compose(_settings(data), client_only=True)
    with runtime.database.reading() as session:
        for entry in store_audit.export(session, store.merchant_by_slug(session, merchant).id):
            sys.stdout.write(json.dumps(entry, sort_keys=True) + "\n")
    runtime.close()


def _settings(data: Path | None, **overrides: object) -> Settings:
    given = {name: value for name, value in overrides.items() if value is not None}
    return load(data).model_copy(update=given)


def _fail(words: str) -> None:
    Console(stderr=True).print(words, style="red", highlight=False)
    raise typer.Exit(1)


def main() -> None:
    """Expected failures are told in a sentence, not in a traceback."""
    try:
        app()
    except (VaultLocked, DatabaseDamaged, NotFound, Unreadable) as error:
        Console(stderr=True).print(str(error), style="red", highlight=False)
        raise SystemExit(1) from error
