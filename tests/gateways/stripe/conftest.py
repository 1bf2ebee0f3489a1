"""One sandbox a module, over the real SDK and HTTP."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from gateways.sandbox.control import SandboxControl
from gateways.sandbox.launch import Sandbox, launch
from gateways.stripe.adapter import StripeGateway
from tests.gateways.stripe.calls import KEY


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with launch(tmp_path_factory.mktemp("stripe"), empty=True) as running:
        yield running


@pytest.fixture
def control(sandbox: Sandbox) -> Iterator[SandboxControl]:
    yield sandbox.controls
    sandbox.controls.clear_faults()


@pytest.fixture(scope="module")
def gateway_with(sandbox: Sandbox) -> Callable[..., StripeGateway]:
    def build(key: str = KEY, timeout: float = 10.0) -> StripeGateway:
        return StripeGateway(key, addresses={"api": sandbox.api, "files": sandbox.files}, timeout=timeout)

    return build


@pytest.fixture(scope="module")
def gateway(gateway_with: Callable[..., StripeGateway]) -> StripeGateway:
    return gateway_with()
