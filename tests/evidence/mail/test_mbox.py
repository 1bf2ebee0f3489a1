from __future__ import annotations

from evidence.mail import split_mbox
from tests.evidence.mail.builders import letter, mail

START = b"From a@example.com Thu Nov 12 07:00:00 2026\n"


def test_messages_come_apart_at_their_separators() -> None:
    data = START + mail(message_id="<1@a>") + b"\n\n" + START + mail(message_id="<2@a>") + b"\n"
    assert [letter(each).message.message_id for each in split_mbox(data)] == ["<1@a>", "<2@a>"]


def test_a_body_line_that_begins_with_from_ends_nothing() -> None:
    data = START + mail(body="Hello\n\nFrom now on in 2026 I read\nmy mail.\n>From here too.\n")
    assert [letter(each).message.body for each in split_mbox(data)] == [
        "Hello\n\nFrom now on in 2026 I read\nmy mail.\nFrom here too."
    ]


def test_what_is_no_mailbox_has_no_messages() -> None:
    assert list(split_mbox(b"hello\nworld\n")) == []
    assert list(split_mbox(b"")) == []
