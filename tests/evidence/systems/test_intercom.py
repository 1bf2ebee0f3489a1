"""Intercom over HTTP: its version, its searches, conversations and their parts, and what never becomes evidence."""

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
from evidence.systems import intercom
from evidence.systems.intercom import KIND
from tests.evidence.systems.builders import Thing, message, outside, parcel_asked, ticket, wanted, world
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
KEY = {"authorization": "Bearer practice", "intercom-version": "2.15"}


@contextlib.contextmanager
def running(shown: World, faults: Faults | None = None) -> Iterator[str]:
    with in_thread(shown, faults) as address:
        yield f"{address}/intercom"


def settings(address: str, **changes: str) -> dict[str, str]:
    return {"address": address, "token": "practice", "region": "us"} | changes


def gathered(shown: World, faults: Faults | None = None, **changes: Any) -> SourceReport:
    with running(shown, faults) as address:
        return KIND.open(settings(address), outside()).gather(wanted(**changes))


def told(*written: Thing, account: Thing | None = None, **changes: Any) -> World:
    """One conversation of the customer's."""
    return world(tickets=[ticket(messages=list(written), **changes)], accounts={"intercom": account or {}})


class TestMessages:
    def test_the_beginning_and_the_answers_are_read_with_all_that_is_known_of_them(self) -> None:
        report = gathered(told(message(1, text="Where is LL-1001?"), shop_wrote()))
        first, second = messages(report)
        assert said(report) == [("in", "certain", "Where is LL-1001?"), ("out", "certain", "It is on its way.")]
        assert (first.message_id, second.message_id) == ("<m1@mail.example.com>", "<m2@mail.example.com>")
        assert (first.sender, first.recipients) == ("Emily Carter <emily.carter@example.com>", ("help@lumen.example",))
        assert (second.sender, second.recipients) == ("Mia <help@lumen.example>", ("emily.carter@example.com",))
        assert (first.channel, first.subject, first.order_ref) == ("e-mail", "Order LL-1001", "LL-1001")
        assert (first.at, second.at) == (
            datetime(2026, 9, 5, 9, 0, tzinfo=UTC),
            datetime(2026, 9, 5, 9, 2, tzinfo=UTC),
        )
        item = report.items[1]
        assert (item.adapter, item.name) == ("intercom/1", "intercom message 2.json")
        assert item.request == "Intercom: GET /intercom/conversations/1"
        assert json.loads(item.data)["message"]["body"] == "<p>It is on its way.</p>"

    @pytest.mark.parametrize("kind", ["note", "note_and_reopen", "draft"])
    def test_notes_and_drafts_never_become_messages(self, kind: str) -> None:
        report = gathered(told(message(1), shop_wrote(2, "He is lying. LL-1001", kind=kind)))
        assert bodies(report) == ["It came, thank you."]
        assert "lying" not in kept(report)
        assert report.refused == ()

    def test_a_draft_is_nowhere(self) -> None:
        assert bodies(gathered(told(message(1), shop_wrote(2, draft=True)))) == ["It came, thank you."]

    @pytest.mark.parametrize("kind", ["open", "close", "quick_reply"])
    def test_an_answer_that_opens_or_closes_is_an_answer(self, kind: str) -> None:
        assert bodies(gathered(told(message(1), message(2, text="LL-1001 again", kind=kind))))[1] == "LL-1001 again"

    def test_words_of_which_nobody_says_that_the_customer_saw_them_are_told_and_left_out(self) -> None:
        report = gathered(told(message(1), shop_wrote(2, "Take over LL-1001", kind="assignment")))
        assert len(messages(report)) == 1
        assert report.refused == (
            "A part of conversation 1 was left out: Intercom does not say that the customer saw it (assignment).",
        )

    def test_parts_without_words_are_nothing(self) -> None:
        report = gathered(told(message(1), shop_wrote(2, "", kind="assignment"), shop_wrote(3, "", kind="close")))
        assert (len(messages(report)), report.refused) == (1, ())

    def test_words_that_were_taken_out_are_told(self) -> None:
        report = gathered(told(message(1), shop_wrote(2, redacted=True)))
        assert len(messages(report)) == 1
        assert report.refused == ("A message of conversation 1 was left out: its words were taken out at Intercom.",)

    def test_blind_copies_and_signed_addresses_are_not_kept(self) -> None:
        answer = shop_wrote(2, bcc=["boss@lumen.example"], cc=["lawyer@example.net"], attachments=[attached()])
        report = gathered(told(message(1, bcc=["boss@lumen.example"]), answer))
        assert "boss@" not in repr(report)
        assert "signature" not in kept(report)
        assert messages(report)[1].recipients == ("emily.carter@example.com", "lawyer@example.net")

    @pytest.mark.parametrize(
        ("source", "kept_as"),
        [("conversation", "chat"), ("email", "e-mail"), ("facebook", "facebook"), ("instagram", "instagram"),
         ("phone_call", "phone"), ("phone_switch", "phone"), ("sms", "sms"), ("twitter", "twitter"),
         ("whatsapp", "whatsapp"), ("push", "push")],
    )  # fmt: skip
    def test_the_channel_is_kept(self, source: str, kept_as: str) -> None:
        written = message(1, text="LL-1001", channel="any"), message(2, text="LL-1001 too", channel="any")
        report = gathered(told(*written, source=source))
        assert [each.channel for each in messages(report)] == [kept_as, kept_as]

    def test_an_answer_by_mail_in_a_chat_is_a_mail(self) -> None:
        report = gathered(told(message(1, channel="chat"), shop_wrote(2), channel="chat"))
        assert [each.channel for each in messages(report)] == ["chat", "e-mail"]

    @pytest.mark.parametrize("delivered_as", ["automated", "campaigns_initiated", "operator_initiated"])
    def test_what_went_out_by_itself_is_automatic(self, delivered_as: str) -> None:
        report = gathered(told(shop_wrote(1, "LL-1001 is here"), message(2), delivered_as=delivered_as))
        assert [each.automatic for each in messages(report)] == [True, False]

    def test_what_a_bot_wrote_is_the_shops_and_automatic(self) -> None:
        bot = {"type": "bot", "id": "5", "name": "Operator", "email": None}
        found = messages(gathered(told(message(1), shop_wrote(2, author=bot))))[1]
        assert (found.sender, found.direction, found.automatic) == ("Operator <bot 5 at Intercom>", "out", True)

    def test_a_message_nobody_wrote_is_told_and_left_out(self) -> None:
        report = gathered(told(message(1), message(2, author={"type": None, "email": None, "id": None})))
        assert len(messages(report)) == 1
        assert report.refused == ("A message of conversation 1 does not say who wrote; it was left out.",)

    def test_a_message_without_a_time_is_told_and_spoils_nothing(self) -> None:
        part = {"id": 9, "part_type": "comment", "body": "LL-1001", "created_at": None, "author": {"type": "user"}}
        page = {"id": "1", "conversation_parts": {"conversation_parts": [part], "total_count": 1}}
        report = gathered(told(message(1)), ordered(Fault("conversations/1", 200, body=json.dumps(page))))
        assert report.items == ()
        assert report.refused[0].startswith("A message of conversation 1 ")

    def test_hidden_words_are_dropped_and_told(self) -> None:
        page = '<p>LL-1001 came.</p><p style="display:none">We refund everything</p>'
        report = gathered(told(message(1, html=page)))
        assert bodies(report) == ["LL-1001 came."]
        assert "hidden text in it was left out" in report.items[0].why

    def test_card_numbers_are_masked_in_words_and_in_what_is_kept(self) -> None:
        page = f"<p>{CARD}, or 42424242<b>42424242</b>; CVV: 123</p>"
        shown = repr(gathered(told(message(1, html=page), subject=f"Card {CARD}")))
        assert CARD not in shown
        assert "42424242<b>" not in shown
        assert "CVV: 123" not in shown


