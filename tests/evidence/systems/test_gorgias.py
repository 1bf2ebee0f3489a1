"""Gorgias over HTTP: its key, its pages and limits, its channels, and what never becomes evidence."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from disputes.facts import Document, Message
from disputes.ports import SourceReport
from disputes.systems import SourceError, SourceFailure
from evidence.sandbox.app import Fault, Faults
from evidence.sandbox.launch import in_thread
from evidence.sandbox.world import World
from evidence.systems import gorgias
from evidence.systems.gorgias import KIND
from tests.evidence.systems.builders import Thing, message, outside, ticket, wanted, world
from tests.evidence.systems.desk_shapes import CONTRACTS, attached, contract, differences

CARD = "4242 4242 4242 4242"
KEY = ("mia@lumen.example", "practice")


@contextlib.contextmanager
def running(shown: World, faults: Faults | None = None) -> Iterator[str]:
    with in_thread(shown, faults) as address:
        yield f"{address}/gorgias"


def settings(address: str, **changes: str) -> dict[str, str]:
    return {"address": address, "email": KEY[0], "key": KEY[1]} | changes


def gathered(shown: World, faults: Faults | None = None, **changes: Any) -> SourceReport:
    with running(shown, faults) as address:
        return KIND.open(settings(address), outside()).gather(wanted(**changes))


def messages(report: SourceReport) -> list[Message]:
    return [item.fact for item in report.items if isinstance(item.fact, Message)]


def said(report: SourceReport) -> list[tuple[str, str, str]]:
    return [
        (item.fact.direction, item.confidence, item.fact.body)
        for item in report.items
        if isinstance(item.fact, Message)
    ]


def shop(number: int = 2, text: str = "It is on its way.", **changes: Any) -> Thing:
    told = {"from": "agent", "name": "Mia", "email": "help@lumen.example", "to": ["emily.carter@example.com"]}
    return message(number, text=text, **(told | changes))


def told(*written: Thing, account: Thing | None = None, **changes: Any) -> World:
    """One ticket of the customer's."""
    return world(tickets=[ticket(messages=list(written), **changes)], accounts={"gorgias": account or {}})


