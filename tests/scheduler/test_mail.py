"""The outbox over a real SMTP server: none lost, none twice by our doing, and failures that show."""

from __future__ import annotations

import email
import socket
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from disputes import store_mail
from disputes.clock import FixedClock
from disputes.models import OutgoingMail
from disputes.ports import Mail, MailRefused
from scheduler import mail
from scheduler.mail import FolderMailer, SmtpMailer, message
from tests import builders
from tests.scheduler.doubles import Desk


class Server:
    """Answers as it is told, and keeps what it took."""

    def __init__(self) -> None:
        self.answers: list[str] = []
        self.taken: list[bytes] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        if self.answers:
            return self.answers.pop(0)
        self.taken.append(envelope.content)
        return "250 taken"


@pytest.fixture
def server() -> Iterator[tuple[Server, int]]:
    handler = Server()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield handler, port
    finally:
        controller.stop()


@pytest.fixture
def posted(desk: Desk, server: tuple[Server, int]) -> Server:
    handler, port = server
    desk.runtime.mailer = SmtpMailer(
        host="127.0.0.1", port=port, sender="Desk <desk@lale.example>", clock=desk.clock, starttls=False
    )
    return handler


def put(desk: Desk, *, dedupe: str = "one", subject: str = "Dispute won", **changes: Any) -> OutgoingMail | None:
    with desk.runtime.database.writing() as session:
        return store_mail.put(
            session,
            merchant_id=desk.merchant_id,
            kind="outcome",
            dedupe=dedupe,
            recipient=changes.get("recipient", "desk@lale.example"),
            subject=subject,
            text="Text: Ünal & Søn",
            html="<p>Text: Ünal &amp; Søn</p>",
            now=desk.clock.now(),
        )


def test_a_mail_goes_out_once_with_both_parts(desk: Desk, posted: Server) -> None:
    put(desk)
    assert put(desk) is None, "the same news is one mail"
    assert [mail.send_due(desk.runtime), mail.send_due(desk.runtime)] == [1, 0]
    (taken,) = posted.taken
    parsed = email.message_from_bytes(taken)
    assert parsed["Auto-Submitted"] == "auto-generated"
    assert [part.get_content_type() for part in parsed.walk()][1:] == ["text/plain", "text/html"]
    (row,) = desk.mails()
    assert (row.state, row.went_to) == ("sent", "smtp:127.0.0.1")
    assert parsed["Message-ID"] == row.message_id == store_mail.message_id(row.dedupe)


def test_a_server_that_says_later_gets_it_later(desk: Desk, posted: Server) -> None:
    posted.answers = ["451 try again"]
    put(desk)
    assert mail.send_due(desk.runtime) == 0
    (row,) = desk.mails()
    assert (row.state, row.tries) == ("pending", 1)
    assert "451" in row.error
    assert mail.send_due(desk.runtime) == 0, "not at once"
    desk.clock.advance(timedelta(minutes=2))
    assert mail.send_due(desk.runtime) == 1
    assert len(posted.taken) == 1
    assert desk.mails()[0].error == ""


def test_a_refusal_for_good_is_seen_and_not_repeated(desk: Desk, posted: Server) -> None:
    posted.answers = ["550 no such user"]
    put(desk)
    mail.send_due(desk.runtime)
    (row,) = desk.mails()
    assert row.state == "failed"
    assert "550" in row.error
    with desk.runtime.database.reading() as session:
        assert store_mail.failed_count(session, desk.merchant_id) == 1
    desk.clock.advance(timedelta(days=1))
    assert mail.send_due(desk.runtime) == 0


def test_a_server_that_is_not_there_is_tried_ten_times_and_then_shown(desk: Desk) -> None:
    desk.runtime.mailer = SmtpMailer(host="127.0.0.1", port=1, sender="d@x.example", clock=desk.clock, starttls=False)
    put(desk)
    for _ in range(12):
        mail.send_due(desk.runtime)
        desk.clock.advance(timedelta(hours=5))
    (row,) = desk.mails()
    assert (row.state, row.tries) == ("failed", 10)


def test_a_mail_that_another_process_has_taken_is_left_to_it(desk: Desk) -> None:
    row = put(desk)
    assert row is not None
    with desk.runtime.database.writing() as session:
        assert store_mail.claim(session, row.id, 0, desk.clock.now() + timedelta(minutes=1))
        assert not store_mail.claim(session, row.id, 0, desk.clock.now() + timedelta(minutes=1))
    assert mail.send_due(desk.runtime) == 0
    assert desk.post.sent == []


@pytest.mark.parametrize("line", ["Subject\r\nBcc: all@x.example", "Subject\nX", "Subject\rX"])
def test_a_line_break_never_becomes_a_header(line: str) -> None:
    with pytest.raises(MailRefused) as told:
        message(Mail("<a@b>", "x@y.example", line, "t", "h"), "d@x.example", builders.NOW)
    assert told.value.permanent
    with pytest.raises(MailRefused):
        message(Mail("<a@b>", line, "s", "t", "h"), "d@x.example", builders.NOW)
    with pytest.raises(MailRefused):
        message(Mail("<a@b>", "x@y.example", "s", "t", "h", {"X-Case": line}), "d@x.example", builders.NOW)


def test_an_order_number_with_a_line_break_ends_up_on_one_line(desk: Desk) -> None:
    desk.sync()
    desk.gateway.says(external_id="du_1", order_ref="LL-1\r\nBcc: all@x.example")
    desk.sync()
    (row,) = desk.mails("new_case")
    assert "\n" not in row.subject
    assert "\r" not in row.subject
    assert mail.send_due(desk.runtime) == 1


def test_without_smtp_mails_are_files_and_the_same_mail_is_the_same_file(tmp_path: Path, clock: FixedClock) -> None:
    mailer = FolderMailer(tmp_path / "mail", "d@x.example", clock)
    one = Mail("<abc@counterproof.invalid>", "x@y.example", "s", "t", "h")
    assert mailer.send(one) == mailer.send(one)
    (path,) = (tmp_path / "mail").iterdir()
    assert path.suffix == ".eml"
