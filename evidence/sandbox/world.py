"""What the practice systems hold: one made-up shop, told once and shown by each system in its own shape.

Everything is plain JSON. Instants are ISO 8601 with an offset, amounts decimal strings in major units.

orders: id (int), number, placed_at, updated_at, currency, total, subtotal, shipping_cost, tax, discount, payment
    {gateway, transaction_id, transaction_ids, last4, brand, avs, cvv}, customer {id, name, email, phone, since,
    orders}, customer_note, ip, user_agent, billing and shipping {name, line1, line2, city, region, postal_code,
    country}, lines [{sku, title, quantity, price, type, about, supplier, supplier_order, and perhaps product_id,
    product_changed_at, picture and variant_picture (base64)}], shipping_method,
    promised_by, cancelled_at, cancel_reason, terms_accepted_at, refunds [{id, amount, at, reason}], returns [{id,
    requested_at, reason, label_sent_at, tracking_number, received_at, inspection, refused_at, refusal, refunded_at,
    amount}], parcels [{carrier, number, shipped_at, service}], notes [{at, text, customer_sees}]
parcels: number, carrier, service, signed_by, signature_required, destination {...}, proof {name, media_type, base64},
    first_mile {carrier, number}, events [{at, state, text, city, region, postal_code, country}]; state as in
    `disputes.facts.TrackingState`
tickets: id (int), subject, status, channel, created_at, updated_at, customer {id, name, email}, order_number,
    messages [{id, message_id, at, from (customer, agent or system), name, email, to, channel, public, draft, failed_at,
    text, html, attachments [{name, media_type, base64}]}]
policies: id, kind (as in `disputes.facts.PolicyKind`), title, html, url, created_at, updated_at
accounts: by system: what it asks for (token, key and secret ...) and what it says of itself (name, id, rights)
"""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Thing = dict[str, Any]


@dataclass
class Asked:
    """One request as it came in."""

    method: str
    path: str
    query: dict[str, str]
    status: int


@dataclass
class World:
    orders: list[Thing] = field(default_factory=list)
    parcels: list[Thing] = field(default_factory=list)
    tickets: list[Thing] = field(default_factory=list)
    policies: list[Thing] = field(default_factory=list)
    accounts: dict[str, Thing] = field(default_factory=dict)
    log: list[Asked] = field(default_factory=list)
    state: dict[str, Thing] = field(default_factory=dict)
    """A system's own memory: tokens it gave out, trackers it was asked to watch."""
    lock: threading.RLock = field(default_factory=threading.RLock)

    @classmethod
    def read(cls, path: Path) -> World:
        content = json.loads(path.read_text(encoding="utf-8"))
        return cls(
            **{
                name: content[name]
                for name in ("orders", "parcels", "tickets", "policies", "accounts")
                if name in content
            }
        )

    def account(self, system: str) -> Thing:
        return self.accounts.setdefault(system, {})

    def memory(self, system: str) -> Thing:
        return self.state.setdefault(system, {})

    def asked(self, path: str) -> list[Asked]:
        """Requests whose path has these letters in it."""
        return [each for each in self.log if path in each.path]
