from __future__ import annotations

from collections.abc import Callable

import pytest
import stripe

from gateways.sandbox.control import SandboxControl
from gateways.sandbox.launch import Sandbox


@pytest.fixture(scope="module")
def charge_with_seven(sandbox: Sandbox) -> str:
    """A charge disputed seven times, so that a page can be told apart from everybody else's disputes."""
    first = sandbox.controls.dispute(opened_days=7)
    for day in range(6):
        sandbox.controls.dispute(charge=first["charge"], opened_days=day)
    return str(first["charge"])


class TestLists:
    def test_pages_hold_all_disputes_newest_first(self, client: stripe.StripeClient, charge_with_seven: str) -> None:
        page = client.v1.disputes.list({"charge": charge_with_seven, "limit": 3})
        assert len(page.data) == 3
        assert page.has_more is True
        created = [dispute.created for dispute in page.auto_paging_iter()]
        assert len(created) == 7
        assert created == sorted(created, reverse=True)

    def test_ending_before_walks_back_up(self, client: stripe.StripeClient, charge_with_seven: str) -> None:
        everything = [d.id for d in client.v1.disputes.list({"charge": charge_with_seven, "limit": 100}).data]
        page = client.v1.disputes.list({"charge": charge_with_seven, "limit": 3, "ending_before": everything[5]})
        assert [dispute.id for dispute in page.data] == everything[2:5]
        assert page.has_more is True

    def test_a_page_is_ten_long_unless_asked(self, client: stripe.StripeClient, control: SandboxControl) -> None:
        for _ in range(11):
            control.dispute()
        assert len(client.v1.disputes.list().data) == 10

    def test_created_is_a_window(self, client: stripe.StripeClient, charge_with_seven: str) -> None:
        everything = client.v1.disputes.list({"charge": charge_with_seven, "limit": 100}).data
        window: stripe.params.DisputeListParamsCreated = {"gt": everything[4].created, "lte": everything[1].created}
        found = client.v1.disputes.list({"charge": charge_with_seven, "created": window}).data
        assert [dispute.id for dispute in found] == [dispute.id for dispute in everything[1:4]]

    def test_a_payment_intent_finds_its_dispute(self, client: stripe.StripeClient, control: SandboxControl) -> None:
        dispute = control.dispute()
        found = client.v1.disputes.list({"payment_intent": dispute["payment_intent"]}).data
        assert [one.id for one in found] == [dispute["id"]]

    @pytest.mark.parametrize(
        ("params", "message"),
        [
            ({"status": "needs_response"}, "Received unknown parameter: status"),
            ({"limit": 101}, "less than or equal to 100"),
            ({"limit": 0}, "greater than or equal to 1"),
            ({"created": {"after": 5}}, r"Received unknown parameter: created\[after\]"),
            ({"starting_after": "du_1Nowhere"}, "No such dispute: 'du_1Nowhere'"),
            ({"expand": ["data.reason"]}, "cannot be expanded"),
            ({"expand": ["data.charge.payment_intent.latest_charge.refunds.x"]}, "more than 4 levels"),
        ],
    )
    def test_what_stripe_does_not_know_is_refused(
        self, client: stripe.StripeClient, params: dict[str, object], message: str
    ) -> None:
        with pytest.raises(stripe.InvalidRequestError, match=message) as caught:
            client.v1.disputes.list(params)  # type: ignore[arg-type]
        assert caught.value.http_status == 400

    def test_refunds_are_listed_by_charge(self, client: stripe.StripeClient, control: SandboxControl) -> None:
        dispute = control.dispute(refunds=[{"amount": 1000, "days": 3, "arn": "74537600000000000000001"}])
        (refund,) = client.v1.refunds.list({"charge": dispute["charge"]}).data
        assert refund.amount == 1000
        assert refund.to_dict()["destination_details"]["card"]["reference"] == "74537600000000000000001"
        assert client.v1.refunds.retrieve(refund.id).status == "succeeded"
        assert client.v1.charges.retrieve(dispute["charge"]).amount_refunded == 1000


