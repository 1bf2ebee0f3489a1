"""What the seller may do to a dispute now: the links it shows, and the options they take.

The table is the contract's, by status and stage; what the case itself does not call for is left out of it.
"""

from __future__ import annotations

from gateways.sandbox.paypal.errors import not_allowed
from gateways.sandbox.store import JSON, Row

SEND_MESSAGE, MAKE_OFFER, ACCEPT_CLAIM, ESCALATE = "send_message", "make_offer", "accept_claim", "escalate"
PROVIDE_EVIDENCE, APPEAL, ACKNOWLEDGE = "provide_evidence", "appeal", "acknowledge_return_item"
SUPPORTING_INFO = "provide_supporting_info"

TABLE: dict[tuple[str, bool], tuple[str, ...]] = {  # status, whether it is an inquiry
    ("WAITING_FOR_SELLER_RESPONSE", True): (
        SEND_MESSAGE, MAKE_OFFER, ACCEPT_CLAIM, ESCALATE, PROVIDE_EVIDENCE, ACKNOWLEDGE,
    ),
    ("WAITING_FOR_SELLER_RESPONSE", False): (PROVIDE_EVIDENCE, ACCEPT_CLAIM, MAKE_OFFER, APPEAL, ACKNOWLEDGE),
    ("UNDER_REVIEW", False): (SUPPORTING_INFO,),
    ("RESOLVED", True): (APPEAL,),
    ("RESOLVED", False): (APPEAL,),
}  # fmt: skip
MERCHANDISE = ("MERCHANDISE_OR_SERVICE_NOT_RECEIVED", "MERCHANDISE_OR_SERVICE_NOT_AS_DESCRIBED")
SNAD = "MERCHANDISE_OR_SERVICE_NOT_AS_DESCRIBED"
ACKNOWLEDGEMENTS = ("ITEM_RECEIVED", "ITEM_NOT_RECEIVED", "DAMAGED", "EMPTY_PACKAGE_OR_DIFFERENT", "MISSING_ITEMS")
WON = ("RESOLVED_SELLER_FAVOUR", "CANCELED_BY_BUYER", "DENIED")
LOST = ("RESOLVED_BUYER_FAVOUR", "RESOLVED_WITH_PAYOUT", "ACCEPTED")


def legal(row: Row) -> list[str]:
    body = row.body
    inquiry = body["dispute_life_cycle_stage"] == "INQUIRY"
    offered = TABLE.get((body["status"], inquiry), ())
    return [act for act in offered if _called_for(row, act) and act not in row.hidden.get("without", [])]


def require(row: Row, act: str) -> None:
    if act not in legal(row):
        raise not_allowed(row.id)


def options(row: Row) -> JSON:
    """`allowed_response_options`: the only values the linked acts take."""
    acts, found = legal(row), {}
    snad, card = row.body["reason"] == SNAD, row.body["dispute_channel"] == "EXTERNAL"
    if ACCEPT_CLAIM in acts:
        types = ["REFUND"] if card else ["REFUND", "REFUND_WITH_RETURN", "PARTIAL_REFUND"] if snad else ["REFUND"]
        if not card and row.body["reason"] not in MERCHANDISE:
            types.append("PARTIAL_REFUND")
        found["accept_claim"] = {"accept_claim_types": types}
    if MAKE_OFFER in acts:
        types = ["REFUND", "REFUND_WITH_REPLACEMENT", "REPLACEMENT_WITHOUT_REFUND"]
        found["make_offer"] = {"offer_types": [*types, "REFUND_WITH_RETURN"] if snad else types}
    if ACKNOWLEDGE in acts:
        found["acknowledge_return_item"] = {"acknowledgement_types": list(ACKNOWLEDGEMENTS)}
    return found


def state(row: Row) -> str:
    """`dispute_state`: the same as the seller sees it."""
    body = row.body
    if body["status"] == "RESOLVED":
        return "APPEALABLE" if APPEAL in legal(row) else "RESOLVED"
    if body["dispute_life_cycle_stage"] == "INQUIRY" and body["status"] != "UNDER_REVIEW":
        return "OPEN_INQUIRIES"
    return {
        "WAITING_FOR_SELLER_RESPONSE": "REQUIRED_ACTION",
        "WAITING_FOR_BUYER_RESPONSE": "REQUIRED_OTHER_PARTY_ACTION",
    }.get(body["status"], "UNDER_PAYPAL_REVIEW")


def _called_for(row: Row, act: str) -> bool:
    body, hidden = row.body, row.hidden
    match act:
        case "acknowledge_return_item":
            return bool(hidden.get("returned"))
        case "appeal" if body["status"] == "RESOLVED":
            return bool(hidden.get("appealable"))
        case "appeal":
            return body["dispute_life_cycle_stage"] != "CHARGEBACK" and bool(body.get("adjudications"))
        case "make_offer":
            return body["reason"] in MERCHANDISE and body["dispute_channel"] != "EXTERNAL"
    return True
