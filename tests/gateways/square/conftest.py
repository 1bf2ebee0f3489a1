"""One Square sandbox a module, the real adapter on it, and a loopback server for answers that no sandbox gives."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from gateways.sandbox.launch import Sandbox, launch
from gateways.sandbox.square.control import SquareControl
from gateways.square.adapter import SquareGateway
from tests.gateways.square.loopback import Loopback

DESK = "EAAAsandbox_desk"


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with launch(tmp_path_factory.mktemp("square"), gateway="square", empty=True) as running:
        yield running


@pytest.fixture
def control(sandbox: Sandbox) -> Iterator[SquareControl]:
    assert isinstance(sandbox.controls, SquareControl)
    yield sandbox.controls
    sandbox.controls.clear_faults()


@pytest.fixture
def rules(control: SquareControl) -> Iterator[SquareControl]:
    """The sandbox under other rules of Square's; as they were afterwards."""
    before = control.settings()
    yield control
    control.settings(**{name: before[name] for name in ("one_per_type", "decision_days")})


@pytest.fixture(scope="module")
def gateway_with(sandbox: Sandbox) -> Callable[..., SquareGateway]:
    def build(token: str = DESK, timeout: float = 10.0) -> SquareGateway:
        return SquareGateway(token, addresses={"api": sandbox.api}, timeout=timeout)

    return build


@pytest.fixture(scope="module")
def gateway(gateway_with: Callable[..., SquareGateway]) -> SquareGateway:
    return gateway_with()


@pytest.fixture
def loopback() -> Iterator[Loopback]:
    with Loopback() as server:
        yield server


@pytest.fixture
def at_loopback(loopback: Loopback) -> SquareGateway:
    return SquareGateway(DESK, addresses={"api": loopback.url}, timeout=5.0)
