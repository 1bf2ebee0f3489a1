"""The writes of one act at Square, in their order: look, tidy up, upload, look again, submit once; or accept.

From the first upload on the merchant cannot act in Square's Dashboard any more, so that everything that can be refused
is refused before it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Generator, Iterator, Mapping, Sequence
from typing import Any, Protocol

from disputes.acts import GatewayAct
from disputes.knowledge.square import square_limit, square_media_types, square_types
from disputes.phrases import Phrase, joined, phrase
from disputes.ports import (
    Answer,
    Approved,
    Capabilities,
    GatewayError,
    GatewayFailure,
    Plan,
    ReadBack,
    Stopped,
    Write,
    WriteClass,
)
from disputes.response import Response, ResponseFile
from gateways.square import evidence
from gateways.square.contract import ANSWERED
from gateways.square.evidence import Piece, type_of

_ANSWER_IS_THERE = ANSWERED | {"WON"}
"""States that only a submission leads to. A dispute can be lost or closed without one."""


class Desk(Protocol):
    """The adapter's calls that a plan is made of."""

    def capabilities(self, external_id: str) -> Capabilities: ...
    def read_back(self, external_id: str) -> ReadBack: ...
    def evidence(self, external_id: str) -> list[Piece]: ...
    def upload(self, external_id: str, file: ResponseFile, data: bytes, *, key: str) -> str: ...
    def write_text(self, external_id: str, slot: str, text: str, *, key: str) -> str: ...
    def delete(self, external_id: str, evidence_id: str) -> None: ...
    def submit(self, external_id: str) -> str: ...
    def accept(self, external_id: str) -> str: ...


def plan(desk: Desk, approved: Approved) -> Plan:
    """Raises Stopped where nothing may be sent; each write is journalled by the caller."""
    if approved.act is GatewayAct.ACCEPT:
        yield _accept(desk, approved.external_id)
        return
    response = approved.response
    if approved.act is not GatewayAct.SUBMIT or response is None:
        raise Stopped(phrase("Square has no such act: {act}.", act=approved.act))
    if response.dispute_id != approved.external_id:
        raise Stopped(phrase("This answer was written for another dispute. Nothing was sent."))
    if approved.sent:
        evidence_ids = evidence.for_this(approved.answers, response)
    else:
        evidence_ids = yield from _stage(desk, approved, response)
    yield _submit(desk, approved.external_id, sorted(evidence_ids))


def _stage(desk: Desk, approved: Approved, response: Response) -> Generator[Write, Answer, set[str]]:
    """Bring exactly the approved pieces there, and nothing beside them; returns their ids."""
    pieces = _look_before(desk, approved, response)
    now = evidence.adopted(pieces, response, approved.answers)
    early = evidence.strays(pieces, evidence.for_this(approved.answers, response), approved.answers)
    kept = yield from _tidy(desk, approved, response, early)
    files = {file.slot: file for file in response.files}
    for slot in evidence.in_turn(files):
        if f"upload:{slot}" not in now:
            now[f"upload:{slot}"] = str((yield _upload(desk, approved, response, files[slot]))["evidence_id"])
    for slot in evidence.in_turn(response.fields):
        if f"text:{slot}" not in now:
            now[f"text:{slot}"] = str((yield _text(desk, response, slot))["evidence_id"])
    pieces = _not_foreign(desk, approved, response, now)
    doubles = evidence.beside(pieces, [*now.values(), *kept], approved.answers)
    kept |= yield from _tidy(desk, approved, response, doubles)
    _look_again(desk, approved, response, now, kept)
    return set(now.values())


def _tidy(
    desk: Desk, approved: Approved, response: Response, strays: Sequence[Piece]
) -> Generator[Write, Answer, set[str]]:
    """Delete them; returns the ids of those that stay."""
    kept: set[str] = set()
    for stray in strays:
        if (yield _delete(desk, approved, response, stray)).get("kept"):
            kept.add(stray.evidence_id)
    return kept


