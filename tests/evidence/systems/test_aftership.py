"""AfterShip over HTTP: parcels, both halves of a shared way, proof files that expire, limits, webhooks."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import hmac
import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from disputes.facts import UNNAMED_CARRIER, Document, Shipment
from disputes.ports import SourceReport, WebhookRefused
from disputes.systems import Key, KeyKind, SourceError, SourceFailure
from evidence.sandbox import aftership as practice
from evidence.sandbox.app import Fault, Faults
from evidence.sandbox.launch import in_thread
from evidence.sandbox.world import World
from evidence.systems.aftership import API, KIND, check
from tests.evidence.systems.builders import Thing, outside, parcel, parcel_asked, wanted, world

CONTRACT = Path(__file__).resolve().parents[3].parent / "shared" / "contracts" / "sources" / "aftership.json"
KEY = "asat_practice"
NUMBER = "1Z999AA10123456784"


@contextlib.contextmanager
def running(shown: World, faults: Faults | None = None) -> Iterator[str]:
    with in_thread(shown, faults) as address:
        yield f"{address}/aftership/tracking/2026-07"


def settings(address: str, **changes: str) -> dict[str, str]:
    return {"api_key": KEY, "address": address} | changes


def gathered(shown: World, *asked: Any, faults: Faults | None = None, **changes: str) -> SourceReport:
    with running(shown, faults) as address:
        system = KIND.open(settings(address, **changes), outside())
        return system.gather(wanted(parcels=asked or (parcel_asked(),)))


def parcels(report: SourceReport) -> list[Shipment]:
    return [each.fact for each in report.items if isinstance(each.fact, Shipment)]


def papers(report: SourceReport) -> list[Document]:
    return [each.fact for each in report.items if isinstance(each.fact, Document)]


def event(state: str, at: str, text: str = "Scan", **changes: Any) -> Thing:
    here = {"city": "Austin", "region": "TX", "postal_code": "78701", "country": "US"}
    return {"at": at, "state": state, "text": text} | here | changes


def delivered(text: str = "Delivered", **changes: Any) -> Thing:
    return event("delivered", "2026-09-04T14:32:00+00:00", text, **changes)


def proof(name: str = "door.jpg", *, kind: str = "image", data: bytes | None = None) -> Thing:
    if data is None:
        out = io.BytesIO()
        Image.effect_noise((64, 64), 60).convert("RGB").save(out, "PDF" if name.endswith(".pdf") else "JPEG")
        data = out.getvalue()
    media = "application/pdf" if name.endswith(".pdf") else "image/jpeg"
    return {"name": name, "type": kind, "media_type": media, "base64": base64.b64encode(data).decode()}


class TestParcels:
    def test_a_signed_delivery_is_read_with_its_scans(self) -> None:
        report = gathered(world(parcels=[parcel()]))
        (found,) = parcels(report)
        assert (found.carrier, found.tracking_number, found.service) == ("UPS", NUMBER, "Express Saver")
        assert found.delivered_at == datetime(2026, 9, 4, 14, 32, tzinfo=UTC)
        assert (found.signed_by, found.signature_required, found.leg) == ("E CARTER", True, None)
        assert found.delivered_to is not None
        assert (found.delivered_to.city, found.delivered_to.country) == ("Austin", "US")
        (item,) = report.items
        assert (item.confidence, item.adapter) == ("certain", "aftership/1")
        assert (
            item.request == f"AfterShip: GET /aftership/tracking/2026-07/trackings?tracking_numbers={NUMBER}&limit=200"
        )
        assert json.loads(item.data)["tracking_number"] == NUMBER
        assert (report.refused, report.unavailable) == ((), ())

    def test_all_parcels_are_asked_about_at_once_and_pages_are_followed(self) -> None:
        numbers = [f"9400{index:04d}" for index in range(60)]
        shown = world(
            parcels=[parcel(each, carrier="USPS", signed_by=None) for each in numbers],
            accounts={"aftership": {"page": 20, "per_second": 100}},
        )
        report = gathered(shown, *(parcel_asked(each, carrier="USPS") for each in numbers))
        assert {each.tracking_number for each in parcels(report)} == set(numbers)
        assert len(shown.asked("/trackings")) == 4  # fifty numbers on three pages, ten on one

    def test_it_only_reads_where_nobody_allowed_more(self) -> None:
        shown = world(parcels=[parcel()], accounts={"aftership": {"unwatched": [NUMBER]}})
        report = gathered(shown)
        assert {each.method for each in shown.log} == {"GET"}
        assert report.items == ()
        assert "is not watched" in report.refused[0]
        assert report.unavailable == ()

    def test_a_sale_without_parcels_asks_nothing(self) -> None:
        shown = world(parcels=[parcel()])
        with running(shown) as address:
            report = KIND.open(settings(address), outside()).gather(wanted())
        assert report.items == ()
        assert shown.log == []

    def test_a_local_time_is_read_where_the_country_has_one_clock(self) -> None:
        istanbul = {"city": "Istanbul", "region": None, "postal_code": "34000", "country": "TR"}
        there = delivered(local=True, **istanbul)
        (found,) = parcels(gathered(world(parcels=[parcel(events=[there], destination=istanbul)])))
        assert found.delivered_at == datetime(2026, 9, 4, 11, 32, tzinfo=UTC)
        assert found.events[0].place == "Istanbul, 34000, TR"

    def test_a_local_time_of_a_wide_country_is_marked(self) -> None:
        (found,) = parcels(gathered(world(parcels=[parcel(events=[delivered(local=True)])])))
        assert found.events[0].place == "Austin, TX 78701, US (local time, zone not recorded)"

    def test_a_place_told_in_one_piece_is_kept(self) -> None:
        away = event("in_transit", "2026-09-02T08:00:00+00:00", city=None, postal_code=None, region="TX")
        (found,) = parcels(gathered(world(parcels=[parcel(events=[away, delivered()])])))
        assert found.events[0].place == "TX, US"

    @pytest.mark.parametrize(
        ("subtag", "words"),
        [
            ("Delivered_003", "Left (Sign by customer)"),
            ("Delivered_005", "Left (Delivered to neighbor)"),
            ("Delivered_002", "Left (Picked up by the customer)"),
            ("Delivered_001", "Left"),
        ],
    )
    def test_who_took_it_stands_beside_the_carriers_words(self, subtag: str, words: str) -> None:
        report = gathered(world(parcels=[parcel(events=[delivered("Left", subtag=subtag)], signed_by=None)]))
        (found,) = parcels(report)
        assert found.events[0].text == words
        assert found.delivered_at is not None
        # "Sign by customer" is AfterShip's class of the carrier's words; no name, no signature.
        assert found.signed_by is None
        assert report.unavailable == ()

    def test_words_that_say_it_already_are_left_as_they_are(self) -> None:
        said = delivered("Package delivered to neighbor.", subtag="Delivered_005")
        (found,) = parcels(gathered(world(parcels=[parcel(events=[said])])))
        assert found.events[0].text == "Package delivered to neighbor."

    @pytest.mark.parametrize(
        ("state", "changes", "read"),
        [
            ("label", {}, "label"), ("failed", {}, "failed"), ("returned", {}, "returned"), ("lost", {}, "lost"),
            ("other", {}, "other"), ("out_for_delivery", {}, "out_for_delivery"),
            ("returned", {"subtag": "Exception_010"}, "returned"), ("returned", {"subtag": "Exception_003"}, "failed"),
            ("returned", {"subtag": "Exception_004"}, "other"), ("returned", {"subtag": "Exception_999"}, "other"),
        ],
    )  # fmt: skip
    def test_every_state_but_delivered_leaves_it_undelivered(
        self, state: str, changes: dict[str, str], read: str
    ) -> None:
        one = parcel(events=[event(state, "2026-09-02T08:00:00+00:00", **changes)], return_to_sender=False)
        (found,) = parcels(gathered(world(parcels=[one])))
        assert found.events[0].state == read
        assert found.delivered_at is None

    def test_a_parcel_that_went_back_was_handed_to_the_sender(self) -> None:
        (found,) = parcels(gathered(world(parcels=[parcel(return_to_sender=True)])))
        assert found.delivered_at is None
        assert found.signed_by is None
        assert found.events[-1].state == "returned"

    @pytest.mark.parametrize(("asked", "read"), [(True, True), (False, False), (None, None)])
    def test_whether_a_signature_was_asked_for(self, asked: bool | None, read: bool | None) -> None:
        report = gathered(world(parcels=[parcel(signature_required=asked, signed_by=None)]))
        assert parcels(report)[0].signature_required is read
        assert report.unavailable == (("delivery_signature",) if asked is False else ())

    def test_another_destination_is_for_a_person(self) -> None:
        elsewhere = {"city": "Ankara", "region": None, "postal_code": "06000", "country": "TR"}
        (item,) = gathered(world(parcels=[parcel(destination=elsewhere)])).items
        assert item.confidence == "likely"
        assert "is addressed to Ankara, 06000, TR" in item.why

    def test_a_used_number_is_left_out(self) -> None:
        old = parcel(events=[event("delivered", "2025-03-02T08:00:00+00:00")])
        report = gathered(world(parcels=[old]))
        assert report.items == ()
        assert "Carriers use numbers again" in report.refused[0]

    def test_a_carrier_nobody_named_is_the_one_aftership_found(self) -> None:
        china = parcel("LX1", carrier="China Post", signed_by=None)
        (found,) = parcels(gathered(world(parcels=[china]), parcel_asked("LX1", carrier=UNNAMED_CARRIER)))
        assert found.carrier == "China Post"


class TestTwoCarriers:
    def way(self, **changes: Any) -> Thing:
        far = {"carrier": "Yanwen", "city": "Shenzhen", "region": None, "postal_code": None, "country": "CN"}
        handed_on = {"carrier": "Yanwen", "city": None, "postal_code": None}
        scans = [
            event("in_transit", "2026-09-02T08:00:00+00:00", "Accepted", **far),
            event("delivered", "2026-09-08T08:00:00+00:00", "Delivered", **handed_on),
            event("in_transit", "2026-09-09T08:00:00+00:00", "Arrived at hub"),
            event("delivered", "2026-09-12T08:00:00+00:00", "Delivered, in mailbox"),
        ]
        first = {"carrier": "Yanwen", "number": "YW1"}
        return parcel("92001", carrier="USPS", signed_by=None, first_mile=first, events=scans) | changes

    @pytest.mark.parametrize(("asked", "watched"), [("YW1", "first"), ("92001", "last")])
    def test_both_halves_are_found_by_either_number(self, asked: str, watched: str) -> None:
        carrier = "Yanwen" if asked == "YW1" else "USPS"
        report = gathered(world(parcels=[self.way(watched_as=watched)]), parcel_asked(asked, carrier=carrier))
        first, last = parcels(report)
        assert (first.leg, first.carrier, first.tracking_number, first.onward_number) == (
            "first", "Yanwen", "YW1", "92001",
        )  # fmt: skip
        assert (last.leg, last.carrier, last.tracking_number) == ("last", "USPS", "92001")
        assert first.delivered_at is None
        assert last.delivered_at == datetime(2026, 9, 12, 8, 0, tzinfo=UTC)
        assert [each.text for each in first.events] == ["Accepted", "Delivered"]
        assert {each.confidence for each in report.items} == {"certain"}

    def test_the_first_carriers_delivered_alone_is_no_delivery(self) -> None:
        way = self.way(watched_as="first")
        report = gathered(world(parcels=[way | {"events": way["events"][:2]}]), parcel_asked("YW1", carrier="Yanwen"))
        assert [each.delivered_at for each in parcels(report)] == [None, None]
        assert "delivered" not in {each.state for found in parcels(report) for each in found.events}

    def test_both_numbers_asked_for_are_still_two_parcels(self) -> None:
        shown = world(parcels=[self.way(watched_as="first")])
        report = gathered(shown, parcel_asked("YW1", carrier="Yanwen"), parcel_asked("92001", carrier="USPS"))
        assert [each.leg for each in parcels(report)] == ["first", "last"]


class TestProofFiles:
    def test_files_are_fetched_at_once_and_cleaned(self) -> None:
        shown = world(parcels=[parcel(proof=[proof(), proof("letter.pdf", kind="signature")])])
        report = gathered(shown)
        assert {(each.item, each.media_type) for each in papers(report)} == {
            ("delivery_photo", "image/jpeg"),
            ("delivery_signature", "application/pdf"),
        }
        assert report.refused == ()
        assert all(each.dated == datetime(2026, 9, 4, 14, 32, tzinfo=UTC) for each in papers(report))

    def test_the_key_does_not_go_where_the_files_lie(self) -> None:
        shown = world(parcels=[parcel(proof=proof())])
        assert len(papers(gathered(shown))) == 1
        assert shown.memory("aftership")["keys_seen"] == []

    def test_what_is_stored_of_the_address_opens_nothing(self) -> None:
        (item,) = [each for each in gathered(world(parcels=[parcel(proof=proof())])).items if each.name.endswith("jpg")]
        assert item.request.endswith(f"/aftership/files/{NUMBER}/door.jpg")
        assert "Signature" not in item.request

    def test_an_address_that_expired_is_a_sentence_and_the_scans_stay(self) -> None:
        faults = Faults()
        faults.waiting.append(Fault("/files/", 403, body="<Error><Code>AccessDenied</Code></Error>"))
        report = gathered(world(parcels=[parcel(proof=proof())]), faults=faults)
        assert len(parcels(report)) == 1
        assert papers(report) == []
        assert "could not be fetched (403)" in report.refused[0]

    def test_a_file_that_is_none_is_a_sentence(self) -> None:
        report = gathered(world(parcels=[parcel(proof=proof(data=b"<html>sign in</html>"))]))
        assert papers(report) == []
        assert "is no PDF, JPEG, PNG or HEIC file" in report.refused[0]

    def test_a_letter_that_no_signature_was_required_is_no_signature(self) -> None:
        one = parcel(signed_by="Signature not required", proof=proof("letter.pdf", kind="signature"))
        report = gathered(world(parcels=[one]))
        assert [each.item for each in papers(report)] == ["delivery_confirmation"]
        assert parcels(report)[0].signed_by is None


class TestNothing:
    def test_thirty_days_without_a_scan_are_the_carriers_own_answer(self) -> None:
        report = gathered(world(parcels=[parcel(events=[], status="Expired")]))
        assert report.unavailable == ("tracking_events", "delivery_confirmation")
        assert "no record of parcel" in report.refused[0]

    def test_pending_means_that_it_may_still_come(self) -> None:
        report = gathered(world(parcels=[parcel(events=[])]))
        assert report.unavailable == ()
        assert "no scan of it has come yet" in report.refused[0]


class TestCreating:
    def test_a_tracking_is_made_once_and_its_scans_come_with_the_next_look(self) -> None:
        shown = world(parcels=[parcel()], accounts={"aftership": {"unwatched": [NUMBER]}})
        with running(shown) as address:
            system = KIND.open(settings(address, create_trackers="yes"), outside())
            first = system.gather(wanted(parcels=(parcel_asked(),)))
            second = system.gather(wanted(parcels=(parcel_asked(),)))
        assert first.items == ()
        assert "no scan of it has come yet" in first.refused[0]
        assert [each.signed_by for each in parcels(second)] == ["E CARTER"]
        assert [each.method for each in shown.asked("/trackings")] == ["GET", "POST", "GET"]

    def test_one_that_exists_already_is_read_by_its_id(self) -> None:
        # The list is behind: it does not show yet what was added a moment ago.
        faults = Faults()
        empty = {"meta": {"code": 200}, "data": {"pagination": {"next_cursor": None}, "trackings": []}}
        faults.waiting.append(Fault("/trackings$", 200, body=json.dumps(empty)))
        shown = world(parcels=[parcel()])
        report = gathered(shown, faults=faults, create_trackers="yes")
        assert [each.signed_by for each in parcels(report)] == ["E CARTER"]
        assert [(each.method, each.status) for each in shown.log] == [("GET", 200), ("POST", 400), ("GET", 200)]

    def test_a_number_of_no_carrier_is_a_sentence_in_its_own_words(self) -> None:
        report = gathered(world(), parcel_asked("ODD-1", carrier="Our own van"), create_trackers="yes")
        assert report.items == ()
        assert "don't recognize the carrier" in report.refused[0]


class TestFailures:
    def test_a_wrong_key_is_told_as_such(self) -> None:
        with pytest.raises(SourceError) as caught:
            gathered(world(parcels=[parcel()]), api_key="asat_old")
        assert caught.value.failure is SourceFailure.CREDENTIALS

    def test_it_waits_for_the_second_the_headers_name(self) -> None:
        faults = Faults()
        faults.waiting.append(Fault("/trackings", 429, headers={"x-ratelimit-reset": "0"}))
        shown = world(parcels=[parcel()])
        assert len(parcels(gathered(shown, faults=faults))) == 1
        assert [each.status for each in shown.log] == [429, 200]

    def test_a_busy_second_of_its_own_is_waited_out(self) -> None:
        shown = world(parcels=[parcel()], accounts={"aftership": {"per_second": 1}})
        with running(shown) as address:
            system = KIND.open(settings(address), outside())
            reports = [system.gather(wanted(parcels=(parcel_asked(),))) for _ in range(3)]
        assert all(len(parcels(each)) == 1 for each in reports)

    def test_an_answer_that_is_no_json_is_told_as_such(self) -> None:
        faults = Faults()
        faults.waiting.append(Fault("/trackings", 200, body="<html>"))
        with pytest.raises(SourceError) as caught:
            gathered(world(parcels=[parcel()]), faults=faults)
        assert caught.value.failure is SourceFailure.MALFORMED

    def test_a_list_that_never_ends_is_left(self) -> None:
        faults = Faults()
        round_about = {"data": {"pagination": {"next_cursor": "again"}, "trackings": []}}
        faults.waiting.append(Fault("/trackings", 200, times=5, body=json.dumps(round_about)))
        with pytest.raises(SourceError) as caught:
            gathered(world(parcels=[parcel()]), faults=faults)
        assert caught.value.failure is SourceFailure.MALFORMED


class TestAccount:
    def test_the_key_is_checked_and_what_it_will_not_see_is_said(self) -> None:
        with running(world(parcels=[parcel()])) as address:
            account = KIND.open(settings(address), outside()).account()
        assert account.account_id.startswith("key-")
        assert KEY not in account.account_id
        assert "120 days" in account.warnings[0]

    def test_a_wrong_key_connects_nothing(self) -> None:
        with running(world()) as address, pytest.raises(SourceError) as caught:
            KIND.open(settings(address, api_key="no"), outside()).account()
        assert caught.value.failure is SourceFailure.CREDENTIALS


class TestWebhooks:
    def test_a_signed_event_names_the_parcel(self) -> None:
        body, headers = practice.delivery(world(parcels=[parcel()]), NUMBER, "s")
        assert check(body, headers, "s") == (Key(KeyKind.TRACKING, "1z999aa10123456784"),)

    def test_both_numbers_of_a_shared_way_are_named(self) -> None:
        way = parcel("92001", carrier="USPS", first_mile={"carrier": "Yanwen", "number": "YW1"})
        body, headers = practice.delivery(world(parcels=[way]), "92001", "s")
        assert {each.value for each in check(body, headers, "s")} == {"92001", "yw1"}

    @pytest.mark.parametrize("secret", ["other", ""])
    def test_another_secret_is_refused(self, secret: str) -> None:
        body, headers = practice.delivery(world(parcels=[parcel()]), NUMBER, "s")
        with pytest.raises(WebhookRefused):
            check(body, headers, secret)

    def test_a_changed_body_is_refused(self) -> None:
        body, headers = practice.delivery(world(parcels=[parcel()]), NUMBER, "s")
        with pytest.raises(WebhookRefused):
            check(body + b" ", headers, "s")

    def test_one_without_a_signature_is_refused(self) -> None:
        body, _ = practice.delivery(world(parcels=[parcel()]), NUMBER, "s")
        for headers in ({}, {"aftership-hmac-sha256": ""}, {"aftership-hmac-sha256": "ş"}):
            with pytest.raises(WebhookRefused):
                check(body, headers, "s")

    @pytest.mark.parametrize("body", [b"[]", b"not json", b"{}", b"\xff"])
    def test_a_signed_body_that_is_no_event_is_refused(self, body: bytes) -> None:
        signed = base64.b64encode(hmac.new(b"s", body, hashlib.sha256).digest()).decode()
        with pytest.raises(WebhookRefused):
            check(body, {"aftership-hmac-sha256": signed}, "s")

    def test_a_signed_event_without_a_parcel_names_nothing(self) -> None:
        body = b'{"event": "tracking_update", "msg": null}'
        signed = base64.b64encode(hmac.new(b"s", body, hashlib.sha256).digest()).decode()
        assert check(body, {"aftership-hmac-sha256": signed}, "s") == ()


def told() -> Thing:
    return dict(json.loads(CONTRACT.read_text(encoding="utf-8")))


@pytest.mark.skipif(not CONTRACT.exists(), reason=f"no contract: {CONTRACT} is not on this machine")
class TestContract:
    def test_the_base_address_is_the_contracts(self) -> None:
        assert told()["base"] == API

    def test_every_tag_and_delivery_is_one_of_the_contracts(self) -> None:
        contract = told()
        assert {tag for tag, _, _ in practice._SUBTAGS.values()} <= set(contract["tags"])
        for subtag, words in contract["delivered_subtags"].items():
            report = gathered(world(parcels=[parcel(events=[delivered("Left", subtag=subtag)])]))
            assert parcels(report)[0].delivered_at is not None, words

    def test_the_practice_answers_have_what_the_contract_names(self) -> None:
        contract = told()
        with running(world(parcels=[parcel(proof=proof())])) as address:
            answer = httpx.get(f"{address}/trackings", headers={"as-api-key": KEY})
            missing = httpx.get(f"{address}/trackings/none", headers={"as-api-key": KEY})
            refused = httpx.get(f"{address}/trackings")
        (tracking,) = answer.json()["data"]["trackings"]
        for name in ("signed_by", "signature_requirement", "delivery_location_type", "first_mile", "last_mile"):
            assert name in contract["proof"]
            assert name in tracking
        assert set(tracking["proof_of_delivery"][0]) == {"type", "url"}
        for header in ("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"):
            assert any(each.startswith(header) for each in contract["rate_limit_headers"])
            assert header in answer.headers
        assert (missing.status_code, missing.json()["meta"]["code"]) == (404, 4004)
        assert "4004 not found" in contract["errors"]
        assert refused.status_code == 401

    def test_the_event_has_the_contracts_header(self) -> None:
        _, headers = practice.delivery(world(parcels=[parcel()]), NUMBER, "s")
        assert told()["webhook"]["header"] in headers
