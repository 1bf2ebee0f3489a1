"""What a parcel's record proves, whichever carrier's system told it."""

from __future__ import annotations

import io
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from PIL import Image

from disputes.facts import UNNAMED_CARRIER, Address, Document, Shipment, TrackingState
from disputes.knowledge import evidence_items
from disputes.phrases import phrase
from disputes.ports import Parcel, SourceReport, Wanted
from disputes.systems import Brings, SystemKind
from evidence.systems.http import Http
from evidence.systems.places import country, local_instant, shown
from evidence.systems.tracking import (
    CONFIRMATION,
    PHOTO,
    SIGNATURE,
    ZONE_UNKNOWN,
    Findings,
    Leg,
    Proof,
    Scan,
    Tracker,
    other_carrier,
    signature,
    waived,
)
from tests.evidence.systems.builders import outside, parcel_asked, wanted

KIND = SystemKind(
    name="carrier", title="The Carrier", version=3, brings=(Brings.TRACKING,), gives="", needs="", settings=(),
    open=lambda settings, outside: (_ for _ in ()).throw(NotImplementedError),
)  # fmt: skip
ORDERED = datetime(2026, 9, 1, 10, 15, tzinfo=UTC)
AUSTIN = Address(city="Austin", region="TX", postal_code="78701", country="US")
MIAMI = Address(city="Miami", region="FL", postal_code="33101", country="US")
NUMBER = "1Z999AA10123456784"


def scan(state: TrackingState, days: float, text: str = "", **changes: Any) -> Scan:
    told: dict[str, Any] = {"place": AUSTIN} | changes
    return Scan(ORDERED + timedelta(days=days), state, text or state.replace("_", " "), **told)


SENT = scan("in_transit", 1)
HANDED = scan("delivered", 3)


def leg(*scans: Scan, **changes: Any) -> Leg:
    return Leg(**({"carrier": "UPS", "number": NUMBER, "scans": scans or (SENT, HANDED)} | changes))


def tracker(*legs: Leg, **changes: Any) -> Tracker:
    told: dict[str, Any] = {"data": b"{}", "name": "record.json", "request": "The Carrier: GET /parcels"}
    return Tracker(legs or (leg(),), **(told | changes))


def asked(
    trackers: Iterable[Tracker], parcel: Parcel | None = None, sale: Wanted | None = None, **changes: Any
) -> SourceReport:
    findings = Findings(KIND, sale or wanted(), Http(KIND.title, "http://127.0.0.1:9", outside()))
    findings.add(parcel or parcel_asked(**changes), list(trackers))
    return findings.report()


def parcels(report: SourceReport) -> list[Shipment]:
    return [each.fact for each in report.items if isinstance(each.fact, Shipment)]


def papers(report: SourceReport) -> list[Document]:
    return [each.fact for each in report.items if isinstance(each.fact, Document)]


def picture() -> bytes:
    out = io.BytesIO()
    Image.effect_noise((64, 64), 60).convert("RGB").save(out, "JPEG")
    return out.getvalue()


