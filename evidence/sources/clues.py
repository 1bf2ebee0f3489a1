"""What a payment says about its order: numbers, ids and addresses, those in the shop plug-in's metadata among them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from disputes.ports import Wanted
from disputes.systems import Key, KeyKind
from evidence.redaction import bare
from evidence.sources.keys import keys_wanted, order_number, phone_number

_NUMBER_OF_ORDER = re.compile(
    r"order|invoice|reference|receipt|purchase|siparis|bestell|commande|pedido", re.IGNORECASE
)
_OF_IT = (
    r"amount|total|tax|price|currency|date|time|status|type|source|version|count|qty|quantity|item|mail|phone|name"
    r"|country|city|street|address|zip|postal|url"
)
_NO_NUMBER_OF_ORDER = re.compile(_OF_IT, re.IGNORECASE)
_NO_NUMBER = re.compile(
    rf"{_OF_IT}|customer|user|account|client|member|shop|store|site|merchant|product|sku|cart|card|last4|tracking|parcel",
    re.IGNORECASE,
)
_OF_SHOP = re.compile(r"shop|store|site|merchant|seller|vendor|support|admin|from", re.IGNORECASE)
_ACCOUNT = re.compile(r"(customer|user|account|client|member)[ _-]?(id|no|number)?", re.IGNORECASE)
_PHONE = "phone|telefon|mobile"
_NO_ACCOUNT = frozenset({"", "0", "none", "null", "guest"})
_LONGEST, _TRACKING_FROM, _PAYMENT_FROM = 60, 8, 10


@dataclass(frozen=True, slots=True)
class Clues:
    """The payment's side of every comparison, in the spelling of `evidence.sources.keys`."""

    wanted: Wanted
    payments: frozenset[str]
    numbers: frozenset[str]
    """Where an order number belongs."""
    perhaps_numbers: frozenset[str]
    """Values under names nobody knows; a plug-in may have meant the order."""
    tracking: frozenset[str]
    emails: frozenset[str]
    phones: frozenset[str]
    accounts: frozenset[str]
    names: tuple[str, ...]

    @classmethod
    def of(cls, wanted: Wanted) -> Clues:
        said = {name: value.strip() for name, value in wanted.metadata.items() if 0 < len(value.strip()) <= _LONGEST}
        numbers = {
            value
            for name, value in said.items()
            if _NUMBER_OF_ORDER.search(name) and not _NO_NUMBER_OF_ORDER.search(name)
        }
        perhaps = {value for name, value in said.items() if not _NO_NUMBER.search(name)} - numbers
        emails = [value for name, value in said.items() if _is_email(value) and not _OF_SHOP.search(name)]
        payments = {wanted.payment_id, *wanted.payment_ids, *said.values()}
        named = [wanted.customer_name, *_under(said, r"customer.?name|billing.?name|buyer.?name")]
        return cls(
            wanted,
            frozenset(each for each in payments if each and is_payment_id(each)),
            _set([order_number(each) for each in (*numbers, wanted.order_ref)]),
            _set([order_number(each) for each in perhaps]),
            frozenset(each for each in (bare(value) for value in said.values()) if len(each) >= _TRACKING_FROM),
            _set([_email(each) for each in (wanted.customer_email, *emails)]),
            _set([phone_number(wanted.phone), *(phone_number(each) for each in _under(said, _PHONE))]),
            frozenset(
                value
                for name, value in said.items()
                if _ACCOUNT.fullmatch(name) and value.casefold() not in _NO_ACCOUNT
            ),
            tuple(each for each in named if each),
        )


def identity_keys(wanted: Wanted) -> tuple[Key, ...]:
    """What can only be one sale's: payment ids, order numbers, tracking numbers. Asked for first, because a customer
    with hundreds of orders would crowd the right one out."""
    clues = Clues.of(wanted)
    known = [key for key in keys_wanted(wanted) if key.kind in (KeyKind.ORDER, KeyKind.PAYMENT)]
    parcels = [Key(KeyKind.TRACKING, each) for each in sorted(clues.tracking)]
    return tuple(dict.fromkeys([*known, *parcels]))


def contact_keys(wanted: Wanted) -> tuple[Key, ...]:
    """What a person's orders have in common: e-mail addresses, phone numbers, the account."""
    clues = Clues.of(wanted)
    known = [key for key in keys_wanted(wanted) if key.kind not in (KeyKind.ORDER, KeyKind.PAYMENT)]
    kinds = ((KeyKind.EMAIL, clues.emails), (KeyKind.PHONE, clues.phones), (KeyKind.ACCOUNT, clues.accounts))
    more = [Key(kind, value) for kind, values in kinds for value in sorted(values)]
    return tuple(key for key in dict.fromkeys([*known, *more]) if _may_tell(key))


def phone_in(metadata: Mapping[str, str]) -> str | None:
    """The customer's number where a plug-in wrote it beside the payment; the shop's own is not meant."""
    said = {name: value for name, value in metadata.items() if not _OF_SHOP.search(name)}
    return next((each.strip() for each in _under(said, _PHONE) if phone_number(each)), None)


def is_payment_id(text: str | None) -> bool:
    """Made by a gateway, so that no two payments have it: not a terminal's short running number."""
    plain = bare(text or "")
    signs, digits = any(sign.isalpha() for sign in plain), any(sign.isdigit() for sign in plain)
    return digits and (signs or len(plain) >= _PAYMENT_FROM)


def is_account(text: str | None) -> bool:
    return (text or "").strip().casefold() not in _NO_ACCOUNT


def _may_tell(key: Key) -> bool:
    return key.kind is not KeyKind.ACCOUNT or is_account(key.value)


def _under(said: Mapping[str, str], names: str) -> list[str]:
    return [value for name, value in said.items() if re.search(names, name, re.IGNORECASE)]


def _is_email(text: str) -> bool:
    return re.fullmatch(r"[^\s<>@]+@[^\s<>@]+\.[^\s<>@]+", text) is not None


def _email(text: str | None) -> str:
    return (text or "").strip().casefold()


def _set(values: list[str]) -> frozenset[str]:
    return frozenset(filter(None, values))
