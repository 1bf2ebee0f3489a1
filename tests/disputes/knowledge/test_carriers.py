"""PayPal's carriers: its own list where the carrier is on it, else OTHER with the name; never a guess."""

from __future__ import annotations

import pytest

from disputes.knowledge.carriers import OTHER, paypal_carrier, paypal_carriers
from disputes.knowledge.data import load, sources


@pytest.mark.parametrize(
    ("name", "carrier"),
    [
        ("PTT", "TUR_PTT"),
        ("PTT Kargo", "TUR_PTT"),
        ("Yurtiçi Kargo", "YURTICI_KARGO"),
        ("YURTİÇİ KARGO", "YURTICI_KARGO"),
        ("yurtici kargo", "YURTICI_KARGO"),
        ("UPS", "UPS"),
        ("DHL", "DHL"),
        ("FedEx", "FEDEX"),
        ("Evri", "HERMESWORLD_UK"),
        ("Poczta Polska", "POCZTA_POLSKA"),
        ("Österreichische Post", "AUSTRIAN_POST"),
    ],
)
def test_a_carrier_on_the_list_is_told_in_its_words(name: str, carrier: str) -> None:
    assert paypal_carrier(name) == (carrier, None)


@pytest.mark.parametrize("name", ["Aras Kargo", "MNG Kargo", "Sürat Kargo", "HepsiJet", "Kolay Gelsin"])
def test_turkish_carriers_that_paypal_does_not_list_go_as_other_with_their_name(name: str) -> None:
    assert paypal_carrier(f" {name} ") == (OTHER, name)


@pytest.mark.parametrize(
    ("name", "carrier"),
    [("UPS Ground", "UPS"), ("DHL Express Worldwide", "DHL"), ("USPS Priority Mail", "USPS"), ("FedEx 2Day", "FEDEX")],
)
def test_a_service_of_a_worldwide_carrier_is_that_carrier(name: str, carrier: str) -> None:
    assert paypal_carrier(name) == (carrier, None)


def test_a_more_exact_name_beats_the_carrier_it_begins_with() -> None:
    assert paypal_carrier("UPS Mail Innovations") == ("UPS_MAIL_INNOVATIONS", None)
    assert paypal_carrier("DHL eCommerce") == ("DHL_GLOBAL_ECOMMERCE", None)


def test_a_name_that_only_begins_alike_is_nobody_we_know() -> None:
    assert paypal_carrier("Upstate Couriers") == (OTHER, "Upstate Couriers")
    assert paypal_carrier("Posta Express Bulgaria") == (OTHER, "Posta Express Bulgaria")


def test_paypals_own_spelling_is_taken_as_it_is() -> None:
    assert paypal_carrier("JTEXPRESS_VN") == ("JTEXPRESS_VN", None)
    assert paypal_carrier("Royal Mail") == ("ROYAL_MAIL", None)


@pytest.mark.parametrize("name", ["Other", "Local Pickup", "UK cannot provide tracking", "Intangible digital services"])
def test_words_that_mean_no_carrier_are_never_sent_as_one(name: str) -> None:
    assert paypal_carrier(name) == (OTHER, name)


@pytest.mark.parametrize("name", ["", "  "])
def test_a_parcel_without_a_carrier_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="without a carrier"):
        paypal_carrier(name)


def test_every_name_leads_to_something_that_paypal_takes() -> None:
    told = {entry["carrier"] for entry in load("paypal_carriers")["names"]}
    assert told <= paypal_carriers()


def test_no_name_stands_for_two_carriers() -> None:
    pairs = [
        (name.casefold(), entry["carrier"]) for entry in load("paypal_carriers")["names"] for name in entry["names"]
    ]
    assert len(dict(pairs)) == len(pairs)


def test_the_entry_with_the_leading_blank_is_never_sent() -> None:
    assert all(carrier == carrier.strip() for carrier in paypal_carriers())
    assert "DE_DPD_DELISTACK" not in paypal_carriers()
    assert "DE_DPD_DELISTRACK" in paypal_carriers()


def test_every_entry_names_its_source_and_its_day() -> None:
    document = load("paypal_carriers")
    entries = [document, *document["names"]]
    assert all(set(entry["source"]) <= set(sources()) and entry["source"] and entry["checked"] for entry in entries)
    assert document["version"] == load("reason_codes")["version"]
