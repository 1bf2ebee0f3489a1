"""The outcomes page in a real browser: every state, three widths, light and dark, by keyboard, without scripts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, Page, expect

from disputes import links
from disputes.models import Merchant
from tests.web.decided import a_year
from tests.web.desk import Desk

pytestmark = [pytest.mark.chromium, pytest.mark.slow, pytest.mark.xdist_group("browser")]

WIDTHS = (1440, 1024, 390)


@dataclass(frozen=True)
class Filled:
    desk: Desk
    shop: Merchant
    fresh: Merchant
    token: str

    def sign_in(self, page: Page) -> None:
        page.context.add_cookies([{"name": "counterproof", "value": self.token, "url": self.desk.url}])

    def path(self, more: str = "") -> str:
        return self.desk.url + links.outcomes(self.shop.slug) + more


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Filled]:
    """A shop with a year behind it, and one to which nothing has happened yet."""
    desk = Desk(tmp_path_factory.mktemp("outcomes"))
    person = desk.person()
    shop, fresh = desk.shop(person, name="Moll & Daughters"), desk.shop(person)
    desk.case(fresh)
    a_year(desk, shop, person.id)
    token = desk.signed_in(person).client.cookies["counterproof"]
    yield Filled(desk, shop, fresh, token)
    desk.stop()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_every_state_is_accessible_and_fits(page: Page, filled: Filled, width: int, scheme: str) -> None:
    filled.sign_in(page)
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    fresh = filled.desk.url + links.outcomes(filled.fresh.slug)
    for address in (
        filled.path(),
        filled.path("?from=2020-01-01&to=2020-01-02"),
        filled.path("/cases?which=won"),
        filled.path("/cases?which=elsewhere"),
        fresh,
    ):
        page.goto(address)
        for hidden in page.locator("main details > summary").all():
            hidden.click()
        found = Axe().run(page)
        assert found.violations_count == 0, f"{address}\n{found.generate_report()}"
        assert page.evaluate("document.documentElement.scrollWidth") <= width, f"{address} is wider than {width}"


def test_a_figure_leads_to_its_cases_and_back_to_the_same_period(page: Page, filled: Filled) -> None:
    filled.sign_in(page)
    page.goto(filled.path())
    page.get_by_label("Decided in").select_option("90")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_text("Decided from")).to_be_visible()
    row = page.get_by_role("row", name="Not received").first
    number = int(row.get_by_role("link").first.inner_text())
    row.get_by_role("link").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Decided cases")
    assert page.locator("tbody tr").count() == number
    page.locator(".back a").click()
    expect(page.get_by_label("Decided in")).to_have_value("90")


def test_the_keys_walk_a_list_and_take_the_table(page: Page, filled: Filled) -> None:
    filled.sign_in(page)
    page.goto(filled.path("/cases?which=decided"))
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.className") == "case"
    page.goto(filled.path())
    with page.expect_download() as saved:
        page.keyboard.press("e")
    assert saved.value.suggested_filename.endswith(".csv")


def test_is_whole_without_scripts(chromium: Browser, filled: Filled) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    filled.sign_in(page)
    page.goto(filled.path())
    expect(page.get_by_role("img", name="Share of contested cases that were won, by reason")).to_be_visible()
    expect(page.get_by_role("link", name="1 deadline passed without an answer")).to_be_visible()
    context.close()
