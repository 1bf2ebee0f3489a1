"""What the tests of the Stripe adapter share: an answer staged, and what the sandbox was sent."""

from __future__ import annotations

from typing import Any

from disputes.response import ResponseFile
from gateways.sandbox.control import SandboxControl
from gateways.stripe.adapter import StripeGateway
from tests import builders

KEY = "rk_test_sandbox_disputes"
FULL = "sk_test_sandbox_full"
PDF = b"%PDF-1.4 proof of delivery"
SECRET = "whsec_this_endpoint"
URL = "https://desk.example.com/webhooks/con_1"


def opened(control: SandboxControl, **spec: Any) -> str:
    return str(control.dispute(**spec)["id"])


def packet(data: bytes = PDF, name: str = "packet-3f9a1c2b4d.pdf") -> ResponseFile:
    return ResponseFile(slot="uncategorized_file", name=name, sha256=builders.digest(data), size=len(data), pages=1)


def sent(control: SandboxControl, **filters: Any) -> list[dict[str, Any]]:
    return control.log(method="POST", **filters)


def stage(gateway: StripeGateway, external_id: str, *, key: str = "stage-1", **more: Any) -> None:
    file = gateway.upload(packet(), PDF, key=f"{key}-file-{external_id}")
    gateway.stage(
        builders.answer(external_id=external_id, data=PDF), {"uncategorized_file": file.file_id}, key=key, **more
    )
