"""What comes along with the matches: `_include` and `_revinclude`, also `:iterate`."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence

import orjson

from sandbox import expressions
from sandbox.expressions import Compiled
from sandbox.search.query import Include

MAX_INCLUDED = 10_000
_MAX_ROUNDS = 20

_POINTED_TO = """
SELECT r.rid FROM json_each(?) s
CROSS JOIN reference x ON x.rid = s.value AND x.p = ?
CROSS JOIN resource r ON r.type = x.kind AND r.id = x.target
WHERE r.deleted = 0 AND (? = '' OR r.type = ?)
"""
_BY_CANONICAL = """
SELECT u.rid FROM json_each(?) s
CROSS JOIN reference x ON x.rid = s.value AND x.p = ?
CROSS JOIN uri u ON u.p = ? AND u.uri = x.target
WHERE x.kind = '' OR substr(x.kind, 1, 1) = '|'
"""
_POINTING = """
SELECT x.rid FROM json_each(?) s
CROSS JOIN resource r ON r.rid = s.value
CROSS JOIN reference x ON x.p = ? AND x.target = r.id AND x.kind = r.type
WHERE ? = '' OR r.type = ?
"""


def _canonical_targets(parameter: Compiled) -> Iterable[tuple[str, int]]:
    if "canonical" not in parameter.element_types:
        return
    for target in parameter.targets:
        url = expressions.searchable(target).parameters.get("url")
        if url is not None:
            yield target, url.number


def _once(connection: sqlite3.Connection, rids: Sequence[int], include: Include) -> list[int]:
    """What one include brings in for resources already there."""
    listed = orjson.dumps(rids).decode()
    found: list[int] = []
    for parameter in include.parameters:
        arguments = (listed, parameter.number, include.target, include.target)
        sql = _POINTING if include.reverse else _POINTED_TO
        found += [row[0] for row in connection.execute(sql, arguments)]
        if not include.reverse:
            for target, url in _canonical_targets(parameter):
                if include.target in {"", target}:
                    rows = connection.execute(_BY_CANONICAL, (listed, parameter.number, url))
                    found += [row[0] for row in rows]
    return found


def included(
    connection: sqlite3.Connection, matches: Sequence[int], includes: Sequence[Include]
) -> tuple[list[int], bool]:
    """The row numbers to send along with the matches, and whether all of them are there.

    A parameter's number belongs to one resource type, so a resource of another type simply
    has no rows under it. Only includes that iterate apply to what was included.
    """
    if not matches or not includes:
        return [], True
    known = set(matches)
    found: list[int] = []
    fresh = list(matches)
    active = list(includes)
    for _ in range(_MAX_ROUNDS):
        arrived: list[int] = []
        for include in active:
            for rid in _once(connection, fresh, include):
                if rid not in known:
                    known.add(rid)
                    arrived.append(rid)
        found += arrived
        if len(found) > MAX_INCLUDED:
            return found[:MAX_INCLUDED], False
        active = [include for include in includes if include.iterate]
        fresh = arrived
        if not arrived or not active:
            return found, True
    return found, False
