"""Runs the figures and prints them; `--json` writes the list."""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from tests.benchmarks.figure import RUNS, Figure

GROUPS = (
    "packet",
    "sync",
    "sync_paypal",
    "sync_square",
    "queue",
    "webhook",
    "respond",
    "respond_paypal",
    "respond_square",
    "digest",
)

console = Console()


def main(
    json_path: Annotated[Path | None, typer.Option("--json")] = None,
    only: Annotated[list[str] | None, typer.Option("--only", help="A group: " + ", ".join(GROUPS))] = None,
    runs: int = RUNS,
) -> None:
    if unknown := set(only or ()) - set(GROUPS):
        raise typer.BadParameter(f"there is no group {', '.join(sorted(unknown))}; there are {', '.join(GROUPS)}")
    figures: list[Figure] = []
    for group in GROUPS:
        if only and group not in only:
            continue
        console.print(f"measuring {group} ...")
        figures.extend(import_module(f"tests.benchmarks.{group}").measure(runs))
        if json_path is not None:
            json_path.write_text(json.dumps([figure.as_json() for figure in figures], indent=2) + "\n")
    table = Table("figure", "ours", "baseline", "ratio", "unit", "note")
    for figure in figures:
        table.add_row(
            figure.name, f"{figure.ours:g}", f"{figure.baseline:g}", f"{figure.ratio:.2f}", figure.unit, figure.note
        )
    console.print(table)


if __name__ == "__main__":
    typer.run(main)
