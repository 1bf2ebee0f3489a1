"""One normal form for search: Turkish i's, case and accents make no difference."""

from __future__ import annotations

import hashlib
import unicodedata

_TURKISH_I = str.maketrans({"ı": "i", "İ": "i", "I": "i"})


def normal_form(text: str) -> str:
    folded = unicodedata.normalize("NFKD", text.translate(_TURKISH_I).casefold())
    return " ".join("".join(c for c in folded if not unicodedata.combining(c)).split())


def search_text(*parts: str | None) -> str:
    return " ".join(normal_form(part) for part in parts if part)


def search_key(dispute_id: str) -> int:
    """A stable positive row number for the search index."""
    return int.from_bytes(hashlib.sha256(dispute_id.encode()).digest()[:8], "big") >> 2
