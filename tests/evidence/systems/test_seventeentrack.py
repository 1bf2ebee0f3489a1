"""17TRACK over HTTP: long ways of two carriers, quota, zones nobody told, and its own envelope of errors."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from disputes.facts import UNNAMED_CARRIER, Shipment
from disputes.ports import SourceReport
from disputes.systems import SourceError, SourceFailure
from evidence.sandbox.app import Fault, Faults
from evidence.sandbox.launch import in_thread
from evidence.sandbox.world import World
from evidence.systems.seventeentrack import KIND
from evidence.systems.tracking import ZONE_UNKNOWN
from tests.evidence.systems.builders import Thing, outside, parcel, parcel_asked, wanted, world

CONTRACT = Path(__file__).resolve().parents[3].parent / "shared" / "contracts" / "sources" / "seventeentrack.json"
NUMBER = "1Z999AA10123456784"
FAR = "RR123456789CN"


@contextlib.contextmanager
def running(shown: World, faults: Faults | None = None) -> Iterator[str]:
    with in_thread(shown, faults) as address:
        yield f"{address}/seventeentrack/track/v2.4"


def settings(address: str, **changes: str) -> dict[str, str]:
    return {"api_key": "17practice", "address": address} | changes


def gathered(shown: World, *asked: Any, faults: Faults | None = None, **changes: str) -> SourceReport:
    with running(shown, faults) as address:
        system = KIND.open(settings(address, **changes), outside())
        return system.gather(wanted(parcels=asked or (parcel_asked(),)))


def parcels(report: SourceReport) -> list[Shipment]:
    return [each.fact for each in report.items if isinstance(each.fact, Shipment)]


def event(state: str, at: str = "2026-09-02T08:00:00+00:00", text: str = "Scan", **changes: Any) -> Thing:
    here = {"city": "Austin", "region": "TX", "postal_code": "78701", "country": "US"}
    return {"at": at, "state": state, "text": text} | here | changes


def sent_by_post(*events: Thing, **changes: Any) -> Thing:
    first = {"carrier": "China Post", "number": FAR}
    return parcel(FAR, carrier="USPS", first_mile=first, events=list(events), local_number="LK987654321US", **changes)


FROM_CHINA = event("in_transit", carrier="China Post", city="Shanghai", region=None, postal_code=None, country="CN")
HANDED_OVER = event("delivered", "2026-09-05T08:00:00+00:00", "Handed to the next carrier", carrier="China Post")
AT_THE_DOOR = event("delivered", "2026-09-12T16:00:00+00:00", "Delivered, Front Door")


class TestParcels:
    def test_a_delivery_is_read_with_its_scans_and_nobody_signed(self) -> None:
        report = gathered(world(parcels=[parcel()]))
        (found,) = parcels(report)
        assert (found.carrier, found.tracking_number, found.service) == ("UPS", NUMBER, "Express Saver")
        assert found.delivered_at == datetime(2026, 9, 4, 14, 32, tzinfo=UTC)
        assert (found.signed_by, found.signature_required, found.leg) == (None, None, None)
        assert [each.place for each in found.events] == ["Dallas, TX 75201, US", "Austin, TX 78701, US"]
        (item,) = report.items
        assert (item.confidence, item.adapter) == ("certain", "seventeentrack/1")
        assert item.request == f"17TRACK: POST /seventeentrack/track/v2.4/gettrackinfo, {NUMBER}"
        assert json.loads(item.data)["number"] == NUMBER
        assert (report.refused, report.unavailable) == ((), ())

    def test_words_about_a_signature_are_no_signature(self) -> None:
        signed = event("delivered", "2026-09-04T14:32:00+00:00", "Delivered, signed by E CARTER")
        (found,) = parcels(gathered(world(parcels=[parcel(events=[signed])])))
        assert found.delivered_at is not None
        assert found.signed_by is None

    @pytest.mark.parametrize(
        ("state", "finer", "read"),
        [
            ("label", "InfoReceived", "label"), ("in_transit", "InTransit_CustomsProcessing", "in_transit"),
            ("out_for_delivery", "OutForDelivery_Other", "out_for_delivery"), ("lost", "Exception_Lost", "lost"),
            ("failed", "DeliveryFailure_InvalidAddress", "failed"), ("returned", "Exception_Returning", "returned"),
            ("other", "AvailableForPickup_Other", "other"), ("lost", "Exception_Delayed", "other"),
            ("in_transit", None, "in_transit"), ("lost", "NewWord_Other", "other"),
        ],
    )  # fmt: skip
    def test_every_state_but_delivered_leaves_it_undelivered(self, state: str, finer: str | None, read: str) -> None:
        (found,) = parcels(gathered(world(parcels=[parcel(events=[event(state, sub_status=finer)])])))
        assert found.events[0].state == read
        assert found.delivered_at is None

    def test_a_zone_the_carrier_did_not_tell_is_not_believed(self) -> None:
        """17TRACK then writes an offset all the same, by its own guess."""
        scan = event("in_transit", "2026-09-02T03:00:00+08:00", local=True)
        (found,) = parcels(gathered(world(parcels=[parcel(events=[scan, parcel()["events"][1]])])))
        assert found.events[0].at == datetime(2026, 9, 2, 3, 0, tzinfo=UTC)
        assert found.events[0].place == f"Austin, TX 78701, US ({ZONE_UNKNOWN})"
        assert found.events[1].place == "Austin, TX 78701, US"

    def test_in_a_country_with_one_clock_the_local_time_is_enough(self) -> None:
        scan = event("in_transit", "2026-09-02T03:00:00+08:00", local=True, city="Izmir", region=None, country="TR")
        (found,) = parcels(gathered(world(parcels=[parcel(events=[scan])])))
        assert found.events[0].at == datetime(2026, 9, 2, 0, 0, tzinfo=UTC)
        assert ZONE_UNKNOWN not in (found.events[0].place or "")

    def test_a_scan_without_a_time_is_counted_aloud(self) -> None:
        with running(world(parcels=[parcel()])) as address:
            answer = httpx.post(
                f"{address}/gettrackinfo", json=[{"number": NUMBER}], headers={"17token": "17practice"}
            ).json()
        events = answer["data"]["accepted"][0]["track_info"]["tracking"]["providers"][0]["events"]
        events[1] |= {"time_iso": None, "time_utc": None, "time_raw": None}
        faults = Faults()
        faults.waiting.append(Fault("/gettrackinfo", 200, body=json.dumps(answer)))
        report = gathered(world(), faults=faults)
        assert len(parcels(report)[0].events) == 1
        assert report.refused == (f"17TRACK: 1 scan(s) of parcel {NUMBER} have no time.",)

    def test_a_used_number_is_not_taken_for_the_parcel(self) -> None:
        report = gathered(world(parcels=[parcel(events=[event("delivered", "2025-03-02T08:00:00+00:00")])]))
        assert report.items == ()
        assert "Carriers use numbers again" in report.refused[0]

    def test_card_numbers_in_a_carriers_words_are_masked(self) -> None:
        report = gathered(world(parcels=[parcel(events=[event("in_transit", text="Paid with 5555 5555 5555 4444")])]))
        assert parcels(report)[0].events[0].text == "Paid with ************4444"
        assert b"5555 5555" not in report.items[0].data

    def test_forty_numbers_go_into_one_call_and_the_others_into_the_next(self) -> None:
        several = [parcel(f"TRACK{n:08d}") for n in range(45)]
        shown = world(parcels=several)
        report = gathered(shown, *(parcel_asked(each["number"]) for each in several))
        assert len(parcels(report)) == 45
        assert [each.status for each in shown.asked("/gettrackinfo")] == [200, 200]


class TestTwoCarriers:
    def test_both_halves_of_the_way_are_kept_under_their_own_numbers(self) -> None:
        shown = world(parcels=[sent_by_post(FROM_CHINA, HANDED_OVER, AT_THE_DOOR)])
        first, last = parcels(gathered(shown, parcel_asked(FAR, carrier=UNNAMED_CARRIER)))
        assert (first.carrier, first.tracking_number, first.leg) == ("China Post", FAR, "first")
        assert (last.carrier, last.tracking_number, last.leg) == ("USPS", "LK987654321US", "last")
        assert first.onward_number == "LK987654321US"
        assert (first.delivered_at, last.delivered_at) == (None, datetime(2026, 9, 12, 16, 0, tzinfo=UTC))

    def test_what_the_first_carrier_hands_over_has_not_reached_the_customer(self) -> None:
        moving = event("in_transit", "2026-09-08T08:00:00+00:00")
        shown = world(parcels=[sent_by_post(FROM_CHINA, HANDED_OVER, moving)])
        found = parcels(gathered(shown, parcel_asked(FAR, carrier=UNNAMED_CARRIER)))
        assert [each.delivered_at for each in found] == [None, None]

    def test_a_post_office_that_repeats_the_others_scans_to_the_end_tells_the_delivery(self) -> None:
        arrived = event("in_transit", "2026-09-08T08:00:00+00:00")
        told = AT_THE_DOOR | {"carrier": "China Post"}
        shown = world(parcels=[sent_by_post(FROM_CHINA, arrived, told)])
        (found,) = parcels(gathered(shown, parcel_asked(FAR, carrier=UNNAMED_CARRIER)))
        assert (found.carrier, found.leg) == ("China Post", None)
        assert found.delivered_at == datetime(2026, 9, 12, 16, 0, tzinfo=UTC)

    def test_a_second_carrier_that_has_said_nothing_yet_is_no_half(self) -> None:
        shown = world(parcels=[sent_by_post(FROM_CHINA)])
        (found,) = parcels(gathered(shown, parcel_asked(FAR, carrier=UNNAMED_CARRIER)))
        assert (found.carrier, found.leg) == ("China Post", None)


class TestRegistering:
    def test_it_registers_nothing_unless_somebody_allowed_it(self) -> None:
        shown = world(parcels=[parcel()], accounts={"seventeentrack": {"unwatched": [NUMBER]}})
        report = gathered(shown)
        assert shown.asked("/register") == []
        assert report.items == ()
        assert "is not registered" in report.refused[0]
        assert report.unavailable == ()

    def test_once_registered_its_scans_come_with_the_next_look(self) -> None:
        shown = world(parcels=[parcel()], accounts={"seventeentrack": {"unwatched": [NUMBER], "quota": 5}})
        with running(shown) as address:
            system = KIND.open(settings(address, create_trackers="yes"), outside())
            first = system.gather(wanted(parcels=(parcel_asked(),)))
            second = system.gather(wanted(parcels=(parcel_asked(),)))
        assert first.items == ()
        assert "no scan of it has come yet" in first.refused[0]
        assert len(parcels(second)) == 1
        assert len(shown.asked("/register")) == 1
        assert shown.account("seventeentrack")["quota"] == 4

    def test_only_what_is_not_registered_is_registered(self) -> None:
        other = parcel("TRACK00000001")
        shown = world(parcels=[parcel(), other], accounts={"seventeentrack": {"unwatched": [NUMBER], "quota": 5}})
        report = gathered(shown, parcel_asked(), parcel_asked(other["number"]), create_trackers="yes")
        assert [each.tracking_number for each in parcels(report)] == [other["number"]]
        assert shown.account("seventeentrack")["quota"] == 4

    def test_a_quota_that_is_used_up_is_told_in_its_own_words(self) -> None:
        """Which have braces in them."""
        shown = world(parcels=[parcel()], accounts={"seventeentrack": {"unwatched": [NUMBER], "quota": 0}})
        report = gathered(shown, create_trackers="yes")
        assert "The remaining quota {0} is not enough." in report.refused[0]

    def test_a_carrier_it_cannot_find_out_is_told(self) -> None:
        report = gathered(world(), parcel_asked("ODD-1"), create_trackers="yes")
        assert "can not be detected" in report.refused[0]
        assert report.unavailable == ()


class TestNothing:
    def test_not_found_is_not_yet_the_carriers_word(self) -> None:
        report = gathered(world(parcels=[parcel(events=[])]))
        assert report.unavailable == ()
        assert "no scan of it has come yet" in report.refused[0]

    def test_expired_without_a_scan_is(self) -> None:
        report = gathered(world(parcels=[parcel(events=[], status="Expired")]))
        assert report.unavailable == ("tracking_events", "delivery_confirmation")

    def test_without_parcels_nobody_is_asked(self) -> None:
        shown = world(parcels=[parcel()])
        with running(shown) as address:
            report = KIND.open(settings(address), outside()).gather(wanted())
        assert report.items == ()
        assert shown.log == []


class TestFailures:
    @pytest.mark.parametrize("status", [200, 401])
    def test_a_wrong_key_is_told_as_such_whatever_the_status(self, status: int) -> None:
        shown = world(parcels=[parcel()], accounts={"seventeentrack": {"key_status": status}})
        with pytest.raises(SourceError) as caught:
            gathered(shown, api_key="17old")
        assert caught.value.failure is SourceFailure.CREDENTIALS
        assert "17old" not in str(caught.value)

    def test_a_machine_that_is_not_on_its_list_is_told_so(self) -> None:
        with pytest.raises(SourceError, match="machines on its list") as caught:
            gathered(world(parcels=[parcel()], accounts={"seventeentrack": {"machines": False}}))
        assert caught.value.failure is SourceFailure.RIGHTS

    def test_a_fault_of_the_whole_question_is_told_in_its_words(self) -> None:
        faults = Faults()
        body = {"code": -18010013, "data": {"errors": [{"code": -18010013, "message": "Submitted data is invalid."}]}}
        faults.waiting.append(Fault("/gettrackinfo", 200, body=json.dumps(body)))
        with pytest.raises(SourceError, match=r"Submitted data is invalid\.") as caught:
            gathered(world(), faults=faults)
        assert caught.value.failure is SourceFailure.REFUSED

    def test_it_waits_and_tries_again(self) -> None:
        faults = Faults()
        faults.waiting.append(Fault("/gettrackinfo", 429, headers={"retry-after": "0"}))
        shown = world(parcels=[parcel()])
        assert len(parcels(gathered(shown, faults=faults))) == 1
        assert [each.status for each in shown.log] == [429, 200]


class TestAccount:
    def test_it_tells_what_is_left_of_the_quota(self) -> None:
        with running(world(accounts={"seventeentrack": {"quota": 7}})) as address:
            account = KIND.open(settings(address), outside()).account()
        assert account.account_id.startswith("key-")
        assert account.warnings == ("7 parcels can still be registered at 17TRACK in this period.",)

    def test_a_wrong_key_connects_nothing(self) -> None:
        with running(world()) as address, pytest.raises(SourceError) as caught:
            KIND.open(settings(address, api_key="no"), outside()).account()
        assert caught.value.failure is SourceFailure.CREDENTIALS


@pytest.mark.skipif(not CONTRACT.exists(), reason=f"no contract: {CONTRACT} is not on this machine")
def test_the_practice_server_answers_in_the_contracts_envelope() -> None:
    contract = json.loads(CONTRACT.read_text(encoding="utf-8"))
    asked = [{"number": NUMBER}, {"number": "NOBODY00001"}]
    with running(world(parcels=[parcel()])) as address:
        headers = {contract["auth"].removeprefix("header "): "17practice"}
        told = httpx.post(f"{address}/gettrackinfo", json=asked, headers=headers).json()
    assert set(told) == set(contract["envelope"])
    assert {name: type(value) for name, value in told["data"].items()} == {
        name: type(value) for name, value in contract["envelope"]["data"].items()
    }
    assert [len(told["data"][name]) for name in ("accepted", "rejected")] == [1, 1]
