"""Every order of the demo's story gathers what the story says, and is judged as the story expects."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import gateways.sandbox.stripe.seed
from disputes.facts import (
    Message,
    Order,
    Payment,
    Policy,
    PriorPayment,
    Refund,
    Shipment,
    ThreeDSecure,
    UsageLog,
)
from disputes.lifecycle import Kind
from disputes.money import Money
from disputes.ports import Capabilities, Gathered, SourceReport, Wanted
from evidence.assessment import Assessment, AssessmentSettings, assess
from evidence.claim import Claim
from evidence.customer import rule_ids
from evidence.matching import address_agreement
from evidence.sources.folder import FolderSource
from tests.web import demo_cases
from tests.web.demo_cases import Row, address, amount, of, papers, provenance, story
from web.demo.shop import lay_out
from web.demo.tokens import moment, render

pytestmark = pytest.mark.xdist_group("demo-shop")
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
ROWS = story(gateways.sandbox.stripe.seed.STORY)
DISPUTED = [nn for nn, row in ROWS.items() if "dispute" in row]
OPEN = [nn for nn in DISPUTED if int(nn) < 30]
LETTERS_FROM = {"02": 1, "05": 2, "11": 1, "19": 1}
"""Turkish messages of the customer."""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("imports") / "lale-living"
    lay_out(folder, NOW)
    return folder


@pytest.fixture(scope="module")
def reports(shop: Path) -> dict[str, SourceReport]:
    source = FolderSource(shop, zone="Europe/Istanbul")
    return {nn: source.gather(wanted(ROWS[nn])) for nn in DISPUTED}


def charge(row: Row) -> str:
    return f"ch_3Lale{row['nn']}{'0' * 16}"


def wanted(row: Row) -> Wanted:
    return demo_cases.wanted(row, charge(row), NOW)


def paid_at(row: Row, days: int) -> datetime:
    return demo_cases.at(row, days, NOW)


EARLIER = {"03": ("27", "28"), "44": ("43",), "46": ("47", "48")}
"""Payments of the same card that the gateway lists before the disputed one."""


def earlier(nn: str) -> PriorPayment:
    row = ROWS[nn]
    at = paid_at(row, row["paid_days"])
    return PriorPayment(payment_id=charge(row), amount=amount(row), paid_at=at, order_ref=row["order"])


def payment(row: Row) -> Payment:
    checks = row.get("checks", {})
    refunds = [
        Refund(
            refund_id="re_1",
            amount=Money.parse(each["amount"], row["currency"]),
            created_at=paid_at(row, each["days"]),
            status="succeeded",
            arn=each["arn"],
        )
        for each in row.get("refunds", [])
    ]
    prior = [earlier(nn) for nn in EARLIER.get(row["nn"], ())]
    return Payment(
        provenance=provenance("pay"),
        payment_id=charge(row),
        amount=amount(row),
        paid_at=paid_at(row, row["paid_days"]),
        statement_descriptor="LALE LIVING",
        authorization_code="123456",
        avs_line1=checks.get("address_line1_check", "pass"),
        avs_postal_code=checks.get("address_postal_code_check", "pass"),
        cvc=checks.get("cvc_check", "pass"),
        three_d_secure=ThreeDSecure(result="authenticated") if "three_d_secure" in row else None,
        ip=row["customer"]["ip"],
        customer_name=row["customer"]["name"],
        customer_email=row["customer"]["email"],
        billing=address(row, "billing"),
        shipping=address(row, "shipping"),
        refunds=tuple(refunds),
        prior_payments=tuple(prior),
    )


def judged(nn: str, report: SourceReport) -> Assessment:
    row = ROWS[nn]
    said = row["dispute"]
    case = demo_cases.case_file(payment(row), report, row["order"])
    claim = Claim(
        external_id=f"du_{nn}",
        gateway="stripe",
        gateway_title="Stripe",
        kind={"inquiry": Kind.INQUIRY, "compliance": Kind.COMPLIANCE}.get(said.get("kind", ""), Kind.CHARGEBACK),
        network=row.get("card", {}).get("brand"),
        reason_code=said["network_reason_code"],
        raw_reason=said["reason"],
        amount=amount(row),
        opened_at=paid_at(row, said["opened_days"]),
        due_at=NOW + timedelta(days=5),
        capabilities=Capabilities(submit=said.get("kind") != "final", accept=True),
        unavailable=frozenset(report.unavailable),
    )
    return assess(claim, case, NOW, settings=AssessmentSettings(zone="Europe/Istanbul"))


@pytest.mark.parametrize("nn", DISPUTED)
def test_the_order_of_the_seed_is_found_with_the_same_customer_and_amount(
    nn: str, reports: dict[str, SourceReport]
) -> None:
    row, order = ROWS[nn], of(reports[nn], Order)[0]
    assert (order.order_ref, order.total) == (row["order"], amount(row))
    assert (order.customer_name, order.customer_email, order.customer_phone, order.ip) == tuple(
        row["customer"][each] for each in ("name", "email", "phone", "ip")
    )
    assert (order.billing, order.shipping) == (address(row, "billing"), address(row, "shipping"))
    assert order.payment_id in (charge(row), None)
    assert order.placed_at <= paid_at(row, row["paid_days"])
    assert order.lines


@pytest.mark.parametrize("nn", DISPUTED)
def test_all_is_certain_but_one_mail_that_names_no_order(nn: str, reports: dict[str, SourceReport]) -> None:
    likely = [item for item in reports[nn].items if item.confidence != "certain"]
    assert [item.fact.subject for item in likely if isinstance(item.fact, Message)] == (
        ["Platter"] if nn == "13" else []
    )
    assert all(item.why for item in reports[nn].items)


@pytest.mark.parametrize("nn", DISPUTED)
def test_no_record_is_younger_than_now_and_none_older_than_its_order(nn: str, reports: dict[str, SourceReport]) -> None:
    order = of(reports[nn], Order)[0]
    for message in of(reports[nn], Message):
        assert order.placed_at < message.at < NOW
    for parcel in of(reports[nn], Shipment):
        assert all(event.at < NOW for event in parcel.events)
    for policy in of(reports[nn], Policy):
        assert policy.in_force_from < order.placed_at.date()
        assert policy.in_force_from == (NOW - timedelta(days=300)).date()


PARCELS = {
    "01": ("DHL Express", "E. CARTER", 34),
    "02": ("MNG Kargo", "MEHMET YILMAZ", 25),
    "04": ("UPS", None, 20),
    "05": ("Yurtiçi Kargo", "A. DEMİR", 39),
    "11": ("Yurtiçi Kargo", "E. KAYA", 14),
    "13": ("DHL Paket", None, 22),
    "14": ("Royal Mail", None, 27),
    "15": ("Correos", None, 20),
    "19": ("Aras Kargo", "Z. ARSLAN", 28),
}


@pytest.mark.parametrize("nn", PARCELS)
def test_parcels_arrive_as_told(nn: str, reports: dict[str, SourceReport]) -> None:
    carrier, signed, days = PARCELS[nn]
    (parcel,) = [each for each in of(reports[nn], Shipment) if each.order_ref == ROWS[nn]["order"]]
    assert (parcel.carrier, parcel.signed_by) == (carrier, signed)
    assert parcel.delivered_at is not None
    assert parcel.delivered_at.date() == (NOW - timedelta(days=days)).date()
    assert address_agreement(parcel.delivered_to, address(ROWS[nn], "shipping")) == "same"


def test_one_went_to_another_address_than_the_cards(reports: dict[str, SourceReport]) -> None:
    (parcel,) = of(reports["04"], Shipment)
    assert address_agreement(parcel.delivered_to, address(ROWS["04"], "billing")) == "different"
    assert reports["04"].unavailable == ("customer_account_id",)


def test_one_was_never_shipped(reports: dict[str, SourceReport]) -> None:
    (parcel,) = of(reports["10"], Shipment)
    assert (parcel.shipped_at, parcel.delivered_at) == (None, None)
    assert [event.state for event in parcel.events] == ["label"]
    assert papers(reports["10"]) == {"invoice", "product_description"}
    assert sorted(message.direction for message in of(reports["10"], Message)) == ["in", "in", "out", "out"]


def test_drafts_and_internal_notes_are_not_among_the_messages(reports: dict[str, SourceReport]) -> None:
    said = [message.body for report in reports.values() for message in of(report, Message)]
    assert not any("cannot find" in body or "Risk score" in body or "was delivered" in body for body in said)


def test_use_from_the_purchase_device_after_the_purchase(reports: dict[str, SourceReport]) -> None:
    order = of(reports["03"], Order)[0]
    (log,) = of(reports["03"], UsageLog)
    later = [
        event
        for event in log.events
        if event.at > order.placed_at and event.device_id == order.device_id and event.ip == order.ip
    ]
    assert len({event.at.date() for event in later}) == 6
    assert {each.order_ref for each in of(reports["03"], Order)} == {"LL-1003", "LL-0840", "LL-0790"}
    assert order.account_since == moment(NOW, -730, 8, 15)


def test_the_subscription_was_announced_used_and_never_cancelled(reports: dict[str, SourceReport]) -> None:
    (log,) = of(reports["06"], UsageLog)
    actions = [event.action for event in log.events]
    assert "cancellation" not in actions
    assert actions.count("renewal") == 6
    assert any("will renew" in message.body and message.automatic for message in of(reports["06"], Message))
    assert papers(reports["06"]) == {"cancellation_policy_disclosure"}
    assert {policy.title for policy in of(reports["06"], Policy)} == {"Cancelling Lale Patterns", "Terms of sale"}


def test_two_orders_of_one_day_with_two_parcels_and_two_invoices(reports: dict[str, SourceReport]) -> None:
    orders = of(reports["09"], Order)
    assert [order.order_ref for order in orders] == ["LL-1009", "LL-1010"]
    assert orders[1].payment_id == charge(ROWS["26"])
    assert {parcel.order_ref for parcel in of(reports["09"], Shipment) if parcel.delivered_at} == {"LL-1009", "LL-1010"}
    assert papers(reports["09"]) == {"invoice", "duplicate_charge_documentation"}


def test_the_customers_card_number_reaches_nobody(reports: dict[str, SourceReport]) -> None:
    everything = b"".join(item.data for item in reports["08"].items)
    (message,) = [each for each in of(reports["08"], Message) if each.direction == "in"]
    assert "************1111, CVV [removed]" in message.body
    assert b"4111 1111" not in everything
    item = next(each for each in reports["08"].items if each.fact is message)
    assert "card data was masked" in item.why


@pytest.mark.parametrize("nn", LETTERS_FROM)
def test_turkish_mail_is_whole_and_asks_for_a_translation(nn: str, reports: dict[str, SourceReport]) -> None:
    incoming = [message for message in of(reports[nn], Message) if message.direction == "in"]
    assert len(incoming) == LETTERS_FROM[nn]
    assert not any("\ufffd" in message.body or "Ã" in message.body for message in incoming)
    assert any(letter in incoming[0].body for letter in "ışğ")
    assert len(judged(nn, reports[nn]).needs_translation) >= len(incoming)


def test_a_reply_quotes_and_does_not_say_what_we_wrote(reports: dict[str, SourceReport]) -> None:
    reply = next(message for message in of(reports["05"], Message) if "hafta sonu" in message.body)
    assert reply.quoted.endswith("> tonlar parçadan parçaya biraz değişiyor.")
    assert "şunu yazdı" not in reply.body


def test_hidden_words_of_a_page_are_left_out(reports: dict[str, SourceReport]) -> None:
    item = next(each for each in reports["07"].items if isinstance(each.fact, Message) and "refunded" in each.fact.body)
    assert isinstance(item.fact, Message)
    assert "About your order" not in item.fact.body
    assert "hidden text" in item.why


def test_the_broken_photo_is_refused_by_name(reports: dict[str, SourceReport]) -> None:
    said = {nn: report.refused for nn, report in reports.items() if report.refused}
    assert list(said) == ["13"]
    assert said["13"][0].startswith("documents/LL-1014/photos__Platter before dispatch.jpg is damaged")


EXPECTED = {
    **dict.fromkeys(
        ("01", "02", "03", "06", "07", "09", "11", "12", "13", "14", "17", "18", "19", "20", "21", "24", "25"),
        ("fight", True),
    ),
    **dict.fromkeys(("04", "05", "10", "23"), ("needs_evidence", False)),
    **dict.fromkeys(("08", "15"), ("accept", False)),
    **dict.fromkeys(("16", "22"), ("cannot_be_contested", False)),
}


@pytest.mark.parametrize("nn", OPEN)
def test_the_case_is_judged_as_the_story_expects(nn: str, reports: dict[str, SourceReport]) -> None:
    found = judged(nn, reports[nn])
    assert (found.verdict.value, found.ready) == EXPECTED[nn]


def test_only_the_late_parcel_contradicts_its_answer(reports: dict[str, SourceReport]) -> None:
    blocking = {nn: [each.id for each in judged(nn, reports[nn]).blocking] for nn in OPEN}
    assert {nn: found for nn, found in blocking.items() if found} == {"15": ["delivered_after_dispute"]}


RIGHTS = {
    "08": "promised_refund",
    "15": "delivered_late",
    "34": "promised_replacement",
    "35": "return_on_its_way",
    "36": "return_received",
    "37": "parcel_lost",
    "38": "parcel_returned",
    "39": "parcel_stopped",
    "40": "delivered_late",
    "41": "cancelled_before_shipping",
    "42": "cancelled_before_charge",
    "44": "charged_twice",
    "45": "statutory_withdrawal",
}


@pytest.mark.parametrize("nn", RIGHTS)
def test_the_customer_is_right_and_by_this_rule_alone(nn: str, reports: dict[str, SourceReport]) -> None:
    found = judged(nn, reports[nn])
    assert [each.id for each in found.customer_right] == [RIGHTS[nn]]
    assert (found.verdict.value, found.ready) == ("accept", False)


def test_there_is_one_of_each_rule() -> None:
    assert set(RIGHTS.values()) == set(rule_ids())


def test_a_withdrawal_that_was_answered_only_waits(reports: dict[str, SourceReport]) -> None:
    found = judged("19", reports["19"])
    assert [(each.id, each.accept) for each in found.customer_right] == [("statutory_withdrawal", False)]
    assert found.person_required


def test_a_withdrawal_in_lira_is_not_beaten_by_the_shops_refusal(reports: dict[str, SourceReport]) -> None:
    found = judged("45", reports["45"])
    assert "6502" in found.customer_right[0].rule
    assert [each.id for each in found.blocking] == ["return_refused_against_policy"]
    assert str(found.expected_value.gain).endswith("TRY")


def test_a_returning_customer_qualifies_for_compelling_evidence(reports: dict[str, SourceReport]) -> None:
    found = judged("46", reports["46"])
    assert found.compelling is not None
    assert found.compelling.qualified
    assert [each.order_ref for each in found.compelling.prior] == ["LL-0850", "LL-0800"]
    assert (found.verdict.value, found.ready, found.person_required) == ("fight", True, ())


# ---- laying out ----------------------------------------------------------------------------------------------------


def test_it_is_small_and_every_file_is_what_its_name_says(shop: Path) -> None:
    files = [path for path in shop.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < 3 * 2**20
    marks = {".jpg": b"\xff\xd8\xff", ".png": b"\x89PNG", ".pdf": b"%PDF-"}
    pictures = [path for path in files if path.suffix in marks]
    assert len(pictures) > 15
    assert all(path.read_bytes().startswith(marks[path.suffix]) for path in pictures)
    assert not any(b"{{" in path.read_bytes() for path in files if path.suffix not in marks)


def test_laying_out_again_gives_the_same_records(shop: Path, tmp_path: Path, reports: dict[str, SourceReport]) -> None:
    lay_out(tmp_path, NOW)
    again = FolderSource(tmp_path, zone="Europe/Istanbul").gather(wanted(ROWS["05"]))
    kept: list[Gathered] = [item for item in again.items if item.media_type != "application/pdf"]
    assert [item.data for item in kept] == [
        item.data for item in reports["05"].items if item.media_type != "application/pdf"
    ]


def test_a_token_nobody_knows_is_an_error() -> None:
    with pytest.raises(ValueError, match="not known"):
        render("{{tomorrow}}", NOW)
    assert render("{{-1d 09:30|mail}} {{-1d|gün}}", NOW) == "Sat, 21 Nov 2026 12:30:00 +0300 21 Kasım 2026"
