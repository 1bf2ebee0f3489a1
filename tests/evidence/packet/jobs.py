"""Jobs for the limited child that misbehave."""

from __future__ import annotations

import gc
import os
import socket
import subprocess
import time
from pathlib import Path
from typing import Any, NoReturn

from evidence.packet.errors import FileRefused, PacketRefused, RenderFailed

Answer = tuple[dict[str, Any], list[bytes]]


def echo(arguments: dict[str, Any], blobs: list[bytes]) -> Answer:
    return arguments, blobs


def sleep(_arguments: dict[str, Any], _blobs: list[bytes]) -> NoReturn:
    while True:
        time.sleep(60)


def spin(_arguments: dict[str, Any], _blobs: list[bytes]) -> NoReturn:
    while True:
        pass


def swell(_arguments: dict[str, Any], _blobs: list[bytes]) -> NoReturn:
    held = []
    while True:
        held.append(bytes(50 << 20))


def die(_arguments: dict[str, Any], _blobs: list[bytes]) -> NoReturn:
    os._exit(1)


def connect(_arguments: dict[str, Any], _blobs: list[bytes]) -> Answer:
    with socket.socket() as sock:
        sock.connect(("127.0.0.1", 9))
    return {}, []


def run_a_program(_arguments: dict[str, Any], _blobs: list[bytes]) -> Answer:
    subprocess.run(["true"], check=True)
    return {}, []


def write(arguments: dict[str, Any], _blobs: list[bytes]) -> Answer:
    Path(arguments["path"]).write_bytes(b"x")
    return {}, []


def refuse(_arguments: dict[str, Any], _blobs: list[bytes]) -> NoReturn:
    raise PacketRefused(["too many"])


def refuse_file(_arguments: dict[str, Any], _blobs: list[bytes]) -> NoReturn:
    raise FileRefused("a.pdf", "is damaged")


def environment(_arguments: dict[str, Any], _blobs: list[bytes]) -> Answer:
    return {"names": sorted(os.environ)}, []


def parent(_arguments: dict[str, Any], _blobs: list[bytes]) -> Answer:
    return {"pid": os.getppid()}, []


def collected(_arguments: dict[str, Any], _blobs: list[bytes]) -> Answer:
    return {"frozen": gc.get_freeze_count(), "walked": len(gc.get_objects())}, []


def tell_and_sleep(arguments: dict[str, Any], _blobs: list[bytes]) -> NoReturn:
    with Path(arguments["path"]).open("w") as pipe:
        pipe.write(f"{os.getppid()} {os.getpid()}\n")
    while True:
        time.sleep(60)


def fail(_arguments: dict[str, Any], _blobs: list[bytes]) -> NoReturn:
    raise RenderFailed(["The renderer warned."])


def stumble(_arguments: dict[str, Any], _blobs: list[bytes]) -> NoReturn:
    raise KeyError("x")


def exhaust(_arguments: dict[str, Any], _blobs: list[bytes]) -> NoReturn:
    raise MemoryError
