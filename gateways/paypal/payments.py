"""The disputed payment: capture, order, refunds, and other payments of the same buyer, as far as PayPal shows them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from disputes.facts import Address, CheckResult, Payment, PriorPayment, Refund, ThreeDSecure
from disputes.money import Money
from disputes.phrases import phrase
from disputes.ports import GatewayError, GatewayFailure
from gateways.paypal.contract import DISPUTES, part, rows
from gateways.paypal.mapping import disputed_transaction, order_ref
from gateways.paypal.values import instant, known_money, money, needed_instant, rfc3339

Raw = Mapping[str, Any]
Read = Callable[[str, Mapping[str, str]], Any]
"""GET: path, query; raises GatewayError."""

_ID = re.compile(r"[A-Za-z0-9-]{1,64}")
_WINDOW = timedelta(days=31)
"""The longest span one search may ask for."""
_WINDOWS, _PRIOR = 6, 5
_REFUND_EVENTS = ("T1107", "T1108", "T1109", "T1110", "T1111")
_PAID_EVENTS = "T00"
_STATUSES = {"COMPLETED": "succeeded", "PENDING": "pending", "FAILED": "failed", "CANCELLED": "canceled"}
_SEARCH_STATUSES = {"S": "succeeded", "P": "pending", "D": "failed", "V": "canceled"}

_AVS: Mapping[str, tuple[CheckResult, CheckResult]] = {
    **dict.fromkeys("YXDMF0", ("pass", "pass")),
    "A": ("pass", "fail"),
    "B": ("pass", "unavailable"),
    **dict.fromkeys("ZW", ("fail", "pass")),
    "P": ("unavailable", "pass"),
    **dict.fromkeys("N1", ("fail", "fail")),
    **dict.fromkeys("CEGIRSU34", ("unavailable", "unavailable")),
}
"""Street and postal code by the letters that the networks gave and PayPal hands on (avs_code)."""
_CVV: Mapping[str, CheckResult] = {"M": "pass", "N": "fail", "P": "unchecked", "U": "unavailable", "X": "unavailable"}
_SECURE = {"Y": "authenticated", "A": "attempt_acknowledged", "N": "failed", "R": "rejected", "U": "unavailable"}


@dataclass(frozen=True, slots=True)
class Records:
    """What PayPal showed about one payment, as it showed it."""

    dispute: Raw
    capture: Raw
    order: Raw
    refunds: tuple[Raw, ...]
    prior: tuple[Raw, ...]
    duplicate: Raw
    """The payment that the buyer says is the same, where the claim names one."""

    def as_json(self) -> dict[str, Any]:
        return {
            "capture": self.capture,
            "order": self.order,
            "refunds": self.refunds,
            "prior": self.prior,
            "duplicate": self.duplicate,
            "disputed_transactions": self.dispute.get("disputed_transactions", []),
            "messages": self.dispute.get("messages", []),
        }


# ---- reading -------------------------------------------------------------------------------------------------------


def records(read: Read, dispute: Raw, payment_id: str, now: datetime, *, may_search: bool) -> Records:
    """Everything that is reachable. A right that is missing, and a record too old to be shown, is gone on without."""
    capture = part(_maybe(read, f"/v2/payments/captures/{_checked(payment_id)}"))
    order_id = part(part(capture.get("supplementary_data")).get("related_ids")).get("order_id")
    order = part(_maybe(read, f"/v2/checkout/orders/{order_id}")) if _is_id(order_id) else {}
    paid_at = instant(capture.get("create_time")) or instant(disputed_transaction(dispute).get("create_time"))
    refunds = _refunds(order, payment_id)
    if not refunds and may_search and paid_at is not None and _was_refunded(capture, dispute):
        refunds = tuple(_searched_refunds(read, payment_id, paid_at, now))
    prior: tuple[Raw, ...] = ()
    payer = payer_id(order)
    if may_search and payer and paid_at is not None:
        prior = tuple(_searched_prior(read, payer, payment_id, paid_at))
    return Records(dispute, capture, order, refunds, prior, _named_duplicate(read, dispute))


def _named_duplicate(read: Read, dispute: Raw) -> Raw:
    """What the claim tells of the other payment, filled up by its capture."""
    claim = part(part(part(dispute.get("extensions")).get("billing_dispute_properties")).get("duplicate_transaction"))
    told = part(claim.get("original_transaction"))
    payment_id = told.get("seller_transaction_id")
    if not _is_id(payment_id):
        return {}
    capture = part(_maybe(read, f"/v2/payments/captures/{payment_id}"))
    found = {
        "seller_transaction_id": payment_id,
        "create_time": capture.get("create_time"),
        "gross_amount": capture.get("amount"),
        "invoice_number": capture.get("invoice_id"),
        "transaction_status": capture.get("status"),
    }
    return {**{name: value for name, value in found.items() if value}, **told}


def _maybe(read: Read, path: str, query: Mapping[str, str] | None = None) -> Any:
    try:
        return read(path, query or {})
    except GatewayError as error:
        if error.failure in (GatewayFailure.NOT_FOUND, GatewayFailure.RIGHTS, GatewayFailure.REJECTED):
            return {}
        raise


def _checked(identifier: str) -> str:
    if not _is_id(identifier):
        raise GatewayError(GatewayFailure.NOT_FOUND, phrase("PayPal names no payment of yours for this dispute."))
    return identifier


def _is_id(value: Any) -> bool:
    return isinstance(value, str) and _ID.fullmatch(value) is not None


def _refunds(order: Raw, payment_id: str) -> tuple[Raw, ...]:
    """The order's refunds of this capture; where a refund does not say whose it is, those of an order with one."""
    taken = [part(unit.get("payments")) for unit in rows(order.get("purchase_units"))]
    captures = sum(len(rows(each.get("captures"))) for each in taken)
    found = []
    for refund in (one for each in taken for one in rows(each.get("refunds"))):
        parents = [str(link.get("href")) for link in rows(refund.get("links")) if link.get("rel") == "up"]
        mine = any(href.rstrip("/").endswith(f"/{payment_id}") for href in parents)
        if mine or (not parents and captures <= 1):
            found.append(refund)
    return tuple(found)


