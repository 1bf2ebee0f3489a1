"""The tables. One noun a file; every one of them is listed here so that migrations see them all."""

from disputes.models.access import Invitation, Passkey, PasswordReset, RecoveryCode
from disputes.models.attempt import Attempt, JournalStep
from disputes.models.audit import AuditEntry, AuditHead, Heartbeat
from disputes.models.connection import Connection, LedgerEntry, Rule, WebhookEvent, WebhookFailure
from disputes.models.dispute import Dispute, OpenStake, Round, ViewCount
from disputes.models.erased import ErasedMark
from disputes.models.evidence import EvidenceItem, ItemMark, Packet, StoredResponse
from disputes.models.export import ExportJob
from disputes.models.mail import Digest, OutgoingMail
from disputes.models.merchant import Installation, Membership, Merchant, Person, SetupLink, SignInTry, WebSession
from disputes.models.outcome import CaseMoneyRow, EvidenceSet, RoundResult
from disputes.models.policy import PolicyVersion
from disputes.models.request import EvidenceRequest
from disputes.models.source import SourceConnection, SourceKey, SourceRecord
from disputes.models.work import CaseAttention, CaseNote, SavedView

__all__ = [
    "Attempt",
    "AuditEntry",
    "AuditHead",
    "CaseAttention",
    "CaseMoneyRow",
    "CaseNote",
    "Connection",
    "Digest",
    "Dispute",
    "ErasedMark",
    "EvidenceItem",
    "EvidenceRequest",
    "EvidenceSet",
    "ExportJob",
    "Heartbeat",
    "Installation",
    "Invitation",
    "ItemMark",
    "JournalStep",
    "LedgerEntry",
    "Membership",
    "Merchant",
    "OpenStake",
    "OutgoingMail",
    "Packet",
    "Passkey",
    "PasswordReset",
    "Person",
    "PolicyVersion",
    "RecoveryCode",
    "Round",
    "RoundResult",
    "Rule",
    "SavedView",
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
