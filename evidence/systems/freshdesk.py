"""Freshdesk: the customer's tickets, what customer and shop wrote in them, and files whose addresses last minutes.

Freshdesk's search knows fields and no words, so a ticket of somebody else who names the order is not found here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from email.utils import parseaddr
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from disputes.phrases import phrase, said_by
from disputes.ports import Wanted
from disputes.systems import Brings, Outside, Setting, SourceError, SourceFailure, System, SystemAccount, SystemKind
from evidence.systems.correspondence import (
    BEFORE,
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
from evidence.systems.pager import linked

MAX_TICKETS = 20
"""Of one customer. A trial account answers fifty questions a minute, and each ticket is two or three."""
MAX_CONVERSATIONS = 500
_SINCE_EVER = "2000-01-01T00:00:00Z"
"""Without a day Freshdesk shows the tickets of the last weeks only."""
_EVERYTHING = 1
_PHONE, _OUTBOUND = 3, 10
_TICKETS = {1: "email", 2: "web", 3: "phone", 5: "twitter", 6: "facebook", 7: "chat", 9: "web", 10: "email",
            13: "whatsapp"}  # fmt: skip
_SPOKEN = frozenset({"twitter", "facebook", "chat", "whatsapp"})
"""Ways on which an answer goes back as it came; everywhere else it is a mail."""
_CONVERSATIONS = {2: "web", 5: "twitter", 6: "survey", 7: "facebook", 8: "email", 9: "phone"}
_FORWARD = 8
_CALL = phrase("it is what the shop wrote down of a call")
Read = tuple[dict[str, Any], str]
"""One object, and the question that brought it."""


class Freshdesk(HelpDesk):
    def __init__(self, settings: Mapping[str, str], outside: Outside) -> None:
        self.kind = KIND
        self._outside = outside
        home = settings["address"].strip().rstrip("/").removesuffix("/api/v2")
        self._host = urlsplit(home).netloc
        self._http = Http(KIND.title, f"{home}/api/v2", outside, auth=(settings.get("key", "").strip(), "X"))

    def account(self) -> SystemAccount:
        me = self._http.get("agents/me").json
        if not isinstance(self._http.get("tickets", {"per_page": 1}).json, list):
            raise SourceError(
                SourceFailure.MALFORMED, phrase("Freshdesk answered without tickets. Is the address right?")
            )
        warnings: list[str] = []
        if at(me, "ticket_scope") not in (None, _EVERYTHING):
            warnings.append(phrase("The key's agent sees only some tickets, so others will be missing."))
        return SystemAccount(
            self._host.casefold(),
            self._host,
            rights_too_many=(phrase("A Freshdesk key may write whatever its agent may. Nothing here does."),),
            warnings=(*warnings, *self._warnings()),
        )

    def tickets(self, wanted: Wanted, refused: list[str], people: set[str]) -> Iterator[Ticket]:
        for ticket, request in self._tickets(wanted, refused):
            yield ticket["id"], partial(self._read, ticket, request, wanted, refused, people)

    def _read(
        self, ticket: dict[str, Any], request: str, wanted: Wanted, refused: list[str], people: set[str]
    ) -> Pieces:
        if self._is_customer(ticket, wanted):
            people |= _known_as(ticket)
        return self._pieces(ticket, request, refused)

    # ---- questions --------------------------------------------------------------------------------------------------

    def _tickets(self, wanted: Wanted, refused: list[str]) -> list[Read]:
        """Those of the customer that were alive after the sale, newest first."""
        since = (wanted.placed_at - BEFORE).strftime("%Y-%m-%dT%H:%M:%SZ") if wanted.placed_at else _SINCE_EVER
        found: dict[int, Read] = {}
        for email in wanted.emails:
            asked: dict[str, str | int] = {
                "email": email, "updated_since": since, "include": "description,requester", "order_by": "created_at",
                "order_type": "desc", "per_page": 100,
            }  # fmt: skip
            for answer in linked(self._http, "tickets", asked):
                for ticket in listed(answer.json):
                    if isinstance(ticket.get("id"), int) and not ticket.get("deleted") and _in_time(ticket, wanted):
                        found.setdefault(ticket["id"], (ticket, answer.request))
                if len(found) > MAX_TICKETS:
                    break
        if len(found) > MAX_TICKETS:
            refused.append(
                phrase("The customer has more than {most} tickets; only the newest were read.", most=MAX_TICKETS)
            )
        return list(found.values())[:MAX_TICKETS]

    def _is_customer(self, ticket: dict[str, Any], wanted: Wanted) -> bool:
        """Found by an address that the ticket shows, or that Freshdesk knows the same person by."""
        if str(at(ticket, "requester.email") or "").strip().casefold() in wanted.emails:
            return True
        try:
            found = [self._http.get("contacts", {"email": email}).json for email in wanted.emails]
        except SourceError as error:
            if error.failure not in (SourceFailure.NOT_FOUND, SourceFailure.RIGHTS):
                raise
            return False
        return any(each.get("id") == ticket.get("requester_id") for contacts in found for each in listed(contacts))

    def _pieces(self, ticket: dict[str, Any], request: str, refused: list[str]) -> Pieces:
        number = ticket["id"]
        try:
            if "attachments" not in ticket:
                answer = self._http.get(f"tickets/{number}")
                ticket, request = {**ticket, **answer.json}, answer.request
            conversations = self._conversations(number, refused)
        except SourceError as error:
            if error.failure not in (SourceFailure.NOT_FOUND, SourceFailure.RIGHTS):
                raise
            refused.append(phrase("Ticket {number} could not be read: {why}", number=number, why=said_by(error)))
            conversations = []
        yield partial(self._first, ticket, request)
        for each, asked in conversations:
            # Whatever is not said to be public is a note of the shop to itself.
            if each.get("private") is not False or each.get("deleted") is True:
                continue
            if each.get("email_failure_count") or each.get("outgoing_failures"):
                refused.append(
                    phrase("An answer of ticket {number} was left out: Freshdesk could not deliver it.", number=number)
                )
                continue
            yield partial(self._told, each, ticket, asked)

    def _conversations(self, number: int, refused: list[str]) -> list[Read]:
        found: list[Read] = []
        for answer in linked(self._http, f"tickets/{number}/conversations", {"per_page": 100}):
            found += [(each, answer.request) for each in listed(answer.json)]
            if len(found) > MAX_CONVERSATIONS:
                refused.append(
                    phrase(
                        "Ticket {number} has more than {most} messages; the rest was left out.",
                        number=number,
                        most=MAX_CONVERSATIONS,
                    )
                )
                break
        return found[:MAX_CONVERSATIONS]

    # ---- reading ----------------------------------------------------------------------------------------------------

    def _first(self, ticket: dict[str, Any], request: str) -> Told:
        """The ticket's own words: its first message. A call's are what the shop wrote down."""
        source, requester = ticket.get("source"), _requester(ticket)
        out = source in (_PHONE, _OUTBOUND)
        sent_to = [str(each) for each in ticket.get("to_emails") or ()]
        return Told(
            number=f"ticket-{ticket['id']}",
            at=utc(ticket.get("created_at")),
            name="" if out else requester[0],
            address=(str(ticket.get("support_email") or "") or _agent(ticket.get("responder_id")))
            if out
            else requester[1],
            by_shop=out,
            channel=_TICKETS.get(ticket.get("source") or 0, "other"),
            raw={"ticket": _kept(ticket, "requester", "stats")},
            request=request,
            text=str(ticket.get("description_text") or ""),
            html=str(ticket.get("description") or ""),
            subject=str(ticket.get("subject") or ""),
            recipients=(person(*requester),) if out else _people([*sent_to, ticket.get("support_email")][:50]),
            files=tuple(self._files(ticket, ticket["id"])),
            doubt=_CALL if source == _PHONE else "",
        )

    def _told(self, message: dict[str, Any], ticket: dict[str, Any], request: str) -> Told:
        incoming, source = message.get("incoming"), message.get("source")
        name, address = parseaddr(str(message.get("from_email") or ""))
        requester = _requester(ticket)
        to = _people([*(message.get("to_emails") or ()), *(message.get("cc_emails") or ())])
        if incoming and message.get("user_id") == ticket.get("requester_id"):
            name, address = requester
        elif incoming:
            address = address or f"user {message.get('user_id')} at Freshdesk"
        else:
            address = address or str(message.get("support_email") or "") or _agent(message.get("user_id"))
            to = to or (() if source == _FORWARD else (person(*requester),))
        return Told(
            number=identifier(message.get("id")) or "",
            at=utc(message.get("created_at")),
            name=name,
            address=address,
            by_shop=not incoming if isinstance(incoming, bool) else None,
            channel=_channel(source, ticket.get("source")),
            raw={"ticket": {"id": ticket["id"], "subject": ticket.get("subject")}, "conversation": _kept(message)},
            request=request,
            text=str(message.get("body_text") or ""),
            html=str(message.get("body") or ""),
            subject=str(ticket.get("subject") or ""),
            recipients=to or _people([message.get("support_email")]),
            automatic=message.get("auto_response") is True or message.get("automation_id") is not None,
            files=tuple(self._files(message, ticket["id"])),
        )

    # ---- files ------------------------------------------------------------------------------------------------------

    def _files(self, holder: dict[str, Any], ticket: int) -> Iterator[Attached]:
        for each in listed(holder, "attachments"):
            address = each.get("attachment_url")
            if isinstance(address, str) and address:
                yield Attached(
                    str(each.get("name") or ""),
                    str(each.get("content_type") or ""),
                    each["size"] if isinstance(each.get("size"), int) else None,
                    partial(self._file, address, each.get("id"), ticket),
                )

    def _file(self, address: str, number: Any, ticket: int) -> bytes:
        """The address is signed and good for minutes: where it has ended, Freshdesk is asked for a new one."""
        try:
            return self._http.download(address)
        except SourceError as error:
            if error.failure is not SourceFailure.REFUSED:
                raise
            renewed = self._renewed(number, ticket)
            if renewed in (None, address):
                raise
            return self._http.download(str(renewed))

    def _renewed(self, number: Any, ticket: int) -> str | None:
        holders = [self._http.get(f"tickets/{ticket}").json, *(each for each, _ in self._conversations(ticket, []))]
        files = (file for holder in holders for file in listed(holder, "attachments"))
        return next((file.get("attachment_url") for file in files if file.get("id") == number), None)


def _in_time(ticket: dict[str, Any], wanted: Wanted) -> bool:
    return during(wanted, lambda: utc(ticket.get("created_at")), lambda: utc(ticket.get("updated_at")))


def _requester(ticket: dict[str, Any]) -> tuple[str, str]:
    """Name, and mail address, else telephone number, else Freshdesk's own number of the person."""
    known = at(ticket, "requester.email | requester.phone | requester.mobile")
    return str(at(ticket, "requester.name") or ""), str(known or _unnamed(ticket))


