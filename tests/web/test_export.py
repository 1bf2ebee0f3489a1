"""The export of everything: built in the background, whole, without a secret, for those with the right, for a day."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import SQLModel, select

from disputes import links, store_audit, store_export, store_mail, store_people, store_work
from disputes.ids import digest, new_id
from disputes.models import ExportJob, Merchant, Person
from scheduler import exporting
from tests.web.desk import PACKET, SECRET, Browser, Desk, words
from web.verify import verify_audit

_SOUNDS_SECRET = ("secret", "password", "token", "totp", "public_key")


def shop(desk: Desk) -> tuple[Browser, Merchant]:
    person = desk.person()
    merchant = desk.shop(person)
    return desk.signed_in(person), merchant


def asked(desk: Desk, browser: Browser, merchant: Merchant) -> str:
    assert browser.post(links.export(merchant.slug)).status_code == 303
    return [arguments[0] for name, _run, arguments in desk.engine.asked if name == "export"][-1]


def built(desk: Desk, browser: Browser, merchant: Merchant) -> zipfile.ZipFile:
    job_id = asked(desk, browser, merchant)
    assert exporting.run(desk.runtime, job_id) == "done"
    answer = browser.get(f"{links.export(merchant.slug)}/{job_id}")
    assert answer.headers["content-disposition"].startswith("attachment")
    return zipfile.ZipFile(io.BytesIO(answer.content))


def rows(found: zipfile.ZipFile, table: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in found.read(f"data/{table}.jsonl").decode().splitlines()]


class TestWhatIsInIt:
    def test_every_table_is_in_it_or_named_as_left_out(self) -> None:
        assert sorted(SQLModel.metadata.tables) == sorted([*store_export.tables(), *store_export.LEFT_OUT])

    def test_no_column_that_sounds_like_a_secret_is_in_it(self) -> None:
        for name in store_export.tables():
            hidden = store_export.HIDDEN.get(name, frozenset())
            shown = {column.name for column in SQLModel.metadata.tables[name].columns} - hidden
            assert [each for each in shown if any(word in each for word in _SOUNDS_SECRET)] == [], name

    def test_hidden_columns_exist(self) -> None:
        for name, hidden in store_export.HIDDEN.items():
            assert hidden <= set(SQLModel.metadata.tables[name].columns.keys())

    def test_the_shops_rows_files_packets_and_record(self, desk: Desk, tmp_path: Path) -> None:
        browser, merchant = shop(desk)
        case = desk.case(merchant, order_ref="LL-1", customer_name="Ayşe Öz")
        with desk.runtime.database.writing() as session:
            store_work.add_note(session, case, "called", by="desk", now=desk.now)
        found = built(desk, browser, merchant)
        assert rows(found, "dispute")[0]["customer_name"] == "Ayşe Öz"
        assert rows(found, "case_note")[0]["text"] == "called"
        assert [row["slug"] for row in rows(found, "merchant")] == [merchant.slug]
        assert [row["name"] for row in rows(found, "person")] == ["Ada Moll"]
        assert found.read(f"packets/{digest(PACKET)}.pdf") == PACKET
        assert "LL-1" not in found.read("README.txt").decode()
        path = tmp_path / "audit.jsonl"
        path.write_bytes(found.read("audit.jsonl"))
        with desk.runtime.database.reading() as session:
            entries = [each.hash for each in store_audit.entries_of(session, merchant.id)]
        assert verify_audit(path, entries[0]) is None

    def test_no_secret_and_nothing_of_another_shop(self, desk: Desk) -> None:
        browser, merchant = shop(desk)
        desk.case(merchant)
        other = desk.shop()
        theirs = desk.case(other, order_ref="THEIRS-1")
        with desk.runtime.database.writing() as session:
            store_mail.put(
                session, merchant_id=merchant.id, kind="reset", dedupe=new_id("x"), recipient="a@b.example",
                subject="s", text="https://desk/reset/way-in", html="", now=desk.now,
            )  # fmt: skip
        found = built(desk, browser, merchant)
        everything = "\n".join(found.read(name).decode("utf-8", "replace") for name in found.namelist())
        with desk.runtime.database.reading() as session:
            hashed = session.exec(select(Person.password_hash)).first()
        for secret in (hashed, "way-in", SECRET, "rk_test_of_the_desk", "gAAAA", theirs.id, "THEIRS-1", other.slug):
            assert secret
            assert secret not in everything, secret

    def test_more_rows_than_one_piece_are_all_in_it(self, desk: Desk) -> None:
        browser, merchant = shop(desk)
        case = desk.case(merchant)
        number = store_export.PIECE * 2 + 1
        with desk.runtime.database.writing() as session:
            for each in range(number):
                store_work.add_note(session, case, str(each), by="desk", now=desk.now)
        found = built(desk, browser, merchant)
        assert sorted(int(row["text"]) for row in rows(found, "case_note")) == list(range(number))
        assert len(found.read("audit.jsonl").splitlines()) >= number

    def test_a_file_that_is_missing_is_listed_and_stops_nothing(self, desk: Desk) -> None:
        browser, merchant = shop(desk)
        desk.case(merchant)
        desk.runtime.files.forget(merchant.id, digest(PACKET))
        found = built(desk, browser, merchant)
        assert digest(PACKET) in found.read("missing.txt").decode()
        assert "missing.txt" in words(browser.get(links.export(merchant.slug)))


class TestItsLife:
    def test_the_page_shows_how_far_it_is(self, desk: Desk) -> None:
        browser, merchant = shop(desk)
        assert "None was made yet" in words(browser.get(links.export(merchant.slug)))
        job_id = asked(desk, browser, merchant)
        assert "Waiting for its turn" in words(browser.get(links.export(merchant.slug)))
        with desk.runtime.database.writing() as session:
            store_export.note(session, job_id, state="running", done=40, total=100)
        shown = browser.get(f"{links.export(merchant.slug)}/state")
        assert "40 of about 100 rows and files" in words(shown)
        assert 'hx-trigger="every 2s"' in shown.text
        assert browser.get(f"{links.export(merchant.slug)}/{job_id}").status_code == 404

    def test_two_are_not_built_at_once(self, desk: Desk) -> None:
        browser, merchant = shop(desk)
        asked(desk, browser, merchant)
        number = len(desk.engine.asked)
        answer = browser.post(links.export(merchant.slug))
        assert answer.headers["location"].endswith("note=export_under_way")
        assert len(desk.engine.asked) == number

    def test_what_could_not_be_finished_is_told_and_leaves_no_file(
        self, desk: Desk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        browser, merchant = shop(desk)
        job_id = asked(desk, browser, merchant)

        def broken(*_: object) -> list[str]:
            raise OSError("No space left on device")

        with monkeypatch.context() as patch:
            patch.setattr(store_export, "files", broken)
            with pytest.raises(OSError, match="space"):
                exporting.run(desk.runtime, job_id)
        assert "could not be finished" in words(browser.get(links.export(merchant.slug)))
        assert list((desk.runtime.data / exporting.FOLDER / merchant.id).iterdir()) == []
        assert built(desk, browser, merchant).testzip() is None

    def test_it_is_removed_after_a_day(self, own_desk: Desk) -> None:
        browser, merchant = shop(own_desk)
        built(own_desk, browser, merchant)
        assert exporting.remove_old(own_desk.runtime) == 0
        with own_desk.runtime.database.writing() as session:
            job = session.exec(select(ExportJob)).one()
            job.ended_at = own_desk.now - timedelta(days=1, minutes=1)
            session.add(job)
        path = exporting.path_of(own_desk.runtime, job)
        assert path.stat().st_mode & 0o777 == 0o600
        assert exporting.remove_old(own_desk.runtime) == 1
        assert not path.exists()
        assert browser.get(f"{links.export(merchant.slug)}/{job.id}").status_code == 404
        assert "was removed after a day" in words(browser.get(links.export(merchant.slug)))

    def test_taking_it_stands_in_the_record(self, desk: Desk) -> None:
        browser, merchant = shop(desk)
        built(desk, browser, merchant)
        told = words(browser.get(links.audit(merchant.slug)))
        assert "Ada Moll asked for an export of everything" in told
        assert "Ada Moll downloaded an export of everything" in told


class TestWhoMay:
    def test_needs_the_right_to_it(self, desk: Desk) -> None:
        owner, merchant = shop(desk)
        job_id = asked(desk, owner, merchant)
        exporting.run(desk.runtime, job_id)
        person = desk.person()
        with desk.runtime.database.writing() as session:
            store_people.join(session, merchant.id, person.id, "agent")
        browser = desk.signed_in(person)
        for path in ("", "/state", f"/{job_id}"):
            assert browser.get(links.export(merchant.slug) + path).status_code == 403, path
        assert browser.post(links.export(merchant.slug)).status_code == 403

    def test_another_shops_is_not_there(self, desk: Desk) -> None:
        owner, merchant = shop(desk)
        job_id = asked(desk, owner, merchant)
        exporting.run(desk.runtime, job_id)
        browser, mine = shop(desk)
        assert browser.get(f"{links.export(mine.slug)}/{job_id}").status_code == 404
        assert browser.get(f"{links.export(merchant.slug)}/{job_id}").status_code == 404
