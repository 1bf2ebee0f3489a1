"""The letter as text, as long as the field lets it be. Nothing is ever cut in the middle."""

from __future__ import annotations

from collections.abc import Iterator

from evidence.packet.context import PacketContext


def letter_text(ctx: PacketContext) -> str:
    """The letter as plain text with exhibit letters, for the gateway's free text field."""
    letters = {each.key: exhibit_letter(number) for number, each in enumerate(ctx.exhibits)}
    parts = [f"We ask for: {ctx.ask}."]
    for each in ctx.letter:
        cited = [letters[key] for key in each.exhibits if key in letters]
        marks = f" (Exhibit{'s' if len(cited) > 1 else ''} {', '.join(cited)})" if cited else ""
        parts.append(f"Statement of the merchant: {each.text}" if each.by_merchant else f"{each.text}{marks}")
    return "\n\n".join(parts)


def exhibit_letter(number: int) -> str:
    """0 -> A, 25 -> Z, 26 -> AA."""
    letters = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def fitting(ctx: PacketContext, room: int) -> str:
    """The fullest of four ways to say it that fits into `room` characters; the shortest one if none does."""
    said = ""
    for said in _ways(ctx):
        if len(said) <= room:
            break
    return said


def _ways(ctx: PacketContext) -> Iterator[str]:
    letters = {each.key: exhibit_letter(number) for number, each in enumerate(ctx.exhibits)}
    ask, attached = f"We ask for: {ctx.ask}.", "The attached document shows the records."
    shown = [f"{row.shown} (Exhibit {letters[row.exhibit]})" for row in ctx.rows if row.exhibit in letters]
    yield letter_text(ctx)
    yield "\n\n".join((ask, ctx.ground, *shown, attached))
    yield "\n\n".join((ask, ctx.ground, attached))
    yield ctx.ground
