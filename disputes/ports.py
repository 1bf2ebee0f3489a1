"""What the house needs from the outside, as Protocols: gateways, sources, file store, mailer, engine.

Adapters import this; nothing here imports them. While a writing transaction is open no port may be called
(`disputes.database` refuses it), so every caller reads, lets go, calls, and writes again.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from disputes.acts import GatewayAct, Offered
from disputes.facts import (
    Address,
    Document,
    Fact,
    Message,
    Order,
    Payment,
    Policy,
    Return,
    Shipment,
    UsageLog,
)
from disputes.lifecycle import GatewayStatus, Kind
from disputes.money import Money
from disputes.phrases import NOTHING, Phrase
from disputes.response import Response, ResponseFile

# ---- gateway -------------------------------------------------------------------------------------------------------


class MoneyMovement(Fact):
    """One line of the gateway's own ledger about a dispute: withdrawal, reversal or fee, as it booked it."""

    movement_id: str
    at: datetime
    kind: str
    """withdrawal, reversal, fee, fee_returned or the gateway's own word."""
    amount: Money
    """Signed, in the settlement currency."""


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What the gateway offers for one dispute now; it beats what the adapter knows in general."""

    submit: bool
    accept: bool
    reason: Phrase = NOTHING
    """Why an act is not offered, in words for a merchant."""
    smart_filing: bool = False
    """The gateway may file by itself before the deadline if something is staged."""
    answer_act: GatewayAct = GatewayAct.SUBMIT
    """How this round is answered: by evidence, or by an appeal."""
    offers: tuple[Offered, ...] = ()
    """Every other act it offers now, accepting among them, and acts that only its own page can do."""


@dataclass(frozen=True, slots=True)
class DisputeSnapshot:
    """One dispute as a gateway tells it at one instant. `raw` is its answer to the byte of meaning."""

    gateway: str
    external_id: str
    kind: Kind
    status: GatewayStatus
    raw_status: str
    raw_reason: str
    amount: Money
    opened_at: datetime
    due_at: datetime | None
    live: bool
    capabilities: Capabilities
    submission_count: int
    round_facts: str
    """Facts that open a round when they change and the gateway asks for an answer (Stripe: "kind:submission_count")."""
    network: str | None = None
    reason_code: str | None = None
    payment_id: str | None = None
    order_ref: str | None = None
    customer_name: str | None = None
    customer_email: str | None = None
    staged: Mapping[str, str] = field(default_factory=dict)
    """Evidence that lies at the gateway now, by its own field names; a file field holds the file's id."""
    prefilled: Mapping[str, str] = field(default_factory=dict)
    """What the gateway itself wrote into the evidence; never counted as the merchant's, never blanked."""
    submission_method: str | None = None
    requested: tuple[str, ...] = ()
    """Evidence that it asks for by its own type codes (PayPal: PROOF_OF_FULFILLMENT); empty where it names none."""
    compelling: Mapping[str, Any] = field(default_factory=dict)
    """What it says about Visa Compelling Evidence 3.0: {"status", "actions"}, in its own words."""
    previous_outcome: GatewayStatus | None = None
    """How the round before this question ended (PayPal: lost, and may be appealed)."""
    outcome_reason: str = ""
    """Why it ended so, in the gateway's own word (PayPal: NO_PROOF_OF_DELIVERY); empty where it says nothing."""
    settlement: Money | None = None
    """What was withdrawn, in the account's currency, as a positive amount."""
    movements: tuple[MoneyMovement, ...] = ()
    unknown: tuple[str, ...] = ()
    """Fields and values the contract does not know; shown, never fatal."""
    raw: Mapping[str, Any] = field(default_factory=dict)
    unread: bool = False
    """Only a list's line could be read: what is known of the dispute stays, but for its deadline."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page of disputes and the cursor after it (None: that was the last)."""

    disputes: tuple[DisputeSnapshot, ...]
    cursor: str | None


@dataclass(frozen=True, slots=True)
class Changes:
    """What changed since a cursor, as ids to be read again, and the cursor after it.

    `expired`: the gateway no longer keeps events that old; the caller reads the pages instead. `snapshots`: disputes
    that were read whole on the way, where the gateway lists them whole.
    """

    external_ids: tuple[str, ...]
    cursor: str
    expired: bool = False
    snapshots: tuple[DisputeSnapshot, ...] = ()


@dataclass(frozen=True, slots=True)
class StagedFile:
    """A file as it lies at the gateway."""

    file_id: str
    name: str
    size: int | None
    """None where the gateway does not tell it; the name carries the hash."""


