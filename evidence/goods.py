"""What was sold, in words a bank can read."""

from __future__ import annotations

from disputes.facts import OrderLine


def described(lines: tuple[OrderLine, ...]) -> str:
    """The order's lines as one phrase: "2 x Linen set, 1 x Brass lamp"."""
    return ", ".join(f"{line.quantity} x {line.description}" for line in lines)