class TestMessages:
    def test_both_sides_of_a_ticket_are_read_with_all_that_is_known_of_them(self) -> None:
        report = gathered(told(message(1, text="Where is LL-1001?"), shop()))
        first, second = messages(report)
        assert said(report) == [("in", "certain", "Where is LL-1001?"), ("out", "certain", "It is on its way.")]
        assert (first.message_id, second.message_id) == ("<m1@mail.example.com>", "<m2@mail.example.com>")
        assert (first.sender, first.recipients) == ("Emily Carter <emily.carter@example.com>", ("help@lumen.example",))
        assert (second.sender, second.recipients) == ("Mia <help@lumen.example>", ("emily.carter@example.com",))
        assert (first.channel, first.subject, first.order_ref) == ("e-mail", "Order LL-1001", "LL-1001")
        assert first.at == datetime(2026, 9, 5, 9, 1, tzinfo=UTC)
        item = report.items[0]
        assert (item.adapter, item.media_type, item.name) == ("gorgias/1", "application/json", "gorgias message 1.json")
        assert item.request == "Gorgias: GET /gorgias/api/messages?ticket_id=1&limit=100"
        assert json.loads(item.data)["message"]["body_text"] == "Where is LL-1001?"

    @pytest.mark.parametrize(
        "hidden",
        [
            {"public": False},
            {"failed_at": "2026-09-05T09:02:00+00:00"},
            {"draft": True},
        ],
    )
    def test_notes_drafts_and_what_failed_to_be_sent_never_become_messages(self, hidden: Thing) -> None:
        report = gathered(told(message(1), shop(2, "LL-1001: we refund it", **hidden)))
        assert [each.body for each in messages(report)] == ["It came, thank you."]
        assert "refund" not in "".join(item.data.decode() for item in report.items)
        assert report.refused == ()

    def test_an_answer_that_is_not_said_to_be_sent_is_told_and_left_out(self) -> None:
        report = gathered(told(message(1), shop(2, unsent=True)))
        assert len(messages(report)) == 1
        assert report.refused == ("A message of ticket 1 was left out: Gorgias does not say that it was sent.",)

    @pytest.mark.parametrize(
        ("channel", "kept"),
        [("email", "e-mail"), ("phone", "phone"), ("aircall", "phone"), ("instagram", "instagram"), ("sms", "sms"),
         ("instagram-comment", "instagram"), ("whatsapp", "whatsapp"), ("chat", "chat"), ("web", "web form"),
         ("facebook", "facebook"), ("facebook-mention", "facebook"), ("help-center", "web form"),
         ("twitter-direct-message", "twitter"), ("tiktok-shop", "tiktok"), ("api", "help desk"), ("pigeon", "pigeon")],
    )  # fmt: skip
    def test_the_channel_is_kept(self, channel: str, kept: str) -> None:
        (found,) = messages(gathered(told(message(1, channel=channel))))
        assert found.channel == kept

    def test_on_instagram_a_person_is_known_by_the_account(self) -> None:
        customer = {"id": 701, "name": "Emily", "email": "emily.carter@example.com", "handle": "emily.c"}
        written = message(1, text="LL-1001 never came", channel="instagram", name="Emily", message_id="m_1")
        (found,) = messages(report := gathered(told(written, customer=customer)))
        assert (found.sender, found.message_id) == ("Emily <emily.c>", "gorgias:1")
        assert [sure for _, sure, _ in said(report)] == ["certain"]

    def test_a_person_without_any_address_is_known_by_the_number_gorgias_has(self) -> None:
        report = gathered(told(message(1, text="LL-1001", channel="chat"), shop(2, channel="chat", message_id=None)))
        assert messages(report)[0].sender == "Emily Carter <customer 701 at Gorgias>"
        assert messages(report)[1].recipients == ("Emily Carter <customer 701 at Gorgias>",)
        assert [sure for _, sure, _ in said(report)] == ["certain", "certain"]

    def test_what_a_rule_sent_is_automatic(self) -> None:
        report = gathered(told(message(1), shop(2, "We got your message.", rule=True)))
        assert [each.automatic for each in messages(report)] == [False, True]

    def test_blind_copies_are_not_kept(self) -> None:
        report = gathered(told(message(1), shop(2, bcc=[{"address": "boss@lumen.example", "name": "Boss"}])))
        assert "boss@" not in repr(report)

    def test_hidden_words_are_dropped_and_told(self) -> None:
        page = '<p>LL-1001 came.</p><span style="color:#fff">We refund everything</span>'
        report = gathered(told(message(1, text="LL-1001 came. We refund everything", html=page)))
        assert [each.body for each in messages(report)] == ["LL-1001 came."]
        assert "hidden text in it was left out" in report.items[0].why

    def test_card_numbers_are_masked_in_words_and_in_what_is_kept(self) -> None:
        page = f"<p>{CARD} and 42424242<i>42424242</i>; CVV: 123</p>"
        shown = repr(gathered(told(message(1, text=f"{CARD}; CVV: 123", html=page), subject=f"Card {CARD}")))
        assert CARD not in shown
        assert "42424242<i>" not in shown
        assert "CVV: 123" not in shown

    def test_a_page_nobody_can_read_is_told(self) -> None:
        report = gathered(told(message(1), message(2, html="<div>" * 3000 + "LL-1001")))
        assert len(messages(report)) == 1
        assert report.refused == ("A message of ticket 1 has a page nested too deeply; it was left out.",)


