"""Which two earlier payments: all pairs in the window, the one that shares most, then the newest."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

from disputes.facts import PriorPayment
from disputes.knowledge import CompellingElement, compelling_elements, compelling_rule
from disputes.phrases import Phrase, joined, phrase
from evidence.compelling.transaction import Transaction, disputed_transaction, prior_transaction
from evidence.sale import Sale


@dataclass(frozen=True, slots=True)
class Pair:
    prior: tuple[Transaction, Transaction]
    matched: tuple[CompellingElement, ...]

    @property
    def main(self) -> int:
        """Main marks; device id and fingerprint count once."""
        return len({each.label for each in self.matched if each.main})

    @property
    def secondary(self) -> int:
        return sum(not each.main for each in self.matched)

    @property
    def enough(self) -> bool:
        """Two main marks, or one main and one secondary."""
        return self.main >= 2 or (self.main == 1 and self.secondary >= 1)


@dataclass(frozen=True, slots=True)
class Unlike:
    """Marks that are known on all three and differ."""

    labels: tuple[str, ...]
    hopeless: bool
    """No mark that is still unknown could make it enough."""

    @property
    def words(self) -> Phrase:
        if not self.labels:
            return phrase("too few marks")
        return joined((phrase("another {mark}", mark=phrase(each)) for each in dict.fromkeys(self.labels)), ", ")


def candidates(sale: Sale) -> tuple[PriorPayment, ...]:
    """Same card, in the window, paid, never disputed, no fraud report, no validation charge; newest first."""
    payment, rule = sale.payment, compelling_rule()
    if payment is None:
        return ()
    own = payment.card_fingerprint
    return tuple(
        sorted(
            (
                each
                for each in payment.prior_payments
                if rule.first_day <= (payment.paid_at - each.paid_at).days <= rule.last_day
                and not (each.disputed or each.fraud_report)
                and each.amount.minor > 0
                and each.payment_id != payment.payment_id
                and (own is None or each.card_fingerprint is None or each.card_fingerprint == own)
            ),
            key=lambda each: (each.paid_at, each.payment_id),
            reverse=True,
        )
    )


def chosen(sale: Sale, found: tuple[PriorPayment, ...]) -> Pair | None:
    """The best pair; the same records always give the same one."""
    if len(found) < compelling_rule().payments:
        return None
    disputed = disputed_transaction(sale)
    made = [prior_transaction(sale, each) for each in found]
    pairs = [Pair((one, other), shared(disputed, (one, other))) for one, other in combinations(made, 2)]
    # `max` keeps the first of equals, and the pairs come newest first.
    return max(
        pairs,
        key=lambda pair: (pair.enough, sum(each.described for each in pair.prior), pair.main, pair.secondary),
    )


def shared(disputed: Transaction, prior: tuple[Transaction, Transaction]) -> tuple[CompellingElement, ...]:
    """Marks with the same value on all three. Of device id and fingerprint the id is taken; both are refused."""
    found = [
        element
        for element in compelling_elements()
        if element.element in disputed.marks
        and all(each.marks.get(element.element) == disputed.marks[element.element] for each in prior)
    ]
    kept: list[CompellingElement] = []
    for element in found:
        if not (element.main and any(each.label == element.label for each in kept)):
            kept.append(element)
    return tuple(kept)


def not_shared(disputed: Transaction, prior: tuple[Transaction, Transaction]) -> Unlike:
    """What differs, and whether what is unknown could still help."""
    three = (disputed, *prior)
    same = {each.element for each in shared(disputed, prior)}
    unlike, open_marks = [], []
    for element in compelling_elements():
        known = [each.marks[element.element] for each in three if element.element in each.marks]
        if len(set(known)) > 1:
            unlike.append(element)
        elif len(known) < len(three):
            open_marks.append(element)
    possible = [element for element in compelling_elements() if element in open_marks or element.element in same]
    main = {each.label for each in possible if each.main}
    could = len(main) >= 2 or (len(main) == 1 and any(not each.main for each in possible))
    return Unlike(tuple(each.label for each in unlike), hopeless=not could)
