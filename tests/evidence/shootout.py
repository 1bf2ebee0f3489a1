"""The shoot-out: small cases by category, product type and trap, each with its verdict and the reason in words.

A row starts from the clear case of its category and product type; the trap spoils it in one way. The clear ones are
ready; a trapped one never is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from disputes.facts import CaseFile, Payment, ProductType, TrackingEvent
from evidence.claim import Claim
from tests.evidence.builders import (
    ELSEWHERE,
    ago,
    case,
    claim,
    document,
    event,
    label_only,
    line,
    message,
    order,
    ours,
    payment,
    policy,
    prior,
    refund,
    shipment,
    three_d_secure,
    usage,
    usd,
)

Good = tuple[Claim, CaseFile]
REASONS = {
    "fraudulent": ("10.4", "fraudulent"),
    "not_received": ("13.1", "product_not_received"),
    "not_as_described": ("13.3", "product_unacceptable"),
    "credit_not_processed": ("13.6", "credit_not_processed"),
    "canceled": ("13.7", "credit_not_processed"),
    "subscription_canceled": ("13.2", "subscription_canceled"),
    "duplicate": ("12.6.1", "duplicate"),
    "paid_by_other_means": ("12.6.2", "duplicate"),
    "incorrect_amount": ("12.5", "general"),
    "processing_error": ("12.7", "general"),
    "authorization": ("11.3", "general"),
}
TERMS = (policy(), policy(kind="cancellation", title="Cancelling an order"))
RETURN_DOOR = ours("You can send it back, please find the return label attached.", at=ago(25))


def claimed(category: str, **changes: Any) -> Claim:
    if category == "unrecognized":
        return claim(**{"network": "mastercard", "reason_code": "4863", "raw_reason": "unrecognized"} | changes)
    code, raw = REASONS[category]
    return claim(**{"reason_code": code, "raw_reason": raw} | changes)


def paid(**changes: Any) -> Payment:
    return payment(**{"authorization_code": "123456", "captured": usd(18900)} | changes)


def sold(product_type: ProductType, **changes: Any) -> dict[str, Any]:
    """What a shop has about a sale of this type that went well."""
    physical = product_type == "physical"
    bought: dict[str, Any] = {
        "lines": (line(product_type=product_type),),
        "device_id": "dev-1",
        "account_id": "acc-1",
        "terms_accepted_at": ago(40),
        **({} if physical else {"shipping": None}),
        **changes,
    }
    papers = {
        "service": ("service_proof", "service_date", "signed_agreement"),
        "travel": ("ticket_scan", "checkin_record", "reservation_confirmation", "no_show_record"),
    }
    used = event(device_id="dev-1", account_id="acc-1", action="download", at=ago(30))
    return {
        "payment": paid(),
        "orders": (order(**bought),),
        "shipments": (shipment(),) if physical else (),
        "messages": (),
        "policies": TERMS,
        "usage": (usage(used),) if product_type in ("digital", "subscription") else (),
        "documents": tuple(document(item, dated=ago(30)) for item in papers.get(product_type, ())),
    }


# ---- the clear ones -------------------------------------------------------------------------------------------------


def clear(category: str, product_type: ProductType) -> Good:
    """The case that is ready, for each category and product type that has one."""
    parts = sold(product_type)
    extra = _EXTRA.get(category)
    return claimed(category), case(**(extra(parts, product_type) if extra else parts))


def _with_papers(*items: str) -> Callable[[dict[str, Any], ProductType], dict[str, Any]]:
    def add(parts: dict[str, Any], product_type: ProductType) -> dict[str, Any]:
        return parts | {"documents": (*parts["documents"], *(document(item) for item in items))}

    return add


def _authenticated(parts: dict[str, Any], product_type: ProductType) -> dict[str, Any]:
    return parts | {"payment": paid(three_d_secure=three_d_secure())}


def _renewed(parts: dict[str, Any], product_type: ProductType) -> dict[str, Any]:
    return parts | {
        "orders": (order(lines=(line(product_type="subscription"),), placed_at=ago(200), terms_accepted_at=ago(200)),),
        "messages": (ours("Your subscription will renew next week.", at=ago(47)),),
    }


def _second_order(parts: dict[str, Any], product_type: ProductType) -> dict[str, Any]:
    other = order(order_ref="LL-2", payment_id="ch_2", lines=(line(description="Cushion", product_type=product_type),))
    parcels = (shipment(order_ref="LL-2", tracking_number="T2"),) if product_type == "physical" else ()
    return parts | {"orders": (*parts["orders"], other), "shipments": (*parts["shipments"], *parcels)}


def _offered(parts: dict[str, Any], product_type: ProductType) -> dict[str, Any]:
    return parts | {"messages": (RETURN_DOOR,)}


_EXTRA: dict[str, Callable[[dict[str, Any], ProductType], dict[str, Any]]] = {
    "fraudulent": _authenticated,
    "unrecognized": _authenticated,
    "not_as_described": _with_papers("product_description", "photos"),
    "paid_by_other_means": _with_papers("payment_ledger"),
    "subscription_canceled": _renewed,
    "duplicate": _second_order,
    "canceled": _offered,
}

# ---- the traps ------------------------------------------------------------------------------------------------------


def never_shipped(good: Good) -> Good:
    """No parcel, no use, no record of a service: plenty of paper, and nothing was provided."""
    the_claim, the_case = good
    papers = tuple(document(item) for item in ("invoice", "order_confirmation", "photos", "product_description"))
    return the_claim, the_case.model_copy(
        update={"shipments": (), "usage": (), "documents": papers, "messages": (message(body="Thank you so much!"),)}
    )


def label_was_all(good: Good) -> Good:
    return good[0], good[1].model_copy(update={"shipments": (label_only(),), "messages": ()})


def refunded_after(good: Good) -> Good:
    return _refunds(good, refund(created_at=ago(1)))


def refund_pending(good: Good) -> Good:
    return _refunds(good, refund(status="pending"))


def refund_after_in_part(good: Good) -> Good:
    return _refunds(good, refund(created_at=ago(1), amount=usd(500)))


def _refunds(good: Good, *refunds: Any) -> Good:
    made = good[1].payment
    assert made is not None
    return good[0], good[1].model_copy(update={"payment": made.model_copy(update={"refunds": refunds})})


def refund_promised(good: Good) -> Good:
    promise = ours("We will refund you the full amount within five days.", at=ago(18))
    return good[0], good[1].model_copy(update={"messages": (*good[1].messages, promise)})


def junk_text(good: Good) -> Good:
    """Every record of words is a filler, every number invented, every file next to empty."""
    the_claim, the_case = good
    filler = "TODO: write the text here, lorem ipsum dolor"
    return the_claim, the_case.model_copy(
        update={
            "shipments": tuple(each.model_copy(update={"tracking_number": "N/A"}) for each in the_case.shipments),
            "messages": (message(body="asdf test test"),),
            "policies": tuple(each.model_copy(update={"text": filler}) for each in the_case.policies),
            "usage": (usage(event(action="test", ip=None)),) if the_case.usage else (),
            "documents": tuple(each.model_copy(update={"size": 90}) for each in the_case.documents),
            "orders": tuple(
                each.model_copy(update={"lines": (line(description="test", product_type=_type(the_case)),)})
                for each in the_case.orders
            ),
            "payment": _bare(the_case.payment),
        }
    )


def _bare(made: Payment | None) -> Payment | None:
    dropped = {"three_d_secure": None, "authorization_code": None, "prior_payments": ()}
    return made.model_copy(update=dropped) if made else None


def _type(the_case: CaseFile) -> ProductType:
    return (the_case.orders[0].lines[0].product_type if the_case.orders else None) or "physical"


def waived(good: Good) -> Good:
    """A person decided to go without all that was missing; that does not make it proof."""
    spoilt = never_shipped(good)
    everything = frozenset(
        {"tracking_events", "delivery_confirmation", "usage_log", "service_proof", "service_date", "ticket_scan"}
        | {"checkin_record", "rebuttal_letter", "cancellation_log", "cancellation_rebuttal", "subscription_agreement"}
        | {"product_description", "authorization_record", "amount_breakdown", "payment_ledger", "3ds_result"}
        | {"cancellation_policy", "cancellation_policy_disclosure", "duplicate_charge_explanation", "invoice"}
    )
    bare = spoilt[1].model_copy(update={"documents": (), "policies": (), "payment": _bare(spoilt[1].payment)})
    return spoilt[0].model_copy(update={"waived": everything}), bare


def expired(good: Good) -> Good:
    return good[0].model_copy(update={"due_at": ago(0.1)}), good[1]


def other_order(good: Good) -> Good:
    """The order on record was paid by another payment."""
    renamed = tuple(each.model_copy(update={"payment_id": f"ch_9{n}"}) for n, each in enumerate(good[1].orders))
    return good[0], good[1].model_copy(update={"orders": renamed})


def parcel_of_other_order(good: Good) -> Good:
    foreign = (
        shipment(order_ref="LL-7777"),
        shipment(tracking_number="T7"),
        shipment(order_ref="LL-8", tracking_number="T7"),
    )
    return good[0], good[1].model_copy(update={"shipments": foreign, "messages": ()})


def delivered_elsewhere(good: Good) -> Good:
    return good[0], good[1].model_copy(update={"shipments": (shipment(delivered_to=ELSEWHERE),), "messages": ()})


def announced(good: Good) -> Good:
    """The carrier expects to deliver tomorrow, and somebody wrote it down as done."""
    expected = shipment(delivered_at=ago(-1), events=())
    return good[0], good[1].model_copy(update={"shipments": (expected,), "messages": ()})


def brought_back(good: Good) -> Good:
    back = TrackingEvent(at=ago(30), state="returned", text="Returned to sender")
    parcel = shipment(events=(*shipment().events, back))
    return good[0], good[1].model_copy(update={"shipments": (parcel,), "messages": ()})


def returned(good: Good) -> Good:
    back = shipment(is_return=True, tracking_number="R1", shipped_at=ago(20), delivered_at=ago(15), events=())
    return good[0], good[1].model_copy(update={"shipments": (*good[1].shipments, back)})


def cancelled_first(good: Good) -> Good:
    early = tuple(each.model_copy(update={"cancelled_at": ago(39.5)}) for each in good[1].orders)
    return good[0], good[1].model_copy(update={"orders": early})


def nothing_ties(good: Good) -> Good:
    """Delivered to somebody, used from somewhere; nobody knows by whom."""
    somewhere = usage(event(ip="198.51.100.9", device_id="dev-9"))
    update = {"payment": _bare(good[1].payment), "usage": (somewhere,) if good[1].usage else ()}
    return good[0], good[1].model_copy(update=update)


def history_of_today(good: Good) -> Good:
    """A stolen card used three times in one hour has a history too."""
    spree = tuple(prior(payment_id=f"ch_s{n}", paid_at=ago(40.01 + n / 100)) for n in range(3))
    bare = nothing_ties(good)
    made = bare[1].payment
    assert made is not None
    return bare[0], bare[1].model_copy(update={"payment": made.model_copy(update={"prior_payments": spree})})


def inner_address(good: Good) -> Good:
    """Behind the shop's proxy every customer has the same IP address."""
    made = _bare(good[1].payment)
    assert made is not None
    orders = tuple(each.model_copy(update={"ip": "10.0.0.4", "device_id": None}) for each in good[1].orders)
    used = (usage(event(ip="10.0.0.4")),) if good[1].usage else ()
    update = {"payment": made.model_copy(update={"ip": "10.0.0.4"}), "orders": orders, "usage": used}
    return good[0], good[1].model_copy(update=update)


