"""Packet and fields: from the same facts, within the limits, with nothing internal in them."""

from __future__ import annotations

import re
from typing import Any

import pytest

from disputes.facts import CaseFile
from disputes.knowledge import stripe_slots
from evidence.answer import (
    NotContestable,
    NothingToSay,
    TooLong,
    Unfinished,
    packet_context,
)
from evidence.claim import Claim
from evidence.fields import response_fields
from evidence.fields.words import exhibit_letter
from evidence.letter import LetterEdits, compose
from evidence.packet.context import PacketContext
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
    payment,
    policy,
    shipment,
    usage,
)
from tests.evidence.story import STORIES, alert, s02, s05

FILED = sorted(set(STORIES) - {"s04", "s08", "s10", "s16", "s22"})


def answer(
    the_claim: Claim, the_case: CaseFile, edits: LetterEdits | None = None, zone: str = "UTC"
) -> tuple[PacketContext, dict[str, str]]:
    assessment = judged(the_claim, the_case)
    letter = compose(the_claim, the_case, assessment, edits)
    ctx = packet_context(the_claim, the_case, assessment, letter, LETTERHEAD, SIGNATORY, NOW, zone)
    return ctx, response_fields(the_claim, the_case, assessment, letter, ctx)


def flat(text: str) -> str:
    return re.sub(r"[\s,]+", " ", text)


def printed(ctx: PacketContext) -> str:
    """Everything the packet prints, as one text."""

    def walk(node: Any) -> list[str]:
        if isinstance(node, dict):
            return [text for each in node.values() for text in walk(each)]
        if isinstance(node, list):
            return [text for each in node for text in walk(each)]
        return [str(node)]

    return flat(" ".join(walk(ctx.model_dump(mode="json"))))


class TestFieldsAndPacketNeverDiffer:
    @pytest.mark.parametrize("name", FILED)
    def test_every_fact_in_a_field_is_printed_in_the_packet(self, name: str) -> None:
        ctx, fields = answer(*STORIES[name]())
        paper = printed(ctx)
        days = {"shipping_date", "service_date"}
        for field, value in fields.items():
            if field in days | {"uncategorized_text", "product_description", "access_activity_log"}:
                continue
            for part in value.split("\n"):
                assert flat(part) in paper, (field, part)

    @pytest.mark.parametrize("name", FILED)
    def test_the_free_text_is_the_letter(self, name: str) -> None:
        ctx, fields = answer(*STORIES[name]())
        for paragraph in ctx.letter:
            assert paragraph.text in fields["uncategorized_text"]

    @pytest.mark.parametrize("name", FILED)
    def test_only_fields_the_reason_asks_for_are_filled(self, name: str) -> None:
        the_claim, the_case = STORIES[name]()
        reason = the_claim.reason
        kind = judged(the_claim, the_case).product_type
        allowed = stripe_slots().fields((the_claim.raw_reason, reason.gateway_reason), kind)
        _, fields = answer(the_claim, the_case)
        assert set(fields) <= allowed
        assert all(fields.values())

    def test_the_shipping_date_is_the_dispatch(self) -> None:
        ctx, fields = answer(claim(), case(), zone="Europe/Istanbul")
        assert fields["shipping_date"] == "2026-10-15"
        assert "15 October 2026" in printed(ctx)

    def test_the_log_in_the_field_is_the_log_in_the_packet(self) -> None:
        ctx, fields = answer(*STORIES["s03"]())
        for entry in fields["access_activity_log"].splitlines():
            assert entry.split("  ")[0].replace(",", "") in printed(ctx)

    def test_a_dropped_sentence_leaves_its_field_too(self) -> None:
        the_claim, the_case = STORIES["s06"]()
        _, whole = answer(the_claim, the_case)
        _, less = answer(the_claim, the_case, LetterEdits(dropped=frozenset({"sub.renewal_notice"})))
        assert "notice of the renewal" in whole["cancellation_rebuttal"]
        assert "notice of the renewal" not in less["cancellation_rebuttal"]

    def test_a_replaced_sentence_replaces_it_in_the_field(self) -> None:
        the_claim, the_case = STORIES["s06"]()
        _, fields = answer(the_claim, the_case, LetterEdits(replaced={"sub.used": "He used it a lot."}))
        assert "He used it a lot." in fields["cancellation_rebuttal"]


