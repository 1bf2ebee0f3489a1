"""What holds on every route: headers, tokens, origins, and that another merchant's things are not there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import httpx
import pytest
from fastapi.routing import APIRoute

from disputes import links
from tests.web.desk import Desk, words
from web.security import CSP


def routes(desk: Desk) -> Iterator[tuple[str, APIRoute]]:
    for route in walk(desk.app.routes):
        for method in sorted(route.methods or ()):
            yield method, route


def walk(found: Sequence[object]) -> Iterator[APIRoute]:
    """Included routers keep their routes to themselves in newer FastAPI versions."""
    for route in found:
        if isinstance(route, APIRoute):
            yield route
        elif inner := getattr(getattr(route, "original_router", None), "routes", None):
            yield from walk(inner)


def filled(path: str, **known: str) -> str:
    return re.sub(
        r"{(\w+)(:\w+)?}", lambda m: known.get(m[1], "1" if m[1] in ("number", "side") else f"some_{m[1]}"), path
    )


class TestEveryAnswer:
    @pytest.mark.parametrize(
        "path",
        ["/sign-in", "/", "/health", "/static/any/css/base.css", "/static/any/htmx.js", "/nowhere", "/webhooks/x"],
    )
    def test_carries_the_headers(self, desk: Desk, path: str) -> None:
        with desk.browser() as client:
            headers = client.get(path).headers
        assert headers["content-security-policy"] == CSP
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert "geolocation=()" in headers["permissions-policy"]
        assert ("no-store" in headers["cache-control"]) != path.startswith("/static/")

    def test_has_no_script_or_style_of_its_own(self, desk: Desk) -> None:
        person = desk.person()
        merchant = desk.shop(person)
        dispute, browser = desk.case(merchant), desk.signed_in(person)
        for path in (links.queue, links.connections, links.settings):
            self._clean(browser.get(path(merchant.slug)))
        here = links.case(merchant.slug, dispute.id)
        for page in ("", "/approve", "/packet", "/accept", "/acts/accept"):
            self._clean(browser.get(here + page))
        by_hand = desk.case(merchant, gateway="paypal", by_hand=True, fields={"OTHER.notes": "x"})
        self._clean(browser.get(f"{links.case(merchant.slug, by_hand.id)}/hand-over"))
        self._clean(browser.get(f"/m/{merchant.slug}/by-hand"))

    def _clean(self, answer: httpx.Response) -> None:
        assert answer.status_code == 200
        assert not re.search(r"<script(?![^>]*\ssrc=)|<style|\sstyle=|\son\w+=|javascript:", answer.text)


class TestForms:
    def test_without_the_token_nothing_is_changed(self, desk: Desk) -> None:
        person = desk.person()
        merchant = desk.shop(person)
        dispute, browser = desk.case(merchant), desk.signed_in(person)
        seen = 0
        for method, route in routes(desk):
            if method == "POST" and route.path.startswith("/m/"):
                path = filled(route.path, slug=merchant.slug, dispute_id=dispute.id)
                for form in ({}, {"csrf": "guessed"}):
                    answer = browser.client.post(path, data=form)
                    assert answer.status_code == 403, path
                    assert "Nothing was changed" in words(answer)
                seen += 1
        assert seen > 15

    @pytest.mark.parametrize(
        "headers",
        [
            {"origin": "https://evil.example"},
            {"origin": "null"},
            {"sec-fetch-site": "cross-site"},
            {"sec-fetch-site": "same-site"},
        ],
    )
    def test_of_another_site_are_refused_even_with_the_token(self, desk: Desk, headers: dict[str, str]) -> None:
        person = desk.person()
        merchant = desk.shop(person)
        browser = desk.signed_in(person)
        form = {"csrf": browser.csrf, "to": "stop"}
        answer = browser.client.post(f"{links.settings(merchant.slug)}/filing", data=form, headers=headers)
        assert answer.status_code == 403
        assert "Another site" in answer.text

    def test_of_a_browser_under_no_referrer_are_taken(self, desk: Desk) -> None:
        person = desk.person()
        merchant = desk.shop(person)
        browser = desk.signed_in(person)
        headers = {"origin": "null", "sec-fetch-site": "same-origin"}
        form = {"csrf": browser.csrf, "to": "stop"}
        answer = browser.client.post(f"{links.settings(merchant.slug)}/filing", data=form, headers=headers)
        assert answer.status_code == 303

    def test_that_are_too_large_are_refused_before_they_are_read(self, desk: Desk) -> None:
        with desk.browser() as client:
            assert client.post("/sign-in", content=b"x" * (2**20 + 1)).status_code == 413

            def endless() -> Iterator[bytes]:
                for _ in range(3):
                    yield b"x" * 2**19

            assert client.post("/webhooks/any", content=endless()).status_code == 413


class TestAnotherMerchant:
    def test_is_not_found_on_any_route(self, desk: Desk) -> None:
        theirs, mine = desk.person(), desk.person()
        other, shop = desk.shop(theirs), desk.shop(mine)
        foreign, own = desk.case(other), desk.case(shop)
        browser = desk.signed_in(mine)
        walked = 0
        for method, route in routes(desk):
            if not route.path.startswith("/m/"):
                continue
            ids = {"dispute_id": foreign.id, "connection_id": foreign.connection_id}
            # Their shop by its own name, and their things under mine.
            for slug in (other.slug, shop.slug):
                path = filled(route.path, slug=slug, **ids)
                if slug == shop.slug and "{dispute_id}" not in route.path and "{connection_id}" not in route.path:
                    continue
                answer = browser.get(path) if method == "GET" else browser.post(path, **_FORM, files=_files(path))
                if answer.status_code == 303:
                    # A page of its own only for scripts leads to the case, which is not there.
                    answer = browser.get(answer.headers["location"])
                # What is typed may be refused before their thing is looked for; never may it be found.
                refusals = (404,) if slug == other.slug or method == "GET" else (404, 422)
                assert answer.status_code in refusals, (method, path)
                assert foreign.external_id not in answer.text
                walked += 1
        assert walked > 30
        assert browser.get(links.case(shop.slug, own.id)).status_code == 200

    def test_strangers_are_sent_to_sign_in_on_every_page(self, desk: Desk) -> None:
        merchant = desk.shop()
        with desk.browser() as client:
            for method, route in routes(desk):
                if route.path.startswith("/m/"):
                    answer = client.request(method, filled(route.path, slug=merchant.slug))
                    assert answer.status_code == 303, route.path
                    assert answer.headers["location"] == links.sign_in()


_FORM = {
    "item": "x",
    "response": "0" * 64,
    "understood": "yes",
    "seen": "filed",
    "secret": "whsec_long_enough",
    "key": "rk_test_long_enough",
}


def _files(path: str) -> object:
    return {"files": ("proof.pdf", b"%PDF-1.4", "application/pdf")} if path.endswith("/evidence") else None


class TestLinks:
    def test_every_link_in_mails_leads_to_a_route(self, desk: Desk) -> None:
        paths = [
            links.queue("s"), links.case("s", "d"), links.connections("s"), links.settings("s"), links.calendar("t"),
            links.webhook("c"), links.setup("t"), links.sign_in(),
        ]  # fmt: skip
        known = [route.path_regex for _, route in routes(desk)]
        for path in paths:
            assert any(pattern.fullmatch(path) for pattern in known), path
