"""The timeline: every side of a case in the order of time, by day in the shop's zone, and each side by itself."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from disputes import links, store_evidence
from disputes.facts import Message, Order, Payment, Refund, Return, Shipment, TrackingEvent
from disputes.ids import digest
from disputes.models import Dispute, Merchant
from disputes.money import Money
from disputes.ports import AnyFactModel, Gathered
from tests.web.desk import Browser, Desk, words

Shop = tuple[Browser, Merchant, Dispute]
SOLD = datetime(2026, 10, 1, 21, 30, tzinfo=UTC)
"""Half past midnight of the next day in Istanbul."""


def facts() -> list[AnyFactModel]:
    paid = Money(18900, "EUR")
    refund = Refund(refund_id="re_1", amount=Money(500, "EUR"), created_at=SOLD + timedelta(days=9), status="succeeded")
    return [
        Order(order_ref="LL-1009", placed_at=SOLD, terms_accepted_at=SOLD, refunds=(refund,)),
        Payment(payment_id="ch_1", amount=paid, paid_at=SOLD + timedelta(minutes=2), card_last4="4242"),
        Shipment(
            order_ref="LL-1009", carrier="Aras", tracking_number="AK7", shipped_at=SOLD + timedelta(days=1),
            delivered_at=SOLD + timedelta(days=4), signed_by="E. CARTER",
            events=(TrackingEvent(at=SOLD + timedelta(days=3), state="failed", text="Nobody at home"),),
        ),
        Return(
            return_id="rt_1", order_ref="LL-1009", requested_at=SOLD + timedelta(days=6), reason="Too small",
            received_at=SOLD + timedelta(days=8), refused_at=SOLD + timedelta(days=8, hours=2), refusal="It was worn",
        ),
        Message(
            message_id="<a@x>", at=SOLD + timedelta(days=5), direction="in", sender="emily@example.com",
            subject="Where is it?", body="Where is it?",
        ),
    ]  # fmt: skip


@pytest.fixture
def shop(desk: Desk) -> Shop:
    person = desk.person()
    merchant = desk.shop(person)
    case = desk.case(merchant, order_ref="LL-1009")
    with desk.runtime.database.writing() as session:
        for fact in facts():
            data = fact.model_dump_json().encode()
            gathered = Gathered(data, "application/json", "record.json", "asked", fact, "certain", "")
            store_evidence.upsert(
                session, case, gathered, source="shop", source_title="Shop", sha256=digest(data), now=desk.now
            )
    return desk.signed_in(person), merchant, case


def told(shop: Shop, show: str = "") -> str:
    path = f"{links.case(shop[1].slug, shop[2].id)}/timeline?show={show}"
    return words(shop[0].get(path, headers={"hx-request": "true"}))


def test_every_side_is_told_in_the_order_of_time(shop: Shop) -> None:
    everything = told(shop)
    wanted = [
        "Terms accepted", "Paid 189.00 EUR", "card ending 4242", "Shipped", "Delivery failed", "Nobody at home",
        "Delivered", "signed by E. CARTER", "Customer wrote", "Where is it?", "Return asked for", "Too small",
        "Return received", "Return refused", "It was worn", "Refunded", "as the shop's own records say",
        "Dispute opened",
    ]  # fmt: skip
    text = everything.replace("&#39;", "'")
    places = [text.find(each) for each in wanted]
    assert -1 not in places, wanted[places.index(-1)]
    assert places == sorted(places)


def test_days_are_those_of_the_shop_s_zone(shop: Shop) -> None:
    everything = told(shop)
    assert "2 Oct 2026" in everything
    assert not re.search(r"\b1 Oct 2026", everything)
    assert "00:30" in everything


def test_one_side_is_shown_alone_by_a_plain_link(shop: Shop) -> None:
    browser, merchant, case = shop
    page = browser.get(f"{links.case(merchant.slug, case.id)}?show=shipping")
    part = page.text[page.text.index('id="timeline-part"') :]
    assert re.search(r'show=shipping#timeline"[^>]*aria-current="true"', part)
    alone = told(shop, "shipping")
    assert "Delivered" in alone
    assert "Paid 189.00 EUR" not in alone


def test_an_unknown_side_shows_all(shop: Shop) -> None:
    assert told(shop, "nonsense") == told(shop)


def test_without_a_script_the_part_leads_to_the_case(shop: Shop) -> None:
    answer = shop[0].get(f"{links.case(shop[1].slug, shop[2].id)}/timeline?show=desk")
    assert answer.headers["location"] == f"{links.case(shop[1].slug, shop[2].id)}?show=desk#timeline"


def test_what_people_do_is_told_with_their_names(desk: Desk, shop: Shop) -> None:
    browser, merchant, case = shop
    here = links.case(merchant.slug, case.id)
    browser.post(f"{here}/notes", text="Asked the carrier.")
    until = (desk.now + timedelta(days=4)).date().isoformat()
    browser.post(
        f"{here}/ask", item="delivery_signature", role="supplier", language="en", recipient="depo@supplier.example",
        recipient_name="Selin", until_day=until, words="",
    )  # fmt: skip
    alone = told(shop, "desk")
    assert "Note written by Ada Moll" in alone
    assert "Asked Selin for a document by Ada Moll" in alone
