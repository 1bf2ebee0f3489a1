"""Notes and assignment on a case, over a real server."""

from __future__ import annotations

import re

import pytest

from disputes import links, store_people, store_work
from disputes.models import CaseNote, Dispute, Merchant
from tests.web.desk import Browser, Desk, words

Shop = tuple[Browser, Merchant, Dispute]
CARD = "4242 4242 4242 4242"


@pytest.fixture
def shop(desk: Desk) -> Shop:
    person = desk.person()
    merchant = desk.shop(person)
    return desk.signed_in(person), merchant, desk.case(merchant)


def member(desk: Desk, merchant: Merchant, role: str) -> Browser:
    person = desk.person()
    with desk.runtime.database.writing() as session:
        store_people.join(session, merchant.id, person.id, role)
    return desk.signed_in(person)


def here(shop: Shop) -> str:
    return links.case(shop[1].slug, shop[2].id)


def notes(desk: Desk, shop: Shop) -> list[CaseNote]:
    with desk.runtime.database.reading() as session:
        return list(store_work.notes_of(session, shop[2].id))


def assigned(desk: Desk, shop: Shop) -> str | None:
    with desk.runtime.database.reading() as session:
        return session.get_one(Dispute, shop[2].id).assigned_to


class TestANote:
    def test_stands_on_the_case_with_its_author(self, shop: Shop) -> None:
        browser = shop[0]
        assert browser.post(f"{here(shop)}/notes", text="Asked the carrier.").status_code == 303
        page = words(browser.get(here(shop)))
        assert "Asked the carrier." in page
        assert "Ada Moll" in page

    def test_is_stored_with_card_numbers_masked(self, desk: Desk, shop: Shop) -> None:
        shop[0].post(f"{here(shop)}/notes", text=f"She read me {CARD} on the phone")
        (note,) = notes(desk, shop)
        assert note.text == "She read me ************4242 on the phone"

    def test_without_a_word_is_refused(self, desk: Desk, shop: Shop) -> None:
        assert shop[0].post(f"{here(shop)}/notes", text="  ").status_code == 422
        assert notes(desk, shop) == []

    def test_can_be_deleted_and_brought_back_by_the_button_in_the_answer(self, desk: Desk, shop: Shop) -> None:
        browser = shop[0]
        browser.post(f"{here(shop)}/notes", text="Asked the carrier.")
        (note,) = notes(desk, shop)
        answer = browser.post(f"{here(shop)}/notes/{note.id}/delete")
        assert notes(desk, shop) == []
        page = browser.get(answer.headers["location"])
        assert f'action="{here(shop)}/notes/{note.id}/restore"' in page.text
        browser.post(f"{here(shop)}/notes/{note.id}/restore")
        assert [each.id for each in notes(desk, shop)] == [note.id]

    def test_of_somebody_else_cannot_be_deleted(self, desk: Desk, shop: Shop) -> None:
        shop[0].post(f"{here(shop)}/notes", text="Asked the carrier.")
        (note,) = notes(desk, shop)
        other = member(desk, shop[1], "owner")
        assert "Delete your note" not in other.get(here(shop)).text
        assert other.post(f"{here(shop)}/notes/{note.id}/delete").status_code == 404
        assert len(notes(desk, shop)) == 1

    def test_is_not_written_by_a_viewer(self, desk: Desk, shop: Shop) -> None:
        viewer = member(desk, shop[1], "viewer")
        assert viewer.post(f"{here(shop)}/notes", text="Hello").status_code == 403
        assert 'name="text"' not in viewer.get(here(shop)).text
        assert notes(desk, shop) == []

    def test_of_a_foreign_merchant_s_case_is_not_there(self, desk: Desk, shop: Shop) -> None:
        stranger = desk.person()
        other = desk.shop(stranger)
        path = links.case(other.slug, shop[2].id)
        assert desk.signed_in(stranger).post(f"{path}/notes", text="Hello").status_code == 404

    def test_sent_by_a_script_comes_back_as_that_part_of_the_page(self, shop: Shop) -> None:
        browser = shop[0]
        answer = browser.client.post(
            f"{here(shop)}/notes",
            data={"csrf": browser.csrf, "text": "<b>Asked</b>"},
            headers={"hx-request": "true"},
        )
        assert answer.status_code == 200
        assert answer.text.lstrip().startswith('<section aria-labelledby="notes"')
        assert "&lt;b&gt;Asked&lt;/b&gt;" in answer.text
        assert "The note is saved." in answer.text


class TestAssignment:
    def test_to_me_to_a_colleague_and_to_nobody(self, desk: Desk, shop: Shop) -> None:
        browser, merchant, _ = shop
        colleague = desk.person()
        with desk.runtime.database.writing() as session:
            store_people.join(session, merchant.id, colleague.id, "agent")
        for given, then in (("me", None), (colleague.id, colleague.id), ("nobody", None)):
            assert browser.post(f"{here(shop)}/assign", person=given).status_code == 303
            if given == "me":
                assert assigned(desk, shop) not in (None, colleague.id)
            else:
                assert assigned(desk, shop) == then

    def test_can_be_taken_back_to_who_had_it(self, desk: Desk, shop: Shop) -> None:
        browser = shop[0]
        first = browser.post(f"{here(shop)}/assign", person="me").headers["location"]
        assert first.partition("#")[0].endswith("?note=assigned&undo=nobody")
        page = browser.get(first).text
        form = re.search(r'<form method="post" action="([^"]+/assign)">.*?name="person" value="(\w+)"', page, re.DOTALL)
        assert form is not None
        browser.post(form[1], person=form[2])
        assert assigned(desk, shop) is None

    def test_to_who_has_it_already_says_so(self, shop: Shop) -> None:
        browser = shop[0]
        browser.post(f"{here(shop)}/assign", person="me")
        assert "note=assigned_already" in browser.post(f"{here(shop)}/assign", person="me").headers["location"]

    def test_to_somebody_outside_is_refused(self, desk: Desk, shop: Shop) -> None:
        assert shop[0].post(f"{here(shop)}/assign", person=desk.person().id).status_code == 404
        assert assigned(desk, shop) is None

    def test_is_told_on_the_timeline_by_name(self, shop: Shop) -> None:
        browser = shop[0]
        browser.post(f"{here(shop)}/assign", person="me")
        assert "Assigned to Ada Moll" in words(browser.get(f"{here(shop)}?show=desk"))


@pytest.mark.parametrize("undo", ["../../../x", "per_1", "nobody%22%3E", ""])
def test_an_address_from_elsewhere_makes_no_button(shop: Shop, undo: str) -> None:
    page = shop[0].get(f"{here(shop)}?note=note_deleted&undo={undo}").text
    assert "/restore" not in page
