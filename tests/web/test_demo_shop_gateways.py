"""The PayPal and Square orders of the demo's story, and the one of a processor without an API, as the shop has them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import gateways.sandbox.paypal.seed
import gateways.sandbox.square.seed
from disputes.facts import CheckResult, Message, Order, Payment, Policy, PriorPayment, Refund, Shipment, UsageLog
from disputes.knowledge.carriers import paypal_carrier
from disputes.lifecycle import Kind
from disputes.money import Money
from disputes.ports import Capabilities, SourceReport, Wanted
from evidence.assessment import Assessment, AssessmentSettings, assess
from evidence.claim import Claim
from evidence.matching import address_agreement
from evidence.sources.folder import FolderSource
from tests.web import demo_cases
from tests.web.demo_cases import Row, address, amount, of, papers, provenance, story
from web.demo.shop import lay_out
from web.demo.tokens import moment

pytestmark = pytest.mark.xdist_group("demo-shop")
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
PAYPAL = story(gateways.sandbox.paypal.seed.STORY)
SQUARE = story(gateways.sandbox.square.seed.STORY)
# P01 is PayPal's row 01, S01 Square's.
ROWS = {f"P{nn}": row for nn, row in PAYPAL.items()} | {f"S{nn}": row for nn, row in SQUARE.items()}
DISPUTED = [key for key, row in ROWS.items() if "dispute" in row]
BY_HAND = Wanted(
    "1899120034",
    "LL-4001",
    "zeynep.arslan@example.com.tr",
    "Zeynep Arslan",
    moment(NOW, -26, 12),
    Money.parse("2450.00", "TRY"),
)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("imports") / "lale-living"
    lay_out(folder, NOW)
    return folder


@pytest.fixture(scope="module")
def reports(shop: Path) -> dict[str, SourceReport]:
    source = FolderSource(shop, zone="Europe/Istanbul")
    found = {key: source.gather(demo_cases.wanted(ROWS[key], payment_id(key), NOW)) for key in DISPUTED}
    return found | {"M": source.gather(BY_HAND)}


def payment_id(key: str) -> str:
    nn, order = ROWS[key]["nn"], ROWS[key]["order"].removeprefix("LL-")
    return f"2{order}{nn}0C00000000" if key.startswith("P") else f"LaleSq{nn}Pay{'0' * 16}ZY"


def at(key: str, days: int) -> datetime:
    return demo_cases.at(ROWS[key], days, NOW)


def other(key: str) -> PriorPayment:
    row = ROWS[key]
    return PriorPayment(
        payment_id=payment_id(key), amount=amount(row), paid_at=at(key, row["paid_days"]), order_ref=row["order"]
    )


def payment(key: str) -> Payment:
    """As the gateway tells it: PayPal no card checks, Square those of American and Canadian cards."""
    row, square = ROWS[key], key.startswith("S")
    checked = square and row["customer"]["billing"]["country"] in ("US", "CA")
    avs: CheckResult = "fail" if row.get("checks", {}).get("avs") == "REJECTED" else "pass"
    refunds = [
        Refund(
            refund_id="refund",
            amount=Money.parse(each["amount"], row["currency"]),
            created_at=at(key, each["days"]),
            status="succeeded",
        )
        for each in row.get("refunds", [])
    ]
    return Payment(
        provenance=provenance("pay"),
        payment_id=payment_id(key),
        amount=amount(row),
        paid_at=at(key, row["paid_days"]),
        avs_line1=avs if checked else None,
        avs_postal_code=avs if checked else None,
        cvc="pass" if square else None,
        customer_name=row["customer"]["name"],
        customer_email=row["customer"]["email"],
        billing=address(row, "billing") if square else None,
        shipping=address(row, "shipping"),
        refunds=tuple(refunds),
        prior_payments=tuple(other(each) for each in {"S02": ("S25", "S26")}.get(key, ())),
        same_order=tuple(other(each) for each in {"P24": ("P25",), "S19": ("S20",)}.get(key, ())),
    )


def kind(said: Row) -> Kind:
    if said.get("stage") == "PRE_ARBITRATION" or said.get("appealable"):
        return Kind.PRE_ARBITRATION
    return Kind.INQUIRY if "INQUIRY" in (said.get("stage"), said.get("kind", "").upper()) else Kind.CHARGEBACK


def judged(key: str, report: SourceReport) -> Assessment:
    row, said = ROWS[key], ROWS[key]["dispute"]
    paypal = key.startswith("P")
    code = said.get("external_reason_code")
    told = [
        Message(
            message_id="at-the-gateway", at=at(key, said["opened_days"]), direction="in", sender="Buyer", body=words
        )
        for words in [said.get("message")]
        if words
    ]
    claim = Claim(
        external_id=key,
        gateway="paypal" if paypal else "square",
        gateway_title="PayPal" if paypal else "Square",
        kind=kind(said),
        network=("visa" if code else "paypal") if paypal else row["card"]["brand"].lower(),
        reason_code=(code or said["reason"]) if paypal else None,
        raw_reason=said["reason"],
        amount=Money.parse(said.get("disputed_amount", row["amount"]), row["currency"]),
        opened_at=at(key, said["opened_days"]),
        due_at=NOW + timedelta(days=-1 if key == "S14" else 5),
        capabilities=Capabilities(submit=said["reason"] != "EMV_LIABILITY_SHIFT", accept=True),
        unavailable=frozenset(report.unavailable),
    )
    case = demo_cases.case_file(payment(key), report, row["order"], *told)
    return assess(claim, case, NOW, settings=AssessmentSettings(zone="Europe/Istanbul"))


def parcels(report: SourceReport, order_ref: str) -> list[Any]:
    return [each for each in of(report, Shipment) if each.order_ref == order_ref and not each.is_return]


# ---- what is found -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", DISPUTED)
def test_the_order_of_the_seed_is_found_with_the_same_customer_and_amount(
    key: str, reports: dict[str, SourceReport]
) -> None:
    row, order = ROWS[key], of(reports[key], Order)[0]
    assert (order.order_ref, order.total) == (row["order"], amount(row))
    assert (order.customer_name, order.customer_email, order.customer_phone) == tuple(
        row["customer"][each] for each in ("name", "email", "phone")
    )
    assert (order.billing, order.shipping) == (address(row, "billing"), address(row, "shipping"))
    assert order.payment_id in (payment_id(key), None)
    assert order.placed_at < at(key, row["paid_days"])
    assert order.lines


@pytest.mark.parametrize("key", [*DISPUTED, "M"])
def test_all_is_certain_and_nothing_is_refused(key: str, reports: dict[str, SourceReport]) -> None:
    assert reports[key].refused == ()
    assert {item.confidence for item in reports[key].items} == {"certain"}


@pytest.mark.parametrize("key", [*DISPUTED, "M"])
def test_no_record_is_younger_than_now_and_none_older_than_its_order(
    key: str, reports: dict[str, SourceReport]
) -> None:
    orders = {each.order_ref: each for each in of(reports[key], Order)}
    for message in of(reports[key], Message):
        assert orders[message.order_ref].placed_at < message.at < NOW
    for parcel in of(reports[key], Shipment):
        assert all(orders[parcel.order_ref].placed_at < event.at < NOW for event in parcel.events)
        assert parcel.shipped_at is None or parcel.shipped_at <= parcel.events[0].at
    for log in of(reports[key], UsageLog):
        assert all(event.at < NOW for event in log.events)


@pytest.mark.parametrize("key", [*DISPUTED, "M"])
def test_what_arrived_arrived_where_it_was_sent(key: str, reports: dict[str, SourceReport]) -> None:
    orders = {each.order_ref: each for each in of(reports[key], Order)}
    for parcel in of(reports[key], Shipment):
        if parcel.delivered_at and not parcel.is_return:
            assert address_agreement(parcel.delivered_to, orders[parcel.order_ref].shipping) == "same"


PARCELS = {
    "P01": ("Yurtiçi Kargo", "10345678901", "AHMET KARA", 27),
    "P02": ("Aras Kargo", "2290117345562", None, 23),
    "P04": ("GLS", "60231184420", None, 19),
    "P14": ("UPS", "1Z999AA10123456784", "D KIM", 55),
    "P17": ("UPS", "1Z7A81E40390418328", None, 31),
    "P20": ("An Post", "RR123456785IE", None, 26),
    "S01": ("UPS", "1Z7A81E40391430014", "H. BROOKS", 27),
    "S02": ("Canada Post", "7023210430028814", "O. MARTIN", 21),
    "S13": ("Australia Post", "33QAB4301301000937", None, 29),
    "S17": ("Australia Post", "33QAB4301701000934", None, 9),
}


@pytest.mark.parametrize("key", PARCELS)
def test_parcels_arrive_as_told(key: str, reports: dict[str, SourceReport]) -> None:
    (parcel,) = parcels(reports[key], ROWS[key]["order"])
    assert (parcel.carrier, parcel.tracking_number, parcel.signed_by) == PARCELS[key][:3]
    assert parcel.delivered_at is not None
    assert parcel.delivered_at.date() == (NOW - timedelta(days=PARCELS[key][3])).date()


@pytest.mark.parametrize(
    ("key", "told"),
    {
        "P01": ("YURTICI_KARGO", None),
        "P02": ("OTHER", "Aras Kargo"),
        "P04": ("GLS", None),
        "P12": ("AUSTRIAN_POST", None),
        "P20": ("AN_POST", None),
        "P22": ("USPS", None),
    }.items(),
)
def test_paypal_is_told_the_carrier_by_its_own_word(
    key: str, told: tuple[str, str | None], reports: dict[str, SourceReport]
) -> None:
    (parcel,) = parcels(reports[key], ROWS[key]["order"])
    assert paypal_carrier(parcel.carrier) == told


@pytest.mark.parametrize("key", ["P18", "S04"])
def test_a_label_that_nobody_scanned(key: str, reports: dict[str, SourceReport]) -> None:
    (parcel,) = of(reports[key], Shipment)
    assert (parcel.shipped_at, parcel.delivered_at) == (None, None)
    assert [event.state for event in parcel.events] == ["label"]
    assert len([each for each in of(reports[key], Message) if each.direction == "in"]) == 2


@pytest.mark.parametrize(("key", "days"), [("P05", 13), ("P23", 17), ("S08", 22), ("S15", 9)])
def test_what_came_back_is_known_as_a_return(key: str, days: int, reports: dict[str, SourceReport]) -> None:
    (back,) = [each for each in of(reports[key], Shipment) if each.is_return]
    assert back.delivered_at.date() == (NOW - timedelta(days=days)).date()


@pytest.mark.parametrize(("key", "refs"), [("P06", ["LL-2006", "LL-2007"]), ("S05", ["LL-3005", "LL-3006"])])
def test_two_orders_of_one_day_with_two_parcels_and_two_invoices(
    key: str, refs: list[str], reports: dict[str, SourceReport]
) -> None:
    assert [order.order_ref for order in of(reports[key], Order)] == refs
    assert sorted(each.order_ref for each in of(reports[key], Shipment) if each.delivered_at) == refs
    assert papers(reports[key]) == {"invoice", "duplicate_charge_documentation"}


@pytest.mark.parametrize(("key", "again"), [("P24", "P25"), ("S19", "S20"), ("S22", "S27")])
def test_an_order_paid_twice_is_one_order_with_one_parcel(
    key: str, again: str, reports: dict[str, SourceReport]
) -> None:
    (order,) = of(reports[key], Order)
    assert order.order_ref == ROWS[again]["order"]
    assert len(of(reports[key], Shipment)) == 1


@pytest.mark.parametrize(("key", "refs"), [("P04", {"LL-0870"}), ("S02", {"LL-2890", "LL-2840"})])
def test_earlier_orders_come_from_the_same_account_and_address(
    key: str, refs: set[str], reports: dict[str, SourceReport]
) -> None:
    orders = {each.order_ref: each for each in of(reports[key], Order)}
    assert set(orders) == refs | {ROWS[key]["order"]}
    assert len({(each.account_id, each.ip, each.device_id, each.shipping) for each in orders.values()}) == 1


def test_the_membership_was_cancelled_charged_and_no_longer_used(reports: dict[str, SourceReport]) -> None:
    (log,) = of(reports["P09"], UsageLog)
    cancelled, confirmed = of(reports["P09"], Message)
    assert cancelled.at < confirmed.at < at("P09", 14)
    assert [event.action for event in log.events if event.at > cancelled.at] == ["renewal"]


# ---- letters in old encodings --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("P02", "Işığı tam düşündüğüm gibi"),
        ("P04", "Bálint Nagy"),
        ("P18", "林偉倫"),
        ("S04", "田中由紀"),
        ("M", "çok yakıştı. Bakımını"),
    ],
)
def test_mail_in_old_encodings_is_whole(key: str, words: str, reports: dict[str, SourceReport]) -> None:
    said = [message for message in of(reports[key], Message) if words in f"{message.sender}\n{message.body}"]
    assert said
    assert not any("\ufffd" in message.body for message in of(reports[key], Message))


def test_attached_photos_are_named_and_not_kept(reports: dict[str, SourceReport]) -> None:
    notes = [item.why for item in reports["P13"].items if isinstance(item.fact, Message)]
    assert [note.rpartition("it: ")[2] for note in notes if "not kept" in note] == ["vase.jpg", "rim.jpg"]


# ---- how they are judged -------------------------------------------------------------------------------------------

OPEN = [key for key in DISPUTED if not {"outcome", "answered_days"} & set(ROWS[key]["dispute"])] + ["P14"]
EXPECTED = {
    **dict.fromkeys(
        [f"P{nn:02}" for nn in (1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 13, 14, 16, 17, 20)]
        + [f"S{nn:02}" for nn in (1, 2, 3, 5, 8, 9, 10, 12, 13)],
        ("fight", True),
    ),
    **dict.fromkeys(("P12", "P18", "S04", "S16"), ("needs_evidence", False)),
    **dict.fromkeys(("P09", "P22", "P23", "P24", "S07", "S15", "S17", "S18", "S19"), ("accept", False)),
    "S11": ("cannot_be_contested", False),
    "S14": ("fight", False),
}


@pytest.mark.parametrize("key", OPEN)
def test_the_case_is_judged_as_the_story_expects(key: str, reports: dict[str, SourceReport]) -> None:
    found = judged(key, reports[key])
    assert (found.verdict.value, found.ready) == EXPECTED[key]


RIGHTS = {
    "P05": {"return_received"},
    "P09": {"cancelled_before_charge"},
    "P22": {"parcel_lost"},
    "P23": {"return_received", "statutory_withdrawal"},
    "P24": {"charged_twice"},
    "S07": {"cancelled_before_shipping"},
    "S08": {"return_received"},
    "S15": {"return_received"},
    "S17": {"delivered_late"},
    "S18": {"parcel_lost"},
    "S19": {"charged_twice"},
}


@pytest.mark.parametrize("key", OPEN)
def test_the_customer_may_be_right_where_the_story_says_so(key: str, reports: dict[str, SourceReport]) -> None:
    assert {each.id for each in judged(key, reports[key]).customer_right} == RIGHTS.get(key, set())


def test_the_case_entered_by_hand_is_complete(reports: dict[str, SourceReport]) -> None:
    report = reports["M"]
    order = of(report, Order)[0]
    paid = Payment(
        provenance=provenance("pay"), payment_id="1899120034", amount=BY_HAND.amount, paid_at=moment(NOW, -26)
    )
    claim = Claim(
        external_id="IYZ-2026-4001",
        gateway="manual",
        gateway_title="iyzico",
        kind=Kind.CHARGEBACK,
        network="visa",
        reason_code="13.1",
        raw_reason="not_received",
        amount=BY_HAND.amount,
        opened_at=moment(NOW, -2),
        due_at=NOW + timedelta(days=5),
    )
    case = demo_cases.case_file(paid, report, "LL-4001")
    found = assess(claim, case, NOW, settings=AssessmentSettings(zone="Europe/Istanbul"))
    assert (found.verdict.value, found.ready, found.person_required) == ("fight", True, ())
    (parcel,) = parcels(report, "LL-4001")
    assert order.placed_at < moment(NOW, -26, 0) < parcel.shipped_at < parcel.delivered_at
    assert parcel.signed_by == "ZEYNEP ARSLAN"
    assert papers(report) == {"delivery_photo", "delivery_signature", "invoice"}
    assert [message.direction for message in of(report, Message)] == ["out", "in", "out"]
    assert {policy.in_force_from for policy in of(report, Policy)} == {(NOW - timedelta(days=300)).date()}
