"""What the seller says to the buyer, and what ends a dispute by agreement: message, offer, escalation, acceptance."""

from __future__ import annotations

from decimal import Decimal

from gateways.sandbox.paypal import acts, amounts, answers, events, lifecycle, shown
from gateways.sandbox.paypal.call import Call
from gateways.sandbox.paypal.errors import PayPalError, invalid, missing, unprocessable
from gateways.sandbox.paypal.shapes import address, amount, mapping, one_of, text
from gateways.sandbox.paypal.times import stamp
from gateways.sandbox.paypal.world import World
from gateways.sandbox.store import JSON, Row
from gateways.sandbox.wire import Answer

NOTE = 2000
MESSAGE_DOCUMENTS = 10
OFFERS = {
    "REFUND": "INQUIRY_OFFER_PARTIAL_REFUND",
    "REFUND_WITH_RETURN": "INQUIRY_OFFER_REFUND_WITH_ITEM_RETURN",
    "REFUND_WITH_REPLACEMENT": "INQUIRY_OFFER_REFUND_WITH_REPLACEMENT",
    "REPLACEMENT_WITHOUT_REFUND": "INQUIRY_OFFER_ITEM_REPLACED",
}
"""The reason a case is closed with when the buyer takes the offer."""


def send_message(world: World, call: Call) -> JSON:
    """It stays the seller's turn: a message answers nothing PayPal waits for."""
    row = world.need("dispute", call.id)
    acts.require(row, acts.SEND_MESSAGE)
    content = text(mapping(call.body, ""), "message", NOTE, required=True)
    if len(call.files) > MESSAGE_DOCUMENTS:
        raise unprocessable("TOO_MANY_FILES", "/files", f"A message has {MESSAGE_DOCUMENTS} documents at most.")
    message: JSON = {"posted_by": "SELLER", "time_posted": stamp(call.now), "content": content}
    if files := answers.documents(world, row.id, call.files):
        message["documents"] = files
    row.body["messages"].append(message)
    world.ledger.effect(call.now, row.id, "message_sent")
    events.save(world, row, call.now)
    return shown.only_links(world, row)


def make_offer(world: World, call: Call) -> JSON:
    row = world.need("dispute", call.id)
    acts.require(row, acts.MAKE_OFFER)
    sent = mapping(call.body, "")
    note = text(sent, "note", NOTE, required=True)
    type = one_of(sent, "offer_type", acts.options(row)["make_offer"]["offer_types"])
    offered = _offered(row, sent, type)
    entry: JSON = {"offer_time": stamp(call.now), "actor": "SELLER", "event_type": "PROPOSED", "offer_type": type}
    entry |= {"notes": note, "dispute_life_cycle_stage": row.body["dispute_life_cycle_stage"]}
    offer = row.body.setdefault("offer", {}) or {}
    offer |= {"offer_type": type, "history": [*offer.get("history", []), entry]}
    offer.pop("seller_offered_amount", None)
    if offered is not None:
        entry["offer_amount"] = offer["seller_offered_amount"] = amounts.money(offered, _currency(row))
    row.body["offer"] = offer
    world.ledger.effect(call.now, row.id, "offer_made")
    lifecycle.wait_for_buyer(world, row, call.now)
    return shown.only_links(world, row)


def escalate(world: World, call: Call) -> JSON:
    """The seller hands it to PayPal, which looks at what there is and may ask either side afterwards."""
    row = world.need("dispute", call.id)
    acts.require(row, acts.ESCALATE)
    text(mapping(call.body, ""), "note", NOTE, required=True)
    lifecycle.end_inquiry(row)
    world.ledger.effect(call.now, row.id, "escalated")
    row.hidden["round"] += 1
    lifecycle.begin_review(world, row, call.now)
    return shown.only_links(world, row)


def accept_claim(world: World, call: Call) -> JSON:
    """The buyer is paid at once, except where the goods are to come back first."""
    row = world.need("dispute", call.id)
    acts.require(row, acts.ACCEPT_CLAIM)
    sent = mapping(call.body, "")
    text(sent, "note", NOTE)
    type = one_of(
        {"accept_claim_type": "REFUND", **sent},
        "accept_claim_type",
        acts.options(row)["accept_claim"]["accept_claim_types"],
    )
    refund = _accepted(row, sent, type)
    world.ledger.effect(call.now, row.id, "accepted")
    if type == "REFUND_WITH_RETURN":
        row.hidden["return_for"] = None if refund is None else str(refund)
        lifecycle.wait_for_buyer(world, row, call.now)
    else:
        _settle(world, row, refund, call.now)
    return shown.only_links(world, row)


def acknowledge_return_item(world: World, call: Call) -> JSON:
    """Received ends it with the refund; anything else is for PayPal to judge."""
    row = world.need("dispute", call.id)
    acts.require(row, acts.ACKNOWLEDGE)
    sent = mapping(call.body, "")
    note = text(sent, "note", NOTE)
    type = one_of(sent, "acknowledgement_type", list(acts.ACKNOWLEDGEMENTS))
    files = answers.documents(world, row.id, call.files)
    row.hidden["returned"] = False
    world.ledger.effect(call.now, row.id, "return_acknowledged")
    if type == "ITEM_RECEIVED":
        kept = row.hidden.get("return_for")
        _settle(world, row, None if kept is None else Decimal(kept), call.now)
        return shown.only_links(world, row)
    told: JSON = {"evidence_type": "MERCHANT_RESPONSE", "notes": note or type, "source": "SUBMITTED_BY_SELLER"}
    told |= {"date": stamp(call.now), "action_info": {"action": "ACKNOWLEDGE_RETURN_ITEM", "response_option": type}}
    row.body["evidences"].append(told | ({"documents": files} if files else {}))
    lifecycle.end_inquiry(row)
    lifecycle.begin_review(world, row, call.now)
    return shown.only_links(world, row)


