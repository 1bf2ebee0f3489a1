from __future__ import annotations

import logging
import re
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from unittest import mock

import pikepdf
import pypdfium2
import pytest
from weasyprint import CSS, HTML, Document
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError

import templates
from disputes.money import Money
from evidence.packet import layout
from evidence.packet.context import Credit, PacketContext
from evidence.packet.errors import RenderFailed
from evidence.packet.layout import Fetcher, lay_out, no_warnings
from tests.evidence.packet.builders import build_context, build_exhibit, build_message, build_part, build_photo, digest
from tests.evidence.packet.conftest import Build

CHANNELS = (
    '<img src="{}">',
    '<link rel="stylesheet" href="{}">',
    '<link rel="attachment" href="{}">',
    '<object data="{}"></object>',
    '<embed src="{}">',
    '<div style="background: url({})">x</div>',
    '<style>@import "{}";</style>',
    '<p style="content: url({})">',
    "<style>@font-face {{ font-family: x; src: url({}) }}</style>",
    '<ul style="list-style-image: url({})"><li>x</ul>',
    '<svg width="9" height="9"><image href="{}" width="9" height="9"/></svg>',
    "<style>@page {{ background: url({}) }}</style>",
)


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize(
    "address", ["file:///etc/hostname", "http://127.0.0.1:9/x", "http://169.254.169.254/", "data:,x"]
)
def test_the_renderer_fetches_nothing(channel: str, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    reached: list[str] = []
    monkeypatch.setattr("urllib.request.OpenerDirector.open", lambda _self, url, *_, **__: reached.append(url))
    fetcher = Fetcher(allowed_protocols=(), allow_redirects=False)
    with suppress(FatalURLFetchingError):
        HTML(string=channel.format(address), url_fetcher=fetcher, base_url="packet:").write_pdf()
    assert reached == []


def test_asking_for_anything_else_ends_the_render() -> None:
    with pytest.raises(FatalURLFetchingError, match=r"the packet asked for"):
        HTML(string='<img src="http://127.0.0.1:9/x">', url_fetcher=Fetcher(), base_url="packet:").write_pdf()


def test_a_missing_glyph_fails_the_packet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("evidence.packet.view.letter_body", lambda text: text)
    context = build_context(exhibits=(build_exhibit(messages=(build_message("很"),)),))
    with pytest.raises(RenderFailed, match=r"\.notdef glyph"):
        lay_out(context, {})


def test_any_warning_of_the_renderer_fails_the_packet(monkeypatch: pytest.MonkeyPatch) -> None:
    good = templates.text_of
    monkeypatch.setattr(templates, "text_of", lambda name: good(name) + "p { colour: red }")
    with pytest.raises(RenderFailed, match=r"The renderer warned: Ignored"):
        lay_out(build_context(), {})


def test_a_warning_is_heard_and_a_quiet_render_is_not_disturbed() -> None:
    with no_warnings():
        logging.getLogger("weasyprint").info("fine")
    with pytest.raises(RenderFailed, match=r"The renderer warned: odd"), no_warnings():
        logging.getLogger("weasyprint").warning("odd")


def test_templates_use_neither_flex_nor_grid_nor_grey() -> None:
    css = templates.text_of("packet/packet.css")
    rules = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    assert not re.search(r"flex|grid|colspan|#[0-9a-f]{3}|grey|gray|rgb", rules)
    assert set(re.findall(r"(?<![-\w])color: (\w+)", rules)) == {"black"}


def test_no_type_is_smaller_than_a_fax_can_carry() -> None:
    sizes = [float(size) for size in re.findall(r"font-size: ([\d.]+)pt", templates.text_of("packet/packet.css"))]
    assert min(sizes) >= 9.5
    assert "font-size: 12pt" in templates.text_of("packet/packet.css")


def test_the_place_of_each_picture_is_found_under_the_renderers_name(build: Build, tmp_path: Path) -> None:
    photo = build_photo(320, 240)
    exhibit = build_exhibit(files=(build_part(photo, "a.jpg"), build_part(photo, "a.jpg")))
    build(build_context(exhibits=(exhibit,)), {digest(photo): photo})
    with pikepdf.open(tmp_path / "packet.pdf") as pdf:
        widths = [int(item.Width) for item in pdf.pages[-1].resources.XObject.values()]
    assert widths == [320, 320]


def test_sheets_have_no_rule_the_renderer_ignores() -> None:
    with no_warnings():
        CSS(string=templates.text_of("packet/packet.css"), url_fetcher=Fetcher(), base_url="packet:")


def test_all_sizes_of_page_one_have_a_rule() -> None:
    css = templates.text_of("packet/packet.css")
    assert all(f".{size} .one" in css for size in layout.SIZES[1:])


def as_set(context: PacketContext, size: str) -> Document:
    """The packet with page one in this size, whether it fits or not."""
    document, _ = layout._whole(context, {}, size, FontConfiguration(), dense=False)
    return document


def letter_page(document: Document) -> int:
    return next(number for number, page in enumerate(document.pages, 1) if "letter" in page.anchors)


def test_a_packet_whose_page_one_fits_is_laid_out_once() -> None:
    context = build_context()
    expected = as_set(context, "full").write_pdf(pdf_version="1.6")
    with mock.patch.object(layout, "_document", wraps=layout._document) as renders:
        assert lay_out(context, {}).pdf == expected
    renders.assert_called_once()


@pytest.mark.parametrize(("sentences", "size"), [(36, "snug"), (43, "tight")])
def test_a_page_one_that_runs_over_is_set_in_the_first_size_that_fits(sentences: int, size: str) -> None:
    ground = "The parcel was delivered to the door and signed for by the customer. " * sentences
    context = build_context(ground=ground.strip())
    larger = layout.SIZES[: layout.SIZES.index(size)]
    assert [letter_page(as_set(context, one)) for one in (*larger, size)] == [*[3] * len(larger), 2]
    assert lay_out(context, {}).pdf == as_set(context, size).write_pdf(pdf_version="1.6")


def test_a_reference_longer_than_a_line_is_broken_and_stays_on_the_paper(build: Build, tmp_path: Path) -> None:
    long = "LaleSq08Pay0000000000000000ZY_DbdbogXcJNRZYFwbANF7CDRnczWvbo8IgrOTjeqYpX2" * 2
    credit = Credit(at=datetime(2026, 11, 4, tzinfo=UTC), amount=Money(7400, "AUD"), reference=long)
    build(build_context(ground=f"A credit was issued: {long}.", credits=(credit,)), {})
    with pypdfium2.PdfDocument(tmp_path / "packet.pdf") as document:
        page = document[0]
        words = page.get_textpage()
        rights = [words.get_charbox(at)[2] for at in range(words.count_chars()) if words.get_text_range(at, 1).strip()]
        assert max(rights) <= page.get_width() - 16 / 25.4 * 72 + 1
