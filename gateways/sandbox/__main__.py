"""python -m gateways.sandbox --gateway NAME --data FOLDER"""

from __future__ import annotations

import argparse
import ctypes
import os
import signal
import sys
from pathlib import Path

from gateways.sandbox.play import GATEWAYS
from gateways.sandbox.server import CannotStart, Options, run

PR_SET_PDEATHSIG = 1


def main(arguments: list[str] | None = None) -> int:
    given = _parser().parse_args(arguments)
    try:
        if given.die_with_parent:
            die_with_parent()
        run(
            Options(
                given.data, given.gateway, given.api_port, given.files_port, given.ready_file, given.empty,
                given.clock_shift,
            )
        )  # fmt: skip
    except CannotStart as error:
        sys.stderr.write(f"gateways.sandbox: {error}\n")
        return 1
    return 0


def die_with_parent() -> None:
    """Linux only: a test run that is killed leaves no server behind."""
    parent = os.getppid()
    if sys.platform != "linux":
        raise CannotStart("--die-with-parent works on Linux only")
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:  # it died in the meantime
        raise CannotStart("the parent process is gone")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m gateways.sandbox", description="A payment gateway to practise on, on this machine only."
    )
    parser.add_argument("--gateway", choices=GATEWAYS, default="stripe", help="whose protocol it speaks")
    parser.add_argument(
        "--data", type=Path, required=True, metavar="FOLDER", help="where it keeps its state; made if absent"
    )
    parser.add_argument("--api-port", type=_port, default=0, metavar="PORT", help="the API host; 0 takes any free one")
    parser.add_argument(
        "--files-port", type=_port, default=0, metavar="PORT", help="Stripe's files host; 0 takes any free one"
    )
    parser.add_argument("--ready-file", type=Path, metavar="PATH", help="written, with the addresses, once it answers")
    parser.add_argument("--empty", action="store_true", help="leave out the demo's disputes")
    parser.add_argument(
        "--clock-shift", type=float, metavar="SECONDS", help="how far its clock is ahead of the system's"
    )
    parser.add_argument(
        "--die-with-parent", action="store_true", help="end when the process that started it does (Linux)"
    )
    return parser


def _port(text: str) -> int:
    if not text.isdigit() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is no port; ports are 0 to 65535")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
