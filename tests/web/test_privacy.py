"""Erasing over a real server: what is held is shown, nothing goes while a case is open, afterwards nothing is left."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import SQLModel, select

from disputes import links, store, store_audit, store_erased, store_evidence, store_mail, store_people, store_work, sync
from disputes.facts import Message
from disputes.files import FileMissing
from disputes.ids import digest, new_id
from disputes.lifecycle import GatewayStatus
from disputes.models import (
    Connection,
    Dispute,
    EvidenceItem,
    Merchant,
    OutgoingMail,
    Round,
    SourceConnection,
    SourceKey,
    SourceRecord,
)
from disputes.money import Money
from disputes.ports import Gathered
from disputes.systems import Key, KeyKind
from scheduler import retention
from scheduler.forgotten import marks
from tests import builders
from tests.web.desk import PACKET, Browser, Desk, words

EMAIL, NAME, ORDER = "jane.doe@example.com", "Jane Dorothea Doe", "LL-4711"
LETTER = b"I never got the lamp. Jane Dorothea Doe, 12 Elm Street"


def shop(desk: Desk) -> tuple[Browser, Merchant]:
    person = desk.person()
    merchant = desk.shop(person)
    return desk.signed_in(person), merchant


def case(desk: Desk, merchant: Merchant, **told: Any) -> Dispute:
    """A case of Jane's with everything a case can hold of somebody."""
    told = {"order_ref": ORDER, "customer_email": EMAIL, "customer_name": NAME} | told
    told |= {"raw": {"id": "du", "evidence": {"customer_name": NAME}}}
    dispute = desk.case(merchant, **told)
    sha256 = desk.runtime.files.put(merchant.id, LETTER)
    message = Message(
        message_id=new_id("msg"), channel="email", direction="in", at=desk.now, sender=EMAIL, body=LETTER.decode()
    )
    with desk.runtime.database.writing() as session:
        dispute = session.get_one(Dispute, dispute.id)
        gathered = Gathered(LETTER, "message/rfc822", f"{NAME}.eml", f"mail of {EMAIL}", message)
        store_evidence.upsert(
            session, dispute, gathered, source="imap", source_title="Mailbox", sha256=sha256, now=desk.now
        )
        store_work.add_note(session, dispute, f"{NAME} called", by="desk", now=desk.now)
        mail = {"kind": "new_case", "recipient": "desk@shop.example", "now": desk.now, "merchant_id": merchant.id}
        store_mail.put(
            session, dedupe=new_id("x"), subject=f"New: {ORDER}", text=NAME, html=NAME, dispute_id=dispute.id, **mail
        )  # type: ignore[arg-type]
        store_mail.put(session, dedupe=new_id("x"), subject="Digest", text=f"{ORDER} due", html=ORDER, **mail)  # type: ignore[arg-type]
    return dispute


def kept_record(desk: Desk, merchant: Merchant) -> None:
    sha256 = desk.runtime.files.put(merchant.id, f"order of {NAME}".encode())
    with desk.runtime.database.writing() as session:
        source = SourceConnection(
            id=f"src_{merchant.id}", merchant_id=merchant.id, system="shopify", account_id=merchant.id, secret="",
            created_at=desk.now,
        )  # fmt: skip
        session.add(source)
        session.flush()
        session.add(
            SourceRecord(
                id=f"rec_{merchant.id}", merchant_id=merchant.id, source_id=source.id, kind="order", external_id="1",
                facts=[{"type": "order", "fact": {"customer_name": NAME}}], media_type="application/json",
                sha256=sha256, size=1, adapter="shopify/1", taken_at=desk.now,
            )
        )  # fmt: skip
        session.flush()
        session.add(SourceKey(record_id=f"rec_{merchant.id}", source_id=source.id, kind="email", value=EMAIL))


def ended(desk: Desk, dispute: Dispute, *, days: int = 1, status: GatewayStatus = GatewayStatus.LOST) -> None:
    """The gateway decides it, so many days ago."""
    with desk.runtime.database.writing() as session:
        connection = session.get_one(Connection, dispute.connection_id)
        told = told_by_gateway(dispute, status=status)
        sync.apply_page(session, connection, [told], desk.now - timedelta(days=days))


def told_by_gateway(dispute: Dispute, **changes: Any) -> Any:
    return builders.snapshot(
        external_id=dispute.external_id, order_ref=ORDER, customer_email=EMAIL, customer_name=NAME,
        opened_at=dispute.opened_at, due_at=dispute.due_at, raw={"name": NAME}, **changes,
    )  # fmt: skip


