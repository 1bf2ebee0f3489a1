"""A carrier's own record, with the merchant's own account there: UPS, FedEx and DHL Express, through karrio.

karrio (LGPL-3.0) is optional: `pip install counterproof[carriers]`. Where it is not installed this system is not
offered. Of what it reads, its words, pictures and the carrier's raw answer are taken; three things are not: its zone
(local times come out as UTC), its "signed by" where the carrier only says who received the parcel, and its log, which
holds whole answers.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import importlib
import json
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from disputes.database import refuse_inside_writer
from disputes.facts import Address, TrackingState
from disputes.phrases import phrase
from disputes.ports import Parcel, SourceReport, Wanted
from disputes.systems import (
    Brings,
    Outside,
    Setting,
    SourceError,
    SourceFailure,
    System,
    SystemAccount,
    SystemKind,
)
from evidence.matching import normalise
from evidence.redaction import bare
from evidence.sources.values import Unreadable
from evidence.systems.base import BaseSystem
from evidence.systems.http import Http
from evidence.systems.mapping import at, text
from evidence.systems.places import local_instant
from evidence.systems.raw import part
from evidence.systems.tracking import CONFIRMATION, PHOTO, SIGNATURE, Findings, Leg, Proof, Scan, Tracker

_LONGEST = 30.0
"""Seconds for one parcel; karrio itself waits for ever."""
_TRIED = "1Z0000000000000000"
"""A number nobody has: whether the key is good is told before it is looked up."""
_TITLES = {"ups": "UPS", "fedex": "FedEx", "mydhl": "DHL Express"}
_KEYS = {
    "ups": ("client_id", "client_secret"),
    "fedex": ("track_api_key", "track_secret_key"),
    "mydhl": ("username", "password"),
}
"""What each carrier's connector calls the two halves of a key."""
_STATES: Mapping[str, TrackingState] = {
    "pending": "label",
    "picked_up": "in_transit",
    "in_transit": "in_transit",
    "delivery_delayed": "in_transit",
    "out_for_delivery": "out_for_delivery",
    "delivered": "delivered",
    "delivery_failed": "failed",
    "return_to_sender": "returned",
}
_BACK = re.compile(r"\breturn(?:ed|ing)? to (?:the )?(?:sender|shipper)\b")
_UNKNOWN = re.compile(r"TW0001|NOTFOUND|information not found|no result found", re.IGNORECASE)
_NO_KEY = re.compile(
    r"\b(?:40[13]|2500\d\d)\b|unauthori[sz]ed|authenticat|invalid (?:access|client|cred)|not\.authorized", re.IGNORECASE
)
_FOUR_PARTS = re.compile(r"([^,]+), ([^,]+), ([^,]+), ([A-Z]{2})")
"""Only a whole place can be told apart: in "Wayne, DE" nobody knows whether that is Delaware or Germany."""
_PICTURE = 2_000
"""Characters; a longer text without blanks in an answer is a file, and is kept as one."""


