"""What is known about disputes in general: reasons, evidence items, limits, fees. Versioned data and its loader."""

from disputes.knowledge.evidence_items import (
    EvidenceItemInfo,
    evidence_item,
    evidence_items,
)
from disputes.knowledge.figures import (
    Fees,
    Limits,
    WinPrior,
    fees,
    packet_limits,
    win_prior,
)
from disputes.knowledge.playbooks import Playbook, playbook
from disputes.knowledge.reasons import Reason, SubCondition, reason_for, sub_conditions
from disputes.knowledge.slots import StripeSlots, TextLimits, stripe_slots, text_limits

__all__ = [
    "EvidenceItemInfo",
    "Fees",
    "Limits",
    "Playbook",
    "Reason",
    "StripeSlots",
    "SubCondition",
    "TextLimits",
    "WinPrior",
    "evidence_item",
    "evidence_items",
    "fees",
    "packet_limits",
    "playbook",
    "reason_for",
    "stripe_slots",
    "sub_conditions",
    "text_limits",
    "win_prior",
]
