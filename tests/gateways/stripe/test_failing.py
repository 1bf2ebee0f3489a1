"""What goes wrong at Stripe, and what the caller is told about it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from disputes.ports import GatewayError, GatewayFailure
from gateways.sandbox.control import SandboxControl
from gateways.stripe import mapping
from gateways.stripe.adapter import StripeGateway
from tests.gateways.stripe.calls import KEY, opened


class TestFailing:
    @pytest.mark.parametrize(
        ("fault", "failure", "retryable", "effect_possible"),
        [
            ({"kind": "status", "status": 400}, GatewayFailure.REJECTED, False, False),
            ({"kind": "status", "status": 404}, GatewayFailure.NOT_FOUND, False, False),
            ({"kind": "status", "status": 401}, GatewayFailure.CREDENTIALS, False, False),
            ({"kind": "status", "status": 403}, GatewayFailure.RIGHTS, False, False),
            ({"kind": "status", "status": 429}, GatewayFailure.RATE_LIMITED, True, False),
            ({"kind": "status", "status": 429, "code": "lock_timeout"}, GatewayFailure.RATE_LIMITED, True, False),
            ({"kind": "status", "status": 409}, GatewayFailure.RATE_LIMITED, True, False),
            ({"kind": "status", "status": 500}, GatewayFailure.UNAVAILABLE, True, True),
            ({"kind": "status", "status": 503}, GatewayFailure.UNAVAILABLE, True, True),
            ({"kind": "html", "status": 502}, GatewayFailure.UNAVAILABLE, True, True),
            ({"kind": "html", "status": 200}, GatewayFailure.MALFORMED, True, True),
            ({"kind": "truncate"}, None, True, True),
            ({"kind": "drop_before"}, GatewayFailure.UNAVAILABLE, True, True),
            ({"kind": "drop_after"}, GatewayFailure.UNAVAILABLE, True, True),
            ({"kind": "hang", "seconds": 2}, GatewayFailure.UNAVAILABLE, True, True),
        ],
        ids=lambda value: " ".join(map(str, value.values())) if isinstance(value, dict) else "",
    )
    def test_every_bad_answer_to_a_write_has_its_name(
        self,
        gateway_with: Callable[..., StripeGateway],
        control: SandboxControl,
        fault: dict[str, Any],
        failure: GatewayFailure | None,
        retryable: bool,
        effect_possible: bool,
    ) -> None:
        one = opened(control)
        control.fault(**fault, method="POST", path=one)
        with pytest.raises(GatewayError) as told:
            gateway_with(timeout=0.8).submit(one, key=f"submit-{one}")
        assert failure in (None, told.value.failure)
        assert (told.value.retryable, told.value.effect_possible) == (retryable, effect_possible)
        assert KEY not in str(told.value)

    @pytest.mark.parametrize(
        ("fault", "failure"),
        [
            ({"kind": "status", "status": 401}, GatewayFailure.CREDENTIALS),
            ({"kind": "status", "status": 403}, GatewayFailure.RIGHTS),
            ({"kind": "status", "status": 429}, GatewayFailure.RATE_LIMITED),
            ({"kind": "html", "status": 200}, GatewayFailure.MALFORMED),
        ],
        ids=lambda value: " ".join(map(str, value.values())) if isinstance(value, dict) else "",
    )
    def test_a_read_is_never_said_to_have_done_something(
        self, gateway: StripeGateway, control: SandboxControl, fault: dict[str, Any], failure: GatewayFailure
    ) -> None:
        control.fault(**fault, method="GET", times=5)
        with pytest.raises(GatewayError) as told:
            gateway.disputes()
        assert (told.value.failure, told.value.effect_possible) == (failure, False)

    @pytest.mark.parametrize("key", ["sk_test_wrong_and_secret_4242", "rk_test_without_any_rights_4242"])
    def test_no_error_message_holds_the_key(
        self, gateway_with: Callable[..., StripeGateway], control: SandboxControl, key: str
    ) -> None:
        if key.startswith("rk_"):
            control.key(key, rights=[])
        with pytest.raises(GatewayError) as told:
            gateway_with(key).disputes()
        assert key not in str(told.value)
        assert key[8:-4] not in str(told.value)

    def test_a_dispute_that_lacks_what_it_must_have_is_refused_in_words(self) -> None:
        with pytest.raises(GatewayError, match="lacks or garbles") as told:
            mapping.snapshot({"id": "du_1", "status": "needs_response"})
        assert told.value.failure is GatewayFailure.MALFORMED
