from __future__ import annotations

import os
import re
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import pikepdf
import pytest

from disputes.money import Money
from evidence.packet.build import PacketBuilder, PacketRefused, RenderFailed
from evidence.packet.context import BuiltPacket, ClaimRow, PacketLimits, Paragraph, Quote, Signatory, Table
from tests.evidence.packet.builders import (
    WRITTEN,
    build_context,
    build_drawn_pdf,
    build_exhibit,
    build_message,
    build_part,
    build_pdf,
    build_photo,
    digest,
    page_texts,
)
from tests.evidence.packet.conftest import Build
from tests.evidence.packet.rich import build_rich


def test_every_page_bears_case_id_last_four_and_page_number(rich: tuple[BuiltPacket, Path]) -> None:
    texts = page_texts((rich[1] / "packet.pdf").read_bytes())
    assert len(texts) == rich[0].pages > 10
    for number, text in enumerate(texts, 1):
        assert "Case dp_1SQx7ZKf0aBcDeFgHiJkLmNo" in text
        assert "Card ending 4242" in text
        assert f"Page {number} of {len(texts)}" in text


def test_pages_of_attachments_bear_exhibit_source_and_time(rich: tuple[BuiltPacket, Path]) -> None:
    second_page_of_the_carrier = page_texts((rich[1] / "packet.pdf").read_bytes())[3]
    assert "Exhibit A · Carrier's proof of delivery" in second_page_of_the_carrier
    assert "DHL tracking record, 04 Nov 2026, 14:32 UTC" in second_page_of_the_carrier
    assert "Page 2 of 2 of the attached document" in second_page_of_the_carrier


def test_page_one_leads_to_the_true_page_of_each_exhibit(rich: tuple[BuiltPacket, Path]) -> None:
    texts = page_texts((rich[1] / "packet.pdf").read_bytes())
    where = {"A": 3, "B": 5, "D": 7, "E": 8, "F": 12}
    for letter, page in where.items():
        assert f"Exhibit {letter}, page {page}" in texts[0]
        assert texts[page - 1].startswith(f"Exhibit {letter} · ")


def test_page_one_answers_by_itself(rich: tuple[BuiltPacket, Path]) -> None:
    page_one = page_texts((rich[1] / "packet.pdf").read_bytes())[0]
    for words in (
        "Çınar Ev Eşyaları Ticaret Ltd. Şti.", "Türkiye", "disputes@cinarhome.example", "Visa · reason 13.1",
        "06 Oct 2026, 14:32 UTC", "189.00 USD", "Visa ending 4242", "083114", "74537606285006285123456",
        "CINAR HOME ISTANBUL", "pi_3SQx7YKf0aBcDeFg1hIjKlMn", "Reversal of the dispute in full", "Ground.",
        "Ordered", "Billing (AVS match)", "Delivered (DHL)", "20.00 USD on 08 Oct 2026", "re_3SQx7YKf0aBcDeFg",
    ):  # fmt: skip
        assert words in page_one


def test_bookmarks_lead_to_the_letter_and_each_exhibit(rich: tuple[BuiltPacket, Path]) -> None:
    with pikepdf.open(rich[1] / "packet.pdf") as pdf, pdf.open_outline() as outline:
        titles = [item.title for item in outline.root]
    assert titles[:3] == ["Decision page", "Letter and exhibit index", "Exhibit A · Carrier's proof of delivery"]
    assert len(titles) == 9


def test_files_on_disk_are_what_the_answer_says(rich: tuple[BuiltPacket, Path]) -> None:
    built, out = rich
    assert digest((out / "packet.pdf").read_bytes()) == built.sha256
    for file in built.files:
        data = (out / file.name).read_bytes()
        assert (digest(data), len(data)) == (file.sha256, file.size)
        assert file.name.endswith(f"-{file.sha256[:10]}.pdf")
        assert re.fullmatch(r"[a-z-]{1,24}-[0-9a-f]{10}\.pdf", file.name)


def test_what_is_unknown_is_absent(build: Build, tmp_path: Path) -> None:
    bare = build_context(
        network=None, reason_code=None, reason_name=None, paid_at=None, amount_charged=None, card_brand=None,
        card_last4=None, authorization_code=None, arn=None, statement_descriptor=None, order_ref=None, signatory=None,
    )  # fmt: skip
    build(bare)
    text = " ".join(page_texts((tmp_path / "packet.pdf").read_bytes()))
    for words in ("Network", "Charged", "ARN", "Card", "Authorisation", "n/a", "None", "unknown"):
        assert words not in text
    assert "no refund or credit is recorded" in text


def test_yen_have_no_decimal_places(build: Build, tmp_path: Path) -> None:
    yen = Money(18900, "JPY")
    build(build_context(amount_charged=yen, amount_disputed=yen, ask="Reversal of the dispute in full: 18900 JPY."))
    assert "18900 JPY" in page_texts((tmp_path / "packet.pdf").read_bytes())[0]


