"""Freshdesk over HTTP: its key, its window of time, its pages, its files that end, and what never becomes evidence."""

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
from evidence.systems import freshdesk
from evidence.systems.freshdesk import KIND
from tests.evidence.systems.builders import Thing, message, outside, ticket, wanted, world
from tests.evidence.systems.desk_shapes import (
    CONTRACTS,
    attached,
    bodies,
    contract,
    differences,
    kept,
    many,
    messages,
    moment,
    ordered,
    said,
    shop_wrote,
)

CARD = "4242 4242 4242 4242"
KEY = ("practice", "X")


@contextlib.contextmanager
def running(shown: World, faults: Faults | None = None) -> Iterator[str]:
    with in_thread(shown, faults) as address:
        yield f"{address}/freshdesk"


def settings(address: str, **changes: str) -> dict[str, str]:
    return {"address": address, "key": KEY[0]} | changes


def gathered(shown: World, faults: Faults | None = None, **changes: Any) -> SourceReport:
    with running(shown, faults) as address:
        return KIND.open(settings(address), outside()).gather(wanted(**changes))


def told(*written: Thing, account: Thing | None = None, **changes: Any) -> World:
    """One ticket of the customer's."""
    return world(tickets=[ticket(messages=list(written), **changes)], accounts={"freshdesk": account or {}})


class TestMessages:
    def test_the_tickets_own_words_and_the_answers_are_read_with_all_that_is_known_of_them(self) -> None:
        report = gathered(told(message(1, text="Where is LL-1001?"), shop_wrote()))
        first, second = messages(report)
        assert said(report) == [("in", "certain", "Where is LL-1001?"), ("out", "certain", "It is on its way.")]
        assert (first.message_id, second.message_id) == ("freshdesk:ticket-1", "freshdesk:2")
        assert (first.sender, first.recipients) == ("Emily Carter <emily.carter@example.com>", ("help@lumen.example",))
        assert (second.sender, second.recipients) == ("Mia <help@lumen.example>", ("emily.carter@example.com",))
        assert (first.channel, first.subject, first.order_ref) == ("e-mail", "Order LL-1001", "LL-1001")
        assert first.at == datetime(2026, 9, 5, 9, 1, tzinfo=UTC)
        item = report.items[1]
        assert (item.adapter, item.media_type) == ("freshdesk/1", "application/json")
        assert item.request == "Freshdesk: GET /freshdesk/api/v2/tickets/1/conversations?per_page=100"
        assert json.loads(item.data)["conversation"]["body_text"] == "It is on its way."

    def test_private_notes_and_drafts_never_become_messages(self) -> None:
        note = shop_wrote(2, "He is lying, refuse it. LL-1001", public=False)
        report = gathered(told(message(1), note, shop_wrote(3, "We refund it", draft=True)))
        assert bodies(report) == ["It came, thank you."]
        assert "lying" not in kept(report)
        assert report.refused == ()

    def test_a_conversation_that_does_not_say_it_is_public_is_left_out(self) -> None:
        page = json.dumps([{"id": 7, "body_text": "LL-1001", "incoming": True, "created_at": "2026-09-05T09:05:00Z"}])
        report = gathered(told(message(1)), ordered(Fault("conversations", 200, body=page)))
        assert bodies(report) == ["It came, thank you."]

    def test_an_answer_that_could_not_be_delivered_is_told_and_left_out(self) -> None:
        report = gathered(told(message(1), shop_wrote(2, failures=True)))
        assert len(messages(report)) == 1
        assert report.refused == ("An answer of ticket 1 was left out: Freshdesk could not deliver it.",)

    def test_blind_copies_and_signed_addresses_are_not_kept(self) -> None:
        answer = shop_wrote(2, bcc=["boss@lumen.example"], cc=["lawyer@example.net"], attachments=[attached()])
        report = gathered(told(message(1), answer))
        assert "boss@" not in repr(report)
        assert "X-Amz" not in kept(report)
        assert messages(report)[1].recipients == ("emily.carter@example.com", "lawyer@example.net")

    @pytest.mark.parametrize(
        ("source", "kept_as"),
        [(1, "e-mail"), (2, "web form"), (5, "twitter"), (6, "facebook"), (7, "chat"), (9, "web form"),
         (13, "whatsapp"), (99, "help desk")],
    )  # fmt: skip
    def test_the_channel_of_a_ticket_is_kept(self, source: int, kept_as: str) -> None:
        (found,) = messages(gathered(told(message(1), source=source)))
        assert (found.channel, found.direction) == (kept_as, "in")

    @pytest.mark.parametrize(
        ("ticket_source", "source", "kept_as"),
        [(1, 0, "e-mail"), (3, 0, "e-mail"), (7, 0, "chat"), (1, 2, "web form"), (5, 5, "twitter"), (1, 9, "phone"),
         (6, 7, "facebook")],
    )  # fmt: skip
    def test_an_answer_goes_back_the_way_it_came(self, ticket_source: int, source: int, kept_as: str) -> None:
        report = gathered(told(message(1), shop_wrote(2, source=source), source=ticket_source))
        assert messages(report)[-1].channel == kept_as

    def test_what_the_shop_wrote_down_of_a_call_is_for_a_person(self) -> None:
        report = gathered(told(message(1, text="Emily says LL-1001 came broken"), channel="phone"))
        (found,) = messages(report)
        assert (found.channel, found.direction, report.items[0].confidence) == ("phone", "out", "likely")
        assert "it is what the shop wrote down of a call" in report.items[0].why

    def test_a_ticket_the_shop_began_is_a_mail_of_the_shop(self) -> None:
        (found,) = messages(gathered(told(message(1, text="Your order LL-1001 was sent"), source=10)))
        assert (found.direction, found.sender) == ("out", "help@lumen.example")
        assert found.recipients == ("Emily Carter <emily.carter@example.com>",)

    def test_what_freshdesk_sent_by_itself_is_automatic(self) -> None:
        report = gathered(told(message(1), shop_wrote(2, "We got your message.", rule=True)))
        assert [each.automatic for each in messages(report)] == [False, True]

    def test_hidden_words_are_dropped_and_told(self) -> None:
        page = '<p>LL-1001 came.</p><p style="display:none">We refund everything</p>'
        report = gathered(told(message(1, text="LL-1001 came. We refund everything", html=page)))
        assert bodies(report) == ["LL-1001 came."]
        assert "hidden text in it was left out" in report.items[0].why

    def test_card_numbers_are_masked_in_words_and_in_what_is_kept(self) -> None:
        page = f"<p>{CARD}, or 42424242<b>42424242</b>; CVV: 123</p>"
        shown = repr(gathered(told(message(1, text=f"{CARD}; CVV: 123", html=page), subject=f"Card {CARD}")))
        assert CARD not in shown
        assert "42424242<b>" not in shown
        assert "CVV: 123" not in shown

    def test_a_message_without_a_time_is_told_and_spoils_nothing(self) -> None:
        page = json.dumps([{"id": 7, "body_text": "LL-1001", "incoming": True, "private": False, "user_id": 701}])
        report = gathered(told(message(1)), ordered(Fault("conversations", 200, body=page)))
        assert bodies(report) == ["It came, thank you."]
        assert report.refused[0].startswith("A message of ticket 1 ")


