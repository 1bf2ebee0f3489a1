"""Stripe's objects as the house's: pure functions over plain dictionaries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from disputes.clock import from_unix
from disputes.facts import Address, CheckResult, Payment, PriorPayment, Refund, ThreeDSecure, order_reference
from disputes.lifecycle import GatewayStatus, Kind
from disputes.money import Money, exponent
from disputes.phrases import Phrase, phrase
from disputes.ports import Capabilities, DisputeSnapshot, GatewayError, GatewayFailure, MoneyMovement
from gateways.stripe.contract import (
    EXPONENTS,
    FILE_FIELDS,
    KINDS,
    PREFILLED_BY_STRIPE,
    STATUSES,
    TEXT_FIELDS,
    unknown_in,
)
from gateways.stripe.structured import flat

Raw = Mapping[str, Any]


def money(minor: int, currency: str) -> Money:
    """Stripe's minor units: ISO's, but ISK and UGX have two places there."""
    code = currency.upper()
    return Money.from_gateway(minor, code, EXPONENTS.get(code, exponent(code)))


def identity(value: Any) -> str | None:
    """The id of an object that may be expanded."""
    if isinstance(value, Mapping):
        return str(value["id"])
    return str(value) if value else None


def snapshot(raw: Raw) -> DisputeSnapshot:
    """A dispute as read from the API, in today's shape or an old one."""
    try:
        return _snapshot(raw)
    except (KeyError, TypeError, ValueError) as error:
        raise GatewayError(
            GatewayFailure.MALFORMED,
            phrase("A dispute from Stripe lacks or garbles {field}; it was left as it was.", field=error),
        ) from error


def _snapshot(raw: Raw) -> DisputeSnapshot:
    card = (raw.get("payment_method_details") or {}).get("card") or {}
    details = raw.get("evidence_details") or {}
    evidence = raw.get("evidence") or {}
    status = STATUSES.get(raw["status"], GatewayStatus.UNKNOWN)
    kind = kind_of(raw["status"], card)
    staged, prefilled = staged_fields(evidence)
    if details.get("has_evidence") and not staged and not details.get("submission_count"):
        # Stripe's own prefill leaves this flag down: somebody wrote one of the fields that it fills.
        staged = prefilled
    movements = tuple(line for entry in raw.get("balance_transactions") or () for line in movements_of(entry))
    withdrawn = [line.amount for line in movements if line.kind == "withdrawal"]
    count = int(details.get("submission_count") or 0)
    return DisputeSnapshot(
        gateway="stripe",
        external_id=raw["id"],
        kind=kind,
        status=status,
        raw_status=raw["status"],
        raw_reason=raw.get("reason") or "",
        amount=money(raw["amount"], raw["currency"]),
        opened_at=_instant(raw["created"]),
        due_at=from_unix(details.get("due_by")),
        live=bool(raw["livemode"]),
        capabilities=capabilities(raw, status, card),
        submission_count=count,
        round_facts=f"{kind}:{count}",
        network=card.get("network") or card.get("brand"),
        reason_code=card.get("network_reason_code") or raw.get("network_reason_code"),
        payment_id=identity(raw.get("charge")),
        order_ref=order_reference(raw.get("metadata") or {}),
        customer_name=prefilled.get("customer_name"),
        customer_email=prefilled.get("customer_email_address"),
        staged=staged,
        prefilled=prefilled,
        submission_method=details.get("submission_method"),
        compelling=compelling(details),
        settlement=-withdrawn[0] if withdrawn else None,
        movements=movements,
        unknown=tuple(unknown_in(raw)),
        raw=raw,
    )


def _instant(seconds: int) -> Any:
    at = from_unix(seconds)
    if at is None:
        raise ValueError("created")
    return at


def kind_of(status: str, card: Raw) -> Kind:
    """Old API versions have no case type: there the status alone tells an inquiry."""
    if status.startswith("appeal_"):
        return Kind.PRE_ARBITRATION
    if status.startswith("warning_"):
        return Kind.INQUIRY
    return KINDS.get(card.get("case_type") or "", Kind.CHARGEBACK)


