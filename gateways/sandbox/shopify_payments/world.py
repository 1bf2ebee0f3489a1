"""Everything the answers are made of: one shop, its disputes with their evidence, its orders; and the settings.

A dispute is kept as {"number", "type", "status", "reason", "code", "amount", "currency", "opened", "due", "sent",
"final", "order", "evidence": {"number", "submitted", "texts", "slots"}}; instants are seconds. An order is kept as it
is shown, but for its number.
"""

from __future__ import annotations

from typing import Any

from gateways.sandbox.play import Ground
from gateways.sandbox.shopify_payments.times import row_columns
from gateways.sandbox.store import JSON, Row

SHOP = {"number": "71000001", "name": "Lale Living", "domain": "lale-living.myshopify.com", "currency": "EUR"}

SETTINGS: JSON = {
    "submissions": "count",  # count | late | ignored: what a submission over the API comes to; all answer without error
    "late_seconds": 1.0,  # after so many the late ones count
    "past_due": "refuse",  # refuse | allow
    "submits_on_due": True,  # Shopify sends what lies there by itself on the due date
    "decision_days": 60,
    "response_days": 10,
    "escalation_days": 5,
    "file_bytes_max": 2_000_000,
    "total_bytes_max": 4_000_000,
    "page_size_max": 250,
    "development": False,
    "payments": True,  # whether the shop has Shopify Payments at all
}
CHOICES = {"submissions": ("count", "late", "ignored"), "past_due": ("refuse", "allow")}


class World:
    def __init__(self, ground: Ground, address: str) -> None:
        self.store, self.clock, self.timers = ground.store, ground.clock, ground.timers
        self.faults, self.ledger = ground.faults, ground.ledger
        self.address = address

    def setting(self, name: str) -> Any:
        return self.settings()[name]

    def settings(self) -> JSON:
        return {**SETTINGS, **self.store.setting("shopify", {})}

    def change_settings(self, wanted: JSON) -> JSON:
        """Raises ValueError for a setting or a choice there is none of."""
        if unknown := set(wanted) - set(SETTINGS):
            raise ValueError(f"no setting {', '.join(sorted(unknown))}; there are {', '.join(SETTINGS)}")
        for name, value in wanted.items():
            if value not in CHOICES.get(name, (value,)):
                raise ValueError(f"{name} is {' or '.join(CHOICES[name])}, not {value!r}")
        self.store.set("shopify", {**self.store.setting("shopify", {}), **wanted})
        return self.settings()

    def next_number(self) -> int:
        """Numbers as long as the real ones; every object has one of its own."""
        number = int(self.store.setting("numbers", 10_519_900_000)) + 17
        self.store.set("numbers", number)
        return number

    # ---- objects ---------------------------------------------------------------------------------------------------

    def find(self, kind: str, number: object) -> Row | None:
        return self.store.get(kind, str(number))

    def need(self, number: object) -> Row:
        """A dispute for the control API. Raises KeyError where there is none."""
        found = self.find("dispute", number)
        if found is None:
            raise KeyError(f"dispute {number}")
        return found

    def of_evidence(self, number: object) -> Row | None:
        return next((row for row in self.disputes() if str(row.body["evidence"]["number"]) == str(number)), None)

    def disputes(self) -> list[Row]:
        """Oldest first."""
        return self.store.find("dispute", oldest=True)

    def keep(self, dispute: Row) -> None:
        dispute.hidden["columns"]["label"] = dispute.body["status"]
        self.store.put("dispute", dispute)

    def uploads(self, dispute: Row) -> list[Row]:
        return self.store.find("upload", "parent = ?", (dispute.id,), oldest=True)

    def add_upload(self, dispute: Row, body: JSON, now: int) -> Row:
        number = self.next_number()
        columns = row_columns(str(number), now, parent=dispute.id, label=body["type"])
        made = Row({"number": number, **body}, {"columns": columns})
        self.store.put("upload", made)
        return made

    def remove_upload(self, dispute: Row, number: object) -> bool:
        """Out of the list, and out of the slot it may stand in."""
        if not any(row.id == str(number) for row in self.uploads(dispute)):
            return False
        self.store.run("DELETE FROM object WHERE kind = 'upload' AND id = ?", (str(number),))
        slots = dispute.body["evidence"]["slots"]
        dispute.body["evidence"]["slots"] = {slot: each for slot, each in slots.items() if str(each) != str(number)}
        self.keep(dispute)
        return True
