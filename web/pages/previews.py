"""Small pictures of evidence files: drawn anew, never the file's own bytes."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable

from fastapi import APIRouter
from starlette.responses import Response

from disputes import store, store_evidence
from disputes.files import FileMissing
from disputes.store import NotFound
from evidence.packet.errors import FileRefused, PacketRefused
from evidence.packet.thumbnail import SHOWN, thumbnail
from web.case_item import LARGE, SMALL
from web.pages.case import BASE
from web.visit import AtMerchant

router = APIRouter()
_MOST_BYTES = 24 * 2**20


class Drawn:
    """Pictures by file and size, each drawn once; the least used go when it gets too much."""

    def __init__(self, most_bytes: int = _MOST_BYTES) -> None:
        self._most, self._kept, self._lock = most_bytes, OrderedDict[tuple[str, int], bytes](), threading.Lock()

    def of(self, sha256: str, side: int, draw: Callable[[], bytes]) -> bytes:
        with self._lock:
            found = self._kept.get((sha256, side))
            if found is None:
                found = self._kept[sha256, side] = draw()
            self._kept.move_to_end((sha256, side))
            while len(self._kept) > 1 and sum(map(len, self._kept.values())) > self._most:
                self._kept.popitem(last=False)
            return found


_drawn = Drawn()


@router.get(BASE + "/evidence/{item_id}/{sha256}-{side}.jpg")
def picture(dispute_id: str, item_id: str, sha256: str, side: int, visit: AtMerchant) -> Response:
    """Of a picture itself, of a PDF its first page. Not found for everything else, and for what cannot be drawn."""
    with visit.runtime.database.reading() as session:
        item = store_evidence.item_of(session, store.dispute_of(session, visit.merchant.id, dispute_id), item_id)
    if item is None or item.sha256 != sha256 or item.media_type not in SHOWN or side not in (SMALL, LARGE):
        raise NotFound(f"no picture of {item_id}")

    def draw() -> bytes:
        return thumbnail(visit.runtime.files.get(visit.merchant.id, sha256), side)

    try:
        data = _drawn.of(sha256, side, draw)
    except (FileMissing, FileRefused, PacketRefused) as error:
        raise NotFound(str(error)) from error
    # The hash in the address names the content for good, so the browser may keep it; shared caches may not.
    headers = {"cache-control": "private, max-age=86400, immutable"}
    return Response(data, media_type="image/jpeg", headers=headers)
