"""Every state of a case and every kind of page once in Chromium: wide and light, narrow and dark, by axe, in print."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, BrowserContext, Page, expect

from disputes import links, store, store_case
from disputes.models import Connection
from disputes.phrases import phrase
from tests.browser.states import MAKERS, States
from tests.web.desk import Desk
from tests.web.people import member

pytestmark = [pytest.mark.chromium, pytest.mark.slow, pytest.mark.xdist_group("states")]

SAYS = {
    "ready": "Ready: look and approve",
    "needs_evidence": "Add:",
    "building": "The answer is being built",
    "scheduled": "Your rule files this answer at",
    "unclear": "Look at Stripe",
    "rejected": "Last try: The gateway refused the file.",
    "filed": "holds exactly what was approved",
    "won": "The bank decided for you.",
    "lost": "The bank decided for the customer.",
    "accepted": "It was accepted from here",
    "expired": "The time to answer ended without an answer.",
    "withdrawn": "took the dispute back",
    "unknown": "Nothing can be filed",
    "erased": "Won",
    "past_due": "may refuse or ignore it",
    "past_cut_off": "a person can still file",
    "no_deadline": "named no deadline",
    "by_hand": "Hand the answer over",
    "handed_over": "Filed by hand.",
    "inquiry": "Ready: look and approve",
    "alert": "Hold the order back",
    "cannot_be_contested": "The network takes no evidence for this reason.",
    "answered_elsewhere": "nothing is left to file from here",
    "old_and_lost": "The bank decided for the customer.",
    "prevented": "It was settled before it became a dispute.",
}
"""What the first part of the page tells in each state."""
ENDED = ("won", "lost", "accepted", "expired", "withdrawn", "prevented", "erased", "filed", "handed_over")
HEADINGS = """[...document.querySelectorAll('h1, h2, h3, h4, h5, h6')]
    .filter(each => each.checkVisibility() && !each.closest('dialog')).map(each => Number(each.tagName[1]))"""
LOOKS = {
    "runOnly": {
        "type": "rule",
        "values": ["color-contrast", "target-size", "scrollable-region-focusable", "link-in-text-block"],
    }
}
"""What depends on width and colours; everything else is the same on every screen."""


@pytest.fixture(scope="module")
def states(tmp_path_factory: pytest.TempPathFactory) -> Iterator[States]:
    made = States(tmp_path_factory.mktemp("states"))
    yield made
    made.desk.stop()


@pytest.fixture(scope="module")
def context(chromium: Browser, states: States) -> Iterator[BrowserContext]:
    made = chromium.new_context()
    made.set_default_timeout(30_000)
    yield made
    made.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A tab whose console stays silent, but for the refusals that are asked for."""
    context.clear_cookies()
    opened, heard = context.new_page(), list[str]()
    opened.on("console", lambda said: heard.append(said.text) if said.type in ("error", "warning") else None)
    opened.on("pageerror", lambda error: heard.append(str(error)))
    yield opened
    opened.close()
    assert [words for words in heard if "Failed to load resource" not in words] == []


def opened(page: Page, states: States, path: str, who: str = "owner") -> None:
    wide(page)
    if who:
        url, token = states.desk.url, states.people[who]
        page.context.add_cookies([{"name": "counterproof", "value": token, "url": url}])
    page.goto(states.desk.url + path)


def wide(page: Page) -> None:
    page.set_viewport_size({"width": 1440, "height": 900})
    page.emulate_media(color_scheme="light")


def in_order(page: Page) -> None:
    """One first heading, and none is skipped on the way down."""
    levels = page.evaluate(HEADINGS)
    assert levels.count(1) == 1, f"{page.url}: {levels}"
    assert all(below <= above + 1 for above, below in itertools.pairwise(levels)), f"{page.url}: {levels}"


def fits(page: Page) -> None:
    """On a phone, and on 1440 pixels at 200 %, nothing makes the page itself scroll sideways."""
    for width in (720, 390):
        page.set_viewport_size({"width": width, "height": 844})
        found = page.evaluate("document.documentElement.scrollWidth")
        assert found <= width, f"{page.url} is {found} wide on {width}"


def accessible(page: Page) -> None:
    """With every fold open: wide and light, then narrow and dark."""
    page.evaluate("[...document.querySelectorAll('main details')].slice(0, 24).forEach(each => { each.open = true; })")
    in_order(page)
    _clean(page)
    page.emulate_media(color_scheme="dark")
    fits(page)
    _clean(page, LOOKS)


