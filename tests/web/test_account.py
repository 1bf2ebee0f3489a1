"""One's own account: name, password, sessions, second factor with recovery codes."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import httpx
import pyotp
import pytest
from sqlmodel import select

from disputes.models import AuditEntry, Person, RecoveryCode, WebSession
from tests.web.desk import PASSWORD, Browser, Desk, words
from web import second_factor

LINUX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Safari/604.1"


def person_at(desk: Desk, person: Person) -> Person:
    with desk.runtime.database.reading() as session:
        return session.get_one(Person, person.id)


def actions(desk: Desk, person: Person) -> list[str]:
    with desk.runtime.database.reading() as session:
        found = session.exec(select(AuditEntry).where(AuditEntry.subject == person.id).order_by(AuditEntry.seq))  # type: ignore[arg-type]
        return [each.action for each in found]


def signed(desk: Desk, person: Person, **headers: str) -> Browser:
    """Signed in by the form, password and all."""
    client = desk.browser(headers=headers)
    client.post("/sign-in", data={"email": person.email, "password": PASSWORD})
    return Browser(desk, client)


def member(desk: Desk) -> Person:
    person = desk.person()
    desk.shop(person)
    return person


class TestTheAccountPage:
    def test_saves_name_and_language_and_speaks_it_from_then_on(self, desk: Desk) -> None:
        person = member(desk)
        browser = desk.signed_in(person)
        answer = browser.post("/account", name="Ada Byron", language="tr")
        assert "language=tr" in answer.headers["set-cookie"]
        stored = person_at(desk, person)
        assert (stored.name, stored.language) == ("Ada Byron", "tr")
        with desk.browser() as fresh:
            again = fresh.post("/sign-in", data={"email": person.email, "password": PASSWORD})
            assert "language=tr" in again.headers["set-cookie"], "a new browser speaks it too"

    def test_needs_a_session_and_its_token(self, desk: Desk) -> None:
        browser = desk.signed_in(member(desk))
        with desk.browser() as stranger:
            assert stranger.get("/account").headers["location"] == "/sign-in"
        for path in ("", "/password", "/factor", "/factor/on", "/factor/off", "/factor/codes", "/factor/codes.txt",
                     "/passkeys", "/passkeys/options", "/passkeys/x/rename", "/passkeys/x/remove",
                     "/sessions/end-others", "/sessions/x/end"):  # fmt: skip
            assert browser.client.post(f"/account{path}").status_code == 403, path
            with desk.browser() as stranger:
                assert stranger.post(f"/account{path}").headers["location"] == "/sign-in", path

    def test_stands_no_more_in_the_settings(self, desk: Desk) -> None:
        person = desk.person()
        shop = desk.shop(person)
        page = desk.signed_in(person).get(f"/m/{shop.slug}/settings")
        assert 'href="/account"' in page.text
        assert "current-password" not in page.text


class TestThePassword:
    def test_changed_ends_every_other_session_at_once(self, desk: Desk) -> None:
        person = member(desk)
        here, there = desk.signed_in(person), desk.signed_in(person)
        answer = here.post("/account/password", before=PASSWORD, after="another few plain words")
        assert answer.status_code == 303
        assert here.get("/account").status_code == 200
        assert there.get("/account").headers["location"] == "/sign-in"
        assert actions(desk, person) == ["password_changed"]
        with desk.browser() as client:
            form = {"email": person.email, "password": "another few plain words"}
            assert client.post("/sign-in", data=form).status_code == 303

    @pytest.mark.parametrize(
        ("before", "after", "why"),
        [("wrong one", "another few plain words", "present password"), (PASSWORD, "short", "at least 12")],
    )
    def test_is_refused_in_its_place(self, desk: Desk, before: str, after: str, why: str) -> None:
        person = member(desk)
        answer = desk.signed_in(person).post("/account/password", before=before, after=after)
        assert answer.status_code == 422
        assert why in words(answer)
        assert person_at(desk, person).password_hash == person.password_hash

    def test_is_not_guessed_at_in_a_session_left_open(self, desk: Desk) -> None:
        browser = desk.signed_in(member(desk))
        for _ in range(10):
            browser.post("/account/password", before="wrong", after="another few plain words")
        answer = browser.post("/account/password", before=PASSWORD, after="another few plain words")
        assert "Too many" in words(answer)


class TestSessions:
    def test_are_listed_with_what_the_browser_calls_itself_and_ended_one_by_one(self, desk: Desk) -> None:
        person = member(desk)
        here, phone = signed(desk, person, **{"user-agent": LINUX}), signed(desk, person, **{"user-agent": PHONE})
        page = here.get("/account")
        assert "Firefox on Linux" in words(page)
        assert "Safari on iPhone" in words(page)
        (ends,) = re.findall(r'action="(/account/sessions/\w+/end)"', page.text)
        assert here.post(ends).status_code == 303
        assert phone.get("/account").headers["location"] == "/sign-in"
        assert here.get("/account").status_code == 200

    def test_of_somebody_else_cannot_be_ended(self, desk: Desk) -> None:
        theirs, mine = desk.signed_in(member(desk)), desk.signed_in(member(desk))
        with desk.runtime.database.reading() as session:
            row = session.exec(select(WebSession).where(WebSession.csrf == theirs.csrf)).one()
        assert mine.post(f"/account/sessions/{row.token_hash[:24]}/end").status_code == 404
        assert theirs.get("/account").status_code == 200

    def test_say_when_they_were_last_used_to_the_hour(self, desk: Desk) -> None:
        person = member(desk)
        browser = desk.signed_in(person)
        for minutes, moves in ((30, False), (90, True)):
            before = desk.now - timedelta(minutes=minutes)
            with desk.runtime.database.writing() as session:
                row = session.exec(select(WebSession).where(WebSession.person_id == person.id)).one()
                row.seen_at = before
                session.add(row)
            browser.get("/account")
            with desk.runtime.database.reading() as session:
                row = session.exec(select(WebSession).where(WebSession.person_id == person.id)).one()
            assert (row.seen_at != before) == moves

    def test_all_others_end_together(self, desk: Desk) -> None:
        person = member(desk)
        here, others = desk.signed_in(person), [desk.signed_in(person) for _ in range(2)]
        here.post("/account/sessions/end-others")
        assert {each.get("/account").status_code for each in others} == {303}
        assert here.get("/account").status_code == 200


class StoppedClock:
    """Codes last thirty seconds; a test on a slow machine may take longer."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at


