"""A merchant's REST app that talks to the sandbox without any SDK."""

from __future__ import annotations

import json
from typing import Any

import httpx

from gateways.sandbox.launch import Sandbox
from gateways.sandbox.paypal.client import PayPalControl
from gateways.sandbox.paypal.tokens import FULL

PDF = b"%PDF-1.4 proof of delivery"
DISPUTES = "/v1/customer/disputes"
TRACKED = {
    "evidence_type": "PROOF_OF_FULFILLMENT",
    "evidence_info": {"tracking_info": [{"carrier_name": "YURTICI_KARGO", "tracking_number": "10345678901"}]},
    "notes": "Delivered and signed for.",
}


class App:
    """A REST app of the merchant's, with a token of its own."""

    def __init__(self, api: str, client: tuple[str, str] = FULL) -> None:
        self.api = api
        self.http = httpx.Client(base_url=api, trust_env=False, timeout=20)
        granted = self.http.post("/v1/oauth2/token", auth=client, data={"grant_type": "client_credentials"})
        self.http.headers["Authorization"] = f"Bearer {granted.json()['access_token']}"

    def get(self, path: str, **query: Any) -> Any:
        answer = self.http.get(path, params=query or None)
        answer.raise_for_status()
        return answer.json()

    def dispute(self, id: str) -> Any:
        return self.get(f"{DISPUTES}/{id}")

    def links(self, id: str) -> list[str]:
        return [link["rel"] for link in self.dispute(id)["links"] if link["rel"] != "self"]

    def send(self, id: str, act: str, body: Any, **more: Any) -> httpx.Response:
        return self.http.post(f"{DISPUTES}/{id}/{act}", json=body, **more)

    def evidence(
        self, id: str, *evidences: Any, files: Any = (), act: str = "provide-evidence", **more: Any
    ) -> httpx.Response:
        """Multipart as PayPal wants it; files are (name, content) pairs."""
        parts: list[Any] = [("input", (None, json.dumps({"evidences": list(evidences)}), "application/json"))]
        parts += [
            (f"file{place}", (name, content, "application/pdf")) for place, (name, content) in enumerate(files, 1)
        ]
        return self.http.post(f"{DISPUTES}/{id}/{act}", files=parts, **more)


def issues(answer: httpx.Response) -> list[str]:
    return [detail["issue"] for detail in answer.json()["details"]]


def controls_of(running: Sandbox) -> PayPalControl:
    assert isinstance(running.controls, PayPalControl)
    return running.controls
