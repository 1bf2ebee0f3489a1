"""Pages are compressed for people and for the desk's own pages, and for nobody another site sent."""

from __future__ import annotations

import gzip

import pytest
from starlette.requests import Request
from starlette.responses import Response

from web.packed import LEAST, html_answer

LONG = "<p>Ayşe Demir</p>" * 200


def answer(text: str = LONG, **headers: str) -> Response:
    told = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return html_answer(Request({"type": "http", "headers": told}), text)


@pytest.mark.parametrize("site", ["same-origin", "none"])
def test_what_the_desk_or_a_person_asked_for_is_compressed(site: str) -> None:
    found = answer(accept_encoding="gzip, br", sec_fetch_site=site)
    assert found.headers["content-encoding"] == "gzip"
    assert gzip.decompress(bytes(found.body)).decode() == LONG
    assert int(found.headers["content-length"]) == len(found.body) < len(LONG)


@pytest.mark.parametrize("headers", [{"sec_fetch_site": "cross-site"}, {"sec_fetch_site": "same-site"}, {}])
def test_what_another_site_asked_for_is_not_so_its_size_tells_no_secret(headers: dict[str, str]) -> None:
    found = answer(accept_encoding="gzip", **headers)
    assert "content-encoding" not in found.headers
    assert bytes(found.body).decode() == LONG


def test_a_browser_that_takes_no_gzip_gets_none() -> None:
    assert "content-encoding" not in answer(accept_encoding="br", sec_fetch_site="none").headers


def test_little_is_left_as_it_is() -> None:
    assert "content-encoding" not in answer("x" * (LEAST - 1), accept_encoding="gzip", sec_fetch_site="none").headers


def test_caches_are_told_what_the_answer_depends_on() -> None:
    assert answer().headers["vary"] == "Accept-Encoding, Sec-Fetch-Site"
