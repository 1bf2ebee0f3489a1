"""A promise of a refund in our own mail, and everything that is none."""

from __future__ import annotations

import pytest

from evidence.promises import promise_in, promises
from tests.evidence.builders import ago, message, ours, usd


@pytest.mark.parametrize(
    "sentence",
    [
        "We will refund you in full within 5 days.",
        "I'll issue a full refund today.",
        "We are going to refund the order as soon as possible.",
        "You will receive a full refund of $98.00.",
        "Your refund has been processed.",
        "We have issued a refund to your card.",
        "We'll refund you, no problem.",
        "The amount will be refunded.",
        "Ücretinizi iade edeceğiz.",
        "Ücret iadeniz 3 iş günü içinde yapılacaktır.",
        "Tutar kartınıza iade edilecektir.",
        "İADE İŞLEMİNİZ BAŞLATILDI.",
        "Paranızı geri ödeyeceğiz.",
    ],
)
def test_a_promise(sentence: str) -> None:
    assert promise_in(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "We cannot refund this order.",
        "We can't refund you.",
        "We will not be able to issue a refund.",
        "Unfortunately we will refund nothing.",
        "If you return it we will refund you.",
        "Once we receive the goods we will refund you.",
        "We will refund you after we inspect the goods.",
        "Would you like us to refund you?",
        "We could refund you.",
        "You may receive a refund.",
        "We will look into a refund.",
        "We will process your refund request.",
        "A refund will be issued once approved.",
        "Your refund request has been received.",
        "We will send you a replacement instead of a refund.",
        "Our refund policy is on the website.",
        "No refund has been issued.",
        "You will receive no refund.",
        "İade edemiyoruz.",
        "Ürünü gönderirseniz iade edeceğiz.",
        "Ürün bize ulaştığında iade edilecektir.",
        "Ücret iadesi yapılmayacaktır.",
        "Maalesef iade edilmeyecek.",
        "İade etmeyeceğiz.",
        "Ürünü iade edebilirsiniz.",
    ],
)
def test_no_promise(sentence: str) -> None:
    assert not promise_in(sentence)


def test_the_passage_is_quoted_with_its_day() -> None:
    mail = ours("Hello Robert. We will refund you the full amount. Regards", at=ago(18))
    [found] = promises((mail,), "USD")
    assert (found.passage, found.at) == ("We will refund you the full amount.", ago(18))


def test_only_our_own_mail_can_promise() -> None:
    assert promises((message(body="We will refund you, you wrote."),), "USD") == ()


def test_asking_for_the_goods_first_is_a_condition_in_two_sentences() -> None:
    assert promises((ours("Please send it back with the return label. We will refund you."),), "USD") == ()


@pytest.mark.parametrize(
    ("words", "minor"),
    [("We will refund 20.00 USD.", 2000), ("We will refund $1,250.50 today.", 125050), ("We will refund you.", None)],
)
def test_an_amount_in_the_promise_is_read(words: str, minor: int | None) -> None:
    [found] = promises((ours(words),), "USD")
    assert found.amount == (usd(minor) if minor else None)
