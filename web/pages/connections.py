"""Connections: the accounts, what their keys may do, their webhooks. Live and sandbox are told apart plainly."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from fastapi import APIRouter
from sqlalchemy.exc import IntegrityError
from starlette.responses import Response

from disputes import links, store_case, store_connections
from disputes.ids import new_id
from disputes.models import Connection, WebhookEvent, WebhookFailure
from disputes.money import Money
from disputes.phrases import joined, phrase, said_by
from disputes.ports import AccountFacts, GatewayError
from disputes.roles import Right
from disputes.store_audit import record
from disputes.titles import connection_title
from templates.language import told
from web import words
from web.compose import gateway_named
from web.pages.accounts import ACCOUNTS, NOTHING, Account, Given, read_account, read_key, webhook_secret
from web.security import is_loopback
from web.view import back_to, page
from web.visit import AtMerchant, Invalid, PostedForm, Reader, Visit, Writer, needs

router = APIRouter()
BASE = "/m/{slug}/connections"


@dataclass(frozen=True, slots=True)
class Line:
    connection: Connection
    account: Account | None
    """None for a processor without an API."""
    money: list[tuple[Money, int]]
    event: WebhookEvent | None
    failure: WebhookFailure | None
    webhook: str

    @property
    def reached(self) -> list[str]:
        """Hosts other than the gateway's own; a sandbox's certificate may stand beside them."""
        return [each for each in self.connection.addresses.values() if each.startswith("http")]

    @property
    def title(self) -> str:
        named = self.connection.account_name or self.connection.account_id
        return f"{self.account.title}: {named}" if self.account else connection_title(self.connection)


@router.get(BASE)
def connections(visit: AtMerchant, session: Reader) -> Response:
    return _page(visit, session)


def _page(
    visit: Visit,
    session: Reader,
    *,
    wrong: str = "",
    at: str = "",
    typed: Callable[[str], str] = lambda _name: "",
    status: int = 200,
) -> Response:
    """`at`: the gateway, or the connection's id, whose form is shown again with what was `typed`."""
    lines = [
        Line(
            connection,
            ACCOUNTS.get(connection.gateway),
            store_connections.open_money(session, connection.id),
            store_connections.last_event(session, connection.id),
            session.get(WebhookFailure, connection.id),
            visit.settings.url + links.webhook(connection.id),
        )
        for connection in store_connections.connections_of(session, visit.merchant.id)
    ]
    return page(
        visit, "connections.html", status=status, nav="connections", lines=lines, wrong=wrong, at=at, typed=typed,
        words=words, accounts=ACCOUNTS, here=links.connections(visit.merchant.slug),
        on_loopback=is_loopback(visit.request.url.hostname), reachable=visit.settings.url.startswith("https://"),
    )  # fmt: skip


@router.post(BASE, dependencies=[needs(Right.CONNECT)])
def connect(visit: AtMerchant, form: PostedForm) -> Response:
    """Ask the gateway who the key speaks for and what it may do; only then is anything stored."""
    gateway = form.line("gateway", 20)
    try:
        wanted = read_account(form, _known(gateway), local=is_loopback(visit.request.url.hostname))
        account = _asked(visit, gateway, wanted.key, wanted.addresses)
        mode = wanted.mode(account)
        if wanted.environment in ("live", "test") and (wanted.environment == "live") != account.live:
            raise Invalid(
                phrase("This key does not belong to the environment that was chosen. {nothing}", nothing=NOTHING)
            )
        _refuse_other_shops(visit, gateway, mode, account)
        _store(visit, gateway, mode, wanted, account)
    except Invalid as error:
        with visit.runtime.database.reading() as session:
            return _page(visit, session, wrong=told(error.args[0]), at=gateway, typed=form.again, status=422)
    return back_to(links.connections(visit.merchant.slug), "connected" if account.may_file else "connected_to_read")


def _known(gateway: str) -> Account:
    account = ACCOUNTS.get(gateway)
    if account is None:
        raise Invalid(phrase("The desk does not know this gateway."))
    return account


def _asked(visit: Visit, gateway: str, key: str, addresses: dict[str, str]) -> AccountFacts:
    try:
        account = gateway_named(gateway, key, addresses, visit.settings).account()
    except GatewayError as error:
        raise Invalid(
            phrase("{error} {nothing} Check the key and send it again.", error=said_by(error), nothing=NOTHING)
        ) from error
    if account.rights_missing:
        found = joined(account.rights_found, ", ") if account.rights_found else phrase("none")
        raise Invalid(
            phrase(
                "Rights are missing: {missing}. Rights it has: {found}. {nothing} Add what is missing at the gateway "
                "and send it again.",
                missing=joined(account.rights_missing, ", "),
                found=found,
                nothing=NOTHING,
            )
        )
    return account


def _refuse_other_shops(visit: Visit, gateway: str, mode: str, account: AccountFacts) -> None:
    with visit.runtime.database.reading() as session:
        found = store_connections.with_account(session, gateway, mode, account.account_id)
        mine = found is not None and found.merchant_id == visit.merchant.id
        shop = visit.merchant.name if mine else phrase("another shop of this installation")
    if found is not None:
        raise Invalid(
            phrase(
                "The account {account_id} is connected already, to {shop}. One account belongs to one "
                "connection, so that no dispute is answered twice. {nothing} Its key is changed at that "
                "connection.",
                account_id=account.account_id,
                shop=shop,
                nothing=NOTHING,
            )
        )


