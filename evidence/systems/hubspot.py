"""HubSpot's conversations inbox (v3): the contact's threads, open and closed, and the messages in them.

Threads are listed by contact or inbox only; there is no search in their words, so a thread of somebody else who names
the order is not found here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from disputes.phrases import phrase, said_by
from disputes.ports import Wanted
from disputes.systems import Brings, Outside, Setting, SourceError, SourceFailure, System, SystemAccount, SystemKind
from evidence.systems.auth import HeaderKey
from evidence.systems.correspondence import (
    SPARE_SECONDS,
    Attached,
    HelpDesk,
    Pieces,
    Ticket,
    Told,
    during,
    person,
)
from evidence.systems.http import Http
from evidence.systems.mapping import at, identifier, listed, utc
from evidence.systems.pager import cursored

API = "https://api.hubapi.com"
MAX_THREADS = 60
"""Of one contact."""
MAX_MESSAGES = 500
MAX_FULL = 50
"""Messages that HubSpot shows shortened and that are asked for as a whole: each is a question of its own."""
_INBOX = "conversations/v3/conversations"
_SEARCH = "crm/v3/objects/contacts/search"
_STATES = ("OPEN", "CLOSED")
"""A contact's threads are shown for one state at a time, and never without one."""
_NEXT = "paging.next.after"
_PROPERTIES = ("email", "hs_additional_emails", "firstname", "lastname", "phone", "mobilephone")
_WHOLE = "NOT_TRUNCATED"
_WORDS = ("text", "richText")
_CHANNELS = {"1000": "chat", "1001": "facebook", "1002": "email"}
_NAMED = {"live_chat": "chat", "fb_messenger": "facebook", "form": "web_form", "calling": "phone", "custom": "other"}
_REACHED_BY = frozenset({"HS_EMAIL_ADDRESS", "HS_PHONE_NUMBER"})
_SHOP, _CUSTOMER, _MACHINES = frozenset("ABS"), frozenset("EV"), frozenset("BS")
"""First letters of who writes: agent, bot, system; e-mail, visitor."""
Read = tuple[dict[str, Any], str]
"""One object, and the question that brought it."""
Thing = Mapping[str, Any]


