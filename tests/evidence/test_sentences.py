"""The sentences as data: nothing is said that no fact carries."""

from __future__ import annotations

import re

import pytest

from evidence.sentences import Sentence, sentences

ALL = sentences()
BY_ID = {each.id: each for each in ALL}


@pytest.mark.parametrize("sentence", ALL, ids=lambda each: each.id)
class TestEach:
    def test_it_needs_every_fact_it_prints(self, sentence: Sentence) -> None:
        assert sentence.placeholders <= set(sentence.needs)

    def test_it_needs_at_least_one_fact(self, sentence: Sentence) -> None:
        assert sentence.needs

    def test_only_rows_name_the_claim(self, sentence: Sentence) -> None:
        assert (sentence.role == "row") is (sentence.claim is not None)

    def test_it_never_says_that_the_customer_has_the_goods(self, sentence: Sentence) -> None:
        assert not re.search(r"(customer|cardholder|buyer) (has|received|got|accepted|holds)\b", sentence.text)

    def test_delivered_is_never_raised_to_signed_or_received(self, sentence: Sentence) -> None:
        if re.search(r"signature|\bsigned\b", sentence.text):
            assert {"signed_by", "doc:signed_agreement"} & set(sentence.needs)
        assert "received it" not in sentence.text

    def test_a_dispatch_is_never_told_as_a_delivery(self, sentence: Sentence) -> None:
        assert not re.search(r"deliver\w*[^.]*\{shipped_on\}", sentence.text)
        assert not re.search(r"(handed|shipped)[^.]*\{delivered_on\}", sentence.text)

    def test_absence_is_told_as_what_the_records_show(self, sentence: Sentence) -> None:
        for word in ("no_return", "no_cancellation"):
            if word in sentence.needs and "no " in sentence.text:
                assert re.search(r"(records?|log)\b.*\b(shows?|show) no|records show no", sentence.text)

    def test_it_is_a_sentence(self, sentence: Sentence) -> None:
        assert re.match(r"[A-Z{0-9]", sentence.text)
        assert sentence.text[-1] in '."'

    def test_what_it_follows_exists(self, sentence: Sentence) -> None:
        assert set(sentence.skip_after) <= set(BY_ID)


def test_ids_are_unique() -> None:
    assert len(BY_ID) == len(ALL)


def test_ids_are_append_only() -> None:
    """Merchants' edits point at them; a removed one may stay unused, but is never given to another sentence."""
    assert {
        "withdrawal.ground",
        "credit.full.ground",
        "credit.part",
        "credit.part.ground",
        "fraud.3ds.ground",
        "fraud.prior.ground",
        "fraud.device.ground",
        "fraud.avs.ground",
        "fraud.ack.ground",
        "inr.delivered_address.ground",
        "inr.delivered.ground",
        "inr.digital.ground",
        "snad.listing.ground",
        "snad.no_return.ground",
        "credit.no_return.ground",
        "sub.no_cancellation.ground",
        "sub.cancelled_later.ground",
        "canceled.shipped_first.ground",
        "canceled.no_return.ground",
        "dup.two_orders.ground",
        "other_means.ledger.ground",
        "amount.agrees.ground",
        "processing.day.ground",
        "auth.code.ground",
        "sale.complete.ground",
        "delivery.shipped",
        "delivery.recorded",
        "ack",
        "sale.order",
    } <= set(BY_ID)
