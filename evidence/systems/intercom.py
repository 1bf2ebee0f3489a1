"""Intercom (2.15): the contact's conversations, and what customer and shop said in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from disputes.phrases import phrase, said_by
from disputes.ports import Wanted
from disputes.systems import Brings, Outside, Setting, SourceError, SourceFailure, System, SystemAccount, SystemKind
from evidence.mail.hypertext import to_text
from evidence.mail.parts import TooMuch
from evidence.sources.values import Unreadable
from evidence.systems.auth import HeaderKey
from evidence.systems.correspondence import (
    BEFORE,
    Attached,
    HelpDesk,
    Pieces,
    Ticket,
    Told,
    during,
    numbers_to_look_for,
    person,
)
from evidence.systems.http import Answer, Http
from evidence.systems.mapping import at, identifier, listed, unix

VERSION = "2.15"
API = "https://api.intercom.io"
_REGIONS = {
    "us": (API, phrase("United States")),
    "eu": ("https://api.eu.intercom.io", phrase("Europe")),
    "au": ("https://api.au.intercom.io", phrase("Australia")),
}
MAX_CONVERSATIONS = 60
"""Of one question."""
MAX_NUMBERS = 7
"""Each is looked for in two places, and a group of a question may have fifteen parts."""
_PAGE = 50
_MOST_PAGES = 20
_EXCHANGED = frozenset({"comment", "open", "close", "quick_reply"})
"""An answer may open a conversation again, or close it with the same stroke."""
_INTERNAL = ("note", "draft")
_SHOP, _CUSTOMER = frozenset({"admin", "bot", "team"}), frozenset({"user", "lead", "contact"})
_CHANNELS = {"conversation": "chat", "phone_call": "phone", "phone_switch": "phone"}
_BY_ITSELF = frozenset({"automated", "campaigns_initiated", "operator_initiated"})
Read = tuple[dict[str, Any], str]
"""One object, and the question that brought it."""
Thing = Mapping[str, Any]


class Intercom(HelpDesk):
    called = phrase("conversation {number}")
    piece = phrase("A message of conversation {number}")

    def __init__(self, settings: Mapping[str, str], outside: Outside) -> None:
        self.kind = KIND
        self._outside = outside
        region, _ = _REGIONS.get(settings.get("region", ""), _REGIONS["us"])
        self._http = Http(
            KIND.title,
            (settings.get("address") or region).strip(),
            outside,
            auth=HeaderKey("Authorization", f"Bearer {settings.get('token', '').strip()}"),
            headers={"intercom-version": VERSION},
        )

    def account(self) -> SystemAccount:
        me = self._http.get("me").json
        number = identifier(at(me, "app.id_code") or "")
        if not number:
            raise SourceError(
                SourceFailure.MALFORMED, phrase("Intercom answered without the workspace. Is the region right?")
            )
        missing = []
        nobody = ({"field": "email", "operator": "=", "value": "nobody@example.com"}, "contacts")
        nothing = ({"field": "updated_at", "operator": "<", "value": 1}, "conversations")
        for query, what in (nobody, nothing):
            try:
                self._http.post(f"{what}/search", {"query": query, "pagination": {"per_page": 1}})
            except SourceError as error:
                if error.failure is not SourceFailure.RIGHTS:
                    raise
                missing.append(phrase("the right to read {what} is missing", what=what))
        name = str(at(me, "app.name") or number)
        return SystemAccount(number, name, rights_missing=tuple(missing), warnings=tuple(self._warnings()))

    def tickets(self, wanted: Wanted, refused: list[str], people: set[str]) -> Iterator[Ticket]:
        contacts = self._contacts(wanted)
        people |= {name for contact in contacts for name in _known_as(contact)}
        for query, contact in self._questions(contacts, wanted):
            for number in self._conversations(query, wanted, refused):
                yield number, partial(self._pieces, number, contact, refused)

    # ---- questions --------------------------------------------------------------------------------------------------

    def _contacts(self, wanted: Wanted) -> list[dict[str, Any]]:
        """One address may be of several: of a user and of the leads it was before."""
        found: dict[Any, dict[str, Any]] = {}
        for email in wanted.emails:
            query = {"field": "email", "operator": "=", "value": email}
            for answer in self._searched("contacts/search", query):
                people = listed(answer.json, "data")
                found |= {each.get("id"): each for each in people if str(each.get("email")).casefold() == email}
        return list(found.values())

    def _questions(self, contacts: list[dict[str, Any]], wanted: Wanted) -> Iterator[tuple[dict[str, Any], Thing]]:
        """What conversations are asked for, and whose they are: the customer's first, then those of whomever that name
        the order or its parcel. Only the words a conversation began with are searched by Intercom."""
        for contact in contacts:
            yield {"field": "contact_ids", "operator": "=", "value": str(contact.get("id"))}, contact
        if numbers := numbers_to_look_for(wanted, MAX_NUMBERS):
            places = ("source.subject", "source.body")
            named = [{"field": place, "operator": "~", "value": each} for each in numbers for place in places]
            yield {"operator": "OR", "value": named}, {}

    def _conversations(self, query: dict[str, Any], wanted: Wanted, refused: list[str]) -> list[str]:
        """The numbers of those that were alive after the sale, newest first."""
        asked: list[dict[str, Any]] = [query]
        if wanted.placed_at:
            since = int((wanted.placed_at - BEFORE).timestamp())
            asked.append({"field": "updated_at", "operator": ">", "value": since})
        found: list[dict[str, Any]] = []
        for answer in self._searched("conversations/search", {"operator": "AND", "value": asked}):
            found += [each for each in listed(answer.json, "conversations") if _in_time(each, wanted)]
        found.sort(key=lambda each: int(each.get("created_at") or 0), reverse=True)
        if len(found) > MAX_CONVERSATIONS:
            refused.append(
                phrase(
                    "More than {most} conversations fit the sale; only the newest were read.", most=MAX_CONVERSATIONS
                )
            )
        return [str(each["id"]) for each in found[:MAX_CONVERSATIONS] if each.get("id")]

    def _searched(self, path: str, query: Thing) -> Iterator[Answer]:
        cursor: str | None = None
        for _ in range(_MOST_PAGES):
            turned = {"per_page": _PAGE} | ({"starting_after": cursor} if cursor else {})
            answer = self._http.post(path, {"query": query, "pagination": turned})
            yield answer
            before, cursor = cursor, at(answer.json, "pages.next.starting_after")
            if not cursor or cursor == before:
                return

    def _pieces(self, number: str, contact: Thing, refused: list[str]) -> Pieces:
        """The page of each part is read, not the plain text Intercom makes of it: that holds words nobody saw."""
        try:
            answer = self._http.get(f"conversations/{number}")
        except SourceError as error:
            if error.failure not in (SourceFailure.NOT_FOUND, SourceFailure.RIGHTS):
                raise
            refused.append(phrase("Conversation {number} could not be read: {why}", number=number, why=said_by(error)))
            return
        talk = answer.json
        contact = contact or at(talk, "contacts.contacts[0]") or {}
        parts = listed(talk, "conversation_parts.conversation_parts")
        total = at(talk, "conversation_parts.total_count")
        if isinstance(total, int) and total > len(parts):
            refused.append(
                phrase(
                    "Conversation {number} has {total} parts, of which Intercom shows {count}.",
                    number=number,
                    total=total,
                    count=len(parts),
                )
            )
        first = at(talk, "source")
        if isinstance(first, dict):
            opening = first | {"id": f"source-{first.get('id')}", "created_at": talk.get("created_at")}
            if _said(opening, number, refused):
                yield partial(self._told, opening, talk, contact, answer.request)
        for each in parts:
            if _exchanged(each, number, refused) and _said(each, number, refused):
                yield partial(self._told, each, talk, contact, answer.request)

    # ---- reading ----------------------------------------------------------------------------------------------------

    def _told(self, said: dict[str, Any], talk: Thing, contact: Thing, request: str) -> Told:
        author = at(said, "author") or {}
        kind = author.get("type")
        out = True if kind in _SHOP else False if kind in _CUSTOMER else None
        mail = at(said, "email_message_metadata")
        subject = _plain(at(mail, "subject") or at(said, "subject") or at(talk, "source.subject") or at(talk, "title"))
        moment = unix(said.get("created_at"))
        if moment is None:
            raise Unreadable(phrase("has no time"))
        return Told(
            number=identifier(said.get("id")) or "",
            at=moment,
            name=str(author.get("name") or ""),
            address=_address(author, contact),
            by_shop=out,
            channel=_channel(said, talk),
            raw={"conversation": {"id": talk.get("id")}, "message": _kept(said)},
            request=request,
            html=str(said.get("body") or ""),
            subject=subject,
            recipients=_recipients(said) or ((person(contact.get("name"), _mail(contact)),) if out else ()),
            message_id=at(mail, "message_id"),
            automatic=kind == "bot" or said.get("delivered_as") in _BY_ITSELF,
            files=tuple(self._files(said)),
        )

    def _files(self, said: dict[str, Any]) -> Iterator[Attached]:
        for each in listed(said, "attachments"):
            address = each.get("url")
            if isinstance(address, str) and address:
                yield Attached(
                    str(each.get("name") or ""),
                    str(each.get("content_type") or ""),
                    each["filesize"] if isinstance(each.get("filesize"), int) else None,
                    partial(self._http.download, address),
                )


def _exchanged(part: Thing, number: str, refused: list[str]) -> bool:
    kind = str(part.get("part_type") or "")
    if any(word in kind for word in _INTERNAL):
        return False
    if kind in _EXCHANGED:
        return True
    if part.get("body"):
        # Words beside an assignment are an answer in one inbox and a note in another.
        refused.append(
            phrase(
                "A part of conversation {number} was left out: Intercom does not say that the "
                "customer saw it ({kind}).",
                number=number,
                kind=kind,
            )
        )
    return False


def _said(said: Thing, number: str, refused: list[str]) -> bool:
    if said.get("redacted") is True:
        refused.append(
            phrase(
                "A message of conversation {number} was left out: its words were taken out at Intercom.", number=number
            )
        )
        return False
    return bool(said.get("body") or said.get("attachments"))


def _in_time(talk: Thing, wanted: Wanted) -> bool:
    return during(wanted, lambda: unix(talk.get("created_at")), lambda: unix(talk.get("updated_at")))


def _known_as(contact: Thing) -> set[str]:
    said = (contact.get("email"), contact.get("phone"), _unnamed(contact))
    return {each.strip().casefold() for each in said if isinstance(each, str) and each.strip()}


def _unnamed(somebody: Thing) -> str:
    return f"contact {somebody.get('id')} at Intercom"


def _mail(contact: Thing) -> str:
    return str(contact.get("email") or _unnamed(contact))


def _address(author: Thing, contact: Thing) -> str:
    """By the mail address, else by Intercom's own number; nothing where it does not say who wrote."""
    if author.get("email"):
        return str(author["email"])
    if author.get("type") in _CUSTOMER:
        return _mail(contact) if author.get("id") == contact.get("id") else _unnamed(author)
    return f"{author['type']} {author.get('id')} at Intercom" if author.get("type") in _SHOP else ""


