"""What a connection to each gateway is asked for: its secrets, where it is reached, what proves its webhooks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from disputes.addresses import BadAddress, checked
from disputes.gateway_kinds import DeliveryProof, GatewayKind, KeyField, OwnAddress, gateway_kinds
from disputes.phrases import phrase, said_by
from disputes.ports import AccountFacts
from disputes.titles import gateway_title
from web.visit import Invalid, Posted

NOTHING = phrase("Nothing was stored.")


@dataclass(frozen=True, slots=True)
class Account:
    """`environments`: value -> its base address, "" for the live one; empty where the key itself tells it."""

    gateway: str
    secrets: tuple[KeyField, ...]
    rights: str
    webhook: DeliveryProof | None
    """None where the gateway sends none."""
    environments: dict[str, str] = field(default_factory=dict)
    addresses: tuple[tuple[str, str], ...] = (("api", phrase("API address")),)
    own_address: OwnAddress | None = None
    """For gateways that are reached at the merchant's own address."""

    @property
    def title(self) -> str:
        return gateway_title(self.gateway)

    @property
    def choices(self) -> Sequence[tuple[str, str]]:
        """The environments as a form offers them."""
        words = {
            "live": phrase("Live: {gateway} itself", gateway=self.title),
            "test": phrase("{gateway}'s own sandbox", gateway=self.title),
        }
        return [(each, words[each]) for each in self.environments] + [("other", phrase("Another address, given below"))]


@dataclass(frozen=True, slots=True)
class Given:
    """A form that was read: the secrets as one string, and where the gateway is reached ({} is the live one)."""

    key: str
    addresses: dict[str, str]
    environment: str

    def mode(self, account: AccountFacts) -> str:
        """live, test (the gateway's own sandbox or test key) or sandbox (another address)."""
        if account.live:
            return "live"
        return "sandbox" if self.environment == "other" else "test"


_BUILT_IN = {
    each.gateway: each
    for each in (
        Account(
            gateway="stripe",
            secrets=(
                KeyField("key", phrase("Restricted key"), phrase("Whether it is live or test is read from the key.")),
            ),
            rights=phrase(
                "Rights it needs: read Disputes, Charges, Refunds, Files, Events, Balance transactions and Early "
                "fraud warnings; write Disputes and Files. Nothing else."
            ),
            addresses=(("api", phrase("API address")), ("files", phrase("Files address"))),
            webhook=DeliveryProof(
                phrase("signing secret"),
                re.compile(r"whsec_\S{6,}"),
                "whsec_…",
                phrase(
                    "In Stripe's Dashboard open Developers, then Webhooks, and add an endpoint with this address "
                    "and the "
                    "events charge.dispute.* and radar.early_fraud_warning.*. Its page then shows the signing secret."
                ),
            ),
        ),
        Account(
            gateway="paypal",
            secrets=(
                KeyField(
                    "client_id",
                    phrase("Client ID"),
                    phrase("Of the app in PayPal's developer dashboard, Apps & Credentials."),
                    True,
                ),
                KeyField("key", phrase("Secret"), phrase("The app's secret key, beside its client ID.")),
            ),
            rights=phrase(
                "The app needs “Disputes” among its features. With the right to read (read-seller) alone everything "
                "works up to filing, which is handed over as files and text. The right that files evidence "
                "(update-seller) can also pay the customer, through accept and offer; the desk does that only where a "
                "person confirms it."
            ),
            environments={"live": "", "test": "https://api-m.sandbox.paypal.com"},
            webhook=DeliveryProof(
                phrase("webhook ID"),
                re.compile(r"(?!WEBHOOK_ID$)[A-Za-z0-9-]{8,60}"),
                phrase("17 letters and digits"),
                phrase(
                    "In PayPal's developer dashboard open the app under Apps & Credentials, add a webhook with this "
                    "address and the events Customer dispute created, updated and resolved. The list of webhooks then "
                    "shows its webhook ID."
                ),
            ),
        ),
        Account(
            gateway="square",
            secrets=(
                KeyField("key", phrase("Access token"), phrase("From your application in Square's Developer Console.")),
            ),
            rights=phrase(
                "Rights it needs: DISPUTES_READ and PAYMENTS_READ to read, DISPUTES_WRITE to file. Without the last "
                "everything works up to filing, which is handed over as files and text. ORDERS_READ, CUSTOMERS_READ, "
                "MERCHANT_PROFILE_READ and PAYOUTS_READ are used where they are given."
            ),
            environments={"live": "", "test": "https://connect.squareupsandbox.com"},
            webhook=DeliveryProof(
                phrase("signature key"),
                re.compile(r"[A-Za-z0-9_\-+/=]{12,120}"),
                phrase("22 letters and digits"),
                phrase(
                    "In Square's Developer Console open the application, then Webhooks, Subscriptions, and add a "
                    "subscription with exactly this address (Square signs the address too) and the events "
                    "dispute.*. Its "
                    "endpoint details then show the signature key."
                ),
            ),
        ),
    )
}


