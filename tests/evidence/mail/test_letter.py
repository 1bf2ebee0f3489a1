"""Mail as it really comes is read without a crash and without a wrong word."""

from __future__ import annotations

import base64
import quopri
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evidence.mail import MailRefused, read_mail
from evidence.matching import address_in
from tests.evidence.mail.builders import OWN, letter, mail, multipart

CARD = "4242 4242 4242 4242"


def test_a_message_has_its_words_people_and_time() -> None:
    message = letter(mail(body="Thank you.\n")).message
    assert (message.direction, message.sender, message.recipients) == (
        "in",
        "Emily Carter <emily@example.com>",
        ("support@lale.example",),
    )
    assert message.at == datetime(2026, 11, 12, 7, 0, tzinfo=UTC)
    assert message.body == "Thank you."
    assert message.language is None


def test_mail_from_the_shops_addresses_goes_out() -> None:
    assert letter(mail(sender="Lale <help@lale.example>", to="emily@example.com")).message.direction == "out"
    assert letter(mail(sender="lale.shop@mail.example", to="emily@example.com")).message.direction == "out"
    assert letter(mail(sender="x@notlale.example")).message.direction == "in"


def test_a_display_name_cannot_pose_as_an_address() -> None:
    message = letter(mail(sender='"Lale <support@lale.example>" <evil@example.org>')).message
    assert message.direction == "in"
    assert address_in(message.sender) == "evil@example.org"


@pytest.mark.parametrize("declared", ["iso-8859-1", "iso-8859-9", "windows-1254", "us-ascii", "x-unknown", "latin1"])
def test_turkish_under_a_wrong_label_is_read(declared: str) -> None:
    body = "Merhaba, kaselerde renk farkı var, çok şaşırdım."
    assert letter(mail(body=body.encode("cp1254"), content_type=f"text/plain; charset={declared}")).message.body == body


def test_utf8_under_a_western_label_is_read_and_said() -> None:
    found = letter(mail(body="Teşekkürler".encode(), content_type="text/plain; charset=iso-8859-1"))
    assert found.message.body == "Teşekkürler"
    assert any("character set" in note for note in found.notes)


def test_western_mail_stays_western() -> None:
    assert (
        letter(
            mail(body="Größe für Österreich, señor".encode("latin-1"), content_type="text/plain; charset=iso-8859-1")
        ).message.body
        == "Größe für Österreich, señor"
    )


def test_raw_letters_in_a_header_are_read_with_the_bodys_charset() -> None:
    data = mail(content_type="text/plain; charset=windows-1254", sender="NAME <ayse@example.com>").replace(
        b"NAME", "Ayşe Işık".encode("cp1254")
    )
    assert letter(data).message.sender == "Ayşe Işık <ayse@example.com>"


def test_a_page_without_plain_text_becomes_text() -> None:
    page = "<p>Dear Emily,</p><p>it is <b>on</b> its way.</p><blockquote>Where is it?</blockquote>"
    message = letter(mail(body=page, content_type="text/html; charset=utf-8")).message
    assert message.body == "Dear Emily,\nit is on its way."
    assert message.quoted == "> Where is it?"


@pytest.mark.parametrize(
    "hidden",
    [
        '<div style="display:none">We refund everything</div>',
        '<span style="color:#fff">We refund everything</span>',
        '<font color="white">We refund everything</font>',
        '<span style="font-size: 0">We refund everything</span>',
        '<div style="background:#222;color:#222">We refund everything</div>',
        '<style>.x{display:none}</style><p class="x">We refund everything</p>',
        "<p hidden>We refund everything</p>",
        '<div style="visibility: hidden">We refund everything</div>',
        '<div style="opacity:0">We refund everything</div>',
        '<div style="opacity: .01">We refund everything</div>',
        '<div style="max-height:0;overflow:hidden">We refund everything</div>',
        '<div style="height:0px">We refund everything</div>',
        '<div style="width:0;overflow:hidden">We refund everything</div>',
        '<div style="position:absolute;left:-9999px">We refund everything</div>',
        '<div style="text-indent:-5000px">We refund everything</div>',
        '<div style="margin-left: -10000px">We refund everything</div>',
        '<div style="clip-path: inset(100%)">We refund everything</div>',
        '<div style="transform: scale(0)">We refund everything</div>',
        '<span style="font-size:1px;color:#333">We refund everything</span>',
        '<span style="font:0/0 a">We refund everything</span>',
        '<span style="color:#fefefe">We refund everything</span>',
        '<span style="color:rgb(255, 255, 255)">We refund everything</span>',
        '<span style="color:transparent">We refund everything</span>',
        '<span style="color:rgba(0,0,0,0)">We refund everything</span>',
        '<table bgcolor="#003366"><tr><td><font color="#003366">We refund everything</font></td></tr></table>',
        '<div style="background:#123 url(a.png)"><span style="color:#123">We refund everything</span></div>',
        '<style>#y{opacity:0}</style><p id="y">We refund everything</p>',
        "<script>We refund everything</script>",
    ],
)
def test_hidden_text_is_left_out(hidden: str) -> None:
    found = letter(mail(body=f"<p>Hello</p>{hidden}<p>Bye</p>", content_type="text/html"))
    assert found.message.body == "Hello\nBye"
    assert "script" in hidden or any("hidden" in note for note in found.notes)


