"""Into the mailbox: address and certificate checked, TLS before any password, signed in by password or token."""

from __future__ import annotations

import contextlib
import imaplib
import re
import socket
import ssl
from collections.abc import Callable, Iterator, Mapping
from functools import partial

import httpx
from imap_tools.errors import ImapToolsError
from imap_tools.mailbox import BaseMailBox

from disputes.addresses import BadAddress, checked
from disputes.database import refuse_inside_writer
from disputes.phrases import phrase, said_by
from disputes.systems import Outside, SourceError, SourceFailure
from evidence.mail.letter import MAX_MAIL
from evidence.systems.auth import ClientCredentials
from evidence.systems.imap.words import TITLE, login_refused, not_reached, too_late

TLS, STARTTLS, NONE = "tls", "starttls", "none"
PASSWORD, ACCESS_TOKEN, REFRESH_TOKEN = "password", "access_token", "refresh_token"
_PORTS = {TLS: 993, STARTTLS: 143, NONE: 143}
_LONGEST_WAIT = 20.0
_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.:-]{0,251}[A-Za-z0-9])?")
_SCHEME = re.compile(r"(?:https?|imaps?)://", re.IGNORECASE)
_LARGEST = MAX_MAIL + 2**20
_BROKEN = (imaplib.IMAP4.error, OSError, ValueError)
Settings = Mapping[str, str]


class Box(BaseMailBox):
    """A mailbox over a connection that stands already."""

    def __init__(self, client: imaplib.IMAP4) -> None:
        self._given = client
        super().__init__()

    def _get_mailbox_client(self) -> imaplib.IMAP4:
        return self._given


class _Plain(imaplib.IMAP4):
    """Nothing larger than a mail may be comes in, whatever the server says."""

    def read(self, size: int) -> bytes:
        if size > _LARGEST:
            raise self.abort("more was sent than was asked for")
        return super().read(size)


class _Tls(imaplib.IMAP4_SSL):
    def read(self, size: int) -> bytes:
        if size > _LARGEST:
            raise self.abort("more was sent than was asked for")
        return super().read(size)


@contextlib.contextmanager
def signed_in(settings: Settings, outside: Outside) -> Iterator[Box]:
    """The mailbox, while the block lasts. Raises SourceError."""
    refuse_inside_writer(TITLE)
    client = _enter(settings, outside)
    try:
        yield Box(client)
        with contextlib.suppress(*_BROKEN):
            client.logout()
    finally:
        # After a failure nobody waits for a last word.
        _leave(client)


def patience(outside: Outside) -> float:
    """Seconds one answer may take. Raises SourceError where none are left."""
    if outside.left() <= 0:
        raise too_late()
    return max(1.0, min(_LONGEST_WAIT, outside.left()))


def text(settings: Settings, name: str) -> str:
    return (settings.get(name) or "").strip()


def place(settings: Settings) -> tuple[str, int, str]:
    """Host, port and security as they were typed. Raises SourceError."""
    typed, security = text(settings, "host"), text(settings, "security") or TLS
    # The connect page writes every address with a scheme; a mail server's is only its name.
    host = _SCHEME.sub("", typed).rstrip("/")
    if not _HOST.fullmatch(host) or security not in _PORTS:
        raise SourceError(
            SourceFailure.REFUSED, phrase("{host} is no name of a mail server: imap.example.com.", host=host or "This")
        )
    port = text(settings, "port")
    if port and not (port.isascii() and port.isdigit() and 0 < int(port) < 2**16):
        raise SourceError(SourceFailure.REFUSED, phrase("{port} is no port; a mailbox usually has 993.", port=port))
    return host, int(port or _PORTS[security]), security


def _enter(settings: Settings, outside: Outside) -> imaplib.IMAP4:
    host, port, security = place(settings)
    _may_be_called(host, port, security, outside)
    how = text(settings, "sign_in") or PASSWORD
    if how not in (ACCESS_TOKEN, REFRESH_TOKEN):
        return _with(host, port, security, outside, lambda client: _by_password(client, host, settings))
    token = _renewable(settings, outside) if how == REFRESH_TOKEN else None
    given = token(None) if token else text(settings, "access_token")
    try:
        return _with(host, port, security, outside, lambda client: _by_token(client, host, settings, given))
    except SourceError as error:
        if token is None or error.failure is not SourceFailure.CREDENTIALS:
            raise
        fresh = token(given)
        return _with(host, port, security, outside, lambda client: _by_token(client, host, settings, fresh))


def _may_be_called(host: str, port: int, security: str, outside: Outside) -> None:
    name = f"[{host}]" if ":" in host else host
    try:
        checked(f"https://{name}:{port}", loopback=outside.loopback)
    except BadAddress as error:
        raise SourceError(SourceFailure.REFUSED, said_by(error)) from None
    if security == NONE:
        try:
            checked(f"http://{name}:{port}", loopback=outside.loopback)
        except BadAddress:
            raise SourceError(
                SourceFailure.REFUSED,
                phrase("{host} is another machine: a password goes there over TLS only.", host=host),
            ) from None