def old_order_of_same_customer(good: Good) -> Good:
    """The other order is of last year, and explains no second charge."""
    first, other = good[1].orders
    aged = other.model_copy(update={"placed_at": ago(300)})
    return good[0], good[1].model_copy(update={"orders": (first, aged)})


def charged_twice(good: Good) -> Good:
    made = good[1].payment
    assert made is not None
    twin = prior(payment_id="ch_t", amount=usd(18900), paid_at=ago(40.01), order_ref="LL-1001")
    update = {"payment": made.model_copy(update={"prior_payments": (twin,)}), "orders": good[1].orders[:1]}
    return good[0], good[1].model_copy(update=update)


def cancelled_before_charge(good: Good) -> Good:
    left = usage(event(at=ago(60), action="cancellation", account_id="acc-1"))
    return good[0], good[1].model_copy(update={"usage": (left,)})


def terms_came_later(good: Good) -> Good:
    late = tuple(each.model_copy(update={"terms_accepted_at": ago(5)}) for each in good[1].orders)
    return good[0], good[1].model_copy(update={"orders": late})


TRAPS: dict[str, Callable[[Good], Good]] = {
    each.__name__: each
    for each in (
        *(never_shipped, label_was_all, refunded_after, refund_pending, refund_after_in_part, refund_promised),
        *(junk_text, waived, expired, other_order, parcel_of_other_order, delivered_elsewhere, announced),
        *(brought_back, returned, cancelled_first, nothing_ties, history_of_today, inner_address),
        *(old_order_of_same_customer, charged_twice, cancelled_before_charge, terms_came_later),
    )
}
EVERYWHERE = ("never_shipped", "refunded_after", "refund_pending", "waived", "expired", "other_order")
"""Traps that spoil a case of any category and product type."""


