"""Exports as platforms write them: Shopify's own, those of WooCommerce's plug-ins, nested JSON, Turkish headings."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from disputes.facts import Order, Return, Shipment
from disputes.money import Money
from evidence.sources.library import shelf
from tests.evidence.sources.builders import ORDERS, facts, folder, gather

SHOPIFY = (
    "Name,Email,Financial Status,Paid at,Fulfillment Status,Fulfilled at,Accepts Marketing,Currency,Subtotal,Shipping,"
    "Taxes,Total,Discount Code,Discount Amount,Shipping Method,Created at,Lineitem quantity,Lineitem name,"
    "Lineitem price,Lineitem compare at price,Lineitem sku,Lineitem requires shipping,Lineitem taxable,"
    "Lineitem fulfillment status,Billing Name,Billing Street,Billing Address1,Billing Address2,Billing Company,"
    "Billing City,Billing Zip,Billing Province,Billing Country,Billing Phone,Shipping Name,Shipping Street,"
    "Shipping Address1,Shipping Address2,Shipping Company,Shipping City,Shipping Zip,Shipping Province,"
    "Shipping Country,Shipping Phone,Notes,Note Attributes,Cancelled at,Payment Method,Payment Reference,"
    "Refunded Amount,Vendor,Outstanding Balance,Employee,Location,Device ID,Id,Tags,Risk Level,Source,Phone,"
    "Receipt Number,Duties,Billing Province Name,Shipping Province Name,Payment ID,Payment References"
)


def table(header: str, *rows: dict[str, str], mark: str = ",") -> str:
    """A CSV with the values where they are named and nothing elsewhere."""
    names = header.split(",")
    assert all(name in names for row in rows for name in row)
    out = io.StringIO()
    writer = csv.writer(out, delimiter=mark)
    writer.writerow(names)
    writer.writerows([[row.get(name, "") for name in names] for row in rows])
    return out.getvalue()


def orders(tmp_path: Path, content: str | bytes, name: str = "orders.csv") -> list[Order]:
    """As read; which dispute they belong to is another matter."""
    library = shelf(folder(tmp_path, {name: content}), "Europe/Istanbul").library()
    assert library.refused == ()
    return [record.order for record in library.orders]


FIRST = {
    "Name": "#LL-1", "Email": "emily@example.com", "Financial Status": "paid", "Currency": "USD", "Subtotal": "175.00",
    "Shipping": "14.00", "Taxes": "0.00", "Total": "189.00", "Created at": "2026-11-05 10:00:00 -0500",
    "Lineitem quantity": "2", "Lineitem name": "Mug", "Lineitem price": "60.00", "Lineitem sku": "M-1",
    "Lineitem requires shipping": "true", "Billing Name": "Emily Carter", "Billing Street": "12 Rose Lane, Apt 4",
    "Billing Address1": "12 Rose Lane", "Billing Address2": "Apt 4", "Billing City": "Boston", "Billing Zip": "'02108",
    "Billing Country": "US", "Device ID": "7", "Id": "5678901234567", "Payment ID": "rPay1", "Vendor": "Lumen",
    "Payment Reference": "c5678901.1", "Payment References": "c5678901.1 + c5678901.2",
}  # fmt: skip
SECOND = {"Name": "#LL-1", "Email": "emily@example.com", "Lineitem quantity": "1", "Lineitem name": "E-book",
          "Lineitem price": "55.00", "Lineitem requires shipping": "false"}  # fmt: skip


# ---- Shopify -------------------------------------------------------------------------------------------------------


def test_shopifys_own_export_is_one_order_with_its_goods(tmp_path: Path) -> None:
    (order,) = orders(tmp_path, table(SHOPIFY, FIRST, SECOND))
    assert (order.order_ref, order.numbers) == ("LL-1", ("5678901234567",))
    assert order.placed_at == datetime(2026, 11, 5, 15, 0, tzinfo=UTC)
    assert order.total == Money(18900, "USD")
    assert [(each.quantity, each.description, each.amount, each.product_type) for each in order.lines] == [
        (2, "Mug", Money(12000, "USD"), "physical"),
        (1, "E-book", Money(5500, "USD"), None),
    ]
    assert (order.payment_id, order.transaction_ids) == ("rPay1", ("c5678901.1", "c5678901.2"))


def test_a_postal_code_loses_excels_mark_and_keeps_its_zero(tmp_path: Path) -> None:
    (order,) = orders(tmp_path, table(SHOPIFY, FIRST))
    assert order.billing is not None
    assert order.billing.postal_code == "02108"
    assert (order.billing.line1, order.billing.line2) == ("12 Rose Lane", "Apt 4")


def test_the_till_of_a_shop_is_not_the_customers_device(tmp_path: Path) -> None:
    (order,) = orders(tmp_path, table(SHOPIFY, FIRST))
    assert order.device_id is None
    assert orders(tmp_path, ORDERS.replace("currency", "device id").replace("189.00,USD", "189.00 USD,dev-9"))[
        0
    ].device_id == ("dev-9")


def test_vendors_are_brands_and_no_suppliers(tmp_path: Path) -> None:
    (order,) = orders(tmp_path, table(SHOPIFY, FIRST))
    assert order.lines[0].supplier is None


# ---- WooCommerce ---------------------------------------------------------------------------------------------------


def test_a_woocommerce_export_with_packed_goods_is_read(tmp_path: Path) -> None:
    header = (
        "order_id,order_number,order_date,status,shipping_total,tax_total,discount_total,order_total,order_subtotal,"
        "order_currency,payment_method,transaction_id,customer_ip_address,customer_user_agent,customer_id,"
        "customer_email,billing_first_name,billing_last_name,billing_phone,billing_address_1,billing_postcode,"
        "billing_city,billing_country,shipping_first_name,shipping_last_name,shipping_address_1,shipping_city,"
        "shipping_country,customer_note,line_item_1,line_item_2"
    )
    row = {
        "order_id": "727", "order_number": "LL-1", "order_date": "2026-11-05 10:00:00", "order_total": "29.35",
        "order_currency": "USD", "transaction_id": "ch_9", "customer_ip_address": "203.0.113.24",
        "customer_user_agent": "Mozilla/5.0", "customer_email": "emily@example.com", "billing_first_name": "Emily",
        "billing_last_name": "Carter", "billing_address_1": "12 Rose Lane", "billing_city": "Boston",
        "shipping_first_name": "Emily", "shipping_last_name": "Carter", "shipping_address_1": "1 Desk Street",
        "customer_note": "Ring twice", "shipping_total": "10.00", "tax_total": "1.35", "order_subtotal": "18.00",
        "line_item_1": "name:Mug: large|product_id:93|sku:M-1|quantity:2|total:6.00|sub_total:6.00",
        "line_item_2": "name:Bowl|product_id:22|sku:|quantity:1|total:12.00|sub_total:12.00",
    }  # fmt: skip
    (order,) = orders(tmp_path, table(header, row))
    assert (order.order_ref, order.numbers, order.payment_id) == ("LL-1", ("727",), "ch_9")
    assert [(each.quantity, each.description, each.amount) for each in order.lines] == [
        (2, "Mug: large", Money(600, "USD")),
        (1, "Bowl", Money(1200, "USD")),
    ]
    assert order.shipping is not None
    assert (order.customer_name, order.shipping.name, order.shipping.line1) == (
        "Emily Carter",
        "Emily Carter",
        "1 Desk Street",
    )
    assert (order.ip, order.user_agent, order.customer_note) == ("203.0.113.24", "Mozilla/5.0", "Ring twice")
    assert order.amounts == {
        "subtotal": Money(1800, "USD"),
        "shipping": Money(1000, "USD"),
        "tax": Money(135, "USD"),
    }


def test_a_woocommerce_export_with_a_line_an_item_is_read(tmp_path: Path) -> None:
    header = (
        "Order Number,Order Status,Order Date,Customer Note,First Name (Billing),Last Name (Billing),"
        "Address 1&2 (Billing),City (Billing),State Code (Billing),Postcode (Billing),Country Code (Billing),"
        "Email (Billing),Phone (Billing),First Name (Shipping),Last Name (Shipping),Address 1&2 (Shipping),"
        "City (Shipping),Country Code (Shipping),Order Subtotal Amount,Order Shipping Amount,Order Total Amount,"
        "Currency,SKU,Item #,Item Name,Quantity (- Refund),Item Cost"
    )
    both = {
        "Order Number": "LL-1", "Order Date": "2026-11-05 10:00", "First Name (Billing)": "Emily",
        "Last Name (Billing)": "Carter", "Email (Billing)": "emily@example.com", "City (Billing)": "Boston",
        "Address 1&2 (Billing)": "12 Rose Lane", "Order Total Amount": "30.00", "Currency": "USD",
    }  # fmt: skip
    mug = {"Item #": "1", "Item Name": "Mug", "Quantity (- Refund)": "2", "Item Cost": "9.00", "SKU": "M-1"}
    bowl = {"Item #": "2", "Item Name": "Bowl", "Quantity (- Refund)": "1", "Item Cost": "12.00"}
    (order,) = orders(tmp_path, table(header, both | mug, both | bowl, mark=";"))
    assert [(each.description, each.amount) for each in order.lines] == [
        ("Mug", Money(1800, "USD")),
        ("Bowl", Money(1200, "USD")),
    ]
    assert (order.customer_email, order.total) == ("emily@example.com", Money(3000, "USD"))


# ---- headings ------------------------------------------------------------------------------------------------------


def test_the_better_heading_wins_wherever_it_stands(tmp_path: Path) -> None:
    """Beside an order number, "Name" is the customer's and "Order ID" the database's."""
    text = "Name,Order ID,Order Number,Date\nEmily Carter,727,LL-1,2026-11-05\n"
    (order,) = orders(tmp_path, text)
    assert (order.order_ref, order.numbers, order.customer_name) == ("LL-1", ("727",), "Emily Carter")


def test_a_heading_alone_is_what_there_is(tmp_path: Path) -> None:
    assert orders(tmp_path, "ID,Date\nLL-1,2026-11-05\n")[0].numbers == ()


def test_turkish_exports_name_numbers_payments_and_cards(tmp_path: Path) -> None:
    text = (
        "Sipariş No;Sipariş Tarihi;Sipariş Tutarı;Para Birimi;Ödeme No;Provizyon No;Kart Son 4;Müşteri Adı;"
        "Müşteri Notu;Tedarikçi;Ürün Adı;Adet;Birim Fiyatı\n"
        "LL-1;05.11.2026 10:00;1.249,50;TL;P-77;PRV-1;**** 4242;Ayşe Işık;Kapıya bırakın;Atölye;Fincan;2;100,25\n"
    )
    (order,) = orders(tmp_path, text.encode("cp1254"))
    assert (order.payment_id, order.transaction_ids, order.card_last4) == ("P-77", ("PRV-1",), "4242")
    assert (order.total, order.customer_note) == (Money(124950, "TRY"), "Kapıya bırakın")
    (line,) = order.lines
    assert (line.supplier, line.amount) == ("Atölye", Money(20050, "TRY"))


def test_a_line_that_names_the_separator_is_not_the_heading(tmp_path: Path) -> None:
    text = "sep=;\r\nSipariş No;Sipariş Tarihi;Tutar;Para Birimi\r\nLL-1;05.11.2026;10,00;TRY\r\nLL-2;04/05/2026;;\r\n"
    report = gather(tmp_path, {"orders.csv": text.encode("utf-8-sig")})
    assert facts(report, Order)[0].total == Money(1000, "TRY")
    assert report.refused[0].startswith("orders.csv, line 4,")


def test_empty_lines_before_the_heading_are_passed_over(tmp_path: Path) -> None:
    assert orders(tmp_path, "\n;;\nOrder;Date\nLL-1;2026-11-05\n")[0].order_ref == "LL-1"


@pytest.mark.parametrize(("said", "last4"), [("4242", "4242"), ("•••• 4242", "4242"), ("visa", None), ("42424", None)])
def test_only_four_digits_are_a_cards_last_four(tmp_path: Path, said: str, last4: str | None) -> None:
    assert orders(tmp_path, f"Order,Date,Last 4\nLL-1,2026-11-05,{said}\n")[0].card_last4 == last4


def test_supplier_order_and_description_as_sold_stand_with_the_goods(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "orders.csv": ORDERS,
        "order_lines.csv": "order,product,qty,price,currency,supplier,supplier order no,product description\n"
        "LL-1,Lamp,2,20.00,USD,Yiwu Trading,8101234567890123,Walnut desk lamp\n",
    }
    (line,) = facts(gather(tmp_path, files), Order)[0].lines
    assert (line.supplier, line.supplier_order, line.about) == ("Yiwu Trading", "8101234567890123", "Walnut desk lamp")
    assert line.amount == Money(4000, "USD")


def test_a_refund_is_taken_with_its_day_and_not_without(tmp_path: Path) -> None:
    header = "Order,Date,Currency,Refund amount,Refunded at\n"
    (order,) = orders(tmp_path, header + "LL-1,2026-11-05,USD,-5.00,2026-11-09\n")
    (refund,) = order.refunds
    assert (refund.amount, refund.created_at.date()) == (Money(500, "USD"), date(2026, 11, 8))
    assert orders(tmp_path, header + "LL-1,2026-11-05,USD,5.00,\n")[0].refunds == ()


def test_json_orders_carry_their_goods_inside(tmp_path: Path) -> None:
    content = [
        {
            "id": 727, "number": "LL-1", "date_created": "2026-11-05T10:00:00", "total": "30.00", "currency": "USD",
            "billing": {"first_name": "Emily", "last_name": "Carter", "address_1": "12 Rose Lane", "city": "Boston"},
            "transaction_id": "ch_9", "line_items": [{"name": "Mug", "quantity": 2, "subtotal": "18.00"},
                                                     {"name": "Bowl", "quantity": 1, "subtotal": "12.00"}],
        }
    ]  # fmt: skip
    (order,) = orders(tmp_path, json.dumps(content), "orders.json")
    assert (order.order_ref, order.numbers, order.payment_id) == ("LL-1", ("727",), "ch_9")
    assert order.customer_name == "Emily Carter"
    assert [(each.quantity, each.description, each.amount) for each in order.lines] == [
        (2, "Mug", Money(1800, "USD")),
        (1, "Bowl", Money(1200, "USD")),
    ]


# ---- parcels and returns -------------------------------------------------------------------------------------------


def test_a_parcel_sent_on_the_day_of_the_order_was_not_sent_before_it(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "orders.csv": ORDERS.replace("10:00", "20:00"),
        "shipments.csv": "order,carrier,tracking number,shipped at\nLL-1,DHL,T-1,2026-11-05\nLL-1,DHL,T-2,2026-11-06\n",
    }
    report = gather(tmp_path, files)
    same, next_day = facts(report, Shipment)
    assert same.shipped_at == facts(report, Order)[0].placed_at
    assert next_day.shipped_at == datetime(2026, 11, 5, 21, 0, tzinfo=UTC)


def test_parcels_say_their_service_and_both_legs_of_the_way(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "orders.csv": ORDERS,
        "shipments.csv": "order;carrier;tracking no;service;signature required;leg;last mile number\n"
        "LL-1;Yanwen;YW1;Economy;hayır;first mile;U9\nLL-1;USPS;U9;;evet;last mile;\n",
    }
    first, last = facts(gather(tmp_path, files), Shipment)
    assert (first.service, first.signature_required, first.leg, first.onward_number) == (
        "Economy",
        False,
        "first",
        "U9",
    )
    assert (last.service, last.signature_required, last.leg, last.onward_number) == (None, True, "last", None)


def test_parcels_goods_and_returns_may_name_any_number_of_the_order(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "orders.csv": "order number,order id,date,currency\nLL-1,727,2026-11-05,USD\n",
        "order_lines.csv": "order id,product\n727,Lamp\n",
        "shipments.csv": "order id,tracking number\n727,T-1\n",
        "returns.csv": "order id,reason\n727,Too big\n",
    }
    report = gather(tmp_path, files)
    assert [each.order_ref for kind in (Shipment, Return) for each in facts(report, kind)] == ["LL-1", "LL-1"]
    assert [line.description for line in facts(report, Order)[0].lines] == ["Lamp"]
    assert report.refused == ()


def test_a_return_is_read_step_by_step(tmp_path: Path) -> None:
    text = (
        "İade No;Sipariş No;Talep Tarihi;İade Nedeni;Ürün;Takip No;Depoya Giriş Tarihi;Kontrol Sonucu;Red Tarihi;"
        "Red Nedeni;İade Tutarı;Para Birimi\n"
        "R-7;LL-1;08.11.2026;Renk farklı;Fincan;4242424242424242;12.11.2026 09:30;Kullanılmış;13.11.2026;"
        "Kullanım izi;175,00;USD\n"
        "R-7;LL-1;08.11.2026;Renk farklı;Kase;4242424242424242;12.11.2026 09:30;Kullanılmış;13.11.2026;"
        "Kullanım izi;175,00;USD\n"
    )
    report = gather(tmp_path, {"orders.csv": ORDERS, "returns.csv": text.encode("cp1254")})
    (told,) = facts(report, Return)
    assert (told.return_id, told.order_ref, told.reason) == ("R-7", "LL-1", "Renk farklı")
    assert told.goods == ("Fincan", "Kase")
    assert told.tracking_number == "4242424242424242"  # a parcel's number is not a card's, whatever it looks like
    assert told.received_at == datetime(2026, 11, 12, 6, 30, tzinfo=UTC)
    assert (told.inspection, told.refusal) == ("Kullanılmış", "Kullanım izi")
    assert told.refused_at == datetime(2026, 11, 12, 21, 0, tzinfo=UTC)
    assert (told.label_sent_at, told.refunded_at) == (None, None)
    assert told.amount == Money(17500, "USD")
    (item,) = (each for each in report.items if isinstance(each.fact, Return))
    assert (item.confidence, item.why) == ("certain", "return of order LL-1")
    assert len(json.loads(item.data)) == 2


def test_returns_that_cannot_be_told_are_named(tmp_path: Path) -> None:
    text = (
        "return no,order,requested,amount,currency\nR-1,,2026-11-08,,\nR-2,LL-1,03/04/2026,,\n"
        "R-3,LL-1,2026-11-08,5,USD\nR-3,LL-1,2026-11-09,5,USD\n"
    )
    report = gather(tmp_path, {"orders.csv": ORDERS, "returns.csv": text})
    assert [each.return_id for each in facts(report, Return)] == ["R-3"]
    assert [said.partition(":")[0] for said in report.refused] == [
        "returns.csv, line 2",
        "returns.csv, line 3, requested at",
        "returns.csv, line 5",
    ]


def test_a_return_without_a_currency_has_the_orders(tmp_path: Path) -> None:
    report = gather(tmp_path, {"orders.csv": ORDERS, "returns.csv": "order,reason,amount\nLL-1,Broken,20.00\n"})
    (told,) = facts(report, Return)
    assert (told.return_id, told.amount) == ("LL-1 return", Money(2000, "USD"))
