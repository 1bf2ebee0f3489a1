"""People in real Chromium: an invitation taken, a second factor, a passkey, and what a role does not see."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyotp
import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, Page, expect

from disputes import links
from disputes.models import Merchant, Person
from tests.web.desk import PASSWORD, Desk
from tests.web.people import member

pytestmark = [pytest.mark.chromium, pytest.mark.slow, pytest.mark.xdist_group("browser")]
SCHEMES = ("light", "dark")
PHONE, SCREEN = {"width": 390, "height": 844}, {"width": 1280, "height": 900}


class People:
    """A shop with an owner, on a desk that the browser calls `localhost`: passkeys need a name."""

    def __init__(self, folder: Path) -> None:
        self.desk = Desk(folder)
        self.url = self.desk.url.replace("127.0.0.1", "localhost")
        # Links that are shown lead to where this desk is served.
        self.desk.runtime.public_url = self.url
        self.owner: Person = self.desk.person("ada@shop.example")
        self.shop: Merchant = self.desk.shop(self.owner, name="Moll & Daughters")

    def sign_in(self, page: Page, email: str = "ada@shop.example") -> None:
        page.goto(f"{self.url}/sign-in")
        page.get_by_label("E-mail address").fill(email)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in", exact=True).click()

    def at(self, path: str) -> str:
        return self.url + path


@pytest.fixture
def people(tmp_path: Path) -> Iterator[People]:
    made = People(tmp_path)
    yield made
    made.desk.stop()


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A fresh browser whose console stays silent, but for the refusals these tests ask for."""
    context = chromium.new_context(viewport=SCREEN)  # type: ignore[arg-type]
    opened, heard = context.new_page(), list[str]()
    opened.on("console", lambda said: heard.append(said.text) if said.type in ("error", "warning") else None)
    opened.on("pageerror", lambda error: heard.append(str(error)))
    yield opened
    context.close()
    assert [words for words in heard if "Failed to load resource" not in words] == []


def accessible(page: Page) -> None:
    """Nothing for axe, light and dark, and no wider than a phone."""
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        found = Axe().run(page)
        assert found.violations_count == 0, f"{page.url} ({scheme})\n{found.generate_report()}"
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    assert page.evaluate("document.documentElement.scrollWidth") <= 390, f"{page.url} is wider than a phone"
    page.set_viewport_size(SCREEN)  # type: ignore[arg-type]


