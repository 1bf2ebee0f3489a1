from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import stripe

from gateways.sandbox.control import SandboxControl

Refused = pytest.raises(stripe.InvalidRequestError)


def refusal(client: stripe.StripeClient, dispute: str, **params: Any) -> stripe.InvalidRequestError:
    with pytest.raises(stripe.InvalidRequestError) as caught:
        client.v1.disputes.update(dispute, params)  # type: ignore[arg-type]
    assert caught.value.http_status == 400
    return caught.value


class TestStaging:
    def test_staged_evidence_is_kept_and_submits_nothing(
        self, client: stripe.StripeClient, control: SandboxControl
    ) -> None:
        id = control.dispute()["id"]
        staged = client.v1.disputes.update(id, {"evidence": {"customer_name": "Ada"}, "submit": False})
        assert (staged.status, staged.evidence_details.submission_count) == ("needs_response", 0)
        assert staged.evidence_details.has_evidence is True
        assert client.v1.disputes.retrieve(id).evidence.customer_name == "Ada"
        assert control.effects(id) == {"staged": 1, "submitted": 0, "closed": 0, "elsewhere": {}}

    def test_an_empty_value_clears_and_the_rest_stays(
        self, client: stripe.StripeClient, control: SandboxControl
    ) -> None:
        id = control.dispute()["id"]
        client.v1.disputes.update(id, {"evidence": {"customer_name": "Ada", "service_date": "May"}, "submit": False})
        after = client.v1.disputes.update(id, {"evidence": {"service_date": ""}, "submit": False})
        assert (after.evidence.service_date, after.evidence.customer_name) == (None, "Ada")
        empty = client.v1.disputes.update(id, {"evidence": {"customer_name": ""}, "submit": False})
        assert empty.evidence_details.has_evidence is False

    def test_unknown_fields_are_refused_at_every_depth(
        self, client: stripe.StripeClient, control: SandboxControl
    ) -> None:
        id = control.dispute()["id"]
        error = refusal(client, id, evidence={"tracking": "1"}, submit=False)
        assert (error.code, error.param) == ("parameter_unknown", "evidence[tracking]")
        assert refusal(client, id, submitted=True).param == "submitted"
        deep = {"enhanced_evidence": {"visa_compliance": {"fee": True}}}
        assert refusal(client, id, evidence=deep).param == "evidence[enhanced_evidence][visa_compliance][fee]"
        assert control.effects(id)["staged"] == 0

    @pytest.mark.parametrize(("field", "limit"), [("product_description", 20_000), ("shipping_address", 5_000)])
    def test_text_has_its_limit(
        self, client: stripe.StripeClient, control: SandboxControl, field: str, limit: int
    ) -> None:
        id = control.dispute()["id"]
        evidence: Any = {field: "x" * limit}
        client.v1.disputes.update(id, {"evidence": evidence, "submit": False})
        error = refusal(client, id, evidence={field: "x" * (limit + 1)}, submit=False)
        assert f"at most {limit} characters" in str(error)
        assert error.param == f"evidence[{field}]"

    def test_all_texts_together_have_one_too(self, client: stripe.StripeClient, control: SandboxControl) -> None:
        from gateways.sandbox.stripe.evidence import LONG

        id = control.dispute()["id"]
        assert "150000" in str(refusal(client, id, evidence=dict.fromkeys(LONG, "x" * 19_000), submit=False))

    def test_a_file_must_exist_and_be_evidence(
        self, client: stripe.StripeClient, control: SandboxControl, upload: Callable[..., stripe.File], pdf: Any
    ) -> None:
        id = control.dispute()["id"]
        assert "No such file upload: 'file_1X'" in str(refusal(client, id, evidence={"receipt": "file_1X"}))
        other = upload(pdf(), purpose="identity_document")
        assert "must be 'dispute_evidence'" in str(refusal(client, id, evidence={"receipt": other.id}, submit=False))

    def test_metadata_is_merged_and_an_empty_value_unsets(
        self, client: stripe.StripeClient, control: SandboxControl
    ) -> None:
        id = control.dispute(metadata={"a": "1", "b": "2"})["id"]
        after = client.v1.disputes.update(id, {"metadata": {"a": "", "c": "3"}, "submit": False})
        assert after.metadata.to_dict() == {"b": "2", "c": "3"}

    def test_somebody_in_the_dashboard_can_stage_too(
        self, client: stripe.StripeClient, control: SandboxControl
    ) -> None:
        id = control.dispute()["id"]
        control.stage_foreign(id, customer_name="Not ours")
        assert client.v1.disputes.retrieve(id).evidence.customer_name == "Not ours"
        assert control.effects(id)["elsewhere"] == {"staged": 1}
        assert control.effects(id)["staged"] == 0


