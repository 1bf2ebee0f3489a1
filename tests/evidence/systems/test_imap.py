"""A mailbox is read as its owner left it: against a real Dovecot, over TLS and without, by password and by token."""

from __future__ import annotations

import base64
import contextlib
import io
import itertools
import os
import socket
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from PIL import Image

from disputes.facts import Document, Message
from disputes.ports import Gathered, SourceReport
from disputes.systems import SourceError, SourceFailure
from evidence.systems.imap import KIND, door
from evidence.systems.imap import system as imap_system
from evidence.systems.imap.folders import Folder, sent, to_search
from evidence.systems.imap.search import Hit, Open, Question
from evidence.systems.imap.words import login_refused
from tests.dovecot import HOST, PASSWORD, Dovecot, Tokens, dovecot, tokens
from tests.evidence.mail.builders import mail, multipart
from tests.evidence.systems.builders import outside, parcel_asked, wanted

CUSTOMER = "Emily Carter <emily.carter@example.com>"
SHOP = "help@lumen.example"
WHEN = "Sat, 05 Sep 2026 12:00:00 +0300"
CARD = "4242 4242 4242 4242"
USERS = [f"help{number}@lumen.example" for number in range(80)] + ["postbox"]
_unused = itertools.count()

pytestmark = pytest.mark.xdist_group("dovecot")


@pytest.fixture(scope="module")
def signing() -> Iterator[Tokens]:
    with tokens() as known:
        yield known


@pytest.fixture(scope="module")
def server(signing: Tokens) -> Iterator[Dovecot]:
    with dovecot(*USERS, introspection=signing.address, passwords={"ayse@lumen.example": "şifre"}) as running:
        yield running


@pytest.fixture
def user() -> str:
    """A mailbox nobody used before."""
    return USERS[next(_unused)]


def settings(server: Dovecot, user: str, **changes: str) -> dict[str, str]:
    typed = {"host": HOST, "port": str(server.port), "security": "none", "user": user, "password": PASSWORD}
    return typed | changes


def asked(server: Dovecot, user: str, typed: dict[str, str] | None = None, **changes: Any) -> SourceReport:
    return KIND.open(typed or settings(server, user), outside()).gather(wanted(**changes))


def letter(words: str | bytes = "Where is my order LL-1001?", number: int = 1, **changes: Any) -> bytes:
    told: dict[str, Any] = {
        "body": words, "sender": CUSTOMER, "to": SHOP, "date": WHEN, "subject": "A question",
        "message_id": f"<{number}@mail.example.com>",
    }  # fmt: skip
    return mail(**(told | changes))


def said(report: SourceReport) -> list[tuple[str, str, str]]:
    """Direction, confidence and words of each message."""
    return [
        (item.fact.direction, item.confidence, item.fact.body)
        for item in report.items
        if isinstance(item.fact, Message)
    ]


def documents(items: Sequence[Gathered]) -> list[Gathered]:
    return [item for item in items if isinstance(item.fact, Document)]


def picture(size: int = 60) -> bytes:
    """Another one each time."""
    out = io.BytesIO()
    Image.effect_noise((size, size), 90).convert("RGB").save(out, "PNG")
    return out.getvalue()


def with_file(name: str, data: bytes, kind: str = "image/png", head: str = "", number: int = 1) -> bytes:
    packed = base64.encodebytes(data).decode()
    part = f'{kind}; name="{name}"\nContent-Transfer-Encoding: base64{head}'
    body = multipart(("text/plain; charset=utf-8", "See my order LL-1001."), (part, packed))
    return letter(body, number, content_type='multipart/mixed; boundary="b"')


# ---- what is found -------------------------------------------------------------------------------------------------


def test_a_mail_of_the_customer_that_names_the_order_is_certain(server: Dovecot, user: str) -> None:
    server.put(user, letter())
    item = asked(server, user).items[0]
    assert said(SourceReport((item,))) == [("in", "certain", "Where is my order LL-1001?")]
    assert isinstance(item.fact, Message)
    assert (item.fact.message_id, item.fact.channel, item.fact.order_ref) == (
        "<1@mail.example.com>",
        "e-mail",
        "LL-1001",
    )
    assert item.fact.at == datetime(2026, 9, 5, 9, 0, tzinfo=UTC)
    assert (item.media_type, item.adapter, item.request) == (
        "message/rfc822",
        "imap/1",
        f"Mailbox {user}, folder INBOX, Message-ID <1@mail.example.com>",
    )


