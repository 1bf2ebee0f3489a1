"""A gateway that came by plug-in, on the pages: connected, told what it does by itself, taken like any other."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from sqlmodel import select

from disputes import links
from disputes.models import Connection, Merchant
from gateways.sandbox.launch import Sandbox, launch
from gateways.sandbox.shopify_payments import tokens
from tests import builders
from tests.web.desk import Browser, Desk, words
from web import compose
from web import words as told


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with launch(tmp_path_factory.mktemp("shopify"), gateway="shopify_payments", empty=True) as running:
        yield running


def shop(desk: Desk) -> tuple[Browser, Merchant]:
    person = desk.person()
    merchant = desk.shop(person)
    return desk.signed_in(person), merchant


def connect(browser: Browser, merchant: Merchant, **form: str) -> httpx.Response:
    return browser.post(links.connections(merchant.slug), gateway="shopify_payments", **form)


def stored(desk: Desk, merchant: Merchant) -> list[Connection]:
    with desk.runtime.database.reading() as session:
        return list(session.exec(select(Connection).where(Connection.merchant_id == merchant.id)))


def forget(desk: Desk, connection: Connection) -> None:
    """A shop belongs to one connection in the installation."""
    with desk.runtime.database.writing() as session:
        session.delete(session.get_one(Connection, connection.id))


class TestConnecting:
    def test_the_form_asks_for_the_shop_and_one_of_two_keys(self, desk: Desk) -> None:
        browser, merchant = shop(desk)
        page = browser.get(links.connections(merchant.slug))
        assert "Shopify Payments" in words(page)
        assert 'placeholder="lumen.myshopify.com"' in page.text
        assert 'name="client_id" type="text" value="" maxlength="300" autocomplete="off" aria' in page.text
        assert "read_shopify_payments_disputes" in words(page)

    @pytest.mark.parametrize("client_id", ["", tokens.APP[0]])
    def test_takes_a_token_or_an_apps_id_and_secret(self, desk: Desk, sandbox: Sandbox, client_id: str) -> None:
        browser, merchant = shop(desk)
        key = tokens.APP[1] if client_id else tokens.DESK
        answer = connect(browser, merchant, api_address=sandbox.api, client_id=client_id, key=key)
        assert answer.status_code == 303, words(answer)
        (connection,) = stored(desk, merchant)
        assert (connection.mode, connection.by_hand, connection.account_currency) == ("sandbox", False, "EUR")
        assert connection.addresses == {"api": sandbox.api}
        assert desk.runtime.vault.open(connection.secret) == f"{client_id}:{key}"
        page = browser.get(links.connections(merchant.slug))
        assert "Shopify Payments: Lale Living (lale-living.myshopify.com)" in words(page)
        assert key not in page.text
        forget(desk, connection)

    def test_a_key_that_only_reads_hands_answers_over(self, desk: Desk, sandbox: Sandbox) -> None:
        browser, merchant = shop(desk)
        assert connect(browser, merchant, api_address=sandbox.api, client_id="", key=tokens.READER).status_code == 303
        (connection,) = stored(desk, merchant)
        assert connection.by_hand
        forget(desk, connection)

    @pytest.mark.parametrize(
        ("form", "said"),
        [
            ({"api_address": "lumen.example"}, ".myshopify.com"),
            ({"api_address": "https://10.0.0.1"}, ".myshopify.com"),
            ({"api_address": "http://10.0.0.1"}, "begin with https://"),
            ({"key": ""}, "that is none"),
            ({"client_id": "with:colon-in-it"}, "that is none"),
        ],
    )
    def test_calls_nobody_with_what_cannot_be_right(
        self, desk: Desk, sandbox: Sandbox, form: dict[str, str], said: str
    ) -> None:
        browser, merchant = shop(desk)
        asked = sandbox.controls.counts()["requests"]["total"]
        right = {"api_address": sandbox.api, "client_id": "", "key": tokens.DESK}
        answer = connect(browser, merchant, **right | form)
        assert answer.status_code == 422
        assert said in words(answer)
        assert stored(desk, merchant) == []
        assert sandbox.controls.counts()["requests"]["total"] == asked

    def test_its_webhook_is_proved_by_the_client_secret(self, desk: Desk, sandbox: Sandbox) -> None:
        browser, merchant = shop(desk)
        connect(browser, merchant, api_address=sandbox.api, client_id="", key=tokens.DESK)
        (connection,) = stored(desk, merchant)
        assert "disputes/create" in words(browser.get(links.connections(merchant.slug)))
        path = f"{links.connections(merchant.slug)}/{connection.id}/webhook"
        assert browser.post(path, secret="too short").status_code == 422
        assert browser.post(path, secret="0123456789abcdef0123456789abcdef").status_code == 303
        (after,) = stored(desk, merchant)
        assert after.webhook_secret is not None
        forget(desk, after)


def test_the_case_says_that_shopify_files_by_itself(desk: Desk) -> None:
    browser, merchant = shop(desk)
    with desk.runtime.database.writing() as session:
        connection = builders.connection(session, merchant=merchant, gateway="shopify_payments")
        snapshot = builders.snapshot()
        dispute = builders.seen(
            session, connection=connection, at=desk.runtime.clock.now(), gateway="shopify_payments",
            external_id="10519937081", capabilities=type(snapshot.capabilities)(True, False, smart_filing=True),
        )  # fmt: skip
        case = links.case(merchant.slug, dispute.id)
    assert "Shopify sends an answer by itself on the due date" in words(browser.get(case))


def test_automatic_filing_can_be_switched_on_after_being_told_what_cannot_be_taken_back(desk: Desk) -> None:
    browser, merchant = shop(desk)
    answer = browser.post(f"{links.settings(merchant.slug)}/rules/shopify_payments", mode="file_after_hold")
    assert "nothing more once it was submitted or the due date has passed" in words(answer)


def test_where_a_person_answers_is_known_of_every_gateway() -> None:
    assert set(told.PLACE) >= {"stripe", "paypal", "square", "manual", "shopify_payments"}
    assert set(told.FILING) >= {"stripe", "paypal", "square", "shopify_payments"}


def test_a_gateway_whose_plug_in_is_gone_is_told(desk: Desk) -> None:
    with pytest.raises(LookupError, match="Was its plug-in removed"):
        compose.gateway_named("example_bank", "key", {}, desk.settings)
