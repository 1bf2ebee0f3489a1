from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from gateways.sandbox.launch import Sandbox, launch
from gateways.sandbox.paypal.client import PayPalControl
from tests.gateways.sandbox.paypal.merchant import DISPUTES, App, controls_of, issues


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Seven disputes, one a day, the newest first: [0] is of today, [6] of six days ago."""
    with launch(tmp_path_factory.mktemp("paypal-list"), gateway="paypal", empty=True) as running:
        made = [running.controls.dispute(opened_days=days)["dispute_id"] for days in range(7)]
        app = App(running.api)
        yield app, made, running.controls
        app.http.close()


def ids_of(page: Any) -> list[str]:
    return [item["dispute_id"] for item in page["items"]]


def link(page: Any, rel: str) -> str | None:
    return next((link["href"] for link in page["links"] if link["rel"] == rel), None)


def walk(app: App, **query: Any) -> list[list[str]]:
    pages, url = [app.get(DISPUTES, **query)], None
    while url := link(pages[-1], "next"):
        pages.append(app.get(url))
    return [ids_of(page) for page in pages]


def test_the_newest_come_first_and_next_links_lead_through_all(many: Any) -> None:
    app, made, control = many
    control.settings(paging="token")
    assert walk(app, page_size=3) == [made[:3], made[3:6], made[6:]]
    assert len(app.get(DISPUTES)["items"]) == 7


def test_the_next_link_keeps_the_filters_and_hides_its_token(many: Any) -> None:
    app, made, control = many
    control.settings(paging="token")
    url = link(app.get(DISPUTES, page_size=2, dispute_state="REQUIRED_ACTION"), "next")
    assert url is not None
    assert "dispute_state=REQUIRED_ACTION" in url
    assert "page_size=2" in url
    assert made[1] not in url
    assert app.http.get(DISPUTES, params={"next_page_token": "guessed=="}).status_code == 400


def test_a_dispute_opened_in_between_shifts_no_token(moving: Sandbox, app_for: Callable[..., App]) -> None:
    app = app_for(moving)
    made = [moving.controls.dispute(opened_days=days)["dispute_id"] for days in range(4)]
    url = link(app.get(DISPUTES, page_size=2), "next")
    moving.controls.dispute()
    assert ids_of(app.get(str(url))) == made[2:]


def test_the_newer_paging_counts_pages_in_its_next_link(many: Any) -> None:
    app, made, control = many
    control.settings(paging="page_links")
    assert walk(app, page_size=3) == [made[:3], made[3:6], made[6:]]
    assert "page=2" in str(link(app.get(DISPUTES, page_size=3), "next"))


def test_without_next_links_pages_are_counted_by_the_caller(many: Any) -> None:
    app, made, control = many
    control.settings(paging="page")
    pages = [app.get(DISPUTES, page_size=3, page=number) for number in (1, 2, 3, 4)]
    assert [ids_of(page) for page in pages] == [made[:3], made[3:6], made[6:], []]
    assert {link(page, "next") for page in pages} == {None}
    assert app.http.get(DISPUTES, params={"page": 51}).status_code == 400


@pytest.mark.parametrize("size", ["0", "51", "ten", "-1", "¹"])
def test_a_page_has_one_to_fifty(app: App, size: str) -> None:
    answer = app.http.get(DISPUTES, params={"page_size": size})
    assert (answer.status_code, issues(answer)) == (400, ["INVALID_PAGE_SIZE"])


def test_one_state_a_request(moving: Sandbox, app_for: Callable[..., App]) -> None:
    control, app = controls_of(moving), app_for(moving)
    asked = control.dispute()["dispute_id"]
    inquiry = control.dispute(stage="INQUIRY")["dispute_id"]
    reviewed = control.dispute(answered_days=0)["dispute_id"]
    lost = control.dispute()["dispute_id"]
    control.outcome(lost, "lost", appealable=True)
    won = control.dispute()["dispute_id"]
    control.outcome(won, "won")
    with_buyer = control.dispute(reason="MERCHANDISE_OR_SERVICE_NOT_AS_DESCRIBED")["dispute_id"]
    app.send(with_buyer, "make-offer", offer("REFUND", "10.00"))
    expected = {"REQUIRED_ACTION": asked, "OPEN_INQUIRIES": inquiry, "UNDER_PAYPAL_REVIEW": reviewed,
                "APPEALABLE": lost, "RESOLVED": won, "REQUIRED_OTHER_PARTY_ACTION": with_buyer}  # fmt: skip
    for state, id in expected.items():
        page = app.get(DISPUTES, dispute_state=state)
        assert (ids_of(page), page["items"][0]["dispute_state"]) == ([id], state)


def offer(type: str, amount: str) -> dict[str, Any]:
    return {"note": "Sorry.", "offer_type": type, "offer_amount": {"currency_code": "EUR", "value": amount}}


@pytest.mark.parametrize("state", ["REQUIRED_ACTION,RESOLVED", "required_action", "LOST"])
def test_a_list_of_states_is_refused_although_the_text_promises_it(app: App, state: str) -> None:
    answer = app.http.get(DISPUTES, params={"dispute_state": state})
    assert (answer.status_code, answer.json()["name"]) == (400, "INVALID_REQUEST")


def test_updates_are_found_by_their_time(moving: Sandbox, app_for: Callable[..., App]) -> None:
    control, app = controls_of(moving), app_for(moving)
    old, changed = (control.dispute(opened_days=5)["dispute_id"] for _ in range(2))
    before = app.dispute(old)["update_time"]
    control.buyer_message(changed, "Hello?")
    after = app.dispute(changed)["update_time"]
    assert ids_of(app.get(DISPUTES, update_time_after=after)) == [changed]
    assert set(ids_of(app.get(DISPUTES, update_time_after=before))) == {old, changed}
    assert ids_of(app.get(DISPUTES, update_time_before=before)) == [old]


def test_start_time_is_about_the_beginning(many: Any) -> None:
    app, made, control = many
    control.settings(paging="token")
    begun = app.dispute(made[2])["create_time"]
    assert ids_of(app.get(DISPUTES, start_time=begun)) == made[:3]
    assert ids_of(app.get(DISPUTES, create_time_after=begun, create_time_before=begun)) == [made[2]]


def test_times_must_be_times(app: App) -> None:
    wrong = app.http.get(DISPUTES, params={"start_time": "yesterday"})
    future = app.http.get(DISPUTES, params={"start_time": "2090-01-01T00:00:00Z"})
    assert issues(wrong) == ["INVALID_START_TIME_FORMAT"]
    assert issues(future) == ["DATE_CAN_NOT_BE_IN_FUTURE"]


def test_a_transaction_is_found_by_either_partys_id(control: PayPalControl, app: App) -> None:
    control.dispute()
    dispute = control.dispute()
    (transaction,) = dispute["disputed_transactions"]
    for side in ("seller_transaction_id", "buyer_transaction_id"):
        assert ids_of(app.get(DISPUTES, disputed_transaction_id=transaction[side])) == [dispute["dispute_id"]]


def test_what_is_older_than_180_days_is_not_listed_but_still_there(
    moving: Sandbox, app_for: Callable[..., App]
) -> None:
    app = app_for(moving)
    id = moving.controls.dispute(opened_days=181)["dispute_id"]
    assert app.get(DISPUTES)["items"] == []
    assert app.dispute(id)["dispute_id"] == id


def test_a_list_item_says_little_of_the_case(control: PayPalControl, app: App) -> None:
    dispute = control.dispute(message="Where is it?")
    (transaction,) = dispute["disputed_transactions"]
    (item,) = app.get(DISPUTES, disputed_transaction_id=transaction["seller_transaction_id"])["items"]
    assert item["disputed_transactions"] == [{"buyer_transaction_id": transaction["buyer_transaction_id"]}]
    assert not {"messages", "evidences", "allowed_response_options", "extensions"} & set(item)
    assert [link["rel"] for link in item["links"]] == ["self"]
