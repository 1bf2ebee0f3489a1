"""What the seller lays before PayPal: evidence, an appeal, supporting information."""

from __future__ import annotations

import re

from gateways.sandbox.ledger import API
from gateways.sandbox.paypal import acts, events, ids, lifecycle, shown
from gateways.sandbox.paypal.call import Call, Part
from gateways.sandbox.paypal.enums import CARRIERS, EVIDENCE_TYPES, STAGES
from gateways.sandbox.paypal.errors import PayPalError, invalid, missing, unprocessable
from gateways.sandbox.paypal.shapes import listed, mapping, text, within
from gateways.sandbox.paypal.times import stamp
from gateways.sandbox.paypal.world import World
from gateways.sandbox.store import JSON, Row

FILE_BYTES_BELOW = 10_485_760
CALL_BYTES = 50_000_000
NOTES = 2000
TRACKING = 10
REFUND_IDS = 100
DOCUMENTS = 100
DOCUMENTS_AT = "https://documents.sandbox.paypal.example"
"""No address of this server: what a document's address gives back is not documented, and nothing may rely on it."""
NAME = re.compile(r"^[A-Za-z0-9\-_,\s]+[.]{1}[A-Za-z]+$")
STARTS = {"pdf": b"%PDF-", "jpg": b"\xff\xd8\xff", "jpeg": b"\xff\xd8\xff", "png": b"\x89PNG\r\n\x1a\n",
          "gif": b"GIF8"}  # fmt: skip


def provide_evidence(world: World, call: Call) -> JSON:
    row = world.need("dispute", call.id)
    acts.require(row, acts.PROVIDE_EVIDENCE)
    take_evidence(world, row, _evidences(world, call), call.now)
    return shown.only_links(world, row)


def appeal(world: World, call: Call) -> JSON:
    """PayPal looks again, one stage on; the second appeal is the last."""
    row = world.need("dispute", call.id)
    acts.require(row, acts.APPEAL)
    evidences = _evidences(world, call)
    row.body["evidences"] += _dated(row, evidences, call.now)
    stage = row.body["dispute_life_cycle_stage"]
    if row.body["status"] == "RESOLVED":
        row.body |= {"dispute_life_cycle_stage": STAGES[min(STAGES.index(stage) + 1, 3)], "dispute_outcome": None}
    row.hidden |= {"appealable": False, "answered": True, "round": row.hidden["round"] + 1}
    world.ledger.effect(call.now, row.id, "appealed")
    lifecycle.begin_review(world, row, call.now)
    return shown.only_links(world, row)


def provide_supporting_info(world: World, call: Call) -> JSON:
    row = world.need("dispute", call.id)
    acts.require(row, acts.SUPPORTING_INFO)
    notes = text(mapping(call.body, ""), "notes", NOTES, required=True)
    info: JSON = {"notes": notes, "source": "SUBMITTED_BY_SELLER", "provided_time": stamp(call.now)}
    if files := documents(world, row.id, call.files):
        info["documents"] = files
    row.body["supporting_info"].append(info | {"dispute_life_cycle_stage": row.body["dispute_life_cycle_stage"]})
    world.ledger.effect(call.now, row.id, "supporting_info_provided")
    events.save(world, row, call.now)
    return shown.only_links(world, row)


def take_evidence(world: World, row: Row, evidences: list[JSON], now: int, who: str = API) -> None:
    """An inquiry goes to the buyer, a claim under review; at once, or after `review_begins_seconds`."""
    row.body["evidences"] += _dated(row, evidences, now)
    row.hidden["answered"] = True
    world.ledger.effect(now, row.id, "evidence_provided", who)
    if wait := world.setting("review_begins_seconds"):
        world.timers.set(now + wait, row.id, f"answered:{row.hidden['round']}")
        events.save(world, row, now)
    else:
        answered(world, row, now)


def answered(world: World, row: Row, now: int) -> None:
    if row.body["dispute_life_cycle_stage"] == "INQUIRY":
        lifecycle.wait_for_buyer(world, row, now)
    else:
        lifecycle.begin_review(world, row, now)


def documents(world: World, dispute: str, files: list[Part]) -> list[JSON]:
    """Keep the files of a call and show them; refused as a whole when one of them, or their sum, is too much."""
    if sum(len(file.content) for file in files) > CALL_BYTES:
        raise unprocessable("FILES_SIZE_EXCEEDED", "/files", f"All files together are at most {CALL_BYTES} bytes.")
    if len(files) > DOCUMENTS:
        raise unprocessable("TOO_MANY_FILES", "/files", f"There may be {DOCUMENTS} files.")
    for file in files:
        _check(file)
    return [_keep(world, dispute, file) for file in files]


def _evidences(world: World, call: Call) -> list[JSON]:
    """The part `input`, checked, with its files. A file no evidence names belongs to the first."""
    sent = [mapping(one, f"/evidences/{place}") for place, one in enumerate(listed(call.body, "evidences"))]
    if not sent:
        raise missing("/evidences")
    checked = [_evidence(one, f"/evidences/{place}") for place, one in enumerate(sent)]
    _hand_out(sent, checked, documents(world, call.id, call.files))
    for place, evidence in enumerate(checked):
        if not evidence["documents"] and not evidence.get("notes") and not evidence.get("evidence_info"):
            raise unprocessable("MISSING_EVIDENCE_INFO", f"/evidences/{place}", "The evidence is empty.")
    return [{name: what for name, what in evidence.items() if what} for evidence in checked]


