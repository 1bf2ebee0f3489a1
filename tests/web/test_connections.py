"""Connections over a real server: what each gateway is asked for, what its key may do, its webhooks."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from sqlmodel import select

from disputes import links, store_connections
from disputes.models import Connection, Merchant
from disputes.ports import AccountFacts, GatewayError, GatewayFailure
from gateways.sandbox.launch import Sandbox, launch
from tests import builders
from tests.web.desk import Browser, Desk, words
from web.pages import connections

KEY = "rk_test_restricted_of_the_shop"
FORMS: dict[str, dict[str, str]] = {
    "stripe": {"key": KEY},
    "paypal": {"client_id": "AeA1QIZXiflr1_client", "key": "ECYYrrSHdKfk_secret", "environment": "test"},
    "square": {"key": "EAAAl9s2_access_token", "environment": "test"},
}
SEALED = {"stripe": KEY, "paypal": "AeA1QIZXiflr1_client:ECYYrrSHdKfk_secret", "square": "EAAAl9s2_access_token"}
OWN_SANDBOX = {
    "stripe": {},
    "paypal": {"api": "https://api-m.sandbox.paypal.com"},
    "square": {"api": "https://connect.squareupsandbox.com"},
}
PROOF = {"stripe": "whsec_0123456789", "paypal": "8PT597110X687430L", "square": "xbL3q0kq-a_9Fh2Gk1sWyA"}

every_gateway = pytest.mark.parametrize("gateway", sorted(FORMS))


class Told:
    """What the gateway says about whatever key it is shown, and which keys and addresses it was shown."""

    def __init__(self) -> None:
        self.account: AccountFacts | Exception = facts()
        self.asked: list[tuple[str, str, dict[str, str]]] = []

    def named(self, name: str, key: str, addresses: dict[str, str], _settings: object) -> Told.Answers:
        self.asked.append((name, key, addresses))
        return self.Answers(self)

    class Answers:
        def __init__(self, told: Told) -> None:
            self._told = told

        def account(self) -> AccountFacts:
            if isinstance(self._told.account, Exception):
                raise self._told.account
            return self._told.account


def facts(**changes: Any) -> AccountFacts:
    told: dict[str, Any] = {"account_id": "acct_shop", "name": "Moll & Daughters", "live": False, "currency": "EUR"}
    return AccountFacts(**told | changes)


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Told:
    made = Told()
    monkeypatch.setattr(connections, "gateway_named", made.named)
    return made


@pytest.fixture(scope="module")
def sandboxes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Sandbox]]:
    with contextlib.ExitStack() as stack:
        yield {
            gateway: stack.enter_context(launch(tmp_path_factory.mktemp(gateway), gateway=gateway, empty=True))
            for gateway in sorted(FORMS)
        }


def shop(desk: Desk) -> tuple[Browser, Merchant]:
    person = desk.person()
    merchant = desk.shop(person)
    return desk.signed_in(person), merchant


def stored(desk: Desk, merchant: Merchant) -> list[Connection]:
    with desk.runtime.database.reading() as session:
        return list(session.exec(select(Connection).where(Connection.merchant_id == merchant.id)))


def connect(browser: Browser, merchant: Merchant, gateway: str, **changes: str) -> httpx.Response:
    return browser.post(links.connections(merchant.slug), gateway=gateway, **FORMS[gateway] | changes)


class TestConnecting:
    @every_gateway
    def test_seals_the_secrets_as_one_and_asks_the_gateway_first(self, desk: Desk, told: Told, gateway: str) -> None:
        browser, merchant = shop(desk)
        told.account = facts(account_id=f"first_{gateway}_{desk.url}")
        assert connect(browser, merchant, gateway).status_code == 303
        (connection,) = stored(desk, merchant)
        assert told.asked == [(gateway, SEALED[gateway], OWN_SANDBOX[gateway])]
        assert desk.runtime.vault.open(connection.secret) == SEALED[gateway]
        assert FORMS[gateway]["key"] not in connection.secret
        assert (connection.mode, connection.addresses) == ("test", OWN_SANDBOX[gateway])
        assert connection.by_hand is False
        page = browser.get(links.connections(merchant.slug))
        assert "Test mode: no real money" in words(page)
        assert FORMS[gateway]["key"] not in page.text

    @every_gateway
    def test_refuses_an_account_that_is_connected_already(self, desk: Desk, told: Told, gateway: str) -> None:
        (first, shop_one), (second, shop_two) = shop(desk), shop(desk)
        told.account = facts(account_id=f"twice_{gateway}")
        assert connect(first, shop_one, gateway).status_code == 303
        for browser, merchant, said in (
            (second, shop_two, "connected already, to another shop"),
            (first, shop_one, f"connected already, to {shop_one.name}"),
        ):
            answer = connect(browser, merchant, gateway)
            assert answer.status_code == 422
            assert said in words(answer)
        assert len(stored(desk, shop_one)) == 1
        assert stored(desk, shop_two) == []

    @every_gateway
    def test_refuses_it_too_when_two_shops_ask_in_the_same_moment(
        self, desk: Desk, told: Told, gateway: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Both have looked and seen nothing; the database has the last word."""
        (first, shop_one), (second, shop_two) = shop(desk), shop(desk)
        told.account = facts(account_id=f"same_moment_{gateway}")
        monkeypatch.setattr(store_connections, "with_account", lambda *_: None)
        assert connect(first, shop_one, gateway).status_code == 303
        answer = connect(second, shop_two, gateway)
        assert answer.status_code == 422
        assert "connected in the same moment" in words(answer)
        assert stored(desk, shop_two) == []

    @every_gateway
    @pytest.mark.parametrize(
        ("account", "said"),
        [
            (facts(rights_missing=("Disputes: read",)), "rights are missing: Disputes: read"),
            (GatewayError(GatewayFailure.CREDENTIALS, "This key is not known there."), "is not known there"),
        ],
    )
    def test_refuses_a_key_that_is_not_enough(
        self, desk: Desk, told: Told, gateway: str, account: AccountFacts | Exception, said: str
    ) -> None:
        browser, merchant = shop(desk)
        told.account = account
        answer = connect(browser, merchant, gateway)
        assert answer.status_code == 422
        assert said.casefold() in words(answer).casefold()
        assert "Nothing was stored" in words(answer)
        assert stored(desk, merchant) == []

    @pytest.mark.parametrize(
        ("gateway", "wrong"),
        [
            ("stripe", {"key": "short"}),
            ("stripe", {"key": "rk_test with a blank"}),
            ("paypal", {"client_id": "AeA1QIZX:iflr1_client"}),
            ("paypal", {"client_id": ""}),
            ("paypal", {"environment": "moon"}),
            ("paypal", {"environment": "other"}),
            ("square", {"environment": ""}),
            ("square", {"key": "EAAAl9s2\r\nHost: evil"}),
        ],
    )
    def test_calls_nobody_with_what_cannot_be_right(
        self, desk: Desk, told: Told, gateway: str, wrong: dict[str, str]
    ) -> None:
        browser, merchant = shop(desk)
        assert connect(browser, merchant, gateway, **wrong).status_code == 422
        assert told.asked == []
        assert stored(desk, merchant) == []

    def test_refuses_a_gateway_that_it_does_not_know(self, desk: Desk, told: Told) -> None:
        browser, merchant = shop(desk)
        for gateway in ("manual", "adyen", ""):
            answer = browser.post(links.connections(merchant.slug), gateway=gateway, key=KEY)
            assert answer.status_code == 422
        assert told.asked == []

    @pytest.mark.parametrize("gateway", ["paypal", "square"])
    @pytest.mark.parametrize(("environment", "live"), [("live", False), ("test", True)])
    def test_refuses_a_key_of_the_other_environment(
        self, desk: Desk, told: Told, gateway: str, environment: str, live: bool
    ) -> None:
        browser, merchant = shop(desk)
        told.account = facts(live=live)
        answer = connect(browser, merchant, gateway, environment=environment)
        assert answer.status_code == 422
        assert "does not belong to the environment" in words(answer)
        assert stored(desk, merchant) == []

    @pytest.mark.parametrize("gateway", ["paypal", "square"])
    def test_a_live_account_needs_no_address(self, desk: Desk, told: Told, gateway: str) -> None:
        browser, merchant = shop(desk)
        told.account = facts(account_id=f"live_{gateway}", live=True)
        assert (
            connect(browser, merchant, gateway, environment="live", api_address="https://x.example").status_code == 303
        )
        (connection,) = stored(desk, merchant)
        assert (connection.mode, connection.addresses) == ("live", {})
        assert told.asked[-1][2] == {}

    @every_gateway
    def test_another_address_is_a_sandbox_and_never_an_inner_machine(
        self, desk: Desk, told: Told, gateway: str
    ) -> None:
        browser, merchant = shop(desk)
        told.account = facts(account_id=f"sandbox_{gateway}")
        there = {"environment": "other"}
        refused = connect(browser, merchant, gateway, **there, api_address="https://10.0.0.1")
        assert refused.status_code == 422
        assert "not a public address" in words(refused)
        assert told.asked == []
        # The desk itself is open on this machine, so this machine's sandbox may be called.
        assert connect(browser, merchant, gateway, **there, api_address="http://127.0.0.1:9").status_code == 303
        (connection,) = stored(desk, merchant)
        assert (connection.mode, connection.addresses) == ("sandbox", {"api": "http://127.0.0.1:9"})

    def test_a_live_stripe_key_is_sent_nowhere_else(self, desk: Desk, told: Told) -> None:
        browser, merchant = shop(desk)
        answer = connect(
            browser, merchant, "stripe", key="rk_live_restricted_key", api_address="https://public.example"
        )
        assert answer.status_code == 422
        assert told.asked == []

    def test_after_an_error_shows_what_was_typed_but_no_secret(self, desk: Desk, told: Told) -> None:
        browser, merchant = shop(desk)
        told.account = GatewayError(GatewayFailure.CREDENTIALS, "PayPal does not know this app.")
        answer = connect(browser, merchant, "paypal")
        assert 'value="AeA1QIZXiflr1_client"' in answer.text
        assert FORMS["paypal"]["key"] not in answer.text
        assert 'value="test" selected' in answer.text


