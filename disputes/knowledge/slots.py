"""Stripe's evidence fields: which item goes where, what each reason and product asks for, how long a text may be.

Here and not in `gateways/`, because the letter and the exhibits need it and evidence never imports a gateway; the
Stripe adapter reads the same two files.
"""

from __future__ import annotations

from functools import cache
from typing import Literal

from disputes.facts import Fact, ProductType
from disputes.knowledge.data import load

MatrixType = Literal["physical", "digital", "offline_service"]
OTHER_FILE = "uncategorized_file"

_MATRIX_TYPE: dict[ProductType, MatrixType] = {
    "physical": "physical",
    "digital": "digital",
    "subscription": "digital",
    "service": "offline_service",
    "travel": "offline_service",
}


class StripeSlots(Fact):
    file_slots: tuple[str, ...]
    text_fields: tuple[str, ...]
    background: tuple[str, ...]
    """Fields welcome in every dispute."""
    files: dict[str, str]
    """Evidence item -> file field."""
    texts: dict[str, tuple[str, ...]]
    """Evidence item -> text fields."""
    matrix: dict[str, tuple[str, ...]]
    """"reason:product type" -> fields."""
    network_reasons: dict[str, str]
    """"network:code" -> Stripe's reason."""

    def file_slot(self, item: str) -> str:
        return self.files.get(item, OTHER_FILE)

    def fields(self, reasons: tuple[str, ...], product_type: ProductType) -> frozenset[str]:
        """Every field Stripe asks for with one of these reasons, the background fields among them."""
        wanted = {*self.background, "uncategorized_text", OTHER_FILE}
        for reason in reasons:
            for kind in (_MATRIX_TYPE[product_type], "any"):
                wanted.update(self.matrix.get(f"{reason}:{kind}", ()))
        return frozenset(wanted)


@cache
def stripe_slots() -> StripeSlots:
    data = load("stripe_slots")
    return StripeSlots(
        file_slots=data["file_slots"],
        text_fields=data["text_fields"],
        background=data["background"],
        files={entry["item"]: entry["file"] for entry in data["items"]},
        texts={entry["item"]: entry["text"] for entry in data["items"]},
        matrix={f"{entry['reason']}:{entry['product_type']}": entry["fields"] for entry in data["matrix"]},
        network_reasons={
            f"{entry['network']}:{code}": entry["reason"] for entry in data["network_codes"] for code in entry["codes"]
        },
    )


def stripe_limit(name: str) -> int:
    """One figure of Stripe's limits by its name in the data."""
    return next(int(entry["value"]) for entry in load("stripe_limits")["entries"] if entry["limit"] == name)
