"""The letter: the ground first, every sentence with its record, the merchant's words marked."""

from __future__ import annotations

from typing import Any

import pytest

from disputes.facts import CaseFile, TrackingEvent
from disputes.lifecycle import Kind
from disputes.money import Money
from evidence.answer import packet_context
from evidence.claim import Claim
from evidence.exhibits import exhibits
from evidence.fields import letter_text
from evidence.letter import Letter, LetterEdits, compose, unfinished
from tests.evidence.builders import (
    LETTERHEAD,
    NOW,
    SIGNATORY,
    ago,
    case,
    claim,
    document,
    event,
    judged,
    label_only,
    line,
    message,
    order,
    ours,
    payment,
    policy,
    refund,
    shipment,
    usage,
    usd,
)
from tests.evidence.story import STORIES, s02, s06, s10, s12, s15, s25


def letter(the_case: CaseFile, the_claim: Claim | None = None, edits: LetterEdits | None = None) -> Letter:
    chosen = the_claim or claim()
    return compose(chosen, the_case, judged(chosen, the_case), edits)


def text(the_letter: Letter) -> str:
    return "\n".join(each.text for each in the_letter.sentences)


class TestGrounds:
    @pytest.mark.parametrize("name", sorted(STORIES))
    def test_the_first_sentence_states_the_ground(self, name: str) -> None:
        written = letter(STORIES[name]()[1], STORIES[name]()[0])
        if written.ground:
            assert written.sentences[0].text == written.ground
            assert written.sentences[0].id.endswith(".ground")

    @pytest.mark.parametrize("name", sorted(STORIES))
    def test_every_sentence_rests_on_records(self, name: str) -> None:
        the_claim, the_case = STORIES[name]()
        for sentence in letter(the_case, the_claim).sentences:
            assert sentence.records, sentence.id
            assert sentence.exhibits, sentence.id

    @pytest.mark.parametrize("name", sorted(STORIES))
    def test_no_placeholder_and_no_more_than_five_rows(self, name: str) -> None:
        written = letter(STORIES[name]()[1], STORIES[name]()[0])
        assert unfinished(text(written)) is None
        assert "None" not in text(written)
        assert len(written.rows) <= 5

    @pytest.mark.parametrize("name", sorted(STORIES))
    def test_nothing_is_said_twice(self, name: str) -> None:
        said = [each.text for each in letter(STORIES[name]()[1], STORIES[name]()[0]).sentences]
        assert len(said) == len(set(said))

    def test_a_never_shipped_order_has_no_letter(self) -> None:
        assert letter(s10()[1], s10()[0]).ground == ""

    def test_a_refund_comes_before_everything_else(self) -> None:
        refunded = case(payment=payment(refunds=(refund(arn="745376"),)))
        assert letter(refunded).ground.startswith(
            "A credit was already issued before the dispute was opened: 189.00 USD on 2 November 2026"
        )
        assert "745376" in letter(refunded).ground

    def test_a_refund_without_an_arn_names_none(self) -> None:
        assert "acquirer" not in text(letter(case(payment=payment(refunds=(refund(),)))))

    def test_a_refund_in_part_asks_only_for_the_rest(self) -> None:
        written = letter(s25()[1], s25()[0])
        assert written.ask == "Reversal of the dispute for the part not refunded: 110.00 EUR"
        assert written.sentences[1].id == "credit.part"

    def test_an_inquiry_asks_for_its_closing(self) -> None:
        assert letter(s12()[1], s12()[0]).ask.startswith("Closing of the inquiry")
        chargeback = s12()[0].model_copy(update={"kind": Kind.CHARGEBACK})
        assert letter(s12()[1], chargeback).ask == "Reversal of the dispute in full: 158.00 EUR"


