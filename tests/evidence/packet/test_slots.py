from __future__ import annotations

from pathlib import Path

import pikepdf
import pytest

from evidence.packet.context import BuiltPacket, Exhibit, PacketContext
from evidence.packet.layout import Layout
from evidence.packet.slots import short_name, slices
from tests.evidence.packet.builders import build_context, build_exhibit, digest, page_texts
from tests.evidence.packet.conftest import Build

Rich = tuple[BuiltPacket, Path]


def exhibit(key: str, slot: str) -> Exhibit:
    return build_exhibit(key, slot=slot)


def case(*slots: str) -> PacketContext:
    exhibits = tuple(exhibit(str(number), slot) for number, slot in enumerate(slots))
    return build_context(rows=(), letter=(), exhibits=exhibits)


def layout(pages: int, **starts: int) -> Layout:
    return Layout(b"", pages, {key.strip("_"): page for key, page in starts.items()}, [])


def test_slots_hold_every_page_exactly_once(rich: Rich) -> None:
    built, out = rich
    whole = page_texts((out / "packet.pdf").read_bytes())
    parts = [text for file in built.files for text in page_texts((out / file.name).read_bytes())]
    assert sorted(parts) == sorted(whole)
    assert sum(file.pages for file in built.files) == built.pages == len(whole)


def test_front_pages_go_to_the_slot_for_what_has_no_slot_of_its_own() -> None:
    assert slices(layout(5, _0=3), case("receipt"))[0].pages == (1, 2)
    assert slices(layout(5, _0=3), case("receipt"))[0].slot == "uncategorized_file"


def test_another_gateways_front_slot_is_taken_as_told() -> None:
    context = case("PROOF_OF_FULFILLMENT").model_copy(update={"front_slot": "OTHER"})
    assert slices(layout(5, _0=3), context)[0].slot == "OTHER"


def test_exhibits_of_one_slot_are_merged_in_order_though_others_stand_between() -> None:
    cuts = slices(layout(9, _0=3, _1=5, _2=6), case("receipt", "service_documentation", "receipt"))
    assert {piece.slot: piece.pages for piece in cuts} == {
        "uncategorized_file": (1, 2),
        "receipt": (3, 4, 6, 7, 8, 9),
        "service_documentation": (5,),
    }


def test_exhibits_of_one_slot_that_share_a_page_are_not_cut_there(build: Build, tmp_path: Path) -> None:
    built = build(build_context(exhibits=(build_exhibit(), build_exhibit("label", title="Shipping label data"))))
    assert built.pages == 3
    assert [(file.slot, file.pages) for file in built.files] == [
        ("uncategorized_file", 2),
        ("shipping_documentation", 1),
    ]
    shared = page_texts((tmp_path / "packet.pdf").read_bytes())[2]
    assert "Exhibit A · Shipment timeline" in shared
    assert "Exhibit B · Shipping label data" in shared


def test_exhibits_of_different_slots_never_share_a_page(build: Build) -> None:
    built = build(build_context(exhibits=(build_exhibit(), build_exhibit("order", slot="receipt"))))
    assert built.pages == 4


def test_a_slot_file_carries_no_picture_of_another_slot(rich: Rich) -> None:
    sizes = {file.slot: file.size for file in rich[0].files}
    assert sizes["service_documentation"] > 1_000_000
    assert max(size for slot, size in sizes.items() if slot != "service_documentation") < 60_000


def test_slot_files_keep_the_bookmarks_of_their_pages(rich: Rich) -> None:
    (name,) = [file.name for file in rich[0].files if file.slot == "shipping_documentation"]
    with pikepdf.open(rich[1] / name) as pdf, pdf.open_outline() as outline:
        assert [item.title for item in outline.root] == [
            "Exhibit A · Carrier's proof of delivery",
            "Exhibit B · Shipment timeline",
        ]


@pytest.mark.parametrize(
    ("slot", "name"),
    [("customer_communication", "messages"), ("PROOF_OF_FULFILLMENT", "proof-of-fulfillment"), ("Ö?", "file")],
)
def test_file_names_are_short_and_ascii(slot: str, name: str) -> None:
    assert short_name(slot) == name


def test_a_file_name_carries_the_digits_of_its_own_hash(build: Build, tmp_path: Path) -> None:
    for file in build(build_context()).files:
        assert digest((tmp_path / file.name).read_bytes())[:10] in file.name
