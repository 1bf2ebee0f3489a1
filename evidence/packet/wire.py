"""Frames between us and the limited child: a JSON head and raw blobs. Never pickle: the child reads hostile files."""

from __future__ import annotations

import json
import socket
import struct
from typing import Any

_SIZES = struct.Struct("!II")
_SIZE = struct.Struct("!Q")
MAX_BYTES = 512 * 2**20


def send(sock: socket.socket, head: dict[str, Any], blobs: list[bytes]) -> None:
    text = json.dumps(head).encode()
    sock.sendall(_SIZES.pack(len(text), len(blobs)) + text)
    for blob in blobs:
        sock.sendall(_SIZE.pack(len(blob)))
        sock.sendall(blob)


def receive(sock: socket.socket) -> tuple[dict[str, Any], list[bytes]]:
    """One frame; raises EOFError when the other side is gone."""
    length, count = _SIZES.unpack(_exactly(sock, _SIZES.size))
    if length > MAX_BYTES:
        raise EOFError("the frame is larger than any packet")
    head = json.loads(_exactly(sock, length))
    blobs, room = [], MAX_BYTES
    for _ in range(count):
        (size,) = _SIZE.unpack(_exactly(sock, _SIZE.size))
        room -= size
        if room < 0:
            raise EOFError("the frame is larger than any packet")
        blobs.append(_exactly(sock, size))
    return head, blobs


def _exactly(sock: socket.socket, size: int) -> bytes:
    data = bytearray(size)
    view, got = memoryview(data), 0
    while got < size:
        step = sock.recv_into(view[got:])
        if step == 0:
            raise EOFError("the other side closed")
        got += step
    return bytes(data)