def test_the_stored_bytes_are_the_mails_own(server: Dovecot, user: str) -> None:
    server.put(user, letter())
    assert asked(server, user).items[0].data.replace(b"\r\n", b"\n") == letter()


def test_the_address_alone_or_the_number_alone_is_likely(server: Dovecot, user: str) -> None:
    server.put(user, letter("Hello, is anybody there?", 1))
    server.put(user, letter("Where is LL-1001?", 2, sender="her.husband@example.org"))
    server.put(user, letter("Nothing to do with it", 3, sender="someone@example.org"))
    assert said(asked(server, user)) == [
        ("in", "likely", "Hello, is anybody there?"),
        ("in", "likely", "Where is LL-1001?"),
    ]


def test_a_mail_is_found_by_the_parcels_number(server: Dovecot, user: str) -> None:
    server.put(user, letter("1Z999AA10123456784 was left with a neighbour", sender="news@carrier.example"))
    found = asked(server, user, parcels=(parcel_asked(),))
    assert said(found) == [("in", "likely", "1Z999AA10123456784 was left with a neighbour")]


def test_a_conversation_holds_together_backwards_too(server: Dovecot, user: str) -> None:
    server.put(user, letter("Where is my parcel?", 1))
    answer = letter(
        "Your order LL-1001 leaves today.", 2, sender=SHOP, to=CUSTOMER, extra="In-Reply-To: <1@mail.example.com>\n"
    )
    server.put(user, answer)
    assert said(asked(server, user)) == [
        ("in", "certain", "Where is my parcel?"),
        ("out", "certain", "Your order LL-1001 leaves today."),
    ]


def test_nothing_is_certain_while_the_order_is_not(server: Dovecot, user: str) -> None:
    server.put(user, letter())
    assert [sure for _, sure, _ in said(asked(server, user, certain=False))] == ["likely"]


@pytest.mark.parametrize("folder", ["Sent", "Gönderilmiş Öğeler", "Gesendete Elemente", "Sent Items"])
def test_the_shops_answers_are_found_in_the_folder_of_sent_mail(server: Dovecot, user: str, folder: str) -> None:
    server.make(user, folder)
    server.put(user, letter("LL-1001 was sent on Monday.", sender=SHOP, to=CUSTOMER), folder)
    assert said(asked(server, user)) == [("out", "certain", "LL-1001 was sent on Monday.")]


def test_the_archive_and_folders_that_were_named_are_searched(server: Dovecot, user: str) -> None:
    server.make(user, "Archive", "Shop/2026".replace("/", "."), "Other")
    server.put(user, letter("LL-1001 in the archive", 1), "Archive")
    server.put(user, letter("LL-1001 sorted away", 2), "Shop.2026")
    server.put(user, letter("LL-1001 elsewhere", 3), "Other")
    found = asked(server, user, settings(server, user, folders="shop.2026, Nothing"))
    assert [words for *_, words in said(found)] == ["LL-1001 in the archive", "LL-1001 sorted away"]


def test_who_wrote_decides_and_not_the_folder(server: Dovecot, user: str) -> None:
    server.make(user, "Sent")
    server.put(user, letter("LL-1001: from the shop", 1, sender=SHOP, to=CUSTOMER))
    server.put(user, letter("LL-1001: from the customer", 2), "Sent")
    assert sorted(said(asked(server, user))) == [
        ("in", "certain", "LL-1001: from the customer"),
        ("out", "certain", "LL-1001: from the shop"),
    ]


def test_the_mailboxs_own_address_is_the_shops_though_nobody_typed_it(server: Dovecot, user: str) -> None:
    server.put(user, letter("LL-1001: from the shop", sender=user, to=CUSTOMER))
    found = KIND.open(settings(server, user), outside(own=("other.example",))).gather(wanted())
    assert said(found) == [("out", "certain", "LL-1001: from the shop")]


def test_without_any_address_of_the_shops_no_mail_is_read(server: Dovecot) -> None:
    server.put("postbox", letter())
    found = KIND.open(settings(server, "postbox"), outside(own=())).gather(wanted())
    assert found.items == ()
    assert "nobody can tell who wrote" in found.refused[0]


def test_one_mail_in_two_folders_is_one(server: Dovecot, user: str) -> None:
    server.make(user, "Archive")
    server.put(user, letter())
    server.put(user, letter(), "Archive")
    assert len(asked(server, user).items) == 1


