"""A page of orders as records: each whole, masked, with its facts and the keys it is found by."""

from __future__ import annotations

from typing import Any

from disputes.phrases import phrase, said_by
from disputes.systems import Kept
from evidence.sources.keys import keys_of
from evidence.sources.values import Unreadable
from evidence.systems import raw
from evidence.systems.as_sold import Goods
from evidence.systems.mapping import listed, text
from evidence.systems.shopify import aftersale, mapping, receipts, terms
from evidence.systems.shopify.client import Told
from evidence.systems.shopify.reading import NotWhole, Reader, by_order, elsewhere

Content = dict[str, Any]


def kept_of(reader: Reader, goods: Goods, told: Told, nodes: list[Content]) -> tuple[list[Kept], list[str]]:
    """The page's orders with the pictures of their goods, and a sentence for each that could not be read and for what
    may not be seen."""
    troubles = by_order(told.troubles)
    found: list[Kept] = []
    refused: list[str] = []
    unseen: set[str] = set()
    if general := elsewhere(told.troubles):
        refused.append(phrase("Something of this page is missing: {words}", words=general.words))
    for place, node in enumerate(nodes):
        if node.get("test"):
            continue
        name = f"Order {text(node.get('name') or node.get('id') or '')}"
        try:
            whole, denied = reader.whole(node, troubles.get(place, ()))
            found += _kept(whole, told.request, goods, refused)
            unseen |= denied
        except (NotWhole, Unreadable) as error:
            refused.append(phrase("{name}: {why}; it was left out.", name=name, why=said_by(error)))
        except (ValueError, TypeError, ArithmeticError):
            refused.append(phrase("{name}: has a shape that is not known here; it was left out.", name=name))
    refused += [
        phrase("Shopify does not show this app the {field} of orders.", field=each)
        for each in sorted(map(_plainly, unseen))
    ]
    return found, refused


def _kept(content: Content, request: str, goods: Goods, refused: list[str]) -> list[Kept]:
    order, parcels, returns = mapping.order(content), aftersale.shipments(content), aftersale.returns(content)
    external_id = str(content.get("id", ""))
    products = [mapping.product(each) for each in listed(content, "lineItems")]
    shown = goods.shown(order, external_id, filter(None, products))
    order = shown.described(order, products)
    refused += shown.refused
    tracking = [each.tracking_number for each in parcels] + [each.tracking_number or "" for each in returns]
    own = (order.order_ref, *order.numbers, *order.transaction_ids, *tracking)
    kept = Kept(
        kind="order",
        external_id=external_id,
        facts=(order, *parcels, *returns, *shown.documents),
        data=raw.part(_stored(content) | {"listings": list(shown.listings)}, own),
        name=f"Shopify order {order.order_ref}.json",
        request=f"{request}, order {order.order_ref}",
        keys=keys_of(order, parcels),
        at=order.placed_at,
    )
    return [*shown.pictures, kept]


def _stored(content: Content) -> Content:
    """Receipts read, so that what lies in them is masked like everything else; no attributes but those about terms."""
    return {
        **content,
        "transactions": [
            {**each, "receiptJson": receipts.parsed(each.get("receiptJson"))}
            for each in listed(content, "transactions")
        ],
        "customAttributes": [each for each in listed(content, "customAttributes") if terms.about_terms(each)],
    }


def _plainly(field: str) -> str:
    return {
        "clientIp": phrase("IP address"),
        "billingAddress": phrase("billing address"),
        "shippingAddress": phrase("shipping address"),
        "lineItems": phrase("description of the goods"),
    }.get(field, field)
