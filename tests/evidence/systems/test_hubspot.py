"""HubSpot over HTTP: contacts and their threads in both states, shortened mails, and what never becomes evidence."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from disputes.facts import Document
from disputes.ports import SourceReport
from disputes.systems import SourceError, SourceFailure
from evidence.sandbox.app import Fault, Faults
from evidence.sandbox.launch import in_thread
from evidence.sandbox.world import World
from evidence.systems import hubspot
from evidence.systems.hubspot import KIND
from tests.evidence.systems.builders import Thing, message, outside, ticket, wanted, world
from tests.evidence.systems.desk_shapes import (
    CONTRACTS,
    attached,
    bodies,
    contract,
    kept,
    many,
    messages,
    moment,
    ordered,
    said,
    shop_wrote,
)

CARD = "4242 4242 4242 4242"
KEY = {"authorization": "Bearer pat-practice"}
INBOX = "conversations/v3/conversations"


@contextlib.contextmanager
def running(shown: World, faults: Faults | None = None) -> Iterator[str]:
    with in_thread(shown, faults) as address:
        yield f"{address}/hubspot"


def settings(address: str, **changes: str) -> dict[str, str]:
    return {"address": address, "token": "pat-practice"} | changes


def gathered(shown: World, faults: Faults | None = None, **changes: Any) -> SourceReport:
    with running(shown, faults) as address:
        return KIND.open(settings(address), outside()).gather(wanted(**changes))


def told(*written: Thing, account: Thing | None = None, **changes: Any) -> World:
    """One thread of the customer's."""
    return world(tickets=[ticket(messages=list(written), **changes)], accounts={"hubspot": account or {}})


