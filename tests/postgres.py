"""A private PostgreSQL cluster for the tests: its own folder, its own socket, nothing of the system's is touched."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg


def programs() -> Path:
    """The folder of initdb and postgres, newest version first."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if not found:
        raise RuntimeError("PostgreSQL's programs are missing: run scripts/test, which installs them.")
    return found[-1].parent


class Cluster:
    """One server on a socket; `database()` gives a fresh database's URL."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._socket = folder / "socket"

    def _url(self, name: str, scheme: str = "postgresql") -> str:
        return f"{scheme}://tests@/{name}?host={self._socket}"

    def start(self) -> None:
        # initdb refuses root; any other account will do.
        prefix: list[str] = []
        if os.geteuid() == 0:
            account = pwd.getpwnam("nobody")
            for path in (self._folder, *self._folder.rglob("*")):
                os.chown(path, account.pw_uid, account.pw_gid)
            prefix = ["setpriv", f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}", "--clear-groups"]
        data = self._folder / "data"
        run = programs()
        subprocess.run(
            [
                *prefix,
                run / "initdb",
                "-D",
                data,
                "-U",
                "tests",
                "-A",
                "trust",
                "-E",
                "UTF8",
                "--no-sync",
                "--locale=C.UTF-8",
            ],
            check=True,
            capture_output=True,
        )
        self._socket.mkdir()
        if prefix:
            os.chown(self._socket, account.pw_uid, account.pw_gid)
        options = f"-c listen_addresses= -c unix_socket_directories={self._socket} -c fsync=off -c max_connections=200"
        subprocess.run(
            [*prefix, run / "pg_ctl", "-D", data, "-o", options, "-l", self._folder / "log", "-w", "start"],
            check=True,
            capture_output=True,
        )
        self._stop = [*prefix, str(run / "pg_ctl"), "-D", str(data), "-m", "immediate", "stop"]

    def stop(self) -> None:
        subprocess.run(self._stop, check=False, capture_output=True)

    @contextlib.contextmanager
    def database(self, template: str | None = None) -> Iterator[str]:
        """A database of its own; with the URL of another one (that nobody is connected to), a copy of it."""
        source = f" TEMPLATE {template.partition('?')[0].rpartition('/')[2]}" if template else ""
        name = f"t_{uuid.uuid4().hex[:12]}"
        with psycopg.connect(self._url("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}{source}")
        try:
            yield self._url(name, "postgresql+psycopg")
        finally:
            with psycopg.connect(self._url("postgres"), autocommit=True) as connection:
                connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@contextlib.contextmanager
def cluster() -> Iterator[Cluster]:
    # Short: a socket's path may have 107 characters only.
    folder = Path(tempfile.mkdtemp(prefix="cpg-", dir="/tmp"))
    folder.chmod(0o755)
    server = Cluster(folder)
    server.start()
    try:
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)