@dataclass(frozen=True, slots=True)
class Row:
    category: str
    product_type: ProductType
    trap: str
    """"" for the clear case."""
    verdict: str
    why: str
    """Part of what the merchant is told."""

    @property
    def name(self) -> str:
        return f"{self.category}, {self.product_type}, {self.trap or 'clear'}"

    def case(self) -> Good:
        good = clear(self.category, self.product_type)
        return TRAPS[self.trap](good) if self.trap else good


def _rows() -> tuple[Row, ...]:
    return tuple(Row(*each) for each in TABLE)


FIGHT, NEEDS, ACCEPT = "fight", "needs_evidence", "accept"
OK, TIED = "Everything this reason asks for is there", "tied to the order: 3-D Secure"
UNSHIPPED = "Nothing shows that the goods were ever shipped"
TWICE = "Double loss"
UNFINISHED = "refund is not finished"
PROMISED = "promises a refund that was not made"
OVER = "The time to answer ended"
OTHERS = "was paid by another payment"
NO_TIE = "Nothing ties the cardholder"

TABLE: tuple[tuple[str, ProductType, str, str, str], ...] = (
    ("fraudulent", "physical", "", FIGHT, TIED),
    ("fraudulent", "digital", "", FIGHT, TIED),
    ("fraudulent", "service", "", FIGHT, TIED),
    ("fraudulent", "subscription", "", FIGHT, TIED),
    ("fraudulent", "travel", "", FIGHT, TIED),
    ("unrecognized", "physical", "", FIGHT, TIED),
    ("unrecognized", "digital", "", FIGHT, TIED),
    ("not_received", "physical", "", FIGHT, OK),
    ("not_received", "digital", "", FIGHT, OK),
    ("not_received", "service", "", FIGHT, OK),
    ("not_received", "travel", "", FIGHT, OK),
    ("not_as_described", "physical", "", FIGHT, OK),
    ("not_as_described", "digital", "", FIGHT, OK),
    ("not_as_described", "service", "", FIGHT, OK),
    ("credit_not_processed", "physical", "", FIGHT, OK),
    ("credit_not_processed", "digital", "", FIGHT, OK),
    ("credit_not_processed", "service", "", FIGHT, OK),
    ("canceled", "physical", "", FIGHT, OK),
    ("canceled", "travel", "", FIGHT, OK),
    ("subscription_canceled", "subscription", "", FIGHT, OK),
    ("duplicate", "physical", "", FIGHT, OK),
    ("duplicate", "digital", "", FIGHT, OK),
    ("paid_by_other_means", "physical", "", FIGHT, OK),
    ("incorrect_amount", "physical", "", FIGHT, OK),
    ("processing_error", "physical", "", FIGHT, OK),
    ("authorization", "physical", "", FIGHT, OK),
    ("authorization", "digital", "", FIGHT, OK),
    # Never shipped, never provided.
    ("not_received", "physical", "never_shipped", NEEDS, UNSHIPPED),
    ("not_received", "physical", "label_was_all", NEEDS, "the carrier has not scanned the parcel"),
    ("not_received", "digital", "never_shipped", NEEDS, "Missing: Logins, views, consumption after purchase"),
    ("not_received", "service", "never_shipped", NEEDS, "Missing:"),
    ("not_received", "travel", "never_shipped", NEEDS, "Missing:"),
    ("fraudulent", "physical", "never_shipped", NEEDS, UNSHIPPED),
    ("fraudulent", "physical", "label_was_all", NEEDS, UNSHIPPED),
    ("unrecognized", "physical", "never_shipped", NEEDS, UNSHIPPED),
    ("not_as_described", "physical", "never_shipped", NEEDS, UNSHIPPED),
    ("credit_not_processed", "physical", "never_shipped", NEEDS, UNSHIPPED),
    ("canceled", "physical", "never_shipped", NEEDS, UNSHIPPED),
    ("duplicate", "physical", "label_was_all", NEEDS, UNSHIPPED),
    ("authorization", "physical", "never_shipped", NEEDS, UNSHIPPED),
    ("processing_error", "physical", "label_was_all", NEEDS, UNSHIPPED),
    ("incorrect_amount", "physical", "never_shipped", NEEDS, UNSHIPPED),
    # Refunded, or about to be.
    ("not_received", "physical", "refunded_after", FIGHT, TWICE),
    ("fraudulent", "digital", "refunded_after", FIGHT, TWICE),
    ("credit_not_processed", "physical", "refunded_after", FIGHT, TWICE),
    ("duplicate", "digital", "refunded_after", FIGHT, TWICE),
    ("not_as_described", "physical", "refund_after_in_part", FIGHT, TWICE),
    ("not_received", "digital", "refund_pending", FIGHT, UNFINISHED),
    ("subscription_canceled", "subscription", "refund_pending", FIGHT, UNFINISHED),
    ("credit_not_processed", "physical", "refund_promised", ACCEPT, PROMISED),
    ("not_as_described", "digital", "refund_promised", ACCEPT, PROMISED),
    ("not_received", "service", "refund_promised", ACCEPT, PROMISED),
    # Words and files that say nothing.
    ("not_received", "physical", "junk_text", NEEDS, "The tracking number is a filler"),
    ("not_received", "service", "junk_text", NEEDS, "The file given for it is next to empty"),
    ("fraudulent", "physical", "junk_text", NEEDS, NO_TIE),
    ("canceled", "physical", "junk_text", NEEDS, "Missing: Cancellation terms"),
    ("subscription_canceled", "subscription", "junk_text", NEEDS, "Missing: Cancellation terms"),
    ("incorrect_amount", "physical", "junk_text", NEEDS, "Missing: Itemised receipt"),
    ("credit_not_processed", "digital", "junk_text", NEEDS, "One of these is needed"),
    ("not_as_described", "physical", "junk_text", NEEDS, "The file given for it is next to empty"),
    # Waived is not present.
    ("not_received", "physical", "waived", NEEDS, "A person decided to go without it"),
    ("not_received", "digital", "waived", NEEDS, "A person decided to go without it"),
    ("not_received", "travel", "waived", NEEDS, "A person decided to go without it"),
    ("fraudulent", "digital", "waived", NEEDS, NO_TIE),
    ("subscription_canceled", "subscription", "waived", NEEDS, "A person decided to go without it"),
    ("authorization", "physical", "waived", NEEDS, "A person decided to go without it"),
    # Too late.
    ("not_received", "physical", "expired", FIGHT, OVER),
    ("fraudulent", "physical", "expired", FIGHT, OVER),
    ("duplicate", "physical", "expired", FIGHT, OVER),
    # Records of another order.
    ("not_received", "physical", "other_order", NEEDS, OTHERS),
    ("not_received", "digital", "other_order", NEEDS, OTHERS),
    ("fraudulent", "physical", "other_order", NEEDS, OTHERS),
    ("incorrect_amount", "physical", "other_order", NEEDS, OTHERS),
    ("not_received", "physical", "parcel_of_other_order", NEEDS, UNSHIPPED),
    ("fraudulent", "physical", "parcel_of_other_order", NEEDS, UNSHIPPED),
    ("duplicate", "physical", "old_order_of_same_customer", NEEDS, "Missing: How the two charges differ"),
    # The parcel is not what it seems.
    ("not_received", "physical", "delivered_elsewhere", NEEDS, "Missing: Carrier 'delivered' record"),
    ("not_received", "physical", "announced", NEEDS, UNSHIPPED),
    ("not_received", "physical", "brought_back", ACCEPT, "The carrier brought the parcel back to you"),
    ("credit_not_processed", "physical", "returned", ACCEPT, "The goods are back and no refund was made"),
    ("not_as_described", "physical", "returned", ACCEPT, "The goods are back and no refund was made"),
    ("canceled", "physical", "cancelled_first", ACCEPT, "Cancelled before the goods were shipped"),
    ("not_received", "physical", "cancelled_first", ACCEPT, "Cancelled before the goods were shipped"),
    # The cardholder is not tied to it.
    ("fraudulent", "physical", "nothing_ties", NEEDS, NO_TIE),
    ("fraudulent", "digital", "nothing_ties", NEEDS, NO_TIE),
    ("unrecognized", "digital", "nothing_ties", NEEDS, NO_TIE),
    ("fraudulent", "physical", "history_of_today", NEEDS, NO_TIE),
    ("fraudulent", "digital", "inner_address", NEEDS, NO_TIE),
    # What was agreed.
    ("duplicate", "physical", "charged_twice", ACCEPT, "The same order was charged twice"),
    ("subscription_canceled", "subscription", "cancelled_before_charge", ACCEPT, "Cancelled before the charge"),
    ("subscription_canceled", "subscription", "terms_came_later", NEEDS, "Missing: Sign-up"),
)
ROWS = _rows()
