"""Switching one's second factor on and off, and its recovery codes."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from disputes import links, store_access
from templates.language import say
from web import second_factor, throttle
from web.pages.account import ask_password, shown
from web.pages.evidence import attachment
from web.passkeys import ways
from web.view import back_to, bare
from web.visit import Invalid, SignedForm, SignedIn, Visitor, runtime_of

router = APIRouter()
BASE = "/account/factor"


@router.post(BASE)
def begin(request: Request, visitor: SignedIn, form: SignedForm) -> Response:
    """A secret is laid down; it counts once the app has shown a code of it."""
    runtime = runtime_of(request)
    try:
        ask_password(request, visitor, form.again("present"))
    except Invalid as error:
        return shown(request, visitor, status=422, at="factor", wrong=str(error))
    with runtime.database.writing() as session:
        store_access.begin_factor(session, visitor.person.id, runtime.vault.seal(second_factor.new_secret()))
    return back_to(BASE)


@router.get(BASE)
def factor_page(request: Request, visitor: SignedIn) -> Response:
    return _page(request, visitor)


def _page(request: Request, visitor: Visitor, *, wrong: str = "", status: int = 200) -> Response:
    me = visitor.person
    if me.totp_on_at is not None or me.totp_secret is None:
        return back_to(links.account(), anchor="factor")
    secret = runtime_of(request).vault.open(me.totp_secret)
    address = second_factor.address(secret, me, ways(request).site)
    return bare(
        request, "factor.html", status=status, nav="account", visitor=visitor, csrf=visitor.csrf, here=BASE,
        picture=second_factor.picture(address), secret=second_factor.spaced(secret), address=address, wrong=wrong,
    )  # fmt: skip


@router.post(BASE + "/on")
def switch_on(request: Request, visitor: SignedIn, form: SignedForm) -> Response:
    me, runtime = visitor.person, runtime_of(request)
    code, codes = "".join(form.line("code", 20).split()), second_factor.new_codes()
    now, tries = runtime.clock.now(), second_factor.tries(me.id, throttle.address_of(request))
    with runtime.database.writing() as session:
        if not throttle.take(session, tries, now):
            return _page(request, visitor, wrong=_too_many(), status=429)
    if me.totp_on_at is not None:
        raise Invalid(say("The second factor is on already."))
    with runtime.database.writing() as session:
        if not second_factor.app_code(session, runtime.vault, me, code, now):
            words = say(
                "That is not the code the app shows now. Check that the phone's clock is right, and type the next one."
            )
            return _page(request, visitor, wrong=words, status=422)
        throttle.forget(session, tries)
        hashes = [second_factor.code_hash(runtime.vault, me.id, each) for each in codes]
        store_access.factor_on(session, me.id, hashes, now, keep=visitor.token_hash)
    return _codes(request, visitor, codes)


@router.post(BASE + "/off")
def switch_off(request: Request, visitor: SignedIn, form: SignedForm) -> Response:
    try:
        _both(request, visitor, form)
    except Invalid as error:
        return shown(request, visitor, status=422, at="factor", wrong=str(error))
    runtime = runtime_of(request)
    with runtime.database.writing() as session:
        store_access.factor_off(session, visitor.person.id, runtime.clock.now())
    return back_to(links.account(), "factor_off", "factor")


@router.post(BASE + "/codes")
def make_codes(request: Request, visitor: SignedIn, form: SignedForm) -> Response:
    """Ten other codes; those before stop working."""
    runtime, me, codes = runtime_of(request), visitor.person, second_factor.new_codes()
    try:
        _both(request, visitor, form)
    except Invalid as error:
        return shown(request, visitor, status=422, at="factor", wrong=str(error))
    with runtime.database.writing() as session:
        hashes = [second_factor.code_hash(runtime.vault, me.id, each) for each in codes]
        store_access.new_codes(session, me.id, hashes, runtime.clock.now())
    return _codes(request, visitor, codes)


def _both(request: Request, visitor: Visitor, form: SignedForm) -> None:
    """Password and code: a session somebody left open is not enough. Raises Invalid."""
    me, runtime = visitor.person, runtime_of(request)
    if me.totp_on_at is None:
        raise Invalid(say("The second factor is off already."))
    ask_password(request, visitor, form.again("present"))
    now, tries = runtime.clock.now(), second_factor.tries(me.id, throttle.address_of(request))
    with runtime.database.writing() as session:
        if not throttle.take(session, tries, now):
            raise Invalid(_too_many())
    with runtime.database.writing() as session:
        if not second_factor.shown(session, runtime.vault, me, form.line("code", 40), now):
            raise Invalid(say("That code is not right, or it was used already. Nothing was changed."))
        throttle.forget(session, tries)


def _too_many() -> str:
    return say("Too many codes were wrong. Wait a quarter of an hour, then try again.")


def _codes(request: Request, visitor: Visitor, codes: list[str]) -> Response:
    """Shown this once; only their hashes are kept."""
    return bare(
        request, "recovery_codes.html", nav="account", visitor=visitor, csrf=visitor.csrf, codes=codes, here=BASE
    )


@router.post(BASE + "/codes.txt")
def codes_file(request: Request, visitor: SignedIn, form: SignedForm) -> Response:
    """The codes of the page just shown as a file; others are not written into one."""
    runtime, codes = runtime_of(request), form.all("code")[: second_factor.CODES]
    hashes = [second_factor.code_hash(runtime.vault, visitor.person.id, each) for each in codes]
    with runtime.database.reading() as session:
        if not store_access.are_codes_of(session, visitor.person.id, hashes):
            raise Invalid(say("These codes are not good any more. Make new ones on your account page."))
    head = say("Recovery codes for %(email)s at %(desk)s. Each works once, in place of the app's code.") % {
        "email": visitor.person.email,
        "desk": ways(request).origin,
    }
    text = "\n".join([head, "", *codes, ""])
    return attachment(text.encode(), "text/plain; charset=utf-8", "counterproof-recovery-codes.txt")
