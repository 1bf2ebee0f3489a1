"""Zendesk over HTTP: its tokens, its search, its comments, and what never becomes evidence."""

from __future__ import annotations

import base64
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
from evidence.systems import zendesk
from evidence.systems.zendesk import KIND
from tests.evidence.systems.builders import Thing, message, outside, parcel_asked, ticket, wanted, world
from tests.evidence.systems.desk_shapes import CONTRACTS, attached, contract, differences

CARD = "4242 4242 4242 4242"


@contextlib.contextmanager
def running(shown: World, faults: Faults | None = None) -> Iterator[str]:
    with in_thread(shown, faults) as address:
        yield f"{address}/zendesk"


def settings(address: str, **changes: str) -> dict[str, str]:
    return {"address": address, "client_id": "counterproof", "client_secret": "practice"} | changes


def gathered(shown: World, faults: Faults | None = None, **changes: Any) -> SourceReport:
    with running(shown, faults) as address:
        return KIND.open(settings(address), outside()).gather(wanted(**changes))


def messages(report: SourceReport) -> list[Message]:
    return [item.fact for item in report.items if isinstance(item.fact, Message)]


def said(report: SourceReport) -> list[tuple[str, str, str]]:
    return [
        (each.fact.direction, each.confidence, each.fact.body)
        for each in report.items
        if isinstance(each.fact, Message)
    ]


def shop(number: int = 2, text: str = "It is on its way.", **changes: Any) -> Thing:
    told = {"from": "agent", "name": "Mia", "email": "mia@lumen.example", "to": ["emily.carter@example.com"]}
    return message(number, text=text, **(told | changes))


def told(*written: Thing, **changes: Any) -> World:
    """One ticket of the customer's."""
    return world(tickets=[ticket(messages=list(written), **changes)])