class TestDelivered:
    def test_a_parcel_handed_over_is_delivered_where_and_when_the_carrier_scanned_it(self) -> None:
        report = asked([tracker(service="Express", signed_by="E CARTER", signature_required=True)])
        (parcel,) = parcels(report)
        assert (parcel.order_ref, parcel.carrier, parcel.tracking_number) == ("LL-1001", "UPS", NUMBER)
        assert (parcel.shipped_at, parcel.delivered_at, parcel.delivered_to) == (SENT.at, HANDED.at, AUSTIN)
        assert (parcel.signed_by, parcel.signature_required, parcel.service) == ("E CARTER", True, "Express")
        assert [each.state for each in parcel.events] == ["in_transit", "delivered"]
        assert parcel.events[1].place == "Austin, TX 78701, US"
        (found,) = report.items
        assert (found.confidence, found.adapter) == ("certain", "carrier/3")
        assert found.why == f"tracking number {NUMBER} of order LL-1001"

    def test_a_label_is_no_dispatch(self) -> None:
        (parcel,) = parcels(asked([tracker(leg(scan("label", 0.1)))]))
        assert parcel.shipped_at is None
        assert parcel.delivered_at is None

    def test_one_that_came_back_afterwards_was_not_delivered(self) -> None:
        (parcel,) = parcels(asked([tracker(leg(SENT, HANDED, scan("returned", 5)), signed_by="E CARTER")]))
        assert parcel.delivered_at is None
        assert parcel.signed_by is None

    def test_what_is_handed_over_at_the_end_of_the_way_back_was_handed_to_the_sender(self) -> None:
        way_back = leg(SENT, scan("returned", 3), scan("delivered", 6, place=MIAMI))
        (parcel,) = parcels(asked([tracker(way_back, signed_by="WAREHOUSE")]))
        assert parcel.delivered_at is None
        assert parcel.signed_by is None
        assert [each.state for each in parcel.events] == ["in_transit", "returned", "returned"]

    def test_so_is_one_whose_place_nobody_told(self) -> None:
        (parcel,) = parcels(asked([tracker(leg(SENT, scan("returned", 3), scan("delivered", 6, place=None)))]))
        assert parcel.delivered_at is None

    def test_one_brought_back_once_and_then_handed_over_at_the_customers_place_is_delivered(self) -> None:
        (parcel,) = parcels(asked([tracker(leg(SENT, scan("returned", 2), HANDED))]))
        assert parcel.delivered_at == HANDED.at

    def test_delivered_to_the_sender_is_a_return_even_without_another_scan(self) -> None:
        words = "Delivered, To Original Sender"
        (parcel,) = parcels(asked([tracker(leg(SENT, scan("delivered", 6, words)))]))
        assert parcel.delivered_at is None
        assert (parcel.events[-1].state, parcel.events[-1].text) == ("returned", words)

    def test_scans_are_put_in_their_order_and_a_repeated_one_stands_once(self) -> None:
        (parcel,) = parcels(asked([tracker(leg(HANDED, SENT, SENT))]))
        assert [each.state for each in parcel.events] == ["in_transit", "delivered"]

    def test_a_time_without_a_zone_says_so_beside_its_place(self) -> None:
        unzoned = leg(scan("in_transit", 1, place=None, zone_known=False), scan("delivered", 3, zone_known=False))
        (parcel,) = parcels(asked([tracker(unzoned)]))
        assert [each.place for each in parcel.events] == [ZONE_UNKNOWN, f"Austin, TX 78701, US ({ZONE_UNKNOWN})"]

    def test_scans_without_a_time_are_counted_aloud(self) -> None:
        report = asked([tracker(undated=2)])
        assert report.refused == (f"The Carrier: 2 scan(s) of parcel {NUMBER} have no time.",)


class TestSigned:
    @pytest.mark.parametrize("said", ["E CARTER", "Front Desk M. Stone", "Porter", "Ayşe Kaya", "JOHN DOOR", "N Axel"])
    def test_a_name_is_a_signature(self, said: str) -> None:
        assert signature(said) == said

    @pytest.mark.parametrize(
        "said",
        [
            "Signature not required", "SIGNATURE NOT REQ", "No signature required", "Signature release on file",
            "Signature waived", "No Signature", "Driver Release", "DRIVER RELEASED", "Contactless delivery", "N/A",
            "none", "-", "  ", "Not required", "Waived", "Signature not obtained - COVID", "İmza gerekmez",
        ],
    )  # fmt: skip
    def test_words_that_nobody_signed_are_none(self, said: str) -> None:
        assert signature(said) is None

    @pytest.mark.parametrize("said", ["FRONT DOOR", "Left at front door", "Mailbox", "porch", "Parcel locker"])
    def test_a_place_is_nobody(self, said: str) -> None:
        assert signature(said) is None
        assert not waived(said)

    def test_delivered_is_never_raised_to_signed(self) -> None:
        (parcel,) = parcels(asked([tracker(signed_by="Signature not required", signature_required=True)]))
        assert parcel.delivered_at == HANDED.at
        assert parcel.signed_by is None

    def test_a_name_without_a_delivery_signed_for_nothing(self) -> None:
        (parcel,) = parcels(asked([tracker(leg(SENT), signed_by="E CARTER")]))
        assert parcel.signed_by is None


