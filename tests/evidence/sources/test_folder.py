"""An import folder as a source: robust tables, named refusals, honest matches."""

from __future__ import annotations

import io
import json
import os
import re
import threading
from pathlib import Path

import pytest
from PIL import Image

from disputes.facts import Document, Message, Order, Policy, Shipment, UsageLog
from disputes.money import Money
from evidence.sources import library, tables
from evidence.sources.folder import FolderSource
from evidence.sources.reading import FileSeen
from evidence.sources.tables import Row
from tests.evidence.mail.builders import mail
from tests.evidence.sources.builders import ORDERS, SHOP, facts, folder, gather, wanted

TURKISH = "Sipariş No;Sipariş Tarihi;Tutar;Para Birimi;Müşteri Adı;E-posta;Teslimat Adresi;Teslimat İli\n"
TURKISH += "LL-1;05.11.2026 10:00;1.249,50;TRY;Ayşe Işık;ayse@example.com;Bağdat Caddesi 1;İstanbul\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1254", "utf-16"])
def test_a_turkish_export_is_read_in_any_encoding(tmp_path: Path, encoding: str) -> None:
    (order,) = facts(gather(tmp_path, {"orders.csv": TURKISH.encode(encoding)}), Order)
    assert (order.customer_name, order.shipping.city, order.total) == ("Ayşe Işık", "İstanbul", Money(124950, "TRY"))


def test_western_letters_and_tabs_are_read(tmp_path: Path) -> None:
    text = "Order\tDate\tCustomer\nLL-1\t2026-11-05\tGöteborg à la café\n"
    (order,) = facts(gather(tmp_path, {"orders.csv": text.encode("cp1252")}), Order)
    assert order.customer_name == "Göteborg à la café"


def test_a_bad_line_is_named_and_the_rest_goes_on(tmp_path: Path) -> None:
    text = (
        ORDERS + "LL-2,03/04/2026,ch_2,10.00,USD,a@example.com\n,2026-11-05,,,,\n"
        "LL-3,2026-11-05,ch_3,10.005,USD,a@example.com\n"
    )
    report = gather(tmp_path, {"orders.csv": text})
    assert len(facts(report, Order)) == 1
    assert any(said.startswith("orders.csv, line 3, placed at: '03/04/2026' could be two") for said in report.refused)
    assert any(said.startswith("orders.csv, line 4: has no order number") for said in report.refused)
    assert any(said.startswith("orders.csv, line 5, total: '10.005'") for said in report.refused)


@pytest.mark.parametrize("content", [b"", b"\x00\x01\x02", b"hello\nworld", b'a,b\n"never closed', b"\xff\xfe\x00"])
def test_a_file_that_is_no_table_is_named(tmp_path: Path, content: bytes) -> None:
    report = gather(
        tmp_path, {"orders.csv": content, "usage.csv": "at,action,order_ref\n2026-11-06 10:00,login,LL-1\n"}
    )
    assert any(said.startswith("orders.csv") for said in report.refused)


def test_json_is_read_like_a_table(tmp_path: Path) -> None:
    content = json.dumps(
        {
            "orders": [
                {
                    "order_ref": "LL-1",
                    "placed_at": "2026-11-05T07:00:00Z",
                    "total": 189.00,
                    "currency": "USD",
                    "shipping": {"city": "Portland"},
                },
                7,
            ]
        }
    )
    report = gather(tmp_path, {"orders.json": content})
    (order,) = facts(report, Order)
    assert (order.total, order.shipping.city) == (Money(18900, "USD"), "Portland")
    assert report.refused == ("orders.json, entry 2: is no object; it was left out.",)


def test_an_order_repeated_on_every_line_item_is_one_order(tmp_path: Path) -> None:
    text = "Name,Created at,Total,Currency,Lineitem name,Lineitem quantity\n"
    text += "#LL-1,2026-11-05,30.00,USD,Mug,2\n#LL-1,,,,Bowl,1\n"
    (order,) = facts(gather(tmp_path, {"orders.csv": text}), Order)
    assert [(line.quantity, line.description) for line in order.lines] == [(2, "Mug"), (1, "Bowl")]


