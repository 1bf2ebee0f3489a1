"""Square's part of the control API: make things, let things happen."""

from __future__ import annotations

from typing import Any

from gateways.sandbox.control import SandboxControl
from gateways.sandbox.control_api import ControlRoute
from gateways.sandbox.square import builder, bulk, evidence, lifecycle, refunds, subscriptions, tokens
from gateways.sandbox.square.world import World
from gateways.sandbox.store import JSON, Row

FOREIGN: JSON = {"evidence_text": "Written by somebody else."}


class SquareControl(SandboxControl):
    """The client of the routes below."""

    def payment(self, **spec: Any) -> JSON:
        return self.say("/payments", spec)

    def refund(self, charge: str, amount: int | None = None, **details: Any) -> JSON:
        """`charge` is the payment's id; details: reason."""
        return self.say("/refunds", {"payment": charge, "amount": amount, **details})

    def evidence(self, dispute: str) -> list[JSON]:
        """What lies there, with what Square hides: "who", "round", "size" and "sha256" of a file."""
        return list(self.ask(f"/disputes/{dispute}/evidence")["evidence"])

    def reopen(self, dispute: str) -> JSON:
        """A second round."""
        return self.say(f"/disputes/{dispute}/reopen", {})

    def accept_foreign(self, dispute: str) -> JSON:
        return self.say(f"/disputes/{dispute}/accept_foreign", {})

    def dashboard_upload(self, dispute: str, **evidence: str) -> JSON:
        """A person uploads in Square's Dashboard; refused after the first upload over the API.

        evidence: evidence_type, evidence_text or filename."""
        return self.say(f"/disputes/{dispute}/dashboard_upload", evidence)

    def dashboard_submit(self, dispute: str) -> JSON:
        return self.say(f"/disputes/{dispute}/dashboard_submit", {})

    def dashboard_accept(self, dispute: str) -> JSON:
        return self.say(f"/disputes/{dispute}/dashboard_accept", {})


def routes(world: World) -> list[ControlRoute]:
    return _making(world) + _happening(world) + _others(world) + _account(world)


def _making(world: World) -> list[ControlRoute]:
    def create(sent: JSON) -> JSON:
        return builder.open_dispute(world, sent, world.clock.unix()).body

    def pay(sent: JSON) -> JSON:
        return builder.pay(world, sent, world.clock.unix()).body

    def refund(sent: JSON) -> JSON:
        now, reason = world.clock.unix(), sent.get("reason")
        return refunds.make(world, sent["payment"], now, sent.get("amount"), reason=reason)

    return [
        ControlRoute("POST /disputes", create),
        ControlRoute("POST /payments", pay),
        ControlRoute("POST /refunds", refund),
        ControlRoute("POST /bulk", lambda sent: bulk.create(world, **sent)),
    ]


def _happening(world: World) -> list[ControlRoute]:
    """By the bank and by Square."""

    def outcome(sent: JSON, id: str) -> JSON:
        lifecycle.decide(world, world.need("dispute", id), sent["outcome"], world.clock.unix())
        return world.need("dispute", id).body

    def escalate(sent: JSON, id: str) -> JSON:
        lifecycle.escalate(world, world.need("dispute", id), world.clock.unix())
        return world.need("dispute", id).body

    def reopen(sent: JSON, id: str) -> JSON:
        lifecycle.reopen(world, world.need("dispute", id), world.clock.unix())
        return world.need("dispute", id).body

    def due(sent: JSON, id: str) -> JSON:
        now = world.clock.unix()
        lifecycle.move_deadline(world, world.need("dispute", id), builder.due_at(sent["due"], now), now)
        return world.need("dispute", id).body

    return [
        ControlRoute("POST /disputes/{id}/outcome", outcome),
        ControlRoute("POST /disputes/{id}/escalate", escalate),
        ControlRoute("POST /disputes/{id}/reopen", reopen),
        ControlRoute("POST /disputes/{id}/due_by", due),
    ]