# ---- looking -------------------------------------------------------------------------------------------------------


def _look_before(desk: Desk, approved: Approved, response: Response) -> list[Piece]:
    if wrong := list(refusals(response)):
        raise Stopped(
            phrase("Square would not take this answer: {reasons} Nothing was sent.", reasons=joined(wrong[:5]))
        )
    offered = desk.capabilities(approved.external_id)
    if not offered.submit:
        raise Stopped(phrase("{why} Nothing was sent.", why=offered.reason))
    return _not_foreign(desk, approved, response, {})


def refusals(response: Response) -> Iterator[Phrase]:
    """What Square would refuse, or cut, by its published limits; each in a sentence."""
    types = square_types()
    least, most, name_most = (_figure(name) for name in ("text_chars_min", "text_chars", "file_name_chars"))
    if not response.fields and not response.files:
        yield phrase("It is empty.")
    for slot, text in response.fields.items():
        if type_of(slot) not in types or not types[type_of(slot)].text:
            yield phrase("{slot} is not taken as text.", slot=slot)
        if not least <= len(text) <= most or not text.strip():
            yield phrase(
                "The text for {slot} has {number} characters; {least} to {most} are taken.",
                slot=slot,
                number=len(text),
                least=least,
                most=most,
            )
    slots = [file.slot for file in response.files]
    for file in response.files:
        if type_of(file.slot) not in types or not types[type_of(file.slot)].file:
            yield phrase("{slot} is not taken as a file.", slot=file.slot)
        if slots.count(file.slot) > 1:
            yield phrase("There is more than one file for {slot}.", slot=file.slot)
        if len(file.name) > name_most:
            yield phrase("The file name {name} is longer than {most} characters.", name=file.name, most=name_most)
        if file.media_type not in square_media_types():
            yield phrase("{name} is {media_type}, which is not taken.", name=file.name, media_type=file.media_type)


def _figure(name: str) -> int:
    value = square_limit(name)
    assert value is not None
    return value


def _refuse_foreign(found: Sequence[Piece]) -> None:
    if found:
        names = joined((piece.words for piece in found[:5]), ", ")
        raise Stopped(
            phrase(
                "Evidence that is not ours lies at Square: {names}. Submitting would send it to the bank with ours. "
                "Look there, remove it or file there, and approve again. Nothing was submitted.",
                names=names,
            )
        )


def _not_foreign(desk: Desk, approved: Approved, response: Response, now: Mapping[str, str]) -> list[Piece]:
    pieces = desk.evidence(approved.external_id)
    answers = [*approved.answers, *({"evidence_id": one} for one in now.values())]
    _refuse_foreign(evidence.foreign(pieces, response, answers))
    return pieces


def _look_again(
    desk: Desk, approved: Approved, response: Response, now: Mapping[str, str], kept: Collection[str]
) -> None:
    """What this answer uploaded, by its ids, is what was approved; and nothing goes to the bank beside it."""
    pieces = _not_foreign(desk, approved, response, now)
    there = {piece.evidence_id: piece for piece in pieces}
    wrong: list[str] = []
    for name, content in evidence.wanted(response).items():
        piece = there.get(now[name])
        if piece is None or piece.content != content:
            wrong.append(name.partition(":")[2])
    beside = evidence.beside(pieces, [*now.values(), *kept], approved.answers)
    wrong += [phrase("{piece} beside it", piece=piece.words) for piece in beside]
    if wrong:
        words = phrase(
            "What lies at the gateway is not what was approved: {differences}.", differences=joined(wrong[:5], "; ")
        )
        raise Stopped(phrase("{what} Nothing was submitted.", what=words))


# ---- the writes ----------------------------------------------------------------------------------------------------


def _there(desk: Desk, external_id: str) -> dict[str, Any]:
    """The pre-image of an upload: what lies there already cannot be what it brought."""
    return {"evidence_ids": sorted(piece.evidence_id for piece in desk.evidence(external_id))}


