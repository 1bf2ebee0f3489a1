"""What each gateway is to these tests: how to get in, what goes over the wire, and how its sandbox counts it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from disputes.acts import GatewayAct
from disputes.response import Response
from gateways.sandbox.control import SandboxControl
from gateways.sandbox.paypal import tokens as paypal
from gateways.sandbox.square import tokens as square
from tests import builders


@dataclass(frozen=True, slots=True)
class Way:
    """One write on the wire, with `{id}` for the dispute. `skip`: calls of that path that come before it.

    `word`: how the sandbox counts its effect; None where it counts none for a dispute.
    """

    path: str
    word: str | None
    method: str = "POST"
    skip: int = 0
    act: GatewayAct = GatewayAct.SUBMIT
    """Whose attempt it belongs to."""

    def route(self, external_id: str) -> dict[str, Any]:
        """For a fault that meets this write of this dispute alone."""
        return {"method": self.method, "path": self.path.format(id=external_id), "skip": self.skip}


@dataclass(frozen=True, slots=True)
class Line:
    """One gateway. `answer` makes what is approved; `ways` are the writes by their names in the journal."""

    secret: str
    answer: Callable[..., Response]
    ways: Mapping[str, Way]


_STRIPE = "/v1/disputes/{id}"
_PAYPAL = "/v1/customer/disputes/{id}"
_SQUARE = "/v2/disputes/{id}"
_CLIENT_ID, _CLIENT_SECRET = paypal.FULL


def _paypal(path: str, word: str, act: GatewayAct) -> Way:
    return Way(f"{_PAYPAL}/{path}$", word, act=act)


LINES: Mapping[str, Line] = {
    "stripe": Line(
        "rk_test_sandbox_disputes",
        builders.answer,
        {
            "upload": Way("/v1/files$", None),
            "stage": Way(f"{_STRIPE}$", "staged"),
            "submit": Way(f"{_STRIPE}$", "submitted", skip=1),
            "accept": Way(f"{_STRIPE}/close$", "closed", act=GatewayAct.ACCEPT),
        },
    ),
    "paypal": Line(
        f"{_CLIENT_ID}:{_CLIENT_SECRET}",
        builders.paypal_answer,
        {
            "submit": _paypal("provide-evidence", "evidence_provided", GatewayAct.SUBMIT),
            "appeal": _paypal("appeal", "appealed", GatewayAct.APPEAL),
            "accept": _paypal("accept-claim", "accepted", GatewayAct.ACCEPT),
            "message": _paypal("send-message", "message_sent", GatewayAct.MESSAGE),
            "offer": _paypal("make-offer", "offer_made", GatewayAct.OFFER),
            "escalate": _paypal("escalate", "escalated", GatewayAct.ESCALATE),
            "acknowledge_return": _paypal(
                "acknowledge-return-item", "return_acknowledged", GatewayAct.ACKNOWLEDGE_RETURN
            ),
            "supporting_info": _paypal(
                "provide-supporting-info", "supporting_info_provided", GatewayAct.SUPPORTING_INFO
            ),
        },
    ),
    "square": Line(
        square.DESK,
        builders.square_answer,
        {
            "upload": Way(f"{_SQUARE}/evidence-files$", "evidence_file"),
            "text": Way(f"{_SQUARE}/evidence-text$", "evidence_text"),
            "delete": Way(f"{_SQUARE}/evidence/", "evidence_deleted", method="DELETE"),
            "submit": Way(f"{_SQUARE}/submit-evidence$", "submitted"),
            "accept": Way(f"{_SQUARE}/accept$", "accepted", act=GatewayAct.ACCEPT),
        },
    ),
}


def counted(control: SandboxControl, dispute: str, word: str | None) -> int:
    """How often it happened to the dispute; without a word, how many files there are at all."""
    return int(control.counts()["files"] if word is None else control.effects(dispute)[word])
