"""Credits first: made before, made in part, made after, promised."""

from __future__ import annotations

from disputes.facts import Refund
from disputes.money import Money
from evidence.assessment import Verdict
from evidence.claim import Claim
from evidence.credits import Credits, credits_of
from evidence.sale import Sale
from tests.evidence.builders import ago, case, claim, eur, judged, ours, payment, refund, usd

PROMISE = ours("We will refund you the full amount.", at=ago(18))
NOT_CREDITED = claim(reason_code="13.6", raw_reason="credit_not_processed")


def credits(*refunds: Refund, the_claim: Claim | None = None) -> Credits:
    return credits_of(Sale(the_claim or claim(), case(payment=payment(refunds=refunds))))


def test_a_refund_before_the_dispute_covers_all() -> None:
    found = credits(refund())
    assert (found.covers, found.contested) == ("all", usd(0))


def test_a_refund_in_part_leaves_the_rest() -> None:
    found = credits(refund(amount=usd(4000)), refund(refund_id="re_2", amount=usd(1000)))
    assert (found.covers, found.contested, found.refunded_before) == ("part", usd(13900), usd(5000))


def test_a_dispute_of_only_the_rest_is_contested_in_full() -> None:
    found = credits(refund(amount=usd(4000)), the_claim=claim(amount=usd(14900)))
    assert found.contested == usd(14900)


def test_failed_refunds_are_none() -> None:
    assert credits(refund(status="failed"), refund(status="canceled")).covers == "nothing"


def test_a_refund_after_the_dispute_is_a_double_loss_and_waits_for_a_person() -> None:
    for status in ("succeeded", "pending"):
        made = case(payment=payment(refunds=(refund(created_at=ago(1), status=status),)))
        assessment = judged(claim(), made)
        assert assessment.credits.double_loss
        assert any("Double loss" in why for why in assessment.person_required)
        assert not assessment.ready


def test_a_refund_begun_before_and_not_finished_is_no_credit_yet() -> None:
    found = credits(refund(status="pending"))
    assert (found.covers, len(found.uncertain)) == ("nothing", 1)


def test_a_refund_in_another_currency_is_never_added() -> None:
    found = credits(refund(amount=eur(18900)))
    assert (found.covers, len(found.uncertain)) == ("nothing", 1)


def test_a_new_status_is_for_a_person() -> None:
    made = case(payment=payment(refunds=(refund(status="requires_moon"),)))
    assert any("not finished" in why for why in judged(claim(), made).person_required)


def test_a_charge_in_another_currency_than_the_dispute_breaks_nothing() -> None:
    found = credits_of(Sale(claim(amount=eur(17000)), case(payment=payment(refunds=(refund(),)))))
    assert found.contested == eur(17000)


def test_an_unkept_promise_proposes_acceptance() -> None:
    assessment = judged(NOT_CREDITED, case(messages=(PROMISE,)))
    assert assessment.verdict is Verdict.ACCEPT
    assert assessment.person_required == (
        "Accepting cannot be taken back. A person decides.",
        "The customer may be right: Your own mail promises a refund that was not made.",
    )
    assert not assessment.ready


def test_a_kept_promise_does_not() -> None:
    made = case(messages=(PROMISE,), payment=payment(refunds=(refund(created_at=ago(17)),)))
    assert judged(NOT_CREDITED, made).verdict is Verdict.FIGHT


def test_a_refund_in_part_before_the_dispute_is_never_proposed_for_acceptance() -> None:
    made = case(messages=(PROMISE,), payment=payment(refunds=(refund(amount=usd(100), created_at=ago(30)),)))
    assessment = judged(NOT_CREDITED, made)
    assert assessment.verdict is not Verdict.ACCEPT
    assert any("promises a refund" in why for why in assessment.person_required)


def test_a_promise_of_a_small_part_does_not_give_up_the_whole() -> None:
    small = ours("We will refund 20.00 USD.", at=ago(18))
    assert judged(NOT_CREDITED, case(messages=(small,))).verdict is not Verdict.ACCEPT


def test_a_promise_of_the_shipping_cost_does_not_give_up_the_whole() -> None:
    part = ours("We will refund the shipping cost.", at=ago(18))
    assessment = judged(NOT_CREDITED, case(messages=(part,)))
    assert assessment.verdict is not Verdict.ACCEPT
    assert any("promises a refund" in why for why in assessment.person_required)


def test_no_payment_record_means_no_credit() -> None:
    assert credits_of(Sale(claim(amount=Money(500, "JPY")), case(payment=None))).covers == "nothing"