class TestWhichParcel:
    def test_an_earlier_parcel_of_the_same_number_is_left_out_and_named(self) -> None:
        report = asked([tracker(leg(scan("in_transit", -90), scan("delivered", -88)))])
        assert report.items == ()
        assert NUMBER in report.refused[0]
        assert "Carriers use numbers again" in report.refused[0]

    def test_an_earlier_parcel_beside_the_right_one_leaves_the_right_one_certain(self) -> None:
        report = asked([tracker(leg(scan("delivered", -88))), tracker()])
        assert [each.confidence for each in report.items] == ["certain"]
        assert parcels(report)[0].delivered_at == HANDED.at
        assert len(report.refused) == 1

    def test_a_scan_hours_before_the_order_is_a_clock_that_differs(self) -> None:
        report = asked([tracker(leg(scan("label", -0.9), SENT, HANDED))])
        assert [each.confidence for each in report.items] == ["certain"]

    def test_a_record_that_begins_before_the_order_is_for_a_person(self) -> None:
        (found,) = asked([tracker(leg(scan("in_transit", -30), HANDED))]).items
        assert found.confidence == "likely"
        assert "older than the order" in found.why

    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"destination": MIAMI}, "is addressed to Miami, FL 33101, US"),
            ({"legs": (leg(SENT, scan("delivered", 3, place=MIAMI)),)}, "was delivered in Miami, FL 33101, US"),
            ({"destination": Address(country="TR")}, "is addressed to TR"),
        ],
    )
    def test_another_destination_is_for_a_person(self, changes: dict[str, Any], words: str) -> None:
        legs = changes.pop("legs", ())
        (found,) = asked([tracker(*legs, **changes)]).items
        assert found.confidence == "likely"
        assert words in found.why
        assert "the order goes to Austin, TX 78701, US" in found.why

    def test_a_destination_nobody_knows_is_no_contradiction(self) -> None:
        report = asked([tracker(destination=MIAMI)], destination=None)
        assert [each.confidence for each in report.items] == ["certain"]

    def test_another_carrier_than_the_shop_named_is_for_a_person(self) -> None:
        (found,) = asked([tracker(leg(carrier="FedEx"))]).items
        assert found.confidence == "likely"
        assert "the shop names UPS, this record is of FedEx" in found.why

    @pytest.mark.parametrize(
        ("one", "another", "differ"),
        [
            ("UPS", "ups", False), ("UPS Ground", "UPS", False), ("DHL", "DHLExpress", False), ("UPS", "USPS", True),
            ("FedEx", "DHL", True), (UNNAMED_CARRIER, "UPS", False), ("Our own van", "UPS", False), ("", "UPS", False),
        ],
    )  # fmt: skip
    def test_carriers_are_compared_by_name_and_unknown_names_contradict_nothing(
        self, one: str, another: str, differ: bool
    ) -> None:
        assert other_carrier(one, another) is differ
        assert other_carrier(another, one) is differ

    def test_two_carriers_with_the_number_are_both_shown_and_none_is_picked(self) -> None:
        report = asked([tracker(), tracker(leg(carrier="Our own van"))])
        assert [each.confidence for each in report.items] == ["likely", "likely"]
        assert all("Our own van and UPS both have a parcel of this number" in each.why for each in report.items)

    def test_of_two_trackers_of_one_carrier_the_one_that_knows_more_counts(self) -> None:
        report = asked([tracker(leg(SENT)), tracker()])
        assert [each.delivered_at for each in parcels(report)] == [HANDED.at]

    @pytest.mark.parametrize(
        ("sale", "changes"), [({"certain": False}, {}), ({}, {"confidence": "likely"})], ids=["order", "parcel"]
    )
    def test_what_is_asked_for_unsurely_is_found_unsurely(self, sale: dict[str, Any], changes: dict[str, Any]) -> None:
        (found,) = asked([tracker()], sale=wanted(**sale), **changes).items
        assert found.confidence == "likely"


