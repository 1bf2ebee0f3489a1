"""The desk in Turkish: chosen at the foot of a page, and then every page and the way to a filed answer, with axe."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Served
from tests.browser.test_the_work_on_a_case import accessible, listed
from tests.browser.test_the_work_on_a_case import desk as desk

pytestmark = [pytest.mark.chromium, pytest.mark.slow, pytest.mark.xdist_group("browser")]

PAGES = {
    "outcomes": "Sonuçlar",
    "connections": "Bağlantılar",
    "sources": "Kaynaklar",
    "policies": "Koşullar",
    "team": "Ekip",
    "settings": "Ayarlar",
    "audit": "Denetim kaydı",
}


def test_every_page_and_the_way_to_a_filed_answer(desk: Page, served: Served) -> None:
    listed(desk, served, "LL-1006")
    desk.get_by_role("button", name="Türkçe").click()
    expect(desk.locator("html")).to_have_attribute("lang", "tr")
    for name, title in PAGES.items():
        desk.goto(f"{served.url}/m/demo/{name}")
        expect(desk.locator(".rail nav a[aria-current]")).to_have_text(title)
        accessible(desk)
    _file(desk, served)
    desk.get_by_role("button", name="English").click()
    expect(desk.locator("html")).to_have_attribute("lang", "en")


def _file(desk: Page, served: Served) -> None:
    desk.goto(f"{served.url}/m/demo/?q=LL-1006")
    accessible(desk)
    desk.get_by_role("link", name="LL-1006", exact=True).click()
    expect(desk.locator("#now")).to_contain_text("Karşı çıkın")
    accessible(desk)
    desk.wait_for_load_state("load")
    desk.keyboard.press("a")
    expect(desk.get_by_text("geri alınamaz").first).to_be_visible()
    accessible(desk)
    desk.locator("form.confirm button").first.click()
    expect(desk.get_by_role("heading", level=1)).to_contain_text("Sunuldu", timeout=60_000)
    accessible(desk)
