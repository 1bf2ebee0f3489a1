from __future__ import annotations

import io

import pytest
from PIL import Image

from evidence.packet.build import RenderFailed
from evidence.packet.preview import page_images
from tests.evidence.packet.builders import build_drawn_pdf
from tests.evidence.packet.conftest import InProcess


def test_pages_are_drawn_in_process_too() -> None:
    assert len(page_images(build_drawn_pdf(2), 50, InProcess())) == 2


def test_each_page_becomes_a_png_of_the_width_asked_for() -> None:
    pictures = page_images(build_drawn_pdf(2), 300)
    sizes = [Image.open(io.BytesIO(picture)).size for picture in pictures]
    assert sizes == [(300, 425), (300, 425)]


def test_a_preview_of_what_is_no_pdf_is_an_answer_not_a_crash() -> None:
    with pytest.raises(RenderFailed):
        page_images(b"nothing", 300)
