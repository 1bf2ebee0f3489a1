"""Foreign mail that tries to act, and files dropped, pasted and sent one by one, in real Chromium."""

from __future__ import annotations

import base64
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import FilePayload, Page, Route, expect

from disputes import links, store_evidence, store_people, store_work
from disputes.models import Dispute, EvidenceItem, Merchant, Person
from disputes.ports import Gathered
from evidence.mail import Own, read_mail
from tests.evidence.mail.builders import mail
from tests.evidence.mail.hostile import PAGE
from tests.evidence.packet.builders import build_pdf, build_photo
from tests.web import desk as web_desk
from tests.web.desk import Browser, Desk

PHOTO = build_photo(800, 600)
PARTS = ("evidence", "mail", "notes", "timeline")


class Opened:
    """A shop with one case, and a signed-in browser before it."""

    def __init__(self, desk: Desk, chromium: Chromium) -> None:
        self.desk = desk
        self.person: Person = desk.person()
        self.merchant: Merchant = desk.shop(self.person)
        self.case: Dispute = desk.case(self.merchant, order_ref="LL-1009")
        self.http: Browser = desk.signed_in(self.person)
        self.here = desk.url + links.case(self.merchant.slug, self.case.id)
        self._context = chromium.new_context(viewport={"width": 1280, "height": 900})
        self._context.set_default_timeout(30_000)
        token = self.http.client.cookies["counterproof"]
        self._context.add_cookies([{"name": "counterproof", "value": token, "url": desk.url}])
        self.page: Page = self._context.new_page()
        self.heard: list[str] = []
        self.page.on("pageerror", lambda error: self.heard.append(str(error)))

    def close(self) -> None:
        self._context.close()

    def items(self) -> list[EvidenceItem]:
        with self.desk.runtime.database.reading() as session:
            return list(store_evidence.items_of(session, self.case.id))

    def lay(self, data: bytes) -> EvidenceItem:
        letter = read_mail(data, Own.of(["lale.example"]))
        assert letter is not None
        gathered = Gathered(letter.data, "message/rfc822", "m.eml", "asked", letter.message, "certain", "")
        sha256 = self.desk.runtime.files.put(self.merchant.id, letter.data)
        with self.desk.runtime.database.writing() as session:
            return store_evidence.upsert(
                session, self.case, gathered, source="imap", source_title="Mailbox", sha256=sha256, now=self.desk.now
            )


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with pytest.MonkeyPatch.context() as patch:
        # The page draws the packet, so that it has to be one.
        patch.setattr(web_desk, "PACKET", build_pdf())
        made = Desk(tmp_path_factory.mktemp("desk"))
        yield made
        made.stop()


@pytest.fixture
def opened(chromium: Chromium, desk: Desk) -> Iterator[Opened]:
    made = Opened(desk, chromium)
    yield made
    made.close()
    assert made.heard == []


def drop(page: Page, *files: tuple[str, str, bytes]) -> None:
    """Name, type and bytes of files dropped somewhere on the page."""
    given = [{"name": name, "type": kind, "data": base64.b64encode(data).decode()} for name, kind, data in files]
    carried = page.evaluate_handle(
        """files => { const carried = new DataTransfer();
        for (const file of files) carried.items.add(new File(
          [Uint8Array.from(atob(file.data), sign => sign.charCodeAt(0))], file.name, { type: file.type }));
        return carried; }""",
        given,
    )
    for event in ("dragenter", "dragover", "drop"):
        page.dispatch_event("main", event, {"dataTransfer": carried})


def jpeg(name: str, data: bytes) -> FilePayload:
    return {"name": name, "mimeType": "image/jpeg", "buffer": data}


def rows(page: Page) -> list[str]:
    return page.locator(".files .file .state").all_text_contents()


class TestAHostileMail:
    def test_runs_nothing_and_loads_nothing(self, opened: Opened) -> None:
        item = opened.lay(mail(body=PAGE, content_type="text/html; charset=utf-8"))
        asked: list[str] = []
        page = opened.page
        page.on("request", lambda request: asked.append(request.url))
        address = f"{opened.here}/messages/{item.id}/original"
        page.goto(address)
        page.wait_for_timeout(1_500)
        assert asked == [address]
        assert page.url == address
        assert page.title().startswith("As it was sent")
        expect(page.locator("body")).to_contain_text("Hello, this is Emily.")
        assert page.locator("script, form, input, iframe, svg, base, link, a, [style], img[src]").count() == 0

    def test_would_be_stopped_by_the_policy_alone(self, opened: Opened) -> None:
        """The same page with the sanitiser away: what it asks for is refused before it reaches the network."""
        item = opened.lay(mail(body="Hello"))
        address = f"{opened.here}/messages/{item.id}/original"
        policy = opened.http.client.get(address).headers["content-security-policy"]
        page = opened.page
        sent: list[str] = []
        headers = {"content-security-policy": policy, "content-type": "text/html"}

        def answer(route: Route) -> None:
            sent.append(route.request.url)
            route.fulfill(body=PAGE, headers=headers)

        page.route("**/*", answer)
        page.goto(address)
        page.wait_for_timeout(1_500)
        assert sent == [address]
        assert page.title() != "owned"
        assert page.url == address

    def test_reads_as_plain_words_on_the_case(self, opened: Opened) -> None:
        opened.lay(mail(body=PAGE, content_type="text/html; charset=utf-8"))
        asked: list[str] = []
        opened.page.on("request", lambda request: asked.append(request.url))
        opened.page.goto(f"{opened.here}/messages")
        opened.page.wait_for_load_state("networkidle")
        assert [each for each in asked if not each.startswith(opened.desk.url)] == []
        assert opened.page.title() != "owned"


