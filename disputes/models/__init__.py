"""The tables. One noun a file; every one of them is listed here so that migrations see them all."""

from disputes.models.attempt import Attempt, JournalStep
from disputes.models.audit import AuditEntry, AuditHead, Heartbeat
from disputes.models.connection import Connection, LedgerEntry, Rule, WebhookEvent, WebhookFailure
from disputes.models.dispute import Dispute, Round, ViewCount
from disputes.models.evidence import EvidenceItem, ItemMark, Packet, StoredResponse
from disputes.models.mail import Digest, OutgoingMail
from disputes.models.merchant import Installation, Membership, Merchant, Person, SetupLink, SignInTry, WebSession
from disputes.models.request import EvidenceRequest
from disputes.models.source import SourceConnection, SourceKey, SourceRecord

__all__ = [
    "Attempt",
    "AuditEntry",
    "AuditHead",
    "Connection",
    "Digest",
    "Dispute",
    "EvidenceItem",
    "EvidenceRequest",
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
    "SourceConnection",
    "SourceKey",
    "SourceRecord",
    "StoredResponse",
    "ViewCount",
    "WebSession",
    "WebhookEvent",
    "WebhookFailure",
]
