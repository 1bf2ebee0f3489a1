"""The writes of one answer at Shopify, in their order: look, clear away our own of before, upload, stage, look again,
submit once.

Nothing has a key there. What a repeated write does is safe by what it is: staging sets fields to the same values, an
upload is looked for by its name (which carries its hash) before it is sent again, and Shopify takes one submission.
What is staged Shopify sends by itself on the due date, submitted or not.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from disputes.acts import GatewayAct
from disputes.comparison import differences
from disputes.lifecycle import GatewayStatus
from disputes.phrases import Phrase, joined, phrase
from disputes.ports import (
    Answer,
    Approved,
    Capabilities,
    GatewayError,
    GatewayFailure,
    Plan,
    ReadBack,
    StagedFile,
    Stopped,
    Write,
    WriteClass,
)
from disputes.response import Response, ResponseFile
from gateways.shopify_payments.contract import DOCUMENT_TYPES, MEDIA_TYPES, TEXT_FIELDS
from gateways.shopify_payments.limits import FILES, TEXTS

_IT_IS_IN = frozenset({GatewayStatus.UNDER_REVIEW, GatewayStatus.WON})


@dataclass(frozen=True, slots=True)
class Upload:
    """One file in the dispute's list, in a slot or in none. `slot` is what it was uploaded for; "" where untold."""

    file: StagedFile
    slot: str

    def is_(self, wanted: ResponseFile) -> bool:
        same = self.file.name == wanted.name and self.file.size in (wanted.size, None)
        return same and self.slot in (wanted.slot, "")


class Desk(Protocol):
    """The adapter's calls that a plan is made of."""

    def capabilities(self, external_id: str) -> Capabilities: ...
    def read_back(self, external_id: str) -> ReadBack: ...
    def uploads(self, external_id: str) -> list[Upload]: ...
    def upload(self, external_id: str, file: ResponseFile, data: bytes) -> str: ...
    def remove(self, external_id: str, file_id: str) -> None: ...
    def stage(self, external_id: str, texts: Mapping[str, str], file_ids: Mapping[str, str]) -> None: ...
    def submit(self, external_id: str) -> bool: ...


def plan(desk: Desk, approved: Approved) -> Plan:
    """Raises Stopped where nothing may be sent; each write is journalled by the caller."""
    response = approved.response
    if approved.act is not GatewayAct.SUBMIT or response is None:
        raise Stopped(phrase("Shopify has no such act: {act}. Do it in the Shopify admin.", act=approved.act))
    if response.dispute_id != approved.external_id:
        raise Stopped(phrase("This answer was written for another dispute. Nothing was sent."))
    if not approved.sent:
        yield from _stage(desk, approved, response)
    yield _submit_write(desk, approved.external_id)


def _stage(desk: Desk, approved: Approved, response: Response) -> Generator[Write, Answer, None]:
    """Bring exactly the approved texts and files there."""
    _look_before(desk, approved, response)
    lying = desk.uploads(approved.external_id)
    ids = adopted(lying, response, approved.answers)
    for stray in strays(lying, ids, approved.answers):
        yield _remove_write(desk, approved.external_id, stray)
    for file in response.files:
        if file.slot not in ids:
            ids[file.slot] = str((yield _upload_write(desk, approved, response, file))["file_id"])
    yield _stage_write(desk, approved, response, ids)
    for double in doubles(desk.uploads(approved.external_id), response, ids):
        yield _remove_write(desk, approved.external_id, double)
    if wrong := differences(response, desk.read_back(approved.external_id)):
        words = phrase(
            "What lies at the gateway is not what was approved: {differences}.", differences=joined(wrong[:5], "; ")
        )
        raise Stopped(
            phrase(
                "{what} Nothing was submitted. Shopify sends what lies there by itself on the due date: look.",
                what=words,
            )
        )


# ---- looking -------------------------------------------------------------------------------------------------------


def _look_before(desk: Desk, approved: Approved, response: Response) -> None:
    if wrong := list(refusals(response)):
        raise Stopped(
            phrase("Shopify would not take this answer: {reasons} Nothing was sent.", reasons=joined(wrong[:5]))
        )
    offered = desk.capabilities(approved.external_id)
    if not offered.submit:
        raise Stopped(phrase("{why} Nothing was sent.", why=offered.reason))


def refusals(response: Response) -> Iterator[Phrase]:
    """What Shopify would refuse by its limits; each in a sentence."""
    if not response.fields and not response.files:
        yield phrase("It is empty.")
    for name, text in response.fields.items():
        if name not in TEXT_FIELDS:
            yield phrase("{name} is no text of Shopify's that an answer writes.", name=name)
        elif len(text) > TEXTS.field:
            yield phrase(
                "The text for {name} has {number} characters; {most} are taken.",
                name=name,
                number=f"{len(text):,}",
                most=f"{TEXTS.field:,}",
            )
    slots = [file.slot for file in response.files]
    for file in response.files:
        if file.slot not in DOCUMENT_TYPES:
            yield phrase("{slot} is no file of Shopify's.", slot=file.slot)
        if slots.count(file.slot) > 1:
            yield phrase("There is more than one file for {slot}.", slot=file.slot)
        if file.media_type not in MEDIA_TYPES:
            yield phrase("{name} is {media_type}, which is not taken.", name=file.name, media_type=file.media_type)
        if file.size > FILES.file_bytes:
            yield phrase(
                "{name} has {number} bytes; {most} are taken.",
                name=file.name,
                number=f"{file.size:,}",
                most=f"{FILES.file_bytes:,}",
            )
        if file.pages > FILES.total_pages:
            yield phrase(
                "{name} has {number} pages; {most} are taken.",
                name=file.name,
                number=file.pages,
                most=FILES.total_pages,
            )
    if (total := sum(file.size for file in response.files)) > FILES.total_bytes:
        yield phrase(
            "All files together have {number} bytes; {most} are taken.",
            number=f"{total:,}",
            most=f"{FILES.total_bytes:,}",
        )


