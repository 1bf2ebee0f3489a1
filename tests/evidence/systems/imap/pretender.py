"""A mail server that says what a test tells it to."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator

from disputes.ports import SourceReport
from evidence.systems.imap import KIND
from tests.dovecot import HOST
from tests.evidence.systems.builders import outside, wanted

USUAL = {
    "greeting": "* OK [CAPABILITY IMAP4rev1] hello\r\n",
    "CAPABILITY": "* CAPABILITY IMAP4rev1\r\nTAG OK done\r\n",
    "LOGIN": "TAG OK in\r\n",
    "LIST": '* LIST () "/" INBOX\r\n* LIST (\\Sent) "/" Sent\r\nTAG OK done\r\n',
    "EXAMINE": "* 1 EXISTS\r\nTAG OK [READ-ONLY] done\r\n",
    "SEARCH": "* SEARCH 7\r\nTAG OK done\r\n",
    "RFC822.SIZE": "* 1 FETCH (UID 7 FLAGS () RFC822.SIZE 300)\r\nTAG OK done\r\n",
    "LOGOUT": "* BYE\r\nTAG OK done\r\n",
}
"""What a mailbox says to a line with this word in it; TAG is the line's own tag."""


@contextlib.contextmanager
def pretender(**answers: str) -> Iterator[dict[str, str]]:
    """A server that answers as usual but for these; an empty answer ends the conversation."""
    script = USUAL | {name.replace("SIZE", "RFC822.SIZE"): each for name, each in answers.items()}
    with socket.create_server((HOST, 0)) as listening:

        def speak() -> None:
            with contextlib.suppress(OSError):
                line, _ = listening.accept()
                with line, line.makefile("rb") as heard:
                    line.sendall(script["greeting"].encode())
                    for said in heard:
                        tag, _, words = said.decode().partition(" ")
                        answer = next((each for name, each in script.items() if name in words), f"{tag} BAD what?\r\n")
                        if not answer:
                            return
                        line.sendall(answer.replace("TAG", tag).encode())

        thread = threading.Thread(target=speak, daemon=True)
        thread.start()
        port = listening.getsockname()[1]
        yield {"host": HOST, "port": str(port), "security": "none", "user": "a@lumen.example", "password": "b"}
    thread.join(10)


def told_of(typed: dict[str, str]) -> SourceReport:
    return KIND.open(typed, outside()).gather(wanted())
