"""PayPal's SDK as it is, for the baselines: `Api.get` reads, and `requests` with its token uploads, for it cannot."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

import paypalrestsdk
import requests

from gateways.paypal.transport import TOKEN
from gateways.sandbox.launch import Sandbox
from gateways.sandbox.paypal import certificates
from tests.benchmarks.bare_filing import Logged, stand_in
from web.practice import PRACTICE


def bare_api(sandbox: Sandbox) -> Any:
    """With its token already: the desk's process has one too, and a new one would empty the sandbox's kept pages."""
    (told,) = (practice.secret for practice in PRACTICE if practice.gateway == "paypal")
    client_id, _, secret = told.partition(":")
    api = paypalrestsdk.Api(mode="sandbox", endpoint=sandbox.api, client_id=client_id, client_secret=secret)
    api.get_token_hash()
    return api


def call(api: Any, row: Logged) -> None:
    """The logged call once more. Raises whatever the SDK raises; its silent 400 is an error here."""
    if row["path"] == TOKEN:
        api.token_hash = None
        api.get_token_hash()
    elif row["path"].startswith(certificates.PATH):
        requests.get(api.endpoint + row["path"], timeout=60).raise_for_status()
    elif row["method"] == "GET":
        _read(api, row)
    else:
        _upload(api, row)


def _read(api: Any, row: Logged) -> None:
    query = f"?{urlencode(row['params'])}" if row["params"] else ""
    if "error" in (answer := api.get(row["path"] + query)):
        raise RuntimeError(f"{row['path']}: {answer['error']}")


def _upload(api: Any, row: Logged) -> None:
    body, files = row["params"]["body"], row["params"].get("files", [])
    parts: list[tuple[str, Any]] = [("input", (None, json.dumps(body), "application/json"))]
    for number, file in enumerate(files, start=1):
        parts.append((f"file{number}", (file["filename"], stand_in(file["size"]), "application/pdf")))
    headers = {name: value for name, value in api.headers().items() if name != "Content-Type"}
    response = requests.post(api.endpoint + row["path"], headers=headers, files=parts, timeout=60)
    response.raise_for_status()
    response.json()
