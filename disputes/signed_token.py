"""Tokens of links that work once: random, and signed, so that a made-up one is told without asking the database."""

from __future__ import annotations

import hmac
import secrets

from disputes.ids import digest
from disputes.vault import Vault

_SIGNED = 32
"""Hex digits of the signature that a link carries."""


def new_token(vault: Vault, purpose: str) -> tuple[str, str]:
    """The token for the link, and its hash for the database. One purpose's token is none of another's."""
    text = secrets.token_urlsafe(24)
    token = f"{text}.{vault.sign(purpose, text)[:_SIGNED]}"
    return token, digest(token.encode())


def known_hash(vault: Vault, purpose: str, token: str) -> str | None:
    """The hash under which a token of ours is stored; None for what this installation never wrote."""
    text, _, signature = token.partition(".")
    fits = hmac.compare_digest(signature.encode(), vault.sign(purpose, text)[:_SIGNED].encode())
    return digest(token.encode()) if fits else None
