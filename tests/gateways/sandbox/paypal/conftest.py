"""One PayPal sandbox for the whole run; every test makes disputes of its own. What moves the clock gets another."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from gateways.sandbox.launch import Sandbox, launch
from gateways.sandbox.paypal.client import PayPalControl
from gateways.sandbox.paypal.tokens import FULL
from tests.gateways.sandbox.paypal.merchant import App, controls_of


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with launch(tmp_path_factory.mktemp("paypal"), gateway="paypal", empty=True) as running:
        yield running


@pytest.fixture(scope="session")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """The demo's disputes, for reading only."""
    with launch(tmp_path_factory.mktemp("paypal-story"), gateway="paypal") as running:
        yield running


@pytest.fixture
def moving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """A sandbox whose clock and settings a test changes as it likes."""
    with launch(tmp_path_factory.mktemp("paypal-moving"), gateway="paypal", empty=True) as running:
        yield running


@pytest.fixture
def control(sandbox: Sandbox) -> Iterator[PayPalControl]:
    yield controls_of(sandbox)
    sandbox.controls.clear_faults()


@pytest.fixture(scope="session")
def app_for() -> Iterator[Callable[..., App]]:
    made: list[App] = []

    def build(running: Sandbox, client: tuple[str, str] = FULL) -> App:
        made.append(App(running.api, client))
        return made[-1]

    yield build
    for app in made:
        app.http.close()


@pytest.fixture
def app(app_for: Callable[..., App], sandbox: Sandbox) -> App:
    return app_for(sandbox)
