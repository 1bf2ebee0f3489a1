"""What the sandbox was sent and what came of it: requests, and effects per subject. Tests ask it."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from gateways.sandbox.store import JSON, Store

API = "api"
"""Who did it: this, "dashboard" for a person elsewhere, or "gateway" for the gateway itself."""


class Ledger:
    def __init__(self, store: Store) -> None:
        self._store = store

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

    def counts(self) -> JSON:
        disputes: dict[str, dict[str, Any]] = {}
        for subject, what, who, count in self._store.run(
            "SELECT subject, what, who, count(*) FROM effect WHERE what != 'uploaded' GROUP BY subject, what, who"
        ):
            entry = disputes.setdefault(subject, {"staged": 0, "submitted": 0, "closed": 0, "elsewhere": {}})
            if who == API:
                entry[what] = entry.get(what, 0) + count
            else:
                entry["elsewhere"][what] = entry["elsewhere"].get(what, 0) + count
        routes: Counter[str] = Counter()
        for method, route, count in self._store.run(
            "SELECT method, route, count(*) FROM request GROUP BY method, route"
        ):
            routes[f"{method} {route}"] += count
        files = self._store.run("SELECT count(*) FROM effect WHERE what = 'uploaded'")[0][0]
        return {
            "disputes": disputes,
            "files": files,
            "requests": {"total": sum(routes.values()), "by_route": dict(routes)},
        }


_FILTERS = {
    "method": "method = ?",
    "path": "path LIKE ?",
    "key": "key = ?",
    "host": "host = ?",
    "status": "status = CAST(? AS INTEGER)",
    "since": "seq > CAST(? AS INTEGER)",
}