def everything(desk: Desk, merchant: Merchant) -> str:
    """Every cell of every table of this shop, as one text."""
    found = []
    with desk.runtime.database.reading() as session:
        for name, table in SQLModel.metadata.tables.items():
            if name not in ("person", "web_session"):
                rows = session.execute(sa.select(table)).mappings()
                found += [str(dict(row)) for row in rows if _ours(row, merchant)]
    return "\n".join(found)


def _ours(row: Any, merchant: Merchant) -> bool:
    """A key of a kept record names its source; its tests name the source after the shop."""
    source = row.get("source_id") or f"src_{merchant.id}"
    return row.get("merchant_id", merchant.id) == merchant.id and source == f"src_{merchant.id}"


def erase(browser: Browser, merchant: Merchant, who: str = EMAIL, again: str | None = None) -> Any:
    return browser.post(links.erase(merchant.slug), who=who, again=who if again is None else again)


class TestLooking:
    @pytest.mark.parametrize("typed", [EMAIL, EMAIL.upper(), NAME, ORDER])
    def test_by_address_name_or_order_leads_to_the_person(self, desk: Desk, typed: str) -> None:
        browser, merchant = shop(desk)
        case(desk, merchant)
        page = browser.get(links.erase(merchant.slug), params={"q": typed})
        assert "/settings/erase/of?who=jane.doe%40example.com" in page.text

    def test_what_is_held_is_counted(self, desk: Desk) -> None:
        browser, merchant = shop(desk)
        ended(desk, case(desk, merchant))
        kept_record(desk, merchant)
        page = words(browser.get(f"{links.erase(merchant.slug)}/of", params={"who": EMAIL}))
        assert "Cases 1" in page
        assert "Pieces of evidence on them 1" in page
        assert "Records kept from sources 1" in page
        assert "Mails of the desk that name them 2" in page

    @pytest.mark.parametrize("typed", ["+44 7700 900 123", "cus_88"])
    def test_by_telephone_or_customer_number_leads_to_the_address_a_system_has_for_it(
        self, desk: Desk, typed: str
    ) -> None:
        browser, merchant = shop(desk)
        case(desk, merchant)
        kept_record(desk, merchant)
        with desk.runtime.database.writing() as session:
            for kind, value in (("phone", "700900123"), ("account", "cus_88")):
                session.add(
                    SourceKey(record_id=f"rec_{merchant.id}", source_id=f"src_{merchant.id}", kind=kind, value=value)
                )
        assert EMAIL in words(browser.get(links.erase(merchant.slug), params={"q": typed}))

    def test_nothing_held_is_said(self, desk: Desk) -> None:
        browser, merchant = shop(desk)
        assert "Nothing is held" in words(browser.get(links.erase(merchant.slug), params={"q": "x@y.example"}))
        page = browser.get(f"{links.erase(merchant.slug)}/of", params={"who": "x@y.example"})
        assert "Nothing is held" in words(page)

    def test_nothing_of_another_shop(self, desk: Desk) -> None:
        browser, merchant = shop(desk)
        case(desk, desk.shop())
        assert "Nothing is held" in words(browser.get(links.erase(merchant.slug), params={"q": EMAIL}))