def capabilities(raw: Raw, status: GatewayStatus, card: Raw) -> Capabilities:
    """What Stripe offers for this dispute now."""
    smart = raw.get("intended_submission_method") in {"prefer_manual", "prefer_smart_disputes", "smart_disputes"}
    details = raw.get("evidence_details") or {}
    if status is not GatewayStatus.NEEDS_RESPONSE:
        return Capabilities(False, False, phrase("Stripe asks for no answer."), smart)
    if raw["status"].startswith("appeal_"):
        return Capabilities(
            False, False, phrase("This appeal is answered in Stripe's Dashboard; its deadline is kept here."), smart
        )
    inquiry = raw["status"].startswith("warning_")
    if card.get("brand") == "cartes_bancaires" or card.get("network") == "cartes_bancaires":
        return Capabilities(False, False, phrase("Cartes Bancaires disputes cannot be contested."), smart)
    if card.get("network_reason_code") == "10.5" and (card.get("network") or card.get("brand")) == "visa":
        return Capabilities(False, not inquiry, phrase("Visa accepts no evidence for reason 10.5."), smart)
    if not details.get("due_by"):
        return Capabilities(False, not inquiry, phrase("Stripe takes no answer for this dispute."), smart)
    # Accepting an inquiry does not resolve it; only a refund would, and no refund call exists here.
    return Capabilities(True, not inquiry, Phrase(""), smart)


def staged_fields(evidence: Raw) -> tuple[dict[str, str], dict[str, str]]:
    """What lies in the evidence now: (beyond Stripe's own prefill, the fields that Stripe fills itself)."""
    present = {
        name: identity(evidence[name]) or ""
        for name in (*TEXT_FIELDS, *FILE_FIELDS)
        if evidence.get(name) not in (None, "")
    }
    # Stripe looks for earlier payments that qualify and writes them into the structured evidence itself.
    prefilled = {name: value for name, value in present.items() if name in PREFILLED_BY_STRIPE} | flat(evidence)
    return {name: value for name, value in present.items() if name not in PREFILLED_BY_STRIPE}, prefilled


def compelling(details: Raw) -> dict[str, Any]:
    """What Stripe says about Visa Compelling Evidence 3.0 for this dispute; empty where it does not apply."""
    said = (details.get("enhanced_eligibility") or {}).get("visa_compelling_evidence_3") or {}
    if not said.get("status"):
        return {}
    return {"status": str(said["status"]), "actions": [str(each) for each in said.get("required_actions") or ()]}


def movements_of(entry: Any) -> list[MoneyMovement]:
    """One balance transaction as lines of the ledger: the amount, and the fee (or its return) apart."""
    if not isinstance(entry, Mapping):
        return []
    at = _instant(entry["created"])
    kind = {"dispute": "withdrawal", "dispute_reversal": "reversal"}.get(entry.get("reporting_category") or "", "")
    lines = [
        MoneyMovement(
            movement_id=entry["id"],
            at=at,
            kind=kind or str(entry.get("reporting_category") or entry.get("type") or "adjustment"),
            amount=money(entry["amount"], entry["currency"]),
        )
    ]
    if entry.get("fee"):
        fee = money(-entry["fee"], entry["currency"])
        lines.append(
            MoneyMovement(
                movement_id=f"{entry['id']}:fee", at=at, kind="fee" if fee.minor < 0 else "fee_returned", amount=fee
            )
        )
    return lines


def warning(raw: Raw, charge: Raw) -> DisputeSnapshot:
    """An early fraud warning as a case of kind alert: shown, counted, never answered."""
    actionable = bool(raw.get("actionable"))
    return DisputeSnapshot(
        gateway="stripe",
        external_id=raw["id"],
        kind=Kind.ALERT,
        status=GatewayStatus.NEEDS_RESPONSE if actionable else GatewayStatus.EXPIRED,
        raw_status="actionable" if actionable else "not_actionable",
        raw_reason=raw.get("fraud_type") or "misc",
        amount=money(charge["amount"], charge["currency"]),
        opened_at=_instant(raw["created"]),
        due_at=None,
        live=bool(raw["livemode"]),
        capabilities=Capabilities(
            False,
            False,
            phrase("An early fraud warning is information from the card network; there is nothing to file."),
        ),
        submission_count=0,
        round_facts="alert",
        network=_card(charge).get("network") or _card(charge).get("brand"),
        payment_id=identity(raw["charge"]),
        order_ref=order_reference(charge.get("metadata") or {}),
        customer_name=(charge.get("billing_details") or {}).get("name"),
        customer_email=(charge.get("billing_details") or {}).get("email"),
        raw=raw,
    )


# ---- payment -------------------------------------------------------------------------------------------------------


def _card(charge: Raw) -> Raw:
    details: Raw = (charge.get("payment_method_details") or {}).get("card") or {}
    return details


def _check(value: Any) -> CheckResult | None:
    return value if value in ("pass", "fail", "unavailable", "unchecked") else None


def address(raw: Raw | None, name: str | None = None) -> Address | None:
    if not raw or not any(raw.values()):
        return None
    return Address(
        name=name,
        line1=raw.get("line1"),
        line2=raw.get("line2"),
        city=raw.get("city"),
        region=raw.get("state"),
        postal_code=raw.get("postal_code"),
        country=raw.get("country"),
    )


