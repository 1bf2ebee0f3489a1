"""PayPal's disputes as the house's: pure functions over plain dictionaries."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from disputes.acts import GatewayAct, Offered
from disputes.facts import Message, order_reference
from disputes.knowledge.data import load
from disputes.lifecycle import GatewayStatus, Kind
from disputes.money import Money
from disputes.phrases import Phrase, phrase
from disputes.ports import Capabilities, DisputeSnapshot, GatewayError, GatewayFailure, MoneyMovement, ReadBack
from gateways.paypal import evidences
from gateways.paypal.contract import (
    AGREED,
    KINDS,
    MOVEMENTS,
    NAVIGATION,
    OPTIONS,
    OUTCOMES,
    PARTY_OUTCOMES,
    RELS,
    STATES,
    STATUSES,
    part,
    rows,
    unknown_in,
)
from gateways.paypal.values import instant, known_money, money_or_what_is_told, needed_instant

Raw = Mapping[str, Any]

_ID = re.compile(r"[A-Za-z0-9-]{1,120}")
_ACTS = {rel: act for act, rel in RELS.items()}
_NOT_ASKED = phrase("PayPal asks for no answer now.")
_ELSEWHERE = phrase("PayPal asks for an answer but takes none over its API now. Look in its Resolution Center.")
_UNREAD = phrase("PayPal lists this dispute but could not show it; it is read again.")


def dispute_id(raw: Raw) -> str | None:
    """The id of a dispute or a list's line, if it is one that may stand in an address."""
    told = raw.get("dispute_id")
    return told if isinstance(told, str) and _ID.fullmatch(told) else None


def snapshot(raw: Raw, *, live: bool) -> DisputeSnapshot:
    """A dispute in full, as the detail call gives it."""
    try:
        return _snapshot(raw, live=live)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise GatewayError(
            GatewayFailure.MALFORMED,
            phrase("A dispute from PayPal lacks or garbles {field}; it was left as it was.", field=error),
        ) from error


def _snapshot(raw: Raw, *, live: bool) -> DisputeSnapshot:
    external_id = dispute_id(raw)
    if external_id is None:
        raise ValueError("dispute_id")
    amount, wrong = money_or_what_is_told(raw.get("dispute_amount"))
    offered, appealed = links(raw), appealable(raw)
    status, kind = status_of(raw), kind_of(raw)
    count, transaction = len(evidences.answers(raw)), disputed_transaction(raw)
    network, code = network_and_code(raw)
    movements, odd = movements_of(raw)
    withdrawn = [line.amount for line in movements if line.kind == "withdrawal"]
    return DisputeSnapshot(
        gateway="paypal",
        external_id=external_id,
        kind=kind,
        status=status,
        raw_status=raw_status(raw),
        raw_reason=_text(raw.get("reason"))[:120],
        amount=amount,
        opened_at=needed_instant(raw.get("create_time"), "create_time"),
        due_at=instant(raw.get("seller_response_due_date")),
        live=live,
        capabilities=capabilities(raw, status, offered),
        submission_count=count,
        round_facts=f"{stage_of(raw) or kind}{'/APPEAL' if appealed else ''}:{count}",
        network=network,
        reason_code=code,
        payment_id=_text(transaction.get("seller_transaction_id")) or None,
        order_ref=order_ref(transaction),
        customer_name=_text(part(transaction.get("buyer")).get("name"))[:300] or None,
        requested=evidences.requested(raw) if status is GatewayStatus.NEEDS_RESPONSE else (),
        previous_outcome=outcome_of(raw) if appealed else None,
        settlement=-withdrawn[0] if withdrawn else None,
        movements=movements,
        unknown=(*unknown_in(raw), *([wrong] if wrong else ()), *odd, *_oddities(raw)),
        raw=raw,
    )


