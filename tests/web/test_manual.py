"""Cases of processors without an API, over a real server: by form, by table, and what the processor says later."""

from __future__ import annotations

import csv
import io
import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import httpx
import pytest
from sqlmodel import select

from disputes import entered_table, links, store
from disputes.entered import Entered
from disputes.lifecycle import GatewayStatus
from disputes.models import Connection, Dispute, Merchant, Round
from disputes.money import Money
from tests import builders
from tests.web.desk import Browser, Desk, words

Shop = tuple[Browser, Merchant]


def shop(desk: Desk) -> Shop:
    person = desk.person()
    merchant = desk.shop(person)
    return desk.signed_in(person), merchant


def page_of(merchant: Merchant) -> str:
    return f"/m/{merchant.slug}/by-hand"


def day(desk: Desk, days: int) -> str:
    return f"{desk.now + timedelta(days=days):%Y-%m-%d}"


def form(desk: Desk, **changes: str) -> dict[str, str]:
    base = {
        "processor": "iyzico", "case_number": "IYZ-1042", "category": "not_received", "kind": "chargeback",
        "amount": "1249.90", "currency": "TRY", "due_day": day(desk, 7), "due_time": "17:00",
        "opened_day": day(desk, -3), "paid_day": day(desk, -40),
    }  # fmt: skip
    return base | changes


def enter(browser: Browser, merchant: Merchant, desk: Desk, **changes: str) -> httpx.Response:
    return browser.post(page_of(merchant), **form(desk, **changes))


def cases(desk: Desk, merchant: Merchant) -> list[Dispute]:
    with desk.runtime.database.reading() as session:
        return list(session.exec(select(Dispute).where(Dispute.merchant_id == merchant.id)))


def rounds(desk: Desk, dispute: Dispute) -> list[Round]:
    with desk.runtime.database.reading() as session:
        return list(store.rounds_of(session, dispute.id))


def row(desk: Desk, number: str, **changes: str) -> dict[str, str]:
    base = {
        "case_number": number, "amount": "100.00", "currency": "TRY", "category": "not_received",
        "opened": day(desk, -3), "due": day(desk, 7), "paid": day(desk, -40), "order": f"LL-{number}",
    }  # fmt: skip
    return base | changes


def table(*rows: dict[str, str]) -> bytes:
    out = io.StringIO()
    writer = csv.DictWriter(out, [column.name for column in entered_table.COLUMNS])
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def send(browser: Browser, merchant: Merchant, data: bytes, processor: str = "iyzico") -> httpx.Response:
    files = {"table": ("cases.csv", data, "text/csv")}
    return browser.post(f"{page_of(merchant)}/table", files=files, processor=processor)