def test_one_order_with_two_totals_is_refused(tmp_path: Path) -> None:
    report = gather(tmp_path, {"orders.csv": ORDERS + "LL-1,2026-11-05 10:00,ch_1,99.00,USD,emily@example.com\n"})
    assert not facts(report, Order)
    assert "different total" in report.refused[0]


def test_stored_rows_are_the_rows_as_they_stood_without_card_numbers(tmp_path: Path) -> None:
    text = "order_ref,placed_at,note\nLL-1,2026-11-05,4242 4242 4242 4242 CVV 123\n"
    (item,) = gather(tmp_path, {"orders.csv": text}).items
    (row,) = json.loads(item.data)
    assert row == {
        "file": "orders.csv",
        "line": 2,
        "values": {"order_ref": "LL-1", "placed_at": "2026-11-05", "note": "************4242 CVV [removed]"},
    }
    assert item.media_type == "application/json"


# ---- matching ------------------------------------------------------------------------------------------------------


def test_the_order_number_finds_the_order(tmp_path: Path) -> None:
    (item,) = gather(tmp_path, {"orders.csv": ORDERS}).items
    assert item.confidence == "certain"
    assert item.why.startswith(
        "payment number in the order; order number in the payment's metadata; same e-mail address"
    )


def test_the_payment_number_finds_the_order(tmp_path: Path) -> None:
    (item,) = gather(tmp_path, {"orders.csv": ORDERS}, wanted(order_ref=None)).items
    assert item.confidence == "certain"
    assert item.why == "payment number in the order; same e-mail address, amount and hour"


def test_e_mail_amount_and_day_are_only_likely(tmp_path: Path) -> None:
    text = ORDERS.replace("ch_1", "")
    (item,) = gather(tmp_path, {"orders.csv": text}, wanted(order_ref=None)).items
    assert item.confidence == "likely"
    assert not gather(tmp_path, {}, wanted(order_ref=None, amount=Money(1, "USD"))).items
    assert not gather(tmp_path, {}, wanted(order_ref=None, email=None)).items


def test_of_two_candidates_none_is_picked_in_silence(tmp_path: Path) -> None:
    text = ORDERS.replace("ch_1", "") + "LL-2,2026-11-05 12:00,,189.00,USD,Emily@Example.com\n"
    items = gather(tmp_path, {"orders.csv": text}, wanted(order_ref=None)).items
    assert [item.confidence for item in items] == ["likely", "likely"]
    assert all("one of 2 orders" in item.why for item in items)


def test_further_orders_of_the_customer_come_along(tmp_path: Path) -> None:
    text = (
        ORDERS + "LL-2,2026-11-05 12:00,ch_2,10.00,USD,emily@example.com\n"
        "LL-3,2026-11-05 12:00,ch_3,10.00,USD,other@example.com\n"
    )
    items = gather(tmp_path, {"orders.csv": text}).items
    assert [(item.fact.order_ref, item.why) for item in items if isinstance(item.fact, Order)][1:] == [
        ("LL-2", "further order of the same customer")
    ]


def test_delivered_is_what_the_carrier_says(tmp_path: Path) -> None:
    files = {
        "orders.csv": ORDERS,
        "shipments.csv": "order_ref;carrier;tracking_number\nLL-1;DHL;T-1\nLL-1;DHL;T-2\nLL-1;DHL;T-3\n",
        "tracking.csv": (
            "tracking_number,at,state,text,signed_by,delivered_to,delivered_city\n"
            "T1,2026-11-06 10:00,label,Label,,,\n"
            "T1,2026-11-08 10:00,teslim edildi,Delivered,E. CARTER,1 Street,Portland\n"
            "T2,2026-11-06 10:00,label,Label,,,\n"
            "T3,2026-11-08 10:00,delivered,Delivered,,,\n"
            "T3,2026-11-09 10:00,returned,Returned,,,\n"
            "T9,2026-11-09 10:00,delivered,Lost,,,\n"
        ),
    }
    report = gather(tmp_path, files)
    first, second, third = facts(report, Shipment)
    assert (first.signed_by, first.delivered_to.city, len(first.events)) == ("E. CARTER", "Portland", 2)
    assert (second.delivered_at, third.delivered_at) == (None, None)
    assert any("T9 is in no shipment file" in said for said in report.refused)


