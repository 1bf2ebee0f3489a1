"""One Square sandbox for the whole run; every test makes disputes of its own. What moves the clock gets another."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from square import Square
from square.core.api_error import ApiError

from gateways.sandbox.launch import Sandbox, launch
from gateways.sandbox.square.control import SquareControl
from gateways.sandbox.square.tokens import PERSONAL

ONCE: Any = {"max_retries": 0}
PDF = b"%PDF-1.4 one page\r\n\r\n--not-a-boundary\r\n%%EOF"


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with launch(tmp_path_factory.mktemp("square"), gateway="square", empty=True) as running:
        yield running


@pytest.fixture(scope="session")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """The demo's disputes, for reading only."""
    with launch(tmp_path_factory.mktemp("square-story"), gateway="square") as running:
        yield running


@pytest.fixture(scope="session")
def moving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """A sandbox whose clock tests advance as they like."""
    with launch(tmp_path_factory.mktemp("square-moving"), gateway="square", empty=True) as running:
        yield running


@pytest.fixture
def control(sandbox: Sandbox) -> Iterator[SquareControl]:
    controls = sandbox.controls
    assert isinstance(controls, SquareControl)
    before = controls.settings()
    yield controls
    controls.clear_faults()
    controls.settings(**before)


@pytest.fixture(scope="session")
def client_for() -> Iterator[Callable[..., Square]]:
    """The real SDK against a sandbox."""
    with httpx.Client(timeout=20, trust_env=False) as http:

        def build(sandbox: Sandbox, token: str = PERSONAL) -> Square:
            return Square(token=token, base_url=sandbox.api, httpx_client=http)

        yield build


@pytest.fixture
def client(client_for: Callable[..., Square], sandbox: Sandbox) -> Square:
    return client_for(sandbox)


class Desk:
    """What an honest application does, with the SDK's retries off."""

    _keys = itertools.count(1)

    def __init__(self, client: Square) -> None:
        self.client = client

    def text(self, dispute: str, text: str = "1Z8888888888888888", kind: str = "TRACKING_NUMBER", **more: Any) -> Any:
        key = more.pop("key", None) or f"text-{next(self._keys)}"
        sent = self.client.disputes.create_evidence_text(
            dispute, idempotency_key=key, evidence_text=text, evidence_type=kind, request_options=ONCE
        )
        return sent.evidence

    def file(self, dispute: str, content: bytes = PDF, name: str = "packet.pdf", **more: Any) -> Any:
        """Words: key, kind, content_type (the request's), part_type (the part's)."""
        request: Any = {"idempotency_key": more.get("key") or f"file-{next(self._keys)}"}
        request["evidence_type"] = more.get("kind", "GENERIC_EVIDENCE")
        if "content_type" in more:
            request["content_type"] = more["content_type"]
        sent = self.client.disputes.create_evidence_file(
            dispute,
            request=request,
            image_file=(name, content, more.get("part_type", "application/pdf")),
            request_options=ONCE,
        )
        return sent.evidence

    def submit(self, dispute: str) -> Any:
        return self.client.disputes.submit_evidence(dispute, request_options=ONCE).dispute

    def accept(self, dispute: str) -> Any:
        return self.client.disputes.accept(dispute, request_options=ONCE).dispute

    def delete(self, dispute: str, evidence: str) -> Any:
        return self.client.disputes.evidence.delete(dispute, evidence, request_options=ONCE)

    def get(self, dispute: str) -> Any:
        return self.client.disputes.get(dispute).dispute

    def evidence(self, dispute: str) -> list[Any]:
        return list(self.client.disputes.evidence.list(dispute))


@pytest.fixture
def desk(client: Square) -> Desk:
    return Desk(client)


@pytest.fixture
def refusal() -> Callable[..., Any]:
    """Calls, expects Square's error, and gives {"status", "category", "code", "detail", "field"}."""

    def of(act: Callable[..., Any], *arguments: Any, **words: Any) -> dict[str, Any]:
        with pytest.raises(ApiError) as caught:
            act(*arguments, **words)
        (error,) = caught.value.errors
        return {"status": caught.value.status_code, **error.model_dump()}

    return of