class TestMatching:
    def test_tickets_older_than_the_default_window_are_found_because_a_day_is_given(self) -> None:
        shown = told(message(1))
        assert len(messages(gathered(shown))) == 1
        (asked,) = shown.asked("/api/v2/tickets")[:1]
        assert (asked.query["email"], asked.query["updated_since"]) == (
            "emily.carter@example.com",
            "2026-08-30T10:15:00Z",
        )

    def test_a_sale_of_an_unknown_day_asks_for_everything(self) -> None:
        shown = told(message(1))
        gathered(shown, paid_at=None, orders=(), certain=False)
        assert shown.asked("/api/v2/tickets")[0].query["updated_since"] == "2000-01-01T00:00:00Z"

    def test_a_whole_ticket_is_one_conversation(self) -> None:
        written = message(1, text="Hello?"), shop_wrote(2, "Which order?"), message(3, text="LL-1001")
        assert [sure for _, sure, _ in said(gathered(told(*written, subject="Hi")))] == ["certain"] * 3

    def test_a_customer_with_a_second_address_is_the_same_customer(self) -> None:
        customer = {"id": 701, "name": "Emily", "email": "work@example.org", "further": ["emily.carter@example.com"]}
        shown = told(message(1, text="LL-1001?", email="work@example.org"), customer=customer)
        assert [sure for _, sure, _ in said(gathered(shown))] == ["certain"]
        assert len(shown.asked("/contacts")) == 1

    @pytest.mark.parametrize(
        "fault", [Fault("contacts", 200, body="[]"), Fault("contacts", 403), Fault("contacts", 404)]
    )
    def test_somebody_else_whom_freshdesk_does_not_know_by_the_address_is_not_the_customer(self, fault: Fault) -> None:
        customer = {"id": 701, "name": "Emily", "email": "work@example.org", "further": ["emily.carter@example.com"]}
        shown = told(message(1, text="LL-1001?", email="work@example.org"), customer=customer)
        report = gathered(shown, ordered(fault))
        assert [sure for _, sure, _ in said(report)] == ["likely"]

    def test_a_third_person_on_the_ticket_is_not_the_customer(self) -> None:
        other = message(2, text="LL-1001 was lost", name="UPS", email="claims@ups.example")
        report = gathered(told(message(1, text="LL-1001?"), other))
        assert messages(report)[1].sender == "UPS <claims@ups.example>"
        assert [sure for _, sure, _ in said(report)] == ["certain", "likely"]

    def test_a_customer_without_an_address_is_known_by_freshdesks_number(self) -> None:
        customer = {"id": 701, "name": "Emily", "email": None, "further": ["emily.carter@example.com"]}
        report = gathered(told(message(1, text="LL-1001?", email=None), customer=customer, channel="whatsapp"))
        assert messages(report)[0].sender == "Emily <user 701 at Freshdesk>"
        assert [sure for _, sure, _ in said(report)] == ["certain"]

    def test_what_the_shop_forwarded_to_others_is_not_said_to_the_customer(self) -> None:
        forwarded = shop_wrote(2, "LL-1001: can you look?", source=8, to=[])
        report = gathered(told(message(1, text="LL-1001?"), forwarded))
        assert [sure for _, sure, _ in said(report)] == ["certain", "likely"]

    def test_tickets_that_ended_before_the_sale_are_not_asked_for(self) -> None:
        shown = told(message(1), updated_at="2026-05-01T10:00:00+00:00")
        assert gathered(shown).items == ()
        assert shown.asked("conversations") == []

    def test_a_sale_without_an_address_asks_nobody(self) -> None:
        shown = told(message(1))
        assert gathered(shown, customer_email=None, orders=(), certain=False).items == ()
        assert shown.log == []