def test_mail_matches_by_order_thread_and_address(tmp_path: Path) -> None:
    files = {
        "orders.csv": ORDERS,
        "shop.json": SHOP,
        "mail/1.eml": mail(body="about LL-1", message_id="<1@a>"),
        "mail/2.eml": mail(
            sender="support@lale.example", to="emily@example.com", message_id="<2@a>", extra="In-Reply-To: <1@a>\n"
        ),
        "mail/3.eml": mail(body="thanks", message_id="<3@a>"),
        "mail/4.eml": mail(body="about LL-1", sender="other@example.org", message_id="<4@a>"),
        "mail/5.eml": mail(body="about LL-12", sender="other@example.org", message_id="<5@a>"),
        "mail/6.eml": mail(body="the same again", message_id="<1@a>"),
        "mail/Drafts/7.eml": mail(body="about LL-1", message_id="<7@a>"),
        "mail/8.eml": b"rubbish",
    }
    report = gather(tmp_path, files)
    found = {item.fact.message_id: item.confidence for item in report.items if isinstance(item.fact, Message)}
    assert found == {"<1@a>": "certain", "<2@a>": "certain", "<3@a>": "likely", "<4@a>": "likely"}
    assert report.refused == ("mail/8.eml names no sender; it was left out.",)


def test_without_the_shops_addresses_no_mail_is_read(tmp_path: Path) -> None:
    report = gather(tmp_path, {"orders.csv": ORDERS, "mail/1.eml": mail(body="LL-1")})
    assert not facts(report, Message)
    assert "shop.json names no address" in report.refused[0]


def test_usage_of_the_account_is_one_log(tmp_path: Path) -> None:
    orders = "order_ref,placed_at,account_id\nLL-1,2026-11-05,acc-1\n"
    usage = "at,action,account_id\n2026-11-07 10:00,İndirme,acc-1\n"
    usage += "2026-11-06 10:00,oturum açıldı,acc-1\n2026-11-06 10:00,login,acc-2\n"
    (log,) = facts(gather(tmp_path, {"orders.csv": orders, "usage.csv": usage}), UsageLog)
    assert [event.action for event in log.events] == ["login", "download"]


def test_a_guest_has_no_account_and_the_source_says_so(tmp_path: Path) -> None:
    assert gather(tmp_path, {"orders.csv": "order_ref,placed_at,guest\nLL-1,2026-11-05,evet\n"}).unavailable == (
        "customer_account_id",
    )


def test_the_policy_in_force_on_the_day_of_the_order_is_used(tmp_path: Path) -> None:
    def text(day: str, words: str) -> str:
        return f"Kind: return\nIn force from: {day}\nShown where: Checkout\n\n{words}\n"

    files = {
        "orders.csv": ORDERS,
        "policies/a.md": text("2024-01-01", "old"),
        "policies/b.md": text("2026-01-01", "right"),
        "policies/c.md": text("2026-11-06", "later"),
        "policies/d.md": "Tür: iptal\nYürürlük tarihi: 01.02.2026\n\nİptal koşulları\n",
        "policies/e.md": "no heading at all",
        "policies/f.md": "Kind: return\n\ntext",
    }
    report = gather(tmp_path, files)
    assert [(policy.kind, policy.text) for policy in facts(report, Policy)] == [
        ("cancellation", "İptal koşulları"),
        ("return", "right"),
    ]
    assert [said.partition(":")[0] for said in report.refused] == ["policies/e.md", "policies/f.md"]


# ---- documents, hostile folders, cache -----------------------------------------------------------------------------


def picture() -> bytes:
    out = io.BytesIO()
    Image.effect_noise((64, 64), 60).convert("RGB").save(out, "JPEG")
    return out.getvalue()


