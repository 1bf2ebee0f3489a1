"""The carrier's own record through karrio: what of it is believed. Once with a connector made up here, and, where
karrio is installed, with its own UPS connector, offline."""

from __future__ import annotations

import base64
import importlib
import io
import json
import sys
import time
from datetime import UTC, datetime
from importlib.util import find_spec
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from PIL import Image

from disputes.facts import Document, Shipment
from disputes.ports import SourceReport
from disputes.systems import SourceError, SourceFailure
from evidence.systems import kinds
from evidence.systems.karrio_carriers import KIND
from evidence.systems.tracking import ZONE_UNKNOWN
from tests.evidence.systems.builders import outside, parcel_asked, wanted

NUMBER = "1Z999AA10123456784"
Thing = dict[str, Any]


def drawn() -> str:
    out = io.BytesIO()
    Image.effect_noise((64, 64), 60).convert("RGB").save(out, "PNG")
    return base64.b64encode(out.getvalue()).decode()


def scan(status: str, day: str = "2026-09-04", clock: str | None = "14:32 PM", **changes: Any) -> SimpleNamespace:
    told = {"description": status.replace("_", " ").upper(), "location": "Austin, TX, 78701, US"} | changes
    return SimpleNamespace(date=day, time=clock, status=status, timestamp=f"{day}T14:32:00.000Z", **told)


def record(*events: SimpleNamespace, number: str = NUMBER, **changes: Any) -> SimpleNamespace:
    """As karrio's model of one parcel; newest event first, as carriers list them."""
    told: Thing = {"signed_by": "E CARTER", "signature_image": None, "delivery_image": None} | changes
    info = SimpleNamespace(
        signed_by=told["signed_by"], shipment_service="UPS Ground",
        shipment_destination_postal_code=told.get("postal_code", "78701"), shipment_destination_country="US",
    )  # fmt: skip
    images = SimpleNamespace(signature_image=told["signature_image"], delivery_image=told["delivery_image"])
    found = events or (
        scan("delivered"),
        scan("in_transit", "2026-09-02", "08:00 AM", location="Dallas, TX, 75201, US"),
    )
    return SimpleNamespace(tracking_number=number, events=list(found), info=info, images=images)


class Connector:
    """A carrier's connector as karrio has them, with the answers it is given."""

    def __init__(self) -> None:
        self.details: list[SimpleNamespace] = [record()]
        self.messages: list[SimpleNamespace] = []
        self.raw: Any = [("1", {"trackResponse": {}})]
        self.raised: Exception | None = None
        self.unreadable = False
        self.seconds = 0.0
        self.settings: list[Thing] = []
        self.asked: list[str] = []

    def create(self, settings: Thing) -> SimpleNamespace:
        self.settings.append(settings)
        mapper = SimpleNamespace(create_tracking_request=self._request, parse_tracking_response=self._parsed)
        return SimpleNamespace(mapper=mapper, proxy=SimpleNamespace(get_tracking=self._answer))

    def _request(self, wanted: Any) -> Any:
        return wanted

    def _answer(self, request: Any) -> SimpleNamespace:
        self.asked += request.tracking_numbers
        time.sleep(self.seconds)
        if self.raised is not None:
            raise self.raised
        return SimpleNamespace(deserialize=lambda: self.raw)

    def _parsed(self, _answer: Any) -> Any:
        if self.unreadable:
            raise TypeError("'NoneType' object is not iterable")
        return self.details, self.messages


@pytest.fixture
def connector(monkeypatch: pytest.MonkeyPatch) -> Connector:
    made = Connector()
    sdk, models, loguru = ModuleType("karrio.sdk"), ModuleType("karrio.core.models"), ModuleType("loguru")
    sdk.gateway = dict.fromkeys(("ups", "fedex", "mydhl"), made)  # type: ignore[attr-defined]
    models.TrackingRequest = SimpleNamespace  # type: ignore[attr-defined]
    loguru.logger = SimpleNamespace(disable=lambda name: made.__dict__.setdefault("silent", name))  # type: ignore[attr-defined]
    for name, module in (("karrio.sdk", sdk), ("karrio.core.models", models), ("loguru", loguru)):
        monkeypatch.setitem(sys.modules, name, module)
    return made


def gathered(*asked: Any, seconds: float = 20.0, **settings: str) -> SourceReport:
    told = {"carrier": "ups", "key": "id-1", "secret": "hush"} | settings
    return KIND.open(told, outside(seconds=seconds)).gather(wanted(parcels=asked or (parcel_asked(),)))


def parcels(report: SourceReport) -> list[Shipment]:
    return [each.fact for each in report.items if isinstance(each.fact, Shipment)]