class TestTheForm:
    def test_enters_a_case_that_goes_the_way_of_every_dispute(self, desk: Desk) -> None:
        browser, merchant = shop(desk)
        answer = enter(
            browser, merchant, desk,
            network="Visa", reason_code="13.1", payment_reference="1899120034", card_last4="4242", order_ref="LL-1042",
            customer_name="Ayşe Yılmaz", customer_email="Ayse@example.com.tr", charged="1300", limit_kilobytes="500",
            limit_pages="10", refund1_amount="50,10", refund1_day=day(desk, -20), refund1_reference="R-1",
        )  # fmt: skip
        (dispute,) = cases(desk, merchant)
        assert answer.status_code == 303
        assert answer.headers["location"].partition("?")[0] == links.case(merchant.slug, dispute.id)
        told = Entered.model_validate(dispute.raw)
        zone = ZoneInfo(merchant.zone)
        assert (dispute.gateway, dispute.external_id, dispute.amount) == ("manual", "IYZ-1042", Money(124990, "TRY"))
        assert dispute.due_at == datetime.fromisoformat(f"{day(desk, 7)}T17:00").replace(tzinfo=zone)
        assert (told.network, told.customer_email) == ("visa", "ayse@example.com.tr")
        assert (told.charged, told.limit_kilobytes, told.limit_pages) == (Money(130000, "TRY"), 500, 10)
        assert [(each.reference, each.amount) for each in told.refunds] == [("R-1", Money(5010, "TRY"))]
        (opened,) = rounds(desk, dispute)
        assert [given for name, _, given in desk.engine.asked if name == "prepare"][-1] == (opened.id,)
        page = words(browser.get(links.case(merchant.slug, dispute.id)))
        assert "iyzico IYZ-1042" in page
        assert "Enter what iyzico said" in page

    def test_of_a_deadline_without_an_hour_means_the_end_of_the_day(self, desk: Desk) -> None:
        browser, merchant = shop(desk)
        enter(browser, merchant, desk, due_time="")
        (dispute,) = cases(desk, merchant)
        assert dispute.due_at is not None
        assert f"{dispute.due_at.astimezone(ZoneInfo(merchant.zone)):%Y-%m-%d %H:%M}" == f"{day(desk, 7)} 23:59"

    def test_keeps_the_cases_of_one_name_together(self, desk: Desk) -> None:
        browser, merchant = shop(desk)
        for number, processor in (("1", "PayTR"), ("2", " paytr "), ("3", "Ziraat  Bank")):
            assert enter(browser, merchant, desk, case_number=number, processor=processor).status_code == 303
        with desk.runtime.database.reading() as session:
            found = session.exec(select(Connection).where(Connection.merchant_id == merchant.id)).all()
        assert sorted(each.account_name for each in found) == ["PayTR", "Ziraat Bank"]
        assert all(each.by_hand for each in found)

    @pytest.mark.parametrize(
        ("wrong", "said"),
        [
            ({"processor": " "}, "Say who handles the case"),
            ({"case_number": ""}, "Case number: is missing"),
            ({"due_day": ""}, "Deadline: the day is missing"),
            ({"due_day": "soon"}, "Deadline: 'soon' is no day"),
            ({"due_day": "2001-02-30"}, "is no day"),
            ({"due_day": "9999-12-31"}, "cannot be right"),
            ({"due_time": "26:00"}, "is no hour"),
            ({"due_day": "2020-01-01"}, "The deadline lies before the day"),
            ({"opened_day": "2099-01-01", "due_day": "2099-02-01"}, "lies in the future"),
            ({"paid_day": "2099-01-01"}, "The payment lies after the day"),
            ({"category": ""}, "Say what is claimed"),
            ({"category": "made_up"}, "what is claimed is one of"),
            ({"kind": "alert"}, "Say what kind of case"),
            ({"amount": "1.249,90"}, "Type it like 1249.90"),
            ({"amount": "1e999999"}, "Type it like 1249.90"),
            ({"amount": "0"}, "must be above zero"),
            ({"amount": "1.999"}, "Type it like"),
            ({"currency": "TL"}, "not an ISO 4217 currency code"),
            ({"card_last4": "42x2"}, "Last four digits of the card"),
            ({"customer_email": "ayse"}, "is no e-mail address"),
            ({"customer_name": "Ayşe\r\nBcc: x@y.example"}, "line break or control character"),
            ({"refund1_amount": "5"}, "Refund 1 needs its amount, its day and its number"),
            ({"limit_kilobytes": "1"}, "must be a whole number from 50"),
        ],
    )
    def test_that_cannot_be_right_is_shown_again_with_what_was_typed(
        self, desk: Desk, wrong: dict[str, str], said: str
    ) -> None:
        browser, merchant = shop(desk)
        answer = enter(browser, merchant, desk, **{"order_ref": "LL-kept", **wrong})
        assert answer.status_code == 422
        assert said in words(answer).replace("&#39;", "'")
        assert "Nothing was entered" in words(answer)
        assert 'value="LL-kept"' in answer.text
        assert f'value="{day(desk, -40)}"' in answer.text or "paid_day" in wrong
        assert cases(desk, merchant) == []

    def test_never_overwrites_a_case_that_is_here(self, desk: Desk) -> None:
        browser, merchant = shop(desk)
        enter(browser, merchant, desk)
        answer = enter(browser, merchant, desk, amount="5.00", processor="IYZICO")
        assert answer.status_code == 422
        assert "is here already" in words(answer)
        (dispute,) = cases(desk, merchant)
        assert dispute.amount == Money(124990, "TRY")
        # The same number at another processor is another case.
        assert enter(browser, merchant, desk, processor="Bank").status_code == 303

    def test_escapes_what_was_typed(self, desk: Desk) -> None:
        browser, merchant = shop(desk)
        evil = '"><script>alert(1)</script>'
        assert "<script>alert" not in enter(browser, merchant, desk, processor=evil, due_day="").text
        enter(browser, merchant, desk, processor=evil, case_number=evil, order_ref=evil, customer_name=evil)
        (dispute,) = cases(desk, merchant)
        here = links.case(merchant.slug, dispute.id)
        for path in (here, f"{here}/entered", links.queue(merchant.slug), links.connections(merchant.slug)):
            assert "<script>alert" not in browser.get(path).text


