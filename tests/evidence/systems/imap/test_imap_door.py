"""Who is let into a mailbox and who is told why not, over TLS and without."""

from __future__ import annotations

import socket
from dataclasses import replace

import pytest

from disputes.systems import SourceError, SourceFailure
from evidence.systems.imap import KIND
from tests.dovecot import HOST, PASSWORD, Dovecot
from tests.evidence.systems.builders import outside, wanted
from tests.evidence.systems.imap.mailbox import CUSTOMER, SHOP, asked, letter, refused, said, settings

pytestmark = pytest.mark.xdist_group("dovecot")


def test_the_account_names_the_mailbox_and_what_will_be_missing(server: Dovecot, user: str) -> None:
    found = KIND.open(settings(server, user, folders="Nowhere"), outside()).account()
    assert (found.account_id, found.name, found.rights_missing) == (f"{user}@{HOST}", user, ())
    assert [each.partition(",")[0] for each in found.warnings] == [
        "No folder of sent mail was found",
        "There is no folder named Nowhere.",
    ]
    server.make(user, "Sent")
    assert KIND.open(settings(server, user), outside()).account().warnings == ()


def test_a_folder_of_sent_mail_that_was_typed_wrong_is_told(server: Dovecot, user: str) -> None:
    server.make(user, "Sent", "Away")
    wrong = KIND.open(settings(server, user, sent_folder="Abroad"), outside()).account()
    assert wrong.warnings == ("There is no folder named Abroad, so the shop's own answers will be missing.",)
    server.put(user, letter("LL-1001 from the shop", sender=SHOP, to=CUSTOMER), "Away")
    found = asked(server, user, settings(server, user, sent_folder="away"))
    assert said(found) == [("out", "certain", "LL-1001 from the shop")]


def test_the_address_of_the_mailbox_is_offered_as_the_shops(server: Dovecot, user: str) -> None:
    server.make(user, "Sent")
    found = KIND.open(settings(server, user), outside(own=("other.example",))).account()
    assert found.warnings[0].startswith(f"{user} is taken for an address of the shop's own")
    server.make("postbox", "Sent")
    nobody = KIND.open(settings(server, "postbox"), outside(own=())).account()
    assert "nobody can tell who wrote" in nobody.warnings[0]


def test_a_wrong_password_is_told(server: Dovecot, user: str) -> None:
    error = refused(settings(server, user, password="wrong"))
    assert error.failure is SourceFailure.CREDENTIALS
    assert "refuses the user name or the password" in str(error)


@pytest.mark.parametrize("password", ["", "a\r\nx1 DELETE INBOX"])
def test_a_password_that_is_none_is_never_sent(server: Dovecot, user: str, password: str) -> None:
    assert refused(settings(server, user, password=password)).failure is SourceFailure.CREDENTIALS


def test_a_password_with_turkish_letters_is_sent_as_it_is(server: Dovecot) -> None:
    typed = settings(server, "ayse@lumen.example", password="şifre")
    assert KIND.open(typed, outside()).account().name == "ayse@lumen.example"
    assert refused(typed | {"password": "şifreç"}).failure is SourceFailure.CREDENTIALS


@pytest.mark.parametrize("typed", [f"https://{HOST}", f"imap://{HOST}/", HOST])
def test_a_mail_server_may_be_typed_like_a_web_address(server: Dovecot, user: str, typed: str) -> None:
    assert KIND.open(settings(server, user, host=typed), outside()).account().account_id == f"{user}@{HOST}"


def test_tls_needs_a_certificate_that_somebody_vouches_for(
    server: Dovecot, user: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    over_tls = settings(server, user, security="tls", port=str(server.tls_port))
    by_starttls = settings(server, user, security="starttls")
    for typed in (over_tls, by_starttls):
        error = refused(typed)
        assert error.failure is SourceFailure.REFUSED
        assert f"The certificate of {HOST} is not to be trusted" in str(error)
    monkeypatch.setenv("SSL_CERT_FILE", str(server.authority))
    server.put(user, letter())
    for typed in (over_tls, by_starttls):
        assert len(asked(server, user, typed).items) == 1
        assert KIND.open(typed, outside()).account().name == user


def test_the_wrong_kind_of_port_is_told(server: Dovecot, user: str) -> None:
    assert "Is it the port for STARTTLS?" in str(refused(settings(server, user, security="tls")))


def test_a_password_goes_to_another_machine_over_tls_only() -> None:
    typed = {"host": "8.8.8.8", "security": "none", "user": "a@b.example", "password": PASSWORD}
    error = refused(typed)
    assert (error.failure, str(error)) == (
        SourceFailure.REFUSED,
        "8.8.8.8 is another machine: a password goes there over TLS only.",
    )


@pytest.mark.parametrize("host", [HOST, "localhost", "10.0.0.7", "169.254.169.254", "::1"])
def test_machines_of_the_inside_are_not_called(host: str) -> None:
    typed = {"host": host, "user": "a@b.example", "password": PASSWORD}
    assert refused(typed, loopback=False).failure is SourceFailure.REFUSED


@pytest.mark.parametrize(
    "changes", [{"host": ""}, {"host": "a b"}, {"host": "user@mail.example"}, {"port": "abc"}, {"port": "70000"}]
)
def test_an_address_that_is_none_is_told(changes: dict[str, str]) -> None:
    typed = {"host": HOST, "user": "a@b.example", "password": PASSWORD} | changes
    assert refused(typed).failure is SourceFailure.REFUSED


def test_a_server_that_is_not_there_is_told() -> None:
    with socket.create_server((HOST, 0)) as listening:
        port = listening.getsockname()[1]
    error = refused({"host": HOST, "port": str(port), "security": "none", "user": "a", "password": "b"})
    assert error.failure is SourceFailure.UNAVAILABLE
    assert "cannot be reached" in str(error)


def test_when_the_time_is_over_nobody_is_called(server: Dovecot, user: str) -> None:
    late = replace(outside(), seconds=0.0)
    with pytest.raises(SourceError, match="took too long") as caught:
        KIND.open(settings(server, user), late).gather(wanted())
    assert caught.value.failure is SourceFailure.UNAVAILABLE


def test_when_the_time_is_nearly_over_the_rest_is_counted(server: Dovecot, user: str) -> None:
    server.put(user, letter())
    found = KIND.open(settings(server, user), outside(seconds=4.0)).gather(wanted())
    assert found.items == ()
    assert found.refused[0].startswith("1 further mails in INBOX")
