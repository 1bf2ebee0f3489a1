"""Everything a Stripe endpoint works with, and the settings of the account."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from gateways.sandbox.clock import SandboxClock
from gateways.sandbox.faults import Faults
from gateways.sandbox.ledger import Ledger
from gateways.sandbox.store import JSON, Row, Store
from gateways.sandbox.stripe.errors import missing
from gateways.sandbox.timers import Timers

ACCOUNT = "acct_1LaleLivingDemo"
NOUN = {"radar.early_fraud_warning": "early fraud warning", "file": "file upload", "payment_intent": "payment_intent"}

SETTINGS: JSON = {
    "smart_disputes": False,  # the account is enrolled: Stripe answers by itself unless told "manual"
    "submission_methods": True,  # the account knows intended_submission_method at all
    "past_due": "refuse",  # refuse | allow: what a submission after the due date gets
    "prefill_seconds": 3,
    "prefill_receipt": False,
    "decision_days": 60,
    "test_decision_seconds": 5,
    "escalation_days": 2,
    "response_days": 9,
    "dispute_fee": 1500,
    "fee_returned_on_win": False,
    "settlement_currency": "eur",
    "page_cache": False,
}


@dataclass
class Cause:
    """The request an event came from."""

    request_id: str | None = None
    idempotency_key: str | None = None


@dataclass
class World:
    store: Store
    clock: SandboxClock
    timers: Timers
    faults: Faults
    ledger: Ledger
    files_url: str = "http://127.0.0.1"
    cause: Cause = field(default_factory=Cause)

    def setting(self, name: str) -> Any:
        return {**SETTINGS, **self.store.setting("stripe", {})}[name]

    def settings(self) -> JSON:
        return {**SETTINGS, **self.store.setting("stripe", {})}

    def change_settings(self, wanted: JSON) -> JSON:
        if unknown := set(wanted) - set(SETTINGS):
            raise ValueError(f"no setting {', '.join(sorted(unknown))}; there are {', '.join(SETTINGS)}")
        self.store.set("stripe", {**self.store.setting("stripe", {}), **wanted})
        return self.settings()

    def need(self, kind: str, id: str, param: str = "id", status: int = 404) -> Row:
        row = self.store.get(kind, id)
        if row is None:
            raise missing(NOUN.get(kind, kind), id, param, status)
        return row