@dataclass(frozen=True, slots=True)
class ReadBack:
    """What lies at the gateway after a write: compared with what was approved, field by field."""

    status: GatewayStatus
    raw_status: str
    submission_count: int
    fields: Mapping[str, str]
    files: Mapping[str, StagedFile]
    """By slot."""
    submission_method: str | None = None


@dataclass(frozen=True, slots=True)
class AccountFacts:
    """Who the key speaks for and what it may do, read without writing."""

    account_id: str
    name: str | None
    live: bool
    currency: str | None
    rights_found: tuple[Phrase, ...] = ()
    """Those that the desk uses, as far as the gateway tells or a reading shows them."""
    rights_missing: tuple[Phrase, ...] = ()
    """Needed to read; without them there is nothing to connect."""
    rights_too_many: tuple[Phrase, ...] = ()
    """Each in words for a merchant; a right that files and can also move money is named here too."""
    may_file: bool = True
    """False: everything works up to filing, which is handed over as files and text."""
    clock_skew_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class VerifiedEvent:
    """A webhook whose signature was checked. Only its id and the object it points at are believed."""

    event_id: str
    type: str
    external_id: str | None


class GatewayFailure(StrEnum):
    CREDENTIALS = "credentials"
    RIGHTS = "rights"
    RATE_LIMITED = "rate_limited"
    UNAVAILABLE = "unavailable"
    MALFORMED = "malformed"
    NOT_FOUND = "not_found"
    REJECTED = "rejected"