def test_a_message_id_that_two_mails_have_is_told(server: Dovecot, user: str) -> None:
    server.put(user, letter("LL-1001: where is it?", 1))
    server.put(user, letter("LL-1001: it was delivered.", 1, sender=SHOP, to=CUSTOMER))
    found = asked(server, user)
    assert said(found) == [("in", "certain", "LL-1001: where is it?")]
    assert any("has the Message-ID of another message" in each for each in found.refused)


# ---- nothing is touched --------------------------------------------------------------------------------------------


def test_no_mail_is_marked_as_read(server: Dovecot, user: str) -> None:
    server.make(user, "Sent")
    server.put(user, letter(number=1))
    server.put(user, letter(number=2), flags="(\\Seen \\Flagged)")
    server.put(user, letter("LL-1001", 3, sender=SHOP, to=CUSTOMER), "Sent")
    before = server.flags(user), server.flags(user, "Sent")
    assert before == ([b"", b"\\Flagged \\Seen"], [b""])
    assert len(asked(server, user).items) == 3
    assert (server.flags(user), server.flags(user, "Sent")) == before


def test_drafts_are_no_evidence_wherever_they_lie(server: Dovecot, user: str) -> None:
    server.make(user, "Drafts")
    server.put(user, letter("LL-1001 a draft", 1, sender=SHOP, to=CUSTOMER), "Drafts")
    server.put(user, letter("LL-1001 marked as draft", 2, sender=SHOP, to=CUSTOMER), flags="(\\Draft)")
    server.put(user, letter("LL-1001 never sent", 3, sender=SHOP, to=CUSTOMER, extra="X-Unsent: 1\n"))
    server.put(user, letter("LL-1001 among ourselves", 4, sender=SHOP, to="mia@lumen.example"))
    typed = settings(server, user, folders="Drafts")
    assert asked(server, user, typed).items == ()


# ---- the search ----------------------------------------------------------------------------------------------------


def test_turkish_numbers_are_found_in_subject_and_body_whatever_the_charset(server: Dovecot, user: str) -> None:
    number = "SİPARİŞ-ÇĞ77"
    subject = "=?iso-8859-9?B?" + base64.b64encode(f"{number} hk.".encode("iso-8859-9")).decode() + "?="
    server.put(user, letter("Merhaba", 1, subject=subject))
    packed = base64.encodebytes(f"Kargom gelmedi, numarası {number}".encode("cp1254")).decode()
    coded = "Content-Transfer-Encoding: base64\n"
    server.put(
        user, letter(packed, 2, content_type="text/plain; charset=windows-1254", extra=coded, sender="a@b.example")
    )
    found = asked(server, user, order_ref=number, orders=(), certain=False)
    assert {words for *_, words in said(found)} == {"Merhaba", f"Kargom gelmedi, numarası {number}"}
    assert found.refused == ()


def test_a_number_with_quotes_and_line_breaks_is_no_command(server: Dovecot, user: str) -> None:
    server.put(user, letter('My order is A"1\\7, thanks'))
    kept = asked(server, user, order_ref='A"1\\7', orders=(), certain=False)
    assert [words for *_, words in said(kept)] == ['My order is A"1\\7, thanks']
    hostile = asked(server, user, order_ref='1001"\r\nx1 DELETE INBOX\r\n', orders=(), certain=False)
    assert len(hostile.items) == 1
    assert server.flags(user) == [b""]


def test_old_mail_is_left_where_it_is_and_moved_mail_is_found(server: Dovecot, user: str) -> None:
    server.put(
        user, letter("Before the order", 1, date="Mon, 01 Jun 2026 12:00:00 +0300"), at="01-Jun-2026 09:00:00 +0000"
    )
    server.put(user, letter("LL-1001 of a mailbox that moved", 2), at="20-Nov-2026 09:00:00 +0000")
    assert [words for *_, words in said(asked(server, user))] == ["LL-1001 of a mailbox that moved"]


def test_the_days_looked_at_end_where_a_dispute_could_no_longer_come() -> None:
    now = datetime(2028, 1, 1, tzinfo=UTC)
    assert Question.of(wanted(), now).window == "SINCE 29-Aug-2026 SENTBEFORE 6-Oct-2027"
    assert Question.of(wanted(), datetime(2026, 11, 22, tzinfo=UTC)).window == "SINCE 29-Aug-2026"