def _was_refunded(capture: Raw, dispute: Raw) -> bool:
    told = (capture.get("status"), disputed_transaction(dispute).get("transaction_status"))
    return any(each in ("REFUNDED", "PARTIALLY_REFUNDED") for each in told)


def _search(read: Read, start: datetime, end: datetime) -> list[Raw]:
    query = {"start_date": rfc3339(start), "end_date": rfc3339(end), "fields": "all", "page_size": "500"}
    return rows(part(_maybe(read, "/v1/reporting/transactions", query)).get("transaction_details"))


def _searched_refunds(read: Read, payment_id: str, paid_at: datetime, now: datetime) -> Iterator[Raw]:
    start = paid_at
    for _ in range(_WINDOWS):
        if start >= now:
            return
        end = min(start + _WINDOW, now)
        for entry in _search(read, start, end):
            info = part(entry.get("transaction_info"))
            refunding = info.get("transaction_event_code") in _REFUND_EVENTS
            if refunding and info.get("paypal_reference_id") == payment_id:
                yield entry
        start = end


def _searched_prior(read: Read, payer: str, payment_id: str, paid_at: datetime) -> Iterator[Raw]:
    """Earlier payments of the same PayPal account, newest first, each with whether it was ever disputed."""
    found, end = 0, paid_at
    for _ in range(_WINDOWS):
        entries = _search(read, end - _WINDOW, end)
        infos = [part(entry.get("transaction_info")) for entry in entries]
        earlier = [
            (info, entry)
            for info, entry in zip(infos, entries, strict=True)
            if info.get("paypal_account_id") == payer
            and str(info.get("transaction_event_code") or "").startswith(_PAID_EVENTS)
            and info.get("transaction_id") != payment_id
            and (amount := known_money(info.get("transaction_amount"))) is not None
            and amount.minor > 0
        ]
        for info, entry in sorted(
            earlier, key=lambda both: str(both[0].get("transaction_initiation_date")), reverse=True
        ):
            identifier = info.get("transaction_id")
            if not _is_id(identifier):
                continue
            disputes = part(_maybe(read, DISPUTES, {"disputed_transaction_id": str(identifier)}))
            yield {**entry, "disputed": bool(rows(disputes.get("items")))}
            found += 1
            if found == _PRIOR:
                return
        end -= _WINDOW


