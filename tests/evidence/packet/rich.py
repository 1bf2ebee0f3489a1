"""A packet that holds all a packet may hold: claims, addresses, a credit, long mails, a translation, photos, PDFs."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache

from disputes.facts import Message
from disputes.money import Money
from evidence.packet.context import (
    AddressColumn,
    ClaimRow,
    Credit,
    Exhibit,
    FilePart,
    PacketContext,
    Paragraph,
    Quote,
    Table,
)
from tests.evidence.packet.builders import (
    WRITTEN,
    build_context,
    build_exhibit,
    build_message,
    build_part,
    build_pdf,
    build_photo,
    digest,
)

START = WRITTEN - timedelta(days=28)
CUSTOMER, SHOP = "ayse.yilmaz@example.com", "destek@cinarhome.example"
HOME = ("Ayşe Yılmaz", "88 Hudson Street, Apt 4B", "Brooklyn 11201", "NY", "US")
LONG_MAIL = (
    "Merhaba, hello,\n\n"
    "I ordered the walnut side table three weeks ago and I am still waiting for it. The tracking "
    "page says that it was delivered but I have been at work that day and nobody at home told me of a parcel. Could "
    "you please find out where it is and who took it? I would rather have the table than my money.\n\n"
    "Saygılarımla,\nAyşe Yılmaz\n\n"
)


def build_rich() -> tuple[PacketContext, dict[str, bytes]]:
    photos, carrier, lying = _files()
    context = build_context(
        gateway_id="pi_3SQx7YKf0aBcDeFg1hIjKlMn",
        rows=_rows(),
        addresses=(
            AddressColumn(title="Ordered", lines=HOME),
            AddressColumn(title="Billing (AVS match)", lines=HOME),
            AddressColumn(title="Delivered (DHL)", lines=HOME[1:]),
        ),
        credits=(
            Credit(at=START, amount=Money(2000, "USD"), reference="re_3SQx7YKf0aBcDeFg", arn="74537606285006285123999"),
        ),
        letter=_letter(),
        exhibits=_exhibits(photos, carrier, lying),
    )
    return context, {digest(data): data for data in (*photos, carrier, lying)}


@cache
def _files() -> tuple[tuple[bytes, ...], bytes, bytes]:
    photos = (*(build_photo(seed=seed) for seed in range(3)), build_photo(1200, 1600, seed=9))
    return photos, build_pdf(2), build_pdf(2, size=(842, 595), text="Weighing slip")


def _row(claim: str, shown: str, exhibit: str) -> ClaimRow:
    return ClaimRow(claim=claim, shown=shown, exhibit=exhibit)


def _rows() -> tuple[ClaimRow, ...]:
    return (
        _row(
            "The goods did not arrive.",
            "DHL recorded delivery at 88 Hudson Street on 15 Oct 2026, 05:15 UTC.",
            "delivery",
        ),
        _row("The parcel was sent too late.", "Picked up on 10 Oct 2026, four days after the order.", "tracking"),
        _row(
            "The card was used by another person.",
            "Street, postal code and security code matched; 3-D Secure authenticated.",
            "checks",
        ),
        _row("The customer never heard from the shop.", "Six messages between 08 and 20 Oct 2026.", "mail"),
        _row("A refund was due.", "The refund policy in force that day gives none for a delivered parcel.", "policy"),
    )


def _letter() -> tuple[Paragraph, ...]:
    return (
        Paragraph(
            text="The cardholder ordered a walnut side table on 06 Oct 2026 and paid 189.00 USD by card.",
            exhibits=("order",),
        ),
        Paragraph(text="The address on the order passed the issuer's own address check.", exhibits=("checks",)),
        Paragraph(
            text="DHL took the parcel on 10 Oct 2026 and recorded its delivery on 15 Oct 2026, 05:15 UTC.",
            exhibits=("tracking", "delivery"),
        ),
        Paragraph(
            text="We spoke with Mrs Yılmaz on the telephone on 18 Oct 2026; she said that she would ask her neighbour.",
            exhibits=("mail",),
            by_merchant=True,
        ),
        Paragraph(text="We therefore ask for the reversal of the dispute in full."),
    )


def _exhibits(photos: tuple[bytes, ...], carrier: bytes, lying: bytes) -> tuple[Exhibit, ...]:
    return (
        build_exhibit(
            "delivery",
            title="Carrier's proof of delivery",
            explanation="The carrier's own document; it shows the delivery address and the time.",
            files=(build_part(carrier, "pod.pdf"),),
        ),
        build_exhibit(
            "tracking",
            explanation="Every scan the carrier recorded; the last one is the delivery.",
            tables=(_tracking(),),
        ),
        build_exhibit("order", title="Order CH-20418", source="Shop order export", slot="receipt", tables=(_order(),)),
        build_exhibit(
            "checks", title="Payment checks", source="Stripe", slot="uncategorized_file", tables=(_checks(),)
        ),
        build_exhibit(
            "mail",
            title="Correspondence with the customer",
            source="Helpdesk mailbox",
            slot="customer_communication",
            messages=_mails(),
        ),
        build_exhibit(
            "policy",
            title="Refund policy, clause 4",
            source="Shop policy archive",
            slot="refund_policy",
            quotes=(_clause(),),
        ),
        build_exhibit(
            "photos",
            title="Photographs of the packed goods",
            source="Merchant's warehouse",
            slot="service_documentation",
            files=(*_photo_parts(photos), build_part(lying, "slip.pdf")),
        ),
    )


def _photo_parts(photos: tuple[bytes, ...]) -> tuple[FilePart, ...]:
    first, *others = photos
    caption = "Packed on 09 Oct 2026, before hand-over"
    return (
        build_part(first, "foto0.jpg", caption=caption),
        *(build_part(photo, f"foto{number}.jpg") for number, photo in enumerate(others, 1)),
    )


def _tracking() -> Table:
    scans = (
        ("10 Oct 2026, 00:15 UTC", "Kadıköy, TR", "Shipment picked up"),
        ("11 Oct 2026, 01:15 UTC", "İstanbul, TR", "Departed facility"),
        ("12 Oct 2026, 02:15 UTC", "Leipzig, DE", "Processed at hub"),
        ("13 Oct 2026, 03:15 UTC", "Newark, NJ, US", "Customs cleared"),
        ("14 Oct 2026, 04:15 UTC", "Brooklyn, NY, US", "With delivery courier"),
        ("15 Oct 2026, 05:15 UTC", "Brooklyn, NY, US", "Delivered, left with recipient"),
    )
    return Table(columns=("Time", "Place", "Event"), rows=scans)


def _order() -> Table:
    rows = (("Walnut side table, oiled, 45 cm", "1", "169.00 USD"), ("Shipping, DHL Express", "1", "20.00 USD"))
    return Table(columns=("Item", "Quantity", "Amount"), rows=rows)


def _checks() -> Table:
    rows = (
        ("Street address (AVS)", "Match"),
        ("Postal code (AVS)", "Match"),
        ("Security code (CVC)", "Match"),
        ("3-D Secure 2.2.0", "Authenticated, ECI 05"),
    )
    return Table(columns=("Check", "Result"), rows=rows)


def _mails() -> tuple[Message, ...]:
    thread = (
        build_message(
            LONG_MAIL * (1 + number % 3),
            message_id=f"m{number}",
            at=START + timedelta(days=number, hours=number),
            direction="in" if number % 2 == 0 else "out",
            sender=CUSTOMER if number % 2 == 0 else SHOP,
            recipients=(SHOP if number % 2 == 0 else CUSTOMER,),
            quoted="> earlier" if number else "",
        )
        for number in range(6)
    )
    thanks = build_message(
        "Paketi komşum almış, teşekkür ederim! \U0001f642 \u5f88\u597d",
        message_id="m9",
        at=START + timedelta(days=12),
        language="tr",
        translation="My neighbour took the parcel, thank you!",
    )
    return (*thread, thanks)


def _clause() -> Quote:
    return Quote(
        title="Refund policy",
        in_force_from=date(2026, 3, 1),
        text="4. A parcel that the carrier recorded as delivered is treated as received unless the customer reports "
        "otherwise within 7 days.",
        shown_where="linked under the Pay button",
    )
