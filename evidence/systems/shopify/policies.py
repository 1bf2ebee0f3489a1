"""The shop's policies, one record for each version seen: what held when the customer bought is kept when it changes."""

from __future__ import annotations

from typing import Any

from disputes.clock import local_day
from disputes.facts import Policy, PolicyKind
from disputes.phrases import phrase, said_by
from disputes.systems import Kept
from evidence.mail.hypertext import to_text
from evidence.mail.parts import TooMuch
from evidence.sources.values import Unreadable
from evidence.systems import raw
from evidence.systems.mapping import fields, identifier, text, utc, words

_KINDS: dict[str, PolicyKind] = {
    "REFUND_POLICY": "refund",
    "SHIPPING_POLICY": "shipping",
    "TERMS_OF_SERVICE": "terms",
    "TERMS_OF_SALE": "terms",
    "SUBSCRIPTION_POLICY": "cancellation",
}
"""The privacy policy, the legal notice and the contact information prove nothing about a sale."""


def kept(content: dict[str, Any], request: str, zone: str) -> tuple[Kept | None, str]:
    """The policy as it is kept, None where it is of no use; and a sentence where something of it was left out.

    `zone`: the shop's; a day begins there. Raises Unreadable.
    """
    kind = _KINDS.get(str(content.get("type")))
    body = content.get("body")
    if kind is None or not isinstance(body, str) or not body.strip():
        return None, ""
    found = fields(content, {"id": ("id", identifier), "title": "title", "changed_at": ("updatedAt", utc)})
    if "changed_at" not in found:
        raise Unreadable(phrase("its last change has no date"))
    title = found.get("title") or f"{kind.capitalize()} policy"
    try:
        visible, hidden = to_text(body)
    except TooMuch as error:
        raise Unreadable(said_by(error)) from None
    plain = words(visible)
    if not plain:
        return None, ""
    day = local_day(found["changed_at"], zone)
    policy = Policy(kind=kind, title=title, text=plain, in_force_from=day)
    changed = found["changed_at"].strftime("%Y-%m-%dT%H:%M:%SZ")
    return (
        Kept(
            kind="policy",
            external_id=f"{found.get('id') or content['type']}@{changed}",
            facts=(policy,),
            data=raw.part(content),
            name=f"Shopify {text(title)}, {day:%Y-%m-%d}.json",
            request=request,
            at=found["changed_at"],
        ),
        phrase("{title}: text that nobody sees on the page was left out.", title=title) if hidden else "",
    )
