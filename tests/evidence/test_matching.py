"""Spelling is no mismatch; another house is."""

from __future__ import annotations

import pytest

from disputes.facts import Address
from evidence.matching import address_agreement, address_in, normalise, same_address, same_email, same_person


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Mehmet Yılmaz", "MEHMET YILMAZ"),
        ("Ayşe Demir", "AYSE DEMİR"),
        ("IŞIK ÖZGÜR", "Işık Özgür"),
        ("Emily Carter", "E. CARTER"),
        ("Emily Carter", "Carter, Emily"),
        ("Mrs Emily Carter", "Emily Carter"),
        ("Emily Carter", "CARTER"),
        ("Jørgen Łukasz", "JORGEN LUKASZ"),
        ("Jean-Pierre Dupont", "Jean Pierre Dupont"),
        ("Emily Jane Carter", "Emily Carter"),
    ],
)
def test_the_same_person_written_differently(one: str, other: str) -> None:
    assert same_person(one, other)
    assert same_person(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Emily Carter", "Emily Stone"),
        ("Emily Carter", ""),
        ("Emily Carter", None),
        ("E C", "Emily Carter"),
        ("Mr", "Mr"),
    ],
)
def test_other_people(one: str, other: str | None) -> None:
    assert not same_person(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Address(line1="12 Maple Street", city="Portland"), Address(line1="12 MAPLE ST.", city="PORTLAND")),
        (
            Address(line1="İstiklal Caddesi No: 5", city="İstanbul", postal_code="34430", country="TR"),
            Address(line1="ISTIKLAL CAD. 5", city="ISTANBUL", country="TR"),
        ),
        (Address(line1="Hauptstraße 5", postal_code="10115"), Address(line1="Hauptstr. 5", postal_code="10115")),
        (
            Address(line1="5 High Road", line2="Flat 2", postal_code="N1 9AB"),
            Address(line1="Flat 2, 5 High Rd", postal_code="n19ab"),
        ),
    ],
)
def test_the_same_address_written_differently(one: Address, other: Address) -> None:
    assert same_address(one, other)
    assert same_address(other, one)


HOME = Address(line1="12 Maple Street", city="Portland", postal_code="97201", country="US")


@pytest.mark.parametrize(
    "other",
    [
        Address(line1="14 Maple Street", city="Portland", postal_code="97201"),
        Address(line1="12 Oak Avenue", city="Portland", postal_code="97201"),
        Address(line1="12 Maple Street", city="Portland", postal_code="33101"),
        Address(line1="12 Maple Street", city="Portland", country="GB"),
        Address(city="Miami"),
    ],
)
def test_another_address(other: Address) -> None:
    assert address_agreement(HOME, other) == "different"


def test_a_town_alone_is_only_partial() -> None:
    assert address_agreement(HOME, Address(city="PORTLAND")) == "partial"
    assert not same_address(HOME, Address(city="PORTLAND"))


def test_nothing_known_is_unknown() -> None:
    assert address_agreement(HOME, None) == "unknown"
    assert address_agreement(HOME, Address()) == "unknown"


def test_mail_addresses() -> None:
    assert same_email(" Emily@Example.com", "emily@example.com")
    assert not same_email(None, None)
    assert address_in("Emily <Emily@Example.com>") == "emily@example.com"
    assert address_in("emily@example.com") == "emily@example.com"


def test_normalise_is_stable() -> None:
    once = normalise("ÇĞİıÖŞÜ  Straße, №5!")
    assert normalise(once) == once