class TestMatching:
    def test_a_contact_that_does_not_show_the_address_is_not_believed(self) -> None:
        page = json.dumps({"type": "list", "data": [{"id": "701", "email": "other@example.org"}], "pages": {}})
        shown = told(message(1))
        gathered(shown, ordered(Fault("contacts", 200, body=page)), order_ref=None, orders=(), certain=False)
        assert shown.asked("/conversations") == []

    def test_a_conversation_of_somebody_else_that_names_the_order_is_likely(self) -> None:
        friend = {"id": 9, "name": "Ada", "email": "ada@example.org"}
        written = message(1, name="Ada", email="ada@example.org", text="Emily's order LL-1001 came.")
        report = gathered(
            told(written, shop_wrote(2, "Thank you.", to=["ada@example.org"]), customer=friend, subject="Hi")
        )
        assert said(report) == [("in", "likely", "Emily's order LL-1001 came.")]
        assert report.items[0].why == "names order LL-1001, but the address is not the customer's"

    def test_a_conversation_is_found_by_the_parcels_number(self) -> None:
        friend = {"id": 9, "name": "Ada", "email": "ada@example.org"}
        written = message(1, name="Ada", email="ada@example.org", text="Parcel 1Z999AA10123456784 is here.")
        report = gathered(told(written, customer=friend, subject="Hi"), parcels=(parcel_asked(),))
        assert [sure for _, sure, _ in said(report)] == ["likely"]

    def test_as_many_numbers_are_looked_for_as_one_question_takes(self) -> None:
        friend = {"id": 9, "name": "Ada", "email": "ada@example.org"}
        written = message(1, name="Ada", email="ada@example.org", text="Order LL-1001 came.")
        parcels = tuple(parcel_asked(f"1Z999AA1012345{n:04d}") for n in range(20))
        assert len(gathered(told(written, customer=friend, subject="Hi"), parcels=parcels).items) == 1

    def test_a_user_who_was_a_lead_before_is_found_as_both(self) -> None:
        lead = {"id": 702, "name": "Emily", "email": "Emily.Carter@example.com"}
        first = ticket(1, customer=lead, messages=[message(1, text="LL-1001, a lead")])
        shown = world(tickets=[first, ticket(2, messages=[message(2, text="LL-1001, a user")])])
        assert bodies(gathered(shown)) == ["LL-1001, a lead", "LL-1001, a user"]

    def test_a_whole_conversation_belongs_together(self) -> None:
        written = message(1, text="Hello?"), shop_wrote(2, "Which order?"), message(3, text="LL-1001")
        assert [sure for _, sure, _ in said(gathered(told(*written, subject="Hi")))] == ["certain"] * 3

    def test_without_an_address_of_their_own_both_sides_are_known_by_the_contact(self) -> None:
        written = message(1, text="LL-1001?", channel="chat", email=None), shop_wrote(2, channel="chat", to=[])
        report = gathered(told(*written, channel="chat"))
        assert messages(report)[0].sender == "Emily Carter <emily.carter@example.com>"
        assert messages(report)[1].recipients == ("Emily Carter <emily.carter@example.com>",)
        assert [sure for _, sure, _ in said(report)] == ["certain", "certain"]

    def test_a_third_person_in_the_conversation_is_not_the_customer(self) -> None:
        other = message(2, text="LL-1001 was lost", channel="chat", email=None, author={"id": "9", "name": "Tom"})
        report = gathered(told(message(1, text="LL-1001"), other))
        assert messages(report)[1].sender == "Tom <contact 9 at Intercom>"
        assert [sure for _, sure, _ in said(report)] == ["certain", "likely"]

    def test_conversations_that_ended_before_the_sale_are_not_read(self) -> None:
        shown = told(message(1), updated_at="2026-05-01T10:00:00+00:00")
        assert gathered(shown).items == ()
        assert shown.asked("/conversations/1") == []

    def test_a_sale_without_an_address_and_a_number_asks_nobody(self) -> None:
        shown = told(message(1))
        assert gathered(shown, customer_email=None, order_ref=None, orders=(), certain=False).items == ()
        assert shown.log == []


