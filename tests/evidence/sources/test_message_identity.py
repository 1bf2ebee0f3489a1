"""A message is one message, wherever it was found; two messages stay two."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from disputes.facts import Message
from evidence.sources.message_identity import deduplicated, mail_id, same_message, without_copies

AT = datetime(2026, 9, 5, 9, 0, tzinfo=UTC)


def message(message_id: str = "<a@mail.example>", **changes: Any) -> Message:
    told: dict[str, Any] = {
        "message_id": message_id, "at": AT, "direction": "in", "sender": "Emily Carter <emily@example.com>",
        "recipients": ("help@lumen.example",), "body": "Where is my lamp?",
    }  # fmt: skip
    return Message(**(told | changes))


def test_a_message_id_makes_a_mail_one_in_mailbox_and_help_desk() -> None:
    mail, ticket = message(), message(channel="chat", at=AT + timedelta(hours=3), body="Where is my lamp? [cut]")
    assert same_message(mail, ticket)
    assert deduplicated([mail, ticket]) == [ticket]


def test_message_ids_are_compared_without_case() -> None:
    assert same_message(message("<A@Mail.Example>"), message("<a@mail.example>"))


def test_two_message_ids_are_two_messages_even_with_the_same_words() -> None:
    assert not same_message(message("<a@mail.example>"), message("<b@mail.example>"))


def test_a_copied_message_id_does_not_put_the_customers_words_over_the_shops() -> None:
    shop = message(direction="out", sender="help@lumen.example", body="It is on its way.")
    assert not same_message(shop, message(body="You never answered."))


@pytest.mark.parametrize("minutes", [-2, 0, 2])
def test_without_a_message_id_the_same_words_of_the_same_person_within_two_minutes_are_one(minutes: int) -> None:
    desk = message("gorgias:17", at=AT + timedelta(minutes=minutes), body="Where  is my LAMP ?")
    assert same_message(message(), desk)


@pytest.mark.parametrize(
    "changes",
    [
        {"at": AT + timedelta(minutes=3)},
        {"sender": "Ann Carter <ann@example.com>"},
        {"body": "Where is my table?"},
        {"direction": "out"},
        {"body": ""},
    ],
)
def test_other_times_people_sides_or_words_are_other_messages(changes: dict[str, Any]) -> None:
    assert not same_message(message(), message("gorgias:17", **changes))


def test_two_numbers_of_one_help_desk_are_two_messages() -> None:
    assert not same_message(message("gorgias:17", body="Thanks"), message("gorgias:18", body="Thanks"))


def test_two_help_desks_that_hold_one_mail_hold_one_message() -> None:
    assert same_message(message("gorgias:17"), message("zendesk:4"))


def test_a_mail_without_a_message_id_is_compared_by_its_words() -> None:
    made = message("<0123456789abcdef@no-message-id>")
    assert same_message(made, message("zendesk:4"))
    assert same_message(made, message())


def test_the_shop_is_one_sender_under_whatever_address() -> None:
    shown: dict[str, Any] = {"direction": "out", "recipients": ("emily@example.com",), "body": "It is on its way."}
    assert same_message(message(sender="help@lumen.example", **shown), message("zendesk:4", sender="Mia", **shown))


def test_what_the_shop_wrote_to_two_people_is_two_messages() -> None:
    shown: dict[str, Any] = {"direction": "out", "sender": "help@lumen.example", "body": "It is on its way."}
    one = message(recipients=("emily@example.com",), **shown)
    assert not same_message(one, message("zendesk:4", recipients=("ann@example.com",), **shown))


def test_a_signature_that_one_side_cut_off_makes_no_second_message() -> None:
    words = "The lamp came on Friday, but the shade has a crack along the rim."
    assert same_message(message(body=words), message("gorgias:17", body=f"{words}\n\nEmily Carter\nAustin"))
    assert not same_message(message(body="Yes"), message("gorgias:17", body="Yes, but not today"))


def test_the_copy_that_tells_more_stays_where_the_first_one_stood() -> None:
    desk, mail = message("gorgias:17"), message()
    later = message("<z@mail.example>", at=AT + timedelta(days=1))
    assert deduplicated([desk, later, mail]) == [mail, later]


def test_things_that_carry_a_message_are_told_apart_by_it() -> None:
    found = [("help desk", message("gorgias:17")), ("mailbox", message()), ("mailbox", message("<b@mail.example>"))]
    assert [place for place, _ in without_copies(found, lambda each: each[1])] == ["mailbox", "mailbox"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("<a@b.example>", "<a@b.example>"),
        (" a@b.example ", "<a@b.example>"),
        ("gorgias:17", None),
        ("m_4711", None),
        ("", None),
        (None, None),
        ("<a b@c.example>", None),
        (f"<{'a' * 300}@b.example>", None),
    ],
)
def test_only_a_real_message_id_counts(text: str | None, found: str | None) -> None:
    assert mail_id(text) == found