class GatewayError(Exception):
    """What went wrong at a gateway and what the caller must do about it.

    `retryable`: the same read may be tried again. `effect_possible`: a write may have happened although no answer
    came; the caller reads back before anything else. `answered`: it was the server's own error, which replays under the
    same idempotency key, so that only a new key can help. The message is for the merchant and holds no key.
    """

    def __init__(
        self,
        failure: GatewayFailure,
        message: str,
        *,
        retryable: bool = False,
        effect_possible: bool = False,
        answered: bool = False,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.failure = failure
        self.retryable = retryable
        self.effect_possible = effect_possible
        self.answered = answered
        self.retry_after = retry_after


class WebhookRefused(Exception):
    """The signature or the body is not what the gateway would send; nothing of it is believed."""


class WebhookUnverifiable(Exception):
    """Whether the gateway sent it cannot be told now (its certificate is out of reach): it has to come again."""


# ---- writes --------------------------------------------------------------------------------------------------------


class WriteClass(StrEnum):
    """How a write behaves when it is sent twice (DESIGN, The journal)."""

    NATIVE_KEY = "native_key"
    STATE_GUARDS = "state_guards"
    NONE = "none"


Answer = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Write:
    """One write as the journal needs it.

    `before` is read from the gateway right before the intent; `send` gets the write's key; `seen` reads the gateway
    again and returns the answer when the effect is there, None when it is not.
    """

    name: str
    """In the journal: "upload:<slot>", "stage", or the act itself for the write that cannot be taken back."""
    write_class: WriteClass
    before: Callable[[], dict[str, Any]]
    send: Callable[[str], Answer]
    seen: Callable[[Answer], Answer | None]


@dataclass(frozen=True, slots=True)
class Approved:
    """What a person or a rule approved, with all a gateway needs to plan its writes."""

    external_id: str
    act: GatewayAct
    response: Response | None
    """None where an act needs no words (accepting at Stripe)."""
    bytes_of: Callable[[ResponseFile], bytes]
    sent: bool = False
    """The write that cannot be taken back was sent, or may have been: nothing before it is judged again."""
    wrote: Mapping[str, str] = field(default_factory=dict)
    """Staged fields by our journal, all rounds together."""
    answers: tuple[Answer, ...] = ()
    """What the gateway answered to earlier writes about this dispute, oldest first: uploads of ours among them."""


class Stopped(Exception):
    """The plan found a reason not to go on, for the merchant; nothing that cannot be taken back was sent."""


Plan = Generator[Write, Answer, None]
"""The writes of one act in their order. Each is yielded, brought to its end by the journal, and answered with its
answer; after a crash the plan runs again from the start and the journal answers for what was done."""


class Gateway(Protocol):
    """The same names in each adapter. Reads may be retried by the adapter; writes never are."""

    name: str
    """"stripe"."""
    title: str
    """"Stripe", as people read it."""

    def account(self) -> AccountFacts: ...
    def disputes(self, *, cursor: str | None = None, since: datetime | None = None) -> Page: ...
    def changes(self, cursor: str | None) -> Changes: ...
    def dispute(self, external_id: str) -> DisputeSnapshot: ...
    def payment(self, snapshot: DisputeSnapshot) -> tuple[Payment, bytes]: ...
    def records(self, snapshot: DisputeSnapshot) -> tuple[Gathered, ...]:
        """What the gateway itself holds beside the payment: messages between buyer and seller."""
        ...

    def verify_webhook(self, body: bytes, headers: Mapping[str, str], *, secret: str, url: str) -> VerifiedEvent: ...
    def plan(self, approved: Approved) -> Plan: ...
    def read_back(self, external_id: str) -> ReadBack: ...


# ---- evidence ------------------------------------------------------------------------------------------------------

AnyFactModel = Payment | Order | Shipment | Return | Message | Policy | UsageLog | Document


@dataclass(frozen=True, slots=True)
class Parcel:
    """A parcel a carrier is asked about. `since`: no scan of it can be older, numbers are used again."""

    carrier: str
    number: str
    order_ref: str
    since: datetime
    destination: Address | None = None
    confidence: str = "certain"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a source is asked about: one dispute's payment and customer, and what the orders said about the sale."""

    payment_id: str | None
    order_ref: str | None
    customer_email: str | None
    customer_name: str | None
    paid_at: datetime | None
    amount: Money
    payment_ids: tuple[str, ...] = ()
    """Every id the gateway knows the payment by, `payment_id` among them: intent, charge, capture, invoice."""
    metadata: Mapping[str, str] = field(default_factory=dict)
    """What the shop wrote beside the payment."""
    card_last4: str | None = None
    phone: str | None = None
    shipping: Address | None = None
    orders: tuple[Order, ...] = ()
    """The disputed order, or every order it might be, once the shops were asked; empty before."""
    certain: bool = False
    """`orders` is one order, and it belongs to this payment without a doubt."""
    parcels: tuple[Parcel, ...] = ()

    @property
    def emails(self) -> tuple[str, ...]:
        """The customer's addresses, in lower case."""
        said = (self.customer_email, *(order.customer_email for order in self.orders))
        return tuple(dict.fromkeys(each.strip().casefold() for each in said if each))

    @property
    def order_numbers(self) -> tuple[str, ...]:
        """Every number the disputed order goes by."""
        said = (*(number for order in self.orders for number in (order.order_ref, *order.numbers)), self.order_ref)
        return tuple(dict.fromkeys(each for each in said if each))

    @property
    def placed_at(self) -> datetime | None:
        """When the sale was made, as far as it is known."""
        return min((order.placed_at for order in self.orders), default=self.paid_at)


@dataclass(frozen=True, slots=True)
class Gathered:
    """One item a source brought: the bytes as stored, how it was asked for, and the fact read out of it."""

    data: bytes
    media_type: str
    name: str
    request: str
    """What was asked, in words or as a URL without secrets."""
    fact: AnyFactModel
    confidence: str = "certain"
    """certain, or likely: then a person confirms before it is evidence."""
    why: str = ""  # a `disputes.phrases.Phrase` where it is to be said in another language
    """Why it belongs to this dispute: "order number in the payment's metadata"."""
    adapter: str = ""
    """What read it, with its version: "woocommerce/1"."""
    further: bool = False
    """Of another order of the same customer, not of the disputed one."""


@dataclass(frozen=True, slots=True)
class SourceReport:
    """What one source had: items, things it says it does not have, and files that could not be read."""

    items: tuple[Gathered, ...]
    unavailable: tuple[str, ...] = ()
    """Evidence items the system itself says it has none of."""
    refused: tuple[str, ...] = ()
    """One sentence for each file that could not be taken, naming it."""
    nothing_of: tuple[tuple[str, str], ...] = ()
    """Tracking numbers it has no scan of, each with its sentence in `refused`: not told where another source has."""


class Source(Protocol):
    name: str
    title: str
    asks_first: bool
    """It knows orders, and is asked before those that are asked about an order's parcels and mails."""

    def gather(self, wanted: Wanted) -> SourceReport: ...


# ---- files, mail, engine -------------------------------------------------------------------------------------------


class FileStore(Protocol):
    """Bytes by (merchant, SHA-256)."""

    def put(self, merchant_id: str, data: bytes) -> str: ...
    def get(self, merchant_id: str, sha256: str) -> bytes: ...
    def has(self, merchant_id: str, sha256: str) -> bool: ...
    def forget(self, merchant_id: str, sha256: str) -> None: ...


class MailRefused(Exception):
    """The server refused a mail. `permanent` says that trying the same again is pointless."""

    def __init__(self, message: str, *, permanent: bool) -> None:
        super().__init__(message)
        self.permanent = permanent


@dataclass(frozen=True, slots=True)
class Mail:
    message_id: str
    to: str
    subject: str
    text: str
    html: str
    headers: Mapping[str, str] = field(default_factory=dict)


class Mailer(Protocol):
    def send(self, mail: Mail) -> str:
        """Hand the mail over; returns where it went ("smtp:host" or a file's path). Raises MailRefused."""
        ...
