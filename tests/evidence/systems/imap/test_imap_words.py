"""What servers and their folders are called, and what their refusals mean."""

from __future__ import annotations

import os
import socket

import pytest

from disputes.systems import SourceFailure
from evidence.systems.imap.folders import Folder, sent, to_search
from evidence.systems.imap.search import Hit, Open, Question
from evidence.systems.imap.words import login_refused
from tests.dovecot import dovecot
from tests.evidence.systems.builders import outside
from tests.evidence.systems.imap.mailbox import asked, letter


@pytest.mark.parametrize(
    ("words", "host", "failure", "told"),
    [
        ("[ALERT] Application-specific password required", "imap.gmail.com", SourceFailure.CREDENTIALS, "app password"),
        ("[ALERT] Please log in via your web browser", "imap.gmail.com", SourceFailure.CREDENTIALS, "browser"),
        ("LOGIN failed.", "outlook.office365.com", SourceFailure.CREDENTIALS, "Microsoft 365"),
        ("[LIMIT] Too many simultaneous connections", "imap.gmail.com", SourceFailure.RATE_LIMITED, "too often"),
        ("[OVERQUOTA] exceeded bandwidth limits", "imap.gmail.com", SourceFailure.RATE_LIMITED, "too often"),
        ("[UNAVAILABLE] Temporary authentication failure", "m.example", SourceFailure.UNAVAILABLE, "asked again"),
        ("[AUTHENTICATIONFAILED] Invalid credentials", "m.example", SourceFailure.CREDENTIALS, "user name"),
    ],
)
def test_the_servers_refusals_are_told_in_words(words: str, host: str, failure: SourceFailure, told: str) -> None:
    error = login_refused(words, host, by_token=False)
    assert error.failure is failure
    assert told in str(error)


def folder(name: str, *flags: str) -> Folder:
    return Folder(name, "/", frozenset(flags))


def test_sent_mail_is_known_by_its_mark_first_and_then_by_its_name() -> None:
    marked = [folder("INBOX"), folder("Ausgang", "\\sent"), folder("Post/Envoyés"), folder("Sent", "\\noselect")]
    assert sent(marked) == ["Ausgang", "Post/Envoyés"]
    assert sent([folder("Sentimental"), folder("GÖNDERİLMİŞ ÖĞELER")]) == ["GÖNDERİLMİŞ ÖĞELER"]
    assert sent([folder("Sent"), folder("Mine")], "mine") == ["Mine"]


def test_google_has_one_folder_of_all_mail() -> None:
    google = [
        folder("INBOX"), folder("[Gmail]", "\\noselect"), folder("[Gmail]/Sent Mail", "\\sent"),
        folder("[Gmail]/All Mail", "\\all"),
    ]  # fmt: skip
    assert to_search(google, gmail=True) == ["[Gmail]/All Mail"]
    assert to_search(google[:3], gmail=True) == ["INBOX", "[Gmail]/Sent Mail"]
    assert to_search(google, gmail=False) == ["INBOX", "[Gmail]/Sent Mail"]


def test_googles_drafts_are_known_by_their_label() -> None:
    class Client:
        capabilities = ("IMAP4REV1", "X-GM-EXT-1")
        sock = socket.socket()

        def uid(self, *words: str) -> tuple[str, list[object]]:
            assert words == ("FETCH", "7,8,9", "(UID FLAGS RFC822.SIZE X-GM-LABELS)")
            label = b'"\\\\Draft"'
            return "OK", [
                b"1 (X-GM-LABELS (" + label + b") UID 7 RFC822.SIZE 10 FLAGS ())",
                (b"2 (X-GM-LABELS ({5}", b"Draft"),
                b") UID 8 RFC822.SIZE 11 FLAGS ())",
                b"3 (UID 9 RFC822.SIZE 12 FLAGS (\\Seen))",
            ]

    class Box:
        client = Client()

        class folder:  # noqa: N801 - as the library names it
            set = staticmethod(lambda name, readonly: None)

        def uids(self, criteria: str, charset: None) -> list[str]:
            return ["7", "8", "9"] if "FROM" in criteria else ["9"]

    with Client.sock:
        found = Open(Box(), "[Gmail]/All Mail", outside()).hits(Question(("a@b.example",), ("LL-1001",), "SINCE x"))  # type: ignore[arg-type]
    assert found == [Hit(9, 12, 0), Hit(8, 11, 1)]


@pytest.mark.skipif(os.geteuid() != 0, reason="everybody else runs all these tests as an ordinary user already")
def test_the_tests_mail_server_runs_for_an_ordinary_user_too() -> None:
    with dovecot("help@lumen.example", ordinary=True) as running:
        running.put("help@lumen.example", letter())
        assert len(asked(running, "help@lumen.example").items) == 1
