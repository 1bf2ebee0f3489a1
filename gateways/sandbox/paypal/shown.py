"""A dispute as the list, the detail call and a webhook show it."""

from __future__ import annotations

from gateways.sandbox.paypal import acts
from gateways.sandbox.paypal.world import World
from gateways.sandbox.store import JSON, Row

PATH = "/v1/customer/disputes"
LISTED = (
    "dispute_id",
    "create_time",
    "update_time",
    "reason",
    "status",
    "dispute_amount",
    "dispute_life_cycle_stage",
    "dispute_channel",
    "seller_response_due_date",
    "buyer_response_due_date",
)


def detail(world: World, row: Row) -> JSON:
    """Everything but what is empty, with the links and options of this moment."""
    body = {name: value for name, value in row.body.items() if value not in (None, [], {})}
    if options := acts.options(row):
        body["allowed_response_options"] = options
    own = f"{PATH}/{row.id}"
    offered = [world.link(f"{own}/{act.replace('_', '-')}", act, "POST") for act in acts.legal(row)]
    return body | {"links": [world.link(own, "self"), *offered]}


def item(world: World, row: Row) -> JSON:
    """The short form: of the transaction only the buyer's id, no messages, no evidences, no acts."""
    body = {name: row.body[name] for name in LISTED if row.body.get(name)}
    body["dispute_state"] = acts.state(row)
    body["disputed_transactions"] = [
        {"buyer_transaction_id": one["buyer_transaction_id"]} for one in row.body["disputed_transactions"]
    ]
    outcome = (row.body.get("dispute_outcome") or {}).get("outcome_code")
    if outcome in acts.WON + acts.LOST:
        body["outcome"] = "WON" if outcome in acts.WON else "LOST"
    return body | {"links": [world.link(f"{PATH}/{row.id}", "self")]}


def only_links(world: World, row: Row) -> JSON:
    """What every write answers: never the new state."""
    return {"links": [world.link(f"{PATH}/{row.id}", "self")]}
