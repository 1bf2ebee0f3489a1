"""An import folder, file by file, and what a dispute asks for."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from disputes.money import Money
from disputes.ports import SourceReport, Wanted
from evidence.sources.folder import FolderSource

ORDERS = "order_ref,placed_at,payment_id,total,currency,customer_email\n"
ORDERS += "LL-1,2026-11-05 10:00,ch_1,189.00,USD,emily@example.com\n"
SHOP = '{"domains": ["lale.example"], "zone": "Europe/Istanbul"}'
CHARGED = Money(18900, "USD")


def wanted(
    *,
    order_ref: str | None = "LL-1",
    payment_id: str | None = "ch_1",
    email: str | None = "emily@example.com",
    amount: Money = CHARGED,
    paid_at: datetime | None = datetime(2026, 11, 5, 7, 1, tzinfo=UTC),
) -> Wanted:
    return Wanted(payment_id, order_ref, email, "Emily Carter", paid_at, amount)


def folder(root: Path, files: dict[str, str | bytes]) -> Path:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return root


def gather(root: Path, files: dict[str, str | bytes], asked: Wanted | None = None) -> SourceReport:
    return FolderSource(folder(root, files), zone="Europe/Istanbul").gather(asked or wanted())


def facts(report: SourceReport, kind: type) -> list:  # type: ignore[type-arg]
    return [item.fact for item in report.items if isinstance(item.fact, kind)]