def refund(raw: Raw) -> Refund:
    destination = (raw.get("destination_details") or {}).get("card") or {}
    arn = destination.get("reference") if destination.get("reference_type") == "acquirer_reference_number" else None
    return Refund(
        refund_id=raw["id"],
        amount=money(raw["amount"], raw["currency"]),
        created_at=_instant(raw["created"]),
        status=raw.get("status") or "unknown",
        arn=arn,
        reason=raw.get("reason"),
    )


def prior_payment(charge: Raw, *, reported: bool = False) -> PriorPayment:
    """`reported`: the bank warned of fraud about it."""
    marks, billing = charge.get("metadata") or {}, charge.get("billing_details") or {}
    shipping = charge.get("shipping") or {}
    return PriorPayment(
        payment_id=charge["id"],
        amount=money(charge["amount"], charge["currency"]),
        paid_at=_instant(charge["created"]),
        ip=marks.get("ip"),
        order_ref=order_reference(marks),
        description=charge.get("description"),
        customer_email=billing.get("email") or charge.get("receipt_email"),
        account_id=marks.get("account_id"),
        device_id=marks.get("device_id"),
        device_fingerprint=marks.get("device_fingerprint"),
        shipping=address(shipping.get("address"), shipping.get("name")),
        card_fingerprint=_card(charge).get("fingerprint"),
        disputed=bool(charge.get("disputed")),
        fraud_report=reported or bool((charge.get("fraud_details") or {}).get("stripe_report")),
        refunded=bool(charge.get("refunded")),
    )


def earlier(charge: Raw, others: Sequence[Raw]) -> list[Any]:
    """Earlier payments of the same card, with what became of them; which may be cited is for the judgement to say."""
    card = _card(charge).get("fingerprint")
    return [
        raw for raw in others if card and _card(raw).get("fingerprint") == card and raw["created"] < charge["created"]
    ]


def same_order(charge: Raw, others: Sequence[Raw]) -> list[Any]:
    """Other payments that name the same order, before or after this one."""
    order = order_reference(charge.get("metadata") or {})
    return [raw for raw in others if order and order_reference(raw.get("metadata") or {}) == order]


def three_d_secure(raw: Raw | None) -> ThreeDSecure | None:
    if not raw or not raw.get("result"):
        return None
    return ThreeDSecure(
        result=raw["result"],
        version=raw.get("version"),
        eci=raw.get("electronic_commerce_indicator"),
        transaction_id=raw.get("transaction_id"),
    )


def payment(
    charge: Raw,
    refunds: Sequence[Raw],
    others: Sequence[Raw],
    *,
    ip: str | None,
    reported: frozenset[str] = frozenset(),
) -> Payment:
    """All that Stripe knows about the disputed charge.

    `others`: the customer's other paid charges; `reported`: those of them with an early fraud warning.
    """
    card, billing = _card(charge), charge.get("billing_details") or {}
    checks, shipping = card.get("checks") or {}, charge.get("shipping") or {}
    return Payment(
        payment_id=charge["id"],
        amount=money(charge["amount"], charge["currency"]),
        captured=money(charge.get("amount_captured") or 0, charge["currency"]) if charge.get("captured") else None,
        paid_at=_instant(charge["created"]),
        statement_descriptor=charge.get("calculated_statement_descriptor") or charge.get("statement_descriptor"),
        description=charge.get("description"),
        card_brand=card.get("brand"),
        card_last4=card.get("last4"),
        card_country=card.get("country"),
        card_fingerprint=card.get("fingerprint"),
        authorization_code=card.get("authorization_code"),
        network_transaction_id=card.get("network_transaction_id"),
        avs_line1=_check(checks.get("address_line1_check")),
        avs_postal_code=_check(checks.get("address_postal_code_check")),
        cvc=_check(checks.get("cvc_check")),
        three_d_secure=three_d_secure(card.get("three_d_secure")),
        ip=ip,
        account_id=(charge.get("metadata") or {}).get("account_id"),
        device_id=(charge.get("metadata") or {}).get("device_id"),
        device_fingerprint=(charge.get("metadata") or {}).get("device_fingerprint"),
        customer_name=billing.get("name"),
        customer_email=billing.get("email") or charge.get("receipt_email"),
        receipt_email=charge.get("receipt_email"),
        receipt_number=charge.get("receipt_number"),
        billing=address(billing.get("address"), billing.get("name")),
        shipping=address(shipping.get("address"), shipping.get("name")),
        refunds=tuple(refund(raw) for raw in refunds),
        prior_payments=tuple(prior_payment(raw, reported=raw["id"] in reported) for raw in earlier(charge, others)),
        same_order=tuple(prior_payment(raw, reported=raw["id"] in reported) for raw in same_order(charge, others)),
        metadata={key: str(value) for key, value in (charge.get("metadata") or {}).items()},
    )