def _hand_out(sent: list[JSON], checked: list[JSON], left: list[JSON]) -> None:
    for place, evidence in enumerate(checked):
        field = f"/evidences/{place}"
        evidence["documents"] = []
        for one in within(sent[place], "documents", field):
            name = text(mapping(one, f"{field}/documents"), "name", 2000, field, required=True)
            found = next((document for document in left if document["name"] == name), None)
            if found is None:
                raise unprocessable("MISSING_FILE", f"{field}/documents", f"No file is called {name}.")
            left.remove(found)
            evidence["documents"].append(found)
    checked[0]["documents"] += left


def _evidence(sent: JSON, field: str) -> JSON:
    type = text(sent, "evidence_type", 255, field, required=True)
    if type not in EVIDENCE_TYPES:
        raise invalid("INVALID_EVIDENCE_TYPE", f"{field}/evidence_type", "No such evidence type.", value=type)
    info = mapping(sent.get("evidence_info", {}), f"{field}/evidence_info")
    tracking = [
        _tracking(mapping(one, field), f"{field}/evidence_info/tracking_info/{place}")
        for place, one in enumerate(within(info, "tracking_info", field))
    ]
    refund_ids = [str(one) for one in within(info, "refund_ids", field)]
    if len(tracking) > TRACKING or len(refund_ids) > REFUND_IDS:
        raise unprocessable("TOO_MANY_ITEMS", f"{field}/evidence_info", "Tracking 10 at most, refund ids 100.")
    if (type == "PROOF_OF_FULFILLMENT" and not tracking) or (type == "PROOF_OF_REFUND" and not refund_ids):
        raise unprocessable("MISSING_EVIDENCE_INFO", f"{field}/evidence_info", "The evidence information is missing.")
    found: JSON = {"evidence_type": type, "notes": _notes(sent, field)}
    found["evidence_info"] = {
        **({"tracking_info": tracking} if tracking else {}),
        **({"refund_ids": refund_ids} if refund_ids else {}),
    }
    if item := text(sent, "item_id", 255, field):
        found["item_id"] = item
    return found


def _notes(sent: JSON, field: str) -> str | None:
    notes = sent.get("notes")
    if notes is not None and (not isinstance(notes, str) or not 1 <= len(notes) <= NOTES):
        raise unprocessable("INVALID_STRING_LENGTH", f"{field}/notes", f"Notes have 1 to {NOTES} characters.")
    return notes


def _tracking(sent: JSON, field: str) -> JSON:
    carrier = text(sent, "carrier_name", 255, field, required=True)
    if carrier not in CARRIERS:
        raise unprocessable("INVALID_CARRIER_NAME", f"{field}/carrier_name", "No such carrier.", value=carrier)
    number = text(sent, "tracking_number", 255, field, required=True)
    other = text(sent, "carrier_name_other", 2000, field)
    if carrier == "OTHER" and not other:
        raise unprocessable("MISSING_CARRIER_NAME", f"{field}/carrier_name_other", "OTHER needs the carrier's name.")
    url = text(sent, "tracking_url", 2000, field)
    given = {"carrier_name": carrier, "carrier_name_other": other, "tracking_number": number, "tracking_url": url}
    return {name: what for name, what in given.items() if what}


def _check(file: Part) -> None:
    name = file.filename or ""
    field = f"/{file.name}"
    if not NAME.match(name):
        raise unprocessable("INVALID_FILE_NAME", field, "A name is letters, digits, spaces and one dot.", value=name)
    kind = name.rpartition(".")[2].lower()
    if kind not in STARTS or not file.content.startswith(STARTS[kind]):
        raise unprocessable("INVALID_FILE_TYPE", field, "JPG, GIF, PNG or PDF, and what its name says.", value=name)
    if len(file.content) >= FILE_BYTES_BELOW:
        raise unprocessable("FILE_SIZE_EXCEEDED", field, f"A file has less than {FILE_BYTES_BELOW} bytes.", value=name)


def _keep(world: World, dispute: str, file: Part) -> JSON:
    id = ids.document()
    body = {"name": file.filename, "url": f"{DOCUMENTS_AT}/{id}"}
    columns = {"id": id, "created": world.clock.unix(), "parent": dispute}
    world.store.put("document", Row(body, {"columns": columns}))
    world.store.keep_bytes(f"document/{id}", file.content)
    return body


def _dated(row: Row, evidences: list[JSON], now: int) -> list[JSON]:
    stage = row.body["dispute_life_cycle_stage"]
    told = {"source": "SUBMITTED_BY_SELLER", "date": stamp(now), "dispute_life_cycle_stage": stage}
    if len(row.body["evidences"]) + len(evidences) > 100:
        raise PayPalError(422, [])
    return [{**evidence, **told} for evidence in evidences]
