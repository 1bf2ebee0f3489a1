"""What the records say about one sale, in one shape whatever system said it.

Sources and gateways produce these; assessment, letter and packet read them. All are frozen, all times are aware UTC
instants, and an absent fact is None or empty, never a guess and never a placeholder.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from disputes.money import Money
from disputes.phrases import Phrase


class Fact(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Address(Fact):
    """A postal address as the system wrote it; comparing two is `evidence.matching`'s work."""

    name: str | None = None
    line1: str | None = None
    line2: str | None = None
    city: str | None = None
    region: str | None = None
    postal_code: str | None = None
    country: str | None = None

    def lines(self) -> list[str]:
        town = " ".join(part for part in (self.postal_code, self.city) if part)
        return [part for part in (self.name, self.line1, self.line2, town, self.region, self.country) if part]


class Provenance(Fact):
    """Where a fact lies: the stored evidence item it was read from."""

    item_id: str
    source: str
    """Plain name of the system, as the bank may read it: "Stripe", "DHL tracking record", "Shop order export"."""
    sha256: str
    taken_at: AwareDatetime


class Record(Fact):
    """A fact that came out of one stored item."""

    provenance: Provenance | None = None


# ---- payment ------------------------------------------------------------------------------------------------------

CheckResult = Literal["pass", "fail", "unavailable", "unchecked"]


class ThreeDSecure(Fact):
    result: str
    """The gateway's own word: authenticated, attempt_acknowledged, exempted, failed, not_supported ..."""
    version: str | None = None
    eci: str | None = None
    transaction_id: str | None = None

    @property
    def authenticated(self) -> bool:
        return self.result == "authenticated"


class Refund(Record):
    refund_id: str
    amount: Money
    created_at: AwareDatetime
    status: str
    """succeeded, pending, failed, canceled or the gateway's own new word."""
    arn: str | None = None
    reason: str | None = None


class PriorPayment(Record):
    """Another payment of the same card, as the gateway lists it, with what the merchant wrote beside it."""

    payment_id: str
    amount: Money
    paid_at: AwareDatetime
    ip: str | None = None
    order_ref: str | None = None
    description: str | None = None
    """What was sold, in words a bank can read."""
    customer_email: str | None = None
    account_id: str | None = None
    device_id: str | None = None
    device_fingerprint: str | None = None
    shipping: Address | None = None
    card_fingerprint: str | None = None
    disputed: bool = False
    fraud_report: bool = False
    """An early fraud warning, or a report of fraud without a dispute."""
    refunded: bool = False
    """In full."""


class Payment(Record):
    """What the gateway knows about the disputed payment."""

    payment_id: str
    amount: Money
    captured: Money | None = None
    paid_at: AwareDatetime
    statement_descriptor: str | None = None
    description: str | None = None
    card_brand: str | None = None
    card_last4: str | None = None
    card_country: str | None = None
    card_fingerprint: str | None = None
    """Kept for matching inside; never printed."""
    authorization_code: str | None = None
    network_transaction_id: str | None = None
    avs_line1: CheckResult | None = None
    avs_postal_code: CheckResult | None = None
    cvc: CheckResult | None = None
    three_d_secure: ThreeDSecure | None = None
    ip: str | None = None
    account_id: str | None = None
    device_id: str | None = None
    device_fingerprint: str | None = None
    customer_name: str | None = None
    customer_email: str | None = None
    receipt_email: str | None = None
    receipt_number: str | None = None
    billing: Address | None = None
    shipping: Address | None = None
    refunds: tuple[Refund, ...] = ()
    prior_payments: tuple[PriorPayment, ...] = ()
    """Earlier than this one; whether one may be cited is for the judgement to say."""
    same_order: tuple[PriorPayment, ...] = ()
    """Other payments of the same card for the same order or of the same hour, earlier or later."""
    metadata: dict[str, str] = Field(default_factory=dict)

    @property
    def checks_match(self) -> bool:
        """Full AVS and CVC match: street, postal code and security code all passed."""
        return self.avs_line1 == self.avs_postal_code == self.cvc == "pass"


_ORDER_KEYS = ("order_id", "order_number", "order", "order_ref", "orderId", "order_no")


def order_reference(metadata: Mapping[str, object]) -> str | None:
    """The shop's order number as shop plug-ins write it into a payment's metadata."""
    return next((str(metadata[name]) for name in _ORDER_KEYS if metadata.get(name)), None)


# ---- order and shipment -------------------------------------------------------------------------------------------

ProductType = Literal["physical", "digital", "service", "subscription", "travel"]


class OrderLine(Fact):
    description: str
    quantity: int = 1
    amount: Money | None = None
    sku: str | None = None
    product_type: ProductType | None = None
    withdrawal_exception: str | None = None
    """Why the law gives no right of withdrawal here, by the knowledge's id (personalised, perishable ...)."""
    supplier: str | None = None
    supplier_order: str | None = None
    """The order number at the supplier who sent it (dropshipping)."""
    chosen: str | None = None
    """What the customer chose of it: "Colour: black; Size: M"."""
    about: str | None = None
    """The description as it stood when it was sold, without markup."""