class TestTheQueue:
    def test_offers_it_names_the_processor_and_filters_by_gateway(self, desk: Desk) -> None:
        browser, merchant = shop(desk)
        queue = links.queue(merchant.slug)
        assert f'href="{page_of(merchant)}"' in browser.get(queue).text
        desk.case(merchant, mode="live", gateway="paypal", order_ref="pal", fields={"OTHER.notes": "x"})
        enter(browser, merchant, desk, order_ref="hand")
        page = browser.get(f"{queue}?view=open")
        assert "iyzico" in words(page)
        assert '<option value="manual">By hand</option>' in page.text
        assert '<option value="paypal">PayPal</option>' in page.text
        listed = re.findall(r'class="case" href="[^"]+"[^>]*>([^<]+)<', browser.get(f"{queue}?gateway=manual").text)
        assert listed == ["hand"]


class TestTheTable:
    def test_is_offered_as_a_template_whose_columns_are_explained(self, desk: Desk) -> None:
        browser, merchant = shop(desk)
        answer = browser.get(f"{page_of(merchant)}/template.csv")
        assert answer.headers["content-disposition"].startswith('attachment; filename="cases-template.csv"')
        read = entered_table.read(answer.content, merchant.zone)
        assert [each.case_number for each in read.cases] == ["IYZ-2026-1042"]
        page = words(browser.get(page_of(merchant))).replace("&#39;", "'")
        for column in entered_table.COLUMNS:
            assert column.name in page
            assert column.meaning in page

    def test_enters_every_good_line_whatever_the_others_are(self, desk: Desk) -> None:
        browser, merchant = shop(desk)
        answer = send(
            browser,
            merchant,
            table(
                row(desk, "A-1"),
                row(desk, "A-2", due=""),
                row(desk, "A-3", amount="a lot"),
                row(desk, "A-4", opened="2099-01-01", due="2099-02-01"),
                row(desk, "A-5", paid="0001-01-01"),
                row(desk, "A-6", category="<script>alert(1)</script>"),
                row(desk, "A-7", customer_name="Zoë"),
            ),
        )
        assert answer.status_code == 200
        page = words(answer)
        assert "2 cases were entered. 5 lines were not taken." in page
        for told in ("Line 3:", "Line 4:", "Case A-4:", "Case A-5:", "Line 7:"):
            assert told in page
        assert "<script>alert" not in answer.text
        found = {each.external_id: each for each in cases(desk, merchant)}
        assert sorted(found) == ["A-1", "A-7"]
        for dispute in found.values():
            assert links.case(merchant.slug, dispute.id) in answer.text
            assert len(rounds(desk, dispute)) == 1

    def test_sent_again_changes_nothing_that_is_here(self, desk: Desk) -> None:
        browser, merchant = shop(desk)
        send(browser, merchant, table(row(desk, "B-1")))
        (dispute,) = cases(desk, merchant)
        here = links.case(merchant.slug, dispute.id)
        assert browser.post(f"{here}/entered/outcome", state="won", reason="The bank agreed").status_code == 303
        answer = send(browser, merchant, table(row(desk, "B-1", amount="5.00"), row(desk, "B-2")))
        assert "1 case was entered. 1 was here already." in words(answer)
        first = next(each for each in cases(desk, merchant) if each.external_id == "B-1")
        assert (first.status, first.amount) == (GatewayStatus.WON, Money(10000, "TRY"))

    def test_with_more_lines_than_one_transaction_takes_arrives_whole(
        self, desk: Desk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("web.pages.entering.AT_ONCE", 3)
        browser, merchant = shop(desk)
        answer = send(browser, merchant, table(*(row(desk, f"C-{number}") for number in range(7))))
        assert "7 cases were entered" in words(answer)
        assert len(cases(desk, merchant)) == 7

    @pytest.mark.parametrize(
        ("data", "processor", "said"),
        [
            (b"name;amount\nx;1\n", "iyzico", "Columns are missing"),
            (b"PK\x03\x04\x00\x00", "iyzico", "no CSV table"),
            (b"", "iyzico", "Columns are missing"),
            (b"x" * (4 * 2**20 + 1), "iyzico", "larger than 4 MB"),
            (None, "", "Say who handles the case"),
        ],
    )
    def test_that_is_none_is_refused_whole(self, desk: Desk, data: bytes | None, processor: str, said: str) -> None:
        browser, merchant = shop(desk)
        answer = send(browser, merchant, table(row(desk, "D-1")) if data is None else data, processor)
        assert answer.status_code == 422
        assert said in words(answer)
        assert cases(desk, merchant) == []

    def test_without_a_file_is_refused(self, desk: Desk) -> None:
        browser, merchant = shop(desk)
        answer = browser.post(f"{page_of(merchant)}/table", processor="iyzico")
        assert answer.status_code == 422
        assert "Choose the table" in words(answer)


class TestWhatItSaysLater:
    def case(self, desk: Desk, **changes: str) -> tuple[Browser, Merchant, Dispute, str]:
        browser, merchant = shop(desk)
        enter(browser, merchant, desk, **changes)
        (dispute,) = cases(desk, merchant)
        return browser, merchant, dispute, f"{links.case(merchant.slug, dispute.id)}/entered"

    def test_a_deadline_moves(self, desk: Desk) -> None:
        browser, merchant, dispute, path = self.case(desk)
        assert f'value="{day(desk, 7)}"' in browser.get(path).text
        assert browser.post(f"{path}/deadline", due_day=day(desk, 12), due_time="09:30").status_code == 303
        (after,) = cases(desk, merchant)
        assert after.due_at is not None
        assert f"{after.due_at.astimezone(ZoneInfo(merchant.zone)):%Y-%m-%d %H:%M}" == f"{day(desk, 12)} 09:30"
        assert len(rounds(desk, dispute)) == 1

    def test_an_outcome_is_entered_with_its_reason(self, desk: Desk) -> None:
        browser, merchant, dispute, path = self.case(desk)
        assert browser.post(f"{path}/outcome", state="lost", reason="No signature").status_code == 303
        (after,) = cases(desk, merchant)
        assert after.status is GatewayStatus.LOST
        assert rounds(desk, dispute)[0].outcome == "lost"
        assert "No signature" in words(browser.get(path))
        assert "Lost" in words(browser.get(links.case(merchant.slug, dispute.id)))

    def test_it_asks_again_after_an_answer_in_a_new_round(self, desk: Desk) -> None:
        browser, merchant, dispute, path = self.case(desk)
        with desk.runtime.database.writing() as session:
            found = store.dispute_of(session, merchant.id, dispute.id)
            answer = builders.answer(external_id=dispute.external_id).model_copy(update={"gateway": "manual"})
            builders.prepared(session, dispute=found, response=answer, at=desk.now)
        now = (desk.now - timedelta(minutes=2)).astimezone(ZoneInfo(merchant.zone))
        marked = browser.post(
            f"{links.case(merchant.slug, dispute.id)}/hand-over",
            response=answer.sha256, filed_day=f"{now:%Y-%m-%d}", filed_time=f"{now:%H:%M}", done="yes",
        )  # fmt: skip
        assert marked.status_code == 303
        assert cases(desk, merchant)[0].status is GatewayStatus.UNDER_REVIEW
        assert browser.post(f"{path}/again", due_day=day(desk, 20), due_time="").status_code == 303
        assert [each.ordinal for each in rounds(desk, dispute)] == [1, 2]
        assert cases(desk, merchant)[0].status is GatewayStatus.NEEDS_RESPONSE
        assert desk.engine.asked[-1][2] == (rounds(desk, dispute)[1].id,)

    @pytest.mark.parametrize(
        ("what", "typed", "said"),
        [
            ("deadline", {"due_day": ""}, "the day is missing"),
            ("deadline", {"due_day": "2020-01-01"}, "lies before the day"),
            ("again", {"due_day": "2099-01-01"}, "An answer is asked for already"),
            ("outcome", {"state": "", "reason": "kept words"}, "Say how it stands or ended"),
            ("outcome", {"state": "needs_response"}, "Say how it stands or ended"),
            ("outcome", {"state": "won", "reason": "x" * 501}, "longer than 500"),
        ],
    )
    def test_what_cannot_be_is_shown_again_and_nothing_is_changed(
        self, desk: Desk, what: str, typed: dict[str, str], said: str
    ) -> None:
        browser, merchant, dispute, path = self.case(desk)
        answer = browser.post(f"{path}/{what}", **typed)
        assert answer.status_code == 422
        assert said in words(answer)
        assert "Nothing was changed" in words(answer)
        assert typed.get("reason", "") in answer.text
        (after,) = cases(desk, merchant)
        assert (after.version, after.status) == (dispute.version, GatewayStatus.NEEDS_RESPONSE)

    def test_there_is_nothing_to_enter_where_a_gateway_is_read(self, desk: Desk) -> None:
        browser, merchant = shop(desk)
        dispute = desk.case(merchant)
        path = f"{links.case(merchant.slug, dispute.id)}/entered"
        assert browser.get(path).status_code == 404
        assert browser.post(f"{path}/outcome", state="won", reason="").status_code == 404
        assert "Enter what" not in words(browser.get(links.case(merchant.slug, dispute.id)))
