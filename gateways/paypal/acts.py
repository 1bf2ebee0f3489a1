"""One act at PayPal as one journalled write: legal now or stopped, sent once, and found again by reading.

No write here knows idempotency (the reference of the disputes has no such header), so every one is of class NONE: a
lost answer is looked up against what lay there before, and what cannot be seen is left to a person.
"""

from __future__ import annotations

import hashlib
import html
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from disputes.acts import ANSWERS, GatewayAct
from disputes.money import Money
from disputes.phrases import phrase, said_by
from disputes.ports import Answer, Approved, Plan, Stopped, Write, WriteClass
from disputes.response import Response, ResponseFile
from gateways.paypal import evidences, mapping
from gateways.paypal.contract import (
    AGREED,
    BUYER_FAVOUR,
    CALL_BYTES,
    FILE_BYTES,
    MESSAGE,
    NOTES,
    OPTIONS,
    RELS,
    SUFFIXES,
    part,
    rows,
)
from gateways.paypal.transport import FilePart
from gateways.paypal.values import known_money, money, paypal_value

Raw = Mapping[str, Any]
Detail = Callable[[str], Raw]
Post = Callable[[str, str, str, Mapping[str, Any], Sequence[FilePart] | None], None]
"""Dispute, path, key, body, files (None: as JSON)."""

GAVE_BACK = AGREED | {"", "ITEM_RETURNED_TO_SELLER"}
"""Reasons by which a case ends that the merchant ended; one that PayPal decided has another."""

_NAME = re.compile(r"[A-Za-z0-9-_, ]+\.([A-Za-z]+)")
_ALLOWED: Mapping[GatewayAct, tuple[frozenset[str], frozenset[str]]] = {
    GatewayAct.ACCEPT: (frozenset({"accept_claim_type"}), frozenset({"note", "accept_claim_reason", "invoice_id"})),
    GatewayAct.MESSAGE: (frozenset({"message"}), frozenset()),
    GatewayAct.OFFER: (frozenset({"note", "offer_type"}), frozenset({"invoice_id"})),
    GatewayAct.ESCALATE: (frozenset({"note"}), frozenset()),
    GatewayAct.ACKNOWLEDGE_RETURN: (frozenset({"acknowledgement_type"}), frozenset({"note"})),
    GatewayAct.SUPPORTING_INFO: (frozenset({"notes"}), frozenset()),
}
"""Act -> plain fields it needs and may have."""
_AMOUNT = {GatewayAct.ACCEPT: "refund_amount", GatewayAct.OFFER: "offer_amount"}
_ADDRESS = "return_shipping_address"
_WITH_ADDRESS = frozenset({GatewayAct.ACCEPT, GatewayAct.OFFER})
_WITH_FILES = frozenset({*ANSWERS, GatewayAct.SUPPORTING_INFO})
_NOTHING = phrase("Nothing was sent.")


@dataclass(frozen=True, slots=True)
class Request:
    """One call as it goes out."""

    act: GatewayAct
    body: Mapping[str, Any]
    files: tuple[ResponseFile, ...]

    @property
    def path(self) -> str:
        return RELS[self.act].replace("_", "-")


def plan(approved: Approved, *, detail: Detail, post: Post) -> Plan:
    """Check what PayPal offers now and what it can take, then the one write."""
    request = request_of(approved)
    parts: list[FilePart] | None = None
    if not approved.sent:
        parts = _parts(request, approved)
        refuse_illegal(detail(approved.external_id), request)

    def before() -> dict[str, Any]:
        return image(detail(approved.external_id), request, approved.response)

    def send(key: str) -> Answer:
        loaded = parts if parts is not None else _parts(request, approved)
        multipart = request.act in ANSWERS or bool(request.files)
        post(approved.external_id, request.path, key, request.body, loaded if multipart else None)
        return {"sent": True}

    def seen(earlier: Answer) -> Answer | None:
        now = image(detail(approved.external_id), request, approved.response)
        return {"sent": True, "read_back": True} if took_effect(request.act, earlier, now) else None

    yield Write(str(request.act), WriteClass.NONE, before, send, seen)


