"""Reading: pages, changes, rights, tokens, and what goes wrong inside HTTP 200."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from disputes.lifecycle import GatewayStatus, Kind
from disputes.money import Money
from disputes.ports import GatewayError, GatewayFailure
from gateways.sandbox.launch import Sandbox
from gateways.sandbox.shopify_payments import tokens
from gateways.sandbox.shopify_payments.control import ShopifyPaymentsControl
from gateways.shopify_payments.adapter import ShopifyPaymentsGateway
from gateways.shopify_payments.errors import refused_by_errors
from tests.gateways.shopify_payments.builders import GRAPHQL, dispute
from tests.gateways.square.loopback import Loopback, Said

Build = Callable[..., ShopifyPaymentsGateway]


def everything(gateway: ShopifyPaymentsGateway) -> list[str]:
    found, cursor = [], None
    while True:
        page = gateway.disputes(cursor=cursor)
        found += [each.external_id for each in page.disputes]
        cursor = page.cursor
        if cursor is None:
            return found


class TestThePages:
    def test_are_read_to_their_end_newest_first(
        self, gateway: ShopifyPaymentsGateway, control: ShopifyPaymentsControl
    ) -> None:
        made = [str(control.dispute(opened_days=day)["id"]) for day in range(24)]
        ids = everything(gateway)
        assert [each for each in ids if each in made] == made
        assert len(ids) == len(set(ids))

    def test_that_never_end_are_refused(self, at_loopback: ShopifyPaymentsGateway, loopback: Loopback) -> None:
        again = {"nodes": [], "pageInfo": {"hasNextPage": True, "endCursor": "same"}}
        loopback.on(GRAPHQL, {"data": {"disputes": again}})
        with pytest.raises(GatewayError, match="never ends"):
            at_loopback.disputes(cursor="same")

    def test_that_are_none_are_refused(self, at_loopback: ShopifyPaymentsGateway, loopback: Loopback) -> None:
        loopback.on(GRAPHQL, {"data": {"disputes": {"nodes": "none"}}})
        with pytest.raises(GatewayError) as wrong:
            at_loopback.disputes()
        assert wrong.value.failure is GatewayFailure.MALFORMED


class TestWhatChanged:
    def test_is_every_open_dispute_and_one_that_was_closed_since(
        self, gateway: ShopifyPaymentsGateway, control: ShopifyPaymentsControl
    ) -> None:
        closing, staying = (str(control.dispute()["id"]) for _ in range(2))
        cursor = gateway.changes(None).cursor
        control.outcome(closing, "WON")
        changes = gateway.changes(cursor)
        told = {each.external_id: each.status for each in changes.snapshots}
        assert told[closing] is GatewayStatus.WON
        assert told[staying] is GatewayStatus.NEEDS_RESPONSE
        assert closing not in {
            each.external_id for each in gateway.changes(changes.cursor).snapshots if each.status.value == "won"
        }, "the closed ones are read only when one of the open ones is open no more"

    def test_of_a_deadline_that_moved_is_read(
        self, gateway: ShopifyPaymentsGateway, control: ShopifyPaymentsControl
    ) -> None:
        one = str(control.dispute()["id"])
        cursor = gateway.changes(None).cursor
        control.due_by(one, {"days": 3})
        (told,) = (each for each in gateway.changes(cursor).snapshots if each.external_id == one)
        assert told.due_at == gateway.dispute(one).due_at

    def test_with_a_cursor_nobody_wrote_is_read_anew(self, gateway: ShopifyPaymentsGateway) -> None:
        assert gateway.changes("no cursor").expired

    def test_an_inquiry_that_escalates_asks_again_under_the_same_number(
        self, gateway: ShopifyPaymentsGateway, control: ShopifyPaymentsControl
    ) -> None:
        one = str(control.dispute(type="INQUIRY", answered_by="dashboard")["id"])
        before = gateway.dispute(one)
        control.escalate(one)
        after = gateway.dispute(one)
        assert (before.kind, before.status) == (Kind.INQUIRY, GatewayStatus.UNDER_REVIEW)
        assert (after.kind, after.status, after.capabilities.submit) == (
            Kind.CHARGEBACK, GatewayStatus.NEEDS_RESPONSE, True,
        )  # fmt: skip
        assert before.round_facts != after.round_facts


class TestThePayment:
    def test_has_the_refunds_that_were_made_meanwhile(
        self, gateway: ShopifyPaymentsGateway, control: ShopifyPaymentsControl
    ) -> None:
        one = str(control.dispute()["id"])
        control.refund(one, 2050, reason="Late")
        payment, raw = gateway.payment(gateway.dispute(one))
        (refund,) = payment.refunds
        assert (refund.amount, refund.status, refund.reason) == (Money(2050, "EUR"), "succeeded", "Late")
        assert json.loads(raw)["order"]["name"] == "#LL-7001"

    def test_of_an_order_that_may_not_be_seen_names_the_right(
        self, gateway_with: Build, control: ShopifyPaymentsControl
    ) -> None:
        few = [each for each in tokens.DESK_SCOPES if each != "read_all_orders"]
        control.key("shpat_sandbox_sixty_days", few)
        gateway = gateway_with(":shpat_sandbox_sixty_days")
        old = gateway.dispute(str(control.dispute(paid_days=90)["id"]))
        assert (old.payment_id, old.order_ref) == (None, None)
        assert "read_all_orders" in old.unknown[0]
        with pytest.raises(GatewayError, match="read_all_orders"):
            gateway.payment(old)


class TestRights:
    def test_that_reading_needs_are_named(self, gateway_with: Build, control: ShopifyPaymentsControl) -> None:
        control.key("shpat_sandbox_orders_only", ["read_orders"])
        account = gateway_with(":shpat_sandbox_orders_only").account()
        assert [each.partition(":")[0] for each in account.rights_missing] == ["Disputes", "Dispute evidence"]
        assert account.rights_found == ("Orders: read (read_orders)",)
        assert not account.may_file

    def test_to_file_without_the_right_to_upload_are_not_enough(
        self, gateway_with: Build, control: ShopifyPaymentsControl
    ) -> None:
        scopes = [*tokens.READ_SCOPES, "write_shopify_payments_dispute_evidences"]
        control.key("shpat_sandbox_no_files", scopes)
        assert not gateway_with(":shpat_sandbox_no_files").account().may_file

    def test_that_are_never_used_are_told_the_dangerous_first(self, gateway_with: Build) -> None:
        said = gateway_with(f":{tokens.OWNER}").account().rights_too_many
        assert said[0] == "write_orders: can change orders and refund payments."
        assert "write_themes" in said[-1]

    def test_of_the_shops_own_connection_are_not_held_against_it(self, gateway: ShopifyPaymentsGateway) -> None:
        assert gateway.account().rights_too_many == ()

    def test_to_one_part_of_an_answer_are_told_as_such(
        self, gateway_with: Build, control: ShopifyPaymentsControl
    ) -> None:
        control.key("shpat_sandbox_no_evidence", ["read_shopify_payments_disputes", "read_orders"])
        control.dispute()
        with pytest.raises(GatewayError, match="read_shopify_payments_dispute_evidences") as wrong:
            gateway_with(":shpat_sandbox_no_evidence").disputes()
        assert wrong.value.failure is GatewayFailure.RIGHTS


class TestTheShop:
    def test_without_shopify_payments_has_nothing_to_connect(
        self, gateway: ShopifyPaymentsGateway, control: ShopifyPaymentsControl
    ) -> None:
        control.settings(payments=False)
        with pytest.raises(GatewayError, match="no Shopify Payments"):
            gateway.account()

    def test_on_its_own_address_is_live_unless_it_is_for_development(self, loopback: Loopback) -> None:
        def shop(development: bool) -> object:
            told = {"id": "gid://shopify/Shop/7", "name": "Lumen", "myshopifyDomain": "lumen.myshopify.com",
                    "currencyCode": "TRY", "plan": {"partnerDevelopment": development}}  # fmt: skip
            return {"data": {"shop": told, "currentAppInstallation": {"accessScopes": []}}}

        gateway = ShopifyPaymentsGateway(":shpat_x", addresses={"api": "https://lumen.myshopify.com"})
        for development in (False, True):
            loopback.on(GRAPHQL, shop(development))
            gateway._wire._base = loopback.url
            assert gateway.account().live is not development


class TestTheToken:
    def test_of_an_app_is_fetched_once_and_shared(self, gateway_with: Build, control: ShopifyPaymentsControl) -> None:
        key = ":".join(tokens.APP)
        before = len(control.log(path="access_token"))
        gateway_with(key).account()
        gateway_with(key).account()
        assert len(control.log(path="access_token")) - before <= 1

    def test_that_is_refused_is_fetched_anew_even_before_a_write(
        self, gateway_with: Build, control: ShopifyPaymentsControl
    ) -> None:
        """Refused means that nothing happened; so this one repetition of a write is none."""
        gateway, one = gateway_with(":".join(tokens.APP)), str(control.dispute()["id"])
        gateway.account()
        control.forget_given_tokens()
        gateway.stage(one, {"uncategorizedText": "Delivered."}, {})
        assert control.effects(one)["staged"] == 1
        assert control.log(path="access_token")[-1]["params"] == {"client_id": tokens.APP[0]}, "no secret is logged"

    def test_of_an_app_that_is_not_installed_is_told_in_words(self, gateway_with: Build) -> None:
        with pytest.raises(GatewayError, match="gives the app no access") as wrong:
            gateway_with("another-app:shpss_whatever").account()
        assert wrong.value.failure is GatewayFailure.CREDENTIALS
        assert "shpss_" not in str(wrong.value)

    def test_goes_to_no_other_address(self, at_loopback: ShopifyPaymentsGateway, loopback: Loopback) -> None:
        loopback.on(GRAPHQL, Said(301, b"", {"Location": f"{loopback.url}/elsewhere"}))
        with pytest.raises(GatewayError, match="another address"):
            at_loopback.dispute("1")
        assert {each.path for each in loopback.asked} == {"/admin/api/2026-10/graphql.json"}


class TestErrorsInsideASuccess:
    def test_a_throttled_question_waits_and_is_asked_again(
        self, gateway: ShopifyPaymentsGateway, control: ShopifyPaymentsControl
    ) -> None:
        one = str(control.dispute()["id"])
        control.fault("status", status=200, code="THROTTLED")
        assert gateway.dispute(one).external_id == one

    def test_a_throttled_write_says_how_long_to_wait(
        self, gateway: ShopifyPaymentsGateway, control: ShopifyPaymentsControl
    ) -> None:
        one = str(control.dispute()["id"])
        control.fault("status", status=200, code="THROTTLED", skip=1)
        with pytest.raises(GatewayError) as wrong:
            gateway.stage(one, {"uncategorizedText": "Delivered."}, {})
        assert (wrong.value.failure, wrong.value.effect_possible) == (GatewayFailure.RATE_LIMITED, False)
        assert wrong.value.retry_after == 1.0
        assert control.effects(one)["staged"] == 0

    def test_the_wait_is_what_shopifys_own_numbers_say(self) -> None:
        status = {"maximumAvailable": 2000.0, "currentlyAvailable": 50, "restoreRate": 100.0}
        body = {"errors": [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}],
                "extensions": {"cost": {"requestedQueryCost": 552, "throttleStatus": status}}}  # fmt: skip
        assert refused_by_errors(body, writing=True).retry_after == 6.0

    def test_an_own_fault_of_shopifys_may_have_had_an_effect(
        self, gateway: ShopifyPaymentsGateway, control: ShopifyPaymentsControl
    ) -> None:
        one = str(control.dispute()["id"])
        control.fault("status", status=200, code="INTERNAL_SERVER_ERROR", skip=1, after=True)
        with pytest.raises(GatewayError) as wrong:
            gateway.stage(one, {"uncategorizedText": "Delivered."}, {})
        assert (wrong.value.effect_possible, wrong.value.answered) == (True, True)
        assert gateway.read_back(one).fields == {"uncategorizedText": "Delivered."}

    def test_a_question_the_schema_refuses_is_told(
        self, at_loopback: ShopifyPaymentsGateway, loopback: Loopback
    ) -> None:
        loopback.on(GRAPHQL, {"errors": [{"message": "Field 'disputes' doesn't exist on type 'QueryRoot'"}]})
        with pytest.raises(GatewayError, match="doesn't exist") as wrong:
            at_loopback.disputes()
        assert wrong.value.failure is GatewayFailure.REJECTED

    def test_a_dispute_without_its_number_is_left_as_it_is(
        self, at_loopback: ShopifyPaymentsGateway, loopback: Loopback
    ) -> None:
        loopback.on(GRAPHQL, {"data": {"dispute": dispute(id="gid://shopify/ShopifyPaymentsDispute/x")}})
        with pytest.raises(GatewayError) as wrong:
            at_loopback.dispute("10519937081")
        assert wrong.value.failure is GatewayFailure.MALFORMED


def test_the_sandbox_is_no_live_address(sandbox: Sandbox) -> None:
    assert "myshopify.com" not in sandbox.api