class TestExpanding:
    def test_the_charge_its_intent_and_its_refunds_come_along(
        self, client: stripe.StripeClient, control: SandboxControl
    ) -> None:
        dispute = control.dispute(order="LL-7", refunds=[{"amount": 500, "days": 1}])
        wanted = ["charge.refunds", "payment_intent", "charge.customer", "balance_transactions.source"]
        found = client.v1.disputes.retrieve(dispute["id"], {"expand": wanted}).to_dict()
        assert found["charge"]["metadata"] == {"order_id": "LL-7"}
        assert found["charge"]["refunds"]["data"][0]["amount"] == 500
        assert found["charge"]["customer"]["object"] == "customer"
        assert found["payment_intent"]["latest_charge"] == dispute["charge"]
        assert found["balance_transactions"][0]["source"]["id"] == dispute["id"]

    def test_lists_expand_below_data(self, client: stripe.StripeClient, control: SandboxControl) -> None:
        dispute = control.dispute()
        (found,) = client.v1.disputes.list({"charge": dispute["charge"], "expand": ["data.charge"]}).data
        assert isinstance(found.charge, stripe.Charge)

    def test_a_charge_shows_no_refunds_unless_asked_as_since_2022(
        self, client: stripe.StripeClient, control: SandboxControl
    ) -> None:
        charge = control.charge()["id"]
        assert "refunds" not in client.v1.charges.retrieve(charge).to_dict()


class TestOneObject:
    def test_an_unknown_dispute_is_404_with_stripes_words(self, client: stripe.StripeClient) -> None:
        with pytest.raises(stripe.InvalidRequestError) as caught:
            client.v1.disputes.retrieve("du_1Nobody")
        assert caught.value.http_status == 404
        assert caught.value.error is not None
        assert (caught.value.error.code, caught.value.error.param) == ("resource_missing", "dispute")
        assert caught.value.error.message == "No such dispute: 'du_1Nobody'"

    def test_the_old_path_below_the_charge_still_works(
        self, client: stripe.StripeClient, control: SandboxControl
    ) -> None:
        dispute = control.dispute()
        answer = client.raw_request("get", f"/v1/charges/{dispute['charge']}/dispute")
        assert dispute["id"] in str(answer.data)

    def test_a_charge_without_dispute_says_so(self, client: stripe.StripeClient, control: SandboxControl) -> None:
        charge = control.charge()["id"]
        with pytest.raises(stripe.InvalidRequestError, match=f"No dispute for charge: {charge}"):
            client.raw_request("get", f"/v1/charges/{charge}/dispute")

    def test_an_unknown_path_is_named(self, client: stripe.StripeClient) -> None:
        with pytest.raises(stripe.InvalidRequestError, match=r"Unrecognized request URL \(GET: /v1/dispute\)"):
            client.raw_request("get", "/v1/dispute")

    def test_the_charge_knows_how_it_was_paid(self, client: stripe.StripeClient, control: SandboxControl) -> None:
        made = control.charge(three_d_secure="challenge", card={"brand": "visa", "country": "DE"})
        card = client.v1.charges.retrieve(made["id"]).to_dict()["payment_method_details"]["card"]
        assert card["three_d_secure"]["result"] == "authenticated"
        assert card["checks"]["address_line1_check"] == "unavailable"
        assert len(card["authorization_code"]) == 6
        assert len(card["network_transaction_id"]) == 15

    def test_answers_carry_a_request_id_and_the_version(self, client: stripe.StripeClient) -> None:
        response = client.v1.disputes.list().last_response
        assert response is not None
        assert response.request_id is not None
        assert response.request_id.startswith("req_")
        assert response.headers["Stripe-Version"] == "2026-10-28.endive"


def test_older_versions_show_less(
    client_for: Callable[..., stripe.StripeClient], sandbox: Sandbox, control: SandboxControl
) -> None:
    dispute = control.dispute(refunds=[{"amount": 5, "days": 1}])
    old = client_for(sandbox, version="2020-03-02")
    shown = old.v1.disputes.retrieve(dispute["id"]).to_dict()
    for absent in ("payment_method_details", "enhanced_eligibility_types", "intended_submission_method"):
        assert absent not in shown
    assert set(shown["evidence_details"]) == {"due_by", "has_evidence", "past_due", "submission_count"}
    assert old.v1.charges.retrieve(dispute["charge"]).to_dict()["refunds"]["data"]
    spring = client_for(sandbox, version="2026-05-27.dahlia").v1.disputes.retrieve(dispute["id"]).to_dict()
    assert "payment_method_details" in spring
    assert "submission_method" not in spring["evidence_details"]