# ---- what goes out -------------------------------------------------------------------------------------------------


def request_of(approved: Approved) -> Request:
    """The approved fields in PayPal's shape, unchanged but for an amount's decimal places. Raises Stopped."""
    act, response = approved.act, approved.response
    if act not in RELS or response is None:
        raise Stopped(
            phrase(
                "PayPal has no such act without words: {act}. {nothing}", act=act.replace("_", " "), nothing=_NOTHING
            )
        )
    if response.files and act not in _WITH_FILES:
        raise Stopped(phrase("PayPal takes no files with this act. {nothing}", nothing=_NOTHING))
    if act in ANSWERS:
        names = [file.name for file in sorted(response.files, key=lambda file: _slot_number(file.slot))]
        return Request(act, evidences.body_of(response.fields, names), _in_order(response))
    return Request(act, _body(act, response.fields), _in_order(response))


def _in_order(response: Response) -> tuple[ResponseFile, ...]:
    return tuple(sorted(response.files, key=lambda file: _slot_number(file.slot)))


def _slot_number(slot: str) -> int:
    match = re.fullmatch(rf"{evidences.SLOT}(?:\[(\d{{1,3}})\])?", slot)
    if match is None:
        raise Stopped(phrase("PayPal has no place named {slot} for a file. {nothing}", slot=slot, nothing=_NOTHING))
    return int(match[1] or 0)


def _body(act: GatewayAct, fields: Mapping[str, str]) -> dict[str, Any]:
    needed, may = _ALLOWED[act]
    body: dict[str, Any] = {}
    for name, value in fields.items():
        head, dot, rest = name.partition(".")
        if not dot and head in needed | may:
            body[head] = value
        elif (head == _AMOUNT.get(act) and rest in ("currency_code", "value")) or (
            head == _ADDRESS and act in _WITH_ADDRESS and re.fullmatch(r"[a-z_0-9]{1,40}", rest)
        ):
            body.setdefault(head, {})[rest] = value
        else:
            raise Stopped(phrase("PayPal has no field {name} for this act. {nothing}", name=name, nothing=_NOTHING))
    missing = sorted(name for name in needed if not str(body.get(name) or "").strip())
    if missing:
        raise Stopped(
            phrase(
                "PayPal needs more words for this act: {fields}. {nothing}", fields=", ".join(missing), nothing=_NOTHING
            )
        )
    for name, most in (("note", NOTES), ("notes", NOTES), ("message", MESSAGE)):
        if len(body.get(name, "")) > most:
            raise Stopped(
                phrase(
                    "PayPal takes {most} characters here; there are {number}. {nothing}",
                    most=most,
                    number=len(body[name]),
                    nothing=_NOTHING,
                )
            )
    if _ADDRESS in body and not body[_ADDRESS].get("country_code"):
        raise Stopped(phrase("The address for the return names no country. {nothing}", nothing=_NOTHING))
    amount = _AMOUNT.get(act, "")
    if amount in body:
        body[amount] = _amount(body[amount])
    return body


def _amount(told: Mapping[str, str]) -> dict[str, str]:
    currency = told.get("currency_code", "")
    try:
        value = paypal_value(told.get("value", ""), currency)
        positive = money({"currency_code": currency, "value": value}).minor > 0
    except ValueError as error:
        raise Stopped(
            phrase("The amount cannot be sent: {why}. {nothing}", why=said_by(error), nothing=_NOTHING)
        ) from error
    if not positive:
        raise Stopped(phrase("The amount is nothing. {nothing}", nothing=_NOTHING))
    return {"currency_code": currency, "value": value}


