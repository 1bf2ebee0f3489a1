"""Help Scout over HTTP: its tokens, its pages without a list, its original mails, and what never becomes evidence."""

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
from evidence.systems import helpscout
from evidence.systems.helpscout import KIND
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


@contextlib.contextmanager
def running(shown: World, faults: Faults | None = None) -> Iterator[str]:
    with in_thread(shown, faults) as address:
        yield f"{address}/helpscout/v2"


def settings(address: str, **changes: str) -> dict[str, str]:
    return {"address": address, "app_id": "counterproof", "app_secret": "practice"} | changes


def gathered(shown: World, faults: Faults | None = None, **changes: Any) -> SourceReport:
    with running(shown, faults) as address:
        return KIND.open(settings(address), outside()).gather(wanted(**changes))


def told(*written: Thing, account: Thing | None = None, **changes: Any) -> World:
    """One conversation of the customer's."""
    return world(tickets=[ticket(messages=list(written), **changes)], accounts={"helpscout": account or {}})


class TestMessages:
    def test_both_sides_are_read_with_all_that_is_known_of_them(self) -> None:
        report = gathered(told(message(1, text="Where is LL-1001?"), shop_wrote()))
        first, second = messages(report)
        assert said(report) == [("in", "certain", "Where is LL-1001?"), ("out", "certain", "It is on its way.")]
        assert (first.sender, first.recipients) == ("Emily Carter <emily.carter@example.com>", ("help@lumen.example",))
        assert (second.sender, second.recipients) == ("Mia <help@lumen.example>", ("emily.carter@example.com",))
        assert (first.channel, second.channel) == ("e-mail", "e-mail")
        assert (first.subject, first.order_ref) == ("Order LL-1001", "LL-1001")
        assert first.at == datetime(2026, 9, 5, 9, 1, tzinfo=UTC)
        item = report.items[0]
        assert (item.adapter, item.name) == ("helpscout/1", "helpscout message 1.json")
        assert item.request.startswith("Help Scout: GET /helpscout/v2/conversations?query=")
        assert json.loads(item.data)["thread"]["body"] == "Where is LL-1001?"

    def test_a_mail_has_the_message_id_it_came_with_and_an_answer_help_scouts_number(self) -> None:
        shown = told(message(1), shop_wrote())
        report = gathered(shown)
        assert [each.message_id for each in messages(report)] == ["<m1@mail.example.com>", "helpscout:2"]
        assert [each.path for each in shown.asked("original-source")] == [
            "/helpscout/v2/conversations/1/threads/1/original-source"
        ]
        assert "Message-ID" not in kept(report)

    def test_a_mail_that_was_written_by_a_machine_is_known_by_its_head(self) -> None:
        away = message(1, text="I am away.", headers={"Auto-Submitted": "auto-replied"})
        assert [each.automatic for each in messages(gathered(told(away)))] == [True]

    @pytest.mark.parametrize(
        "fault",
        [Fault("original-source", 404), Fault("original-source", 403), Fault("original-source", 200, body="{}")],
    )
    def test_without_its_original_a_mail_is_known_by_help_scouts_number(self, fault: Fault) -> None:
        report = gathered(told(message(1)), ordered(fault))
        assert [each.message_id for each in messages(report)] == ["helpscout:1"]

    def test_a_mail_without_an_original_does_not_keep_others_from_theirs(self) -> None:
        report = gathered(told(*many(2)), ordered(Fault("original-source", 404)))
        assert sorted(each.message_id for each in messages(report)) == ["<1@x.example>", "helpscout:2"]

    def test_only_so_many_originals_are_asked_for(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(helpscout, "MAX_ORIGINALS", 2)
        shown = told(*many(4))
        assert len(messages(gathered(shown))) == 4
        assert len(shown.asked("original-source")) == 2

    def test_a_mail_with_heavy_files_is_not_fetched_a_second_time(self) -> None:
        shown = told(message(1, attachments=[attached(size=3_000_000)]))
        assert [each.message_id for each in messages(gathered(shown))] == ["helpscout:1"]
        assert shown.asked("original-source") == []

    @pytest.mark.parametrize("thread", ["note", "lineitem", "forwardparent", "forwardchild"])
    def test_notes_and_what_went_to_others_never_become_messages(self, thread: str) -> None:
        report = gathered(told(message(1), shop_wrote(2, "He is lying. LL-1001", thread=thread)))
        assert bodies(report) == ["It came, thank you."]
        assert "lying" not in kept(report)
        assert report.refused == ()

    def test_a_draft_is_told_and_left_out_and_a_hidden_thread_is_nothing(self) -> None:
        report = gathered(told(message(1), shop_wrote(2, draft=True), shop_wrote(3, state="hidden")))
        assert bodies(report) == ["It came, thank you."]
        assert report.refused == ("A message of conversation 1 was left out: it was never sent (draft).",)

    def test_a_kind_nobody_knows_is_told_and_left_out(self) -> None:
        report = gathered(told(message(1), shop_wrote(2, thread="seance")))
        assert len(messages(report)) == 1
        assert "nobody knows what a 'seance' is" in report.refused[0]

    @pytest.mark.parametrize("state", ["draft", "deleted"])
    def test_conversations_that_were_deleted_or_only_begun_are_not_read(self, state: str) -> None:
        assert gathered(told(message(1), state=state)).items == ()

    def test_blind_copies_are_not_kept(self) -> None:
        report = gathered(told(message(1), shop_wrote(2, bcc=["boss@lumen.example"], cc=["lawyer@example.net"])))
        assert "boss@" not in repr(report)
        assert '"bcc"' not in kept(report)
        assert messages(report)[1].recipients == ("emily.carter@example.com", "lawyer@example.net")

    @pytest.mark.parametrize(
        ("changes", "kept_as"),
        [({}, "e-mail"), ({"via": "emailfwd"}, "e-mail"), ({"via": "notification"}, "e-mail"),
         ({"via": "web"}, "web form"), ({"via": "beacon"}, "web form"), ({"via": "api"}, "help desk"),
         ({"thread": "chat"}, "chat"), ({"thread": "beaconchat"}, "chat"), ({"via": "facebook"}, "facebook")],
    )  # fmt: skip
    def test_the_channel_is_kept(self, changes: Thing, kept_as: str) -> None:
        (found,) = messages(gathered(told(message(1, **changes))))
        assert found.channel == kept_as

    def test_what_the_shop_wrote_down_of_a_call_is_for_a_person(self) -> None:
        report = gathered(told(shop_wrote(1, "Emily says LL-1001 came broken", thread="phone"), kind="phone"))
        (found,) = messages(report)
        assert (found.channel, found.direction, report.items[0].confidence) == ("phone", "out", "likely")
        assert "it is what the shop wrote down of a call" in report.items[0].why

    def test_what_a_workflow_sent_is_automatic(self) -> None:
        report = gathered(told(message(1), shop_wrote(2, "We got your message.", rule=True)))
        assert [each.automatic for each in messages(report)] == [False, True]

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
    def test_the_search_is_asked_as_the_contract_writes_it(self) -> None:
        shown = told(message(1))
        gathered(shown)
        asked, named = [each.query for each in shown.asked("/conversations") if each.query]
        assert named["query"] == '(subject:"LL-1001" OR body:"LL-1001")'
        assert (asked["query"], asked["status"], asked["embed"], asked["modifiedSince"]) == (
            '(email:"emily.carter@example.com")', "all", "threads", "2026-08-30T10:15:00Z",
        )  # fmt: skip

    def test_words_that_would_be_a_search_of_their_own_are_not_sent(self) -> None:
        shown = told(message(1))
        gathered(shown, customer_email='x") OR (email:"y', order_ref='1" OR "2', orders=(), certain=False)
        assert shown.log == []

    def test_a_conversation_of_somebody_else_that_names_the_order_is_likely(self) -> None:
        friend = {"id": 9, "name": "Ada", "email": "ada@example.org"}
        written = message(1, name="Ada", email="ada@example.org", text="Emily's order LL-1001 came.")
        report = gathered(told(written, customer=friend, subject="Hi"))
        assert said(report) == [("in", "likely", "Emily's order LL-1001 came.")]
        assert report.items[0].why == "names order LL-1001, but the address is not the customer's"

    def test_a_conversation_is_found_by_the_parcels_number(self) -> None:
        friend = {"id": 9, "name": "Ada", "email": "ada@example.org"}
        written = message(1, name="Ada", email="ada@example.org", text="Parcel 1Z999AA10123456784 is here.")
        report = gathered(told(written, customer=friend, subject="Hi"), parcels=(parcel_asked(),))
        assert [sure for _, sure, _ in said(report)] == ["likely"]

    def test_one_that_only_a_note_names_brings_nothing(self) -> None:
        friend = {"id": 9, "name": "Ada", "email": "ada@example.org"}
        note = shop_wrote(2, "Is this about LL-1001?", public=False)
        written = message(1, name="Ada", email="ada@example.org", text="Where are you?")
        assert gathered(told(written, note, customer=friend, subject="Hi")).items == ()

    def test_a_customer_of_whom_there_is_nothing_has_no_list_and_no_evidence(self) -> None:
        assert gathered(world()).items == ()

    def test_a_whole_conversation_belongs_together(self) -> None:
        written = message(1, text="Hello?"), shop_wrote(2, "Which order?"), message(3, text="LL-1001")
        assert [sure for _, sure, _ in said(gathered(told(*written, subject="Hi")))] == ["certain"] * 3

    def test_a_customer_with_a_second_address_is_the_same_customer(self) -> None:
        customer = {"id": 701, "name": "Emily", "email": "work@example.org", "further": ["emily.carter@example.com"]}
        report = gathered(told(message(1, text="LL-1001?", email="work@example.org"), customer=customer))
        assert [sure for _, sure, _ in said(report)] == ["certain"]

    def test_a_wider_search_does_not_make_somebody_else_the_customer(self) -> None:
        customer = {"id": 701, "name": "Emily", "email": "work@example.org", "further": ["emily.carter@example.com"]}
        shown = told(message(1, text="LL-1001?", email="work@example.org"), customer=customer)
        for fault in (Fault("customers", 404), Fault("customers", 403), Fault("customers", 200, body='{"id": 701}')):
            assert [sure for _, sure, _ in said(gathered(shown, ordered(fault)))] == ["likely"]

    def test_a_customer_without_an_address_is_known_by_help_scouts_number(self) -> None:
        customer = {"id": 701, "name": "Emily", "email": None, "further": ["emily.carter@example.com"]}
        written = message(1, text="LL-1001?", email=None, thread="chat"), shop_wrote(2, to=[], thread="chat")
        report = gathered(told(*written, customer=customer, kind="chat"))
        assert [each.sender for each in messages(report)] == [
            "Emily Carter <customer 701 at Help Scout>",
            "Mia <help@lumen.example>",
        ]
        assert messages(report)[1].recipients == ("Emily <customer 701 at Help Scout>",)
        assert [sure for _, sure, _ in said(report)] == ["certain", "certain"]

    def test_conversations_that_ended_before_the_sale_are_not_found(self) -> None:
        assert gathered(told(message(1), updated_at="2026-05-01T10:00:00+00:00")).items == ()

    def test_a_sale_without_an_address_and_a_number_asks_nobody(self) -> None:
        shown = told(message(1))
        assert gathered(shown, customer_email=None, order_ref=None, orders=(), certain=False).items == ()
        assert shown.log == []


class TestFiles:
    def test_a_picture_is_unpacked_from_what_help_scout_sends(self) -> None:
        report = gathered(told(message(1, text="LL-1001 is broken", attachments=[attached()])))
        assert isinstance(report.items[1].fact, Document)
        assert (report.items[1].confidence, report.items[1].adapter) == ("likely", "helpscout/1")

    @pytest.mark.parametrize(
        ("fault", "words"),
        [
            (Fault("/data$", 404), "could not be fetched: Help Scout knows nothing"),
            (Fault("/data$", 200, body='{"data": "***"}'), "in a form nobody can read"),
            (Fault("/data$", 200, body='{"data": "TVogbm90aGluZw=="}'), "is no PDF, JPEG, PNG or HEIC file"),
        ],
    )
    def test_a_file_that_cannot_be_taken_is_told(self, fault: Fault, words: str) -> None:
        report = gathered(told(message(1, attachments=[attached()])), ordered(fault))
        assert len(report.items) == 1
        assert words in report.refused[0]


class TestTalking:
    def test_a_token_is_fetched_once_and_again_when_it_ends(self) -> None:
        shown = told(message(1), account={"app_id": "once", "app_secret": "s"})
        with running(shown) as address:
            typed = settings(address, app_id="once", app_secret="s")
            for _ in range(2):
                assert len(KIND.open(typed, outside()).gather(wanted()).items) == 1
            assert len(shown.asked("/oauth2/token")) == 1
            shown.memory("helpscout")["tokens"].clear()
            assert len(KIND.open(typed, outside()).gather(wanted()).items) == 1
            assert len(shown.asked("/oauth2/token")) == 2

    def test_a_wrong_secret_is_told(self) -> None:
        with (
            running(world()) as address,
            pytest.raises(SourceError, match="refuses the client id and secret") as caught,
        ):
            KIND.open(settings(address, app_secret="wrong"), outside()).account()
        assert caught.value.failure is SourceFailure.CREDENTIALS

    def test_the_account_is_the_company_and_its_app_may_do_everything(self) -> None:
        with running(world()) as address:
            found = KIND.open(settings(address), outside()).account()
        assert (found.account_id, found.name, found.warnings) == ("77", "mia@lumen.example", ())
        assert "Nothing here writes" in found.rights_too_many[0]

    def test_an_app_of_somebody_who_sees_some_inboxes_is_warned_about(self) -> None:
        with running(world(accounts={"helpscout": {"me": {"role": "user"}}})) as address:
            warnings = KIND.open(settings(address), outside(own=())).account().warnings
        assert "only some inboxes" in warnings[0]
        assert "own mail addresses" in warnings[1]

    def test_another_page_than_help_scout_is_told(self) -> None:
        shown = ordered(Fault("users/me", 200, body="{}"))
        with running(world(), shown) as address, pytest.raises(SourceError) as caught:
            KIND.open(settings(address), outside()).account()
        assert caught.value.failure is SourceFailure.MALFORMED

    def test_a_chat_comes_shortened_and_is_asked_for_as_a_whole(self) -> None:
        written = [message(each, text=f"LL-1001, {each}", thread="chat") for each in range(1, 31)]
        shown = told(*written, kind="chat")
        assert len(messages(gathered(shown))) == 30
        assert len(shown.asked("/threads")) == 2

    def test_a_chat_that_cannot_be_had_as_a_whole_is_told(self) -> None:
        written = [message(each, text=f"LL-1001, {each}", thread="chat") for each in (1, 2)]
        report = gathered(told(*written, kind="chat"), ordered(Fault("/threads", 404)))
        assert bodies(report) == ["LL-1001, 2"]
        assert "could not be read as a whole" in report.refused[0]

    def test_all_pages_of_conversations_are_read(self) -> None:
        tickets = [
            ticket(each, messages=[message(each, at=moment(each), text=f"LL-1001, {each}", message_id=None)],
                   created_at=moment(each))
            for each in range(1, 6)
        ]  # fmt: skip
        shown = world(tickets=tickets, accounts={"helpscout": {"page": 2}})
        assert len(messages(gathered(shown))) == 5
        assert len([each for each in shown.asked("/conversations") if "email:" in each.query.get("query", "")]) == 3

    def test_of_many_conversations_the_newest_are_read_and_the_rest_told(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(helpscout, "MAX_CONVERSATIONS", 2)
        tickets = [
            ticket(each, messages=[message(each, at=moment(each), text=f"LL-1001, {each}", message_id=None)],
                   created_at=moment(each))
            for each in range(1, 5)
        ]  # fmt: skip
        report = gathered(world(tickets=tickets))
        assert bodies(report) == ["LL-1001, 3", "LL-1001, 4"]
        assert report.refused == ("More than 2 conversations fit the sale; only the newest were read.",)

    def test_a_limit_is_waited_for_as_long_as_help_scout_says(self) -> None:
        shown = told(message(1), account={"per_minute": 1, "minute": 1})
        assert [each.message_id for each in messages(gathered(shown))] == ["<m1@mail.example.com>"]
        assert 429 in [each.status for each in shown.log]

    def test_a_limit_that_takes_too_long_is_told(self) -> None:
        limit = ordered(Fault("conversations", 429, times=9, headers={"x-ratelimit-retry-after": "50"}))
        with pytest.raises(SourceError) as caught:
            gathered(told(message(1)), limit)
        assert (caught.value.failure, caught.value.retry_after) == (SourceFailure.RATE_LIMITED, 50.0)

    def test_when_the_time_is_nearly_over_the_rest_is_told(self) -> None:
        with running(told(message(1))) as address:
            report = KIND.open(settings(address), outside(seconds=4.0)).gather(wanted())
        assert report.items == ()
        assert report.refused == ("The time was over before conversation 1 and those after it were read.",)


@pytest.mark.skipif(not CONTRACTS.exists(), reason="the contracts are not on this machine")
class TestContract:
    def test_the_practice_conversations_and_threads_have_the_contracts_shapes(self) -> None:
        with running(told(message(1, attachments=[attached()]), shop_wrote())) as address:
            form = {"grant_type": "client_credentials", "client_id": "counterproof", "client_secret": "practice"}
            given = httpx.post(f"{address}/oauth2/token", data=form).json()
            key = {"authorization": f"Bearer {given['access_token']}"}
            listed = httpx.get(f"{address}/conversations?status=all&embed=threads", headers=key).json()
            threads = httpx.get(f"{address}/conversations/1/threads", headers=key).json()
            nothing = httpx.get(f"{address}/conversations?status=spam", headers=key).json()
            refused = httpx.get(f"{address}/conversations")
        shape = contract("helpscout")["shape_conversation"]
        # The example lists what belongs to the thread under who wrote it.
        for name in ("to", "cc", "bcc", "createdAt"):
            shape["_embedded"]["threads"][0]["createdBy"].pop(name)
        # A list in one example of the documentation, an object in the other.
        shape["_embedded"]["threads"][0]["action"].pop("associatedEntities")
        assert differences(listed["_embedded"]["conversations"][0], shape) == []
        assert differences(threads, contract("helpscout")["shape_threads"]) == []
        assert given["expires_in"] == 172_800
        assert "_embedded" not in nothing
        assert refused.status_code == 401
