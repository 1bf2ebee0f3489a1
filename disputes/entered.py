"""A case as a person entered it: what a gateway would have told, typed from a letter or a panel."""

from __future__ import annotations

from pydantic import AwareDatetime, Field, field_validator

from disputes.facts import Fact
from disputes.knowledge.reasons import categories
from disputes.lifecycle import GatewayStatus, Kind
from disputes.money import Money
from disputes.phrases import Phrase, phrase
from disputes.ports import Capabilities, DisputeSnapshot

STATES = (
    GatewayStatus.NEEDS_RESPONSE,
    GatewayStatus.UNDER_REVIEW,
    GatewayStatus.WON,
    GatewayStatus.LOST,
    GatewayStatus.ACCEPTED,
    GatewayStatus.EXPIRED,
    GatewayStatus.WITHDRAWN,
)


class EnteredRefund(Fact):
    """Money that went back, as the merchant's own panel shows it."""

    reference: str = Field(min_length=1, max_length=120)
    amount: Money
    at: AwareDatetime


class Entered(Fact):
    """`due_at` is required while an answer is asked for: without a deadline nobody would be reminded."""

    case_number: str = Field(min_length=1, max_length=100)
    """As the processor or bank names it."""
    kind: Kind = Kind.CHARGEBACK
    category: str = Field(max_length=40)
    network: str | None = Field(default=None, max_length=40)
    reason_code: str | None = Field(default=None, max_length=40)
    amount: Money
    opened_at: AwareDatetime
    due_at: AwareDatetime | None
    state: GatewayStatus = GatewayStatus.NEEDS_RESPONSE
    outcome_reason: str = Field(default="", max_length=500)
    asks: int = Field(default=1, ge=1)
    """How often an answer was asked for; each asking is a round."""
    payment_reference: str | None = Field(default=None, max_length=120)
    paid_at: AwareDatetime
    charged: Money | None = None
    card_brand: str | None = Field(default=None, max_length=40)
    card_last4: str | None = Field(default=None, pattern=r"^\d{4}$")
    authorization_code: str | None = Field(default=None, max_length=40)
    statement_descriptor: str | None = Field(default=None, max_length=60)
    order_ref: str | None = Field(default=None, max_length=120)
    customer_name: str | None = Field(default=None, max_length=300)
    customer_email: str | None = Field(default=None, max_length=254)
    refunds: tuple[EnteredRefund, ...] = ()
    limit_kilobytes: int | None = Field(default=None, ge=50, le=100_000)
    """What the receiver takes, where it says so; else the strictest profile known applies."""
    limit_pages: int | None = Field(default=None, ge=1, le=500)

    @field_validator("state")
    @classmethod
    def _known(cls, state: GatewayStatus) -> GatewayStatus:
        if state not in STATES:
            raise ValueError(phrase("a case entered by hand is one of {states}", states=", ".join(STATES)))
        return state

    @field_validator("category")
    @classmethod
    def _claimed(cls, category: str) -> str:
        if category not in categories():
            raise ValueError(phrase("what is claimed is one of {categories}", categories=", ".join(categories())))
        return category

    @field_validator("amount")
    @classmethod
    def _positive(cls, amount: Money) -> Money:
        if amount.minor <= 0:
            raise ValueError(phrase("the disputed amount must be above zero"))
        return amount


NO_API = phrase("There is no API here: the answer is handed over as files and text, and marked as filed.")


def snapshot(entered: Entered, *, live: bool) -> DisputeSnapshot:
    asks = entered.state is GatewayStatus.NEEDS_RESPONSE
    return DisputeSnapshot(
        gateway="manual",
        external_id=entered.case_number,
        kind=entered.kind,
        status=entered.state,
        raw_status=entered.state.value,
        raw_reason=entered.category,
        amount=entered.amount,
        opened_at=entered.opened_at,
        due_at=entered.due_at if asks else None,
        live=live,
        capabilities=Capabilities(submit=asks, accept=asks, reason=Phrase("") if asks else NO_API),
        submission_count=0,
        round_facts=f"{entered.kind}:{entered.asks}",
        network=entered.network,
        reason_code=entered.reason_code,
        payment_id=entered.payment_reference,
        outcome_reason=entered.outcome_reason,
        order_ref=entered.order_ref,
        customer_name=entered.customer_name,
        customer_email=entered.customer_email,
        raw=entered.model_dump(mode="json"),
    )
