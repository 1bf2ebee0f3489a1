"""Neighbouring cases on the case page."""

from __future__ import annotations

from typing import Any

from disputes import links
from disputes.models import Dispute
from tests.web.desk import Desk, words


def test_a_case_tells_its_neighbours_by_what_ties_them_and_what_came_of_them(desk: Desk) -> None:
    person = desk.person()
    merchant = desk.shop(person)
    emily: dict[str, Any] = {"customer_email": "emily@example.com", "customer_name": "Emily Carter"}
    ours = desk.case(merchant, order_ref="LL-1009", **emily)
    lost = desk.case(merchant, order_ref="LL-0815", status="lost", **emily)
    desk.case(merchant, order_ref="LL-7777", customer_email="somebody@example.com")
    with desk.runtime.database.writing() as session:
        for each in (ours, lost):
            session.get_one(Dispute, each.id).card_fingerprint = "fp_emily"
    page = desk.signed_in(person).get(links.case(merchant.slug, ours.id))
    told = words(page)
    assert "Neighbouring cases" in told
    assert links.case(merchant.slug, lost.id) in page.text
    assert "the same card and the same e-mail address" in told
    assert "Lost" in told
    assert "LL-7777" not in told
    assert "fp_emily" not in page.text


def test_a_case_without_neighbours_has_no_such_part(desk: Desk) -> None:
    person = desk.person()
    merchant = desk.shop(person)
    page = desk.signed_in(person).get(links.case(merchant.slug, desk.case(merchant).id))
    assert "Neighbouring cases" not in page.text
