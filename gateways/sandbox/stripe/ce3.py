"""Visa Compelling Evidence 3.0: whether a dispute may use it, and what is still missing."""

from __future__ import annotations

from typing import Any

from gateways.sandbox.store import JSON, Row
from gateways.sandbox.stripe.world import World

NAME = "visa_compelling_evidence_3"
DAY = 86_400
MISSING = (
    "missing_customer_identifiers", "missing_disputed_transaction_description", "missing_merchandise_or_services",
    "missing_prior_undisputed_transaction_description", "missing_prior_undisputed_transactions",
)  # fmt: skip


def eligible(world: World, charge: Row, code: str | None, now: int) -> bool:
    """Visa 10.4 with two undisputed charges of the same card, 120 to 364 days old."""
    return (
        code == "10.4"
        and sum(_is_prior(row.body, charge.body, now) for row in world.store.find("charge", "created < ?", (now,))) >= 2
    )


def _is_prior(prior: JSON, charge: JSON, now: int) -> bool:
    age = (now - prior["created"]) // DAY
    return 120 <= age <= 364 and not prior["disputed"] and _fingerprint(prior) == _fingerprint(charge)


def _fingerprint(charge: JSON) -> Any:
    return charge["payment_method_details"].get("card", {}).get("fingerprint")


def review(world: World, dispute: JSON) -> None:
    """Say what is missing; with nothing missing the dispute qualifies."""
    eligibility = dispute["evidence_details"]["enhanced_eligibility"].get(NAME)
    if eligibility is None:
        return
    given = dispute["evidence"]["enhanced_evidence"].get(NAME, {})
    missing = _missing(
        world, dispute, given.get("disputed_transaction") or {}, given.get("prior_undisputed_transactions") or []
    )
    eligibility |= {"required_actions": missing, "status": "requires_action" if missing else "qualified"}


def settle(dispute: JSON) -> None:
    """What did not qualify by the time of submission is filed as ordinary evidence."""
    eligibility = dispute["evidence_details"]["enhanced_eligibility"].get(NAME)
    if eligibility and eligibility["status"] == "requires_action":
        eligibility["status"] = "not_qualified"


def _missing(world: World, dispute: JSON, disputed: JSON, priors: list[JSON]) -> list[str]:
    found = [world.store.get("charge", prior["charge"]) for prior in priors]
    charge = world.store.get("charge", dispute["charge"])
    good = (
        len(priors) == 2
        and charge
        and all(row and _is_prior(row.body, charge.body, dispute["created"]) for row in found)
    )
    tests = (
        not _identified(disputed, priors),
        not disputed.get("product_description"),
        not disputed.get("merchandise_or_services"),
        not priors or not all(prior.get("product_description") for prior in priors),
        not good,
    )
    return [name for name, lacks in zip(MISSING, tests, strict=True) if lacks]


def _identified(disputed: JSON, priors: list[JSON]) -> bool:
    """Two main identifiers, or one main and one secondary, the same on all three charges."""
    # Visa does not take fingerprint and device id together.
    if len(priors) < 2 or (disputed.get("customer_device_id") and disputed.get("customer_device_fingerprint")):
        return False

    def same(name: str, least: int = 1) -> bool:
        value = disputed.get(name)
        return bool(value) and len(str(value)) >= least and all(prior.get(name) == value for prior in priors)

    device = same("customer_device_id", 15) or same("customer_device_fingerprint", 20)
    main = same("customer_purchase_ip") + device
    secondary = any(same(name) for name in ("shipping_address", "customer_email_address", "customer_account_id"))
    return main >= 2 or (main == 1 and secondary)