def patch(world: World, call: Call) -> Answer:
    """The seller may set communication_details and nothing else."""
    row = world.need("dispute", call.id)
    operations = call.body if isinstance(call.body, list) else []
    if not operations:
        raise missing("/")
    for place, sent in enumerate(operations):
        step = mapping(sent, f"/{place}")
        if step.get("op") not in ("add", "replace") or step.get("path") != "/communication_details":
            raise unprocessable("PATCH_PATH_NOT_SUPPORTED", f"/{place}/path", "Only /communication_details.")
        given = mapping(step.get("value"), f"/{place}/value")
        found = {"email": text(given, "email", 254, required=True), "note": text(given, "note", NOTE, required=True)}
        row.body["communication_details"] = found | {"time_posted": stamp(call.now)}
    events.save(world, row, call.now)
    return Answer(204, b"")


def offer_answered(world: World, row: Row, answer: str, now: int) -> None:
    """The buyer takes the offer, which ends it, or does not, and it is the seller's turn again."""
    offer = row.body.get("offer") or {}
    if row.body["status"] != lifecycle.BUYER or "offer_type" not in offer:
        raise ValueError("no offer waits for the buyer")
    if answer not in ("ACCEPTED", "DENIED"):
        raise ValueError(f"the buyer answers ACCEPTED or DENIED, not {answer!r}")
    entry = {"offer_time": stamp(now), "actor": "BUYER", "event_type": answer, "offer_type": offer["offer_type"]}
    offer["history"].append(entry)
    if answer == "DENIED":
        inquiry = row.body["dispute_life_cycle_stage"] == "INQUIRY"
        lifecycle.ask(world, row, now, row.hidden["inquiry_ends"] if inquiry else lifecycle.claim_due(world, now), [])
        events.save(world, row, now)
    elif offer["offer_type"] == "REFUND_WITH_RETURN":
        row.hidden["return_for"] = offer["seller_offered_amount"]["value"]
        lifecycle.wait_for_buyer(world, row, now)
    else:
        given = offer.get("seller_offered_amount")
        amount = Decimal(given["value"]) if given else Decimal(0)
        _settle(world, row, amount, now, OFFERS[offer["offer_type"]])


def item_returned(world: World, row: Row, now: int) -> None:
    if row.body["status"] != lifecycle.BUYER or "return_for" not in row.hidden:
        raise ValueError("nothing is to be returned")
    row.hidden["returned"] = True
    lifecycle.ask(world, row, now, lifecycle.claim_due(world, now), [])
    events.save(world, row, now)


def _settle(world: World, row: Row, refund: Decimal | None, now: int, reason: str = "SELLER_ISSUED_REFUND") -> None:
    """Paid back on the seller's word: PayPal moves the refund and judges nothing. None is all of what is disputed."""
    paid = lifecycle.pay_back(world, row, refund, now) if refund is None or refund > 0 else Decimal(0)
    lifecycle.decide(world, row, "settled", now, reason=reason, appealable=False, refunded=paid)


def _accepted(row: Row, sent: JSON, type: str) -> Decimal | None:
    given = amount(sent, "refund_amount")
    if given is not None and row.body["reason"] == acts.MERCHANDISE[0]:
        raise invalid("AMOUNT_SHOULD_NOT_BE_PASSED", "/refund_amount", "A claim of non-receipt is refunded in full.")
    if type == "PARTIAL_REFUND" and given is None:
        raise missing("/refund_amount")
    if type == "REFUND_WITH_RETURN":
        address(sent, "return_shipping_address")
    return None if given is None else _within(row, given, "/refund_amount")


def _offered(row: Row, sent: JSON, type: str) -> Decimal | None:
    given = amount(sent, "offer_amount")
    if type == "REPLACEMENT_WITHOUT_REFUND":
        if given is not None:
            raise invalid("AMOUNT_SHOULD_NOT_BE_PASSED", "/offer_amount", "Nothing is paid with this offer.")
        return None
    if given is None:
        raise missing("/offer_amount")
    offered = _within(row, given, "/offer_amount")
    asked = (row.body.get("offer") or {}).get("buyer_requested_amount") or row.body["dispute_amount"]
    less = offered < amounts.value(asked)
    if (
        row.body["reason"] == acts.SNAD
        and type == "REFUND_WITH_RETURN"
        and less
        and "return_shipping_address" not in sent
    ):
        raise invalid("SHIPPING_ADDRESS_SHOULD_NOT_BE_PASSED", "/return_shipping_address", "Say where to return it to.")
    return offered


def _within(row: Row, given: JSON, field: str) -> Decimal:
    wanted = amounts.checked(given, field, _currency(row))
    most = amounts.value(row.body["refund_details"]["allowed_refund_amount"])
    if wanted > most:
        raise unprocessable("AMOUNT_EXCEEDED", f"{field}/value", f"At most {most}.", value=str(wanted))
    return wanted


def _currency(row: Row) -> str:
    return str(row.body["dispute_amount"]["currency_code"])


def buyers_side(world: World, call: Call) -> JSON:
    """accept-offer and deny-offer are for the buyer; the control API plays the buyer here."""
    raise PayPalError(403)
