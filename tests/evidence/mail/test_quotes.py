"""What somebody wrote and what they quoted are two things."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
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
    "introduction",
    [
        "Am Do., 12. Nov. 2026 um 10:00 Uhr schrieb Lale <support@lale.example>:",
        "Am 12.11.2026 um 10:00 schrieb Lale Living\n<support@lale.example>:",
        "Le jeu. 12 nov. 2026 à 10:00, Lale <support@lale.example> a écrit :",
        "Le jeu. 12 nov. 2026 à 10:00, Lale <support@lale.example> a écrit\u00a0:",
        "El jue, 12 nov 2026 a las 10:00, Lale (<support@lale.example>) escribió:",
        "Il giorno gio 12 nov 2026 alle ore 10:00 Lale <support@lale.example> ha scritto:",
        "Op do 12 nov 2026 om 10:00 schreef Lale <support@lale.example>:",
        "Op 12 nov. 2026 om 10:00 heeft Lale het volgende geschreven:",
        "Dnia 12 listopada 2026 10:00 Lale napisał(a):",
        "Dne 12. 11. 2026 10:00 Lale napsal(a):",
        "Den tors 12 nov. 2026 kl 10:00 skrev Lale <support@lale.example>:",
        "Den 12. nov. 2026 kl. 10.00 skrev Lale <support@lale.example>:",
        "2026年11月12日(木) 10:00 Lale <support@lale.example>:",
        "2026년 11월 12일 (목) 오전 10:00, Lale님이 작성하였습니다:",
        "2026年11月12日 10:00 Lale <support@lale.example> 写道：",
        "Em qui., 12 de nov. de 2026 às 10:00, Lale <support@lale.example> escreveu:",
    ],
)
def test_quotations_are_folded_in_many_languages(introduction: str) -> None:
    own, quoted = apart(f"Danke, merci, gracias.\n\n{introduction}\n{OLD}")
    assert own == "Danke, merci, gracias."
    assert quoted == f"{introduction}\n{OLD}"


@pytest.mark.parametrize(
    "mark",
    [
        "-----Ursprüngliche Nachricht-----",
        "-----Message d'origine-----",
        "---------- Mensaje reenviado ----------",
        "Von: Lale <support@lale.example>\nGesendet: Donnerstag\nAn: Emily\nBetreff: Hallo",
        "De : Lale <support@lale.example>\nEnvoyé : jeudi\nÀ : Emily\nObjet : Bonjour",
        "De\u00a0: Lale\nEnvoyé\u00a0: jeudi\nÀ\u00a0: Emily\nObjet\u00a0: Bonjour",
        "Da: Lale <support@lale.example>\nInviato: giovedì\nA: Emily\nOggetto: Ciao",
        "Van: Lale <support@lale.example>\nVerzonden: donderdag\nAan: Emily\nOnderwerp: Hallo",
    ],
)
def test_all_below_a_foreign_mark_is_old(mark: str) -> None:
    own, quoted = apart(f"It came.\n{mark}\n\nDear Emily,\nwe refund you.")
    assert own == "It came."
    assert quoted.endswith("we refund you.")


@pytest.mark.parametrize(
    "text",
    [
        "Hallo,\nam 3. Mai schrieb ich Ihnen:\nnichts kam an.",
        "Le 3 mai j'ai écrit:\nrien.",
        "De: moi\nje veux mon argent: 30 euros",
        "Bestellung 1001 vom 3.5.2026:\neine Lampe\nein Stuhl",
        "Von: Köln\nnach Berlin sind es 600 km.",
        "Hello,\nmy neighbour told me on 3 May 2026 at 10:00:\nit lay in the rain.",
    ],
)
def test_sentences_of_ones_own_stay_in_every_language(text: str) -> None:
    assert apart(text) == (text, "")


def test_lines_made_to_cost_time_are_given_up_on() -> None:
    """The library's patterns are cubic in a line; nobody is asked more often than an honest mail needs."""
    lines = ["On 1 " * 60 + "wrote 2026 :"] * 3000
    own, quoted = apart("\n".join(lines))
    assert own.count("wrote") + quoted.count("wrote") == 3000


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


@settings(deadline=None)
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
                "Am 12.11.2026 um 10:00 schrieb X <x@y.example>:",
                "Von: a",
                "Gesendet: b",
                "An: c",
            ]
        ),
        max_size=12,
    )
)
def test_no_line_is_lost(lines: list[str]) -> None:
    own, quoted = apart("\n".join(lines))
    assert sorted(filter(None, lines)) == sorted(filter(None, [*own.split("\n"), *quoted.split("\n")]))