class TestRights:
    @every_gateway
    def test_a_key_that_only_reads_is_taken_and_says_plainly_what_that_means(
        self, desk: Desk, told: Told, gateway: str
    ) -> None:
        browser, merchant = shop(desk)
        told.account = facts(account_id=f"reads_{gateway}", may_file=False)
        answer = connect(browser, merchant, gateway)
        assert "note=connected_to_read" in answer.headers["location"]
        (connection,) = stored(desk, merchant)
        assert connection.by_hand is True
        page = words(browser.get(links.connections(merchant.slug)))
        assert "Reads only: everything works up to filing, which is handed over as files and text." in page

    def test_of_paypal_say_that_the_right_that_files_can_pay(self, desk: Desk, told: Told) -> None:
        browser, merchant = shop(desk)
        right = "update-seller, which files evidence, can also pay the buyer through accept and offer"
        told.account = facts(account_id="pays", rights_too_many=(right,))
        form = words(browser.get(links.connections(merchant.slug)))
        assert "(update-seller) can also pay the customer, through accept and offer" in form
        connect(browser, merchant, "paypal")
        assert f"What this key can also do: {right}" in words(browser.get(links.connections(merchant.slug)))

    def test_that_are_not_needed_are_shown_escaped(self, desk: Desk, told: Told) -> None:
        browser, merchant = shop(desk)
        evil = "<script>alert(1)</script>"
        told.account = facts(
            account_id="evil",
            name=evil,
            rights_found=("Disputes: read", "Files: read"),
            rights_too_many=("Payouts: read", evil),
        )
        connect(browser, merchant, "stripe")
        page = browser.get(links.connections(merchant.slug))
        assert "What this key can also do: Payouts: read" in words(page)
        assert "Rights it has: Disputes: read, Files: read" in words(page)
        assert evil not in page.text

    @every_gateway
    def test_are_asked_again_when_the_key_changes(self, desk: Desk, told: Told, gateway: str) -> None:
        browser, merchant = shop(desk)
        told.account = facts(account_id=f"changes_{gateway}")
        connect(browser, merchant, gateway)
        (connection,) = stored(desk, merchant)
        path = f"{links.connections(merchant.slug)}/{connection.id}/key"
        form = FORMS[gateway] | {"key": "EAAAl9s2_a_newer_key"}
        for may_file, note in ((False, "key_only_reads"), (True, "key_changed")):
            told.account = facts(account_id=f"changes_{gateway}", may_file=may_file)
            assert f"note={note}" in browser.post(path, **form).headers["location"]
            (connection,) = stored(desk, merchant)
            assert connection.by_hand is not may_file
        assert desk.runtime.vault.open(connection.secret).endswith("EAAAl9s2_a_newer_key")
        assert told.asked[-1] == (gateway, desk.runtime.vault.open(connection.secret), OWN_SANDBOX[gateway])

    @pytest.mark.parametrize(
        ("changes", "said"),
        [
            ({"account_id": "somebody else"}, "speaks for another account"),
            ({"live": True}, "A live and a test key cannot take"),
            ({"rights_missing": ("Disputes: read",)}, "Rights are missing"),
        ],
    )
    def test_of_a_new_key_that_does_not_fit_leave_the_old_one(
        self, desk: Desk, told: Told, changes: dict[str, Any], said: str
    ) -> None:
        browser, merchant = shop(desk)
        mine = {"account_id": f"mine_{merchant.id}"}
        told.account = facts(**mine)
        connect(browser, merchant, "square")
        (connection,) = stored(desk, merchant)
        told.account = facts(**mine | changes)
        path = f"{links.connections(merchant.slug)}/{connection.id}/key"
        answer = browser.post(path, key="EAAAl9s2_a_newer_key")
        assert answer.status_code == 422
        assert said in words(answer)
        (after,) = stored(desk, merchant)
        assert after.secret == connection.secret


