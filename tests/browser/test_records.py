"""Policies, record, settings, erasing and export in a real Chromium: used as people do, narrow and dark, and by axe."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from disputes import links
from scheduler.sheet import Line, Part, Row, Sheet
from tests.web.desk import Desk

pytestmark = pytest.mark.chromium
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
PAGES = (
    "/audit", "/audit?group=evidence", "/audit/check", "/policies", "/policies/clause?claim=credit_not_processed",
    "/settings", "/settings/export", "/settings/erase", "/settings/erase?q=nobody", "/settings/erase?q=LL-1",
    "/settings/erase/of?who=jane@example.com",
)  # fmt: skip


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:  # type: ignore[misc]
    made = Desk(tmp_path_factory.mktemp("records"))
    yield made
    made.stop()


@pytest.fixture(scope="module")
def slug(desk: Desk) -> str:
    """A shop with a case, a policy and an entry of every kind."""
    desk.owner = desk.person()  # type: ignore[attr-defined]
    merchant = desk.shop(desk.owner)  # type: ignore[attr-defined]
    case = desk.case(merchant, order_ref="LL-1", customer_email="jane@example.com", customer_name="Jane Doe")
    browser = desk.signed_in(desk.owner)  # type: ignore[attr-defined]
    browser.post(f"{links.case(merchant.slug, case.id)}/checklist/return_policy/waive", why="none")
    text = "You may return goods within 30 days of delivery for a full refund."
    browser.post(links.policies(merchant.slug), kind="return", in_force_from="2026-01-01", text=text)
    return merchant.slug


def opened(page: Page, desk: Desk, slug: str, path: str) -> None:
    token = desk.signed_in(desk.owner).client.cookies["counterproof"]  # type: ignore[attr-defined]
    page.context.add_cookies([{"name": "counterproof", "value": token, "url": desk.url}])
    page.goto(f"{desk.url}/m/{slug}{path}")


def found_by_axe(page: Page) -> list[tuple[str, list[str]]]:
    told = Axe().run(page, options=RULES).response["violations"]
    return [(each["id"], [node["html"][:120] for node in each["nodes"]]) for each in told]


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (390, "dark")])
def test_axe_finds_nothing_and_nothing_sticks_out(
    page: Page, desk: Desk, slug: str, path: str, width: int, scheme: str
) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    opened(page, desk, slug, path)
    assert found_by_axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_policy_is_entered_read_and_withdrawn(page: Page, desk: Desk, slug: str) -> None:
    opened(page, desk, slug, "/policies")
    page.get_by_label("What it is about").select_option("shipping")
    page.get_by_label("In force from").fill("2026-02-01")
    page.get_by_label("or its words").fill("We hand parcels over within two working days of your order.")
    page.get_by_role("button", name="Keep this version").click()
    page.get_by_role("status").get_by_text("The version is kept").wait_for()
    page.get_by_role("link", name="Shipping policy").click()
    page.get_by_text("within two working days").wait_for()
    assert found_by_axe(page) == []
    page.get_by_text("It was entered by mistake").click()
    page.get_by_role("button", name="Withdraw this version").click()
    page.get_by_text("no case is given it since").wait_for()


def test_the_record_is_filtered_checked_and_saved(page: Page, desk: Desk, slug: str) -> None:
    opened(page, desk, slug, "/audit")
    page.get_by_label("What", exact=True).select_option("evidence")
    page.get_by_text("waived an item of the checklist").wait_for()
    assert page.get_by_text("told of new or changed disputes").count() == 0
    with page.expect_download() as saved:
        page.get_by_role("button", name="Export as JSON Lines").click()
    assert saved.value.suggested_filename.endswith(".jsonl")
    page.get_by_role("link", name="Check the record").click()
    page.get_by_text("each is as it was written").wait_for()


class TestMail:
    """As a phone's mail client shows it: the HTML part alone, nothing loaded."""

    def sheet(self) -> Sheet:
        rows = tuple(
            Row(
                f"LL-{n} · 189.00 EUR",
                (Line("due 22 Nov 2026, 23:57 UTC+3, 6 h left", urgent=True), Line("Not received")),
                f"https://desk.example/m/x/cases/{n}",
            )
            for n in range(3)
        )  # fmt: skip
        return Sheet(
            subject="s", title="A shop with a rather long name of its own, 22 Nov 2026", intro=("3 due", "Written now"),
            warnings=("Filing is stopped.",), parts=(Part("Needs you", rows), Part("Decided", nothing="None.")),
            link="https://desk.example/m/x/", label="Open the queue", settings_link="https://desk.example/s",
            record="ab" * 32,
        )  # fmt: skip

    @pytest.mark.parametrize("scheme", ["light", "dark"])
    def test_fits_has_contrast_and_targets_for_a_thumb(self, chromium: Browser, scheme: str) -> None:
        context = chromium.new_context(viewport={"width": 390, "height": 800}, color_scheme=scheme)  # type: ignore[arg-type]
        page = context.new_page()
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.set_content(self.sheet().html)
        # A mail is no page of an application: it has no landmarks, and nobody expects them.
        found = [each for each in found_by_axe(page) if each[0] not in ("landmark-one-main", "region")]
        assert found == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        heights = page.eval_on_selector_all(".row, .act", "all => all.map(each => each.getBoundingClientRect().height)")
        assert min(heights) >= 44
        dark = page.evaluate("getComputedStyle(document.querySelector('.sheet')).backgroundColor")
        assert dark == ("rgb(28, 30, 33)" if scheme == "dark" else "rgb(255, 255, 255)")
        assert asked == []
        context.close()