class TestHistoricTraps:
    """reference: peers 13, 15, 16."""

    def test_the_shipping_date_is_never_told_as_the_delivery(self) -> None:
        on_its_way = case(
            shipments=(
                shipment(
                    delivered_at=None,
                    delivered_to=None,
                    events=(TrackingEvent(at=ago(38), state="in_transit", text="Picked up"),),
                ),
            )
        )
        said = text(letter(on_its_way))
        assert "recorded delivery" not in said

    def test_the_dispute_date_is_never_told_as_the_transaction_date(self) -> None:
        the_claim, the_case = STORIES["s24"]()
        assert "20 November 2026" not in text(letter(the_case, the_claim))
        assert "13 October 2026" in text(letter(the_case, the_claim))

    def test_delivered_is_never_raised_to_signed(self) -> None:
        assert "signature" not in text(letter(case()))
        assert 'a signature on delivery: "E. CARTER"' in text(
            letter(case(shipments=(shipment(signed_by="E. CARTER"),)))
        )

    def test_yen_have_no_decimals(self) -> None:
        yen = Money(12800, "JPY")
        the_case = case(payment=payment(amount=yen), orders=(order(total=yen),))
        assert letter(the_case, claim(amount=yen)).ask == "Reversal of the dispute in full: 12800 JPY"

    def test_a_label_is_no_dispatch(self) -> None:
        assert "handed to" not in text(letter(case(shipments=(label_only(),))))

    def test_a_delivery_after_the_dispute_is_not_told_as_one_before(self) -> None:
        assert "before the day the dispute" not in text(letter(s15()[1], s15()[0]))

    def test_two_orders_are_named_by_their_own_payments(self) -> None:
        the_claim, the_case = STORIES["s09"]()
        assert "ch_1 pays order LL-1009" in letter(the_case, the_claim).ground
        assert the_claim.external_id not in text(letter(the_case, the_claim))

    def test_only_uses_after_the_charge_are_told_as_such(self) -> None:
        assert "After the charge the log records one use" in text(letter(s06()[1], s06()[0]))

    def test_no_return_is_told_only_when_none_is_on_record(self) -> None:
        snad = claim(reason_code="13.3", raw_reason="product_unacceptable")
        listing = (document("product_description"),)
        assert "no return" in text(letter(case(documents=listing), snad))
        back = shipment(is_return=True, tracking_number="R", events=())
        assert "no return" not in text(letter(case(documents=listing, shipments=(shipment(), back)), snad))
        said = message(body="I sent it back on Monday.")
        assert "no return" not in text(letter(case(documents=listing, messages=(said,)), snad))

    def test_a_description_kept_with_the_order_is_cited_as_the_listing(self) -> None:
        snad = claim(reason_code="13.3", raw_reason="product_unacceptable")
        sold = order(lines=(line(about="A lamp of walnut, 40 cm high."),))
        told = letter(case(orders=(sold,)), snad)
        assert "the enclosed listing shows" in text(told)
        assert "order" in told.cited
        assert "the enclosed listing shows" not in text(letter(case(), snad))

    def test_a_policy_is_said_to_ask_for_the_goods_only_if_it_does(self) -> None:
        credit = claim(reason_code="13.6", raw_reason="credit_not_processed")
        assert "ties a refund" in text(letter(case(policies=(policy(),)), credit))
        silent = policy(text="We are happy to help you with any question you may have.")
        assert "ties a refund" not in text(letter(case(policies=(silent,)), credit))

    def test_a_policy_that_came_later_is_not_cited(self) -> None:
        credit = claim(reason_code="13.6", raw_reason="credit_not_processed")
        later = policy(in_force_from=ago(1).date())
        assert letter(case(policies=(later,)), credit).ground == ""

    def test_no_shipping_claim_on_digital_goods(self) -> None:
        digital = case(orders=(order(lines=(line(product_type="digital"),)),), usage=(usage(event()),))
        assert "parcel" not in text(letter(digital))


class TestLanguages:
    def test_a_foreign_passage_is_not_cited(self) -> None:
        said = text(letter(s02()[1], s02()[0]))
        assert "lambay" not in said
        assert "wrote" not in said

    def test_its_translation_is(self) -> None:
        the_claim, the_case = s02()
        told = the_case.messages[0].model_copy(update={"translation": "Hello, how do I wire the lamp?"})
        said = text(letter(the_case.model_copy(update={"messages": (told,)}), the_claim))
        assert '"Hello, how do I wire the lamp?"' in said

    def test_a_foreign_policy_waits_for_its_english_text(self) -> None:
        credit = claim(reason_code="13.6", raw_reason="credit_not_processed")
        turkish = policy(text="Ürün iade edildiğinde ücret 14 gün içinde geri ödenir ve kargo bize aittir.")
        the_case = case(policies=(turkish,))
        assert "Returns within" not in text(letter(the_case, credit))
        assert judged(credit, the_case).needs_translation[0].policy == turkish.title


