"""Files laid on a case over a real server: conversations, and what a person is told about pictures."""

from __future__ import annotations

import httpx
import pytest

from disputes import links, store_evidence
from disputes.models import Dispute, EvidenceItem, Merchant
from tests.evidence.packet.builders import build_photo
from tests.web.desk import Browser, Desk, words

Shop = tuple[Browser, Merchant, Dispute]
CHAT = "03/04/2026, 10:00 - Emily Carter: Where is it?\n03/04/2026, 10:01 - Selin: On its way"


@pytest.fixture
def shop(desk: Desk) -> Shop:
    person = desk.person()
    merchant = desk.shop(person)
    return desk.signed_in(person), merchant, desk.case(merchant)


def lay(shop: Shop, data: str | bytes, name: str, **form: str) -> httpx.Response:
    browser, merchant, dispute = shop
    files = {"files": (name, data.encode() if isinstance(data, str) else data, "application/octet-stream")}
    here = links.case(merchant.slug, dispute.id)
    return browser.post(f"{here}/evidence", files=files, item="customer_communication", **form)


def items(desk: Desk, shop: Shop) -> list[EvidenceItem]:
    with desk.runtime.database.reading() as session:
        return [each for each in store_evidence.items_of(session, shop[2].id) if each.source == "upload"]


def test_what_a_conversation_leaves_open_is_asked_and_the_answer_used(desk: Desk, shop: Shop) -> None:
    asked = lay(shop, CHAT, "chat.txt")
    assert asked.status_code == 422
    assert "which number is the day" in words(asked)
    asked = lay(shop, CHAT, "chat.txt", date_order="day_first")
    assert asked.status_code == 422
    assert "'Emily Carter', 'Selin'" in words(asked).replace("&#39;", "'").replace("&#x27;", "'")
    assert items(desk, shop) == []
    assert lay(shop, CHAT, "chat.txt", date_order="day_first", chat_name="Selin").status_code == 303
    assert [(item.fact["direction"], item.fact["at"][:10]) for item in items(desk, shop)] == [
        ("in", "2026-04-03"),
        ("out", "2026-04-03"),
    ]


def test_the_form_asks_for_what_a_conversation_does_not_say(shop: Shop) -> None:
    browser, merchant, dispute = shop
    page = browser.get(links.case(merchant.slug, dispute.id)).text
    assert 'name="chat_name"' in page
    assert 'value="month_first"' in page


def test_a_person_is_told_that_pictures_are_not_searched(desk: Desk, shop: Shop) -> None:
    assert lay(shop, build_photo(400, 300), "shot.jpg").status_code == 303
    (item,) = items(desk, shop)
    assert item.fact["title"] == "Screenshot: shot"
    browser, merchant, dispute = shop
    assert "cannot be searched for card numbers" in words(browser.get(links.case(merchant.slug, dispute.id)))
