"""Passwords as production keeps them; everywhere else in the tests a cheap argon2id stands in."""

from __future__ import annotations

import subprocess
import sys

import pytest
from argon2 import Parameters, Type, extract_parameters

from web import passwords

PASSWORD = "several plain words"
LOOK = f"from web import passwords; print(passwords.hash_password({PASSWORD!r}), passwords._NOBODY)"


@pytest.fixture(scope="module")
def hashes() -> list[str]:
    """Of a password and of nobody's, from a process of its own as a desk is one: nothing of the tests is there."""
    said = subprocess.run([sys.executable, "-c", LOOK], capture_output=True, text=True, check=True, timeout=120)
    return said.stdout.split()


def test_each_costs_three_passes_over_64_mib_for_a_known_mail_and_for_an_unknown_one(hashes: list[str]) -> None:
    dear = Parameters(type=Type.ID, version=19, salt_len=16, hash_len=32, time_cost=3, memory_cost=65536, parallelism=4)
    assert [extract_parameters(each) for each in hashes] == [dear, dear]


def test_what_production_stored_is_known_by_its_own_cost_and_another_password_is_not(hashes: list[str]) -> None:
    assert passwords.matches(PASSWORD, hashes[0])
    assert not passwords.matches(PASSWORD + "s", hashes[0])