class Factor:
    """A person with the second factor on, and the app that shows its codes."""

    def __init__(self, desk: Desk) -> None:
        desk.runtime.clock = StoppedClock(desk.now)
        self.desk, self.person = desk, member(desk)
        self.browser = desk.signed_in(self.person)
        self.browser.post("/account/factor", present=PASSWORD)
        key = re.search(r'class="key">([A-Z2-7 ]+)<', self.browser.get("/account/factor").text)
        assert key is not None
        self.app = pyotp.TOTP(key[1].replace(" ", ""))
        shown = self.browser.post("/account/factor/on", code=self.code())
        self.codes = re.findall(r"<code>([a-z0-9]{5}-[a-z0-9]{5})</code>", shown.text)

    def code(self, later: int = 0) -> str:
        """What the app shows, `later` steps from now."""
        return str(self.app.generate_otp(int(self.desk.now.timestamp()) // 30 + later))

    def half(self) -> Browser:
        """A browser whose password fitted."""
        client = self.desk.browser()
        answer = client.post("/sign-in", data={"email": self.person.email, "password": PASSWORD})
        assert answer.headers["location"] == "/sign-in/second"
        return Browser(self.desk, client)

    def show(self, code: str) -> httpx.Response:
        return self.half().post("/sign-in/second", code=code)


class TestTheSecondFactor:
    def test_is_on_once_the_app_has_shown_a_code_and_gives_ten_recovery_codes(self, desk: Desk) -> None:
        factor = Factor(desk)
        assert len(set(factor.codes)) == second_factor.CODES
        stored = person_at(desk, factor.person)
        assert stored.totp_on_at is not None
        assert factor.app.secret not in (stored.totp_secret or ""), "the secret is encrypted"
        with desk.runtime.database.reading() as session:
            hashes = session.exec(select(RecoveryCode.code_hash)).all()
        assert not set(factor.codes) & set(hashes)
        assert actions(desk, factor.person) == ["second_factor_on"]

    def test_needs_the_password_to_begin_and_a_right_code_to_end(self, desk: Desk) -> None:
        person = member(desk)
        browser = desk.signed_in(person)
        assert browser.post("/account/factor", present="wrong").status_code == 422
        assert browser.get("/account/factor").status_code == 303
        browser.post("/account/factor", present=PASSWORD)
        assert browser.post("/account/factor/on", code="000000").status_code == 422
        assert person_at(desk, person).totp_on_at is None
        assert "Your shops" not in words(signed(desk, person).get("/sign-in/second"))

    def test_draws_its_picture_in_the_page(self, desk: Desk) -> None:
        browser = desk.signed_in(member(desk))
        browser.post("/account/factor", present=PASSWORD)
        page = browser.get("/account/factor").text
        assert "<svg" in page
        assert not re.search(r"\sstyle=|<style|src=\"http", page)

    def test_is_asked_for_at_sign_in_and_nothing_opens_before(self, desk: Desk) -> None:
        factor = Factor(desk)
        half = factor.half()
        before = half.client.cookies["counterproof"]
        for path in ("/", "/account"):
            assert half.get(path).headers["location"] == "/sign-in"
        answer = half.post("/sign-in/second", code=factor.code(1))
        assert answer.headers["location"] == "/"
        assert half.client.cookies["counterproof"] != before, "a new token with the second factor"
        assert half.get("/account").status_code == 200

    def test_takes_no_code_twice_and_none_before_it(self, desk: Desk) -> None:
        factor = Factor(desk)
        assert factor.show(factor.code()).status_code == 403, "it was used to switch on"
        code = factor.code(1)
        assert factor.show(code).status_code == 303
        assert factor.show(code).status_code == 403
        assert factor.show(factor.code(-1)).status_code == 403
        assert factor.show(factor.code(5)).status_code == 403

    def test_stops_guessing_across_sessions(self, own_desk: Desk) -> None:
        factor = Factor(own_desk)
        for _ in range(5):
            assert factor.show("000000").status_code == 403
        answer = factor.show(factor.code(1))
        assert answer.status_code == 429
        assert "quarter of an hour" in words(answer)

    def test_a_recovery_code_works_once_however_it_is_typed(self, desk: Desk) -> None:
        factor = Factor(desk)
        typed = f" {factor.codes[3].upper().replace('-', ' ')} "
        assert factor.show(typed).status_code == 303
        assert factor.show(factor.codes[3]).status_code == 403
        assert actions(desk, factor.person)[-1] == "recovery_code_used"
        assert "9 recovery codes are left" in words(factor.browser.get("/account"))

    def test_another_persons_recovery_code_opens_nothing(self, desk: Desk) -> None:
        theirs, mine = Factor(desk), Factor(desk)
        assert mine.show(theirs.codes[0]).status_code == 403
        assert theirs.show(theirs.codes[0]).status_code == 303

    def test_codes_are_saved_as_a_file_and_only_ones_own(self, desk: Desk) -> None:
        factor = Factor(desk)
        client, form = factor.browser.client, {"csrf": factor.browser.csrf, "code": factor.codes}
        saved = client.post("/account/factor/codes.txt", data=form)
        assert saved.headers["content-disposition"].startswith("attachment")
        assert all(code in saved.text for code in factor.codes)
        assert client.post("/account/factor/codes.txt", data=form | {"code": ["<b>aaaaa"]}).status_code == 422

    def test_new_codes_end_the_old_ones(self, desk: Desk) -> None:
        factor = Factor(desk)
        page = factor.browser.post("/account/factor/codes", present=PASSWORD, code=factor.code(1))
        fresh = re.findall(r"<code>([a-z0-9]{5}-[a-z0-9]{5})</code>", page.text)
        assert factor.show(factor.codes[0]).status_code == 403
        assert factor.show(fresh[0]).status_code == 303

    def test_is_switched_off_by_password_and_code_together(self, desk: Desk) -> None:
        factor = Factor(desk)
        for wrong in ({"present": "wrong", "code": factor.code(1)}, {"present": PASSWORD, "code": "000000"}):
            assert factor.browser.post("/account/factor/off", **wrong).status_code == 422
        assert factor.browser.post("/account/factor/off", present=PASSWORD, code=factor.codes[0]).status_code == 303
        assert signed(desk, factor.person).get("/account").status_code == 200, "the password alone opens it again"
        with desk.runtime.database.reading() as session:
            left = session.exec(select(RecoveryCode).where(RecoveryCode.person_id == factor.person.id)).all()
        assert left == []

    def test_cannot_be_begun_anew_over_one_that_is_on(self, desk: Desk) -> None:
        factor = Factor(desk)
        before = person_at(desk, factor.person).totp_secret
        factor.browser.post("/account/factor", present=PASSWORD)
        assert person_at(desk, factor.person).totp_secret == before

    def test_ends_the_sessions_a_password_alone_had_opened(self, desk: Desk) -> None:
        person = member(desk)
        elsewhere, browser = desk.signed_in(person), desk.signed_in(person)
        browser.post("/account/factor", present=PASSWORD)
        secret = desk.runtime.vault.open(person_at(desk, person).totp_secret or "")
        browser.post("/account/factor/on", code=pyotp.TOTP(secret).at(desk.now))
        assert elsewhere.get("/account").headers["location"] == "/sign-in"
        assert browser.get("/account").status_code == 200