class TestAtTheSandboxes:
    """The form, the adapter and the gateway's protocol together, over a server of its own."""

    @pytest.mark.parametrize(
        ("gateway", "secrets", "by_hand", "said"),
        [
            ("stripe", {"key": "rk_test_sandbox_disputes"}, False, "Reached at http://127.0.0.1"),
            ("paypal", {"client_id": "sandbox-full", "key": "sandbox-full-secret"}, False, "which pays the buyer"),
            ("paypal", {"client_id": "sandbox-read", "key": "sandbox-read-secret"}, True, "Reads only"),
            ("square", {"key": "EAAAsandbox_desk"}, False, "can also accept a dispute"),
            ("square", {"key": "EAAAsandbox_read_only"}, True, "Reads only"),
        ],
    )
    def test_a_key_is_known_with_what_it_may_do(
        self, desk: Desk, sandboxes: dict[str, Sandbox], gateway: str, secrets: dict[str, str], by_hand: bool, said: str
    ) -> None:
        browser, merchant = shop(desk)
        there = sandboxes[gateway]
        form = {"environment": "other", "api_address": there.api} | secrets
        if gateway == "stripe":
            form["files_address"] = there.files
        answer = browser.post(links.connections(merchant.slug), gateway=gateway, **form)
        assert answer.status_code == 303, words(answer)
        (connection,) = stored(desk, merchant)
        assert (connection.mode, connection.by_hand) == ("sandbox", by_hand)
        assert said in words(browser.get(links.connections(merchant.slug)))
        again = browser.post(links.connections(merchant.slug), gateway=gateway, **form)
        assert "connected already" in words(again)
        with desk.runtime.database.writing() as session:
            session.delete(session.get_one(Connection, connection.id))

    @pytest.mark.parametrize(
        ("gateway", "secrets"),
        [
            ("stripe", {"key": "rk_test_not_known_there"}),
            ("paypal", {"client_id": "sandbox-full", "key": "not-its-secret"}),
            ("square", {"key": "EAAAsandbox_unknown"}),
        ],
    )
    def test_a_key_that_it_does_not_know_is_refused_in_words(
        self, desk: Desk, sandboxes: dict[str, Sandbox], gateway: str, secrets: dict[str, str]
    ) -> None:
        browser, merchant = shop(desk)
        form = {"environment": "other", "api_address": sandboxes[gateway].api} | secrets
        answer = browser.post(links.connections(merchant.slug), gateway=gateway, **form)
        assert answer.status_code == 422
        assert "Nothing was stored" in words(answer)
        assert secrets["key"] not in answer.text
        assert stored(desk, merchant) == []


