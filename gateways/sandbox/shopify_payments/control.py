"""Shopify's part of the control API: make things, let things happen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from disputes.money import Money
from gateways.sandbox.control import SandboxControl
from gateways.sandbox.control_api import ControlRoute
from gateways.sandbox.shopify_payments import builder, events, lifecycle, tokens
from gateways.sandbox.shopify_payments.times import due_at
from gateways.sandbox.shopify_payments.world import World
from gateways.sandbox.store import JSON, Row


class ShopifyPaymentsControl(SandboxControl):
    """The client of the routes below. A dispute's "id" is its number as text."""

    def evidence(self, dispute: str) -> JSON:
        """What lies there: "texts", "slots" (file numbers) and "uploads"."""
        return self.ask(f"/disputes/{dispute}/evidence")

    def refund(self, charge: str, amount: int | None = None, **details: Any) -> JSON:
        """`charge` is the dispute's number, `amount` in the smallest unit of a currency with two places."""
        given = Money(amount or 100, "USD")
        return self.say(f"/disputes/{charge}/refund", {"amount": given.amount, **details})

    def admin_upload(self, dispute: str, slot: str = "uncategorizedFile", filename: str = "mine.pdf") -> JSON:
        """A person uploads and attaches a file in the admin."""
        return self.say(f"/disputes/{dispute}/admin_upload", {"slot": slot, "filename": filename})

    def forget_given_tokens(self) -> JSON:
        return self.say("/forget_given_tokens", {})


def routes(world: World) -> list[ControlRoute]:
    return _making(world) + _happening(world) + _others(world) + _account(world)


def _shown(dispute: Row) -> JSON:
    return {"id": dispute.id, **dispute.body}


def _making(world: World) -> list[ControlRoute]:
    def create(sent: JSON) -> JSON:
        return _shown(builder.open_dispute(world, sent, world.clock.unix()))

    def refund(sent: JSON, id: str) -> JSON:
        return builder.refund(world, world.need(id), sent, world.clock.unix())

    return [ControlRoute("POST /disputes", create), ControlRoute("POST /disputes/{id}/refund", refund)]


def _happening(world: World) -> list[ControlRoute]:
    """By the bank, and by Shopify."""

    def happens(act: Callable[[Row, JSON, int], None]) -> Callable[..., JSON]:
        def route(sent: JSON, id: str) -> JSON:
            act(world.need(id), sent, world.clock.unix())
            return _shown(world.need(id))

        return route

    def outcome(dispute: Row, sent: JSON, now: int) -> None:
        lifecycle.decide(world, dispute, str(sent["outcome"]).upper(), now)

    def escalate(dispute: Row, _sent: JSON, now: int) -> None:
        lifecycle.escalate(world, dispute, now)

    def due(dispute: Row, sent: JSON, now: int) -> None:
        lifecycle.move_deadline(world, dispute, due_at(sent["due"], now), now)

    return [
        ControlRoute("POST /disputes/{id}/outcome", happens(outcome)),
        ControlRoute("POST /disputes/{id}/escalate", happens(escalate)),
        ControlRoute("POST /disputes/{id}/due_by", happens(due)),
    ]


def _others(world: World) -> list[ControlRoute]:
    """By a person in the admin, or by another app."""

    def stage(sent: JSON, id: str) -> JSON:
        wanted = sent.get("evidence") or {"uncategorizedText": "Written by somebody else."}
        lifecycle.update(world, world.need(id), wanted, world.clock.unix(), lifecycle.ELSEWHERE)
        return _shown(world.need(id))

    def submit(sent: JSON, id: str) -> JSON:
        stage(sent, id)
        lifecycle.submit(world, world.need(id), world.clock.unix(), lifecycle.ADMIN)
        return _shown(world.need(id))

    def upload(sent: JSON, id: str) -> JSON:
        dispute, now = world.need(id), world.clock.unix()
        kind = lifecycle.FILES[sent["slot"]]
        body = {"type": kind, "filename": sent["filename"], "size": 1_000, "mimetype": "application/pdf",
                "who": lifecycle.ADMIN}  # fmt: skip
        made = world.add_upload(dispute, body, now)
        lifecycle.update(world, dispute, {sent["slot"]: {"id": f"gid://x/{made.id}"}}, now, lifecycle.ADMIN)
        return {"file_id": made.id}

    def lies(_sent: JSON, id: str) -> JSON:
        dispute = world.need(id)
        return {**dispute.body["evidence"], "uploads": [row.body for row in world.uploads(dispute)]}

    return [
        ControlRoute("POST /disputes/{id}/stage_foreign", stage),
        ControlRoute("POST /disputes/{id}/submit_foreign", submit),
        ControlRoute("POST /disputes/{id}/admin_upload", upload),
        ControlRoute("GET /disputes/{id}/evidence", lies),
    ]


def _account(world: World) -> list[ControlRoute]:
    def add_token(sent: JSON) -> JSON:
        return tokens.add(world, sent["key"], sent.get("rights", list(tokens.DESK_SCOPES)), bad=sent.get("bad", False))

    return [
        ControlRoute("POST /webhook_endpoints", lambda sent: events.subscribe(world, sent)),
        ControlRoute("DELETE /webhook_endpoints/{id}", lambda _sent, id: events.unsubscribe(world, id)),
        ControlRoute("POST /keys", add_token),
        ControlRoute("POST /forget_given_tokens", lambda _sent: tokens.forget_given(world)),
        ControlRoute("GET /settings", lambda _sent: world.settings()),
        ControlRoute("POST /settings", world.change_settings),
    ]