class TestMessages:
    def test_both_sides_of_a_ticket_are_read_with_all_that_is_known_of_them(self) -> None:
        report = gathered(told(message(1, text="Where is LL-1001?"), shop()))
        first, second = messages(report)
        assert said(report) == [("in", "certain", "Where is LL-1001?"), ("out", "certain", "It is on its way.")]
        assert (first.message_id, second.message_id) == ("<m1@mail.example.com>", "zendesk:2")
        assert (first.sender, first.recipients) == ("Emily Carter <emily.carter@example.com>", ("help@lumen.example",))
        assert (second.sender, second.recipients) == ("Mia <mia@lumen.example>", ("emily.carter@example.com",))
        assert (first.channel, first.subject, first.order_ref) == ("e-mail", "Order LL-1001", "LL-1001")
        assert first.at == datetime(2026, 9, 5, 9, 1, tzinfo=UTC)
        item = report.items[0]
        assert (item.adapter, item.media_type, item.name) == ("zendesk/1", "application/json", "zendesk message 1.json")
        assert item.request == "Zendesk: GET /zendesk/api/v2/tickets/1/comments.json?page%5Bsize%5D=100&include=users"

    def test_the_clients_address_and_place_are_not_kept(self) -> None:
        kept = json.loads(gathered(told(message(1))).items[0].data)
        assert kept["ticket"] == {"id": 1, "subject": "Order LL-1001"}
        assert "metadata" not in kept["comment"]
        assert "203.0.113.24" not in json.dumps(kept)

    def test_internal_notes_and_drafts_never_become_messages(self) -> None:
        note = shop(2, "He is lying, refuse it. LL-1001", public=False)
        report = gathered(told(message(1), note, shop(3, "We refund it", draft=True)))
        assert [each.body for each in messages(report)] == ["It came, thank you."]
        assert "lying" not in "".join(item.data.decode() for item in report.items)

    def test_a_comment_that_does_not_say_it_is_public_is_left_out(self) -> None:
        shown = told(message(1, public=None))
        assert gathered(shown).items == ()

    @pytest.mark.parametrize(
        ("channel", "kept"),
        [("email", "e-mail"), ("phone", "phone"), ("instagram", "instagram"), ("whatsapp", "whatsapp"),
         ("chat", "chat"), ("web", "web form"), ("sms", "sms"), ("facebook", "facebook"), ("telepathy", "telepathy")],
    )  # fmt: skip
    def test_the_channel_is_kept(self, channel: str, kept: str) -> None:
        (found,) = messages(gathered(told(message(1, channel=channel))))
        assert found.channel == kept

    def test_a_call_that_was_written_down_is_read(self) -> None:
        call = message(1, channel="phone", text="Call from Emily", transcript="My lamp LL-1001 came broken.")
        (found,) = messages(gathered(told(call)))
        assert (found.channel, found.body) == ("phone", "Call from Emily\nMy lamp LL-1001 came broken.")

    def test_hidden_words_are_dropped_and_told(self) -> None:
        page = '<p>LL-1001 came.</p><p style="display:none">We refund everything</p>'
        report = gathered(told(message(1, text="LL-1001 came. We refund everything", html=page)))
        assert [each.body for each in messages(report)] == ["LL-1001 came."]
        assert report.items[0].why.endswith("hidden text in it was left out")

    def test_quoted_words_are_folded(self) -> None:
        text = "Thank you.\n\nOn Fri, 4 Sep 2026, Lumen wrote:\n> It is on its way."
        (found,) = messages(gathered(told(message(1, text=text))))
        assert found.body == "Thank you."
        assert "It is on its way." in found.quoted

    def test_card_numbers_are_masked_in_words_and_in_what_is_kept(self) -> None:
        page = f"<p>My card is {CARD}, or 42424242<b>42424242</b>, CVV: 123</p>"
        report = gathered(told(message(1, text=f"{CARD}, CVV: 123", html=page), subject=f"Card {CARD}"))
        shown = repr(report)
        assert CARD not in shown
        assert "42424242<b>" not in shown
        assert "CVV: 123" not in shown
        assert "card data was masked" in report.items[0].why

    def test_an_automatic_answer_is_marked(self) -> None:
        report = gathered(told(message(1, text="I am away."), subject="Automatic reply: Order LL-1001"))
        assert [each.automatic for each in messages(report)] == [True]

    def test_a_comment_nobody_wrote_is_told_and_left_out(self) -> None:
        report = gathered(told(message(1), message(2, unknown_author=True, channel="chat", email=None)))
        assert len(messages(report)) == 1
        assert report.refused == ("A comment of ticket 1 does not say who wrote; it was left out.",)

    def test_a_form_that_writes_from_the_shops_own_address_is_for_a_person(self) -> None:
        form = message(1, text="LL-1001 never came", email="form@lumen.example")
        customer = {"id": 701, "name": "Web form", "email": "form@lumen.example"}
        report = gathered(told(form, customer=customer))
        assert said(report) == [("in", "likely", "LL-1001 never came")]
        assert "it came from the shop's own address" in report.items[0].why

    def test_the_record_of_a_chat_is_for_a_person_because_two_people_speak_in_it(self) -> None:
        chat = "(09:00:01) Emily: LL-1001 came\n(09:00:40) Mia: Then all is well"
        report = gathered(told(message(1, channel="chat", text=chat)))
        assert [(sure, way) for way, sure, _ in said(report)] == [("likely", "in")]
        assert "holds both sides' words" in report.items[0].why


