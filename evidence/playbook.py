"""Is the case complete? Required items, any-of groups, what decides alone, what ties the cardholder to the order."""

from __future__ import annotations

from typing import Literal

from disputes.facts import Fact
from disputes.knowledge import evidence_item
from disputes.phrases import Phrase, phrase
from evidence.credits import Credits
from evidence.items import ItemState, State
from evidence.records import Ref, refs
from evidence.sale import Sale

Role = Literal["required", "one_of", "strong", "helpful", "decisive"]
_FRAUD = frozenset({"fraudulent", "unrecognized"})


class CheckItem(Fact):
    """One line of the checklist."""

    item: str
    label: str
    weight: Role
    state: State
    why: Phrase
    records: tuple[Ref, ...] = ()
    group: int | None = None
    """Of this any-of group one is enough."""


class Tie(Fact):
    """Something that ties the cardholder, not just anybody, to the order."""

    key: str
    words: Phrase
    records: tuple[Ref, ...]


class Completeness(Fact):
    ready: bool
    checklist: tuple[CheckItem, ...]
    missing: tuple[CheckItem, ...]
    """What keeps the case from being ready."""
    ties: tuple[Tie, ...] = ()
    tie_needed: bool = False
    decided_by: str | None = None
    """The decisive item that settles the case alone."""
    obstacles: tuple[Phrase, ...] = ()
    """What no paper of the checklist can make up for, in words for the merchant."""


def ties(sale: Sale, items: dict[str, ItemState]) -> tuple[Tie, ...]:
    """What ties the cardholder to the order. Delivery to somebody is not among them."""
    payment = sale.payment
    found = []
    if payment and items["3ds_result"].present:
        found.append(Tie(key="3ds", words=phrase("3-D Secure authentication"), records=refs([payment])))
    if sale.prior:
        found.append(
            Tie(key="history", words=phrase("Earlier undisputed orders of the same card"), records=refs(sale.prior))
        )
    if payment and sale.sent_to_verified_address:
        words = phrase("Full address and security-code match, and the parcel went to that address")
        found.append(Tie(key="verified_address", words=words, records=refs([payment, *sale.delivered])))
    if sale.device_usage:
        found.append(
            Tie(
                key="device",
                words=phrase("Use from the device or IP address of the purchase"),
                records=refs(sale.case.usage),
            )
        )
    if sale.acknowledged:
        found.append(
            Tie(key="words", words=phrase("The customer's own words about having it"), records=refs(sale.acknowledged))
        )
    for item in ("emv_terminal_data", "signed_receipt"):
        if sale.reason.playbook.key == "fraud_cp" and items[item].present:
            found.append(Tie(key=item, words=phrase(evidence_item(item).label), records=items[item].records))
    return tuple(found)


def obstacles(sale: Sale) -> tuple[Phrase, ...]:
    found = []
    if sale.of_other_payment and sale.case.order:
        found.append(
            phrase(
                "The order on record ({order}) was paid by another payment, so nothing of it proves this one. Find the "
                "order of this payment, or say in the contradictions below that it is the right one.",
                order=sale.case.order.order_ref,
            )
        )
    if _never_shipped(sale):
        found.append(
            phrase(
                "Nothing shows that the goods were ever shipped: no scan by a carrier, no paper of a delivery, no word "
                "of the customer about having them."
            )
        )
    return tuple(found)


def _never_shipped(sale: Sale) -> bool:
    """Whatever is claimed: money taken and nothing shipped has no answer. Across a counter nothing is shipped."""
    across_a_counter = sale.reason.playbook.key == "fraud_cp" and not sale.shipments
    return sale.never_shipped and not across_a_counter


def _decider(sale: Sale, items: dict[str, ItemState], credits: Credits) -> str | None:
    """A partial refund proves only its own part and settles nothing."""
    for item in sale.reason.playbook.decisive:
        if items[item].present and (item != "refund_proof" or credits.covers == "all"):
            return item
    return None


def _line(items: dict[str, ItemState], item: str, weight: Role, group: int | None = None) -> CheckItem:
    state = items[item]
    label = evidence_item(item).label
    return CheckItem(
        item=item, label=label, weight=weight, state=state.state, why=state.why, records=state.records, group=group
    )


def _counts(sale: Sale, items: dict[str, ItemState], item: str, credits: Credits) -> bool:
    return items[item].present and (item not in sale.reason.playbook.decisive or _decider(sale, items, credits) == item)


def completeness(sale: Sale, items: dict[str, ItemState], credits: Credits) -> Completeness:
    """The checklist of this product type and whether it is fulfilled."""
    book = sale.reason.playbook
    weights = book.weights(sale.product_type)
    groups = book.groups(sale.product_type)
    decided = _decider(sale, items, credits)
    lines = [_line(items, item, "decisive" if item in book.decisive else weight) for item, weight in weights.items()]
    missing = [line for line in lines if line.weight == "required" and line.state != "present"]
    for number, group in enumerate(groups):
        demanded = [item for item in group if item not in book.decisive]
        options = [_line(items, item, "one_of", number) for item in demanded]
        lines += [line for line in options if line.item not in weights]
        if options and not any(_counts(sale, items, item, credits) for item in group):
            missing += [line for line in options if line.item not in {each.item for each in missing}]
    lines += [_line(items, item, "decisive") for item in book.decisive if item not in weights]
    tied = ties(sale, items)
    needed = sale.reason.claim in _FRAUD
    stopped = obstacles(sale)
    complete = not missing and not stopped and (bool(tied) or not needed)
    return Completeness(
        ready=decided is not None or complete,
        checklist=tuple(lines),
        missing=() if decided else tuple(missing),
        ties=tied,
        tie_needed=needed,
        decided_by=decided,
        obstacles=() if decided else stopped,
    )
