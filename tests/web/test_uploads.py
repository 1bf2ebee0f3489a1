"""Files added one by one by a script or together by a form, shown small, taken out and put back."""

from __future__ import annotations

import io
from typing import Any

import httpx
import pytest
from PIL import Image

from disputes import links, store_evidence, store_people
from disputes.models import Dispute, EvidenceItem, Merchant
from tests.evidence.packet.builders import build_pdf, build_photo
from tests.web.desk import Browser, Desk, words
from web.case_item import LARGE, SMALL
from web.security import INERT

Shop = tuple[Browser, Merchant, Dispute]


@pytest.fixture
def shop(desk: Desk) -> Shop:
    person = desk.person()
    merchant = desk.shop(person)
    return desk.signed_in(person), merchant, desk.case(merchant)


def here(shop: Shop) -> str:
    return links.case(shop[1].slug, shop[2].id)


def by_script(shop: Shop, data: bytes, name: str, **form: str) -> httpx.Response:
    browser = shop[0]
    given = {"csrf": browser.csrf, "item": "delivery_photo", **form}
    files = {"files": (name, data, "application/octet-stream")}
    return browser.client.post(
        f"{here(shop)}/evidence", data=given, files=files, headers={"accept": "application/json"}
    )


def items(desk: Desk, shop: Shop) -> list[EvidenceItem]:
    with desk.runtime.database.reading() as session:
        return list(store_evidence.items_of(session, shop[2].id))


def member(desk: Desk, merchant: Merchant, role: str) -> Browser:
    person = desk.person()
    with desk.runtime.database.writing() as session:
        store_people.join(session, merchant.id, person.id, role)
    return desk.signed_in(person)


class TestAFileSentByAScript:
    def test_is_stored_and_answered_with_its_picture(self, desk: Desk, shop: Shop) -> None:
        answer = by_script(shop, build_photo(400, 300), "door.jpg")
        (item,) = items(desk, shop)
        assert answer.status_code == 200
        told = answer.json()
        assert told["stored"] == [item.id]
        assert told["words"] == "Stored: it is on the case."
        assert shop[0].get(told["picture"]).headers["content-type"] == "image/jpeg"

    def test_that_is_refused_is_answered_in_the_server_s_words_and_takes_no_other_with_it(
        self, desk: Desk, shop: Shop
    ) -> None:
        assert by_script(shop, build_photo(400, 300), "door.jpg").status_code == 200
        answer = by_script(shop, b"MZ\x90", "virus.exe")
        assert answer.status_code == 422
        assert "'virus.exe' is a .exe file; PDF, JPEG, PNG, HEIC and .eml are taken" in answer.json()["refused"]
        assert [each.name for each in items(desk, shop)] == ["door.jpg"]

    @pytest.mark.parametrize(
        ("form", "said"), [({"item": ""}, "Choose what the files show."), ({"item": "moon_dust"}, "Choose what")]
    )
    def test_without_what_it_shows_is_refused(self, shop: Shop, form: dict[str, str], said: str) -> None:
        answer = by_script(shop, build_photo(400, 300), "door.jpg", **form)
        assert answer.status_code == 422
        assert said in answer.json()["refused"]

    def test_is_not_taken_from_a_viewer(self, desk: Desk, shop: Shop) -> None:
        viewer = (member(desk, shop[1], "viewer"), shop[1], shop[2])
        assert by_script(viewer, build_photo(400, 300), "door.jpg").status_code == 403
        assert items(desk, shop) == []


class TestTheForm:
    def test_names_every_file_it_refuses_and_stores_none(self, desk: Desk, shop: Shop) -> None:
        files: Any = [
            ("files", ("door.jpg", build_photo(400, 300), "image/jpeg")),
            ("files", ("virus.exe", b"MZ", "application/octet-stream")),
            ("files", ("empty.pdf", b"", "application/pdf")),
        ]
        answer = shop[0].post(f"{here(shop)}/evidence", files=files, item="delivery_photo")
        told = words(answer)
        assert answer.status_code == 422
        for part in ("virus.exe", "empty.pdf", "Nothing was stored, of the other files neither."):
            assert part in told
        assert "door.jpg" not in told
        assert items(desk, shop) == []

    def test_takes_a_photograph_from_the_field_of_the_camera_alone(self, desk: Desk, shop: Shop) -> None:
        # A browser sends both fields; the one nothing was chosen in is without a name.
        files: Any = [
            ("files", ("", b"", "application/octet-stream")),
            ("files", ("image.jpg", build_photo(400, 300), "image/jpeg")),
        ]
        assert shop[0].post(f"{here(shop)}/evidence", files=files, item="delivery_photo").status_code == 303
        assert [each.name for each in items(desk, shop)] == ["image.jpg"]

    def test_offers_a_phone_its_camera(self, shop: Shop) -> None:
        assert 'accept="image/*" capture="environment"' in shop[0].get(here(shop)).text


