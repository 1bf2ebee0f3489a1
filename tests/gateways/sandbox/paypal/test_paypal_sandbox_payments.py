"""Captures, refunds, orders and transaction search: shapes of PayPal's SDK, not of the contract."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from gateways.sandbox.control import ControlRefused
from gateways.sandbox.paypal.client import PayPalControl
from tests.gateways.sandbox.paypal.merchant import App, issues

TRANSACTIONS = "/v1/reporting/transactions"


def window(control: PayPalControl, days: float = 30, back: float = 0) -> dict[str, str]:
    end = datetime.fromtimestamp(control.now(), UTC) - timedelta(days=back) + timedelta(seconds=1)
    return {"start_date": (end - timedelta(days=days)).isoformat(), "end_date": end.isoformat()}


def test_the_dispute_leads_to_the_capture_and_the_capture_to_the_order(control: PayPalControl, app: App) -> None:
    person = {"name": "Ahmet Kara", "email": "ahmet.kara@example.com.tr"}
    (transaction,) = control.dispute(order="LL-2001", customer=person)["disputed_transactions"]
    capture = app.get(f"/v2/payments/captures/{transaction['seller_transaction_id']}")
    assert capture["invoice_id"] == transaction["invoice_number"] == "LL-2001"
    order_id = capture["supplementary_data"]["related_ids"]["order_id"]
    assert {link["rel"] for link in capture["links"]} == {"self", "refund", "up"}
    order = app.get(f"/v2/checkout/orders/{order_id}")
    (unit,) = order["purchase_units"]
    assert order["payer"]["email_address"] == person["email"]
    assert unit["shipping"]["name"]["full_name"] == "Ahmet Kara"
    assert unit["shipping"]["address"]["country_code"] == "US"
    assert [one["id"] for one in unit["payments"]["captures"]] == [capture["id"]]
    assert "refunds" not in unit["payments"]


def test_fee_and_net_make_the_gross(control: PayPalControl, app: App) -> None:
    capture = control.capture(amount="249.00", currency="USD")
    parts = {name: money["value"] for name, money in capture["seller_receivable_breakdown"].items()}
    assert parts == {"gross_amount": "249.00", "paypal_fee": "9.18", "net_amount": "239.82"}


def test_digital_goods_have_no_address_and_no_protection(control: PayPalControl, app: App) -> None:
    capture = control.capture(shipping=None)
    order = app.get(f"/v2/checkout/orders/{capture['supplementary_data']['related_ids']['order_id']}")
    assert "shipping" not in order["purchase_units"][0]
    assert capture["seller_protection"] == {"status": "NOT_ELIGIBLE"}


def test_a_refund_is_seen_at_the_capture_the_order_and_in_search(control: PayPalControl, app: App) -> None:
    capture = control.capture(amount="100.00")
    first = control.refund(capture["id"], "40.00", note="A part.")
    path = f"/v2/payments/captures/{capture['id']}"
    assert app.get(path)["status"] == "PARTIALLY_REFUNDED"
    second = control.refund(capture["id"])
    assert app.get(path)["status"] == "REFUNDED"
    order = app.get(f"/v2/checkout/orders/{capture['supplementary_data']['related_ids']['order_id']}")
    refunds = order["purchase_units"][0]["payments"]["refunds"]
    assert {one["id"]: one["amount"]["value"] for one in refunds} == {first["id"]: "40.00", second["id"]: "60.00"}
    shown = app.get(f"/v2/payments/refunds/{second['id']}")
    assert shown["seller_payable_breakdown"]["total_refunded_amount"]["value"] == "100.00"
    assert [link["href"].rpartition("/")[2] for link in shown["links"] if link["rel"] == "up"] == [capture["id"]]
    found = app.get(TRANSACTIONS, transaction_id=second["id"], **window(control))["transaction_details"]
    info = found[0]["transaction_info"]
    assert (info["paypal_reference_id"], info["paypal_reference_id_type"]) == (capture["id"], "TXN")
    assert (info["transaction_event_code"], info["transaction_amount"]["value"]) == ("T1107", "-60.00")
    with pytest.raises(ControlRefused, match="REFUND_AMOUNT_EXCEEDED"):
        control.refund(capture["id"], "0.01")


def test_the_seeds_disputed_transaction_shows_a_refund_made_before(control: PayPalControl) -> None:
    (transaction,) = control.dispute(refunds=[{"days": 3}])["disputed_transactions"]
    assert transaction["transaction_status"] == "REFUNDED"


@pytest.mark.parametrize(("amount", "currency"), [("45900", "HUF"), ("2480", "TWD"), ("1200", "JPY"), ("58.00", "GBP")])
def test_amounts_have_the_decimals_paypal_gives_them(control: PayPalControl, amount: str, currency: str) -> None:
    capture = control.capture(amount=amount, currency=currency)
    assert capture["amount"] == {"currency_code": currency, "value": amount}
    assert ("." in capture["seller_receivable_breakdown"]["paypal_fee"]["value"]) is ("." in amount)


@pytest.mark.parametrize(("amount", "currency"), [("45900.50", "HUF"), ("10", "EUR"), ("-1.00", "EUR")])
def test_amounts_with_other_decimals_are_none(control: PayPalControl, amount: str, currency: str) -> None:
    with pytest.raises(ControlRefused, match="is no amount in"):
        control.capture(amount=amount, currency=currency)


class TestTransactionSearch:
    def test_it_has_a_window_of_dates_and_pages(self, control: PayPalControl, app: App) -> None:
        made = {control.capture(paid_days=400 + n)["id"] for n in range(3)}
        old = window(control, back=395)
        pages = [app.get(TRANSACTIONS, page_size=2, page=number, **old) for number in (1, 2)]
        assert [page["total_items"] for page in pages] == [3, 3]
        assert pages[0]["total_pages"] == 2
        found = {row["transaction_info"]["transaction_id"] for page in pages for row in page["transaction_details"]}
        assert found == made

    def test_it_shows_what_is_asked_for(self, control: PayPalControl, app: App) -> None:
        id = control.capture(customer={"name": "Ida Holm", "email": "ida@example.org"})["id"]
        asked = {"transaction_id": id, **window(control)}
        (short,) = app.get(TRANSACTIONS, **asked)["transaction_details"]
        (whole,) = app.get(TRANSACTIONS, fields="all", **asked)["transaction_details"]
        assert set(short) == {"transaction_info"}
        assert whole["payer_info"]["email_address"] == "ida@example.org"
        assert whole["shipping_info"]["address"]["city"] == "Portland"

    @pytest.mark.parametrize(
        ("query", "issue"),
        [
            ({}, "MISSING_REQUIRED_PARAMETER"),
            ({"start_date": "2026-01-01", "end_date": "2026-01-02"}, "INVALID_DATE_FORMAT"),
            ({"start_date": "2026-01-01T00:00:00Z", "end_date": "2026-02-02T00:00:00Z"}, "INVALID_DATE_RANGE"),
            ({"start_date": "2026-01-02T00:00:00Z", "end_date": "2026-01-01T00:00:00Z"}, "INVALID_DATE_RANGE"),
        ],
    )
    def test_a_window_it_cannot_use_is_refused(self, app: App, query: dict[str, str], issue: str) -> None:
        answer = app.http.get(TRANSACTIONS, params=query)
        assert (answer.status_code, issues(answer)) == (400, [issue])
