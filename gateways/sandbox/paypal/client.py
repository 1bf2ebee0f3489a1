"""The control API's client with the words only PayPal's sandbox has."""

from __future__ import annotations

from typing import Any

from gateways.sandbox.control import JSON, SandboxControl


class PayPalControl(SandboxControl):
    """`dispute` and `bulk` take the words of builder.py; `webhook_endpoint` takes event_types and answers the webhook
    id with the root to trust; `effects` counts evidence_provided, appealed, accepted and the other acts."""

    def capture(self, **spec: Any) -> JSON:
        return self.say("/captures", spec)

    def refund(self, charge: str, amount: Any = None, **details: Any) -> JSON:
        """`charge` is a capture id, `amount` a decimal string; all that is left when it is None. details: note, arn."""
        return self.say("/refunds", {"charge": charge, "amount": amount, **details})

    def outcome(self, dispute: str, outcome: str, **details: Any) -> JSON:
        """won, lost, payout, canceled (by the buyer), denied, closed; details: reason (of the adjudication),
        appealable."""
        return self.say(f"/disputes/{dispute}/outcome", {"outcome": outcome, **details})

    def escalate(self, dispute: str, **details: Any) -> JSON:
        """The buyer or the bank does; details: stage (else the next one), due, types (evidence asked for)."""
        return self.say(f"/disputes/{dispute}/escalate", details)

    def require_evidence(self, dispute: str, **details: Any) -> JSON:
        """PayPal asks the seller again, whatever the status; details: due, types."""
        return self.say(f"/disputes/{dispute}/require_evidence", details)

    def evidence_foreign(self, dispute: str, **evidence: Any) -> JSON:
        """Somebody answered in the Resolution Center."""
        return self.say(f"/disputes/{dispute}/evidence_foreign", {"evidence": evidence} if evidence else {})

    def buyer_message(self, dispute: str, content: str) -> JSON:
        return self.say(f"/disputes/{dispute}/buyer_message", {"content": content})

    def buyer_offer(self, dispute: str, answer: str) -> JSON:
        """ACCEPTED or DENIED."""
        return self.say(f"/disputes/{dispute}/buyer_offer", {"answer": answer})

    def buyer_returns(self, dispute: str) -> JSON:
        """The goods are on their way back, after an acceptance or offer with return."""
        return self.say(f"/disputes/{dispute}/buyer_returns", {})

    def documents(self, dispute: str) -> list[JSON]:
        """Name, size and SHA-256 of every file a dispute was sent."""
        return list(self.ask(f"/disputes/{dispute}/documents")["documents"])

    def client(self, client_id: str, secret: str, scopes: list[str]) -> JSON:
        """scopes by their last word: read-seller, update-seller, payments, reporting, webhooks, openid."""
        return self.say("/clients", {"client_id": client_id, "secret": secret, "scopes": scopes})

    def revoke_tokens(self) -> int:
        return int(self.say("/revoke_tokens", {})["revoked"])

    def trust(self) -> JSON:
        """{"root_pem", "cert_url"}: what a sandbox connection has to trust."""
        return self.ask("/trust")
