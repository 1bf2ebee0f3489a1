"""What mailboxes and help desks share: their messages read into one shape, matched to the sale, with their files."""

from __future__ import annotations

from evidence.systems.correspondence.attached import Attached
from evidence.systems.correspondence.report import SPARE_SECONDS, Found, allowed_numbers, report, together
from evidence.systems.correspondence.ticket import BEFORE, during, read_ticket
from evidence.systems.correspondence.told import Told, channel_of, found_of, person

__all__ = [
    "BEFORE",
    "SPARE_SECONDS",
    "Attached",
    "Found",
    "Told",
    "allowed_numbers",
    "channel_of",
    "during",
    "found_of",
    "person",
    "read_ticket",
    "report",
    "together",
]