def of_kind(kind: GatewayKind) -> Account:
    """What a plug-in says of itself, as a form."""
    form = kind.form
    return Account(
        gateway=kind.name,
        secrets=form.keys,
        rights=form.rights,
        webhook=form.webhook,
        environments=dict(form.environments),
        own_address=form.address,
    )


ACCOUNTS = _BUILT_IN | {kind.name: of_kind(kind) for kind in gateway_kinds().values()}
"""Every gateway that can be connected, ours first."""


def read_account(form: Posted, account: Account, *, local: bool) -> Given:
    """What was typed, refused in words where it cannot be right; nothing is called yet."""
    key = read_key(form, account)
    if account.own_address is not None:
        return _at_own_address(form, account.own_address, key, local=local)
    environment = _environment(form, account)
    if environment != "other":
        base = account.environments.get(environment, "")
        return Given(key, {"api": base} if base else {}, environment)
    return Given(key, _addresses(form, account, key, local=local), environment)


def read_key(form: Posted, account: Account) -> str:
    """The secrets as one string, in their order with a colon between; one that may be empty stays empty."""
    parts = []
    for secret in account.secrets:
        text = form.line(secret.name, 300)
        if not text and not secret.required:
            parts.append("")
            continue
        if not text.isascii() or not text.isprintable() or " " in text or len(text) < 12:
            raise Invalid(
                phrase(
                    "{label}: that is none. Paste it as {title} shows it. {nothing}",
                    label=secret.label,
                    title=account.title,
                    nothing=NOTHING,
                )
            )
        parts.append(text)
    if any(":" in part for part in parts[:-1]):
        raise Invalid(
            phrase(
                "{label}: that is none. Paste it as {title} shows it. {nothing}",
                label=account.secrets[0].label,
                title=account.title,
                nothing=NOTHING,
            )
        )
    return ":".join(parts)


def _at_own_address(form: Posted, own: OwnAddress, key: str, *, local: bool) -> Given:
    """A desk that is open on this machine may be connected to a practice server on it."""
    typed = form.line("api_address", 300)
    practice = local and typed.startswith("http://")
    try:
        base = typed if practice else own.read(typed)
        return Given(key, {"api": checked(base, loopback=practice)}, "other" if practice else "key")
    except ValueError as error:
        raise Invalid(phrase("{error} {nothing}", error=said_by(error), nothing=NOTHING)) from error


def _environment(form: Posted, account: Account) -> str:
    if not account.environments:
        return "other" if any(form.line(f"{name}_address", 300) for name, _ in account.addresses) else "key"
    environment = form.line("environment", 10)
    if environment != "other" and environment not in account.environments:
        raise Invalid(
            phrase(
                "Say which {title} this is: live, its sandbox, or another address. {nothing}",
                title=account.title,
                nothing=NOTHING,
            )
        )
    return environment


def _addresses(form: Posted, account: Account, key: str, *, local: bool) -> dict[str, str]:
    """Other hosts than the gateway's: for a sandbox with a test key, never for a live key."""
    given = {name: form.line(f"{name}_address", 300) for name, _ in account.addresses}
    given = {name: address for name, address in given.items() if address}
    if not given:
        raise Invalid(phrase("The other address is missing. {nothing}", nothing=NOTHING))
    if "_live_" in key[:9]:
        raise Invalid(
            phrase(
                "A live key is only sent to the gateway itself. Leave the addresses empty. {nothing}", nothing=NOTHING
            )
        )
    try:
        return {name: checked(address, loopback=local) for name, address in given.items()}
    except BadAddress as error:
        raise Invalid(phrase("{error} Nothing was stored and nothing was called.", error=said_by(error))) from error


def webhook_secret(form: Posted, account: Account) -> str:
    """What the gateway's deliveries are checked by; "" switches the webhook off."""
    secret, webhook = form.line("secret", 300), account.webhook
    if webhook is None:
        raise Invalid(phrase("{title} sends no webhooks; its disputes are found by reading.", title=account.title))
    if secret and not webhook.pattern.fullmatch(secret):
        raise Invalid(
            phrase(
                "That is no {proof} of {title} ({example}). {steps}",
                proof=webhook.proof,
                title=account.title,
                example=webhook.example,
                steps=webhook.steps,
            )
        )
    return secret
