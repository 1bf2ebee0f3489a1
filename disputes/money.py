"""Money as integer minor units and an ISO 4217 currency; never a float, never `/100`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from disputes.phrases import phrase

# ISO 4217 exponents that are not 2 (list one, checked 2026-11-22). Gateways differ: see their adapters.
_ISO_EXPONENTS = {
    **dict.fromkeys(
        [
            "BIF",
            "CLP",
            "DJF",
            "GNF",
            "ISK",
            "JPY",
            "KMF",
            "KRW",
            "PYG",
            "RWF",
            "UGX",
            "UYI",
            "VND",
            "VUV",
            "XAF",
            "XOF",
            "XPF",
        ],
        0,
    ),
    **dict.fromkeys(["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"], 3),
}


class CurrencyMismatch(ValueError):
    """Amounts of different currencies are never added, compared or ordered."""


def exponent(currency: str) -> int:
    """How many decimal places ISO 4217 gives the currency (two unless listed)."""
    return _ISO_EXPONENTS.get(currency.upper(), 2)


@dataclass(frozen=True, slots=True)
class Money:
    """`minor` units of `currency` (upper-case ISO 4217): Money(1999, "EUR") is 19.99 EUR, Money(500, "JPY") 500 JPY."""

    minor: int
    currency: str

    def __post_init__(self) -> None:
        if type(self.minor) is not int:
            raise TypeError(f"minor units are an int, not {type(self.minor).__name__}")
        if len(self.currency) != 3 or not self.currency.isascii() or not self.currency.isupper():
            raise ValueError(phrase("not an ISO 4217 currency code: {code}", code=repr(self.currency)))

    @classmethod
    def parse(cls, text: str, currency: str) -> Money:
        """Read "189.00" as major units; refuses more decimal places than the currency has."""
        try:
            scaled = Decimal(text.strip()).scaleb(exponent(currency))
        except ArithmeticError as error:
            raise ValueError(phrase("not an amount: {text}", text=repr(text[:40]))) from error
        if not scaled.is_finite() or scaled != scaled.to_integral_value():
            raise ValueError(
                phrase(
                    "{text} has more decimal places than {currency} allows", text=repr(text), currency=currency.upper()
                )
            )
        return cls(int(scaled), currency.upper())

    @classmethod
    def typed(cls, text: str, currency: str) -> Money:
        """Read what a person typed: "1249.90" or "1249,90". A sign for thousands is refused, because "1.250" is both
        one and a quarter and a thousand two hundred and fifty."""
        places = exponent(currency)
        plain = text.strip().replace(",", ".")
        if not re.fullmatch(r"\d{1,12}" + (rf"(\.\d{{1,{places}}})?" if places else ""), plain, re.ASCII):
            example = Decimal(124990).scaleb(-places)
            raise ValueError(
                phrase(
                    "not an amount: {text}. Type it like {example}, without signs for thousands",
                    text=repr(text[:40]),
                    example=f"{example:f}",
                )
            )
        return cls.parse(plain, currency)

    @classmethod
    def from_gateway(cls, minor: int, currency: str, gateway_exponent: int) -> Money:
        """Take a gateway's minor units, whose exponent may differ from ISO's; refuses to lose a fraction."""
        step = exponent(currency) - gateway_exponent
        scaled = Decimal(minor).scaleb(step)
        if scaled != scaled.to_integral_value():
            raise ValueError(f"{minor} at {gateway_exponent} places is no whole minor unit of {currency.upper()}")
        return cls(int(scaled), currency.upper())

    def to_gateway(self, gateway_exponent: int) -> int:
        """The same amount in a gateway's minor units."""
        return int(Decimal(self.minor).scaleb(gateway_exponent - exponent(self.currency)))

    @property
    def amount(self) -> str:
        """The amount in major units with all its decimal places: "19.99", "500"."""
        return f"{Decimal(self.minor).scaleb(-exponent(self.currency)):f}"

    def _same(self, other: Money) -> int:
        if self.currency != other.currency:
            raise CurrencyMismatch(f"{self.currency} and {other.currency} cannot be combined")
        return other.minor

    def __add__(self, other: Money) -> Money:
        return Money(self.minor + self._same(other), self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.minor - self._same(other), self.currency)

    def __neg__(self) -> Money:
        return Money(-self.minor, self.currency)

    def __lt__(self, other: Money) -> bool:
        return self.minor < self._same(other)

    def __le__(self, other: Money) -> bool:
        return self.minor <= self._same(other)

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"


def totals(amounts: Iterable[Money]) -> list[Money]:
    """One total per currency, in the currencies' alphabetical order."""
    sums: dict[str, int] = {}
    for money in amounts:
        sums[money.currency] = sums.get(money.currency, 0) + money.minor
    return [Money(minor, currency) for currency, minor in sorted(sums.items())]
