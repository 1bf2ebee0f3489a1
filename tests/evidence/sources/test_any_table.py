"""Tables as anybody may save them: read to the letter, or refused with the file's name."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evidence.sources.orders import read_orders
from evidence.sources.reading import FileSeen, FileUnreadable
from evidence.sources.tables import read_table

FIELDS = ("order_ref", "placed_at", "total", "currency", "customer_name", "customer_note")
# Letters of both worlds a shop may write in; digits would be numbers of cards now and then.
words = st.text(st.sampled_from("açğıöşüİŞ éßñ ,;\t|'\"-/.!?"), max_size=20).map(str.strip)
bounded = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def seen(root: Path, name: str, data: bytes) -> FileSeen:
    path = root / name
    path.write_bytes(data)
    return FileSeen(path, name, len(data), (0, len(data), 0))


@bounded
@given(
    cells=st.lists(st.lists(words, min_size=6, max_size=6), min_size=1, max_size=5),
    separator=st.sampled_from(",;\t|"),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1254"]),
    ending=st.sampled_from(["\n", "\r\n"]),
)
def test_what_was_written_is_read(
    tmp_path: Path, cells: list[list[str]], separator: str, encoding: str, ending: str
) -> None:
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=separator, lineterminator=ending)
    writer.writerows([FIELDS, *cells])
    rows, refused = read_table(seen(tmp_path, "orders.csv", out.getvalue().encode(encoding)), "orders")
    assert refused == []
    written = [row for row in cells if any(row)]
    assert [[row.get(field) or "" for field in FIELDS] for row in rows] == written


@bounded
@given(
    data=st.binary(max_size=300)
    | st.text(max_size=200).map(lambda text: ("order_ref,total,placed_at\n" + text).encode("utf-8", "replace")),
    ending=st.sampled_from(["csv", "json"]),
)
def test_any_bytes_are_read_or_refused_by_name(tmp_path: Path, data: bytes, ending: str) -> None:
    name = f"orders.{ending}"
    try:
        rows, refused = read_table(seen(tmp_path, name, data), "orders")
    except FileUnreadable as error:
        assert name in str(error)  # noqa: PT017 - either way is right, and both are looked at
        return
    orders, more = read_orders(rows, [], "Europe/Istanbul")
    assert all(name in sentence for sentence in (*refused, *more))
    assert len(orders) <= len(rows)