class Carrier(BaseSystem):
    def __init__(self, settings: Mapping[str, str], outside: Outside) -> None:
        self.kind = KIND
        self._outside = outside
        self._carrier = settings.get("carrier") or "ups"
        self._key, self._secret = settings["key"].strip(), settings["secret"].strip()
        self._number = settings.get("account_number", "").strip()

    @property
    def _title(self) -> str:
        return _TITLES[self._carrier]

    def account(self) -> SystemAccount:
        self._asked(_TRIED)
        known_by = hashlib.sha256(f"{self._carrier}/{self._key}".encode()).hexdigest()[:16]
        warning = phrase(
            "{title} shows signatures and photos only to the account that sent or received the parcel.",
            title=self._title,
        )
        return SystemAccount(f"{self._carrier}-{known_by}", self._title, warnings=(warning,))

    def gather(self, wanted: Wanted) -> SourceReport:
        # Files come with the record itself; nothing is fetched by address.
        findings = Findings(KIND, wanted, Http(self._title, "https://localhost", self._outside))
        for parcel in wanted.parcels:
            if normalise(parcel.carrier).split()[:1] == normalise(self._title).split()[:1]:
                self._look(parcel, findings)
        return findings.report()

    def _look(self, parcel: Parcel, findings: Findings) -> None:
        try:
            details, said, raw = self._asked(parcel.number)
        except SourceError as error:
            if error.failure is not SourceFailure.MALFORMED:
                raise
            told = {"title": self._title, "number": parcel.number}
            findings.nothing(parcel, phrase("the answer of {title} about parcel {number} could not be read.", **told))
            return
        mine = [each for each in details if bare(str(each.tracking_number or "")) == bare(parcel.number)]
        if mine:
            findings.add(parcel, [_tracker(each, self._carrier, raw) for each in mine])
        elif any(_UNKNOWN.search(each) for each in said):
            findings.unknown(parcel)
        else:
            why = "; ".join(said)[:200] or phrase("its answer is about another parcel")
            told = {"title": self._title, "number": parcel.number, "why": why}
            findings.nothing(parcel, phrase("{title} tells nothing about parcel {number}: {why}.", **told))

    # ---- karrio ----------------------------------------------------------------------------------------------------

    def _asked(self, number: str) -> tuple[list[Any], list[str], Any]:
        """What it read, what the carrier said beside it, and the carrier's answer. Raises SourceError."""
        refuse_inside_writer(self._title)
        details, messages, raw = self._within(lambda: self._track(number))
        said = [text(f"{each.code or ''} {each.message or ''}") or "" for each in messages]
        if not details and any(_NO_KEY.search(each) for each in said):
            raise self._no_key()
        return details, said, raw

    def _track(self, number: str) -> tuple[list[Any], list[Any], Any]:
        sdk: Any = _module("karrio.sdk")
        models: Any = _module("karrio.core.models")
        names = dict(zip(_KEYS[self._carrier], (self._key, self._secret), strict=True))
        gateway = sdk.gateway[self._carrier].create({**names, "account_number": self._number or None})
        request = gateway.mapper.create_tracking_request(models.TrackingRequest(tracking_numbers=[number]))
        answer = gateway.proxy.get_tracking(request)
        try:
            details, messages = gateway.mapper.parse_tracking_response(answer)
            return list(details or []), list(messages or []), answer.deserialize()
        except Exception as error:  # a field that karrio counts upon and the carrier left out
            raise SourceError(
                SourceFailure.MALFORMED, phrase("{title} answered what cannot be read.", title=self._title)
            ) from error

    def _within(self, work: Callable[[], tuple[list[Any], list[Any], Any]]) -> tuple[list[Any], list[Any], Any]:
        done: list[tuple[list[Any], list[Any], Any]] = []
        failed: list[Exception] = []

        def run() -> None:
            try:
                done.append(work())
            except Exception as error:  # karrio raises whatever it meets
                failed.append(error)

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        thread.join(min(_LONGEST, self._outside.left()))
        if done:
            return done[0]
        if not failed:
            raise SourceError(SourceFailure.UNAVAILABLE, phrase("{title} did not answer in time.", title=self._title))
        if isinstance(failed[0], SourceError):
            raise failed[0]
        said = " ".join(str(each) for each in getattr(failed[0], "messages", []) or []) or str(failed[0])
        if _NO_KEY.search(said):
            raise self._no_key()
        raise SourceError(
            SourceFailure.UNAVAILABLE,
            phrase("{title} cannot be asked now: {kind}.", title=self._title, kind=type(failed[0]).__name__),
        )

    def _no_key(self) -> SourceError:
        return SourceError(
            SourceFailure.CREDENTIALS,
            phrase("{title} refuses the key. Connect it again with a new one.", title=self._title),
        )


def _module(name: str) -> Any:
    try:
        logs: Any = importlib.import_module("loguru")
        logs.logger.disable("karrio")
        return importlib.import_module(name)
    except ImportError as error:
        words = phrase("{name} is not installed; install counterproof[carriers].", name=error.name)
        raise SourceError(SourceFailure.REFUSED, words) from None


# ---- reading -------------------------------------------------------------------------------------------------------


