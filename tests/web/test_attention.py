"""Who has a case before them: counted while it is in sight, and told to the others."""

from __future__ import annotations

import pytest

from disputes import links, store_people, store_work
from disputes.models import CaseAttention, Dispute, Merchant, Person
from tests.web.desk import Browser, Desk

Shop = tuple[Browser, Merchant, Dispute]


@pytest.fixture
def shop(desk: Desk) -> Shop:
    person = desk.person()
    merchant = desk.shop(person)
    return desk.signed_in(person), merchant, desk.case(merchant)


def colleague(desk: Desk, merchant: Merchant, name: str, role: str = "agent") -> Browser:
    person = desk.person()
    with desk.runtime.database.writing() as session:
        session.get_one(Person, person.id).name = name
        store_people.join(session, merchant.id, person.id, role)
    return desk.signed_in(person)


def rows(desk: Desk, dispute: Dispute) -> list[CaseAttention]:
    with desk.runtime.database.reading() as session:
        return list(store_work.attention_of(session, dispute.id))


def seen(shop: Shop, browser: Browser | None = None) -> str:
    answer = (browser or shop[0]).post(f"{links.case(shop[1].slug, shop[2].id)}/seen")
    assert answer.status_code == 200
    return answer.text


def test_who_is_alone_on_a_case_is_told_nothing(desk: Desk, shop: Shop) -> None:
    assert seen(shop) == ""
    assert [each.acts for each in rows(desk, shop[2])] == [0]


def test_two_on_one_case_are_told_of_each_other(desk: Desk, shop: Shop) -> None:
    ayse = colleague(desk, shop[1], "Ayşe Kaya")
    assert seen(shop, ayse) == ""
    assert seen(shop) == "Ayşe Kaya is on this case too."
    assert seen(shop, ayse) == "Ada Moll is on this case too."


def test_three_are_named_as_a_list(desk: Desk, shop: Shop) -> None:
    for name in ("Ayşe Kaya", "Bo Lind"):
        seen(shop, colleague(desk, shop[1], name))
    assert seen(shop) == "Ayşe Kaya and Bo Lind are on this case too."


def test_a_viewer_counts_too(desk: Desk, shop: Shop) -> None:
    seen(shop, colleague(desk, shop[1], "Vera Roth", role="viewer"))
    assert seen(shop) == "Vera Roth is on this case too."


def test_the_page_says_it_without_scripts(desk: Desk, shop: Shop) -> None:
    seen(shop, colleague(desk, shop[1], "Ayşe <b>Kaya</b>"))
    page = shop[0].get(links.case(shop[1].slug, shop[2].id)).text
    assert "Ayşe &lt;b&gt;Kaya&lt;/b&gt; is on this case too." in page


def test_a_ping_without_the_token_or_by_a_stranger_counts_nothing(desk: Desk, shop: Shop) -> None:
    path = f"{links.case(shop[1].slug, shop[2].id)}/seen"
    assert shop[0].client.post(path).status_code == 403
    stranger = desk.person()
    other = desk.shop(stranger)
    browser = desk.signed_in(stranger)
    assert browser.post(path).status_code == 404
    assert browser.post(f"{links.case(other.slug, shop[2].id)}/seen").status_code == 404
    assert rows(desk, shop[2]) == []


def test_every_change_of_the_case_counts_as_an_act(desk: Desk, shop: Shop) -> None:
    browser, merchant, dispute = shop
    here = links.case(merchant.slug, dispute.id)
    browser.post(f"{here}/notes", text="Asked the carrier.")
    browser.post(f"{here}/assign", person="me")
    browser.post(f"{here}/gather")
    assert [each.acts for each in rows(desk, dispute)] == [3]
