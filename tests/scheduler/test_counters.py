"""Whatever a gateway says in whatever order: the counters count, and no page is half applied."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from disputes.lifecycle import GatewayStatus
from disputes.models import Dispute
from disputes.ports import GatewayError, GatewayFailure
from tests.scheduler.doubles import Desk

NEWS = st.tuples(
    st.sampled_from([f"du_{n}" for n in range(5)]),
    st.sampled_from(GatewayStatus),
    st.sampled_from(["inquiry", "chargeback", "alert"]),
    st.integers(0, 2),
    st.booleans(),
    st.none() | st.integers(-3, 12),
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(NEWS, min_size=1, max_size=8), st.integers(0, 3))
def test_the_counters_are_what_counting_gives(
    desk: Desk, news: list[tuple[str, GatewayStatus, str, int, bool, int | None]], fails_at: int
) -> None:
    for external_id, status, kind, count, staged, due in news:
        desk.gateway.says(
            external_id=external_id,
            status=status,
            kind=kind,
            submission_count=count,
            staged={"uncategorized_text": "theirs"} if staged else {},
            due_at=None if due is None else desk.clock.now() + timedelta(days=due),
        )
        broken = GatewayError(GatewayFailure.MALFORMED, "half a page", retryable=True)
        desk.gateway.errors = {"dispute": [None] * fails_at + [broken], "disputes": [None] * fails_at + [broken]}
        desk.sync()
        desk.gateway.errors = {}
    for _ in range(4):
        desk.sync()
    kept, counted = desk.counts()
    assert kept == counted
    latest = {external_id: status for external_id, status, *_ in news}
    for dispute in desk.disputes():
        told = desk.gateway.disputes_by_id[dispute.external_id]
        assert dispute.gateway_status == told.status
        rounds = desk.rounds(dispute.external_id)
        assert [row.ordinal for row in rounds] == list(range(1, dispute.round_ordinal + 1))
        assert isinstance(dispute, Dispute)
    assert set(latest) <= {dispute.external_id for dispute in desk.disputes()}
