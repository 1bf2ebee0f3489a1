"""What every gateway adapter has to do, ours and a plug-in's: one suite, run against a practice server of the gateway.

Subclass `GatewayContract` in a test module, say what the adapter is in `subject`, and give `practice` a server that
speaks the gateway's protocol (see docs/plugins.md, and tests/contract/test_gateways.py for ours):

    @pytest.fixture(scope="class")
    def practice(): ...

    class TestExampleBank(GatewayContract):
        subject = Subject(name="example_bank", key="practice-key", open=..., answer=...)
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from disputes.acts import GatewayAct
from disputes.comparison import differences
from disputes.database import Database, WriterOpen, sqlite_url
from disputes.ids import digest
from disputes.lifecycle import GatewayStatus
from disputes.ports import (
    Approved,
    DisputeSnapshot,
    Gateway,
    GatewayError,
    GatewayFailure,
    Stopped,
    WebhookRefused,
    Write,
)
from tests.contract.journal import Journal, new_key
from tests.contract.practice import PDF, Practice, Subject

NO_KEY = "no words of an adapter hold a key"
LONGEST_CURSOR = 500
HOSTILE = ("", "../accounts", "a b", "x" * 300, "1\r\nHost: evil", "%2e%2e")


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Database:
    """A database whose writer can be held open; nothing is stored in it."""
    return Database(sqlite_url(Path(tmp_path_factory.mktemp("house")) / "empty.db"))


class GatewayContract:
    subject: Subject

    @pytest.fixture
    def gateway(self, practice: Practice) -> Gateway:
        practice.clear_faults()
        return self.subject.open(self.subject.key, practice.addresses)

    @pytest.fixture(autouse=True)
    def _no_faults_left(self, practice: Practice) -> Any:
        yield
        practice.clear_faults()

    def approved(self, external_id: str, data: bytes = PDF) -> Approved:
        response = self.subject.answer(external_id=external_id, data=data)
        return Approved(external_id, GatewayAct.SUBMIT, response, lambda _file: data)

    def every_dispute(self, gateway: Gateway) -> list[DisputeSnapshot]:
        found, cursor = [], None
        for _ in range(200):
            page = gateway.disputes(cursor=cursor)
            found += page.disputes
            cursor = page.cursor
            if cursor is None:
                return found
            assert len(cursor) <= LONGEST_CURSOR
        raise AssertionError("the pages do not end")

    # ---- who am I ----------------------------------------------------------------------------------------------------

    def test_it_has_the_names_the_desk_knows_it_by(self, gateway: Gateway) -> None:
        assert gateway.name == self.subject.name
        assert gateway.title

    def test_the_account_is_told_with_its_currency_and_nothing_missing(self, gateway: Gateway) -> None:
        account = gateway.account()
        assert account.account_id
        assert not account.live, "a practice server is never live"
        assert account.currency is None or len(account.currency) == 3
        assert account.rights_missing == ()
        assert account.may_file

    def test_a_key_that_may_only_read_is_told_apart(self, practice: Practice) -> None:
        if self.subject.reader is None:
            pytest.skip("this gateway does not tell what a key may do before it is tried")
        account = self.subject.open(self.subject.reader, practice.addresses).account()
        assert account.rights_missing == ()
        assert not account.may_file

    def test_a_key_nobody_knows_is_refused_in_words_without_it(self, practice: Practice) -> None:
        with pytest.raises(GatewayError) as refused:
            self.subject.open(self.subject.stranger, practice.addresses).account()
        assert refused.value.failure is GatewayFailure.CREDENTIALS
        assert not refused.value.retryable
        assert self.subject.stranger.rpartition(":")[2] not in str(refused.value), NO_KEY

    # ---- disputes ----------------------------------------------------------------------------------------------------

    def test_the_pages_hold_every_dispute_once(self, gateway: Gateway, practice: Practice) -> None:
        made = {practice.open_dispute() for _ in range(3)}
        ids = [each.external_id for each in self.every_dispute(gateway)]
        assert made <= set(ids)
        assert len(ids) == len(set(ids))

    def test_a_snapshot_says_what_the_desk_needs(self, gateway: Gateway, practice: Practice) -> None:
        one = practice.open_dispute()
        told = gateway.dispute(one)
        assert (told.gateway, told.external_id, told.live) == (self.subject.name, one, False)
        assert told.status is GatewayStatus.NEEDS_RESPONSE
        assert told.raw_status
        assert told.amount.minor > 0
        assert told.opened_at.tzinfo is not None
        assert told.due_at is None or told.due_at > told.opened_at
        assert told.capabilities.submit
        assert told.submission_count == 0
        assert told.round_facts
        assert told.unknown == (), "the contract knows its own practice server"
        json.dumps(dict(told.raw))

    def test_the_list_and_the_single_reading_agree(self, gateway: Gateway, practice: Practice) -> None:
        one = practice.open_dispute()
        listed = next(each for each in self.every_dispute(gateway) if each.external_id == one)
        alone = gateway.dispute(one)
        assert (listed.amount, listed.opened_at, listed.kind) == (alone.amount, alone.opened_at, alone.kind)
        if not listed.unread:
            assert (listed.status, listed.due_at, listed.round_facts) == (alone.status, alone.due_at, alone.round_facts)

    def test_since_leaves_out_what_was_opened_before(self, gateway: Gateway, practice: Practice) -> None:
        opened = gateway.dispute(practice.open_dispute()).opened_at
        later, cursor = opened + timedelta(days=1), None
        while True:
            page = gateway.disputes(cursor=cursor, since=later)
            assert page.disputes == ()
            cursor = page.cursor
            if cursor is None:
                break

    def test_what_is_opened_after_a_cursor_is_a_change(self, gateway: Gateway, practice: Practice) -> None:
        practice.open_dispute()
        cursor = gateway.changes(None).cursor
        assert len(cursor) <= LONGEST_CURSOR
        one = practice.open_dispute()
        changes = gateway.changes(cursor)
        assert not changes.expired
        assert one in {*changes.external_ids, *(each.external_id for each in changes.snapshots)}

    def test_a_dispute_nobody_knows_is_not_found(self, gateway: Gateway, practice: Practice) -> None:
        known = practice.open_dispute()
        swapped = known[:-4] + ("0000" if not known.endswith("0000") else "1111")
        with pytest.raises(GatewayError) as missing:
            gateway.dispute(swapped)
        assert missing.value.failure is GatewayFailure.NOT_FOUND

    @pytest.mark.parametrize("hostile", HOSTILE)
    def test_what_is_no_id_reaches_no_other_resource(self, gateway: Gateway, hostile: str) -> None:
        with pytest.raises(GatewayError) as refused:
            gateway.dispute(hostile)
        assert refused.value.failure in (GatewayFailure.NOT_FOUND, GatewayFailure.REJECTED, GatewayFailure.MALFORMED)

    def test_the_payment_is_told_with_its_raw_answer(self, gateway: Gateway, practice: Practice) -> None:
        told = gateway.dispute(practice.open_dispute())
        payment, raw = gateway.payment(told)
        assert payment.payment_id
        assert payment.amount.currency == told.amount.currency
        assert payment.paid_at.tzinfo is not None
        assert payment.refunds == ()
        assert isinstance(json.loads(raw), dict)

    def test_records_are_readable(self, gateway: Gateway, practice: Practice) -> None:
        assert isinstance(gateway.records(gateway.dispute(practice.open_dispute())), tuple)

    def test_reading_writes_nothing(self, gateway: Gateway, practice: Practice) -> None:
        one = practice.open_dispute()
        before = practice.effects()
        gateway.account()
        self.every_dispute(gateway)
        gateway.changes(gateway.changes(None).cursor)
        told = gateway.dispute(one)
        gateway.payment(told)
        gateway.records(told)
        gateway.read_back(one)
        assert practice.effects() == before

    # ---- writing -----------------------------------------------------------------------------------------------------

    def test_a_plan_sends_nothing_until_its_write_is_carried_out(self, gateway: Gateway, practice: Practice) -> None:
        one = practice.open_dispute()
        before = practice.effects()
        plan = gateway.plan(self.approved(one))
        next(plan).before()
        plan.close()
        assert practice.effects() == before

    def test_an_answer_is_filed_once_and_read_back_as_it_was_approved(
        self, gateway: Gateway, practice: Practice
    ) -> None:
        one, journal = practice.open_dispute(), Journal(gateway)
        wanted = self.approved(one)
        assert wanted.response is not None
        names = journal.run(wanted)
        assert names[-1] == "submit"
        assert names.count("submit") == 1
        assert practice.submissions(one) == 1
        back = gateway.read_back(one)
        assert differences(wanted.response, back) == []
        assert back.status is not GatewayStatus.NEEDS_RESPONSE
        told = gateway.dispute(one)
        assert not told.capabilities.submit
        assert told.capabilities.reason

    def test_each_file_carries_its_hash_in_its_name_there(self, gateway: Gateway, practice: Practice) -> None:
        one = practice.open_dispute()
        data = PDF + one.encode()
        Journal(gateway).run(self.approved(one, data))
        assert any(digest(data)[:10] in file.name for file in gateway.read_back(one).files.values())

    def test_a_second_answer_is_refused_and_changes_nothing(self, gateway: Gateway, practice: Practice) -> None:
        one = practice.open_dispute()
        Journal(gateway).run(self.approved(one))
        there = gateway.read_back(one)
        with pytest.raises((Stopped, GatewayError)):
            Journal(gateway).run(self.approved(one, PDF + b" another"))
        assert practice.submissions(one) == 1
        assert gateway.read_back(one) == there

    def test_after_a_crash_before_any_write_the_plan_goes_on_without_doing_it_twice(
        self, gateway: Gateway, practice: Practice
    ) -> None:
        whole = Journal(gateway)
        whole.run(self.approved(practice.open_dispute()))
        for name in whole.done:
            one, journal = practice.open_dispute(), Journal(gateway)
            wanted = self.approved(one)
            before = journal.run(wanted, until=name)
            after = journal.run(wanted, sent="submit" in journal.done)
            assert not set(before) & set(after)
            assert practice.submissions(one) == 1
            assert wanted.response is not None
            assert differences(wanted.response, gateway.read_back(one)) == []

    def test_a_write_whose_answer_was_lost_is_seen_by_reading(self, gateway: Gateway, practice: Practice) -> None:
        """The connection breaks after each write in turn: the effect is possible, and the read-back finds it."""
        for name in self._names(gateway, practice):
            # An adapter may look before it writes: the request that is lost is the first, the second ...
            lost = (self._lost(gateway, practice, name, skip) for skip in range(4))
            write, before = next((found for found in lost if found is not None), (None, {}))
            assert write is not None, f"{name} was never met by the fault"
            assert write.seen(before) is not None

    def _lost(self, gateway: Gateway, practice: Practice, name: str, skip: int) -> tuple[Write, dict[str, Any]] | None:
        """The write and what stood there before it, where its own answer was lost; None where only a look's was."""
        plan, journal = gateway.plan(self.approved(practice.open_dispute())), Journal(gateway)
        write = next(plan)
        while write.name != name:
            journal._send(write)
            write = plan.send(journal.done[write.name])
        before = write.before()
        practice.fault("drop_after", times=1, skip=skip)
        try:
            write.send(new_key())
        except GatewayError as error:
            return (write, before) if error.effect_possible else None
        finally:
            practice.clear_faults()
            plan.close()
        return None

    def _names(self, gateway: Gateway, practice: Practice) -> list[str]:
        journal = Journal(gateway)
        journal.run(self.approved(practice.open_dispute()))
        return list(journal.done)

    def test_an_act_the_gateway_does_not_have_is_not_tried(self, gateway: Gateway, practice: Practice) -> None:
        one = practice.open_dispute()
        before = practice.effects()
        strange = Approved(one, GatewayAct.ACKNOWLEDGE_RETURN, None, lambda _file: b"")
        with pytest.raises((Stopped, GatewayError)):
            list(gateway.plan(strange))
        assert practice.effects() == before

    # ---- webhooks ----------------------------------------------------------------------------------------------------

    @pytest.mark.parametrize("headers", [{}, {"authorization": "Bearer x"}])
    def test_a_webhook_without_a_signature_is_refused(self, gateway: Gateway, headers: dict[str, str]) -> None:
        with pytest.raises(WebhookRefused):
            gateway.verify_webhook(b'{"id": "evt_1"}', headers, secret="a secret", url="https://desk.example/w/1")

    def test_a_webhook_that_is_no_event_is_refused(self, gateway: Gateway) -> None:
        with pytest.raises(WebhookRefused):
            gateway.verify_webhook(b"\xff not json", {}, secret="a secret", url="https://desk.example/w/1")

    # ---- what goes wrong ---------------------------------------------------------------------------------------------

    @pytest.mark.parametrize(
        ("fault", "failures"),
        [
            ({"kind": "status", "status": 503}, {GatewayFailure.UNAVAILABLE}),
            ({"kind": "status", "status": 429}, {GatewayFailure.RATE_LIMITED}),
            ({"kind": "html", "status": 502}, {GatewayFailure.UNAVAILABLE, GatewayFailure.MALFORMED}),
            ({"kind": "html", "status": 200}, {GatewayFailure.UNAVAILABLE, GatewayFailure.MALFORMED}),
            ({"kind": "truncate"}, {GatewayFailure.UNAVAILABLE, GatewayFailure.MALFORMED}),
            ({"kind": "drop_before"}, {GatewayFailure.UNAVAILABLE}),
        ],
        ids=["503", "429", "a page instead of an answer", "a page that says 200", "half an answer", "no answer"],
    )
    def test_what_goes_wrong_is_told_and_may_be_tried_again(
        self, gateway: Gateway, practice: Practice, fault: dict[str, Any], failures: set[GatewayFailure]
    ) -> None:
        one = practice.open_dispute()
        gateway.dispute(one)  # what a key needs first, a token, is there
        practice.fault(fault["kind"], times=20, **{name: value for name, value in fault.items() if name != "kind"})
        with pytest.raises(GatewayError) as wrong:
            gateway.dispute(one)
        practice.clear_faults()
        assert wrong.value.failure in failures
        assert wrong.value.retryable
        assert not wrong.value.effect_possible
        assert self.subject.key.rpartition(":")[2] not in str(wrong.value), NO_KEY
        assert gateway.dispute(one).external_id == one, "it works again by itself"

    def test_one_failed_read_is_tried_again_by_itself(self, gateway: Gateway, practice: Practice) -> None:
        one = practice.open_dispute()
        gateway.dispute(one)
        practice.fault("status", times=1, status=503)
        assert gateway.dispute(one).external_id == one

    def test_a_write_is_never_sent_twice_by_the_adapter(self, gateway: Gateway, practice: Practice) -> None:
        one, journal = practice.open_dispute(), Journal(gateway)
        journal.run(self.approved(one), until="submit")
        submit = None
        plan = gateway.plan(Approved(one, GatewayAct.SUBMIT, self.approved(one).response, lambda _file: PDF, False,
                                     journal.wrote, tuple(journal.answers)))  # fmt: skip
        write = next(plan)
        while True:
            if write.name == "submit":
                submit = write
                break
            write = plan.send(journal.done[write.name])
        before = submit.before()
        practice.fault("status", times=20, status=503)
        asked = practice.requests()
        with pytest.raises(GatewayError) as wrong:
            submit.send(new_key())
        tried = practice.requests() - asked
        practice.clear_faults()
        plan.close()
        assert tried <= 2, "a look before it may be repeated, the write may not"
        assert wrong.value.retryable
        assert submit.seen(before) is None
        assert practice.submissions(one) == 0

    def test_nothing_is_called_while_a_writer_is_open(
        self, gateway: Gateway, practice: Practice, house: Database
    ) -> None:
        one = practice.open_dispute()
        told, wanted = gateway.dispute(one), self.approved(one)
        plan = gateway.plan(wanted)
        asked = practice.requests()
        calls: list[Callable[[], object]] = [
            gateway.account,
            gateway.disputes,
            lambda: gateway.changes(None),
            lambda: gateway.dispute(one),
            lambda: gateway.payment(told),
            lambda: gateway.read_back(one),
            lambda: next(plan).send(new_key()),
        ]
        with house.writing():
            for call in calls:
                with pytest.raises(WriterOpen):
                    call()
        assert practice.requests() == asked
