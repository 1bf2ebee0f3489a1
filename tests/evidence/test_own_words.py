"""What our own mail says against us, and what only sounds like it; and records that say nothing."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from evidence.junk import filler, junk, no_tracking_number
from evidence.matching import public_address
from evidence.own_words import admits_fault, confirms_return, promises_replacement, refuses, refuses_return
from evidence.words import allows_returns, complains, says_keeps, says_withdraws, sentences

Says = Callable[[str], str | None]

SAID: list[tuple[Says, str]] = [
    (promises_replacement, "We will send you a replacement tomorrow."),
    (promises_replacement, "We'll ship a new one on Monday."),
    (promises_replacement, "A replacement has been shipped."),
    (promises_replacement, "We will resend the parcel."),
    (promises_replacement, "Yeni bir ürün göndereceğiz."),
    (confirms_return, "We have received your return, thank you."),
    (confirms_return, "We received your parcel back yesterday."),
    (confirms_return, "Your return parcel arrived today."),
    (confirms_return, "İadeniz bize ulaştı."),
    (admits_fault, "It was our mistake, sorry."),
    (admits_fault, "We sent the wrong colour."),
    (admits_fault, "Bu bizim hatamız."),
    (refuses, "We cannot accept returns."),
    (refuses, "Siparişinizi bu aşamada iptal edemiyoruz."),
    (refuses_return, "All sales are final."),
    (says_withdraws, "Please cancel my order."),
    (says_withdraws, "I want to return it."),
    (says_withdraws, "I hereby withdraw from the contract."),
    (says_withdraws, "Could you please cancel my order?"),
    (says_withdraws, "Cayma hakkımı kullanıyorum."),
    (says_withdraws, "Siparişimi iptal etmek istiyorum."),
    (says_withdraws, "Please close and cancel my account, we want to stop the plan."),
    (says_keeps, "I will keep it after all."),
    (says_keeps, "Please ignore my last mail."),
    (complains, "It arrived broken."),
    (complains, "Ürün kırık geldi."),
    (allows_returns, "Goods may be returned within 30 days."),
]
NOT_SAID: list[tuple[Says, str]] = [
    (promises_replacement, "If you send photos we will send a replacement."),
    (promises_replacement, "We can send you a replacement."),
    (promises_replacement, "Would you like a replacement?"),
    (promises_replacement, "We will send you the tracking number."),
    (promises_replacement, "We will not send a replacement."),
    (confirms_return, "Once we have received your return, we refund."),
    (confirms_return, "We have received your return request."),
    (confirms_return, "We have received your message."),
    (admits_fault, "It was not our mistake."),
    (refuses, "You can return it."),
    (refuses_return, "We cannot cancel the order."),
    (says_withdraws, "How can I cancel my order?"),
    (says_withdraws, "If it does not arrive by Friday, please cancel."),
    (says_withdraws, "I do not want to cancel."),
    (says_withdraws, "I withdraw the dispute."),
    (says_withdraws, "Please cancel my newsletter."),
    (says_withdraws, "May I return it?"),
    (complains, "All fine, thank you."),
    (allows_returns, "Goods may not be returned."),
]


@pytest.mark.parametrize(("says", "text"), SAID)
def test_it_is_said(says: Says, text: str) -> None:
    assert says(text)


@pytest.mark.parametrize(("says", "text"), NOT_SAID)
def test_it_only_sounds_like_it(says: Says, text: str) -> None:
    assert says(text) is None


def test_a_line_that_a_mail_program_broke_is_one_sentence() -> None:
    wrapped = (
        "I am very sorry to hear about the crack in the bowl, we will\nsend you a replacement this week.\nBest wishes"
    )
    assert promises_replacement(wrapped)
    assert sentences(wrapped)[-1] == "Best wishes"


def test_short_lines_stay_apart() -> None:
    assert sentences("Hello\nplease cancel\nthe newsletter") == ["Hello", "please cancel", "the newsletter"]


class TestJunk:
    @pytest.mark.parametrize(
        "text", ["n/a", "test test test test", "TODO: write the text here later please", "", "x y"]
    )
    def test_it_says_nothing(self, text: str) -> None:
        assert junk(text)

    @pytest.mark.parametrize(
        "text",
        ["Goods may be returned within 30 days.", "See our [returns page](x) within 30 days of delivery, please."],
    )
    def test_it_says_something(self, text: str) -> None:
        assert not junk(text)

    @pytest.mark.parametrize(("text", "filled"), [("1 x test", True), ("2 x Linen set", False), ("asdf", True)])
    def test_goods_need_no_whole_sentence(self, text: str, filled: bool) -> None:
        assert filler(text) is filled

    @pytest.mark.parametrize("text", ["N/A", "tbd", "-", "0000", "unknown", "1234567890", "test123", "xxx", ""])
    def test_no_carrier_gave_this_number(self, text: str) -> None:
        assert no_tracking_number(text)

    @pytest.mark.parametrize("text", ["JD014600008824413001", "RR123456785IE", "X", "10345678901"])
    def test_a_carrier_may_have_given_this_one(self, text: str) -> None:
        assert not no_tracking_number(text)


@pytest.mark.parametrize(
    ("ip", "shown"),
    [
        ("203.0.113.7", "203.0.113.7"),
        (" 2001:DB8::1 ", "2001:db8::1"),
        ("10.0.0.4", None),
        ("192.168.1.1", None),
        ("fe80::1", None),
        ("somewhere", None),
        (None, None),
    ],
)
def test_an_address_of_an_inner_network_marks_nobody(ip: str | None, shown: str | None) -> None:
    assert public_address(ip) == shown
