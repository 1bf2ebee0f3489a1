"""Connections: the accounts, what their keys may do, their webhooks. Live and sandbox are told apart plainly."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter
from starlette.responses import Response

from disputes import links, store_case, store_connections
from disputes.ids import new_id
from disputes.models import Connection, WebhookEvent, WebhookFailure
from disputes.money import Money
from disputes.ports import AccountFacts, GatewayError
from disputes.store_audit import record
from web import words
from web.addresses import BadAddress, checked
from web.compose import gateway_named
from web.security import is_loopback
from web.view import back_to, page
from web.visit import AtMerchant, Invalid, Posted, PostedForm, Reader, Visit, Writer

router = APIRouter()
BASE = "/m/{slug}/connections"
GATEWAYS = {"stripe": "Stripe"}


@dataclass(frozen=True, slots=True)
class Line:
    connection: Connection
    money: list[tuple[Money, int]]
    event: WebhookEvent | None
    failure: WebhookFailure | None
    webhook: str


@router.get(BASE)
def connections(visit: AtMerchant, session: Reader) -> Response:
    return _page(visit, session)


def _page(visit: Visit, session: Reader, *, wrong: str = "", status: int = 200) -> Response:
    lines = [
        Line(
            connection,
            store_connections.open_money(session, connection.id),
            store_connections.last_event(session, connection.id),
            session.get(WebhookFailure, connection.id),
            visit.settings.url + links.webhook(connection.id),
        )
        for connection in store_connections.connections_of(session, visit.merchant.id)
    ]
    return page(
        visit, "connections.html", status=status, nav="connections", lines=lines, wrong=wrong, words=words,
        gateways=GATEWAYS, here=links.connections(visit.merchant.slug),
        on_loopback=is_loopback(visit.request.url.hostname),
    )  # fmt: skip


@router.post(BASE)
def connect(visit: AtMerchant, form: PostedForm) -> Response:
    """Ask the gateway who the key speaks for and what it may do; only then is anything stored."""
    try:
        gateway, key = _gateway_name(form), _key(form)
        addresses = _addresses(visit, form, key)
        account = _account(visit, gateway, key, addresses)
        mode = "live" if account.live else "sandbox" if addresses else "test"
        _refuse_other_shops(visit, gateway, mode, account)
    except Invalid as error:
        with visit.runtime.database.reading() as session:
            return _page(visit, session, wrong=str(error), status=422)
    connection = Connection(
        id=new_id("con"),
        merchant_id=visit.merchant.id,
        gateway=gateway,
        mode=mode,
        account_id=account.account_id,
        account_name=account.name or "",
        account_currency=account.currency or "",
        addresses=addresses,
        secret=visit.runtime.vault.seal(key),
        rights_missing=list(account.rights_missing),
        rights_too_many=list(account.rights_too_many),
        next_poll_at=visit.now,
        created_at=visit.now,
    )
    with visit.runtime.database.writing() as session:
        session.add(connection)
        session.flush()
        _note(visit, session, "connected", connection)
    return back_to(links.connections(visit.merchant.slug), "connected")


def _gateway_name(form: Posted) -> str:
    gateway = form.line("gateway", 20)
    if gateway not in GATEWAYS:
        raise Invalid("The desk does not know this gateway.")
    return gateway


def _key(form: Posted) -> str:
    key = form.line("key", 300)
    if not key.isascii() or not key.isprintable() or " " in key or len(key) < 12:
        raise Invalid("That is no key. Paste the restricted key as the gateway shows it. Nothing was stored.")
    return key


def _addresses(visit: Visit, form: Posted, key: str) -> dict[str, str]:
    """Other hosts than the live ones: for a sandbox with a test key, never for a live key."""
    given = {name: form.line(f"{name}_address", 300) for name in ("api", "files")}
    given = {name: address for name, address in given.items() if address}
    if not given:
        return {}
    if "_live_" in key[:9]:
        raise Invalid("A live key is only sent to the gateway itself. Leave the addresses empty. Nothing was stored.")
    local = is_loopback(visit.request.url.hostname)
    try:
        return {name: checked(address, loopback=local) for name, address in given.items()}
    except BadAddress as error:
        raise Invalid(f"{error} Nothing was stored and nothing was called.") from error


def _account(visit: Visit, gateway: str, key: str, addresses: dict[str, str]) -> AccountFacts:
    try:
        account = gateway_named(gateway, key, addresses, visit.settings).account()
    except GatewayError as error:
        raise Invalid(f"{error} Nothing was stored. Check the key and send it again.") from error
    if account.rights_missing:
        missing = ", ".join(account.rights_missing)
        raise Invalid(f"Rights are missing: {missing}. Nothing was stored. Add them at the gateway and send it again.")
    return account


def _refuse_other_shops(visit: Visit, gateway: str, mode: str, account: AccountFacts) -> None:
    with visit.runtime.database.reading() as session:
        found = store_connections.with_account(session, gateway, mode, account.account_id)
        mine = found is not None and found.merchant_id == visit.merchant.id
        shop = visit.merchant.name if mine else "another shop of this installation"
    if found is not None:
        raise Invalid(
            f"The account {account.account_id} is connected already, to {shop}. One account belongs to one connection, "
            "so that no dispute is answered twice. Nothing was stored. Its key is changed at that connection."
        )


# ---- one connection ------------------------------------------------------------------------------------------------


@router.post(BASE + "/{connection_id}/key")
def change_key(connection_id: str, visit: AtMerchant, form: PostedForm) -> Response:
    with visit.runtime.database.reading() as session:
        connection = store_case.connection_of(session, visit.merchant.id, connection_id)
    try:
        key = _key(form)
        account = _account(visit, connection.gateway, key, connection.addresses)
        if account.account_id != connection.account_id and connection.mode != "sandbox":
            raise Invalid(f"This key speaks for another account ({account.account_id}). Nothing was stored.")
        if account.live != (connection.mode == "live"):
            raise Invalid("A live and a test key cannot take each other's place. Nothing was stored.")
    except Invalid as error:
        with visit.runtime.database.reading() as session:
            return _page(visit, session, wrong=str(error), status=422)
    with visit.runtime.database.writing() as session:
        connection = store_case.connection_of(session, visit.merchant.id, connection_id)
        connection.secret, connection.next_poll_at = visit.runtime.vault.seal(key), visit.now
        connection.rights_missing = list(account.rights_missing)
        connection.rights_too_many = list(account.rights_too_many)
        session.add(connection)
        _note(visit, session, "key_changed", connection)
    return back_to(links.connections(visit.merchant.slug), "key_changed")


@router.post(BASE + "/{connection_id}/webhook")
def set_webhook_secret(connection_id: str, visit: AtMerchant, form: PostedForm, session: Writer) -> Response:
    """An empty field switches the webhook off: without a secret the address answers 404."""
    secret = form.line("secret", 300)
    if secret and (len(secret) < 12 or not secret.isascii() or " " in secret):
        raise Invalid("That is no webhook secret. Paste it as the gateway shows it.")
    connection = store_case.connection_of(session, visit.merchant.id, connection_id)
    connection.webhook_secret = visit.runtime.vault.seal(secret) if secret else None
    session.add(connection)
    _note(visit, session, "webhook_secret_set" if secret else "webhook_off", connection)
    return back_to(links.connections(visit.merchant.slug), "webhook_saved")


@router.post(BASE + "/{connection_id}/pause")
def pause(connection_id: str, visit: AtMerchant, form: PostedForm, session: Writer) -> Response:
    connection = store_case.connection_of(session, visit.merchant.id, connection_id)
    connection.paused = not connection.paused
    if not connection.paused:
        connection.next_poll_at = visit.now
    session.add(connection)
    _note(visit, session, "paused" if connection.paused else "resumed", connection)
    note = "connection_paused" if connection.paused else "connection_resumed"
    return back_to(links.connections(visit.merchant.slug), note)


@router.post(BASE + "/{connection_id}/read")
def read_now(connection_id: str, visit: AtMerchant, form: PostedForm, session: Writer) -> Response:
    connection = store_case.connection_of(session, visit.merchant.id, connection_id)
    if connection.paused:
        raise Invalid("This connection is paused. Resume it first.")
    run_id = f"sync:{connection.id}:{new_id('ask')}"
    visit.runtime.engine.enqueue(session, "sync", run_id, connection.id, queue="gateway")
    return back_to(links.connections(visit.merchant.slug), "reading")


def _note(visit: Visit, session: Writer, action: str, connection: Connection) -> None:
    details = {"mode": connection.mode, "gateway": connection.gateway}
    record(
        session, visit.merchant.id, at=visit.now, actor=visit.by, action=action, subject=connection.id, details=details
    )
