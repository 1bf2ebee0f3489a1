"""What can be done about a dispute at a gateway, by the gateway's leave and the merchant's word."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class GatewayAct(StrEnum):
    SUBMIT = "submit"
    """Answer the round with the packet."""
    APPEAL = "appeal"
    """Answer a decision that may still be appealed; the packet is the same kind of answer."""
    ACCEPT = "accept"
    MESSAGE = "message"
    OFFER = "offer"
    ESCALATE = "escalate"
    ACKNOWLEDGE_RETURN = "acknowledge_return"
    SUPPORTING_INFO = "supporting_info"


ANSWERS = frozenset({GatewayAct.SUBMIT, GatewayAct.APPEAL})
"""Acts that carry the packet and answer the round."""

CLOSING = frozenset({*ANSWERS, GatewayAct.ACCEPT})
"""Acts of which a round takes one; the others stand beside it and may come again."""

ANSWER_LANE, SIDE_LANE = "answer", "side"


def lane_of(act: str) -> str:
    """At most one attempt lives in a lane of a round: an answer and a message do not stand in each other's way."""
    return ANSWER_LANE if act in CLOSING else SIDE_LANE


@dataclass(frozen=True, slots=True)
class Offered:
    """One act that the gateway offers for a dispute now. `options`: the only legal values by field name."""

    act: str
    """A `GatewayAct`, or the gateway's own word for one that is not built here: then only its own page can do it."""
    options: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return {"act": self.act, "options": {name: list(values) for name, values in self.options.items()}}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Offered:
        return cls(stored["act"], {name: tuple(values) for name, values in stored.get("options", {}).items()})

    @property
    def built(self) -> bool:
        return self.act in frozenset(GatewayAct)
