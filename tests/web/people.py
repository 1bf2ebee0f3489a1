"""People with roles, for the tests about who may do what."""

from __future__ import annotations

from collections.abc import Iterable

from disputes import store_people
from disputes.models import Merchant, Person
from tests.web.desk import Browser, Desk


def member(desk: Desk, merchant: Merchant, role: str, *, rights: Iterable[str] = ()) -> Person:
    person = desk.person()
    with desk.runtime.database.writing() as session:
        store_people.join(session, merchant.id, person.id, role, rights=list(rights), at=desk.now)
    return person


def browser(desk: Desk, merchant: Merchant, role: str, *, rights: Iterable[str] = ()) -> Browser:
    return desk.signed_in(member(desk, merchant, role, rights=rights))
