"""Who asks, at which merchant, with which transaction: the dependencies every endpoint is built from.

The order is fixed by who depends on whom: signed in, member of the merchant, form token, and only then a writer.
"""

from __future__ import annotations

import contextlib
import hmac
from collections.abc import AsyncIterator, Iterator, Sequence
from contextvars import Context, copy_context
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any

import anyio
import anyio.to_thread
from fastapi import Depends, Request
from sqlmodel import Session
from starlette.datastructures import FormData, UploadFile

from disputes import store_people
from disputes.models import Merchant, Person, WebSession
from disputes.roles import Right, rights_of
from disputes.store import NotFound
from scheduler.runtime import Runtime
from templates.language import marked as _
from templates.language import say
from web.first_data import token_hash
from web.security import MAX_FILES, session_token
from web.settings import Settings


class SignedOut(Exception):
    """Nobody is signed in; the browser is sent to the sign-in page."""


class Forbidden(Exception):
    """The message says what happened and what to do; nothing was changed."""


class Invalid(Exception):
    """What was typed cannot be used; the message says why."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """A signed-in person."""

    person: Person
    csrf: str
    token_hash: str
    merchants: Sequence[Merchant]
    seen_at: datetime | None = None
    """When this session was last used, to the hour."""


@dataclass(frozen=True, slots=True)
class Visit:
    """A signed-in person at one of their merchants."""

    request: Request
    runtime: Runtime
    settings: Settings
    visitor: Visitor
    merchant: Merchant
    role: str
    rights: frozenset[Right]
    now: datetime

    @property
    def by(self) -> str:
        """How the audit names them."""
        return self.visitor.person.id

    def may(self, right: str) -> bool:
        """Whether a page offers what needs this right; the act itself asks again."""
        return Right(right) in self.rights

    def demand(self, session: Session, right: Right) -> None:
        """Asked again in the transaction that acts: a role may have changed since. Raises Denied."""
        store_people.demand(session, self.merchant.id, self.by, right)


_CALLED = {
    "digest_hour": _("Hour of the daily digest"),
    "hold_hours": _("Hours an automatic filing waits"),
    "cut_off_hours": _("Hours before the deadline at which the desk stops filing by itself"),
    "days": _("Days after the outcome"),
    "limit_kilobytes": _("Most kilobytes"),
    "limit_pages": _("Most pages"),
    "note": _("Note"),
    "words": _("Your words"),
}
"""Fields that a person may well fill in wrongly, as their forms call them."""


def _called(name: str) -> str:
    return say(_CALLED[name]) if name in _CALLED else name.replace("_", " ")


class Posted:
    """A form whose token was checked: text without line ends where none belong, bounded, and files."""

    def __init__(self, form: FormData) -> None:
        self._form = form

    def line(self, name: str, longest: int = 300) -> str:
        """One line; a line break or control character in it is refused, it could become a header elsewhere."""
        text = self.text(name, longest)
        if any(ord(c) < 32 or ord(c) == 127 for c in text):
            words = say("There is a line break or control character in “%(name)s”. Type it as one line.")
            raise Invalid(words % {"name": _called(name)})
        return text

    def text(self, name: str, longest: int = 10_000) -> str:
        value = self._form.get(name, "")
        text = value.strip().replace("\r\n", "\n") if isinstance(value, str) else ""
        if len(text) > longest:
            words = say("“%(name)s” is longer than %(most)s characters (%(count)s).")
            raise Invalid(words % {"name": _called(name), "most": longest, "count": len(text)})
        return text

    def again(self, name: str) -> str:
        """What was typed, to be shown once more in a form that was refused; never a secret."""
        value = self._form.get(name, "")
        return value if isinstance(value, str) else ""

    def all(self, name: str) -> list[str]:
        return [value for value in self._form.getlist(name) if isinstance(value, str)]

    def names(self) -> list[str]:
        return list(dict.fromkeys(self._form.keys()))

    def number(self, name: str, least: int, most: int) -> int:
        text = self.line(name, 12)
        if not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
            words = say("“%(name)s” must be a whole number from %(least)s to %(most)s.")
            raise Invalid(words % {"name": _called(name), "least": least, "most": most})
        return int(text)

    def ticked(self, name: str) -> bool:
        return self._form.get(name) in ("on", "yes", "1")

    def files(self, name: str) -> list[UploadFile]:
        found = [value for value in self._form.getlist(name) if isinstance(value, UploadFile) and value.filename]
        if len(found) > MAX_FILES:
            words = say("At most %(most)s files in one upload; these were %(count)s.")
            raise Invalid(words % {"most": MAX_FILES, "count": len(found)})
        return found


# ---- who -----------------------------------------------------------------------------------------------------------


def runtime_of(request: Request) -> Runtime:
    runtime: Runtime = request.app.state.runtime
    return runtime


def settings_of(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings


SEEN_EVERY = timedelta(hours=1)


def visitor_or_none(request: Request) -> Visitor | None:
    token, runtime = session_token(request), runtime_of(request)
    if not token:
        return None
    hashed = token_hash(token)
    with runtime.database.reading() as session:
        found = store_people.session_of(session, hashed, runtime.clock.now())
        if found is None or found[0].needs_factor:
            return None
        row, person = found
        return Visitor(person, row.csrf, hashed, store_people.merchants_of(session, person.id), row.seen_at)


def half_signed_in(request: Request) -> tuple[WebSession, Person]:
    """Whose password fitted and whose second factor is still to be shown; else they begin anew."""
    token, runtime = session_token(request), runtime_of(request)
    with runtime.database.reading() as session:
        found = store_people.session_of(session, token_hash(token), runtime.clock.now()) if token else None
    if found is None or not found[0].needs_factor:
        raise SignedOut
    return found


def signed_in(request: Request) -> Visitor:
    visitor = visitor_or_none(request)
    if visitor is None:
        raise SignedOut
    runtime, now = runtime_of(request), runtime_of(request).clock.now()
    if visitor.seen_at is None or now - visitor.seen_at >= SEEN_EVERY:
        with runtime.database.writing() as session:
            store_people.note_seen(session, visitor.token_hash, visitor.person.id, now)
    return visitor


SignedIn = Annotated[Visitor, Depends(signed_in)]
HalfSignedIn = Annotated[tuple[WebSession, Person], Depends(half_signed_in)]


def at_merchant(slug: str, request: Request, visitor: SignedIn) -> Visit:
    """Another merchant's pages are not there: the same answer as for a name that does not exist."""
    runtime = runtime_of(request)
    with runtime.database.reading() as session:
        found = store_people.membership(session, visitor.person.id, slug)
    if found is None:
        raise NotFound(f"no merchant {slug}")
    merchant, member = found
    rights = rights_of(member.role, member.rights)
    visit = Visit(request, runtime, settings_of(request), visitor, merchant, member.role, rights, runtime.clock.now())
    allow(visit, Right.SEE)
    return visit