class TestFiles:
    def test_dropped_together_are_sent_one_by_one_and_a_refused_one_takes_no_other_with_it(
        self, opened: Opened
    ) -> None:
        page = opened.page
        page.goto(opened.here)
        drop(
            page,
            ("door.jpg", "image/jpeg", PHOTO),
            ("virus.exe", "", b"MZ"),
            ("slip.pdf", "application/pdf", build_pdf()),
        )
        expect(page.locator(".files .file")).to_have_count(3)
        expect(page.locator(".upload .count")).to_contain_text("3 files are ready below")
        page.select_option("#u-item", "delivery_photo")
        page.click(".upload button.act")
        expect(page.locator(".upload .count")).to_contain_text("2 of 3 stored. 1 could not be taken", timeout=30_000)
        stored, refused, also = rows(page)
        assert (stored, also) == ("Stored: it is on the case.",) * 2
        assert refused.startswith("Not stored: 'virus.exe' is a .exe file; PDF, JPEG, PNG, HEIC and .eml are taken")
        assert sorted(each.name for each in opened.items()) == ["door.jpg", "slip.pdf"]
        # The small picture of the PDF is drawn by the desk.
        assert (
            page.locator(".file.stored .look img").evaluate("image => image.decode().then(() => image.naturalWidth)")
            > 100
        )

    def test_each_shows_what_was_chosen_for_it(self, opened: Opened) -> None:
        page = opened.page
        page.goto(opened.here)
        page.select_option("#u-item", "delivery_photo")
        page.set_input_files(
            "#f-files",
            [jpeg("a.jpg", PHOTO), jpeg("b.jpg", build_photo(500, 400))],
        )
        page.locator(".file select").nth(1).select_option("delivery_signature")
        page.click(".upload button.act")
        page.wait_for_url("**?note=uploaded*")
        assert {each.name: each.fact["item"] for each in opened.items()} == {
            "a.jpg": "delivery_photo",
            "b.jpg": "delivery_signature",
        }
        expect(page.locator("main > .note[role=status]")).to_contain_text("The files are stored.")

    def test_without_a_choice_are_asked_about_and_sent_after_it(self, opened: Opened) -> None:
        page = opened.page
        page.goto(opened.here)
        drop(page, ("door.jpg", "image/jpeg", PHOTO))
        page.click(".upload button.act")
        expect(page.locator(".file .state")).to_have_text("Not stored: Choose what it shows, then add it.")
        page.locator(".file select").select_option("delivery_photo")
        page.click(".upload button.act")
        page.wait_for_url("**?note=uploaded*")
        assert [each.name for each in opened.items()] == ["door.jpg"]

    def test_a_picture_that_is_pasted_gets_a_name_and_is_shown(self, opened: Opened) -> None:
        page = opened.page
        page.goto(opened.here)
        page.evaluate(
            """data => { const carried = new DataTransfer();
            const bytes = Uint8Array.from(atob(data), sign => sign.charCodeAt(0));
            carried.items.add(new File([bytes], "image.png", { type: "image/png" }));
            const pasted = { clipboardData: carried, bubbles: true, cancelable: true };
            document.body.dispatchEvent(new ClipboardEvent("paste", pasted)); }""",
            base64.b64encode(build_photo(300, 200, format="PNG")).decode(),
        )
        expect(page.locator(".file .name")).to_contain_text("Pasted picture.png")
        expect(page.locator(".file .look canvas")).to_be_visible()

    def test_that_the_line_lost_say_so_and_can_be_tried_again(self, opened: Opened) -> None:
        page = opened.page
        page.goto(opened.here)
        page.select_option("#u-item", "delivery_photo")
        drop(page, ("door.jpg", "image/jpeg", PHOTO))
        page.route("**/evidence", lambda route: route.abort())
        page.click(".upload button.act")
        expect(page.locator(".file .state")).to_contain_text("The line broke before it arrived.")
        assert opened.items() == []
        page.unroute("**/evidence")
        page.get_by_role("button", name="Try again: door.jpg").click()
        page.wait_for_url("**?note=uploaded*")
        assert [each.name for each in opened.items()] == ["door.jpg"]

    def test_too_large_ones_are_refused_before_they_travel(self, opened: Opened) -> None:
        page = opened.page
        page.goto(opened.here)
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url) if request.method == "POST" else None)
        page.evaluate("document.getElementById('add-files').dataset.mostBytes = '1000'")
        page.select_option("#u-item", "delivery_photo")
        drop(page, ("door.jpg", "image/jpeg", PHOTO))
        expect(page.locator(".file .state")).to_have_text(
            "Not stored: Larger than 20 MB. Make it smaller and choose it again."
        )
        page.click(".upload button.act")
        assert [each for each in asked if each.endswith("/evidence")] == []

    def test_what_is_typed_elsewhere_is_not_lost_by_a_stored_file(self, opened: Opened) -> None:
        page = opened.page
        page.goto(opened.here)
        page.fill("#f-text", "Half a note")
        page.select_option("#u-item", "delivery_photo")
        drop(page, ("door.jpg", "image/jpeg", PHOTO))
        page.click(".upload button.act")
        expect(page.locator(".upload .count")).to_contain_text(
            "Something else on this page is typed and not saved.", timeout=30_000
        )
        assert page.input_value("#f-text") == "Half a note"

    def test_are_added_without_scripts_as_well(self, opened: Opened, chromium: Chromium) -> None:
        context = chromium.new_context(java_script_enabled=False)
        context.add_cookies(
            [{"name": "counterproof", "value": opened.http.client.cookies["counterproof"], "url": opened.desk.url}]
        )
        page = context.new_page()
        page.goto(opened.here)
        page.select_option("#u-item", "delivery_photo")
        page.set_input_files("#f-files", [jpeg("a.jpg", PHOTO)])
        page.click(".upload button.act")
        page.wait_for_url("**?note=uploaded*")
        assert [each.name for each in opened.items()] == ["a.jpg"]
        context.close()