def papers(report: SourceReport) -> list[Document]:
    return [each.fact for each in report.items if isinstance(each.fact, Document)]


class TestDelivered:
    def test_a_parcel_is_read_with_its_scans_and_the_carriers_name(self, connector: Connector) -> None:
        (found,) = parcels(gathered())
        assert (found.carrier, found.tracking_number, found.service) == ("UPS", NUMBER, "UPS Ground")
        assert found.delivered_to is not None
        assert found.delivered_to.postal_code == "78701"
        assert connector.asked == [NUMBER]
        assert connector.settings == [{"client_id": "id-1", "client_secret": "hush", "account_number": None}]

    def test_its_clock_is_read_and_its_zone_is_not_believed(self, connector: Connector) -> None:
        """karrio writes the carrier's local time as UTC, and "14:32 PM"."""
        (found,) = parcels(gathered())
        assert found.delivered_at == datetime(2026, 9, 4, 14, 32, tzinfo=UTC)
        assert [each.place for each in found.events] == [
            f"Dallas, TX 75201, US ({ZONE_UNKNOWN})", f"Austin, TX 78701, US ({ZONE_UNKNOWN})",
        ]  # fmt: skip

    def test_where_a_country_has_one_clock_the_instant_is_known(self, connector: Connector) -> None:
        connector.details = [record(scan("in_transit", location="Izmir, IZM, 35000, TR"))]
        (found,) = parcels(gathered())
        assert found.events[0].at == datetime(2026, 9, 4, 11, 32, tzinfo=UTC)
        assert ZONE_UNKNOWN not in (found.events[0].place or "")

    def test_a_place_that_is_not_whole_stays_as_it_is_written(self, connector: Connector) -> None:
        connector.details = [record(scan("delivered", location="Wayne, DE"))]
        (found,) = parcels(gathered())
        assert found.delivered_to is None
        assert found.events[0].place == f"Wayne, DE ({ZONE_UNKNOWN})"

    @pytest.mark.parametrize(
        ("status", "words", "read"),
        [
            ("pending", "Label created", "label"), ("out_for_delivery", "Out", "out_for_delivery"),
            ("on_hold", "Released by customs", "other"), ("delivery_failed", "Refused", "failed"),
            ("on_hold", "Returned to sender", "returned"), ("delivered", "Returned to shipper", "returned"),
        ],
    )  # fmt: skip
    def test_every_state_but_delivered_leaves_it_undelivered(
        self, connector: Connector, status: str, words: str, read: str
    ) -> None:
        connector.details = [record(scan(status, description=words), signature_image=drawn())]
        report = gathered()
        (found,) = parcels(report)
        assert (found.events[0].state, found.delivered_at, found.signed_by) == (read, None, None)
        assert papers(report) == []

    def test_an_answer_about_another_parcel_is_not_taken(self, connector: Connector) -> None:
        connector.details = [record(number="1Z0000000000000001")]
        report = gathered()
        assert report.items == ()
        assert "about another parcel" in report.refused[0]

    def test_files_are_not_kept_twice(self, connector: Connector) -> None:
        connector.raw = [("1", {"signature": {"image": "A" * 5000}, "note": "Paid with 5555 5555 5555 4444"})]
        (item,) = gathered().items
        assert b"AAAA" not in item.data
        assert b"[a file of 5000 characters]" in item.data
        assert b"5555 5555" not in item.data


