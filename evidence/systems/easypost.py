"""EasyPost trackers: the scans of a hundred carriers, and the name of who signed. It has no proof files."""

from __future__ import annotations

import hashlib
import hmac
import re
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import timedelta
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
from evidence.redaction import bare
from evidence.sources.values import Unreadable
from evidence.systems import watching
from evidence.systems.base import BaseSystem
from evidence.systems.http import Answer, Http
from evidence.systems.mapping import Table, at, fields, identifier, listed, text, utc
from evidence.systems.places import country
from evidence.systems.raw import part
from evidence.systems.tracking import Findings, Leg, Scan, Tracker

API = "https://api.easypost.com/v2"
_PAGE = 100
_PAGES = 20
_SETTLED = timedelta(days=1)
"""So long after a tracker was made EasyPost has asked the carrier; "unknown" is the carrier's answer then."""

_STATES: Mapping[str, TrackingState] = {
    "pre_transit": "label",
    "in_transit": "in_transit",
    "out_for_delivery": "out_for_delivery",
    "delivered": "delivered",
    "return_to_sender": "returned",
    "failure": "failed",
}
_DETAILS: Mapping[str, TrackingState] = {"lost": "lost", "return": "returned"}
"""What the finer word says where it says more than the status."""
_CARRIERS = {"USPS": "USPS", "UPS": "UPS", "FEDEX": "FedEx"}
"""PayPal's names of carriers EasyPost has one of; for the others it finds out by itself."""
_PLACE: Table = {"city": "city", "region": "state", "postal_code": "zip", "country": ("country", country)}
_ONE_LINE = re.compile(r"(?P<city>[^,]+?),? (?P<region>[A-Z]{2}),? (?P<postal_code>\d{5}(?:-\d{4})?)")
"""carrier_detail.destination_location: "CHARLESTON SC, 29401"."""


class EasyPost(BaseSystem):
    def __init__(self, settings: Mapping[str, str], outside: Outside) -> None:
        self.kind = KIND
        self._outside = outside
        self._key = settings["api_key"].strip()
        self._creates = watching.creates(settings)
        self._http = Http(KIND.title, settings.get("address") or API, outside, auth=(self._key, ""))

    def account(self) -> SystemAccount:
        trackers = listed(self._http.get("trackers", {"page_size": 1}).json, "trackers")
        warnings = []
        if self._key.startswith("EZTK") or any(each.get("mode") == "test" for each in trackers):
            warnings.append(phrase("This is a test key: it sees EasyPost's practice parcels only, never a real one."))
        try:
            user = self._http.get("users").json
        except SourceError as error:
            if error.failure not in (SourceFailure.RIGHTS, SourceFailure.NOT_FOUND, SourceFailure.REFUSED):
                raise
            user = {}
        # A key may not be allowed to read its own account.
        known_by = at(user, "id") or watching.known_by(self._key)
        return SystemAccount(str(known_by), str(at(user, "name") or "EasyPost"), warnings=tuple(warnings))

    def gather(self, wanted: Wanted) -> SourceReport:
        findings = Findings(KIND, wanted, self._http)
        for parcel in wanted.parcels:
            with findings.about(parcel):
                self._look(parcel, findings)
        return findings.report()

    def _look(self, parcel: Parcel, findings: Findings) -> None:
        found = list(self._trackers(parcel))
        if not found and self._creates:
            found = [self._created(parcel)]
        if not found:
            findings.nothing(
                parcel,
                phrase(
                    "parcel {number} is not watched. Let Counterproof create trackers in the connection's "
                    "settings, or add the parcel at EasyPost.",
                    number=parcel.number,
                ),
            )
            return
        read = [(each, _tracker(each, answer)) for each, answer in found]
        if any(tracker.scans for _, tracker in read):
            findings.add(parcel, [tracker for _, tracker in read])
        elif all(self._carrier_has_none(each) for each, _ in read):
            findings.unknown(parcel)
        elif any(each.get("status") == "error" for each, _ in read):
            findings.nothing(
                parcel,
                phrase("the carrier's record of parcel {number} cannot be read at the moment.", number=parcel.number),
            )
        else:
            findings.nothing(
                parcel, phrase("parcel {number} is watched, but no scan of it has come yet.", number=parcel.number)
            )

    def _carrier_has_none(self, tracker: dict[str, Any]) -> bool:
        try:
            made = utc(tracker.get("created_at"))
        except Unreadable:
            return False
        return tracker.get("status") == "unknown" and made < self._outside.clock.now() - _SETTLED

    def _trackers(self, parcel: Parcel) -> Iterator[tuple[dict[str, Any], Answer]]:
        """Newest first. EasyPost keeps several trackers of a number: of carriers, and of years."""
        query: dict[str, str | int] = {"tracking_code": parcel.number, "page_size": _PAGE}
        for _ in range(_PAGES):
            answer = self._http.get("trackers", query)
            page = listed(answer.json, "trackers")
            for each in page:
                if bare(str(each.get("tracking_code") or "")) == bare(parcel.number):
                    yield each, answer
            if not page or not at(answer.json, "has_more"):
                return
            query["before_id"] = str(page[-1].get("id"))

    def _created(self, parcel: Parcel) -> tuple[dict[str, Any], Answer]:
        wanted = {"tracking_code": parcel.number}
        known = None if parcel.carrier == UNNAMED_CARRIER else _CARRIERS.get(paypal_carrier(parcel.carrier)[0])
        if known:
            wanted["carrier"] = known
        answer = self._http.post("trackers", {"tracker": wanted}, answers=(400, 402, 422))
        if answer.status >= 400:
            said = text(at(answer.json, "error.message") or answer.status)
            raise SourceError(SourceFailure.REFUSED, phrase("EasyPost makes no tracker: {said}", said=said))
        content = answer.json
        if not isinstance(content, dict):
            raise SourceError(SourceFailure.MALFORMED, phrase("EasyPost answered with something that is no tracker."))
        return content, answer