class TestMatching:
    def test_a_whole_ticket_is_one_conversation(self) -> None:
        report = gathered(
            told(message(1, text="Hello?"), shop(2, "Which order, please?"), message(3, text="LL-1001"), subject="Hi")
        )
        assert [sure for _, sure, _ in said(report)] == ["certain"] * 3

    def test_a_ticket_about_nothing_that_is_named_is_likely(self) -> None:
        report = gathered(told(message(1, text="Hello?"), subject="Hi"))
        assert [sure for _, sure, _ in said(report)] == ["likely"]

    def test_a_ticket_of_somebody_else_that_names_the_order_is_likely(self) -> None:
        husband = {"id": 9, "name": "Tom", "email": "tom@example.org"}
        written = message(1, text="LL-1001 never came", name="Tom", email="tom@example.org")
        assert [sure for _, sure, _ in said(gathered(told(written, customer=husband)))] == ["likely"]

    def test_a_ticket_is_found_by_the_parcels_number(self) -> None:
        carrier = {"id": 9, "name": "UPS", "email": "claims@ups.example"}
        written = message(1, text="1Z999AA10123456784 was lost", name="UPS", email="claims@ups.example")
        shown = told(written, customer=carrier, subject="Claim")
        assert gathered(shown).items == ()
        assert len(gathered(shown, parcels=(parcel_asked(),)).items) == 1

    def test_a_customer_with_a_second_address_is_the_same_customer(self) -> None:
        customer = {"id": 701, "name": "Emily", "email": "work@example.org", "further": ["emily.carter@example.com"]}
        report = gathered(told(message(1, text="LL-1001?", email="work@example.org"), customer=customer))
        assert [sure for _, sure, _ in said(report)] == ["certain"]

    def test_a_customer_without_an_address_is_known_by_the_ticket(self) -> None:
        customer = {"id": 701, "name": "Emily", "email": None, "further": ["emily.carter@example.com"]}
        written = message(1, text="LL-1001?", channel="instagram", email=None)
        report = gathered(told(written, customer=customer))
        assert [(each.sender, each.channel) for each in messages(report)] == [
            ("Emily <user 701 at Zendesk>", "instagram")
        ]
        assert [sure for _, sure, _ in said(report)] == ["certain"]

    def test_tickets_that_ended_before_the_sale_are_not_asked_for(self) -> None:
        shown = told(message(1), updated_at="2026-05-01T10:00:00+00:00")
        assert gathered(shown).items == ()
        assert shown.asked("comments") == []

    def test_words_that_would_be_a_search_of_their_own_are_not_sent(self) -> None:
        shown = told(message(1))
        gathered(shown, customer_email='x" OR type:user', order_ref='1001"', orders=(), certain=False)
        assert shown.asked("search") == []


class TestFiles:
    def test_a_picture_is_fetched_from_where_it_was_moved_to_without_the_key(self) -> None:
        shown = told(message(1, text="LL-1001 is broken", attachments=[attached()]))
        report = gathered(shown)
        assert isinstance(report.items[1].fact, Document)
        assert (report.items[1].confidence, report.items[1].adapter) == ("likely", "zendesk/1")
        assert report.items[1].fact.title.startswith("broken shade, sent by the customer on 05 Sep 2026")
        assert [each.status for each in shown.asked("/attachments/")] == [302]
        assert [each.status for each in shown.asked("/files/")] == [200]

    def test_what_is_no_picture_is_named(self) -> None:
        table = attached("prices.xlsx", "application/vnd.ms-excel")
        report = gathered(told(message(1, attachments=[table])))
        assert report.items[0].why.endswith("attachments are not kept with it: prices.xlsx")
        assert len(report.items) == 1

    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"malware": True}, "Zendesk found malware in it"),
            ({"size": 99_000_000}, "is larger than 15 MB"),
            ({"base64": base64.b64encode(b"MZ nothing").decode()}, "is no PDF, JPEG, PNG or HEIC file"),
        ],
    )
    def test_a_file_that_cannot_be_taken_is_told(self, changes: dict[str, Any], words: str) -> None:
        report = gathered(told(message(1, attachments=[attached(**changes)])))
        assert len(report.items) == 1
        assert words in report.refused[0]

    def test_deleted_files_and_small_pictures_in_the_words_are_nothing(self) -> None:
        files = [attached(deleted=True), attached("logo.png", inline=True)]
        report = gathered(told(message(1, attachments=files)))
        assert (len(report.items), report.refused) == (1, ())

    @pytest.mark.parametrize(
        ("place", "words"),
        [
            ("http://10.0.0.7/x.png", "points at a file that is not fetched"),
            ("/zendesk/attachments/token/1-0/", "could not be fetched (302)"),
        ],
    )
    def test_a_file_moved_inside_or_round_in_circles_is_not_followed(self, place: str, words: str) -> None:
        moved = faults(Fault("/attachments/", 302, times=9, headers={"location": place}))
        report = gathered(told(message(1, attachments=[attached()])), moved)
        assert len(report.items) == 1
        assert words in report.refused[0]

    def test_a_file_that_is_gone_spoils_nothing(self) -> None:
        report = gathered(told(message(1, attachments=[attached()])), faults(Fault("/files/", 404)))
        assert len(messages(report)) == 1
        assert "could not be fetched" in report.refused[0]


