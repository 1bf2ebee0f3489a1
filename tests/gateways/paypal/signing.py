"""A certificate authority of the tests' own, and deliveries signed with it."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from gateways.paypal.certificates import LIVE_NAME, PATH
from gateways.paypal.values import rfc3339
from gateways.paypal.webhooks import signed

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
WEBHOOK = "1JE4291016473214C"
CERTIFICATE = f"{PATH}CERT-360caa42-fca2a594-7d80a1cd"


@dataclass(frozen=True, slots=True)
class Signer:
    """A key with its certificate and what stands above it."""

    key: rsa.RSAPrivateKey
    leaf: x509.Certificate
    above: tuple[x509.Certificate, ...]

    @property
    def chain(self) -> bytes:
        return b"".join(each.public_bytes(Encoding.PEM) for each in (self.leaf, *self.above[:-1]))

    @property
    def alone(self) -> bytes:
        return self.leaf.public_bytes(Encoding.PEM)

    @property
    def root(self) -> str:
        return self.above[-1].public_bytes(Encoding.PEM).decode()


@cache
def new_key(name: str) -> rsa.RSAPrivateKey:
    """One a name: making them is what takes time."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _made(
    subject: str, key: rsa.RSAPrivateKey, issuer: str, by: rsa.RSAPrivateKey, *, days: tuple[int, int], ca: bool
) -> x509.Certificate:
    usage = x509.KeyUsage(not ca, False, False, False, False, ca, ca, False, False)
    made = (
        x509.CertificateBuilder()
        .subject_name(_name(subject))
        .issuer_name(_name(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW + timedelta(days=days[0]))
        .not_valid_after(NOW + timedelta(days=days[1]))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(by.public_key()), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    if not ca:
        made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName(subject)]), critical=False)
        made = made.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
    return made.sign(by, SHA256())


def signer(
    name: str = LIVE_NAME, *, days: tuple[int, int] = (-10, 300), authority: str = "Root of the tests"
) -> Signer:
    """Root, one in between, and the leaf of this name, valid for these days around NOW."""
    top, middle, own = new_key(authority), new_key(f"{authority} middle"), new_key(f"{authority} leaf")
    root = _made(authority, top, authority, top, days=(-1000, 1000), ca=True)
    between = _made(f"{authority} middle", middle, authority, top, days=(-500, 500), ca=True)
    leaf = _made(name, own, f"{authority} middle", middle, days=days, ca=False)
    return Signer(own, leaf, (between, root))


def self_signed(name: str = LIVE_NAME) -> Signer:
    own = new_key("self")
    leaf = _made(name, own, name, own, days=(-10, 300), ca=False)
    return Signer(own, leaf, (leaf,))


def event(**changes: Any) -> bytes:
    base: dict[str, Any] = {
        "id": "WH-2WR32451HC0233532-67976317FL4543714",
        "event_version": "1.0",
        "create_time": "2026-11-22T08:59:00.000Z",
        "resource_type": "dispute",
        "event_type": "CUSTOMER.DISPUTE.UPDATED",
        "summary": "A dispute was updated",
        "resource": {"dispute_id": "PP-R-TST-10000001", "status": "UNDER_REVIEW"},
        "links": [],
    }
    return json.dumps(base | changes, indent=1, ensure_ascii=False).encode()


def delivery(body: bytes, by: Signer, url: str, *, at: datetime = NOW, webhook: str = WEBHOOK) -> dict[str, str]:
    """The headers of a genuine delivery of this body."""
    told = rfc3339(at)
    text = signed(body, transmission_id="tr-1", time=told, webhook_id=webhook)
    return {
        "PAYPAL-TRANSMISSION-ID": "tr-1",
        "PAYPAL-TRANSMISSION-TIME": told,
        "PAYPAL-TRANSMISSION-SIG": base64.b64encode(by.key.sign(text, padding.PKCS1v15(), SHA256())).decode(),
        "PAYPAL-CERT-URL": url,
        "PAYPAL-AUTH-ALGO": "SHA256withRSA",
        "PAYPAL-AUTH-VERSION": "v2",
    }
