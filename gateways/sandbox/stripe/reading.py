"""A request off the wire: key, version, form or multipart body."""

from __future__ import annotations

import base64
import binascii
from contextlib import suppress
from urllib.parse import parse_qsl

from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException
from starlette.requests import Request
from starlette.types import Receive, Scope

from gateways.sandbox.stripe import ids
from gateways.sandbox.stripe.call import Call
from gateways.sandbox.stripe.versions import CURRENT


async def read_call(scope: Scope, receive: Receive, host: str) -> Call:
    request = Request(scope, receive)
    call = Call(
        host=host,
        method=request.method,
        path=request.url.path,
        pairs=parse_qsl(request.url.query, keep_blank_values=True),
        request_id=ids.new("req_"),
        version=request.headers.get("stripe-version", CURRENT),
        api_key=_api_key(request.headers.get("authorization", "")),
        idempotency_key=request.headers.get("idempotency-key"),
    )
    if request.headers.get("content-type", "").startswith("multipart/"):
        await _read_multipart(request, call)
    else:
        call.pairs += parse_qsl((await request.body()).decode("utf-8", "replace"), keep_blank_values=True)
    return call


async def _read_multipart(request: Request, call: Call) -> None:
    with suppress(MultiPartException):  # what cannot be read was not sent: Stripe misses the file then
        async with request.form(max_part_size=8 * 1024 * 1024) as form:
            for name, value in form.multi_items():
                if isinstance(value, UploadFile):
                    call.upload = (value.filename, await value.read())
                else:
                    call.pairs.append((name, value))


def _api_key(header: str) -> str | None:
    """Bearer, or Basic with the key as the user name, as curl -u sends it."""
    scheme, _, value = header.partition(" ")
    if scheme.lower() == "basic":
        try:
            value = base64.b64decode(value + "==").decode("utf-8", "replace").partition(":")[0]
        except binascii.Error:
            return None
    return value.strip() or None