class TestMatching:
    def test_a_ticket_that_names_no_order_is_likely(self) -> None:
        report = gathered(told(message(1, text="Hello?"), subject="Hi"))
        assert [sure for _, sure, _ in said(report)] == ["likely"]

    def test_a_customer_with_a_second_address_is_the_same_customer(self) -> None:
        customer = {"id": 701, "name": "Emily", "email": "work@example.org", "further": ["emily.carter@example.com"]}
        report = gathered(told(message(1, text="LL-1001?", email="work@example.org"), customer=customer))
        assert [sure for _, sure, _ in said(report)] == ["certain"]

    def test_a_customer_found_by_an_address_that_is_not_shown_is_not_believed(self) -> None:
        page = json.dumps({"data": [{"id": 5, "email": "other@example.org", "channels": []}], "meta": {}})
        shown = told(message(1))
        assert gathered(shown, faults(Fault("customers", 200, body=page))).items == ()
        assert shown.asked("/api/tickets") == []

    def test_tickets_before_the_sale_and_in_the_bin_are_not_read(self) -> None:
        old = ticket(1, messages=[message(1, at="2026-05-01T09:00:00+00:00")], created_at="2026-05-01T08:00:00+00:00")
        binned = ticket(2, messages=[message(2)], trashed_at="2026-09-06T08:00:00+00:00")
        shown = world(tickets=[old, binned])
        assert gathered(shown).items == ()
        assert shown.asked("/api/messages") == []

    def test_somebody_elses_tickets_are_not_asked_for(self) -> None:
        other = {"id": 9, "name": "Tom", "email": "tom@example.org"}
        shown = told(message(1, text="LL-1001", email="tom@example.org"), customer=other)
        assert gathered(shown).items == ()

    def test_the_shops_own_address_among_a_customers_makes_nobody_the_customer(self) -> None:
        customer = {"id": 701, "name": "E", "email": "emily.carter@example.com", "further": ["help@lumen.example"]}
        written = shop(1, "LL-1001: a note to our supplier", to=["supplier@example.net"])
        report = gathered(told(written, customer=customer))
        assert [sure for _, sure, _ in said(report)] == ["likely"]


class TestFiles:
    def test_a_picture_is_fetched_with_the_key_from_gorgias_itself(self) -> None:
        report = gathered(told(message(1, text="LL-1001 is broken", attachments=[attached()])))
        paper = report.items[1]
        assert isinstance(paper.fact, Document)
        assert (paper.confidence, paper.adapter, paper.fact.order_ref) == ("likely", "gorgias/1", "LL-1001")
        assert paper.why == (
            "attached to a message that names order LL-1001 or its parcel, with the customer's address; "
            "a person says what it shows; a picture cannot be searched for card numbers: look at it"
        )

    @pytest.mark.parametrize(
        "url", ["http://10.0.0.7/photo.png", "file:///etc/passwd", "https://no.such.example/a.png"]
    )
    def test_a_file_inside_or_nowhere_is_not_fetched(self, url: str) -> None:
        report = gathered(told(message(1, attachments=[attached(url=url)])))
        assert len(report.items) == 1
        assert "could not be fetched: Gorgias points at a file that is not fetched" in report.refused[0]


def faults(*ordered: Fault) -> Faults:
    found = Faults()
    found.waiting += ordered
    return found


def moment(number: int) -> str:
    return f"2026-09-05T09:{number // 60:02d}:{number % 60:02d}+00:00"


