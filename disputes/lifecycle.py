"""The words a dispute's life is told in, and the one function that turns two truths into what people see."""

from __future__ import annotations

from enum import StrEnum


class Kind(StrEnum):
    INQUIRY = "inquiry"
    CHARGEBACK = "chargeback"
    PRE_ARBITRATION = "pre_arbitration"
    ARBITRATION = "arbitration"
    COMPLIANCE = "compliance"
    ALERT = "alert"


class GatewayStatus(StrEnum):
    """What the gateway says; written by sync alone, the raw word is kept beside it. None of them is final."""

    NEEDS_RESPONSE = "needs_response"
    UNDER_REVIEW = "under_review"
    WON = "won"
    LOST = "lost"
    ACCEPTED = "accepted"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    PREVENTED = "prevented"
    UNKNOWN = "unknown"


class WorkState(StrEnum):
    """How far our own work is; written by our workflows alone."""

    NEW = "new"
    GATHERING = "gathering"
    NEEDS_EVIDENCE = "needs_evidence"
    AWAITING_APPROVAL = "awaiting_approval"
    SCHEDULED = "scheduled"
    SUBMITTING = "submitting"
    UNCLEAR = "unclear"
    FILED = "filed"
    CLOSED = "closed"


ENDED = frozenset(
    {
        GatewayStatus.WON,
        GatewayStatus.LOST,
        GatewayStatus.ACCEPTED,
        GatewayStatus.EXPIRED,
        GatewayStatus.WITHDRAWN,
        GatewayStatus.PREVENTED,
    }
)


class Shown(StrEnum):
    """The one status people see, on page, mail and export."""

    NEW = "new"
    GATHERING = "gathering"
    NEEDS_EVIDENCE = "needs_evidence"
    AWAITING_APPROVAL = "awaiting_approval"
    SCHEDULED = "scheduled"
    SUBMITTING = "submitting"
    UNCLEAR = "unclear"
    UNDER_REVIEW = "under_review"
    PAST_DUE = "past_due"
    CANNOT_CONTEST = "cannot_contest"
    ANSWERED_ELSEWHERE = "answered_elsewhere"
    ALERT = "alert"
    UNKNOWN = "unknown"
    WON = "won"
    LOST = "lost"
    ACCEPTED = "accepted"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    PREVENTED = "prevented"


def shown_status(
    gateway_status: GatewayStatus,
    work_state: WorkState,
    *,
    past_due: bool,
    contestable: bool,
    answered_elsewhere: bool = False,
    alert: bool = False,
) -> Shown:
    """What to show, from the gateway's truth first, our work second, the deadline third.

    `past_due` and `contestable` come from `deadlines.window`, so that page, mail and scheduler agree.
    """
    if alert:
        return Shown.ALERT if gateway_status is GatewayStatus.NEEDS_RESPONSE else Shown(gateway_status.value)
    if work_state is WorkState.UNCLEAR:
        return Shown.UNCLEAR
    if gateway_status is GatewayStatus.UNDER_REVIEW and answered_elsewhere:
        return Shown.ANSWERED_ELSEWHERE
    if gateway_status is not GatewayStatus.NEEDS_RESPONSE:
        return Shown(gateway_status.value)
    if answered_elsewhere:
        return Shown.ANSWERED_ELSEWHERE
    if work_state is WorkState.SUBMITTING:
        return Shown.SUBMITTING
    if work_state in (WorkState.FILED, WorkState.CLOSED):
        return Shown.UNDER_REVIEW if work_state is WorkState.FILED else Shown.CANNOT_CONTEST
    if not contestable:
        return Shown.CANNOT_CONTEST
    if past_due:
        return Shown.PAST_DUE
    return Shown(work_state.value)