class TestEdits:
    def test_a_dropped_sentence_is_gone_and_can_be_put_back(self) -> None:
        written = letter(case(), edits=LetterEdits(dropped=frozenset({"ack"})))
        assert "ack" not in {each.id for each in written.sentences}
        assert [each.id for each in written.dropped] == ["ack"]

    def test_a_replaced_sentence_is_marked_as_the_merchants(self) -> None:
        written = letter(case(), edits=LetterEdits(replaced={"ack": "The customer thanked us."}))
        own = next(each for each in written.sentences if each.by_merchant)
        assert (own.text, own.exhibits) == ("The customer thanked us.", ("messages",))
        assert "ack" not in {each.id for each in written.sentences}

    def test_the_ground_is_never_replaced_only_followed(self) -> None:
        written = letter(case(), edits=LetterEdits(replaced={"inr.delivered_address.ground": "We did our best."}))
        assert [each.by_merchant for each in written.sentences[:2]] == [False, True]

    def test_a_dropped_ground_gives_way_to_the_next_or_to_none(self) -> None:
        assert letter(case(), edits=LetterEdits(dropped=frozenset({"inr.delivered_address.ground"}))).ground == ""
        the_claim, the_case = STORIES["s03"]()
        assert letter(the_case, the_claim, LetterEdits(dropped=frozenset({"fraud.prior.ground"}))).ground.startswith(
            "The purchase was used"
        )

    def test_added_paragraphs_stand_last(self) -> None:
        written = letter(case(), edits=LetterEdits(added=("We value this customer.", "  ")))
        assert (written.sentences[-1].text, written.sentences[-1].by_merchant) == ("We value this customer.", True)

    def test_an_edit_of_a_sentence_that_no_longer_stands_is_ignored(self) -> None:
        edits = LetterEdits(dropped=frozenset({"dup.two_orders.ground"}), replaced={"moon": "x"})
        assert text(letter(case(), edits=edits)) == text(letter(case()))

    @pytest.mark.parametrize("left", ["Sold on <date>.", "Dear [name],", "{amount} was paid", "signed ____", "TODO"])
    def test_a_placeholder_is_seen(self, left: str) -> None:
        assert unfinished(left)


def test_a_long_quote_says_that_it_is_shortened() -> None:
    long = "It arrived today " + "and it is very beautiful indeed " * 20
    said = text(letter(case(messages=(message(body=long),))))
    assert "(...)" in said
    assert ours("x").direction == "out"
    assert usd(1) < usd(2)


def test_an_internal_note_is_never_cited() -> None:
    note = message(channel="internal note", body="Thank you, it arrived, says the customer on the phone.")
    assert "wrote" not in text(letter(case(messages=(note,))))


def test_the_zone_decides_the_day() -> None:
    from evidence.assessment import AssessmentSettings, assess
    from tests.evidence.builders import NOW

    late = shipment(delivered_at=ago(34).replace(hour=22), events=())
    the_case: CaseFile = case(shipments=(late,))
    days: dict[str, Any] = {}
    for zone in ("UTC", "Europe/Istanbul"):
        assessment = assess(claim(), the_case, NOW, settings=AssessmentSettings(zone=zone))
        days[zone] = compose(claim(), the_case, assessment).ground
    assert "19 October" in days["UTC"]
    assert "20 October" in days["Europe/Istanbul"]


class TestTheOrderOfTheExhibits:
    def built(self, *order: str) -> list[str]:
        the_claim, the_case = claim(), case(messages=(message(), ours("It was delivered on Friday.")))
        return [each.key for each in exhibits(the_claim, the_case, judged(the_claim, the_case), order=order)]

    def test_is_a_persons_where_one_was_given_and_the_desks_for_the_rest(self) -> None:
        own = self.built()
        last = own[-1]
        assert self.built(last) == [last, *own[:-1]]

    def test_ignores_exhibits_that_are_not_shown(self) -> None:
        assert self.built("nothing_of_the_kind") == self.built()

    def test_is_followed_by_the_letter_and_the_fields(self) -> None:
        the_claim, the_case = claim(), case()
        assessment = judged(the_claim, the_case)
        written = compose(the_claim, the_case, assessment)
        own = [each.key for each in exhibits(the_claim, the_case, assessment)]
        turned = packet_context(
            the_claim, the_case, assessment, written, LETTERHEAD, SIGNATORY, NOW, "UTC", tuple(reversed(own))
        )
        assert [each.key for each in turned.exhibits] == own[::-1]
        assert f"Exhibit {chr(ord('A') + len(own) - 1)}" in letter_text(turned)
