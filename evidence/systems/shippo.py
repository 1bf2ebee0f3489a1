"""Shippo tracks: where a parcel was scanned and whether it was delivered. No signatures and no proof files, ever.

Statuses, fields and carrier tokens are those of Shippo's own published client; the finer statuses ("substatus") and the
mock carrier the key is tried with are general knowledge.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from disputes.facts import UNNAMED_CARRIER, Address, TrackingState
from disputes.knowledge.carriers import paypal_carrier
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
from evidence.systems import watching
from evidence.systems.auth import HeaderKey
from evidence.systems.base import BaseSystem
from evidence.systems.http import Answer, Http
from evidence.systems.mapping import Table, at, fields, listed, text
from evidence.systems.places import country, local_instant
from evidence.systems.raw import part
from evidence.systems.tracking import Findings, Leg, Scan, Tracker

API = "https://api.goshippo.com"
_VERSION = "2018-02-08"
_TRIED = "tracks/shippo/SHIPPO_TRANSIT"
"""Shippo's own mock parcel: a key that is no good is refused before anything is looked up."""
_STATES: Mapping[str, TrackingState] = {
    "PRE_TRANSIT": "label",
    "TRANSIT": "in_transit",
    "DELIVERED": "delivered",
    "RETURNED": "returned",
    "FAILURE": "failed",
}
_FINER: Mapping[str, TrackingState] = {
    "out_for_delivery": "out_for_delivery",
    "package_lost": "lost",
    "return_to_sender": "returned",
    "delivery_attempted": "failed",
    "package_undeliverable": "failed",
}
"""Never "delivered": that is for the status itself to say."""
_TOKENS = frozenset(
    "airterra apc_postal aramex asendia_us australia_post better_trucks borderguru boxberry bring canada_post cdl "  # noqa: SIM905 - fifty names read better than fifty strings
    "chronopost collect_plus couriersplease colissimo deutsche_post dhl_benelux dhl_ecommerce dhl_express dhl_germany "
    "dpd_uk estafeta fedex globegistics gls_us hongkong_post lasership lso mondial_relay new_zealand_post "
    "nippon_express ontrac orangeds parcelforce passport poste_italiane posti purolator royal_mail russian_post sendle "
    "skypostal stuart swyft uds ups usps veho".split()
)
_SPELLED = {
    "UPS": "ups", "USPS": "usps", "FEDEX": "fedex", "evri": "hermes_uk", "evri uk": "hermes_uk", "jitsu": "axlehire",
    "dpd germany": "dpd_de", "correos": "correos_espana", "correios": "correios_br", "aramex australia":
    "fastway_australia", "startrack": "australia_post", "posten norge": "bring",
}  # fmt: skip
"""By PayPal's name of a carrier, or by its own in plain letters."""
_PLACE: Table = {"city": "city", "region": "state", "postal_code": "zip", "country": ("country", country)}
Thing = dict[str, Any]


class Shippo(BaseSystem):
    def __init__(self, settings: Mapping[str, str], outside: Outside) -> None:
        self.kind = KIND
        self._token = settings["token"].strip()
        self._http = Http(
            KIND.title,
            settings.get("address") or API,
            outside,
            auth=HeaderKey("authorization", f"ShippoToken {self._token}"),
            headers={"shippo-api-version": _VERSION},
        )

    def account(self) -> SystemAccount:
        try:
            self._http.get(_TRIED, missing=True)
        except SourceError as error:
            if error.failure is not SourceFailure.REFUSED:
                raise
        warnings = [
            phrase("Shippo tells status and place only: it names nobody who signed and has no proof of delivery.")
        ]
        if self._token.startswith("shippo_test_"):
            warnings.append(phrase("This is a test token: it sees Shippo's practice parcels only, never a real one."))
        return SystemAccount(watching.known_by(self._token), KIND.title, warnings=tuple(warnings))

    def gather(self, wanted: Wanted) -> SourceReport:
        findings = Findings(KIND, wanted, self._http)
        for parcel in wanted.parcels:
            with findings.about(parcel):
                self._look(parcel, findings)
        return findings.report()

    def _look(self, parcel: Parcel, findings: Findings) -> None:
        token = carrier_token(parcel.carrier)
        if token is None:
            findings.nothing(
                parcel,
                phrase(
                    "parcel {number} cannot be asked about without a carrier that Shippo knows.", number=parcel.number
                ),
            )
            return
        answer = self._http.get(f"tracks/{token}/{quote(parcel.number, safe='')}", missing=True)
        content = answer.json if answer.status != 404 else None
        if not isinstance(content, dict) or bare(str(content.get("tracking_number") or "")) != bare(parcel.number):
            findings.nothing(parcel, phrase("Shippo has nothing about parcel {number}.", number=parcel.number))
            return
        tracker = _tracker(content, answer, parcel.carrier)
        if tracker.scans:
            findings.add(parcel, [tracker])
        else:
            # "Unknown" is said of a number the carrier does not know and of one it has not scanned yet.
            findings.nothing(
                parcel,
                phrase("parcel {number} has not been scanned, or the carrier does not know it.", number=parcel.number),
            )


def carrier_token(name: str) -> str | None:
    """Shippo's name of a carrier; None where it has none. A wrong one would ask another carrier about the number."""
    if name == UNNAMED_CARRIER or not name.strip():
        return None
    words = normalise(name)
    plain = words.replace(" ", "_")
    return plain if plain in _TOKENS else _SPELLED.get(words) or _SPELLED.get(paypal_carrier(name)[0])


# ---- reading -------------------------------------------------------------------------------------------------------


def _tracker(content: Thing, answer: Answer, carrier: str) -> Tracker:
    number = str(content.get("tracking_number"))
    told = listed(content, "tracking_history")
    last = content.get("tracking_status")
    if isinstance(last, dict) and not told:
        told = [last]
    scans, undated = [], 0
    for each in told:
        if each.get("status") == "UNKNOWN" and not each.get("status_details"):
            continue
        try:
            scans.append(_scan(each))
        except Unreadable:
            undated += 1
    to = fields(content.get("address_to"), _PLACE)
    return Tracker(
        legs=(Leg(carrier, number, tuple(scans)),),
        data=part(content, (number,)),
        name=f"shippo-{number}.json",
        request=answer.request,
        service=text(at(content, "servicelevel.name") or ""),
        destination=Address(**to) if to.get("city") or to.get("postal_code") else None,
        undated=undated,
    )


def _scan(content: Thing) -> Scan:
    said = content.get("status_date")
    if not said:
        raise Unreadable(phrase("a scan without a time"))
    place = fields(content.get("location"), _PLACE)
    moment, known = local_instant(str(said), place.get("country"))
    status = str(content.get("status"))
    finer = None if status == "DELIVERED" else _FINER.get(str(at(content, "substatus.code")))
    words = text(at(content, "status_details | substatus.text") or "") or status.replace("_", " ").capitalize()
    return Scan(
        moment, finer or _STATES.get(status, "other"), words, Address(**place) if place else None, zone_known=known
    )


def _open(settings: Mapping[str, str], outside: Outside) -> System:
    return Shippo(settings, outside)


KIND = SystemKind(
    name="shippo",
    title=phrase("Shippo"),
    version=1,
    brings=(Brings.TRACKING,),
    gives=phrase("Scans of a parcel and when and where it was delivered. No signatures, photos or papers."),
    needs=phrase("The live API token of your Shippo account (Settings, API)."),
    settings=(
        Setting("token", phrase("API token"), secret=True, example="shippo_live_..."),
        watching.address(API),
    ),
    open=_open,
)
