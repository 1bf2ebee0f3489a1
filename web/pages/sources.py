"""Sources: the systems evidence comes from, what their keys may do, how they are, what is kept from them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from fastapi import APIRouter
from sqlalchemy.exc import IntegrityError
from starlette.responses import Response

from disputes import links, store_sources
from disputes.ids import new_id
from disputes.models import SourceConnection
from disputes.phrases import joined, phrase, said_by
from disputes.roles import Right
from disputes.store_audit import record
from disputes.systems import SourceError, SystemAccount, SystemKind
from evidence.systems.kinds import kinds
from scheduler.sources import KEPT
from templates.language import told
from web import api, words
from web.pages.source_forms import NOTHING, read_settings, split
from web.security import is_loopback
from web.sources import Wiring, on_this_machine
from web.view import back_to, page
from web.visit import AtMerchant, Invalid, PostedForm, Reader, Visit, Writer, needs

router = APIRouter()
BASE = "/m/{slug}/sources"
CHECK_SECONDS = 25.0


@dataclass(frozen=True, slots=True)
class Line:
    """One connected system as the page shows it."""

    source: SourceConnection
    kind: SystemKind | None
    """None where its plug-in is gone."""
    held: int
    webhook: str

    @property
    def title(self) -> str:
        return f"{self.kind.title if self.kind else self.source.system}: {self.source.account_name}"

    @property
    def keeps(self) -> bool:
        return self.kind is not None and bool(KEPT & set(self.kind.brings))

    @property
    def bad(self) -> bool:
        return self.source.state not in ("ok", "importing", "never_read")


@router.get(BASE)
def sources(visit: AtMerchant, session: Reader) -> Response:
    return _page(visit, session)


@router.get(BASE + "/{source_id}/state")
def state(source_id: str, visit: AtMerchant, session: Reader) -> Response:
    """The part of the page that changes while a first import runs."""
    line = _line(visit, session, store_sources.source_of(session, visit.merchant.id, source_id))
    return page(visit, "source_state.html", line=line, words=words, here=links.sources(visit.merchant.slug))


def _page(
    visit: Visit,
    session: Reader,
    *,
    wrong: str = "",
    at: str = "",
    typed: Callable[[str], str] = lambda _name: "",
    status: int = 200,
) -> Response:
    """`at`: the system's name, or the source's id, whose form is shown again with what was `typed`."""
    lines = [_line(visit, session, each) for each in store_sources.of_merchant(session, visit.merchant.id)]
    return page(
        visit, "sources.html", status=status, nav="sources", lines=lines, wrong=wrong, at=at, typed=typed, words=words,
        kinds=kinds(), here=links.sources(visit.merchant.slug), own="\n".join(visit.merchant.mail_addresses),
        known_own=visit.merchant.own_addresses, reachable=visit.settings.url.startswith("https://"),
    )  # fmt: skip


def _line(visit: Visit, session: Reader, source: SourceConnection) -> Line:
    return Line(
        source,
        kinds().get(source.system),
        store_sources.count(session, source.id),
        visit.settings.url + links.source_webhook(source.id),
    )


# ---- connecting ----------------------------------------------------------------------------------------------------


@router.post(BASE, dependencies=[needs(Right.CONNECT)])
def connect(visit: AtMerchant, form: PostedForm) -> Response:
    """Ask the system who the key speaks for and what it may do; only then is anything stored."""
    name = form.line("system", 40)
    try:
        kind = _known(name)
        settings = read_settings(form, kind, local=_local(visit))
        account = _asked(visit, kind, settings)
        _store(visit, kind, settings, account)
    except Invalid as error:
        with visit.runtime.database.reading() as session:
            return _page(visit, session, wrong=told(error.args[0]), at=name, typed=form.again, status=422)
    return back_to(links.sources(visit.merchant.slug), "source_connected")


def _known(name: str) -> SystemKind:
    kind = kinds().get(name)
    if kind is None:
        raise Invalid(phrase("The desk does not know this system."))
    return kind


def _local(visit: Visit) -> bool:
    return is_loopback(visit.request.url.hostname)


def _asked(visit: Visit, kind: SystemKind, settings: dict[str, str]) -> SystemAccount:
    """Puts a secret that the system replaced while it was asked into the settings."""
    runtime = visit.runtime
    wiring = Wiring(runtime.data, runtime.database, runtime.vault, runtime.files, runtime.clock)
    loopback = _local(visit) and on_this_machine(kind, settings)
    outside = wiring.outside(visit.merchant, seconds=CHECK_SECONDS, loopback=loopback)

    def renewed(name: str, given: str, fresh: str) -> str:
        if settings.get(name) == given:
            settings[name] = fresh
        return settings.get(name, fresh)

    outside.renewed = renewed
    try:
        account = kind.open(dict(settings), outside).account()
    except SourceError as error:
        raise Invalid(phrase("{error} {nothing}", error=said_by(error), nothing=NOTHING)) from error
    if account.rights_missing:
        missing = joined(account.rights_missing, ", ")
        raise Invalid(
            phrase(
                "{title}: rights are missing: {missing}. {nothing} Add them there and send it again.",
                title=kind.title,
                missing=missing,
                nothing=NOTHING,
            )
        )
    return account


def _store(visit: Visit, kind: SystemKind, settings: Mapping[str, str], account: SystemAccount) -> None:
    shown, secret = split(kind, settings)
    source = SourceConnection(
        id=new_id("src"),
        merchant_id=visit.merchant.id,
        system=kind.name,
        account_id=account.account_id[:200],
        account_name=account.name[:200],
        settings=shown,
        secret=visit.runtime.vault.seal(json.dumps(secret)),
        rights_too_many=list(account.rights_too_many),
        warnings=list(account.warnings),
        next_poll_at=visit.now,
        created_at=visit.now,
    )
    try:
        with visit.runtime.database.writing() as session:
            session.add(source)
            session.flush()
            _note(visit, session, "source_connected", source)
    except IntegrityError as error:
        raise Invalid(
            phrase(
                "{title}: {name} is connected already. {nothing} Its key is changed at that source.",
                title=kind.title,
                name=account.name or account.account_id,
                nothing=NOTHING,
            )
        ) from error


# ---- one source ----------------------------------------------------------------------------------------------------


@router.post(BASE + "/{source_id}/key", dependencies=[needs(Right.CONNECT)])
def change_key(source_id: str, visit: AtMerchant, form: PostedForm) -> Response:
    """New settings of the same account, checked before they replace the old ones."""
    runtime = visit.runtime
    with runtime.database.reading() as session:
        source = store_sources.source_of(session, visit.merchant.id, source_id)
    try:
        kind = _known(source.system)
        held = {**source.settings, **json.loads(runtime.vault.open(source.secret))}
        settings = read_settings(form, kind, local=_local(visit), known=held)
        account = _asked(visit, kind, settings)
        if account.account_id != source.account_id:
            raise Invalid(
                phrase(
                    "This key speaks for another account ({name}). {nothing}",
                    name=account.name or account.account_id,
                    nothing=NOTHING,
                )
            )
    except Invalid as error:
        with runtime.database.reading() as session:
            return _page(visit, session, wrong=told(error.args[0]), at=source_id, typed=form.again, status=422)
    shown, secret = split(kind, settings)
    with runtime.database.writing() as session:
        source = store_sources.source_of(session, visit.merchant.id, source_id)
        source.settings, source.secret = shown, runtime.vault.seal(json.dumps(secret))
        source.rights_too_many, source.warnings = list(account.rights_too_many), list(account.warnings)
        source.next_poll_at = visit.now
        session.add(source)
        _note(visit, session, "source_key_changed", source)
    return back_to(links.sources(visit.merchant.slug), "key_changed")


@router.post(BASE + "/{source_id}/webhook", dependencies=[needs(Right.CONNECT)])
def set_webhook_secret(source_id: str, visit: AtMerchant, form: PostedForm, session: Writer) -> Response:
    """An empty field switches the webhook off: without a secret the address answers 404."""
    source = store_sources.source_of(session, visit.merchant.id, source_id)
    if _known(source.system).webhook is None:
        raise Invalid(phrase("This system sends no webhooks that could be checked."))
    secret = form.line("secret", 300)
    if secret and len(secret) < 8:
        raise Invalid(phrase("That is too short to prove anything. Take the secret as the system shows it."))
    source.webhook_secret = visit.runtime.vault.seal(secret) if secret else None
    session.add(source)
    _note(visit, session, "webhook_secret_set" if secret else "webhook_off", source)
    return back_to(links.sources(visit.merchant.slug), "webhook_saved" if secret else "webhook_off")


@router.post(BASE + "/{source_id}/token", dependencies=[needs(Right.CONNECT)])
def make_token(source_id: str, visit: AtMerchant, form: PostedForm) -> Response:
    """A new token for the merchant's own application, shown this once; an older one stops working."""
    token, hashed = api.new_token(source_id)
    with visit.runtime.database.writing() as session:
        source = store_sources.source_of(session, visit.merchant.id, source_id)
        if not _known(source.system).pushed:
            raise Invalid(phrase("This source is read by the desk; nothing is sent in, so it needs no token."))
        source.webhook_secret = visit.runtime.vault.seal(json.dumps({"token_hash": hashed}))
        session.add(source)
        _note(visit, session, "source_token_made", source)
    return page(
        visit, "token.html", nav="sources", token=token, address=visit.settings.url + api.EVENTS,
        here=links.sources(visit.merchant.slug),
    )  # fmt: skip


