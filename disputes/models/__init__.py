"""The tables. One noun a file; every one of them is listed here so that migrations see them all."""

from disputes.models.attempt import Attempt, JournalStep
from disputes.models.audit import AuditEntry, AuditHead, Heartbeat
from disputes.models.connection import Connection, LedgerEntry, Rule, WebhookEvent, WebhookFailure
from disputes.models.dispute import Dispute, Round, ViewCount
from disputes.models.evidence import EvidenceItem, ItemMark, Packet, StoredResponse
from disputes.models.mail import Digest, OutgoingMail
from disputes.models.merchant import Installation, Membership, Merchant, Person, SetupLink, SignInTry, WebSession

__all__ = [
    "Attempt",
    "AuditEntry",
    "AuditHead",
    "Connection",
    "Digest",
    "Dispute",
    "EvidenceItem",
    "Heartbeat",
    "Installation",
    "ItemMark",
    "JournalStep",
    "LedgerEntry",
    "Membership",
    "Merchant",
    "OutgoingMail",
    "Packet",
    "Person",
    "Round",
    "Rule",
    "SetupLink",
    "SignInTry",
    "StoredResponse",
    "ViewCount",
    "WebSession",
    "WebhookEvent",
    "WebhookFailure",
]
