"""The languages: every text has its translation, every page says its texts through them, and people may choose."""

from __future__ import annotations

import re
from collections.abc import Iterable

import pytest
from babel.messages.catalog import Message
from sqlmodel import select

from disputes import links
from disputes.clock import local_day
from disputes.models import Merchant, OutgoingMail
from disputes.phrases import phrase
from scheduler import digest
from templates import language
from tests import catalogue
from tests.web import marked, people
from tests.web.desk import Browser, Desk
from tests.web.every_state import every_state

OTHERS = [each for each in language.LANGUAGES if each != language.DEFAULT]
_PLACE = re.compile(r"%\((\w+)\)s|\{(\w+)\}|(</?\w+[^>]*>)")


def messages() -> list[Message]:
    return [each for each in catalogue.found() if each.id]


def places(text: str) -> set[str]:
    return {next(part for part in found if part) for found in _PLACE.findall(text)}


class TestACatalogue:
    @pytest.mark.parametrize("name", OTHERS)
    def test_holds_every_text_and_no_other(self, name: str) -> None:
        """Renewed by `python -m tests.catalogue`."""
        wanted = {each.id for each in messages()}
        kept = {each.id for each in catalogue.kept(name) if each.id}
        assert {"missing": wanted - kept, "gone": kept - wanted} == {"missing": set(), "gone": set()}

    @pytest.mark.parametrize("name", OTHERS)
    def test_translates_every_text(self, name: str) -> None:
        assert [each.id for each in catalogue.kept(name) if each.id and not catalogue.translated(each)] == []

    @pytest.mark.parametrize("name", OTHERS)
    def test_keeps_the_places_that_values_go_into(self, name: str) -> None:
        wrong = []
        for each in catalogue.kept(name):
            ids, forms = ((each.id,), (each.string,)) if isinstance(each.id, str) else (each.id, tuple(each.string))
            if each.id and any(not places(form) <= places(" ".join(ids)) for form in forms if form):
                wrong.append(each.id)
            if each.id and isinstance(each.id, str) and each.string and places(each.string) != places(each.id):
                wrong.append(each.id)
        assert wrong == []


# ---- no text past the catalogue ------------------------------------------------------------------------------------