def _tracker(details: Any, carrier: str, raw: Any) -> Tracker:
    info = details.info
    number = str(details.tracking_number)
    postal_code = getattr(info, "shipment_destination_postal_code", None)
    signed_by, received_by = _names(details, carrier, raw)
    scans, undated = [], 0
    for each in details.events or []:
        try:
            scans.append(_scan(each, received_by))
        except Unreadable:
            undated += 1
    content = [_slim(each) for each in raw] if isinstance(raw, list) else _slim(raw)
    return Tracker(
        legs=(Leg(_TITLES[carrier], number, tuple(scans)),),
        data=part(json.loads(json.dumps(content, default=str)), (number,)),
        name=f"{carrier}-{number}.json",
        request=f"{_TITLES[carrier]}: tracking of {number}",
        service=text(getattr(info, "shipment_service", None) or ""),
        signed_by=signed_by,
        destination=_destination(info, postal_code),
        proofs=tuple(_proofs(details.images)),
        undated=undated,
    )


def _destination(info: Any, postal_code: Any) -> Address | None:
    if not postal_code:
        return None
    return Address(postal_code=str(postal_code), country=getattr(info, "shipment_destination_country", None))


def _names(details: Any, carrier: str, raw: Any) -> tuple[str | None, str | None]:
    """Who signed, and who received without signing. karrio calls both "signed by"."""
    said = text(getattr(details.info, "signed_by", None) or "")
    match carrier:
        case "ups":
            drawn = bool(getattr(details.images, "signature_image", None))
            return (said, None) if drawn else (None, said)
        case "fedex":
            place = "output.completeTrackResults[0].trackResults[0].deliveryDetails.signedByName"
            signed = text(at(raw, place) or "")
            return (signed, None) if signed else (None, said)
    return said, None


def _scan(event: Any, received_by: str | None) -> Scan:
    """The carrier's local time; "07:13 AM" and "19:13 PM" are karrio's spelling of a clock of 24 hours."""
    clock = re.search(r"\d{1,2}:\d{2}", str(event.time or ""))
    if not event.date:
        raise Unreadable(phrase("a scan without a date"))
    where = text(event.location or "")
    whole = _FOUR_PARTS.fullmatch(where or "")
    place = dict(zip(("city", "region", "postal_code", "country"), whole.groups(), strict=True)) if whole else {}
    moment, known = local_instant(f"{event.date} {clock[0] if clock else ''}".strip(), place.get("country"))
    words = text(event.description or "") or str(event.status or "Scan").replace("_", " ").capitalize()
    state = _STATES.get(str(event.status), "other")
    if _BACK.search(normalise(words)):
        state = "returned"
    if state == "delivered" and received_by:
        words = f"{words} (received by {received_by})"
    return Scan(moment, state, words, Address(**place) if place else None, zone_known=known, where=where)


def _proofs(images: Any) -> Iterator[Proof]:
    for name, item in (("signature_image", SIGNATURE), ("delivery_image", PHOTO)):
        try:
            data = base64.b64decode(re.sub(r"\s+", "", getattr(images, name, None) or ""), validate=True)
        except (binascii.Error, ValueError):
            continue
        if data:
            yield Proof(CONFIRMATION if data.startswith(b"%PDF") else item, data=data)


def _slim(content: Any) -> Any:
    """The answer without the files in it, which are kept by themselves."""
    match content:
        case str() if len(content) > _PICTURE and " " not in content:
            return f"[a file of {len(content)} characters]"
        case list() | tuple():
            return [_slim(each) for each in content]
        case dict():
            return {name: _slim(value) for name, value in content.items()}
    return content


def _open(settings: Mapping[str, str], outside: Outside) -> System:
    return Carrier(settings, outside)


KIND = SystemKind(
    name="karrio_carriers",
    title=phrase("The carrier's own record"),
    version=1,
    brings=(Brings.TRACKING,),
    gives=phrase(
        "Scans, who signed, and with UPS and DHL Express the signature, photo or paper itself, from the "
        "carrier with "
        "your own account there."
    ),
    needs=phrase(
        "The key of an application at developer.ups.com, developer.fedex.com or developer.dhl.com with "
        "access to "
        "tracking, under the account your parcels are sent with. One connection for each carrier."
    ),
    settings=(
        Setting("carrier", phrase("Carrier"), choices=tuple(_TITLES.items())),
        Setting("key", phrase("Client id"), phrase("FedEx: API key. DHL Express: user name."), secret=True),
        Setting("secret", phrase("Client secret"), phrase("FedEx: secret key. DHL Express: password."), secret=True),
        Setting("account_number", phrase("Account number"), required=False),
    ),
    open=_open,
)
