"""Who may do what: the rules, and what a change of a team is refused for."""

from __future__ import annotations

from itertools import pairwise

import pytest

from disputes.roles import GRANTED, Refusal, Right, Role, may, rights_of, why_not


class TestRights:
    def test_an_owner_may_everything_and_a_viewer_only_reads(self) -> None:
        assert rights_of("owner") == set(Right)
        assert rights_of("viewer") == {Right.SEE}

    def test_each_role_may_what_the_one_below_it_may(self) -> None:
        steps = [rights_of(role) for role in (Role.VIEWER, Role.AGENT, Role.MANAGER, Role.OWNER)]
        assert all(below < above for below, above in pairwise(steps))

    def test_no_right_over_people_keys_or_erasing_below_an_owner(self) -> None:
        for right in (Right.TEAM, Right.CONNECT, Right.ERASE):
            assert not may(rights_of("manager"), right)

    def test_who_works_on_cases_can_be_given_single_rights(self) -> None:
        assert rights_of("agent", ["approve"]) == {Right.SEE, Right.WORK, Right.APPROVE}
        assert Right.CONNECT in rights_of("manager", ["connect"])

    def test_a_viewer_stays_a_viewer_whatever_was_granted(self) -> None:
        assert rights_of("viewer", [right.value for right in GRANTED]) == {Right.SEE}

    @pytest.mark.parametrize("right", sorted(set(Right) - set(GRANTED)))
    def test_other_rights_are_never_granted(self, right: Right) -> None:
        assert rights_of("agent", [right.value, "nonsense"]) == rights_of("agent")

    def test_an_unknown_role_may_nothing(self) -> None:
        assert rights_of("admin", ["approve"]) == frozenset()


class TestChangesOfATeam:
    @pytest.mark.parametrize("after", [None, "manager", "viewer"])
    @pytest.mark.parametrize("own", [True, False])
    def test_the_last_owner_stays_one(self, after: str | None, own: bool) -> None:
        assert why_not("owner", after, own=own, owners=1) is Refusal.LAST_OWNER
        assert why_not("owner", after, own=own, owners=2) is None

    @pytest.mark.parametrize(("before", "after"), [("viewer", "agent"), ("agent", "manager"), ("manager", "owner")])
    def test_nobody_raises_themselves(self, before: str, after: str) -> None:
        assert why_not(before, after, own=True, owners=1) is Refusal.RAISES_SELF
        assert why_not(before, after, own=False, owners=1) is None
        assert why_not(after, before, own=True, owners=2) is None
