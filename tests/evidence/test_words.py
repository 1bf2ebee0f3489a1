"""What a message says, and what it does not."""

from __future__ import annotations

import pytest

from evidence.language import language_of
from evidence.words import (
    announces_renewal,
    confirms_order,
    offers_return,
    says_has_goods,
    says_not_received,
    says_sent_back,
    says_withdraws,
)


@pytest.mark.parametrize(
    "text",
    [
        "Thank you, it arrived",
        "Hello. I have received the bowls, two of them are chipped.",
        "How do I wire the lamp?",
        "There was a gift card in the box, is it for me?",
        "Merhaba, lambayı nasıl bağlarım?",
        "Kargo geldi, teşekkürler.",
        "We are using it every day.",
    ],
)
def test_the_customer_speaks_of_having_it(text: str) -> None:
    assert says_has_goods(text)


@pytest.mark.parametrize(
    "text",
    [
        "It has not arrived.",
        "I never received the parcel.",
        "When it arrived at the depot it vanished. Where is my parcel?",
        "I received your e-mail, thank you.",
        "I have received the tracking number.",
        "How do I use the discount code?",
        "Has it arrived at your warehouse?",
        "Kargom hâlâ gelmedi.",
        "Once it arrived I would write to you.",
        "Thank you, I am looking forward to it.",
    ],
)
def test_these_words_say_nothing_about_having_it(text: str) -> None:
    assert says_has_goods(text) is None


def test_the_other_phrases() -> None:
    assert says_not_received("The parcel has not arrived yet.")
    assert says_sent_back("I sent it back on Monday.")
    assert says_sent_back("Ürünü iade ettim.")
    assert not says_sent_back("May I send it back?")
    assert says_withdraws("Please cancel my subscription.")
    assert offers_return("Please find the return label attached.")
    assert offers_return("İade kodu ekte.")
    assert announces_renewal("Your subscription will renew on Monday.")
    assert confirms_order("Thank you for your order LL-1001.")
    assert not confirms_order("We are sorry.")


@pytest.mark.parametrize("text", ["Thank you, it arrived", "Hello, where is my order? Please help me with this.", ""])
def test_english(text: str) -> None:
    assert language_of(text) == "english"


@pytest.mark.parametrize(
    "text",
    [
        "Merhaba, lambayı nasıl bağlarım?",
        "renk farkı var",
        "Guten Tag, ich habe die Ware nicht bekommen.",
        "Bonjour, je ne l'ai pas",
    ],
)
def test_foreign(text: str) -> None:
    assert language_of(text) == "foreign"


def test_doubtful_is_for_a_person() -> None:
    assert language_of("Kaselerde çatlak") == "unsure"
    assert language_of("???!") == "english"
    assert language_of("Вы где") == "unsure"


def test_a_declared_language_is_believed_unless_the_words_deny_it() -> None:
    assert language_of("ok super", "de") == "foreign"
    assert language_of("Super!", "en-GB") == "english"
    assert language_of("Merhaba, bu ürün için iade var mı?", "en") == "foreign"
