"""The right of withdrawal: whose law, until when, and what is excepted."""

from __future__ import annotations

import pytest

from disputes.facts import OrderLine
from disputes.knowledge import withdrawal_law
from disputes.money import Money
from tests.evidence.builders import (
    ago,
    document,
    event,
    line,
    message,
    payment,
    policy,
    shipment,
    usage,
)
from tests.evidence.customer_rows import ANKARA, BERLIN, CANCELED, WITHDRAWN, abroad, rights, the


class TestWithdrawal:
    @pytest.mark.parametrize(
        ("country", "law"), [("TR", "tr"), ("Türkiye", "tr"), ("de", "eu"), ("Deutschland", "eu"), ("NO", "eu")]
    )
    def test_the_law_follows_the_customers_country(self, country: str, law: str) -> None:
        found = withdrawal_law(country)
        assert found
        assert (found.law, found.days) == (law, 14)

    @pytest.mark.parametrize("country", ["US", "GB", "CH", "", None])
    def test_elsewhere_no_law_is_held(self, country: str | None) -> None:
        assert withdrawal_law(country) is None

    def test_the_rule_names_the_law_that_applies(self) -> None:
        assert "6502" in the("statutory_withdrawal", CANCELED, {**abroad(), "messages": (WITHDRAWN,)}).rule
        assert "2011/83/EU" in the("statutory_withdrawal", CANCELED, {**abroad(BERLIN), "messages": (WITHDRAWN,)}).rule

    @pytest.mark.parametrize(("days", "found"), [(20, True), (19.6, True), (18, False)])
    def test_the_last_day_is_the_fourteenth_after_delivery(self, days: float, found: bool) -> None:
        changes = {**abroad(), "messages": (message(at=ago(days), body="I want to return it."),)}
        assert ("statutory_withdrawal" in [each.id for each in rights(CANCELED, changes)]) is found

    def test_the_last_of_two_parcels_counts(self) -> None:
        second = shipment(tracking_number="T2", delivered_to=ANKARA, delivered_at=ago(28), events=())
        changes = {**abroad(), "messages": (message(at=ago(16), body="I want to return it."),)}
        changes["shipments"] = (*changes["shipments"], second)
        assert the("statutory_withdrawal", CANCELED, changes).accept

    def test_a_stricter_policy_is_shown_and_does_not_beat_it(self) -> None:
        strict = policy(text="All sales are final. We do not accept the return of any goods, whatever the reason is.")
        found = the("statutory_withdrawal", CANCELED, {**abroad(), "messages": (WITHDRAWN,), "policies": (strict,)})
        assert found.accept
        assert any("which the law overrides" in each.words for each in found.passages)

    def test_fewer_days_than_the_law_gives_do_not_beat_it(self) -> None:
        strict = policy(text="You can return unused goods within 7 days of delivery. Later returns go back to you.")
        found = the("statutory_withdrawal", CANCELED, {**abroad(), "messages": (WITHDRAWN,), "policies": (strict,)})
        assert any("7 days" in each.words for each in found.passages)

    def test_digital_content_that_was_used_is_excepted(self) -> None:
        bought = abroad(lines=(line(product_type="digital"),))
        asked = message(at=ago(38), body="I want to cancel, please.")
        used = {**bought, "shipments": (), "messages": (asked,), "usage": (usage(event(at=ago(39))),)}
        assert the("statutory_withdrawal", CANCELED, used).answer
        assert the("statutory_withdrawal", CANCELED, used | {"usage": ()}).accept

    def test_a_service_that_was_rendered_is_excepted(self) -> None:
        bought = {**abroad(lines=(line(product_type="service"),)), "shipments": ()}
        asked = {**bought, "messages": (message(at=ago(38), body="I want to cancel, please."),)}
        assert the("statutory_withdrawal", CANCELED, {**asked, "documents": (document("service_proof"),)}).answer

    def test_travel_for_a_set_date_is_excepted(self) -> None:
        bought = {**abroad(lines=(line(product_type="travel"),)), "shipments": ()}
        asked = {**bought, "messages": (message(at=ago(38), body="I want to cancel, please."),)}
        assert the("statutory_withdrawal", CANCELED, asked).answer

    def test_an_exception_of_one_line_does_not_cover_the_other(self) -> None:
        two = (line(description="Cup with your name"), OrderLine(description="Plate", product_type="physical"))
        assert the("statutory_withdrawal", CANCELED, {**abroad(lines=two), "messages": (WITHDRAWN,)}).accept

    def test_lira_and_a_turkish_letter_are_understood(self) -> None:
        lira = Money(245000, "TRY")
        changes = abroad(total=lira)
        changes["payment"] = payment(amount=lira, billing=ANKARA)
        body = "Merhaba, siparişimi iade etmek istiyorum, cayma hakkımı kullanıyorum."
        changes["messages"] = (message(at=ago(25), body=body),)
        found = the("statutory_withdrawal", CANCELED.model_copy(update={"amount": lira}), changes)
        assert found.accept
        assert "cayma" in found.passages[0].words
