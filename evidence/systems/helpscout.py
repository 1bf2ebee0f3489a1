"""Help Scout (Inbox API 2.0): conversations of the customer, and those that name the order or its parcel, thread by
thread, with the Message-IDs of their mails."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from email.message import Message as Parsed
from email.parser import HeaderParser
from email.policy import compat32
from functools import partial
from typing import Any

from disputes.phrases import phrase, said_by
from disputes.ports import Wanted
from disputes.systems import Brings, Outside, Setting, SourceError, SourceFailure, System, SystemAccount, SystemKind
from evidence.mail import signs
from evidence.mail.decoding import header
from evidence.systems.auth import ClientCredentials
from evidence.systems.correspondence import (
    BEFORE,
    SPARE_SECONDS,
    Attached,
    HelpDesk,
    Pieces,
    Ticket,
    Told,
    during,
    numbers_to_look_for,
    person,
)
from evidence.systems.http import Http
from evidence.systems.mapping import at, identifier, listed, utc
from evidence.systems.pager import pointed

API = "https://api.helpscout.net/v2"
MAX_CONVERSATIONS = 40
"""Of one sale."""
MAX_NUMBERS = 8
MAX_THREADS = 500
MAX_ORIGINALS = 25
"""Mails whose Message-ID is asked for: each is a question of its own."""
_HEAVY = 2**20
"""Bytes of attachments, from which on the mail they came with is not fetched a second time."""
_TWO_DAYS = 172_800.0
_PLAIN = re.compile(r"[^\s\"\\()]{3,200}")
"""What may stand in a search: no quotation, no bracket of its own."""
_INTERNAL = frozenset({"note", "lineitem", "forwardparent", "forwardchild"})
_CHATS = frozenset({"chat", "beaconchat"})
_PHONE = "phone"
_EXCHANGED = frozenset({"customer", "message", _PHONE}) | _CHATS
_HIDDEN = "hidden"
_MAILS = frozenset({"email", "emailfwd", "notification"})
_SOURCES = {"emailfwd": "email", "notification": "email", "beacon": "web", "beacon-v2": "web"}
_MACHINES = frozenset({"automatic-workflow", "system_user"})
_EVERYBODY = frozenset({"owner", "admin"})
_CALL = phrase("it is what the shop wrote down of a call")
Read = tuple[dict[str, Any], str]
"""One object, and the question that brought it."""


class HelpScout(HelpDesk):
    called = phrase("conversation {number}")
    piece = phrase("A message of conversation {number}")

    def __init__(self, settings: Mapping[str, str], outside: Outside) -> None:
        self.kind = KIND
        self._outside = outside
        home = (settings.get("address") or API).strip().rstrip("/")
        form = {
            "grant_type": "client_credentials",
            "client_id": settings.get("app_id", "").strip(),
            "client_secret": settings.get("app_secret", "").strip(),
        }
        signing = ClientCredentials(KIND.title, f"{home}/oauth2/token", form, lasts=_TWO_DAYS)
        self._http = Http(KIND.title, home, outside, auth=signing)
        self._originals = MAX_ORIGINALS

    def account(self) -> SystemAccount:
        me = self._http.get("users/me").json
        number = identifier(at(me, "companyId | id") or "")
        if not number:
            raise SourceError(SourceFailure.MALFORMED, phrase("Help Scout answered without saying who asks."))
        self._http.get("conversations", {"status": "all"})
        warnings: list[str] = []
        if at(me, "role") not in (None, *_EVERYBODY):
            warnings.append(
                phrase("The app's maker sees only some inboxes, so conversations of others will be missing.")
            )
        return SystemAccount(
            number,
            str(at(me, "email") or "Help Scout"),
            rights_too_many=(phrase("A Help Scout app may read and write the whole account. Nothing here writes."),),
            warnings=(*warnings, *self._warnings()),
        )

    def tickets(self, wanted: Wanted, refused: list[str], people: set[str]) -> Iterator[Ticket]:
        for talk, request in self._conversations(wanted, refused):
            yield talk["id"], partial(self._read, talk, request, wanted, refused, people)

    def _read(self, talk: dict[str, Any], request: str, wanted: Wanted, refused: list[str], people: set[str]) -> Pieces:
        people |= self._known_as(talk, wanted)
        return self._pieces(talk, request, refused)

    # ---- questions --------------------------------------------------------------------------------------------------

    def _conversations(self, wanted: Wanted, refused: list[str]) -> list[Read]:
        """Those of the customer that were alive after the sale, newest first; then those of others that name it."""
        found: dict[Any, Read] = {}
        questions = [f'(email:"{email}")' for email in wanted.emails if _PLAIN.fullmatch(email)]
        if numbers := numbers_to_look_for(wanted, MAX_NUMBERS):
            named = " OR ".join(f'subject:"{each}" OR body:"{each}"' for each in numbers)
            questions.append(f"({named})")
        for question in questions:
            asked: dict[str, str | int] = {
                "query": question, "status": "all", "embed": "threads", "sortField": "createdAt", "sortOrder": "desc",
            }  # fmt: skip
            if wanted.placed_at:
                asked["modifiedSince"] = (wanted.placed_at - BEFORE).strftime("%Y-%m-%dT%H:%M:%SZ")
            for answer in pointed(self._http, "conversations", asked, "_links.next.href"):
                for talk in listed(answer.json, "_embedded.conversations"):
                    # Neither what was deleted nor what was only begun.
                    if talk.get("id") and talk.get("state") in (None, "published") and _in_time(talk, wanted):
                        found.setdefault(talk["id"], (talk, answer.request))
                if len(found) > MAX_CONVERSATIONS:
                    break
        if len(found) > MAX_CONVERSATIONS:
            refused.append(
                phrase(
                    "More than {most} conversations fit the sale; only the newest were read.", most=MAX_CONVERSATIONS
                )
            )
        return list(found.values())[:MAX_CONVERSATIONS]

    def _known_as(self, talk: dict[str, Any], wanted: Wanted) -> set[str]:
        """What Help Scout calls the customer by. The search may be wider than the address asked for, so a conversation
        of somebody else is believed only where Help Scout knows that person by the same address."""
        customer = at(talk, "primaryCustomer") or {}
        shown = {str(customer.get("email") or "").strip().casefold()} - {""}
        if not shown & set(wanted.emails):
            try:
                known = listed(self._http.get(f"customers/{customer.get('id')}").json, "_embedded.emails")
            except SourceError as error:
                if error.failure not in (SourceFailure.NOT_FOUND, SourceFailure.RIGHTS):
                    raise
                return set()
            shown |= {str(each.get("value")).strip().casefold() for each in known}
        return {*shown, _unnamed(customer).casefold()} if shown & set(wanted.emails) else set()

    def _pieces(self, talk: dict[str, Any], request: str, refused: list[str]) -> Pieces:
        number = talk["id"]
        for thread, asked in self._threads(talk, request, refused):
            kind, state = thread.get("type"), thread.get("state")
            if kind in _INTERNAL or state == _HIDDEN:
                continue
            if kind not in _EXCHANGED:
                refused.append(
                    phrase(
                        "A part of conversation {number} was left out: nobody knows what a {kind} is.",
                        number=number,
                        kind=repr(kind),
                    )
                )
            elif state != "published":
                refused.append(
                    phrase(
                        "A message of conversation {number} was left out: it was never sent ({state}).",
                        number=number,
                        state=state,
                    )
                )
            else:
                yield partial(self._told, thread, talk, asked)

    def _threads(self, talk: dict[str, Any], request: str, refused: list[str]) -> list[Read]:
        """As they came with the conversation; chats and long ones come shortened there and are asked for."""
        shown = [(each, request) for each in listed(talk, "_embedded.threads")]
        spoken = talk.get("type") == "chat" or any(each.get("type") in _CHATS for each, _ in shown)
        said = talk.get("threads")
        if not spoken and (not isinstance(said, int) or len(shown) >= said):
            return shown[:MAX_THREADS]
        found: list[Read] = []
        number = talk["id"]
        try:
            for answer in pointed(self._http, f"conversations/{number}/threads", {}, "_links.next.href"):
                found += [(each, answer.request) for each in listed(answer.json, "_embedded.threads")]
                if len(found) > MAX_THREADS:
                    refused.append(
                        phrase(
                            "Conversation {number} has more than {most} parts; the rest was left out.",
                            number=number,
                            most=MAX_THREADS,
                        )
                    )
                    break
        except SourceError as error:
            if error.failure not in (SourceFailure.NOT_FOUND, SourceFailure.RIGHTS):
                raise
            refused.append(
                phrase("Conversation {number} could not be read as a whole: {why}", number=number, why=said_by(error))
            )
            return shown
        return found[:MAX_THREADS]

    # ---- reading ----------------------------------------------------------------------------------------------------

    def _told(self, thread: dict[str, Any], talk: dict[str, Any], request: str) -> Told:
        writer, kind = at(thread, "createdBy") or {}, thread.get("type")
        out = kind == "message" if not writer.get("type") else writer["type"] != "customer"
        customer = at(thread, "customer") or at(talk, "primaryCustomer") or {}
        to = [person("", each) for name in ("to", "cc") for each in thread.get(name) or () if isinstance(each, str)]
        files = tuple(self._files(thread, talk["id"]))
        mail = kind == "customer" and at(thread, "source.type") in _MAILS
        original = self._original(thread, talk["id"], files) if mail else Parsed()
        subject = str(talk.get("subject") or "")
        return Told(
            number=identifier(thread.get("id")) or "",
            at=utc(thread.get("createdAt") or writer.get("createdAt")),
            name=_name(writer),
            address=str(writer.get("email") or (f"user {writer.get('id')} at Help Scout" if out else _unnamed(writer))),
            by_shop=out,
            channel=_channel(thread, talk),
            raw={"conversation": {"id": talk["id"], "subject": subject}, "thread": _without_blind_copies(thread)},
            request=request,
            html=str(thread.get("body") or ""),
            subject=subject,
            recipients=tuple(to) or ((person(_name(customer), _address(customer)),) if out else ()),
            message_id=header(original, "Message-ID") or None,
            automatic=signs.automatic(original, "", subject) or _by_itself(thread),
            files=files,
            doubt=_CALL if kind == _PHONE and out else "",
        )

    def _original(self, thread: dict[str, Any], talk: Any, files: tuple[Attached, ...]) -> Parsed:
        """The head of the mail as it came in, where it can be had: with its Message-ID it is the mail that lies in the
        mailbox too."""
        heavy = sum(file.size or 0 for file in files) > _HEAVY
        if heavy or self._originals <= 0 or self._outside.left() < 2 * SPARE_SECONDS:
            return Parsed()
        self._originals -= 1
        try:
            place = f"conversations/{talk}/threads/{thread.get('id')}/original-source"
            answer = self._http.get(place, missing=True)
            original = None if answer.status == 404 else at(answer.json, "original")
        except SourceError:
            # Without it the message is known by Help Scout's own number.
            self._originals = 0
            return Parsed()
        return HeaderParser(policy=compat32).parsestr(original if isinstance(original, str) else "", headersonly=True)

    def _files(self, thread: dict[str, Any], talk: Any) -> Iterator[Attached]:
        for each in listed(thread, "_embedded.attachments"):
            yield Attached(
                str(each.get("filename") or ""),
                str(each.get("mimeType") or ""),
                each["size"] if isinstance(each.get("size"), int) else None,
                partial(self._file, f"conversations/{talk}/attachments/{each.get('id')}/data"),
            )

    def _file(self, place: str) -> bytes:
        packed = at(self._http.get(place).json, "data")
        try:
            return base64.b64decode(packed if isinstance(packed, str) else "", validate=True)
        except binascii.Error:
            raise SourceError(
                SourceFailure.MALFORMED, phrase("Help Scout sent it in a form nobody can read.")
            ) from None


def _in_time(talk: dict[str, Any], wanted: Wanted) -> bool:
    return during(wanted, lambda: utc(talk.get("createdAt")))


def _name(somebody: Mapping[str, Any]) -> str:
    return " ".join(str(each) for each in (somebody.get("first"), somebody.get("last")) if each)


def _unnamed(somebody: Mapping[str, Any]) -> str:
    return f"customer {somebody.get('id')} at Help Scout"


def _address(customer: Mapping[str, Any]) -> str:
    return str(customer.get("email") or _unnamed(customer))


def _channel(thread: dict[str, Any], talk: dict[str, Any]) -> str:
    """The shop's own "web" is the page where it types its mails; a customer's is a form."""
    if thread.get("type") == _PHONE:
        return "phone"
    if thread.get("type") in _CHATS:
        return "chat"
    source = str(at(thread, "source.type") or "")
    if at(thread, "createdBy.type") != "customer" and source in ("", "web", "api"):
        return str(talk.get("type") or "email")
    return _SOURCES.get(source, source)


def _by_itself(thread: dict[str, Any]) -> bool:
    marks = {str(at(thread, "action.type")), str(at(thread, "createdBy.type"))}
    return bool(marks & _MACHINES)


def _without_blind_copies(content: Any) -> Any:
    if isinstance(content, dict):
        return {name: _without_blind_copies(each) for name, each in content.items() if name != "bcc"}
    return [_without_blind_copies(each) for each in content] if isinstance(content, list) else content


def _open(settings: Mapping[str, str], outside: Outside) -> System:
    return HelpScout(settings, outside)


KIND = SystemKind(
    name="helpscout",
    title=phrase("Help Scout"),
    version=1,
    brings=(Brings.CORRESPONDENCE,),
    gives=phrase(
        "What customer and shop wrote in conversations by mail, chat and form, with pictures and PDFs; found "
        "by the customer's address, the order and the parcel. Notes and drafts stay where they are."
    ),
    needs=phrase(
        "The App ID and App Secret of an app of your own (Your profile, My apps, Create app), made by "
        "somebody who "
        "sees every inbox. Help Scout has no right to read only; nothing here writes."
    ),
    settings=(
        Setting("app_id", phrase("App ID")),
        Setting("app_secret", phrase("App Secret"), secret=True),
        Setting(
            "address", phrase("Address"), help=phrase("Leave it empty."), required=False, example=API, address=True
        ),
    ),
    open=_open,
)
