"""The baselines do the work they are said to do: a slower one would flatter the desk, a shorter one would wrong it."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from types import ModuleType

import pytest
from square import Square

from disputes.ports import WebhookRefused
from gateways.sandbox.launch import launch
from tests.benchmarks import (
    bare_filing,
    bare_square,
    filing,
    pulling,
    respond,
    respond_paypal,
    respond_square,
    sync,
    sync_paypal,
    sync_square,
)
from web import practice
from web.compose import gateway_named
from web.settings import Settings

FEW = 120
"""More than a page at each gateway."""
LISTINGS = [("stripe", sync), ("paypal", sync_paypal), ("square", sync_square)]
CASES = [respond.StripeCase, respond_paypal.PayPalCase, respond_square.SquareCase]
URL = "http://127.0.0.1:9/webhooks/con_1"


class TestReading:
    @pytest.mark.parametrize(("gateway", "group"), LISTINGS)
    def test_it_reads_every_dispute_once_and_in_full(self, tmp_path: Path, gateway: str, group: ModuleType) -> None:
        with launch(tmp_path, gateway=gateway, empty=True) as sandbox:
            sandbox.controls.bulk(FEW)
            rows = list(group.listing(sandbox)())
        assert len({name for name, _ in rows}) == len(rows) == FEW + 1  # with the one they are copies of
        assert all(name in text and "amount" in text for name, text in rows)

    @pytest.mark.parametrize("bare", [True, False])
    def test_at_paypal_both_sides_ask_for_each_dispute_once(self, tmp_path: Path, bare: bool) -> None:
        with launch(tmp_path, gateway="paypal", empty=True) as sandbox:
            sandbox.controls.bulk(FEW)
            if bare:
                list(sync_paypal.listing(sandbox)())
            else:
                pulling.pulled(sandbox, "paypal", FEW)
            asked = sandbox.controls.counts()["requests"]["by_route"]
        assert asked["GET /v1/customer/disputes/{id}"] == FEW + 1

    def test_a_list_that_falls_short_is_no_figure(self) -> None:
        with pytest.raises(RuntimeError, match="1 of 2 disputes"):
            pulling.inserted(lambda: [("a", "{}")], 2)

    def test_a_pull_that_falls_short_is_no_figure(self, tmp_path: Path) -> None:
        with launch(tmp_path, gateway="square", empty=True) as sandbox:
            sandbox.controls.bulk(3)
            with pytest.raises(RuntimeError, match="the pull of 5 disputes said 'read 4'"):
                pulling.pulled(sandbox, "square", 5)


class TestFiling:
    def test_the_calls_end_with_the_one_that_filed(self) -> None:
        log = [{"path": "/look"}, {"path": "/file"}, {"path": "/look"}]
        assert filing.until(log, lambda row: row["path"] == "/file") == log[:2]

    def test_names_are_replaced_at_any_depth_and_all_at_once(self) -> None:
        row = {"path": "/d/one/of/two", "params": {"about": ["one", 2], "again": {"it": "two"}}}
        assert bare_filing.renamed(row, {"one": "two", "two": "three"}) == {
            "path": "/d/two/of/three",
            "params": {"about": ["two", 2], "again": {"it": "three"}},
        }

    def test_a_name_is_no_pattern(self) -> None:
        assert bare_filing.renamed("a.c abc", {"a.c": "x"}) == "x abc"

    def test_a_file_is_as_long_as_the_one_it_stands_for(self) -> None:
        assert len(bare_filing.stand_in(4_321)) == 4_321

    def test_a_call_it_does_not_know_is_an_error_and_not_left_out(self) -> None:
        row = {"method": "GET", "path": "/v2/gift-cards", "params": {}}
        with pytest.raises(LookupError, match="GET /v2/gift-cards"):
            bare_square.call(Square(token="none"), row)

    @pytest.mark.parametrize("case", CASES)
    def test_each_run_has_a_dispute_and_a_payment_of_its_own(self, tmp_path: Path, case: type[filing.Case]) -> None:
        with launch(tmp_path, gateway=case.gateway, empty=True) as sandbox:
            told, spec = case(sandbox, tmp_path), filing.spec(case.gateway, case.order)
            first, second = (told.names(sandbox.controls.dispute(**spec)) for _ in range(2))
        assert len(first) == len(second) >= 2
        assert not set(first) & set(second)

    @pytest.mark.parametrize("case", CASES)
    def test_the_shops_records_know_the_payment_that_is_renamed(self, case: type[filing.Case]) -> None:
        orders = (files("web.demo") / "shop" / "orders.csv").read_text(encoding="utf-8")
        assert f"{case.order}," in orders
        assert case.payment in orders

    @pytest.mark.parametrize("case", CASES)
    def test_its_webhook_is_signed_as_the_gateway_signs(self, tmp_path: Path, case: type[filing.Case]) -> None:
        with launch(tmp_path, gateway=case.gateway, empty=True) as sandbox:
            told = case(sandbox, tmp_path)
            secret = told.hear(URL)
            dispute = sandbox.controls.dispute(**filing.spec(case.gateway, case.order))
            (body, headers), (other, _) = told.signed(1, dispute), told.signed(2, dispute)
            (played,) = (each for each in practice.PRACTICE if each.gateway == case.gateway)
            addresses = practice._addresses(played, sandbox)
            gateway = gateway_named(case.gateway, played.secret, addresses, Settings())
            event = gateway.verify_webhook(body, headers, secret=secret, url=URL)
            with pytest.raises(WebhookRefused):
                gateway.verify_webhook(other, headers, secret=secret, url=URL)
            assert event.external_id == told.names(dispute)[0]
            assert sandbox.controls.deliveries() == []
