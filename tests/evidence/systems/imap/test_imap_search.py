"""What is found in a mailbox, which is left as it was: against a real Dovecot."""

from __future__ import annotations

import base64
from datetime import UTC, datetime

import pytest

from disputes.facts import Message
from disputes.ports import SourceReport
from evidence.systems.imap import KIND
from evidence.systems.imap import system as imap_system
from evidence.systems.imap.search import Question
from tests.dovecot import Dovecot
from tests.evidence.systems.builders import outside, parcel_asked, wanted
from tests.evidence.systems.imap.mailbox import CARD, CUSTOMER, SHOP, asked, letter, said, settings

pytestmark = pytest.mark.xdist_group("dovecot")

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