def with_authenticator(page: Page) -> None:
    """A device in Chromium that says yes by itself, as a finger on a sensor would."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": True, "automaticPresenceSimulation": True,
    }  # fmt: skip
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def test_an_invitation_is_made_taken_and_worked_with(page: Page, people: People, chromium: Browser) -> None:
    people.sign_in(page)
    page.goto(people.at(links.team(people.shop.slug)))
    accessible(page)
    page.get_by_label("E-mail address").fill("grace@shop.example")
    page.locator("#f-role").select_option(label="Agent")
    page.get_by_role("button", name="Make the link").click()
    link = page.get_by_label("Link of the invitation").input_value()
    accessible(page)
    theirs = chromium.new_context().new_page()
    theirs.goto(link)
    accessible(theirs)
    theirs.get_by_label("Your name").fill("Grace")
    theirs.get_by_label("Password").fill(PASSWORD)
    theirs.get_by_role("button", name="Join").click()
    expect(theirs.get_by_role("status")).to_contain_text("You have joined")
    people.sign_in(theirs, "grace@shop.example")
    expect(theirs.get_by_role("navigation", name="Main")).to_be_visible()
    theirs.goto(link)
    expect(theirs.get_by_role("heading", level=1)).to_have_text("This invitation does not work any more")
    theirs.context.close()
    page.goto(people.at(links.team(people.shop.slug)))
    expect(page.get_by_role("heading", name="Grace")).to_be_visible()


def test_an_owner_gives_a_right_and_takes_somebody_out(page: Page, people: People) -> None:
    agent = member(people.desk, people.shop, "agent")
    people.sign_in(page)
    page.goto(people.at(links.team(people.shop.slug)))
    card = page.locator(f"[id='{agent.id}']")
    card.get_by_text("Change").click()
    card.get_by_label("Connect accounts").check()
    accessible(page)
    card.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_contain_text("Saved")
    expect(card.get_by_text("+ Connect accounts")).to_be_visible()
    card.get_by_text("Change").click()
    card.get_by_role("link", name="Take out of the team").click()
    accessible(page)
    page.get_by_role("button", name="Take out").click()
    expect(page.get_by_role("heading", name="1 person")).to_be_visible()


def test_a_second_factor_is_switched_on_and_asked_for(page: Page, people: People) -> None:
    people.sign_in(page)
    page.goto(people.at("/account"))
    accessible(page)
    section = page.get_by_role("region", name="Second factor")
    section.get_by_text("Switch it on").click()
    section.get_by_label("Present password").fill(PASSWORD)
    section.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("img", name="QR code")).to_be_visible()
    accessible(page)
    app = pyotp.TOTP((page.locator(".key").text_content() or "").replace(" ", ""))
    page.get_by_label("Code", exact=True).fill(app.at(people.desk.now))
    page.get_by_role("button", name="Switch on").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Recovery codes")
    accessible(page)
    codes = page.locator(".codes code").all_text_contents()
    with page.expect_download() as saved:
        page.get_by_role("button", name="Save as a file").click()
    assert all(code in saved.value.path().read_text() for code in codes)
    page.get_by_role("button", name="Sign out").click()
    people.sign_in(page)
    expect(page.get_by_label("Code", exact=True)).to_be_focused()
    accessible(page)
    page.get_by_label("Code", exact=True).fill(codes[0])
    page.keyboard.press("Enter")
    expect(page.get_by_role("navigation", name="Main")).to_be_visible()
    page.goto(people.at("/account"))
    expect(page.get_by_text("9 recovery codes are left")).to_be_visible()
    page.get_by_text("New recovery codes, or switch it off").click()
    accessible(page)


def test_a_passkey_is_added_used_and_removed(page: Page, people: People) -> None:
    with_authenticator(page)
    people.sign_in(page)
    page.goto(people.at("/account"))
    page.locator("summary", has_text="Add a passkey").click()
    form = page.locator("form[data-passkey=add]")
    form.get_by_label("Present password").fill("not this one")
    form.get_by_role("button").click()
    expect(form.get_by_role("alert")).to_contain_text("present password is not right")
    form.get_by_label("Present password").fill(PASSWORD)
    form.get_by_label("Its name").fill("The laptop")
    form.get_by_role("button").click()
    expect(page.get_by_role("status")).to_contain_text("The passkey is kept")
    accessible(page)
    page.get_by_role("button", name="Sign out").click()
    accessible(page)
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("navigation", name="Main")).to_be_visible()
    page.goto(people.at("/account"))
    expect(page.get_by_text("Last used").first).to_be_visible()
    page.get_by_role("button", name="Remove The laptop").click()
    expect(page.get_by_role("status")).to_contain_text("removed")
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("alert")).to_contain_text("not known here")


def test_a_viewer_is_offered_nothing_to_change(page: Page, people: People) -> None:
    case = people.desk.case(people.shop)
    member_email = member(people.desk, people.shop, "viewer").email
    people.sign_in(page, member_email)
    for path in (links.team, links.connections, links.sources, links.settings):
        page.goto(people.at(path(people.shop.slug)))
        forms = page.locator("main form")
        buttons = [forms.nth(at).locator("button:visible").count() for at in range(forms.count())]
        assert sum(buttons) == 0, f"{page.url} offers a button that would be refused"
        accessible(page)
    page.goto(people.at(f"{links.case(people.shop.slug, case.id)}/approve"))
    expect(page.get_by_role("alert")).to_contain_text("Your role may look at it")
    page.goto(people.at(f"{links.case(people.shop.slug, case.id)}/accept"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Not allowed")
    accessible(page)