class TestNotesAndCompany:
    def test_a_note_appears_without_loading_the_page_and_can_be_taken_back(self, opened: Opened) -> None:
        page = opened.page
        page.goto(opened.here)
        page.evaluate("window.still = true")
        page.fill("#f-text", "Asked the carrier.")
        page.click("#b-note")
        expect(page.locator(".notes .items")).to_contain_text("Asked the carrier.")
        page.get_by_role("button", name="Delete your note").click()
        expect(page.locator(".notes .note")).to_contain_text("The note is deleted.")
        page.locator(".notes").get_by_role("button", name="Undo").click()
        expect(page.locator(".notes .items")).to_contain_text("Asked the carrier.")
        page.click("#b-me")
        expect(page.locator("#f-person")).to_have_value(opened.person.id)
        assert page.evaluate("window.still") is True

    def test_a_colleague_on_the_same_case_is_seen(self, opened: Opened) -> None:
        ayse = opened.desk.person()
        with opened.desk.runtime.database.writing() as session:
            session.get_one(Person, ayse.id).name = "Ayşe Kaya"
            store_people.join(session, opened.merchant.id, ayse.id, "agent")
            store_work.ping(session, opened.case, ayse.id, opened.desk.now)
        opened.page.goto(opened.here)
        expect(opened.page.locator("#present")).to_have_text("Ayşe Kaya is on this case too.")

    def test_one_side_of_the_timeline_is_shown_in_place(self, opened: Opened) -> None:
        page = opened.page
        opened.http.post(links.case(opened.merchant.slug, opened.case.id) + "/notes", text="Asked the carrier.")
        page.goto(opened.here)
        page.evaluate("window.still = true")
        page.click("#side-desk")
        expect(page.locator("#side-desk")).to_have_attribute("aria-current", "true")
        expect(page.locator("#timeline-part")).not_to_contain_text("Dispute opened189")
        assert page.evaluate("window.still") is True


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_any_state(opened: Opened, scheme: str) -> None:
    page = opened.page
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    opened.lay(
        mail(body="Paket gelmedi.\n\nOn 1 Oct 2026 at 10:00 Lale <a@lale.example> wrote:\n> Hello", message_id="<a@x>")
    )
    item = opened.lay(mail(body=PAGE, content_type="text/html; charset=utf-8", message_id="<b@x>"))
    opened.http.post(links.case(opened.merchant.slug, opened.case.id) + "/notes", text="Asked the carrier.")
    page.goto(opened.here)
    drop(page, ("door.jpg", "image/jpeg", PHOTO), ("virus.exe", "", b"MZ"))
    page.select_option("#u-item", "delivery_photo")
    page.click(".upload button.act")
    expect(page.locator(".upload .count")).to_contain_text("1 of 2 stored", timeout=30_000)
    # The page as a whole has tests of its own; here are the parts this file is about.
    assert faults(page, {"include": [[f"section[aria-labelledby={name}]"] for name in PARTS]}) == []
    page.goto(f"{opened.here}/messages")
    assert faults(page) == []
    # No script runs on the original, not even a tester's: its markup is looked at on an empty page.
    original = opened.http.client.get(f"{opened.here}/messages/{item.id}/original").text
    page.goto("about:blank")
    page.set_content(original)
    assert faults(page) == []


def faults(page: Page, parts: dict[str, list[list[str]]] | None = None) -> list[tuple[str, list[str]]]:
    """What axe finds with everything unfolded."""
    page.evaluate("document.querySelectorAll('main details').forEach(node => { node.open = true; })")
    found = Axe().run(page, context=parts, options={"resultTypes": ["violations"]}).response["violations"]
    return [(each["id"], [node["html"][:160] for node in each["nodes"]]) for each in found]
