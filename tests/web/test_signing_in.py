"""Set-up, signing in and out, and what keeps strangers away."""

from __future__ import annotations

from sqlmodel import select

from disputes.models import Merchant, Person, SignInTry, WebSession
from tests.web.desk import PASSWORD, Desk, words

OWNER = {
    "owner_name": "Ada Moll",
    "email": "Ada@Shop.Example",
    "password": PASSWORD,
    "name": "Çiçek & Söhne",
    "zone": "Europe/Berlin",
    "address": "Harbour Row 1\nDublin",
    "page_size": "A4",
}


class TestSetUp:
    def test_the_link_makes_owner_and_shop_and_then_leads_to_signing_in(self, own_desk: Desk) -> None:
        path = f"/setup/{own_desk.setup_link()}"
        with own_desk.browser(follow_redirects=True) as client:
            assert client.get(path).status_code == 200
            assert "The desk is yours" in words(client.post(path, data=OWNER))
            signed_in = client.post("/sign-in", data={"email": "ada@shop.example", "password": PASSWORD})
            assert signed_in.url.path == "/m/cicek-sohne/"
        with own_desk.runtime.database.reading() as session:
            merchant, person = session.exec(select(Merchant)).one(), session.exec(select(Person)).one()
        assert merchant.address == ["Harbour Row 1", "Dublin"]
        assert merchant.digest_recipients == ["ada@shop.example"]
        assert person.password_hash.startswith("$argon2id$")

    def test_asks_when_the_daily_mail_comes_to_whom_else_and_in_what_currency(self, own_desk: Desk) -> None:
        path = f"/setup/{own_desk.setup_link()}"
        mails = {
            "digest_hour": "6",
            "digest_recipients": "Cem@shop.example\nada@shop.example",
            "labour_currency": "try",
        }
        with own_desk.browser() as client:
            assert client.post(path, data={**OWNER, **mails, "labour_currency": "12"}).status_code == 422
            assert client.post(path, data={**OWNER, **mails}).status_code == 303
        with own_desk.runtime.database.reading() as session:
            merchant = session.exec(select(Merchant)).one()
        assert merchant.digest_hour == 6
        assert merchant.digest_recipients == ["ada@shop.example", "cem@shop.example"]
        assert merchant.labour_currency == "TRY"

    def test_the_link_works_once(self, own_desk: Desk) -> None:
        path, other = f"/setup/{own_desk.setup_link()}", f"/setup/{own_desk.setup_link()}"
        with own_desk.browser() as client:
            assert client.post(path, data=OWNER).status_code == 303
            for again in (path, other):
                assert client.get(again).status_code == 404
                assert client.post(again, data=OWNER | {"email": "eve@shop.example"}).status_code == 404
        with own_desk.runtime.database.reading() as session:
            assert len(session.exec(select(Person)).all()) == 1

    def test_what_cannot_be_used_is_said_and_the_link_still_works(self, own_desk: Desk) -> None:
        path = f"/setup/{own_desk.setup_link()}"
        mail = {"email": "ada@shop.example\r\nBcc: x@y.example"}
        wrong = ({"password": "short"}, {"zone": "Mars/Base"}, mail, {"name": ""})
        with own_desk.browser() as client:
            for change in wrong:
                answer = client.post(path, data=OWNER | change)
                assert answer.status_code == 422, change
                assert "Nothing was stored" in words(answer)
            assert client.post(path, data=OWNER).status_code == 303


class TestSigningIn:
    def test_a_new_token_at_every_sign_in_and_only_its_hash_is_stored(self, desk: Desk) -> None:
        person = desk.person()
        desk.shop(person)
        with desk.browser() as client:
            form = {"email": person.email, "password": PASSWORD}
            client.post("/sign-in", data=form)
            first = client.cookies["counterproof"]
            client.post("/sign-in", data=form)
            second = client.cookies["counterproof"]
            assert first != second
            client.cookies.set("counterproof", first, domain="127.0.0.1")
        with desk.browser(cookies={"counterproof": first}) as old:
            assert old.get("/").headers["location"] == "/sign-in"
        with desk.runtime.database.reading() as session:
            stored = session.exec(select(WebSession.token_hash).where(WebSession.person_id == person.id)).all()
        assert len(stored) == 1
        assert second not in stored

    def test_the_cookie_is_out_of_reach_for_scripts_and_other_sites(self, desk: Desk) -> None:
        person = desk.person()
        with desk.browser() as client:
            header = client.post("/sign-in", data={"email": person.email, "password": PASSWORD}).headers["set-cookie"]
        assert "HttpOnly" in header
        assert "SameSite=lax" in header
        assert "Max-Age=1209600" in header

    def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(self, desk: Desk) -> None:
        person = desk.person()
        with desk.browser() as client:
            known = client.post("/sign-in", data={"email": person.email, "password": "not this one, no"})
            unknown = client.post("/sign-in", data={"email": "no@body.example", "password": "not this one, no"})
        assert (known.status_code, unknown.status_code) == (403, 403)
        assert words(known).replace(person.email, "") == words(unknown).replace("no@body.example", "")

    def test_too_many_tries_are_refused_even_with_the_right_password(self, own_desk: Desk) -> None:
        person = own_desk.person()
        with own_desk.browser() as client:
            for _ in range(5):
                client.post("/sign-in", data={"email": person.email, "password": "not this one, no"})
            answer = client.post("/sign-in", data={"email": person.email, "password": PASSWORD})
        assert answer.status_code == 429
        assert "Wait a quarter of an hour" in words(answer)
        with own_desk.runtime.database.reading() as session:
            assert session.exec(select(SignInTry)).first() is not None

    def test_a_sign_in_that_works_clears_the_count(self, own_desk: Desk) -> None:
        person = own_desk.person()
        with own_desk.browser() as client:
            for _ in range(3):
                for password in ("not this one, no", PASSWORD):
                    answer = client.post("/sign-in", data={"email": person.email, "password": password})
                assert answer.status_code == 303

    def test_signing_out_ends_the_session(self, desk: Desk) -> None:
        browser = desk.signed_in(desk.person())
        cookie = browser.client.cookies["counterproof"]
        assert browser.post("/sign-out").status_code == 303
        with desk.browser(cookies={"counterproof": cookie}) as client:
            assert client.get("/").headers["location"] == "/sign-in"

    def test_over_plain_http_from_another_machine_the_page_says_what_is_wrong(self, desk: Desk) -> None:
        with desk.browser(headers={"host": "desk.shop.example"}) as client:
            page = client.get("/sign-in")
            assert "COUNTERPROOF_PUBLIC_URL" in page.text
            assert "password" not in [field for field in page.text.split('type="')[1:] if field.startswith("password")]
            assert client.post("/sign-in", data={"email": "a@b.example", "password": PASSWORD}).status_code == 403