@pytest.fixture
def own_marked(own_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setattr(language, "_catalogue", marked.catalogue_of)
    return own_desk


def shop(desk: Desk) -> tuple[Browser, Merchant]:
    person = desk.person()
    merchant = desk.shop(person)
    return desk.signed_in(person), merchant


GATEWAYS_WORD = "deny offer"
"""An act that only the gateway's own page can do is called as the gateway calls it."""


@pytest.mark.parametrize("own_desk", ["sqlite"], indirect=True)
class TestNoTextPastTheCatalogue:
    """What is said does not depend on the database."""

    def test_is_on_a_page_of_a_shop_with_a_case_in_every_state(self, own_marked: Desk) -> None:
        browser, merchant = shop(own_marked)
        cases = every_state(own_marked, merchant)
        starts = [links.queue(merchant.slug), *(links.case(merchant.slug, each.id) for each in cases)]
        nothing_left(own_marked, marked.reached(browser, *starts), GATEWAYS_WORD)

    def test_is_in_a_list_of_cases(self, own_marked: Desk) -> None:
        browser, merchant = shop(own_marked)
        every_state(own_marked, merchant)
        lists = [links.queue(merchant.slug), f"{links.outcomes(merchant.slug)}"]
        found = {link for page in lists for link in marked.links_of(browser.get(page).text) if "?" in link}
        assert len(found) > 20
        pages = ((link, browser.get(link).text) for link in sorted(found) if ".csv" not in link)
        nothing_left(own_marked, pages)

    @pytest.mark.parametrize("role", ["viewer", "agent"])
    def test_is_shown_to_who_may_do_less(self, own_marked: Desk, role: str) -> None:
        _, merchant = shop(own_marked)
        cases = every_state(own_marked, merchant)[:20]
        browser = people.browser(own_marked, merchant, role)
        starts = [links.queue(merchant.slug), *(links.case(merchant.slug, each.id) for each in cases)]
        pages = [*marked.reached(browser, *starts)]
        refused = [(f"{starts[1]}/approve", {}), (links.settings(merchant.slug), {}), (f"{starts[1]}/acts/accept", {})]
        pages += [(path, browser.post(path, **form).text) for path, form in refused]
        nothing_left(own_marked, pages, GATEWAYS_WORD)

    def test_is_in_what_a_form_answers(self, own_marked: Desk) -> None:
        """Every form of every page, sent as it is and with nonsense; then the pages, mails and records that follow."""
        browser, merchant = shop(own_marked)
        cases = every_state(own_marked, merchant)
        starts = [links.queue(merchant.slug), *(links.case(merchant.slug, each.id) for each in cases)]
        seen = (page for _, page in marked.reached(browser, *starts))
        forms = {(path, names): form for page in seen for path, names, form in marked.forms_of(page)}
        answers = []
        for nonsense in ("", "x"):
            for (path, names), form in forms.items():
                if nonsense and path.endswith(("/connections", "/sources", "/key")):
                    continue  # the desk would call the address that is typed there
                typed = form | dict.fromkeys(names, nonsense) if nonsense else form
                answer = browser.post(path, **typed)
                if answer.is_redirect and (there := answer.headers["location"]).startswith("/m/"):
                    answer = browser.get(there)
                if "text/html" in answer.headers.get("content-type", ""):
                    answers.append((path, answer.text))
        assert len(answers) > 60
        answers += [*marked.reached(browser, *starts, f"/m/{merchant.slug}/audit")]
        nothing_left(own_marked, answers, f"{GATEWAYS_WORD} Ada Moll")

    def test_is_in_a_mail(self, own_marked: Desk) -> None:
        browser, merchant = shop(own_marked)
        every_state(own_marked, merchant)
        browser.post(f"/m/{merchant.slug}/team/invitations", email="new@shop.example", role="agent")
        own_marked.browser().post("/forgotten", data={"email": "ada@shop.example"})
        digest.run(own_marked.runtime, merchant.id, local_day(own_marked.now, merchant.zone))
        with own_marked.runtime.database.reading() as session:
            mails = list(session.exec(select(OutgoingMail).where(OutgoingMail.kind != "asked")))
        assert {"digest", "invited"} <= {each.kind for each in mails}
        data = marked.held(own_marked.runtime, without=("outgoing_mail",))
        for each in mails:
            assert marked.bare(f"{each.subject}\n{each.text}", data) == []
            assert marked.past_the_catalogue(each.html, data) == []

    def test_meets_who_is_not_signed_in(self, own_marked: Desk) -> None:
        client = own_marked.browser(follow_redirects=True)
        token = own_marked.setup_link()
        read = [
            "/sign-in",
            "/sign-in/second",
            "/forgotten",
            "/reset/none",
            "/invited/none",
            "/setup/none",
            links.setup(token),
        ]
        pages = [(path, client.get(path).text) for path in [*read, "/nowhere", "/m/none/"]]
        pages += [
            (path, client.post(path, data=form).text)
            for path, form in (
                ("/sign-in", {"email": "ada@shop.example", "password": "wrong"}),
                ("/sign-in/second", {"code": "1"}),
                ("/forgotten", {"email": "ada@shop.example"}),
                ("/reset/none", {"password": "x"}),
                ("/invited/none", {"name": "x"}),
                (links.setup(token), {}),
                (links.setup(token), {"name": "Ada", "email": "no address", "password": "x", "shop": "Lale"}),
                ("/language", {"language": "xx"}),
            )
        ]
        nothing_left(own_marked, pages, typed="no address")

    def test_is_in_what_is_refused_altogether(self, own_marked: Desk) -> None:
        browser, merchant = shop(own_marked)
        here = links.case(merchant.slug, own_marked.case(merchant).id)
        large = {"files": ("large.pdf", b"%PDF-1.4" + b"x" * (21 * 2**20), "application/pdf")}
        answers = {
            404: browser.get(f"{here}0"),
            405: browser.client.put(here),
            403: browser.client.post(f"{here}/approve", data={"csrf": "stale"}),
            413: browser.client.post(f"/m/{merchant.slug}/settings", content=b"x" * (2 * 2**20)),
            422: browser.post(f"{here}/evidence", files=large, item="invoice"),
        }
        pages = ((f"{code}: {each.status_code}", each.text) for code, each in answers.items())
        nothing_left(own_marked, pages, typed="'large.pdf'")


def nothing_left(desk: Desk, pages: Iterable[tuple[str, str]], typed: str = "") -> None:
    """Fails with each text that came past the catalogue and the first page that says it. `typed`: into a form."""
    pages = list(pages)
    data = f"{marked.held(desk.runtime)}\n{typed}".casefold()
    found: dict[str, str] = {}
    for path, page in pages:
        for text in marked.past_the_catalogue(page, data):
            found.setdefault(text, path)
    assert not found, "\n".join(f"{text!r} on {path}" for text, path in sorted(found.items()))


class TestChoosing:
    def test_a_browser_is_answered_as_it_asks(self, desk: Desk) -> None:
        with desk.browser(headers={"accept-language": "tr-TR,tr;q=0.9,en;q=0.5"}) as client:
            assert '<html lang="tr">' in client.get("/sign-in").text
        with desk.browser(headers={"accept-language": "fr"}) as client:
            assert '<html lang="en">' in client.get("/sign-in").text

    def test_a_choice_holds_and_leads_back(self, desk: Desk) -> None:
        browser, merchant = shop(desk)
        queue = links.queue(merchant.slug)
        answer = browser.post("/language", language="tr", back=queue)
        assert answer.headers["location"] == queue
        assert '<html lang="tr">' in browser.get(queue).text

    def test_it_never_leads_to_another_site(self, desk: Desk) -> None:
        with desk.browser() as client:
            for back in ("https://elsewhere.example/", "//elsewhere.example", "/\\elsewhere.example"):
                answer = client.post("/language", data={"language": "tr", "back": back})
                assert answer.headers["location"] == "/"

    def test_an_unknown_language_is_refused(self, desk: Desk) -> None:
        with desk.browser() as client:
            assert client.post("/language", data={"language": "xx", "back": "/"}).status_code == 422


def test_money_dates_and_shares_are_written_as_the_language_does() -> None:
    from datetime import UTC, datetime

    from disputes.money import Money

    at = datetime(2026, 11, 5, 14, 32, tzinfo=UTC)
    with language.speaking("en"):
        assert language.money_words(Money(123450, "EUR")) == "1,234.50 EUR"
        assert language.instant_words(at, "Europe/Istanbul") == "5 Nov 2026, 17:32 UTC+3"
        assert language.share_words(0.5) == "50%"
    with language.speaking("tr"):
        assert language.money_words(Money(-123450, "TRY")) == "−1.234,50 TRY"
        assert language.instant_words(at, "UTC") == "5 Kas 2026, 14:32 UTC"
        assert language.share_words(0.5) == "%50"


def test_what_a_kept_sentence_was_made_of_is_written_as_the_language_does() -> None:
    kept = phrase("Missing: {item}. {why}", item=phrase("Order {at}", at="2026-13-45"), why="1234.50 TRY")
    with language.speaking("tr"):
        assert language.told(kept) == "Eksik: Order 2026-13-45. 1.234,50 TRY"
        assert language.told(phrase("in force on {day}, the day of the order", day="2026-11-05")) == (
            "sipariş günü olan 5 Kas 2026 tarihinde yürürlükte"
        )
    with language.speaking("en"):
        assert language.told(kept) == str(kept)
