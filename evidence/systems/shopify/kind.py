"""How Shopify is connected: the shop's address, and a token or an app's client id and secret."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

import httpx

from disputes.addresses import BadAddress, checked
from disputes.phrases import phrase, said_by
from disputes.systems import Brings, Outside, Setting, SourceError, SourceFailure, SystemKind
from evidence.systems.auth import ClientCredentials, HeaderKey
from evidence.systems.http import Http
from evidence.systems.shopify.client import TITLE, Graph
from evidence.systems.shopify.queries import API_VERSION
from evidence.systems.shopify.system import Shopify

_HEADER = "X-Shopify-Access-Token"
_SHOP = re.compile(r"[a-z0-9][a-z0-9-]{0,99}\.myshopify\.com")
_DAY = 86_399.0


def opened(settings: Mapping[str, str], outside: Outside) -> Shopify:
    """Raises SourceError where the address or the keys cannot be right."""
    base = shop_address(settings.get("shop", ""), loopback=outside.loopback)
    http = Http(TITLE, base, outside, auth=_auth(settings, base))
    return Shopify(KIND, Graph(http, f"admin/api/{API_VERSION}/graphql.json", outside), http, outside)


def shop_address(typed: str, *, loopback: bool = False) -> str:
    """The base address of "lumen", "lumen.myshopify.com", or either as people copy it out of the browser."""
    plain = typed.strip().casefold()
    if loopback and plain.startswith("http://"):
        try:
            return checked(typed.strip(), loopback=True)
        except BadAddress as error:
            raise SourceError(
                SourceFailure.REFUSED, phrase("The shop's address cannot be called. {error}", error=said_by(error))
            ) from None
    parts = urlsplit(plain if "://" in plain else f"https://{plain}")
    host = parts.netloc
    if host == "admin.shopify.com" and parts.path.startswith("/store/"):
        host = f"{parts.path.split('/')[2]}.myshopify.com"
    elif host and "." not in host:
        host = f"{host}.myshopify.com"
    if parts.scheme not in ("https", "http") or not _SHOP.fullmatch(host):
        raise SourceError(
            SourceFailure.REFUSED,
            phrase(
                "The shop's address ends in .myshopify.com; the shop's own domain does not answer here. It "
                "stands in the admin under Settings, Domains."
            ),
        )
    return f"https://{host}"


def _auth(settings: Mapping[str, str], base: str) -> httpx.Auth:
    token, client, secret = (settings.get(name, "").strip() for name in ("token", "client_id", "client_secret"))
    if token:
        return HeaderKey(_HEADER, token)
    if client and secret:
        form = {"grant_type": "client_credentials", "client_id": client, "client_secret": secret}
        return ClientCredentials(TITLE, f"{base}/admin/oauth/access_token", form, header=_HEADER, prefix="", lasts=_DAY)
    raise SourceError(
        SourceFailure.CREDENTIALS, phrase("Give either an access token, or both the client id and the client secret.")
    )


KIND = SystemKind(
    name="shopify",
    title=TITLE,
    version=1,
    brings=(Brings.ORDERS, Brings.POLICIES),
    gives=phrase(
        "Orders with their payments, addresses, refunds, parcels and returns, the goods' descriptions "
        "and pictures "
        "as they were when sold, and the shop's policies with the day each came into force."
    ),
    needs=phrase(
        "An app of your own (Dev Dashboard) installed in the shop: its client id and secret. The access "
        "token of an "
        "older custom app works too. Rights: read_orders, read_all_orders, read_customers, read_returns, "
        "read_legal_policies, read_products; none that writes."
    ),
    settings=(
        Setting(
            "shop",
            phrase("Shop"),
            phrase("As it stands in the admin under Settings, Domains."),
            example="lumen.myshopify.com",
            host=True,
        ),
        Setting("client_id", phrase("Client id"), phrase("Of the app in your Dev Dashboard."), required=False),
        Setting(
            "client_secret",
            phrase("Client secret"),
            phrase("Renews the access by itself."),
            secret=True,
            required=False,
        ),
        Setting(
            "token",
            phrase("Access token"),
            phrase("Instead of the two above, for a custom app made before 2026."),
            secret=True,
            required=False,
            example="shpat_...",
        ),
    ),
    open=opened,
)
