"""What a message is besides its words: automatic, never sent, or the shop talking to itself."""

from __future__ import annotations

import re
from email.message import Message as Parsed

from evidence.mail.decoding import header, headers

_MACHINES = re.compile(r"^(?:mailer-daemon|postmaster|bounces?|no-?reply-?bounce)(?:[+@-]|$)", re.IGNORECASE)
_AWAY = re.compile(
    r"^(?:automatic reply|auto(?:matic)?[ -]?response|auto-?reply|out of (?:the )?office|undeliver(?:able|ed mail)"
    r"|delivery status notification|mail delivery (?:failed|subsystem)|returned mail"
    r"|otomatik (?:yanıt|cevap)|ofis dışında|iletilemedi|teslim edilemeyen)",
    re.IGNORECASE,
)
_UNSENT = ("X-Draft", "X-Mozilla-Draft-Info", "X-Apple-Auto-Saved", "X-Failed-Datetime")
_DRAFT_LABELS = re.compile(r"\b(?:drafts?|taslak(?:lar)?|outbox|scheduled|giden kutusu|zamanlanmış)\b", re.IGNORECASE)


def automatic(message: Parsed, sender: str, subject: str) -> bool:
    """Written by a machine: an auto-reply, a bounce, a notice."""
    submitted = header(message, "Auto-Submitted").casefold()
    if submitted and not submitted.startswith("no"):
        return True
    if any(header(message, name) for name in ("X-Autoreply", "X-Autorespond", "X-Failed-Recipients")):
        return True
    if header(message, "Precedence").casefold() in ("auto_reply", "bulk", "junk"):
        return True
    if message.get_content_type() in ("multipart/report", "message/delivery-status"):
        return True
    if header(message, "Return-Path").replace(" ", "") == "<>":
        return True
    return bool(_MACHINES.match(sender) or _AWAY.match(subject))


def never_sent(message: Parsed, folder: str) -> bool:
    """A draft or a mail that never left: by its marks, by its labels, or by the folder it lies in."""
    if any(header(message, name) for name in _UNSENT):
        return True
    if header(message, "X-Unsent").strip() == "1":
        return True
    if "T" in header(message, "X-Status").upper() or re.search(
        r"\\?draft", header(message, "X-Keywords"), re.IGNORECASE
    ):
        return True
    if re.search(r"\\draft", " ".join(headers(message, "X-IMAP-Flags") + headers(message, "Flags")), re.IGNORECASE):
        return True
    if _DRAFT_LABELS.search(header(message, "X-Gmail-Labels")):
        return True
    return any(_DRAFT_LABELS.search(part) for part in re.split(r"[/\\]", folder)[:-1]) or bool(
        re.match(r"(?:drafts?|taslaklar|outbox)\.mbox$", folder.rpartition("/")[2], re.IGNORECASE)
    )


def internal_note(message: Parsed) -> bool:
    """A helpdesk's note to itself, as exports mark it."""
    if any(header(message, name).casefold() in _YES for name in _NOTES):
        return True
    return header(message, "X-Public").casefold() in ("false", "no", "0")


_YES = frozenset({"yes", "true", "1", "internal", "note", "internal-note"})
_NOTES = (
    "X-Internal-Note",
    "X-Helpdesk-Note",
    "X-Private-Note",
    "X-Note",
    "X-Source-Type",
    "X-Message-Type",
    "X-Channel",
)
