"""AfterShip Tracking (2026-07): scans, signatures, proof files, and both halves of a way two carriers share."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from disputes.facts import UNNAMED_CARRIER, Address, TrackingState
from disputes.knowledge.carriers import paypal_carrier
from disputes.phrases import phrase
from disputes.ports import Parcel, SourceReport, Wanted
from disputes.systems import (
    Brings,
    Key,
    KeyKind,
    Outside,
    Setting,
    SourceError,
    SourceFailure,
    System,
    SystemAccount,
    SystemKind,
    Webhook,
)
from evidence.matching import normalise
from evidence.redaction import bare
from evidence.sources.values import Unreadable
from evidence.systems import watching
from evidence.systems.auth import HeaderKey
from evidence.systems.base import BaseSystem
from evidence.systems.http import Answer, Http
from evidence.systems.mapping import Table, at, fields, identifier, listed, text
from evidence.systems.pager import Query, cursored
from evidence.systems.places import country, local_instant
from evidence.systems.raw import part
from evidence.systems.tracking import CONFIRMATION, PHOTO, SIGNATURE, Findings, Leg, Proof, Scan, Tracker

API = "https://api.aftership.com/tracking/2026-07"
_AT_ONCE = 50
"""Numbers in one question."""
_ALREADY = 4003
Found = tuple[dict[str, Any], Answer]

_TAGS: Mapping[str, TrackingState] = {
    "InfoReceived": "label",
    "InTransit": "in_transit",
    "OutForDelivery": "out_for_delivery",
    "AttemptFail": "failed",
    "Delivered": "delivered",
}
_SUBTAGS: Mapping[str, TrackingState] = {
    "Exception_001": "failed",
    "Exception_002": "failed",
    "Exception_003": "failed",
    "Exception_007": "failed",
    "Exception_008": "failed",
    "Exception_010": "returned",
    "Exception_011": "returned",
    "Exception_013": "lost",
}
_TELLING = ("Delivered_002", "Delivered_003", "Delivered_004", "Delivered_005")
"""Who took it, in AfterShip's words: the customer at a counter, the customer signing, a neighbour."""
_SLUGS = {"UPS": "ups", "USPS": "usps", "FEDEX": "fedex"}
"""PayPal's names of carriers AfterShip has one of; a wrong slug waits for ever, none is found out by AfterShip."""
_NAMES = {"fedex": "FedEx", "gls": "GLS", "hermes": "Hermes", "yunexpress": "YunExpress", "sfexpress": "SF Express"}
_PLACE: Table = {
    "city": "city",
    "region": "state",
    "postal_code": "postal_code | zip",
    "country": ("country_region", country),
}
_DESTINATION: Table = {
    "city": "destination_city",
    "region": "destination_state",
    "postal_code": "destination_postal_code",
    "country": ("courier_destination_country_region | destination_country_region", country),
}


