"""What holds for every case, not only for the ones somebody thought of."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from disputes.facts import CaseFile, Document, Message, ProductType
from disputes.knowledge.data import load
from evidence.answer import packet_context
from evidence.assessment import Verdict
from evidence.claim import Claim
from evidence.fields import response_fields
from evidence.letter import compose
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
    prior,
    refund,
    shipment,
    three_d_secure,
    usage,
)
from tests.evidence.test_answer import flat, printed

NOT_RECEIVED = [
    (row["network"], row["code"], row["stripe_reason"])
    for row in load("reason_codes")["codes"]
    if row["playbook"] == "not_received" and row["challengeable" if "challengeable" in row else "code"]
]
ITEMS = [row["item"] for row in load("evidence_items")["items"]]
PAPER = [
    item for item in ITEMS if item not in ("dispute_withdrawal_letter", "delivery_confirmation", "tracking_events")
]

papers = st.lists(st.sampled_from(PAPER), max_size=12, unique=True).map(
    lambda items: tuple(document(item) for item in items)
)
words = st.lists(
    st.sampled_from(
        ["Thank you!", "Hello, how is my order?", "We will send it soon.", "It arrived today.", "Kargo geldi"]
    ),
    max_size=4,
)


@st.composite
def mails(draw: st.DrawFn) -> tuple[Message, ...]:
    return tuple(
        message(message_id=str(number), body=body, direction=draw(st.sampled_from(["in", "out"])))
        for number, body in enumerate(draw(words))
    )


@settings(max_examples=150, deadline=None)
@given(
    code=st.sampled_from(NOT_RECEIVED),
    paper=papers,
    letters=mails(),
    parcels=st.sampled_from([(), (label_only(),), (shipment(order_ref="LL-9"),)]),
    waived=st.frozensets(st.sampled_from(ITEMS)),
    unavailable=st.frozensets(st.sampled_from(ITEMS)),
    checks=st.sampled_from(["pass", "fail", None]),
)
def test_no_never_shipped_case_of_non_receipt_is_ever_ready(
    code: tuple[str, str, str],
    paper: tuple[Document, ...],
    letters: tuple[Message, ...],
    parcels: tuple[Any, ...],
    waived: frozenset[str],
    unavailable: frozenset[str],
    checks: Any,
) -> None:
    network, number, raw = code
    the_claim = claim(network=network, reason_code=number, raw_reason=raw, waived=waived, unavailable=unavailable)
    paid = payment(
        avs_line1=checks, avs_postal_code=checks, cvc=checks, three_d_secure=three_d_secure(), prior_payments=(prior(),)
    )
    assessment = judged(
        the_claim, case(payment=paid, shipments=parcels, messages=letters, documents=paper, policies=(policy(),))
    )
    assert not assessment.ready
    assert assessment.verdict is not Verdict.FIGHT
    assert assessment.score.points <= 40


def rich(product_type: ProductType) -> CaseFile:
    """As much as a shop can have about one sale."""
    paper = tuple(document(item, dated=ago(20)) for item in ITEMS if item != "dispute_withdrawal_letter")
    return case(
        payment=payment(
            three_d_secure=three_d_secure(),
            avs_line1="pass",
            avs_postal_code="pass",
            cvc="pass",
            authorization_code="123456",
            prior_payments=(prior(),),
            refunds=(refund(amount=payment().amount.__class__(1000, "USD")),),
        ),
        orders=(
            order(
                lines=(line(product_type=product_type),),
                terms_accepted_at=ago(41),
                account_since=ago(300),
                cancelled_at=ago(37),
            ),
            order(order_ref="LL-2", payment_id="ch_2", lines=(line(description="Cushion"),)),
        ),
        shipments=(shipment(signed_by="E. CARTER"), shipment(order_ref="LL-2", tracking_number="T2")),
        messages=(
            message(),
            ours("Thank you for your order LL-1001.", at=ago(40)),
            ours("Your subscription will renew next week.", at=ago(41)),
            message(message_id="tr", body="Merhaba, kargo geldi, teşekkürler.", at=ago(32)),
        ),
        policies=(
            policy(),
            policy(kind="cancellation", title="Cancellation"),
            policy(kind="shipping", title="Shipping"),
        ),
        usage=(usage(event(), event(at=ago(10), action="download")),),
        documents=paper,
    )


ROWS = {row["playbook"]: (row["network"], row["code"], row["stripe_reason"]) for row in load("reason_codes")["codes"]}
TYPES: tuple[ProductType, ...] = ("physical", "digital", "service", "subscription", "travel")


def claim_of(playbook: str) -> Claim:
    network, code, raw = ROWS[playbook]
    return claim(network=network, reason_code=code, raw_reason=raw, sub_condition=None)


@pytest.mark.parametrize("product_type", TYPES)
@pytest.mark.parametrize("playbook", sorted(ROWS))
def test_fields_and_packet_never_differ(playbook: str, product_type: ProductType) -> None:
    the_claim, the_case = claim_of(playbook), rich(product_type)
    assessment = judged(the_claim, the_case)
    letter = compose(the_claim, the_case, assessment)
    if not letter.ground or not the_claim.reason.challengeable:
        return
    ctx = packet_context(the_claim, the_case, assessment, letter, LETTERHEAD, SIGNATORY, NOW, "Europe/Istanbul")
    fields = response_fields(the_claim, the_case, assessment, letter, ctx)
    paper = printed(ctx)
    for field, value in fields.items():
        if field not in (
            "shipping_date",
            "service_date",
            "uncategorized_text",
            "access_activity_log",
            "product_description",
        ):
            assert all(flat(part) in paper for part in value.split("\n")), field
    if product_type != "physical":
        assert not [field for field in fields if field.startswith("shipping")]
    assert {key for each in ctx.letter for key in each.exhibits} <= {each.key for each in ctx.exhibits}
    assert letter.sentences[0].id.endswith(".ground")


@pytest.mark.parametrize("product_type", TYPES)
@pytest.mark.parametrize("playbook", sorted(ROWS))
def test_a_full_case_has_something_to_say_wherever_proof_is_asked_for(playbook: str, product_type: ProductType) -> None:
    the_claim = claim_of(playbook)
    if the_claim.reason.playbook.required_any_of:
        assert compose(the_claim, rich(product_type), judged(the_claim, rich(product_type))).ground


@pytest.mark.parametrize("playbook", sorted(ROWS))
def test_an_empty_case_is_judged_and_never_ready(playbook: str) -> None:
    the_claim = claim_of(playbook)
    assessment = judged(the_claim, CaseFile())
    assert assessment.verdict is not Verdict.FIGHT or not assessment.checklist
    assert compose(the_claim, CaseFile(), assessment).ground == ""
