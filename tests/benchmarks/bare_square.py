"""Square's SDK as it is, for the baseline: which of its methods a logged call was."""

from __future__ import annotations

import re
import weakref
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import httpx
from square import Square

from gateways.sandbox.launch import Sandbox
from gateways.sandbox.square.tokens import DESK
from tests.benchmarks.bare_filing import Logged, stand_in

Params = dict[str, Any]
Call = Callable[[Square, str, Params], object]


def bare_client(sandbox: Sandbox) -> Square:
    """With the HTTP client that the SDK would make itself, and never close."""
    http = httpx.Client(timeout=60, follow_redirects=True)
    client = Square(token=DESK, base_url=sandbox.api, httpx_client=http)
    weakref.finalize(client, http.close)
    return client


def call(client: Square, row: Logged) -> None:
    """The logged call once more, models and all."""
    for method, pattern, made in _CALLS:
        if row["method"] == method and (found := re.fullmatch(pattern, row["path"])):
            made(client, found[1] if found.re.groups else "", row["params"])
            return
    raise LookupError(f"the baseline has no call for {row['method']} {row['path']}")


def _listed(params: Params) -> Params:
    """As the SDK calls and types them."""
    said = {"last4" if name == "last_4" else name: value for name, value in params.items()}
    return said | ({"limit": int(said["limit"])} if "limit" in said else {})


def _upload(client: Square, dispute: str, params: Params) -> object:
    file = (params["file"]["filename"], stand_in(params["file"]["size"]), params["content_type"])
    request = {name: params[name] for name in ("evidence_type", "content_type")} | {"idempotency_key": str(uuid4())}
    return client.disputes.create_evidence_file(dispute, request=request, image_file=file)


def _write(client: Square, dispute: str, params: Params) -> object:
    return client.disputes.create_evidence_text(
        dispute,
        idempotency_key=str(uuid4()),
        evidence_type=params["evidence_type"],
        evidence_text=params["evidence_text"],
    )


_CALLS: tuple[tuple[str, str, Call], ...] = (
    ("GET", r"/v2/disputes", lambda client, _, params: client.disputes.list(**params)),
    ("GET", r"/v2/disputes/([^/]+)", lambda client, name, _: client.disputes.get(name)),
    (
        "GET",
        r"/v2/disputes/([^/]+)/evidence",
        lambda client, name, params: client.disputes.evidence.list(name, **params),
    ),
    ("POST", r"/v2/disputes/([^/]+)/evidence-files", _upload),
    ("POST", r"/v2/disputes/([^/]+)/evidence-text", _write),
    ("POST", r"/v2/disputes/([^/]+)/submit-evidence", lambda client, name, _: client.disputes.submit_evidence(name)),
    ("GET", r"/v2/payments", lambda client, _, params: client.payments.list(**_listed(params))),
    ("GET", r"/v2/payments/([^/]+)", lambda client, name, _: client.payments.get(name)),
    ("GET", r"/v2/orders/([^/]+)", lambda client, name, _: client.orders.get(name)),
    ("GET", r"/v2/customers/([^/]+)", lambda client, name, _: client.customers.get(name)),
    ("GET", r"/v2/refunds/([^/]+)", lambda client, name, _: client.refunds.get(name)),
    ("GET", r"/v2/payouts", lambda client, _, params: client.payouts.list(**_listed(params))),
    (
        "GET",
        r"/v2/payouts/([^/]+)/payout-entries",
        lambda client, name, params: client.payouts.list_entries(name, **_listed(params)),
    ),
)
