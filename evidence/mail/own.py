"""The shop's own addresses: they say which way a message went."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Own:
    addresses: frozenset[str] = frozenset()
    domains: frozenset[str] = frozenset()

    @classmethod
    def of(cls, words: Iterable[str]) -> Own:
        """From "support@shop.example" and "shop.example" (or "@shop.example") alike."""
        bare = [word.strip().casefold().removeprefix("@") for word in words if word.strip()]
        return cls(frozenset(each for each in bare if "@" in each), frozenset(each for each in bare if "@" not in each))

    def __bool__(self) -> bool:
        return bool(self.addresses or self.domains)

    def has(self, address: str) -> bool:
        address = address.strip().casefold()
        return address in self.addresses or address.rpartition("@")[2] in self.domains