class TestFiles:
    def test_a_picture_of_the_first_message_is_fetched_without_the_key(self) -> None:
        shown = told(message(1, text="LL-1001 is broken", attachments=[attached()]))
        report = gathered(shown)
        assert isinstance(report.items[1].fact, Document)
        assert (report.items[1].confidence, report.items[1].adapter) == ("likely", "freshdesk/1")
        assert [each.status for each in shown.asked("/files/")] == [200]

    @pytest.mark.parametrize("number", [1, 2])
    def test_a_file_whose_address_has_ended_is_asked_for_anew(self, number: int) -> None:
        pieces = [message(1, text="LL-1001"), message(2, text="Look at LL-1001")]
        pieces[number - 1]["attachments"] = [attached()]
        shown = told(*pieces, account={"ended": 1})
        report = gathered(shown)
        assert [each.status for each in shown.asked("/files/")] == [403, 200]
        assert (len(report.items), report.refused) == (3, ())

    def test_a_file_that_is_gone_spoils_nothing(self) -> None:
        report = gathered(told(message(1, attachments=[attached()]), account={"ended": 99}))
        assert len(messages(report)) == 1
        assert "could not be fetched" in report.refused[0]

    def test_a_file_inside_is_not_fetched(self) -> None:
        report = gathered(told(message(1, attachments=[attached(url="http://10.0.0.7/photo.png")])))
        assert len(report.items) == 1
        assert "Freshdesk points at a file that is not fetched" in report.refused[0]

    def test_what_is_no_picture_is_named(self) -> None:
        table = attached("prices.xlsx", "application/vnd.ms-excel")
        report = gathered(told(message(1, attachments=[table])))
        assert report.items[0].why.endswith("attachments are not kept with it: prices.xlsx")