def _parts(request: Request, approved: Approved) -> list[FilePart]:
    """The files with their bytes, each what was approved and small enough. Raises Stopped before anything is sent."""
    parts: list[FilePart] = []
    for file in request.files:
        match = _NAME.fullmatch(file.name)
        if match is None or match[1].lower() not in SUFFIXES:
            words = phrase("letters of the English alphabet, digits, - and _, one dot, and JPG, PNG, GIF or PDF")
            raise Stopped(
                phrase(
                    "PayPal does not take a file of the name {name}; it takes {words}. {nothing}",
                    name=file.name,
                    words=words,
                    nothing=_NOTHING,
                )
            )
        data = approved.bytes_of(file)
        if hashlib.sha256(data).hexdigest() != file.sha256:
            raise Stopped(
                phrase(
                    "The stored file {name} is not the one that was approved. {nothing}",
                    name=file.name,
                    nothing=_NOTHING,
                )
            )
        if len(data) >= FILE_BYTES:
            raise Stopped(
                phrase(
                    "PayPal takes files under 10 MB; {name} has {number} bytes. {nothing}",
                    name=file.name,
                    number=f"{len(data):,}",
                    nothing=_NOTHING,
                )
            )
        parts.append((file.name, data, file.media_type))
    if len({name for name, _, _ in parts}) < len(parts):
        raise Stopped(phrase("Two files have the same name. {nothing}", nothing=_NOTHING))
    if sum(len(data) for _, data, _ in parts) > CALL_BYTES:
        raise Stopped(phrase("PayPal takes 50 MB in one call; these files have more. {nothing}", nothing=_NOTHING))
    return parts


# ---- what is legal now ---------------------------------------------------------------------------------------------


def refuse_illegal(raw: Raw, request: Request) -> None:
    """No link, no act; no option but those that PayPal names; no more money than it allows. Raises Stopped."""
    act, body = request.act, request.body
    if RELS[act] not in mapping.links(raw):
        words = str(act).replace("_", " ")
        status = mapping.raw_status(raw) or "no status"
        raise Stopped(
            phrase(
                "PayPal does not offer this now ({words}; it says {status}). {nothing}",
                words=words,
                status=status,
                nothing=_NOTHING,
            )
        )
    if act in OPTIONS:
        field, _, _ = OPTIONS[act]
        legal, chosen = mapping.options(raw, act), body.get(field)
        if legal and chosen is not None and chosen not in legal:
            raise Stopped(
                phrase(
                    "PayPal does not offer {chosen} now; it offers {options}. {nothing}",
                    chosen=chosen,
                    options=", ".join(legal),
                    nothing=_NOTHING,
                )
            )
    amount = known_money(body.get(_AMOUNT.get(act, "")))
    if amount is not None:
        _refuse_too_much(raw, amount)
    if act is GatewayAct.ACCEPT:
        _refuse_amount_misfit(raw, body)


def _refuse_too_much(raw: Raw, amount: Money) -> None:
    most = known_money(part(raw.get("refund_details")).get("allowed_refund_amount")) or known_money(
        raw.get("dispute_amount")
    )
    if most is None:
        return
    if most.currency != amount.currency:
        raise Stopped(
            phrase(
                "This dispute is in {currency}; the amount is in {other}. {nothing}",
                currency=most.currency,
                other=amount.currency,
                nothing=_NOTHING,
            )
        )
    if most < amount:
        raise Stopped(
            phrase(
                "PayPal allows {most} at most; the amount is {amount}. {nothing}",
                most=most,
                amount=amount,
                nothing=_NOTHING,
            )
        )


def _refuse_amount_misfit(raw: Raw, body: Mapping[str, Any]) -> None:
    partial, given = body.get("accept_claim_type") == "PARTIAL_REFUND", "refund_amount" in body
    if partial and not given:
        raise Stopped(phrase("A partial refund needs its amount. {nothing}", nothing=_NOTHING))
    if given and not partial and raw.get("reason") == "MERCHANDISE_OR_SERVICE_NOT_RECEIVED":
        words = phrase("For an item that did not arrive the whole sum goes back; PayPal takes no amount.")
        raise Stopped(phrase("{words} {nothing}", words=words, nothing=_NOTHING))


# ---- what lies there before and after ------------------------------------------------------------------------------


