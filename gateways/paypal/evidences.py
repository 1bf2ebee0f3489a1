"""PayPal's evidences[]: what it asks for, what the seller answered so far, and our flat fields in its nested shape."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from disputes.knowledge.carriers import OTHER, paypal_carriers
from disputes.phrases import Phrase, phrase
from disputes.ports import StagedFile, Stopped
from gateways.paypal.contract import DOCUMENTS, NOTES, REFUND_IDS, TRACKING_NUMBERS, part, rows
from gateways.paypal.values import instant

Raw = Mapping[str, Any]

SLOT = "documents"
ASKED, GIVEN = "REQUESTED_FROM_SELLER", "SUBMITTED_BY_SELLER"
ANSWERING = frozenset({"PROVIDE_EVIDENCE", "APPEAL"})
"""Actions an entry may name; one of another action (a return acknowledged, say) answers nothing."""

_TOGETHER = timedelta(seconds=2)
"""One call makes several entries; PayPal dates them alike, or nearly."""

_FIELD = re.compile(
    r"(?P<type>[0-9A-Z_]+)\.(?:(?P<notes>notes)"
    r"|tracking_info\[(?P<parcel>\d{1,3})\]\.(?P<name>carrier_name|carrier_name_other|tracking_number|tracking_url)"
    r"|refund_ids\[(?P<refund>\d{1,3})\])"
)

# ---- what lies there -----------------------------------------------------------------------------------------------


def by_seller(raw: Raw) -> list[Raw]:
    """The seller's own entries that answer a question, in PayPal's order."""
    return [each for each in rows(raw.get("evidences")) if _answers(each)]


def _answers(entry: Raw) -> bool:
    action = part(entry.get("action_info")).get("action")
    return entry.get("source") == GIVEN and action in (None, *ANSWERING)


def answers(raw: Raw) -> list[list[Raw]]:
    """The seller's answers, oldest first: each the entries of one call, as far as PayPal lets that be told."""
    found: list[list[Raw]] = []
    asked_since = False
    for entry in _in_time(rows(raw.get("evidences"))):
        if entry.get("source") == ASKED:
            asked_since = True
        elif _answers(entry):
            if found and not asked_since and _same_call(found[-1], entry):
                found[-1].append(entry)
            else:
                found.append([entry])
            asked_since = False
    return found


def _in_time(entries: list[Raw]) -> list[Raw]:
    """Oldest first; entries of one instant stay in PayPal's order, whichever end its list begins at."""
    dates = [at for entry in entries if (at := instant(entry.get("date"))) is not None]
    newest_first = bool(dates) and dates[0] > dates[-1]
    return sorted(reversed(entries) if newest_first else entries, key=_date)


def _date(entry: Raw) -> tuple[bool, str]:
    at = instant(entry.get("date"))
    return at is not None, at.isoformat(timespec="microseconds") if at else ""


def _same_call(call: Sequence[Raw], entry: Raw) -> bool:
    """One call gives a type once, in one stage, in (nearly) one instant."""
    last = call[-1]
    if entry.get("evidence_type") in [each.get("evidence_type") for each in call]:
        return False
    if last.get("dispute_life_cycle_stage") != entry.get("dispute_life_cycle_stage"):
        return False
    first, second = instant(last.get("date")), instant(entry.get("date"))
    return first is second if first is None or second is None else second - first <= _TOGETHER


def requested(raw: Raw) -> tuple[str, ...]:
    """The types asked for and not answered since."""
    open_now: list[str] = []
    for entry in _in_time(rows(raw.get("evidences"))):
        if entry.get("source") == ASKED:
            open_now.append(str(entry.get("evidence_type") or OTHER))
        elif _answers(entry):
            open_now = []
    return tuple(dict.fromkeys(open_now))


def fields_of(entries: Sequence[Raw]) -> dict[str, str]:
    """One answer flat, under the names by which it was approved."""
    flat: dict[str, str] = {}
    for entry in entries:
        kind, info = str(entry.get("evidence_type") or OTHER), part(entry.get("evidence_info"))
        if entry.get("notes"):
            flat[f"{kind}.notes"] = str(entry["notes"])
        for number, parcel in enumerate(rows(info.get("tracking_info"))):
            for name in ("carrier_name", "carrier_name_other", "tracking_number", "tracking_url"):
                if parcel.get(name):
                    flat[f"{kind}.tracking_info[{number}].{name}"] = str(parcel[name])
        ids = info.get("refund_ids")
        for number, refund in enumerate(ids if isinstance(ids, list) else ()):
            flat[f"{kind}.refund_ids[{number}]"] = str(refund)
    return flat


