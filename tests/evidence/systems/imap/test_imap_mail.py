"""Mail as it really comes, and the files in it."""

from __future__ import annotations

import base64

import pytest

from disputes.facts import Document, Message
from disputes.ports import SourceReport
from tests.dovecot import Dovecot
from tests.evidence.mail.builders import multipart
from tests.evidence.systems.imap.mailbox import CARD, asked, documents, letter, picture, said, with_file

pytestmark = pytest.mark.xdist_group("dovecot")

# ---- mail as it really comes ---------------------------------------------------------------------------------------

NASTY = {
    "raw Turkish letters in a header": letter(
        "LL-1001 geldi, çok teşekkürler".encode("cp1254"), 1, sender="NAME <emily.carter@example.com>",
        content_type="text/plain; charset=windows-1254",
    ).replace(b"NAME", "Ayşe Işık".encode("cp1254")),
    "an unknown character set": letter("LL-1001 Grüße".encode("latin-1"), 2, content_type="text/plain; charset=x-none"),
    "a broken multipart": letter("--b\nLL-1001", 3, content_type='multipart/mixed; boundary="b"'),
    "a subject nobody can decode": letter("LL-1001", 4, subject="=?utf-8?B?!!!?= =?x?Q?=ZZ?="),
    "a page with hidden words": letter(
        '<p>LL-1001</p><p style="display:none">I got it</p>', 5, content_type="text/html"
    ),
    "an attachment with a bad name": letter(
        multipart(("text/plain", "LL-1001"), ("application/pdf; name*=x''%ff%", "x")),
        6, content_type='multipart/mixed; boundary="b"',
    ),
    "a type that is none": letter("LL-1001", 7, content_type="%22%22/%22"),
    "a date of nowhere": letter("LL-1001", 8, date="Fri, 32 Foo 2026 99:99:99 +9999"),
    "a group as sender": letter("LL-1001", 9, sender="undisclosed-recipients:;"),
    "very deep nesting": letter("<div>" * 3000 + "LL-1001", 10, content_type="text/html"),
}  # fmt: skip


@pytest.mark.parametrize("name", NASTY)
def test_mail_as_it_really_comes_is_read_or_named(server: Dovecot, user: str, name: str) -> None:
    server.put(user, NASTY[name])
    found = asked(server, user)
    assert len(said(found)) + len([each for each in found.refused if each.startswith("A mail in INBOX, “")]) == 1


def test_hidden_words_are_dropped_and_told(server: Dovecot, user: str) -> None:
    server.put(user, NASTY["a page with hidden words"])
    item = asked(server, user).items[0]
    assert said(SourceReport((item,))) == [("in", "certain", "LL-1001")]
    assert item.why.endswith("hidden text in it was left out")


def test_turkish_letters_are_read(server: Dovecot, user: str) -> None:
    server.put(user, NASTY["raw Turkish letters in a header"])
    fact = asked(server, user).items[0].fact
    assert isinstance(fact, Message)
    assert (fact.sender, fact.body) == ("Ayşe Işık <emily.carter@example.com>", "LL-1001 geldi, çok teşekkürler")


def test_quotes_are_folded_and_automatic_mail_is_marked(server: Dovecot, user: str) -> None:
    server.put(user, letter("Thank you, LL-1001 came.\n\nOn Fri, 4 Sep 2026, Lumen wrote:\n> It is on its way.", 1))
    server.put(user, letter("I am away. LL-1001", 2, extra="Auto-Submitted: auto-replied\n"))
    first, second = (item.fact for item in asked(server, user).items)
    assert isinstance(first, Message)
    assert isinstance(second, Message)
    assert (first.body, first.automatic) == ("Thank you, LL-1001 came.", False)
    assert "It is on its way." in first.quoted
    assert second.automatic


def test_card_numbers_are_masked_before_anything_is_kept(server: Dovecot, user: str) -> None:
    server.put(user, letter(f"LL-1001, my card is {CARD}, CVV: 123"))
    item = asked(server, user).items[0]
    shown = repr(item) + base64.b64decode(item.data.rpartition(b"\r\n\r\n")[2]).decode()
    assert "4242 4242" not in shown
    assert "CVV: 123" not in shown


def test_the_sales_own_numbers_are_no_cards(server: Dovecot, user: str) -> None:
    number = "4000000000000002"
    server.put(user, letter(f"My order {number} is late"))
    assert [words for *_, words in said(asked(server, user, order_ref=number, orders=()))] == [
        f"My order {number} is late"
    ]


# ---- files ---------------------------------------------------------------------------------------------------------


def test_a_picture_of_the_customers_is_shown_to_a_person(server: Dovecot, user: str) -> None:
    server.put(user, with_file("broken_shade.png", picture()))
    message, paper = asked(server, user).items
    assert isinstance(message.fact, Message)
    assert isinstance(paper.fact, Document)
    assert (paper.confidence, paper.media_type, paper.fact.item) == ("likely", "image/png", "customer_communication")
    assert paper.fact.title.startswith("broken shade, sent by the customer on 05 Sep 2026")
    assert (paper.fact.dated, paper.fact.order_ref) == (message.fact.at, "LL-1001")
    assert paper.request.endswith("attachment broken_shade.png")
    assert message.confidence == "certain"


def test_other_files_are_named_and_pictures_that_are_none_refused(server: Dovecot, user: str) -> None:
    server.put(user, with_file("visit.ics", b"BEGIN:VCALENDAR", "text/calendar", number=1))
    server.put(user, with_file("photo.png", b"MZ no picture", number=2))
    found = asked(server, user)
    assert documents(found.items) == []
    assert "attachments are not kept with it: visit.ics" in found.items[0].why
    assert [each.partition(",")[0] for each in found.refused] == ["photo.png"]
    assert "is no PDF, JPEG, PNG or HEIC file" in found.refused[0]


def test_a_logo_is_no_document_and_one_picture_sent_twice_is_one(server: Dovecot, user: str) -> None:
    photo = picture(size=90)
    inline = "\nContent-Disposition: inline\nContent-ID: <logo>"
    server.put(user, with_file("logo.png", picture(size=8), head=inline, number=1))
    server.put(user, with_file("shade.png", photo, number=2))
    server.put(user, with_file("again.png", photo, number=3))
    assert [item.name for item in documents(asked(server, user).items)] == ["shade.png"]
