"""What an import folder has about an order that only another system knows."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from PIL import Image

from disputes.facts import Document, Message, Order, OrderLine, Policy, Shipment, UsageLog
from disputes.ports import Parcel, SourceReport, Wanted
from evidence.sources.folder import FolderBeside, FolderSource
from tests.evidence.sources.builders import ORDERS, SHOP, facts, folder, wanted

PLACED = datetime(2026, 11, 5, 7, 0, tzinfo=UTC)
SOLD = Order(
    order_ref="LL-7",
    placed_at=PLACED,
    customer_email="emily@example.com",
    lines=(OrderLine(description="A lamp", product_type="physical"),),
)
MAIL = "From: Emily <emily@example.com>\nTo: support@lale.example\nMessage-ID: <a@b>\n"
MAIL += "Date: Sat, 07 Nov 2026 10:00:00 +0000\n"


def asked(*orders: Order, certain: bool = True) -> Wanted:
    parcels = tuple(Parcel("UPS", "1Z999AA10123456784", each.order_ref, PLACED) for each in orders)
    return replace(wanted(order_ref="LL-7", payment_id="ch_7"), orders=orders, certain=certain, parcels=parcels)


def beside(root: Path, files: dict[str, str | bytes], question: Wanted) -> SourceReport:
    return FolderBeside(folder(root, files), zone="Europe/Istanbul").gather(question)


def picture() -> bytes:
    out = io.BytesIO()
    Image.effect_noise((64, 64), 60).convert("RGB").save(out, "JPEG")
    return out.getvalue()


def everything() -> dict[str, str | bytes]:
    return {
        "shop.json": SHOP,
        "orders.csv": ORDERS,
        "shipments.csv": "order_ref,carrier,tracking_number\nLL-7,UPS,1Z999AA10123456784\n",
        "tracking.csv": "tracking_number,at,state\n1Z999AA10123456784,2026-11-07 09:00,delivered\n",
        "usage.csv": "system,at,action,order_ref\nApp,2026-11-06 09:00,login,LL-7\n",
        "mail/a.eml": MAIL + "Subject: LL-7\n\nIt came today.\n",
        "documents/LL-7/delivery_photo__At the door.jpg": picture(),
        "documents/LL-8/delivery_photo__Elsewhere.jpg": picture(),
    }


def test_papers_mail_parcels_and_use_of_the_order_come_along(tmp_path: Path) -> None:
    report = beside(tmp_path, everything(), asked(SOLD))
    assert [type(item.fact) for item in report.items] == [Shipment, Message, UsageLog, Document]
    assert {item.confidence for item in report.items} == {"certain"}
    told = [each for kind in (Shipment, Message, Document) for each in facts(report, kind)]
    assert {each.order_ref for each in told} == {"LL-7"}


def test_an_order_that_is_not_certain_makes_nothing_certain(tmp_path: Path) -> None:
    report = beside(tmp_path, everything(), asked(SOLD, certain=False))
    assert {item.confidence for item in report.items} == {"likely"}


def test_what_the_folder_knows_the_order_of_is_not_told_twice(tmp_path: Path) -> None:
    files = everything() | {"orders.csv": ORDERS + "LL-7,2026-11-05 10:00,ch_7,20.00,USD,emily@example.com\n"}
    question = asked(SOLD)
    assert beside(tmp_path, files, question).items == ()
    alone = FolderSource(tmp_path, zone="Europe/Istanbul").gather(question)
    assert {Shipment, Message, UsageLog, Document} <= {type(item.fact) for item in alone.items}


def test_mail_that_names_only_the_parcel_is_found(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "shop.json": SHOP,
        "mail/a.eml": MAIL + "Subject: Where\n\nWhere is 1Z999AA10123456784?\n",
    }
    [message] = facts(beside(tmp_path, files, asked(SOLD)), Message)
    assert message.order_ref == "LL-7"


def policies() -> dict[str, str | bytes]:
    head = "In force from: 2026-01-01\nApplies to: "
    return {
        "policies/goods.md": f"Kind: cancellation\n{head}physical\n\nGoods.\n",
        "policies/patterns.md": f"Kind: cancellation\n{head}subscription\n\nMemberships.\n",
    }


def test_policies_go_by_the_goods_of_the_order_another_system_told(tmp_path: Path) -> None:
    assert [each.text for each in facts(beside(tmp_path, policies(), asked(SOLD)), Policy)] == ["Goods."]


def test_policies_of_a_sale_whose_order_nobody_knows_go_by_the_day_of_the_payment(tmp_path: Path) -> None:
    assert len(facts(beside(tmp_path, policies(), asked()), Policy)) == 2
    early = replace(asked(), paid_at=datetime(2025, 11, 5, tzinfo=UTC))
    assert beside(tmp_path, policies(), early).items == ()


def test_policies_are_told_once_where_the_folder_knows_the_order(tmp_path: Path) -> None:
    question = wanted()
    told = FolderSource(folder(tmp_path, policies() | {"orders.csv": ORDERS}), zone="Europe/Istanbul").gather(question)
    assert facts(told, Policy)
    assert beside(tmp_path, {}, question).items == ()
