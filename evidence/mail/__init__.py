"""Mail as it really comes: mislabelled, broken, quoted, automatic; read into one Message, stored masked."""

from __future__ import annotations

from evidence.mail.letter import Letter, MailRefused, read_mail
from evidence.mail.mbox import split_mbox
from evidence.mail.own import Own

__all__ = ["Letter", "MailRefused", "Own", "read_mail", "split_mbox"]
