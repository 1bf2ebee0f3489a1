"""The page of the record over a real server: told, filtered, paged, checked, and exported for an offline check."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from disputes import links, store_audit, store_audit_read, store_people
from disputes.audit import START
from disputes.models import AuditEntry, AuditHead, Digest, Merchant
from disputes.store_audit import record
from tests.web.desk import Browser, Desk, words
from web import audit_words
from web.verify import verify_audit

ROOT = Path(__file__).parents[2]


def shop(desk: Desk) -> tuple[Browser, Merchant]:
    person = desk.person()
    merchant = desk.shop(person)
    return desk.signed_in(person), merchant


def write(desk: Desk, merchant: Merchant, number: int, *, actor: str = "desk", action: str = "prepared") -> None:
    with desk.runtime.database.writing() as session:
        for each in range(number):
            at = desk.now + timedelta(seconds=each)
            record(session, merchant.id, at=at, actor=actor, action=action, subject=merchant.id, details={"n": each})


def sent(desk: Desk, merchant: Merchant, head: str) -> None:
    with desk.runtime.database.writing() as session:
        session.add(
            Digest(
                id=f"dig_{merchant.id}", merchant_id=merchant.id, day=date(2026, 11, 21), due_at=desk.now,
                built_at=desk.now, audit_head=head,
            )
        )  # fmt: skip


class TestReading:
    def test_who_did_what_in_which_case_with_a_link(self, desk: Desk) -> None:
        browser, merchant = shop(desk)
        case = desk.case(merchant, order_ref="LL-7 <b>")
        browser.post(f"{links.case(merchant.slug, case.id)}/checklist/return_policy/waive", why="none")
        answer = browser.get(links.audit(merchant.slug))
        assert "Ada Moll waived an item of the checklist" in words(answer)
        assert f'href="{links.case(merchant.slug, case.id)}">Case LL-7 &lt;b&gt;<' in answer.text
        assert "<b>" not in answer.text

    def test_what_machines_did(self, desk: Desk) -> None:
        browser, merchant = shop(desk)
        desk.case(merchant)
        assert "The gateway told of new or changed disputes" in words(browser.get(links.audit(merchant.slug)))

    def test_an_action_of_a_later_version_is_shown_and_not_hidden(self, desk: Desk) -> None:
        browser, merchant = shop(desk)
        write(desk, merchant, 1, action="danced_about")
        assert "The desk: Danced about" in words(browser.get(links.audit(merchant.slug)))

    def test_an_empty_record_says_so(self, desk: Desk) -> None:
        browser, merchant = shop(desk)
        assert "Nothing was done yet" in words(browser.get(links.audit(merchant.slug)))

    def test_nothing_of_another_shop(self, desk: Desk) -> None:
        browser, merchant = shop(desk)
        other = desk.shop()
        write(desk, other, 1, action="filing_stopped")
        assert "stopped all filing" not in words(browser.get(links.audit(merchant.slug)))
        assert browser.get(links.audit(other.slug)).status_code == 404


class TestFiltering:
    def found(self, browser: Browser, merchant: Merchant, **filters: str) -> list[str]:
        answer = browser.get(links.audit(merchant.slug), params=filters)
        assert answer.status_code == 200
        return re.findall(r'class="what">([^<]+)<', answer.text)

    def test_by_person_group_case_and_day(self, desk: Desk) -> None:
        browser, merchant = shop(desk)
        case = desk.case(merchant, order_ref="LL-8")
        browser.post(f"{links.case(merchant.slug, case.id)}/checklist/return_policy/waive", why="none")
        browser.post(f"{links.settings(merchant.slug)}/filing", to="stop")
        with desk.runtime.database.reading() as session:
            (person, _name), *_rest = store_audit_read.actors(session, merchant.id)
        assert len(self.found(browser, merchant, who=person)) == 2
        assert self.found(browser, merchant, group="set_up") == ["Ada Moll stopped all filing"]
        assert self.found(browser, merchant, case="LL-8", group="evidence") == [
            "Ada Moll waived an item of the checklist"
        ]
        assert self.found(browser, merchant, case="LL-9") == []
        today = desk.now.date()
        assert self.found(browser, merchant, to=str(today - timedelta(days=2))) == []
        around = {"from": str(today - timedelta(days=2)), "to": str(today + timedelta(days=2))}
        assert len(self.found(browser, merchant, **around)) == 3

    @pytest.mark.parametrize("wrong", [{"from": "yesterday"}, {"to": "9999-12-31"}, {"group": "all"}, {"before": "0"}])
    def test_what_cannot_be_used_is_told(self, desk: Desk, wrong: dict[str, str]) -> None:
        browser, merchant = shop(desk)
        assert browser.get(links.audit(merchant.slug), params=wrong).status_code == 422

    def test_pages_go_on_to_the_first_entry(self, desk: Desk) -> None:
        browser, merchant = shop(desk)
        write(desk, merchant, 120)
        numbers: list[int] = []
        path: str | None = links.audit(merchant.slug) + "?group=desk"
        while path:
            text = browser.get(path).text
            numbers += [int(each) for each in re.findall(r'class="no">(\d+)<', text)]
            found = re.search(r'href="([^"]+)" rel="next"', text)
            path = found[1].replace("&amp;", "&") if found else None
        assert numbers == list(range(120, 0, -1))


class TestChecking:
    def check(self, browser: Browser, merchant: Merchant, **query: str) -> str:
        return words(browser.get(f"{links.audit(merchant.slug)}/check", params=query))

    def test_an_untouched_record_holds(self, desk: Desk) -> None:
        browser, merchant = shop(desk)
        write(desk, merchant, 30)
        with desk.runtime.database.reading() as session:
            head = store_audit.head_of(session, merchant.id)
        sent(desk, merchant, head)
        write(desk, merchant, 5)
        told = self.check(browser, merchant, head=head.upper())
        assert "All 35 entries were checked" in told
        assert "its head is in the record" in told
        assert "Head you typed is in the record" in told

    def test_the_head_of_the_time_before_anything_was_done_is_in_it(self, desk: Desk) -> None:
        browser, merchant = shop(desk)
        sent(desk, merchant, START)
        write(desk, merchant, 1)
        assert "its head is in the record" in self.check(browser, merchant)

    def test_an_entry_changed_past_the_desk_shows(self, desk: Desk) -> None:
        browser, merchant = shop(desk)
        write(desk, merchant, 9)
        with desk.runtime.database.writing() as session:
            entry = session.exec(
                select(AuditEntry).where(AuditEntry.merchant_id == merchant.id, AuditEntry.seq == 4)
            ).one()
            entry.action = "nothing"
            session.add(entry)
        assert "entry 4 was changed after it was written" in self.check(browser, merchant)

    def test_entries_cut_off_at_the_end_show(self, desk: Desk) -> None:
        browser, merchant = shop(desk)
        write(desk, merchant, 9)
        with desk.runtime.database.writing() as session:
            for seq in (8, 9):
                session.delete(session.get_one(AuditEntry, (merchant.id, seq)))
        assert "the last 2 entries are missing" in self.check(browser, merchant)

    def test_a_record_written_anew_from_the_start_shows_by_the_last_digest(self, desk: Desk) -> None:
        browser, merchant = shop(desk)
        write(desk, merchant, 3)
        with desk.runtime.database.reading() as session:
            sent_head = store_audit.head_of(session, merchant.id)
        sent(desk, merchant, sent_head)
        with desk.runtime.database.writing() as session:
            for seq in (1, 2, 3):
                session.delete(session.get_one(AuditEntry, (merchant.id, seq)))
            session.delete(session.get_one(AuditHead, merchant.id))
        write(desk, merchant, 3, action="noted")
        told = self.check(browser, merchant)
        assert "never went through the head that the digest of" in told
        assert "never went through" in self.check(browser, merchant, head=sent_head)

    def test_a_head_that_is_none_is_refused(self, desk: Desk) -> None:
        browser, merchant = shop(desk)
        assert browser.get(f"{links.audit(merchant.slug)}/check", params={"head": "abc"}).status_code == 422


class TestExporting:
    def test_what_is_exported_is_verified_offline(self, desk: Desk, tmp_path: Path) -> None:
        browser, merchant = shop(desk)
        write(desk, merchant, 4500)
        answer = browser.post(f"{links.audit(merchant.slug)}/export")
        assert answer.headers["content-disposition"].startswith("attachment")
        path = tmp_path / "audit.jsonl"
        path.write_bytes(answer.content)
        with desk.runtime.database.reading() as session:
            head = store_audit.head_of(session, merchant.id)
        lines = path.read_text().splitlines()
        assert len(lines) == 4501
        assert json.loads(lines[-1])["action"] == "audit_exported"
        assert verify_audit(path, head) is None
        path.write_text("\n".join([*lines[:7], *lines[8:]]))
        assert verify_audit(path, head) == "entry 8 is missing (found 9)"

    def test_a_head_of_an_earlier_digest_is_found_in_a_later_export(self, desk: Desk, tmp_path: Path) -> None:
        browser, merchant = shop(desk)
        write(desk, merchant, 3)
        with desk.runtime.database.reading() as session:
            earlier = store_audit.head_of(session, merchant.id)
        write(desk, merchant, 3)
        path = tmp_path / "audit.jsonl"
        path.write_bytes(browser.post(f"{links.audit(merchant.slug)}/export").content)
        assert verify_audit(path, earlier) is None
        assert verify_audit(path, "0" * 63 + "1") is not None

    def test_needs_the_right_to_it(self, desk: Desk) -> None:
        person = desk.person()
        merchant = desk.shop()
        with desk.runtime.database.writing() as session:
            store_people.join(session, merchant.id, person.id, "agent")
        browser = desk.signed_in(person)
        assert browser.get(links.audit(merchant.slug)).status_code == 200
        assert browser.post(f"{links.audit(merchant.slug)}/export").status_code == 403


def _actions() -> Iterator[tuple[str, str]]:
    """(action, file) of every entry that is written anywhere: named `action=`, or handed to a function that notes."""
    for package in ("disputes", "scheduler", "web"):
        for path in sorted((ROOT / package).rglob("*.py")):
            if "migrations" in path.parts:
                continue
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call):
                    yield from ((action, path.name) for action in _of_call(node))


def _of_call(call: ast.Call) -> Iterator[str]:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    named = [each.value for each in call.keywords if each.arg == "action"]
    given = [each for each in call.args if name in ("note", "_note", "_note_turned") and not isinstance(each, ast.Dict)]
    for value in (*named, *given):
        for part in ast.walk(value):
            if (
                isinstance(part, ast.Constant)
                and isinstance(part.value, str)
                and re.fullmatch(r"[a-z_]{5,}", part.value)
            ):
                yield part.value


def test_every_action_in_use_has_its_words() -> None:
    used = set(_actions())
    assert {"approved", "waived", "filing_stopped", "passkey_added"} <= {action for action, _file in used}
    assert sorted((action, file) for action, file in used if action not in audit_words.known() | {"attempt_"}) == []


@pytest.mark.parametrize("action", sorted(audit_words.known()))
def test_every_sentence_names_who(action: str) -> None:
    assert audit_words.sentence(action, "Ada").startswith("Ada ")
