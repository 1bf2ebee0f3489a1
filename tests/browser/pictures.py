"""The pictures in README, taken anew from a fresh demo desk: `scripts/pictures`."""

from __future__ import annotations

import io
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx
import pypdfium2
from PIL import Image
from playwright.sync_api import Browser, Page, StorageState, sync_playwright

from disputes import links
from tests.web.decided import a_year
from tests.web.desk import Desk

FOLDER = Path(__file__).parents[2] / "docs" / "pictures"
DRAWN = """[...document.images].every(each => !each.checkVisibility()
    || each.getBoundingClientRect().top > innerHeight || each.naturalWidth > 0)"""
OWNER = {
    "owner_name": "Derya Aksoy",
    "email": "derya@lale.example",
    "password": "four plain words here",
    "name": "Lale Living",
    "zone": "Europe/Istanbul",
}


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        command = [sys.executable, "-m", "web", "serve", "--sandbox", "--data", f"{folder}/data", "--port", str(port)]
        desk = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        try:
            _take(desk, f"http://127.0.0.1:{port}")
        finally:
            desk.terminate()
            desk.wait(30)


def _take(desk: subprocess.Popen[str], address: str) -> None:
    assert desk.stdout is not None
    link = next(found.group() for line in desk.stdout if (found := re.search(r"http\S+/setup/\S+", line)))
    _until(lambda: httpx.get(address + "/sign-in").is_success)
    chromium = shutil.which("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        _sign_in(page, address, link)
        page.goto(f"{address}/m/demo/")
        _until(lambda: _prepared(page))
        _keep(page, "queue")
        _open(page, address, "LL-1001")
        _keep(page, "case")
        state = page.context.storage_state()
        _on_a_phone(browser, state, {"case-phone": page.url, "digest": f"{address}/m/demo/settings/digest"})
        _packet(page)
        _filed(page, address)
        _outcomes(browser)
        browser.close()


def _on_a_phone(browser: Browser, state: StorageState, addresses: dict[str, str]) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 844}, storage_state=state)
    for name, address in addresses.items():
        page.goto(address)
        page.wait_for_load_state("load")
        _keep(page, name)
    page.close()


def _filed(page: Page, address: str) -> None:
    """Filed for real at the sandbox, seen by somebody whose screen is dark."""
    _open(page, address, "LL-1002")
    page.get_by_role("link", name="Approve and file …").first.click()
    page.get_by_role("button", name="Approve and file now").click()
    page.get_by_role("heading", level=1, name=re.compile("^Filed")).wait_for(timeout=120_000)
    page.get_by_role("link", name="Back to the case").click()
    page.locator("#now .filed").wait_for()
    page.emulate_media(color_scheme="dark")
    _keep(page, "filed")
    page.emulate_media(color_scheme="light")


def _keep(page: Page, name: str) -> None:
    """Once its pictures are there; few colours carry a page, and make it a third of the size."""
    page.wait_for_load_state("load")
    _until(lambda: page.evaluate(DRAWN))
    page.wait_for_timeout(1000)
    taken = Image.open(io.BytesIO(page.screenshot()))
    taken.convert("RGB").quantize(256, dither=Image.Dither.NONE).save(FOLDER / f"{name}.png", optimize=True)


def _outcomes(browser: Browser) -> None:
    """A year of made-up cases: a fresh demo has no outcomes to show yet."""
    with tempfile.TemporaryDirectory() as folder:
        desk = Desk(Path(folder))
        try:
            person = desk.person()
            shop = desk.shop(person, name="Lale Living", zone="Europe/Istanbul")
            a_year(desk, shop, person.id, cases=90)
            token = desk.signed_in(person).client.cookies["counterproof"]
            page = browser.new_page(viewport={"width": 1440, "height": 900})
            page.context.add_cookies([{"name": "counterproof", "value": token, "url": desk.url}])
            page.goto(desk.url + links.outcomes(shop.slug))
            _keep(page, "outcomes")
        finally:
            desk.stop()


def _sign_in(page: Page, address: str, link: str) -> None:
    page.goto(link)
    for name, value in OWNER.items():
        field = page.locator(f"[name={name}]")
        if field.evaluate("field => field.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)
    page.locator("form button").first.click()
    page.wait_for_url("**/sign-in*")
    page.fill("[name=email]", OWNER["email"])
    page.fill("[name=password]", OWNER["password"])
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/sign-in" not in url)


def _prepared(page: Page) -> bool:
    page.reload()
    waiting = page.get_by_role("link", name=re.compile(r"^To approve \d+")).inner_text()
    return int(waiting.split()[-1]) > 50


def _open(page: Page, address: str, order: str) -> None:
    """The case of an order, once its answer was built."""

    def found() -> bool:
        page.goto(f"{address}/m/demo/?view=open&q={order}")
        row = page.locator("tr", has=page.get_by_role("link", name=order, exact=True))
        return row.get_by_text("To approve").count() == 1

    _until(found)
    page.get_by_role("link", name=order).click()
    page.locator("#now").wait_for()


def _packet(page: Page) -> None:
    """Page one of the packet as a picture."""
    page.get_by_role("link", name="On a page of its own").click()
    with page.expect_download() as saved:
        page.get_by_role("link", name="Save as PDF").first.click()
    picture = pypdfium2.PdfDocument(saved.value.path())[0].render(scale=1.2).to_pil()
    picture.convert("L").save(FOLDER / "packet.png", optimize=True)


def _until(ready: object, seconds: float = 600) -> None:
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        try:
            if ready():  # type: ignore[operator]
                return
        except httpx.TransportError:
            pass
        time.sleep(0.5)
    raise TimeoutError("the desk did not get ready")


if __name__ == "__main__":
    main()