class HubSpot(HelpDesk):
    called = phrase("thread {number}")
    piece = phrase("A message of thread {number}")

    def __init__(self, settings: Mapping[str, str], outside: Outside) -> None:
        self.kind = KIND
        self._outside = outside
        signing = HeaderKey("Authorization", f"Bearer {settings.get('token', '').strip()}")
        self._http = Http(KIND.title, (settings.get("address") or API).strip(), outside, auth=signing)
        self._channels: dict[str, str] | None = None
        self._full = MAX_FULL

    def account(self) -> SystemAccount:
        details = self._http.get("account-info/v3/details").json
        number = identifier(at(details, "portalId") or "")
        if not number:
            raise SourceError(SourceFailure.MALFORMED, phrase("HubSpot answered without the number of the account."))
        missing = []
        rights: dict[str, Callable[[], Any]] = {
            "conversations.read": partial(self._http.get, f"{_INBOX}/threads", {"limit": 1}),
            "crm.objects.contacts.read": partial(self._http.post, _SEARCH, _question("nobody@example.com")),
        }
        for right, ask in rights.items():
            try:
                ask()
            except SourceError as error:
                if error.failure is not SourceFailure.RIGHTS:
                    raise
                missing.append(phrase("the right “{right}” is missing", right=right))
        return SystemAccount(
            number,
            str(at(details, "uiDomain") or "HubSpot") + f", account {number}",
            rights_missing=tuple(missing),
            warnings=tuple(self._warnings()),
        )

    def tickets(self, wanted: Wanted, refused: list[str], people: set[str]) -> Iterator[Ticket]:
        contacts = self._contacts(wanted)
        people |= {name for contact in contacts for name in _known_as(contact)}
        for contact in contacts:
            for thread in self._threads(contact, wanted, refused):
                yield thread.get("id"), partial(self._pieces, thread, contact, refused)

    # ---- questions --------------------------------------------------------------------------------------------------

    def _contacts(self, wanted: Wanted) -> list[dict[str, Any]]:
        found: dict[Any, dict[str, Any]] = {}
        for email in wanted.emails:
            answer = self._http.post(_SEARCH, _question(email))
            found |= {each.get("id"): each for each in listed(answer.json, "results") if email in _emails(each)}
        return list(found.values())

    def _threads(self, contact: Thing, wanted: Wanted, refused: list[str]) -> list[dict[str, Any]]:
        """Those that were alive after the sale, newest first."""
        found: list[dict[str, Any]] = []
        for state in _STATES:
            asked: dict[str, str | int] = {
                "associatedContactId": str(contact.get("id")), "threadStatus": state, "sort": "-id", "limit": 100,
            }  # fmt: skip
            mine = 0
            for answer in cursored(self._http, f"{_INBOX}/threads", asked, _NEXT, name="after"):
                alive = [each for each in listed(answer.json, "results") if _in_time(each, wanted)]
                found += [each for each in alive if each.get("archived") is not True]
                mine += len(alive)
                if mine > MAX_THREADS:
                    break
        found.sort(key=lambda each: str(at(each, "latestMessageTimestamp | createdAt") or ""), reverse=True)
        if len(found) > MAX_THREADS:
            refused.append(
                phrase("The customer has more than {most} threads; only the newest were read.", most=MAX_THREADS)
            )
        return found[:MAX_THREADS]

    def _pieces(self, thread: Thing, contact: Thing, refused: list[str]) -> Pieces:
        number = thread.get("id")
        for message, request in self._messages(number, refused):
            # Comments are the shop's to itself, and the rest tells what became of the thread.
            if message.get("type") != "MESSAGE" or message.get("archived") is True:
                continue
            if at(message, "status.statusType") == "FAILED":
                refused.append(
                    phrase("A message of thread {number} was left out: HubSpot could not send it.", number=number)
                )
                continue
            yield partial(self._told, message, thread, contact, request)

    def _messages(self, number: Any, refused: list[str]) -> list[Read]:
        found: list[Read] = []
        asked: dict[str, str | int] = {"limit": 100, "sort": "createdAt"}
        try:
            for answer in cursored(self._http, f"{_INBOX}/threads/{number}/messages", asked, _NEXT, name="after"):
                found += [(each, answer.request) for each in listed(answer.json, "results")]
                if len(found) > MAX_MESSAGES:
                    refused.append(
                        phrase(
                            "Thread {number} has more than {most} messages; the rest was left out.",
                            number=number,
                            most=MAX_MESSAGES,
                        )
                    )
                    break
        except SourceError as error:
            if error.failure not in (SourceFailure.NOT_FOUND, SourceFailure.RIGHTS):
                raise
            refused.append(phrase("Thread {number} could not be read: {why}", number=number, why=said_by(error)))
        return found[:MAX_MESSAGES]

    # ---- reading ----------------------------------------------------------------------------------------------------

    def _told(self, message: dict[str, Any], thread: Thing, contact: Thing, request: str) -> Told:
        sender = next(iter(listed(message, "senders")), {})
        out = _by_shop(message, sender)
        content, notes = self._content(message)
        to = [person(each.get("name"), _address(each, contact)) for each in _open_recipients(message)]
        return Told(
            number=identifier(message.get("id")) or "",
            at=utc(message.get("createdAt")),
            name=str(sender.get("name") or ""),
            address=_address(sender, contact),
            by_shop=out,
            channel=self._channel(at(message, "channelId") or at(thread, "originalChannelId")),
            raw={"thread": {"id": thread.get("id")}, "message": _kept(message) | content},
            request=request,
            text=str(content.get("text") or ""),
            html=str(content.get("richText") or ""),
            subject=str(message.get("subject") or ""),
            recipients=tuple(dict.fromkeys(each for each in to if each))
            or ((person(_name(contact), _mail(contact)),) if out else ()),
            automatic=_letter(sender) in _MACHINES,
            files=tuple(self._files(message)),
            notes=notes,
        )

    def _content(self, message: dict[str, Any]) -> tuple[dict[str, Any], tuple[str, ...]]:
        """Text and page as a whole. HubSpot cuts long mails, and leaves out what a mail answers."""
        shown: dict[str, Any] = {name: message[name] for name in _WORDS if name in message}
        if message.get("truncationStatus") in (None, _WHOLE):
            return shown, ()
        short = phrase("HubSpot shows only a part of it")
        number, thread = message.get("id"), message.get("conversationsThreadId")
        if self._full <= 0 or self._outside.left() < SPARE_SECONDS:
            return shown, (short,)
        self._full -= 1
        try:
            whole = self._http.get(f"{_INBOX}/threads/{thread}/messages/{number}/original-content").json
        except SourceError:
            return shown, (short,)
        found = {name: at(whole, name) for name in _WORDS if isinstance(at(whole, name), str)}
        return (found, ()) if found else (shown, (short,))

    def _channel(self, number: Any) -> str:
        """By the three numbers every account has; others are asked for by their name."""
        if str(number) in _CHANNELS:
            return _CHANNELS[str(number)]
        if self._channels is None:
            self._channels = {}
            try:
                for answer in cursored(self._http, f"{_INBOX}/channels", {"limit": 100}, _NEXT, name="after"):
                    known = {str(each.get("id")): str(each.get("name")) for each in listed(answer.json, "results")}
                    self._channels |= known
            except SourceError:
                # What it came by is not worth losing the message.
                return "other"
        name = self._channels.get(str(number), "other").casefold()
        return _NAMED.get(name, name)

    def _files(self, message: dict[str, Any]) -> Iterator[Attached]:
        for each in listed(message, "attachments"):
            if each.get("type") != "FILE":
                continue
            address = str(each.get("url") or "")
            name = str(each.get("name") or PurePosixPath(urlsplit(address).path).name or "file")
            yield Attached(name, "", None, partial(self._file, address))

    def _file(self, address: str) -> bytes:
        if not address:
            raise SourceError(SourceFailure.REFUSED, phrase("HubSpot names no address for it."))
        return self._http.download(address)