def _store(visit: Visit, gateway: str, mode: str, wanted: Given, account: AccountFacts) -> None:
    connection = Connection(
        id=new_id("con"),
        merchant_id=visit.merchant.id,
        gateway=gateway,
        mode=mode,
        account_id=account.account_id,
        account_name=account.name or "",
        account_currency=account.currency or "",
        addresses=wanted.addresses,
        secret=visit.runtime.vault.seal(wanted.key),
        next_poll_at=visit.now,
        created_at=visit.now,
    )
    _note_rights(connection, account)
    try:
        with visit.runtime.database.writing() as session:
            session.add(connection)
            session.flush()
            _note(visit, session, "connected", connection)
    except IntegrityError as error:
        # The unique account had the last word: somebody connected it in the same moment.
        raise Invalid(
            phrase(
                "The account {account_id} was connected in the same moment. {nothing}",
                account_id=account.account_id,
                nothing=NOTHING,
            )
        ) from error


def _note_rights(connection: Connection, account: AccountFacts) -> None:
    connection.by_hand = not account.may_file
    connection.rights_found = list(account.rights_found)
    connection.rights_missing = list(account.rights_missing)
    connection.rights_too_many = list(account.rights_too_many)


# ---- one connection ------------------------------------------------------------------------------------------------


@router.post(BASE + "/{connection_id}/key", dependencies=[needs(Right.CONNECT)])
def change_key(connection_id: str, visit: AtMerchant, form: PostedForm) -> Response:
    """The new key is asked again what it may do: one that may only read turns filing into handing over."""
    with visit.runtime.database.reading() as session:
        connection = store_case.connection_of(session, visit.merchant.id, connection_id)
    try:
        key = read_key(form, _with_api(connection))
        account = _asked(visit, connection.gateway, key, connection.addresses)
        if account.account_id != connection.account_id and connection.mode != "sandbox":
            raise Invalid(
                phrase(
                    "This key speaks for another account ({account_id}). {nothing}",
                    account_id=account.account_id,
                    nothing=NOTHING,
                )
            )
        if account.live != (connection.mode == "live"):
            raise Invalid(phrase("A live and a test key cannot take each other's place. {nothing}", nothing=NOTHING))
    except Invalid as error:
        with visit.runtime.database.reading() as session:
            return _page(visit, session, wrong=told(error.args[0]), at=connection_id, typed=form.again, status=422)
    with visit.runtime.database.writing() as session:
        connection = store_case.connection_of(session, visit.merchant.id, connection_id)
        connection.secret, connection.next_poll_at = visit.runtime.vault.seal(key), visit.now
        _note_rights(connection, account)
        session.add(connection)
        _note(visit, session, "key_changed", connection)
    return back_to(links.connections(visit.merchant.slug), "key_changed" if account.may_file else "key_only_reads")


def _with_api(connection: Connection) -> Account:
    account = ACCOUNTS.get(connection.gateway)
    if account is None:
        raise Invalid(
            phrase("This processor has no API, so there is nothing to read or to pause. Its cases are entered by hand.")
        )
    return account


@router.post(BASE + "/{connection_id}/webhook", dependencies=[needs(Right.CONNECT)])
def set_webhook_secret(connection_id: str, visit: AtMerchant, form: PostedForm, session: Writer) -> Response:
    """An empty field switches the webhook off: without a secret the address answers 404."""
    connection = store_case.connection_of(session, visit.merchant.id, connection_id)
    secret = webhook_secret(form, _with_api(connection))
    connection.webhook_secret = visit.runtime.vault.seal(secret) if secret else None
    session.add(connection)
    _note(visit, session, "webhook_secret_set" if secret else "webhook_off", connection)
    return back_to(links.connections(visit.merchant.slug), "webhook_saved" if secret else "webhook_off")


@router.post(BASE + "/{connection_id}/pause", dependencies=[needs(Right.CONNECT)])
def pause(connection_id: str, visit: AtMerchant, form: PostedForm, session: Writer) -> Response:
    connection = store_case.connection_of(session, visit.merchant.id, connection_id)
    _with_api(connection)
    connection.paused = not connection.paused
    if not connection.paused:
        connection.next_poll_at = visit.now
    session.add(connection)
    _note(visit, session, "paused" if connection.paused else "resumed", connection)
    note = "connection_paused" if connection.paused else "connection_resumed"
    return back_to(links.connections(visit.merchant.slug), note)


@router.post(BASE + "/{connection_id}/read", dependencies=[needs(Right.WORK)])
def read_now(connection_id: str, visit: AtMerchant, form: PostedForm, session: Writer) -> Response:
    connection = store_case.connection_of(session, visit.merchant.id, connection_id)
    _with_api(connection)
    if connection.paused:
        raise Invalid(phrase("This connection is paused. Resume it first."))
    run_id = f"sync:{connection.id}:{new_id('ask')}"
    visit.runtime.engine.enqueue(session, "sync", run_id, connection.id, queue="gateway")
    return back_to(links.connections(visit.merchant.slug), "reading")


def _note(visit: Visit, session: Writer, action: str, connection: Connection) -> None:
    visit.demand(session, Right.CONNECT)
    details = {"mode": connection.mode, "gateway": connection.gateway, "by_hand": connection.by_hand}
    record(
        session, visit.merchant.id, at=visit.now, actor=visit.by, action=action, subject=connection.id, details=details
    )
