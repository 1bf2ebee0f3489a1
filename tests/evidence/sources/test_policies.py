"""Which version of a policy counts for a sale."""

from __future__ import annotations

from datetime import date

import pytest

from disputes.facts import Policy
from evidence.sources.policies import PolicyRecord, in_force

SALE = date(2026, 11, 5)


def version(
    day: str, *, name: str = "", series: str = "", kind: str = "terms", types: tuple[str, ...] = ()
) -> PolicyRecord:
    told = {"kind": kind, "title": "Terms", "text": "Words", "in_force_from": date.fromisoformat(day)}
    return PolicyRecord(Policy.model_validate(told), b"", name or day, frozenset(types), series)


def names(*records: PolicyRecord, day: date | None = SALE, types: tuple[str, ...] = ()) -> list[str]:
    return [record.name for record in in_force(records, day, types)]


def test_the_last_version_before_the_sale_counts() -> None:
    assert names(version("2025-01-01"), version("2026-11-05"), version("2026-11-06")) == ["2026-11-05"]


def test_a_version_first_seen_after_the_sale_never_counts() -> None:
    assert names(version("2026-11-06")) == []


def test_without_a_day_nothing_counts() -> None:
    assert names(version("2025-01-01"), day=None) == []


def test_two_pages_of_one_kind_stand_side_by_side_each_in_its_own_version() -> None:
    found = names(
        version("2026-01-01", name="a1", series="a"),
        version("2026-02-01", name="a2", series="a"),
        version("2026-01-15", name="b1", series="b"),
    )
    assert found == ["a2", "b1"]


@pytest.mark.parametrize(("types", "found"), [(("physical",), ["goods"]), (("digital",), []), ((), ["goods"])])
def test_a_policy_for_other_goods_does_not_count(types: tuple[str, ...], found: list[str]) -> None:
    assert names(version("2026-01-01", name="goods", types=("physical",)), types=types) == found
