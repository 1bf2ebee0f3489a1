"""Evidence gathered again: what the source says now counts, and what a person said stays."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
from sqlmodel import Session

from disputes import store_evidence
from disputes.database import Database
from disputes.facts import Message
from disputes.models import Dispute, EvidenceItem
from disputes.ports import Gathered
from tests import builders

NOW = builders.NOW
LATER = NOW + timedelta(hours=1)


def one_case(database: Database) -> Dispute:
    with database.writing() as session:
        merchant = builders.merchant(session)
        return builders.seen(session, connection=builders.connection(session, merchant=merchant))


def told(confidence: str, *, body: str = "Where is it?", why: str = "") -> Gathered:
    message = Message(message_id="<a@b>", at=NOW, direction="in", sender="emily@example.com", body=body)
    return Gathered(
        body.encode(), "message/rfc822", "a.eml", "Import folder", message, confidence, why or f"it is {confidence}"
    )


def stored(session: Session, dispute: Dispute, gathered: Gathered, **changes: Any) -> EvidenceItem:
    return store_evidence.upsert(
        session,
        session.get_one(Dispute, dispute.id),
        gathered,
        source="folder",
        source_title="Shop records",
        sha256=sha256(gathered.data).hexdigest(),
        now=changes.get("now", NOW),
    )


@pytest.mark.parametrize(("before", "now"), [("certain", "likely"), ("likely", "certain")])
@pytest.mark.parametrize("body", ["Where is it?", "Where is it now?"])
def test_how_sure_an_item_is_follows_what_its_source_says_now(
    database: Database, before: str, now: str, body: str
) -> None:
    dispute = one_case(database)
    with database.writing() as session:
        stored(session, dispute, told(before))
    with database.writing() as session:
        stored(session, dispute, told(now, body=body), now=LATER)
    with database.reading() as session:
        (item,) = store_evidence.items_of(session, dispute.id)
        assert (item.confidence, item.why) == (now, f"it is {now}")
        assert store_evidence.counts(item) is (now == "certain")
        assert item.taken_at == (NOW if body == "Where is it?" else LATER)


def test_a_persons_confirmation_outlives_the_doubt_of_the_source(database: Database) -> None:
    dispute = one_case(database)
    with database.writing() as session:
        stored(session, dispute, told("certain")).confirmed_by = "usr_1"
    with database.writing() as session:
        stored(session, dispute, told("likely"), now=LATER)
    with database.reading() as session:
        (item,) = store_evidence.items_of(session, dispute.id)
        assert (item.confidence, item.confirmed_by) == ("likely", "usr_1")
        assert store_evidence.counts(item)


def test_the_same_told_again_changes_nothing(database: Database) -> None:
    dispute = one_case(database)
    with database.writing() as session:
        stored(session, dispute, told("likely", why="names the order"))
    with database.writing() as session:
        stored(session, dispute, told("likely", why="put otherwise"), now=LATER)
    with database.reading() as session:
        (item,) = store_evidence.items_of(session, dispute.id)
        assert (item.why, item.taken_at) == ("names the order", NOW)