def unread(item: Raw, why: str, *, live: bool) -> DisputeSnapshot:
    """A list's line whose details PayPal could not show: the deadline is kept, and nothing can follow from the rest."""
    external_id = dispute_id(item)
    if external_id is None:
        raise ValueError("dispute_id")
    kind = kind_of(item)
    return DisputeSnapshot(
        gateway="paypal",
        external_id=external_id,
        kind=kind,
        status=GatewayStatus.UNKNOWN,
        raw_status=raw_status(item),
        raw_reason=_text(item.get("reason"))[:120],
        amount=money_or_what_is_told(item.get("dispute_amount"))[0],
        opened_at=needed_instant(item.get("create_time") or item.get("update_time"), "create_time"),
        due_at=instant(item.get("seller_response_due_date")),
        live=live,
        capabilities=Capabilities(False, False, _UNREAD),
        submission_count=0,
        round_facts=f"{stage_of(item) or kind}:unread",
        unknown=(phrase("details not read: {why}", why=why),),
        raw=item,
        unread=True,
    )


def read_back(raw: Raw) -> ReadBack:
    """What lies there now: the seller's latest answer, under the names by which it was approved."""
    given = evidences.answers(raw)
    latest: Sequence[Raw] = given[-1] if given else ()
    return ReadBack(
        status=status_of(raw),
        raw_status=raw_status(raw),
        submission_count=len(given),
        fields=evidences.fields_of(latest),
        files=evidences.files_of(latest),
    )


# ---- where it stands -----------------------------------------------------------------------------------------------


def stage_of(raw: Raw) -> str:
    return _text(raw.get("dispute_life_cycle_stage"))


def kind_of(raw: Raw) -> Kind:
    """By the stage; an appeal is at least pre-arbitration, and an unknown stage is taken for the graver one."""
    if raw.get("dispute_channel") == "ALERT":
        return Kind.ALERT
    kind = KINDS.get(stage_of(raw), Kind.CHARGEBACK)
    return Kind.PRE_ARBITRATION if appealable(raw) and kind in (Kind.INQUIRY, Kind.CHARGEBACK) else kind


def status_of(raw: Raw) -> GatewayStatus:
    """PayPal's word; resolved against the merchant and open to appeal is a question again."""
    told = _text(raw.get("status"))
    if told == "RESOLVED":
        return GatewayStatus.NEEDS_RESPONSE if appealable(raw) else outcome_of(raw) or GatewayStatus.UNKNOWN
    status = STATUSES.get(told) or STATES.get(_text(raw.get("dispute_state")), GatewayStatus.UNKNOWN)
    if told == "OPEN" and set(links(raw)) & {RELS[GatewayAct.SUBMIT], RELS[GatewayAct.MESSAGE], RELS[GatewayAct.OFFER]}:
        return GatewayStatus.NEEDS_RESPONSE
    return status


def appealable(raw: Raw) -> bool:
    """Decided against the merchant, and PayPal offers an appeal. What the merchant gave up is not asked for again."""
    if raw.get("status") != "RESOLVED" or RELS[GatewayAct.APPEAL] not in links(raw):
        return False
    return outcome_of(raw) in (GatewayStatus.LOST, None)


def outcome_of(raw: Raw) -> GatewayStatus | None:
    """How it ended; None while it has not, or where PayPal does not say."""
    if raw.get("status") != "RESOLVED":
        return None
    code = _text(part(raw.get("dispute_outcome")).get("outcome_code"))
    party = PARTY_OUTCOMES.get(_text(raw.get("outcome")))
    told = OUTCOMES.get(code, party)
    if code == "RESOLVED_WITH_PAYOUT" and latest_decision(raw).get("type") == "RECOVER_FROM_SELLER":
        told = GatewayStatus.LOST
    if code == "NONE" and party is not None:
        told = party
    if told is GatewayStatus.LOST and _gave_in(raw):
        return GatewayStatus.ACCEPTED
    return told


def _gave_in(raw: Raw) -> bool:
    accepted = any(
        each.get("source") == "SUBMITTED_BY_SELLER" and part(each.get("action_info")).get("action") == "ACCEPT_CLAIM"
        for each in rows(raw.get("evidences"))
    )
    return accepted or reason_of(raw) in AGREED