class TestErasing:
    def test_leaves_nothing_of_the_customer_in_any_table_or_file(self, desk: Desk) -> None:
        browser, merchant = shop(desk)
        dispute = case(desk, merchant)
        ended(desk, dispute)
        kept_record(desk, merchant)
        assert NAME in everything(desk, merchant)
        assert erase(browser, merchant).status_code == 200
        left = everything(desk, merchant)
        for secret in (EMAIL, NAME, ORDER, "12 Elm Street"):
            assert secret not in left, secret
        for data in (LETTER, PACKET, f"order of {NAME}".encode()):
            with pytest.raises(FileMissing):
                desk.runtime.files.get(merchant.id, digest(data))

    def test_leaves_figures_dates_outcomes_and_hashes(self, desk: Desk) -> None:
        browser, merchant = shop(desk)
        dispute = case(desk, merchant)
        ended(desk, dispute)
        erase(browser, merchant)
        with desk.runtime.database.reading() as session:
            row = session.get_one(Dispute, dispute.id)
            (item,) = session.exec(select(EvidenceItem).where(EvidenceItem.dispute_id == dispute.id)).all()
            (closed,) = store.rounds_of(session, dispute.id)
        assert row.erased_at is not None
        assert (row.amount, row.gateway_status, row.external_id) == (
            Money(18900, "EUR"),
            "lost",
            dispute.external_id,
        )
        assert item.sha256 == digest(LETTER)
        assert (closed.outcome, closed.response_sha256 is not None) == ("lost", True)

    def test_the_erased_case_can_still_be_opened(self, desk: Desk) -> None:
        browser, merchant = shop(desk)
        dispute = case(desk, merchant)
        ended(desk, dispute)
        erase(browser, merchant)
        for path in ("", "/timeline", "/packet"):
            assert browser.get(links.case(merchant.slug, dispute.id) + path).status_code in (200, 303, 404), path
        assert browser.get(links.case(merchant.slug, dispute.id)).status_code == 200

    def test_the_record_says_so_with_a_hash_only_and_still_holds(self, desk: Desk) -> None:
        browser, merchant = shop(desk)
        ended(desk, case(desk, merchant))
        erase(browser, merchant)
        with desk.runtime.database.reading() as session:
            (entry,) = [e for e in store_audit.entries_of(session, merchant.id) if e.action == "customer_erased"]
        assert entry.details["customer"] == desk.runtime.vault.fingerprint(EMAIL.encode())
        assert "each is as it was written" in words(browser.get(f"{links.audit(merchant.slug)}/check"))

    def test_is_refused_while_a_case_is_open(self, desk: Desk) -> None:
        browser, merchant = shop(desk)
        ended(desk, case(desk, merchant))
        still = case(desk, merchant, order_ref="LL-5000")
        page = browser.get(f"{links.erase(merchant.slug)}/of", params={"who": EMAIL})
        assert "a case of theirs is open" in words(page)
        assert "LL-5000" in page.text
        answer = erase(browser, merchant)
        assert answer.status_code == 409
        assert NAME in everything(desk, merchant)
        ended(desk, still)
        assert erase(browser, merchant).status_code == 200

    def test_is_refused_while_the_bank_still_decides(self, desk: Desk) -> None:
        browser, merchant = shop(desk)
        ended(desk, case(desk, merchant), status=GatewayStatus.UNDER_REVIEW)
        assert erase(browser, merchant).status_code == 409

    def test_is_remembered_by_a_mark_of_the_address_and_of_each_order(self, desk: Desk) -> None:
        browser, merchant = shop(desk)
        ended(desk, case(desk, merchant))
        erase(browser, merchant)
        keys = [Key(KeyKind.EMAIL, EMAIL), Key(KeyKind.ORDER, ORDER.casefold())]
        with desk.runtime.database.reading() as session:
            known = store_erased.erased(session, merchant.id, set(marks(desk.runtime.vault, keys).values()))
        assert len(known) == 2

    def test_asks_to_type_it_again(self, desk: Desk) -> None:
        browser, merchant = shop(desk)
        ended(desk, case(desk, merchant))
        answer = erase(browser, merchant, again="jane@example.com")
        assert answer.status_code == 422
        assert "Nothing was erased" in words(answer)
        assert NAME in everything(desk, merchant)

    def test_keeps_a_file_that_another_customers_case_uses(self, desk: Desk) -> None:
        browser, merchant = shop(desk)
        ended(desk, case(desk, merchant))
        case(desk, merchant, customer_email="other@example.com", customer_name="Other", order_ref="LL-1")
        erase(browser, merchant)
        assert desk.runtime.files.get(merchant.id, digest(LETTER)) == LETTER

    def test_of_one_shop_leaves_the_other_alone(self, desk: Desk) -> None:
        browser, merchant = shop(desk)
        other = desk.shop()
        for each in (merchant, other):
            ended(desk, case(desk, each))
        erase(browser, merchant)
        assert NAME in everything(desk, other)
        assert desk.runtime.files.get(other.id, digest(LETTER)) == LETTER

    def test_is_not_undone_by_the_next_reading_of_the_gateway(self, desk: Desk) -> None:
        browser, merchant = shop(desk)
        dispute = case(desk, merchant)
        ended(desk, dispute)
        erase(browser, merchant)
        ended(desk, dispute, status=GatewayStatus.WON, days=0)
        assert NAME not in everything(desk, merchant)
        assert EMAIL not in everything(desk, merchant)

    def test_a_case_the_gateway_asks_about_again_knows_its_customer_again(self, desk: Desk) -> None:
        browser, merchant = shop(desk)
        dispute = case(desk, merchant)
        ended(desk, dispute)
        erase(browser, merchant)
        with desk.runtime.database.writing() as session:
            connection = session.get_one(Connection, dispute.connection_id)
            told = told_by_gateway(dispute, kind="pre_arbitration")
            sync.apply_page(session, connection, [told], desk.now)
        with desk.runtime.database.reading() as session:
            row = session.get_one(Dispute, dispute.id)
        assert (row.erased_at, row.customer_email, row.work_state) == (None, EMAIL, "new")

    def test_needs_the_right_to_it(self, desk: Desk) -> None:
        person = desk.person()
        merchant = desk.shop()
        with desk.runtime.database.writing() as session:
            store_people.join(session, merchant.id, person.id, "manager")
        browser = desk.signed_in(person)
        assert browser.get(links.erase(merchant.slug)).status_code == 403
        assert erase(browser, merchant).status_code == 403
        with pytest.raises(store_people.Denied):
            retention.erase_customer(desk.runtime, merchant.id, EMAIL, by=person.id)


