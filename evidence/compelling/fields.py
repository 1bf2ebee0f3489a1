"""Stripe's structure under flat names, as the Response carries it; only marks that match are sent."""

from __future__ import annotations

from collections.abc import Iterator

from disputes.knowledge import sold_as
from evidence.compelling.choice import Pair
from evidence.compelling.transaction import ADDRESS_PARTS, Transaction
from evidence.sale import Sale

ROOT = "enhanced_evidence.visa_compelling_evidence_3"


def gateway_fields(sale: Sale, disputed: Transaction, pair: Pair) -> dict[str, str]:
    """ "enhanced_evidence.visa_compelling_evidence_3.prior_undisputed_transactions[0].charge" and the like."""
    matched = tuple(each.element for each in pair.matched)
    fields = dict(_of(f"{ROOT}.disputed_transaction", disputed, disputed, matched))
    fields[f"{ROOT}.disputed_transaction.merchandise_or_services"] = sold_as(sale.product_type)
    for number, prior in enumerate(pair.prior):
        at = f"{ROOT}.prior_undisputed_transactions[{number}]"
        fields[f"{at}.charge"] = prior.payment_id
        # The same spelling on all three: the gateway compares letters, and they were found to be the same.
        fields.update(_of(at, prior, disputed, matched))
    return fields


def _of(at: str, own: Transaction, disputed: Transaction, matched: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    if own.description:
        yield f"{at}.product_description", own.description
    for element in matched:
        if element == "shipping_address":
            for theirs, ours in ADDRESS_PARTS.items():
                yield f"{at}.shipping_address.{theirs}", str(getattr(disputed.shipping, ours))
        else:
            yield f"{at}.{element}", disputed.marks[element]
