"""Reading from Stripe: pages, events, payments."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from disputes.lifecycle import Kind
from gateways.sandbox.control import SandboxControl
from gateways.sandbox.launch import launch
from gateways.stripe.adapter import StripeGateway
from tests.gateways.stripe.calls import FULL, KEY, opened


class TestReading:
    def test_pages_are_walked_to_the_end_and_then_the_warnings(self, tmp_path: Path) -> None:
        with launch(tmp_path / "many", empty=True) as sandbox:
            sandbox.controls.bulk(130)
            charge = str(sandbox.controls.charge()["id"])
            sandbox.controls.early_fraud_warning(charge)
            gateway = StripeGateway(KEY, addresses={"api": sandbox.api, "files": sandbox.files})
            found, cursor, pages = [], None, 0
            while True:
                page = gateway.disputes(cursor=cursor)
                found += page.disputes
                cursor, pages = page.cursor, pages + 1
                if cursor is None:
                    break
        assert len({one.external_id for one in found}) == len(found)
        assert sum(one.kind is Kind.ALERT for one in found) >= 1
        assert sum(one.kind is not Kind.ALERT for one in found) >= 130
        assert pages >= 3

    def test_an_early_fraud_warning_is_an_alert_that_nobody_answers(
        self, gateway: StripeGateway, control: SandboxControl
    ) -> None:
        warned = control.early_fraud_warning(str(control.charge()["id"]), "made_with_stolen_card")
        alert = gateway.dispute(str(warned["id"]))
        assert (alert.kind, alert.raw_reason, alert.due_at) == (Kind.ALERT, "made_with_stolen_card", None)
        assert not alert.capabilities.submit

    def test_the_charge_and_not_the_dispute_is_asked_for_the_payment(
        self, gateway: StripeGateway, control: SandboxControl
    ) -> None:
        """peers 9: the dispute's id was used where the charge's is needed."""
        one = opened(control, refunds=[{"amount": 500, "days": 2}])
        snapshot = gateway.dispute(one)
        payment, raw = gateway.payment(snapshot)
        assert payment.payment_id == snapshot.payment_id
        assert str(snapshot.payment_id).startswith("ch_")
        assert [refund.amount.minor for refund in payment.refunds] == [500]
        assert json.loads(raw)["charge"]["id"] == snapshot.payment_id

    def test_changes_bring_ids_only_and_read_a_little_twice(
        self, gateway: StripeGateway, control: SandboxControl
    ) -> None:
        """peers 6, 7: missed news are found by polling, and the status comes from the object, not from the event."""
        cursor = gateway.changes(None).cursor
        one = opened(control)
        control.outcome(one, "lost")
        first = gateway.changes(cursor)
        assert one in first.external_ids
        assert int(first.cursor) >= int(cursor)
        assert one in gateway.changes(first.cursor).external_ids, "the overlap shows late events again"
        asked = control.log(method="GET", path="/v1/events")[-1]["params"]["created"]["gte"]
        assert int(asked) <= int(first.cursor) - 60

    def test_a_cursor_older_than_the_events_are_kept_says_that_it_is_expired(self, gateway: StripeGateway) -> None:
        old = str(int(time.time()) - 40 * 86_400)
        changes = gateway.changes(old)
        assert changes.expired
        assert int(changes.cursor) > int(old)

    def test_who_the_key_speaks_for_and_that_it_may_do_no_more_than_it_needs(self, gateway: StripeGateway) -> None:
        account = gateway.account()
        assert (account.name, account.live, account.currency) == ("Lale Living", False, "EUR")
        assert (account.rights_missing, account.rights_too_many) == ((), ())
        assert abs(account.clock_skew_seconds) < 5

    def test_a_key_with_more_rights_than_needed_is_told(self, gateway_with: Callable[..., StripeGateway]) -> None:
        """peers 18: a stolen token with refund rights was used."""
        (said,) = gateway_with(FULL).account().rights_too_many
        assert "refund" in said

    def test_a_missing_right_is_named(
        self, gateway_with: Callable[..., StripeGateway], control: SandboxControl
    ) -> None:
        control.key("rk_test_half_of_it", rights=["account_read", "dispute_read", "charge_read"])
        account = gateway_with("rk_test_half_of_it").account()
        assert account.rights_found == ("Disputes: read", "Charges: read")
        assert "Files: read" in account.rights_missing
        assert "Disputes: read" not in account.rights_missing

    def test_what_stripe_filled_in_by_itself_is_not_the_merchants(
        self, gateway: StripeGateway, control: SandboxControl
    ) -> None:
        control.settings(prefill_seconds=0)
        one = opened(control)
        control.advance(1)
        snapshot = gateway.dispute(one)
        assert snapshot.prefilled
        assert snapshot.staged == {}

    @pytest.mark.parametrize("field", ["product_description", "uncategorized_text"])
    def test_what_somebody_wrote_in_the_dashboard_is_not_taken_for_prefill(
        self, gateway: StripeGateway, control: SandboxControl, field: str
    ) -> None:
        one = opened(control)
        control.stage_foreign(one, **{field: "A colleague's words."})
        assert gateway.dispute(one).staged.get(field) == "A colleague's words."
