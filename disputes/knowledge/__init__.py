"""What is known about disputes in general: reasons, evidence items, limits, fees. Versioned data and its loader."""

from disputes.knowledge.claims import PlainClaim, claim_sentences, plain_claim
from disputes.knowledge.compelling import (
    CompellingElement,
    CompellingRule,
    action_words,
    compelling_elements,
    compelling_rule,
    sold_as,
)
from disputes.knowledge.customer_rights import CustomerRule, customer_rules
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
from disputes.knowledge.slots import StripeSlots, stripe_slots
from disputes.knowledge.texts import TextLimits, text_limits
from disputes.knowledge.withdrawal import WithdrawalException, WithdrawalLaw, country_code, withdrawal_law

__all__ = [
    "CompellingElement",
    "CompellingRule",
    "CustomerRule",
    "EvidenceItemInfo",
    "Fees",
    "Limits",
    "PlainClaim",
    "Playbook",
    "Reason",
    "StripeSlots",
    "SubCondition",
    "TextLimits",
    "WinPrior",
    "WithdrawalException",
    "WithdrawalLaw",
    "action_words",
    "claim_sentences",
    "compelling_elements",
    "compelling_rule",
    "country_code",
    "customer_rules",
    "evidence_item",
    "evidence_items",
    "fees",
    "packet_limits",
    "plain_claim",
    "playbook",
    "reason_for",
    "sold_as",
    "stripe_slots",
    "sub_conditions",
    "text_limits",
    "win_prior",
    "withdrawal_law",
]
