"""What mailboxes and help desks share: their messages read into one shape, matched to the sale, with their files."""

from __future__ import annotations

from evidence.systems.correspondence.attached import Attached
from evidence.systems.correspondence.desk import HelpDesk, Pieces, Ticket
from evidence.systems.correspondence.report import (
    SPARE_SECONDS,
    Found,
    allowed_numbers,
    numbers_to_look_for,
    report,
    together,
)
from evidence.systems.correspondence.ticket import BEFORE, during, read_ticket
from evidence.systems.correspondence.told import Told, channel_of, found_of, person

__all__ = [
    "BEFORE",
    "SPARE_SECONDS",
    "Attached",
    "Found",
    "HelpDesk",
    "Pieces",
    "Ticket",
    "Told",
    "allowed_numbers",
    "channel_of",
    "during",
    "found_of",
    "numbers_to_look_for",
    "person",
    "read_ticket",
    "report",
    "together",
]