# ---- reading -------------------------------------------------------------------------------------------------------


def _tracker(content: dict[str, Any], answer: Answer) -> Tracker:
    number, number_id = str(content.get("tracking_code")), str(content.get("id"))
    scans, undated = [], 0
    for each in listed(content, "tracking_details"):
        try:
            scans.append(_scan(each))
        except Unreadable:
            undated += 1
    return Tracker(
        legs=(Leg(str(content.get("carrier") or UNNAMED_CARRIER), number, tuple(scans)),),
        data=part(content, (number, number_id)),
        name=f"easypost-{number}.json",
        request=answer.request,
        service=text(at(content, "carrier_detail.service") or ""),
        signed_by=text(content.get("signed_by") or ""),
        destination=_destination(content),
        undated=undated,
    )


def _scan(content: dict[str, Any]) -> Scan:
    """EasyPost knows the zone of a scan only where its place is complete; elsewhere the local time stands as UTC."""
    found = fields(
        content,
        {"at": ("datetime", utc), "text": "message | description", "status": "status", "detail": "status_detail"},
    )
    if "at" not in found:
        raise Unreadable(phrase("a scan without a time"))
    place = _place(at(content, "tracking_location"))
    complete = place is not None and bool(place.city and (place.region or place.country) and place.postal_code)
    state = _DETAILS.get(found.get("detail", "")) or _STATES.get(found.get("status", ""), "other")
    words = found.get("text") or str(found.get("status", "")).replace("_", " ")
    return Scan(found["at"], state, words, place, zone_known=complete)


def _place(content: Any) -> Address | None:
    found = fields(content, _PLACE)
    return Address(**found) if found else None


def _destination(content: dict[str, Any]) -> Address | None:
    place = _place(at(content, "carrier_detail.destination_tracking_location"))
    if place is not None:
        return place
    said = _ONE_LINE.fullmatch(str(at(content, "carrier_detail.destination_location") or "").strip())
    return Address(**said.groupdict()) if said else None


# ---- webhooks ------------------------------------------------------------------------------------------------------


def check(body: bytes, headers: Mapping[str, str], secret: str) -> tuple[Key, ...]:
    """EasyPost signs the body's bytes with the secret in its NFKD spelling. Raises WebhookRefused."""
    given = headers.get("x-hmac-signature", "").strip()
    key = unicodedata.normalize("NFKD", secret).encode()
    made = "hmac-sha256-hex=" + hmac.new(key, body, hashlib.sha256).hexdigest()
    event = watching.event(body, KIND.title, secret=secret, given=given.casefold(), made=made.encode())
    if event.get("object") != "Event":
        raise watching.no_event(KIND.title)
    if not str(event.get("description")).startswith("tracker."):
        return ()
    number = identifier(at(event, "result.tracking_code") or "")
    return (Key(KeyKind.TRACKING, bare(number)),) if number else ()


def _open(settings: Mapping[str, str], outside: Outside) -> System:
    return EasyPost(settings, outside)


KIND = SystemKind(
    name="easypost",
    title="EasyPost",
    version=1,
    brings=(Brings.TRACKING,),
    gives=phrase(
        "Every scan of a parcel, when and where it was delivered, and the name of who signed. No photos or papers."
    ),
    needs=(
        phrase(
            "The production API key of your EasyPost account (Account Settings, API Keys). EasyPost watches "
            "parcels whose "
            "labels were bought there by itself. Others can be added for you when a dispute comes; EasyPost "
            "charges for "
            "each tracker, so that is off until you turn it on."
        )
    ),
    settings=(
        Setting("api_key", phrase("API key"), secret=True, example="EZAK..."),
        watching.creating(
            "EasyPost",
            phrase("Create trackers"),
            costs=phrase("EasyPost charges for each."),
            agreed=phrase("at EasyPost's price"),
        ),
        watching.address(API),
    ),
    open=_open,
    webhook=Webhook(
        proof=phrase("webhook secret"),
        steps=phrase(
            "At EasyPost, Webhooks, Add: enter this address and a secret of your own, and the same secret here."
        ),
        check=check,
    ),
)
