"""What the sandbox was sent and what came of it: requests, and effects per subject. Tests ask it."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from gateways.sandbox.store import JSON, Store

API = "api"
"""Who did it: this, "dashboard" for a person elsewhere, or "gateway" for the gateway itself."""


UPLOADED = "uploaded"
"""The one effect whose subject is a file and no dispute."""


class Ledger:
    def __init__(self, store: Store, words: tuple[str, ...] = ()) -> None:
        self._store, self._words = store, words

    def effect(self, at: int, subject: str, what: str, who: str = API) -> None:
        self._store.run("INSERT INTO effect (at, subject, what, who) VALUES (?, ?, ?, ?)", (at, subject, what, who))

    def request(self, *, at: int, host: str, method: str, path: str, route: str, key: str | None, params: JSON,
                status: int, fault: str | None = None, replayed: bool = False) -> None:  # fmt: skip
        self._store.run(
            "INSERT INTO request (at, host, method, path, route, key, params, status, fault, replayed)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (at, host, method, path, route, key, json.dumps(params, default=str), status, fault, int(replayed)),
        )

    def requests(self, filters: dict[str, str]) -> list[JSON]:
        """The log, oldest first; filters: method, path (part of it), key, host, status, since (a seq)."""
        wanted, values = ["1"], []
        for name, sql in _FILTERS.items():
            if name in filters:
                wanted.append(sql)
                values.append(f"%{filters[name]}%" if name == "path" else filters[name])
        columns = "seq, at, host, method, path, route, key, params, status, fault, replayed"
        sql = f"SELECT {columns} FROM request WHERE {' AND '.join(wanted)} ORDER BY seq"  # noqa: S608 - our own words
        rows = [dict(zip(columns.split(", "), row, strict=True)) for row in self._store.run(sql, values)]
        return [row | {"params": json.loads(row["params"]), "replayed": bool(row["replayed"])} for row in rows]

    def effects(self, subject: str) -> JSON:
        """How often each of the gateway's words happened to it by the API, and "elsewhere" what others did."""
        rows = self._store.run(
            "SELECT what, who, count(*) FROM effect WHERE subject = ? GROUP BY what, who", (subject,)
        )
        return self._summed(rows)

    def counts(self) -> JSON:
        """{"disputes": {id: its effects}, "files", "requests": {"total", "by_route"}}."""
        by_subject: dict[str, list[Any]] = {}
        for subject, *row in self._store.run(
            "SELECT subject, what, who, count(*) FROM effect WHERE what != ? GROUP BY subject, what, who", (UPLOADED,)
        ):
            by_subject.setdefault(subject, []).append(row)
        routes: Counter[str] = Counter()
        for method, route, count in self._store.run(
            "SELECT method, route, count(*) FROM request GROUP BY method, route"
        ):
            routes[f"{method} {route}"] += count
        files = self._store.run("SELECT count(*) FROM effect WHERE what = ?", (UPLOADED,))[0][0]
        return {
            "disputes": {subject: self._summed(rows) for subject, rows in by_subject.items()},
            "files": files,
            "requests": {"total": sum(routes.values()), "by_route": dict(routes)},
        }

    def _summed(self, rows: list[Any]) -> JSON:
        entry: dict[str, Any] = {**dict.fromkeys(self._words, 0), "elsewhere": {}}
        for what, who, count in rows:
            counted = entry if who == API else entry["elsewhere"]
            counted[what] = counted.get(what, 0) + count
        return entry


_FILTERS = {
    "method": "method = ?",
    "path": "path LIKE ?",
    "key": "key = ?",
    "host": "host = ?",
    "status": "status = CAST(? AS INTEGER)",
    "since": "seq > CAST(? AS INTEGER)",
}
