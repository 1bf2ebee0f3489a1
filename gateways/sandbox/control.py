"""The control API's client: what tests and the demo tell the sandbox, and ask it.

The words that make and move disputes are Stripe's where no other gateway is named; the others' clients, in their
`play.py`, add their own.
"""

from __future__ import annotations

from typing import Any

import httpx

JSON = dict[str, Any]


class ControlRefused(RuntimeError):
    """The sandbox would not do it; the message is its reason."""


class SandboxControl:
    def __init__(self, control_url: str, timeout: float = 60) -> None:
        self._http = httpx.Client(
            base_url=control_url, headers={"X-Sandbox-Control": "1"}, timeout=timeout, trust_env=False
        )

    def close(self) -> None:
        self._http.close()

    def ask(self, path: str, query: JSON | None = None) -> JSON:
        return self._send("GET", path, params=query)

    def say(self, path: str, body: JSON) -> JSON:
        return self._send("POST", path, json=body)

    # what it was sent
    def log(self, **filters: str | int) -> list[JSON]:
        """Requests, oldest first; filters: method, path (part of it), key, host, status, since (a seq)."""
        return list(self.ask("/log", filters)["requests"])

    def counts(self) -> JSON:
        return self.ask("/counts")

    def effects(self, dispute: str) -> JSON:
        """How often each of the gateway's own words happened to a dispute (Stripe: "staged", "submitted", "closed"),
        and under "elsewhere" what was not done over the API."""
        return self.ask(f"/effects/{dispute}")

    def deliveries(self) -> list[JSON]:
        return list(self.ask("/deliveries")["deliveries"])

    # time
    def now(self) -> int:
        return int(self.ask("/clock")["now"])

    def advance(self, seconds: float = 0, *, days: float = 0, hours: float = 0) -> JSON:
        return self.say("/clock", {"advance_seconds": seconds + days * 86_400 + hours * 3600})

    # faults
    def fault(self, kind: str, **details: Any) -> JSON:
        """kind: latency, status, html, truncate, drop_before, drop_after, hang,
        webhook_double, webhook_reorder, webhook_delay, webhook_drop.
        details: method, path (regex), host, times, skip, seconds, status, after, code."""
        return self.say("/faults", {"kind": kind, **details})

    def faults(self) -> list[JSON]:
        return list(self.ask("/faults")["faults"])

    def clear_faults(self) -> None:
        self._send("DELETE", "/faults")

    # making things
    def dispute(self, **spec: Any) -> JSON:
        """A dispute and its charge out of a few words; see gateways/sandbox/stripe/builder.py for the words."""
        return self.say("/disputes", spec)

    def charge(self, **spec: Any) -> JSON:
        return self.say("/charges", spec)

    def refund(self, charge: str, amount: int | None = None, **details: Any) -> JSON:
        return self.say("/refunds", {"charge": charge, "amount": amount, **details})

    def early_fraud_warning(self, charge: str, fraud_type: str = "misc") -> JSON:
        return self.say("/early_fraud_warnings", {"charge": charge, "fraud_type": fraud_type})

    def bulk(self, count: int, **details: Any) -> JSON:
        return self.say("/bulk", {"count": count, **details})

    # letting things happen
    def outcome(self, dispute: str, outcome: str) -> JSON:
        return self.say(f"/disputes/{dispute}/outcome", {"outcome": outcome})

    def escalate(self, dispute: str) -> JSON:
        return self.say(f"/disputes/{dispute}/escalate", {})

    def due_by(self, dispute: str, due: Any) -> JSON:
        """due: {"days"}, {"hours"}, {"seconds"} from now, {"unix"}, 0 or None."""
        return self.say(f"/disputes/{dispute}/due_by", {"due": due})

    def stage_foreign(self, dispute: str, **evidence: str) -> JSON:
        return self.say(f"/disputes/{dispute}/stage_foreign", {"evidence": evidence} if evidence else {})

    def submit_foreign(self, dispute: str, **evidence: str) -> JSON:
        return self.say(f"/disputes/{dispute}/submit_foreign", {"evidence": evidence} if evidence else {})

    # the account
    def webhook_endpoint(self, url: str, **details: Any) -> JSON:
        """details: secret, api_version, enabled_events. Answers with the secret."""
        return self.say("/webhook_endpoints", {"url": url, **details})

    def remove_webhook_endpoint(self, id: str) -> None:
        self._send("DELETE", f"/webhook_endpoints/{id}")

    def key(self, key: str, rights: list[str] | None = None, *, bad: bool = False) -> JSON:
        return self.say("/keys", {"key": key, "bad": bad, **({"rights": rights} if rights is not None else {})})

    def settings(self, **wanted: Any) -> JSON:
        return self.say("/settings", wanted) if wanted else self.ask("/settings")

    def _send(self, method: str, path: str, **more: Any) -> JSON:
        answer = self._http.request(method, path, **more)
        if answer.is_error:
            raise ControlRefused(f"{method} {path}: {answer.text}")
        return dict(answer.json())