class TestSigned:
    def test_who_received_a_parcel_at_ups_has_not_signed_unless_the_signature_is_there(
        self, connector: Connector
    ) -> None:
        (found,) = parcels(gathered())
        assert found.signed_by is None
        assert found.events[-1].text == "DELIVERED (received by E CARTER)"
        connector.details = [record(signature_image=drawn())]
        (signed,) = parcels(gathered())
        assert (signed.signed_by, signed.events[-1].text) == ("E CARTER", "DELIVERED")

    @pytest.mark.parametrize(
        ("said", "signed"), [(None, None), ("E CARTER", "E CARTER"), ("Signature not required", None)]
    )
    def test_fedexs_own_answer_says_who_signed(
        self, connector: Connector, said: str | None, signed: str | None
    ) -> None:
        place = {"deliveryDetails": {"signedByName": said, "receivedByName": "E CARTER"}}
        connector.raw = {"output": {"completeTrackResults": [{"trackResults": [place]}]}}
        (found,) = parcels(gathered(parcel_asked(carrier="FedEx"), carrier="fedex"))
        assert (found.carrier, found.signed_by) == ("FedEx", signed)
        assert connector.settings[0] == {"track_api_key": "id-1", "track_secret_key": "hush", "account_number": None}

    def test_dhls_signature_is_taken_and_its_paper_is_a_confirmation(self, connector: Connector) -> None:
        out = io.BytesIO()
        Image.new("RGB", (64, 64), "white").save(out, "PDF")
        connector.details = [record(signature_image=base64.b64encode(out.getvalue()).decode())]
        report = gathered(parcel_asked(carrier="DHL"), carrier="mydhl")
        assert parcels(report)[0].signed_by == "E CARTER"
        assert [each.item for each in papers(report)] == ["delivery_confirmation"]

    def test_signature_and_photo_are_kept_as_pictures(self, connector: Connector) -> None:
        connector.details = [record(signature_image=drawn(), delivery_image=drawn())]
        assert sorted(each.item for each in papers(gathered())) == ["delivery_photo", "delivery_signature"]

    def test_a_picture_that_is_none_costs_only_itself(self, connector: Connector) -> None:
        connector.details = [record(signature_image="encoding Base64", delivery_image=drawn())]
        report = gathered()
        assert len(parcels(report)) == 1
        assert [each.item for each in papers(report)] == ["delivery_photo"]


class TestNothing:
    def test_the_carriers_own_word_that_it_has_no_record_is_one(self, connector: Connector) -> None:
        connector.details = []
        connector.messages = [SimpleNamespace(code="TW0001", message="Tracking Information Not Found")]
        assert gathered().unavailable == ("tracking_events", "delivery_confirmation")

    def test_any_other_word_is_passed_on(self, connector: Connector) -> None:
        connector.details = []
        connector.messages = [SimpleNamespace(code="TV1002", message="Invalid {inquiry} number")]
        report = gathered()
        assert report.unavailable == ()
        assert "TV1002 Invalid {inquiry} number" in report.refused[0]

    def test_an_answer_karrio_cannot_read_leaves_the_other_parcels(self, connector: Connector) -> None:
        connector.unreadable = True
        report = gathered(parcel_asked(), parcel_asked("1Z0000000000000001"))
        assert [each.partition(" about")[0] for each in report.refused] == [
            "The carrier's own record: the answer of UPS"
        ] * 2
        assert report.unavailable == ()

    def test_parcels_of_other_carriers_are_not_asked_about(self, connector: Connector) -> None:
        assert gathered(parcel_asked(carrier="USPS"), parcel_asked(carrier="Aras Kargo")).refused == ()
        assert connector.asked == []


class TestFailures:
    def test_a_key_that_is_refused_is_told_and_not_repeated(self, connector: Connector) -> None:
        error = RuntimeError("Invalid request payload")
        error.messages = ["250003 Invalid Access License number"]  # type: ignore[attr-defined]
        connector.raised = error
        with pytest.raises(SourceError) as caught:
            gathered()
        assert caught.value.failure is SourceFailure.CREDENTIALS
        assert "hush" not in str(caught.value)

    def test_a_refusal_beside_an_empty_answer_is_one_too(self, connector: Connector) -> None:
        connector.details = []
        connector.messages = [SimpleNamespace(code="401", message="Unauthorized")]
        with pytest.raises(SourceError) as caught:
            KIND.open({"carrier": "mydhl", "key": "a", "secret": "b"}, outside()).account()
        assert caught.value.failure is SourceFailure.CREDENTIALS

    def test_whatever_else_it_raises_is_asked_again_later(self, connector: Connector) -> None:
        connector.raised = ConnectionError("hush")
        with pytest.raises(SourceError, match="cannot be asked now: ConnectionError") as caught:
            gathered()
        assert caught.value.failure is SourceFailure.UNAVAILABLE
        assert "hush" not in str(caught.value)

    def test_it_is_not_waited_for_without_end(self, connector: Connector) -> None:
        connector.seconds = 5.0
        with pytest.raises(SourceError, match="did not answer in time"):
            gathered(seconds=0.2)


class TestOffering:
    def test_an_account_is_known_by_the_carrier_and_what_cannot_be_turned_back(self, connector: Connector) -> None:
        account = KIND.open({"carrier": "fedex", "key": "id-1", "secret": "hush"}, outside()).account()
        assert account.account_id.startswith("fedex-")
        assert "id-1" not in account.account_id
        assert account.name == "FedEx"
        assert connector.__dict__["silent"] == "karrio"  # its log would hold whole answers

    @pytest.mark.parametrize("there", [True, False])
    def test_it_is_offered_only_where_karrio_is_installed(self, monkeypatch: pytest.MonkeyPatch, there: bool) -> None:
        monkeypatch.setattr(kinds, "find_spec", lambda name: there or None)
        assert ("karrio_carriers" in kinds.kinds.__wrapped__()) is there

    def test_a_part_that_was_taken_away_afterwards_is_told(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "loguru", None)
        with pytest.raises(SourceError, match=r"install counterproof\[carriers\]"):
            gathered()


