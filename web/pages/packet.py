"""The packet as pictures, as files to save, and as a manifest to check them by."""

from __future__ import annotations

import json
import threading
from collections import OrderedDict

from fastapi import APIRouter
from sqlmodel import Session
from starlette.responses import Response

from disputes import links, store_case
from disputes.acts import ANSWERS
from disputes.ids import digest
from disputes.models import Packet
from disputes.store import NotFound
from evidence.packet.errors import FileRefused, PacketRefused
from evidence.packet.preview import page_images
from templates.language import marked as _
from templates.language import say
from web import case_packet, case_view
from web.case_packet import SMALL
from web.case_view import Case
from web.pages.case import BASE
from web.pages.evidence import attachment
from web.view import page, problem
from web.visit import AtMerchant, Reader, Visit

router = APIRouter()
WIDTH = 1100
_MOST_BYTES = 64 * 2**20
_NOT_DRAWN = _("The pages of this packet cannot be drawn here. Save it as PDF and look at it in a PDF reader.")


class Pictures:
    """Pages as pictures by the packet's hash and size, drawn once; the least used go when it gets too much."""

    def __init__(self, most_bytes: int = _MOST_BYTES) -> None:
        self._most, self._kept, self._drawing = most_bytes, OrderedDict[str, list[bytes]](), threading.Lock()

    def of(self, pdf_sha256: str, visit: Visit, *, small: bool = False) -> list[bytes]:
        name = f"{pdf_sha256}.{'webp' if small else 'png'}"
        with self._drawing:
            found = self._kept.get(name)
            if found is None:
                pdf = visit.runtime.files.get(visit.merchant.id, pdf_sha256)
                drawn = page_images(pdf, SMALL, form="WEBP") if small else page_images(pdf, WIDTH)
                found = self._kept[name] = drawn
            self._kept.move_to_end(name)
            while len(self._kept) > 1 and sum(len(p) for pages in self._kept.values() for p in pages) > self._most:
                self._kept.popitem(last=False)
            return found


_pictures = Pictures()


def _packet(session: Session, visit: Visit, dispute_id: str, sha256: str) -> tuple[Case, Packet]:
    """The packet with this hash, if it is one of this case: the one that stands, or one that was filed."""
    case = case_view.read(session, visit, dispute_id)
    # A message or an offer carries no packet.
    answers = (attempt for attempt in case.attempts if attempt.act in ANSWERS)
    filed = [store_case.packet_of_response(session, attempt.response_sha256) for attempt in answers]
    for packet in (case.packet, case.before, *filed):
        if packet is not None and packet.sha256 == sha256:
            return case, packet
    raise NotFound(f"no packet {sha256[:10]}")


@router.get(BASE + "/packet")
def preview(dispute_id: str, visit: AtMerchant, session: Reader) -> Response:
    case = case_view.read(session, visit, dispute_id)
    return page(
        visit,
        "packet.html",
        nav="queue",
        case=case,
        packet=case.packet,
        pane=case_packet.pane(case),
        height=case_packet.page_height(case.packet, WIDTH),
        width=WIDTH,
        here=links.case(visit.merchant.slug, dispute_id),
    )


@router.get(BASE + "/packet/{sha256}/{number}.png")
def picture(dispute_id: str, sha256: str, number: int, visit: AtMerchant, session: Reader) -> Response:
    return _page_of(session, visit, dispute_id, sha256, number, small=False)


@router.get(BASE + "/packet/{sha256}/{number}.webp")
def small_picture(dispute_id: str, sha256: str, number: int, visit: AtMerchant, session: Reader) -> Response:
    """For the packet beside the case: a fifth of the bytes."""
    return _page_of(session, visit, dispute_id, sha256, number, small=True)


def _page_of(session: Session, visit: Visit, dispute_id: str, sha256: str, number: int, *, small: bool) -> Response:
    _, packet = _packet(session, visit, dispute_id, sha256)
    if not 1 <= number <= packet.pages:
        raise NotFound(f"no page {number}")
    try:
        pages = _pictures.of(sha256, visit, small=small)
    except (FileRefused, PacketRefused):
        return _no_picture(visit, 422, say(_NOT_DRAWN))
    if number > len(pages):
        return _no_picture(visit, 422, say(_NOT_DRAWN))
    # The hash in the address names the content for good, so the browser may keep it; shared caches may not.
    headers = {"cache-control": "private, max-age=86400, immutable"}
    return Response(pages[number - 1], media_type="image/webp" if small else "image/png", headers=headers)


def _no_picture(visit: Visit, status: int, why: str) -> Response:
    here = visit.request.url.path.split("/packet/")[0]
    return problem(visit.request, status, _("No picture of this page"), why, back=here)


@router.get(BASE + "/packet/{sha256}/packet.pdf")
def pdf(dispute_id: str, sha256: str, visit: AtMerchant, session: Reader) -> Response:
    case, packet = _packet(session, visit, dispute_id, sha256)
    data = visit.runtime.files.get(visit.merchant.id, packet.sha256)
    return attachment(data, "application/pdf", f"{case.dispute.external_id}-{packet.sha256[:10]}.pdf")


@router.get(BASE + "/packet/{sha256}/manifest.json")
def manifest(dispute_id: str, sha256: str, visit: AtMerchant, session: Reader) -> Response:
    """What `counterproof verify` checks a saved packet by, offline."""
    case, packet = _packet(session, visit, dispute_id, sha256)
    filed = (each.response_sha256 for each in case.attempts if each.act in ANSWERS)
    answers = [case.response, *(store_case.response_of(session, each) for each in filed)]
    carries = next(each for each in answers if each and _carries(session, each.sha256, packet))
    content = {
        "case": case.dispute.external_id,
        "packet": {"sha256": packet.sha256, "pages": packet.pages, "bytes": packet.size},
        "response": {**json.loads(carries.canonical()), "sha256": carries.sha256},
        "evidence": [
            {"id": each.id, "name": each.name, "source": each.source_title, "sha256": each.sha256}
            for each in case.items
        ],
    }
    data = json.dumps(content, indent=2, sort_keys=True, ensure_ascii=False).encode()
    return attachment(data, "application/json", f"{case.dispute.external_id}-{digest(data)[:10]}.json")


def _carries(session: Session, response_sha256: str, packet: Packet) -> bool:
    found = store_case.packet_of_response(session, response_sha256)
    return found is not None and found.id == packet.id