class TestSubmitting:
    def test_leaving_submit_out_submits(self, client: stripe.StripeClient, control: SandboxControl) -> None:
        id = control.dispute()["id"]
        after = client.v1.disputes.update(id, {"evidence": {"uncategorized_text": "only meant to stage this"}})
        assert after.status == "under_review"
        details = after.evidence_details
        assert (details.submission_count, details.has_evidence, details.submission_method) == (1, True, "manual")
        assert control.effects(id)["submitted"] == 1

    def test_there_is_one_submission(self, client: stripe.StripeClient, control: SandboxControl) -> None:
        id = control.dispute()["id"]
        client.v1.disputes.update(id, {"submit": True})
        assert "already been submitted" in str(refusal(client, id, submit=True))
        assert "already been submitted" in str(refusal(client, id, evidence={"customer_name": "A"}, submit=False))
        assert control.effects(id) == {"staged": 0, "submitted": 1, "closed": 0, "elsewhere": {}}

    def test_a_colleague_may_have_spent_it(self, client: stripe.StripeClient, control: SandboxControl) -> None:
        id = control.dispute()["id"]
        control.submit_foreign(id)
        assert "already been submitted" in str(refusal(client, id, submit=True))
        assert control.effects(id)["elsewhere"] == {"submitted": 1}

    def test_a_closed_dispute_takes_nothing(self, client: stripe.StripeClient, control: SandboxControl) -> None:
        id = control.dispute()["id"]
        control.outcome(id, "won")
        error = refusal(client, id, submit=False, metadata={"a": "b"})
        assert error.error is not None
        assert (error.error.message, error.code, error.param) == ("This dispute is already closed", None, None)
        with pytest.raises(stripe.InvalidRequestError, match="This dispute is already closed"):
            client.v1.disputes.close(id)

    def test_past_the_due_date_it_is_refused_unless_the_account_allows(
        self, client: stripe.StripeClient, control: SandboxControl
    ) -> None:
        id = control.dispute(opened_days=12, due={"days": -2})["id"]
        client.v1.disputes.update(id, {"evidence": {"customer_name": "A"}, "submit": False})
        assert "deadline" in str(refusal(client, id, submit=True))
        control.settings(past_due="allow")
        after = client.v1.disputes.update(id, {"submit": True})
        control.settings(past_due="refuse")
        assert (after.status, after.evidence_details.past_due) == ("under_review", True)

    @pytest.mark.parametrize("due", [None, 0])
    def test_a_dispute_without_due_date_cannot_be_contested(
        self, client: stripe.StripeClient, control: SandboxControl, due: int | None
    ) -> None:
        id = control.dispute(network_reason_code="10.5", reason="fraudulent", due=due)["id"]
        assert client.v1.disputes.retrieve(id).evidence_details.due_by == due
        assert "does not allow evidence" in str(refusal(client, id, submit=True))

    def test_compliance_wants_its_fee_acknowledged(self, client: stripe.StripeClient, control: SandboxControl) -> None:
        dispute = control.dispute(kind="compliance", reason="noncompliant", network_reason_code="C028")
        assert dispute["enhanced_eligibility_types"] == ["visa_compliance"]
        assert "500 USD" in str(refusal(client, dispute["id"], submit=True))
        fee: Any = {"enhanced_evidence": {"visa_compliance": {"fee_acknowledged": True}}}
        after = client.v1.disputes.update(dispute["id"], {"evidence": fee, "submit": True}).to_dict()
        assert after["evidence_details"]["enhanced_eligibility"]["visa_compliance"]["status"] == "fee_acknowledged"

    def test_the_intended_method_is_kept_where_the_account_has_it(
        self, client: stripe.StripeClient, control: SandboxControl
    ) -> None:
        id = control.dispute()["id"]
        after = client.v1.disputes.update(id, {"intended_submission_method": "prefer_manual", "submit": False})
        assert after.intended_submission_method == "prefer_manual"
        control.settings(submission_methods=False)
        error = refusal(client, id, intended_submission_method="manual", submit=False)
        control.settings(submission_methods=True)
        assert error.code == "parameter_unknown"


