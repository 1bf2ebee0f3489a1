"""EasyPost over HTTP: its trackers, its rules about zones and used numbers, its errors, its webhooks."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from disputes.clock import FixedClock
from disputes.facts import Shipment
from disputes.ports import SourceReport, WebhookRefused
from disputes.systems import Key, KeyKind, Outside, SourceError, SourceFailure
from evidence.sandbox import easypost as practice
from evidence.sandbox.app import Fault, Faults
from evidence.sandbox.launch import in_thread
from evidence.sandbox.world import World
from evidence.systems.easypost import KIND, _tracker, check
from evidence.systems.http import Answer
from tests.evidence.systems.builders import NOW, Thing, outside, parcel, parcel_asked, wanted, world

CONTRACT = Path(__file__).resolve().parents[3].parent / "shared" / "contracts" / "sources" / "easypost.json"
KEY = "EZAK-practice"
NUMBER = "1Z999AA10123456784"


@contextlib.contextmanager
def running(shown: World, faults: Faults | None = None) -> Iterator[str]:
    with in_thread(shown, faults) as address:
        yield f"{address}/easypost/v2"


def settings(address: str, **changes: str) -> dict[str, str]:
    return {"api_key": KEY, "address": address} | changes


def gathered(
    shown: World, *asked: Any, faults: Faults | None = None, at: Outside | None = None, **changes: str
) -> SourceReport:
    with running(shown, faults) as address:
        system = KIND.open(settings(address, **changes), at or outside())
        return system.gather(wanted(parcels=asked or (parcel_asked(),)))


def parcels(report: SourceReport) -> list[Shipment]:
    return [each.fact for each in report.items if isinstance(each.fact, Shipment)]


def event(state: str, at: str, text: str = "Scan", **changes: Any) -> Thing:
    here = {"city": "Austin", "region": "TX", "postal_code": "78701", "country": "US"}
    return {"at": at, "state": state, "text": text} | here | changes


class TestParcels:
    def test_a_signed_delivery_is_read_with_its_scans(self) -> None:
        shown = world(parcels=[parcel()])
        report = gathered(shown)
        (found,) = parcels(report)
        assert (found.carrier, found.tracking_number, found.service) == ("UPS", NUMBER, "Express Saver")
        assert found.delivered_at == datetime(2026, 9, 4, 14, 32, tzinfo=UTC)
        assert (found.signed_by, found.signature_required, found.leg) == ("E CARTER", None, None)
        assert found.delivered_to is not None
        assert found.delivered_to.postal_code == "78701"
        assert [each.text for each in found.events] == ["Departed facility", "Delivered"]
        assert report.refused == ()
        assert report.unavailable == ()
        (item,) = report.items
        assert (item.confidence, item.adapter) == ("certain", "easypost/1")
        assert item.request == f"EasyPost: GET /easypost/v2/trackers?tracking_code={NUMBER}&page_size=100"
        assert json.loads(item.data)["tracking_code"] == NUMBER

    def test_it_only_reads_where_nobody_allowed_more(self) -> None:
        shown = world(parcels=[parcel()], accounts={"easypost": {"unwatched": [NUMBER]}})
        report = gathered(shown)
        assert {each.method for each in shown.log} == {"GET"}
        assert report.items == ()
        assert "is not watched" in report.refused[0]
        assert report.unavailable == ()

    def test_delivered_without_a_signature_is_not_signed(self) -> None:
        for said in (None, "", "Signature not required"):
            (found,) = parcels(gathered(world(parcels=[parcel(signed_by=said)])))
            assert found.delivered_at is not None
            assert found.signed_by is None

    def test_a_scan_without_a_whole_place_has_a_time_without_a_zone(self) -> None:
        scan = event("in_transit", "2026-09-02T03:00:00-05:00", city=None, postal_code=None)
        (found,) = parcels(gathered(world(parcels=[parcel(events=[scan, parcel()["events"][1]])])))
        assert found.events[0].place == "TX, US (local time, zone not recorded)"
        assert found.events[0].at == datetime(2026, 9, 2, 3, 0, tzinfo=UTC)
        assert found.events[1].place == "Austin, TX 78701, US"

    @pytest.mark.parametrize(
        ("state", "read"),
        [
            ("label", "label"), ("in_transit", "in_transit"), ("out_for_delivery", "out_for_delivery"),
            ("failed", "failed"), ("returned", "returned"), ("lost", "lost"), ("other", "other"),
        ],
    )  # fmt: skip
    def test_every_state_but_delivered_leaves_it_undelivered(self, state: str, read: str) -> None:
        (found,) = parcels(gathered(world(parcels=[parcel(events=[event(state, "2026-09-02T08:00:00+00:00")])])))
        assert found.events[0].state == read
        assert found.delivered_at is None
        assert found.signed_by is None

    def test_a_used_number_is_told_from_the_right_parcel(self) -> None:
        old = parcel(events=[event("delivered", "2025-03-02T08:00:00+00:00")], signed_by="SOMEBODY")
        report = gathered(world(parcels=[old, parcel()]))
        assert [each.signed_by for each in parcels(report)] == ["E CARTER"]
        assert "Carriers use numbers again" in report.refused[0]

    def test_the_destination_is_compared_with_the_orders(self) -> None:
        elsewhere = {"city": "Charleston", "region": "SC", "postal_code": "29401", "country": "US"}
        (item,) = gathered(world(parcels=[parcel(destination=elsewhere)])).items
        assert item.confidence == "likely"
        assert "is addressed to CHARLESTON, SC 29401" in item.why

    def test_two_carriers_with_the_number_are_shown_to_a_person(self) -> None:
        report = gathered(world(parcels=[parcel(), parcel(carrier="FedEx")]))
        assert {each.fact.carrier for each in report.items if isinstance(each.fact, Shipment)} == {"UPS", "FedEx"}
        assert {each.confidence for each in report.items} == {"likely"}

    def test_a_long_list_is_read_to_its_end(self) -> None:
        used = [event("in_transit", "2025-03-02T08:00:00+00:00")]
        made = [f"2026-11-{day:02d}T00:00:00+00:00" for day in range(1, 21)] * 6
        old = [parcel(events=used, watched_since=each) for each in made]
        shown = world(parcels=[parcel(), *old])
        (found,) = parcels(gathered(shown))
        assert found.signed_by == "E CARTER"
        assert len(shown.asked("/trackers")) == 2

    def test_parcels_are_asked_about_one_by_one(self) -> None:
        other = parcel("9400111899223334445556", carrier="USPS", signed_by=None)
        report = gathered(
            world(parcels=[parcel(), other]), parcel_asked(), parcel_asked(other["number"], carrier="USPS")
        )
        assert {each.tracking_number for each in parcels(report)} == {NUMBER, other["number"]}

    def test_card_numbers_in_a_carriers_words_are_masked_and_its_own_number_is_not(self) -> None:
        number = "4242424242424242"
        scan = event("in_transit", "2026-09-02T08:00:00+00:00", "Paid with 5555 5555 5555 4444")
        report = gathered(world(parcels=[parcel(number, events=[scan])]), parcel_asked(number))
        (found,) = parcels(report)
        assert found.tracking_number == number
        assert found.events[0].text == "Paid with ************4444"
        assert b"5555 5555" not in report.items[0].data
        assert number.encode() in report.items[0].data


class TestNothing:
    def test_unknown_after_a_day_is_the_carriers_own_answer(self) -> None:
        nothing = parcel(events=[], watched_since="2026-11-20T00:00:00+00:00")
        report = gathered(world(parcels=[nothing]))
        assert report.items == ()
        assert report.unavailable == ("tracking_events", "delivery_confirmation")

    def test_unknown_at_first_only_means_that_nobody_asked_yet(self) -> None:
        fresh = parcel(events=[], watched_since="2026-11-22T08:59:00+00:00")
        report = gathered(world(parcels=[fresh]))
        assert report.unavailable == ()
        assert "no scan of it has come yet" in report.refused[0]

    def test_an_error_at_the_carrier_is_neither(self) -> None:
        broken = parcel(events=[], watched_since="2026-11-01T00:00:00+00:00", status="error")
        report = gathered(world(parcels=[broken]))
        assert report.unavailable == ()
        assert "cannot be read at the moment" in report.refused[0]


class TestCreating:
    def test_a_tracker_is_made_once_and_its_scans_come_with_the_next_look(self) -> None:
        shown = world(parcels=[parcel()], accounts={"easypost": {"unwatched": [NUMBER]}})
        # The practice server makes trackers by its own clock.
        at = Outside(FixedClock(NOW), seconds=20, loopback=True)
        with running(shown) as address:
            system = KIND.open(settings(address, create_trackers="yes"), at)
            first = system.gather(wanted(parcels=(parcel_asked(),)))
            second = system.gather(wanted(parcels=(parcel_asked(),)))
        assert first.items == ()
        assert first.unavailable == ()
        assert "no scan of it has come yet" in first.refused[0]
        assert [each.signed_by for each in parcels(second)] == ["E CARTER"]
        assert [each.method for each in shown.asked("/trackers")] == ["GET", "POST", "GET"]

    def test_a_number_it_does_not_take_is_a_sentence_in_its_own_words(self) -> None:
        report = gathered(world(), parcel_asked("ODD-1", carrier="Our own van"), create_trackers="yes")
        assert report.items == ()
        assert (
            "EasyPost makes no tracker: The carrier of this tracking code could not be detected." in report.refused[0]
        )

    def test_no_credit_left_is_a_sentence_too(self) -> None:
        body = json.dumps({"error": {"code": "BILLING", "message": "Insufficient funds.", "errors": []}})
        faults = Faults()
        faults.waiting.append(Fault("/trackers", 402, skip=1, body=body))
        report = gathered(world(), faults=faults, create_trackers="yes")
        assert "Insufficient funds." in report.refused[0]


class TestFailures:
    def test_a_wrong_key_is_told_as_such(self) -> None:
        with pytest.raises(SourceError) as caught:
            gathered(world(parcels=[parcel()]), api_key="EZAK-old")
        assert caught.value.failure is SourceFailure.CREDENTIALS
        assert "EZAK-old" not in str(caught.value)

    def test_it_waits_when_it_is_asked_to_and_tries_again(self) -> None:
        faults = Faults()
        faults.waiting.append(Fault("/trackers", 429, headers={"retry-after": "0"}))
        shown = world(parcels=[parcel()])
        assert len(parcels(gathered(shown, faults=faults))) == 1
        assert [each.status for each in shown.log] == [429, 200]

    def test_a_limit_that_stays_is_told_as_such(self) -> None:
        shown = world(parcels=[parcel()], accounts={"easypost": {"per_second": -1}})
        with pytest.raises(SourceError) as caught:
            gathered(shown, at=outside(seconds=1.0))
        assert caught.value.failure in (SourceFailure.RATE_LIMITED, SourceFailure.UNAVAILABLE)

    def test_a_number_it_will_not_search_for_leaves_the_others(self) -> None:
        faults = Faults()
        faults.waiting.append(Fault("/trackers", 422, body='{"error": {"code": "PARAMETER.INVALID"}}'))
        report = gathered(world(parcels=[parcel()]), parcel_asked("?"), parcel_asked(), faults=faults)
        assert len(parcels(report)) == 1
        assert "parcel ? could not be asked about" in report.refused[0]

    def test_an_answer_that_is_no_json_is_told_as_such(self) -> None:
        faults = Faults()
        faults.waiting.append(Fault("/trackers", 200, body="<html>"))
        with pytest.raises(SourceError) as caught:
            gathered(world(parcels=[parcel()]), faults=faults)
        assert caught.value.failure is SourceFailure.MALFORMED


class TestAccount:
    def test_it_is_known_by_the_users_id(self) -> None:
        with running(world(accounts={"easypost": {"user": {"id": "user_9", "name": "Lumen"}}})) as address:
            account = KIND.open(settings(address), outside()).account()
        assert (account.account_id, account.name, account.warnings) == ("user_9", "Lumen", ())

    def test_a_key_that_may_not_read_its_account_is_still_known(self) -> None:
        faults = Faults()
        faults.waiting.append(Fault("/users", 403))
        with running(world(), faults) as address:
            account = KIND.open(settings(address), outside()).account()
        assert account.account_id.startswith("key-")
        assert KEY not in account.account_id

    def test_a_test_key_is_warned_about(self) -> None:
        shown = world(parcels=[parcel(mode="test")], accounts={"easypost": {"key": "EZTK-1"}})
        with running(shown) as address:
            account = KIND.open(settings(address, api_key="EZTK-1"), outside()).account()
        assert "test key" in account.warnings[0]

    def test_a_wrong_key_connects_nothing(self) -> None:
        with running(world()) as address, pytest.raises(SourceError) as caught:
            KIND.open(settings(address, api_key="no"), outside()).account()
        assert caught.value.failure is SourceFailure.CREDENTIALS


class TestWebhooks:
    SECRET = "sécret ﬁve"  # NFKD takes both apart

    def test_a_signed_event_names_the_parcel(self) -> None:
        body, headers = practice.delivery(world(parcels=[parcel()]), NUMBER, self.SECRET)
        assert check(body, headers, self.SECRET) == (Key(KeyKind.TRACKING, "1z999aa10123456784"),)

    def test_the_same_event_twice_names_the_same_parcel(self) -> None:
        shown = world(parcels=[parcel()])
        first, second = (practice.delivery(shown, NUMBER, "s") for _ in range(2))
        assert check(*first, "s") == check(*second, "s")

    def test_an_event_about_something_else_names_nothing(self) -> None:
        body, headers = practice.delivery(world(), "", "s", event="batch.updated")
        assert check(body, headers, "s") == ()

    @pytest.mark.parametrize("secret", ["other", ""])
    def test_another_secret_is_refused(self, secret: str) -> None:
        body, headers = practice.delivery(world(parcels=[parcel()]), NUMBER, "s")
        with pytest.raises(WebhookRefused):
            check(body, headers, secret)

    def test_a_changed_body_is_refused(self) -> None:
        body, headers = practice.delivery(world(parcels=[parcel()]), NUMBER, "s")
        with pytest.raises(WebhookRefused):
            check(body.replace(b"delivered", b"returned"), headers, "s")

    def test_one_without_a_signature_is_refused(self) -> None:
        body, _ = practice.delivery(world(parcels=[parcel()]), NUMBER, "s")
        for headers in ({}, {"x-hmac-signature": "hmac-sha256-hex="}, {"x-hmac-signature": "ş"}):
            with pytest.raises(WebhookRefused):
                check(body, headers, "s")

    @pytest.mark.parametrize("body", [b"[]", b"not json", b"{}", b"\xff"])
    def test_a_signed_body_that_is_no_event_is_refused(self, body: bytes) -> None:
        headers = {"x-hmac-signature": "hmac-sha256-hex=" + hmac.new(b"s", body, hashlib.sha256).hexdigest()}
        with pytest.raises(WebhookRefused):
            check(body, headers, "s")


def told() -> Thing:
    return dict(json.loads(CONTRACT.read_text(encoding="utf-8")))


@pytest.mark.skipif(not CONTRACT.exists(), reason=f"no contract: {CONTRACT} is not on this machine")
class TestContract:
    def test_the_contracts_tracker_is_read(self) -> None:
        contract = told()
        example = contract["example"]
        answer = Answer(200, {}, json.dumps(example).encode(), "EasyPost: GET /trackers", "EasyPost")
        read = _tracker(example, answer)
        assert (read.legs[0].carrier, read.legs[0].number) == ("USPS", "EZ1000000001")
        assert read.service == "First-Class Package Service"
        assert read.signed_by is None
        assert read.destination is not None
        assert (read.destination.city, read.destination.region, read.destination.postal_code) == (
            "CHARLESTON", "SC", "29401",
        )  # fmt: skip
        assert [each.state for each in read.scans] == ["label", "label"]
        assert [each.zone_known for each in read.scans] == [False, True]
        assert read.scans[1].place is not None
        assert read.scans[1].place.city == "HOUSTON"

    def test_the_practice_trackers_have_the_contracts_fields(self) -> None:
        contract = told()
        with running(world(parcels=[parcel()])) as address:
            answer = httpx.get(f"{address}/trackers", auth=(KEY, ""))
        content = answer.json()
        assert set(content) == {"trackers", "has_more"}
        assert_alike(content["trackers"][0], contract["example"])

    def test_every_status_is_one_of_the_contracts(self) -> None:
        contract = told()
        assert {status for status, _ in practice._STATUS.values()} <= set(contract["status"])

    def test_the_event_has_the_contracts_fields(self) -> None:
        contract = told()
        body, headers = practice.delivery(world(parcels=[parcel()]), NUMBER, "s")
        assert set(contract["event"]) <= set(json.loads(body))
        assert contract["webhook"]["header"].casefold() in headers
        assert headers["x-hmac-signature"].startswith(contract["webhook"]["value"].partition("<")[0])


def assert_alike(made: Any, example: Any, where: str = "tracker") -> None:
    """The same fields, and where both have a value, of the same type."""
    if isinstance(example, dict) and isinstance(made, dict):
        assert set(made) == set(example), where
        for name in example:
            assert_alike(made[name], example[name], f"{where}.{name}")
    elif isinstance(example, list) and isinstance(made, list):
        for each in made if example else []:
            assert_alike(each, example[0], f"{where}[]")
    elif example is not None and made is not None:
        assert type(made) is type(example), where