class TestDigital:
    def test_no_shipping_field_on_digital_goods(self) -> None:
        digital = case(orders=(order(lines=(line(product_type="digital"),)),), usage=(usage(event()),))
        _, fields = answer(claim(), digital)
        assert not [field for field in fields if field.startswith("shipping")]

    def test_a_service_has_its_date(self) -> None:
        served = case(
            orders=(order(lines=(line(product_type="service"),)),),
            shipments=(),
            messages=(),
            documents=(document("service_proof", dated=ago(20)),),
        )
        ctx, fields = answer(claim(), served)
        assert fields["service_date"] == "2026-11-02"
        assert "2 November 2026" in ctx.ground


class TestExhibits:
    @pytest.mark.parametrize("name", FILED)
    def test_every_citation_has_its_exhibit(self, name: str) -> None:
        ctx, _ = answer(*STORIES[name]())
        keys = [each.key for each in ctx.exhibits]
        assert len(keys) == len(set(keys))
        cited = {key for each in ctx.letter for key in each.exhibits} | {row.exhibit for row in ctx.rows}
        assert cited <= set(keys)

    @pytest.mark.parametrize("name", FILED)
    def test_every_exhibit_shows_something_and_says_where_it_is_from(self, name: str) -> None:
        for exhibit in answer(*STORIES[name]())[0].exhibits:
            assert exhibit.tables or exhibit.messages or exhibit.quotes or exhibit.files
            assert exhibit.source
            assert exhibit.explanation
            assert exhibit.slot in stripe_slots().file_slots

    def test_the_order_is_proof_words_policy_context(self) -> None:
        ctx, _ = answer(
            claim(reason_code="13.3", raw_reason="product_unacceptable"),
            case(policies=(policy(),), documents=(document("product_description"),)),
        )
        keys = [each.key for each in ctx.exhibits]
        assert keys.index("tracking") < keys.index("messages") < keys.index("return_policy") < keys.index("order")

    def test_the_return_policy_stays_out_of_a_case_of_non_receipt(self) -> None:
        ctx, _ = answer(claim(), case(policies=(policy(),)))
        assert "return_policy" not in {each.key for each in ctx.exhibits}

    def test_slots_follow_stripes_form(self) -> None:
        slots = {each.key: each.slot for each in answer(claim(), case())[0].exhibits}
        assert slots["tracking"] == "shipping_documentation"
        assert slots["messages"] == "customer_communication"
        assert slots["order"] == "receipt"

    def test_papers_of_the_other_order_go_where_duplicates_go(self) -> None:
        slots = {each.key: each.slot for each in answer(*STORIES["s09"]())[0].exhibits}
        assert slots["duplicate"] == "duplicate_charge_documentation"

    def test_foreign_messages_stay_out_until_translated(self) -> None:
        the_claim, the_case = s02()
        assert "messages" not in {each.key for each in answer(the_claim, the_case)[0].exhibits}
        told = the_case.messages[0].model_copy(update={"translation": "Hello, how do I wire the lamp?"})
        ctx, _ = answer(the_claim, the_case.model_copy(update={"messages": (told,)}))
        assert "messages" in {each.key for each in ctx.exhibits}

    def test_a_foreign_quote_below_an_english_message_stays_out(self) -> None:
        told = message(quoted="Merhaba, bu ürün için iade var mı?")
        assert "iade" not in printed(answer(claim(), case(messages=(told,)))[0])

    def test_internal_notes_never_appear(self) -> None:
        note = message(message_id="note", channel="helpdesk internal", body="Thank you, this customer is lying to us.")
        ctx, fields = answer(claim(), case(messages=(message(), note)))
        assert "lying" not in printed(ctx) + str(fields)

    def test_foreign_carrier_words_are_told_by_their_state(self) -> None:
        events = (shipment().events[0].model_copy(update={"text": "Kargo teslim alındı ve yola çıktı"}),)
        ctx, _ = answer(claim(), case(shipments=(shipment(events=events),)))
        assert "teslim" not in printed(ctx)
        assert "in transit" in printed(ctx)

    def test_captions_and_translations_stay_the_merchants(self) -> None:
        photo = document("delivery_photo", caption="The parcel at the door", translation="Left at door")
        ctx, _ = answer(claim(), case(documents=(photo,)))
        part = next(each for each in ctx.exhibits if each.key == "doc_delivery_photo").files[0]
        assert (part.caption, part.translation) == ("The parcel at the door", "Left at door")


