"""The adapter over real HTTP: account and rights, pages with a broken dispute, changes, failures in plain words."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from disputes.acts import GatewayAct
from disputes.clock import FixedClock
from disputes.database import Database, WriterOpen
from disputes.lifecycle import GatewayStatus
from disputes.ports import GatewayError, GatewayFailure
from gateways.paypal.adapter import PayPalGateway
from gateways.paypal.contract import DISPUTES
from gateways.paypal.rights import BALANCES, FILE, READ_DISPUTES
from gateways.paypal.transport import TOKEN
from tests.gateways.paypal.examples import ID, approved, dispute, line
from tests.gateways.paypal.loopback import CLIENT, SECRET, SELLER, Loopback, Reply

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
USERINFO = "/v1/identity/oauth2/userinfo"


def gateway(server: Loopback, **more: Any) -> PayPalGateway:
    return PayPalGateway(CLIENT, SECRET, addresses={"api": server.url}, clock=FixedClock(NOW), timeout=5, **more)


def shown(server: Loopback, *raws: dict[str, Any], broken: dict[str, Reply] | None = None) -> None:
    """A list of these disputes and the details of each."""
    server.on("GET", DISPUTES, Reply(200, {"items": [line(raw) for raw in raws], "links": []}))
    for raw in raws:
        told = (broken or {}).get(raw["dispute_id"], Reply(200, raw))
        server.on("GET", f"{DISPUTES}/{raw['dispute_id']}", told)


class TestAddresses:
    @pytest.mark.parametrize(
        ("address", "live"),
        [
            (None, True),
            ("https://api-m.paypal.com", True),
            ("https://api.paypal.com/", True),
            ("https://api-m.sandbox.paypal.com", False),
            ("http://127.0.0.1:4000", False),
            ("https://api-m.paypal.com.evil.example", False),
        ],
    )
    def test_only_paypals_own_live_host_is_live(self, address: str | None, live: bool) -> None:
        addresses = {"api": address} if address else None
        assert PayPalGateway(CLIENT, SECRET, addresses=addresses)._live is live

    def test_no_credential_goes_over_plain_http_but_to_this_machine(self) -> None:
        with pytest.raises(GatewayError, match="https"):
            PayPalGateway(CLIENT, SECRET, addresses={"api": "http://api-m.paypal.com"})

    def test_adapters_of_one_connection_share_their_token(self, server: Loopback) -> None:
        shown(server, dispute())
        for _ in range(3):
            gateway(server).dispute(ID)
        assert server.tokens == 1


class TestAccount:
    def test_the_profile_names_the_account(self, server: Loopback) -> None:
        shown(server)
        server.on("GET", USERINFO, Reply(200, {"user_id": "https://x/user/abc", "payer_id": "LALE26", "name": "Lale"}))
        account = gateway(server).account()
        assert (account.account_id, account.name, account.live) == ("LALE26", "Lale", False)
        assert (account.rights_missing, account.may_file) == ((), True)
        assert server.calls(USERINFO)[0].query == {"schema": "paypalv1.1"}

    def test_the_right_that_files_is_told_to_move_money_too(self, server: Loopback) -> None:
        shown(server, dispute())
        (warning,) = gateway(server).account().rights_too_many
        assert "update-seller" in warning
        assert "accept a claim or make an offer, which pays the buyer" in warning

    def test_with_reading_alone_nothing_is_filed_and_nothing_is_wrong(self, server: Loopback) -> None:
        server.scope = READ_DISPUTES
        shown(server, dispute())
        account = gateway(server).account()
        assert (account.may_file, account.rights_missing, account.rights_too_many) == (False, (), ())
        assert account.rights_found == ("Disputes: read (read-seller)",)

    def test_without_reading_the_right_is_named(self, server: Loopback) -> None:
        server.scope = "openid"
        server.on("GET", DISPUTES, Reply(403, {"name": "NOT_AUTHORIZED", "message": "No.", "debug_id": "d1"}))
        server.on("GET", USERINFO, Reply(200, {"payer_id": "LALE26"}))
        (missing,) = gateway(server).account().rights_missing
        assert "read-seller" in missing

    def test_a_right_in_the_token_that_paypal_does_not_honour_is_missing(self, server: Loopback) -> None:
        server.on(
            "GET", DISPUTES, Reply(403, {"name": "NOT_AUTHORIZED", "message": "Disputes is off.", "debug_id": "d1"})
        )
        server.on("GET", USERINFO, Reply(200, {"payer_id": "LALE26"}))
        account = gateway(server).account()
        (missing,) = account.rights_missing
        assert "Disputes is off" in missing
        assert not any("Disputes: read" in found for found in account.rights_found)

    def test_rights_that_reach_further_are_told_in_words(self, server: Loopback) -> None:
        more = "https://uri.paypal.com/services/payments/refund https://uri.paypal.com/services/invoicing"
        server.scope = f"{SELLER} {more}"
        shown(server, dispute())
        told = gateway(server).account().rights_too_many
        assert any("Refunds" in words for words in told)
        assert told[-1] == "Rights that are never used here: invoicing."

    def test_a_token_that_tells_no_rights_is_tried_out(self, server: Loopback) -> None:
        server.scope = None
        shown(server, dispute())
        account = gateway(server).account()
        assert (account.may_file, account.rights_missing) == (True, ())

    def test_without_a_profile_a_dispute_names_the_account(self, server: Loopback) -> None:
        shown(server, dispute())
        server.on("GET", USERINFO, Reply(403, {"name": "NOT_AUTHORIZED"}))
        account = gateway(server).account()
        assert (account.account_id, account.name) == ("LALELIVING26A", "Lale Living")

    def test_and_the_balances_do_with_the_main_currency(self, server: Loopback) -> None:
        server.scope = f"{SELLER} {BALANCES}"
        shown(server)
        balances = [{"currency": "USD"}, {"currency": "TRY", "primary": True}]
        server.on("GET", "/v1/reporting/balances", Reply(200, {"balances": balances, "account_id": "LALE26"}))
        account = gateway(server).account()
        assert (account.account_id, account.currency) == ("LALE26", "TRY")

    def test_an_account_that_nobody_names_is_not_connected(self, server: Loopback) -> None:
        shown(server)
        with pytest.raises(GatewayError, match="whose account") as told:
            gateway(server).account()
        assert told.value.failure is GatewayFailure.RIGHTS

    def test_new_rights_are_seen_at_once(self, server: Loopback) -> None:
        shown(server, dispute())
        server.scope = READ_DISPUTES
        assert not gateway(server).account().may_file
        server.scope = f"{READ_DISPUTES} {FILE}"
        assert gateway(server).account().may_file

    def test_the_clocks_distance_is_measured(self, server: Loopback) -> None:
        shown(server, dispute())
        assert abs(gateway(server).account().clock_skew_seconds) < 60

    def test_wrong_credentials_are_told_without_them(self, server: Loopback) -> None:
        server.on("POST", TOKEN, Reply(401, {"error": "invalid_client"}))
        with pytest.raises(GatewayError) as told:
            gateway(server).account()
        assert told.value.failure is GatewayFailure.CREDENTIALS
        assert not told.value.retryable
        assert SECRET not in str(told.value)
        assert CLIENT not in str(told.value)


class TestPages:
    def test_each_line_is_read_in_full(self, server: Loopback) -> None:
        raws = [dispute(dispute_id=f"PP-D-{number}") for number in range(7)]
        shown(server, *raws)
        page = gateway(server).disputes()
        assert [one.external_id for one in page.disputes] == [raw["dispute_id"] for raw in raws]
        assert {one.payment_id for one in page.disputes} == {"2SS22222SS222222S"}, "a list's line does not tell it"
        assert page.cursor is None

    def test_since_bounds_what_is_asked_for(self, server: Loopback) -> None:
        shown(server)
        gateway(server).disputes(since=NOW - timedelta(days=9))
        assert server.calls(DISPUTES)[0].query["update_time_after"] == "2026-11-13T09:00:00.000Z"

    @pytest.mark.parametrize(
        "answer",
        [
            Reply(200, {"dispute_id": "PP-D-2"}),
            Reply(200, []),
            Reply(200, b"<html>"),
            Reply(400, {"name": "INVALID_REQUEST", "message": "No."}),
            Reply(500, {"name": "INTERNAL_SERVER_ERROR"}),
        ],
    )
    def test_one_broken_dispute_loses_neither_the_rest_nor_its_own_deadline(
        self, server: Loopback, answer: Reply
    ) -> None:
        raws = [dispute(dispute_id=f"PP-D-{number}") for number in (1, 2, 3)]
        shown(server, *raws, broken={"PP-D-2": answer})
        first, broken, last = gateway(server).disputes().disputes
        assert (first.status, last.status) == (GatewayStatus.NEEDS_RESPONSE,) * 2
        assert (broken.external_id, broken.status) == ("PP-D-2", GatewayStatus.UNKNOWN)
        assert broken.due_at == first.due_at
        assert broken.unknown[0].startswith("details not read: ")

    def test_one_that_is_listed_and_unknown_is_left_out(self, server: Loopback) -> None:
        raws = [dispute(dispute_id=f"PP-D-{number}") for number in (1, 2)]
        shown(server, *raws, broken={"PP-D-1": Reply(404, {"name": "RESOURCE_NOT_FOUND"})})
        assert [one.external_id for one in gateway(server).disputes().disputes] == ["PP-D-2"]

    @pytest.mark.parametrize(
        ("answer", "failure"),
        [
            (Reply(429, {}, {"Retry-After": "600"}), GatewayFailure.RATE_LIMITED),
            (Reply(403, {"name": "NOT_AUTHORIZED"}), GatewayFailure.RIGHTS),
        ],
    )
    def test_what_concerns_all_is_a_failure_of_the_page(
        self, server: Loopback, answer: Reply, failure: GatewayFailure
    ) -> None:
        raws = [dispute(dispute_id=f"PP-D-{number}") for number in (1, 2)]
        shown(server, *raws, broken={"PP-D-2": answer})
        with pytest.raises(GatewayError) as told:
            gateway(server).disputes()
        assert told.value.failure is failure

    def test_when_no_dispute_can_be_read_paypal_is_down(self, server: Loopback) -> None:
        raws = [dispute(dispute_id=f"PP-D-{number}") for number in (1, 2)]
        shown(server, *raws, broken={raw["dispute_id"]: Reply(500) for raw in raws})
        with pytest.raises(GatewayError) as told:
            gateway(server).disputes()
        assert (told.value.failure, told.value.retryable) == (GatewayFailure.UNAVAILABLE, True)

    @pytest.mark.parametrize("answer", [Reply(200, []), Reply(200, b"{"), Reply(200, b"<html>")])
    def test_a_list_that_is_none_is_malformed(self, server: Loopback, answer: Reply) -> None:
        server.on("GET", DISPUTES, answer)
        with pytest.raises(GatewayError) as told:
            gateway(server).disputes()
        assert told.value.failure is GatewayFailure.MALFORMED

    def test_a_list_without_items_is_an_empty_one(self, server: Loopback) -> None:
        server.on("GET", DISPUTES, Reply(200, {"links": []}))
        assert gateway(server).disputes().disputes == ()


class TestChanges:
    def changed(self, server: Loopback, **times: str) -> None:
        raws = [dispute(dispute_id=name.replace("_", "-"), update_time=at) for name, at in times.items()]
        shown(server, *raws)

    def test_the_first_cursor_is_paypals_own_present(self, server: Loopback) -> None:
        server.on("GET", DISPUTES, Reply(200, {"items": []}, {"Date": "Sun, 22 Nov 2026 08:30:00 GMT"}))
        told = gateway(server).changes(None)
        assert told.snapshots == ()
        assert not told.expired
        assert told.cursor.startswith("2026-11-22T08:")

    def test_they_come_oldest_first_and_the_cursor_is_the_newest_update(self, server: Loopback) -> None:
        self.changed(server, PP_D_1="2026-11-21T10:00:00.250Z", PP_D_2="2026-11-20T10:00:00.000Z")
        told = gateway(server).changes("2026-11-20T09:00:00Z")
        assert [one.external_id for one in told.snapshots] == ["PP-D-2", "PP-D-1"]
        assert told.cursor == "2026-11-21T10:00:00.250000Z"
        assert server.calls(DISPUTES)[0].query["update_time_after"] == "2026-11-20T08:55:00.000Z"

    def test_the_cursor_never_goes_back(self, server: Loopback) -> None:
        self.changed(server, PP_D_1="2026-11-20T08:57:00Z")
        told = gateway(server).changes("2026-11-20T09:00:00Z")
        assert (len(told.snapshots), told.cursor) == (1, "2026-11-20T09:00:00Z")

    def test_one_broken_dispute_holds_up_no_other_change(self, server: Loopback) -> None:
        raws = [dispute(dispute_id=f"PP-D-{number}") for number in (1, 2)]
        shown(server, *raws, broken={"PP-D-1": Reply(200, b"<html>")})
        told = gateway(server).changes("2026-11-20T09:00:00Z")
        assert {one.external_id: one.status for one in told.snapshots} == {
            "PP-D-1": GatewayStatus.UNKNOWN,
            "PP-D-2": GatewayStatus.NEEDS_RESPONSE,
        }

    @pytest.mark.parametrize("cursor", ["2026-05-20T09:00:00Z", "no instant"])
    def test_what_is_older_than_paypals_window_is_read_by_pages(self, server: Loopback, cursor: str) -> None:
        shown(server)
        told = gateway(server).changes(cursor)
        assert told.expired
        assert gateway(server).changes(told.cursor).expired is False


MISSING = {"issue": "MISSING_REQUIRED_PARAMETER", "description": "A parameter is missing.", "field": "/note"}
OPPOSITE = {"issue": "SHIPPING_ADDRESS_SHOULD_NOT_BE_PASSED", "description": "Should not be passed."}


class TestFailures:
    @pytest.mark.parametrize("name", ["../../v2/payments/captures/X", "", "PP-D-1?x", "PP D", "A" * 121])
    def test_an_id_that_is_none_reaches_no_address(self, server: Loopback, name: str) -> None:
        with pytest.raises(GatewayError) as told:
            gateway(server).dispute(name)
        assert (told.value.failure, server.asked) == (GatewayFailure.NOT_FOUND, [])

    @pytest.mark.parametrize(
        ("status", "body", "failure", "words"),
        [
            (400, {"details": [MISSING]}, "rejected", "A parameter is missing [/note]"),
            (415, {"name": "UNSUPPORTED_MEDIA_TYPE", "message": "Wrong kind."}, "rejected", "Wrong kind"),
            (422, {"details": [{"issue": "AMOUNT_SHOULD_NOT_BE_PASSED"}]}, "rejected", "leave the amount out"),
            (422, {"details": [OPPOSITE]}, "rejected", "the address for the return has to be given"),
            (409, {"name": "RESOURCE_CONFLICT", "message": "Conflict."}, "rejected", "Conflict"),
            (404, {"message": "Not there."}, "not_found", "Not there"),
            (403, {"message": "No right."}, "rights", "No right"),
            (401, {"message": "x"}, "credentials", "connect again"),
            (400, b"<html>no json</html>", "rejected", "no further words (status 400)"),
        ],
    )
    def test_a_refused_write_says_why_and_had_no_effect(
        self, server: Loopback, status: int, body: Any, failure: str, words: str
    ) -> None:
        shown(server, dispute())
        server.on("POST", f"{DISPUTES}/{ID}/provide-evidence", Reply(status, body))
        (write,) = list(gateway(server).plan(approved()))
        with pytest.raises(GatewayError) as told:
            write.send("k")
        assert words in str(told.value)
        assert (told.value.failure, told.value.retryable, told.value.effect_possible) == (failure, False, False)

    def test_paypals_number_for_its_support_is_told(self, server: Loopback) -> None:
        server.on("GET", f"{DISPUTES}/{ID}", Reply(422, {"message": "No.", "debug_id": "d181387b463af"}))
        with pytest.raises(GatewayError, match="d181387b463af"):
            gateway(server).dispute(ID)

    @pytest.mark.parametrize(("status", "answered"), [(500, True), (503, True), (408, False), (302, False)])
    def test_a_write_whose_end_is_not_known_may_have_had_an_effect(
        self, server: Loopback, status: int, answered: bool
    ) -> None:
        shown(server, dispute())
        server.on("POST", f"{DISPUTES}/{ID}/provide-evidence", Reply(status, {"name": "X"}))
        (write,) = list(gateway(server).plan(approved()))
        with pytest.raises(GatewayError) as told:
            write.send("k")
        assert (told.value.retryable, told.value.effect_possible, told.value.answered) == (True, True, answered)
        assert len(server.calls(method="POST")) == 1

    @pytest.mark.parametrize("call", ["account", "disputes", "changes", "dispute", "payment", "read_back", "send"])
    def test_nothing_leaves_the_house_while_a_writer_is_open(self, server: Loopback, tmp_path: Path, call: str) -> None:
        shown(server, dispute())
        one = gateway(server)
        snapshot = one.dispute(ID)
        (write,) = list(one.plan(approved()))
        server.asked.clear()
        calls: dict[str, Callable[[], object]] = {
            "account": one.account,
            "disputes": one.disputes,
            "changes": lambda: one.changes(None),
            "dispute": lambda: one.dispute(ID),
            "payment": lambda: one.payment(snapshot),
            "read_back": lambda: one.read_back(ID),
            "send": lambda: write.send("k"),
        }
        database = Database(f"sqlite:///{tmp_path / 'empty.db'}")
        with database.writing(), pytest.raises(WriterOpen):
            calls[call]()
        database.dispose()
        assert server.asked == []

    def test_an_act_goes_to_its_own_address_whatever_the_link_says(self, server: Loopback) -> None:
        raw = dispute()
        raw["links"][1]["href"] = f"{server.url}/v1/payments/payouts"
        shown(server, raw)
        server.on("POST", f"{DISPUTES}/{ID}/provide-evidence", Reply(200, {"links": []}))
        (write,) = list(gateway(server).plan(approved(GatewayAct.SUBMIT)))
        write.send("the-key")
        (sent,) = server.calls(method="POST")
        assert (sent.path, sent.headers["PayPal-Request-Id"]) == (f"{DISPUTES}/{ID}/provide-evidence", "the-key")
