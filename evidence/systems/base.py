"""What every system inherits: one that is only asked has nothing to pull, one that is only kept need not be asked."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from datetime import datetime

from disputes.ports import SourceReport, Wanted
from disputes.systems import Batch, SystemAccount, SystemKind


class BaseSystem(ABC):
    """`kind` is given by the class; `account` by every system."""

    kind: SystemKind

    @abstractmethod
    def account(self) -> SystemAccount:
        """As `System.account`."""

    def pull(self, cursor: str | None, *, since: datetime) -> Iterator[Batch]:
        return iter(())

    def gather(self, wanted: Wanted) -> SourceReport:
        return SourceReport(())