class TestTwoCarriers:
    FIRST = leg(
        scan("in_transit", 1, place=None),
        scan("delivered", 8, place=None),
        carrier="Yanwen",
        number="YW1",
        part="first",
    )
    LAST = leg(scan("in_transit", 9), scan("delivered", 12), carrier="USPS", number="92001", part="last")

    def test_both_halves_are_kept_and_point_at_each_other(self) -> None:
        first, last = parcels(asked([tracker(self.FIRST, self.LAST)], number="YW1", carrier="Yanwen"))
        assert (first.leg, first.tracking_number, first.onward_number) == ("first", "YW1", "92001")
        assert (last.leg, last.tracking_number, last.onward_number) == ("last", "92001", None)

    def test_only_the_last_hands_over(self) -> None:
        both = tracker(self.FIRST, self.LAST, signed_by="E CARTER", signature_required=True)
        first, last = parcels(asked([both], number="YW1", carrier="Yanwen"))
        assert (first.delivered_at, first.signed_by, first.signature_required) == (None, None, None)
        assert (last.delivered_at, last.signed_by) == (ORDERED + timedelta(days=12), "E CARTER")

    def test_the_first_carriers_delivered_is_a_step_on_the_way(self) -> None:
        first, last = parcels(
            asked([tracker(self.FIRST, leg(scan("label", 8), carrier="USPS", number="9", part="last"))])
        )
        assert [each.state for each in first.events] == ["in_transit", "in_transit"]
        assert first.events[-1].text == "delivered"
        assert last.delivered_at is None

    def test_one_of_the_two_carriers_is_enough_to_be_the_one_the_shop_named(self) -> None:
        report = asked([tracker(self.FIRST, self.LAST)], number="92001", carrier="USPS")
        assert {each.confidence for each in report.items} == {"certain"}


class TestProofFiles:
    def test_a_file_is_cleaned_and_becomes_a_document_of_the_delivery(self) -> None:
        report = asked([tracker(proofs=(Proof(PHOTO, data=picture()),))])
        (paper,) = papers(report)
        assert paper.item in evidence_items()
        assert (paper.item, paper.media_type, paper.order_ref) == (PHOTO, "image/jpeg", "LL-1001")
        assert paper.dated == HANDED.at
        assert paper.title == f"Photo of the delivery, UPS {NUMBER}"
        found = report.items[-1]
        assert found.name == f"delivery_photo-{NUMBER}-1.jpg"
        assert len(found.data) == paper.size

    def test_a_signature_paper_that_goes_with_no_signature_is_a_confirmation(self) -> None:
        report = asked([tracker(signed_by="Signature not required", proofs=(Proof(SIGNATURE, data=picture()),))])
        assert [each.item for each in papers(report)] == [CONFIRMATION]

    def test_a_signature_paper_of_a_signed_parcel_is_a_signature(self) -> None:
        report = asked([tracker(signed_by="E CARTER", proofs=(Proof(SIGNATURE, data=picture()),))])
        assert [each.item for each in papers(report)] == [SIGNATURE]

    def test_a_file_that_cannot_be_read_is_a_sentence_and_the_scans_stay(self) -> None:
        report = asked([tracker(proofs=(Proof(PHOTO, data=b"<Error/>"),))])
        assert len(parcels(report)) == 1
        assert papers(report) == []
        assert report.refused == (f"Photo of the delivery, UPS {NUMBER}: the file is no PDF, JPEG, PNG or HEIC file.",)

    def test_a_file_that_cannot_be_fetched_is_a_sentence_too(self) -> None:
        report = asked([tracker(proofs=(Proof(PHOTO, url="http://127.0.0.1:9/gone.jpg"),))])
        assert len(parcels(report)) == 1
        assert "cannot be reached" in report.refused[0]

    def test_a_file_inside_the_merchants_network_is_not_fetched(self) -> None:
        report = asked([tracker(proofs=(Proof(PHOTO, url="https://10.0.0.7/door.jpg"),))])
        assert "not fetched" in report.refused[0]

    def test_the_proof_of_a_way_back_proves_no_delivery(self) -> None:
        report = asked([tracker(leg(SENT, HANDED, scan("returned", 5)), proofs=(Proof(PHOTO, data=picture()),))])
        assert papers(report) == []
        assert "does not say that the parcel reached the customer" in report.refused[0]

    def test_the_same_file_twice_is_one_document(self) -> None:
        data = picture()
        report = asked([tracker(proofs=(Proof(PHOTO, data=data), Proof(PHOTO, data=data)))])
        assert len(papers(report)) == 1


