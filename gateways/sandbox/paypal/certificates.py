"""The sandbox's own trust root and the certificate it signs webhooks with: made once a folder, never again.

No live connection trusts this root; a sandbox connection is told its PEM by the control API.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from gateways.sandbox.store import Store

SUBJECT = "messageverificationcerts.paypal.com"
PATH = "/v1/notifications/certs/"
YEARS = 10
PARTS = ("root", "intermediate", "leaf", "key")


@dataclass
class Trust:
    """PEM of each; the leaf's private key signs."""

    root: bytes
    intermediate: bytes
    leaf: bytes
    key: bytes

    @property
    def name(self) -> str:
        serial = x509.load_pem_x509_certificate(self.leaf).serial_number
        return f"CERT-{serial:x}"[:29]

    def sign(self, message: bytes) -> bytes:
        key = serialization.load_pem_private_key(self.key, None)
        assert isinstance(key, RSAPrivateKey)
        return key.sign(message, padding.PKCS1v15(), hashes.SHA256())

    def public_key(self) -> RSAPublicKey:
        key = x509.load_pem_x509_certificate(self.leaf).public_key()
        assert isinstance(key, RSAPublicKey)
        return key


def trust_of(store: Store, now: datetime) -> Trust:
    """The folder's own, made when it has none. `now` is the system's time: receivers check against theirs."""
    if not store.setting("trust_root", False):
        made = make(now)
        with store.transaction():
            for part in PARTS:
                store.keep_bytes(f"trust/{part}", getattr(made, part))
            store.set("trust_root", True)
    return Trust(*(store.bytes_of(f"trust/{part}") for part in PARTS))


def make(now: datetime) -> Trust:
    root_key, middle_key, leaf_key = (rsa.generate_private_key(65537, 2048) for _ in range(3))
    root_name, middle_name = _name("Lale Sandbox Trust Root"), _name("Lale Sandbox Signing CA")
    root = _authority(root_name, root_key.public_key(), root_name, root_key, now, path_length=1)
    middle = _authority(middle_name, middle_key.public_key(), root_name, root_key, now, path_length=0)
    leaf = (
        _begun(_name(SUBJECT), leaf_key.public_key(), middle_name, middle_key.public_key(), now)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(SUBJECT)]), critical=False)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .sign(middle_key, hashes.SHA256())
    )
    private = leaf_key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return Trust(_pem(root), _pem(middle), _pem(leaf), private)


def _authority(
    subject: x509.Name, public: RSAPublicKey, issuer: x509.Name, key: RSAPrivateKey, now: datetime, *, path_length: int
) -> x509.Certificate:
    return (
        _begun(subject, public, issuer, key.public_key(), now)
        .add_extension(x509.BasicConstraints(ca=True, path_length=path_length), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .sign(key, hashes.SHA256())
    )


def _begun(
    subject: x509.Name, public: RSAPublicKey, issuer: x509.Name, issuer_key: RSAPublicKey, now: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(secrets.randbits(120) | 1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=365 * YEARS))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key), critical=False)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _name(common: str) -> x509.Name:
    organisation = "PayPal sandbox of Counterproof"
    return x509.Name(
        [x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation), x509.NameAttribute(NameOID.COMMON_NAME, common)]
    )


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)