def _unnamed(ticket: dict[str, Any]) -> str:
    return f"user {ticket.get('requester_id')} at Freshdesk"


def _agent(number: Any) -> str:
    return f"agent {number} at Freshdesk"


def _known_as(ticket: dict[str, Any]) -> set[str]:
    said = [at(ticket, f"requester.{name}") for name in ("email", "phone", "mobile")]
    return {each.strip().casefold() for each in (*said, _unnamed(ticket)) if isinstance(each, str) and each.strip()}


def _people(written: list[Any]) -> tuple[str, ...]:
    shown = (person(*parseaddr(each)) for each in written if isinstance(each, str))
    return tuple(each for each in dict.fromkeys(shown) if each)


def _channel(source: Any, ticket: Any) -> str:
    came = _TICKETS.get(ticket or 0, "other")
    return _CONVERSATIONS.get(source) or (came if came in _SPOKEN else "email")


def _kept(content: dict[str, Any], *without: str) -> dict[str, Any]:
    """Neither blind copies nor signed addresses are kept."""
    files = [
        {name: value for name, value in each.items() if not name.endswith("_url")}
        for each in listed(content, "attachments")
    ]
    hidden = {"bcc_emails", "attachments", *without}
    return {name: value for name, value in content.items() if name not in hidden} | {"attachments": files}


def _open(settings: Mapping[str, str], outside: Outside) -> System:
    return Freshdesk(settings, outside)


KIND = SystemKind(
    name="freshdesk",
    title=phrase("Freshdesk"),
    version=1,
    brings=(Brings.CORRESPONDENCE,),
    gives=phrase(
        "What customer and shop wrote in tickets, by whatever way it came, with pictures and PDFs; "
        "found by the "
        "customer's address alone. Private notes stay where they are."
    ),
    needs=phrase(
        "The address of your Freshdesk account and the API key of an agent (Profile settings, View API "
        "key). The "
        "agent has to see all tickets and contacts."
    ),
    settings=(
        Setting("address", phrase("Address"), example="https://lumen.freshdesk.com", address=True),
        Setting("key", phrase("API key"), secret=True),
    ),
    open=_open,
)
