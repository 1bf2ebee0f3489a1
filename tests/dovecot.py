"""A real mail server for the tests: Dovecot on high loopback ports, with its own users, folders and certificate.

Started by root or by anybody else; nothing of the system's own Dovecot is touched.
"""

from __future__ import annotations

import base64
import contextlib
import datetime
import grp
import imaplib
import ipaddress
import json
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

HOST = "127.0.0.1"
START_SECONDS = 30.0
PASSWORD = "open-sesame"
SPECIAL_USE = {"Sent": "\\Sent", "Drafts": "\\Drafts", "Archive": "\\Archive"}
"""Folders that are marked once somebody makes them; every other name is only a name."""


def program() -> str:
    found = shutil.which("dovecot") or shutil.which("dovecot", path="/usr/sbin:/usr/local/sbin")
    if not found:
        raise RuntimeError("Dovecot is missing: run scripts/test, which installs it.")
    return found


# ---- tokens --------------------------------------------------------------------------------------------------------


@dataclass
class Tokens:
    """What the token server knows: tokens that are good, refresh tokens, and what it was asked."""

    good: dict[str, str] = field(default_factory=dict)
    """Access token -> user."""
    refresh: dict[str, str] = field(default_factory=dict)
    """Refresh token -> user."""
    asked: list[dict[str, str]] = field(default_factory=list)
    lasts: int = 3600
    rotates: bool = False
    """A refresh token is good once; another one comes with each access token."""
    address: str = ""


