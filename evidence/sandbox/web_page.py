"""A shop's own site: the world's policies as pages with all that surrounds them on a real one.

Of `accounts["web_page"]`: moved {path: address}, plain (no part is marked as the main one), charset, media_type.
"""

from __future__ import annotations

import html

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from evidence.sandbox.world import Thing, World

_PAGE = """<!doctype html>
<html><head><title>{title} | Lumen Lamps</title>
<style>.seo-words {{ display: none }} @media print {{ .letter {{ display: none }} }}</style>
<script>var visits = {visits};</script></head>
<body><header><a href="/">Lumen Lamps</a></header>
<nav><ul><li>Lamps</li><li>Cart ({visits})</li></ul></nav>
<div role="navigation">Home / Policies</div>
<div id="cookie-banner">We use cookies. Accept all</div>
<{main}><h1>{title}</h1><div class="letter">{words}</div>
<p class="seo-words">cheap lamps best lamps</p><p style="color:#fff">Final sale, no refunds ever.</p></{main}>
<aside>Sale ends in {visits} minutes</aside>
<footer>Copyright 2026 Lumen Lamps, visit number {visits}</footer></body></html>"""


def routes(world: World) -> list[BaseRoute]:
    def page(request: Request) -> Response:
        path = request.path_params["path"].strip("/")
        account = world.account("web_page")
        if path in account.get("moved", {}):
            return RedirectResponse(account["moved"][path], 301)
        told = next((each for each in world.policies if _path(each) == path), None)
        if told is None:
            return HTMLResponse("<h1>Not found</h1>", 404)
        with world.lock:
            memory = world.memory("web_page")
            memory["visits"] = memory.get("visits", 0) + 1
        return _shown(told, account, memory["visits"])

    return [Route("/{path:path}", page)]


def _path(policy: Thing) -> str:
    return str(policy["url"]).partition("://")[2].partition("/")[2].strip("/")


def _shown(policy: Thing, account: Thing, visits: int) -> Response:
    main = "div" if account.get("plain") else "main"
    text = _PAGE.format(title=html.escape(policy["title"]), words=policy["html"], visits=visits, main=main)
    charset = account.get("charset", "utf-8")
    kind = account.get("media_type", f"text/html; charset={charset}")
    return Response(text.encode(charset), headers={"content-type": kind})