class TestWebhooks:
    def connected(self, desk: Desk, told: Told, gateway: str) -> tuple[Browser, Merchant, Connection]:
        browser, merchant = shop(desk)
        told.account = facts(account_id=f"hook_{gateway}_{merchant.id}")
        connect(browser, merchant, gateway)
        return browser, merchant, stored(desk, merchant)[0]

    @pytest.mark.parametrize(
        ("gateway", "named", "where"),
        [
            ("stripe", "Signing secret", "add an endpoint with this address"),
            ("paypal", "Webhook ID", "add a webhook with this address"),
            ("square", "Signature key", "exactly this address"),
        ],
    )
    def test_say_where_each_proof_is_found_and_show_the_address(
        self, desk: Desk, told: Told, gateway: str, named: str, where: str
    ) -> None:
        browser, merchant, connection = self.connected(desk, told, gateway)
        page = words(browser.get(links.connections(merchant.slug)))
        assert links.webhook(connection.id) in page
        assert f"{named}, as" in page
        assert where in page

    @every_gateway
    def test_are_switched_on_by_their_proof_and_off_by_an_empty_one(self, desk: Desk, told: Told, gateway: str) -> None:
        browser, merchant, connection = self.connected(desk, told, gateway)
        path = f"{links.connections(merchant.slug)}/{connection.id}/webhook"
        assert browser.post(path, secret=PROOF[gateway]).status_code == 303
        (after,) = stored(desk, merchant)
        assert desk.runtime.vault.open(after.webhook_secret or "") == PROOF[gateway]
        assert browser.post(path, secret="").status_code == 303
        assert stored(desk, merchant)[0].webhook_secret is None

    @pytest.mark.parametrize(
        ("gateway", "wrong"),
        [
            ("stripe", "we_1MqqbKLt4dXK03v5qaIbiNCC"),
            ("paypal", "WEBHOOK_ID"),
            ("paypal", "https://desk.example/webhooks/con_1"),
            ("square", "short"),
        ],
    )
    def test_take_no_other_thing_for_the_proof(self, desk: Desk, told: Told, gateway: str, wrong: str) -> None:
        browser, merchant, connection = self.connected(desk, told, gateway)
        answer = browser.post(f"{links.connections(merchant.slug)}/{connection.id}/webhook", secret=wrong)
        assert answer.status_code == 422
        assert stored(desk, merchant)[0].webhook_secret is None


class TestAProcessorWithoutAnApi:
    @pytest.mark.parametrize("act", ["key", "webhook", "read", "pause"])
    def test_has_no_key_no_webhook_and_nothing_to_read(self, desk: Desk, told: Told, act: str) -> None:
        browser, merchant = shop(desk)
        with desk.runtime.database.writing() as session:
            made = builders.connection(
                session, merchant=merchant, gateway="manual", mode="live", account_name="iyzico", by_hand=True
            )
        page = browser.get(links.connections(merchant.slug))
        assert "iyzico" in words(page)
        assert "This processor has no API" in words(page)
        assert links.webhook(made.id) not in page.text
        answer = browser.post(f"{links.connections(merchant.slug)}/{made.id}/{act}", key=KEY, secret="whsec_0123456789")
        assert answer.status_code == 422
        assert told.asked == []
