"""The case in a real browser: queue to filed by keyboard alone, editing beside the packet, axe on its states.

Its name keeps it behind the whole way, which needs a desk that nobody has set up.
"""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Served
from tests.browser.test_the_whole_way import BUILT

pytestmark = [pytest.mark.chromium, pytest.mark.slow, pytest.mark.xdist_group("browser")]

OWNER = {
    "owner_name": "Ada Moll",
    "email": "ada@shop.example",
    "password": "several plain words",
    "name": "Moll & Daughters",
}
MOST_ACTIONS = 4
"""From the queue to a filed answer, for a case that was looked at before."""


@pytest.fixture
def desk(page: Page, served: Served) -> Page:
    """Somebody signed in, before the demo's queue; the desk is set up by whichever test comes first."""
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(served.setup)
    if page.locator("[name=owner_name]").count():
        for name, value in OWNER.items():
            page.fill(f"[name={name}]", value)
        page.select_option("[name=zone]", "Europe/Berlin")
        page.locator("main form button").first.click()
        page.wait_for_url("**/sign-in*")
    page.goto(f"{served.url}/sign-in")
    page.fill("[name=email]", OWNER["email"])
    page.fill("[name=password]", OWNER["password"])
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/sign-in" not in url)
    return page


def listed(page: Page, served: Served, order: str, status: str = "To approve") -> None:
    """The queue once it shows this case in this state."""
    row = page.locator("tr", has=page.get_by_role("link", name=order, exact=True)).get_by_text(status)
    for _ in range(BUILT // 1000):
        page.goto(f"{served.url}/m/demo/?q={order}")
        if row.count():
            return
        page.wait_for_timeout(2000)
    raise AssertionError(f"{order} never showed {status}")


def opened(page: Page, order: str) -> None:
    """The case, with its scripts: what is typed before they are there is only sent by its button."""
    page.get_by_role("link", name=order, exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(order)
    page.wait_for_load_state("load")


def accessible(page: Page) -> None:
    found = Axe().run(page)
    assert found.violations_count == 0, f"{page.url}\n{found.generate_report()}"
    for width in (390, 720):  # a phone, and 1440 pixels at 200 %
        page.set_viewport_size({"width": width, "height": 844})
        assert page.evaluate("document.documentElement.scrollWidth") <= width, f"{page.url} is wider than {width}"
    page.set_viewport_size({"width": 1440, "height": 900})


def test_from_the_queue_to_filed_by_keyboard_in_few_actions(desk: Page, served: Served) -> None:
    """Open, approve, confirm: each is one action; Tab only carries the focus."""
    listed(desk, served, "LL-1002")
    actions = 0

    desk.keyboard.press("j")
    expect(desk.locator(":focus")).to_contain_text("LL-1002")
    desk.keyboard.press("Enter")
    actions += 1
    expect(desk.get_by_role("heading", level=1)).to_contain_text("LL-1002")
    first_screen = desk.evaluate(
        "[...document.querySelectorAll('#now .plainly')].every(p => p.getBoundingClientRect().bottom < 900)"
    )
    assert first_screen, "what is claimed, whether it can be won and what to do now stand on the first screen"
    # A key works once the scripts are there; on a busy machine that is later than the words.
    desk.wait_for_load_state("load")
    desk.keyboard.press("a")
    actions += 1
    expect(desk.locator("#confirm")).to_be_focused()
    desk.keyboard.press("Tab")
    expect(desk.get_by_role("button", name="Approve and file now")).to_be_focused()
    accessible(desk)
    desk.keyboard.press("Enter")
    actions += 1
    expect(desk.get_by_role("heading", level=1)).to_contain_text("Filed", timeout=60_000)
    assert actions <= MOST_ACTIONS

    desk.keyboard.press("b")
    now = desk.locator("#now")
    expect(now).to_contain_text("holds exactly what was approved")
    expect(now).to_contain_text("Ada Moll")
    expect(desk.locator("#top-state")).not_to_contain_text("left")
    accessible(desk)
    desk.keyboard.press("q")
    expect(desk.get_by_role("heading", level=1)).to_contain_text("Disputes")


def test_the_letter_is_edited_with_the_packet_beside_it(desk: Page, served: Served) -> None:
    listed(desk, served, "LL-1003")
    opened(desk, "LL-1003")
    expect(desk.get_by_role("img", name="Page 1 of the packet")).to_be_visible()
    desk.keyboard.press("l")
    box = desk.locator(".sentences input[type=checkbox]").nth(1)
    before = desk.locator("#pane-body").get_attribute("data-mark")
    box.focus()
    desk.keyboard.press("Space")
    expect(desk.locator("#letter-status")).to_contain_text("Saved")
    expect(desk.locator("#pane-body")).to_contain_text("The packet is being built")
    expect(desk.locator("#now")).to_contain_text("The answer is being built")
    # It is built while one goes on; neither focus nor scroll is lost, and the page is not loaded anew.
    desk.locator("#packet-pane").evaluate("pane => { pane.scrollTop = 300; window.stays = true; }")
    expect(desk.locator("#pane-body")).not_to_contain_text("being built", timeout=BUILT)
    expect(desk.locator("#now")).to_contain_text("Ready: look and approve")
    assert desk.locator("#pane-body").get_attribute("data-mark") != before
    expect(box).to_be_focused()
    assert desk.locator("#packet-pane").evaluate("pane => window.stays && pane.scrollTop") == 300
    accessible(desk)

    desk.get_by_role("button", name="Undo the last change").click()
    expect(desk.locator(".sentences input[type=checkbox]").nth(1)).to_be_checked()


def test_exhibits_are_moved_by_key_and_the_letter_follows(desk: Page, served: Served) -> None:
    listed(desk, served, "LL-1007")
    opened(desk, "LL-1007")
    titles = desk.locator(".places strong")
    first, second = titles.nth(0).inner_text(), titles.nth(1).inner_text()
    desk.locator("[data-exhibit] button[value^='down:']").first.focus()
    desk.keyboard.press("Shift+J")
    expect(titles.nth(0)).to_have_text(second)
    expect(titles.nth(1)).to_have_text(first)
    expect(desk.locator(":focus")).to_have_accessible_name(f"Move down: {first}")
    desk.keyboard.press("Shift+K")
    expect(titles.nth(0)).to_have_text(first)


def test_two_people_at_one_case_see_each_other(desk: Page, served: Served, chromium: Browser) -> None:
    """Without scripts the second one's form is a plain one; what the first sees is said on their page."""
    listed(desk, served, "LL-1009")
    opened(desk, "LL-1009")
    state = desk.context.storage_state()
    plain = chromium.new_context(
        java_script_enabled=False, storage_state=state, viewport={"width": 1440, "height": 900}
    )
    other = plain.new_page()
    other.goto(desk.url)
    other.locator("[name=added]").fill("Typed in another window.")
    other.get_by_role("button", name="Save the letter").click()
    expect(other.get_by_role("status").first).to_contain_text("The letter is saved")
    plain.close()
    desk.locator("[name=added]").fill("Typed here.")
    desk.get_by_role("button", name="Save the letter").click()
    expect(desk.get_by_role("alert").first).to_contain_text("Somebody else changed the same sentence")
    expect(desk.locator("#letter-part")).to_contain_text("Typed in another window.")
    expect(desk.locator("[name=added]")).to_have_value("Typed here.")


@pytest.mark.parametrize(
    ("order", "status", "says"),
    [
        ("LL-1004", "Needs evidence", "What to do now"),
        ("LL-1008", "To approve", "Consider accepting"),
        ("LL-1017", "Cannot be contested", "Nothing can be filed"),
    ],
)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_state_says_what_to_do_and_axe_finds_nothing(
    desk: Page, served: Served, order: str, status: str, says: str, scheme: str
) -> None:
    desk.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    listed(desk, served, order, status)
    opened(desk, order)
    expect(desk.locator("#now")).to_contain_text(says)
    accessible(desk)