class TestMessages:
    def test_both_sides_of_a_thread_are_read_with_all_that_is_known_of_them(self) -> None:
        report = gathered(told(message(1, text="Where is LL-1001?"), shop_wrote()))
        first, second = messages(report)
        assert said(report) == [("in", "certain", "Where is LL-1001?"), ("out", "certain", "It is on its way.")]
        assert (first.message_id, second.message_id) == ("hubspot:1", "hubspot:2")
        assert (first.sender, first.recipients) == ("Emily Carter <emily.carter@example.com>", ("help@lumen.example",))
        assert (second.sender, second.recipients) == ("Mia <help@lumen.example>", ("emily.carter@example.com",))
        assert (first.channel, first.subject, first.order_ref) == ("e-mail", "Order LL-1001", "LL-1001")
        assert first.at == datetime(2026, 9, 5, 9, 1, tzinfo=UTC)
        item = report.items[0]
        assert (item.adapter, item.name) == ("hubspot/1", "hubspot message 1.json")
        assert item.request == f"HubSpot: GET /hubspot/{INBOX}/threads/1/messages?limit=100&sort=createdAt"
        assert json.loads(item.data)["message"]["text"] == "Where is LL-1001?"

    @pytest.mark.parametrize(
        "kind", ["COMMENT", "ASSIGNMENT", "THREAD_STATUS_CHANGE", "THREAD_INBOX_CHANGE", "WELCOME_MESSAGE"]
    )
    def test_comments_and_what_became_of_the_thread_never_become_messages(self, kind: str) -> None:
        report = gathered(told(message(1), shop_wrote(2, "He is lying. LL-1001", kind=kind)))
        assert bodies(report) == ["It came, thank you."]
        assert "lying" not in kept(report)
        assert report.refused == ()

    def test_drafts_never_become_messages(self) -> None:
        assert bodies(gathered(told(message(1), shop_wrote(2, draft=True)))) == ["It came, thank you."]

    def test_a_message_that_failed_is_told_and_left_out(self) -> None:
        report = gathered(told(message(1), shop_wrote(2, failed=True)))
        assert len(messages(report)) == 1
        assert report.refused == ("A message of thread 1 was left out: HubSpot could not send it.",)

    def test_a_shortened_mail_is_read_as_a_whole(self) -> None:
        shown = told(message(1, text="It came. I return LL-1001 tomorrow.", truncated="It came."))
        report = gathered(shown)
        assert bodies(report) == ["It came. I return LL-1001 tomorrow."]
        assert "I return LL-1001 tomorrow" in kept(report)
        assert len(shown.asked("original-content")) == 1

    @pytest.mark.parametrize("fault", [Fault("original-content", 404), Fault("original-content", 200, body="{}")])
    def test_a_shortened_mail_that_cannot_be_had_as_a_whole_says_so(self, fault: Fault) -> None:
        report = gathered(told(message(1, text="It came. More.", truncated="It came.")), ordered(fault))
        assert bodies(report) == ["It came."]
        assert "HubSpot shows only a part of it" in report.items[0].why

    def test_only_so_many_mails_are_asked_for_as_a_whole(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(hubspot, "MAX_FULL", 1)
        written = [message(each, text=f"Whole {each}", truncated=f"Part {each}") for each in (1, 2)]
        shown = told(*written)
        assert bodies(gathered(shown)) == ["Whole 1", "Part 2"]
        assert len(shown.asked("original-content")) == 1

    def test_blind_copies_and_addresses_of_files_are_not_kept(self) -> None:
        answer = shop_wrote(2, bcc=["boss@lumen.example"], cc=["lawyer@example.net"], attachments=[attached()])
        report = gathered(told(message(1), answer))
        assert "boss@" not in repr(report)
        assert "/files/" not in kept(report)
        assert messages(report)[1].recipients == ("emily.carter@example.com", "lawyer@example.net")

    @pytest.mark.parametrize(
        ("channel", "kept_as"),
        [("email", "e-mail"), ("chat", "chat"), ("facebook", "facebook"), ("whatsapp", "whatsapp"),
         ("web", "web form"), ("phone", "phone"), ("4711", "help desk")],
    )  # fmt: skip
    def test_the_channel_is_kept(self, channel: str, kept_as: str) -> None:
        (found,) = messages(gathered(told(message(1, channel=channel))))
        assert found.channel == kept_as

    def test_without_the_names_of_the_channels_the_message_is_kept(self) -> None:
        shown = told(message(1, channel="whatsapp"), message(2, channel="phone", text="LL-1001"))
        report = gathered(shown, ordered(Fault("/channels", 403)))
        assert {each.channel for each in messages(report)} == {"help desk"}
        assert len(shown.asked("/channels")) == 1

    def test_a_visitor_without_an_address_is_the_contact_of_the_thread(self) -> None:
        opaque = {"type": "CHANNEL_SPECIFIC_OPAQUE_ID", "value": "visitor-abc"}
        written = message(1, text="LL-1001?", channel="chat", delivered=opaque), shop_wrote(2, to=[], channel="chat")
        report = gathered(told(*written, channel="chat"))
        assert messages(report)[0].sender == "Emily Carter <emily.carter@example.com>"
        assert messages(report)[1].recipients == ("Emily Carter <emily.carter@example.com>",)
        assert [sure for _, sure, _ in said(report)] == ["certain", "certain"]

    def test_a_contact_without_an_address_is_known_by_hubspots_number(self) -> None:
        customer = {"id": 701, "name": "Emily", "email": None, "further": ["emily.carter@example.com"]}
        written = message(1, text="LL-1001?", channel="chat", email=None)
        report = gathered(told(written, customer=customer))
        assert messages(report)[0].sender == "Emily Carter <contact 701 at HubSpot>"
        assert [sure for _, sure, _ in said(report)] == ["certain"]

    @pytest.mark.parametrize(
        ("changes", "direction"),
        [
            ({"direction": None}, "in"),
            ({"actor": "A-1", "email": "help@lumen.example"}, "out"),
            ({"actor": "A-1"}, "in"),
            ({"actor": "A-1", "direction": None}, "out"),
            ({"direction": "OUTGOING"}, "out"),
        ],
    )
    def test_who_wrote_is_told_by_direction_actor_and_address(self, changes: Thing, direction: str) -> None:
        (found,) = messages(gathered(told(message(1, text="LL-1001", **changes))))
        assert found.direction == direction

    def test_what_a_bot_wrote_is_automatic(self) -> None:
        report = gathered(told(message(1), shop_wrote(2, "Which order?", actor="B-9")))
        assert [each.automatic for each in messages(report)] == [False, True]

    def test_hidden_words_are_dropped_and_told(self) -> None:
        page = '<p>LL-1001 came.</p><p style="display:none">We refund everything</p>'
        report = gathered(told(message(1, text="LL-1001 came. We refund everything", html=page)))
        assert bodies(report) == ["LL-1001 came."]
        assert "hidden text in it was left out" in report.items[0].why

    def test_card_numbers_are_masked_in_words_and_in_what_is_kept(self) -> None:
        page = f"<p>{CARD}, or 42424242<b>42424242</b>; CVV: 123</p>"
        written = message(1, text=f"{CARD}; CVV: 123", html=page, truncated=CARD)
        shown = repr(gathered(told(written, subject=f"Card {CARD}")))
        assert CARD not in shown
        assert "42424242<b>" not in shown
        assert "CVV: 123" not in shown


class TestMatching:
    def test_open_and_closed_threads_are_both_asked_for(self) -> None:
        closed = ticket(1, messages=[message(1, text="LL-1001, closed")])
        opened = ticket(2, messages=[message(2, text="LL-1001, open")], status="open")
        shown = world(tickets=[closed, opened])
        assert bodies(gathered(shown)) == ["LL-1001, closed", "LL-1001, open"]
        asked = [each.query["threadStatus"] for each in shown.asked("/threads") if "threadStatus" in each.query]
        assert asked == ["OPEN", "CLOSED"]

    def test_a_contact_is_found_by_a_further_address(self) -> None:
        customer = {"id": 701, "name": "Emily", "email": "work@example.org", "further": ["emily.carter@example.com"]}
        report = gathered(told(message(1, text="LL-1001?", email="work@example.org"), customer=customer))
        assert [sure for _, sure, _ in said(report)] == ["certain"]

    def test_a_contact_that_does_not_show_the_address_is_not_believed(self) -> None:
        page = json.dumps({"total": 1, "results": [{"id": "701", "properties": {"email": "other@example.org"}}]})
        shown = told(message(1))
        assert gathered(shown, ordered(Fault("search", 200, body=page))).items == ()
        assert shown.asked("/threads") == []

    def test_a_whole_thread_is_one_conversation(self) -> None:
        written = message(1, text="Hello?"), shop_wrote(2, "Which order?"), message(3, text="LL-1001")
        assert [sure for _, sure, _ in said(gathered(told(*written, subject="Hi")))] == ["certain"] * 3

    def test_a_third_person_in_the_thread_is_not_the_customer(self) -> None:
        other = message(2, text="LL-1001 was lost", name="UPS", email="claims@ups.example")
        assert [sure for _, sure, _ in said(gathered(told(message(1, text="LL-1001"), other)))] == ["certain", "likely"]

    def test_threads_that_ended_before_the_sale_are_not_read(self) -> None:
        old = message(1, at="2026-05-01T09:00:00+00:00")
        shown = told(old, created_at="2026-05-01T08:00:00+00:00", updated_at="2026-05-01T09:00:00+00:00")
        assert gathered(shown).items == ()
        assert shown.asked("/messages") == []

    def test_a_sale_without_an_address_asks_nobody(self) -> None:
        shown = told(message(1))
        assert gathered(shown, customer_email=None, orders=(), certain=False).items == ()
        assert shown.log == []


class TestFiles:
    def test_a_picture_is_fetched_without_the_token(self) -> None:
        shown = told(message(1, text="LL-1001 is broken", attachments=[attached()]))
        report = gathered(shown)
        assert isinstance(report.items[1].fact, Document)
        assert (report.items[1].confidence, report.items[1].adapter) == ("likely", "hubspot/1")
        assert [each.status for each in shown.asked("/files/")] == [200]

    def test_a_picture_without_a_name_goes_by_its_address(self) -> None:
        files = [attached()]
        shown = told(message(1, text="LL-1001", attachments=files))
        with running(shown) as address:
            files[0] |= {"url": f"{address}/files/1-0-lamp.png", "name": ""}
            report = KIND.open(settings(address), outside()).gather(wanted())
        assert report.items[1].name == "1-0-lamp.png"

    def test_what_is_no_file_is_nothing(self) -> None:
        report = gathered(told(message(1, attachments=[attached(type="LOCATION")])))
        assert (len(report.items), report.refused) == (1, ())

    @pytest.mark.parametrize(
        ("url", "words"), [("", "HubSpot names no address for it"), ("http://10.0.0.7/x.png", "that is not fetched")]
    )
    def test_a_file_that_cannot_be_fetched_is_told(self, url: str, words: str) -> None:
        report = gathered(told(message(1, attachments=[attached(url=url)])))
        assert len(report.items) == 1
        assert words in report.refused[0]


class TestTalking:
    def test_the_account_is_known_by_its_number(self) -> None:
        with running(world(accounts={"hubspot": {"portal": 61407}})) as address:
            found = KIND.open(settings(address), outside()).account()
        assert (found.account_id, found.name) == ("61407", "app.hubspot.com, account 61407")
        assert (found.rights_missing, found.warnings) == ((), ())

    def test_rights_that_are_missing_are_named(self) -> None:
        with running(world(accounts={"hubspot": {"rights": []}})) as address:
            found = KIND.open(settings(address), outside(own=())).account()
        assert found.rights_missing == (
            "the right “conversations.read” is missing",
            "the right “crm.objects.contacts.read” is missing",
        )
        assert "own mail addresses" in found.warnings[0]

    def test_a_wrong_token_is_told(self) -> None:
        with running(world()) as address, pytest.raises(SourceError, match="refuses the key") as caught:
            KIND.open(settings(address, token="wrong"), outside()).account()
        assert caught.value.failure is SourceFailure.CREDENTIALS

    def test_another_page_than_hubspot_is_told(self) -> None:
        shown = ordered(Fault("details", 200, body="{}"))
        with running(world(), shown) as address, pytest.raises(SourceError) as caught:
            KIND.open(settings(address), outside()).account()
        assert caught.value.failure is SourceFailure.MALFORMED

    def test_all_pages_of_messages_are_read(self) -> None:
        shown = told(*many(231))
        assert len(messages(gathered(shown))) == 231
        assert len(shown.asked("/messages")) == 3

    def test_all_pages_of_threads_are_read_and_of_many_the_newest(self, monkeypatch: pytest.MonkeyPatch) -> None:
        tickets = [
            ticket(each, messages=[message(each, at=moment(each), text=f"LL-1001, {each}")], created_at=moment(each),
                   status="open" if each % 2 else "closed")
            for each in range(1, 7)
        ]  # fmt: skip
        shown = world(tickets=tickets, accounts={"hubspot": {"page": 2}})
        assert len(messages(gathered(shown))) == 6
        monkeypatch.setattr(hubspot, "MAX_THREADS", 2)
        report = gathered(shown)
        assert bodies(report) == ["LL-1001, 5", "LL-1001, 6"]
        assert report.refused == ("The customer has more than 2 threads; only the newest were read.",)

    def test_a_rolling_window_is_waited_for(self) -> None:
        shown = told(message(1), account={"per_window": 3, "window": 1100})
        assert len(messages(gathered(shown))) == 1
        assert [each.status for each in shown.log].count(429) == 1

    def test_the_limit_of_searches_which_names_no_time_is_waited_for(self) -> None:
        assert len(messages(gathered(told(message(1)), ordered(Fault("search", 429))))) == 1

    def test_a_limit_that_takes_too_long_is_told(self) -> None:
        head = {"x-hubspot-ratelimit-interval-milliseconds": "40000"}
        with pytest.raises(SourceError) as caught:
            gathered(told(message(1)), ordered(Fault("threads", 429, times=9, headers=head)))
        assert (caught.value.failure, caught.value.retry_after) == (SourceFailure.RATE_LIMITED, 40.0)

    def test_a_thread_that_is_gone_spoils_nothing(self) -> None:
        other = ticket(2, messages=[message(7, text="LL-1001 again")])
        report = gathered(world(tickets=[ticket(1), other]), ordered(Fault("threads/1/messages", 404)))
        assert bodies(report) == ["LL-1001 again"]
        assert report.refused[0].startswith("Thread 1 could not be read")

    def test_when_the_time_is_nearly_over_the_rest_is_told(self) -> None:
        with running(told(message(1))) as address:
            report = KIND.open(settings(address), outside(seconds=4.0)).gather(wanted())
        assert report.items == ()
        assert report.refused == ("The time was over before thread 1 and those after it were read.",)


@pytest.mark.skipif(not CONTRACTS.exists(), reason="the contracts are not on this machine")
class TestContract:
    def test_practice_threads_and_messages_have_the_fields_and_words_of_the_contract(self) -> None:
        written = (
            message(1, attachments=[attached()]),
            shop_wrote(),
            shop_wrote(3, public=False),
            shop_wrote(4, failed=1),
        )
        with running(told(*written)) as address:
            threads = httpx.get(f"{address}/{INBOX}/threads", headers=KEY).json()["results"]
            said_there = httpx.get(f"{address}/{INBOX}/threads/1/messages", headers=KEY).json()["results"]
        by_kind = {"MESSAGE": "PublicConversationsMessage", "COMMENT": "PublicComment"}
        wrong = [each for thread in threads for each in unlike(thread, "PublicThread")]
        wrong += [each for one in said_there for each in unlike(one, by_kind[one["type"]])]
        files = [file for one in said_there for file in one["attachments"]]
        wrong += [each for file in files for each in unlike(file, "PublicFile")]
        assert wrong == []
        assert len(files) == 1
        assert {one["type"] for one in said_there} == set(by_kind)

    def test_a_contacts_threads_are_refused_without_a_state(self) -> None:
        with running(told(message(1))) as address:
            answers = [
                httpx.get(f"{address}/{INBOX}/threads?associatedContactId=701{more}", headers=KEY).status_code
                for more in ("", "&threadStatus=OPEN&inboxId=3", "&threadStatus=OPEN")
            ]
            refused = httpx.get(f"{address}/{INBOX}/threads")
        assert answers == [400, 400, 200]
        assert (refused.status_code, refused.json()["category"]) == (401, "INVALID_AUTHENTICATION")


def unlike(answer: Thing, schema: str) -> list[str]:
    """Fields the schema has not, is not given, or has with other words."""
    schemas = contract("hubspot")["schemas"]
    known = schemas[schema]["properties"]
    wrong = [f"{schema}.{name} is unknown" for name in answer if name not in known]
    optional = {"threadAssociations"}
    wrong += [f"{schema}.{name} is missing" for name in known if name not in answer and name not in optional]
    for name, said_of in known.items():
        value, kinds = answer.get(name), {"string": str, "boolean": bool, "array": list}
        if value is None:
            continue
        if "enum" in said_of and value not in said_of["enum"]:
            wrong.append(f"{schema}.{name} is {value}")
        if said_of.get("type") in kinds and not isinstance(value, kinds[said_of["type"]]):
            wrong.append(f"{schema}.{name} is {type(value).__name__}")
        if "$ref" in said_of and said_of["$ref"].rpartition("/")[2] in schemas and isinstance(value, dict):
            inner = schemas[said_of["$ref"].rpartition("/")[2]]["properties"]
            wrong += [f"{schema}.{name}.{each} is unknown" for each in value if each not in inner]
    return wrong