class AfterShip(BaseSystem):
    def __init__(self, settings: Mapping[str, str], outside: Outside) -> None:
        self.kind = KIND
        self._key = settings["api_key"].strip()
        self._creates = watching.creates(settings)
        self._http = Http(
            KIND.title, settings.get("address") or API, outside, auth=HeaderKey("as-api-key", self._key)
        )  # fmt: skip

    def account(self) -> SystemAccount:
        self._http.get("trackings", {"limit": 1})
        return SystemAccount(watching.known_by(self._key), "AfterShip", warnings=(_FOUR_MONTHS,))

    def gather(self, wanted: Wanted) -> SourceReport:
        findings = Findings(KIND, wanted, self._http)
        found = list(self._trackings([parcel.number for parcel in wanted.parcels]))
        for parcel in wanted.parcels:
            mine = [(each, answer) for each, answer in found if bare(parcel.number) in _numbers(each)]
            with findings.about(parcel):
                self._look(parcel, mine, findings)
        return findings.report()

    def _look(self, parcel: Parcel, found: Sequence[Found], findings: Findings) -> None:
        if not found and self._creates:
            found = [self._created(parcel)]
        if not found:
            findings.nothing(
                parcel,
                phrase(
                    "parcel {number} is not watched, or is older than the four months it keeps. Let "
                    "Counterproof create trackings in the connection's settings, or add the parcel at "
                    "AfterShip.",
                    number=parcel.number,
                ),
            )
            return
        read = [_tracker(each, answer) for each, answer in found]
        if any(tracker.scans for tracker in read):
            findings.add(parcel, read)
        elif all(each.get("tag") == "Expired" for each, _ in found):
            # AfterShip asked the carrier for thirty days and there was nothing.
            findings.unknown(parcel)
        else:
            findings.nothing(
                parcel, phrase("parcel {number} is watched, but no scan of it has come yet.", number=parcel.number)
            )

    def _trackings(self, numbers: Sequence[str]) -> Iterator[Found]:
        plain = list(dict.fromkeys(each for each in numbers if "," not in each))
        for start in range(0, len(plain), _AT_ONCE):
            query: Query = {"tracking_numbers": ",".join(plain[start : start + _AT_ONCE]), "limit": 200}
            for answer in cursored(self._http, "trackings", query, "data.pagination.next_cursor"):
                for each in listed(answer.json, "data.trackings"):
                    yield each, answer

    def _created(self, parcel: Parcel) -> Found:
        wanted = {"tracking_number": parcel.number}
        known = None if parcel.carrier == UNNAMED_CARRIER else _SLUGS.get(paypal_carrier(parcel.carrier)[0])
        if known:
            wanted["slug"] = known
        answer = self._http.post("trackings", wanted, answers=(400, 402, 409, 422))
        if answer.status < 300:
            return _one(answer)
        existing = identifier(at(answer.json, "data.tracking.id | data.id") or "")
        if at(answer.json, "meta.code") == _ALREADY and existing:
            return _one(self._http.get(f"trackings/{existing}"))
        said = text(at(answer.json, "meta.message") or answer.status)
        raise SourceError(SourceFailure.REFUSED, phrase("AfterShip makes no tracking: {said}", said=said))


def _one(answer: Answer) -> Found:
    content = at(answer.json, "data.tracking | data")
    if not isinstance(content, dict):
        raise SourceError(SourceFailure.MALFORMED, phrase("AfterShip answered with something that is no tracking."))
    return content, answer


# ---- reading -------------------------------------------------------------------------------------------------------


def _numbers(content: Mapping[str, Any]) -> list[str]:
    said = (
        at(content, path) for path in ("tracking_number", "first_mile.tracking_number", "last_mile.tracking_number")
    )
    return [bare(str(each)) for each in said if each]


def _tracker(content: dict[str, Any], answer: Answer) -> Tracker:
    own = str(content.get("slug") or "")
    scans: list[tuple[str, Scan]] = []
    undated = 0
    for each in listed(content, "checkpoints"):
        try:
            scans.append((str(each.get("slug") or own), _scan(each)))
        except Unreadable:
            undated += 1
    if content.get("return_to_sender") is True and not any(scan.state == "returned" for _, scan in scans):
        scans = [(slug, _to_sender(scan)) for slug, scan in scans]
    place = fields(content, _DESTINATION)
    numbers = [str(at(content, name) or "") for name in ("tracking_number", "first_mile.tracking_number", "id")]
    return Tracker(
        legs=_legs(content, own, scans),
        data=part(content, (*numbers, str(at(content, "last_mile.tracking_number") or ""))),
        name=f"aftership-{numbers[0]}.json",
        request=answer.request,
        service=text(content.get("shipment_type") or ""),
        signed_by=text(content.get("signed_by") or ""),
        signature_required=_required(content.get("signature_requirement")),
        destination=Address(**place) if place else None,
        proofs=tuple(_proof(each) for each in listed(content, "proof_of_delivery") if each.get("url")),
        is_return=content.get("shipment_direction") == "return",
        undated=undated,
    )


def _legs(content: dict[str, Any], own: str, scans: Sequence[tuple[str, Scan]]) -> tuple[Leg, ...]:
    """Two legs where another carrier has the other half of the way; the scans tell by their slug whose they are."""
    number = str(content.get("tracking_number") or "")
    first, last = (own, number), (own, number)
    for name in ("first_mile", "last_mile"):
        slug = str(at(content, f"{name}.slug") or "")
        if slug and slug != own:
            other = slug, str(at(content, f"{name}.tracking_number") or number)
            first, last = (other, last) if name == "first_mile" else (first, other)
    if first == last:
        return (Leg(_carrier(own), number, tuple(scan for _, scan in scans)),)
    ends = tuple(scan for slug, scan in scans if slug == last[0])
    begins = tuple(scan for slug, scan in scans if slug != last[0])
    return Leg(_carrier(first[0]), first[1], begins, "first"), Leg(_carrier(last[0]), last[1], ends, "last")


