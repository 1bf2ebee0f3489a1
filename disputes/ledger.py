"""What a dispute cost and brought, from the gateway's own lines; one sum a currency, never one over several."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from disputes.money import Money, totals
from disputes.phrases import Phrase, phrase

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

    def rows(self) -> list[tuple[Phrase, Money]]:
        """In words, only what there is."""
        told = (
            (phrase("Taken back by the bank"), -self.withdrawn),
            (phrase("Fees"), -self.fees),
            (phrase("Returned"), self.returned),
            (phrase("Fees returned"), self.fees_returned),
            (phrase("Other"), self.other),
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


def settled(told: Money | None, booked: Iterable[tuple[str, Money]]) -> Money | None:
    """What a dispute took from the account, in the account's currency: what the gateway says, else its own lines.

    `booked`: kind and signed amount of each line. None where nothing tells it, or where several currencies were used.
    """
    if told is not None:
        return told
    taken = totals(-amount for kind, amount in booked if kind == WITHDRAWAL)
    return taken[0] if len(taken) == 1 and taken[0].minor > 0 else None


_MOST = 10**15
UNKNOWN_LAST = "ZZZZ"


def queue_rank(settlement: Money | None) -> str:
    """A text that sorts the larger amount first, within a currency only; unknown amounts come last."""
    if settlement is None:
        return UNKNOWN_LAST
    return f"{settlement.currency}{max(0, _MOST - settlement.minor):016d}"


_FIELDS = {
    WITHDRAWAL: ("withdrawn", -1),
    REVERSAL: ("returned", 1),
    FEE: ("fees", -1),
    FEE_RETURNED: ("fees_returned", 1),
}
