"""The tables of the record, and the number that says when stored index rows are out of date."""

# ruff: noqa: S608 - statements are put together from fixed parts; values are always bound

from __future__ import annotations

import sqlite3
from functools import cache
from hashlib import sha256
from pathlib import Path

from sandbox.values import Row

_INDEXING_CODE = ("expressions.py", "values.py", "dates.py", "definitions/structures.json")
_DEFINITIONS = "definitions/search_parameters.json"

TABLES = """
CREATE TABLE IF NOT EXISTS about (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS resource (
    rid INTEGER PRIMARY KEY,
    type TEXT NOT NULL,
    id TEXT NOT NULL,
    version INTEGER NOT NULL,
    updated INTEGER NOT NULL,
    method TEXT NOT NULL,
    deleted INTEGER NOT NULL,
    body BLOB NOT NULL
);
CREATE UNIQUE INDEX IF NOT EXISTS resource_identity ON resource (type, id);
CREATE INDEX IF NOT EXISTS resource_live ON resource (type, rid) WHERE deleted = 0;
CREATE INDEX IF NOT EXISTS resource_updated ON resource (type, updated);
CREATE TABLE IF NOT EXISTS version (
    rid INTEGER NOT NULL,
    version INTEGER NOT NULL,
    type TEXT NOT NULL,
    updated INTEGER NOT NULL,
    method TEXT NOT NULL,
    deleted INTEGER NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (rid, version)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS version_updated ON version (type, updated);
CREATE TABLE IF NOT EXISTS token (
    p INTEGER NOT NULL, code TEXT NOT NULL, system INTEGER NOT NULL, rid INTEGER NOT NULL,
    PRIMARY KEY (p, code, rid, system)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS token_rid ON token (rid, p);
CREATE TABLE IF NOT EXISTS string (
    p INTEGER NOT NULL, folded TEXT NOT NULL, exact TEXT NOT NULL, rid INTEGER NOT NULL,
    PRIMARY KEY (p, folded, rid, exact)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS string_rid ON string (rid, p);
CREATE TABLE IF NOT EXISTS date (
    p INTEGER NOT NULL, low INTEGER NOT NULL, high INTEGER NOT NULL, rid INTEGER NOT NULL,
    PRIMARY KEY (p, low, high, rid)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS date_high ON date (p, high, low);
CREATE INDEX IF NOT EXISTS date_rid ON date (rid, p);
CREATE TABLE IF NOT EXISTS reference (
    p INTEGER NOT NULL, target TEXT NOT NULL, kind TEXT NOT NULL, rid INTEGER NOT NULL,
    PRIMARY KEY (p, target, rid, kind)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS reference_rid ON reference (rid, p);
CREATE INDEX IF NOT EXISTS reference_target ON reference (target, kind);
CREATE TABLE IF NOT EXISTS number (
    p INTEGER NOT NULL, low REAL NOT NULL, high REAL NOT NULL,
    code TEXT NOT NULL, system INTEGER NOT NULL, unit TEXT NOT NULL, rid INTEGER NOT NULL,
    PRIMARY KEY (p, low, high, rid, code, system, unit)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS number_rid ON number (rid, p);
CREATE TABLE IF NOT EXISTS uri (
    p INTEGER NOT NULL, uri TEXT NOT NULL, rid INTEGER NOT NULL,
    PRIMARY KEY (p, uri, rid)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS uri_rid ON uri (rid, p);
"""

INDEX_TABLES = ("token", "string", "date", "reference", "number", "uri")
"""In the order of `expressions.index_rows`."""

_COLUMNS = (
    ("p", "code", "system", "rid"),
    ("p", "folded", "exact", "rid"),
    ("p", "low", "high", "rid"),
    ("p", "target", "kind", "rid"),
    ("p", "low", "high", "code", "system", "unit", "rid"),
    ("p", "uri", "rid"),
)
INSERTS = tuple(
    f"INSERT OR IGNORE INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"
    for table, columns in zip(INDEX_TABLES, _COLUMNS, strict=True)
)
DELETES = tuple(
    f"DELETE FROM {table} WHERE {' AND '.join(f'{column} = ?' for column in columns)}"
    for table, columns in zip(INDEX_TABLES, _COLUMNS, strict=True)
)


@cache
def fingerprint() -> str:
    """Changes whenever the same resource might be indexed otherwise than before."""
    here = Path(__file__).parent
    digest = sha256()
    for name in (*_INDEXING_CODE, _DEFINITIONS, Path(__file__).name):
        digest.update((here / name).read_bytes())
    return digest.hexdigest()


def add_index_rows(connection: sqlite3.Connection, rid: int, rows: list[set[Row]]) -> None:
    """Write the index rows of one resource."""
    for insert, of_table in zip(INSERTS, rows, strict=True):
        if of_table:
            connection.executemany(insert, [(*row, rid) for row in of_table])


def remove_index_rows(connection: sqlite3.Connection, rid: int, rows: list[set[Row]]) -> None:
    """Remove given index rows of one resource."""
    for delete, of_table in zip(DELETES, rows, strict=True):
        if of_table:
            connection.executemany(delete, [(*row, rid) for row in of_table])
