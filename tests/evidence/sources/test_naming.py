"""Order and tracking numbers in people's own words."""

from __future__ import annotations

import pytest

from evidence.sources.naming import Numbers, folded

NUMBERS = Numbers.of(["#1001", "5001001", "LL-2026-7"], ["1Z999AA10123456784"])


@pytest.mark.parametrize(
    "text",
    [
        "order 1001 please", "Order no. 1001", "my order number is 1001", "#1001", "SİPARİŞ NO: 1001", "Siparişim 1001",
        "1001 numaralı siparişim nerede", "1001 nolu sipariş", "my 1001 order", "Bestellung Nr. 1001", "commande 1001",
        "Order ID: 5001001", "LL-2026-7?", "ll 2026 7", "LL‑2026‑7's box", "it is 1Z 999 AA1 0123 4567 84",
    ],
)  # fmt: skip
def test_a_number_is_named(text: str) -> None:
    assert NUMBERS.named_in(folded(text))


@pytest.mark.parametrize(
    "text",
    [
        "I paid 1001 USD",
        "call 5001001",
        "order 1001-2",
        "order 10011",
        "XLL-2026-7",
        "LL-2026-71",
        "2026-7",
        "order 100",
    ],
)
def test_a_number_is_not_named(text: str) -> None:
    assert not NUMBERS.named_in(folded(text))


@pytest.mark.parametrize("text", ["order 1002", "#999", "LL-2026-8", "LL-2025-12", "1002 numaralı sipariş"])
def test_a_number_written_alike_is_another_orders(text: str) -> None:
    assert NUMBERS.another_named_in(folded(text))


@pytest.mark.parametrize("text", ["order 1001", "1002 USD", "order 22", "on 5 September 2026", "LL-2026-7"])
def test_no_other_order_is_named(text: str) -> None:
    assert not NUMBERS.another_named_in(folded(text))


def test_a_known_number_of_another_form_is_another_orders() -> None:
    others = frozenset({folded("KD-77A")})
    assert NUMBERS.another_named_in(folded("about kd-77a"), others)
    assert not NUMBERS.another_named_in(folded("about kd-77a"))


def test_without_a_number_nothing_is_named() -> None:
    empty = Numbers.of(["", "7"], ["12"])
    assert not empty.named_in("order 7")
    assert not empty.another_named_in("order 1002")


def test_a_long_text_is_read_quickly_enough_to_finish() -> None:
    assert not NUMBERS.named_in(folded("1 - . / " * 50_000))
