"""The seller's account: the merchant, its locations, and what a token is told about itself.

Locations have one currency each, as Square's do. That one account sells from six countries is this demo's liberty:
at Square each country is an account of its own.
"""

from __future__ import annotations

from gateways.sandbox.square import times, tokens
from gateways.sandbox.square.call import Call
from gateways.sandbox.square.errors import not_found
from gateways.sandbox.square.rows import row
from gateways.sandbox.square.world import MERCHANT, World
from gateways.sandbox.store import JSON

MAIN = "LLALEUSA00001"
_LOCATIONS = (  # id, name, currency, country, language, zone, line, city, region, postal code
    (MAIN, "Lale Living US", "USD", "US", "en-US", "America/New_York", "88 Crosby Street", "New York", "NY", "10012"),
    ("LLALECAN00001", "Lale Living Canada", "CAD", "CA", "en-CA", "America/Toronto", "141 Ossington Avenue", "Toronto",
     "ON", "M6J 2Z3"),
    ("LLALEAUS00001", "Lale Living Australia", "AUD", "AU", "en-AU", "Australia/Melbourne", "27 Gertrude Street",
     "Fitzroy", "VIC", "3065"),
    ("LLALEJPN00001", "Lale Living Japan", "JPY", "JP", "ja-JP", "Asia/Tokyo", "1-8-4 Daikanyama", "Shibuya-ku",
     "Tokyo", "150-0034"),
    ("LLALEGBR00001", "Lale Living UK", "GBP", "GB", "en-GB", "Europe/London", "63 Redchurch Street", "London", None,
     "E2 7DJ"),
    ("LLALEIRL00001", "Lale Living", "EUR", "IE", "en-IE", "Europe/Dublin", "14 Harbour Row", "Dublin", None,
     "D02 XH91"),
)  # fmt: skip
_SINCE = 1_600_000_000


def lay_out(world: World) -> None:
    for place in _LOCATIONS:
        world.store.put("location", row(_location(*place), created=_SINCE, label=place[2]))


def location_of(currency: str) -> str:
    """Where the shop sells in this currency. Raises ValueError where it does not."""
    found = {place[2]: place[0] for place in _LOCATIONS}
    if currency not in found:
        raise ValueError(f"no location sells in {currency}; there are {', '.join(found)}")
    return found[currency]


def list_locations(world: World, call: Call) -> JSON:
    return {"locations": [each.body for each in world.store.find("location", oldest=True)]}


def get_location(world: World, call: Call) -> JSON:
    return {"location": world.need("location", MAIN if call.id == "main" else call.id).body}


def list_merchants(world: World, call: Call) -> JSON:
    return {"merchant": [_merchant()]}


def get_merchant(world: World, call: Call) -> JSON:
    """The account a token belongs to; another's is as invisible as at Square."""
    if call.id not in ("me", MERCHANT):
        raise not_found("merchant", "merchant_id")
    return {"merchant": _merchant()}


def token_status(world: World, call: Call) -> JSON:
    """A personal token has no end; one that a seller granted has."""
    personal = tokens.ALL in call.rights
    scopes = sorted({*tokens.DESK_SCOPES, "PAYMENTS_WRITE", "ORDERS_WRITE"}) if personal else sorted(call.rights)
    status: JSON = {"scopes": scopes, "client_id": tokens.APPLICATION, "merchant_id": MERCHANT}
    if not personal:
        status["expires_at"] = times.text(call.now + tokens.OAUTH_DAYS * times.DAY)
    return status


def _merchant() -> JSON:
    return {
        "id": MERCHANT, "business_name": "Lale Living", "country": "US", "language_code": "en-US", "currency": "USD",
        "status": "ACTIVE", "main_location_id": MAIN, "created_at": times.text(_SINCE),
    }  # fmt: skip


def _location(id: str, name: str, currency: str, country: str, language: str, zone: str, line: str, city: str,
              region: str | None, postal_code: str) -> JSON:  # fmt: skip
    address = {
        "address_line_1": line, "locality": city, "administrative_district_level_1": region,
        "postal_code": postal_code, "country": country,
    }  # fmt: skip
    return {
        "id": id, "name": name, "address": {k: v for k, v in address.items() if v}, "timezone": zone,
        "capabilities": ["CREDIT_CARD_PROCESSING", "AUTOMATIC_TRANSFERS"], "status": "ACTIVE",
        "created_at": times.text(_SINCE), "merchant_id": MERCHANT, "country": country, "language_code": language,
        "currency": currency, "business_name": "Lale Living", "type": "PHYSICAL",
        "website_url": "https://lale.example", "business_email": "support@lale.example", "mcc": "5719",
    }  # fmt: skip
