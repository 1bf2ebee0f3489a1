"""A request off the wire: headers, query, and a body that is JSON or multipart with JSON in it."""

from __future__ import annotations

import json
import re
from email.message import Message
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.types import Receive, Scope

from gateways.sandbox.paypal.call import Call, Part
from gateways.sandbox.paypal.errors import PayPalError, invalid, missing

INPUT = "input"
FILE_PART = re.compile(r"^(file[0-9]+|evidence-file|accept-claim-document|message_document|acknowledgement_document"
                       r"|supporting document)$")  # fmt: skip
"""The documentation's names, and the ones the specification has instead."""


async def read_call(scope: Scope, receive: Receive) -> Call:
    request = Request(scope, receive)
    return Call(
        method=request.method,
        path=request.url.path,
        query=parse_qsl(request.url.query, keep_blank_values=True),
        authorization=request.headers.get("authorization", ""),
        content_type=request.headers.get("content-type", ""),
        raw=await request.body(),
        request_id=request.headers.get("paypal-request-id"),
    )


def read_body(call: Call, kind: str) -> None:
    """Fill `call.body` and `call.parts`; 415 for a media type the endpoint does not take, 400 for what it cannot read.

    Evidence and appeals are multipart and nothing else, as production answers although the texts are vague."""
    if not kind:
        return
    media = call.content_type.partition(";")[0].strip().lower()
    if media == "multipart/form-data" and kind in ("multipart", "either"):
        call.parts = parts_of(call.raw, call.content_type)
        call.body = _input(call)
    elif media == "application/json" and kind in ("json", "either"):
        call.body = _json(call.raw)
    else:
        raise PayPalError(415)


def parts_of(raw: bytes, content_type: str) -> list[Part]:
    boundary = _parameter(content_type, "boundary")
    if not boundary:
        raise invalid("MALFORMED_REQUEST", "/", "The multipart body has no boundary.")
    pieces = (b"\r\n" + raw).split(b"\r\n--" + boundary.encode("latin-1"))
    if len(pieces) < 2 or not pieces[-1].startswith(b"--"):
        raise invalid("MALFORMED_REQUEST", "/", "The multipart body ends too soon.")
    return [_part(piece) for piece in pieces[1:-1]]


def _part(piece: bytes) -> Part:
    head, _, content = piece.removeprefix(b"\r\n").partition(b"\r\n\r\n")
    headers: dict[str, str] = {}
    for line in head.decode("utf-8", "replace").split("\r\n"):
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    disposition = headers.get("content-disposition", "")
    filename = _parameter(disposition, "filename")
    kind = headers.get("content-type", "text/plain").partition(";")[0].strip().lower()
    return Part(_parameter(disposition, "name") or "", filename, kind, content)


def _parameter(header: str, name: str) -> str | None:
    message = Message()
    message["x"] = header
    found = message.get_param(name, header="x")
    return str(found) if isinstance(found, str) else None


def _input(call: Call) -> object:
    sent = [part for part in call.parts if part.name == INPUT]
    if not sent:
        raise missing("/input")
    if sent[0].content_type != "application/json":
        raise PayPalError(415)
    for part in call.parts:
        if part.filename is not None and not FILE_PART.match(part.name):
            raise invalid("INVALID_PARAMETER", f"/{part.name}", "Files are named file1, file2 and so on.")
    return _json(sent[0].content)


def _json(raw: bytes) -> object:
    try:
        return json.loads(raw)
    except ValueError as error:
        raise invalid("MALFORMED_REQUEST_JSON", "/", "The request JSON is not well formed.") from error
