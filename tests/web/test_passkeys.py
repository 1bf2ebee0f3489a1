"""Passkeys against a device in software: added, signed in with, removed, and every way an answer can be wrong."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from sqlmodel import select

from disputes.models import Passkey, Person
from tests.web.authenticator import PRESENT, Authenticator
from tests.web.desk import PASSWORD, Browser, Desk, words


class Device:
    """A browser on `localhost` (a bare address has no passkeys), with an authenticator in it."""

    def __init__(self, desk: Desk, **more: Any) -> None:
        self.desk, self.person = desk, desk.person()
        desk.shop(self.person)
        self.origin = desk.url.replace("127.0.0.1", "localhost")
        self.host = {"host": self.origin.removeprefix("http://")}
        self.key = Authenticator(self.origin, "localhost", **more)
        self.browser = self.at_localhost(desk.signed_in(self.person))

    def at_localhost(self, browser: Browser) -> Browser:
        token = browser.client.cookies.get("counterproof")
        cookies = {"counterproof": token} if token else None
        return Browser(
            self.desk, self.desk.browser(headers={"host": self.origin.removeprefix("http://")}, cookies=cookies)
        )

    def options(self, password: str = PASSWORD) -> httpx.Response:
        return self.browser.post("/account/passkeys/options", present=password)

    def add(self, **wrong: Any) -> httpx.Response:
        made = self.key.make(self.options().json(), **wrong)
        return self.browser.post("/account/passkeys", name="The laptop", credential=json.dumps(made))

    def stranger(self) -> httpx.Client:
        return self.desk.browser(headers=self.host)

    def sign_in(self, client: httpx.Client, **wrong: Any) -> httpx.Response:
        options = client.post("/sign-in/passkey/options").json()
        return client.post("/sign-in/passkey", data={"credential": json.dumps(self.key.sign(options, **wrong))})

    def kept(self) -> list[Passkey]:
        with self.desk.runtime.database.reading() as session:
            return list(session.exec(select(Passkey).where(Passkey.person_id == self.person.id)))


@pytest.fixture
def device(desk: Desk) -> Device:
    return Device(desk)


class TestAdding:
    def test_keeps_the_public_half_under_a_name(self, device: Device) -> None:
        assert device.add().json()["to"].startswith("/account?note=passkey_added")
        (kept,) = device.kept()
        assert (kept.name, kept.sign_count, kept.last_used_at) == ("The laptop", 0, None)
        assert "The laptop" in device.browser.get("/account").text

    def test_asks_for_the_password_first(self, device: Device) -> None:
        refused = device.options("wrong")
        assert refused.status_code == 422
        assert "password" in refused.json()["wrong"]

    def test_refuses_a_key_that_did_not_ask_who_holds_it(self, device: Device) -> None:
        assert device.add(flags=PRESENT).status_code == 422
        assert device.kept() == []

    def test_refuses_an_answer_made_for_another_site(self, device: Device) -> None:
        device.key.origin = "https://evil.example"
        assert device.add().status_code == 422
        assert device.kept() == []

    def test_refuses_an_answer_to_another_challenge(self, device: Device) -> None:
        first = device.options().json()
        device.options()
        made = device.key.make(first)
        assert device.browser.post("/account/passkeys", credential=json.dumps(made)).status_code == 422

    def test_takes_an_answer_once(self, device: Device) -> None:
        made = json.dumps(device.key.make(device.options().json()))
        assert device.browser.post("/account/passkeys", credential=made).status_code == 200
        assert device.browser.post("/account/passkeys", credential=made).status_code == 422
        assert len(device.kept()) == 1

    def test_does_not_take_one_persons_answer_for_another(self, desk: Desk, device: Device) -> None:
        """The challenge is bound to who asked for it."""
        other = Device(desk)
        made = json.dumps(device.key.make(device.options().json()))
        other.browser.client.cookies.set("passkey", device.browser.client.cookies["passkey"])
        assert other.browser.post("/account/passkeys", credential=made).status_code == 422
        assert other.kept() == []

    @pytest.mark.parametrize("answer", ["", "nonsense", "[]", "{}", '{"id": 1}', '{"id": "a", "rawId": "a"}'])
    def test_refuses_nonsense(self, device: Device, answer: str) -> None:
        device.options()
        assert device.browser.post("/account/passkeys", credential=answer).status_code == 422

    def test_is_not_offered_for_a_bare_address(self, desk: Desk) -> None:
        person = desk.person()
        desk.shop(person)
        browser = desk.signed_in(person)
        assert "Passkeys need a name" in words(browser.get("/account"))
        assert browser.post("/account/passkeys/options", present=PASSWORD).status_code == 422


class TestSigningIn:
    def test_opens_a_session_without_password_or_code(self, device: Device) -> None:
        device.add()
        with device.stranger() as client:
            answer = device.sign_in(client)
            assert answer.json() == {"to": "/"}
            assert client.get("/account").status_code == 200
        (kept,) = device.kept()
        assert kept.sign_count == 1
        assert kept.last_used_at is not None

    def test_works_for_keys_that_do_not_count(self, desk: Desk) -> None:
        device = Device(desk, counts=False)
        device.add()
        for _ in range(2):
            with device.stranger() as client:
                assert device.sign_in(client).status_code == 200

    def test_refuses_a_forged_signature_and_one_nobody_was_asked_for(self, device: Device) -> None:
        device.add()
        for wrong in ({"forged": True}, {"flags": PRESENT}):
            with device.stranger() as client:
                assert device.sign_in(client, **wrong).status_code == 403
                assert client.get("/account").status_code == 303

    def test_refuses_a_copy_that_lags_behind(self, device: Device) -> None:
        """A count that does not grow: somebody may hold the same key."""
        device.add()
        with device.stranger() as client:
            device.sign_in(client)
        device.key.signatures = 0
        with device.stranger() as client:
            assert device.sign_in(client).status_code == 403

    def test_takes_an_answer_once_and_only_from_the_browser_that_asked(self, device: Device) -> None:
        device.add()
        with device.stranger() as client, device.stranger() as thief:
            options = client.post("/sign-in/passkey/options").json()
            signed = {"credential": json.dumps(device.key.sign(options))}
            asked = client.cookies["passkey"]
            assert thief.post("/sign-in/passkey", data=signed).status_code == 403
            assert client.post("/sign-in/passkey", data=signed).status_code == 200
            thief.cookies.set("passkey", asked)
            assert thief.post("/sign-in/passkey", data=signed).status_code == 403

    def test_takes_no_answer_that_was_given_for_adding(self, device: Device) -> None:
        device.add()
        options = device.options().json()
        with device.stranger() as client:
            client.cookies.set("passkey", device.browser.client.cookies["passkey"])
            signed = device.key.sign({"challenge": options["challenge"]})
            assert client.post("/sign-in/passkey", data={"credential": json.dumps(signed)}).status_code == 403

    def test_an_unknown_key_and_nonsense_get_the_same_answer(self, device: Device) -> None:
        device.key.make({"rp": {"id": "localhost"}, "user": {"id": "AA"}, "challenge": "AA"})
        with device.stranger() as client:
            unknown = device.sign_in(client)
            client.post("/sign-in/passkey/options")
            nonsense = client.post("/sign-in/passkey", data={"credential": "nonsense"})
        assert (unknown.status_code, nonsense.status_code) == (403, 403)
        assert unknown.json() == nonsense.json()

    def test_is_throttled(self, own_desk: Desk) -> None:
        device = Device(own_desk)
        device.add()
        with device.stranger() as client:
            for _ in range(20):
                client.post("/sign-in/passkey", data={"credential": "{}"})
            assert device.sign_in(client).status_code == 429


class TestOnesOwn:
    def test_are_renamed_and_removed_and_then_sign_nobody_in(self, device: Device) -> None:
        device.add()
        (kept,) = device.kept()
        device.browser.post(f"/account/passkeys/{kept.id}/rename", name="Old laptop")
        assert device.kept()[0].name == "Old laptop"
        device.browser.post(f"/account/passkeys/{kept.id}/remove")
        assert device.kept() == []
        with device.stranger() as client:
            assert device.sign_in(client).status_code == 403

    def test_are_out_of_reach_for_others(self, desk: Desk, device: Device) -> None:
        device.add()
        (kept,) = device.kept()
        other = Device(desk)
        assert other.browser.post(f"/account/passkeys/{kept.id}/remove").status_code == 404
        assert other.browser.post(f"/account/passkeys/{kept.id}/rename", name="Mine").status_code == 404
        assert device.kept()[0].name == "The laptop"


def test_the_person_is_the_one_whose_key_it_is(desk: Desk) -> None:
    first, second = Device(desk), Device(desk)
    first.add()
    second.add()
    with desk.runtime.database.writing() as session:
        session.get_one(Person, second.person.id).name = "Second Person"
    with second.stranger() as client:
        second.sign_in(client)
        assert "Second Person" in client.get("/account").text
