from __future__ import annotations

import io
import threading
from typing import Any

import pytest
import stripe

from gateways.sandbox.control import SandboxControl


def update(client: stripe.StripeClient, dispute: str, key: str, **params: Any) -> stripe.Dispute:
    return client.v1.disputes.update(dispute, params, {"idempotency_key": key})  # type: ignore[arg-type]


def headers_of(answer: stripe.Dispute) -> Any:
    assert answer.last_response is not None
    return answer.last_response.headers


def test_the_same_key_gives_the_same_answer_and_no_second_effect(
    client: stripe.StripeClient, control: SandboxControl
) -> None:
    id = control.dispute()["id"]
    first = update(client, id, f"{id}-1", submit=True)
    again = update(client, id, f"{id}-1", submit=True)
    assert (again.status, again.evidence_details.submission_count) == ("under_review", 1)
    assert headers_of(again)["Idempotent-Replayed"] == "true"
    assert headers_of(again)["Original-Request"] == headers_of(first)["Request-Id"]
    assert "Idempotent-Replayed" not in headers_of(first)
    assert control.effects(id)["submitted"] == 1
    assert [entry["replayed"] for entry in control.log(key=f"{id}-1")] == [False, True]


@pytest.mark.parametrize("after", [False, True])
def test_a_500_is_replayed_whether_or_not_it_had_an_effect(
    client: stripe.StripeClient, control: SandboxControl, after: bool
) -> None:
    id = control.dispute()["id"]
    control.fault("status", status=500, path=id, after=after)
    for _ in range(2):
        with pytest.raises(stripe.APIError) as caught:
            update(client, id, f"{id}-500", submit=True)
        assert caught.value.http_status == 500
    assert control.effects(id)["submitted"] == int(after)
    if not after:
        assert update(client, id, f"{id}-500-again", submit=True).status == "under_review"


def test_other_parameters_under_the_same_key_are_refused(client: stripe.StripeClient, control: SandboxControl) -> None:
    id = control.dispute()["id"]
    update(client, id, f"{id}-x", submit=False, evidence={"customer_name": "A"})
    with pytest.raises(stripe.IdempotencyError, match="same parameters") as caught:
        update(client, id, f"{id}-x", submit=False, evidence={"customer_name": "B"})
    assert caught.value.http_status == 400


def test_a_key_in_flight_is_in_use(client: stripe.StripeClient, control: SandboxControl) -> None:
    id = control.dispute()["id"]
    control.fault("latency", seconds=0.5, path=id)
    slow = threading.Thread(target=update, args=(client, id, f"{id}-slow"), kwargs={"submit": True})
    slow.start()
    while control.faults():  # taken as soon as the slow request has arrived
        pass
    with pytest.raises(stripe.APIError) as caught:
        update(client, id, f"{id}-slow", submit=True)
    slow.join()
    assert caught.value.http_status == 409
    assert caught.value.error is not None
    assert caught.value.error.code == "idempotency_key_in_use"
    assert control.effects(id)["submitted"] == 1


def test_a_malformed_request_is_not_kept(client: stripe.StripeClient, control: SandboxControl) -> None:
    id = control.dispute()["id"]
    with pytest.raises(stripe.InvalidRequestError):
        update(client, id, f"{id}-m", submitt=True)
    assert update(client, id, f"{id}-m", submit=True).status == "under_review"


def test_a_refusal_by_the_endpoint_is_kept(client: stripe.StripeClient, control: SandboxControl) -> None:
    id = control.dispute(due={"seconds": -60}, opened_days=1)["id"]
    for _ in range(2):
        with pytest.raises(stripe.InvalidRequestError, match="deadline"):
            update(client, id, f"{id}-late", submit=True)
        control.due_by(id, {"days": 5})


def test_an_upload_is_replayed_in_spite_of_its_new_boundary(
    client: stripe.StripeClient, control: SandboxControl
) -> None:
    def upload() -> stripe.File:
        params: Any = {"purpose": "dispute_evidence", "file": io.BytesIO(b"%PDF-1.4 same")}
        return client.v1.files.create(params, {"idempotency_key": "upload-once"})

    before = control.counts()["files"]
    assert upload().id == upload().id
    assert control.counts()["files"] == before + 1