at_merchant.right = Right.SEE  # type: ignore[attr-defined] # what a page that declares nothing else needs
AtMerchant = Annotated[Visit, Depends(at_merchant)]


def needs(right: Right) -> Any:
    """What a route asks of the visitor's role, for its `dependencies`: it is asked before a form is read."""

    def check(visit: AtMerchant) -> None:
        allow(visit, right)

    check.right = right  # type: ignore[attr-defined] # the test that walks every route reads it
    return Depends(check)


NOT_YOURS = _("Your role in this shop does not allow that. Nothing was changed. Ask an owner of it.")


def allow(visit: Visit, right: Right) -> None:
    if right not in visit.rights:
        raise Forbidden(say(NOT_YOURS))


# ---- forms ---------------------------------------------------------------------------------------------------------


async def read_form(request: Request) -> AsyncIterator[FormData]:
    """The form, its spooled files closed after the answer."""
    async with request.form(max_files=MAX_FILES + 1, max_fields=600, max_part_size=256 * 1024) as form:
        yield form


RawForm = Annotated[FormData, Depends(read_form)]
"""A form that nobody signed: before signing in, and by a link."""


def check_token(request: Request, form: FormData, csrf: str) -> None:
    given = request.headers.get("x-csrf-token") or form.get("csrf") or ""
    if not isinstance(given, str) or not hmac.compare_digest(given.encode(), csrf.encode()):
        raise Forbidden(
            say(
                "The form did not carry the token of your session, perhaps because you signed in again meanwhile. "
                "Nothing was changed. Go back, reload the page and send it again."
            )
        )


async def posted(request: Request, visit: AtMerchant) -> AsyncIterator[Posted]:
    """The form of a signed-in member; who is neither is turned away before the form is read."""
    async with contextlib.asynccontextmanager(read_form)(request) as form:
        check_token(request, form, visit.visitor.csrf)
        yield Posted(form)


PostedForm = Annotated[Posted, Depends(posted)]


async def signed(request: Request, visitor: SignedIn) -> AsyncIterator[Posted]:
    """The form of somebody signed in, about themselves and no shop."""
    async with contextlib.asynccontextmanager(read_form)(request) as form:
        check_token(request, form, visitor.csrf)
        yield Posted(form)


SignedForm = Annotated[Posted, Depends(signed)]


# ---- transactions --------------------------------------------------------------------------------------------------

_COMMITS = anyio.CapacityLimiter(4)
"""Threads of their own for ending transactions: else writers that wait could starve the one that holds."""


def _carry(context: Context) -> None:
    for variable in context:
        if variable.get(None) is not context[variable]:
            variable.set(context[variable])


@contextlib.asynccontextmanager
async def carried(unit: contextlib.AbstractContextManager[Session]) -> AsyncIterator[Session]:
    """A unit of work that begins and ends in threads, its "a writer is open" carried to the endpoint's thread."""
    context = copy_context()
    session = await anyio.to_thread.run_sync(context.run, unit.__enter__)
    _carry(context)
    try:
        yield session
    except BaseException as error:
        with anyio.CancelScope(shield=True):
            await anyio.to_thread.run_sync(
                context.run, unit.__exit__, type(error), error, error.__traceback__, limiter=_COMMITS
            )
        _carry(context)
        raise
    with anyio.CancelScope(shield=True):
        await anyio.to_thread.run_sync(context.run, unit.__exit__, None, None, None, limiter=_COMMITS)
    _carry(context)


def reader(visit: AtMerchant) -> Iterator[Session]:
    with visit.runtime.database.reading() as session:
        yield session


async def writer(visit: AtMerchant, form: PostedForm) -> AsyncIterator[Session]:
    """Opened only for a member whose form carried the token; committed before the answer is sent."""
    async with carried(visit.runtime.database.writing()) as session:
        yield session


Reader = Annotated[Session, Depends(reader, scope="function")]
Writer = Annotated[Session, Depends(writer, scope="function")]
