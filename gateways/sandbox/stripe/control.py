"""Stripe's part of the control API: make things, let things happen."""

from __future__ import annotations

from gateways.sandbox.control_api import ControlRoute
from gateways.sandbox.store import JSON
from gateways.sandbox.stripe import builder, bulk, clockwork, early_fraud, keys, lifecycle, refunds, webhooks
from gateways.sandbox.stripe.world import World

FOREIGN = {"product_description": "Written in the Dashboard by a colleague."}


def tick(world: World) -> int:
    return world.timers.run(world.clock.unix(), lambda at, subject, action: clockwork.act(world, at, subject, action))


def routes(world: World) -> list[ControlRoute]:
    def now() -> int:
        return world.clock.unix()

    def create(sent: JSON) -> JSON:
        return builder.open_dispute(world, sent, now()).body

    def create_charge(sent: JSON) -> JSON:
        return builder.pay(world, sent, now()).body

    def outcome(sent: JSON, id: str) -> JSON:
        lifecycle.decide(world, world.need("dispute", id, "dispute"), sent["outcome"], now())
        return world.need("dispute", id, "dispute").body

    def escalate(sent: JSON, id: str) -> JSON:
        lifecycle.escalate(world, world.need("dispute", id, "dispute"), now())
        return world.need("dispute", id, "dispute").body

    def due_by(sent: JSON, id: str) -> JSON:
        lifecycle.move_deadline(world, world.need("dispute", id, "dispute"), builder.due_by(sent["due"], now()), now())
        return world.need("dispute", id, "dispute").body

    def stage_foreign(sent: JSON, id: str) -> JSON:
        lifecycle.stage(world, world.need("dispute", id, "dispute"), sent.get("evidence", FOREIGN), now(), "dashboard")
        return world.need("dispute", id, "dispute").body

    def submit_foreign(sent: JSON, id: str) -> JSON:
        lifecycle.submit(world, world.need("dispute", id, "dispute"), sent.get("evidence", {}), now(), "dashboard")
        return world.need("dispute", id, "dispute").body

    def refund(sent: JSON) -> JSON:
        body = refunds.make(
            world, sent["charge"], now(), sent.get("amount"), arn=sent.get("arn"), reason=sent.get("reason")
        )
        lifecycle.refund_settles_inquiry(world, sent["charge"], now())
        return body

    def warn(sent: JSON) -> JSON:
        return early_fraud.warn(world, sent["charge"], sent.get("fraud_type", "misc"), now())

    def add_endpoint(sent: JSON) -> JSON:
        return webhooks.add(world, **sent)

    def remove_endpoint(sent: JSON, id: str) -> JSON:
        webhooks.remove(world, id)
        return {"removed": id}

    def add_key(sent: JSON) -> JSON:
        return keys.add(world.store, sent["key"], sent.get("rights", [keys.ALL]), bad=sent.get("bad", False))

    def many(sent: JSON) -> JSON:
        return bulk.create(world, **sent)

    return [
        ControlRoute("POST /disputes", create),
        ControlRoute("POST /charges", create_charge),
        ControlRoute("POST /disputes/{id}/outcome", outcome),
        ControlRoute("POST /disputes/{id}/escalate", escalate),
        ControlRoute("POST /disputes/{id}/due_by", due_by),
        ControlRoute("POST /disputes/{id}/stage_foreign", stage_foreign),
        ControlRoute("POST /disputes/{id}/submit_foreign", submit_foreign),
        ControlRoute("POST /refunds", refund),
        ControlRoute("POST /early_fraud_warnings", warn),
        ControlRoute("POST /webhook_endpoints", add_endpoint),
        ControlRoute("DELETE /webhook_endpoints/{id}", remove_endpoint),
        ControlRoute("POST /keys", add_key),
        ControlRoute("POST /bulk", many),
        ControlRoute("GET /settings", lambda sent: world.settings()),
        ControlRoute("POST /settings", world.change_settings),
    ]