def _upload(desk: Desk, approved: Approved, response: Response, file: ResponseFile) -> Write:
    def bring(key: str) -> str:
        return desk.upload(approved.external_id, file, approved.bytes_of(file), key=key)

    return _bring(desk, response, f"upload:{file.slot}", bring)


def _text(desk: Desk, response: Response, slot: str) -> Write:
    def bring(key: str) -> str:
        return desk.write_text(response.dispute_id, slot, response.fields[slot], key=key)

    return _bring(desk, response, f"text:{slot}", bring)


def _bring(desk: Desk, response: Response, name: str, bring: Callable[[str], str]) -> Write:
    """One piece; what is journalled of it names the round and the hash of the answer that it is a part of."""
    external_id, content = response.dispute_id, evidence.wanted(response)[name]

    def answer(evidence_id: str) -> Answer:
        return {"evidence_id": evidence_id, "response": response.sha256, "round": response.round}

    def seen(before: Answer) -> Answer | None:
        known = set(before.get("evidence_ids") or ())
        arrived = (
            piece.evidence_id
            for piece in desk.evidence(external_id)
            if piece.content == content and piece.evidence_id not in known
        )
        found = next(arrived, None)
        return {**answer(found), "read_back": True} if found else None

    return Write(name, WriteClass.NATIVE_KEY, lambda: _there(desk, external_id), lambda key: answer(bring(key)), seen)


def _delete(desk: Desk, approved: Approved, response: Response, stray: Piece) -> Write:
    """A piece of an earlier round that Square will not delete went to the bank then, and may stay."""
    external_id = approved.external_id
    of_this_round = stray.evidence_id in evidence.of_round(approved.answers, response.round)

    def send(_key: str) -> Answer:
        try:
            desk.delete(external_id, stray.evidence_id)
        except GatewayError as error:
            if error.failure is GatewayFailure.REJECTED and not of_this_round:
                return {"kept": stray.evidence_id, "why": str(error)}
            if error.failure is not GatewayFailure.NOT_FOUND:
                raise
        return {"deleted": stray.evidence_id}

    def seen(_before: Answer) -> Answer | None:
        gone = stray.evidence_id not in _there(desk, external_id)["evidence_ids"]
        return {"deleted": stray.evidence_id} if gone else None

    name = f"delete:{stray.evidence_id}"
    return Write(name, WriteClass.STATE_GUARDS, lambda: _there(desk, external_id), send, seen)


def _state(desk: Desk, external_id: str) -> dict[str, Any]:
    return {"status": desk.read_back(external_id).raw_status}


def _submit(desk: Desk, external_id: str, evidence_ids: list[str]) -> Write:
    answer = {"sent": True, "evidence_ids": evidence_ids}

    def send(_key: str) -> Answer:
        try:
            return {**answer, "status": desk.submit(external_id)}
        except GatewayError as error:
            # Square refuses a second submission: where it works on an answer, ours is in it.
            if error.failure is GatewayFailure.REJECTED and (there := in_already()):
                return there
            raise

    def in_already() -> Answer | None:
        status = _state(desk, external_id)["status"]
        return {**answer, "status": status, "read_back": True} if status in _ANSWER_IS_THERE else None

    def seen(before: Answer) -> Answer | None:
        there = in_already()
        return there if there and there["status"] != before.get("status") else None

    return Write("submit", WriteClass.STATE_GUARDS, lambda: _state(desk, external_id), send, seen)


def _accept(desk: Desk, external_id: str) -> Write:
    def send(_key: str) -> Answer:
        return {"sent": True, "status": desk.accept(external_id)}

    def seen(before: Answer) -> Answer | None:
        status = _state(desk, external_id)["status"]
        changed = status == "ACCEPTED" and before.get("status") != "ACCEPTED"
        return {"sent": True, "status": status, "read_back": True} if changed else None

    return Write("accept", WriteClass.NONE, lambda: _state(desk, external_id), send, seen)