class TestAccepting:
    def test_a_chargeback_is_lost_at_once(self, client: stripe.StripeClient, control: SandboxControl) -> None:
        id = control.dispute()["id"]
        assert client.v1.disputes.close(id).status == "lost"
        assert control.effects(id)["closed"] == 1
        assert len(client.v1.disputes.retrieve(id).balance_transactions) == 1

    def test_accepting_an_inquiry_settles_nothing(self, client: stripe.StripeClient, control: SandboxControl) -> None:
        id = control.dispute(kind="inquiry")["id"]
        assert client.v1.disputes.close(id).status == "warning_needs_response"

    def test_what_lies_at_the_bank_cannot_be_accepted(
        self, client: stripe.StripeClient, control: SandboxControl
    ) -> None:
        id = control.dispute()["id"]
        client.v1.disputes.update(id, {"submit": True})
        with Refused:
            client.v1.disputes.close(id)
        assert control.effects(id)["closed"] == 0


class TestCompellingEvidence:
    def test_it_qualifies_once_nothing_is_missing(self, client: stripe.StripeClient, control: SandboxControl) -> None:
        buyer = {"customer": {"email": "ce3@example.com"}}
        priors = [control.charge(paid_days=days, **buyer)["id"] for days in (150, 200)]
        dispute = control.dispute(reason="fraudulent", network_reason_code="10.4", **buyer)
        assert dispute["enhanced_eligibility_types"] == ["visa_compelling_evidence_3"]
        shared = {"customer_purchase_ip": "198.51.100.9", "customer_email_address": "ce3@example.com"}
        given: Any = {
            "disputed_transaction": {**shared, "product_description": "Lamp", "merchandise_or_services": "merchandise"},
            "prior_undisputed_transactions": [
                {**shared, "charge": charge, "product_description": "Bowl"} for charge in priors
            ],
        }
        evidence: Any = {"enhanced_evidence": {"visa_compelling_evidence_3": given}}
        after = client.v1.disputes.update(dispute["id"], {"evidence": evidence, "submit": False}).to_dict()
        found = after["evidence_details"]["enhanced_eligibility"]["visa_compelling_evidence_3"]
        assert found == {"required_actions": [], "status": "qualified"}

    def test_unfinished_it_is_filed_as_ordinary_evidence(
        self, client: stripe.StripeClient, control: SandboxControl
    ) -> None:
        buyer = {"customer": {"email": "ce3-too-few@example.com"}}
        for days in (150, 200):
            control.charge(paid_days=days, **buyer)
        id = control.dispute(reason="fraudulent", network_reason_code="10.4", **buyer)["id"]
        after = client.v1.disputes.update(id, {"submit": True}).to_dict()
        found = after["evidence_details"]["enhanced_eligibility"]["visa_compelling_evidence_3"]
        assert found["status"] == "not_qualified"
        assert len(found["required_actions"]) == 5