def test_a_sale_without_address_and_number_asks_nobody() -> None:
    nothing = wanted(order_ref=None, customer_email=None, orders=(), certain=False)
    assert KIND.open({"host": "no.such.machine.example"}, outside()).gather(nothing) == SourceReport(())


def test_more_mails_than_one_case_takes_are_counted(
    server: Dovecot, user: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imap_system, "MAX_MAILS", 2)
    server.put(user, letter("Hello", 1))
    server.put(user, letter("LL-1001 once", 2))
    server.put(user, letter("LL-1001 twice", 3))
    found = asked(server, user)
    assert [words for *_, words in said(found)] == ["LL-1001 once", "LL-1001 twice"]
    assert found.refused == (
        "1 further mails in INBOX fit the search and were not read: they are too many, or the time was over.",
    )


def test_mails_only_a_number_speaks_for_are_fewer(server: Dovecot, user: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imap_system, "MAX_NUMBER_ONLY", 1)
    for number in (1, 2):
        server.put(user, letter(f"LL-1001, {number}", number, sender="list@example.org"))
    assert len(asked(server, user).items) == 1


def test_a_mail_that_is_too_large_is_named(server: Dovecot, user: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imap_system, "MAX_MAIL", 5_000)
    server.put(user, letter("LL-1001 " + "long " * 2_000, 1, subject=f"Film, card {CARD}"))
    server.put(user, letter("LL-1001 short", 2))
    found = asked(server, user)
    assert [words for *_, words in said(found)] == ["LL-1001 short"]
    assert found.refused[0].startswith("A mail in INBOX, “Film, card ************4242” of Sat, 05 Sep 2026")
    assert "is larger than" in found.refused[0]


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


# ---- who is let in -------------------------------------------------------------------------------------------------


def refused(typed: dict[str, str], **changes: Any) -> SourceError:
    with pytest.raises(SourceError) as caught:
        KIND.open(typed, replace(outside(), **changes)).account()
    assert PASSWORD not in str(caught.value)
    return caught.value


def test_the_account_names_the_mailbox_and_what_will_be_missing(server: Dovecot, user: str) -> None:
    found = KIND.open(settings(server, user, folders="Nowhere"), outside()).account()
    assert (found.account_id, found.name, found.rights_missing) == (f"{user}@{HOST}", user, ())
    assert [each.partition(",")[0] for each in found.warnings] == [
        "No folder of sent mail was found",
        "There is no folder named Nowhere.",
    ]
    server.make(user, "Sent")
    assert KIND.open(settings(server, user), outside()).account().warnings == ()


def test_a_folder_of_sent_mail_that_was_typed_wrong_is_told(server: Dovecot, user: str) -> None:
    server.make(user, "Sent", "Away")
    wrong = KIND.open(settings(server, user, sent_folder="Abroad"), outside()).account()
    assert wrong.warnings == ("There is no folder named Abroad, so the shop's own answers will be missing.",)
    server.put(user, letter("LL-1001 from the shop", sender=SHOP, to=CUSTOMER), "Away")
    found = asked(server, user, settings(server, user, sent_folder="away"))
    assert said(found) == [("out", "certain", "LL-1001 from the shop")]


def test_the_address_of_the_mailbox_is_offered_as_the_shops(server: Dovecot, user: str) -> None:
    server.make(user, "Sent")
    found = KIND.open(settings(server, user), outside(own=("other.example",))).account()
    assert found.warnings[0].startswith(f"{user} is taken for an address of the shop's own")
    server.make("postbox", "Sent")
    nobody = KIND.open(settings(server, "postbox"), outside(own=())).account()
    assert "nobody can tell who wrote" in nobody.warnings[0]


def test_a_wrong_password_is_told(server: Dovecot, user: str) -> None:
    error = refused(settings(server, user, password="wrong"))
    assert error.failure is SourceFailure.CREDENTIALS
    assert "refuses the user name or the password" in str(error)


@pytest.mark.parametrize("password", ["", "a\r\nx1 DELETE INBOX"])
def test_a_password_that_is_none_is_never_sent(server: Dovecot, user: str, password: str) -> None:
    assert refused(settings(server, user, password=password)).failure is SourceFailure.CREDENTIALS


def test_a_password_with_turkish_letters_is_sent_as_it_is(server: Dovecot) -> None:
    typed = settings(server, "ayse@lumen.example", password="şifre")
    assert KIND.open(typed, outside()).account().name == "ayse@lumen.example"
    assert refused(typed | {"password": "şifreç"}).failure is SourceFailure.CREDENTIALS


