"""Shopify Payments as the desk offers it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from disputes.gateway_kinds import AnswerView, ConnectForm, DeliveryProof, GatewayKind, KeyField, OwnAddress
from disputes.phrases import phrase
from disputes.ports import Gateway
from gateways.shopify_payments.adapter import ShopifyPaymentsGateway
from gateways.shopify_payments.contract import NAME, REASONS, TITLE
from gateways.shopify_payments.limits import FILES, TEXTS, file_slots

_SHOP = re.compile(r"[a-z0-9][a-z0-9-]{0,99}\.myshopify\.com")


def shop_address(typed: str) -> str:
    """The base address of "lumen", "lumen.myshopify.com", or either as people copy it out of the browser."""
    plain = typed.strip().casefold()
    parts = urlsplit(plain if "://" in plain else f"https://{plain}")
    host = parts.netloc
    if host == "admin.shopify.com" and parts.path.startswith("/store/"):
        host = f"{parts.path.split('/')[2]}.myshopify.com"
    elif host and "." not in host:
        host = f"{host}.myshopify.com"
    if parts.scheme not in ("https", "http") or not _SHOP.fullmatch(host):
        raise ValueError(
            phrase(
                "The shop's address ends in .myshopify.com; the shop's own domain does not answer here. It stands in "
                "the admin under Settings, Domains."
            )
        )
    return f"https://{host}"


def opened(key: str, addresses: Mapping[str, str], timeout: float) -> Gateway:
    return ShopifyPaymentsGateway(key, addresses=addresses, timeout=timeout)


def fields(view: AnswerView) -> dict[str, str]:
    """The letter, and each argument and log that has a field of its own. The customer's name, e-mail and address stay
    as Shopify took them from the order."""
    own = {
        "uncategorizedText": view.letter,
        "refundRefusalExplanation": view.said.get("refund_refusal_explanation", ""),
        "refundPolicyDisclosure": view.said.get("refund_policy_disclosure", ""),
        "cancellationPolicyDisclosure": view.said.get("cancellation_policy_disclosure", ""),
        "cancellationRebuttal": view.said.get("cancellation_rebuttal", ""),
        "accessActivityLog": view.activity,
    }
    return {name: text for name, text in own.items() if text}


KIND = GatewayKind(
    name=NAME,
    title=TITLE,
    form=ConnectForm(
        keys=(
            KeyField(
                "client_id", phrase("Client ID"), phrase("Of your app in Shopify's Dev Dashboard. Leave it empty for a "
                "custom app made before 2026, and give its access token below."), public=True, required=False,
            ),
            KeyField(
                "key", phrase("Client secret, or access token"),
                phrase("Of the same app. A token begins with shpat_."),
            ),
        ),
        rights=phrase("The same app as for the shop's orders, installed in the shop. Rights it needs: "
        "read_shopify_payments_disputes, read_shopify_payments_dispute_evidences and read_orders to read; "
        "write_shopify_payments_dispute_evidences and write_shopify_payments_dispute_file_uploads to file. Without the "
        "last two everything works up to filing, which is handed over as files and text. Without read_all_orders "
        "Shopify shows no order that is older than 60 days, and disputes come later than that."),
        webhook=DeliveryProof(
            phrase("client secret"),
            re.compile(r"[A-Za-z0-9_-]{12,120}"),
            phrase("32 letters and digits"),
            phrase("Shopify signs with the app's client secret. Subscribe the app to the topics disputes/create "
            "and disputes/update with this address (in the app's configuration file, or by webhookSubscriptionCreate), "
            "and give the client secret here once more."),
        ),
        address=OwnAddress(
            phrase("Shop"), phrase("As it stands in the admin under Settings, Domains."), "lumen.myshopify.com",
            shop_address,
        ),
    ),
    open=opened,
    files=FILES,
    texts=TEXTS,
    slots=file_slots(),
    fields=fields,
    categories=REASONS,
    filing=phrase("Shopify takes one answer, and nothing more once it was submitted or the due date has passed. What "
    "is laid there Shopify sends by itself on the due date, submitted or not."),
    place=phrase("The Shopify admin: Orders, open the order with the chargeback banner, then “Submit response”."),
    files_itself=phrase("Shopify sends an answer by itself on the due date, with whatever lies there then: its own "
    "records, and what the desk has laid there. The desk submits its own before that."),
)  # fmt: skip
