"""Everything a PayPal endpoint works with, the account, and the settings of this server."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gateways.sandbox.clock import SandboxClock
from gateways.sandbox.faults import Faults
from gateways.sandbox.ledger import Ledger
from gateways.sandbox.paypal.certificates import Trust
from gateways.sandbox.paypal.errors import not_found
from gateways.sandbox.store import JSON, Row, Store
from gateways.sandbox.timers import Timers

MERCHANT_ID = "LALELIVING26A"
MERCHANT_EMAIL = "accounts@lale.example"
MERCHANT_NAME = "Lale Living"

SETTINGS: JSON = {
    "paging": "token",  # token | page_links | page: how the list goes on, see listing.py
    "token_seconds": 32_400,
    "list_days": 180,
    "response_days": 10,  # a claim's
    "inquiry_days": 20,
    "buyer_days": 10,
    "review_days": 7,
    # How long after evidence the status still waits for the seller; in that time a second answer counts as well.
    "review_begins_seconds": 0,
    "appeal_days": 10,
    "certificate": "chain",  # chain | leaf: what the certificate address serves
    "page_cache": False,
}


@dataclass
class World:
    store: Store
    clock: SandboxClock
    timers: Timers
    faults: Faults
    ledger: Ledger
    base: str
    trust: Trust

    def setting(self, name: str) -> Any:
        return self.settings()[name]

    def settings(self) -> JSON:
        return {**SETTINGS, **self.store.setting("paypal", {})}

    def change_settings(self, wanted: JSON) -> JSON:
        if unknown := set(wanted) - set(SETTINGS):
            raise ValueError(f"no setting {', '.join(sorted(unknown))}; there are {', '.join(SETTINGS)}")
        self.store.set("paypal", {**self.store.setting("paypal", {}), **wanted})
        return self.settings()

    def need(self, kind: str, id: str) -> Row:
        row = self.store.get(kind, id)
        if row is None:
            raise not_found(id)
        return row

    def link(self, path: str, rel: str, method: str = "GET") -> JSON:
        return {"href": self.base + path, "rel": rel, "method": method}
