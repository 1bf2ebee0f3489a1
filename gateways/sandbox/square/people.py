"""Customers and addresses."""

from __future__ import annotations

import hashlib

from gateways.sandbox.square import times
from gateways.sandbox.square.call import Call
from gateways.sandbox.square.rows import row
from gateways.sandbox.square.world import World
from gateways.sandbox.store import JSON

DEFAULT: JSON = {
    "name": "Jenny Rosen",
    "email": "jenny.rosen@example.com",
    "phone": "+1 555 555 0100",
    "billing": {
        "line1": "510 Townsend Street", "line2": None, "city": "San Francisco", "state": "CA", "postal_code": "94103",
        "country": "US",
    },
}  # fmt: skip


def get_customer(world: World, call: Call) -> JSON:
    return {"customer": world.need("customer", call.id).body}


def address(of: JSON, name: str = "") -> JSON:
    """The specification's {"line1", "line2", "city", "state", "postal_code", "country"} in Square's words."""
    first, _, last = name.rpartition(" ")
    found = {
        "address_line_1": of["line1"], "address_line_2": of.get("line2"), "locality": of["city"],
        "administrative_district_level_1": of.get("state"), "postal_code": of["postal_code"], "country": of["country"],
        "first_name": first, "last_name": last,
    }  # fmt: skip
    return {field: value for field, value in found.items() if value}


def keep(world: World, customer: JSON, now: int) -> str:
    """The same person is the same customer. Answers with the id."""
    id = digest(customer["email"], 26, alphabet="0123456789ABCDEFGHJKMNPQRSTVWXYZ")
    if world.store.get("customer", id) is None:
        first, _, last = customer["name"].rpartition(" ")
        body = {
            "id": id, "created_at": times.text(now), "updated_at": times.text(now), "given_name": first,
            "family_name": last, "email_address": customer["email"], "address": address(customer["billing"]),
            "phone_number": customer.get("phone"), "preferences": {"email_unsubscribed": False},
            "creation_source": "THIRD_PARTY", "version": 0,
        }  # fmt: skip
        world.store.put("customer", row({k: v for k, v in body.items() if v is not None}, created=now))
    return id


def digest(of: str, length: int, alphabet: str = "0123456789abcdefghijklmnopqrstuvwxyz") -> str:
    """Steady letters for a name: the same seed gives the same ids and fingerprints on every machine."""
    number = int.from_bytes(hashlib.sha512(of.encode()).digest())
    letters = []
    for _ in range(length):
        number, rest = divmod(number, len(alphabet))
        letters.append(alphabet[rest])
    return "".join(letters)
