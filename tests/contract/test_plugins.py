"""The example of docs/plugins.md, installed as a distribution would be: found by its entry points, and held to the same
suites as our own adapters."""

from __future__ import annotations

import importlib
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from disputes import gateway_kinds
from disputes.gateway_kinds import gateway_kind
from disputes.ids import digest
from disputes.knowledge import packet_limits, text_limits
from disputes.knowledge.reasons import reason_for
from disputes.response import Response, ResponseFile
from disputes.titles import gateway_title
from evidence.gateway_slots import front_slot
from evidence.systems import kinds
from tests.contract import example_servers
from tests.contract.gateway_contract import GatewayContract
from tests.contract.gateway_contract import house as house
from tests.contract.practice import Subject as GatewaySubject
from tests.contract.source_contract import CARD, KeptSourceContract
from tests.contract.source_contract import Subject as SourceSubject
from tests.evidence.builders import case
from tests.evidence.fields.answers import answer as answered
from tests.evidence.fields.answers import by_hand

EXAMPLES = Path(__file__).resolve().parents[2] / "docs" / "examples"


def distribution(folder: Path, points: dict[str, dict[str, str]], name: str = "counterproof_example") -> Path:
    """What an installed distribution leaves behind: a dist-info folder with its entry points."""
    info = folder / f"{name}-1.0.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0.0\n", encoding="utf-8")
    lines = [f"[{group}]\n" + "".join(f"{one} = {value}\n" for one, value in each.items())
             for group, each in points.items()]  # fmt: skip
    (info / "entry_points.txt").write_text("\n".join(lines), encoding="utf-8")
    return folder


def forget() -> None:
    gateway_kinds.gateway_kinds.cache_clear()
    kinds.kinds.cache_clear()


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Makes entry points known for one test."""

    def install(points: dict[str, dict[str, str]]) -> None:
        monkeypatch.syspath_prepend(str(distribution(tmp_path / f"d{len(list(tmp_path.iterdir()))}", points)))
        monkeypatch.syspath_prepend(str(EXAMPLES))
        forget()

    yield install
    monkeypatch.undo()
    forget()


def example_points() -> dict[str, dict[str, str]]:
    told: dict[str, dict[str, str]] = tomllib.loads((EXAMPLES / "pyproject.toml").read_text(encoding="utf-8"))[
        "project"
    ]["entry-points"]
    return told


# ---- the door ------------------------------------------------------------------------------------------------------


def test_the_example_is_found_by_its_entry_points(installed: Any) -> None:
    installed(example_points())
    assert list(gateway_kinds.gateway_kinds()) == ["shopify_payments", "example_bank"]
    assert kinds.kinds()["example_ledger"].title == "Example Ledger"


def test_everything_that_knows_gateways_by_name_asks_the_plug_in(installed: Any) -> None:
    installed(example_points())
    assert gateway_title("example_bank") == "Example Bank"
    assert packet_limits("example_bank", "mastercard").total_pages == 40
    assert text_limits("example_bank").of("text") == 4_000
    assert reason_for(None, None, "example_bank", "fraud").category == "fraudulent"
    assert front_slot("example_bank") == "file"
    claim = by_hand(gateway="example_bank", gateway_title="Example Bank", raw_reason="not_received")
    ctx, fields = answered(claim, case())
    assert {ctx.front_slot, *(exhibit.slot for exhibit in ctx.exhibits)} == {"file"}
    assert fields["text"].startswith("We ask for: ")


def test_without_it_nothing_of_it_is_known() -> None:
    forget()
    assert gateway_kind("example_bank") is None
    assert gateway_title("example_bank") == "Example_Bank"


@pytest.mark.parametrize("name", gateway_kinds.BUILT_IN)
def test_a_plug_in_cannot_take_a_built_in_gateways_place(
    installed: Any, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    installed({gateway_kinds.GROUP: {"mine": f"tests.contract.impostors:{name.upper()}"}})
    assert name not in gateway_kinds.gateway_kinds()
    assert "none takes another's place" in caplog.text


def test_nor_that_of_one_before_it(installed: Any, caplog: pytest.LogCaptureFixture) -> None:
    installed({gateway_kinds.GROUP: {"mine": "tests.contract.impostors:SHOPIFY_PAYMENTS"}})
    kind = gateway_kind("shopify_payments")
    assert kind is not None
    assert kind.title == "Shopify Payments"
    assert "none takes another's place" in caplog.text


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("tests.contract.no_such_module:KIND", "could not be loaded"),
        ("tests.contract.impostors:NOT_THERE", "could not be loaded"),
        ("tests.contract.impostors:NO_KIND", "it is no GatewayKind"),
        ("tests.contract.impostors:BAD_NAME", "is no name for a gateway"),
    ],
)
def test_one_that_does_not_load_is_told_in_the_log_and_everything_else_works(
    installed: Any, value: str, said: str, caplog: pytest.LogCaptureFixture
) -> None:
    points = example_points()
    installed({gateway_kinds.GROUP: {"broken": value, **points[gateway_kinds.GROUP]}})
    assert "example_bank" in gateway_kinds.gateway_kinds()
    assert said in caplog.text


# ---- the suites ----------------------------------------------------------------------------------------------------


def example(name: str) -> Any:
    """A module of the example, which is no part of the desk and lies on no path of its."""
    sys.path.insert(0, str(EXAMPLES))
    try:
        return importlib.import_module(f"counterproof_example.{name}")
    finally:
        sys.path.remove(str(EXAMPLES))


@pytest.fixture(scope="class")
def practice() -> Iterator[example_servers.Bank]:
    with example_servers.Bank() as running:
        yield running


def bank_answer(*, external_id: str, data: bytes = b"%PDF-1.4 proof") -> Response:
    file = ResponseFile(
        slot="file", name=f"packet-{digest(data)[:10]}.pdf", sha256=digest(data), size=len(data), pages=1
    )
    return Response(
        gateway="example_bank", dispute_id=external_id, round=1, fields={"text": "It was delivered."}, files=(file,)
    )


class TestExampleBank(GatewayContract):
    subject = GatewaySubject(
        name="example_bank",
        open=lambda key, addresses: example("bank").KIND.open(key, addresses, 5.0),
        key=example_servers.KEY,
        stranger="example-key-nobody-knows",
        reader=example_servers.READER,
        answer=bank_answer,
    )


class TestExampleLedger(KeptSourceContract):
    subject = SourceSubject(
        kind=example("ledger").KIND,
        settings=lambda address: {"address": address, "key": example_servers.KEY},
        wrong={"key": "example-key-nobody-knows"},
        serve=lambda: example_servers.Ledger(CARD),
    )
