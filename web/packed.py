"""Pages compressed on their way, where nobody can learn from their size what stands in them."""

from __future__ import annotations

import gzip

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

LEAST = 1_000
"""Bytes below which it is not worth it."""
_LEVEL = 5
_OF_OURS = ("same-origin", "none")
"""A page of the desk, or a person, asked for it: the browser says so and no script can."""


def html_answer(request: Request, text: str, *, status: int = 200) -> Response:
    """The page, compressed where a browser takes it and our own page, or a typed address, led to it.

    Another site that makes a browser ask again and again, with words of its own in the address, could else read the
    form token out of the sizes. Such requests are answered uncompressed.
    """
    body = text.encode()
    told = request.headers
    packs = "gzip" in told.get("accept-encoding", "") and told.get("sec-fetch-site", "") in _OF_OURS
    headers = {"vary": "Accept-Encoding, Sec-Fetch-Site"}
    if not packs or len(body) < LEAST:
        return HTMLResponse(body, status_code=status, headers=headers)
    headers["content-encoding"] = "gzip"
    return HTMLResponse(gzip.compress(body, _LEVEL, mtime=0), status_code=status, headers=headers)
