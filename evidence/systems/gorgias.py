"""Gorgias: the customer's tickets, and what customer and shop wrote in them by whatever channel.

Tickets are listed by customer; Gorgias took its search away, and what is left filters by views that a
person has made. So a ticket of somebody else who names the order is not found here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from disputes.phrases import phrase
from disputes.ports import Wanted
from disputes.systems import Brings, Outside, Setting, SourceError, SourceFailure, System, SystemAccount, SystemKind
from evidence.systems.correspondence import (
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

MAX_TICKETS = 40
"""Of one customer. Gorgias answers forty questions in twenty seconds, and each ticket is one."""
MAX_MESSAGES = 500
_NOTE = "internal-note"


class Gorgias(HelpDesk):
    def __init__(self, settings: Mapping[str, str], outside: Outside) -> None:
        self.kind = KIND
        self._outside = outside
        home = settings["address"].strip().rstrip("/").removesuffix("/api")
        self._host = urlsplit(home).netloc
        key = settings.get("email", "").strip(), settings.get("key", "").strip()
        self._http = Http(KIND.title, f"{home}/api", outside, auth=key)

    def account(self) -> SystemAccount:
        answer = self._http.get("tickets", {"limit": 1})
        if not isinstance(at(answer.json, "data"), list):
            raise SourceError(
                SourceFailure.MALFORMED, phrase("Gorgias answered without tickets. Is the address right?")
            )
        return SystemAccount(
            self._host.casefold(),
            self._host,
            rights_too_many=(phrase("A Gorgias key may write whatever its user may. Nothing here does."),),
        )

    def tickets(self, wanted: Wanted, refused: list[str], people: set[str]) -> Iterator[Ticket]:
        for customer in self._customers(wanted):
            people |= _known_as(customer)
            for ticket in self._tickets(customer, wanted, refused):
                yield ticket.get("id"), partial(self._pieces, ticket, refused)

    # ---- questions --------------------------------------------------------------------------------------------------

    def _customers(self, wanted: Wanted) -> list[dict[str, Any]]:
        found: dict[Any, dict[str, Any]] = {}
        for email in wanted.emails:
            for answer in cursored(self._http, "customers", {"email": email, "limit": 100}, "meta.next_cursor"):
                found |= {each.get("id"): each for each in listed(answer.json, "data") if _has(each, email)}
        return list(found.values())

    def _tickets(self, customer: dict[str, Any], wanted: Wanted, refused: list[str]) -> Iterator[dict[str, Any]]:
        """Those that were alive after the sale, newest first."""
        asked: dict[str, str | int] = {
            "customer_id": str(customer.get("id")),
            "order_by": "created_datetime:desc",
            "limit": 100,
        }
        count = 0
        for answer in cursored(self._http, "tickets", asked, "meta.next_cursor"):
            for ticket in listed(answer.json, "data"):
                if ticket.get("trashed_datetime") or not _in_time(ticket, wanted):
                    continue
                count += 1
                if count > MAX_TICKETS:
                    refused.append(
                        phrase(
                            "The customer has more than {most} tickets; only the newest were read.", most=MAX_TICKETS
                        )
                    )
                    return
                yield ticket

    def _pieces(self, ticket: dict[str, Any], refused: list[str]) -> Pieces:
        number = ticket.get("id")
        count = 0
        for answer in cursored(self._http, "messages", {"ticket_id": str(number), "limit": 100}, "meta.next_cursor"):
            for message in listed(answer.json, "data"):
                count += 1
                if count > MAX_MESSAGES:
                    refused.append(
                        phrase(
                            "Ticket {number} has more than {most} messages; the rest was left out.",
                            number=number,
                            most=MAX_MESSAGES,
                        )
                    )
                    return
                if not _exchanged(message):
                    continue
                if message.get("from_agent") is True and not message.get("sent_datetime"):
                    refused.append(
                        phrase(
                            "A message of ticket {number} was left out: Gorgias does not say that it was sent.",
                            number=number,
                        )
                    )
                    continue
                yield partial(self._told, message, ticket, answer.request)

    # ---- reading ----------------------------------------------------------------------------------------------------

    def _told(self, message: dict[str, Any], ticket: dict[str, Any], request: str) -> Told:
        by_shop = message.get("from_agent")
        raw = message | {"source": {name: value for name, value in _source(message).items() if name != "bcc"}}
        return Told(
            number=identifier(message.get("id")) or "",
            at=utc(message.get("sent_datetime") or message.get("created_datetime")),
            name=str(at(message, "sender.name") or at(message, "source.from.name") or ""),
            address=_address(at(message, "sender"), at(message, "source.from")),
            by_shop=by_shop if isinstance(by_shop, bool) else None,
            channel=str(message.get("channel") or at(message, "source.type") or ticket.get("channel") or ""),
            raw={"ticket": {"id": ticket.get("id"), "subject": ticket.get("subject")}, "message": raw},
            request=request,
            text=str(message.get("body_text") or message.get("stripped_text") or ""),
            html=str(message.get("body_html") or ""),
            subject=str(message.get("subject") or ticket.get("subject") or ""),
            recipients=_recipients(message),
            message_id=message.get("message_id") if isinstance(message.get("message_id"), str) else None,
            automatic=message.get("rule_id") is not None or message.get("via") == "rule",
            files=tuple(self._files(message)),
        )

    def _files(self, message: dict[str, Any]) -> Iterator[Attached]:
        for each in listed(message, "attachments"):
            address = each.get("url")
            if isinstance(address, str) and address:
                size = each.get("size")
                yield Attached(
                    str(each.get("name") or ""),
                    str(each.get("content_type") or ""),
                    size if isinstance(size, int) else None,
                    partial(self._http.download, address, own=True),
                )


def _exchanged(message: dict[str, Any]) -> bool:
    """Between customer and shop: no note of the shop to itself, nothing that failed to be sent or was taken back."""
    if message.get("public") is not True or message.get("failed_datetime") or message.get("deleted_datetime"):
        return False
    return _NOTE not in (message.get("channel"), _source(message).get("type"))


def _in_time(ticket: dict[str, Any], wanted: Wanted) -> bool:
    return during(
        wanted,
        lambda: utc(at(ticket, "created_datetime | last_message_datetime")),
        lambda: utc(at(ticket, "last_message_datetime | updated_datetime | created_datetime")),
    )


def _has(customer: dict[str, Any], email: str) -> bool:
    """Gorgias found it by this address; one that it does not show is not believed."""
    shown = [customer.get("email"), *(each.get("address") for each in listed(customer, "channels"))]
    return email in [str(each).strip().casefold() for each in shown]


def _known_as(customer: dict[str, Any]) -> set[str]:
    shown = [customer.get("email"), *(each.get("address") for each in listed(customer, "channels"))]
    named = {each.strip().casefold() for each in shown if isinstance(each, str) and each.strip()}
    return named | {_unnamed(customer).casefold()}


def _unnamed(somebody: dict[str, Any]) -> str:
    """A person without an address: on Instagram there is none."""
    return f"customer {somebody.get('id')} at Gorgias"


def _address(somebody: Any, place: Any) -> str:
    """By the mail address, else by the account, else by Gorgias's own number of the person."""
    found = at(somebody, "email") or at(place, "address")
    if found:
        return str(found)
    return _unnamed(somebody) if isinstance(somebody, dict) and somebody.get("id") is not None else ""


