"""Loading many resources at once: rows gathered, sorted, and written table by table."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from itertools import islice
from typing import Any
from uuid import uuid4

from sandbox import exact_json, expressions, schema
from sandbox.store import now_microseconds, stamped

_CHUNK = 5000


def load(
    connection: sqlite3.Connection, resources: Iterable[dict[str, Any]], *, keep_ids: bool
) -> int:
    """Put resources in within the transaction that is open on `connection`; how many went in."""
    updated = now_microseconds()
    rid = connection.execute("SELECT coalesce(max(rid), 0) FROM resource").fetchone()[0]
    waiting = iter(resources)
    loaded = 0
    while chunk := list(islice(waiting, _CHUNK)):
        rid = _load_chunk(connection, chunk, rid, updated, keep_ids)
        loaded += len(chunk)
    return loaded


def _load_chunk(
    connection: sqlite3.Connection,
    chunk: list[dict[str, Any]],
    rid: int,
    updated: int,
    keep_ids: bool,
) -> int:
    latest: dict[tuple[str, str], dict[str, Any]] = {}
    for resource in chunk:
        identity = (resource.get("id") if keep_ids else None) or str(uuid4())
        latest[resource["resourceType"], identity] = resource
    new_rows = []
    index: list[list[tuple[Any, ...]]] = [[] for _ in schema.INDEX_TABLES]
    for (kind, identity), resource in latest.items():
        version = 1
        held = connection.execute(
            "SELECT rid, version, deleted, body FROM resource WHERE type = ? AND id = ?",
            (kind, identity),
        ).fetchone()
        if held is not None:
            version = held[1] + 1
            _retire(connection, held)
        else:
            rid += 1
        of_resource = held[0] if held else rid
        body = stamped(resource, identity, version, updated)
        new_rows.append((of_resource, kind, identity, version, updated, "PUT", 0, body))
        for gathered, rows in zip(index, expressions.index_rows(resource), strict=True):
            gathered.extend((*row, of_resource) for row in rows)
    connection.executemany("INSERT INTO resource VALUES (?, ?, ?, ?, ?, ?, ?, ?)", new_rows)
    for insert, gathered in zip(schema.INSERTS, index, strict=True):
        gathered.sort()
        connection.executemany(insert, gathered)
    return rid


def _retire(connection: sqlite3.Connection, held: tuple[Any, ...]) -> None:
    rid, _, deleted, body = held
    connection.execute(
        "INSERT INTO version SELECT rid, version, type, updated, method, deleted, body "
        "FROM resource WHERE rid = ?",
        (rid,),
    )
    if not deleted:
        schema.remove_index_rows(connection, rid, expressions.index_rows(exact_json.loads(body)))
    connection.execute("DELETE FROM resource WHERE rid = ?", (rid,))
