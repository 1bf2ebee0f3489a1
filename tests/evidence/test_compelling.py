"""Visa Compelling Evidence 3.0: which two earlier orders, what they share, and Stripe's structure."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from disputes.facts import Address, CaseFile, Order, Payment
from disputes.knowledge import action_words, compelling_elements, compelling_rule
from disputes.lifecycle import Kind
from evidence.claim import Claim
from evidence.compelling import CompellingEvidence
from evidence.letter import compose
from tests.evidence.builders import (
    IP,
    ago,
    case,
    claim,
    judged,
    line,
    order,
    payment,
    prior,
    shipment,
    usd,
)

VISA = claim(reason_code="10.4", raw_reason="fraudulent")
ROOT = "enhanced_evidence.visa_compelling_evidence_3"
DEVICE = "5f0c1d9ab2e84471a6d3"
FINGERPRINT = "fp-5f0c1d9ab2e84471a6d3-77"
FULL = Address(
    name="Emily Carter",
    line1="12 Maple Street",
    line2="Apt 4",
    city="Portland",
    region="OR",
    postal_code="97201",
    country="US",
)
OTHER_IP = "198.51.100.99"
SPECIFICATION = Path(__file__).resolve().parents[2].parent / "shared" / "contracts" / "stripe" / "openapi_subset.json"


def earlier(number: int, days: float, **changes: Any) -> Order:
    base = {
        "order_ref": f"LL-09{number}",
        "placed_at": ago(40 + days),
        "payment_id": f"ch_0{number}",
        "total": usd(4000),
        "ip": IP,
        "account_id": "acc-1",
        "lines": (line(description=f"Cushion {number}"),),
    }
    return order(**base | changes)


def paid(*days: float, **changes: Any) -> Payment:
    found = tuple(
        prior(payment_id=f"ch_0{number}", paid_at=ago(40 + each), ip=None) for number, each in enumerate(days, 1)
    )
    return payment(**{"prior_payments": found} | changes)


def repeat(**changes: Any) -> CaseFile:
    """A customer with an account and two earlier orders of 160 and 220 days before."""
    base: dict[str, Any] = {
        "payment": paid(160, 220),
        "orders": (order(account_id="acc-1"), earlier(1, 160), earlier(2, 220)),
        "messages": (),
    }
    return case(**base | changes)


def evidence(the_case: CaseFile, the_claim: Claim = VISA) -> CompellingEvidence:
    found = judged(the_claim, the_case).compelling
    assert found is not None
    return found


class TestQualified:
    def test_two_earlier_orders_that_share_ip_and_account(self) -> None:
        found = evidence(repeat())
        assert found.status == "qualified"
        assert [each.element for each in found.matches] == [
            "customer_purchase_ip",
            "customer_email_address",
            "customer_account_id",
        ]
        assert [(each.payment_id, each.days_before) for each in found.prior] == [("ch_01", 160), ("ch_02", 220)]
        assert found.lacking == ()

    def test_stripes_structure_is_filled(self) -> None:
        fields = evidence(repeat()).fields
        assert fields == {
            f"{ROOT}.disputed_transaction.product_description": "1 x Linen set",
            f"{ROOT}.disputed_transaction.customer_purchase_ip": IP,
            f"{ROOT}.disputed_transaction.customer_email_address": "emily@example.com",
            f"{ROOT}.disputed_transaction.customer_account_id": "acc-1",
            f"{ROOT}.disputed_transaction.merchandise_or_services": "merchandise",
            f"{ROOT}.prior_undisputed_transactions[0].charge": "ch_01",
            f"{ROOT}.prior_undisputed_transactions[0].product_description": "1 x Cushion 1",
            f"{ROOT}.prior_undisputed_transactions[0].customer_purchase_ip": IP,
            f"{ROOT}.prior_undisputed_transactions[0].customer_email_address": "emily@example.com",
            f"{ROOT}.prior_undisputed_transactions[0].customer_account_id": "acc-1",
            f"{ROOT}.prior_undisputed_transactions[1].charge": "ch_02",
            f"{ROOT}.prior_undisputed_transactions[1].product_description": "1 x Cushion 2",
            f"{ROOT}.prior_undisputed_transactions[1].customer_purchase_ip": IP,
            f"{ROOT}.prior_undisputed_transactions[1].customer_email_address": "emily@example.com",
            f"{ROOT}.prior_undisputed_transactions[1].customer_account_id": "acc-1",
        }

    def test_every_field_is_one_of_the_specification(self) -> None:
        if not SPECIFICATION.exists():
            pytest.skip("the contracts are not beside this checkout")
        names = set(_leaves(_structure(json.loads(SPECIFICATION.read_text(encoding="utf-8")))))
        both = repeat(
            orders=tuple(
                each.model_copy(update={"shipping": FULL, "device_id": DEVICE})
                for each in (order(account_id="acc-1"), earlier(1, 160), earlier(2, 220))
            )
        )
        sent = {
            name.removeprefix(f"{ROOT}.").replace("[0]", "[]").replace("[1]", "[]") for name in evidence(both).fields
        }
        assert sent <= names
        assert any("shipping_address" in name for name in sent)

    def test_the_gateways_own_record_is_enough_without_the_shops(self) -> None:
        marks = {"ip": IP, "customer_email": "EMILY@example.com", "description": "Cushion"}
        found = tuple(prior(payment_id=f"ch_0{n}", paid_at=ago(40 + days), **marks) for n, days in ((1, 160), (2, 220)))
        assert evidence(case(payment=payment(prior_payments=found))).qualified

    def test_the_letter_states_it_first(self) -> None:
        told = compose(VISA, repeat(), judged(VISA, repeat()))
        assert told.ground.startswith("Two earlier orders paid with the same card, of 7 March 2026 and 6 May 2026,")
        assert "the same purchase IP address, e-mail address and account number" in told.ground
        assert told.ground_exhibits == ("history",)

    def test_it_raises_the_chance(self) -> None:
        assert judged(VISA, repeat()).expected_value.win_permille == 876

    def test_it_is_a_reason_in_words(self) -> None:
        assert any("Two earlier undisputed orders share" in reason for reason in judged(VISA, repeat()).reasons)


class TestOnlyForVisaFraud:
    def test_a_gateway_without_the_structure_is_shown_it_and_sent_nothing(self) -> None:
        told = evidence(repeat(), VISA.model_copy(update={"gateway": "paypal"}))
        assert (told.status, told.fields, told.sent) == ("qualified", {}, False)

    @pytest.mark.parametrize(
        "the_claim",
        [
            claim(),
            claim(network="mastercard", reason_code="4837", raw_reason="fraudulent"),
            claim(reason_code="10.5", raw_reason="fraudulent"),
            claim(reason_code="10.4", raw_reason="fraudulent", kind=Kind.ALERT),
        ],
    )
    def test_elsewhere_there_is_none(self, the_claim: Claim) -> None:
        assert judged(the_claim, repeat()).compelling is None

    def test_a_case_without_its_payment_has_none(self) -> None:
        assert judged(VISA, case(payment=None)).compelling is None


class TestWindow:
    @pytest.mark.parametrize(("days", "counts"), [(119.9, 0), (120, 1), (364.5, 1), (365, 0)])
    def test_it_is_120_to_364_days(self, days: float, counts: int) -> None:
        assert evidence(repeat(payment=paid(days))).in_window == counts

    @pytest.mark.parametrize(
        "spoilt",
        [
            {"disputed": True},
            {"fraud_report": True},
            {"amount": usd(0)},
            {"card_fingerprint": "another"},
        ],
    )
    def test_a_contested_a_validation_and_another_cards_payment_do_not_count(self, spoilt: dict[str, Any]) -> None:
        good, bad = prior(paid_at=ago(200)), prior(payment_id="ch_02", paid_at=ago(260), **spoilt)
        found = evidence(repeat(payment=payment(card_fingerprint="mine", prior_payments=(good, bad))))
        assert (found.status, found.in_window) == ("not_qualified", 1)
        assert [each.action for each in found.lacking] == ["missing_prior_undisputed_transactions"]
        assert found.fields == {}


class TestMarks:
    def both(self, mine: dict[str, Any], theirs: dict[str, Any]) -> CompellingEvidence:
        bare = {"ip": None, "account_id": None, "customer_email": None, "shipping": None, "device_id": None}
        orders = (order(**bare | mine), earlier(1, 160, **bare | theirs), earlier(2, 220, **bare | theirs))
        return evidence(repeat(orders=orders, payment=paid(160, 220, ip=None, customer_email=None)))

    @pytest.mark.parametrize(
        ("marks", "qualified"),
        [
            ({"ip": IP, "device_id": DEVICE}, True),
            ({"ip": IP, "device_fingerprint": FINGERPRINT}, True),
            ({"ip": IP, "customer_email": "e@example.com"}, True),
            ({"ip": IP, "account_id": "acc-1"}, True),
            ({"ip": IP, "shipping": FULL}, True),
            ({"device_id": DEVICE, "account_id": "acc-1"}, True),
            ({"ip": IP}, False),
            ({"device_id": DEVICE, "device_fingerprint": FINGERPRINT}, False),  # count once
            ({"account_id": "acc-1", "customer_email": "e@example.com", "shipping": FULL}, False),  # no main one
            ({"ip": IP, "shipping": FULL.model_copy(update={"line2": None})}, False),  # all parts or none
            ({"ip": IP, "device_id": DEVICE[:14]}, False),
            ({"ip": IP, "device_fingerprint": FINGERPRINT[:19]}, False),
            ({"ip": "10.0.0.4", "account_id": "acc-1"}, False),  # the shop's own network
            ({"ip": "not an address", "account_id": "acc-1"}, False),
        ],
    )
    def test_two_main_ones_or_a_main_and_another(self, marks: dict[str, Any], qualified: bool) -> None:
        assert self.both(marks, marks).qualified is qualified

    def test_the_device_is_sent_once(self) -> None:
        marks = {"ip": IP, "device_id": DEVICE, "device_fingerprint": FINGERPRINT}
        fields = self.both(marks, marks).fields
        assert any(name.endswith("customer_device_id") for name in fields)
        assert not any(name.endswith("customer_device_fingerprint") for name in fields)

    def test_only_what_is_the_same_on_all_three_is_sent(self) -> None:
        mine = {"ip": IP, "account_id": "acc-1", "customer_email": "new@example.com"}
        fields = self.both(mine, mine | {"customer_email": "old@example.com"}).fields
        assert fields
        assert not any("email" in name for name in fields)

    def test_the_same_on_two_is_not_enough(self) -> None:
        orders = (order(account_id="acc-1"), earlier(1, 160), earlier(2, 220, ip=OTHER_IP))
        assert not evidence(repeat(orders=orders)).qualified

    def test_letters_and_blanks_of_an_e_mail_address_are_no_difference(self) -> None:
        found = self.both({"ip": IP, "customer_email": "E@Example.com"}, {"ip": IP, "customer_email": " e@example.com"})
        assert {value for name, value in found.fields.items() if "email" in name} == {"e@example.com"}

    def test_spelling_of_an_address_is_no_difference_and_one_spelling_is_sent(self) -> None:
        shouted = FULL.model_copy(update={"line1": "12 MAPLE STREET"})
        found = self.both({"ip": IP, "shipping": FULL}, {"ip": IP, "shipping": shouted})
        assert {value for name, value in found.fields.items() if name.endswith("line1")} == {"12 Maple Street"}


class TestWhatIsMissing:
    def test_unknown_marks_can_still_be_found(self) -> None:
        found = evidence(repeat(orders=(order(account_id="acc-1"),)))
        assert found.status == "requires_action"
        assert "missing_customer_identifiers" in [each.action for each in found.lacking]
        assert found.fields == {}

    def test_marks_that_differ_cannot(self) -> None:
        other = {"ip": OTHER_IP, "device_id": "another-device-000"}
        three = (order(device_id=DEVICE), earlier(1, 160, **other), earlier(2, 220, **other))
        marked = [each.model_copy(update={"device_fingerprint": f"{n}{FINGERPRINT}"}) for n, each in enumerate(three)]
        found = evidence(repeat(orders=tuple(marked)))
        assert found.status == "not_qualified"
        assert "another purchase IP address, another device" in found.words

    @pytest.mark.parametrize(
        ("changes", "action"),
        [
            ({"orders": (order(account_id="acc-1", lines=()),)}, "missing_disputed_transaction_description"),
            (
                {"orders": (order(account_id="acc-1"), earlier(1, 160, lines=()), earlier(2, 220))},
                "missing_prior_undisputed_transaction_description",
            ),
        ],
    )
    def test_goods_that_nobody_describes_are_asked_for(self, changes: dict[str, Any], action: str) -> None:
        given = changes["orders"]
        orders = given if len(given) > 1 else (*given, earlier(1, 160), earlier(2, 220))
        found = evidence(repeat(orders=orders))
        assert found.status == "requires_action"
        assert [each.action for each in found.lacking] == [action]

    @pytest.mark.parametrize("said", ["Order LL-0901", "4711", "Payment for invoice 12", ""])
    def test_a_bare_number_describes_nothing(self, said: str) -> None:
        bare = order(account_id="acc-1", lines=())
        the_case = repeat(payment=paid(160, 220, description=said), orders=(bare, earlier(1, 160), earlier(2, 220)))
        assert not evidence(the_case).qualified

    def test_every_word_of_stripe_has_plain_ones(self) -> None:
        for word in (
            "missing_customer_identifiers",
            "missing_disputed_transaction_description",
            "missing_merchandise_or_services",
            "missing_prior_undisputed_transaction_description",
            "missing_prior_undisputed_transactions",
        ):
            assert "_" not in action_words(word)
        assert action_words("missing_moon") == "Stripe asks for: missing moon."

    def test_what_the_gateway_says_is_shown_beside_it(self) -> None:
        told = VISA.model_copy(
            update={"compelling_status": "requires_action", "compelling_actions": ("missing_merchandise_or_services",)}
        )
        found = evidence(repeat(), told)
        assert found.gateway_status == "requires_action"
        assert "merchandise or services" in found.gateway_asks[0].words


class TestChoice:
    def test_the_pair_that_shares_most_is_taken_then_the_newest(self) -> None:
        orders = (
            order(account_id="acc-1"),
            earlier(1, 130, account_id=None),
            earlier(2, 160),
            earlier(3, 200),
            earlier(4, 300),
        )
        found = evidence(repeat(payment=paid(130, 160, 200, 300), orders=orders))
        assert [each.payment_id for each in found.prior] == ["ch_02", "ch_03"]

    def test_the_order_of_the_records_changes_nothing(self) -> None:
        days = [130, 140, 150, 160, 200, 300]
        payments = list(paid(*days).prior_payments)
        orders = [earlier(number, each) for number, each in enumerate(days, 1)]
        shuffle, first = random.Random(7), None
        for _ in range(5):
            shuffle.shuffle(payments)
            shuffle.shuffle(orders)
            the_case = repeat(
                payment=payment(prior_payments=tuple(payments)), orders=(order(account_id="acc-1"), *orders)
            )
            first = first or evidence(the_case)
            assert evidence(the_case) == first


def test_services_are_told_from_merchandise() -> None:
    subscription = order(account_id="acc-1", shipping=None, lines=(line(product_type="subscription"),))
    found = evidence(repeat(orders=(subscription, earlier(1, 160), earlier(2, 220)), shipments=()))
    assert found.fields[f"{ROOT}.disputed_transaction.merchandise_or_services"] == "services"


def test_a_case_with_the_history_alone_is_still_tied_by_it() -> None:
    assert judged(VISA, repeat(shipments=(shipment(),))).ready


def test_the_data_is_what_the_gateway_publishes() -> None:
    rule = compelling_rule()
    assert (rule.first_day, rule.last_day, rule.payments) == (120, 364, 2)
    assert [each.element for each in compelling_elements() if each.main] == [
        "customer_purchase_ip",
        "customer_device_id",
        "customer_device_fingerprint",
    ]


def _structure(document: Any) -> Any:
    paths = document["paths"]["/v1/disputes/{dispute}"]["post"]["requestBody"]["content"]
    schema = paths["application/x-www-form-urlencoded"]["schema"]["properties"]["evidence"]["properties"]
    return schema["enhanced_evidence"]["anyOf"][0]["properties"]["visa_compelling_evidence_3"]


def _leaves(schema: Any, path: str = "") -> list[str]:
    if "properties" in schema:
        return [
            leaf for name, each in schema["properties"].items() for leaf in _leaves(each, f"{path}.{name}".lstrip("."))
        ]
    if schema.get("type") == "array":
        return _leaves(schema["items"], f"{path}[]")
    return [path]
