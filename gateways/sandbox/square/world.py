"""Everything a Square endpoint works with, and the settings of the account."""

from __future__ import annotations

from typing import Any

from gateways.sandbox.play import Ground
from gateways.sandbox.square.errors import not_found
from gateways.sandbox.store import JSON, Row

MERCHANT = "MLLALELIVING0"
NOUN = {"webhook_subscription": "subscription"}

SETTINGS: JSON = {
    "past_due": "refuse",  # refuse | allow: what an act after the due date gets
    "lapse_days": 3,  # an unanswered dispute is lost so long after its due date; how long Square waits is not public
    "submit_staged_at_due": False,  # Square sends by itself what was uploaded and never submitted
    "decision_days": 60,
    "test_decision_seconds": 5,
    "escalation_days": 2,
    "response_days": 14,
    "second_round_days": 10,
    "unfiltered": "all",  # all | open: what a list without states shows; documentation before 2025 said open ones only
    "page_size": 100,
    "file_bytes_max": 0,  # 0 is no limit: Square tells none
    "one_per_type": False,  # a second evidence of the same type is refused; nothing public says either way
    "strict_evidence_types": True,  # "use as a file" and "use as a string" are more than advice
    "deprecated_events": False,  # dispute.state.changed, .evidence.added and .removed beside their successors
    "deprecated_fields": False,  # dispute_id, evidence_ids and reported_date beside their successors
    "signatures": "both",  # both | sha256 | legacy: which signature headers a webhook carries
    "page_cache": False,
}
CHOICES = {"past_due": ("refuse", "allow"), "unfiltered": ("all", "open"), "signatures": ("both", "sha256", "legacy")}


class World:
    def __init__(self, ground: Ground) -> None:
        self.store, self.clock, self.timers = ground.store, ground.clock, ground.timers
        self.faults, self.ledger = ground.faults, ground.ledger

    def setting(self, name: str) -> Any:
        return self.settings()[name]

    def settings(self) -> JSON:
        return {**SETTINGS, **self.store.setting("square", {})}

    def change_settings(self, wanted: JSON) -> JSON:
        """Raises ValueError for a setting or a choice there is none of."""
        if unknown := set(wanted) - set(SETTINGS):
            raise ValueError(f"no setting {', '.join(sorted(unknown))}; there are {', '.join(SETTINGS)}")
        for name, value in wanted.items():
            if value not in CHOICES.get(name, (value,)):
                raise ValueError(f"{name} is {' or '.join(CHOICES[name])}, not {value!r}")
        self.store.set("square", {**self.store.setting("square", {}), **wanted})
        return self.settings()

    def need(self, kind: str, id: str) -> Row:
        found = self.store.get(kind, id)
        if found is None:
            noun = NOUN.get(kind, kind)
            raise not_found(noun, f"{noun}_id")
        return found