def upss_answer(**delivered: Any) -> str:
    """UPS's tracking answer in the fields karrio's connector reads."""
    address = {"city": "Austin", "stateProvince": "TX", "postalCode": "78701", "country": "US", "countryCode": "US"}
    handed = {
        "date": "20260904", "time": "143200", "location": {"address": address},
        "status": {"code": "FS", "type": "D", "description": "DELIVERED"},
    }  # fmt: skip
    sent = handed | {
        "date": "20260902", "time": "080000", "status": {"code": "DP", "type": "I", "description": "Departed"},
    }  # fmt: skip
    package = {
        "trackingNumber": NUMBER, "activity": [handed, sent], "deliveryDate": [{"date": "20260904", "type": "DEL"}],
        "deliveryInformation": {"receivedBy": "E CARTER", **delivered}, "service": {"description": "UPS Ground"},
        "packageAddress": [{"type": "DESTINATION", "address": address}],
        "weight": {"weight": "1.00", "unitOfMeasurement": "LBS"},
    }  # fmt: skip
    return json.dumps({"trackResponse": {"shipment": [{"inquiryNumber": NUMBER, "package": [package]}]}})


@pytest.mark.skipif(find_spec("karrio") is None, reason="karrio is not installed: pip install counterproof[carriers]")
@pytest.mark.filterwarnings("ignore")
class TestWithKarrio:
    """Its UPS connector, with the answers UPS would give."""

    def answering(self, monkeypatch: pytest.MonkeyPatch, answer: str) -> list[str]:
        proxy: Any = importlib.import_module("karrio.mappers.ups.proxy")
        asked: list[str] = []

        def request(**told: Any) -> str:
            asked.append(told["url"])
            return answer

        monkeypatch.setattr(proxy.lib, "request", request)
        monkeypatch.setattr(proxy.Proxy, "get_token", lambda _: "token")
        return asked

    def test_a_signed_delivery_is_read_whole(self, monkeypatch: pytest.MonkeyPatch) -> None:
        answer = upss_answer(signature={"image": drawn()}, deliveryPhoto={"photo": drawn()})
        asked = self.answering(monkeypatch, answer)
        report = gathered()
        (found,) = parcels(report)
        assert (found.carrier, found.signed_by, found.service) == ("UPS", "E CARTER", "UPS Ground")
        assert found.delivered_at == datetime(2026, 9, 4, 14, 32, tzinfo=UTC)
        assert [each.state for each in found.events] == ["in_transit", "delivered"]
        assert found.events[-1].place == f"Austin, TX 78701, US ({ZONE_UNKNOWN})"
        assert sorted(each.item for each in papers(report)) == ["delivery_photo", "delivery_signature"]
        assert asked[0].endswith(f"/api/track/v1/details/{NUMBER}?locale=en_US&returnSignature=true")
        assert {each.confidence for each in report.items} == {"certain"}

    def test_one_that_was_only_received_is_not_signed(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.answering(monkeypatch, upss_answer())
        (found,) = parcels(gathered())
        assert found.signed_by is None
        assert found.events[-1].text == "DELIVERED (received by E CARTER)"

    def test_a_number_ups_does_not_know_is_the_carriers_word(self, monkeypatch: pytest.MonkeyPatch) -> None:
        warning = {"code": "TW0001", "message": "Tracking Information Not Found"}
        self.answering(monkeypatch, json.dumps({"trackResponse": {"shipment": [{"warnings": [warning]}]}}))
        assert gathered().unavailable == ("tracking_events", "delivery_confirmation")

    def test_a_key_ups_refuses_is_told(self, monkeypatch: pytest.MonkeyPatch) -> None:
        error = {"code": "250003", "message": "Invalid Access License number"}
        self.answering(monkeypatch, json.dumps({"response": {"errors": [error]}}))
        with pytest.raises(SourceError) as caught:
            gathered()
        assert caught.value.failure is SourceFailure.CREDENTIALS

    def test_an_answer_without_a_field_karrio_counts_upon_is_told_and_not_raised(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        told = json.loads(upss_answer())
        del told["trackResponse"]["shipment"][0]["package"][0]["activity"]
        self.answering(monkeypatch, json.dumps(told))
        assert "could not be read" in gathered().refused[0]
