"""An order of Shopify as facts. Amounts are those the customer saw and was charged ("presentment")."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from disputes.facts import Address, Order, OrderLine, ProductType, Refund
from disputes.money import Money
from disputes.phrases import phrase, said_by
from evidence.sources.values import Unreadable
from evidence.systems import mapping
from evidence.systems.as_sold import Picture, Product
from evidence.systems.mapping import at, fields, identifier, listed, text, utc
from evidence.systems.shopify import receipts, terms

Content = dict[str, Any]
_TAKEN = frozenset({"AUTHORIZATION", "EMV_AUTHORIZATION", "SALE", "CAPTURE"})
_REFUNDED = {
    "SUCCESS": "succeeded", "PENDING": "pending", "AWAITING_RESPONSE": "pending", "FAILURE": "failed",
    "ERROR": "failed",
}  # fmt: skip
_ADDRESS = {
    "name": "name", "line1": "address1", "line2": "address2", "city": "city", "region": "provinceCode | province",
    "postal_code": "zip", "country": "countryCodeV2 | country",
}  # fmt: skip


def money(value: Any) -> Money | None:
    """Of {"presentmentMoney": {"amount": "189.0", "currencyCode": "USD"}}; raises Unreadable."""
    paid = at(value, "presentmentMoney")
    currency, amount = at(paid, "currencyCode"), at(paid, "amount")
    if amount is None or not isinstance(currency, str):
        return None
    try:
        found: Money = mapping.amount(currency)(amount)
    except (ValueError, ArithmeticError) as error:
        raise Unreadable(said_by(error)) from None
    return found


def address(content: Any) -> Address | None:
    return mapping.address(content, _ADDRESS)


_ORDER: mapping.Table = {
    "placed_at": ("processedAt | createdAt", utc),
    "customer_email": ("email | customer.defaultEmailAddress.emailAddress", identifier),
    "customer_phone": (
        "phone | customer.defaultPhoneNumber.phoneNumber | shippingAddress.phone | billingAddress.phone", identifier,
    ),
    "ip": ("clientIp", identifier),
    "billing": ("billingAddress", address),
    "shipping": ("shippingAddress", address),
    "cancelled_at": ("cancelledAt", utc),
}  # fmt: skip


def reference(content: Content) -> str:
    """The number as the customer knows it, without its mark."""
    return (identifier(content.get("name") or "") or "").lstrip("#").strip()


def order(content: Content) -> Order:
    """Raises Unreadable, naming the field."""
    found = fields(content, {**_ORDER, "total": (_total_at(content), money)})
    ids = payment_ids(content)
    numbers = (content.get("legacyResourceId"), content.get("confirmationNumber"), *_references(content))
    return Order(
        order_ref=reference(content),
        numbers=tuple(dict.fromkeys(number for each in numbers if each and (number := identifier(each)))),
        payment_id=next((each for each in ids if receipts.gateways_own(each)), None),
        transaction_ids=ids,
        card_last4=_last4(content),
        lines=tuple(_line(each) for each in listed(content, "lineItems")),
        amounts=_amounts(content, found.get("total")),
        refunds=tuple(refund for each in listed(content, "refunds") if (refund := _refund(each))),
        terms_accepted_at=found.get("placed_at") if terms.accepted(content) else None,
        customer_name=_name(content),
        **_account(content),
        **found,
    )


def _total_at(content: Content) -> str:
    """An order that was changed later has another total than what was bought and paid at checkout."""
    return "originalTotalPriceSet | totalPriceSet" if content.get("edited") else "totalPriceSet"


def _name(content: Content) -> str | None:
    """Shopify puts the e-mail address or the phone number where a customer's name is not known."""
    shown = str(at(content, "customer.displayName") or "")
    known = at(content, "billingAddress.name | shippingAddress.name") or ""
    return text(known if "@" in shown or not re.search(r"[^\W\d_]", shown) else shown)


def _account(content: Content) -> dict[str, Any]:
    """Shopify has a record of every buyer; only one that is enabled is an account the buyer signs in to."""
    if at(content, "customer.state") != "ENABLED":
        return {}
    return fields(content, {"account_id": ("customer.id", _number_of), "account_since": ("customer.createdAt", utc)})


def _number_of(gid: Any) -> str | None:
    """The 701 of "gid://shopify/Customer/701", as it is called everywhere but in GraphQL."""
    return identifier(str(gid).rpartition("/")[2])