# ---- as facts ------------------------------------------------------------------------------------------------------


def payment(found: Records) -> Payment:
    """All that PayPal knows about the disputed payment. Raises where it says "refunded" and will not say how much."""
    transaction, capture = disputed_transaction(found.dispute), found.capture
    unit = next(iter(rows(found.order.get("purchase_units"))), {})
    payer, source = part(found.order.get("payer")), part(found.order.get("payment_source"))
    card, wallet = part(source.get("card")), part(source.get("paypal"))
    processor = part(capture.get("processor_response"))
    line1, postal = _AVS.get(str(processor.get("avs_code") or ""), (None, None))
    amount = money(capture.get("amount") or transaction.get("gross_amount"))
    invoice = order_ref({"invoice_number": capture.get("invoice_id"), "custom": capture.get("custom_id")})
    reference = order_ref(transaction) or invoice
    buyer = _name(payer) or _name(wallet) or _text(part(transaction.get("buyer")).get("name"))
    email = _text(payer.get("email_address")) or _text(wallet.get("email_address"))
    return Payment(
        payment_id=str(capture.get("id") or transaction["seller_transaction_id"]),
        amount=amount,
        captured=amount if capture.get("status") not in ("DECLINED", "FAILED", "PENDING") else None,
        paid_at=needed_instant(capture.get("create_time") or transaction.get("create_time"), "create_time"),
        description=_text(unit.get("description")),
        card_brand=_text(card.get("brand")),
        card_last4=_text(card.get("last_digits")),
        network_transaction_id=_text(part(capture.get("network_transaction_reference")).get("id")),
        avs_line1=line1,
        avs_postal_code=postal,
        cvc=_CVV.get(str(processor.get("cvv_code") or "")),
        three_d_secure=_three_d_secure(card),
        account_id=payer_id(found.order),
        customer_name=buyer,
        customer_email=email,
        billing=_address(part(card.get("billing_address")) or part(payer.get("address")), buyer),
        shipping=_shipping(part(unit.get("shipping"))),
        refunds=_refund_facts(found, amount),
        prior_payments=tuple(_prior_fact(each) for each in found.prior),
        same_order=tuple(_same_order(found.duplicate)),
        metadata=dict(_metadata(capture, transaction, reference)),
    )


def _refund_facts(found: Records, amount: Money) -> tuple[Refund, ...]:
    refunds = tuple(_refund(each) for each in found.refunds)
    if not refunds and _was_refunded(found.capture, found.dispute):
        words = phrase(
            "PayPal says that money of this payment was paid back, but does not let this application see how much "
            "and when. Switch on Transaction search for it at PayPal; until then no answer is written."
        )
        raise GatewayError(GatewayFailure.RIGHTS, words)
    return refunds


def _refund(raw: Raw) -> Refund:
    info = part(raw.get("transaction_info"))
    if info:
        amount, status = money(info.get("transaction_amount")), _text(info.get("transaction_status")) or "unknown"
        return Refund(
            refund_id=str(info["transaction_id"]),
            amount=Money(abs(amount.minor), amount.currency),
            created_at=needed_instant(info.get("transaction_initiation_date"), "transaction_initiation_date"),
            status=_SEARCH_STATUSES.get(status, status),
            reason=_text(info.get("transaction_note")),
        )
    status = _text(raw.get("status")) or "unknown"
    return Refund(
        refund_id=str(raw["id"]),
        amount=money(raw.get("amount")),
        created_at=needed_instant(raw.get("create_time"), "create_time"),
        status=_STATUSES.get(status, status.lower()),
        arn=_text(raw.get("acquirer_reference_number")),
        reason=_text(raw.get("note_to_payer")),
    )


