"""Records as the tables of an exhibit. Times in the merchant's zone, amounts with currency, nothing internal."""

from __future__ import annotations

from collections.abc import Iterable

from disputes.clock import plain_day, plainly
from disputes.facts import Address, Order, OrderLine, Payment, PriorPayment, Refund, Shipment
from evidence.brands import network_name
from evidence.language import language_of
from evidence.packet.context import Table
from evidence.sale import Sale

_LONGEST_DESCRIPTION = 1500
_CHECKS = {
    "pass": "passed",
    "fail": "did not pass",
    "unavailable": "not provided by the bank",
    "unchecked": "not checked",
}


def pairs(rows: Iterable[tuple[str, str | None]]) -> Table:
    """Two columns; a row whose value is absent is not printed."""
    return Table(columns=("Field", "Value"), rows=tuple((name, value) for name, value in rows if value))


def one_line(address: Address | None) -> str | None:
    return ", ".join(address.lines()) if address and address.lines() else None


def payment(record: Payment, zone: str) -> Table:
    secure = record.three_d_secure
    return pairs(
        (
            ("Payment", record.payment_id),
            ("Time", plainly(record.paid_at, zone)),
            ("Amount", str(record.amount)),
            ("Amount captured", str(record.captured) if record.captured else None),
            (
                "Card",
                f"{network_name(record.card_brand) or 'card'} ending {record.card_last4}"
                if record.card_last4
                else None,
            ),
            ("Statement descriptor", record.statement_descriptor),
            ("Authorisation code", record.authorization_code),
            ("Network transaction id", record.network_transaction_id),
            ("3-D Secure", secure.result.replace("_", " ") if secure else None),
            ("3-D Secure version", secure.version if secure else None),
            ("Electronic commerce indicator", secure.eci if secure else None),
            ("Street check", _CHECKS.get(record.avs_line1 or "")),
            ("Postal code check", _CHECKS.get(record.avs_postal_code or "")),
            ("Security code check", _CHECKS.get(record.cvc or "")),
            ("Purchase IP address", record.ip),
            ("Name", record.customer_name),
            ("E-mail", record.customer_email),
            ("Receipt e-mail", record.receipt_email),
            ("Receipt number", record.receipt_number),
            ("Billing address", one_line(record.billing)),
            ("Shipping address", one_line(record.shipping)),
        )
    )


def history(records: Iterable[PriorPayment], zone: str) -> Table:
    return Table(
        columns=("Payment", "Time", "Amount", "IP address"),
        rows=tuple(
            (each.payment_id, plainly(each.paid_at, zone), str(each.amount), each.ip or "")
            for each in sorted(records, key=lambda each: each.paid_at)
        ),
    )


def refunds(records: Iterable[Refund], zone: str) -> Table:
    return Table(
        columns=("Refund", "Time", "Amount", "Acquirer reference number"),
        rows=tuple(
            (each.refund_id, plainly(each.created_at, zone), str(each.amount), each.arn or "") for each in records
        ),
    )


def order(record: Order, zone: str) -> list[Table]:
    head = pairs(
        (
            ("Order", record.order_ref),
            ("Placed", plainly(record.placed_at, zone)),
            ("Total", str(record.total) if record.total else None),
            ("Payment", record.payment_id),
            ("Customer", record.customer_name),
            ("E-mail", record.customer_email),
            ("IP address", record.ip),
            ("Customer account since", plainly(record.account_since, zone) if record.account_since else None),
            ("Terms accepted", plainly(record.terms_accepted_at, zone) if record.terms_accepted_at else None),
            ("Delivery promised by", plain_day(record.promised_by) if record.promised_by else None),
            ("Cancelled", plainly(record.cancelled_at, zone) if record.cancelled_at else None),
            ("Billing address", one_line(record.billing)),
            ("Shipping address", one_line(record.shipping)),
        )
    )
    lines = Table(
        columns=("Quantity", "Description", "Amount"),
        rows=tuple(
            (str(line.quantity), _goods(line), str(line.amount) if line.amount else "") for line in record.lines
        ),
    )
    goods = Table(
        columns=("Goods", "As the shop described them when they were sold"),
        rows=tuple((line.description, _passage(line.about)) for line in record.lines if line.about),
    )
    parts = pairs((word, str(amount)) for word, amount in record.amounts.items())
    return [table for table in (head, lines, goods, parts) if table.rows]


def _goods(line: OrderLine) -> str:
    return f"{line.description} ({line.chosen})" if line.chosen else line.description


def _passage(about: str) -> str:
    """A description as long as a book is shown up to a place where a sentence ends, and says that it goes on."""
    plain = " ".join(about.split())
    if len(plain) <= _LONGEST_DESCRIPTION:
        return plain
    cut = plain[:_LONGEST_DESCRIPTION]
    end = max(cut.rfind(". "), cut.rfind("! "), cut.rfind("? ")) + 1 or cut.rfind(" ")
    return f"{cut[:end]} [the description goes on]"


def _carrier_words(text: str) -> str:
    """Left out where they are in another language; the state beside them says it."""
    return "" if language_of(text) == "foreign" else text


_YES_NO: dict[bool | None, str] = {True: "yes", False: "no"}


def _part(parcel: Shipment) -> str | None:
    """A reader who sees one of two carriers must not take its end for the end of the way."""
    if parcel.leg == "first":
        onward = f", which carries it as {parcel.onward_number}" if parcel.onward_number else ""
        return f"first of two carriers; handed over to the second{onward}"
    return "second of two carriers, to the customer" if parcel.leg == "last" else None


def shipments(records: Iterable[Shipment], zone: str) -> list[Table]:
    shown = []
    for each in records:
        shown.append(
            pairs(
                (
                    ("Carrier", each.carrier),
                    ("Service", each.service),
                    ("Tracking number", each.tracking_number),
                    ("Part of the way", _part(each)),
                    ("Order", each.order_ref),
                    ("Direction", "return to the merchant" if each.is_return else None),
                    ("Dispatched", plainly(each.shipped_at, zone) if each.shipped_at else None),
                    (
                        "Delivered, by the carrier's record",
                        plainly(each.delivered_at, zone) if each.delivered_at else None,
                    ),
                    ("Delivered to", one_line(each.delivered_to)),
                    ("Signature required", _YES_NO.get(each.signature_required)),
                    ("Signature recorded", each.signed_by),
                )
            )
        )
        scans = tuple(
            (plainly(event.at, zone), event.state.replace("_", " "), _carrier_words(event.text), event.place or "")
            for event in each.events
        )
        if scans:
            shown.append(Table(columns=("Time", "State", "Carrier's words", "Place"), rows=scans))
    return shown


def usage(sale: Sale, zone: str) -> list[Table]:
    return [
        Table(
            columns=("Time", "Action", "Detail", "IP address", "Device"),
            rows=tuple(
                (plainly(each.at, zone), each.action, each.detail or "", each.ip or "", each.device_id or "")
                for each in sorted(log.events, key=lambda each: each.at)
            ),
        )
        for log in sale.case.usage
        if log.events
    ]
