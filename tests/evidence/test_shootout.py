"""The shoot-out table, run: the clear cases are ready, no trapped one ever is, and each is told why."""

from __future__ import annotations

from typing import get_args

import pytest

from disputes.facts import ProductType
from disputes.knowledge.data import load
from evidence.claim import Claim
from tests.evidence.builders import claim, judged
from tests.evidence.shootout import EVERYWHERE, ROWS, TRAPS, Row, clear

PLAYBOOKS = {row["playbook"]: row for row in load("reason_codes")["codes"] if row.get("challengeable", True)}
TYPES: tuple[ProductType, ...] = get_args(ProductType)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_it_is_judged_as_the_table_says(row: Row) -> None:
    assessment = judged(*row.case())
    assert assessment.verdict.value == row.verdict
    assert assessment.ready is (not row.trap)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_the_merchant_is_told_why(row: Row) -> None:
    assessment = judged(*row.case())
    told = [*assessment.reasons, *assessment.person_required]
    assert any(row.why in words for words in told), told


@pytest.mark.parametrize("row", [row for row in ROWS if not row.trap], ids=lambda row: row.name)
def test_a_clear_one_waits_for_nobody(row: Row) -> None:
    assert judged(*row.case()).person_required == ()


@pytest.mark.parametrize("row", [row for row in ROWS if row.trap], ids=lambda row: row.name)
def test_the_trap_is_what_spoils_it(row: Row) -> None:
    assert judged(*clear(row.category, row.product_type)).ready


def test_the_table_is_large_and_every_trap_is_in_it() -> None:
    assert len(ROWS) >= 60
    assert len({row.name for row in ROWS}) == len(ROWS)
    assert {row.trap for row in ROWS} - {""} == set(TRAPS)
    assert {row.product_type for row in ROWS} == set(TYPES)


def claim_of(playbook: str) -> Claim:
    row = PLAYBOOKS[playbook]
    sub = "not_as_described" if row["code"] == "4853" else "duplicate" if row["code"] == "4834" else None
    return claim(
        network=row["network"], reason_code=row["code"], raw_reason=row.get("stripe_reason", ""), sub_condition=sub
    )


@pytest.mark.parametrize("trap", EVERYWHERE)
@pytest.mark.parametrize("product_type", TYPES)
@pytest.mark.parametrize("playbook", sorted(PLAYBOOKS))
def test_no_trapped_case_of_any_playbook_is_ready(playbook: str, product_type: ProductType, trap: str) -> None:
    """Beyond the table: the rich case of every category, judged under every playbook there is."""
    for category in ("fraudulent", "not_as_described", "paid_by_other_means"):
        _, the_case = clear(category, product_type)
        the_claim, spoilt = TRAPS[trap]((claim_of(playbook), the_case))
        nothing_to_provide = trap in ("never_shipped", "waived") and product_type != "physical"
        if nothing_to_provide and the_claim.reason.category not in ("not_received",):
            continue  # a claim about the charge itself does not ask for the service
        assert not judged(the_claim, spoilt).ready