class TestNothingInternal:
    @pytest.mark.parametrize("name", FILED)
    def test_no_score_gap_or_internal_value_reaches_the_bank(self, name: str) -> None:
        the_claim, the_case = STORIES[name]()
        ctx, fields = answer(the_claim, the_case)
        text = printed(ctx) + " ".join(fields.values())
        for word in ("score", "Missing:", "waived", "needs_evidence", "permille", "fingerprint", "http"):
            assert word not in text


class TestRefusals:
    def test_no_record_no_packet(self) -> None:
        with pytest.raises(NothingToSay):
            answer(claim(), case(shipments=(label_only(),), messages=()))

    def test_an_early_fraud_warning_has_no_packet(self) -> None:
        with pytest.raises(NotContestable):
            answer(*alert())

    def test_a_placeholder_never_leaves(self) -> None:
        with pytest.raises(Unfinished, match="<date>"):
            answer(claim(), case(), LetterEdits(added=("Sold on <date>.",)))

    def test_over_the_limit_is_a_loud_refusal(self) -> None:
        with pytest.raises(TooLong) as refused:
            answer(claim(), case(), LetterEdits(added=("word " * 5_000,)))
        assert (refused.value.field, refused.value.limit) == ("uncategorized_text", 20_000)
        assert "Shorten" in str(refused.value)

    def test_a_short_field_has_the_short_limit(self) -> None:
        with pytest.raises(TooLong, match="customer_name"):
            answer(claim(), case(orders=(order(customer_name="A" * 5_001),), payment=payment(customer_name=None)))

    def test_a_log_too_long_for_its_field_is_told_by_the_day(self) -> None:
        events = tuple(event(at=ago(30 - number / 100), detail="page " * 6) for number in range(600))
        digital = case(orders=(order(lines=(line(product_type="digital"),)),), usage=(usage(*events),))
        _, fields = answer(claim(), digital)
        log = fields["access_activity_log"]
        assert sum(int(found) for found in re.findall(r"login: (\d+)", log)) == 600


def test_page_one_compares_the_addresses() -> None:
    checks = {"avs_line1": "pass", "avs_postal_code": "pass", "cvc": "pass"}
    ctx, _ = answer(claim(), case(payment=payment(**checks)))
    assert [column.title for column in ctx.addresses] == [
        "Ordered",
        "Billing (confirmed by the card's bank)",
        "Delivered",
    ]


def test_a_lossy_code_fills_the_form_of_the_claim_that_is_meant() -> None:
    the_claim, the_case = s05("not_provided")
    _, fields = answer(the_claim, the_case)
    assert fields["shipping_carrier"] == "DHL"


def test_exhibit_letters_go_on_after_z() -> None:
    assert [exhibit_letter(number) for number in (0, 25, 26, 51, 52)] == ["A", "Z", "AA", "AZ", "BA"]
