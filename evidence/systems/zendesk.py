"""Zendesk Support: tickets of the customer and of the order, their public comments, and the files in them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from disputes.phrases import phrase, said_by
from disputes.ports import Wanted
from disputes.systems import (
    Brings,
    Outside,
    Setting,
    SourceError,
    SourceFailure,
    System,
    SystemAccount,
    SystemKind,
)
from evidence.systems.auth import ClientCredentials
from evidence.systems.correspondence import (
    BEFORE,
    Attached,
    HelpDesk,
    Pieces,
    Ticket,
    Told,
    numbers_to_look_for,
    person,
)
from evidence.systems.http import Http
from evidence.systems.mapping import at, identifier, listed, utc
from evidence.systems.pager import pointed

MAX_TICKETS = 100
"""Of one question; a search finds a thousand at most."""
MAX_COMMENTS = 500
MAX_NUMBERS = 20
_PLAIN = re.compile(r"[^\s\"\\:<>()]{3,200}")
"""What may stand in a search: neither a quotation nor a key word of its own."""
_STAFF, _CUSTOMER = frozenset({"agent", "admin"}), "end-user"
_MACHINES = frozenset({"rule", "trigger", "automation", "system"})
_ENDED = phrase(
    "Zendesk's API tokens are being removed: none can be made since 27 October 2026, and "
    "the last end on 30 April 2027. Make an OAuth client in the Admin Center (Apps and "
    "integrations, APIs, OAuth clients), of the kind “confidential”, and give its "
    "identifier and secret."
)
People = dict[Any, dict[str, Any]]
"""Users by their ids."""


class Zendesk(HelpDesk):
    piece = phrase("A comment of ticket {number}")

    def __init__(self, settings: Mapping[str, str], outside: Outside) -> None:
        self.kind = KIND
        self._outside = outside
        self._client = settings.get("client_id", "").strip()
        home = settings["address"].strip().rstrip("/")
        self._host = urlsplit(home).netloc
        form = {
            "grant_type": "client_credentials",
            "client_id": self._client,
            "client_secret": settings.get("client_secret", "").strip(),
            "scope": "read",
        }
        signing = ClientCredentials(KIND.title, f"{home}/oauth/tokens", form, as_json=True)
        self._http = Http(KIND.title, f"{home}/api/v2", outside, auth=signing)

    def account(self) -> SystemAccount:
        self._by_client()
        me = at(self._http.get("users/me.json").json, "user")
        role = at(me, "role")
        missing = () if role in _STAFF else (phrase("the OAuth client has to belong to an agent or an administrator"),)
        warnings: list[str] = []
        if at(me, "restricted_agent") is True:
            warnings.append(phrase("The client's owner sees only some tickets, so others will be missing."))
        return SystemAccount(
            self._host.casefold(),
            self._host,
            rights_missing=missing,
            warnings=(*warnings, *self._warnings()),
        )

    def tickets(self, wanted: Wanted, refused: list[str], people: set[str]) -> Iterator[Ticket]:
        self._by_client()
        for ticket, requester in self._tickets(wanted, refused).values():
            yield ticket["id"], partial(self._pieces, ticket, requester, refused, people)

    def _pieces(self, ticket: dict[str, Any], requester: str, refused: list[str], people: set[str]) -> Pieces:
        """Nothing but what everybody on the ticket saw: a private comment is a note of the shop to itself."""
        comments, users = self._comments(ticket, requester, refused)
        if requester:
            people |= _known_as(ticket, users)
        public = [each for each in comments if each[0].get("public") is True]
        return (partial(self._told, comment, ticket, users, request) for comment, request in public)

    def _by_client(self) -> None:
        if "/token" in self._client or "@" in self._client:
            raise SourceError(SourceFailure.CREDENTIALS, _ENDED)

    # ---- tickets ----------------------------------------------------------------------------------------------------

    def _tickets(self, wanted: Wanted, refused: list[str]) -> dict[int, tuple[dict[str, Any], str]]:
        """Each ticket with its requester's address where that is known, those of the customer first."""
        found: dict[int, tuple[dict[str, Any], str]] = {}
        since = f" updated>{(wanted.placed_at - BEFORE).date().isoformat()}" if wanted.placed_at else ""
        questions = [(f"requester:{email}{since}", email) for email in wanted.emails if _PLAIN.fullmatch(email)]
        questions += [(f'"{each}"{since}', "") for each in numbers_to_look_for(wanted, MAX_NUMBERS)]
        for question, requester in questions:
            for ticket in self._search(question, refused):
                if isinstance(ticket.get("id"), int):
                    found.setdefault(ticket["id"], (ticket, requester))
        return found

    def _search(self, question: str, refused: list[str]) -> Iterator[dict[str, Any]]:
        asked: dict[str, str | int] = {
            "query": f"type:ticket {question}",
            "sort_by": "created_at",
            "sort_order": "desc",
            "per_page": 100,
        }
        count = 0
        for answer in pointed(self._http, "search.json", asked, "next_page"):
            for ticket in listed(answer.json, "results"):
                count += 1
                if count > MAX_TICKETS:
                    refused.append(
                        phrase(
                            "Zendesk has more than {most} tickets for “{question}”; only the newest were read.",
                            most=MAX_TICKETS,
                            question=question,
                        )
                    )
                    return
                yield ticket

    # ---- comments ---------------------------------------------------------------------------------------------------

    def _comments(
        self, ticket: dict[str, Any], requester: str, refused: list[str]
    ) -> tuple[list[tuple[dict[str, Any], str]], People]:
        """Each comment with the question that brought it, and the people of the ticket by their ids."""
        number = ticket["id"]
        people: People = {}
        comments: list[tuple[dict[str, Any], str]] = []
        asked: dict[str, str | int] = {"page[size]": 100, "include": "users"}
        try:
            for answer in pointed(
                self._http, f"tickets/{number}/comments.json", asked, "links.next", more_at="meta.has_more"
            ):
                people |= {each.get("id"): each for each in listed(answer.json, "users")}
                comments += [(each, answer.request) for each in listed(answer.json, "comments")]
                if len(comments) > MAX_COMMENTS:
                    refused.append(
                        phrase(
                            "Ticket {number} has more than {most} comments; the rest was left out.",
                            number=number,
                            most=MAX_COMMENTS,
                        )
                    )
                    break
        except SourceError as error:
            if error.failure not in (SourceFailure.NOT_FOUND, SourceFailure.RIGHTS):
                raise
            refused.append(phrase("Ticket {number} could not be read: {why}", number=number, why=said_by(error)))
        if requester:
            people.setdefault(ticket.get("requester_id"), {"email": requester, "role": _CUSTOMER})
        return comments[:MAX_COMMENTS], people

    def _told(self, comment: dict[str, Any], ticket: dict[str, Any], people: People, request: str) -> Told:
        author = people.get(comment.get("author_id"), {})
        role = author.get("role")
        by_shop = True if role in _STAFF else False if role == _CUSTOMER else None
        origin = at(comment, "via.source.from") or {}
        address = author.get("email") or at(origin, "address") or author.get("phone")
        if not address and by_shop is not None:
            address = _unnamed(comment.get("author_id"))
        requester = people.get(ticket.get("requester_id"), {})
        channel = str(at(comment, "via.channel") or at(ticket, "via.channel") or "")
        raw = {name: value for name, value in comment.items() if name != "metadata"}
        return Told(
            number=identifier(comment.get("id")) or "",
            at=utc(comment.get("created_at")),
            name=str(author.get("name") or at(origin, "name") or ""),
            address=str(address or ""),
            by_shop=by_shop,
            channel=channel,
            raw={"ticket": {"id": ticket["id"], "subject": ticket.get("subject")}, "comment": raw},
            request=request,
            text=str(comment.get("plain_body") or comment.get("body") or "") + _spoken(comment),
            html="" if _spoken(comment) else str(comment.get("html_body") or ""),
            subject=str(ticket.get("subject") or ticket.get("raw_subject") or ""),
            recipients=_recipients(comment, requester, out=by_shop is True),
            message_id=at(comment, "metadata.system.message_id"),
            automatic=channel.casefold() in _MACHINES,
            files=tuple(self._files(comment)),
        )

    def _files(self, comment: dict[str, Any]) -> Iterator[Attached]:
        for each in listed(comment, "attachments"):
            address = each.get("content_url")
            if each.get("deleted") is True or not isinstance(address, str):
                continue
            yield Attached(
                str(each.get("file_name") or ""),
                str(each.get("content_type") or ""),
                each["size"] if isinstance(each.get("size"), int) else None,
                partial(self._file, address, at(each, "malware_scan_result")),
                inline=each.get("inline") is True,
            )

    def _file(self, address: str, scanned: str | None) -> bytes:
        if scanned == "malware_found":
            raise SourceError(SourceFailure.REFUSED, phrase("Zendesk found malware in it."))
        return self._http.download(address, own=True)