def _clean(page: Page, only: dict[str, Any] | None = None) -> None:
    found = Axe().run(page, options=only)
    assert found.violations_count == 0, f"{page.url}\n{found.generate_report()}"


# ---- cases ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", MAKERS)
def test_every_state_of_a_case_says_how_it_stands_and_is_accessible(page: Page, states: States, state: str) -> None:
    opened(page, states, states.case(state))
    expect(page.locator("#now")).to_contain_text(SAYS[state])
    if state in ENDED:
        expect(page.locator("#now h2").first).to_have_text("How it stands")
        expect(page.locator("#top-state")).not_to_contain_text("left")
        assert page.locator("#now button, #now .primary").count() == 0, "nothing is offered that is over"
    accessible(page)


def test_what_was_sent_when_by_whom_and_the_answer_stand_first_on_a_filed_case(page: Page, states: States) -> None:
    opened(page, states, states.case("filed"))
    facts = page.locator("#now .filed")
    for words in ("Ada Moll", ".pdf 1 page", "characters of text", "the gateway says under_review", "204.00 EUR"):
        expect(facts).to_contain_text(words)
    bottom = facts.evaluate("each => each.getBoundingClientRect().bottom")
    assert bottom < page.locator("#claimed").evaluate("each => each.getBoundingClientRect().top")
    assert bottom < 900, "it stands on the first screen"


def test_an_erased_case_says_so_first(page: Page, states: States) -> None:
    opened(page, states, states.case("erased"))
    expect(page.locator(".work h2").first).to_contain_text("data was erased")
    assert page.get_by_role("heading", name="Letter", exact=True).count() == 0
    page.get_by_role("link", name="The record of it").click()
    expect(page.get_by_text("What was approved was erased")).to_be_visible()
    accessible(page)


def test_what_was_never_asked_is_not_spoken_of(page: Page, states: States) -> None:
    for state in ("alert", "old_and_lost", "answered_elsewhere"):
        opened(page, states, states.case(state))
        shown = page.get_by_role("heading", level=2).all_inner_texts()
        assert not {"Verdict", "Letter", "Evidence", "Correspondence"} & set(shown), f"{state}: {shown}"


@pytest.mark.parametrize("who", ["viewer", "agent"])
def test_who_may_not_approve_is_offered_nothing_that_would_be_refused(page: Page, states: States, who: str) -> None:
    for state, words in (
        ("ready", "Ready for somebody who may approve"),
        ("unclear", "Somebody who may file has to look there"),
        ("by_hand", "Ready for somebody who may approve"),
        ("scheduled", "Your rule files this answer"),
    ):
        opened(page, states, states.case(state), who)
        expect(page.locator("#now")).to_contain_text(words)
        assert page.locator("#now form, #now a[href$='/approve'], #now a[href$='/hand-over']").count() == 0
    accessible(page)


@pytest.mark.parametrize("state", ["filed", "scheduled", "unclear", "rejected", "handed_over", "accepted"])
def test_every_end_of_a_filing_is_accessible(page: Page, states: States, state: str) -> None:
    opened(page, states, states.attempt(state))
    accessible(page)


@pytest.mark.parametrize(
    ("state", "more"),
    [("ready", "/approve"), ("ready", "/packet"), ("ready", "/accept"), ("by_hand", "/hand-over"),
     ("by_hand", "/entered"), ("needs_evidence", "/packet"), ("filed", "/approve"), ("ready", "/messages")],
)  # fmt: skip
def test_every_page_of_a_case_is_accessible(page: Page, states: States, state: str, more: str) -> None:
    opened(page, states, states.case(state, more))
    accessible(page)


def test_a_case_prints_what_is_on_it_without_what_is_for_clicking(page: Page, states: States) -> None:
    opened(page, states, states.case("filed"))
    page.emulate_media(media="print", color_scheme="dark")
    for shown in ("#now .filed", "#timeline", "#facts"):
        expect(page.locator(shown).first).to_be_visible()
    for hidden in (".rail", ".pane", ".foot", "#now .act", ".notes form"):
        expect(page.locator(hidden).first).to_be_hidden()
    paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert paper == "rgb(255, 255, 255)"


def test_every_state_is_read_without_scripts(chromium: Browser, states: States) -> None:
    context = chromium.new_context(java_script_enabled=False)
    plain = context.new_page()
    for state in ("ready", "needs_evidence", "unclear", "filed", "erased"):
        opened(plain, states, states.case(state))
        expect(plain.locator("#now")).to_contain_text(SAYS[state])
        expect(plain.get_by_role("heading", name="Timeline")).to_be_visible()
    opened(plain, states, links.queue(states.shop.slug))
    plain.get_by_role("link", name="LL-filed").or_(plain.get_by_role("link", name="LL-past_due")).first.click()
    expect(plain.get_by_role("heading", level=1)).to_contain_text("LL-")
    context.close()