def ours(answers: Sequence[Answer]) -> dict[str, Answer]:
    """Uploads by our journal, by file id, all rounds."""
    return {str(each["file_id"]): each for each in answers if each.get("file_id")}


def adopted(lying: Sequence[Upload], response: Response, answers: Sequence[Answer]) -> dict[str, str]:
    """Files of this very answer that our journal uploaded and that still lie there: slot -> id."""
    known = ours(answers)
    found: dict[str, str] = {}
    for file in response.files:
        for each in lying:
            told = known.get(each.file.file_id)
            if told is not None and told.get("sha256") == file.sha256 and each.is_(file):
                found[file.slot] = each.file.file_id
    return found


def strays(lying: Sequence[Upload], keep: Mapping[str, str], answers: Sequence[Answer]) -> list[str]:
    """Ours by the journal and no part of this answer. They would go to the bank with it, and fill the 4 MB."""
    known = ours(answers)
    return [
        each.file.file_id for each in lying if each.file.file_id in known and each.file.file_id not in keep.values()
    ]


def doubles(lying: Sequence[Upload], response: Response, keep: Mapping[str, str]) -> list[str]:
    """The same file once more: an upload arrived though its answer did not."""
    return [
        each.file.file_id
        for each in lying
        if each.file.file_id not in keep.values() and any(each.is_(file) for file in response.files)
    ]


# ---- the writes ----------------------------------------------------------------------------------------------------


def _there(desk: Desk, external_id: str) -> dict[str, Any]:
    return {"file_ids": sorted(each.file.file_id for each in desk.uploads(external_id))}


def _remove_write(desk: Desk, external_id: str, file_id: str) -> Write:
    def send(_key: str) -> Answer:
        try:
            desk.remove(external_id, file_id)
        except GatewayError as error:
            if error.failure is not GatewayFailure.NOT_FOUND:
                raise
        return {"removed": file_id}

    def seen(_before: Answer) -> Answer | None:
        return {"removed": file_id} if file_id not in _there(desk, external_id)["file_ids"] else None

    return Write(f"remove:{file_id}", WriteClass.STATE_GUARDS, lambda: _there(desk, external_id), send, seen)


def _upload_write(desk: Desk, approved: Approved, response: Response, file: ResponseFile) -> Write:
    """Two of the same file do no harm: the second is seen and cleared away before the answer is submitted."""
    external_id = approved.external_id

    def answer(file_id: str) -> Answer:
        return {"file_id": file_id, "slot": file.slot, "sha256": file.sha256, "response": response.sha256}

    def send(_key: str) -> Answer:
        return answer(desk.upload(external_id, file, approved.bytes_of(file)))

    def seen(before: Answer) -> Answer | None:
        known = set(before.get("file_ids") or ())
        arrived = (each for each in desk.uploads(external_id) if each.is_(file) and each.file.file_id not in known)
        found = next(arrived, None)
        return {**answer(found.file.file_id), "read_back": True} if found else None

    name = f"upload:{file.slot}"
    return Write(name, WriteClass.STATE_GUARDS, lambda: _there(desk, external_id), send, seen)


def _stage_write(desk: Desk, approved: Approved, response: Response, ids: Mapping[str, str]) -> Write:
    """Set our fields to what was approved. An empty value clears only a text that the journal says we wrote; whatever
    Shopify or a person wrote beside it is left as it is."""
    writes = {**response.fields, **ids}
    clear = {name: "" for name, text in approved.wrote.items() if text and name in TEXT_FIELDS and name not in writes}

    def send(_key: str) -> Answer:
        desk.stage(response.dispute_id, {**clear, **response.fields}, ids)
        return {"staged": len(writes)}

    def seen(_before: Answer) -> Answer | None:
        back = desk.read_back(response.dispute_id)
        return None if differences(response, back) else {"staged": len(writes)}

    before = {"writes": {**clear, **writes}}
    return Write("stage", WriteClass.STATE_GUARDS, lambda: before, send, seen)


def _submit_write(desk: Desk, external_id: str) -> Write:
    def before() -> dict[str, Any]:
        back = desk.read_back(external_id)
        return {"status": back.raw_status, "submission_count": back.submission_count}

    def in_already() -> Answer | None:
        back = desk.read_back(external_id)
        there = back.submission_count > 0 and back.status in _IT_IS_IN
        return {"sent": True, "read_back": True} if there else None

    def send(_key: str) -> Answer:
        try:
            return {"sent": True, "confirmed": desk.submit(external_id)}
        except GatewayError as error:
            # Shopify refuses a second submission: where it has an answer, ours is in it, or the read-back says not.
            if error.failure is GatewayFailure.REJECTED and (there := in_already()):
                return there
            raise

    def seen(earlier: Answer) -> Answer | None:
        there = in_already()
        return there if there and not earlier.get("submission_count") else None

    return Write("submit", WriteClass.STATE_GUARDS, before, send, seen)