def moment(number: int) -> str:
    return f"2026-09-05T09:{number // 60:02d}:{number % 60:02d}+00:00"


def faults(*ordered: Fault) -> Faults:
    found = Faults()
    found.waiting += ordered
    return found


class TestTalking:
    def test_a_token_is_fetched_once_and_again_when_it_ends(self) -> None:
        shown = told(message(1), accounts={})
        shown = world(tickets=shown.tickets, accounts={"zendesk": {"client_id": "once", "client_secret": "s"}})
        with running(shown) as address:
            typed = settings(address, client_id="once", client_secret="s")
            for _ in range(2):
                assert len(KIND.open(typed, outside()).gather(wanted()).items) == 1
            assert len(shown.asked("/oauth/tokens")) == 1
            shown.memory("zendesk")["tokens"].clear()
            assert len(KIND.open(typed, outside()).gather(wanted()).items) == 1
            assert len(shown.asked("/oauth/tokens")) == 2

    def test_only_the_right_to_read_is_asked_for(self) -> None:
        shown = told(message(1))
        gathered(shown)
        assert shown.memory("zendesk")["given"] == ["read"]

    def test_a_wrong_secret_is_told(self) -> None:
        with (
            running(world()) as address,
            pytest.raises(SourceError, match="refuses the client id and secret") as caught,
        ):
            KIND.open(settings(address, client_secret="wrong"), outside()).account()
        assert caught.value.failure is SourceFailure.CREDENTIALS

    @pytest.mark.parametrize("client", ["mia@lumen.example/token", "mia@lumen.example"])
    def test_an_api_token_is_refused_in_words(self, client: str) -> None:
        shown = world()
        with running(shown) as address:
            system = KIND.open(settings(address, client_id=client), outside())
            for ask in (system.account, lambda: system.gather(wanted())):
                with pytest.raises(SourceError, match=r"27 October 2026.*30 April 2027") as caught:
                    ask()
                assert caught.value.failure is SourceFailure.CREDENTIALS
        assert shown.log == []

    def test_the_account_says_who_the_client_belongs_to(self) -> None:
        with running(world()) as address:
            found = KIND.open(settings(address), outside()).account()
        assert (found.account_id, found.name) == (address.split("/")[2], address.split("/")[2])
        assert (found.rights_missing, found.warnings) == ((), ())

    def test_a_client_of_an_end_user_may_not_search(self) -> None:
        shown = world(accounts={"zendesk": {"me": {"role": "end-user"}}})
        with running(shown) as address:
            assert "agent" in KIND.open(settings(address), outside()).account().rights_missing[0]

    def test_a_client_that_sees_some_tickets_only_is_warned_about(self) -> None:
        shown = world(accounts={"zendesk": {"me": {"restricted_agent": True}}})
        with running(shown) as address:
            assert "some tickets" in KIND.open(settings(address), outside(own=())).account().warnings[0]

    def test_a_hundred_comments_make_a_page_and_all_are_read(self) -> None:
        written = [
            message(number, message_id=f"<{number}@x.example>", at=moment(number), text=f"LL-1001, {number}")
            for number in range(1, 231)
        ]
        shown = told(*written)
        assert len(messages(gathered(shown))) == 230
        assert len(shown.asked("/comments.json")) == 3

    def test_a_search_goes_on_to_its_next_page_and_stops_where_it_is_enough(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        many = [
            ticket(number, messages=[message(number, message_id=f"<{number}@x.example>", at=moment(number))],
                   created_at=moment(number))
            for number in range(1, 121)
        ]  # fmt: skip
        monkeypatch.setattr(zendesk, "MAX_TICKETS", 105)
        shown = world(tickets=many)
        report = gathered(shown, order_ref=None, orders=(), certain=False)
        assert len(messages(report)) == 105
        assert len(shown.asked("/search.json")) == 2
        assert "more than 105 tickets" in report.refused[0]

    def test_the_search_is_asked_as_the_contract_writes_it(self) -> None:
        shown = told(message(1))
        gathered(shown)
        assert [each.query["query"] for each in shown.asked("/search.json")] == [
            "type:ticket requester:emily.carter@example.com updated>2026-08-30",
            'type:ticket "LL-1001" updated>2026-08-30',
        ]

    def test_a_limit_is_waited_for_as_long_as_zendesk_says(self) -> None:
        shown = told(message(1))
        shown.accounts["zendesk"] = {"per_minute": 2, "minute": 2}
        assert len(messages(gathered(shown))) == 1
        assert 429 in [each.status for each in shown.log]

    def test_a_limit_that_takes_too_long_is_told(self) -> None:
        limit = faults(Fault("search", 429, times=9, headers={"retry-after": "900"}))
        with pytest.raises(SourceError) as caught:
            gathered(told(message(1)), limit)
        assert (caught.value.failure, caught.value.retry_after) == (SourceFailure.RATE_LIMITED, 900.0)

    def test_a_ticket_that_is_gone_spoils_nothing(self) -> None:
        shown = world(
            tickets=[ticket(1), ticket(2, messages=[message(7, message_id="<7@x.example>")])],
            accounts={"zendesk": {"gone": [1]}},
        )
        report = gathered(shown)
        assert [each.message_id for each in messages(report)] == ["<7@x.example>"]
        assert report.refused[0].startswith("Ticket 1 could not be read")

    def test_a_next_page_on_another_machine_is_not_followed(self) -> None:
        page = json.dumps({"results": [], "next_page": "https://elsewhere.example/api/v2/search.json?page=2"})
        with pytest.raises(SourceError, match="another machine"):
            gathered(told(message(1)), faults(Fault("search", 200, body=page)))

    def test_when_the_time_is_nearly_over_the_rest_is_told(self) -> None:
        with running(told(message(1))) as address:
            report = KIND.open(settings(address), outside(seconds=4.0)).gather(wanted())
        assert report.items == ()
        assert report.refused == ("The time was over before ticket 1 and those after it were read.",)

    def test_a_sale_without_address_and_number_asks_nobody(self) -> None:
        shown = told(message(1))
        assert gathered(shown, customer_email=None, order_ref=None, orders=(), certain=False).items == ()
        assert shown.log == []


@pytest.mark.skipif(not CONTRACTS.exists(), reason="the contracts are not on this machine")
class TestContract:
    def test_the_practice_comments_have_the_contracts_shape(self) -> None:
        shown = told(message(1, attachments=[attached()]), shop())
        with running(shown) as address:
            client = {"client_id": "counterproof", "client_secret": "practice"}
            given = httpx.post(f"{address}/oauth/tokens", json={"grant_type": "client_credentials", **client}).json()
            key = {"authorization": f"Bearer {given['access_token']}"}
            answer = httpx.get(f"{address}/api/v2/tickets/1/comments.json?page[size]=1", headers=key).json()
            refused = httpx.get(f"{address}/api/v2/tickets/1/comments.json", auth=("mia@x.example/token", "abc"))
        assert differences(answer, contract("zendesk")["shape_comments"]) == []
        assert answer["meta"]["has_more"] is True
        assert (refused.status_code, refused.json()) == (401, {"error": "Couldn't authenticate you"})
