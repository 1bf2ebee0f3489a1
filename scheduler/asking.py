"""Acts beside the answer: a message, an offer, an escalation, an acceptance. A person asks, the journal carries it."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from sqlmodel import Session

from disputes import store
from disputes.acts import GatewayAct, Offered
from disputes.knowledge.acts import ActField, ActForm, act_form
from disputes.models import Attempt, Dispute, StoredResponse
from disputes.money import Money
from disputes.phrases import phrase, said_by
from disputes.response import Response, ResponseFile
from disputes.submission import Refused
from scheduler import respond
from scheduler.runtime import Runtime


def offered(dispute: Dispute) -> tuple[Offered, ...]:
    """What the gateway offers now beside the answer."""
    found = [Offered.from_json(each) for each in dispute.offers]
    if dispute.can_accept and all(each.act != GatewayAct.ACCEPT for each in found):
        found.insert(0, Offered(GatewayAct.ACCEPT))
    return tuple(found)


def ask(
    runtime: Runtime,
    session: Session,
    dispute: Dispute,
    *,
    act: str,
    given: Mapping[str, str],
    by: str,
    files: tuple[ResponseFile, ...] = (),
) -> Attempt:
    """A person confirmed the act with these words. Raises `Refused` for what the gateway does not offer or take."""
    offer = next((each for each in offered(dispute) if each.act == act), None)
    form = act_form(dispute.gateway, act)
    if offer is None or form is None:
        raise Refused(phrase("The gateway does not offer this for the case now."))
    fields = read(form, offer, given, dispute.amount)
    current = store.current_round(session, dispute)
    if current is None:
        raise Refused(phrase("The gateway asks for no answer in this case."))
    response = Response(
        gateway=dispute.gateway,
        dispute_id=dispute.external_id,
        round=current.ordinal,
        fields=fields,
        files=files,
        act=GatewayAct(act),
    )
    if not fields and not files:
        return respond.approve(runtime, session, dispute, act=act, response_sha256=None, by=by)
    if session.get(StoredResponse, response.sha256) is None:
        session.add(
            StoredResponse(
                sha256=response.sha256,
                round_id=current.id,
                canonical=response.canonical().decode(),
                built_at=runtime.clock.now(),
            )
        )
        session.flush()
    return respond.approve(runtime, session, dispute, act=act, response_sha256=response.sha256, by=by)


def read(form: ActForm, offer: Offered, given: Mapping[str, str], disputed: Money) -> dict[str, str]:
    """The gateway's fields out of what was typed; only what the gateway allows for this case now passes."""
    fields: dict[str, str] = {}
    for field in form.fields:
        text = given.get(field.name, "").strip()
        if not text:
            if field.required:
                raise Refused(phrase("{field} is empty.", field=phrase(field.label)))
            continue
        fields |= _value(field, text, offer, disputed)
    kind = fields.get("accept_claim_type", "")
    if "WITH_RETURN" in kind or "WITH_RETURN" in fields.get("offer_type", ""):
        raise Refused(phrase("A refund against a return needs a return address. Do this on the gateway's own page."))
    if (kind == "PARTIAL_REFUND") != ("refund_amount.value" in fields) and "accept_claim_type" in fields:
        raise Refused(phrase("Name an amount for a partial refund, and only for that."))
    return fields


def _value(field: ActField, text: str, offer: Offered, disputed: Money) -> dict[str, str]:
    if field.kind == "choice":
        allowed = offer.options.get(field.name, ())
        if text not in allowed:
            named = {"field": phrase(field.label), "given": text}
            if not allowed:
                raise Refused(phrase("{field}: the gateway allows nothing now, not {given}.", **named))
            raise Refused(
                phrase("{field}: the gateway allows {allowed} now, not {given}.", allowed=", ".join(allowed), **named)
            )
        return {field.name: text}
    if field.kind == "money":
        return _money(field, text, disputed)
    if field.limit is not None and len(text) > field.limit:
        raise Refused(
            phrase(
                "{field} may have {limit} characters and has {number}.",
                field=phrase(field.label),
                limit=f"{field.limit:,}",
                number=f"{len(text):,}",
            )
        )
    return {field.name: text}


def _money(field: ActField, text: str, disputed: Money) -> dict[str, str]:
    try:
        amount = Money.typed(text, disputed.currency)
    except ValueError as error:
        raise Refused(phrase("{field}: {why}.", field=phrase(field.label), why=said_by(error))) from error
    if amount.minor <= 0 or amount.minor > disputed.minor:
        raise Refused(
            phrase("{field} must be above zero and at most {amount}.", field=phrase(field.label), amount=disputed)
        )
    value = amount.amount
    if disputed.currency in WITHOUT_PLACES:
        if Decimal(value) != Decimal(value).to_integral_value():
            raise Refused(
                phrase(
                    "{field}: PayPal takes {currency} without decimal places.",
                    field=phrase(field.label),
                    currency=disputed.currency,
                )
            )
        value = value.partition(".")[0]
    return {f"{field.name}.currency_code": amount.currency, f"{field.name}.value": value}


WITHOUT_PLACES = frozenset({"HUF", "TWD", "JPY"})
"""Currencies that PayPal takes without decimal places."""
