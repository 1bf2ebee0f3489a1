"""How the tests are spread over processes: a file stays together, and what mostly waits runs beside what computes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from xdist.scheduler import LoadGroupScheduling

if TYPE_CHECKING:
    from xdist.workermanage import WorkerController

WAITING = ("tests/faults/",)
"""Processes that are killed and answers that are held back: seconds pass in which nobody computes."""
LONGEST = ("tests/browser/", "tests/web/test_demo", "tests/benchmarks/", "tests/evidence/sources/test_generated_shop")
"""Begun first, so that none of them is left for the end, when the other processes have nothing to do any more."""

Unit = dict[str, bool]
"""The tests that go together, and whether each has run."""


class Spread(LoadGroupScheduling):
    """A mark's group goes together as ever. Else a file does, so that its desk or sandbox is started once: in two
    pieces where its desks are of two kinds."""

    def _split_scope(self, nodeid: str) -> str:
        group = super()._split_scope(nodeid)
        if group != nodeid:
            return group
        file, _, test = nodeid.partition("::")
        kind = re.search(r"\[(?:.*\W)?(sqlite|postgresql)\b", test)
        return f"{file} {kind[1]}" if kind else file

    def _assign_work_unit(self, node: WorkerController) -> None:
        elsewhere = [units.values() for other, units in self.assigned_work.items() if other is not node]
        taken = any(is_among(WAITING, unit) and not all(unit.values()) for units in elsewhere for unit in units)

        def rank(name: str) -> int:
            """One process at a time is with what waits, while there is something else for the others."""
            unit = self.workqueue[name]
            if is_among(WAITING, unit):
                return 3 if taken else 0
            return 1 if is_among(LONGEST, unit) else 2

        self.workqueue.move_to_end(min(self.workqueue, key=rank), last=False)
        super()._assign_work_unit(node)


def is_among(folders: tuple[str, ...], unit: Unit) -> bool:
    return next(iter(unit)).startswith(folders)
