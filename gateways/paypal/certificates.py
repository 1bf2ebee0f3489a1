"""The certificate that signs PayPal's webhooks: fetched from PayPal alone, chained to a root we know, kept a while."""

from __future__ import annotations

import re
import threading
import time
import warnings
from datetime import datetime
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import certifi
import requests
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError
from requests.auth import AuthBase

from disputes.phrases import phrase
from gateways.paypal.contract import LIVE_HOSTS, SANDBOX_HOSTS

PATH = "/v1/notifications/certs/"
LIVE_NAME, SANDBOX_NAME = "messageverificationcerts.paypal.com", "messageverificationcerts.sandbox.paypal.com"
_MOST_BYTES = 64 * 1024
_SECONDS = 10.0
_KEPT, _FORGOTTEN = 12 * 3600.0, 60.0
_MOST_KEPT = 32
_PRINTED = re.compile(r"[!-~]+")
"""Two readers may not agree on what else an address means."""


class NoCertificate(Exception):
    """It is out of reach, or does not chain to a known root: the signature cannot be checked here."""


class Certificates:
    """Certificates for one kind of connection. `base` is the API's address, `root` an extra trusted root (PEM)."""

    def __init__(self, *, base: str, live: bool, root: str | None = None, timeout: float = _SECONDS) -> None:
        self._base = urlsplit(base)
        self._live = live
        self._root = root
        self._timeout = min(timeout, _SECONDS)
        self._kept: dict[str, tuple[float, rsa.RSAPublicKey | None]] = {}
        self._lock = threading.Lock()

    def trusts(self, url: str) -> bool:
        """Whether PayPal serves its certificates there: exact hosts, https (http only where the API itself has it)."""
        if not _PRINTED.fullmatch(url):
            return False
        try:
            target = urlsplit(url)
            port, plain = target.port, not (target.query or target.fragment or target.username or target.password)
        except ValueError:
            return False
        if not plain or not target.path.startswith(PATH) or ".." in target.path or "%" in target.path:
            return False
        hosts = LIVE_HOSTS if self._live else SANDBOX_HOSTS
        if self._base.hostname in hosts:
            return target.scheme == "https" and target.hostname in hosts and port in (None, 443)
        return (target.scheme, target.netloc) == (self._base.scheme, self._base.netloc)

    def key(self, url: str, now: datetime) -> rsa.RSAPublicKey:
        """The public key behind an address that `trusts` said yes to. Raises NoCertificate."""
        with self._lock:
            until, key = self._kept.get(url, (0.0, None))
        if time.monotonic() >= until:
            key = self._read(url, now)
        if key is None:
            raise NoCertificate(phrase("The certificate could not be checked a moment ago."))
        return key

    def _read(self, url: str, now: datetime) -> rsa.RSAPublicKey:
        try:
            leaf = self._verified(self._fetched(url), now)
        except NoCertificate:
            self._keep(url, _FORGOTTEN, None)
            raise
        key = leaf.public_key()
        if not isinstance(key, rsa.RSAPublicKey):
            raise NoCertificate(phrase("The certificate's key is not of the kind that PayPal signs with."))
        self._keep(url, min(_KEPT, (leaf.not_valid_after_utc - now).total_seconds()), key)
        return key

    def _keep(self, url: str, seconds: float, key: rsa.RSAPublicKey | None) -> None:
        with self._lock:
            if len(self._kept) >= _MOST_KEPT:
                self._kept.clear()
            self._kept[url] = time.monotonic() + seconds, key

    def _fetched(self, url: str) -> bytes:
        try:
            with requests.Session() as session:
                asked = session.get(url, timeout=self._timeout, allow_redirects=False, stream=True, auth=_Nobody())
                with asked as answer:
                    found = answer.raw.read(_MOST_BYTES + 1, decode_content=True)
        except (requests.RequestException, OSError) as error:
            raise NoCertificate(phrase("The certificate is out of reach.")) from error
        if answer.status_code != 200 or len(found) > _MOST_BYTES:
            raise NoCertificate(
                phrase(
                    "The certificate's address answered with {status_code} or too much.", status_code=answer.status_code
                )
            )
        return bytes(found)

    def _verified(self, pem: bytes, now: datetime) -> x509.Certificate:
        # Both names are PayPal's; a live connection takes the live one alone.
        names = (LIVE_NAME,) if self._live else (SANDBOX_NAME, LIVE_NAME)
        last: Exception | None = None
        for name in names:
            try:
                chain = x509.load_pem_x509_certificates(pem)
                builder = PolicyBuilder().store(_store(self._root)).time(now)
                builder.build_server_verifier(x509.DNSName(name)).verify(chain[0], chain[1:])
                return chain[0]
            except (VerificationError, ValueError, TypeError, IndexError) as error:
                last = error
        raise NoCertificate(phrase("The certificate does not lead to a root that is trusted here.")) from last


class _Nobody(AuthBase):
    """No credentials, not even those that a .netrc on this machine holds."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        return request


@cache
def _store(root: str | None) -> Store:
    extra = x509.load_pem_x509_certificates(root.encode()) if root else []
    return Store([*_public_roots(), *extra])


@cache
def _public_roots() -> tuple[x509.Certificate, ...]:
    """The roots that browsers trust. One that no longer conforms to the standard is left out."""
    end = "-----END CERTIFICATE-----"
    found = []
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for block in Path(certifi.where()).read_text(encoding="utf-8").split(end)[:-1]:
            try:
                found.append(x509.load_pem_x509_certificate((block + end).encode()))
            except (ValueError, Warning):
                continue
    return tuple(found)
