"""One sandbox a module, the real adapter on it, and a loopback server for answers that no sandbox gives."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from gateways.sandbox.launch import Sandbox, launch
from gateways.sandbox.shopify_payments import tokens
from gateways.sandbox.shopify_payments.control import ShopifyPaymentsControl
from gateways.sandbox.shopify_payments.world import SETTINGS
from gateways.shopify_payments.adapter import ShopifyPaymentsGateway
from tests.gateways.square.loopback import Loopback

DESK = f":{tokens.DESK}"


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with launch(tmp_path_factory.mktemp("shopify"), gateway="shopify_payments", empty=True) as running:
        yield running


@pytest.fixture
def control(sandbox: Sandbox) -> Iterator[ShopifyPaymentsControl]:
    assert isinstance(sandbox.controls, ShopifyPaymentsControl)
    yield sandbox.controls
    sandbox.controls.clear_faults()
    sandbox.controls.settings(**SETTINGS)


@pytest.fixture(scope="module")
def gateway_with(sandbox: Sandbox) -> Callable[..., ShopifyPaymentsGateway]:
    def build(key: str = DESK, timeout: float = 10.0, settle: float = 0.4) -> ShopifyPaymentsGateway:
        return ShopifyPaymentsGateway(key, addresses={"api": sandbox.api}, timeout=timeout, settle=settle)

    return build


@pytest.fixture(scope="module")
def gateway(gateway_with: Callable[..., ShopifyPaymentsGateway]) -> ShopifyPaymentsGateway:
    return gateway_with()


@pytest.fixture
def loopback() -> Iterator[Loopback]:
    with Loopback() as server:
        yield server


@pytest.fixture
def at_loopback(loopback: Loopback) -> ShopifyPaymentsGateway:
    return ShopifyPaymentsGateway(DESK, addresses={"api": loopback.url}, timeout=5.0, settle=0.0)