def test_a_packet_that_cannot_be_drawn_is_said(page: Page, states: States) -> None:
    sha256 = states.desk.runtime.files.put(states.shop.id, b"%PDF-1.4 nothing that can be drawn")
    with states.desk.runtime.database.writing() as session:
        dispute = states.ready(session, "broken")
        session.flush()
        current = states.round(session, dispute)
        found = store_case.packet_of(session, current)
        assert found is not None
        found.sha256 = sha256
        session.add(found)
        states.ids["broken"] = dispute.id
    path = states.case("broken", f"/packet/{sha256}/1.png")
    opened(page, states, states.case("broken"))
    expect(page.locator("#not-drawn")).to_contain_text("cannot be drawn here")
    expect(page.locator(".pages")).to_be_hidden()
    accessible(page)
    answer = page.goto(states.desk.url + path)
    assert answer is not None
    assert answer.status == 422
    accessible(page)


def test_a_packet_whose_file_is_gone_is_said(page: Page, states: States) -> None:
    with states.desk.runtime.database.writing() as session:
        dispute = states.ready(session, "gone")
        found = store_case.packet_of(session, states.round(session, dispute))
        assert found is not None
        found.sha256 = "e" * 64
        session.add(found)
        states.ids["gone"] = dispute.id
    opened(page, states, states.case("gone"))
    expect(page.locator("#not-drawn")).to_be_visible()
    page.locator("#not-drawn").get_by_role("link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("The file is not there")
    expect(page.locator("main")).to_contain_text("from a backup")
    accessible(page)


# ---- pages ----------------------------------------------------------------------------------------------------------

PAGES = (
    "", "?view=open", "?view=under_review", "?view=lost&q=LL", "?q=nothing-like-it", "by-hand", "connections",
    "sources", "policies", "team", "settings", "settings/export", "settings/erase", "settings/erase?q=nobody",
    "settings/erase?q=LL-lost", "audit", "audit?group=evidence", "audit/check", "outcomes", "welcome",
)  # fmt: skip


@pytest.mark.parametrize("path", PAGES)
def test_every_page_is_accessible(page: Page, states: States, path: str) -> None:
    opened(page, states, f"{links.queue(states.shop.slug)}{path}")
    accessible(page)


@pytest.mark.parametrize("path", ["", "welcome", "connections", "sources", "policies", "outcomes", "audit"])
def test_every_page_is_accessible_before_anything_is_there(page: Page, states: States, path: str) -> None:
    opened(page, states, f"{links.queue(states.fresh.slug)}{path}")
    accessible(page)


def test_outcomes_of_a_year_and_the_pages_of_a_person_are_accessible(page: Page, states: States) -> None:
    for path in (links.outcomes(states.year.slug), links.account(), "/"):
        opened(page, states, path)
        accessible(page)


def test_a_connection_tells_what_its_key_may_and_may_not(page: Page, states: States) -> None:
    with states.desk.runtime.database.writing() as session:
        found = session.get_one(Connection, states.stripe.id)
        found.rights_missing, found.rights_too_many = [phrase("write disputes")], [phrase("make refunds")]
        found.state_detail = "401"
        session.add(found)
    opened(page, states, links.connections(states.shop.slug))
    expect(page.get_by_text("Rights missing: write disputes")).to_be_visible()
    expect(page.get_by_text("What this key can also do: make refunds")).to_be_visible()
    accessible(page)


def test_settings_are_read_and_not_typed_into_by_who_may_not_save_them(page: Page, states: States) -> None:
    opened(page, states, links.settings(states.shop.slug), "viewer")
    fields = page.locator("main").locator("input:not([type=hidden]), select, textarea")
    assert fields.count() > 10
    assert all(fields.nth(at).is_disabled() for at in range(fields.count()))
    assert page.locator("main button").count() == 0
    accessible(page)


def test_the_summary_of_many_is_accessible(page: Page, states: States) -> None:
    opened(page, states, f"{links.queue(states.shop.slug)}?view=open")
    page.wait_for_load_state("load")
    for box in page.locator("tbody .pick input").all()[:4]:
        box.check()
    page.get_by_role("button", name="Approve …").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile(r"^File \d answers\?"))
    accessible(page)


