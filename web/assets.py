"""What browsers load besides pages, under names that change with the bytes, so that they may be kept for a year."""

from __future__ import annotations

import hashlib
import importlib.util
from functools import cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

FOLDER = Path(__file__).with_name("static")
_KEPT = "public, max-age=31536000, immutable"
_A_DAY = "public, max-age=86400"


def htmx_file() -> Path:
    """htmx 2 out of the installed django_htmx wheel, found without importing it: its Django is not installed."""
    found = importlib.util.find_spec("django_htmx")
    if found is None or not found.submodule_search_locations:
        raise RuntimeError("django_htmx is not installed; it carries htmx. Install requirements-assets.lock.")
    return Path(found.submodule_search_locations[0]) / "static" / "django_htmx" / "htmx-2.min.js"


@cache
def asset(name: str) -> str:
    """Where a page finds the file: "/static/3f9a1c2b/css/base.css".

    The modules of a page import each other by relative names, so one mark of all of them stands in the path.
    """
    if name != "htmx.js" and not (FOLDER / name).is_file():
        raise FileNotFoundError(name)
    return f"/static/{_mark()}/{name}"


@cache
def _mark() -> str:
    every = hashlib.sha256()
    for path in [*sorted(each for each in FOLDER.rglob("*") if each.is_file()), htmx_file()]:
        every.update(path.name.encode() + path.read_bytes())
    return every.hexdigest()[:10]


class Assets(StaticFiles):
    """Serves the folder under any mark; an outdated one is answered too, but not for long."""

    def __init__(self) -> None:
        super().__init__(directory=FOLDER)

    async def get_response(self, path: str, scope: Scope) -> Response:
        mark, _, name = path.partition("/")
        kept = {"cache-control": _KEPT if mark == _mark() else _A_DAY}
        if name == "htmx.js":
            return FileResponse(htmx_file(), media_type="text/javascript", headers=kept)
        response = await super().get_response(name or path, scope)
        response.headers.update(kept)
        return response


def favicon(request: Request) -> Response:
    return FileResponse(FOLDER / "icon.svg", media_type="image/svg+xml", headers={"cache-control": _A_DAY})
