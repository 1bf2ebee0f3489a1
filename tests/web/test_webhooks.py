"""Webhooks in: verified, stored once, acted on by re-reading."""

from __future__ import annotations

from typing import Any

from sqlmodel import select

from disputes.models import Connection, Dispute, WebhookEvent, WebhookFailure
from scheduler import pull
from tests.web.desk import Desk


def event(dispute: Dispute, event_id: str = "evt_1") -> dict[str, Any]:
    return {"id": event_id, "type": "charge.dispute.updated", "data": {"object": {"id": dispute.external_id}}}


def stored(desk: Desk, connection_id: str) -> list[WebhookEvent]:
    with desk.runtime.database.reading() as session:
        return list(session.exec(select(WebhookEvent).where(WebhookEvent.connection_id == connection_id)))


def rereads(desk: Desk, connection_id: str) -> list[tuple[str, tuple[str, ...]]]:
    return [(run, given) for name, run, given in desk.engine.asked if name == "reread" and given[0] == connection_id]


class TestAWebhook:
    def test_is_stored_and_its_object_is_read_again(self, desk: Desk) -> None:
        dispute = desk.case(desk.shop())
        assert desk.webhook(dispute.connection_id, event(dispute)).status_code == 200
        (row,) = stored(desk, dispute.connection_id)
        ((run, given),) = rereads(desk, dispute.connection_id)
        assert row.event_id == "evt_1"
        assert run == f"reread:{row.id}"
        assert given[:2] == (dispute.connection_id, dispute.external_id)

    def test_that_comes_twice_does_nothing_the_second_time(self, desk: Desk) -> None:
        dispute = desk.case(desk.shop())
        answers = [desk.webhook(dispute.connection_id, event(dispute)).status_code for _ in range(3)]
        assert answers == [200, 200, 200]
        assert len(stored(desk, dispute.connection_id)) == 1
        assert len(rereads(desk, dispute.connection_id)) == 1

    def test_with_a_bad_signature_is_refused_and_counted(self, desk: Desk) -> None:
        dispute = desk.case(desk.shop())
        for _ in range(2):
            assert desk.webhook(dispute.connection_id, event(dispute), secret="whsec_of_somebody").status_code == 400
        with desk.runtime.database.reading() as session:
            failure = session.get_one(WebhookFailure, dispute.connection_id)
        assert failure.count == 2
        assert "signature" in failure.last_reason
        assert stored(desk, dispute.connection_id) == []

    def test_without_a_secret_or_a_connection_is_not_found(self, desk: Desk) -> None:
        dispute = desk.case(desk.shop())
        with desk.runtime.database.writing() as session:
            session.get_one(Connection, dispute.connection_id).webhook_secret = None
        assert desk.webhook(dispute.connection_id, event(dispute), secret="").status_code == 404
        assert desk.webhook("con_nobody", event(dispute)).status_code == 404

    def test_that_cannot_be_checked_now_is_asked_for_again(self, desk: Desk) -> None:
        dispute = desk.case(desk.shop())
        with desk.runtime.database.writing() as session:
            session.get_one(Connection, dispute.connection_id).webhook_secret = "not sealed by this key file"
        assert desk.webhook(dispute.connection_id, event(dispute)).status_code == 503

    def test_is_not_stored_when_the_work_that_follows_cannot_be_asked_for(self, own_desk: Desk) -> None:
        dispute = own_desk.case(own_desk.shop())
        own_desk.engine.broken = True
        assert own_desk.webhook(dispute.connection_id, event(dispute)).status_code == 500
        assert stored(own_desk, dispute.connection_id) == []
        own_desk.engine.broken = False
        assert own_desk.webhook(dispute.connection_id, event(dispute)).status_code == 200

    def test_of_another_kind_is_stored_and_leads_to_nothing(self, desk: Desk) -> None:
        dispute = desk.case(desk.shop())
        other = event(dispute) | {"type": "customer.created"}
        assert desk.webhook(dispute.connection_id, other).status_code == 200
        assert [row.state for row in stored(desk, dispute.connection_id)] == ["done"]
        assert rereads(desk, dispute.connection_id) == []

    def test_waits_while_another_read_holds_the_connection(self, desk: Desk, monkeypatch: Any) -> None:
        dispute = desk.case(desk.shop())
        desk.webhook(dispute.connection_id, event(dispute))
        (row,) = stored(desk, dispute.connection_id)
        monkeypatch.setattr(pull, "_TURN_SECONDS", (0.0, 0.0))
        monkeypatch.setattr(pull, "run", lambda *_, **__: "busy")
        arguments = (dispute.connection_id, dispute.external_id, row.id)
        assert pull.run_reread(desk.runtime, *arguments, turn=1) == "again later"
        assert rereads(desk, dispute.connection_id)[-1] == (f"reread:{row.id}:2", (*arguments, "2"))
        monkeypatch.setattr(pull, "run", lambda *_, **__: "read 1")
        assert pull.run_reread(desk.runtime, *arguments, turn=2) == "read 1"
        assert stored(desk, dispute.connection_id)[0].state == "done"