def _channel(said: Thing, talk: Thing) -> str:
    came = str(at(said, "type") if said.get("delivered_as") else at(talk, "source.type") or "")
    if at(said, "email_message_metadata"):
        return "email"
    return _CHANNELS.get(came, came)


def _recipients(said: Thing) -> tuple[str, ...]:
    headers = [
        (each.get("type"), each.get("name"), each.get("email_address"))
        for each in listed(said, "email_message_metadata.email_address_headers")
    ]
    headers += [(each.get("type"), "", each.get("email")) for each in listed(said, "recipients")]
    shown = [person(name, address) for kind, name, address in headers if kind in ("to", "cc") and address]
    return tuple(dict.fromkeys(shown))


def _plain(subject: Any) -> str:
    """A subject is a page of its own: "<p>Order 1001</p>"."""
    try:
        return to_text(str(subject or ""))[0].strip()
    except TooMuch as error:
        raise Unreadable(said_by(error)) from None


def _kept(said: dict[str, Any]) -> dict[str, Any]:
    """Neither blind copies nor addresses of files, which are signed."""
    kept = dict(said)
    kept["attachments"] = [
        {name: value for name, value in each.items() if name != "url"} for each in listed(said, "attachments")
    ]
    if isinstance(said.get("email_message_metadata"), dict):
        headers = listed(said, "email_message_metadata.email_address_headers")
        open_ones = [each for each in headers if each.get("type") != "bcc"]
        kept["email_message_metadata"] = said["email_message_metadata"] | {"email_address_headers": open_ones}
    if "recipients" in said:
        kept["recipients"] = [each for each in listed(said, "recipients") if each.get("type") != "bcc"]
    return kept


def _open(settings: Mapping[str, str], outside: Outside) -> System:
    return Intercom(settings, outside)


KIND = SystemKind(
    name="intercom",
    title=phrase("Intercom"),
    version=1,
    brings=(Brings.CORRESPONDENCE,),
    gives=phrase(
        "What customer and shop wrote by chat, mail, telephone, Instagram, Facebook and WhatsApp, with "
        "pictures and "
        "PDFs; found by the customer, and by the order and the parcel where a conversation began with them. Notes stay "
        "where they are."
    ),
    needs=phrase(
        "The access token of an app in your own workspace (Developer Hub, your app, Authentication) "
        "that may read "
        "conversations and contacts, and nothing else."
    ),
    settings=(
        Setting("token", phrase("Access token"), secret=True),
        Setting("region", phrase("Region"), choices=tuple((name, words) for name, (_, words) in _REGIONS.items())),
        Setting(
            "address", phrase("Address"), help=phrase("Leave it empty."), required=False, example=API, address=True
        ),
    ),
    open=_open,
)
