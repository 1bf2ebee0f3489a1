"""The demo shop's cases as case files, so that the judgement of each is pinned by a test."""

from __future__ import annotations

from datetime import date

from disputes.facts import Address, CaseFile
from disputes.lifecycle import Kind
from disputes.money import Money
from disputes.ports import Capabilities
from evidence.claim import Claim
from tests.evidence.builders import (
    ELSEWHERE,
    ago,
    case,
    claim,
    document,
    eur,
    event,
    label_only,
    line,
    message,
    order,
    ours,
    payment,
    policy,
    prior,
    refund,
    shipment,
    three_d_secure,
    usage,
    usd,
)

ISTANBUL = Address(
    name="Mehmet Yılmaz", line1="İstiklal Caddesi No: 5", city="İstanbul", postal_code="34430", country="TR"
)
Story = tuple[Claim, CaseFile]


def s01() -> Story:
    checks = {"avs_line1": "pass", "avs_postal_code": "pass", "cvc": "pass"}
    return claim(), case(
        payment=payment(**checks),
        shipments=(shipment(signed_by="E. CARTER"),),
        documents=(document("delivery_photo"),),
    )


def s02() -> Story:
    amount = eur(24950)
    the_claim = claim(reason_code="10.4", raw_reason="fraudulent", amount=amount, opened_at=ago(5))
    return the_claim, case(
        payment=payment(
            amount=amount,
            paid_at=ago(30),
            three_d_secure=three_d_secure(),
            customer_email="m@example.com.tr",
            billing=ISTANBUL,
        ),
        orders=(
            order(
                placed_at=ago(30),
                total=amount,
                customer_name="MEHMET YILMAZ",
                customer_email="m@example.com.tr",
                billing=ISTANBUL,
                shipping=ISTANBUL,
                lines=(line(description="Brass lamp", amount=amount),),
            ),
        ),
        shipments=(
            shipment(
                carrier="MNG Kargo",
                shipped_at=ago(28),
                delivered_at=ago(25),
                delivered_to=Address(line1="ISTIKLAL CAD. 5", city="ISTANBUL", country="TR"),
                events=(),
            ),
        ),
        messages=(message(at=ago(24), sender="m@example.com.tr", body="Merhaba, lambayı nasıl bağlarım?"),),
    )


def s03() -> Story:
    amount = eur(5900)
    the_claim = claim(
        network="mastercard", reason_code="4837", raw_reason="fraudulent", amount=amount, opened_at=ago(4)
    )
    return the_claim, case(
        payment=payment(
            amount=amount, paid_at=ago(28), prior_payments=(prior(), prior(payment_id="ch_00", paid_at=ago(260)))
        ),
        orders=(
            order(
                placed_at=ago(28),
                total=amount,
                account_id="acc-3",
                account_since=ago(730),
                device_id="device-3",
                shipping=None,
                lines=(line(description="Pattern pack", amount=amount, product_type="digital"),),
            ),
        ),
        shipments=(),
        messages=(),
        usage=(
            usage(
                event(at=ago(28 - 0.1), action="download", device_id="device-3", account_id="acc-3"),
                event(at=ago(22), action="view", device_id="device-3", account_id="acc-3"),
            ),
        ),
    )


def s04() -> Story:
    checks = {"avs_line1": "fail", "avs_postal_code": "fail", "cvc": "pass"}
    the_claim = claim(reason_code="10.4", raw_reason="fraudulent", amount=usd(41200), opened_at=ago(3))
    return the_claim, case(
        payment=payment(amount=usd(41200), paid_at=ago(25), **checks),
        orders=(order(placed_at=ago(25), total=usd(41200), shipping=ELSEWHERE, ip=None),),
        shipments=(shipment(shipped_at=ago(23), delivered_at=ago(20), delivered_to=ELSEWHERE, events=()),),
        messages=(),
    )


def s05(sub_condition: str | None = None) -> Story:
    amount = eur(13400)
    the_claim = claim(
        network="mastercard",
        reason_code="4853",
        raw_reason="product_unacceptable",
        amount=amount,
        opened_at=ago(7),
        sub_condition=sub_condition,
    )
    return the_claim, case(
        payment=payment(amount=amount, paid_at=ago(45), customer_email="ayse@example.com.tr"),
        orders=(
            order(
                placed_at=ago(45),
                total=amount,
                customer_email="ayse@example.com.tr",
                lines=(line(description="Ceramic bowls", amount=amount),),
            ),
        ),
        shipments=(shipment(shipped_at=ago(43), delivered_at=ago(39), events=()),),
        messages=(
            message(at=ago(38), sender="ayse@example.com.tr", body="Merhaba, kaselerde renk farkı var, çok üzgünüm."),
            ours("Merhaba Ayşe Hanım, iade kodu ekte, ürünü geri gönderebilirsiniz.", at=ago(37)),
        ),
        policies=(policy(),),
        documents=(document("product_description"), document("photos")),
    )