class Order(Record):
    order_ref: str
    """As the customer knows it."""
    numbers: tuple[str, ...] = ()
    """Its other numbers: the shop's database id, a custom or confirmation number."""
    placed_at: AwareDatetime
    total: Money | None = None
    payment_id: str | None = None
    transaction_ids: tuple[str, ...] = ()
    """Further ids the gateway knows the payment by."""
    card_last4: str | None = None
    customer_name: str | None = None
    customer_email: str | None = None
    customer_phone: str | None = None
    account_id: str | None = None
    account_since: AwareDatetime | None = None
    ip: str | None = None
    device_id: str | None = None
    device_fingerprint: str | None = None
    user_agent: str | None = None
    billing: Address | None = None
    shipping: Address | None = None
    lines: tuple[OrderLine, ...] = ()
    amounts: dict[str, Money] = Field(default_factory=dict)
    """Breakdown by word: subtotal, shipping, tax, discount."""
    promised_by: date | None = None
    terms_accepted_at: AwareDatetime | None = None
    cancelled_at: AwareDatetime | None = None
    refunds: tuple[Refund, ...] = ()
    """Money or credit the shop says it gave back, by whatever way."""
    customer_note: str | None = None
    """What the customer wrote beside the order."""


TrackingState = Literal["label", "in_transit", "out_for_delivery", "delivered", "failed", "returned", "lost", "other"]


class TrackingEvent(Fact):
    at: AwareDatetime
    state: TrackingState
    text: str
    place: str | None = None


UNNAMED_CARRIER = "Carrier not named"
"""Where a record has a tracking number and no carrier."""


class Shipment(Record):
    order_ref: str
    carrier: str
    tracking_number: str
    shipped_at: AwareDatetime | None = None
    delivered_at: AwareDatetime | None = None
    """Only when the carrier's own record says delivered."""
    delivered_to: Address | None = None
    signed_by: str | None = None
    """Only when the carrier recorded a signature; "delivered" is never raised to "signed"."""
    is_return: bool = False
    service: str | None = None
    """The carrier's product, in its own words: "Express Saver"."""
    signature_required: bool | None = None
    leg: Literal["first", "last"] | None = None
    """One half of a way two carriers share (dropshipping); the last is the one that reaches the customer."""
    onward_number: str | None = None
    """Of a first leg: the number the last one has."""
    events: tuple[TrackingEvent, ...] = ()


class Return(Record):
    """One return, step by step; a step that did not happen, or is not recorded, is None."""

    return_id: str
    order_ref: str
    requested_at: AwareDatetime | None = None
    reason: str | None = None
    """The customer's words, or the shop's list of reasons."""
    goods: tuple[str, ...] = ()
    label_sent_at: AwareDatetime | None = None
    tracking_number: str | None = None
    received_at: AwareDatetime | None = None
    inspection: str | None = None
    """What was found, in the shop's words."""
    refused_at: AwareDatetime | None = None
    refusal: str | None = None
    refund_promised_at: AwareDatetime | None = None
    refunded_at: AwareDatetime | None = None
    amount: Money | None = None
    """What was, or is to be, given back."""


# ---- words ---------------------------------------------------------------------------------------------------------


class Message(Record):
    """One message with the customer. `direction` is seen from the merchant."""

    message_id: str
    at: AwareDatetime
    direction: Literal["in", "out"]
    channel: str = "e-mail"
    sender: str
    recipients: tuple[str, ...] = ()
    subject: str | None = None
    body: str
    """Plain text, hidden text dropped, card numbers masked."""
    quoted: str = ""
    """The quoted earlier text, folded away but kept."""
    language: str | None = None
    automatic: bool = False
    order_ref: str | None = None
    translation: str | None = None
    """English, entered or confirmed by a person."""


PolicyKind = Literal["return", "refund", "cancellation", "shipping", "terms", "renewal"]


class Policy(Record):
    kind: PolicyKind
    title: str
    text: str
    in_force_from: date
    shown_where: str | None = None
    """Where the customer saw it before paying."""


class UsageEvent(Fact):
    at: AwareDatetime
    action: str
    """login, download, view, play, renewal, cancellation, or the system's own word."""
    detail: str | None = None
    ip: str | None = None
    device_id: str | None = None
    account_id: str | None = None
    order_ref: str | None = None


class UsageLog(Record):
    system: str
    events: tuple[UsageEvent, ...]


class Document(Record):
    """A picture or PDF that speaks for itself; `item` is the knowledge's id of what it proves."""

    item: str
    title: str
    media_type: Literal["application/pdf", "image/jpeg", "image/png"]
    sha256: str
    """Of the stored, cleaned bytes."""
    size: int
    pages: int = 1
    dated: AwareDatetime | None = None
    order_ref: str | None = None
    caption: str | None = None
    """Typed by the merchant and marked as theirs."""
    translation: str | None = None
    doubt: Phrase | None = None
    """Why it may not show what it is meant to; then a person decides."""


AnyFact = Annotated[
    Payment | Order | Shipment | Return | Message | Policy | UsageLog | Document, "one parsed evidence item"
]


class CaseFile(Fact):
    """All that is known about one sale, gathered for one round."""

    payment: Payment | None = None
    orders: tuple[Order, ...] = ()
    """The disputed order first; further orders of the same customer after it."""
    shipments: tuple[Shipment, ...] = ()
    returns: tuple[Return, ...] = ()
    messages: tuple[Message, ...] = ()
    policies: tuple[Policy, ...] = ()
    usage: tuple[UsageLog, ...] = ()
    documents: tuple[Document, ...] = ()

    @property
    def order(self) -> Order | None:
        return self.orders[0] if self.orders else None
