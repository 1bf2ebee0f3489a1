"""`expand[]`: ids in an answer replaced by the objects they name."""

from __future__ import annotations

from typing import Any

from gateways.sandbox.store import JSON
from gateways.sandbox.stripe import evidence, keys
from gateways.sandbox.stripe.call import Call
from gateways.sandbox.stripe.errors import StripeError
from gateways.sandbox.stripe.versions import EMBEDDED_REFUNDS_UNTIL
from gateways.sandbox.stripe.world import ACCOUNT, World

MOST_LEVELS = 4
FIELDS = {
    "dispute": {"charge": "charge", "payment_intent": "payment_intent", "balance_transaction": "balance_transaction",
    "evidence": ""},
    "charge": {
        "balance_transaction": "balance_transaction", "customer": "customer", "payment_intent": "payment_intent",
        "dispute": "dispute", "refunds": "refund",
    },
    "payment_intent": {"latest_charge": "charge", "customer": "customer"},
    "refund": {"charge": "charge", "payment_intent": "payment_intent", "balance_transaction": "balance_transaction"},
    "radar.early_fraud_warning": {"charge": "charge", "payment_intent": "payment_intent"},
    "balance_transaction": {"source": ""},
}  # fmt: skip
_RIGHT = {"radar.early_fraud_warning": "early_fraud_warning"}


def expanded(world: World, call: Call, body: JSON) -> JSON:
    """The answer with every asked-for path expanded in place; each costs the right to read what it shows."""
    wanted = call.params.get("expand", [])
    if call.version < EMBEDDED_REFUNDS_UNTIL and body.get("object") == "charge":
        wanted = [*wanted, "refunds"]
    if not wanted:
        return body
    for path in wanted:
        steps = path.split(".")
        if len(steps) > MOST_LEVELS + (steps[0] == "data"):
            raise StripeError(
                f"You cannot expand more than {MOST_LEVELS} levels of a property. Property: {path}", param="expand"
            )
        _walk(world, call, body, steps, path)
    return body


def _walk(world: World, call: Call, node: Any, steps: list[str], path: str) -> None:
    if isinstance(node, list):
        for item in node:
            _walk(world, call, item, steps, path)
        return
    if not steps or not isinstance(node, dict):
        return
    step, rest = steps[0], steps[1:]
    kind = node.get("object")
    if kind == "list" and step == "data":
        _walk(world, call, node["data"], rest, path)
    elif kind == "dispute" and step in ("balance_transactions", "evidence"):
        if step == "evidence":
            _expand_file(world, call, node["evidence"], rest, path)
        else:
            _walk(world, call, node[step], rest, path)
    elif step in FIELDS.get(kind or "", {}):
        node[step] = _loaded(world, call, node, step)
        _walk(world, call, node[step], rest, path)
    else:
        raise StripeError(f"This property cannot be expanded ({path}).", param="expand")


def _loaded(world: World, call: Call, node: JSON, step: str) -> Any:
    value, kind = node.get(step), FIELDS[node["object"]][step]
    if step == "refunds":
        return _refunds(world, call, node["id"])
    if not isinstance(value, str):
        return value
    kind = kind or _kind_of(value)
    _require(call, kind)
    row = world.store.get(kind, value)
    return row.body if row else value


def _kind_of(id: str) -> str:
    return {"ch": "charge", "du": "dispute", "dp": "dispute", "re": "refund"}.get(id.partition("_")[0], "charge")


def _refunds(world: World, call: Call, charge: str) -> JSON:
    _require(call, "refund")
    rows = world.store.find("refund", "parent = ?", (charge,), 10)
    return {
        "object": "list",
        "data": [row.body for row in rows],
        "has_more": False,
        "url": f"/v1/charges/{charge}/refunds",
    }


def _expand_file(world: World, call: Call, given: JSON, rest: list[str], path: str) -> None:
    if not rest or rest[0] not in evidence.FILES:
        raise StripeError(f"This property cannot be expanded ({path}).", param="expand")
    if isinstance(given[rest[0]], str):
        _require(call, "file")
        row = world.store.get("file", given[rest[0]])
        given[rest[0]] = row.body if row else given[rest[0]]


def _require(call: Call, kind: str) -> None:
    keys.require(call.rights, f"{_RIGHT.get(kind, kind)}_read", call.api_key or "", ACCOUNT)