@router.post(BASE + "/{source_id}/pause", dependencies=[needs(Right.CONNECT)])
def pause(source_id: str, visit: AtMerchant, form: PostedForm, session: Writer) -> Response:
    source = store_sources.source_of(session, visit.merchant.id, source_id)
    source.paused = not source.paused
    if not source.paused:
        source.next_poll_at = visit.now
    session.add(source)
    _note(visit, session, "source_paused" if source.paused else "source_resumed", source)
    return back_to(links.sources(visit.merchant.slug), "source_paused" if source.paused else "source_resumed")


@router.post(BASE + "/{source_id}/read", dependencies=[needs(Right.WORK)])
def read_now(source_id: str, visit: AtMerchant, form: PostedForm, session: Writer) -> Response:
    source = store_sources.source_of(session, visit.merchant.id, source_id)
    if source.paused:
        raise Invalid(phrase("This source is paused. Resume it first."))
    visit.runtime.engine.enqueue(
        session, "pull_source", f"pull:{source.id}:{new_id('ask')}", source.id, queue="sources"
    )
    return back_to(links.sources(visit.merchant.slug), "source_reading")


@router.post(BASE + "/{source_id}/erase", dependencies=[needs(Right.CONNECT)])
def erase(source_id: str, visit: AtMerchant, form: PostedForm) -> Response:
    """Forget what is kept; the source stays, paused, so that it is not fetched again at once."""
    with visit.runtime.database.writing() as session:
        source = store_sources.source_of(session, visit.merchant.id, source_id)
        unnamed = store_sources.erase_records(session, source.id)
        store_sources.note(session, source.id, paused=True, state="never_read", state_detail="")
        _note(visit, session, "source_erased", source)
    _forget(visit, unnamed)
    return back_to(links.sources(visit.merchant.slug), "source_erased")