def test_times_are_printed_in_the_merchants_zone(build: Build, tmp_path: Path) -> None:
    build(build_context(zone="Europe/Istanbul", page_size="Letter"))
    assert "06 Oct 2026, 17:32 UTC+03:00" in page_texts((tmp_path / "packet.pdf").read_bytes())[0]


def test_the_name_and_role_of_who_answers_close_the_letter(build: Build, tmp_path: Path) -> None:
    build(build_context(signatory=Signatory(name="Gülşen Öztürk", role="Head of Customer Care")))
    letter = page_texts((tmp_path / "packet.pdf").read_bytes())[1]
    assert letter.index("carrier's own record") < letter.index("Gülşen Öztürk") < letter.index("Exhibits")


def test_same_inputs_same_bytes_across_processes(tmp_path: Path) -> None:
    script = (
        "import hashlib; from evidence.packet.produce import produce; from evidence.packet.context import PacketLimits;"
        "from tests.evidence.packet.rich import build_rich;"
        "fitted, _ = produce(*build_rich(), PacketLimits());"
        "print([hashlib.sha256(data).hexdigest() for data in (fitted.packet, *(data for _, data in fitted.files))])"
    )
    root = Path(__file__).parents[3]
    said = {
        subprocess.run(
            [sys.executable, "-c", script],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(root)},
            cwd=tmp_path,
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(said) == 1


def test_the_order_of_the_files_does_not_change_the_bytes(rich: tuple[BuiltPacket, Path], build: Build) -> None:
    context, files = build_rich()
    assert build(context, dict(reversed(files.items()))) == rich[0]


def test_several_threads_may_build_at_once(tmp_path: Path) -> None:
    from concurrent.futures import ThreadPoolExecutor

    builder = PacketBuilder()
    try:
        with ThreadPoolExecutor(4) as pool:
            jobs = [
                pool.submit(builder.build, build_context(), {}, PacketLimits(), tmp_path / str(number))
                for number in range(4)
            ]
            assert len({job.result().sha256 for job in jobs}) == 1
    finally:
        builder.close()


def test_letters_of_the_merchant_with_an_undrawable_character_are_refused_by_name(build: Build) -> None:
    odd = Paragraph(text="We are sorry 很", by_merchant=True)
    with pytest.raises(PacketRefused, match=r"Paragraph 1 of the letter contains .*U\+5F88"):
        build(build_context(letter=(odd,)))


def test_a_message_in_another_language_without_a_translation_is_refused(build: Build) -> None:
    exhibit = build_exhibit(messages=(build_message("Paketim nerede?", language="tr"),))
    with pytest.raises(PacketRefused, match=r"not in English"):
        build(build_context(exhibits=(exhibit,)))


def test_a_policy_that_was_not_yet_in_force_is_refused(build: Build) -> None:
    quote = Quote(title="Refund policy", in_force_from=date(2026, 10, 7), text="No refunds.")
    with pytest.raises(PacketRefused, match=r"'Refund policy' came into force after the payment"):
        build(build_context(exhibits=(build_exhibit(quotes=(quote,)),)))


def test_correspondence_is_printed_in_the_order_of_time(build: Build, tmp_path: Path) -> None:
    later, earlier = build_message("Second.", at=WRITTEN), build_message("First.", at=WRITTEN - timedelta(hours=1))
    build(build_context(exhibits=(build_exhibit(messages=(later, earlier)),)))
    text = page_texts((tmp_path / "packet.pdf").read_bytes())[-1]
    assert text.index("First.") < text.index("Second.")


def test_a_translation_is_printed_under_the_original_and_marked(build: Build, tmp_path: Path) -> None:
    message = build_message("Paketim nerede?", language="tr", translation="Where is my parcel?")
    build(build_context(exhibits=(build_exhibit(messages=(message,)),)))
    text = page_texts((tmp_path / "packet.pdf").read_bytes())[-1]
    assert text.index("Paketim nerede?") < text.index("Translation by the merchant") < text.index("Where is my parcel?")


def test_omitted_quotes_are_said(build: Build, tmp_path: Path) -> None:
    build(build_context(exhibits=(build_exhibit(messages=(build_message(quoted="> What we wrote before"),)),)))
    text = page_texts((tmp_path / "packet.pdf").read_bytes())[-1]
    assert "Quoted earlier text omitted here; the full message is on file." in text
    assert "What we wrote before" not in text


def test_markup_in_a_mail_is_printed_as_text(build: Build, tmp_path: Path) -> None:
    body = '<img src="http://127.0.0.1:9/x.png"><script>alert(1)</script> {{ 7 * 7 }} [your name] None'
    build(build_context(exhibits=(build_exhibit(messages=(build_message(body),)),)))
    assert body in " ".join(page_texts((tmp_path / "packet.pdf").read_bytes())[-1].split())


def test_emoji_and_rare_characters_in_a_mail_are_stated_in_words(build: Build, tmp_path: Path) -> None:
    build(
        build_context(exhibits=(build_exhibit(messages=(build_message("Thanks \U0001f9f8\ufe0f 很 " + "x" * 300),)),))
    )
    text = page_texts((tmp_path / "packet.pdf").read_bytes())[-1]
    assert "[emoji: teddy bear]" in text
    assert "[character U+5F88]" in text


@pytest.mark.parametrize("words", ["<amount>", "[date]", "{{ name }}", "n/a", "TODO", "Delivered on None."])
def test_a_placeholder_left_in_our_words_fails_the_packet(build: Build, words: str) -> None:
    with pytest.raises(RenderFailed, match=r"placeholder"):
        build(build_context(ground=f"The goods were delivered. {words}"))


def test_an_internal_word_fails_the_packet(build: Build) -> None:
    with pytest.raises(RenderFailed, match=r"win probability"):
        build(build_context(letter=(Paragraph(text="The win probability is 0.8."),)))


def test_a_page_one_that_is_too_long_is_refused(build: Build) -> None:
    row = ClaimRow(claim="The goods did not arrive. " * 8, shown="The carrier recorded it. " * 20, exhibit="tracking")
    with pytest.raises(PacketRefused, match=r"Page one is longer than one page"):
        build(build_context(rows=(row,) * 5))


def test_a_full_page_one_is_set_smaller_until_it_fits(build: Build, tmp_path: Path) -> None:
    context, files = build_rich()
    rows = tuple(
        row.model_copy(update={"shown": row.shown + " It was printed on the day of the order."}) for row in context.rows
    )
    build(context.model_copy(update={"rows": rows, "credits": context.credits * 3}), files)
    assert page_texts((tmp_path / "packet.pdf").read_bytes())[1].startswith("Letter")


def test_more_than_five_claims_are_refused(build: Build) -> None:
    row = ClaimRow(claim="The goods did not arrive.", shown="They did.", exhibit="tracking")
    with pytest.raises(PacketRefused, match=r"at most 5 claims"):
        build(build_context(rows=(row,) * 6))


def test_a_cited_exhibit_that_is_not_there_is_refused(build: Build) -> None:
    with pytest.raises(PacketRefused, match=r"'photos' is cited but is not in the packet"):
        build(build_context(letter=(Paragraph(text="See the photographs.", exhibits=("photos",)),)))


def test_an_empty_cell_word_fails_the_packet(build: Build) -> None:
    table = Table(columns=("Time", "Event"), rows=(("20 Oct 2026, 11:05 UTC", "n/a"),))
    with pytest.raises(RenderFailed, match=r"must be absent"):
        build(build_context(exhibits=(build_exhibit(tables=(table,)),)))


def test_lying_pages_are_scaled_not_stretched(build: Build, tmp_path: Path) -> None:
    lying = build_drawn_pdf(size=(842, 421))
    build(build_context(exhibits=(build_exhibit(files=(build_part(lying, "slip.pdf"),)),)), {digest(lying): lying})
    with pikepdf.open(tmp_path / "packet.pdf") as pdf:
        (form,) = [item for name, item in pdf.pages[-1].resources.XObject.items() if item.Subtype == "/Form"]
        width, height = placed(pdf.pages[-1])
        assert form.Type == "/XObject"
    assert width / height == pytest.approx(2.0, rel=0.01)
    assert width > 480


def placed(page: pikepdf.Page) -> tuple[float, float]:
    """Width and height at which the page's one picture or form is drawn."""
    matrix, stack = pikepdf.Matrix(), []
    for operands, operator in pikepdf.parse_content_stream(page):
        if str(operator) == "q":
            stack.append(matrix)
        elif str(operator) == "Q":
            matrix = stack.pop()
        elif str(operator) == "cm":
            matrix = pikepdf.Matrix(*(float(value) for value in operands)) @ matrix
        elif str(operator) == "Do":
            return abs(matrix.a), abs(matrix.d)
    raise AssertionError("nothing is drawn")


def test_a_turned_page_stands_upright(build: Build, tmp_path: Path) -> None:
    turned = build_drawn_pdf(size=(842, 421), rotate=90)
    build(build_context(exhibits=(build_exhibit(files=(build_part(turned, "slip.pdf"),)),)), {digest(turned): turned})
    with pikepdf.open(tmp_path / "packet.pdf") as pdf:
        width, height = placed(pdf.pages[-1])
    assert height / width == pytest.approx(2.0, rel=0.01)


def test_a_damaged_photo_and_a_missing_file_are_refused_by_name_together(build: Build) -> None:
    bad, gone = build_photo(64, 64)[:200], build_pdf()
    exhibit = build_exhibit(files=(build_part(bad, "kapi.jpg"), build_part(gone, "pod.pdf")))
    with pytest.raises(PacketRefused) as refused:
        build(build_context(exhibits=(exhibit,)), {digest(bad): bad})
    assert refused.value.reasons == [
        "Photo 'kapi.jpg' is damaged and cannot be printed. Upload it again.",
        "Document 'pod.pdf' is no longer in the file store. Upload it again.",
    ]
