"""Any mailbox that speaks IMAP. Read only: folders are opened with EXAMINE, mails are peeked at, nothing is marked."""

from __future__ import annotations

from evidence.systems.imap.system import KIND, Imap

__all__ = ["KIND", "Imap"]