def _prior_fact(raw: Raw) -> PriorPayment:
    info, payer, shipping = (part(raw.get(name)) for name in ("transaction_info", "payer_info", "shipping_info"))
    goods = [_text(each.get("item_name")) for each in rows(part(raw.get("cart_info")).get("item_details"))]
    return PriorPayment(
        payment_id=str(info["transaction_id"]),
        amount=money(info.get("transaction_amount")),
        paid_at=needed_instant(info.get("transaction_initiation_date"), "transaction_initiation_date"),
        order_ref=order_ref({"invoice_number": info.get("invoice_id"), "custom": info.get("custom_field")}),
        description=", ".join(name for name in goods if name) or None,
        customer_email=_text(payer.get("email_address")),
        account_id=_text(info.get("paypal_account_id")),
        shipping=_searched_address(shipping),
        disputed=bool(raw.get("disputed")),
        refunded=info.get("transaction_status") == "V",
    )


def _same_order(other: Raw) -> Iterator[PriorPayment]:
    payment_id, paid_at = _text(other.get("seller_transaction_id")), instant(other.get("create_time"))
    amount = known_money(other.get("gross_amount"))
    if payment_id is None or paid_at is None or amount is None:
        return
    yield PriorPayment(
        payment_id=payment_id,
        amount=amount,
        paid_at=paid_at,
        order_ref=order_ref(other),
        refunded=other.get("transaction_status") in ("REFUNDED", "REVERSED"),
    )


def _three_d_secure(card: Raw) -> ThreeDSecure | None:
    told = part(part(card.get("authentication_result")).get("three_d_secure")).get("authentication_status")
    return ThreeDSecure(result=_SECURE.get(str(told), str(told))) if told else None


def _metadata(capture: Raw, transaction: Raw, reference: str | None) -> Iterator[tuple[str, str]]:
    protection = part(capture.get("seller_protection"))
    if reference:
        yield "order_id", reference
    for name in ("invoice_id", "custom_id"):
        if capture.get(name):
            yield name, str(capture[name])
    if protection.get("status"):
        yield "seller_protection", str(protection["status"])
    covered = protection.get("dispute_categories")
    if isinstance(covered, Sequence) and not isinstance(covered, str) and covered:
        yield "seller_protection_for", ", ".join(str(each) for each in covered)
    if transaction.get("transaction_status"):
        yield "transaction_status", str(transaction["transaction_status"])


def payer_id(order: Raw) -> str | None:
    payer, wallet = part(order.get("payer")), part(part(order.get("payment_source")).get("paypal"))
    return _text(payer.get("payer_id")) or _text(wallet.get("account_id"))


def _name(person: Raw) -> str | None:
    name = part(person.get("name"))
    whole = " ".join(filter(None, (_text(name.get("given_name")), _text(name.get("surname")))))
    return _text(name.get("full_name")) or whole or None


def _shipping(raw: Raw) -> Address | None:
    return _address(part(raw.get("address")), _text(part(raw.get("name")).get("full_name")))


def _address(raw: Raw, name: str | None) -> Address | None:
    lines = [_text(raw.get(each)) for each in ("address_line_2", "address_line_3")]
    found = Address(
        name=name,
        line1=_text(raw.get("address_line_1")),
        line2=", ".join(line for line in lines if line) or None,
        city=_text(raw.get("admin_area_2")),
        region=_text(raw.get("admin_area_1")),
        postal_code=_text(raw.get("postal_code")),
        country=_text(raw.get("country_code")),
    )
    return found if raw and (found.line1 or found.postal_code or found.city) else None


def _searched_address(raw: Raw) -> Address | None:
    told = part(raw.get("address"))
    found = Address(
        name=_text(raw.get("name")),
        line1=_text(told.get("line1")),
        line2=_text(told.get("line2")),
        city=_text(told.get("city")),
        region=_text(told.get("state")),
        postal_code=_text(told.get("postal_code")),
        country=_text(told.get("country_code")),
    )
    return found if told else None


def _text(value: Any) -> str | None:
    return value.strip() or None if isinstance(value, str) else None
