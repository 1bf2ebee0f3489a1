"""Sentences come back out of their columns as they were made, on both databases, however long what is kept is."""

from __future__ import annotations

import sqlalchemy as sa

from disputes.database import Database
from disputes.models import Connection, Dispute
from disputes.phrases import Phrase, joined, phrase
from tests import builders


def _words(number: int) -> Phrase:
    return joined(phrase("Sentence {number} of many about {who}.", number=each, who="nobody") for each in range(number))


def test_a_text_column_keeps_the_sentence_and_not_only_its_text(database: Database) -> None:
    with database.writing() as session:
        connection = builders.connection(session, merchant=builders.merchant(session))
        dispute = builders.seen(session, connection=connection, external_id="du_1")
        dispute.answered_elsewhere = phrase("Somebody prepared evidence: {fields}", fields="a, b")
        session.add(dispute)
    with database.reading() as session:
        kept = session.get_one(Dispute, dispute.id)
        assert kept.answered_elsewhere == "Somebody prepared evidence: a, b"
        assert kept.answered_elsewhere is not None
        assert kept.answered_elsewhere.template == "Somebody prepared evidence: {fields}"
        assert kept.capability_reason == ""


def test_what_is_kept_of_a_sentence_may_be_longer_than_its_text_may_be(database: Database) -> None:
    with database.writing() as session:
        connection = builders.connection(session, merchant=builders.merchant(session))
        connection.state_detail, connection.rights_missing = _words(12), [phrase("Disputes: read"), Phrase("x")]
        session.add(connection)
    assert len(connection.state_detail) < 500 < len(connection.state_detail.kept())
    with database.reading() as session:
        kept = session.get_one(Connection, connection.id)
        assert kept.state_detail == _words(12)
        assert kept.state_detail.values["part3"].template == "Sentence {number} of many about {who}."
        assert [each.template for each in kept.rights_missing] == ["Disputes: read", ""]


def test_a_text_of_an_earlier_version_is_read_as_it_is(database: Database) -> None:
    with database.writing() as session:
        connection = builders.connection(session, merchant=builders.merchant(session))
        session.execute(
            sa.text("UPDATE connection SET state_detail = 'The key was refused.', rights_missing = '[\"Files\"]'")
        )
    with database.reading() as session:
        kept = session.get_one(Connection, connection.id)
        assert (kept.state_detail, kept.rights_missing) == ("The key was refused.", ["Files"])
        assert kept.state_detail.template == kept.rights_missing[0].template == ""
