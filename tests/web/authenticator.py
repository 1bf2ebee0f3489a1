"""A device that holds passkeys, in software: makes keys and signs as WebAuthn has it, or wrongly where a test wants."""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


@dataclass
class Authenticator:
    origin: str
    site: str
    counts: bool = True
    """Whether it counts its signatures; those kept in several devices do not."""
    signatures: int = 0
    keys: dict[bytes, tuple[ec.EllipticCurvePrivateKey, bytes]] = field(default_factory=dict)

    def make(self, options: dict[str, Any], *, flags: int = PRESENT | VERIFIED) -> dict[str, Any]:
        """The browser's answer to creation options."""
        assert options["rp"]["id"] == self.site
        credential_id, key = secrets.token_bytes(32), ec.generate_private_key(ec.SECP256R1())
        self.keys[credential_id] = (key, base64url_to_bytes(options["user"]["id"]))
        attested = bytes(16) + len(credential_id).to_bytes(2, "big") + credential_id + _cose(key)
        data = self._data(flags | ATTESTED) + attested
        statement = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        told = {"attestationObject": bytes_to_base64url(statement)}
        return self._answer(credential_id, told, "webauthn.create", options["challenge"])

    def sign(self, options: dict[str, Any], *, flags: int = PRESENT | VERIFIED, forged: bool = False) -> dict[str, Any]:
        """The browser's answer to request options, by the key made last."""
        credential_id, (key, handle) = next(reversed(self.keys.items()))
        self.signatures += 1 if self.counts else 0
        data, client = self._data(flags), self._client("webauthn.get", options["challenge"])
        signer = ec.generate_private_key(ec.SECP256R1()) if forged else key
        signature = signer.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        told = {
            "authenticatorData": bytes_to_base64url(data),
            "signature": bytes_to_base64url(signature),
            "userHandle": bytes_to_base64url(handle),
        }
        return self._answer(credential_id, told, "webauthn.get", options["challenge"])

    def _data(self, flags: int) -> bytes:
        return hashlib.sha256(self.site.encode()).digest() + bytes([flags]) + self.signatures.to_bytes(4, "big")

    def _client(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin}).encode()

    def _answer(self, credential_id: bytes, told: dict[str, str], kind: str, challenge: str) -> dict[str, Any]:
        name = bytes_to_base64url(credential_id)
        client = bytes_to_base64url(self._client(kind, challenge))
        return {"id": name, "rawId": name, "type": "public-key", "response": {**told, "clientDataJSON": client}}


def _cose(key: ec.EllipticCurvePrivateKey) -> bytes:
    """The public half as COSE: EC2, ES256, P-256."""
    point = key.public_key().public_numbers()
    return cbor2.dumps({1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32, "big"), -3: point.y.to_bytes(32, "big")})
