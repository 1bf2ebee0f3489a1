"""Secrets at rest: encrypted under a key file that lies outside the database and only its owner may read."""

from __future__ import annotations

import hashlib
import hmac
import os
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

from disputes.phrases import phrase


class VaultLocked(RuntimeError):
    """The key file is missing, open to others, or not the one the secrets were written with."""


class Vault:
    """`seal` and `open` secrets; `fingerprint` original bytes without keeping them."""

    def __init__(self, key: bytes) -> None:
        self._fernet = Fernet(key)
        self._mac_key = hashlib.sha256(b"counterproof fingerprint" + key).digest()
        self._sign_key = hashlib.sha256(b"counterproof signature" + key).digest()

    @classmethod
    def at(cls, path: Path, *, create: bool) -> Vault:
        """The vault of a key file; `create` writes a new key (0600) where there is none yet."""
        if not path.exists():
            if not create:
                raise VaultLocked(
                    phrase(
                        "The key file {path} is missing. Restore it from your backup; nothing was changed.", path=path
                    )
                )
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(Fernet.generate_key())
        if path.stat().st_mode & 0o077:
            raise VaultLocked(
                phrase("The key file {path} can be read by others. Set its permissions to 0600 (chmod 600).", path=path)
            )
        return cls(path.read_bytes().strip())

    def seal(self, secret: str) -> str:
        return self._fernet.encrypt(secret.encode()).decode()

    def open(self, sealed: str) -> str:
        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except InvalidToken as error:
            raise VaultLocked(
                phrase("A stored key cannot be opened with this key file. Connect the account again.")
            ) from error

    def fingerprint(self, data: bytes) -> str:
        """HMAC-SHA-256 in hex: proves later that an original was this one, and tells nothing about it."""
        return hmac.new(self._mac_key, data, hashlib.sha256).hexdigest()

    def sign(self, purpose: str, text: str) -> str:
        """HMAC-SHA-256 in hex under a key of its own: proves that this installation wrote `text`, for that purpose."""
        return hmac.new(self._sign_key, f"{purpose}\n{text}".encode(), hashlib.sha256).hexdigest()