def image(raw: Raw, request: Request, response: Response | None) -> dict[str, Any]:
    """What shows whether the act took effect: numbers, names of states and links; no customer's words."""
    return {
        "status": str(raw.get("status") or ""),
        "stage": mapping.stage_of(raw),
        "outcome": str(part(raw.get("dispute_outcome")).get("outcome_code") or ""),
        "reason": mapping.reason_of(raw),
        "links": sorted(mapping.links(raw)),
        "evidences": len(evidences.by_seller(raw)),
        "alike": _alike(raw, request, response),
    }


def took_effect(act: GatewayAct, before: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    """Only on what our own act leaves behind; a case that merely moved on meanwhile proves nothing."""
    if now["alike"] > before["alike"]:
        return True
    gone = RELS[act] in before["links"] and RELS[act] not in now["links"]
    moved = now["status"] != before["status"]
    paid = now["outcome"] in BUYER_FAVOUR and now["reason"] in GAVE_BACK
    match act:
        case GatewayAct.ESCALATE:
            return bool(before["stage"] == "INQUIRY" and now["stage"] not in ("INQUIRY", ""))
        case GatewayAct.ACCEPT:
            returned = now["status"] == "WAITING_FOR_BUYER_RESPONSE"
            return bool(gone and moved and (returned or paid))
        case GatewayAct.ACKNOWLEDGE_RETURN:
            return bool(gone and (now["status"] != "RESOLVED" or paid))
    return False


def _alike(raw: Raw, request: Request, response: Response | None) -> int:
    """How often what we send lies there already."""
    body, names = request.body, [file.name for file in request.files]
    match request.act:
        case GatewayAct.SUBMIT | GatewayAct.APPEAL:
            if names:
                there = evidences.documents_of(evidences.by_seller(raw))
                return min(there.count(name) for name in names)
            assert response is not None
            return sum(1 for given in evidences.answers(raw) if not _differs(response, given))
        case GatewayAct.MESSAGE:
            sent = [each for each in rows(raw.get("messages")) if each.get("posted_by") == "SELLER"]
            return sum(1 for each in sent if _plain(each.get("content")) == _plain(body["message"]))
        case GatewayAct.OFFER:
            return _offers_alike(raw, body)
        case GatewayAct.SUPPORTING_INFO:
            given_info = [each for each in rows(raw.get("supporting_info")) if _from_seller(each)]
            return sum(1 for each in given_info if _plain(each.get("notes")) == _plain(body["notes"]))
        case GatewayAct.ACCEPT | GatewayAct.ACKNOWLEDGE_RETURN:
            action = {GatewayAct.ACCEPT: "ACCEPT_CLAIM"}.get(request.act, "ACKNOWLEDGE_RETURN_ITEM")
            entries = [each for each in rows(raw.get("evidences")) if _from_seller(each)]
            return sum(1 for each in entries if part(each.get("action_info")).get("action") == action)
    return 0


def _differs(response: Response, given: Sequence[Raw]) -> bool:
    fields = evidences.fields_of(given)
    return any(fields.get(name) != value for name, value in response.fields.items())


def _offers_alike(raw: Raw, body: Mapping[str, Any]) -> int:
    """Proposals of ours in the history; where PayPal keeps none, whether the offer that stands is ours."""
    offer = part(raw.get("offer"))
    history = rows(offer.get("history"))
    proposed = [each for each in history if each.get("actor") == "SELLER" and each.get("event_type") == "PROPOSED"]
    if not history and offer.get("seller_offered_amount") is not None:
        proposed = [{"offer_type": offer.get("offer_type"), "offer_amount": offer["seller_offered_amount"]}]
    return sum(
        1
        for each in proposed
        if each.get("offer_type") == body["offer_type"]
        and _sum(each.get("offer_amount")) == _sum(body.get("offer_amount"))
    )


def _sum(raw: Any) -> tuple[str, Decimal] | None:
    amount = known_money(raw)
    return (amount.currency, Decimal(amount.amount)) if amount else None


def _from_seller(raw: Raw) -> bool:
    return raw.get("source") == "SUBMITTED_BY_SELLER"


def _plain(text: Any) -> str:
    """Words as they compare: PayPal may escape them and fold their blanks."""
    return " ".join(html.unescape(str(text or "")).split())