def _question(email: str) -> dict[str, Any]:
    """A contact by its address, or by one of its further ones."""
    asked = (("email", "EQ"), ("hs_additional_emails", "CONTAINS_TOKEN"))
    groups = [{"filters": [{"propertyName": name, "operator": sign, "value": email}]} for name, sign in asked]
    return {"filterGroups": groups, "properties": list(_PROPERTIES), "limit": 100}


def _in_time(thread: Thing, wanted: Wanted) -> bool:
    ended = at(thread, "latestMessageTimestamp | closedAt")
    return during(wanted, lambda: utc(thread.get("createdAt")), lambda: utc(ended) if ended else None)


def _emails(contact: Thing) -> list[str]:
    further = str(at(contact, "properties.hs_additional_emails") or "").split(";")
    said = [str(at(contact, "properties.email") or ""), *further]
    return [each.strip().casefold() for each in said if each.strip()]


def _known_as(contact: Thing) -> set[str]:
    phones = [at(contact, f"properties.{name}") for name in ("phone", "mobilephone")]
    return {*_emails(contact), *(str(each).strip() for each in phones if each), _unnamed(contact).casefold()}


def _unnamed(contact: Thing) -> str:
    return f"contact {contact.get('id')} at HubSpot"


def _mail(contact: Thing) -> str:
    return str(at(contact, "properties.email") or _unnamed(contact))


def _name(contact: Thing) -> str:
    said = (at(contact, "properties.firstname"), at(contact, "properties.lastname"))
    return " ".join(str(each) for each in said if each)


def _open_recipients(message: Thing) -> list[dict[str, Any]]:
    return [each for each in listed(message, "recipients") if each.get("recipientField") != "BCC"]


def _kept(message: dict[str, Any]) -> dict[str, Any]:
    """Neither blind copies nor addresses of files, which may be signed."""
    files = [{name: each[name] for name in each if name != "url"} for each in listed(message, "attachments")]
    return message | {"recipients": _open_recipients(message), "attachments": files}


def _letter(somebody: Thing) -> str:
    letter, dash, _ = str(somebody.get("actorId") or "").partition("-")
    return letter if dash else ""


def _address(somebody: Thing, contact: Thing) -> str:
    """By the address it came from, else by who HubSpot says it is."""
    letter, _, name = str(somebody.get("actorId") or "").partition("-")
    if at(somebody, "deliveryIdentifier.type") in _REACHED_BY and at(somebody, "deliveryIdentifier.value"):
        return str(at(somebody, "deliveryIdentifier.value"))
    if letter == "V" and name == str(contact.get("id")):
        return _mail(contact)
    if letter == "E" and "@" in name:
        return name
    return f"{letter}-{name} at HubSpot" if name else ""


def _by_shop(message: Thing, sender: Thing) -> bool | None:
    """None where the direction and who wrote do not fit together: then the address decides."""
    letter, direction = _letter(sender), message.get("direction")
    by_actor = True if letter in _SHOP else False if letter in _CUSTOMER else None
    by_direction = {"OUTGOING": True, "INCOMING": False}.get(str(direction))
    if by_direction is None or by_actor is None or by_actor == by_direction:
        return by_actor if by_direction is None else by_direction
    # A mail of the shop goes out under its address too, which is an actor of the kind "e-mail".
    return True if by_direction else None


def _open(settings: Mapping[str, str], outside: Outside) -> System:
    return HubSpot(settings, outside)


KIND = SystemKind(
    name="hubspot",
    title="HubSpot",
    version=1,
    brings=(Brings.CORRESPONDENCE,),
    gives=phrase(
        "What customer and shop wrote in the conversations inbox, by whatever way it came, with "
        "pictures and PDFs; "
        "found by the contact alone. Comments among colleagues stay where they are."
    ),
    needs=phrase(
        "The access token of a private app (Settings, Integrations, Private apps) with the rights "
        "conversations.read and crm.objects.contacts.read, and no others."
    ),
    settings=(
        Setting("token", phrase("Access token"), secret=True),
        Setting(
            "address", phrase("Address"), help=phrase("Leave it empty."), required=False, example=API, address=True
        ),
    ),
    open=_open,
)
