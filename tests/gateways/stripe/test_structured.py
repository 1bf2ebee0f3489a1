"""Visa Compelling Evidence 3.0 in Stripe's nested fields, written under flat names and read back under them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from disputes.comparison import differences
from gateways.sandbox.control import SandboxControl
from gateways.stripe.adapter import StripeGateway
from gateways.stripe.structured import flat, nested
from tests import builders
from tests.gateways.stripe.calls import opened

ROOT = "enhanced_evidence.visa_compelling_evidence_3"
VALUES = st.text(min_size=1, max_size=20)


@given(st.dictionaries(st.sampled_from(["a.b", "a.c", "d", "rows[0].x", "rows[1].x", "rows[1].y.z"]), VALUES))
def test_flat_names_and_nested_objects_say_the_same(fields: dict[str, str]) -> None:
    named = {f"enhanced_evidence.{name}": value for name, value in fields.items()}
    if any("rows[1]" in name for name in named) and not any("rows[0]" in name for name in named):
        named["enhanced_evidence.rows[0].x"] = "first"
    assert flat(nested(named)) == named


def test_other_fields_stay_as_they_are() -> None:
    assert nested({"product_description": "Lamp. Brass."}) == {"product_description": "Lamp. Brass."}


def test_a_name_that_is_no_field_is_refused() -> None:
    with pytest.raises(ValueError, match="not a field"):
        nested({"enhanced_evidence.a b": "x"})


def paid_before(control: SandboxControl, email: str) -> list[str]:
    return [str(control.charge(paid_days=days, customer={"email": email})["id"]) for days in (150, 200)]


def compelling(priors: list[str], email: str) -> dict[str, str]:
    shared = {"customer_purchase_ip": "198.51.100.9", "customer_email_address": email}
    told: dict[str, str] = {f"{ROOT}.disputed_transaction.merchandise_or_services": "merchandise"}
    rows = [
        ("disputed_transaction", {}),
        *((f"prior_undisputed_transactions[{n}]", {"charge": c}) for n, c in enumerate(priors)),
    ]
    for at, more in rows:
        for name, value in {**shared, **more, "product_description": "Lamp"}.items():
            told[f"{ROOT}.{at}.{name}"] = value
    return told


def test_two_earlier_payments_qualify_and_are_read_back_as_approved(
    gateway: StripeGateway, control: SandboxControl
) -> None:
    email = "ce3-adapter@example.com"
    priors = paid_before(control, email)
    one = opened(control, reason="fraudulent", network_reason_code="10.4", customer={"email": email})
    assert gateway.dispute(one).compelling == {"status": "requires_action", "actions": list(ALL_ACTIONS)}
    fields = compelling(priors, email)
    response = builders.answer(external_id=one, **fields).model_copy(update={"files": ()})
    gateway.stage(response, {}, key=f"stage-{one}")
    assert gateway.dispute(one).compelling == {"status": "qualified", "actions": []}
    assert differences(response, gateway.read_back(one)) == []


def test_what_we_structured_is_emptied_when_it_no_longer_holds(gateway: StripeGateway, control: SandboxControl) -> None:
    email = "ce3-cleared@example.com"
    fields = compelling(paid_before(control, email), email)
    one = opened(control, reason="fraudulent", network_reason_code="10.4", customer={"email": email})
    first = builders.answer(external_id=one, **fields).model_copy(update={"files": ()})
    gateway.stage(first, {}, key=f"stage-{one}-1")
    plain = builders.answer(external_id=one).model_copy(update={"files": ()})
    gateway.stage(plain, {}, key=f"stage-{one}-2", clear=tuple(fields))
    assert not any(name.startswith("enhanced_evidence") for name in gateway.read_back(one).fields)


def test_an_earlier_payment_with_a_fraud_warning_is_marked(gateway: StripeGateway, control: SandboxControl) -> None:
    email = "ce3-warned@example.com"
    priors = paid_before(control, email)
    control.early_fraud_warning(priors[0])
    one = opened(control, reason="fraudulent", network_reason_code="10.4", customer={"email": email})
    payment, _ = gateway.payment(gateway.dispute(one))
    marked: dict[str, Any] = {prior.payment_id: prior.fraud_report for prior in payment.prior_payments}
    assert marked == {priors[0]: True, priors[1]: False}


ALL_ACTIONS = (
    "missing_customer_identifiers",
    "missing_disputed_transaction_description",
    "missing_merchandise_or_services",
    "missing_prior_undisputed_transaction_description",
    "missing_prior_undisputed_transactions",
)