@pytest.mark.parametrize(
    "seen",
    [
        '<table style="border-width:0;width:100%"><tr><td>We refund everything</td></tr></table>',
        '<td style="line-height:0">We refund everything</td>',
        '<p style="min-height:0">We refund everything</p>',
        '<p style="width:0">We refund everything</p>',
        '<p style="margin-left:-10px">We refund everything</p>',
        '<p style="opacity:0.9">We refund everything</p>',
        '<p style="font-size:10px;color:#777">We refund everything</p>',
        '<p style="font:10px/12px Arial">We refund everything</p>',
        '<div style="background:url(night.png)"><span style="color:#fff">We refund everything</span></div>',
        '<p style="color:#eee;background:#000">We refund everything</p>',
    ],
)
def test_what_the_eye_sees_stays(seen: str) -> None:
    found = letter(mail(body=f"<p>Hello</p>{seen}", content_type="text/html"))
    assert found.message.body == "Hello\nWe refund everything"
    assert found.notes == ()


def test_white_on_a_dark_ground_is_seen() -> None:
    page = '<table><tr><td style="background-color:#003"><span style="color:#fff">Hello</span></td></tr></table>'
    assert letter(mail(body=page, content_type="text/html")).message.body == "Hello"


@pytest.mark.parametrize(
    "extra",
    [
        "X-Draft: yes\n",
        "X-Unsent: 1\n",
        "X-Gmail-Labels: Drafts\n",
        "X-Gmail-Labels: Taslaklar\n",
        "X-Status: T\n",
        "X-Internal-Note: yes\n",
        "X-Public: false\n",
    ],
)
def test_drafts_and_internal_notes_never_become_messages(extra: str) -> None:
    assert read_mail(mail(extra=extra), OWN) is None


@pytest.mark.parametrize("folder", ["Drafts/a.eml", "Taslaklar/a.eml", "Drafts.mbox", "2026/Outbox/b.eml"])
def test_what_lies_in_a_drafts_folder_was_never_sent(folder: str) -> None:
    assert read_mail(mail(), OWN, folder=folder) is None


def test_mail_among_the_shops_own_people_is_internal() -> None:
    assert read_mail(mail(sender="baran@lale.example", to="support@lale.example"), OWN) is None


@pytest.mark.parametrize(
    "data",
    [
        mail(extra="Auto-Submitted: auto-replied\n"),
        mail(subject="Automatic reply: Hello"),
        mail(subject="Otomatik yanıt: Merhaba"),
        mail(sender="MAILER-DAEMON@example.com"),
        mail(content_type='multipart/report; boundary="b"', body=multipart(("text/plain", "failed"))),
    ],
)
def test_automatic_mail_is_marked(data: bytes) -> None:
    assert letter(data).message.automatic


def test_a_person_is_not_automatic() -> None:
    assert not letter(mail(extra="Auto-Submitted: no\n")).message.automatic


def test_card_data_is_masked_in_words_and_in_stored_bytes() -> None:
    for data in (
        mail(body=f"Card {CARD}, CVV: 123"),
        mail(subject=f"Card {CARD}"),
        mail(sender=f"{CARD} <emily@example.com>"),
        mail(body="Q2FyZCA0MjQyIDQyNDIgNDI0MiA0MjQyLCBDVlY6IDEyMw==", extra="Content-Transfer-Encoding: base64\n"),
        mail(body="<p>42424242<b>42424242</b> CVV: 123</p>", content_type="text/html"),
        mail(body="<p>&#52;242424242424242</p>", content_type="text/html"),
        mail(
            content_type='multipart/mixed; boundary="b"',
            body=f"Card {CARD}\n" + multipart(("text/plain", "hi")) + f"{CARD}\n",
        ),
    ):
        found = letter(data)
        again = letter(found.data)
        shown = repr(found.message) + repr(again.message) + found.data.decode("ascii")
        assert CARD not in shown
        assert "4242424242424242" not in shown
        assert "123" not in again.message.body
        assert "42424242</b>" not in shown


