"""Roles and rights in the words of the Team page."""

from __future__ import annotations

from disputes.roles import Refusal, Right, Role
from templates.language import marked as _

ROLES = {
    Role.OWNER: (_("Owner"), _("Everything, also the team, keys and erasing.")),
    Role.MANAGER: (_("Manager"), _("Works on cases, approves, files, accepts, and changes the settings.")),
    Role.AGENT: (_("Agent"), _("Works on cases; what goes to the bank is approved by somebody else.")),
    Role.VIEWER: (_("Viewer"), _("Reads, and changes nothing.")),
}
RIGHTS = {
    Right.SEE: _("Read cases, evidence, outcomes and the audit"),
    Right.WORK: _("Work on a case: evidence, letter, notes, assignment"),
    Right.APPROVE: _("Approve an answer, so that it is filed"),
    Right.FILE: _("Say that an answer was filed by hand"),
    Right.ACCEPT: _("Accept a dispute, make an offer, escalate"),
    Right.CONNECT: _("Connect gateways and sources, change their keys"),
    Right.SETTINGS: _("Change settings, rules and the stop switch"),
    Right.TEAM: _("Invite people and change the team"),
    Right.EXPORT: _("Export everything"),
    Right.ERASE: _("Erase a customer's data"),
}
GRANTED = {
    Right.APPROVE: _("Approve"),
    Right.FILE: _("Mark as filed"),
    Right.ACCEPT: _("Accept and offer"),
    Right.CONNECT: _("Connect accounts"),
}
"""The same, as a tick beside a name."""
REFUSED = {
    Refusal.LAST_OWNER: _("This is the shop's last owner. Make somebody else an owner first. Nothing was changed."),
    Refusal.RAISES_SELF: _("Nobody gives themselves a higher role. Nothing was changed. Ask an owner of the shop."),
}