@router.post(BASE + "/{source_id}/disconnect", dependencies=[needs(Right.CONNECT)])
def disconnect(source_id: str, visit: AtMerchant, form: PostedForm) -> Response:
    with visit.runtime.database.writing() as session:
        source = store_sources.source_of(session, visit.merchant.id, source_id)
        _note(visit, session, "source_disconnected", source)
        unnamed = store_sources.remove(session, source.id)
    _forget(visit, unnamed)
    return back_to(links.sources(visit.merchant.slug), "source_disconnected")


def _forget(visit: Visit, hashes: list[str]) -> None:
    """After the rows, so that no row ever names bytes that are gone."""
    for sha256 in hashes:
        visit.runtime.files.forget(visit.merchant.id, sha256)


_TOO_MANY = phrase("At most 100 are taken.")


@router.post("/m/{slug}/own-addresses", dependencies=[needs(Right.SETTINGS)])
def own_addresses(visit: AtMerchant, form: PostedForm, session: Writer) -> Response:
    """The shop's own mail addresses and domains, one a line: without them nobody can tell who wrote."""
    typed = [each.strip().casefold().lstrip("@") for each in form.text("own", 4000).replace(",", "\n").split("\n")]
    found = [each for each in dict.fromkeys(typed) if each]
    wrong = [each for each in found if "." not in each.rpartition("@")[2] or any(sign.isspace() for sign in each)]
    if wrong or len(found) > 100:
        how = phrase("Write them like help@shop.example or shop.example, one a line.")
        what = phrase("“{typed}” is no address and no domain.", typed=wrong[0][:60]) if wrong else _TOO_MANY
        raise Invalid(joined((what, how)))
    visit.demand(session, Right.SETTINGS)
    merchant = session.merge(visit.merchant)
    merchant.mail_addresses = found
    session.add(merchant)
    record(session, merchant.id, at=visit.now, actor=visit.by, action="own_addresses_set", subject=merchant.id)
    return back_to(links.sources(visit.merchant.slug), "own_saved")


def _note(visit: Visit, session: Writer, action: str, source: SourceConnection) -> None:
    visit.demand(session, Right.CONNECT)
    record(
        session, visit.merchant.id, at=visit.now, actor=visit.by, action=action, subject=source.id,
        details={"system": source.system},
    )  # fmt: skip
