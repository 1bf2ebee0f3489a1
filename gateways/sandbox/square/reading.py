"""A request off the wire: token, version, JSON or multipart body."""

from __future__ import annotations

import json
import re
from email.message import Message
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.types import Receive, Scope

from gateways.sandbox.square.call import Call, Part
from gateways.sandbox.square.errors import SquareError

_VERSION = re.compile(r"\d{4}-\d{2}-\d{2}")
CURRENT = "2026-09-16"


async def read_call(scope: Scope, receive: Receive) -> Call:
    request = Request(scope, receive)
    return Call(
        method=request.method,
        path=request.url.path,
        pairs=parse_qsl(request.url.query, keep_blank_values=True),
        content=await request.body(),
        content_type=request.headers.get("content-type", ""),
        version=request.headers.get("square-version"),
        authorization=request.headers.get("authorization"),
    )


def check_version(version: str | None) -> None:
    if version is not None and not _VERSION.fullmatch(version):
        raise SquareError(
            "INVALID_SQUARE_VERSION_FORMAT",
            f"Invalid Square-Version header '{version}'. The version is expected in the format YYYY-MM-DD.",
        )


def read_json(call: Call) -> None:
    call.body = _parsed(call.content)


def read_multipart(call: Call, name: str) -> None:
    """The parts, and the JSON of the one called `name`."""
    header = _parameters(call.content_type)
    boundary = header.get_param("boundary")
    if header.get_content_type() != "multipart/form-data" or not isinstance(boundary, str):
        raise SquareError("UNSUPPORTED_MEDIA_TYPE", "This endpoint takes multipart/form-data.", 415)
    call.parts = _split(call.content, boundary)
    if name not in call.parts:
        raise SquareError("MISSING_REQUIRED_PARAMETER", "Missing required parameter.", field=name)
    part = call.parts[name]
    if _parameters(part.content_type).get_content_type() != "application/json":
        raise SquareError("INVALID_CONTENT_TYPE", f"The part `{name}` must be application/json.", field=name)
    call.body = _parsed(part.content)


def _parsed(content: bytes) -> Any:
    try:
        return json.loads(content or b"null")
    except ValueError:
        raise SquareError("EXPECTED_JSON_BODY", "Expected JSON body; is it well formed?") from None


def _split(content: bytes, boundary: str) -> dict[str, Part]:
    """By hand, byte for byte: a form library reads a part without a file name as text."""
    parts = {}
    for raw in (b"\r\n" + content).split(b"\r\n--" + boundary.encode("latin-1"))[1:-1]:
        head, _, body = raw.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        headers = Message()
        for line in head.decode("utf-8", "replace").split("\r\n"):
            header, _, value = line.partition(":")
            headers[header.strip()] = value.strip()
        name = headers.get_param("name", header="content-disposition")
        if isinstance(name, str):
            parts[name] = Part(body, headers.get("content-type", ""), headers.get_filename())
    return parts


def _parameters(content_type: str) -> Message:
    header = Message()
    header["content-type"] = content_type
    return header
