"""What every system adapter has to do, ours and a plug-in's: one suite, run against a practice server of the system.

Subclass `SourceContract` (`KeptSourceContract` where orders are pulled), say what the adapter is in `subject`, and
give `serve` a context manager that plays the system (ours: `in_sandbox`; see docs/plugins.md and
tests/contract/test_sources.py).

The practice server has to hold at least three orders (or, for a system that is asked case by case, something about the
sale of `wanted`), with the card number `CARD` somewhere in a text a customer wrote.
"""

from __future__ import annotations

import contextlib
import copy
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

import pytest

from disputes.database import Database, WriterOpen, sqlite_url
from disputes.facts import Document, Order
from disputes.ports import Wanted
from disputes.systems import PICTURE, Batch, Kept, Outside, SourceError, SourceFailure, System, SystemKind
from evidence.sandbox.app import Fault, Faults
from evidence.sandbox.launch import in_thread
from evidence.sandbox.world import World
from tests.evidence.systems.builders import outside, wanted

CARD = "4242 4242 4242 4242"
_SPELLED = ("4242424242424242", "4242 4242 4242 4242", "4242-4242-4242-4242")
SINCE = datetime(2025, 11, 1, tzinfo=UTC)
LONGEST_CURSOR = 2000
NO_KEY = "no words of an adapter hold a key"


class Practice(Protocol):
    """A server that plays the system, as the suite drives it."""

    @property
    def address(self) -> str: ...
    def content(self) -> Any:
        """Everything it holds, so that two moments can be compared."""
        ...

    def requests(self) -> int: ...
    def fault(self, *, status: int, times: int, body: str = "", headers: Mapping[str, str] | None = None) -> None:
        """The next requests, whatever they ask, are answered so."""
        ...

    def clear_faults(self) -> None: ...


@dataclass
class SandboxPractice:
    """One of our own practice systems as a Practice."""

    address: str
    world: World
    faults: Faults

    def content(self) -> Any:
        told = (self.world.orders, self.world.parcels, self.world.tickets, self.world.policies)
        return copy.deepcopy(told)

    def requests(self) -> int:
        return len(self.world.log)

    def fault(self, *, status: int, times: int, body: str = "", headers: Mapping[str, str] | None = None) -> None:
        self.faults.waiting.append(Fault(".*", status, times=times, body=body, headers=dict(headers or {})))

    def clear_faults(self) -> None:
        self.faults.waiting.clear()


@contextlib.contextmanager
def in_sandbox(world: World) -> Iterator[SandboxPractice]:
    """All of our practice systems in a thread, holding this world."""
    faults = Faults()
    with in_thread(world, faults) as address:
        yield SandboxPractice(address, world, faults)


@dataclass(frozen=True)
class Subject:
    """One adapter. `settings` are those of its connect page, given the server's address.

    `wrong`: settings with a key the system does not know. `asked`: the sale it is asked about.
    """

    kind: SystemKind
    settings: Callable[[str], dict[str, str]]
    wrong: dict[str, str]
    serve: Callable[[], contextlib.AbstractContextManager[Practice]]
    asked: Callable[[], Wanted] = wanted
    outside: Callable[..., Outside] = field(default=outside)


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Database:
    """A database whose writer can be held open; nothing is stored in it."""
    return Database(sqlite_url(Path(tmp_path_factory.mktemp("house")) / "empty.db"))


