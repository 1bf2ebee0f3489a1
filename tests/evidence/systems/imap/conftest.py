"""One Dovecot for all that read a mailbox, and a mailbox of its own for each test."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest

from tests.dovecot import Dovecot, Tokens, dovecot, tokens

USERS = [f"help{number}@lumen.example" for number in range(80)] + ["postbox"]
_unused = itertools.count()


@pytest.fixture(scope="session")
def signing() -> Iterator[Tokens]:
    with tokens() as known:
        yield known


@pytest.fixture(scope="session")
def server(signing: Tokens) -> Iterator[Dovecot]:
    with dovecot(*USERS, introspection=signing.address, passwords={"ayse@lumen.example": "şifre"}) as running:
        yield running


@pytest.fixture
def user() -> str:
    """A mailbox nobody used before."""
    return USERS[next(_unused)]
