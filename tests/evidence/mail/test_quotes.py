"""What somebody wrote and what they quoted are two things."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence.mail.quotes import apart

OLD = "> Where is it?\n> Emily"


@pytest.mark.parametrize(
    "introduction",
    [
        "On Thu, 12 Nov 2026 at 10:00, Lale <support@lale.example> wrote:",
        "On Thu, 12 Nov 2026 at 10:00, Lale Living\n<support@lale.example> wrote:",
        "12 Kas 2026 Per, 10:00 tarihinde Lale <support@lale.example> şunu yazdı:",
        "12.11.2026 tarihinde 10:00 saatinde, Lale yazdı:",
        "Lale <support@lale.example>, 12 Kas 2026 Per, 10:00 tarihinde\nşunu yazdı:",
    ],
)
def test_introduced_quotations_are_folded(introduction: str) -> None:
    own, quoted = apart(f"It came, thanks.\n\nEmily\n\n{introduction}\n{OLD}")
    assert own == "It came, thanks.\n\nEmily"
    assert quoted == f"{introduction}\n{OLD}"


@pytest.mark.parametrize(
    "mark",
    [
        "-----Original Message-----",
        "-----Özgün İleti-----",
        "________ Forwarded message ________",
        "From: Lale <support@lale.example>\nSent: Thursday\nTo: Emily\nSubject: Hello",
        "Kimden: Lale <support@lale.example>\nGönderildi: Perşembe\nKime: Emily\nKonu: Merhaba",
    ],
)
def test_all_below_a_mark_is_old(mark: str) -> None:
    own, quoted = apart(f"It came.\n{mark}\n\nDear Emily,\nwe refund you.")
    assert own == "It came."
    assert quoted.endswith("we refund you.")


def test_a_reply_below_the_quotation_stays() -> None:
    own, quoted = apart(f"On Thu, 12 Nov 2026, Lale wrote:\n{OLD}\n\nYes, it came.")
    assert own == "Yes, it came."
    assert quoted.startswith("On Thu")


@pytest.mark.parametrize(
    "text",
    [
        "Hello,\nmy neighbour wrote:\nnothing",
        "Merhaba, kart numaramı 12 Kasım'da yazdım.\nSaygılar",
        "From: Portland I write to you.",
        "On Monday I was away.",
        "--\nEmily Carter",
    ],
)
def test_the_writers_own_sentences_stay(text: str) -> None:
    assert apart(text) == (text, "")


@given(
    st.lists(
        st.sampled_from(
            [
                "> old",
                "own",
                "",
                "On 12 Nov 2026, X wrote:",
                "-----Original Message-----",
                "Kimden: a",
                "12 Kas 2026 tarihinde X yazdı:",
            ]
        ),
        max_size=12,
    )
)
def test_no_line_is_lost(lines: list[str]) -> None:
    own, quoted = apart("\n".join(lines))
    assert sorted(filter(None, lines)) == sorted(filter(None, [*own.split("\n"), *quoted.split("\n")]))