class TestUnavailable:
    def findings(self) -> Findings:
        return Findings(KIND, wanted(), Http(KIND.title, "http://127.0.0.1:9", outside()))

    def test_a_number_the_carrier_does_not_know_has_no_record_to_wait_for(self) -> None:
        findings = self.findings()
        findings.unknown(parcel_asked())
        report = findings.report()
        assert report.unavailable == ("tracking_events", "delivery_confirmation")
        assert set(report.unavailable) <= set(evidence_items())

    def test_one_parcel_of_two_that_is_known_keeps_everything_possible(self) -> None:
        findings = self.findings()
        findings.unknown(parcel_asked("X1"))
        findings.add(parcel_asked(), [tracker()])
        assert findings.report().unavailable == ()

    def test_nothing_yet_is_not_unavailable(self) -> None:
        findings = self.findings()
        findings.nothing(parcel_asked(), phrase("parcel {number} is not watched.", number=NUMBER))
        assert findings.report().unavailable == ()
        assert findings.report().refused == (f"The Carrier: parcel {NUMBER} is not watched.",)

    def test_a_tracker_without_a_scan_is_a_sentence(self) -> None:
        report = asked([tracker(leg(scans=()))])
        assert report.items == ()
        assert report.refused == (f"The Carrier: parcel {NUMBER} has not been scanned yet.",)

    def test_a_delivery_nobody_had_to_sign_has_no_signature_to_wait_for(self) -> None:
        assert asked([tracker(signature_required=False)]).unavailable == (SIGNATURE,)
        assert asked([tracker(signed_by="Signature not required")]).unavailable == (SIGNATURE,)

    def test_silence_about_a_signature_is_not_unavailable(self) -> None:
        assert asked([tracker()]).unavailable == ()
        assert asked([tracker(signed_by="E CARTER", signature_required=False)]).unavailable == ()


class TestPlaces:
    @pytest.mark.parametrize(
        ("written", "code"),
        [("USA", "US"), ("tur", "TR"), ("gb", "GB"), ("Utopia", "Utopia"), ("", None), (None, None)],
    )
    def test_countries_of_three_letters_become_two(self, written: str | None, code: str | None) -> None:
        assert country(written) == code

    @pytest.mark.parametrize(
        ("text", "code", "instant", "known"),
        [
            ("2026-09-04T14:32:00-05:00", None, "2026-09-04T19:32:00+00:00", True),
            ("2026-09-04T14:32:00Z", "US", "2026-09-04T14:32:00+00:00", True),
            ("2026-09-04T14:32:00", "TR", "2026-09-04T11:32:00+00:00", True),
            # Germany has two zones in the database, and both always show the same time.
            ("2026-09-04T14:32:00", "DE", "2026-09-04T12:32:00+00:00", True),
            ("2026-09-04T14:32:00", "US", "2026-09-04T14:32:00+00:00", False),
            ("2026-09-04T14:32:00", None, "2026-09-04T14:32:00+00:00", False),
            ("2026-09-04", "TR", "2026-09-03T21:00:00+00:00", False),
        ],
    )
    def test_a_local_time_is_an_instant_only_where_the_country_has_one_clock(
        self, text: str, code: str | None, instant: str, known: bool
    ) -> None:
        assert local_instant(text, code) == (datetime.fromisoformat(instant), known)

    def test_a_place_on_one_line(self) -> None:
        assert shown(AUSTIN) == "Austin, TX 78701, US"
        assert shown(Address(country="TR")) == "TR"
        assert shown(Address()) is None
        assert shown(None) is None