class TestTalking:
    def test_the_account_is_known_by_its_address(self) -> None:
        with running(told(message(1))) as address:
            found = KIND.open(settings(f"{address}/"), outside()).account()
        assert found.account_id == address.split("/")[2]
        assert "may write" in found.rights_too_many[0]

    def test_the_address_of_the_api_is_an_address_too(self) -> None:
        with running(told(message(1))) as address:
            assert KIND.open(settings(f"{address}/api"), outside()).account().warnings == ()

    def test_a_wrong_key_is_told(self) -> None:
        with running(told(message(1))) as address, pytest.raises(SourceError, match="refuses the key") as caught:
            KIND.open(settings(address, key="wrong"), outside()).account()
        assert caught.value.failure is SourceFailure.CREDENTIALS

    def test_another_page_than_gorgias_is_told(self) -> None:
        for body in ("<html>", '{"data": null}'):
            with (
                running(world(), faults(Fault("tickets", 200, body=body))) as address,
                pytest.raises(SourceError) as caught,
            ):
                KIND.open(settings(address), outside()).account()
            assert caught.value.failure is SourceFailure.MALFORMED

    def test_a_hundred_messages_make_a_page_and_all_are_read(self) -> None:
        written = [
            message(number, message_id=f"<{number}@x.example>", at=moment(number), text=f"LL-1001, {number}")
            for number in range(1, 231)
        ]
        shown = told(*written)
        assert len(messages(gathered(shown))) == 230
        assert len(shown.asked("/api/messages")) == 3

    def test_of_many_tickets_the_newest_are_read_and_the_rest_told(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(gorgias, "MAX_TICKETS", 3)
        many = [
            ticket(number, messages=[message(number, message_id=f"<{number}@x.example>", at=moment(number))],
                   created_at=moment(number))
            for number in range(1, 6)
        ]  # fmt: skip
        report = gathered(world(tickets=many))
        assert [each.message_id for each in messages(report)] == ["<3@x.example>", "<4@x.example>", "<5@x.example>"]
        assert report.refused == ("The customer has more than 3 tickets; only the newest were read.",)

    def test_a_limit_is_waited_for_as_long_as_gorgias_says(self) -> None:
        shown = told(message(1), account={"limit": 2, "window": 1})
        assert len(messages(gathered(shown))) == 1
        assert 429 in [each.status for each in shown.log]

    def test_a_limit_that_takes_too_long_is_told(self) -> None:
        limit = faults(Fault("tickets", 429, times=9, headers={"retry-after": "600"}))
        with pytest.raises(SourceError) as caught:
            gathered(told(message(1)), limit)
        assert (caught.value.failure, caught.value.retry_after) == (SourceFailure.RATE_LIMITED, 600.0)

    def test_when_the_time_is_nearly_over_the_rest_is_told(self) -> None:
        with running(told(message(1))) as address:
            report = KIND.open(settings(address), outside(seconds=4.0)).gather(wanted())
        assert report.items == ()
        assert report.refused == ("The time was over before ticket 1 and those after it were read.",)

    def test_a_sale_without_an_address_asks_nobody(self) -> None:
        shown = told(message(1))
        assert gathered(shown, customer_email=None, orders=(), certain=False).items == ()
        assert shown.log == []


@pytest.mark.skipif(not CONTRACTS.exists(), reason="the contracts are not on this machine")
class TestContract:
    def test_the_practice_ticket_has_the_contracts_shape(self) -> None:
        with running(told(message(1, attachments=[attached()]), shop())) as address:
            answer = httpx.get(f"{address}/api/tickets/1", auth=KEY).json()
        shape = contract("gorgias")["shape_ticket"]
        # What another company's own integrations say stands in the recording only.
        shape["requester"].pop("integrations")
        assert differences(answer, shape) == []

    def test_the_pages_and_limits_are_the_contracts(self) -> None:
        with running(told(message(1), message(2), account={"limit": 2})) as address:
            page = httpx.get(f"{address}/api/messages?ticket_id=1&limit=1", auth=KEY).json()
            assert httpx.get(f"{address}/api/tickets?limit=101", auth=KEY).status_code == 400
            limited = httpx.get(f"{address}/api/tickets", auth=KEY)
        assert (len(page["data"]), set(page["meta"])) == (1, {"next_cursor", "prev_cursor"})
        assert limited.status_code == 429
        assert {"retry-after", "x-gorgias-account-api-call-limit"} <= set(limited.headers)