class TestThePicture:
    @pytest.mark.parametrize("kind", ["photo", "pdf"])
    @pytest.mark.parametrize("side", [SMALL, LARGE])
    def test_of_a_file_is_drawn_anew_within_its_bounds(self, desk: Desk, shop: Shop, kind: str, side: int) -> None:
        data = build_photo(1600, 1200) if kind == "photo" else build_pdf()
        by_script(shop, data, "door.jpg" if kind == "photo" else "receipt.pdf")
        (item,) = items(desk, shop)
        answer = shop[0].get(f"{here(shop)}/evidence/{item.id}/{item.sha256}-{side}.jpg")
        assert answer.headers["content-type"] == "image/jpeg"
        assert answer.headers["cache-control"].startswith("private")
        with Image.open(io.BytesIO(answer.content)) as picture:
            assert max(picture.size) == side
            assert picture.format == "JPEG"

    def test_is_not_drawn_in_another_size_by_another_hash_or_for_others(self, desk: Desk, shop: Shop) -> None:
        by_script(shop, build_photo(400, 300), "door.jpg")
        (item,) = items(desk, shop)
        stranger = desk.person()
        other = desk.shop(stranger)
        path = f"/evidence/{item.id}/{item.sha256}-{SMALL}.jpg"
        assert shop[0].get(here(shop) + path).status_code == 200
        assert shop[0].get(here(shop) + path.replace(f"-{SMALL}", "-9000")).status_code == 404
        assert shop[0].get(here(shop) + path.replace(item.sha256, "0" * 64)).status_code == 404
        foreign = desk.signed_in(stranger)
        assert foreign.get(here(shop) + path).status_code == 404
        assert foreign.get(links.case(other.slug, shop[2].id) + path).status_code == 404
        assert desk.browser().get(here(shop) + path).status_code == 303

    def test_stands_on_the_case_with_the_origin_of_the_file(self, desk: Desk, shop: Shop) -> None:
        by_script(shop, build_photo(400, 300), "door.jpg", caption="The door of number 14")
        (item,) = items(desk, shop)
        page = shop[0].get(here(shop))
        assert f"{item.sha256}-{SMALL}.jpg" in page.text
        told = words(page)
        for part in (item.sha256, "Merchant&#39;s own file", "Added by a person", "The door of number 14"):
            assert part in told


class TestTheFileItself:
    def test_is_only_ever_saved_and_acts_nowhere(self, desk: Desk, shop: Shop) -> None:
        by_script(shop, build_photo(400, 300), "door.jpg")
        (item,) = items(desk, shop)
        headers = shop[0].get(f"{here(shop)}/evidence/{item.id}/file").headers
        assert headers["content-disposition"].startswith('attachment; filename="door.jpg"')
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["content-security-policy"] == INERT

    def test_that_was_taken_out_is_put_back_by_the_button_in_the_answer(self, desk: Desk, shop: Shop) -> None:
        by_script(shop, build_photo(400, 300), "door.jpg")
        (item,) = items(desk, shop)
        browser = shop[0]
        answer = browser.post(f"{here(shop)}/evidence/{item.id}/withdraw")
        assert items(desk, shop) == []
        assert f"/evidence/{item.id}/restore" in browser.get(answer.headers["location"]).text
        browser.post(f"{here(shop)}/evidence/{item.id}/restore")
        assert [each.id for each in items(desk, shop)] == [item.id]

    def test_that_was_confirmed_is_doubted_again_by_the_button_in_the_answer(self, desk: Desk, shop: Shop) -> None:
        by_script(shop, build_photo(400, 300), "door.jpg")
        with desk.runtime.database.writing() as session:
            (item,) = store_evidence.items_of(session, shop[2].id)
            item.confidence = "likely"
        browser = shop[0]
        assert "no evidence until you say so" in words(browser.get(here(shop)))
        answer = browser.post(f"{here(shop)}/evidence/{item.id}/confirm")
        page = browser.get(answer.headers["location"])
        assert "Confirmed by Ada Moll." in words(page)
        assert f"/evidence/{item.id}/unconfirm" in page.text
        browser.post(f"{here(shop)}/evidence/{item.id}/unconfirm")
        assert "no evidence until you say so" in words(browser.get(here(shop)))
