"""Who may do what. A role gives rights; an owner may give a person single rights beyond their role."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from enum import StrEnum


class Role(StrEnum):
    OWNER = "owner"
    MANAGER = "manager"
    AGENT = "agent"
    VIEWER = "viewer"


class Right(StrEnum):
    SEE = "see"
    """Read cases, evidence, outcomes and the audit."""
    WORK = "work"
    """Evidence, letter, notes, assignment: what can be undone."""
    APPROVE = "approve"
    """Approve an answer, so that the desk files it; and cancel that."""
    FILE = "file"
    """Say that an answer was filed by hand, or what lies at the gateway where that is unclear."""
    ACCEPT = "accept"
    """Accept a dispute, offer, escalate: acts beside the answer, some of which move money."""
    CONNECT = "connect"
    """Gateways, sources and their keys."""
    SETTINGS = "settings"
    """The shop's settings, policies, rules and stop switch."""
    TEAM = "team"
    """Invite people, change their roles, take them out."""
    EXPORT = "export"
    """Take everything, or the whole audit, out of the house."""
    ERASE = "erase"
    """Erase a customer's data."""


GRANTED = (Right.APPROVE, Right.FILE, Right.ACCEPT, Right.CONNECT)
"""What an owner may give to a person beyond their role."""

_OF: dict[Role, frozenset[Right]] = {
    Role.VIEWER: frozenset({Right.SEE}),
    Role.AGENT: frozenset({Right.SEE, Right.WORK}),
    Role.MANAGER: frozenset(
        {Right.SEE, Right.WORK, Right.APPROVE, Right.FILE, Right.ACCEPT, Right.SETTINGS, Right.EXPORT}
    ),
    Role.OWNER: frozenset(Right),
}


def rights_of(role: str, granted: Iterable[str] = ()) -> frozenset[Right]:
    """What a role of this name may do, and what was granted beyond it; an unknown role may nothing at all."""
    if role not in set(Role):
        return frozenset()
    beyond = {right for right in GRANTED if right.value in set(granted)}
    return _OF[Role(role)] | (beyond if Right.WORK in _OF[Role(role)] else set())


class Refusal(StrEnum):
    """Why a change of a team is refused."""

    LAST_OWNER = "last_owner"
    RAISES_SELF = "raises_self"


def why_not(before: str, after: str | None, *, own: bool, owners: int) -> Refusal | None:
    """Why a member may not get the role `after` (None: be taken out). `own`: they ask for it themselves."""
    if before == Role.OWNER and after != Role.OWNER and owners <= 1:
        return Refusal.LAST_OWNER
    if own and after is not None and not rights_of(after) <= rights_of(before):
        return Refusal.RAISES_SELF
    return None


def may(rights: Collection[Right], right: Right) -> bool:
    return right in rights