def _carrier(slug: str) -> str:
    """ "china-post" as people write it."""
    if not slug:
        return UNNAMED_CARRIER
    words = (each.upper() if len(each) <= 3 or each == "usps" else each.capitalize() for each in slug.split("-"))
    return _NAMES.get(slug) or " ".join(words)


def _scan(content: dict[str, Any]) -> Scan:
    found = fields(content, {"message": "message", "told": "subtag_message", "time": ("checkpoint_time", str)})
    if "time" not in found:
        raise Unreadable(phrase("a checkpoint without a time"))
    place = fields(content, _PLACE)
    moment, known = local_instant(found["time"], place.get("country"))
    tag, subtag = str(content.get("tag")), str(content.get("subtag"))
    words, told = found.get("message", ""), found.get("told", "")
    if not words or (subtag in _TELLING and told and normalise(told) not in normalise(words)):
        words = f"{words} ({told})" if words else told or tag
    return Scan(
        moment,
        _SUBTAGS.get(subtag) or _TAGS.get(tag, "other"),
        words,
        Address(**place) if place else None,
        zone_known=known,
        where=text(content.get("location") or ""),
    )


def _to_sender(scan: Scan) -> Scan:
    """AfterShip says that the parcel went back, and no scan says when: what was delivered came to the sender."""
    if scan.state != "delivered":
        return scan
    return Scan(scan.at, "returned", scan.text, scan.place, scan.zone_known, scan.where)


def _required(said: Any) -> bool | None:
    """`signature_requirement` is the carrier's own wording."""
    words = normalise(str(said or ""))
    if any(each in words for each in ("not required", "no signature", "without")) or words in ("none", "no", "false"):
        return False
    return True if any(each in words for each in ("signature", "required", "adult", "direct")) else None


def _proof(content: dict[str, Any]) -> Proof:
    kind = normalise(str(content.get("type") or ""))
    if "sign" in kind:
        item = SIGNATURE
    else:
        item = PHOTO if any(each in kind for each in ("photo", "image", "picture")) else CONFIRMATION
    return Proof(item, url=str(content["url"]))


# ---- webhooks ------------------------------------------------------------------------------------------------------


def check(body: bytes, headers: Mapping[str, str], secret: str) -> tuple[Key, ...]:
    """AfterShip signs the body's bytes, in Base64. Raises WebhookRefused."""
    given = headers.get("aftership-hmac-sha256", "").strip()
    made = base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest())
    event = watching.event(body, KIND.title, secret=secret, given=given, made=made)
    if not isinstance(event.get("event"), str):
        raise watching.no_event(KIND.title)
    tracking = event.get("msg")
    numbers = _numbers(tracking) if isinstance(tracking, dict) else []
    return tuple(Key(KeyKind.TRACKING, each) for each in dict.fromkeys(numbers))


def _open(settings: Mapping[str, str], outside: Outside) -> System:
    return AfterShip(settings, outside)


_FOUR_MONTHS = phrase("AfterShip lists parcels of the last 120 days only; what is older has to come from the carrier.")

KIND = SystemKind(
    name="aftership",
    title="AfterShip",
    version=1,
    brings=(Brings.TRACKING,),
    gives=phrase(
        "Scans of both halves of a parcel's way, who signed, and the carrier's own photos and signature papers."
    ),
    needs=(
        phrase(
            "An AfterShip API key (Organization settings, API keys) with access to Tracking. Parcels which "
            "AfterShip does "
            "not watch yet can be added for you when a dispute comes; they count against your plan, so that is "
            "off until "
            "you turn it on."
        )
    ),
    settings=(
        Setting("api_key", phrase("API key"), secret=True, example="asat_..."),
        watching.creating(
            "AfterShip",
            phrase("Create trackings"),
            costs=phrase("Each counts in your plan."),
            agreed=phrase("they count in my plan"),
        ),
        watching.address(API),
    ),
    open=_open,
    webhook=Webhook(
        proof=phrase("webhook secret"),
        steps=phrase(
            "At AfterShip, Tracking, Notifications, Webhooks: add this address, and copy the webhook secret here."
        ),
        check=check,
    ),
)