def _with(
    host: str, port: int, security: str, outside: Outside, sign_in: Callable[[imaplib.IMAP4], None]
) -> imaplib.IMAP4:
    client = _connected(host, port, security, outside)
    try:
        sign_in(client)
    except BaseException:
        _leave(client)
        raise
    return client


def _leave(client: imaplib.IMAP4) -> None:
    with contextlib.suppress(*_BROKEN):
        client.shutdown()


def _connected(host: str, port: int, security: str, outside: Outside) -> imaplib.IMAP4:
    wait = patience(outside)
    context = ssl.create_default_context()
    try:
        if security == TLS:
            return _Tls(host, port, ssl_context=context, timeout=wait)
        client = _Plain(host, port, timeout=wait)
        if security == STARTTLS:
            try:
                client.starttls(context)
            except BaseException:
                _leave(client)
                raise
        return client
    except _BROKEN as error:
        raise not_reached(error, host, port, security) from None


# ---- signing in ----------------------------------------------------------------------------------------------------


def _by_password(client: imaplib.IMAP4, host: str, settings: Settings) -> None:
    user, password = text(settings, "user"), settings.get("password") or ""
    _printable(user, password)
    if "LOGINDISABLED" in client.capabilities:
        raise SourceError(
            SourceFailure.REFUSED, phrase("{host} takes passwords over TLS only. Choose STARTTLS or TLS.", host=host)
        )
    with _answered(host, by_token=False):
        box = Box(client)
        if user.isascii() and password.isascii():
            box.login(user, password, initial_folder=None)
        else:
            box.login_utf8(user, password, initial_folder=None)


def _by_token(client: imaplib.IMAP4, host: str, settings: Settings, token: str) -> None:
    user = text(settings, "user")
    _printable(user, token)
    first = f"user={user}\1auth=Bearer {token}\1\1".encode()
    with _answered(host, by_token=True):
        # A refusal comes as a question; the empty answer to it brings the server's last word.
        client.authenticate("XOAUTH2", lambda question: b"" if question else first)


@contextlib.contextmanager
def _answered(host: str, *, by_token: bool) -> Iterator[None]:
    try:
        yield
    except ImapToolsError as error:
        raise login_refused(str(error), host, by_token=by_token) from None
    except imaplib.IMAP4.abort:
        raise SourceError(SourceFailure.UNAVAILABLE, phrase("{host} broke off the sign-in.", host=host)) from None
    except imaplib.IMAP4.error as error:
        raise login_refused(str(error), host, by_token=by_token) from None
    except (OSError, ValueError) as error:
        late = isinstance(error, (TimeoutError, socket.timeout))
        words = phrase("{place} did not answer in time.", place=host)
        broken = phrase("{host} broke off the sign-in.", host=host)
        raise SourceError(SourceFailure.UNAVAILABLE, words if late else broken) from None


def _printable(user: str, secret: str) -> None:
    if not user or not secret:
        raise SourceError(
            SourceFailure.CREDENTIALS, phrase("The user name, or the password or token for it, is missing.")
        )
    if not (user.isprintable() and secret.isprintable()):
        raise SourceError(SourceFailure.CREDENTIALS, phrase("The user name or password has a control character in it."))


def _renewable(settings: Settings, outside: Outside) -> Callable[[str | None], str]:
    """Gives an access token that is good; given one that was refused, a new one."""
    form = {"grant_type": "refresh_token"}
    form |= {name: text(settings, name) for name in ("refresh_token", "client_id", "client_secret")}
    if not form["refresh_token"] or not form["client_id"] or not text(settings, "token_url"):
        raise SourceError(
            SourceFailure.CREDENTIALS,
            phrase("A refresh token needs its client id and the address tokens are fetched from."),
        )
    try:
        address = checked(text(settings, "token_url"), loopback=outside.loopback)
    except BadAddress as error:
        raise SourceError(
            SourceFailure.REFUSED, phrase("The token address cannot be used. {error}", error=said_by(error))
        ) from None
    # Public clients have no secret, and an empty one is refused.
    credentials = ClientCredentials(
        TITLE,
        address,
        {name: value for name, value in form.items() if value},
        renewed=partial(outside.renewed, "refresh_token"),
    )

    def token(refused: str | None) -> str:
        try:
            with httpx.Client(timeout=patience(outside), follow_redirects=False, trust_env=False) as client:
                return credentials.token(client, refused=refused)
        except httpx.HTTPError as error:
            raise SourceError(
                SourceFailure.UNAVAILABLE,
                phrase("Tokens for the mailbox cannot be fetched: {kind}.", kind=type(error).__name__),
            ) from None
        except SourceError as error:
            if error.failure is not SourceFailure.CREDENTIALS:
                raise
            raise SourceError(
                SourceFailure.CREDENTIALS,
                phrase(
                    "The refresh token is refused: it has expired or was withdrawn, or client id and secret do "
                    "not fit it. Connect the mailbox again."
                ),
            ) from None

    return token
