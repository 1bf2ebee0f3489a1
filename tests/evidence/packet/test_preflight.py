from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, String

from evidence.packet.build import build_packet
from evidence.packet.context import PacketContext, PacketLimits
from evidence.packet.preflight import examine, preflight
from tests.evidence.packet.builders import build_context, build_message, build_pdf
from tests.evidence.packet.conftest import InProcess

Harm = Callable[[pikepdf.Pdf], object]


@pytest.fixture(scope="module")
def packet(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    out = tmp_path_factory.mktemp("packet")
    build_packet(build_context(), {}, PacketLimits(), out)
    return (out / "packet.pdf").read_bytes()


def harmed(packet: bytes, harm: Harm, **options: object) -> bytes:
    with pikepdf.open(io.BytesIO(packet)) as pdf:
        harm(pdf)
        out = io.BytesIO()
        pdf.save(out, **options)
        return out.getvalue()


def problems(packet: bytes, context: PacketContext | None = None, **limits: object) -> str:
    return " ".join(examine(packet, context or build_context(), PacketLimits(**limits)))


def test_a_good_packet_has_no_problems(packet: bytes, tmp_path: Path) -> None:
    assert problems(packet) == ""
    (tmp_path / "packet.pdf").write_bytes(packet)
    assert preflight(tmp_path / "packet.pdf", build_context(), PacketLimits()) == []


def add_script(pdf: pikepdf.Pdf) -> None:
    pdf.Root.OpenAction = Dictionary(S=Name.JavaScript, JS=String("1"))


def add_link(pdf: pikepdf.Pdf) -> None:
    action = Dictionary(S=Name.URI, URI=String("http://x.test"))
    pdf.pages[0].obj.Annots = Array(
        [Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=Array([0, 0, 9, 9]), A=action)]
    )


def add_file(pdf: pikepdf.Pdf) -> None:
    pdf.attachments["a.txt"] = pikepdf.AttachedFileSpec(pdf, b"a")


def add_form(pdf: pikepdf.Pdf) -> None:
    pdf.Root.AcroForm = Dictionary(Fields=Array([]))


def add_page_with_a_loose_font(pdf: pikepdf.Pdf) -> None:
    with pikepdf.open(io.BytesIO(build_pdf())) as other:
        pdf.pages.append(other.pages[0])


def point_outside(pdf: pikepdf.Pdf) -> None:
    pdf.pages[0].obj.Contents[Name.F] = String("/etc/passwd")


def lay_a_page_down(pdf: pikepdf.Pdf) -> None:
    pdf.pages[1].rotation = 90


def shrink_a_page(pdf: pikepdf.Pdf) -> None:
    pdf.pages[1].mediabox = Array([0, 0, 300, 400])


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (add_script, "holds /OpenAction"),
        (add_link, "Page 1 holds links"),
        (add_file, "embedded file"),
        (point_outside, "takes content from another file"),
        (add_form, "holds /AcroForm"),
        (add_page_with_a_loose_font, "fonts that are not embedded: /Helvetica"),
        (add_page_with_a_loose_font, "Page 4 does not bear 'Case dp_"),
        (lay_a_page_down, "Page 2 is not upright A4"),
        (shrink_a_page, "Page 2 is not upright A4"),
        (lambda pdf: pdf.pages.reverse(), "Page 1 does not bear 'Page 1 of 3'"),
    ],
)
def test_what_does_not_belong_is_found(packet: bytes, harm: Harm, said: str) -> None:
    assert said in problems(harmed(packet, harm))


def test_an_encrypted_packet_and_a_newer_version_are_found(packet: bytes) -> None:
    locked = harmed(packet, lambda pdf: None, encryption=pikepdf.Encryption(owner="o", user=""))
    assert "is encrypted" in problems(locked)
    assert "PDF 2.0" in problems(harmed(packet, lambda pdf: None, force_version="2.0"))


def test_pages_and_bytes_over_the_limit_are_found(packet: bytes) -> None:
    said = problems(packet, total_pages=2, total_bytes=1000)
    assert "3 pages, the limit is 2" in said
    assert "the limit is 1000" in said


def test_a_packet_that_cannot_be_opened_is_a_problem_not_a_crash() -> None:
    assert "cannot be opened" in problems(b"%PDF-1.7 nothing")


@pytest.mark.parametrize(
    "other",
    [
        {"case_id": "dp_other"},
        {"card_last4": "1111"},
        {"authorization_code": "999999"},
        {"ask": "Reversal of 5.00 USD."},
        {"statement_descriptor": "OTHER SHOP"},
        {"arn": "74537606285006285000000"},
        {"network": "Mastercard"},
    ],
)
def test_a_fact_that_is_not_on_page_one_is_found(packet: bytes, other: dict[str, str]) -> None:
    (value,) = other.values()
    assert value in problems(packet, build_context(**other))


def test_a_reference_that_leads_elsewhere_is_found(packet: bytes) -> None:
    exhibit = build_context().exhibits[0].model_copy(update={"title": "Something else"})
    assert "reference to exhibit A does not lead there" in problems(packet, build_context(exhibits=(exhibit,)))


def test_names_in_scripts_read_from_right_to_left_are_no_problem(tmp_path: Path, here: InProcess) -> None:
    from evidence.packet.context import AddressColumn, ClaimRow

    row = ClaimRow(
        claim="The goods did not arrive.", shown="Delivered to محمد عبد الله on 20 Oct 2026.", exhibit="tracking"
    )
    context = build_context(rows=(row,), addresses=(AddressColumn(title="Delivered", lines=("محمد عبد الله", "דוד")),))
    assert build_packet(context, {}, PacketLimits(), tmp_path, here).pages == 3


def test_signs_of_others_are_no_placeholders(tmp_path: Path, here: InProcess) -> None:
    exhibit = (
        build_context()
        .exhibits[0]
        .model_copy(update={"messages": (build_message("<b>[sic]</b> {{x}} n/a TODO None"),)})
    )
    assert build_packet(build_context(exhibits=(exhibit,)), {}, PacketLimits(), tmp_path, here).pages == 3
