"""GET /v1/customer/disputes: one state a request, newest first, 180 days back, and three ways of going on.

`token`: the `next` link carries an opaque next_page_token. `page_links`: it carries page=N, as the newer reference
has it. `page`: there is no `next` link at all, and the caller counts pages until one is not full.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from typing import Any
from urllib.parse import urlencode

from gateways.sandbox.paypal import shown, times
from gateways.sandbox.paypal.call import Call
from gateways.sandbox.paypal.enums import STATES
from gateways.sandbox.paypal.errors import PayPalError, invalid
from gateways.sandbox.paypal.world import World
from gateways.sandbox.store import JSON

SIZES = (1, 50, 10)
PAGES = (1, 50)
TIMES = {
    "start_time": "created >= ?",
    "create_time_after": "created >= ?",
    "create_time_before": "created <= ?",
    "update_time_after": "updated >= ?",
    "update_time_before": "updated <= ?",
}
KNOWN = {*TIMES, "disputed_transaction_id", "dispute_state", "page_size", "page", "next_page_token"}
Conditions = list[tuple[str, list[Any]]]


def disputes(world: World, call: Call) -> JSON:
    """Unknown parameters are passed over, as PayPal passes over them."""
    conditions = _filters(world, call)
    size = _number(call, "page_size", SIZES[0], SIZES[1], SIZES[2])
    paging, offset = world.setting("paging"), 0
    if paging == "token":
        conditions += _after(call)
    else:
        offset = (_number(call, "page", PAGES[0], PAGES[1], 1) - 1) * size
    where = " AND ".join(sql for sql, _ in conditions)
    values = [value for _, inner in conditions for value in inner]
    rows = world.store.find("dispute", where, values, offset + size + 1)[offset:]
    links = [_link(world, call, "self"), _link(world, call, "first", next_page_token=None, page=None)]
    if len(rows) > size and paging == "token":
        links.append(_link(world, call, "next", next_page_token=_token(world, rows[size - 1].id)))
    elif len(rows) > size and paging == "page_links" and offset // size + 2 <= PAGES[1]:
        links.append(_link(world, call, "next", page=str(offset // size + 2)))
    return {"items": [shown.item(world, row) for row in rows[:size]], "links": links}


def _filters(world: World, call: Call) -> Conditions:
    oldest = call.now - world.setting("list_days") * times.DAY
    found: Conditions = [("created >= ?", [oldest])]
    for name, sql in TIMES.items():
        if (text := call.asked(name)) is not None:
            found.append((sql, [_time(call, name, text)]))
    if state := call.asked("dispute_state"):
        if not re.fullmatch(r"[0-9A-Z_]+", state) or state not in STATES:
            raise invalid("INVALID_PARAMETER_VALUE", "dispute_state", "One value of the list.", "query", state)
        found.append(("label = ?", [state]))
    if transaction := call.asked("disputed_transaction_id"):
        if not re.fullmatch(r"[0-9A-Z_]{1,255}", transaction):
            raise invalid("INVALID_PARAMETER_VALUE", "disputed_transaction_id", "No transaction id.", "query")
        if call.asked("start_time"):
            raise invalid("INVALID_PARAMETER", "start_time", "Not beside disputed_transaction_id.", "query")
        found.append(("(parent = ? OR payment_intent = ?)", [transaction, transaction]))
    return found


def _time(call: Call, name: str, text: str) -> int:
    try:
        moment = times.unix(text)
    except ValueError as error:
        issue = "INVALID_START_TIME_FORMAT" if name == "start_time" else "INVALID_DATE_TIME_FORMAT"
        raise invalid(issue, name, "The format of the time is not valid.", "query", text) from error
    if name == "start_time" and moment > call.now:
        raise invalid("DATE_CAN_NOT_BE_IN_FUTURE", name, "The time lies in the future.", "query", text)
    return moment


def _number(call: Call, name: str, least: int, most: int, usual: int) -> int:
    text = call.asked(name)
    if text is None:
        return usual
    if not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
        issue = "INVALID_PAGE_SIZE" if name == "page_size" else "INVALID_PARAMETER_VALUE"
        raise invalid(issue, name, f"{name} is {least} to {most}.", "query", text)
    return int(text)


def _after(call: Call) -> Conditions:
    token = call.asked("next_page_token")
    if token is None:
        return []
    try:
        created, seq = (int(one) for one in json.loads(base64.b64decode(token, validate=True)))
    except (binascii.Error, ValueError, TypeError) as error:
        raise invalid("INVALID_PARAMETER_VALUE", "next_page_token", "The token is not valid.", "query") from error
    return [("(created, seq) < (?, ?)", [created, seq])]


def _token(world: World, last: str) -> str:
    position = world.store.position("dispute", last)
    if position is None:
        raise PayPalError(500)
    return base64.b64encode(json.dumps(position).encode()).decode()


def _link(world: World, call: Call, rel: str, **changes: str | None) -> JSON:
    """The address of this request with some parameters replaced; None leaves one out."""
    query = {name: value for name, value in call.query if name in KNOWN and name not in changes}
    query |= {name: value for name, value in changes.items() if value is not None}
    return world.link(shown.PATH + (f"?{urlencode(query)}" if query else ""), rel)