def _amounts(content: Content, total: Money | None) -> dict[str, Money]:
    """The parts of the total, where they are known to add up to it: tax may lie in the prices, a discount may have
    been on the goods or on the shipping, and an order that was changed has the parts of its present state."""
    parts = {
        word: money(content.get(name))
        for word, name in (
            ("subtotal", "subtotalPriceSet"), ("shipping", "totalShippingPriceSet"), ("tax", "totalTaxSet"),
            ("discount", "totalDiscountsSet"),
        )
    }  # fmt: skip
    known = {word: part for word, part in parts.items() if part is not None and part.minor}
    if total is None or content.get("edited") or any(each.currency != total.currency for each in known.values()):
        return {}
    if content.get("taxesIncluded"):
        known.pop("tax", None)
    off = known.pop("discount", None)
    sum_of = sum(each.minor for each in known.values())
    if off and sum_of == total.minor and "subtotal" in known:
        return {**known, "subtotal": known["subtotal"] + off, "discount": off}
    if off and sum_of - off.minor == total.minor:
        return {**known, "discount": off}
    return known if sum_of == total.minor else {}


def _line(content: Content) -> OrderLine:
    product_type: ProductType | None = "physical" if content.get("requiresShipping") is True else None
    if content.get("isGiftCard"):
        product_type = "digital" if content.get("requiresShipping") is False else product_type
    table: mapping.Table = {
        "description": "name | title", "quantity": ("quantity", int), "amount": ("discountedTotalSet", money),
        "sku": ("sku", identifier),
    }  # fmt: skip
    return OrderLine(
        **{"description": "Goods without a name", **fields(content, table)},
        product_type=product_type or _said_type(at(content, "product.productType")),
    )


def _said_type(words: Any) -> ProductType | None:
    """What needs no shipping may be a download or a visit; only the shop's own word for it tells."""
    kinds: dict[str, ProductType] = {"digital": "digital", "download": "digital", "service": "service"}
    said = str(words or "").casefold()
    return next((kind for word, kind in kinds.items() if word in said), None)


def product(content: Content) -> Product | None:
    """What a line item tells of its product; None where that was deleted, or may not be read."""
    number = _number_of(at(content, "product.id") or "")
    if not number:
        return None
    addresses = (at(content, "image.url"), at(content, "product.featuredMedia.preview.image.url"))
    return Product(
        product_id=number,
        title=text(at(content, "product.title | title | name") or "") or "Goods without a name",
        description=text(at(content, "product.description") or ""),
        changed_at=_instant(at(content, "product.updatedAt")),
        # That of the variant; the product's own where the variant has none.
        pictures=tuple(Picture(each) for each in addresses if isinstance(each, str) and each)[:1],
    )


def _instant(written: Any) -> datetime | None:
    try:
        return utc(written)
    except Unreadable:
        return None


# ---- payment -------------------------------------------------------------------------------------------------------


def _paid(content: Content) -> list[Content]:
    """The transactions that took the money; what failed is listed too, and a test is no payment."""
    return [
        each
        for each in listed(content, "transactions")
        if each.get("kind") in _TAKEN and each.get("status") == "SUCCESS" and not each.get("test")
    ]


def payment_ids(content: Content) -> tuple[str, ...]:
    """Every id a gateway may know the payment by: those in its receipts first, then Shopify's own name of it."""
    found = [each for one in _paid(content) for each in receipts.ids_in(one.get("receiptJson"))]
    return tuple(dict.fromkeys([*found, *_references(content)]))


def _references(content: Content) -> list[str]:
    """Shopify's own names of the payments, which it gives PayPal as the invoice's number."""
    return [given for one in _paid(content) if (given := identifier(one.get("paymentId") or ""))]


def _last4(content: Content) -> str | None:
    for each in _paid(content):
        for masked in (at(each, "paymentDetails.number"), each.get("accountNumber")):
            if isinstance(masked, str) and (found := re.search(r"(?<!\d)\d{4}$", masked.strip())):
                return found[0]
    return None


def _refund(content: Content) -> Refund | None:
    """None where goods were put back into the stock and no money went. Why staff did so is not the customer's to read,
    nor the bank's."""
    amount = money(content.get("totalRefundedSet"))
    if amount is None or not amount.minor:
        return None
    moves = listed(content, "transactions.nodes")
    made_at = content.get("createdAt") or at(moves[0] if moves else {}, "processedAt")
    if made_at is None:
        raise Unreadable(phrase("one of its refunds has no date"))
    return Refund(
        refund_id=_number_of(content.get("id")) or "",
        amount=amount,
        created_at=utc(made_at),
        status=_refund_state({_REFUNDED.get(str(each.get("status")), "unknown") for each in moves}),
    )


def _refund_state(states: set[str]) -> str:
    """Of all its transactions: what still waits beats what came, and one that came beats those that failed."""
    return next((each for each in ("pending", "succeeded", "failed") if each in states), "unknown")