def latest_decision(raw: Raw) -> Raw:
    """PayPal's newest adjudication: type, reason, time; empty where it made none."""
    made = [(at, each) for each in rows(raw.get("adjudications")) if (at := instant(each.get("adjudication_time")))]
    return max(made, key=lambda dated: dated[0])[1] if made else {}


def reason_of(raw: Raw) -> str:
    """Why it was decided so: one of PayPal's hundred named reasons."""
    told = part(raw.get("dispute_outcome")).get("outcome_reason")
    return _text(latest_decision(raw).get("reason")) or _text(told)


def raw_status(raw: Raw) -> str:
    """PayPal's own words: "RESOLVED: RESOLVED_BUYER_FAVOUR, NO_SELLER_RESPONSE"."""
    status = _text(raw.get("status")) or _text(raw.get("dispute_state"))
    code = part(raw.get("dispute_outcome")).get("outcome_code") or raw.get("outcome")
    why = [_text(word) for word in (code, reason_of(raw)) if _text(word)] if status == "RESOLVED" else []
    return (f"{status}: {', '.join(why)}" if why else status)[:120]


# ---- what it offers ------------------------------------------------------------------------------------------------


def links(raw: Raw) -> dict[str, str]:
    """Every act that PayPal links now, spelled one way (provide_evidence), with its method. No link, no act."""
    found: dict[str, str] = {}
    for link in rows(raw.get("links")):
        rel, method = _text(link.get("rel")).lower().replace("-", "_"), _text(link.get("method")).upper()
        if rel and rel not in NAVIGATION and method != "GET":
            found[rel] = method or "POST"
    return found


def options(raw: Raw, act: GatewayAct) -> tuple[str, ...]:
    """The only legal values of the act's option, where it has one and PayPal names them."""
    _, group, name = OPTIONS.get(act, ("", "", ""))
    told = part(part(raw.get("allowed_response_options")).get(group)).get(name)
    return tuple(str(each) for each in told) if isinstance(told, list) else ()


def capabilities(raw: Raw, status: GatewayStatus, offered: Mapping[str, str]) -> Capabilities:
    """What PayPal offers for this dispute now."""
    asked = status is GatewayStatus.NEEDS_RESPONSE
    evidence, appeal = (RELS[act] in offered for act in (GatewayAct.SUBMIT, GatewayAct.APPEAL))
    answer = GatewayAct.APPEAL if appeal and not evidence else GatewayAct.SUBMIT
    submit = asked and (evidence or appeal)
    others = tuple(_offers(raw, offered, answer if submit else None))
    accept = any(each.act == GatewayAct.ACCEPT for each in others)
    return Capabilities(
        submit, accept, Phrase("") if submit else _ELSEWHERE if asked else _NOT_ASKED, answer_act=answer, offers=others
    )


def _offers(raw: Raw, offered: Mapping[str, str], answer: GatewayAct | None) -> Iterator[Offered]:
    for rel in offered:
        act = _ACTS.get(rel)
        if act is None:
            yield Offered(rel)
        elif act is not answer:
            legal = options(raw, act)
            yield Offered(act, {OPTIONS[act][0]: legal} if legal else {})


# ---- what it is about ----------------------------------------------------------------------------------------------


def disputed_transaction(raw: Raw) -> Raw:
    """The payment in dispute: the first that names the merchant's own transaction."""
    all_of_them = rows(raw.get("disputed_transactions"))
    named = (each for each in all_of_them if each.get("seller_transaction_id"))
    return next(named, all_of_them[0] if all_of_them else {})


def order_ref(transaction: Raw) -> str | None:
    """The shop's order number: the invoice number, else what the shop wrote into the custom field."""
    invoice, custom = _text(transaction.get("invoice_number")), _text(transaction.get("custom"))
    return next((each for each in (invoice, _order_in(custom)) if each and len(each) <= 120), None)


def _order_in(custom: str) -> str | None:
    if not custom.startswith("{"):
        return custom
    try:
        return order_reference(part(json.loads(custom)))
    except ValueError:
        return None


