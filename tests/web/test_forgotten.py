"""A forgotten password: a link by mail, the same answer for every address, and the command where there is no mail."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlmodel import col, select
from typer.testing import CliRunner

from disputes.models import AuditEntry, OutgoingMail, PasswordReset, Person
from scheduler.mail import send_due
from tests.web.desk import PASSWORD, Desk, words
from web.cli import app

FRESH = "another few plain words"


@pytest.fixture(autouse=True)
def mails(desk: Desk) -> None:
    desk.settings.smtp_host = "mail.example"


def person(desk: Desk) -> Person:
    made = desk.person()
    desk.shop(made)
    return made


def mail_to(desk: Desk, email: str) -> OutgoingMail:
    with desk.runtime.database.reading() as session:
        return session.exec(
            select(OutgoingMail).where(OutgoingMail.recipient == email).order_by(col(OutgoingMail.id).desc())
        ).first() or pytest.fail("no mail")


def link(desk: Desk, who: Person) -> str:
    with desk.browser() as client:
        client.post("/forgotten", data={"email": who.email})
    found = re.search(r"/reset/[\w.\-]+", mail_to(desk, who.email).text)
    assert found is not None
    return found[0]


class TestAsking:
    def test_gets_the_same_answer_whether_the_address_is_known_or_not(self, desk: Desk) -> None:
        known, nobody = person(desk).email, "nobody@shop.example"
        with desk.browser() as client:
            answers = [client.post("/forgotten", data={"email": email}) for email in (known, nobody)]
        assert words(answers[0]) == words(answers[1])
        assert answers[0].status_code == answers[1].status_code == 200

    def test_is_throttled_by_address_and_by_where_it_comes_from(self, own_desk: Desk) -> None:
        own_desk.settings.smtp_host = "mail.example"
        with own_desk.browser() as client:
            codes = [client.post("/forgotten", data={"email": "a@shop.example"}).status_code for _ in range(4)]
            assert codes == [200, 200, 200, 429]
            codes = [client.post("/forgotten", data={"email": f"b{n}@shop.example"}).status_code for n in range(8)]
            assert codes == [200] * 7 + [429]

    def test_names_the_command_where_there_is_no_mail_server(self, own_desk: Desk) -> None:
        with own_desk.browser() as client:
            assert "counterproof reset-link" in words(client.get("/forgotten"))
            assert client.post("/forgotten", data={"email": "a@shop.example"}).status_code == 409


class TestTheLink:
    def test_sets_a_new_password_once_and_ends_every_session(self, desk: Desk) -> None:
        who = person(desk)
        there, path = desk.signed_in(who), link(desk, who)
        with desk.browser(follow_redirects=True) as client:
            assert who.email in client.get(path).text
            assert "at least 12" in words(client.post(path, data={"password": "short"}))
            assert "Sign in with it" in words(client.post(path, data={"password": FRESH}))
            assert there.get("/account").headers["location"] == "/sign-in"
            assert client.post(path, data={"password": "a third of those words"}).status_code == 404
            assert client.get(path).status_code == 404
            old = client.post("/sign-in", data={"email": who.email, "password": PASSWORD})
            new = client.post("/sign-in", data={"email": who.email, "password": FRESH})
        assert (old.status_code, new.url.path.startswith("/m/")) == (403, True)
        with desk.runtime.database.reading() as session:
            told = session.exec(select(AuditEntry.action).where(AuditEntry.subject == who.id).order_by(AuditEntry.seq))  # type: ignore[arg-type]
            assert list(told) == ["password_reset_asked", "password_changed"]

    def test_ends_after_an_hour_and_when_another_was_asked_for(self, desk: Desk) -> None:
        who = person(desk)
        first, second = link(desk, who), link(desk, who)
        with desk.browser() as client:
            assert [client.get(each).status_code for each in (first, second)] == [404, 200]
            with desk.runtime.database.writing() as session:
                for row in session.exec(select(PasswordReset).where(PasswordReset.person_id == who.id)):
                    assert row.expires_at - row.created_at == timedelta(hours=1)
                    row.expires_at = desk.now
                    session.add(row)
            assert client.get(second).status_code == 404

    def test_a_made_up_one_never_asks_the_database(self, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
        path = link(desk, person(desk))
        monkeypatch.setattr("disputes.store_access.reset_of", None)
        with desk.browser() as client:
            for made_up in ("/reset/guess", f"{path}0", path.replace("/reset/", "/reset/x")):
                assert client.get(made_up).status_code == 404
                assert client.post(made_up, data={"password": FRESH}).status_code == 404

    def test_of_an_invitation_is_none_of_a_reset(self, desk: Desk) -> None:
        path = link(desk, person(desk))
        with desk.browser() as client:
            assert client.get(path.replace("/reset/", "/invited/")).status_code == 404

    def test_is_forgotten_in_the_outbox_once_the_mail_is_out(self, desk: Desk) -> None:
        who = person(desk)
        link(desk, who)
        send_due(desk.runtime)
        sent = mail_to(desk, who.email)
        assert (sent.state, sent.text, sent.html) == ("sent", "", "")


class TestTheCommand:
    def test_prints_a_link_and_says_who_is_unknown(self, own_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
        who = person(own_desk)
        if own_desk.settings.database_url:
            monkeypatch.setenv("COUNTERPROOF_DATABASE_URL", own_desk.settings.database_url)
        told = CliRunner().invoke(app, ["reset-link", who.email.upper(), "--data", str(own_desk.settings.data)])
        assert told.exit_code == 0, told.output
        found = re.search(r"/reset/\S+", told.stdout)
        assert found is not None
        with own_desk.browser() as client:
            assert client.post(found[0], data={"password": FRESH}).status_code == 303
        told = CliRunner().invoke(app, ["reset-link", "no@body.example", "--data", str(own_desk.settings.data)])
        assert told.exit_code == 1