# ---- before signing in, and what goes wrong --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path", ["/sign-in", "/forgotten", "/reset/gone", "/invited/gone", "/asked/gone", "/setup/gone"]
)
def test_every_page_of_somebody_outside_is_accessible(page: Page, states: States, path: str) -> None:
    opened(page, states, path, who="")
    accessible(page)


def test_an_invitation_and_a_link_to_a_new_password_are_accessible(page: Page, states: States) -> None:
    opened(page, states, links.team(states.shop.slug))
    page.get_by_label("E-mail address").fill("new@shop.example")
    page.get_by_role("button", name="Make the link").click()
    link = page.locator("#link").input_value()
    accessible(page)
    page.context.clear_cookies()
    page.goto(states.desk.url + link[link.index("/invited/") :])
    expect(page.get_by_label("Password").first).to_be_visible()
    wide(page)
    accessible(page)


def test_set_up_is_accessible(page: Page, tmp_path_factory: pytest.TempPathFactory) -> None:
    desk = Desk(tmp_path_factory.mktemp("empty"))
    wide(page)
    page.goto(f"{desk.url}{links.setup(desk.setup_link())}")
    expect(page.get_by_role("heading", level=1)).to_have_text("Set up this desk")
    accessible(page)
    desk.stop()


def test_what_is_not_there_or_not_allowed_is_a_page_with_a_way_back(page: Page, states: States) -> None:
    for path, who, status, words in (
        (states.case("ready", "x"), "owner", 404, "Not found"),
        (states.case("ready", "/accept"), "viewer", 403, "Not allowed"),
        (links.connections(states.shop.slug) + "/none", "owner", 404, "Not found"),
    ):
        opened(page, states, "/sign-in", who)
        answer = page.goto(states.desk.url + path)
        assert answer is not None
        assert answer.status == status
        expect(page.get_by_role("heading", level=1)).to_have_text(words)
        expect(page.locator("main a.act")).to_be_visible()
        accessible(page)


def test_an_answer_that_was_changed_meanwhile_is_not_filed_and_that_is_said(page: Page, states: States) -> None:
    opened(page, states, states.case("inquiry", "/approve"))
    with states.desk.runtime.database.writing() as session:
        dispute = store.dispute_of(session, states.shop.id, states.ids["inquiry"])
        store_case.void_response(session, dispute, states.round(session, dispute), states.desk.now, 6)
    with page.expect_response(re.compile("/approve$")) as told:
        page.get_by_role("button", name="Approve and file now").click()
    assert told.value.status == 409
    expect(page.locator("main")).to_contain_text("Nothing was sent")
    accessible(page)


def test_a_file_that_is_too_large_is_refused_on_a_page(page: Page, states: States) -> None:
    opened(page, states, links.policies(states.shop.slug))
    page.get_by_label("What it is about").select_option("return")
    page.get_by_label("In force from").fill("2026-01-01")
    large = {"name": "returns.txt", "mimeType": "text/plain", "buffer": b"x" * 7 * 2**20}
    page.get_by_label("File", exact=True).set_input_files(large)  # type: ignore[arg-type]
    page.get_by_role("button", name="Keep this version").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Too large")
    expect(page.locator("main")).to_contain_text("Nothing was stored")
    accessible(page)


def test_what_breaks_inside_the_desk_is_a_page_too(page: Page, states: States) -> None:
    states.desk.engine.broken = True
    try:
        opened(page, states, states.case("needs_evidence"))
        page.get_by_role("button", name="Ask every source again").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("That did not work")
        expect(page.locator("main")).to_contain_text("nothing was filed")
        accessible(page)
    finally:
        states.desk.engine.broken = False


def test_without_a_line_nothing_is_sent_and_what_was_typed_stays(page: Page, states: States) -> None:
    opened(page, states, states.case("needs_evidence"))
    page.wait_for_load_state("load")
    page.get_by_label("Write a note").fill("The carrier calls back at four.")
    page.context.set_offline(True)
    try:
        page.get_by_role("button", name="Save the note").click()
        expect(page.get_by_role("alert").filter(has_text="You are offline")).to_be_visible()
        expect(page.get_by_label("Write a note")).to_have_value("The carrier calls back at four.")
        accessible(page)
    finally:
        page.context.set_offline(False)


def test_a_team_of_several_with_rights_beyond_a_role_is_accessible(page: Page, states: States) -> None:
    member(states.desk, states.shop, "agent", rights=["approve", "file"])
    opened(page, states, links.team(states.shop.slug))
    expect(page.get_by_text("+ Approve").first).to_be_visible()
    accessible(page)