def test_documents_lie_with_their_order_and_are_cleaned(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "orders.csv": ORDERS,
        "documents/LL-1/delivery_photo__At the_door.jpg": picture(),
        "documents/LL-1/delivery_photo__At the_door.json": '{"dated": "2026-11-08 10:00", "source": "DHL"}',
        "documents/LL-1/photos__Broken.jpg": picture()[:400],
        "documents/LL-1/selfie.jpg": picture(),
        "documents/LL-1/photos__Notes.txt": "hello",
        "documents/LL-2/photos__Other.jpg": picture(),
    }
    report = gather(tmp_path, files)
    (document,) = facts(report, Document)
    assert (document.item, document.title, document.order_ref) == ("delivery_photo", "At the door", "LL-1")
    assert document.dated is not None
    assert [said.partition(" ")[0] for said in report.refused] == [
        "documents/LL-1/photos__Broken.jpg",
        "documents/LL-1/photos__Notes.txt",
        "documents/LL-1/selfie.jpg:",
    ]


def test_links_out_of_the_folder_are_not_followed(tmp_path: Path) -> None:
    outside = folder(tmp_path / "outside", {"orders.csv": ORDERS, "secret.eml": mail(body="LL-1")})
    inside = folder(tmp_path / "inside", {"shop.json": SHOP})
    (inside / "orders.csv").symlink_to(outside / "orders.csv")
    (inside / "mail").symlink_to(outside)
    os.mkfifo(inside / "usage.csv")
    assert FolderSource(inside, zone="UTC").gather(wanted()).items == ()


def test_letters_that_no_database_stores_are_left_out(tmp_path: Path) -> None:
    content = r'[{"order_ref": "LL-1", "placed_at": "2026-11-05", "customer_name": "A\ud800B\u0000C", "x\ud800": "1"}]'
    files: dict[str, str | bytes] = {"orders.json": content, "documents/LL-1/photos__A.jpg": picture()}
    files["documents/LL-1/photos__A.json"] = r'{"caption": "A\ud800\u0000"}'
    folder(tmp_path, {"policies/x\udcff\n.md": "no heading"})
    report = gather(tmp_path, files)
    assert facts(report, Order)[0].customer_name == "A B C"
    assert facts(report, Document)[0].caption == "A"
    assert "\udcff" not in "".join(report.refused)


def test_an_order_number_that_is_a_path_leads_nowhere(tmp_path: Path) -> None:
    folder(tmp_path, {"secret/delivery_photo__x.jpg": picture()})
    report = gather(
        tmp_path / "in",
        {"orders.csv": "order_ref,placed_at\n../../secret,2026-11-05\n"},
        wanted(order_ref="../../secret"),
    )
    assert not facts(report, Document)


def test_a_file_too_large_is_refused_before_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "MAX_TABLE", 20)
    assert gather(tmp_path, {"orders.csv": ORDERS}).refused == ("orders.csv is larger than 0 MB and was not read.",)


def test_a_file_is_read_once_for_many_disputes_and_again_when_it_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    real = library.read_table

    def noted(file: FileSeen, table: str) -> tuple[list[Row], list[str]]:
        read.append(file.name)
        return real(file, table)

    monkeypatch.setattr(library, "read_table", noted)
    source = FolderSource(folder(tmp_path, {"orders.csv": ORDERS}), zone="Europe/Istanbul")
    workers = [threading.Thread(target=source.gather, args=(wanted(),)) for _ in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    FolderSource(tmp_path, zone="Europe/Istanbul").gather(wanted())
    assert read == ["orders.csv"]
    folder(tmp_path, {"orders.csv": ORDERS.replace("189.00", "190.00") + "\n"})
    assert facts(source.gather(wanted()), Order)[0].total == Money(19000, "USD")
    assert read == ["orders.csv", "orders.csv"]


def test_an_empty_or_missing_folder_has_nothing_to_say(tmp_path: Path) -> None:
    report = FolderSource(tmp_path / "nowhere", zone="UTC").gather(wanted())
    assert (report.items, report.refused) == ((), ())


def test_the_documented_template_lines_are_the_tables_fields() -> None:
    text = (Path(__file__).parents[3] / "docs" / "import-folder.md").read_text(encoding="utf-8")
    for table in library.TABLES:
        found = re.search(rf"^{table}\.csv: (.+)$", text, re.MULTILINE)
        assert found
        header = found[1].split(",")
        assert set(header) <= set(tables.fields_of(table))
        if table != "orders":
            assert set(header) == set(tables.fields_of(table))