class SourceContract:
    subject: Subject
    brings_nothing_about_one_sale = False

    @pytest.fixture
    def practice(self) -> Iterator[Practice]:
        with self.subject.serve() as running:
            yield running

    @pytest.fixture
    def system(self, practice: Practice) -> System:
        return self.opened(practice)

    def opened(self, practice: Practice, *, seconds: float = 20.0, **changes: str) -> System:
        settings = self.subject.settings(practice.address) | changes
        return self.subject.kind.open(settings, self.subject.outside(seconds=seconds))

    def pulled(self, system: System, cursor: str | None = None) -> list[Batch]:
        batches = list(system.pull(cursor, since=SINCE))
        assert all(len(each.cursor) <= LONGEST_CURSOR for each in batches)
        return batches

    def records(self, batches: list[Batch]) -> list[Kept]:
        return [record for batch in batches for record in batch.records]

    def read(self, system: System) -> object:
        """Whatever it reads of evidence: orders, or what it has about one sale."""
        return system.gather(self.subject.asked())

    # ---- what it says of itself --------------------------------------------------------------------------------------

    def test_the_kind_says_what_a_person_has_to_know(self) -> None:
        kind = self.subject.kind
        assert kind.name.isidentifier()
        assert kind.name == kind.name.casefold()
        assert kind.title
        assert kind.version >= 1
        assert kind.brings
        assert kind.gives.endswith(".")
        assert kind.needs.endswith(".")
        assert kind.adapter == f"{kind.name}/{kind.version}"

    def test_every_key_is_sealed_and_every_setting_has_a_name_for_people(self) -> None:
        settings = {each.name: each for each in self.subject.kind.settings}
        assert all(each.label for each in settings.values())
        assert set(self.subject.settings("http://127.0.0.1:1")) <= set(settings)
        secret = {name for name in self.subject.wrong if settings[name].secret}
        assert secret, "what opens the system is a secret"

    def test_opening_it_calls_nobody(self, practice: Practice) -> None:
        asked = practice.requests()
        self.opened(practice)
        assert practice.requests() == asked

    # ---- the account -------------------------------------------------------------------------------------------------

    def test_the_account_is_told_and_nothing_is_missing(self, system: System) -> None:
        account = system.account()
        assert account.account_id
        assert account.name
        assert account.rights_missing == ()

    def test_a_key_nobody_knows_is_refused_in_words_without_it(self, practice: Practice) -> None:
        with pytest.raises(SourceError) as refused:
            self.opened(practice, **self.subject.wrong).account()
        assert refused.value.failure in (SourceFailure.CREDENTIALS, SourceFailure.RIGHTS)
        settings = {each.name: each for each in self.subject.kind.settings}
        for name, value in self.subject.wrong.items():
            assert not settings[name].secret or value not in str(refused.value), NO_KEY

    def test_reading_changes_nothing_there(self, system: System, practice: Practice) -> None:
        before = practice.content()
        system.account()
        self.read(system)
        system.gather(self.subject.asked())
        assert practice.content() == before

    # ---- one sale ----------------------------------------------------------------------------------------------------

    def test_what_it_brings_about_a_sale_is_named_dated_and_masked(self, system: System) -> None:
        report = system.gather(self.subject.asked())
        assert report.items or report.unavailable or self.brings_nothing_about_one_sale
        for each in report.items:
            assert each.adapter == self.subject.kind.adapter
            assert each.name
            assert each.request
            assert each.confidence in ("certain", "likely")
            assert each.confidence == "likely" or each.why, "a certain match says by what"
            if each.media_type.startswith(("text/", "application/json", "message/")):
                self._no_card(each.data.decode("utf-8", "replace"))
            self._no_card(each.fact.model_dump_json())
            self._no_secret(each.request)

    def _no_card(self, text: str) -> None:
        plain = json.dumps(text)
        assert not any(number in plain for number in _SPELLED), "a card number came through"

    def _no_secret(self, text: str) -> None:
        for each in self.subject.kind.settings:
            value = self.subject.settings("http://127.0.0.1:1").get(each.name, "")
            assert not (each.secret and value and value in text), "what is stored as the request holds no key"

    # ---- what goes wrong ---------------------------------------------------------------------------------------------

    @pytest.mark.parametrize(
        ("status", "failures"),
        [
            (401, {SourceFailure.CREDENTIALS}),
            (429, {SourceFailure.RATE_LIMITED}),
            (503, {SourceFailure.UNAVAILABLE}),
        ],
    )
    def test_a_refusal_is_told_by_what_it_means(
        self, system: System, practice: Practice, status: int, failures: set[SourceFailure]
    ) -> None:
        practice.fault(status=status, times=50, body="{}", headers={"retry-after": "90"})
        with pytest.raises(SourceError) as wrong:
            self.read(system)
        assert wrong.value.failure in failures
        self._no_secret(str(wrong.value))

    def test_a_page_instead_of_an_answer_is_told(self, system: System, practice: Practice) -> None:
        page = "<html><body>Sign in to the network</body></html>"
        practice.fault(status=200, times=50, body=page, headers={"content-type": "text/html"})
        with pytest.raises(SourceError):
            self.read(system)

    def test_a_system_without_time_left_is_not_waited_for(self, practice: Practice) -> None:
        with pytest.raises(SourceError) as late:
            self.read(self.opened(practice, seconds=0.0))
        assert late.value.failure in (SourceFailure.UNAVAILABLE, SourceFailure.RATE_LIMITED)

    def test_nothing_is_called_while_a_writer_is_open(
        self, system: System, practice: Practice, house: Database
    ) -> None:
        asked = practice.requests()
        with house.writing():
            with pytest.raises(WriterOpen):
                system.account()
            with pytest.raises(WriterOpen):
                self.read(system)
        assert practice.requests() == asked


class KeptSourceContract(SourceContract):
    """For a system whose orders are pulled and kept: all of the above, and what a pull has to do."""

    brings_nothing_about_one_sale = True

    def read(self, system: System) -> object:
        return self.pulled(system)

    def test_a_pull_brings_each_object_with_its_facts_and_keys(self, system: System) -> None:
        records = self.records(self.pulled(system))
        assert len(records) >= 3
        ids = [(each.kind, each.external_id) for each in records]
        assert len(ids) == len(set(ids))
        for each in records:
            assert each.name
            assert each.request
            if each.kind == "order":
                assert isinstance(each.facts[0], Order)
                assert each.keys, "an order that is found by nothing is never found"
                assert each.at is None or each.at.tzinfo is not None

    def test_the_bytes_of_a_picture_come_with_the_order_that_shows_it(self, system: System) -> None:
        records = self.records(self.pulled(system))
        kept = {hashlib.sha256(each.data).hexdigest(): each.media_type for each in records if each.kind == PICTURE}
        shown = {fact.sha256: fact.media_type for each in records for fact in each.facts if isinstance(fact, Document)}
        assert shown == kept
        assert not any(each.facts or each.keys for each in records if each.kind == PICTURE)

    def test_no_card_number_is_kept(self, system: System) -> None:
        for each in self.records(self.pulled(system)):
            self._no_card(each.data.decode("utf-8", "replace"))
            self._no_card("".join(fact.model_dump_json() for fact in each.facts))

    def test_a_pull_that_was_cut_off_goes_on_where_it_was(self, system: System, practice: Practice) -> None:
        whole = {(each.kind, each.external_id) for each in self.records(self.pulled(system))}
        first = next(iter(self.opened(practice).pull(None, since=SINCE)))
        rest = self.records(self.pulled(self.opened(practice), first.cursor))
        seen = {(each.kind, each.external_id) for each in (*first.records, *rest)}
        assert seen == whole

    def test_a_pull_after_the_last_cursor_brings_nothing_it_was_not_given_before(
        self, system: System, practice: Practice
    ) -> None:
        batches = self.pulled(system)
        known = {(each.kind, each.external_id) for each in self.records(batches)}
        again = {(each.kind, each.external_id) for each in self.records(self.pulled(system, batches[-1].cursor))}
        assert again <= known, "an overlap may come again, and nothing is new"
