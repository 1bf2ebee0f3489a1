"""Shippo over HTTP: status and place, and never more than that."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from disputes.facts import UNNAMED_CARRIER, Shipment
from disputes.ports import SourceReport
from disputes.systems import SourceError, SourceFailure
from evidence.sandbox import shippo as practice
from evidence.sandbox.app import Fault, Faults
from evidence.sandbox.launch import in_thread
from evidence.sandbox.world import World
from evidence.systems.shippo import KIND, carrier_token
from tests.evidence.systems.builders import Thing, outside, parcel, parcel_asked, wanted, world

CONTRACT = Path(__file__).resolve().parents[3].parent / "shared" / "contracts" / "sources" / "shippo.json"
NUMBER = "1Z999AA10123456784"


@contextlib.contextmanager
def running(shown: World, faults: Faults | None = None) -> Iterator[str]:
    with in_thread(shown, faults) as address:
        yield f"{address}/shippo"


def settings(address: str, **changes: str) -> dict[str, str]:
    return {"token": "shippo_live_practice", "address": address} | changes


def gathered(shown: World, *asked: Any, faults: Faults | None = None, **changes: str) -> SourceReport:
    with running(shown, faults) as address:
        system = KIND.open(settings(address, **changes), outside())
        return system.gather(wanted(parcels=asked or (parcel_asked(),)))


def parcels(report: SourceReport) -> list[Shipment]:
    return [each.fact for each in report.items if isinstance(each.fact, Shipment)]


def event(state: str, at: str = "2026-09-02T08:00:00+00:00", text: str = "Scan", **changes: Any) -> Thing:
    here = {"city": "Austin", "region": "TX", "postal_code": "78701", "country": "US"}
    return {"at": at, "state": state, "text": text} | here | changes


class TestParcels:
    def test_a_delivery_is_read_with_its_scans_and_nobody_signed(self) -> None:
        report = gathered(world(parcels=[parcel()]))
        (found,) = parcels(report)
        assert (found.carrier, found.tracking_number, found.service) == ("UPS", NUMBER, "Express Saver")
        assert found.delivered_at == datetime(2026, 9, 4, 14, 32, tzinfo=UTC)
        assert (found.signed_by, found.signature_required) == (None, None)
        assert [each.place for each in found.events] == ["Dallas, TX 75201, US", "Austin, TX 78701, US"]
        (item,) = report.items
        assert (item.confidence, item.adapter) == ("certain", "shippo/1")
        assert item.request == f"Shippo: GET /shippo/tracks/ups/{NUMBER}"
        assert (report.refused, report.unavailable) == ((), ())

    @pytest.mark.parametrize(
        ("state", "substatus", "read"),
        [
            ("label", "information_received", "label"), ("in_transit", "package_departed", "in_transit"),
            ("in_transit", "out_for_delivery", "out_for_delivery"), ("returned", "return_to_sender", "returned"),
            ("failed", "package_undeliverable", "failed"), ("lost", "package_lost", "lost"),
            ("in_transit", "delivered", "in_transit"), ("other", "other", "other"), ("failed", "new_word", "failed"),
        ],
    )  # fmt: skip
    def test_only_the_status_itself_says_delivered(self, state: str, substatus: str, read: str) -> None:
        (found,) = parcels(gathered(world(parcels=[parcel(events=[event(state, substatus=substatus)])])))
        assert found.events[0].state == read
        assert found.delivered_at is None

    def test_a_parcel_of_another_town_is_for_a_person_to_look_at(self) -> None:
        elsewhere = {"city": "Charleston", "region": "SC", "postal_code": "29401", "country": "US"}
        (item,) = gathered(world(parcels=[parcel(destination=elsewhere)])).items
        assert item.confidence == "likely"
        assert "is addressed to Charleston, SC 29401, US" in item.why

    def test_a_used_number_is_not_taken_for_the_parcel(self) -> None:
        old = parcel(events=[event("delivered", "2025-03-02T08:00:00+00:00")])
        report = gathered(world(parcels=[old]))
        assert report.items == ()
        assert "Carriers use numbers again" in report.refused[0]

    def test_a_number_cannot_lead_to_another_address(self) -> None:
        shown = world(parcels=[parcel("../UPS?1/2")])
        report = gathered(shown, parcel_asked("../UPS?1/2"))
        assert [each.path.startswith("/shippo/tracks/ups/") for each in shown.log] == [True]
        assert "has nothing about parcel" in report.refused[0]

    def test_card_numbers_in_a_carriers_words_are_masked(self) -> None:
        scan = event("in_transit", text="Paid with 5555 5555 5555 4444")
        report = gathered(world(parcels=[parcel(events=[scan])]))
        assert parcels(report)[0].events[0].text == "Paid with ************4444"
        assert b"5555 5555" not in report.items[0].data


class TestNothing:
    def test_a_number_without_a_scan_says_nothing_about_the_parcel(self) -> None:
        for nothing in (parcel(events=[]), parcel(events=[], status="UNKNOWN")):
            report = gathered(world(parcels=[nothing]))
            assert report.items == ()
            assert report.unavailable == ()
            assert "has not been scanned, or the carrier does not know it" in report.refused[0]

    def test_a_carrier_it_does_not_know_is_not_guessed_and_not_asked(self) -> None:
        for carrier in (UNNAMED_CARRIER, "Aras Kargo"):
            shown = world(parcels=[parcel()])
            report = gathered(shown, parcel_asked(carrier=carrier))
            assert "without a carrier that Shippo knows" in report.refused[0]
            assert shown.log == []

    def test_a_parcel_it_refuses_leaves_the_others(self) -> None:
        report = gathered(world(parcels=[parcel()]), parcel_asked("X1", carrier="Sendle"), parcel_asked())
        assert len(parcels(report)) == 1
        assert "parcel X1 could not be asked about" in report.refused[0]

    @pytest.mark.parametrize(
        ("name", "token"),
        [
            ("UPS", "ups"), ("UPS Ground", "ups"), ("FedEx", "fedex"), ("Royal Mail", "royal_mail"),
            ("DHL Express", "dhl_express"), ("Evri", "hermes_uk"), ("DHL", None), ("Our own van", None), ("", None),
        ],
    )  # fmt: skip
    def test_carriers_are_named_by_shippos_tokens(self, name: str, token: str | None) -> None:
        assert carrier_token(name) == token


class TestFailures:
    def test_a_wrong_token_is_told_as_such(self) -> None:
        with pytest.raises(SourceError) as caught:
            gathered(world(parcels=[parcel()]), token="shippo_live_old")
        assert caught.value.failure is SourceFailure.CREDENTIALS
        assert "shippo_live_old" not in str(caught.value)

    def test_it_waits_and_tries_again(self) -> None:
        faults = Faults()
        faults.waiting.append(Fault("/tracks", 429, headers={"retry-after": "0"}))
        shown = world(parcels=[parcel()])
        assert len(parcels(gathered(shown, faults=faults))) == 1
        assert [each.status for each in shown.log] == [429, 200]

    def test_an_answer_that_is_no_json_is_told_as_such(self) -> None:
        faults = Faults()
        faults.waiting.append(Fault("/tracks", 200, body="<html>"))
        with pytest.raises(SourceError) as caught:
            gathered(world(parcels=[parcel()]), faults=faults)
        assert caught.value.failure is SourceFailure.MALFORMED


class TestAccount:
    def test_it_is_known_by_what_cannot_be_turned_back_into_the_token(self) -> None:
        with running(world()) as address:
            account = KIND.open(settings(address), outside()).account()
        assert account.account_id.startswith("key-")
        assert "names nobody who signed" in account.warnings[0]
        assert len(account.warnings) == 1

    @pytest.mark.parametrize("status", [400, 404])
    def test_a_live_token_that_is_refused_the_practice_parcel_is_good(self, status: int) -> None:
        faults = Faults()
        faults.waiting.append(Fault("/tracks/shippo", status, body="{}"))
        with running(world(), faults) as address:
            assert KIND.open(settings(address), outside()).account().name == "Shippo"

    def test_a_test_token_is_warned_about(self) -> None:
        with running(world(accounts={"shippo": {"token": "shippo_test_1"}})) as address:
            account = KIND.open(settings(address, token="shippo_test_1"), outside()).account()
        assert "test token" in account.warnings[1]

    def test_a_wrong_token_connects_nothing(self) -> None:
        with running(world()) as address, pytest.raises(SourceError) as caught:
            KIND.open(settings(address, token="no"), outside()).account()
        assert caught.value.failure is SourceFailure.CREDENTIALS


@pytest.mark.skipif(not CONTRACT.exists(), reason=f"no contract: {CONTRACT} is not on this machine")
def test_every_status_of_the_practice_server_is_one_of_the_contracts() -> None:
    contract = json.loads(CONTRACT.read_text(encoding="utf-8"))
    assert {status for status, _ in practice._STATUS.values()} == set(contract["status"])