def network_and_code(raw: Raw) -> tuple[str | None, str | None]:
    """Of a card case the network's code, and the network where only one has it; else PayPal's own reason."""
    if raw.get("dispute_channel") != "EXTERNAL":
        return "paypal", _text(raw.get("reason"))[:40] or None
    code = _text(raw.get("external_reason_code"))
    return _network_of(code.casefold()), code[:40] or None


@cache
def _network_of(code: str) -> str | None:
    networks = {
        entry["network"]
        for entry in load("reason_codes")["codes"]
        if code and code in {entry["code"].casefold(), *(alias.casefold() for alias in entry.get("aliases", ()))}
    }
    return networks.pop() if len(networks) == 1 else None


def movements_of(raw: Raw) -> tuple[tuple[MoneyMovement, ...], tuple[str, ...]]:
    """The seller's lines of PayPal's books, signed, and what could not be read.

    PayPal gives them no id: theirs is made of what they say and of how many alike came before, so that it stays the
    same when the line is read again.
    """
    lines: list[MoneyMovement] = []
    odd: list[str] = []
    alike: dict[str, int] = {}
    for each in rows(raw.get("money_movements")):
        if each.get("affected_party") != "SELLER":
            continue
        reason, way = _text(each.get("reason")) or "MOVEMENT", _text(each.get("type"))
        amount, at = known_money(each.get("amount")), instant(each.get("initiated_time"))
        if amount is None or at is None:
            odd.append(phrase("money movement {reason} without an amount or a time", reason=reason))
            continue
        same = f"{reason}:{way}:{amount.minor}{amount.currency}"
        alike[same] = alike.get(same, 0) + 1
        kind = MOVEMENTS.get((reason, way), reason.lower()[:40])
        name = _movement_id(f"{dispute_id(raw)}:{same}:{alike[same]}")
        lines.append(MoneyMovement(movement_id=name, at=at, kind=kind, amount=_signed(amount, way)))
    return tuple(lines), tuple(odd)


def _signed(amount: Money, way: str) -> Money:
    size = Money(abs(amount.minor), amount.currency)
    return -size if way == "DEBIT" else size if way == "CREDIT" else amount


def _movement_id(text: str) -> str:
    return text if len(text) <= 120 else hashlib.sha256(text.encode()).hexdigest()


def messages(raw: Raw) -> tuple[Message, ...]:
    """What buyer, merchant and PayPal wrote each other in the dispute, oldest first."""
    found = []
    told = rows(raw.get("messages"))
    times = [at for each in told if (at := instant(each.get("time_posted"))) is not None]
    newest_first = bool(times) and times[0] > times[-1]
    for each in reversed(told) if newest_first else told:
        at, poster, body = instant(each.get("time_posted")), _text(each.get("posted_by")), _text(each.get("content"))
        if at is None or not body:
            continue
        names = f"{at.isoformat()}|{poster}|{body}"
        found.append(
            Message(
                message_id=f"{dispute_id(raw)}:{hashlib.sha256(names.encode()).hexdigest()[:16]}",
                at=at,
                direction="out" if poster == "SELLER" else "in",
                channel="PayPal Resolution Center",
                sender={"BUYER": "Buyer", "SELLER": "Seller", "ARBITER": "PayPal"}.get(poster, poster or "PayPal"),
                body=body,
                automatic=poster not in ("BUYER", "SELLER"),
                order_ref=order_ref(disputed_transaction(raw)),
            )
        )
    return tuple(sorted(found, key=lambda message: message.at))


def _oddities(raw: Raw) -> Iterator[str]:
    if raw.get("seller_response_due_date") and instant(raw["seller_response_due_date"]) is None:
        yield f"seller_response_due_date {str(raw['seller_response_due_date'])[:40]}"
    several = [each for each in rows(raw.get("disputed_transactions")) if each.get("seller_transaction_id")]
    if len(several) > 1:
        yield phrase("{count} disputed transactions; the first is shown", count=len(several))


def _text(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""
