"""The sandbox's own SQLite file: objects as JSON, with what the gateway knows but does not show kept beside them."""

from __future__ import annotations

import fcntl
import json
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

JSON = dict[str, Any]

SCHEMA = """
CREATE TABLE IF NOT EXISTS object (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, id TEXT NOT NULL, created INTEGER NOT NULL,
  parent TEXT, payment_intent TEXT, label TEXT, body TEXT NOT NULL, hidden TEXT NOT NULL, updated INTEGER,
  UNIQUE (kind, id));
CREATE INDEX IF NOT EXISTS object_newest ON object (kind, created DESC, seq DESC);
CREATE INDEX IF NOT EXISTS object_parent ON object (kind, parent);
CREATE INDEX IF NOT EXISTS object_intent ON object (kind, payment_intent);
CREATE TABLE IF NOT EXISTS blob (id TEXT PRIMARY KEY, content BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS setting (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS timer (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, subject TEXT NOT NULL, action TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS timer_at ON timer (at, seq);
CREATE TABLE IF NOT EXISTS effect (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, subject TEXT NOT NULL, what TEXT NOT NULL,
  who TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS effect_subject ON effect (subject);
CREATE TABLE IF NOT EXISTS request (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, host TEXT NOT NULL, method TEXT NOT NULL,
  path TEXT NOT NULL, route TEXT NOT NULL, key TEXT, params TEXT NOT NULL, status INTEGER NOT NULL,
  fault TEXT, replayed INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS idempotency (
  key TEXT PRIMARY KEY, at INTEGER NOT NULL, request TEXT NOT NULL, answer TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS delivery (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, event TEXT NOT NULL, endpoint TEXT NOT NULL, due REAL NOT NULL,
  tries INTEGER NOT NULL DEFAULT 0, state TEXT NOT NULL DEFAULT 'waiting', note TEXT);
CREATE INDEX IF NOT EXISTS delivery_due ON delivery (state, due);
"""


@dataclass
class Row:
    """One object: `body` is what the gateway shows, `hidden` what only the sandbox knows.

    `hidden["columns"]` says id, created and updated (seconds), parent, payment_intent and label, by which it is found,
    where the body does not have them under Stripe's names."""

    body: JSON
    hidden: JSON = field(default_factory=dict)

    @property
    def id(self) -> str:
        return str(self.hidden["columns"]["id"] if "columns" in self.hidden else self.body["id"])


class Store:
    """One connection behind one lock: the event loop and the webhook thread take turns."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.RLock()
        self._depth = 0
        self.generation = 0
        self.db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self.db.execute("PRAGMA journal_mode=WAL")
        self.db.execute("PRAGMA synchronous=NORMAL")
        self.db.executescript(SCHEMA)
        if "updated" not in {column[1] for column in self.db.execute("PRAGMA table_info(object)")}:
            self.db.execute("ALTER TABLE object ADD COLUMN updated INTEGER")  # a folder from before PayPal was played

    def lock(self, path: Path) -> bool:
        """Keep a second process off the folder for as long as this one lives; what is in flight is in memory."""
        self._file = path.open("w")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True

    def close(self) -> None:
        with self._lock:
            self.db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; an inner one joins the outer one."""
        with self._lock:
            outermost = self._depth == 0
            if outermost:
                self.db.execute("BEGIN IMMEDIATE")
            self._depth += 1
            try:
                yield
            except BaseException:
                self._depth -= 1
                if outermost:
                    self.db.execute("ROLLBACK")
                raise
            self._depth -= 1
            if outermost:
                self.db.execute("COMMIT")

    def run(self, sql: str, values: Sequence[Any] = ()) -> list[Any]:
        with self._lock:
            return self.db.execute(sql, values).fetchall()

    def get(self, kind: str, id: str) -> Row | None:
        found = self.run("SELECT body, hidden FROM object WHERE kind = ? AND id = ?", (kind, id))
        return Row(json.loads(found[0][0]), json.loads(found[0][1])) if found else None

    def put(self, kind: str, row: Row) -> None:
        self.put_all(kind, [row])

    def put_all(self, kind: str, rows: Iterable[Row]) -> None:
        self.generation += 1
        with self._lock:
            self.db.executemany(
                "INSERT INTO object (kind, id, created, updated, parent, payment_intent, label, body, hidden)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (kind, id) DO UPDATE SET created = excluded.created,"
                " updated = excluded.updated, parent = excluded.parent, label = excluded.label, body = excluded.body,"
                " hidden = excluded.hidden",
                [_columns(kind, row) for row in rows],
            )

    def find(
        self, kind: str, where: str = "1", values: Sequence[Any] = (), limit: int = -1, *, oldest: bool = False
    ) -> list[Row]:
        """Rows of a kind, newest first. `where` is ours; what a caller sent is only ever in `values`."""
        order = "created, seq" if oldest else "created DESC, seq DESC"
        sql = f"SELECT body, hidden FROM object WHERE kind = ? AND {where} ORDER BY {order} LIMIT ?"  # noqa: S608
        return [Row(json.loads(body), json.loads(hidden)) for body, hidden in self.run(sql, (kind, *values, limit))]

    def position(self, kind: str, id: str) -> tuple[int, int] | None:
        """Where the object stands in the newest-first order, for cursors."""
        found = self.run("SELECT created, seq FROM object WHERE kind = ? AND id = ?", (kind, id))
        return (found[0][0], found[0][1]) if found else None

    def keep_bytes(self, id: str, content: bytes) -> None:
        self.run("INSERT OR REPLACE INTO blob (id, content) VALUES (?, ?)", (id, content))

    def bytes_of(self, id: str) -> bytes:
        return bytes(self.run("SELECT content FROM blob WHERE id = ?", (id,))[0][0])

    def setting(self, name: str, default: Any = None) -> Any:
        found = self.run("SELECT value FROM setting WHERE name = ?", (name,))
        return json.loads(found[0][0]) if found else default

    def set(self, name: str, value: Any) -> None:
        self.generation += 1
        self.run("INSERT OR REPLACE INTO setting (name, value) VALUES (?, ?)", (name, json.dumps(value)))


def _columns(kind: str, row: Row) -> tuple[Any, ...]:
    known = row.hidden.get("columns") or _stripe_columns(row.body)
    return (
        kind,
        known["id"],
        known["created"],
        known.get("updated"),
        known.get("parent"),
        known.get("payment_intent"),
        known.get("label"),
        json.dumps(row.body, ensure_ascii=False),
        json.dumps(row.hidden, ensure_ascii=False),
    )


def _stripe_columns(body: JSON) -> JSON:
    return {
        "id": body["id"],
        "created": body["created"],
        "parent": body.get("charge") or body.get("source") or body.get("latest_charge"),
        "payment_intent": body.get("payment_intent"),
        "label": body.get("purpose") or body.get("type"),
    }
