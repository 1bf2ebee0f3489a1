"""A copy of the data folder, a backup put back: nothing is filed until a person has looked, and nothing twice then."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from disputes.models import Installation
from disputes.submission import Refused
from tests.faults import matrix
from tests.faults.desk import Case, Desk
from tests.faults.gateways import LINES
from tests.faults.matrix import Struck
from tests.faults.processes import Forge, Sandboxes, wait_for
from web.installation import adopt

pytestmark = pytest.mark.slow

DATABASE = ("counterproof.db", "counterproof.db-wal", "counterproof.db-shm")


def filing_on(desk: Desk) -> bool:
    with desk.runtime.database.reading() as session:
        return session.get_one(Installation, 1).filing_on


def answered(desk: Desk, cases: list[Case]) -> list[int]:
    return [desk.effects(case) for case in cases]


def of(struck: list[Struck]) -> tuple[list[Case], list[str]]:
    assert [one.trouble for one in struck if one.trouble] == []
    return [one.case for one in struck], [one.attempt_id for one in struck]


def refused(desk: Desk, attempt_ids: list[str]) -> None:
    """Every filing has met a worker that would not send it, and says why."""
    said = desk.steady().said
    for attempt_id in attempt_ids:
        wait_for(partial(_says, desk, attempt_id, "copied database"), attempt_id, said=said)


def _says(desk: Desk, attempt_id: str, words: str) -> bool:
    return words in desk.attempt(attempt_id).result


def test_a_copied_data_folder_files_nothing_until_a_person_switches_it_on(on_sqlite: Desk, tmp_path: Path) -> None:
    """Neither what waits for its hold nor what was being filed when the copy was made."""
    desk = on_sqlite
    interrupted = [("stripe", "after_intent", "stage"), ("square", "after_intent", "upload")]
    begun, going_on = of(matrix.struck_down(desk, [*interrupted, ("paypal", "after_answer", "submit")]))
    waiting = [desk.case(gateway) for gateway in LINES]
    approved = [desk.approve(case) for case in waiting]
    before = answered(desk, begun)

    copy = desk.copied_to(tmp_path / "copy" / "data")
    try:
        assert not filing_on(copy)
        refused(copy, [*going_on, *approved])
        assert (answered(desk, waiting), answered(desk, begun)) == ([0, 0, 0], before)

        assert copy.command("filing-on", typed="y\n").returncode == 0
        copy.due_now(*going_on)
        ended = [copy.wait_ended(attempt_id, worker=copy.steady()) for attempt_id in going_on]
        assert [attempt.state for attempt in ended] == ["filed"] * 3, [attempt.result for attempt in ended]
    finally:
        copy.shut()
    # The folder it was copied from finds the answers lying there and does not send a second one.
    worker = desk.steady()
    desk.due_now(*going_on, *approved)
    for attempt_id in [*going_on, *approved]:
        attempt = desk.wait_ended(attempt_id, worker=worker)
        assert attempt.state == "filed" or "at the gateway itself" in attempt.result, attempt.result
    assert answered(desk, [*begun, *waiting]) == [1] * 6


@pytest.fixture
def desk_of_its_own(tmp_path: Path, sandboxes: Sandboxes, forge: Forge) -> Iterator[Desk]:
    desk = Desk(data=tmp_path / "shop" / "data", url=None, sandboxes=sandboxes, forge=forge)
    yield desk
    desk.shut()


def test_a_backup_put_back_files_nothing_until_a_person_has_looked(desk_of_its_own: Desk, tmp_path: Path) -> None:
    """What was sent after the backup is not in it, and what was being sent has no end in it."""
    desk, backup = desk_of_its_own, tmp_path / "backup"
    slept = matrix.struck_down(desk, [(gateway, "after_answer", "submit") for gateway in LINES], act="stop")
    begun, going_on = of(slept)
    untouched, waiting = ([desk.case(gateway) for gateway in LINES] for _ in range(2))
    approved = [desk.approve(case) for case in waiting]
    subprocess.run(["cp", "-a", desk.data, backup], check=True, timeout=20)

    matrix.wake(desk, slept)
    worker = desk.steady()
    filed = [*going_on, *approved, *(desk.approve(case) for case in untouched)]
    ended = [desk.wait_ended(attempt_id, worker=worker) for attempt_id in filed]
    assert [attempt.state for attempt in ended] == ["filed"] * 9, [attempt.result for attempt in ended]
    assert answered(desk, [*begun, *waiting, *untouched]) == [1] * 9

    desk.shut()
    for name in DATABASE:
        (desk.data / name).unlink(missing_ok=True)
        if (backup / name).exists():
            shutil.copy2(backup / name, desk.data / name)
    sent = {gateway: writes(desk, gateway) for gateway in LINES}
    desk.open()
    assert not filing_on(desk)
    refused(desk, [*going_on, *approved])
    assert {desk.attempt(attempt_id).state for attempt_id in going_on} == {"submitting"}
    assert {desk.attempt(attempt_id).state for attempt_id in approved} == {"cancelled"}
    for case in [*waiting, *untouched]:
        with pytest.raises(Refused, match="restored or copied database"):
            desk.approve(case)
    assert {gateway: writes(desk, gateway) for gateway in LINES} == sent

    adopt(desk.runtime.database, desk.data)
    desk.due_now(*going_on)
    ended = [desk.wait_ended(attempt_id, worker=desk.steady()) for attempt_id in going_on]
    assert [attempt.state for attempt in ended] == ["filed"] * 3, [attempt.result for attempt in ended]
    for case in [*waiting, *untouched]:
        attempt = desk.wait_ended(desk.approve(case), worker=desk.steady())
        assert (attempt.state, "at the gateway itself" in attempt.result) == ("rejected", True), attempt.result
    assert answered(desk, [*begun, *waiting, *untouched]) == [1] * 9
    assert {gateway: writes(desk, gateway) for gateway in LINES} == sent


def test_the_same_account_in_two_installations_is_answered_by_one_and_a_person_looks_at_the_other(
    on_sqlite: Desk, desk_of_its_own: Desk
) -> None:
    """Within one installation an account cannot be connected twice; two installations cannot know of each other."""
    first, second = on_sqlite, desk_of_its_own
    both = [first.case(gateway) for gateway in LINES]
    known_there = [second.prepare(case.gateway, case.external_id) for case in both]
    begun, going_on = of(matrix.struck_down(first, [(name, "after_intent", "submit") for name in ("stripe", "square")]))
    staged_at_stripe, staged_at_square = begun
    with pytest.raises(Refused, match="nothing to answer"):
        second.approve(second.prepare("stripe", staged_at_stripe.external_id))
    beside = second.approve(second.prepare("square", staged_at_square.external_id))
    attempt = second.wait_ended(beside, worker=second.steady())
    assert (attempt.state, "not ours lies at Square" in attempt.result) == ("rejected", True), attempt.result

    first.due_now(*going_on)
    for attempt_id in [*going_on, *(first.approve(case) for case in both)]:
        attempt = first.wait_ended(attempt_id, worker=first.steady())
        assert attempt.state == "filed", attempt.result
    for case in known_there:
        attempt = second.wait_ended(second.approve(case), worker=second.steady())
        assert (attempt.state, "at the gateway itself" in attempt.result) == ("rejected", True), attempt.result
    assert answered(first, [*both, *begun]) == [1] * 5


def writes(desk: Desk, gateway: str) -> int:
    """Calls that change something; a token is none."""
    rows = desk.at(gateway).controls.log()
    return sum(row["method"] != "GET" and not row["path"].endswith("/token") for row in rows)
