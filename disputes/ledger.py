"""What a dispute cost and brought, from the gateway's own lines; one sum a currency, never one over several."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from disputes.money import Money

WITHDRAWAL, REVERSAL, FEE, FEE_RETURNED = "withdrawal", "reversal", "fee", "fee_returned"


class Line(Protocol):
    @property
    def kind(self) -> str: ...
    @property
    def minor(self) -> int: ...
    @property
    def currency(self) -> str: ...


@dataclass(frozen=True, slots=True)
class CaseMoney:
    """Minor units of one currency, each as a positive figure."""

    currency: str
    withdrawn: int = 0
    returned: int = 0
    fees: int = 0
    fees_returned: int = 0
    other: int = 0
    """Lines of a kind the desk does not know, signed."""

    @property
    def net(self) -> Money:
        """What is left of it: below zero the merchant lost so much."""
        gone = self.withdrawn + self.fees
        return Money(self.returned + self.fees_returned + self.other - gone, self.currency)

    @property
    def difference(self) -> Money | None:
        """What the exchange of currencies made of a sum that came back whole; None where nothing came back."""
        if not self.returned or self.returned == self.withdrawn:
            return None
        return Money(self.returned - self.withdrawn, self.currency)

    def rows(self) -> list[tuple[str, Money]]:
        """In words, only what there is."""
        told = (
            ("Withdrawn", -self.withdrawn),
            ("Fees", -self.fees),
            ("Returned", self.returned),
            ("Fees returned", self.fees_returned),
            ("Other", self.other),
        )
        return [(words, Money(minor, self.currency)) for words, minor in told if minor]


def balance(lines: Iterable[Line]) -> list[CaseMoney]:
    """One a currency, in their order. A line that goes the other way than its kind corrects an earlier one."""
    sums: dict[str, dict[str, int]] = {}
    for line in lines:
        field, sign = _FIELDS.get(line.kind, ("other", 1))
        of_currency = sums.setdefault(line.currency, {})
        of_currency[field] = of_currency.get(field, 0) + sign * line.minor
    return [CaseMoney(currency, **fields) for currency, fields in sorted(sums.items())]


_FIELDS = {
    WITHDRAWAL: ("withdrawn", -1),
    REVERSAL: ("returned", 1),
    FEE: ("fees", -1),
    FEE_RETURNED: ("fees_returned", 1),
}