def documents_of(entries: Sequence[Raw]) -> list[str]:
    """The names of an answer's documents, in PayPal's order."""
    return [str(each.get("name")) for entry in entries for each in rows(entry.get("documents"))]


def files_of(entries: Sequence[Raw]) -> dict[str, StagedFile]:
    """By slot: PayPal tells a document's name, which carries its hash, and no size."""
    names = documents_of(entries)
    return {slot(number): StagedFile(name, name, None) for number, name in enumerate(names)}


def slot(number: int) -> str:
    return SLOT if number == 0 else f"{SLOT}[{number}]"


# ---- what is sent --------------------------------------------------------------------------------------------------


def body_of(fields: Mapping[str, str], documents: Sequence[str]) -> dict[str, Any]:
    """The part "input": one entry a type; the first names the documents. Raises Stopped for what PayPal cannot take."""
    found: dict[str, dict[str, Any]] = {}
    for name, value in fields.items():
        match = _FIELD.fullmatch(name)
        if match is None:
            raise Stopped(phrase("PayPal's evidence has no field {name}. Nothing was sent.", name=name))
        if not value.strip():
            raise Stopped(phrase("The field {name} is empty. Nothing was sent.", name=name))
        entry = found.setdefault(match["type"], {"parcels": {}, "refunds": {}})
        if match["notes"]:
            entry["notes"] = value
        elif match["parcel"]:
            entry["parcels"].setdefault(int(match["parcel"]), {})[match["name"]] = value
        else:
            entry["refunds"][int(match["refund"])] = value
    if not found:
        raise Stopped(phrase("The answer names no type of evidence. Nothing was sent."))
    for wrong in _wrong(found, documents):
        raise Stopped(phrase("{wrong} Nothing was sent.", wrong=wrong))
    entries = [_entry(kind, parts) for kind, parts in found.items()]
    if documents:
        entries[0]["documents"] = [{"name": name} for name in documents]
    return {"evidences": entries}


def _entry(kind: str, parts: Mapping[str, Any]) -> dict[str, Any]:
    info: dict[str, Any] = {}
    if parts["parcels"]:
        info["tracking_info"] = [parcel for _, parcel in sorted(parts["parcels"].items())]
    if parts["refunds"]:
        info["refund_ids"] = [refund for _, refund in sorted(parts["refunds"].items())]
    entry: dict[str, Any] = {"evidence_type": kind}
    if info:
        entry["evidence_info"] = info
    if "notes" in parts:
        entry["notes"] = parts["notes"]
    return entry


def _wrong(found: Mapping[str, Mapping[str, Any]], documents: Sequence[str]) -> Iterator[Phrase]:
    if len(documents) > DOCUMENTS:
        yield phrase(
            "PayPal takes {most} documents with one answer; there are {number}.", most=DOCUMENTS, number=len(documents)
        )
    for kind, parts in found.items():
        parcels, refunds = parts["parcels"], parts["refunds"]
        if len(parts.get("notes", "")) > NOTES:
            yield phrase(
                "PayPal takes {most} characters of notes; those for {kind} have {number}.",
                most=NOTES,
                kind=kind,
                number=len(parts["notes"]),
            )
        if kind == "PROOF_OF_FULFILLMENT" and not parcels:
            yield phrase("PayPal takes proof of fulfilment with a carrier and a tracking number only.")
        if kind == "PROOF_OF_REFUND" and not refunds:
            yield phrase("PayPal takes proof of a refund with the refund's id only.")
        if len(parcels) > TRACKING_NUMBERS:
            yield phrase(
                "PayPal takes {most} tracking numbers; there are {number}.", most=TRACKING_NUMBERS, number=len(parcels)
            )
        if len(refunds) > REFUND_IDS:
            yield phrase("PayPal takes {most} refund ids; there are {number}.", most=REFUND_IDS, number=len(refunds))
        yield from (wrong for number, parcel in sorted(parcels.items()) for wrong in _wrong_parcel(number + 1, parcel))


def _wrong_parcel(number: int, parcel: Mapping[str, str]) -> Iterator[Phrase]:
    carrier = parcel.get("carrier_name", "")
    if carrier not in paypal_carriers():
        yield phrase(
            "Parcel {number}: {carrier} is not on PayPal's list of carriers.",
            number=number,
            carrier=carrier or phrase("no carrier"),
        )
    if carrier == OTHER and not parcel.get("carrier_name_other"):
        yield phrase("Parcel {number}: a carrier that is not on PayPal's list needs its name.", number=number)
    if not 1 <= len(parcel.get("tracking_number", "")) <= 255:
        yield phrase("Parcel {number} has no tracking number that PayPal takes.", number=number)
