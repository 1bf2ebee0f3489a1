"""What is claimed: one dispute as judgement sees it, with what a person decided about the case."""

from __future__ import annotations

from pydantic import AwareDatetime

from disputes.facts import Fact, ProductType
from disputes.knowledge import Reason, reason_for
from disputes.lifecycle import Kind
from disputes.money import Money
from disputes.ports import Capabilities


class Claim(Fact):
    """Built from the dispute's row and the case's settings; knows nothing of the store."""

    external_id: str
    gateway: str
    """"stripe"."""
    gateway_title: str
    """"Stripe", as people read it."""
    kind: Kind
    network: str | None = None
    reason_code: str | None = None
    raw_reason: str
    amount: Money
    """What is disputed."""
    opened_at: AwareDatetime
    due_at: AwareDatetime | None = None
    capabilities: Capabilities = Capabilities(submit=True, accept=True)
    answer_act: str = "submit"
    """How the gateway takes the answer: submit, or appeal."""
    requested: tuple[str, ...] = ()
    """Evidence that the gateway asks for, by its own type codes."""
    limit_bytes: int | None = None
    limit_pages: int | None = None
    """What the receiver of a case without an API said that it takes."""
    product_type: ProductType | None = None
    """Set on the case by a person; beats the order's lines."""
    default_product_type: ProductType = "physical"
    """The merchant's."""
    sub_condition: str | None = None
    """What a lossy code stands for here, set on the case by a person."""
    unavailable: frozenset[str] = frozenset()
    """Evidence items a source says it does not have."""
    waived: frozenset[str] = frozenset()
    """Evidence items a person decided to go without. Neither of the two is present."""

    compelling_status: str | None = None
    """What the gateway says of Visa Compelling Evidence 3.0: qualified, requires_action or not_qualified."""
    compelling_actions: tuple[str, ...] = ()
    """What the gateway says is missing for it, by its own words."""
    contradictions_read: frozenset[str] = frozenset()
    """Ids of the contradictions a person has read on this case; they hold it no longer."""

    @property
    def reason(self) -> Reason:
        return reason_for(
            self.network,
            self.reason_code,
            self.gateway,
            self.raw_reason,
            sub_condition=self.sub_condition,
            kind=self.kind,
        )
