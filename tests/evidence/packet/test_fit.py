from __future__ import annotations

import io
from pathlib import Path

import pikepdf
import pytest
from PIL import Image

from evidence.packet.build import PacketRefused
from evidence.packet.images import LADDER, Rung, encode
from tests.evidence.packet.builders import (
    build_context,
    build_drawn_pdf,
    build_exhibit,
    build_message,
    build_part,
    build_photo,
    build_scan,
    digest,
)
from tests.evidence.packet.conftest import Build


def photos(count: int, **size: int) -> dict[str, bytes]:
    return {digest(data): data for data in (build_photo(seed=seed, **size) for seed in range(count))}


def test_a_packet_over_the_mastercard_limit_says_what_to_remove(build: Build) -> None:
    manual = build_drawn_pdf(18)
    exhibits = (
        build_exhibit(),
        build_exhibit(
            "manual", title="Assembly manual", slot="service_documentation", files=(build_part(manual, "manual.pdf"),)
        ),
    )
    with pytest.raises(PacketRefused) as refused:
        build(build_context(exhibits=exhibits), {digest(manual): manual}, total_pages=19, source="Mastercard")
    (reason,) = refused.value.reasons
    assert reason.startswith("The packet would have 21 pages, Mastercard takes 19. Remove or shorten: ")
    assert "Exhibit B, Assembly manual (18 pages); Exhibit A, Shipment timeline (1 page)" in reason


def test_hundreds_of_attached_pages_are_refused_before_any_layout(build: Build) -> None:
    manual = build_drawn_pdf(60)
    exhibit = build_exhibit(files=(build_part(manual, "manual.pdf"),))
    with pytest.raises(PacketRefused, match=r"'manual.pdf' has 60 pages, more than the 49"):
        build(build_context(exhibits=(exhibit,)), {digest(manual): manual})


def test_many_long_documents_are_refused_before_any_layout_too(build: Build) -> None:
    manuals = [build_drawn_pdf(14, size=(595, 800 + number)) for number in range(3)]
    files = tuple(build_part(data, "manual.pdf") for data in manuals)
    with pytest.raises(PacketRefused, match=r"The attached files alone have 42 pages, Mastercard takes 19\. Remove or"):
        build(
            build_context(exhibits=(build_exhibit(files=files),)),
            {digest(data): data for data in manuals},
            total_pages=19,
            source="Mastercard",
        )


def test_a_long_caption_and_translation_stay_on_the_page_of_their_picture(build: Build) -> None:
    files = photos(1, width=900, height=1400)
    part = build_part(
        *files.values(), name="a.jpg", caption="Seen at the door. " * 20, translation="It says open. " * 30
    )
    assert build(build_context(exhibits=(build_exhibit(files=(part,)),)), files).pages == 3


def test_pictures_stand_two_a_page_when_pages_are_short_and_it_is_said(build: Build) -> None:
    files = photos(6, width=600, height=800)
    exhibit = build_exhibit(
        files=tuple(build_part(data, f"{number}.jpg") for number, data in enumerate(files.values()))
    )
    roomy, short = (
        build(build_context(exhibits=(exhibit,)), files),
        build(build_context(exhibits=(exhibit,)), files, total_pages=6),
    )
    assert (roomy.pages, roomy.reductions) == (8, ())
    assert short.pages == 5
    assert short.reductions == ("Pictures and landscape pages were printed two a page to stay within 6 pages.",)


@pytest.mark.parametrize("limit", [700_000, 250_000])
def test_pictures_are_scaled_until_the_sum_of_all_files_holds(build: Build, limit: int) -> None:
    files = photos(3)
    exhibit = build_exhibit(
        files=tuple(build_part(data, f"{number}.jpg") for number, data in enumerate(files.values()))
    )
    built = build(build_context(exhibits=(exhibit,)), files, total_bytes=limit)
    assert limit // 3 < sum(file.size for file in built.files) <= limit
    assert built.reductions[0].startswith("Pictures were scaled to ")
    assert f"to stay under {limit / 1_000_000:.2f} MB" in built.reductions[0]


def test_a_scan_inside_a_document_is_scaled_too(build: Build) -> None:
    scan = build_scan()
    exhibit = build_exhibit(files=(build_part(scan, "scan.pdf"),))
    whole = build(build_context(exhibits=(exhibit,)), {digest(scan): scan})
    small = build(build_context(exhibits=(exhibit,)), {digest(scan): scan}, total_bytes=whole.size // 3)
    assert whole.reductions == ()
    assert small.size < whole.size // 3
    assert small.pages == whole.pages


def test_nothing_is_dropped_and_the_refusal_names_the_exhibits_when_it_cannot_fit(build: Build) -> None:
    files = photos(3)
    exhibit = build_exhibit(
        "photos", title="Photographs", files=tuple(build_part(data, "a.jpg") for data in files.values())
    )
    with pytest.raises(
        PacketRefused, match=r"even with its pictures at 72 .*Remove or shorten: Exhibit A, Photographs \("
    ):
        build(build_context(rows=(), letter=(), exhibits=(exhibit,)), files, total_bytes=45_000)


def test_a_flood_of_text_is_refused_by_name_before_layout(build: Build) -> None:
    exhibit = build_exhibit(messages=(build_message("word " * 100_000),))
    with pytest.raises(PacketRefused, match=r"more text than any bank takes.*Exhibit A, Shipment timeline"):
        build(build_context(exhibits=(exhibit,)))


def test_the_ladder_only_goes_down() -> None:
    assert [rung.dpi for rung in LADDER] == sorted((rung.dpi for rung in LADDER), reverse=True)
    with Image.open(io.BytesIO(build_photo())) as photo:
        sizes = [len(encode(photo, rung, (6.0, 4.5)).data) for rung in LADDER]
    assert sizes == sorted(sizes, reverse=True)


def test_a_picture_is_never_enlarged() -> None:
    with Image.open(io.BytesIO(build_photo(300, 200))) as photo:
        assert encode(photo, Rung(300, 85), (6.0, 4.0)).width == 300


def test_a_drawing_is_kept_crisp() -> None:
    drawing = Image.new("RGB", (800, 600), "white")
    drawing.paste("black", (100, 100, 700, 110))
    assert encode(drawing, LADDER[0], (6.0, 4.5)).filter == "/FlateDecode"


def test_photographs_keep_their_colours_on_the_first_rung(build: Build, tmp_path: Path) -> None:
    files = photos(1)
    exhibit = build_exhibit(files=(build_part(*files.values(), name="a.jpg"),))
    build(build_context(exhibits=(exhibit,)), files)
    with pikepdf.open(tmp_path / "packet.pdf") as pdf:
        (picture,) = [item for item in pdf.pages[-1].resources.XObject.values() if item.get("/Width", 0) > 10]
    assert picture.ColorSpace == "/DeviceRGB"
