"""What the bank reads. No field here holds scores, gaps, internal notes or links, so none can reach the paper."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import AwareDatetime

from disputes.facts import Fact, Message
from disputes.money import Money
from disputes.phrases import Phrase


class Letterhead(Fact):
    legal_name: str
    address: tuple[str, ...] = ()
    country: str | None = None
    contact: str | None = None
    registration: str | None = None


class Signatory(Fact):
    name: str
    role: str


class ClaimRow(Fact):
    """One row of page one: what is claimed, what the records show, and which exhibit shows it."""

    claim: str
    shown: str
    exhibit: str
    """Key of the exhibit."""


class Credit(Fact):
    at: AwareDatetime
    amount: Money
    reference: str
    arn: str | None = None


class AddressColumn(Fact):
    """One column of the address comparison: "Ordered", "Billing (AVS pass)", "Delivered"."""

    title: str
    lines: tuple[str, ...]


class Paragraph(Fact):
    """One grounded sentence or paragraph of the letter and the exhibits it cites (keys)."""

    text: str
    exhibits: tuple[str, ...] = ()
    by_merchant: bool = False
    """Typed by the merchant instead of composed from records; printed as their statement."""


class Table(Fact):
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


class Quote(Fact):
    """A clause of a policy that mattered, with the date it came into force."""

    title: str
    in_force_from: date
    text: str
    shown_where: str | None = None
    language: str | None = None
    """ISO 639-1 code of `text`; another language than English needs a translation."""
    translation: str | None = None
    """English, entered or confirmed by a person."""


class FilePart(Fact):
    """A stored, cleaned file printed as it is: picture or PDF pages."""

    sha256: str
    media_type: Literal["application/pdf", "image/jpeg", "image/png"]
    pages: int = 1
    name: str | None = None
    """As the merchant knows the file; never printed, used in what a refusal says."""
    language: str | None = None
    caption: str | None = None
    translation: str | None = None


class Exhibit(Fact):
    """One exhibit. `key` is stable ("tracking"); its letter (A, B, ...) follows from the order in the packet."""

    key: str
    title: str
    source: str
    """Plain name of the system it came from."""
    taken_at: AwareDatetime
    explanation: str | None = None
    """One line: what it shows."""
    slot: str
    """The gateway's slot its pages are filed under (for Stripe one of the nine file fields)."""
    tables: tuple[Table, ...] = ()
    messages: tuple[Message, ...] = ()
    quotes: tuple[Quote, ...] = ()
    files: tuple[FilePart, ...] = ()


class PacketContext(Fact):
    """All of one packet. Absent facts are None and simply not printed."""

    letterhead: Letterhead
    signatory: Signatory | None = None
    written_at: AwareDatetime
    zone: str
    """IANA zone in which every time in the packet is printed."""
    page_size: Literal["A4", "Letter"] = "A4"
    front_slot: str = "uncategorized_file"
    """The gateway's slot for the decision page, the letter and the index."""

    gateway_name: str
    case_id: str
    gateway_id: str | None = None
    """The gateway's own id, where the case id is another one (a bank's or network's case number)."""
    network: str | None = None
    reason_code: str | None = None
    reason_name: str | None = None

    paid_at: AwareDatetime | None = None
    amount_charged: Money | None = None
    amount_disputed: Money
    card_brand: str | None = None
    card_last4: str | None = None
    authorization_code: str | None = None
    arn: str | None = None
    """Acquirer reference number of the disputed payment."""
    statement_descriptor: str | None = None
    order_ref: str | None = None

    ask: str
    """What we ask: "Reversal of the dispute in full: 189.00 USD"."""
    ground: str
    """The issuer's ground, stated first."""
    rows: tuple[ClaimRow, ...] = ()
    """At most five."""
    credits: tuple[Credit, ...] = ()
    """Empty means: none were made, and the packet says so."""
    addresses: tuple[AddressColumn, ...] = ()
    letter: tuple[Paragraph, ...] = ()
    exhibits: tuple[Exhibit, ...] = ()


class PacketLimits(Fact):
    """The strictest limits that apply to this case; pages are inclusive."""

    total_bytes: int = 4_500_000
    total_pages: int = 49
    file_bytes: int = 5_000_000
    source: str = ""


class BuiltFile(Fact):
    """One file of the packet as cut for a slot."""

    slot: str
    name: str
    sha256: str
    size: int
    pages: int


class BuiltPacket(Fact):
    """The whole packet (for people) and the same pages cut at exhibit bounds into slots (for the gateway)."""

    sha256: str
    size: int
    pages: int
    files: tuple[BuiltFile, ...]
    reductions: tuple[Phrase, ...] = ()
    """In plain words what was scaled to fit, empty when nothing was."""
