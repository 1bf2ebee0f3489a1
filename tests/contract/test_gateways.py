"""Every gateway of ours under the suite that plug-ins have to pass."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from disputes.gateway_kinds import gateway_kind
from disputes.ids import digest
from disputes.ports import Gateway
from disputes.response import Response, ResponseFile
from gateways.paypal.adapter import PayPalGateway
from gateways.sandbox.launch import launch
from gateways.sandbox.paypal import tokens as paypal
from gateways.sandbox.shopify_payments import tokens as shopify
from gateways.sandbox.square import tokens as square
from gateways.square.adapter import SquareGateway
from gateways.stripe.adapter import StripeGateway
from tests import builders
from tests.contract.gateway_contract import GatewayContract, house
from tests.contract.practice import SandboxPractice, Subject

__all__ = ["house"]

SECONDS = 10.0


@pytest.fixture(scope="class")
def practice(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxPractice]:
    """The sandbox of the gateway under test."""
    name = request.cls.subject.name
    with launch(tmp_path_factory.mktemp(name), gateway=name, empty=True) as running:
        files = {"files": running.files} if name == "stripe" else {}
        word = "evidence_provided" if name == "paypal" else "submitted"
        yield SandboxPractice(running.controls, {"api": running.api, **files}, word)


def shopify_answer(*, external_id: str, data: bytes = b"%PDF-1.4 proof") -> Response:
    """Two texts and two files, each in a slot of its own."""
    fields = {
        "uncategorizedText": "The parcel was delivered on the day it was promised.",
        "refundRefusalExplanation": "No refund was due.",
    }
    files = (_pdf("uncategorizedFile", data), _pdf("shippingDocumentationFile", data))
    return Response(gateway="shopify_payments", dispute_id=external_id, round=1, fields=fields, files=files)


def _pdf(slot: str, data: bytes) -> ResponseFile:
    name = f"{slot[:8].lower()}-{digest(data)[:10]}.pdf"
    return ResponseFile(slot=slot, name=name, sha256=digest(data), size=len(data), pages=1)


def one_file_square_answer(*, external_id: str, data: bytes = b"%PDF-1.4 proof") -> Response:
    """The house's answer with its first file alone: here every file holds the same bytes."""
    whole = builders.square_answer(external_id=external_id, data=data)
    return whole.model_copy(update={"files": whole.files[:1]})


def opened_shop(key: str, addresses: dict[str, str]) -> Gateway:
    kind = gateway_kind("shopify_payments")
    assert kind is not None
    return kind.open(key, addresses, SECONDS)


class TestStripe(GatewayContract):
    subject = Subject(
        name="stripe",
        open=lambda key, addresses: StripeGateway(key, addresses=addresses, timeout=SECONDS),
        key="rk_test_sandbox_disputes",
        stranger="rk_test_not_known_there",
        answer=builders.answer,
    )


class TestPayPal(GatewayContract):
    subject = Subject(
        name="paypal",
        open=lambda key, addresses: PayPalGateway(*key.split(":"), addresses=addresses, timeout=SECONDS),
        key=":".join(paypal.FULL),
        stranger=f"{paypal.FULL[0]}:not-its-secret-at-all",
        answer=builders.paypal_answer,
        reader="sandbox-read:sandbox-read-secret",
    )


class TestSquare(GatewayContract):
    subject = Subject(
        name="square",
        open=lambda key, addresses: SquareGateway(key, addresses=addresses, timeout=SECONDS),
        key=square.DESK,
        stranger="EAAAsandbox_unknown",
        answer=one_file_square_answer,
        reader=square.READER,
    )


class TestShopifyPayments(GatewayContract):
    subject = Subject(
        name="shopify_payments",
        open=opened_shop,
        key=f":{shopify.DESK}",
        stranger=":shpat_sandbox_unknown",
        answer=shopify_answer,
        reader=f":{shopify.READER}",
    )


class TestShopifyPaymentsByClientCredentials(GatewayContract):
    subject = Subject(
        name="shopify_payments",
        open=opened_shop,
        key=":".join(shopify.APP),
        stranger=f"{shopify.APP[0]}:shpss_not_its_secret",
        answer=shopify_answer,
    )
