"""17TRACK (Tracking API v2.4): the scans of some two thousand carriers, for what comes from far away.

The contract knows the routes and the envelope. The shape of a track, the statuses and the error codes are those of the
vendor's public pages as they are generally known; no recorded answer was at hand. It names nobody who signed and has no
proof files, so nothing here is ever "signed".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from disputes.facts import UNNAMED_CARRIER, Address, TrackingState
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
from evidence.redaction import bare
from evidence.sources.values import Unreadable
from evidence.systems import watching
from evidence.systems.auth import HeaderKey
from evidence.systems.base import BaseSystem
from evidence.systems.http import Answer, Http
from evidence.systems.mapping import Table, at, fields, identifier, listed, text
from evidence.systems.places import country, local_instant
from evidence.systems.raw import part
from evidence.systems.tracking import Findings, Leg, Scan, Tracker

API = "https://api.17track.net/track/v2.4"
_AT_ONCE = 40
"""Numbers in one call."""
_NOT_REGISTERED, _NOTHING_YET, _ALREADY = -18019902, -18019909, -18019901
_WRONG_KEY = frozenset({-18010002, -18010004, -18010005})
_WRONG_ADDRESS = -18010001
Thing = dict[str, Any]
Found = tuple[Thing, Answer]

_STATES: Mapping[str, TrackingState] = {
    "InfoReceived": "label",
    "PickedUp": "in_transit",
    "InTransit": "in_transit",
    "Departure": "in_transit",
    "Arrival": "in_transit",
    "OutForDelivery": "out_for_delivery",
    "DeliveryFailure": "failed",
    "Delivered": "delivered",
    "Returning": "returned",
    "Returned": "returned",
    "Exception_Returning": "returned",
    "Exception_Returned": "returned",
    "Exception_Lost": "lost",
    "Exception_Rejected": "failed",
    "Exception_NoBody": "failed",
}
"""By the finer status of a scan, by what stands before its "_", or by the stage."""
_PLACE: Table = {
    "city": "city", "region": "state", "postal_code": "postal_code", "country": ("country", country),
}  # fmt: skip


class SeventeenTrack(BaseSystem):
    def __init__(self, settings: Mapping[str, str], outside: Outside) -> None:
        self.kind = KIND
        self._key = settings["api_key"].strip()
        self._creates = watching.creates(settings)
        base = settings.get("address") or API
        self._http = Http(KIND.title, base, outside, auth=HeaderKey("17token", self._key))

    def account(self) -> SystemAccount:
        left = at(self._asked("getquota", []).json, "data.quota_remain")
        warnings = []
        if isinstance(left, int):
            warnings.append(phrase("{left} parcels can still be registered at 17TRACK in this period.", left=left))
        return SystemAccount(watching.known_by(self._key), KIND.title, warnings=tuple(warnings))

    def gather(self, wanted: Wanted) -> SourceReport:
        findings = Findings(KIND, wanted, self._http)
        numbers = list(dict.fromkeys(parcel.number for parcel in wanted.parcels))
        found, refused = self._tracks(numbers)
        unknown = [number for number in numbers if refused.get(bare(number), (0, ""))[0] == _NOT_REGISTERED]
        if self._creates and unknown:
            made = self._registered(unknown)
            refused |= made
            more, still = self._tracks([number for number in unknown if bare(number) not in made])
            found, refused = found + more, refused | still
        for parcel in wanted.parcels:
            mine = [each for each in found if bare(str(each[0].get("number") or "")) == bare(parcel.number)]
            self._look(parcel, mine, refused.get(bare(parcel.number)), findings)
        return findings.report()

    def _look(
        self, parcel: Parcel, found: Sequence[Found], refusal: tuple[int, str] | None, findings: Findings
    ) -> None:
        read = [_tracker(each, answer) for each, answer in found]
        if any(tracker.scans for tracker in read):
            findings.add(parcel, read)
        elif found and all(at(each, "track_info.latest_status.status") == "Expired" for each, _ in found):
            # 17TRACK has asked the carrier for weeks and there was nothing.
            findings.unknown(parcel)
        elif found or (refusal and refusal[0] == _NOTHING_YET):
            findings.nothing(
                parcel, phrase("parcel {number} is watched, but no scan of it has come yet.", number=parcel.number)
            )
        elif refusal and refusal[0] != _NOT_REGISTERED:
            told = {"number": parcel.number, "said": refusal[1]}
            findings.nothing(parcel, phrase("parcel {number} could not be asked about. It says: {said}", **told))
        else:
            findings.nothing(
                parcel,
                phrase(
                    "parcel {number} is not registered. Let Counterproof register parcels in the "
                    "connection's settings, or add it at 17TRACK.",
                    number=parcel.number,
                ),
            )

    # ---- asking ----------------------------------------------------------------------------------------------------

    def _tracks(self, numbers: Sequence[str]) -> tuple[list[Found], dict[str, tuple[int, str]]]:
        found: list[Found] = []
        refused: dict[str, tuple[int, str]] = {}
        for answer in self._in_parts("gettrackinfo", numbers):
            found += [(each, answer) for each in listed(answer.json, "data.accepted")]
            refused |= _refused(answer)
        return found, refused

    def _registered(self, numbers: Sequence[str]) -> dict[str, tuple[int, str]]:
        """Why some were not registered. 17TRACK finds out the carrier by itself."""
        made: dict[str, tuple[int, str]] = {}
        for answer in self._in_parts("register", numbers):
            made |= {number: why for number, why in _refused(answer).items() if why[0] != _ALREADY}
        return made

    def _in_parts(self, path: str, numbers: Sequence[str]) -> Iterator[Answer]:
        for start in range(0, len(numbers), _AT_ONCE):
            yield self._asked(path, [{"number": number} for number in numbers[start : start + _AT_ONCE]])

    def _asked(self, path: str, content: Any) -> Answer:
        """What went wrong as a whole stands in the envelope, whatever the HTTP status."""
        answer = self._http.post(path, content)
        code = at(answer.json, "code")
        if code == 0:
            return answer
        said = text(at(answer.json, "data.errors[0].message") or "") or f"error {code}"
        if code in _WRONG_KEY:
            raise SourceError(
                SourceFailure.CREDENTIALS, phrase("17TRACK refuses the key. Connect it again with a new one.")
            )
        if code == _WRONG_ADDRESS:
            raise SourceError(
                SourceFailure.RIGHTS,
                phrase("17TRACK takes this key only from machines on its list (Settings, Security)."),
            )
        raise SourceError(SourceFailure.REFUSED, phrase("17TRACK refused the question: {said}", said=said))


def _refused(answer: Answer) -> dict[str, tuple[int, str]]:
    found: dict[str, tuple[int, str]] = {}
    for each in listed(answer.json, "data.rejected"):
        code = at(each, "error.code")
        said = text(at(each, "error.message") or "") or phrase("no reason was given")
        found[bare(str(each.get("number") or ""))] = (code if isinstance(code, int) else 0, said)
    return found


# ---- reading -------------------------------------------------------------------------------------------------------


def _tracker(content: Thing, answer: Answer) -> Tracker:
    number = str(content.get("number") or "")
    local = identifier(at(content, "track_info.misc_info.local_number") or "") or number
    providers = [each for each in listed(content, "track_info.tracking.providers") if each.get("events")]
    told = [(_carrier(each), each, *_scans(each)) for each in providers]
    to = fields(at(content, "track_info.shipping_info.recipient_address"), _PLACE)
    return Tracker(
        legs=_legs(number, local, at(content, "carrier"), [(name, each, scans) for name, each, scans, _ in told]),
        data=part(content, (number, local)),
        name=f"17track-{number}.json",
        request=f"{answer.request}, {number}",
        service=text(at(content, "track_info.misc_info.service_type") or ""),
        destination=Address(**to) if to.get("city") or to.get("postal_code") else None,
        undated=sum(undated for *_, undated in told),
    )


def _legs(number: str, local: str, origin: Any, told: Sequence[tuple[str, Thing, tuple[Scan, ...]]]) -> tuple[Leg, ...]:
    """Two legs where another carrier has the last half of the way. Post offices often repeat each other's scans: where
    only the first one tells of the delivery, and last of all, it is no handing over and the way is one."""
    if len(told) < 2:
        return tuple(Leg(name, number, scans) for name, _, scans in told) or (Leg(UNNAMED_CARRIER, number, ()),)
    first = next((each for each in told if at(each[1], "provider.key") == origin), told[0])
    others = [each for each in told if each is not first]
    begins, ends = first[2], tuple(scan for *_, scans in others for scan in scans)
    handed = [scan.at for scan in begins if scan.state == "delivered"]
    mirrored = handed and ends and max(handed) >= max(scan.at for scan in ends)
    if not ends or (mirrored and not any(scan.state == "delivered" for scan in ends)):
        return (Leg(first[0], number, begins + ends),)
    return Leg(first[0], number, begins, "first"), Leg(others[-1][0], local, ends, "last")


def _carrier(provider: Thing) -> str:
    return text(at(provider, "provider.name | provider.alias") or "") or UNNAMED_CARRIER


def _scans(provider: Thing) -> tuple[tuple[Scan, ...], int]:
    scans, undated = [], 0
    for each in listed(provider, "events"):
        try:
            scans.append(_scan(each))
        except Unreadable:
            undated += 1
    return tuple(scans), undated


def _scan(content: Thing) -> Scan:
    """`time_iso` always has an offset; where the carrier told none (`time_raw`), it is a guess of 17TRACK's."""
    place = fields(at(content, "address"), _PLACE)
    raw_time = " ".join(str(at(content, f"time_raw.{name}") or "") for name in ("date", "time")).strip()
    guessed = bool(raw_time) and not at(content, "time_raw.timezone")
    said = raw_time if guessed else at(content, "time_iso | time_utc")
    if not said:
        raise Unreadable(phrase("a scan without a time"))
    moment, known = local_instant(str(said), place.get("country"))
    finer, stage = str(content.get("sub_status") or ""), str(content.get("stage") or "")
    states = (_STATES.get(each) for each in (finer, finer.partition("_")[0], stage))
    return Scan(
        moment,
        next((state for state in states if state), "other"),
        text(content.get("description") or "") or stage or finer.replace("_", " ") or "Scan",
        Address(**place) if place else None,
        zone_known=known,
        where=text(content.get("location") or ""),
    )


def _open(settings: Mapping[str, str], outside: Outside) -> System:
    return SeventeenTrack(settings, outside)


KIND = SystemKind(
    name="seventeentrack",
    title="17TRACK",
    version=1,
    brings=(Brings.TRACKING,),
    gives=phrase(
        "Scans of parcels of some two thousand carriers, both halves of a long way. No signatures, photos or papers."
    ),
    needs=(
        phrase(
            "The access key of your 17TRACK API account (Settings, Security). Parcels which are not "
            "registered there yet "
            "can be registered for you when a dispute comes; each uses up your quota, so that is off until you "
            "turn it on."
        )
    ),
    settings=(
        Setting("api_key", phrase("Access key"), secret=True),
        watching.creating(
            "17TRACK",
            phrase("Register parcels"),
            costs=phrase("Each uses up your quota."),
            agreed=phrase("they use up my quota"),
        ),
        watching.address(API),
    ),
    open=_open,
)