def _others(world: World) -> list[ControlRoute]:
    """By a person in the Dashboard, or by another application that has the seller's leave too."""

    def upload(who: str) -> Any:
        def act(sent: JSON, id: str) -> JSON:
            wanted, now = {**(sent.get("evidence") or sent or FOREIGN)}, world.clock.unix()
            what = "evidence_file" if "filename" in wanted else "evidence_text"
            item = _item(id, wanted, now)
            lifecycle.add_evidence(world, world.need("dispute", id), item, now, what, who)
            return item.body

        return act

    def submit(who: str) -> Any:
        def act(sent: JSON, id: str) -> JSON:
            dispute = world.need("dispute", id)
            if not lifecycle.of_round(world, dispute):
                upload(who)({}, id)
            lifecycle.submit(world, world.need("dispute", id), world.clock.unix(), who)
            return world.need("dispute", id).body

        return act

    def accept(who: str) -> Any:
        def act(sent: JSON, id: str) -> JSON:
            lifecycle.accept(world, world.need("dispute", id), world.clock.unix(), who)
            return world.need("dispute", id).body

        return act

    def lies(sent: JSON, id: str) -> JSON:
        found = world.store.find("evidence", "parent = ?", (id,), oldest=True)
        return {"evidence": [each.body | {k: v for k, v in each.hidden.items() if k != "columns"} for each in found]}

    return [
        ControlRoute("GET /disputes/{id}/evidence", lies),
        ControlRoute("POST /disputes/{id}/stage_foreign", upload(lifecycle.ELSEWHERE)),
        ControlRoute("POST /disputes/{id}/submit_foreign", submit(lifecycle.ELSEWHERE)),
        ControlRoute("POST /disputes/{id}/accept_foreign", accept(lifecycle.ELSEWHERE)),
        ControlRoute("POST /disputes/{id}/dashboard_upload", upload(lifecycle.DASHBOARD)),
        ControlRoute("POST /disputes/{id}/dashboard_submit", submit(lifecycle.DASHBOARD)),
        ControlRoute("POST /disputes/{id}/dashboard_accept", accept(lifecycle.DASHBOARD)),
    ]


def _account(world: World) -> list[ControlRoute]:
    def subscribe(sent: JSON) -> JSON:
        """Square's own words, or `secret` and `enabled_events` as the other gateways' sandboxes say it."""
        names = {"secret": "signature_key", "enabled_events": "event_types"}
        wanted = {names.get(name, name): value for name, value in sent.items()}
        made = subscriptions.add(world, **wanted)
        return {**made, "secret": made["signature_key"]}

    def unsubscribe(sent: JSON, id: str) -> JSON:
        subscriptions.remove(world, id)
        return {"removed": id}

    def add_token(sent: JSON) -> JSON:
        return tokens.add(world.store, sent["key"], sent.get("rights", [tokens.ALL]), bad=sent.get("bad", False))

    return [
        ControlRoute("POST /webhook_endpoints", subscribe),
        ControlRoute("DELETE /webhook_endpoints/{id}", unsubscribe),
        ControlRoute("POST /keys", add_token),
        ControlRoute("GET /settings", lambda sent: world.settings()),
        ControlRoute("POST /settings", world.change_settings),
    ]


def _item(dispute_id: str, wanted: JSON, now: int) -> Row:
    kind = wanted.pop("evidence_type", evidence.GENERIC)
    if "filename" in wanted:
        shown: JSON = {"evidence_file": {"filename": wanted.pop("filename"), "filetype": "application/pdf"}}
    else:
        shown = {"evidence_text": wanted.pop("evidence_text", FOREIGN["evidence_text"])}
    if wanted:
        raise ValueError(f"evidence has no {', '.join(sorted(wanted))}; it has evidence_type, evidence_text, filename")
    return evidence.build(dispute_id, kind, now, **shown)
