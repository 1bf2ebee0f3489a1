"""One sandbox for the whole run; every test makes disputes of its own. What moves the clock gets another."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from typing import Any

import pikepdf
import pytest
import stripe

from gateways.sandbox.control import SandboxControl
from gateways.sandbox.launch import Sandbox, launch
from gateways.sandbox.stripe.keys import FULL_KEY


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with launch(tmp_path_factory.mktemp("sandbox"), empty=True) as running:
        yield running


@pytest.fixture(scope="session")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """The demo's disputes, for reading only."""
    with launch(tmp_path_factory.mktemp("story")) as running:
        yield running


@pytest.fixture(scope="session")
def moving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """A sandbox whose clock tests advance as they like."""
    with launch(tmp_path_factory.mktemp("moving"), empty=True) as running:
        yield running


@pytest.fixture
def control(sandbox: Sandbox) -> Iterator[SandboxControl]:
    yield sandbox.controls
    sandbox.controls.clear_faults()


@pytest.fixture(scope="session")
def client_for() -> Iterator[Callable[..., stripe.StripeClient]]:
    """The real SDK against a sandbox: no retries, no telemetry."""
    stripe.enable_telemetry = False
    http = stripe.RequestsClient(timeout=20)

    def build(sandbox: Sandbox, key: str = FULL_KEY, version: str | None = None) -> stripe.StripeClient:
        return stripe.StripeClient(
            key,
            base_addresses={"api": sandbox.api, "files": sandbox.files},
            max_network_retries=0,
            http_client=http,
            stripe_version=version,
        )

    yield build
    http.close()  # type: ignore[no-untyped-call]


@pytest.fixture
def client(client_for: Callable[..., stripe.StripeClient], sandbox: Sandbox) -> stripe.StripeClient:
    return client_for(sandbox)


@pytest.fixture(scope="session")
def pdf() -> Callable[..., bytes]:
    def build(pages: int = 1, padding: int = 0) -> bytes:
        with pikepdf.new() as document:
            for _ in range(pages):
                document.add_blank_page()
            out = io.BytesIO()
            document.save(out)
        return out.getvalue() + b"\n%" + b"x" * padding

    return build


@pytest.fixture
def upload(client: stripe.StripeClient) -> Callable[..., stripe.File]:
    def send(content: bytes, name: str = "packet.pdf", purpose: str = "dispute_evidence") -> stripe.File:
        file = io.BytesIO(content)
        file.name = name
        params: Any = {"purpose": purpose, "file": file}
        return client.v1.files.create(params)

    return send