def _recipients(message: dict[str, Any]) -> tuple[str, ...]:
    to = [*listed(message, "source.to"), *listed(message, "source.cc")]
    named = [person(each.get("name"), each.get("address")) for each in to if each.get("address")]
    receiver = at(message, "receiver")
    if not named and isinstance(receiver, dict):
        named = [person(receiver.get("name"), _address(receiver, None))]
    return tuple(each for each in dict.fromkeys(named) if each)


def _source(message: dict[str, Any]) -> dict[str, Any]:
    found = message.get("source")
    return found if isinstance(found, dict) else {}


def _open(settings: Mapping[str, str], outside: Outside) -> System:
    return Gorgias(settings, outside)


KIND = SystemKind(
    name="gorgias",
    title=phrase("Gorgias"),
    version=1,
    brings=(Brings.CORRESPONDENCE,),
    gives=phrase(
        "What customer and shop wrote by e-mail, chat, telephone, Instagram, Facebook and WhatsApp, "
        "with pictures "
        "and PDFs; found by the customer's address alone. Internal notes stay where they are."
    ),
    needs=phrase(
        "The address of your Gorgias account, a user's e-mail address, and an API key of that user (Settings, "
        "Account, REST API). The user only has to see tickets and customers."
    ),
    settings=(
        Setting("address", phrase("Address"), example="https://lumen.gorgias.com", address=True),
        Setting("email", phrase("User's e-mail address"), example="mia@lumen.example"),
        Setting("key", phrase("API key"), secret=True),
    ),
    open=_open,
)