def s06() -> Story:
    amount = Money(2900, "GBP")
    the_claim = claim(reason_code="13.2", raw_reason="subscription_canceled", amount=amount, opened_at=ago(2))
    return the_claim, case(
        payment=payment(amount=amount, paid_at=ago(15)),
        orders=(
            order(
                placed_at=ago(200),
                terms_accepted_at=ago(200),
                total=amount,
                payment_id=None,
                shipping=None,
                lines=(line(description="Lale Patterns, monthly", amount=amount, product_type="subscription"),),
            ),
        ),
        shipments=(),
        messages=(
            ours(
                "Hello James, your subscription will renew in one week. You can cancel it in your account.", at=ago(22)
            ),
        ),
        usage=(usage(event(at=ago(100)), event(at=ago(10), action="view")),),
        policies=(policy(kind="cancellation", title="Cancel any time", shown_where="Sign-up page"),),
    )


def s07() -> Story:
    amount = eur(7640)
    the_claim = claim(reason_code="13.6", raw_reason="credit_not_processed", amount=amount, opened_at=ago(5))
    made = refund(amount=amount, created_at=ago(20), arn="74537604221431003881865")
    return the_claim, case(
        payment=payment(amount=amount, paid_at=ago(50), refunds=(made,)),
        orders=(order(placed_at=ago(50), total=amount),),
        messages=(),
    )


def s08() -> Story:
    the_claim = claim(
        network="amex", reason_code="C02", raw_reason="credit_not_processed", amount=usd(9800), opened_at=ago(6)
    )
    return the_claim, case(
        payment=payment(amount=usd(9800), paid_at=ago(48)),
        orders=(order(placed_at=ago(48), total=usd(9800)),),
        messages=(
            ours(
                "Hello Robert, sorry for the trouble. We will refund you the full amount within five days.", at=ago(18)
            ),
        ),
    )


def s09() -> Story:
    amount = usd(6400)
    the_claim = claim(network="discover", reason_code="4534", raw_reason="duplicate", amount=amount, opened_at=ago(3))
    return the_claim, case(
        payment=payment(amount=amount, paid_at=ago(22)),
        orders=(
            order(
                order_ref="LL-1009",
                placed_at=ago(22),
                total=amount,
                lines=(line(description="Cushion", amount=amount),),
            ),
            order(
                order_ref="LL-1010",
                placed_at=ago(22),
                total=amount,
                payment_id="ch_other",
                lines=(line(description="Table runner", amount=amount),),
            ),
        ),
        shipments=(
            shipment(order_ref="LL-1009", tracking_number="T9", shipped_at=ago(21), delivered_at=ago(18), events=()),
            shipment(order_ref="LL-1010", tracking_number="T10", shipped_at=ago(21), delivered_at=ago(17), events=()),
        ),
        messages=(),
    )


def s10() -> Story:
    amount = Money(12800, "JPY")
    the_claim = claim(
        network="amex", reason_code="C08", raw_reason="product_not_received", amount=amount, opened_at=ago(5)
    )
    return the_claim, case(
        payment=payment(amount=amount, paid_at=ago(35), cvc="pass", avs_line1="pass", avs_postal_code="pass"),
        orders=(order(placed_at=ago(35), total=amount, promised_by=date(2026, 11, 1)),),
        shipments=(label_only(),),
        messages=(
            ours("Thank you for your order LL-1011, we are glad to have you.", at=ago(35)),
            message(message_id="a", at=ago(34), body="Thank you, I am looking forward to it."),
            message(message_id="b", at=ago(20), body="Hello, how is my order doing? Thanks for your help."),
        ),
        documents=(document("invoice"), document("product_description"), document("order_confirmation")),
        policies=(policy(kind="shipping", title="Shipping"), policy()),
    )


def s11() -> Story:
    the_claim = claim(
        kind=Kind.INQUIRY,
        network="mastercard",
        reason_code="6321",
        raw_reason="unrecognized",
        amount=eur(4500),
        opened_at=ago(2),
    )
    return the_claim, case(
        payment=payment(
            amount=eur(4500), paid_at=ago(18), cvc="pass", avs_line1="unavailable", avs_postal_code="unavailable"
        ),
        orders=(order(placed_at=ago(18), total=eur(4500)),),
        shipments=(shipment(shipped_at=ago(17), delivered_at=ago(14), events=()),),
        messages=(message(at=ago(13), body="Hello, there was a gift card in the box. Is it for me?"),),
    )


def s12() -> Story:
    the_claim = claim(
        kind=Kind.INQUIRY, reason_code="10.4", raw_reason="fraudulent", amount=eur(15800), opened_at=ago(4)
    )
    return the_claim, case(
        payment=payment(amount=eur(15800), paid_at=ago(21), three_d_secure=three_d_secure()),
        orders=(order(placed_at=ago(21), total=eur(15800)),),
        shipments=(shipment(shipped_at=ago(20), delivered_at=ago(17), events=()),),
        messages=(),
    )


def s13() -> Story:
    the_claim = claim(reason_code="99.9", raw_reason="item_teleported", amount=eur(8800), opened_at=ago(4))
    return the_claim, case(
        payment=payment(amount=eur(8800), paid_at=ago(26)),
        orders=(order(placed_at=ago(26), total=eur(8800)),),
        shipments=(shipment(shipped_at=ago(25), delivered_at=ago(22), events=()),),
        messages=(),
    )


