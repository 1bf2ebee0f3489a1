"""House rules as tests: who may import whom, who may commit, who may ask for the time, where SQL lives."""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator
from pathlib import Path

import pytest

from evidence.systems.kinds import kinds

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("disputes", "gateways", "evidence", "scheduler", "web", "templates")

ALLOWED: dict[str, set[str]] = {
    "disputes": set(),
    "templates": set(),
    "gateways": {"disputes"},
    "evidence": {"disputes", "templates"},
    "scheduler": {"disputes", "gateways", "evidence", "templates"},
    "web": {"disputes", "gateways", "evidence", "scheduler", "templates"},
}
CLOCK = {
    "disputes/clock.py": "the port itself",
    "disputes/ids.py": "names are sorted by time of birth; no rule reads it back",
    "gateways/stripe/adapter.py": "event cursors and signatures are compared with Stripe's own clock",
    "gateways/sandbox": "a server of its own, with its own clock",
}
MONOTONIC_ONLY = "time.monotonic measures a duration and is no instant"
SQL_TOO = {
    "disputes/sync.py": "applies a page in bulk",
    "disputes/submission.py": "compare-and-set on attempts and journal",
    "web/health.py": "asks the database whether it is there",
}
SQL = ("disputes/store", "disputes/database.py", "disputes/migrat", "disputes/models/", "gateways/sandbox/")


@functools.cache
def sources() -> list[tuple[str, ast.Module]]:
    """Every file of the product; nobody changes what it says."""
    return [
        (path.relative_to(ROOT).as_posix(), ast.parse(path.read_text(encoding="utf-8")))
        for package in PACKAGES
        for path in sorted((ROOT / package).rglob("*.py"))
    ]


def imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            yield node.module


def dotted(node: ast.AST) -> str:
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def calls(tree: ast.Module) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def within(path: str, allowed: object) -> bool:
    return any(path.startswith(one) for one in allowed)  # type: ignore[attr-defined]


def test_nothing_imports_upwards_and_gateways_and_evidence_never_meet() -> None:
    wrong = []
    for path, tree in sources():
        package = path.partition("/")[0]
        for name in imported(tree):
            target = name.partition(".")[0]
            if target in PACKAGES and target != package and target not in ALLOWED[package]:
                wrong.append(f"{path} imports {name}")
    assert wrong == []


def test_no_product_file_imports_the_tests() -> None:
    assert [path for path, tree in sources() if any(name.partition(".")[0] == "tests" for name in imported(tree))] == []


def test_only_compose_knows_the_concrete_gateways() -> None:
    """web/server.py and the demo start the sandbox, which is a server and no adapter."""
    wrong = [
        f"{path} imports {name}"
        for path, tree in sources()
        if not path.startswith("gateways/") and path != "web/compose.py"
        for name in imported(tree)
        if name.startswith("gateways.") and not name.startswith("gateways.sandbox")
    ]
    assert wrong == []


def test_only_the_database_commits() -> None:
    wrong = [
        f"{path}:{call.lineno}"
        for path, tree in sources()
        if path not in ("disputes/database.py", "disputes/migrate.py") and not path.startswith("gateways/sandbox/")
        for call in calls(tree)
        if isinstance(call.func, ast.Attribute) and call.func.attr in ("commit", "rollback")
    ]
    assert wrong == []


def test_only_the_clock_asks_for_the_time() -> None:
    asked = ("datetime.now", "datetime.utcnow", "date.today", "datetime.today", "time.time", "time.time_ns")
    wrong = [
        f"{path}:{call.lineno} {dotted(call.func)}"
        for path, tree in sources()
        if not within(path, CLOCK)
        for call in calls(tree)
        if dotted(call.func).removeprefix("datetime.") in asked or dotted(call.func) in asked
    ]
    assert wrong == [], MONOTONIC_ONLY


def test_no_money_passes_through_a_float() -> None:
    """In the files that know money, nothing becomes a float and nothing is divided by a hundred."""
    wrong = []
    for path, tree in sources():
        knows_money = path == "disputes/money.py" or "disputes.money" in set(imported(tree))
        if not knows_money:
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div) and _minor_or_hundred(node):
                wrong.append(f"{path}:{node.lineno} divides an amount")
            if isinstance(node, ast.Call) and dotted(node.func) == "float" and "minor" in ast.dump(node):
                wrong.append(f"{path}:{node.lineno} makes an amount a float")
    assert wrong == []


def _minor_or_hundred(node: ast.BinOp) -> bool:
    hundred = isinstance(node.right, ast.Constant) and node.right.value in (100, 1000)
    return (hundred and "minor" in ast.dump(node.left)) or "attr='minor'" in ast.dump(node.left)


def test_sql_lives_in_the_stores() -> None:
    """Loading a row by its key is everybody's; statements are the stores'."""
    statements = ("insert", "update", "delete", "text")
    wrong = [
        f"{path}:{call.lineno} {dotted(call.func)}"
        for path, tree in sources()
        if not within(path, SQL)
        for call in calls(tree)
        if dotted(call.func) in {f"sa.{one}" for one in statements} | {f"sqlalchemy.{one}" for one in statements}
        and path not in SQL_TOO
    ]
    assert wrong == []


@pytest.mark.parametrize("setting", sorted(__import__("web.settings", fromlist=["Settings"]).Settings.model_fields))
def test_every_setting_stands_in_the_readme(setting: str) -> None:
    assert f"COUNTERPROOF_{setting.upper()}" in (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", sorted(kinds()))
def test_every_system_stands_in_the_readme_with_what_it_gives_and_needs(name: str) -> None:
    kind = kinds()[name]
    line = f"| {kind.title} | {kind.gives} | {kind.needs} |"
    assert line in (ROOT / "README.md").read_text(encoding="utf-8")