class TestRetention:
    def path(self, merchant: Merchant) -> str:
        return f"{links.settings(merchant.slug)}/retention"

    def days(self, desk: Desk, merchant: Merchant) -> int | None:
        with desk.runtime.database.reading() as session:
            return session.get_one(Merchant, merchant.id).retention_days

    def test_says_what_it_would_erase_before_it_is_switched_on(self, own_desk: Desk) -> None:
        browser, merchant = shop(own_desk)
        for age in (200, 20):
            ended(own_desk, case(own_desk, merchant, opened_at=own_desk.now - timedelta(days=400)), days=age)
        asked = browser.post(self.path(merchant), days="180")
        assert "It would erase 1 case now" in words(asked)
        assert self.days(own_desk, merchant) is None
        assert browser.post(self.path(merchant), days="180", understood="yes").status_code == 303
        assert self.days(own_desk, merchant) == 180

    @pytest.mark.parametrize("days", ["30", "0", "-5", "many", "99999"])
    def test_too_short_or_senseless_is_refused(self, own_desk: Desk, days: str) -> None:
        browser, merchant = shop(own_desk)
        assert browser.post(self.path(merchant), days=days, understood="yes").status_code == 422

    def test_erases_what_was_kept_long_enough_and_nothing_else_once_a_day(self, own_desk: Desk) -> None:
        browser, merchant = shop(own_desk)
        early = own_desk.now - timedelta(days=400)
        old, young, going = (case(own_desk, merchant, opened_at=early) for _ in range(3))
        ended(own_desk, old, days=200)
        ended(own_desk, young, days=20)
        browser.post(self.path(merchant), days="180", understood="yes")
        assert retention.tick(own_desk.runtime) == 1
        assert retention.tick(own_desk.runtime) == 0
        with own_desk.runtime.database.reading() as session:
            names = {each: session.get_one(Dispute, each).customer_name for each in (old.id, young.id, going.id)}
        assert names == {old.id: None, young.id: NAME, going.id: NAME}
        assert own_desk.runtime.files.get(merchant.id, digest(LETTER)) == LETTER, "the other cases use it"

    def test_off_erases_nothing(self, own_desk: Desk) -> None:
        browser, merchant = shop(own_desk)
        ended(own_desk, case(own_desk, merchant, opened_at=own_desk.now - timedelta(days=999)), days=900)
        browser.post(self.path(merchant), days="180", understood="yes")
        browser.post(self.path(merchant))
        assert self.days(own_desk, merchant) is None
        assert retention.tick(own_desk.runtime) == 0

    def test_forgets_the_words_of_old_mails(self, own_desk: Desk) -> None:
        browser, merchant = shop(own_desk)
        case(own_desk, merchant)
        with own_desk.runtime.database.writing() as session:
            for mail in session.exec(select(OutgoingMail)).all():
                mail.state, mail.created_at = "sent", own_desk.now - timedelta(days=300)
                session.add(mail)
        browser.post(self.path(merchant), days="180", understood="yes")
        retention.tick(own_desk.runtime)
        with own_desk.runtime.database.reading() as session:
            assert {mail.text for mail in session.exec(select(OutgoingMail))} == {""}

    def test_a_file_left_behind_by_a_crash_is_looked_for_again(self, own_desk: Desk) -> None:
        browser, merchant = shop(own_desk)
        ended(own_desk, case(own_desk, merchant, opened_at=own_desk.now - timedelta(days=400)), days=200)
        browser.post(self.path(merchant), days="180", understood="yes")
        retention.tick(own_desk.runtime)
        own_desk.runtime.files.put(merchant.id, LETTER)
        with own_desk.runtime.database.writing() as session:
            from disputes import store_due

            store_due.beat(session, "retention", own_desk.now - timedelta(days=2))
        retention.tick(own_desk.runtime)
        assert not own_desk.runtime.files.has(merchant.id, digest(LETTER))


def test_a_round_keeps_only_a_gateways_own_word_for_its_outcome(desk: Desk) -> None:
    browser, merchant = shop(desk)
    dispute = case(desk, merchant)
    ended(desk, dispute)
    with desk.runtime.database.writing() as session:
        (closed,) = store.rounds_of(session, dispute.id)
        row = session.get_one(Round, closed.id)
        row.outcome_reason = f"{NAME} won"
        session.add(row)
    erase(browser, merchant)
    with desk.runtime.database.reading() as session:
        assert session.get_one(Round, closed.id).outcome_reason == ""
