"""A case in which the next thing to be sent is the write that a test is about."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from disputes.acts import GatewayAct
from disputes.ids import new_id
from disputes.ports import Approved
from disputes.response import Response
from gateways.sandbox.paypal.client import PayPalControl
from tests.faults.desk import Case, Desk
from tests.faults.gateways import LINES

NOT_AS_DESCRIBED = "MERCHANDISE_OR_SERVICE_NOT_AS_DESCRIBED"
BACK_TO = {"address_line_1": "Lale Sk. 1", "admin_area_2": "Istanbul", "postal_code": "34000", "country_code": "TR"}


def arranged(desk: Desk, gateway: str, write: str) -> Case:
    if write == "delete":
        return _with_strays(desk)
    if gateway == "paypal":
        return _PAYPAL.get(write, _answer)(desk)
    case = desk.case(gateway)
    case.act = LINES[gateway].ways[write].act
    return case


def _with_strays(desk: Desk) -> Case:
    """Square holds the pieces of an answer whose submission it refused; the mended one must not lie beside them."""
    refused = desk.case("square")
    submission = LINES["square"].ways["submit"].route(refused.external_id)
    desk.at("square").controls.fault("status", status=400, **submission)
    attempt_id = desk.approve(refused)
    assert desk.carry_out_here(attempt_id) == "rejected", desk.attempt(attempt_id).result
    assert len(desk.lying(refused)) == 4
    return desk.prepare("square", refused.external_id)


# ---- PayPal --------------------------------------------------------------------------------------------------------


def _answer(desk: Desk) -> Case:
    return desk.case("paypal")


def _decided(desk: Desk) -> Case:
    """Lost, and open to an appeal."""
    external_id = desk.dispute_at("paypal")
    desk.at("paypal").controls.say(f"/disputes/{external_id}/outcome", {"outcome": "lost", "appealable": True})
    return desk.prepare("paypal", external_id)


def _act(act: GatewayAct, given: Mapping[str, str], **spec: str) -> Callable[[Desk], Case]:
    def arrange(desk: Desk) -> Case:
        case = desk.case("paypal", **spec)
        case.act, case.given = act, {name: text.format(id=new_id("txt")) for name, text in given.items()}
        return case

    return arrange


def _returned(desk: Desk) -> Case:
    """The claim was accepted against the goods, and they are on their way back."""
    post = desk.at("paypal")
    external_id = desk.dispute_at("paypal", reason=NOT_AS_DESCRIBED)
    words = {"accept_claim_type": "REFUND_WITH_RETURN", "note": "Send it back, please."}
    words |= {f"return_shipping_address.{name}": value for name, value in BACK_TO.items()}
    accepted = Response(gateway="paypal", dispute_id=external_id, round=1, fields=words, act=GatewayAct.ACCEPT)
    approved = Approved(external_id, GatewayAct.ACCEPT, accepted, bytes_of=lambda file: b"")
    next(post.gateway.plan(approved)).send(new_id("key"))
    assert isinstance(post.controls, PayPalControl)
    post.controls.buyer_returns(external_id)
    case = desk.prepare("paypal", external_id)
    case.act, case.given = GatewayAct.ACKNOWLEDGE_RETURN, {"acknowledgement_type": "DAMAGED", "note": "It is broken."}
    return case


def _under_review(desk: Desk) -> Case:
    """Somebody answered in the Resolution Center, and PayPal reads it."""
    case = desk.case("paypal")
    controls = desk.at("paypal").controls
    assert isinstance(controls, PayPalControl)
    controls.evidence_foreign(case.external_id)
    desk.pull("paypal", case.external_id)
    case.act, case.given = GatewayAct.SUPPORTING_INFO, {"notes": f"The carrier confirms it ({new_id('txt')})."}
    return case


_PAYPAL: Mapping[str, Callable[[Desk], Case]] = {
    "appeal": _decided,
    "accept": _act(GatewayAct.ACCEPT, {"accept_claim_type": "REFUND"}),
    "message": _act(GatewayAct.MESSAGE, {"message": "It is on its way ({id})."}, stage="INQUIRY"),
    "offer": _act(
        GatewayAct.OFFER,
        {"offer_type": "REFUND", "offer_amount": "5.00", "note": "For your trouble ({id})."},
        stage="INQUIRY",
    ),
    "escalate": _act(GatewayAct.ESCALATE, {"note": "We do not agree ({id})."}, stage="INQUIRY"),
    "acknowledge_return": _returned,
    "supporting_info": _under_review,
}
