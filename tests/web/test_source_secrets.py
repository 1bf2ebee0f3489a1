"""A secret that a system replaces by itself: kept in the vault in the place of the old one, never over a newer one."""

from __future__ import annotations

import json
import threading

import pytest

from disputes.ids import new_id
from disputes.models import Merchant, SourceConnection
from tests.web.desk import Desk
from web.sources import Wiring


class Mailbox:
    def __init__(self, desk: Desk) -> None:
        self.desk, runtime = desk, desk.runtime
        self.wiring = Wiring(runtime.data, runtime.database, runtime.vault, runtime.files, runtime.clock)
        self.merchant: Merchant = desk.shop(desk.person())
        self.id = new_id("src")
        row = SourceConnection(
            id=self.id, merchant_id=self.merchant.id, system="imap", account_id="help@lumen.example",
            secret=self.sealed({"refresh_token": "first", "client_secret": "s"}), created_at=runtime.clock.now(),
        )  # fmt: skip
        with runtime.database.writing() as session:
            session.add(row)

    def sealed(self, secrets: dict[str, str]) -> str:
        return self.desk.runtime.vault.seal(json.dumps(secrets))

    @property
    def row(self) -> SourceConnection:
        with self.desk.runtime.database.reading() as session:
            return session.get_one(SourceConnection, self.id)

    @property
    def secrets(self) -> dict[str, str]:
        held: dict[str, str] = json.loads(self.desk.runtime.vault.open(self.row.secret))
        return held

    def renewed(self, given: str, fresh: str) -> str:
        return self.wiring._renewed(self.id, "refresh_token", given, fresh)


@pytest.fixture
def mailbox(desk: Desk) -> Mailbox:
    return Mailbox(desk)


def test_the_new_one_is_sealed_in_place_of_the_old_and_the_rest_stays(mailbox: Mailbox) -> None:
    assert mailbox.renewed("first", "second") == "second"
    assert mailbox.secrets == {"refresh_token": "second", "client_secret": "s"}
    assert "second" not in mailbox.row.secret


def test_whoever_comes_second_is_given_the_one_in_force(mailbox: Mailbox) -> None:
    mailbox.renewed("first", "second")
    assert mailbox.renewed("first", "late") == "second"
    assert mailbox.secrets["refresh_token"] == "second"


def test_asking_which_is_in_force_changes_nothing(mailbox: Mailbox) -> None:
    before = mailbox.row.secret
    assert mailbox.renewed("first", "first") == "first"
    assert mailbox.row.secret == before


def test_a_key_that_a_person_changed_meanwhile_is_not_undone(mailbox: Mailbox) -> None:
    with mailbox.desk.runtime.database.writing() as session:
        row = session.get_one(SourceConnection, mailbox.id)
        row.secret = mailbox.sealed({"refresh_token": "typed by hand", "client_secret": "s"})
        session.add(row)
    assert mailbox.renewed("first", "second") == "typed by hand"
    assert mailbox.secrets["refresh_token"] == "typed by hand"


def test_of_many_at_once_one_wins_and_all_are_told_the_same(mailbox: Mailbox) -> None:
    told: list[str] = []
    threads = [threading.Thread(target=lambda n=n: told.append(mailbox.renewed("first", f"new {n}"))) for n in range(6)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert set(told) == {mailbox.secrets["refresh_token"]}


def test_one_that_is_opened_uses_it(mailbox: Mailbox) -> None:
    mailbox.renewed("first", "second")
    opened = mailbox.wiring.opened(mailbox.row, mailbox.merchant, seconds=5)
    assert opened._settings["refresh_token"] == "second"  # type: ignore[attr-defined]


def test_a_source_that_was_disconnected_meanwhile_keeps_nothing(mailbox: Mailbox) -> None:
    with mailbox.desk.runtime.database.writing() as session:
        session.delete(session.get_one(SourceConnection, mailbox.id))
    assert mailbox.renewed("first", "second") == "second"