def _known_as(ticket: dict[str, Any], people: People) -> set[str]:
    """What Zendesk calls the customer by: a person may have several addresses, or none."""
    requester = people.get(ticket.get("requester_id"), {})
    said = (requester.get("email"), requester.get("phone"), _unnamed(ticket.get("requester_id")))
    return {each.strip().casefold() for each in said if isinstance(each, str) and each.strip()}


def _unnamed(number: Any) -> str:
    return f"user {number} at Zendesk"


def _recipients(comment: dict[str, Any], requester: Mapping[str, Any], *, out: bool) -> tuple[str, ...]:
    to = at(comment, "via.source.to") or {}
    named = person(at(to, "name"), at(to, "address"))
    if at(to, "address"):
        return (named,)
    return (person(requester.get("name"), requester.get("email")),) if out and requester.get("email") else ()


def _spoken(comment: dict[str, Any]) -> str:
    """What was said on the telephone, where it was written down."""
    said = at(comment, "data.transcription_text")
    return f"\n{said}" if isinstance(said, str) and said.strip() else ""


def _open(settings: Mapping[str, str], outside: Outside) -> System:
    return Zendesk(settings, outside)


KIND = SystemKind(
    name="zendesk",
    title=phrase("Zendesk"),
    version=1,
    brings=(Brings.CORRESPONDENCE,),
    gives=phrase(
        "What customer and shop wrote in tickets, by whatever way it came, with pictures and PDFs; "
        "found by the "
        "customer's address, the order and the parcel. Internal notes stay where they are."
    ),
    needs=phrase(
        "The identifier and secret of an OAuth client of the kind “confidential” (Admin Center, Apps and "
        "integrations, APIs, OAuth clients), made by an agent who sees all tickets; the right to read is enough. API "
        "tokens are not taken: Zendesk removes them."
    ),
    settings=(
        Setting("address", phrase("Address"), example="https://lumen.zendesk.com", address=True),
        Setting("client_id", phrase("Client identifier"), example="counterproof"),
        Setting("client_secret", phrase("Client secret"), secret=True),
    ),
    open=_open,
)
