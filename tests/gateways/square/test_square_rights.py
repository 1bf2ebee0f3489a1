"""Who a Square token speaks for and what it may do."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from disputes.ports import GatewayError, GatewayFailure
from gateways.sandbox.square.control import SquareControl
from gateways.square.adapter import SquareGateway
from gateways.square.rights import EVERYTHING, FILING_MOVES_MONEY, UNTOLD
from tests.gateways.square.loopback import Loopback, refused

GATEWAY = Callable[..., SquareGateway]
NEEDED = ["DISPUTES_READ", "PAYMENTS_READ", "MERCHANT_PROFILE_READ"]
STATUS = "POST /oauth2/token/status"


def test_whose_account_it_is_in_which_currency_and_at_what_time(gateway: SquareGateway) -> None:
    account = gateway.account()
    assert (account.account_id, account.name, account.currency) == ("MLLALELIVING0", "Lale Living", "USD")
    assert (account.live, account.rights_missing, account.may_file) == (False, (), True)
    assert abs(account.clock_skew_seconds) < 5


def test_the_right_that_files_can_also_pay_the_customer_and_that_is_said(gateway: SquareGateway) -> None:
    """Accepting is the same right as filing: the connection says so."""
    assert gateway.account().rights_too_many == (FILING_MOVES_MONEY,)


def test_a_personal_token_can_do_everything_and_that_is_said(gateway_with: GATEWAY) -> None:
    account = gateway_with("EAAAsandbox_personal").account()
    assert account.rights_too_many == (EVERYTHING,)
    assert "refund" in EVERYTHING
    assert account.may_file


def test_a_token_that_may_only_read_works_up_to_filing(gateway_with: GATEWAY) -> None:
    account = gateway_with("EAAAsandbox_read_only").account()
    assert (account.may_file, account.rights_missing, account.rights_too_many) == (False, (), ())


@pytest.mark.parametrize("lacking", ["DISPUTES_READ", "PAYMENTS_READ"])
def test_a_right_that_reading_needs_is_named(gateway_with: GATEWAY, control: SquareControl, lacking: str) -> None:
    token = f"EAAAsandbox_without_{lacking}"
    control.key(token, [right for right in NEEDED if right != lacking])
    account = gateway_with(token).account()
    (missing,) = account.rights_missing
    assert lacking in missing
    assert {words.rpartition("(")[2].rstrip(")") for words in account.rights_found} == set(NEEDED) - {lacking}


def test_a_right_that_moves_money_is_named_in_words(gateway_with: GATEWAY, control: SquareControl) -> None:
    control.key("EAAAsandbox_more", [*NEEDED, "PAYMENTS_WRITE", "ITEMS_READ", "EMPLOYEES_READ"])
    told = gateway_with("EAAAsandbox_more").account().rights_too_many
    assert told == (
        "PAYMENTS_WRITE: can charge cards and refund payments.",
        "Rights that are never used: EMPLOYEES_READ, ITEMS_READ.",
    )


def test_without_the_sellers_profile_the_account_has_no_name_and_works(
    gateway_with: GATEWAY, control: SquareControl
) -> None:
    control.key("EAAAsandbox_nameless", ["DISPUTES_READ", "PAYMENTS_READ"])
    account = gateway_with("EAAAsandbox_nameless").account()
    assert (account.account_id, account.name, account.currency) == ("MLLALELIVING0", None, None)


def test_a_token_that_square_does_not_know_is_told_in_words(gateway_with: GATEWAY) -> None:
    with pytest.raises(GatewayError, match="does not accept") as told:
        gateway_with("EAAAsandbox_unheard_of").account()
    assert told.value.failure is GatewayFailure.CREDENTIALS
    assert "EAAA" not in str(told.value)


class TestWhereSquareDoesNotSay:
    def test_reading_finds_out_what_is_missing(self, loopback: Loopback, at_loopback: SquareGateway) -> None:
        loopback.on("GET /v2/merchants/me", {"merchant": {"id": "M1", "business_name": "Lale", "currency": "TRY"}})
        loopback.on("GET /v2/disputes", {})
        loopback.on("GET /v2/payments", refused(403, "INSUFFICIENT_SCOPES", "No."))
        account = at_loopback.account()
        assert (account.account_id, account.currency) == ("M1", "TRY")
        assert [right.partition(":")[0] for right in account.rights_missing] == ["Payments"]
        assert [right.partition(":")[0] for right in account.rights_found] == ["Disputes"]
        assert (account.may_file, account.rights_too_many) == (True, (UNTOLD,))

    def test_a_probe_that_fails_otherwise_is_no_missing_right(
        self, loopback: Loopback, at_loopback: SquareGateway
    ) -> None:
        loopback.on("GET /v2/disputes", refused(401, "UNAUTHORIZED", "No."))
        with pytest.raises(GatewayError) as told:
            at_loopback.account()
        assert told.value.failure is GatewayFailure.CREDENTIALS

    def test_a_profile_that_cannot_be_read_now_is_no_nameless_account(
        self, loopback: Loopback, at_loopback: SquareGateway
    ) -> None:
        loopback.on(STATUS, {"scopes": NEEDED, "merchant_id": "M1"})
        loopback.on("GET /v2/merchants/M1", refused(400, "BAD_REQUEST", "Not today."))
        with pytest.raises(GatewayError, match="Not today"):
            at_loopback.account()

    def test_an_account_that_nobody_names_is_no_account(self, loopback: Loopback, at_loopback: SquareGateway) -> None:
        loopback.on(STATUS, {"scopes": NEEDED})
        loopback.on("GET /v2/merchants/me", refused(403, "INSUFFICIENT_SCOPES", "No."))
        with pytest.raises(GatewayError, match="whose account"):
            at_loopback.account()

    def test_a_server_that_is_down_is_down_and_no_missing_right(
        self, loopback: Loopback, at_loopback: SquareGateway
    ) -> None:
        loopback.on(STATUS, refused(503, "SERVICE_UNAVAILABLE", "Later."))
        with pytest.raises(GatewayError) as told:
            at_loopback.account()
        assert told.value.failure is GatewayFailure.UNAVAILABLE

    def test_a_clock_that_is_off_is_measured_against_squares_answer(
        self, loopback: Loopback, at_loopback: SquareGateway
    ) -> None:
        """A server's own Date header stands in the answer, however wrong it is."""
        loopback.on(STATUS, {"scopes": NEEDED, "merchant_id": "M1", "expires_at": "2026-12-01T00:00:00Z"})
        loopback.on("GET /v2/merchants/M1", {"merchant": {"id": "M1"}})
        loopback.date = "Thu, 01 Jan 2026 00:00:00 GMT"
        assert at_loopback.account().clock_skew_seconds > 86_400

    def test_a_date_nobody_can_read_is_no_skew(self, loopback: Loopback, at_loopback: SquareGateway) -> None:
        loopback.on(STATUS, {"scopes": NEEDED, "merchant_id": "M1", "expires_at": "2026-12-01T00:00:00Z"})
        loopback.on("GET /v2/merchants/M1", {"merchant": {"id": "M1"}})
        loopback.date = "yesterday"
        assert at_loopback.account().clock_skew_seconds == 0
