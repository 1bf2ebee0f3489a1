"""python -m evidence.sandbox --seed WORLD.json --ready-file PATH"""

from __future__ import annotations

import argparse
import ctypes
import json
import os
import signal
import sys
from pathlib import Path

import uvicorn

from evidence.sandbox.app import application
from evidence.sandbox.launch import HOST, bound
from evidence.sandbox.world import World

PR_SET_PDEATHSIG = 1


def main() -> int:
    given = _parser().parse_args()
    if given.die_with_parent:
        parent = os.getppid()
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            return 1
    app = application(World.read(given.seed))
    with bound(given.port) as listening:
        address = f"http://{HOST}:{listening.getsockname()[1]}"
        written = given.ready_file.with_suffix(".part")
        written.write_text(json.dumps({"address": address}), encoding="utf-8")
        written.replace(given.ready_file)
        uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off")).run(sockets=[listening])
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m evidence.sandbox", description="Shops, carriers and help desks to practise on."
    )
    parser.add_argument("--seed", type=Path, required=True, help="the world they show, as JSON")
    parser.add_argument("--ready-file", type=Path, required=True, help="written, with the address, once they answer")
    parser.add_argument("--port", type=int, default=0, help="0 takes any free one")
    parser.add_argument("--die-with-parent", action="store_true", help="end when the process that started it does")
    return parser


if __name__ == "__main__":
    sys.exit(main())