@pytest.mark.parametrize("typed", [f"https://{HOST}", f"imap://{HOST}/", HOST])
def test_a_mail_server_may_be_typed_like_a_web_address(server: Dovecot, user: str, typed: str) -> None:
    assert KIND.open(settings(server, user, host=typed), outside()).account().account_id == f"{user}@{HOST}"


def test_tls_needs_a_certificate_that_somebody_vouches_for(
    server: Dovecot, user: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    over_tls = settings(server, user, security="tls", port=str(server.tls_port))
    by_starttls = settings(server, user, security="starttls")
    for typed in (over_tls, by_starttls):
        error = refused(typed)
        assert error.failure is SourceFailure.REFUSED
        assert f"The certificate of {HOST} is not to be trusted" in str(error)
    monkeypatch.setenv("SSL_CERT_FILE", str(server.authority))
    server.put(user, letter())
    for typed in (over_tls, by_starttls):
        assert len(asked(server, user, typed).items) == 1
        assert KIND.open(typed, outside()).account().name == user


def test_the_wrong_kind_of_port_is_told(server: Dovecot, user: str) -> None:
    assert "Is it the port for STARTTLS?" in str(refused(settings(server, user, security="tls")))


def test_a_password_goes_to_another_machine_over_tls_only() -> None:
    typed = {"host": "8.8.8.8", "security": "none", "user": "a@b.example", "password": PASSWORD}
    error = refused(typed)
    assert (error.failure, str(error)) == (
        SourceFailure.REFUSED,
        "8.8.8.8 is another machine: a password goes there over TLS only.",
    )


@pytest.mark.parametrize("host", [HOST, "localhost", "10.0.0.7", "169.254.169.254", "::1"])
def test_machines_of_the_inside_are_not_called(host: str) -> None:
    typed = {"host": host, "user": "a@b.example", "password": PASSWORD}
    assert refused(typed, loopback=False).failure is SourceFailure.REFUSED


@pytest.mark.parametrize(
    "changes", [{"host": ""}, {"host": "a b"}, {"host": "user@mail.example"}, {"port": "abc"}, {"port": "70000"}]
)
def test_an_address_that_is_none_is_told(changes: dict[str, str]) -> None:
    typed = {"host": HOST, "user": "a@b.example", "password": PASSWORD} | changes
    assert refused(typed).failure is SourceFailure.REFUSED


def test_a_server_that_is_not_there_is_told() -> None:
    with socket.create_server((HOST, 0)) as listening:
        port = listening.getsockname()[1]
    error = refused({"host": HOST, "port": str(port), "security": "none", "user": "a", "password": "b"})
    assert error.failure is SourceFailure.UNAVAILABLE
    assert "cannot be reached" in str(error)


def test_when_the_time_is_over_nobody_is_called(server: Dovecot, user: str) -> None:
    late = replace(outside(), seconds=0.0)
    with pytest.raises(SourceError, match="took too long") as caught:
        KIND.open(settings(server, user), late).gather(wanted())
    assert caught.value.failure is SourceFailure.UNAVAILABLE


def test_when_the_time_is_nearly_over_the_rest_is_counted(server: Dovecot, user: str) -> None:
    server.put(user, letter())
    found = KIND.open(settings(server, user), outside(seconds=4.0)).gather(wanted())
    assert found.items == ()
    assert found.refused[0].startswith("1 further mails in INBOX")


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


# ---- tokens --------------------------------------------------------------------------------------------------------


def by_refresh(server: Dovecot, signing: Tokens, user: str, **changes: str) -> dict[str, str]:
    typed = {"sign_in": "refresh_token", "refresh_token": f"refresh-{user}", "client_id": "desk", "client_secret": "s",
             "token_url": f"{signing.address}/token", "password": ""}  # fmt: skip
    return settings(server, user, **(typed | changes))


def test_an_access_token_opens_the_mailbox(server: Dovecot, signing: Tokens, user: str) -> None:
    signing.good["a-token"] = user
    typed = settings(server, user, sign_in="access_token", access_token="a-token", password="")
    server.put(user, letter())
    assert len(asked(server, user, typed).items) == 1


def test_a_token_that_ended_is_told(server: Dovecot, user: str) -> None:
    error = refused(settings(server, user, sign_in="access_token", access_token="ended"))
    assert error.failure is SourceFailure.CREDENTIALS
    assert "refuses the token" in str(error)


def test_a_refresh_token_fetches_access_tokens_and_keeps_them(server: Dovecot, signing: Tokens, user: str) -> None:
    signing.refresh[f"refresh-{user}"] = user
    before = len(signing.asked)
    for _ in range(2):
        assert KIND.open(by_refresh(server, signing, user), outside()).account().name == user
    assert signing.asked[before:] == [
        {"grant_type": "refresh_token", "refresh_token": f"refresh-{user}", "client_id": "desk", "client_secret": "s"}
    ]


class Safe:
    """Where a mailbox's refresh token is kept, as the desk does it."""

    def __init__(self, token: str) -> None:
        self.token = token

    def renewed(self, name: str, given: str, fresh: str) -> str:
        assert name == "refresh_token"
        if self.token == given:
            self.token = fresh
        return self.token


@pytest.fixture
def rotating(signing: Tokens, user: str) -> Iterator[Safe]:
    signing.refresh[f"refresh-{user}"] = user
    signing.rotates = True
    yield Safe(f"refresh-{user}")
    signing.rotates = False


def test_a_refresh_token_that_came_for_the_old_one_is_kept(
    server: Dovecot, signing: Tokens, user: str, rotating: Safe
) -> None:
    told = replace(outside(), renewed=rotating.renewed)
    KIND.open(by_refresh(server, signing, user), told).account()
    assert rotating.token != f"refresh-{user}"
    assert signing.refresh[rotating.token] == user
    # As after a restart: nothing is in memory, and the token that was typed first is worth nothing any more.
    signing.good.clear()
    told = replace(outside(), renewed=rotating.renewed)
    KIND.open(by_refresh(server, signing, user, refresh_token=rotating.token), told).account()
    assert signing.asked[-1]["refresh_token"].startswith("refresh-")
    assert signing.refresh[rotating.token] == user


def test_one_that_somebody_else_used_up_is_looked_up_again(
    server: Dovecot, signing: Tokens, user: str, rotating: Safe
) -> None:
    del signing.refresh[f"refresh-{user}"]
    signing.refresh["refresh-of-the-other"], rotating.token = user, "refresh-of-the-other"
    told = replace(outside(), renewed=rotating.renewed)
    assert KIND.open(by_refresh(server, signing, user), told).account().name == user
    assert [each["refresh_token"] for each in signing.asked[-2:]] == [f"refresh-{user}", "refresh-of-the-other"]


def test_many_at_once_use_a_refresh_token_once(server: Dovecot, signing: Tokens, user: str, rotating: Safe) -> None:
    before = len(signing.asked)
    with ThreadPoolExecutor(4) as pool:
        told = replace(outside(), renewed=rotating.renewed)
        names = pool.map(lambda _: KIND.open(by_refresh(server, signing, user), told).account().name, range(4))
        assert list(names) == [user] * 4
    assert len(signing.asked) == before + 1


def test_a_kept_token_that_is_refused_is_renewed_once(server: Dovecot, signing: Tokens, user: str) -> None:
    signing.refresh[f"refresh-{user}"] = user
    KIND.open(by_refresh(server, signing, user), outside()).account()
    signing.good = {token: whose for token, whose in signing.good.items() if whose != user}
    assert KIND.open(by_refresh(server, signing, user), outside()).account().name == user


def test_a_refresh_token_that_was_withdrawn_is_told(server: Dovecot, signing: Tokens, user: str) -> None:
    error = refused(by_refresh(server, signing, user))
    assert error.failure is SourceFailure.CREDENTIALS
    assert "The refresh token is refused" in str(error)


def test_a_public_client_sends_no_secret(server: Dovecot, signing: Tokens, user: str) -> None:
    signing.refresh[f"refresh-{user}"] = user
    KIND.open(by_refresh(server, signing, user, client_secret=""), outside()).account()
    assert "client_secret" not in signing.asked[-1]


@pytest.mark.parametrize("changes", [{"token_url": ""}, {"client_id": ""}, {"token_url": "http://10.0.0.1/token"}])
def test_tokens_are_fetched_from_a_proper_address_only(
    server: Dovecot, signing: Tokens, user: str, changes: dict[str, str]
) -> None:
    error = refused(by_refresh(server, signing, user, **changes))
    assert error.failure in (SourceFailure.CREDENTIALS, SourceFailure.REFUSED)


# ---- words and folders ---------------------------------------------------------------------------------------------


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
