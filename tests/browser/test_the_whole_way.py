"""Set-up, sign in, open, upload, preview, approve, filed, under review: real desk, engine, sandbox and browser."""

from __future__ import annotations

import io
import re

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from PIL import Image, ImageDraw
from playwright.sync_api import Page, expect

from tests.browser.conftest import Served

pytestmark = [pytest.mark.chromium, pytest.mark.slow, pytest.mark.xdist_group("browser")]

EMAIL, PASSWORD = "ada@shop.example", "several plain words"
BUILT = 150_000
"""Milliseconds until the sandbox's cases are gathered and built on a slow machine."""


def accessible(page: Page) -> None:
    found = Axe().run(page)
    assert found.violations_count == 0, f"{page.url}\n{found.generate_report()}"
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390, f"{page.url} is wider than a phone"
    page.set_viewport_size({"width": 1280, "height": 900})


def photo() -> bytes:
    """A picture with something on it: an empty one is no evidence."""
    picture = Image.effect_noise((900, 600), 60).convert("RGB")
    ImageDraw.Draw(picture).rectangle((120, 120, 600, 420), outline="black", width=6)
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=85)
    return out.getvalue()


def test_from_the_set_up_link_to_a_filed_answer(page: Page, served: Served) -> None:
    _set_up(page, served)
    _sign_in(page, served)
    _look_around(page, served)
    _open_and_upload(page, served)
    _preview(page)
    _approve(page)


def _set_up(page: Page, served: Served) -> None:
    page.goto(served.setup)
    accessible(page)
    page.get_by_label("Your name").fill("Ada Moll")
    page.get_by_label("Your e-mail address").fill(EMAIL)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_label("Name of the shop").fill("Moll & Daughters")
    page.get_by_label("Time zone").select_option("Europe/Berlin")
    page.get_by_text("Letterhead: what the bank reads about you").click()
    page.get_by_label("Address", exact=True).fill("Harbour Row 1\nDublin")
    page.get_by_role("button", name="Set up").click()
    expect(page.get_by_role("status")).to_contain_text("The desk is yours")
    page.goto(served.setup)
    expect(page.get_by_role("heading", level=1)).to_have_text("This link does not work any more")
    accessible(page)


def _sign_in(page: Page, served: Served) -> None:
    page.goto(served.url)
    accessible(page)
    page.get_by_label("E-mail address").fill(EMAIL)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your shops")
    accessible(page)


def _look_around(page: Page, served: Served) -> None:
    page.goto(f"{served.url}/m/moll-daughters/")
    expect(page.get_by_role("heading", name="No account is connected yet")).to_be_visible()
    accessible(page)
    for name in ("Connections", "Settings"):
        page.goto(f"{served.url}/m/demo/")
        page.get_by_role("link", name=name, exact=True).click()
        expect(page.get_by_role("heading", level=1)).to_contain_text(name)
        accessible(page)


def _open_and_upload(page: Page, served: Served) -> None:
    """LL-1001: a parcel that was delivered; the most common case."""
    found = page.locator("tr", has=page.get_by_role("link", name="LL-1001")).get_by_text("To approve")
    for _ in range(BUILT // 2000):
        page.goto(f"{served.url}/m/demo/")
        if found.count():
            break
        page.wait_for_timeout(2000)
    accessible(page)
    page.get_by_role("link", name="LL-1001").click()
    expect(page.get_by_text("left", exact=False).first).to_be_visible()
    accessible(page)
    page.get_by_label("What they show").select_option("delivery_photo")
    page.get_by_label("Files", exact=True).set_input_files(
        {"name": "door.jpg", "mimeType": "image/jpeg", "buffer": photo()}
    )
    page.get_by_label("Caption, in your words").fill("The parcel at the customer's door")
    page.get_by_role("button", name="Add to the case").click()
    # The page says that the packet is being built, offers nothing to approve, and loads itself again when it is done.
    expect(page.get_by_role("link", name="Approve and file")).to_have_count(0)
    expect(page.get_by_role("link", name="Approve and file")).to_be_visible(timeout=BUILT)
    expect(page.locator(".items")).to_contain_text("door.jpg")


def _preview(page: Page) -> None:
    page.get_by_role("link", name="On a page of its own").click()
    first = page.get_by_role("img", name="Page 1 of the packet")
    expect(first).to_be_visible()
    expect(first).to_have_js_property("complete", True, timeout=60_000)
    assert first.evaluate("image => image.naturalWidth") > 1000
    accessible(page)
    page.get_by_role("link", name="Back to the case").click()


def _approve(page: Page) -> None:
    page.get_by_role("link", name="Approve and file").click()
    expect(page.get_by_text("Filing cannot be taken back.")).to_be_visible()
    expect(page.locator("code.hash")).to_have_text(re.compile("^[0-9a-f]{64}$"))
    accessible(page)
    page.get_by_role("button", name="Approve and file now").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Filed", timeout=60_000)
    expect(page.get_by_text("Everything the gateway holds is what was approved.")).to_be_visible()
    accessible(page)
    page.get_by_role("link", name="Back to the case").click()
    expect(page.get_by_text("Under review").first).to_be_visible()
    assert "left" not in page.locator("#top-state").inner_text()
    accessible(page)