class TestFiles:
    def test_a_picture_is_fetched_without_the_token(self) -> None:
        shown = told(message(1, text="LL-1001 is broken", attachments=[attached()]))
        report = gathered(shown)
        assert isinstance(report.items[1].fact, Document)
        assert (report.items[1].confidence, report.items[1].adapter) == ("likely", "intercom/1")
        assert [each.status for each in shown.asked("/files/")] == [200]

    def test_a_picture_without_words_is_a_message(self) -> None:
        report = gathered(told(message(1), message(2, text="", attachments=[attached()])))
        assert len(messages(report)) == 2

    def test_a_file_inside_is_not_fetched(self) -> None:
        report = gathered(told(message(1, attachments=[attached(url="http://10.0.0.7/photo.png")])))
        assert len(report.items) == 1
        assert "Intercom points at a file that is not fetched" in report.refused[0]


class TestTalking:
    def test_the_account_is_the_workspace(self) -> None:
        with running(world()) as address:
            found = KIND.open(settings(address), outside()).account()
        assert (found.account_id, found.name) == ("lumen1", "Lumen Lamps")
        assert (found.rights_missing, found.warnings) == ((), ())

    def test_rights_that_are_missing_are_named(self) -> None:
        with running(world(accounts={"intercom": {"rights": []}})) as address:
            found = KIND.open(settings(address), outside(own=())).account()
        assert found.rights_missing == (
            "the right to read contacts is missing",
            "the right to read conversations is missing",
        )
        assert "own mail addresses" in found.warnings[0]

    def test_a_wrong_token_is_told(self) -> None:
        with running(world()) as address, pytest.raises(SourceError, match="refuses the key") as caught:
            KIND.open(settings(address, token="wrong"), outside()).account()
        assert caught.value.failure is SourceFailure.CREDENTIALS

    def test_another_page_than_intercom_is_told(self) -> None:
        shown = ordered(Fault("/me", 200, body="{}"))
        with running(world(), shown) as address, pytest.raises(SourceError) as caught:
            KIND.open(settings(address), outside()).account()
        assert caught.value.failure is SourceFailure.MALFORMED

    def test_the_region_is_chosen_from_a_list_of_which_the_first_is_preset(self) -> None:
        (region,) = [each for each in KIND.settings if each.name == "region"]
        assert [name for name, _ in region.choices] == ["us", "eu", "au"]

    def test_all_pages_of_a_search_are_read_and_of_many_conversations_the_newest(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        tickets = [
            ticket(each, messages=[message(each, at=moment(each), text=f"LL-1001, {each}", message_id=None)],
                   created_at=moment(each))
            for each in range(1, 6)
        ]  # fmt: skip
        shown = world(tickets=tickets, accounts={"intercom": {"page": 2}})
        assert len(messages(gathered(shown))) == 5
        assert len(shown.asked("/conversations/search")) == 6, "three pages of the customer's, three of the order's"
        monkeypatch.setattr(intercom, "MAX_CONVERSATIONS", 2)
        report = gathered(shown)
        assert bodies(report) == ["LL-1001, 4", "LL-1001, 5"]
        assert report.refused == ("More than 2 conversations fit the sale; only the newest were read.",)

    def test_a_conversation_of_more_parts_than_are_shown_says_so(self) -> None:
        report = gathered(told(*many(5), account={"parts": 3}))
        assert len(messages(report)) == 4
        assert report.refused == ("Conversation 1 has 4 parts, of which Intercom shows 3.",)

    def test_a_limit_is_waited_for_until_the_second_intercom_names(self) -> None:
        shown = told(message(1), account={"limit": 2, "window": 2})
        assert len(messages(gathered(shown))) == 1
        assert 429 in [each.status for each in shown.log]

    def test_a_limit_that_takes_too_long_is_told(self) -> None:
        limit = ordered(Fault("search", 429, times=9, headers={"retry-after": "900"}))
        with pytest.raises(SourceError) as caught:
            gathered(told(message(1)), limit)
        assert (caught.value.failure, caught.value.retry_after) == (SourceFailure.RATE_LIMITED, 900.0)

    def test_a_conversation_that_is_gone_spoils_nothing(self) -> None:
        other = ticket(2, messages=[message(7, text="LL-1001 again")])
        report = gathered(world(tickets=[ticket(1), other]), ordered(Fault("conversations/1", 404)))
        assert bodies(report) == ["LL-1001 again"]
        assert report.refused[0].startswith("Conversation 1 could not be read")

    def test_when_the_time_is_nearly_over_the_rest_is_told(self) -> None:
        with running(told(message(1))) as address:
            report = KIND.open(settings(address), outside(seconds=4.0)).gather(wanted())
        assert report.items == ()
        assert report.refused == ("The time was over before conversation 1 and those after it were read.",)


@pytest.mark.skipif(not CONTRACTS.exists(), reason="the contracts are not on this machine")
class TestContract:
    def test_the_practice_conversation_has_the_contracts_shape(self) -> None:
        with running(told(message(1, attachments=[attached()]), shop_wrote())) as address:
            answer = httpx.get(f"{address}/conversations/1", headers=KEY).json()
            plain = httpx.get(f"{address}/conversations/1?display_as=plaintext", headers=KEY).json()
        assert differences(answer, contract("intercom")["shape"]) == []
        assert (answer["source"]["body"], plain["source"]["body"]) == (
            "<p>It came, thank you.</p>",
            "It came, thank you.",
        )

    def test_the_version_and_the_searches_are_the_contracts(self) -> None:
        query = {"query": {"operator": "AND", "value": [{"field": "contact_ids", "operator": "=", "value": "701"}]}}
        one = {"pagination": {"per_page": 1}}
        with running(world(tickets=[ticket(1), ticket(2, messages=[message(2)])])) as address:
            page = httpx.post(f"{address}/conversations/search", json=query | one, headers=KEY).json()
            old = httpx.get(f"{address}/me", headers=KEY | {"intercom-version": "1.0"})
            refused = httpx.get(f"{address}/me")
        assert (len(page["conversations"]), page["pages"]["next"]["starting_after"]) == (1, "1")
        assert (old.status_code, old.json()["type"]) == (400, "error.list")
        assert refused.status_code == 401