def s14() -> Story:
    amount = Money(12000, "GBP")
    the_claim = claim(network="mastercard", reason_code="4855", amount=amount, opened_at=ago(8))
    return the_claim, case(
        payment=payment(amount=amount, paid_at=ago(31)),
        orders=(order(placed_at=ago(31), total=amount),),
        shipments=(shipment(carrier="Royal Mail", shipped_at=ago(30), delivered_at=ago(27), events=()),),
        messages=(),
        documents=(document("delivery_photo", media_type="image/jpeg"),),
    )


def s15() -> Story:
    the_claim = claim(amount=eur(6700), opened_at=ago(25), due_at=ago(2))
    return the_claim, case(
        payment=payment(amount=eur(6700), paid_at=ago(60)),
        orders=(order(placed_at=ago(60), total=eur(6700)),),
        shipments=(shipment(shipped_at=ago(58), delivered_at=ago(20), events=()),),
        messages=(),
    )


def s16() -> Story:
    the_claim = claim(reason_code="10.5", raw_reason="fraudulent", amount=eur(31000), due_at=None)
    return the_claim, case(
        payment=payment(amount=eur(31000), three_d_secure=three_d_secure()), orders=(order(total=eur(31000)),)
    )


def s17() -> Story:
    the_claim = claim(
        kind=Kind.COMPLIANCE, reason_code="C028", raw_reason="noncompliant", amount=usd(20500), opened_at=ago(4)
    )
    return the_claim, case(payment=payment(amount=usd(20500)), orders=(order(total=usd(20500)),))


def s18() -> Story:
    amount = eur(5430)
    the_claim = claim(reason_code="12.5", raw_reason="general", amount=amount, opened_at=ago(4))
    return the_claim, case(
        payment=payment(amount=amount),
        orders=(order(total=amount, amounts={"subtotal": eur(4500), "shipping": eur(430), "tax": eur(500)}),),
        messages=(),
    )


def s19() -> Story:
    amount = eur(14200)
    the_claim = claim(reason_code="13.7", raw_reason="credit_not_processed", amount=amount, opened_at=ago(3))
    return the_claim, case(
        payment=payment(amount=amount, paid_at=ago(34)),
        orders=(order(placed_at=ago(34), total=amount, cancelled_at=ago(31)),),
        shipments=(shipment(shipped_at=ago(32), delivered_at=ago(28), events=()),),
        messages=(),
        policies=(policy(), policy(kind="cancellation", title="Cancel before dispatch")),
    )


def s20() -> Story:
    the_claim = claim(reason_code="12.6.2", raw_reason="duplicate", amount=usd(7700), opened_at=ago(3))
    return the_claim, case(
        payment=payment(amount=usd(7700)),
        orders=(order(total=usd(7700)),),
        messages=(),
        documents=(document("payment_ledger"),),
    )


def s21() -> Story:
    the_claim = claim(
        network="mastercard", reason_code="4808", raw_reason="general", amount=eur(18300), opened_at=ago(2)
    )
    return the_claim, case(
        payment=payment(amount=eur(18300), captured=eur(18300), authorization_code="123456"),
        orders=(order(total=eur(18300)),),
        messages=(),
    )


def s22() -> Story:
    the_claim = claim(
        network=None,
        reason_code=None,
        raw_reason="debit_not_authorized",
        amount=eur(3900),
        due_at=None,
        capabilities=Capabilities(submit=False, accept=False, reason="Bank debits are final."),
    )
    return the_claim, case(payment=payment(amount=eur(3900)), orders=(order(total=eur(3900)),))


def s23() -> Story:
    the_claim = claim(network="amex", reason_code="R03", raw_reason="general", amount=usd(9100), opened_at=ago(2))
    return the_claim, case(payment=payment(amount=usd(9100), paid_at=ago(55)), orders=(order(total=usd(9100)),))


def s24() -> Story:
    the_claim = claim(reason_code="12.1", raw_reason="general", amount=eur(11100), opened_at=ago(2))
    return the_claim, case(payment=payment(amount=eur(11100)), orders=(order(total=eur(11100)),), messages=())


def s25() -> Story:
    amount = eur(15000)
    the_claim = claim(reason_code="13.3", raw_reason="product_unacceptable", amount=amount, opened_at=ago(3))
    return the_claim, case(
        payment=payment(amount=amount, paid_at=ago(44), refunds=(refund(amount=eur(4000), created_at=ago(15)),)),
        orders=(order(placed_at=ago(44), total=amount),),
        shipments=(shipment(shipped_at=ago(42), delivered_at=ago(38), events=()),),
        policies=(policy(),),
        documents=(document("product_description"),),
        messages=(),
    )


def alert() -> Story:
    return claim(kind=Kind.ALERT, reason_code=None, raw_reason="unauthorized_use_of_card", amount=eur(5200)), case()


STORIES = {name: value for name, value in sorted(globals().items()) if name[0] == "s" and name[1:].isdigit()}

__all__ = ["STORIES", "Story", "alert"]
