"""A mailbox opened by a token instead of a password."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from disputes.systems import SourceFailure
from evidence.systems.imap import KIND
from tests.dovecot import Dovecot, Tokens
from tests.evidence.systems.builders import outside
from tests.evidence.systems.imap.mailbox import asked, letter, refused, settings

pytestmark = pytest.mark.xdist_group("dovecot")


def by_refresh(server: Dovecot, signing: Tokens, user: str, **changes: str) -> dict[str, str]:
    typed = {"sign_in": "refresh_token", "refresh_token": f"refresh-{user}", "client_id": "desk", "client_secret": "s",
             "token_url": f"{signing.address}/token", "password": ""}  # fmt: skip
    return settings(server, user, **(typed | changes))


def test_an_access_token_opens_the_mailbox(server: Dovecot, signing: Tokens, user: str) -> None:
    signing.good["a-token"] = user
    typed = settings(server, user, sign_in="access_token", access_token="a-token", password="")
    server.put(user, letter())
    assert len(asked(server, user, typed).items) == 1


def test_a_token_that_ended_is_told(server: Dovecot, user: str) -> None:
    error = refused(settings(server, user, sign_in="access_token", access_token="ended"))
    assert error.failure is SourceFailure.CREDENTIALS
    assert "refuses the token" in str(error)


def test_a_refresh_token_fetches_access_tokens_and_keeps_them(server: Dovecot, signing: Tokens, user: str) -> None:
    signing.refresh[f"refresh-{user}"] = user
    before = len(signing.asked)
    for _ in range(2):
        assert KIND.open(by_refresh(server, signing, user), outside()).account().name == user
    assert signing.asked[before:] == [
        {"grant_type": "refresh_token", "refresh_token": f"refresh-{user}", "client_id": "desk", "client_secret": "s"}
    ]


class Safe:
    """Where a mailbox's refresh token is kept, as the desk does it."""

    def __init__(self, token: str) -> None:
        self.token = token

    def renewed(self, name: str, given: str, fresh: str) -> str:
        assert name == "refresh_token"
        if self.token == given:
            self.token = fresh
        return self.token


@pytest.fixture
def rotating(signing: Tokens, user: str) -> Iterator[Safe]:
    signing.refresh[f"refresh-{user}"] = user
    signing.rotates = True
    yield Safe(f"refresh-{user}")
    signing.rotates = False


def test_a_refresh_token_that_came_for_the_old_one_is_kept(
    server: Dovecot, signing: Tokens, user: str, rotating: Safe
) -> None:
    told = replace(outside(), renewed=rotating.renewed)
    KIND.open(by_refresh(server, signing, user), told).account()
    assert rotating.token != f"refresh-{user}"
    assert signing.refresh[rotating.token] == user
    # As after a restart: nothing is in memory, and the token that was typed first is worth nothing any more.
    signing.good.clear()
    told = replace(outside(), renewed=rotating.renewed)
    KIND.open(by_refresh(server, signing, user, refresh_token=rotating.token), told).account()
    assert signing.asked[-1]["refresh_token"].startswith("refresh-")
    assert signing.refresh[rotating.token] == user


def test_one_that_somebody_else_used_up_is_looked_up_again(
    server: Dovecot, signing: Tokens, user: str, rotating: Safe
) -> None:
    del signing.refresh[f"refresh-{user}"]
    signing.refresh["refresh-of-the-other"], rotating.token = user, "refresh-of-the-other"
    told = replace(outside(), renewed=rotating.renewed)
    assert KIND.open(by_refresh(server, signing, user), told).account().name == user
    assert [each["refresh_token"] for each in signing.asked[-2:]] == [f"refresh-{user}", "refresh-of-the-other"]


def test_many_at_once_use_a_refresh_token_once(server: Dovecot, signing: Tokens, user: str, rotating: Safe) -> None:
    before = len(signing.asked)
    with ThreadPoolExecutor(4) as pool:
        told = replace(outside(), renewed=rotating.renewed)
        names = pool.map(lambda _: KIND.open(by_refresh(server, signing, user), told).account().name, range(4))
        assert list(names) == [user] * 4
    assert len(signing.asked) == before + 1


def test_a_kept_token_that_is_refused_is_renewed_once(server: Dovecot, signing: Tokens, user: str) -> None:
    signing.refresh[f"refresh-{user}"] = user
    KIND.open(by_refresh(server, signing, user), outside()).account()
    signing.good = {token: whose for token, whose in signing.good.items() if whose != user}
    assert KIND.open(by_refresh(server, signing, user), outside()).account().name == user


def test_a_refresh_token_that_was_withdrawn_is_told(server: Dovecot, signing: Tokens, user: str) -> None:
    error = refused(by_refresh(server, signing, user))
    assert error.failure is SourceFailure.CREDENTIALS
    assert "The refresh token is refused" in str(error)


def test_a_public_client_sends_no_secret(server: Dovecot, signing: Tokens, user: str) -> None:
    signing.refresh[f"refresh-{user}"] = user
    KIND.open(by_refresh(server, signing, user, client_secret=""), outside()).account()
    assert "client_secret" not in signing.asked[-1]


@pytest.mark.parametrize("changes", [{"token_url": ""}, {"client_id": ""}, {"token_url": "http://10.0.0.1/token"}])
def test_tokens_are_fetched_from_a_proper_address_only(
    server: Dovecot, signing: Tokens, user: str, changes: dict[str, str]
) -> None:
    error = refused(by_refresh(server, signing, user, **changes))
    assert error.failure in (SourceFailure.CREDENTIALS, SourceFailure.REFUSED)
