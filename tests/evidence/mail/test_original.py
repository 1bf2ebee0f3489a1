"""A message as it was sent, made inert."""

from __future__ import annotations

import re

import pytest

from evidence.mail.original import inert, original
from tests.evidence.mail.builders import mail, multipart
from tests.evidence.mail.hostile import PAGE


class TestInert:
    def test_keeps_the_words_and_nothing_that_acts(self) -> None:
        html, _ = inert(PAGE)
        assert "Hello" in html
        assert "<td>Cell</td>" in html
        assert not re.search(
            r"evil|javascript|\bon\w+=|<(?:script|style|svg|iframe|object|embed|form|input|button|base|meta|link|video)|href|style=|srcset",
            html,
            re.IGNORECASE,
        )

    def test_shows_what_a_style_hid(self) -> None:
        assert "hidden words" in inert(PAGE)[0]

    def test_counts_the_pictures_that_lie_elsewhere(self) -> None:
        assert inert('<img src="http://a.example/1.png"><img src="cid:logo">')[1] == 2

    def test_leaves_the_words_of_a_picture_in_its_place(self) -> None:
        assert (
            inert('<img src="http://a.example/1.png" alt="<b>Shop</b> & logo">')[0]
            == "[&lt;b&gt;Shop&lt;/b&gt; &amp; logo]"
        )

    def test_keeps_a_picture_that_the_page_carries_itself(self) -> None:
        carried = "data:image/png;base64,iVBORw0KGgo="
        assert carried in inert(f'<img src="{carried}">')[0]

    @pytest.mark.parametrize(
        "source",
        [
            "data:image/svg+xml;base64,PHN2Zz4=",
            "data:text/html,<script>1</script>",
            "data:image/png,http://x",
            "//x/y.png",
        ],
    )
    def test_keeps_no_other_kind_of_address(self, source: str) -> None:
        assert "src" not in inert(f'<img src="{source}">')[0]

    @pytest.mark.parametrize(
        "source",
        [
            "<math><mi//xlink:href='data:x'>",
            "<noscript><p title='</noscript><img src=x onerror=a()>'>",
            "<a <b onclick=1>",
        ],
    )
    def test_takes_tricks_of_nesting_apart(self, source: str) -> None:
        html = inert(source)[0]
        assert not re.search(r"<[^>]*\bon\w+\s*=", html)
        assert "src=" not in html


class TestOriginal:
    def test_shows_the_page_of_a_mail_that_has_both(self) -> None:
        body = multipart(("text/plain", "Plain words"), ("text/html", "<b>Bold words</b>"))
        found = original(mail(body=body, content_type='multipart/alternative; boundary="b"'))
        assert [(each.html, each.text) for each in found.parts] == [("<b>Bold words</b>", "")]
        assert ("Subject", "Hello") in found.headers

    def test_shows_plain_words_as_they_are(self) -> None:
        (part,) = original(mail(body="1 < 2 <script>")).parts
        assert part.text.strip() == "1 < 2 <script>"
        assert part.html == ""

    def test_names_what_was_attached(self) -> None:
        body = multipart(("text/plain", "See the photo"), ('image/png; name="shoe.png"', "xx"))
        found = original(mail(body=body, content_type='multipart/mixed; boundary="b"'))
        assert found.not_kept == ("shoe.png",)