@settings(deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    for each in (
        data,
        mail(body=data),
        mail(content_type='multipart/mixed; boundary="b"', body=b"--b\n" + data),
        b"From: a@b.c\n" + data,
    ):
        try:
            found = read_mail(each, OWN)
        except MailRefused:
            continue
        assert found is None or found.message.at.tzinfo


@settings(deadline=None)
@given(st.text(max_size=80))
def test_no_header_can_be_smuggled_into_the_stored_bytes(subject: str) -> None:
    word = base64.b64encode(subject.encode("utf-8", "replace")).decode()
    stored = letter(mail(subject=f"=?utf-8?b?{word}?=", body=f"Card {CARD}", extra="Bcc: hidden@example.org\n")).data
    head = stored.partition(b"\r\n\r\n")[0].split(b"\r\n")
    names = [line.partition(b":")[0].lower() for line in head if not line.startswith((b" ", b"\t"))]
    assert set(names) <= {
        b"from",
        b"to",
        b"subject",
        b"content-type",
        b"content-transfer-encoding",
        b"mime-version",
        b"date",
        b"message-id",
    }


def test_clean_mail_is_kept_to_the_byte() -> None:
    data = mail(body="Thank you, it arrived.")
    assert letter(data).data == data


def test_an_attachment_is_named_and_not_kept() -> None:
    photo = 'image/jpeg; name="bowl.jpg"\nContent-Transfer-Encoding: base64'
    body = multipart(("text/plain", "See the photo."), (photo, "/9j/4AAQ"))
    found = letter(mail(body=body, content_type='multipart/mixed; boundary="b"'))
    assert found.message.body == "See the photo."
    assert b"/9j/4AAQ" not in found.data
    assert any("bowl.jpg" in note for note in found.notes)


def test_a_forwarded_message_is_quoted_not_said() -> None:
    inner = "From: Lale <support@lale.example>\nSubject: Old\n\nWe are sorry."
    found = letter(
        mail(
            content_type='multipart/mixed; boundary="b"',
            body=multipart(("text/plain", "See below."), ("message/rfc822", inner)),
        )
    )
    assert found.message.body == "See below."
    assert "We are sorry." in found.message.quoted


def test_too_deep_nesting_is_refused() -> None:
    levels = "".join(f'Content-Type: multipart/mixed; boundary="b{n}"\n\n--b{n}\n' for n in range(60))
    with pytest.raises(MailRefused, match="nested too deeply"):
        read_mail(b"From: a@b.c\nDate: Thu, 12 Nov 2026 10:00:00 +0300\n" + levels.encode() + b"\nhi", OWN)
    with pytest.raises(MailRefused, match="nested too deeply"):
        read_mail(mail(body="<div>" * 5000, content_type="text/html"), OWN)


@pytest.mark.parametrize(
    ("data", "words"), [(mail(date=""), "no date"), (mail(sender="nobody"), "no sender"), (b"", "no sender")]
)
def test_mail_without_sender_or_date_is_refused(data: bytes, words: str) -> None:
    with pytest.raises(MailRefused, match=words):
        read_mail(data, OWN)


def test_a_message_without_an_id_gets_the_same_one_each_time() -> None:
    assert letter(mail(message_id=None)).message.message_id == letter(mail(message_id=None)).message.message_id


@settings(deadline=None)
@given(
    words=st.lists(
        st.text(st.sampled_from("abcçdefgğhıijklmnoöprsştuüvyzÇĞİÖŞÜ,.!?"), min_size=1), min_size=1, max_size=8
    ),
    written=st.sampled_from(["utf-8", "cp1254", "iso-8859-9"]),
    named=st.sampled_from(["utf-8", "windows-1254", "iso-8859-9", "us-ascii", "x-unknown"]),
    packing=st.sampled_from(["8bit", "quoted-printable", "base64"]),
)
def test_turkish_letters_survive_every_way_of_sending_them(
    words: list[str], written: str, named: str, packing: str
) -> None:
    """Where the charset is named rightly, or UTF-8, not one letter is lost; named wrongly, no word disappears."""
    text = " ".join(words)
    data = text.encode(written)
    body = {
        "8bit": data,
        "quoted-printable": quopri.encodestring(data),
        "base64": base64.encodebytes(data),
    }[packing]
    found = letter(
        mail(
            body=body,
            content_type=f"text/plain; charset={named}",
            extra=f"Content-Transfer-Encoding: {packing}\n",
        )
    )
    read = found.message.body + found.message.quoted
    right = {"windows-1254": "cp1254"}.get(named, named) == written
    if right or (written != "utf-8" and named in ("windows-1254", "iso-8859-9")):
        assert " ".join(read.split()) == " ".join(text.split())
    assert len(read.split()) >= len(text.split())
