"""Servers that are none, break off, or cannot do what they are asked."""

from __future__ import annotations

import pytest

from disputes.systems import SourceError, SourceFailure
from evidence.systems.imap import KIND, door
from tests.evidence.systems.builders import outside, wanted
from tests.evidence.systems.imap.mailbox import refused
from tests.evidence.systems.imap.pretender import pretender, told_of


@pytest.mark.parametrize("greeting", ["220 mail.example ESMTP\r\n", "HTTP/1.1 400 Bad Request\r\n", "\r\n\r\n"])
def test_something_that_is_no_mailbox_is_told(greeting: str) -> None:
    with pretender(greeting=greeting) as typed:
        error = refused(typed)
    assert error.failure in (SourceFailure.MALFORMED, SourceFailure.UNAVAILABLE)


def test_a_server_that_sends_more_than_was_asked_for_is_left() -> None:
    with pretender(LIST='* LIST () "." {99999999999}\r\n') as typed:
        assert refused(typed).failure is SourceFailure.UNAVAILABLE


@pytest.mark.parametrize("word", ["LOGIN", "LIST", "EXAMINE"])
def test_a_server_that_breaks_off_is_told(word: str) -> None:
    with pretender(**{word: ""}) as typed:
        assert refused(typed).failure is SourceFailure.UNAVAILABLE


@pytest.mark.parametrize("word", ["SEARCH", "SIZE", "BODY"])
def test_a_case_is_not_half_told_when_the_server_breaks_off(word: str) -> None:
    with pretender(**{word: ""}) as typed, pytest.raises(SourceError) as caught:
        told_of(typed)
    assert caught.value.failure is SourceFailure.UNAVAILABLE


def test_a_server_that_asks_for_less_is_heard() -> None:
    with pretender(SEARCH="TAG NO [LIMIT] Too many searches\r\n") as typed, pytest.raises(SourceError) as caught:
        told_of(typed)
    assert caught.value.failure is SourceFailure.RATE_LIMITED


def test_a_server_that_says_nothing_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "_LONGEST_WAIT", 0.2)
    with pretender(LIST="* OK one moment\r\n") as typed:
        error = refused(typed)
    assert (error.failure, str(error)) == (SourceFailure.UNAVAILABLE, "The mailbox did not answer in time.")


def test_a_server_that_takes_no_password_without_tls_gets_none() -> None:
    with pretender(CAPABILITY="* CAPABILITY IMAP4rev1 LOGINDISABLED\r\nTAG OK done\r\n") as typed:
        assert "over TLS only" in str(refused(typed))


def test_a_server_without_starttls_gets_no_password() -> None:
    with pretender() as typed:
        error = refused(typed | {"security": "starttls"})
    assert (error.failure, "offers no STARTTLS" in str(error)) == (SourceFailure.REFUSED, True)


def test_a_folder_that_cannot_be_opened_is_told() -> None:
    closed = "TAG NO [NOPERM] not yours\r\n"
    with pretender(EXAMINE=closed) as typed:
        found = told_of(typed)
    assert found.refused == (
        "The folder INBOX cannot be opened; no mail was read from it.",
        "The folder Sent cannot be opened; no mail was read from it.",
    )


def test_a_mail_the_server_cannot_read_itself_is_told() -> None:
    with pretender(BODY="TAG NO [SERVERBUG] it is broken\r\n") as typed:
        found = told_of(typed)
    assert found.refused[0] == "A mail in INBOX could not be fetched (number 7)."


def test_words_a_server_cannot_look_for_are_told() -> None:
    with pretender(SEARCH="TAG NO [BADCHARSET (US-ASCII)] no\r\n") as typed:
        asked_for = wanted(customer_email=None, order_ref="SİPARİŞ-1", orders=(), certain=False)
        found = KIND.open(typed, outside()).gather(asked_for)
    assert found.refused[0] == "The mail server cannot look for 'SİPARİŞ-1' in INBOX."
