"""The systems a merchant connects for evidence: shops, carriers, mailboxes, help desks. What each has to be.

A system of orders is *kept*: its orders are pulled page by page and found again by their keys when a dispute comes,
often months later. Carriers, mailboxes and help desks are *asked*, case by case, about one sale: what is not needed for
a dispute never leaves them. One system may do both. Nothing here writes to a merchant's system, ever.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from disputes.clock import Clock
from disputes.ports import AnyFactModel, SourceReport, Wanted


class Brings(StrEnum):
    """What kind of evidence a system has."""

    ORDERS = "orders"
    TRACKING = "tracking"
    CORRESPONDENCE = "correspondence"
    POLICIES = "policies"
    USAGE = "usage"
    DISPUTES = "disputes"


# ---- what it says of itself ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Setting:
    """One field of the connect page. A `secret` is sealed and never shown again; the rest is shown as it was typed."""

    name: str
    label: str
    help: str = ""
    secret: bool = False
    required: bool = True
    example: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    """Value and words; the first is preset. Empty: free text."""
    address: bool = False
    """A base address: https, a public machine (or this one, for practice)."""
    host: bool = False
    """Says which machine is called too, in the system's own words ("lumen"); the system itself checks it."""


@dataclass(frozen=True, slots=True)
class Webhook:
    """How a system's deliveries are proved. `check` returns the keys of what changed, or raises WebhookRefused."""

    proof: str
    """What the system calls the thing a delivery is checked by: "webhook secret"."""
    steps: str
    check: Callable[[bytes, Mapping[str, str], str], tuple[Key, ...]]
    """body, headers (lower case), secret -> what changed."""


@dataclass(frozen=True, slots=True)
class SystemKind:
    """One system as the desk offers it: what it gives, what key it needs, how it is opened."""

    name: str
    """"woocommerce"."""
    title: str
    """"WooCommerce", as people read it."""
    version: int
    """Of the adapter; stands beside every item it brought, because a later one may read more out of the same bytes."""
    brings: tuple[Brings, ...]
    gives: str
    """One sentence for people: what comes from it."""
    needs: str
    """One or two sentences: which key, with which rights, and where it is made."""
    settings: tuple[Setting, ...]
    open: Callable[[Mapping[str, str], Outside], System]
    """Settings by name -> the system. Calls nothing yet."""
    webhook: Webhook | None = None
    pushed: bool = False
    """The merchant's own application sends in what it has; it is never called."""

    @property
    def adapter(self) -> str:
        return f"{self.name}/{self.version}"


@dataclass(frozen=True, slots=True)
class SystemAccount:
    """Who the key speaks for and what it may do, read without writing."""

    account_id: str
    """The system's own id of the shop, mailbox or account: one account is connected once a merchant."""
    name: str
    rights_missing: tuple[str, ...] = ()
    """Needed; without them there is nothing to connect. In words for a merchant."""
    rights_too_many: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    """What will be missing although the key works: "only the last 60 days of orders are visible"."""


# ---- what goes wrong -----------------------------------------------------------------------------------------------


class SourceFailure(StrEnum):
    CREDENTIALS = "credentials"
    RIGHTS = "rights"
    RATE_LIMITED = "rate_limited"
    UNAVAILABLE = "unavailable"
    MALFORMED = "malformed"
    NOT_FOUND = "not_found"
    REFUSED = "refused"


class SourceError(Exception):
    """What went wrong at a system. The message is for the merchant and holds no key.

    `retry_after`: seconds the system itself asks to wait.
    """

    def __init__(self, failure: SourceFailure, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.failure = failure
        self.retry_after = retry_after


# ---- what it is given and gives back -------------------------------------------------------------------------------


@dataclass(slots=True)
class Outside:
    """What a system is given of the world: the time, how long it may take, and whether this machine may be called."""

    clock: Clock
    seconds: float = 60.0
    """For everything one call of the system does; waits for rate limits are part of it."""
    loopback: bool = False
    """Practice systems on this machine may be reached."""
    zone: str = "UTC"
    """The merchant's, for systems that write local times without saying where."""
    own_addresses: tuple[str, ...] = ()
    """The shop's own mail addresses and domains: without them nobody can tell who wrote."""
    kept: Callable[[str, str], bytes | None] = lambda _kind, _external_id: None
    """What is kept of this system already, by kind and external id; None where nothing is."""
    renewed: Callable[[str, str, str], str] = lambda _name, _given, fresh: fresh
    """For a system that replaced a secret by a new one (a rotated refresh token): the setting's name, the secret that
    was given and the new one -> the one that is to be used from now on. It may be another than the new one, where
    somebody else was faster."""
    _until: float = field(init=False, default=0.0)

    def __post_init__(self) -> None:
        self._until = time.monotonic() + self.seconds

    def left(self) -> float:
        """Seconds that are left of the time given."""
        return max(0.0, self._until - time.monotonic())


PICTURE = "picture"
"""The kind of a kept picture: no facts and no keys, named by the SHA-256 of its bytes in the orders that show it."""


class KeyKind(StrEnum):
    """By what a kept order is found again."""

    ORDER = "order"
    """Any of its numbers: name, custom number, database id, confirmation number."""
    PAYMENT = "payment"
    """Any id a gateway knows it by: charge, intent, capture, transaction."""
    EMAIL = "email"
    PHONE = "phone"
    TRACKING = "tracking"
    ACCOUNT = "account"


@dataclass(frozen=True, slots=True)
class Key:
    kind: KeyKind
    value: str
    """Compared in the spelling `evidence.sources.keys` gives it."""


@dataclass(frozen=True, slots=True)
class Kept:
    """One object of a system as it is kept: its bytes (masked), the facts read out of it, the keys it is found by."""

    kind: str
    """"order", "policy" or "picture"."""
    external_id: str
    facts: tuple[AnyFactModel, ...]
    """An order and its parcels and returns; the order first. The bytes of a document among them are kept as a picture
    of their own."""
    data: bytes
    name: str
    request: str
    """What was asked, without secrets."""
    keys: tuple[Key, ...] = ()
    media_type: str = "application/json"
    at: datetime | None = None
    """When the order was placed."""


@dataclass(frozen=True, slots=True)
class Batch:
    """One page of a pull. After it is stored, a pull that is cut off goes on from `cursor`."""

    records: tuple[Kept, ...]
    cursor: str
    total: int | None = None
    """How many there are in all, where the system tells it."""
    refused: tuple[str, ...] = ()
    """One sentence for each object that could not be read, naming it."""


class System(Protocol):
    """A connected system. Reads only; safe from any thread; made anew for every pull and every case."""

    kind: SystemKind

    def account(self) -> SystemAccount:
        """Check the key without writing. Raises SourceError."""
        ...

    def pull(self, cursor: str | None, *, since: datetime) -> Iterator[Batch]:
        """Everything changed since the cursor (with an overlap), oldest change first; from `since` on where there is
        none. The last batch's cursor is where the next pull begins. Raises SourceError between batches."""
        ...

    def gather(self, wanted: Wanted) -> SourceReport:
        """What it has about one sale. Raises SourceError; what could be read before is lost then."""
        ...