@contextlib.contextmanager
def tokens() -> Iterator[Tokens]:
    """Gives out access tokens for refresh tokens (POST /token), and tells Dovecot which are good (/introspect)."""
    known = Tokens()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            return

        def do_GET(self) -> None:
            user = known.good.get(self.headers.get("Authorization", "").removeprefix("Bearer "))
            self._answer(200, {"active": bool(user), "username": user or "nobody"})

        def do_POST(self) -> None:
            form = parse_qs(self.rfile.read(int(self.headers.get("Content-Length", 0))).decode())
            asked = {name: values[0] for name, values in form.items()}
            known.asked.append(asked)
            user = known.refresh.get(asked.get("refresh_token", ""))
            if asked.get("grant_type") != "refresh_token" or user is None:
                self._answer(400, {"error": "invalid_grant"})
                return
            token = f"access-{len(known.asked)}-{user}"
            known.good[token] = user
            told: dict[str, object] = {"access_token": token, "expires_in": known.lasts, "token_type": "Bearer"}
            if known.rotates:
                del known.refresh[asked["refresh_token"]]
                fresh = f"refresh-{len(known.asked)}-{user}"
                known.refresh[fresh], told["refresh_token"] = user, fresh
            self._answer(200, told)

        def _answer(self, status: int, content: object) -> None:
            data = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

    server = ThreadingHTTPServer((HOST, 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    known.address = f"http://{HOST}:{server.server_port}"
    try:
        yield known
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)


# ---- the mail server -----------------------------------------------------------------------------------------------


class Dovecot:
    """A running server. `port` speaks plainly and by STARTTLS, `tls_port` TLS from the start; `authority` is the
    certificate that vouches for it."""

    def __init__(self, folder: Path, port: int, tls_port: int) -> None:
        self.folder, self.port, self.tls_port = folder, port, tls_port
        self.authority = folder / "certificate.pem"

    @contextlib.contextmanager
    def as_person(self, user: str) -> Iterator[imaplib.IMAP4]:
        """The mailbox as its owner's mail program has it."""
        client = imaplib.IMAP4(HOST, self.port, timeout=20)
        try:
            client.login(user, PASSWORD)
            yield client
        finally:
            with contextlib.suppress(OSError, imaplib.IMAP4.error):
                client.logout()

    def make(self, user: str, *folders: str) -> None:
        with self.as_person(user) as client:
            for folder in folders:
                _done(client.create(_quoted(folder)))

    def put(self, user: str, data: bytes, folder: str = "INBOX", *, flags: str = "", at: str | None = None) -> None:
        """Lay a message into a folder; `at`: when the server got it, "05-Sep-2026 09:00:00 +0000"."""
        whole = data.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        with self.as_person(user) as client:
            _done(client.append(_quoted(folder), flags or None, f'"{at}"' if at else None, whole))

    def flags(self, user: str, folder: str = "INBOX") -> list[bytes]:
        """Flags of each message, \\Recent aside."""
        with self.as_person(user) as client:
            _done(client.select(_quoted(folder), readonly=True))
            _, found = client.fetch("1:*", "(FLAGS)")
            return [_flags(each) for each in found if isinstance(each, bytes)]

    def log(self) -> str:
        return (self.folder / "log").read_text(encoding="utf-8", errors="replace")


def _flags(line: bytes) -> bytes:
    return b" ".join(sorted(each for each in imaplib.ParseFlags(line) if each != b"\\Recent"))


def _done(answer: tuple[str, object]) -> None:
    if answer[0] != "OK":
        raise RuntimeError(f"the mail server refused it: {answer[1]!r}")


def _quoted(folder: str) -> str:
    """A folder's name as the protocol writes it: modified UTF-7, in quotes."""
    out, pending = "", ""
    for sign in folder + "\0":
        if sign.isascii():
            if pending:
                packed = base64.b64encode(pending.encode("utf-16-be")).decode().rstrip("=").replace("/", ",")
                out, pending = f"{out}&{packed}-", ""
            out += "&-" if sign == "&" else sign
        else:
            pending += sign
    return '"' + out.removesuffix("\0") + '"'


@contextlib.contextmanager
def dovecot(
    *users: str, introspection: str = "", ordinary: bool = False, passwords: Mapping[str, str] | None = None
) -> Iterator[Dovecot]:
    """A server while the block lasts. `users` have PASSWORD, further ones their own of `passwords`; `introspection`:
    a token server's address; `ordinary`: run as an ordinary user even when root runs the tests."""
    folder = Path(tempfile.mkdtemp(prefix="dovecot-"))
    owner = pwd.getpwuid(os.geteuid())
    mails = owner
    if owner.pw_uid == 0:
        mails = pwd.getpwnam("nobody")
        owner = mails if ordinary else owner
    ports = _free_ports(2)
    server = Dovecot(folder, *ports)
    _certificate(folder)
    for name in ("mail", "run", "state"):
        (folder / name).mkdir()
    known = dict.fromkeys(users, PASSWORD) | dict(passwords or {})
    lines = "".join(f"{user}:{{PLAIN}}{password}\n" for user, password in known.items())
    (folder / "users").write_text(lines, encoding="utf-8")
    if introspection:
        (folder / "oauth2.conf").write_text(
            f"introspection_mode = auth\nintrospection_url = {introspection}/introspect\n"
            "active_attribute = active\nactive_value = true\nusername_attribute = username\n",
            encoding="utf-8",
        )
    config = folder / "dovecot.conf"
    config.write_text(_config(folder, ports, owner, mails, tokens=bool(introspection)), encoding="utf-8")
    folder.chmod(0o755)
    for path in (folder, *folder.rglob("*")):
        if os.geteuid() == 0:
            keeper = mails if path == folder / "mail" else owner
            os.chown(path, keeper.pw_uid, keeper.pw_gid)
    prefix: list[str] = []
    if os.geteuid() == 0 and owner.pw_uid:
        prefix = ["setpriv", f"--reuid={owner.pw_uid}", f"--regid={owner.pw_gid}", "--clear-groups"]
    with (folder / "errors").open("wb") as errors:
        command = [*prefix, program(), "-F", "-c", str(config)]
        process = subprocess.Popen(command, stdout=errors, stderr=errors, cwd=folder)
    try:
        _await(server, process)
        yield server
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(15)
        shutil.rmtree(folder, ignore_errors=True)


def _await(server: Dovecot, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            with socket.create_connection((HOST, server.port), timeout=1) as line:
                if line.recv(4) == b"* OK":
                    return
        except OSError:
            time.sleep(0.05)
    said = (server.folder / "errors").read_text(errors="replace")
    said += server.log() if (server.folder / "log").exists() else ""
    raise RuntimeError(f"Dovecot did not start: {said[-1000:]}")


def _free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as open_sockets:
        bound = [open_sockets.enter_context(socket.create_server((HOST, 0))) for _ in range(count)]
        return [each.getsockname()[1] for each in bound]


def _config(folder: Path, ports: list[int], owner: pwd.struct_passwd, mails: pwd.struct_passwd, *, tokens: bool) -> str:
    root = owner.pw_uid == 0
    inside = "dovecot" if root else owner.pw_name
    login = "dovenull" if root else owner.pw_name
    group = grp.getgrgid(pwd.getpwnam(inside).pw_gid).gr_name
    boxes = "\n".join(f"  mailbox {name} {{\n    special_use = {use}\n  }}" for name, use in SPECIAL_USE.items())
    by_token = f"passdb {{\n driver = oauth2\n mechanisms = xoauth2 oauthbearer\n args = {folder}/oauth2.conf\n}}"
    return f"""
base_dir = {folder}/run
state_dir = {folder}/state
instance_name = tests
log_path = {folder}/log
protocols = imap
listen = {HOST}
ssl = yes
ssl_cert = <{folder}/certificate.pem
ssl_key = <{folder}/key.pem
disable_plaintext_auth = no
auth_mechanisms = plain login{" xoauth2 oauthbearer" if tokens else ""}
auth_failure_delay = 0
default_internal_user = {inside}
default_internal_group = {group}
default_login_user = {login}
default_vsz_limit = 1G
first_valid_uid = 1
first_valid_gid = 1
mail_location = maildir:{folder}/mail/%u
mail_max_userip_connections = 100
{by_token if tokens else ""}
passdb {{
  driver = passwd-file
  args = username_format=%u {folder}/users
}}
userdb {{
  driver = static
  args = uid={mails.pw_uid} gid={mails.pw_gid} home={folder}/mail/%u allow_all_users=yes
}}
namespace inbox {{
  inbox = yes
{boxes}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {ports[0]}
  }}
  inet_listener imaps {{
    port = {ports[1]}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
  # Otherwise every sign-in after a failed one waits.
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service old-stats {{
  chroot =
}}
"""


def _certificate(folder: Path) -> None:
    """For 127.0.0.1 and localhost, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail server of the tests")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=30))
        .add_extension(
            x509.SubjectAlternativeName(
                [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address(HOST))],
            ),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "certificate.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    (folder / "key.pem").chmod(0o600)
