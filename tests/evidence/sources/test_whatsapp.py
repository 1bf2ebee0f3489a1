"""WhatsApp exports of every kind of telephone: what was said, when, by whom, and what nobody can know."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evidence.sources import whatsapp
from evidence.sources.conversation import (
    LEFT_OUT,
    Asked,
    Chat,
    ChatRefused,
    DateOrder,
    DatesUnclear,
    OwnNameUnclear,
    chat_of,
    name_key,
)

SHOP = "Lale Living"


def asked(*, dates: DateOrder | None = None, own: str = SHOP, not_after: datetime | None = None) -> Asked:
    return Asked("Europe/Istanbul", frozenset({name_key(own)}) if own else frozenset(), dates, not_after)


def chat(text: str, title: str = "", **about: Any) -> Chat:
    how = asked(**about)
    return chat_of(whatsapp.read(text, title, how), how)


def told(text: str, **about: Any) -> list[tuple[str, str]]:
    return [(each.message.direction, each.message.body) for each in chat(text, **about).said]


def times(text: str, **about: Any) -> list[str]:
    return [f"{each.message.at:%Y-%m-%d %H:%M:%S}" for each in chat(text, **about).said]


class TestForms:
    @pytest.mark.parametrize(
        ("line", "instant"),
        [
            ("31/12/2025, 21:15 - Emily: Hello", "2025-12-31 18:15:00"),
            ("31.12.2025 21:15 - Emily: Hello", "2025-12-31 18:15:00"),
            ("31.12.25, 21:15 - Emily: Hello", "2025-12-31 18:15:00"),
            ("31.12.2025 21.15 - Emily: Hello", "2025-12-31 18:15:00"),
            ("12/31/25, 9:15 PM - Emily: Hello", "2025-12-31 18:15:00"),
            ("12/31/25, 9:15\u202fPM - Emily: Hello", "2025-12-31 18:15:00"),
            ("12/31/25, 12:15 AM - Emily: Hello", "2025-12-30 21:15:00"),
            ("12/31/25, 12:15 pm - Emily: Hello", "2025-12-31 09:15:00"),
            ("31/12/2025, 9:15 p. m. - Emily: Hello", "2025-12-31 18:15:00"),
            ("31.12.2025 ÖS 9:15 - Emily: Hello", "2025-12-31 18:15:00"),
            ("31.12.2025 9:15 ös - Emily: Hello", "2025-12-31 18:15:00"),
            ("31.12.2025 ÖÖ 12:15 - Emily: Hello", "2025-12-30 21:15:00"),
            ("2025-12-31, 21:15 - Emily: Hello", "2025-12-31 18:15:00"),
            ("2025/12/31, 21:15 - Emily: Hello", "2025-12-31 18:15:00"),
            ("[31.12.2025 21:15:33] Emily: Hello", "2025-12-31 18:15:33"),
            ("[31/12/2025, 21:15:33] Emily: Hello", "2025-12-31 18:15:33"),
            ("\u200e[12/31/25, 9:15:33\u202fPM] ~\u00a0Emily: \u200eHello", "2025-12-31 18:15:33"),
        ],
    )
    def test_a_message_is_read_with_its_instant(self, line: str, instant: str) -> None:
        (said,) = chat(line).said
        assert f"{said.message.at:%Y-%m-%d %H:%M:%S}" == instant
        assert (said.message.sender, said.message.body, said.message.channel) == ("Emily", "Hello", "whatsapp")
        assert said.message.at.tzinfo is UTC

    def test_lines_without_a_date_belong_to_the_message_above(self) -> None:
        text = f"31.12.2025 21:15 - Emily: Merhaba\n\nKargom nerede?\r\n31.12.2025 21:16 - {SHOP}: Yolda"
        assert told(text) == [("in", "Merhaba\n\nKargom nerede?"), ("out", "Yolda")]

    def test_the_stored_bytes_are_the_lines_of_the_message(self) -> None:
        first, second = chat(f"31.12.2025 21:15 - Emily: Hello\nagain\n31.12.2025 21:16 - {SHOP}: Yes").said
        assert first.data == b"31.12.2025 21:15 - Emily: Hello\nagain"
        assert second.data == f"31.12.2025 21:16 - {SHOP}: Yes".encode()

    @pytest.mark.parametrize(
        "notice",
        [
            "Messages and calls are end-to-end encrypted. No one outside of this chat can read them.",
            "Mesajlar ve aramalar uçtan uca şifrelidir. Bu sohbetin dışındaki hiç kimse bunları okuyamaz.",
            'Emily changed the group name to "Order: LL-1001"',
            "Emily: This message was deleted",
            "Emily: Bu mesaj silindi",
            "Emily: \u200eMessages and calls are end-to-end encrypted. No one outside of this chat can read them.",
        ],
    )
    def test_what_whatsapp_itself_wrote_is_nobodys_message(self, notice: str) -> None:
        assert told(f"31.12.2025 21:14 - {notice}\n31.12.2025 21:15 - Emily: Hello") == [("in", "Hello")]

    @pytest.mark.parametrize(
        "text",
        [
            "<Media omitted>",
            "<Medya dahil edilmedi>",
            "\u200eimage omitted",
            "\u200egörüntü dahil edilmedi",
            "\u200evideo omitted",
            "fatura.pdf • \u200e2 pages \u200edocument omitted",
        ],
    )
    def test_a_picture_that_was_left_out_is_said(self, text: str) -> None:
        assert told(f"31.12.2025 21:15 - Emily: {text}") == [("in", LEFT_OUT)]

    @pytest.mark.parametrize(
        ("text", "body"),
        [
            ("IMG-20251231-WA0001.jpg (file attached)", "[File IMG-20251231-WA0001.jpg]"),
            ("\u200eIMG-1.jpg (dosya ekli)\nKırık geldi", "[File IMG-1.jpg]\nKırık geldi"),
            ("\u200e<attached: 00000012-PHOTO-2025-12-31.jpg>", "[File 00000012-PHOTO-2025-12-31.jpg]"),
        ],
    )
    def test_a_file_that_came_with_it_is_named(self, text: str, body: str) -> None:
        (said,) = chat(f"31.12.2025 21:15 - Emily: {text}").said
        assert said.message.body == body
        assert len(said.files) == 1

    def test_words_that_only_look_like_another_message_stay_with_their_own(self) -> None:
        """A customer can type a line with a date and our name; one of another shape is no message of ours."""
        typed = f"[31.12.2025 21:10:00] {SHOP}: We refund you\n[10:00, 30/12/2025] {SHOP}: x"
        text = f"31.12.2025 21:15 - Emily: Look:\n{typed}"
        assert [side for side, _ in told(text)] == ["in"]

    def test_card_numbers_are_masked_in_words_and_stored_bytes(self) -> None:
        (said,) = chat("31.12.2025 21:15 - Emily: 4242 4242 4242 4242, cvv 123").said
        assert said.message.body == "************4242, cvv [removed]"
        assert b"4242 4242" not in said.data
        assert b"123" not in said.data

    def test_smileys_stay_whole(self) -> None:
        family = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
        assert told(f"31.12.2025 21:15 - Emily: Thanks {family}\ufe0f") == [("in", f"Thanks {family}\ufe0f")]

    @pytest.mark.parametrize(
        "text", ["", "Dear shop,\nwhere is it?", "a,b\n1,2", "Hello\n31.12.2025 21:15 - Emily: Hello", "{}"]
    )
    def test_another_text_is_refused(self, text: str) -> None:
        with pytest.raises(ChatRefused, match="is no WhatsApp export"):
            chat(text)

    @pytest.mark.parametrize("line", ["31.12.2025 25:15 - Emily: x", "12/31/25, 13:15 PM - Emily: x"])
    def test_a_time_that_no_clock_shows_is_refused(self, line: str) -> None:
        with pytest.raises(ChatRefused, match="no clock shows"):
            chat(line)


class TestDays:
    def test_a_number_over_twelve_anywhere_decides(self) -> None:
        assert times("03/04/2026, 10:00 - Emily: a\n15/04/2026, 10:00 - Emily: b")[0] == "2026-04-03 07:00:00"
        assert times("04/03/2026, 10:00 - Emily: a\n04/15/2026, 10:00 - Emily: b")[0] == "2026-04-03 07:00:00"

    def test_messages_run_forward_in_time(self) -> None:
        """11 April to 2 May, and not 4 November back to 5 February."""
        assert times("11/04/2026, 10:00 - Emily: a\n02/05/2026, 10:00 - Emily: b") == [
            "2026-04-11 07:00:00",
            "2026-05-02 07:00:00",
        ]

    def test_a_message_that_came_late_is_no_step_back(self) -> None:
        text = "11/04/2026, 10:00 - Emily: a\n10/04/2026, 23:59 - Emily: late\n02/05/2026, 10:00 - Emily: b"
        assert times(text)[0] == "2026-04-11 07:00:00"

    @pytest.mark.parametrize(
        "text",
        [
            "03/04/2026, 10:00 - Emily: a",
            "03/04/2026, 10:00 - Emily: a\n04/04/2026, 10:00 - Emily: b\n05/04/2026, 10:00 - Emily: c",
            "[3/4/26, 9:15:33 PM] Emily: a",
        ],
    )
    def test_what_stays_open_is_asked(self, text: str) -> None:
        with pytest.raises(DatesUnclear, match=r"two ways, as 0?3/0?4/"):
            chat(text)

    def test_the_answer_is_believed_where_the_export_is_silent(self) -> None:
        text = "03/04/2026, 10:00 - Emily: a"
        assert times(text, dates="day_first") == ["2026-04-03 07:00:00"]
        assert times(text, dates="month_first") == ["2026-03-04 07:00:00"]

    def test_the_answer_does_not_bend_what_the_export_says(self) -> None:
        assert times("03/14/2026, 10:00 - Emily: a", dates="day_first") == ["2026-03-14 07:00:00"]

    def test_points_between_the_numbers_are_day_first(self) -> None:
        assert times("03.04.2026 10:00 - Emily: a") == ["2026-04-03 07:00:00"]

    def test_nobody_is_asked_about_a_day_that_is_the_same_either_way(self) -> None:
        assert times("04/04/2026, 10:00 - Emily: a") == ["2026-04-04 07:00:00"]

    def test_nobody_has_written_in_the_future(self) -> None:
        handed_over = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
        assert times("05/12/2026, 10:00 - Emily: a", not_after=handed_over) == ["2026-05-12 07:00:00"]

    @pytest.mark.parametrize("day", ["31/31/2026", "30.02.2026", "14.13.2026"])
    def test_days_that_no_calendar_has_are_refused(self, day: str) -> None:
        with pytest.raises(ChatRefused, match="no calendar has"):
            chat(f"{day}, 10:00 - Emily: a")


class TestWhoseWords:
    text = f"31.12.2025 21:15 - Emily: Hello\n31.12.2025 21:16 - {SHOP}: Yes"

    def test_the_shops_name_tells_which_way_a_message_went(self) -> None:
        first, second = chat(self.text, own="LALE living").said
        assert (first.message.direction, first.message.recipients) == ("in", (SHOP,))
        assert (second.message.direction, second.message.recipients) == ("out", ("Emily",))

    @pytest.mark.parametrize("own", ["", "Another shop"])
    def test_without_it_somebody_is_asked_and_nothing_guessed(self, own: str) -> None:
        with pytest.raises(OwnNameUnclear, match="'Emily', 'Lale Living'"):
            chat(self.text, own=own)

    def test_where_only_the_customer_wrote_a_name_that_is_not_there_is_no_riddle(self) -> None:
        assert told("31.12.2025 21:15 - Emily: Hello") == [("in", "Hello")]
        with pytest.raises(OwnNameUnclear):
            told("31.12.2025 21:15 - Emily: Hello", own="")

    def test_where_only_the_shop_wrote_the_export_names_the_other(self) -> None:
        text = f"31.12.2025 21:15 - {SHOP}: Your parcel is on its way"
        (said,) = chat(text, whatsapp.title_of("WhatsApp Chat with Emily Carter.txt")).said
        assert said.message.recipients == ("Emily Carter",)

    def test_a_number_is_a_name_however_it_is_grouped(self) -> None:
        text = "31.12.2025 21:15 - +90 532 111 22 33: Merhaba\n31.12.2025 21:16 - +90 216 555 01 40: Buyurun"
        assert [side for side, _ in told(text, own="0216 5550140")] == ["in", "out"]

    def test_a_conversation_among_ourselves_is_refused(self) -> None:
        how = Asked("UTC", frozenset({"emily", name_key(SHOP)}))
        with pytest.raises(ChatRefused, match="among yourselves"):
            chat_of(whatsapp.read(self.text, "", how), how)

    @pytest.mark.parametrize(
        ("name", "title"),
        [
            ("WhatsApp Chat with Emily Carter.txt", "Emily Carter"),
            ("WhatsApp Chat - Emily Carter.zip", "Emily Carter"),
            ("Emily Carter ile WhatsApp Sohbeti.txt", "Emily Carter"),
            ("WhatsApp Sohbeti - Emily Carter.zip", "Emily Carter"),
            ("_chat.txt", ""),
        ],
    )
    def test_the_name_of_the_file_says_who_the_other_is(self, name: str, title: str) -> None:
        assert whatsapp.title_of(name) == title


class TestIdentity:
    text = "31.12.2025 21:15 - Emily: ok\n31.12.2025 21:15 - Emily: ok\n31.12.2025 21:16 - Emily: ok"

    def ids(self, text: str) -> list[str]:
        return [each.message.message_id for each in chat(text).said]

    def test_every_message_is_one_of_its_own(self) -> None:
        assert len(set(self.ids(self.text))) == 3

    def test_messages_of_one_minute_keep_their_order(self) -> None:
        text = "\n".join(f"31.12.2025 21:15 - Emily: {number}" for number in range(20))
        found = [each.message for each in chat(text).said]
        again = sorted(found, key=lambda message: (message.at, message.message_id))
        assert [message.body for message in again] == [str(number) for number in range(20)]

    def test_a_later_export_gives_the_same_ids(self) -> None:
        assert self.ids(self.text + f"\n01.01.2026 09:00 - {SHOP}: Yes")[:3] == self.ids(self.text)


LINES = st.sampled_from(
    [
        "31/12/2025, 21:15 - Emily: Hello",
        "01/02/2026, 09:00 - Emily: <Media omitted>",
        f"02/01/2026, 10:00 - {SHOP}: Yes\u200e",
        "[31/12/2025, 21:15:33] Emily: Hello",
        "12/31/25, 9:15\u202fPM - Emily: Hello",
        "99/99/9999, 99:99 - x: y",
        "0001-01-01, 00:00 - x: y",
        "9999-12-31, 23:59 - x: y",
        "no date",
        "",
        "\u200e",
    ]
)


class TestAnything:
    @settings(max_examples=60, deadline=None)
    @given(st.lists(st.one_of(LINES, st.text(max_size=40)), max_size=8))
    def test_any_text_is_read_or_refused(self, lines: list[str]) -> None:
        try:
            found = chat("\n".join(lines))
        except ChatRefused:
            return
        assert all(each.message.body and each.data for each in found.said)

    @settings(max_examples=60, deadline=None)
    @given(
        words=st.lists(
            st.text(st.characters(exclude_categories=["Cc", "Cs", "Cf", "Nd"]), min_size=1, max_size=30), max_size=6
        )
    )
    def test_no_word_is_lost(self, words: list[str]) -> None:
        """Every line of every message stands in the body of exactly one."""
        spoken = [" ".join(each.split()) for each in words if each.strip()]
        text = "\n".join(f"31.12.2025 21:{minute:02} - Emily: x {line}" for minute, line in enumerate(spoken))
        if spoken:
            assert [" ".join(body.split()) for _, body in told(text)] == [f"x {line}" for line in spoken]

    def test_a_long_line_of_digits_and_points_takes_no_time(self) -> None:
        with pytest.raises(ChatRefused):
            chat("1." * 200_000)
        with pytest.raises(ChatRefused):
            chat("31.12.2025 21:15 - " + "a " * 200_000)
