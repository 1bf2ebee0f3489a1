"""Who asks, at which merchant, with which transaction: the dependencies every endpoint is built from.

The order is fixed by who depends on whom: signed in, member of the merchant, form token, and only then a writer.
"""

from __future__ import annotations

import contextlib
import hmac
from collections.abc import AsyncIterator, Iterator, Sequence
from contextvars import Context, copy_context
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

import anyio
import anyio.to_thread
from fastapi import Depends, Request
from sqlmodel import Session
from starlette.datastructures import FormData, UploadFile

from disputes import store_people
from disputes.models import Merchant, Person
from disputes.store import NotFound
from scheduler.runtime import Runtime
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


@dataclass(frozen=True, slots=True)
class Visit:
    """A signed-in person at one of their merchants."""

    request: Request
    runtime: Runtime
    settings: Settings
    visitor: Visitor
    merchant: Merchant
    role: str
    now: datetime

    @property
    def by(self) -> str:
        """How the audit names them."""
        return self.visitor.person.id


class Posted:
    """A form whose token was checked: text without line ends where none belong, bounded, and files."""

    def __init__(self, form: FormData) -> None:
        self._form = form

    def line(self, name: str, longest: int = 300) -> str:
        """One line; a line break or control character in it is refused, it could become a header elsewhere."""
        text = self.text(name, longest)
        if any(ord(c) < 32 or ord(c) == 127 for c in text):
            raise Invalid(f"There is a line break or control character in “{name}”. Type it as one line.")
        return text

    def text(self, name: str, longest: int = 10_000) -> str:
        value = self._form.get(name, "")
        text = value.strip().replace("\r\n", "\n") if isinstance(value, str) else ""
        if len(text) > longest:
            raise Invalid(f"“{name}” is longer than {longest} characters ({len(text)}).")
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
            raise Invalid(f"“{name}” must be a whole number from {least} to {most}.")
        return int(text)

    def ticked(self, name: str) -> bool:
        return self._form.get(name) in ("on", "yes", "1")

    def files(self, name: str) -> list[UploadFile]:
        found = [value for value in self._form.getlist(name) if isinstance(value, UploadFile) and value.filename]
        if len(found) > MAX_FILES:
            raise Invalid(f"At most {MAX_FILES} files in one upload; these were {len(found)}.")
        return found


# ---- who -----------------------------------------------------------------------------------------------------------


def runtime_of(request: Request) -> Runtime:
    runtime: Runtime = request.app.state.runtime
    return runtime


def settings_of(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings


def visitor_or_none(request: Request) -> Visitor | None:
    token, runtime = session_token(request), runtime_of(request)
    if not token:
        return None
    hashed = token_hash(token)
    with runtime.database.reading() as session:
        found = store_people.session_of(session, hashed, runtime.clock.now())
        if found is None:
            return None
        row, person = found
        return Visitor(person, row.csrf, hashed, store_people.merchants_of(session, person.id))


def signed_in(request: Request) -> Visitor:
    visitor = visitor_or_none(request)
    if visitor is None:
        raise SignedOut
    return visitor


SignedIn = Annotated[Visitor, Depends(signed_in)]


def at_merchant(slug: str, request: Request, visitor: SignedIn) -> Visit:
    """Another merchant's pages are not there: the same answer as for a name that does not exist."""
    runtime = runtime_of(request)
    with runtime.database.reading() as session:
        found = store_people.membership(session, visitor.person.id, slug)
    if found is None:
        raise NotFound(f"no merchant {slug}")
    merchant, role = found
    may(role, request.method)
    return Visit(request, runtime, settings_of(request), visitor, merchant, role, runtime.clock.now())


AtMerchant = Annotated[Visit, Depends(at_merchant)]


def may(role: str, act: str) -> None:
    """The one place that knows what a role may do. There are owners only, for now, and they may do everything."""
    if role != "owner":
        raise Forbidden(f"Your role ({role}) may not do this ({act}). Nothing was changed. Ask an owner of this desk.")


# ---- forms ---------------------------------------------------------------------------------------------------------


async def read_form(request: Request) -> AsyncIterator[FormData]:
    """The form, its spooled files closed after the answer."""
    async with request.form(max_files=MAX_FILES + 1, max_fields=600, max_part_size=256 * 1024) as form:
        yield form


def check_token(request: Request, form: FormData, csrf: str) -> None:
    given = request.headers.get("x-csrf-token") or form.get("csrf") or ""
    if not isinstance(given, str) or not hmac.compare_digest(given.encode(), csrf.encode()):
        raise Forbidden(
            "The form did not carry the token of your session, perhaps because you signed in again meanwhile. "
            "Nothing was changed. Go back, reload the page and send it again."
        )


async def posted(request: Request, visit: AtMerchant) -> AsyncIterator[Posted]:
    """The form of a signed-in member; who is neither is turned away before the form is read."""
    async with contextlib.asynccontextmanager(read_form)(request) as form:
        check_token(request, form, visit.visitor.csrf)
        yield Posted(form)


PostedForm = Annotated[Posted, Depends(posted)]


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
