from __future__ import annotations

import pytest

from gateways.sandbox.paypal.client import PayPalControl
from tests.gateways.sandbox.paypal.merchant import TRACKED, App, issues

SNAD = "MERCHANDISE_OR_SERVICE_NOT_AS_DESCRIBED"
EVERYTHING = {
    "accept-claim": {"note": "Refund.", "accept_claim_type": "REFUND"},
    "make-offer": {"note": "Sorry.", "offer_type": "REPLACEMENT_WITHOUT_REFUND"},
    "send-message": {"message": "It is on its way."},
    "escalate": {"note": "PayPal shall decide."},
    "provide-supporting-info": {"notes": "One thing more."},
    "acknowledge-return-item": {"acknowledgement_type": "ITEM_RECEIVED"},
    "provide-evidence": None,
    "appeal": None,
}


def act(app: App, id: str, name: str) -> int:
    body = EVERYTHING[name]
    answer = app.evidence(id, TRACKED, act=name) if body is None else app.send(id, name, body)
    if answer.status_code != 200:
        assert issues(answer) == ["ACTION_NOT_ALLOWED_IN_CURRENT_DISPUTE_STATE"]
        assert answer.json()["name"] == "UNPROCESSABLE_ENTITY"
    return answer.status_code


@pytest.mark.parametrize(
    ("spec", "links"),
    [
        ({"stage": "INQUIRY"}, {"send_message", "make_offer", "accept_claim", "escalate", "provide_evidence"}),
        ({"stage": "INQUIRY", "status": "OPEN"}, set()),
        ({"stage": "INQUIRY", "status": "WAITING_FOR_BUYER_RESPONSE"}, set()),
        ({"reason": SNAD}, {"provide_evidence", "accept_claim", "make_offer"}),
        ({"reason": "UNAUTHORISED"}, {"provide_evidence", "accept_claim"}),
        ({"channel": "EXTERNAL", "reason": SNAD}, {"provide_evidence", "accept_claim"}),
        ({"status": "UNDER_REVIEW"}, {"provide_supporting_info"}),
        ({"status": "WAITING_FOR_BUYER_RESPONSE"}, set()),
        ({"reason": SNAD, "without": ["make_offer"]}, {"provide_evidence", "accept_claim"}),
    ],
)
def test_the_links_are_those_of_status_and_stage_and_nothing_else_is_done(
    control: PayPalControl, app: App, spec: dict[str, object], links: set[str]
) -> None:
    id = control.dispute(**spec)["dispute_id"]
    assert set(app.links(id)) == links
    for name in EVERYTHING:
        if name.replace("-", "_") not in links:
            assert act(app, id, name) == 422
    assert {count for word, count in control.effects(id).items() if word != "elsewhere"} == {0}


def test_a_linked_act_is_done_once_and_its_link_is_gone(control: PayPalControl, app: App) -> None:
    id = control.dispute()["dispute_id"]
    assert act(app, id, "provide-evidence") == 200
    assert "provide_evidence" not in app.links(id)
    assert act(app, id, "provide-evidence") == 422
    assert control.effects(id)["evidence_provided"] == 1


def test_options_are_offered_with_the_links_they_belong_to(control: PayPalControl) -> None:
    def options(**spec: object) -> dict[str, object]:
        found = control.dispute(**spec).get("allowed_response_options", {})
        return {act: next(iter(values.values())) for act, values in found.items()}

    assert options(reason=SNAD) == {
        "accept_claim": ["REFUND", "REFUND_WITH_RETURN", "PARTIAL_REFUND"],
        "make_offer": ["REFUND", "REFUND_WITH_REPLACEMENT", "REPLACEMENT_WITHOUT_REFUND", "REFUND_WITH_RETURN"],
    }
    assert options(channel="EXTERNAL") == {"accept_claim": ["REFUND"]}
    assert options(status="UNDER_REVIEW") == {}


def test_an_appeal_is_linked_while_a_lost_claim_can_be_appealed(control: PayPalControl, app: App) -> None:
    answered = control.dispute(answered_days=0)["dispute_id"]
    control.outcome(answered, "lost")
    assert app.links(answered) == ["appeal"]
    won = control.dispute(answered_days=0)["dispute_id"]
    control.outcome(won, "won")
    assert app.links(won) == []
    pre = control.dispute(
        stage="PRE_ARBITRATION",
        stages=[{"stage": "CHARGEBACK", "days": 30, "answered_days": 20, "outcome": "lost", "closed_days": 10}],
    )["dispute_id"]
    assert {"appeal", "provide_evidence"} <= set(app.links(pre))


def test_rels_are_snake_case_and_addresses_are_not(control: PayPalControl) -> None:
    dispute = control.dispute()
    found = {link["rel"]: (link["method"], link["href"].rpartition("/")[2]) for link in dispute["links"]}
    assert found["provide_evidence"] == ("POST", "provide-evidence")
    assert found["self"] == ("GET", dispute["dispute_id"])


def test_an_unknown_dispute_is_not_found(app: App) -> None:
    for answer in (app.http.get("/v1/customer/disputes/PP-D-1"), app.evidence("PP-D-1", TRACKED)):
        assert (answer.status_code, answer.json()["name"]) == (404, "RESOURCE_NOT_FOUND")