class TestTalking:
    def test_the_account_is_known_by_its_address(self) -> None:
        with running(told(message(1))) as address:
            found = KIND.open(settings(f"{address}/api/v2/"), outside()).account()
        assert (found.account_id, found.warnings) == (address.split("/")[2], ())
        assert "may write" in found.rights_too_many[0]

    def test_an_agent_who_sees_some_tickets_only_is_warned_about(self) -> None:
        with running(told(message(1), account={"agent": {"ticket_scope": 3}})) as address:
            warnings = KIND.open(settings(address), outside(own=())).account().warnings
        assert "only some tickets" in warnings[0]
        assert "own mail addresses" in warnings[1]

    def test_a_wrong_key_is_told(self) -> None:
        with running(world()) as address, pytest.raises(SourceError, match="refuses the key") as caught:
            KIND.open(settings(address, key="wrong"), outside()).account()
        assert caught.value.failure is SourceFailure.CREDENTIALS

    def test_another_page_than_freshdesk_is_told(self) -> None:
        shown = ordered(Fault("tickets", 200, body='{"tickets": []}'))
        with running(world(), shown) as address, pytest.raises(SourceError) as caught:
            KIND.open(settings(address), outside()).account()
        assert caught.value.failure is SourceFailure.MALFORMED

    def test_a_hundred_conversations_make_a_page_and_all_are_read(self) -> None:
        shown = told(*many(231))
        assert len(messages(gathered(shown))) == 231
        assert len(shown.asked("/conversations")) == 3

    def test_of_many_tickets_the_newest_are_read_and_the_rest_told(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(freshdesk, "MAX_TICKETS", 2)
        tickets = [
            ticket(each, messages=[message(each, at=moment(each), text=f"LL-1001, {each}")], created_at=moment(each))
            for each in range(1, 5)
        ]
        report = gathered(world(tickets=tickets))
        assert bodies(report) == ["LL-1001, 3", "LL-1001, 4"]
        assert report.refused == ("The customer has more than 2 tickets; only the newest were read.",)

    def test_a_limit_is_waited_for_as_long_as_freshdesk_says(self) -> None:
        shown = told(message(1), account={"per_minute": 2, "minute": 1})
        assert len(messages(gathered(shown))) == 1
        assert 429 in [each.status for each in shown.log]

    def test_a_limit_that_takes_too_long_is_told(self) -> None:
        limit = ordered(Fault("tickets", 429, times=9, headers={"retry-after": "900"}))
        with pytest.raises(SourceError) as caught:
            gathered(told(message(1)), limit)
        assert (caught.value.failure, caught.value.retry_after) == (SourceFailure.RATE_LIMITED, 900.0)

    def test_a_ticket_that_is_gone_is_told_and_what_the_list_said_of_it_is_kept(self) -> None:
        other = ticket(2, messages=[message(7, text="LL-1001 again", at=moment(300))])
        report = gathered(world(tickets=[ticket(1), other], accounts={"freshdesk": {"gone": [1]}}))
        assert bodies(report) == ["It came, thank you.", "LL-1001 again"]
        assert report.refused[0].startswith("Ticket 1 could not be read")

    def test_when_the_time_is_nearly_over_the_rest_is_told(self) -> None:
        with running(told(message(1))) as address:
            report = KIND.open(settings(address), outside(seconds=4.0)).gather(wanted())
        assert report.items == ()
        assert report.refused == ("The time was over before ticket 1 and those after it were read.",)


@pytest.mark.skipif(not CONTRACTS.exists(), reason="the contracts are not on this machine")
class TestContract:
    def test_the_practice_conversations_have_the_contracts_shape(self) -> None:
        with running(told(message(1), shop_wrote(), shop_wrote(3, public=False))) as address:
            answer = httpx.get(f"{address}/api/v2/tickets/1/conversations", auth=KEY)
        assert differences(answer.json(), contract("freshdesk")["shape_conversations"]) == []
        assert [each["private"] for each in answer.json()] == [False, True]

    def test_the_pages_limits_and_the_window_are_the_contracts(self) -> None:
        with running(told(*many(4), account={"per_minute": 4, "today": "2026-11-22T09:00:00+00:00"})) as address:
            page = httpx.get(f"{address}/api/v2/tickets/1/conversations?per_page=1", auth=KEY)
            too_many = httpx.get(f"{address}/api/v2/tickets?per_page=101", auth=KEY)
            recent = httpx.get(f"{address}/api/v2/tickets?email=emily.carter@example.com", auth=KEY)
            refused = httpx.get(f"{address}/api/v2/tickets", auth=("wrong", "X"))
            httpx.get(f"{address}/api/v2/agents/me", auth=KEY)
            limited = httpx.get(f"{address}/api/v2/tickets", auth=KEY)
        assert 'rel="next"' in page.headers["link"]
        assert (too_many.status_code, recent.json()) == (400, [])
        assert (refused.status_code, refused.json()["code"]) == (401, "invalid_credentials")
        assert limited.status_code == 429
        assert "retry-after" in limited.headers
