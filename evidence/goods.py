"""What was sold, in words a bank can read."""

from __future__ import annotations

from disputes.facts import OrderLine
from evidence.junk import junk
from evidence.language import language_of


def described(lines: tuple[OrderLine, ...]) -> str:
    """The order's lines as one phrase: "2 x Linen set, 1 x Brass lamp"."""
    return ", ".join(f"{line.quantity} x {line.description}" for line in lines)


def listed(lines: tuple[OrderLine, ...]) -> bool:
    """There is a description the bank can read. One is kept with a line only where it is known to have stood there at
    the purchase."""
    return any(line.about and not junk(line.about) and language_of(line.about) != "foreign" for line in lines)
