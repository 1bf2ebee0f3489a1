"""Money as Stripe books it: in the account's settlement currency, with a fee and an exchange rate."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from disputes.money import exponent
from gateways.sandbox.store import JSON, Row
from gateways.sandbox.stripe import ids
from gateways.sandbox.stripe.world import World

# Euro per unit, invented but steady: tests compare amounts.
_EURO = {
    "eur": "1", "usd": "0.92", "gbp": "1.17", "jpy": "0.0061", "cad": "0.67", "aud": "0.6", "chf": "1.05",
    "sek": "0.088",
    "nok": "0.086", "dkk": "0.134", "pln": "0.234", "try": "0.026", "isk": "0.0067", "ugx": "0.00024", "kwd": "3.0",
}  # fmt: skip
_STRIPE_EXPONENT = {"isk": 2, "ugx": 2}


def places(currency: str) -> int:
    """Decimal places Stripe counts the currency in: ISO's, but for two that kept their old hundredths."""
    return _STRIPE_EXPONENT.get(currency, exponent(currency.upper()))


def rate(currency: str, settlement: str) -> Decimal:
    return (Decimal(_EURO.get(currency, "1")) / Decimal(_EURO.get(settlement, "1"))).quantize(Decimal("0.000001"))


def settled(amount: int, currency: str, settlement: str) -> int:
    major = Decimal(amount).scaleb(-places(currency)) * rate(currency, settlement)
    return int(major.scaleb(places(settlement)).quantize(Decimal(1), ROUND_HALF_UP))


def book(world: World, *, now: int, amount: int, currency: str, type: str, category: str, source: str, description: str,
         fee: int = 0, fee_description: str = "Stripe processing fees", id: str | None = None) -> JSON:  # fmt: skip
    """Write one balance transaction; `amount` is signed and in the presentment currency."""
    settlement = world.setting("settlement_currency")
    value = settled(amount, currency, settlement)
    details = [
        {
            "amount": fee,
            "application": None,
            "currency": settlement,
            "description": fee_description,
            "type": "stripe_fee",
        }
    ]
    body: JSON = {
        "id": id or ids.new("txn_1"),
        "object": "balance_transaction",
        "amount": value,
        "available_on": now,
        "balance_type": "payments",
        "created": now,
        "currency": settlement,
        "description": description,
        "exchange_rate": None if currency == settlement else float(rate(currency, settlement)),
        "fee": fee,
        "fee_details": details if fee else [],
        "net": value - fee,
        "reporting_category": category,
        "source": source,
        "status": "available",
        "type": type,
    }
    world.store.put("balance_transaction", Row(body))
    return body


def withdraw(world: World, dispute: JSON, now: int) -> None:
    """The disputed amount and the fee leave the account."""
    dispute["balance_transactions"].append(
        book(
            world,
            now=now,
            amount=-dispute["amount"],
            currency=dispute["currency"],
            type="adjustment",
            category="dispute",
            source=dispute["id"],
            description=f"Chargeback withdrawal for {dispute['charge']}",
            fee=world.setting("dispute_fee"),
            fee_description="Dispute fee",
        )
    )
    dispute["balance_transaction"] = dispute["balance_transactions"][0]["id"]


def reinstate(world: World, dispute: JSON, now: int) -> None:
    """The amount comes back; the fee only where the account's setting says so."""
    dispute["balance_transactions"].append(
        book(
            world,
            now=now,
            amount=dispute["amount"],
            currency=dispute["currency"],
            type="adjustment",
            category="dispute_reversal",
            source=dispute["id"],
            description=f"Chargeback reversal for {dispute['charge']}",
            fee=-world.setting("dispute_fee") if world.setting("fee_returned_on_win") else 0,
            fee_description="Dispute fee refund",
        )
    )
