"""Which addresses the desk may call: https to public machines; loopback only where a test account may live there."""

from __future__ import annotations

import ipaddress
import socket
from urllib.parse import urlsplit

from disputes.phrases import phrase


class BadAddress(ValueError):
    """The desk does not call this address; the message says why."""


def checked(url: str, *, loopback: bool = False) -> str:
    """The address as it may be called. Every machine its name stands for has to be public (or loopback, if allowed)."""
    if any(ord(c) <= 32 or ord(c) == 127 for c in url):
        raise BadAddress(phrase("The address has a blank or control character in it."))
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError:
        raise BadAddress(phrase("The address has no valid port.")) from None
    if parts.scheme not in ("https", "http") or not parts.hostname:
        raise BadAddress(phrase("The address must begin with https:// and name a machine."))
    if parts.username is not None or parts.password is not None:
        raise BadAddress(phrase("The address must not carry a user name or password."))
    found = _machines(parts.hostname, port or (443 if parts.scheme == "https" else 80))
    if loopback and all(each.is_loopback for each in found):
        return url.rstrip("/")
    if parts.scheme != "https":
        raise BadAddress(phrase("The address must begin with https://."))
    for each in found:
        if not each.is_global or each.is_multicast:
            raise BadAddress(
                phrase(
                    "{hostname} stands for {each}, which is not a public address.", hostname=parts.hostname, each=each
                )
            )
    return url.rstrip("/")


Machine = ipaddress.IPv4Address | ipaddress.IPv6Address


def _machines(host: str, port: int) -> list[Machine]:
    try:
        answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise BadAddress(phrase("There is no machine named {host}.", host=host)) from error
    found = {ipaddress.ip_address(str(answer[4][0]).partition("%")[0]) for answer in answers}
    return [_inner(each) for each in found]


def _inner(address: Machine) -> Machine:
    """An IPv4 address dressed as IPv6 is judged as what it is."""
    mapped = getattr(address, "ipv4_mapped", None) or getattr(address, "sixtofour", None)
    return mapped or address
