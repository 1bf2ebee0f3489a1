"""PayPal's part of the control API: make things, be the buyer, the bank or PayPal, let things happen."""

from __future__ import annotations

import hashlib
from decimal import Decimal

from gateways.sandbox.control_api import ControlRoute
from gateways.sandbox.paypal import (
    answers,
    builder,
    bulk,
    endpoints,
    events,
    lifecycle,
    payments,
    settling,
    shown,
    tokens,
    webhooks,
)
from gateways.sandbox.paypal.times import stamp
from gateways.sandbox.paypal.world import World
from gateways.sandbox.store import JSON, Row

FOREIGN = {"evidence_type": "OTHER", "notes": "Written in the Resolution Center by a colleague."}
ELSEWHERE = "dashboard"


def routes(world: World) -> list[ControlRoute]:
    return [*_making(world), *_happening(world), *_account(world)]


def _making(world: World) -> list[ControlRoute]:
    def create(sent: JSON) -> JSON:
        return shown.detail(world, builder.open_dispute(world, sent, world.clock.unix()))

    def capture(sent: JSON) -> JSON:
        return payments.capture_shown(world, builder.pay(world, sent, world.clock.unix()))

    def refund(sent: JSON) -> JSON:
        row, amount = world.need("capture", sent["charge"]), sent.get("amount")
        made = payments.refund(
            world, row, None if amount is None else Decimal(str(amount)), world.clock.unix(),
            note=sent.get("note", ""), arn=sent.get("arn"),
        )  # fmt: skip
        return payments.refund_shown(world, made)

    def many(sent: JSON) -> JSON:
        return bulk.create(world, **sent)

    return [
        ControlRoute("POST /disputes", create),
        ControlRoute("POST /captures", capture),
        ControlRoute("POST /refunds", refund),
        ControlRoute("POST /bulk", many),
    ]


def _happening(world: World) -> list[ControlRoute]:
    def now() -> int:
        return world.clock.unix()

    def need(id: str) -> Row:
        return world.need("dispute", id)

    def after(id: str) -> JSON:
        return shown.detail(world, need(id))

    def outcome(sent: JSON, id: str) -> JSON:
        lifecycle.decide(world, need(id), sent["outcome"], now(), reason=sent.get("reason"),
                         appealable=sent.get("appealable"))  # fmt: skip
        return after(id)

    def escalate(sent: JSON, id: str) -> JSON:
        due = builder.due_by(sent["due"], now()) if "due" in sent else None
        lifecycle.escalate(world, need(id), now(), stage=sent.get("stage"), due=due, types=sent.get("types"))
        return after(id)

    def require_evidence(sent: JSON, id: str) -> JSON:
        due = builder.due_by(sent["due"], now()) if "due" in sent else None
        endpoints.ask_again(world, need(id), now(), due, sent.get("types"))
        return after(id)

    def due_by(sent: JSON, id: str) -> JSON:
        lifecycle.move_deadline(world, need(id), builder.due_by(sent["due"], now()), now())
        return after(id)

    def evidence_foreign(sent: JSON, id: str) -> JSON:
        answers.take_evidence(world, need(id), [{**FOREIGN, **sent.get("evidence", {})}], now(), ELSEWHERE)
        return after(id)

    def buyer_message(sent: JSON, id: str) -> JSON:
        row = need(id)
        row.body["messages"].append({"posted_by": "BUYER", "time_posted": stamp(now()), "content": sent["content"]})
        events.save(world, row, now())
        return after(id)

    def buyer_offer(sent: JSON, id: str) -> JSON:
        settling.offer_answered(world, need(id), sent["answer"], now())
        return after(id)

    def buyer_returns(sent: JSON, id: str) -> JSON:
        settling.item_returned(world, need(id), now())
        return after(id)

    def documents(sent: JSON, id: str) -> JSON:
        found = world.store.find("document", "parent = ?", (id,), oldest=True)
        return {"documents": [_document(world, row) for row in found]}

    return [
        ControlRoute("POST /disputes/{id}/outcome", outcome),
        ControlRoute("POST /disputes/{id}/escalate", escalate),
        ControlRoute("POST /disputes/{id}/require_evidence", require_evidence),
        ControlRoute("POST /disputes/{id}/due_by", due_by),
        ControlRoute("POST /disputes/{id}/evidence_foreign", evidence_foreign),
        ControlRoute("POST /disputes/{id}/buyer_message", buyer_message),
        ControlRoute("POST /disputes/{id}/buyer_offer", buyer_offer),
        ControlRoute("POST /disputes/{id}/buyer_returns", buyer_returns),
        ControlRoute("GET /disputes/{id}/documents", documents),
    ]


def _account(world: World) -> list[ControlRoute]:
    def add_webhook(sent: JSON) -> JSON:
        made = webhooks.add(world, sent["url"], sent.get("event_types", ["*"]))
        return {**webhooks.shown(world, made), **trust({})}

    def remove_webhook(sent: JSON, id: str) -> JSON:
        webhooks.drop(world, id)
        return {"removed": id}

    def add_client(sent: JSON) -> JSON:
        return tokens.add(world.store, sent["client_id"], sent["secret"], sent["scopes"])

    def revoke(sent: JSON) -> JSON:
        return {"revoked": tokens.revoke_all(world)}

    def trust(sent: JSON) -> JSON:
        return {"root_pem": world.trust.root.decode(), "cert_url": webhooks.cert_url(world)}

    return [
        ControlRoute("POST /webhook_endpoints", add_webhook),
        ControlRoute("DELETE /webhook_endpoints/{id}", remove_webhook),
        ControlRoute("POST /clients", add_client),
        ControlRoute("POST /revoke_tokens", revoke),
        ControlRoute("GET /trust", trust),
        ControlRoute("GET /settings", lambda sent: world.settings()),
        ControlRoute("POST /settings", world.change_settings),
    ]


def _document(world: World, row: Row) -> JSON:
    content = world.store.bytes_of(f"document/{row.id}")
    return {"name": row.body["name"], "size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
